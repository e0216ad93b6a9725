// Package bucket is the adapter to the object store. It imports no step.
package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"paht/shared/cloud"
	"paht/shared/fault"
	"paht/shared/ledger"
)

// Objects keeps files in the bucket. Whether an object is missing can only be
// told with s3:ListBucket: without that right S3 answers 403 for a missing one,
// which is an error here.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
type Objects struct {
	Client *s3.Client
	Bucket string
	// Public is the address of the store as browsers reach it, where it differs
	// from the functions' own; it is part of what is signed.
	Public string
}

// New makes the adapter of a bucket; public may be empty.
func New(client *s3.Client, bucket, public string) Objects {
	return Objects{Client: client, Bucket: bucket, Public: strings.TrimSuffix(public, "/")}
}

// Object is what the bucket tells of one object.
type Object struct {
	Size   int64
	Type   string
	SHA256 string // base64
}

// Head tells of an object; false when there is none.
func (o Objects) Head(ctx context.Context, key string) (Object, bool, error) {
	out, err := o.Client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &o.Bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if isMissing(err) {
		return Object{}, false, nil
	}
	if err != nil {
		return Object{}, false, fmt.Errorf("looking for object %s: %w", key, err)
	}
	return Object{Size: aws.ToInt64(out.ContentLength), Type: aws.ToString(out.ContentType), SHA256: aws.ToString(out.ChecksumSHA256)}, true, nil
}

// Present tells whether an object is there.
func (o Objects) Present(ctx context.Context, key string) (bool, error) {
	_, there, err := o.Head(ctx, key)
	return there, err
}

// Read gives an object's bytes, at most limit of them; a missing one is a fault
// upload_unfinished.
func (o Objects) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	out, err := o.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.Bucket, Key: &key})
	if isMissing(err) {
		return nil, fault.New(fault.Conflict, "upload_unfinished")
	}
	if err != nil {
		return nil, fmt.Errorf("reading object %s: %w", key, err)
	}
	defer out.Body.Close()
	// Sized once, so that the bytes are not copied while the slice grows.
	data := bytes.NewBuffer(make([]byte, 0, min(aws.ToInt64(out.ContentLength), limit)+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(out.Body, limit)); err != nil {
		return nil, fmt.Errorf("reading object %s: %w", key, err)
	}
	return data.Bytes(), nil
}

// Put writes an object with its checksum, which S3 compares with what arrived.
func (o Objects) Put(ctx context.Context, key, kind string, data []byte) error {
	sum := sha256.Sum256(data)
	_, err := o.Client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &o.Bucket, Key: &key, Body: bytes.NewReader(data), ContentType: &kind,
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
	})
	if err != nil {
		return fmt.Errorf("writing object %s: %w", key, err)
	}
	return nil
}

// Copy copies an object to where anybody reads it: nothing of the source's
// metadata comes along, and caches may keep it for a day. A missing source is a
// fault not_found.
func (o Objects) Copy(ctx context.Context, from, to, kind string) error {
	_, err := o.Client.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &o.Bucket, Key: &to, CopySource: aws.String(o.Bucket + "/" + (&url.URL{Path: from}).EscapedPath()),
		MetadataDirective: types.MetadataDirectiveReplace, ContentType: &kind, CacheControl: aws.String("public, max-age=86400"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
	})
	if isMissing(err) {
		return fault.New(fault.NotFound, "not_found")
	}
	if err != nil {
		return fmt.Errorf("copying object %s to %s: %w", from, to, err)
	}
	return nil
}

// Retain implements the port of the results: until then the version that stands can
// be neither replaced nor removed, and the mode says by whom it can be lifted.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
func (o Objects) Retain(ctx context.Context, key, mode string, until time.Time) error {
	_, err := o.Client.PutObjectRetention(ctx, &s3.PutObjectRetentionInput{Bucket: &o.Bucket, Key: &key, ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
		Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionMode(strings.ToUpper(mode)), RetainUntilDate: &until}})
	if err != nil {
		return fmt.Errorf("retaining object %s: %w", key, err)
	}
	return nil
}

// Retained implements ledger.Objects. S3 answers NoSuchObjectLockConfiguration for an
// object without a retention.
func (o Objects) Retained(ctx context.Context, key string) (time.Time, error) {
	out, err := o.Client.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &o.Bucket, Key: &key})
	var refusal smithy.APIError
	if isMissing(err) || errors.As(err, &refusal) && refusal.ErrorCode() == "NoSuchObjectLockConfiguration" || err == nil && out.Retention == nil {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("looking for the retention of object %s: %w", key, err)
	}
	return aws.ToTime(out.Retention.RetainUntilDate), nil
}

// Delete deletes objects; one that is not there is deleted.
func (o Objects) Delete(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if _, err := o.Client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &o.Bucket, Key: &key}); err != nil {
			return fmt.Errorf("deleting object %s: %w", key, err)
		}
	}
	return nil
}

// linkLife is how long an address that an officer was given works.
const linkLife = 10 * time.Minute

// Link presigns an address under which a browser reads one private object for ten
// minutes. With a name the browser saves it as a file of that name.
func (o Objects) Link(ctx context.Context, key, kind, name string) (string, error) {
	in := &s3.GetObjectInput{Bucket: &o.Bucket, Key: &key, ResponseContentType: &kind, ResponseCacheControl: aws.String("private, no-store")}
	if name != "" {
		in.ResponseContentDisposition = aws.String("attachment; filename*=UTF-8''" + url.PathEscape(name))
	}
	signer := s3.NewPresignClient(o.Client, s3.WithPresignExpires(linkLife), func(p *s3.PresignOptions) {
		p.ClientOptions = append(p.ClientOptions, o.asBrowsersSeeIt)
	})
	signed, err := signer.PresignGetObject(ctx, in)
	if err != nil {
		return "", fmt.Errorf("signing the address of object %s: %w", key, err)
	}
	return signed.URL, nil
}

func (o Objects) asBrowsersSeeIt(options *s3.Options) {
	if o.Public != "" {
		options.BaseEndpoint, options.UsePathStyle = &o.Public, true
	}
}

// isMissing knows both of S3's words for an object that is not there.
func isMissing(err error) bool {
	var key *types.NoSuchKey
	var found *types.NotFound
	var response *awshttp.ResponseError
	return errors.As(err, &key) || errors.As(err, &found) ||
		errors.As(err, &response) && response.HTTPStatusCode() == http.StatusNotFound && !isNoBucket(err)
}

func isNoBucket(err error) bool {
	var bucket *types.NoSuchBucket
	return errors.As(err, &bucket)
}

// Client makes the client of the bucket; on one machine addresses are path style.
func Client(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		if e := cloud.Endpoint("S3"); e != nil {
			o.BaseEndpoint = e
		}
		o.UsePathStyle = o.BaseEndpoint != nil
	})
}

// Digest implements ledger.Objects: the bytes are read to their end and never
// held, whatever their number.
func (o Objects) Digest(ctx context.Context, key string) (ledger.Digest, bool, error) {
	out, err := o.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.Bucket, Key: &key})
	if isMissing(err) {
		return ledger.Digest{}, false, nil
	}
	if err != nil {
		return ledger.Digest{}, false, err
	}
	defer out.Body.Close()
	h := sha256.New()
	n, err := io.Copy(h, out.Body)
	if err != nil {
		return ledger.Digest{}, false, err
	}
	return ledger.Digest{SHA256: [32]byte(h.Sum(nil)), Size: n}, true, nil
}

var _ ledger.Objects = Objects{}
