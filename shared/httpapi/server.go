// Package httpapi is the door: it decodes requests, checks sessions and rights,
// digests requests for idempotency, and turns faults into problem documents, in
// the one table for that. It knows no step and no AWS.
package httpapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paht/shared/caller"
	"paht/shared/contract"
	"paht/shared/fault"
)

// Principal is who calls, as a session tells.
type Principal = caller.Principal

// Sessions finds who calls.
type Sessions interface {
	// Session gives the holder of an opaque token. A missing, expired or ended
	// one, and one of a locked account, is a fault unauthenticated.
	Session(ctx context.Context, token string) (Principal, error)
	// Rights gives the rights of roles at this instant.
	Rights(ctx context.Context, roles []string) (map[string]bool, error)
}

// Digester makes keyed digests.
type Digester interface {
	MAC(purpose string, data ...string) string
}

// Front knows what the distribution in front of the API says of itself.
type Front interface {
	// FromOrigin tells whether the value of the header is one that it says now, or
	// said until the last exchange; in a time that does not depend on the value.
	FromOrigin(value string) bool
}

// OriginHeader is how the distribution makes itself known. It overwrites what a
// client writes there.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
const OriginHeader = "X-Origin-Verify"

// Server is the door of one function.
type Server struct {
	Front    Front // what did not come through it is refused; nothing passes without one
	Sessions Sessions
	Digester Digester
	Origins  []string // origins whose pages may use the cookie
	Now      func() time.Time
	mux      *http.ServeMux
	api      huma.API
}

// MaxBody bounds a request's body in bytes; files go to the bucket instead.
const MaxBody = 256 << 10

// MaxSettings bounds the body of a settings document.
const MaxSettings = 6 << 20

// NewServer makes a door without operations.
func NewServer(s Server) *Server {
	s.mux = http.NewServeMux()
	s.api = humago.New(s.mux, Config())
	return &s
}

// Config is the description of the API that every function and openapi.yaml share.
func Config() huma.Config {
	config := huma.DefaultConfig("Phản ánh hiện trường", "1.0.0")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "The token of a session, for apps."},
		"cookie": {Type: "apiKey", In: "cookie", Name: CookieName, Description: "The session of the web, with an Origin check."},
	}
	return config
}

func of(ctx context.Context) *caller.Request { return caller.Of(ctx) }

// Caller is the session's holder; the zero Principal without one.
func Caller(ctx context.Context) Principal { return of(ctx).Principal }

// Key is the keyed digest of the act: its account and Idempotency-Key.
func Key(ctx context.Context) string { return of(ctx).Key }

// RequestDigest is the keyed digest of the request: operation, path and body.
func RequestDigest(ctx context.Context) string { return of(ctx).Digest }

// Language is "vi" or "en", by Accept-Language; Vietnamese first.
func Language(ctx context.Context) string { return of(ctx).Language }

// Trace is the correlation id from the phone's request to the last notice.
func Trace(ctx context.Context) string { return of(ctx).Trace }

// Match is the event number of If-Match; 0 without one.
func Match(ctx context.Context) int { return of(ctx).Match }

// tracePattern is what a client may name its request: a UUID or another number in
// hexadecimal of 64 bits at least. It stands in logs, messages and letters, so
// nothing that a person is known by may pass for it.
var tracePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Fa-f-]{16,64}$`) })

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	known := &caller.Request{Language: language(r.Header.Get("Accept-Language")), Trace: r.Header.Get("X-Request-Id")}
	if !tracePattern().MatchString(known.Trace) {
		known.Trace = newTrace()
	}
	w.Header().Set("X-Request-Id", known.Trace)
	w.Header().Set("Cache-Control", "no-store")
	if s.Front == nil || !s.Front.FromOrigin(r.Header.Get(OriginHeader)) {
		writeProblem(w, known.Language, fault.New(fault.Forbidden, "forbidden"))
		return
	}
	r = r.WithContext(caller.With(r.Context(), known))
	if _, pattern := s.mux.Handler(r); pattern == "" {
		writeProblem(w, known.Language, fault.New(fault.NotFound, "no_such_operation"))
		return
	}
	limit := int64(MaxBody)
	if strings.HasPrefix(r.URL.Path, "/v1/admin/settings/") {
		limit = MaxSettings
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		writeProblem(w, known.Language, fault.New(fault.TooLarge, "body_too_large", fmt.Sprint(limit)))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	known.Digest = s.Digester.MAC("digest", r.Method, r.URL.Path, canonical(body))
	s.mux.ServeHTTP(w, r)
}

// canonical is the body with its keys in order and without white space, so that
// the same values are the same request; a body that is not JSON is itself.
func canonical(body []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return string(body)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return string(body)
	}
	return string(encoded)
}

func newTrace() string {
	var b [12]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

// Bind serves an operation of the contract.
func Bind[I, O any](s *Server, o contract.Operation[I, O], handle func(context.Context, *I) (*O, error)) {
	op, meta := o.Huma(), o.Meta()
	op.Middlewares = huma.Middlewares{s.guard(meta)}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, meta, err)
		}
		return out, nil
	})
}

// problemOf turns a handler's error into what the client is told; anything that
// is no fault is logged and answered with 500.
func (s *Server) problemOf(ctx context.Context, meta contract.Meta, err error) *Problem {
	f := fault.As(err)
	if f == nil {
		code := "internal"
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			code = "timeout"
		}
		slog.ErrorContext(ctx, "an operation failed", "operation", meta.ID, "trace", Trace(ctx), "error", err.Error())
		return problem(Language(ctx), 0, code, nil, nil)
	}
	return faultProblem(Language(ctx), f)
}
