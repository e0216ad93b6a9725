package lambdaio

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"paht/shared/caller"
	"paht/shared/report"
)

// answer is the answer to a request, in the payload format 2.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type answer struct {
	events.APIGatewayV2HTTPResponse

	method, route, trace string
}

func (a *answer) MarshalJSON() ([]byte, error) { return json.Marshal(a.APIGatewayV2HTTPResponse) }

func (a *answer) logged() []any {
	return []any{"status", a.StatusCode, "method", a.method, "route", a.route, "trace", a.trace}
}

func (f *Function) serve(ctx context.Context, event []byte) (any, error) {
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	r, err := request(ctx, e)
	if err != nil {
		return &answer{APIGatewayV2HTTPResponse: events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadRequest}}, nil
	}
	for _, value := range e.PathParameters {
		if id, ok := report.ParseCode(value); ok {
			caller.Saw(ctx, id, "")
		}
	}
	w := &recorder{header: make(http.Header)}
	f.HTTP.ServeHTTP(w, r)
	a := w.answer()
	a.method, a.route, a.trace = e.RequestContext.HTTP.Method, e.RouteKey, w.header.Get("X-Request-Id")
	return a, nil
}

// request makes the http.Request of an event.
func request(ctx context.Context, e events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			return nil, fmt.Errorf("decoding the body: %w", err)
		}
		body = decoded
	}
	target, err := url.ParseRequestURI(e.RawPath)
	if err != nil {
		return nil, fmt.Errorf("reading the path: %w", err)
	}
	target.RawQuery = e.RawQueryString
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host = e.RequestContext.DomainName
	r.RemoteAddr = e.RequestContext.HTTP.SourceIP
	r.RequestURI = target.RequestURI()
	return r, nil
}

// recorder gathers an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

var _ io.Writer = (*recorder)(nil)

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *recorder) answer() *answer {
	w.WriteHeader(http.StatusOK)
	a := &answer{APIGatewayV2HTTPResponse: events.APIGatewayV2HTTPResponse{
		StatusCode: w.status, Headers: make(map[string]string), Body: w.body.String(),
	}}
	for name, values := range w.header {
		if name == "Set-Cookie" {
			a.Cookies = values
			continue
		}
		a.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return a
}
