package gateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"paht/infra/local/gateway"
	"paht/infra/local/runtimeapi"
)

// invoker is a runtime whose answers a test says.
type invoker func(function string, payload []byte) (runtimeapi.Result, error)

func (i invoker) invoke(_ context.Context, function string, payload []byte) (runtimeapi.Result, error) {
	return i(function, payload)
}

// answering gives one answer and keeps what it was asked.
type answering struct {
	function string
	event    events.APIGatewayV2HTTPRequest
	raw      map[string]any
	answer   string
}

func (a *answering) invoke(_ context.Context, function string, payload []byte) (runtimeapi.Result, error) {
	a.function = function
	if err := json.Unmarshal(payload, &a.event); err != nil {
		return runtimeapi.Result{}, err
	}
	if err := json.Unmarshal(payload, &a.raw); err != nil {
		return runtimeapi.Result{}, err
	}
	return runtimeapi.Result{Payload: []byte(a.answer)}, nil
}

func serve(t *testing.T, o gateway.Options, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	g, err := gateway.New(o)
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	g.ServeHTTP(recorder, r)
	return recorder
}

func TestARequestTakesTheMostSpecificRoute(t *testing.T) {
	routes := []gateway.Route{
		{"GET", "/v1/reports/{id}", "one"}, {"GET", "/v1/reports/mine", "mine"}, {"ANY", "/v1/reports/{id}", "any"}, {"POST", "/v1/reports", "submit"},
		{"GET", "/v1/{proxy+}", "greedy"}, {"GET", "/v1/reports/{id}/{rest+}", "below"}, {"ANY", "$default", "default"},
	}
	rows := []struct{ name, method, path, function, key string }{
		{"a plain segment goes before a parameter", "GET", "/v1/reports/mine", "mine", "GET /v1/reports/mine"},
		{"a parameter takes one segment", "GET", "/v1/reports/PA-1", "one", "GET /v1/reports/{id}"},
		{"a method goes before any", "PUT", "/v1/reports/PA-1", "any", "ANY /v1/reports/{id}"},
		{"a longer greedy route goes before a shorter", "GET", "/v1/reports/PA-1/a/b", "below", "GET /v1/reports/{id}/{rest+}"},
		{"a greedy parameter takes the rest", "GET", "/v1/other/things", "greedy", "GET /v1/{proxy+}"},
		{"another method of a known path takes the default", "DELETE", "/v1/reports", "default", "$default"},
		{"an empty segment is no parameter", "PUT", "/v1/reports/", "default", "$default"},
		{"an unknown path takes the default", "GET", "/elsewhere", "default", "$default"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			a := &answering{answer: `{"statusCode":204}`}
			serve(t, gateway.Options{Routes: routes, Invoke: a.invoke}, httptest.NewRequest(r.method, r.path, nil))
			if a.function != r.function || a.event.RouteKey != r.key {
				t.Errorf("got %s by %q, want %s by %q", a.function, a.event.RouteKey, r.function, r.key)
			}
		})
	}
}

func TestRoutesThatCannotBeAreRefused(t *testing.T) {
	rows := []struct {
		name, want string
		routes     []gateway.Route
	}{
		{"the same route twice", "declared by both a and b", []gateway.Route{{"GET", "/x", "a"}, {"get", "/x", "b"}}},
		{"a relative path", "does not begin with a slash", []gateway.Route{{"GET", "x", "a"}}},
		{"a greedy parameter in the middle", "is not its last segment", []gateway.Route{{"GET", "/{all+}/x", "a"}}},
		{"half a parameter", "no parameter and no plain text", []gateway.Route{{"GET", "/{id", "a"}}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if _, err := gateway.New(gateway.Options{Routes: r.routes}); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %v, want %q", err, r.want)
			}
		})
	}
}

