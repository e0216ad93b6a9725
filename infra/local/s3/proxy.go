package s3

import (
	"bytes"
	"encoding/xml"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// proxy passes every request on as it came, host and query untouched, since
// both are part of what the client signed.
func (s *Server) proxy() http.Handler {
	p := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "s3.internal"
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			r.Out.Host = r.In.Host
		},
		Transport:      s.transport(),
		FlushInterval:  -1,
		ModifyResponse: s.look,
		ErrorLog:       log.New(io.Discard, "", 0), // a client that goes away is no news
	}
	return (&keyLocks{}).guard(s.checkForms(p))
}

// look sees each answer before the client does.
func (s *Server) look(r *http.Response) error {
	s.report(accesses(r))
	if r.StatusCode == http.StatusNotFound {
		return s.hideMissing(r)
	}
	if r.StatusCode >= 400 {
		return nil
	}
	c, ok := s.creation(r)
	if !ok {
		return nil
	}
	if c.who == "" {
		c.who = accessKey(r.Request)
	}
	c.requestID = r.Header.Get("X-Amz-Request-Id")
	c.from = "127.0.0.1"
	if host, _, err := net.SplitHostPort(r.Request.RemoteAddr); err == nil {
		c.from = host
	}
	s.announce(r.Request.Context(), c)
	return nil
}

// creation tells whether an answer means that an object came into being.
func (s *Server) creation(r *http.Response) (created, bool) {
	bucket, key := split(r.Request.URL)
	query := r.Request.URL.Query()
	switch {
	case bucket == "":
		return created{}, false
	case isForm(r.Request) && key == "":
		posted, _ := r.Request.Context().Value(formContext{}).(form)
		return created{bucket: bucket, key: posted.key, who: posted.accessKey, how: "Post"}, posted.key != ""
	case key == "" || !plainObject(query):
		return created{}, false
	case r.Request.Method == http.MethodPut && !query.Has("uploadId"):
		if r.Request.Header.Get("X-Amz-Copy-Source") != "" {
			return created{bucket: bucket, key: key, how: "Copy"}, true
		}
		return created{bucket: bucket, key: key, how: "Put"}, true
	case r.Request.Method == http.MethodPost && query.Has("uploadId"):
		return created{bucket: bucket, key: key, how: "CompleteMultipartUpload"}, completed(r)
	}
	return created{}, false
}

// plainObject tells an object's own request from one of its sub-resources.
func plainObject(query url.Values) bool {
	for name := range query {
		if strings.HasPrefix(name, "X-Amz-") || strings.HasPrefix(name, "response-") || name == "x-id" || name == "uploadId" || strings.HasPrefix(name, "x-amz-") {
			continue
		}
		return false
	}
	return true
}

// completed reads the answer to CompleteMultipartUpload, which may say 200 and
// then hold an error:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
func completed(r *http.Response) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return false
	}
	var answer struct{ XMLName xml.Name }
	return xml.Unmarshal(body, &answer) == nil && answer.XMLName.Local == "CompleteMultipartUploadResult"
}

// split gives bucket and key of a path-style address.
func split(u *url.URL) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return bucket, key
}

// accessKey is who signed, by header or by query; empty when nobody did.
func accessKey(r *http.Request) string {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if _, after, found := strings.Cut(r.Header.Get("Authorization"), "Credential="); found {
		credential = after
	}
	key, _, _ := strings.Cut(credential, "/")
	return key
}

const accessDenied = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"

// hideMissing answers 403 where S3 does: to a reader of a missing object who
// may not list the bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
func (s *Server) hideMissing(r *http.Response) error {
	bucket, key := split(r.Request.URL)
	who := accessKey(r.Request)
	listers, known := s.listers[bucket]
	reads := r.Request.Method == http.MethodGet || r.Request.Method == http.MethodHead
	if !reads || key == "" || !known || who == s.options.Root.AccessKey || listers[who] {
		return nil
	}
	r.Body.Close()
	body := []byte(accessDenied)
	if r.Request.Method == http.MethodHead {
		body = nil
	}
	r.StatusCode, r.Status = http.StatusForbidden, "403 Forbidden"
	r.Header.Del("Content-Length")
	r.ContentLength = int64(len(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
