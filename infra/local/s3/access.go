package s3

import (
	"net/http"
	"net/url"
	"strings"
)

// Access is one thing that a request needed a right for, as IAM names it.
type Access struct {
	Who      string // the access key
	Action   string // Unknown where this package does not understand the request
	Resource string // the ARN of the object, or of the bucket
	Bucket   string
}

// Unknown is no action of S3's: what is observed as such should be refused.
const Unknown = "s3:?"

// report tells of what a request needed rights for, whether it had them or not.
func (s *Server) report(all []Access) {
	if s.options.Observe == nil {
		return
	}
	for _, a := range all {
		if a.Who != "" && a.Who != s.options.Root.AccessKey {
			s.options.Observe(a)
		}
	}
}

// accesses reads from an answered request what it needed rights for. A posted form
// names its key elsewhere: see checkForms.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func accesses(r *http.Response) (all []Access) {
	bucket, key := split(r.Request.URL)
	if bucket == "" || key == "" && isForm(r.Request) {
		return nil
	}
	who := accessKey(r.Request)
	need := func(action, bucket, key string) {
		a := Access{Who: who, Action: action, Bucket: bucket, Resource: arnPrefix + bucket}
		if key != "" {
			a.Resource += "/" + key
		}
		all = append(all, a)
	}
	source := copySource(r.Request)
	if source != "" {
		from, of, _ := strings.Cut(source, "/")
		need("s3:GetObject", from, of)
	}
	need(action(r.Request, key), bucket, key)
	if r.Request.Header.Get("X-Amz-Object-Lock-Mode") != "" {
		need("s3:PutObjectRetention", bucket, key)
	}
	// That an object is missing is told to those alone who may list. Whoever was
	// given a link may not, and is not told.
	byLink := r.Request.URL.Query().Has("X-Amz-Credential")
	reads := r.Request.Method == http.MethodGet || r.Request.Method == http.MethodHead || source != ""
	if r.StatusCode == http.StatusNotFound && key != "" && reads && !byLink {
		need("s3:ListBucket", bucket, "")
	}
	return all
}

// action is the right that a request needs first.
func action(r *http.Request, key string) string {
	query := r.URL.Query()
	switch {
	case key == "" && r.Method == http.MethodGet && (query.Get("list-type") == "2" || len(query) == 0):
		return "s3:ListBucket"
	case key == "" && r.Method == http.MethodHead:
		return "s3:ListBucket"
	case key == "":
		return Unknown
	case query.Has("retention") && r.Method == http.MethodPut:
		return "s3:PutObjectRetention"
	case query.Has("retention") && r.Method == http.MethodGet:
		return "s3:GetObjectRetention"
	case !plainObject(query):
		return Unknown
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return "s3:GetObject"
	case http.MethodPut:
		return "s3:PutObject"
	case http.MethodDelete:
		return "s3:DeleteObject"
	}
	return Unknown
}

// copySource is what is copied, as bucket/key; empty where nothing is.
func copySource(r *http.Request) string {
	source := strings.TrimPrefix(r.Header.Get("X-Amz-Copy-Source"), "/")
	if plain, err := url.PathUnescape(source); err == nil {
		return plain
	}
	return source
}
