package s3

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestEachRequestNeedsTheRightsThatIAMKnowsItBy(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential=AKME/20260310/ap-southeast-1/s3/aws4_request, SignedHeaders=host"
	link := "?response-content-type=image%2Fjpeg&X-Amz-Credential=AKME%2F20260310%2Fap-southeast-1%2Fs3%2Faws4_request"
	for _, row := range []struct {
		name, method, target string
		header               string // name: value
		status               int
		want                 []string
	}{
		{"a file is read", "GET", "/b/a/x", "", 200, []string{"s3:GetObject b/a/x"}},
		{"a file is looked for", "HEAD", "/b/a/x?x-id=HeadObject", "", 200, []string{"s3:GetObject b/a/x"}},
		{"a missing one is told to those who may list", "HEAD", "/b/a/x", "", 404, []string{"s3:GetObject b/a/x", "s3:ListBucket b"}},
		{"who may not read is told nothing", "GET", "/b/a/x", "", 403, []string{"s3:GetObject b/a/x"}},
		{"a link gives a file", "GET", "/b/a/x" + link, "", 200, []string{"s3:GetObject b/a/x"}},
		{"a link to nothing tells nothing", "GET", "/b/a/x" + link, "", 404, []string{"s3:GetObject b/a/x"}},
		{"a file is written", "PUT", "/b/a/x", "", 200, []string{"s3:PutObject b/a/x"}},
		{"and retained at once", "PUT", "/b/a/x", "X-Amz-Object-Lock-Mode: GOVERNANCE", 200, []string{"s3:PutObject b/a/x", "s3:PutObjectRetention b/a/x"}},
		{"a part of one is written", "PUT", "/b/a/x?uploadId=1&partNumber=2", "", 200, []string{Unknown + " b/a/x"}},
		{"a copy reads and writes", "PUT", "/b/p/y", "X-Amz-Copy-Source: b/a/x%20z", 200, []string{"s3:GetObject b/a/x z", "s3:PutObject b/p/y"}},
		{"a copy of nothing", "PUT", "/b/p/y", "X-Amz-Copy-Source: /b/a/x", 404, []string{"s3:GetObject b/a/x", "s3:PutObject b/p/y", "s3:ListBucket b"}},
		{"a file is retained", "PUT", "/b/a/x?retention", "", 200, []string{"s3:PutObjectRetention b/a/x"}},
		{"a retention is read", "GET", "/b/a/x?retention=", "", 200, []string{"s3:GetObjectRetention b/a/x"}},
		{"a file is deleted", "DELETE", "/b/a/x", "", 204, []string{"s3:DeleteObject b/a/x"}},
		{"one that is not there", "DELETE", "/b/a/x", "", 404, []string{"s3:DeleteObject b/a/x"}},
		{"the files are listed", "GET", "/b?list-type=2&prefix=a", "", 200, []string{"s3:ListBucket b"}},
		{"the bucket's policy is none of it", "GET", "/b?policy", "", 200, []string{Unknown + " b"}},
		{"a file's list of rights is none of it", "GET", "/b/a/x?acl", "", 200, []string{Unknown + " b/a/x"}},
		{"the buckets are nobody's", "GET", "/", "", 200, nil},
	} {
		r, err := http.NewRequestWithContext(t.Context(), row.method, "http://s3.test"+row.target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(row.target, "X-Amz-Credential") {
			r.Header.Set("Authorization", signed)
		}
		if name, value, ok := strings.Cut(row.header, ": "); ok {
			r.Header.Set(name, value)
		}
		var got []string
		for _, a := range accesses(&http.Response{Request: r, StatusCode: row.status}) {
			got = append(got, a.Action+" "+strings.TrimPrefix(a.Resource, arnPrefix))
			if a.Who != "AKME" || a.Bucket != "b" {
				t.Errorf("%s: it is of %+v", row.name, a)
			}
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: it needs %q, not %q", row.name, got, row.want)
		}
	}
}