func TestTheEventIsThatOfFormatTwo(t *testing.T) {
	a := &answering{answer: `{"statusCode":200}`}
	r := httptest.NewRequest("POST", "http://localhost:8080/v1/reports/PA%2D1/caf%C3%A9?a=1&b=x%20y&a=2", strings.NewReader(`{"text":"đường"}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header["X-Twice"] = []string{"one", "two"}
	r.Header.Set("Cookie", "s=1; t=2")
	r.Header.Set("X-Origin", "forged")
	r.Header.Set("User-Agent", "app/1")
	r.RemoteAddr = "127.0.0.1:5555"
	serve(t, gateway.Options{Routes: []gateway.Route{{"POST", "/v1/reports/{id}/{name}", "f"}}, Invoke: a.invoke, AccountID: "000000000000", OriginHeaders: map[string]string{"X-Origin": "true"}}, r)
	e := a.event
	rows := []struct {
		what      string
		got, want any
	}{
		{"version", e.Version, "2.0"}, {"route", e.RouteKey, "POST /v1/reports/{id}/{name}"}, {"decoded path", e.RawPath, "/v1/reports/PA-1/café"},
		{"query as sent", e.RawQueryString, "a=1&b=x%20y&a=2"}, {"values joined", e.QueryStringParameters["a"], "1,2"}, {"values decoded", e.QueryStringParameters["b"], "x y"},
		{"cookies", strings.Join(e.Cookies, "|"), "s=1|t=2"}, {"no cookie header", e.Headers["cookie"], ""}, {"headers joined", e.Headers["x-twice"], "one,two"},
		{"the origin's header in place of the caller's", e.Headers["x-origin"], "true"}, {"host", e.Headers["host"], "localhost:8080"}, {"port", e.Headers["x-forwarded-port"], "8080"},
		{"client", e.Headers["x-forwarded-for"], "127.0.0.1"}, {"parameter", e.PathParameters["id"], "PA-1"}, {"decoded parameter", e.PathParameters["name"], "café"},
		{"body", e.Body, `{"text":"đường"}`}, {"text body", e.IsBase64Encoded, false}, {"method", e.RequestContext.HTTP.Method, "POST"},
		{"address", e.RequestContext.HTTP.SourceIP, "127.0.0.1"}, {"agent", e.RequestContext.HTTP.UserAgent, "app/1"}, {"stage", e.RequestContext.Stage, "$default"},
		{"account", e.RequestContext.AccountID, "000000000000"}, {"domain", e.RequestContext.DomainName, "localhost:8080"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("%s: got %v, want %v", row.what, row.got, row.want)
		}
	}
	if _, err := time.Parse("02/Jan/2006:15:04:05 -0700", e.RequestContext.Time); err != nil || e.RequestContext.RequestID == "" || e.RequestContext.TimeEpoch == 0 {
		t.Errorf("time %q, id %q, epoch %d", e.RequestContext.Time, e.RequestContext.RequestID, e.RequestContext.TimeEpoch)
	}
}

func TestWhichBodiesAreBase64(t *testing.T) {
	rows := []struct {
		name, contentType, encoding, body string
		encoded                           bool
	}{
		{"JSON is text", "application/json", "", "{}", false},
		{"plain text is text", "text/plain; charset=utf-8", "", "x", false},
		{"XML is text", "application/xml", "", "<a/>", false},
		{"a form is not", "application/x-www-form-urlencoded", "", "a=1", true},
		{"an upload is not", "multipart/form-data; boundary=x", "", "--x--", true},
		{"an image is not", "image/png", "", "\x89PNG", true},
		{"a body without type is not", "", "", "x", true},
		{"a compressed body is not", "application/json", "gzip", "\x1f\x8b", true},
		{"text that is not UTF-8 is not", "text/plain", "", "\xff\xfe", true},
		{"no body is text", "image/png", "", "", false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			a := &answering{answer: `{"statusCode":200}`}
			request := httptest.NewRequest("POST", "/x", strings.NewReader(r.body))
			request.Header.Set("Content-Type", r.contentType)
			request.Header.Set("Content-Encoding", r.encoding)
			if r.encoding == "" {
				request.Header.Del("Content-Encoding")
			}
			serve(t, gateway.Options{Routes: []gateway.Route{{"POST", "/x", "f"}}, Invoke: a.invoke}, request)
			body := a.event.Body
			if r.encoded {
				decoded, err := base64.StdEncoding.DecodeString(body)
				if err != nil {
					t.Fatal(err)
				}
				body = string(decoded)
			}
			if a.event.IsBase64Encoded != r.encoded || body != r.body {
				t.Errorf("got %q, encoded %v", a.event.Body, a.event.IsBase64Encoded)
			}
			if _, has := a.raw["body"]; has != (r.body != "") {
				t.Errorf("the event has a body: %v", has)
			}
		})
	}
}

func TestAFunctionsAnswerBecomesAResponse(t *testing.T) {
	rows := []struct {
		name, method, answer string
		status               int
		contentType, body    string
	}{
		{"status, type and body", "GET", `{"statusCode":201,"headers":{"content-type":"application/problem+json"},"body":"{}"}`, 201, "application/problem+json", "{}"},
		{"base64 is decoded", "GET", `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVBORw==","isBase64Encoded":true}`, 200, "image/png", "\x89PNG"},
		{"a body without type is text", "GET", `{"statusCode":200,"body":"x"}`, 200, "text/plain; charset=utf-8", "x"},
		{"an object without status is the body", "GET", `{"seen":true}`, 200, "application/json", `{"seen":true}`},
		{"a string is the body without its quotes", "GET", `"hello"`, 200, "application/json", "hello"},
		{"null is the body", "GET", `null`, 200, "application/json", "null"},
		{"a head has no body", "HEAD", `{"statusCode":200,"headers":{"content-type":"text/html"},"body":"x"}`, 200, "text/html", ""},
		{"no content has no body", "GET", `{"statusCode":204,"body":"x"}`, 204, "text/plain; charset=utf-8", ""},
		{"a status that is no number is malformed", "GET", `{"statusCode":"many"}`, 500, "application/json", `{"message":"Internal Server Error"}` + "\n"},
		{"a status out of range is malformed", "GET", `{"statusCode":99}`, 500, "application/json", `{"message":"Internal Server Error"}` + "\n"},
		{"a body that is no base64 is malformed", "GET", `{"statusCode":200,"body":"?","isBase64Encoded":true}`, 500, "application/json", `{"message":"Internal Server Error"}` + "\n"},
		{"what is not JSON is malformed", "GET", `{`, 500, "application/json", `{"message":"Internal Server Error"}` + "\n"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			result := invoker(func(string, []byte) (runtimeapi.Result, error) {
				return runtimeapi.Result{Payload: []byte(r.answer)}, nil
			})
			got := serve(t, gateway.Options{Routes: []gateway.Route{{"ANY", "/x", "f"}}, Invoke: result.invoke}, httptest.NewRequest(r.method, "/x", nil))
			if got.Code != r.status || got.Header().Get("Content-Type") != r.contentType || got.Body.String() != r.body {
				t.Errorf("got %d %q %q", got.Code, got.Header().Get("Content-Type"), got.Body.String())
			}
		})
	}
}

