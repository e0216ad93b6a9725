package emulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// Transport carries requests to the emulator without the wire. What wraps it
// can lose, repeat or refuse calls.
func (e *Emulator) Transport() http.RoundTripper { return inProcess{e} }

type inProcess struct{ handler http.Handler }

// RoundTrip runs the request on the caller's goroutine.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	served := r.Clone(r.Context())
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(answer, served)
	if r.Body != nil {
		_ = r.Body.Close() // a RoundTripper must close the body
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(bytes.NewReader(answer.body.Bytes())),
		ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// ownerKey marks requests of the account's owner. It travels in the context,
// which nothing on the wire can set.
type ownerKey struct{}

type owner struct{ inProcess }

func (t owner) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.inProcess.RoundTrip(r.WithContext(context.WithValue(r.Context(), ownerKey{}, true)))
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
