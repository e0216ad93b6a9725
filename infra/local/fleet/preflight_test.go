package fleet_test

import (
	"net/http"
	"strings"
	"testing"
)

// A browser asks before a page's upload (the request has a listener for its
// progress) and after it whether the page may see the answer. The rules are the
// template's, with the fleet's origin for WebOrigin.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func TestPagesOfTheWebOriginAloneMayUseTheBucketFromABrowser(t *testing.T) {
	s := newScene(t)
	form := s.slot([]byte("a photo")).URL
	rules := s.fleet.Template().Buckets[0].CORS
	if len(rules) != 1 || len(rules[0].AllowedOrigins) != 1 {
		t.Fatalf("the rules are %+v", rules)
	}
	own := rules[0].AllowedOrigins[0]
	for _, row := range []struct {
		name, origin, method, headers string
		allowed                       bool
	}{
		{"the form of an upload", own, "POST", "content-type", true},
		{"the form without further headers", own, "POST", "", true},
		{"a photo that an officer looks at", own, "GET", "", true},
		{"another host", "https://evil.example", "POST", "content-type", false},
		{"the same host over another scheme", strings.Replace(own, "http://", "https://", 1), "POST", "content-type", false},
		{"the same host on another port", own + ":8443", "POST", "content-type", false},
		{"a host that begins alike", own + ".evil.example", "POST", "content-type", false},
		{"a page without an origin", "null", "POST", "content-type", false},
		{"replacing a file", own, "PUT", "content-type", false},
		{"removing a file", own, "DELETE", "", false},
		{"a header that no page sends", own, "POST", "content-type,x-amz-acl", false},
		{"credentials", own, "GET", "authorization", false},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, form, nil)
		s.check(err)
		r.Header.Set("Origin", row.origin)
		r.Header.Set("Access-Control-Request-Method", row.method)
		if row.headers != "" {
			r.Header.Set("Access-Control-Request-Headers", row.headers)
		}
		response, err := http.DefaultClient.Do(r)
		s.check(err)
		s.check(response.Body.Close())
		h := response.Header
		allowed := response.StatusCode == http.StatusOK && h.Get("Access-Control-Allow-Origin") == row.origin &&
			strings.Contains(h.Get("Access-Control-Allow-Methods"), row.method) &&
			(row.headers == "" || strings.EqualFold(h.Get("Access-Control-Allow-Headers"), row.headers))
		if allowed != row.allowed || !row.allowed && h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: status %d, %v", row.name, response.StatusCode, h)
		}
		if row.allowed && h.Get("Access-Control-Max-Age") != "3600" {
			t.Errorf("%s: it is asked again after %q", row.name, h.Get("Access-Control-Max-Age"))
		}
	}
}
