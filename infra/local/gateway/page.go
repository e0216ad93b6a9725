package gateway

import (
	"html/template"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// newPages serves the built pages, or nothing when they were not built.
func newPages(o Options) http.Handler {
	if o.Pages == "" {
		return plainPage(o.About)
	}
	if info, err := os.Stat(o.Pages); err != nil || !info.IsDir() {
		return plainPage(o.About)
	}
	files := http.FileServer(http.Dir(o.Pages))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		files.ServeHTTP(w, r)
	})
}

// hasPage says whether a path is a page: a file, or a folder with an index.
func (g *Gateway) hasPage(requested string) bool {
	clean := path.Clean("/" + requested)
	if _, plain := g.pages.(plainPage); plain {
		return clean == "/"
	}
	name := filepath.Join(g.options.Pages, filepath.FromSlash(clean))
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	if info.IsDir() {
		_, err = os.Stat(filepath.Join(name, "index.html"))
		return err == nil
	}
	return true
}

// trackingPage shows the report of a tracking code, which may follow it in the
// path: so the letters write it.
const trackingPage = "/tra-cuu/"

// isTracking says whether a path is the tracking page's with a code: one word
// without a dot.
func isTracking(requested string) bool {
	code, found := strings.CutPrefix(requested, trackingPage)
	code = strings.TrimSuffix(code, "/")
	return found && code != "" && !strings.ContainsAny(code, "/.")
}

// missing answers with the page for what is not there, if it was built.
func (g *Gateway) missing(w http.ResponseWriter, r *http.Request) bool {
	if g.options.Pages == "" {
		return false
	}
	content, err := os.ReadFile(filepath.Join(g.options.Pages, "404.html"))
	if err != nil {
		return false
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		w.Write(content)
	}
	return true
}

// plainPage stands at / while the pages are not built.
type plainPage []string

var plain = template.Must(template.New("plain").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>paht</title>
<body style="font: 16px/1.5 sans-serif; max-width: 45em; margin: 2em auto">
<h1>paht runs here</h1>
<p>The web pages are not built; the API answers on this address.</p>
<ul>{{range .}}<li><code>{{.}}</code></li>{{end}}</ul>
<p><a href="/local/outbox">The outbox</a> holds the e-mails and pushes that were sent.</p>
`))

func (p plainPage) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	plain.Execute(w, []string(p))
}
