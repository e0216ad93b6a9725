package conformance

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	pageNotification = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"
	pageCORS         = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html"
	pagePresigned    = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html"
)

var surroundingRows = []row{
	{"a posted object is notified once, with its key encoded as in a form", pageNotification, func(t checker, g *ground) {
		g.messages(t)
		if status, code := g.send(t, g.form(t, notified+"ảnh một.jpg", "image/jpeg", photo, time.Minute), photo); status != 204 {
			t.Fatalf("got %d %s, want 204", status, code)
		}
		g.notifiedOnce(t, "ObjectCreated:Post", notified+"%E1%BA%A3nh+m%E1%BB%99t.jpg", int64(len(photo)))
	}},
	{"a put object is notified once", pageNotification, func(t checker, g *ground) {
		g.messages(t)
		g.put(t, notified+"put", photo)
		g.notifiedOnce(t, "ObjectCreated:Put", notified+"put", int64(len(photo)))
	}},
	{"a multipart upload is notified once, at its end", pageNotification, func(t checker, g *ground) {
		g.messages(t)
		key := notified + "video"
		id := g.begin(t, key)
		part := g.presignedPart(t, key, id, 1, photo)
		must(t, g.complete(t, key, id, []types.CompletedPart{part}))
		g.notifiedOnce(t, "ObjectCreated:CompleteMultipartUpload", key, int64(len(photo)))
	}},
	{"a copied object is notified once", pageNotification, func(t checker, g *ground) {
		g.put(t, "object/to-copy", photo)
		g.messages(t)
		_, err := g.client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &g.bucket, Key: aws.String(notified + "copy"), CopySource: aws.String(g.bucket + "/object/to-copy")})
		must(t, err)
		g.notifiedOnce(t, "ObjectCreated:Copy", notified+"copy", int64(len(photo)))
	}},
	{"other prefixes and refused uploads are not notified", pageNotification, func(t checker, g *ground) {
		g.messages(t)
		g.put(t, "elsewhere/put", photo)
		g.send(t, g.form(t, notified+"refused", "image/jpeg", photo, time.Minute), other)
		if got := created(t, g.messages(t)).Records; len(got) != 0 {
			t.Errorf("got %+v, want nothing", got)
		}
	}},
	{"a presigned address reads until it expires, and no other object", pagePresigned, func(t checker, g *ground) {
		g.put(t, "object/presigned", photo)
		address, err := s3.NewPresignClient(g.client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &g.bucket, Key: aws.String("object/presigned")}, s3.WithPresignExpires(time.Minute))
		must(t, err)
		if status := g.fetch(t, address.URL); status != 200 {
			t.Errorf("got %d, want 200", status)
		}
		if status := g.fetch(t, strings.Replace(address.URL, "object/presigned", "object/range", 1)); status != 403 {
			t.Errorf("another key under the same signature gave %d, want 403", status)
		}
		unsigned, _, _ := strings.Cut(address.URL, "?")
		if status := g.fetch(t, unsigned); status != 403 {
			t.Errorf("without signature it gave %d, want 403", status)
		}
	}},
	{"the browser of the bucket's origin may post, another's may not", pageCORS, func(t checker, g *ground) {
		address := g.form(t, "post/cors", "image/jpeg", photo, time.Minute).URL
		if got := g.preflight(t, address, origin); got != origin && got != "*" {
			t.Errorf("the preflight from %s allows %q", origin, got)
		}
		if got := g.preflight(t, address, "https://elsewhere.example"); got != "" {
			t.Errorf("the preflight from elsewhere allows %q", got)
		}
	}},
}

// notifiedOnce asserts exactly one record of one object.
func (g *ground) notifiedOnce(t checker, name, key string, size int64) {
	t.Helper()
	got := created(t, g.messages(t)).Records
	if len(got) != 1 {
		t.Fatalf("got %d records, want 1", len(got))
	}
	r := got[0]
	if r.EventName != name || r.EventSource != "aws:s3" || r.S3.Bucket.Name != g.bucket || r.S3.Object.Key != key || r.S3.Object.Size != size || r.S3.Object.ETag == "" || r.S3.Object.Sequencer == "" {
		t.Errorf("got %+v, want %s of %s with %d bytes", r, name, key, size)
	}
	if _, err := time.Parse(time.RFC3339, r.EventTime); err != nil {
		t.Errorf("the time %q is not RFC 3339", r.EventTime)
	}
}

func (g *ground) fetch(t checker, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	response, err := g.http.Do(request)
	must(t, err)
	response.Body.Close()
	return response.StatusCode
}

func (g *ground) preflight(t checker, address, from string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, address, nil)
	must(t, err)
	request.Header.Set("Origin", from)
	request.Header.Set("Access-Control-Request-Method", "POST")
	response, err := g.http.Do(request)
	must(t, err)
	response.Body.Close()
	return response.Header.Get("Access-Control-Allow-Origin")
}
