package bucket

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/shared/upload"
)

// Form makes the presigned form that fills a slot: one exact key, type, length
// and checksum, for ten minutes from the opening of the slot. It is signed as of
// that instant and not by the clock, so that a repeat of the request gives the
// same form.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
func (o Objects) Form(ctx context.Context, slot upload.Slot) (upload.Form, error) {
	options := o.Client.Options()
	credentials, err := options.Credentials.Retrieve(ctx)
	if err != nil {
		return upload.Form{}, fmt.Errorf("signing the form of upload %s: %w", slot.ID, err)
	}
	signed := slot.Created.UTC()
	scope := signed.Format("20060102") + "/" + options.Region + "/s3/aws4_request"
	fields := map[string]string{
		"key":                      slot.Key(),
		"Content-Type":             slot.Type,
		"x-amz-checksum-algorithm": "SHA256",
		"x-amz-checksum-sha256":    slot.SHA256,
		"x-amz-algorithm":          "AWS4-HMAC-SHA256",
		"x-amz-credential":         credentials.AccessKeyID + "/" + scope,
		"x-amz-date":               signed.Format("20060102T150405Z"),
	}
	if credentials.SessionToken != "" {
		fields["x-amz-security-token"] = credentials.SessionToken
	}
	expires := signed.Add(upload.FormLife)
	policy, err := policyOf(o.Bucket, fields, slot.Size, expires)
	if err != nil {
		return upload.Form{}, fmt.Errorf("signing the form of upload %s: %w", slot.ID, err)
	}
	fields["policy"] = policy
	fields["x-amz-signature"] = signature(policy, credentials.SecretAccessKey, signed, options.Region)
	return upload.Form{URL: o.address(options.BaseEndpoint, options.Region), Fields: fields, Expires: expires}, nil
}

// policyOf names every field of the form with its one value, and the one length.
// S3 refuses a form with a field that its policy does not name.
func policyOf(bucket string, fields map[string]string, size int64, expires time.Time) (string, error) {
	conditions := []any{map[string]string{"bucket": bucket}, []any{"content-length-range", size, size}}
	for _, name := range []string{"key", "Content-Type", "x-amz-checksum-algorithm", "x-amz-checksum-sha256",
		"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token"} {
		if value, ok := fields[name]; ok {
			conditions = append(conditions, []any{"eq", "$" + name, value})
		}
	}
	document, err := json.Marshal(map[string]any{
		"expiration": expires.Format("2006-01-02T15:04:05.000Z"), "conditions": conditions,
	})
	return base64.StdEncoding.EncodeToString(document), err
}

// signature is that of Signature Version 4 over the policy.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
func signature(policy, secret string, at time.Time, region string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{at.Format("20060102"), region, "s3", "aws4_request", policy} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// address is where a browser posts forms: the bucket's own host, or the store's
// address and the bucket as a path.
func (o Objects) address(endpoint *string, region string) string {
	base := o.Public
	if base == "" {
		base = aws.ToString(endpoint)
	}
	if base == "" {
		return "https://" + o.Bucket + ".s3." + region + ".amazonaws.com/"
	}
	return base + "/" + o.Bucket
}
