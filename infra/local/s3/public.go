package s3

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// Public serves the objects under one prefix to anybody, as the content
// delivery network does in the cloud: reads only, and whatever is missing is
// not found. The request's path is the object's key.
func (s *Server) Public(bucket, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.URL.Path, "/")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		case !strings.HasPrefix(key, prefix) || key == prefix:
			http.NotFound(w, r)
		default:
			s.serveObject(w, r, bucket, key)
		}
	})
}

func (s *Server) serveObject(w http.ResponseWriter, r *http.Request, bucket, key string) {
	in := &awss3.GetObjectInput{Bucket: &bucket, Key: &key}
	if v := r.Header.Get("Range"); v != "" {
		in.Range = &v
	}
	if v := r.Header.Get("If-None-Match"); v != "" {
		in.IfNoneMatch = &v
	}
	object, err := s.client.GetObject(r.Context(), in)
	if err != nil {
		answer := http.StatusBadGateway
		var response *awshttp.ResponseError
		if errors.As(err, &response) {
			answer = response.HTTPStatusCode()
		}
		if answer == http.StatusNotModified {
			w.WriteHeader(answer)
			return
		}
		http.Error(w, http.StatusText(answer), answer)
		return
	}
	defer object.Body.Close()
	h := w.Header()
	for name, value := range map[string]*string{
		"Content-Type": object.ContentType, "Cache-Control": object.CacheControl, "Content-Range": object.ContentRange,
		"ETag": object.ETag, "Content-Disposition": object.ContentDisposition, "Content-Encoding": object.ContentEncoding,
	} {
		if aws.ToString(value) != "" {
			h.Set(name, *value)
		}
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("X-Content-Type-Options", "nosniff")
	if object.LastModified != nil {
		h.Set("Last-Modified", object.LastModified.UTC().Format(http.TimeFormat))
	}
	h.Set("Content-Length", strconv.FormatInt(aws.ToInt64(object.ContentLength), 10))
	if object.ContentRange != nil {
		w.WriteHeader(http.StatusPartialContent)
	}
	if r.Method == http.MethodGet {
		io.Copy(w, object.Body)
	}
}
