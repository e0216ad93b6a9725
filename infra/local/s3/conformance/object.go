package conformance

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	pageGet         = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"
	pagePut         = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"
	pageConditional = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"
	pageIntegrity   = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html"
	pageHead        = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html"
)

var objectRows = []row{
	{"a range gives its bytes and says where they stand", pageGet, checkRanges},
	{"a range past the end is refused", pageGet, func(t checker, g *ground) {
		g.put(t, "object/short", []byte("0123456789"))
		_, err := g.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &g.bucket, Key: aws.String("object/short"), Range: aws.String("bytes=10-")})
		refused(t, err, "InvalidRange")
	}},
	{"a conditional create succeeds once", pageConditional, func(t checker, g *ground) {
		must(t, g.putNew(t, "object/once", "first"))
		refused(t, g.putNew(t, "object/once", "second"), "PreconditionFailed")
		if string(g.content(t, "object/once")) != "first" {
			t.Error("the refused create changed the object")
		}
	}},
	{"of many conditional creates at once one succeeds", pageConditional, func(t checker, g *ground) {
		var created atomic.Int32
		var together sync.WaitGroup
		for i := range 8 {
			together.Go(func() {
				if g.putNew(t, "object/race", fmt.Sprint("writer ", i)) == nil {
					created.Add(1)
				}
			})
		}
		together.Wait()
		if created.Load() != 1 {
			t.Errorf("%d creates succeeded, want 1", created.Load())
		}
	}},
	{"a deleted key can be created on condition again", pageConditional, func(t checker, g *ground) {
		must(t, g.putNew(t, "object/again", "first"))
		_, err := g.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &g.bucket, Key: aws.String("object/again")})
		must(t, err)
		must(t, g.putNew(t, "object/again", "second"))
	}},
	{"a wrong checksum is refused and stores nothing", pageIntegrity, func(t checker, g *ground) {
		_, err := g.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &g.bucket, Key: aws.String("object/checksum"), Body: bytes.NewReader(photo), ChecksumSHA256: aws.String(digest(other))})
		refused(t, err, "BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch")
		g.absent(t, "object/checksum")
	}},
	{"a copy carries bytes, and new type and metadata when they are replaced", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html", checkCopy},
	{"a copy of a missing object is refused", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html", func(t checker, g *ground) {
		_, err := g.client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &g.bucket, Key: aws.String("object/copy-of-nothing"), CopySource: aws.String(g.bucket + "/object/nothing")})
		refused(t, err, "NoSuchKey")
	}},
	{"head gives size, type, metadata and checksum", pageHead, checkHead},
	{"a missing object is NoSuchKey to one who may list", pageGet, func(t checker, g *ground) {
		_, err := g.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &g.bucket, Key: aws.String("object/missing")})
		refused(t, err, "NoSuchKey")
	}},
	{"an overwrite is what the next read gives", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel", func(t checker, g *ground) {
		for i := range 5 {
			g.put(t, "object/overwritten", fmt.Append(nil, "version ", i))
			if got := string(g.content(t, "object/overwritten")); got != fmt.Sprint("version ", i) {
				t.Fatalf("got %q after writing version %d", got, i)
			}
		}
	}},
	{"deleting what is not there succeeds", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html", func(t checker, g *ground) {
		_, err := g.client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &g.bucket, Key: aws.String("object/never-was")})
		must(t, err)
	}},
	{"a list under a prefix comes in pages and in order", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html", checkList},
}

func (g *ground) putNew(t checker, key, content string) error {
	_, err := g.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &g.bucket, Key: &key, Body: bytes.NewReader([]byte(content)), IfNoneMatch: aws.String("*")})
	return err
}

func checkRanges(t checker, g *ground) {
	g.put(t, "object/range", []byte("0123456789"))
	for asked, want := range map[string][2]string{
		"bytes=0-3":  {"0123", "bytes 0-3/10"},
		"bytes=4-4":  {"4", "bytes 4-4/10"},
		"bytes=7-":   {"789", "bytes 7-9/10"},
		"bytes=-2":   {"89", "bytes 8-9/10"},
		"bytes=8-99": {"89", "bytes 8-9/10"},
	} {
		got, err := g.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &g.bucket, Key: aws.String("object/range"), Range: &asked})
		must(t, err)
		content, err := io.ReadAll(got.Body)
		must(t, err)
		got.Body.Close()
		if string(content) != want[0] || aws.ToString(got.ContentRange) != want[1] {
			t.Errorf("%s gave %q at %q, want %q at %q", asked, content, aws.ToString(got.ContentRange), want[0], want[1])
		}
	}
}

func checkCopy(t checker, g *ground) {
	g.put(t, "object/source", photo)
	_, err := g.client.CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: &g.bucket, Key: aws.String("object/copy"), CopySource: aws.String(g.bucket + "/object/source"),
		MetadataDirective: types.MetadataDirectiveReplace, ContentType: aws.String("image/png"), CacheControl: aws.String("max-age=60"), Metadata: map[string]string{"revision": "2"},
	})
	must(t, err)
	head, err := g.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &g.bucket, Key: aws.String("object/copy")})
	must(t, err)
	if aws.ToString(head.ContentType) != "image/png" || aws.ToString(head.CacheControl) != "max-age=60" || head.Metadata["revision"] != "2" {
		t.Errorf("got type %q, cache %q, metadata %v", aws.ToString(head.ContentType), aws.ToString(head.CacheControl), head.Metadata)
	}
	if !bytes.Equal(g.content(t, "object/copy"), photo) {
		t.Error("the copy's bytes differ")
	}
}

func checkHead(t checker, g *ground) {
	_, err := g.client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &g.bucket, Key: aws.String("object/head"), Body: bytes.NewReader(photo), ContentType: aws.String("image/jpeg"),
		Metadata: map[string]string{"slot": "s1"}, ChecksumSHA256: aws.String(digest(photo)),
	})
	must(t, err)
	head, err := g.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &g.bucket, Key: aws.String("object/head"), ChecksumMode: types.ChecksumModeEnabled})
	must(t, err)
	if aws.ToInt64(head.ContentLength) != int64(len(photo)) || aws.ToString(head.ContentType) != "image/jpeg" || head.Metadata["slot"] != "s1" || aws.ToString(head.ChecksumSHA256) != digest(photo) {
		t.Errorf("got %d bytes, type %q, metadata %v, checksum %q", aws.ToInt64(head.ContentLength), aws.ToString(head.ContentType), head.Metadata, aws.ToString(head.ChecksumSHA256))
	}
}

func checkList(t checker, g *ground) {
	want := []string{"list/a", "list/b/1", "list/b/2", "list/c", "list/đường"}
	for _, key := range []string{"list/c", "list/b/2", "list/a", "list/đường", "list/b/1"} {
		g.put(t, key, []byte(key))
	}
	g.put(t, "listed-not", nil)
	var got []string
	pages := s3.NewListObjectsV2Paginator(g.client, &s3.ListObjectsV2Input{Bucket: &g.bucket, Prefix: aws.String("list/"), MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		must(t, err)
		if len(page.Contents) > 2 {
			t.Errorf("a page has %d keys, want 2 at most", len(page.Contents))
		}
		for _, o := range page.Contents {
			got = append(got, aws.ToString(o.Key))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