func TestCookiesAndHeadersOfTheAnswer(t *testing.T) {
	a := &answering{answer: `{"statusCode":200,"headers":{"ETag":"\"3\"","X-Count":7,"X-Flag":true,"Connection":"close"},"cookies":["a=1; Path=/","b=2"],"body":""}`}
	got := serve(t, gateway.Options{Routes: []gateway.Route{{"GET", "/x", "f"}}, Invoke: a.invoke}, httptest.NewRequest("GET", "/x", nil)).Header()
	if strings.Join(got["Set-Cookie"], "|") != "a=1; Path=/|b=2" || got.Get("ETag") != `"3"` || got.Get("X-Count") != "7" || got.Get("X-Flag") != "true" || got.Get("Connection") != "" || got.Get("Apigw-Requestid") == "" {
		t.Errorf("got %v", got)
	}
}

func TestTheServicesOwnAnswers(t *testing.T) {
	fails := func(r runtimeapi.Result, err error) invoker {
		return func(string, []byte) (runtimeapi.Result, error) { return r, err }
	}
	slow := invoker(func(string, []byte) (runtimeapi.Result, error) {
		time.Sleep(2 * time.Second)
		return runtimeapi.Result{Payload: []byte(`{}`)}, nil
	})
	rows := []struct {
		name, path, body string
		invoke           invoker
		header           string
		status           int
		message          string
	}{
		{"no route", "/none", "", fails(runtimeapi.Result{}, nil), "", 404, "Not Found"},
		{"a function that fails", "/x", "", fails(runtimeapi.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"secret"}`)}, nil), "", 500, "Internal Server Error"},
		{"a function that is throttled", "/x", "", fails(runtimeapi.Result{}, runtimeapi.ErrThrottled), "", 503, "Service Unavailable"},
		{"a function that takes longer than the integration", "/x", "", slow, "", 503, "Service Unavailable"},
		{"an event over Lambda's six megabytes", "/x", "", fails(runtimeapi.Result{}, runtimeapi.ErrTooLarge), "", 413, "Request Entity Too Large"},
		{"a body over ten megabytes", "/x", strings.Repeat("x", 10<<20+1), fails(runtimeapi.Result{}, nil), "", 413, "Request Entity Too Large"},
		{"headers over ten kilobytes", "/x", "", fails(runtimeapi.Result{}, nil), strings.Repeat("x", 10<<10), 431, "Request Header Fields Too Large"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			request := httptest.NewRequest("POST", r.path, strings.NewReader(r.body))
			if r.header != "" {
				request.Header.Set("X-Long", r.header)
			}
			got := serve(t, gateway.Options{Routes: []gateway.Route{{"POST", "/x", "f"}}, Invoke: r.invoke.invoke, Timeout: 200 * time.Millisecond}, request)
			if got.Code != r.status || got.Body.String() != `{"message":"`+r.message+`"}`+"\n" || got.Header().Get("Content-Type") != "application/json" {
				t.Errorf("got %d %s", got.Code, got.Body)
			}
		})
	}
}

func TestPagesStandBesideTheAPI(t *testing.T) {
	pages := t.TempDir()
	for name, content := range map[string]string{"index.html": "home", "map/index.html": "map", "assets/app.js": "code"} {
		file := filepath.Join(pages, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := &answering{answer: `{"statusCode":200,"body":"api"}`}
	public := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("public " + r.URL.Path)) })
	built := gateway.Options{Routes: []gateway.Route{{"GET", "/v1/x", "f"}}, Invoke: a.invoke, Pages: pages, Public: public}
	unbuilt := built
	unbuilt.Pages, unbuilt.About = filepath.Join(pages, "missing"), []string{"S3 at http://127.0.0.1:1"}
	rows := []struct {
		name, method, path string
		options            gateway.Options
		status             int
		contains           string
	}{
		{"the home page", "GET", "/", built, 200, "home"},
		{"a page in a folder", "GET", "/map/", built, 200, "map"},
		{"a file", "GET", "/assets/app.js", built, 200, "code"},
		{"an API route goes first", "GET", "/v1/x", built, 200, "api"},
		{"a missing page", "GET", "/none", built, 404, "Not Found"},
		{"nothing outside the folder", "GET", "/../../../etc/passwd", built, 404, "Not Found"},
		{"pages are only read", "POST", "/", built, 404, "Not Found"},
		{"published files", "GET", "/public/a.jpg", built, 200, "public /public/a.jpg"},
		{"what runs, while there are no pages", "GET", "/", unbuilt, 200, "S3 at http://127.0.0.1:1"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := serve(t, r.options, httptest.NewRequest(r.method, r.path, nil))
			if got.Code != r.status || !strings.Contains(got.Body.String(), r.contains) {
				t.Errorf("got %d %s", got.Code, got.Body)
			}
		})
	}
}
