// Package gateway is the one address that people use: the HTTP API with the
// routes of the template, its events and answers in payload format 2.0, the
// pages, the published files, and, apart from all these, the local outbox.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
// It must never import the product's functions or shared packages: it knows
// routes and a way to invoke.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"paht/infra/local/runtimeapi"
)

// The limits of an HTTP API:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const (
	maxBody            = 10 << 20
	maxHeaders         = 10240
	integrationTimeout = 30 * time.Second
)

// Options say what is served.
type Options struct {
	Routes []Route
	// Invoke runs a function, as runtimeapi.Runtime does.
	Invoke func(ctx context.Context, function string, payload []byte) (runtimeapi.Result, error)
	// OriginHeaders are added to every request to a function, in place of the
	// caller's: in the cloud the content delivery network adds them.
	OriginHeaders map[string]string
	AccountID     string
	// Public serves /public/… ; nil when there is no bucket.
	Public http.Handler
	// Pages is the folder of the built web pages; what is not there is a plain
	// page that says what runs.
	Pages string
	// Outbox serves /local/outbox…
	Outbox http.Handler
	// About is shown on the plain page.
	About []string
	// Timeout is the integration's; 30 seconds, the service's own, if zero.
	Timeout time.Duration
}

// Gateway is the handler of the address.
type Gateway struct {
	options Options
	table   table
	pages   http.Handler
}

// New checks the routes.
func New(o Options) (*Gateway, error) {
	if o.Timeout == 0 {
		o.Timeout = integrationTimeout
	}
	t, err := newTable(o.Routes)
	if err != nil {
		return nil, fmt.Errorf("reading the routes: %w", err)
	}
	return &Gateway{options: o, table: t, pages: newPages(o)}, nil
}

// ServeHTTP looks in this order: the outbox, the published files, the routes
// of the API, the pages, the API's $default route, the page for what is not there.
// Text leaves compressed, as the content delivery network sends it.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if takesGzip(r) {
		c := &compressed{ResponseWriter: w}
		defer c.end()
		w = c
	}
	g.serve(w, r)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case g.options.Outbox != nil && under(r.URL.Path, "/local"):
		g.options.Outbox.ServeHTTP(w, r)
		return
	case g.options.Public != nil && under(r.URL.Path, "/public"):
		g.options.Public.ServeHTTP(w, r)
		return
	}
	if m, ok := g.table.match(r.Method, r.URL.Path); ok {
		g.call(w, r, m)
		return
	}
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	if reading && g.hasPage(r.URL.Path) {
		g.pages.ServeHTTP(w, r)
		return
	}
	if reading && isTracking(r.URL.Path) && g.hasPage(trackingPage) {
		r = r.Clone(r.Context())
		r.URL.Path = trackingPage
		g.pages.ServeHTTP(w, r)
		return
	}
	if m, ok := g.table.fallback(); ok {
		g.call(w, r, m)
		return
	}
	if reading && !under(r.URL.Path, "/v1") && g.missing(w, r) {
		return
	}
	message(w, http.StatusNotFound, "Not Found")
}

func under(path, prefix string) bool {
	return path == prefix || len(path) > len(prefix) && path[:len(prefix)+1] == prefix+"/"
}

// call runs a route's function and answers what it answers.
func (g *Gateway) call(w http.ResponseWriter, r *http.Request, m match) {
	if headerBytes(r) > maxHeaders {
		message(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		} else {
			message(w, http.StatusBadRequest, "Bad Request")
		}
		return
	}
	payload, id, err := g.event(r, body, m)
	if err != nil {
		message(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	w.Header().Set("Apigw-Requestid", id)
	result, err := g.invoke(r.Context(), m.function, payload)
	switch {
	case errors.Is(err, runtimeapi.ErrTooLarge):
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, runtimeapi.ErrThrottled), errors.Is(err, errTimeout):
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil, result.FunctionError != "":
		message(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		answer(w, r, result.Payload)
	}
}

var errTimeout = errors.New("the integration did not answer in time")

// invoke waits for the function as long as the integration may take. Neither
// that limit nor a caller who leaves stops the function.
func (g *Gateway) invoke(ctx context.Context, function string, payload []byte) (runtimeapi.Result, error) {
	type outcome struct {
		result runtimeapi.Result
		err    error
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.options.Timeout)
	ended := make(chan outcome, 1)
	go func() {
		result, err := g.options.Invoke(bounded, function, payload)
		ended <- outcome{result, err}
	}()
	defer cancel()
	select {
	case o := <-ended:
		return o.result, o.err
	case <-bounded.Done():
		return runtimeapi.Result{}, errTimeout
	case <-ctx.Done():
		return runtimeapi.Result{}, ctx.Err()
	}
}

func headerBytes(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// message is how the service itself answers.
func message(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"message": text})
}
