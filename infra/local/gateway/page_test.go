package gateway_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paht/infra/local/gateway"
)

func builtPages(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"index.html": "start", "404.html": "no such page", "tra-cuu/index.html": "tracking",
		"assets/a.js": strings.Repeat("let a = 1;", 300), "icon.png": "\x89PNG"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPages(t *testing.T) {
	o := gateway.Options{Pages: builtPages(t)}
	rows := []struct {
		name, method, path string
		status             int
		body               string
	}{
		{"the start", "GET", "/", 200, "start"},
		{"a tracking code in the path", "GET", "/tra-cuu/PA-N2TCJ4D1BGE", 200, "tracking"},
		{"with a slash at the end", "GET", "/tra-cuu/PA-N2TCJ4D1BGE/", 200, "tracking"},
		{"with the check character that is a tilde", "GET", "/tra-cuu/PA-N2TCJ4D1BG~", 200, "tracking"},
		{"deeper than a code", "GET", "/tra-cuu/PA-N2TCJ4D1BGE/x", 404, "no such page"},
		{"a file below it", "GET", "/tra-cuu/x.js", 404, "no such page"},
		{"an unknown page", "GET", "/none", 404, "no such page"},
		{"an unknown page without its body", "HEAD", "/none", 404, ""},
		{"an unknown operation of the API", "GET", "/v1/none", 404, `{"message":"Not Found"}`},
		{"what is sent to no page", "POST", "/none", 404, `{"message":"Not Found"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := serve(t, o, httptest.NewRequest(row.method, row.path, nil))
			if got.Code != row.status || strings.TrimSpace(got.Body.String()) != row.body {
				t.Errorf("got %d %q", got.Code, got.Body)
			}
		})
	}
}

func TestTextIsCompressedForWhoeverTakesIt(t *testing.T) {
	o := gateway.Options{Pages: builtPages(t)}
	rows := []struct {
		name, path, accept, ranged string
		want                       bool
	}{
		{"a script", "/assets/a.js", "gzip, br", "", true},
		{"a page", "/", "br, gzip;q=0.8", "", true},
		{"the page for what is not there", "/none", "gzip", "", true},
		{"nobody asked", "/assets/a.js", "", "", false},
		{"another way was asked for", "/assets/a.js", "br", "", false},
		{"it was refused", "/assets/a.js", "gzip;q=0", "", false},
		{"a part of a file", "/assets/a.js", "gzip", "bytes=0-9", false},
		{"a picture", "/icon.png", "gzip", "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, row.path, nil)
			r.Header.Set("Accept-Encoding", row.accept)
			if row.ranged != "" {
				r.Header.Set("Range", row.ranged)
			}
			got := serve(t, o, r)
			zipped := got.Header().Get("Content-Encoding") == "gzip"
			if zipped != row.want {
				t.Fatalf("compressed: %v", zipped)
			}
			if !zipped {
				return
			}
			z, err := gzip.NewReader(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(z)
			if err != nil || len(content) == 0 || got.Header().Get("Content-Length") != "" || got.Header().Get("Vary") == "" {
				t.Errorf("got %q, %v, %v", content, err, got.Header())
			}
		})
	}
}
