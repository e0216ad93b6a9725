package conformance

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	pagePost   = "https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"
	pagePolicy = "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html"
	pageErrors = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
)

var photo = []byte("\xff\xd8\xff\xe0 a photo that is none, but long enough to have a size")

// other has photo's length and other bytes.
var other = append([]byte("\xff\xd8\xff\xe1"), photo[4:]...)

var postRows = []row{
	{"a presigned POST stores the file under the signed key and type", pagePost, func(t checker, g *ground) {
		if status, code := g.send(t, g.form(t, "post/stored", "image/jpeg", photo, time.Minute), photo); status != 204 {
			t.Fatalf("got %d %s, want 204", status, code)
		}
		head, err := g.client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &g.bucket, Key: aws.String("post/stored"), ChecksumMode: types.ChecksumModeEnabled})
		must(t, err)
		if aws.ToString(head.ContentType) != "image/jpeg" || aws.ToInt64(head.ContentLength) != int64(len(photo)) || aws.ToString(head.ChecksumSHA256) != digest(photo) {
			t.Errorf("got type %q, length %d, checksum %q", aws.ToString(head.ContentType), aws.ToInt64(head.ContentLength), aws.ToString(head.ChecksumSHA256))
		}
		if string(g.content(t, "post/stored")) != string(photo) {
			t.Error("the stored bytes differ")
		}
	}},
	{"a presigned POST refuses a longer file", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/longer", append([]byte("x"), photo...), 400, []string{"EntityTooLarge"}, nil)
	}},
	{"a presigned POST refuses a shorter file", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/shorter", photo[1:], 400, []string{"EntityTooSmall"}, nil)
	}},
	{"a presigned POST refuses another type", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/type", photo, 403, []string{"AccessDenied"}, func(v map[string]string) { v["Content-Type"] = "text/html" })
	}},
	{"a presigned POST refuses a missing type", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/notype", photo, 403, []string{"AccessDenied"}, func(v map[string]string) { delete(v, "Content-Type") })
	}},
	{"a presigned POST refuses another key", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/key", photo, 403, []string{"AccessDenied"}, func(v map[string]string) { v["key"] = "post/otherkey" })
		g.absent(t, "post/otherkey")
	}},
	{"a presigned POST refuses other bytes of the same length", pageErrors, func(t checker, g *ground) {
		g.refusesPost(t, "post/bytes", other, 400, []string{"BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch"}, nil)
	}},
	{"a presigned POST refuses another checksum", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/checksum", other, 403, []string{"AccessDenied"}, func(v map[string]string) { v["x-amz-checksum-sha256"] = digest(other) })
	}},
	{"a presigned POST refuses a missing checksum", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/nochecksum", other, 403, []string{"AccessDenied"}, func(v map[string]string) { delete(v, "x-amz-checksum-sha256") })
	}},
	{"a presigned POST refuses a field that the policy does not name", pagePolicy, func(t checker, g *ground) {
		g.refusesPost(t, "post/field", photo, 403, []string{"AccessDenied"}, func(v map[string]string) { v["x-amz-meta-owner"] = "me" })
	}},
	{"a presigned POST refuses an altered policy", pagePost, func(t checker, g *ground) {
		g.refusesPost(t, "post/policy", photo, 403, []string{"SignatureDoesNotMatch"}, func(v map[string]string) {
			policy, err := base64.StdEncoding.DecodeString(v[name(v, "policy")])
			must(t, err)
			altered := strings.Replace(string(policy), "image/jpeg", "text/html!", 1)
			v[name(v, "policy")] = base64.StdEncoding.EncodeToString([]byte(altered))
		})
	}},
	{"a presigned POST refuses an altered signature", pagePost, func(t checker, g *ground) {
		g.refusesPost(t, "post/signature", photo, 403, []string{"SignatureDoesNotMatch"}, func(v map[string]string) {
			v[name(v, "x-amz-signature")] = strings.Repeat("0", 64)
		})
	}},
	{"a POST without signature is refused", pagePost, func(t checker, g *ground) {
		g.refusesPost(t, "post/unsigned", photo, 403, []string{"AccessDenied"}, func(v map[string]string) {
			for field := range v {
				if lower := strings.ToLower(field); lower == "policy" || strings.HasPrefix(lower, "x-amz-") && lower != "x-amz-checksum-sha256" {
					delete(v, field)
				}
			}
		})
	}},
	{"a presigned POST ends with its expiration", pagePolicy, func(t checker, g *ground) {
		status, code := g.send(t, g.form(t, "post/late", "image/jpeg", photo, -time.Minute), photo)
		if status != 403 || code != "AccessDenied" {
			t.Errorf("got %d %s, want 403 AccessDenied", status, code)
		}
		g.absent(t, "post/late")
	}},
}

// refusesPost signs a form for photo, lets the caller alter it, and asserts
// that it is refused and stores nothing.
func (g *ground) refusesPost(t checker, key string, content []byte, status int, codes []string, alter func(map[string]string)) {
	t.Helper()
	post := g.form(t, key, "image/jpeg", photo, time.Minute)
	if alter != nil {
		alter(post.Values)
	}
	got, code := g.send(t, post, content)
	known := false
	for _, c := range codes {
		known = known || c == code
	}
	if got != status || !known {
		t.Errorf("got %d %s, want %d %v", got, code, status, codes)
	}
	g.absent(t, key)
}

// name finds a form field whatever its capitals, which mean nothing in S3.
func name(values map[string]string, field string) string {
	for n := range values {
		if strings.EqualFold(n, field) {
			return n
		}
	}
	return field
}
