package lambdaio_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"

	"paht/shared/lambdaio"
)

// invoke sends an event to a handler and gives the answer's fields.
func invoke(t *testing.T, event map[string]any, handler http.HandlerFunc) map[string]any {
	t.Helper()
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&lambdaio.Function{Name: "query", HTTP: handler}).Invoke(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func event(change map[string]any) map[string]any {
	e := map[string]any{
		"version": "2.0", "routeKey": "POST /v1/reports", "rawPath": "/v1/reports", "rawQueryString": "a=1&a=2&b=%C4%91",
		"headers":        map[string]string{"content-type": "application/json", "accept": "text/html,application/json", "idempotency-key": "k"},
		"requestContext": map[string]any{"domainName": "api.example.vn", "http": map[string]string{"method": "POST", "path": "/v1/reports", "sourceIp": "203.0.113.9"}},
		"body":           `{"text":"Đường"}`,
	}
	for name, value := range change {
		e[name] = value
	}
	return e
}

func TestARequestComesAsItWasSent(t *testing.T) {
	binary := []byte{0, 1, 0xff, 0xfe, '"'}
	for _, row := range []struct {
		name   string
		change map[string]any
		want   func(r *http.Request, body string) any
		is     any
	}{
		{"its method", nil, func(r *http.Request, _ string) any { return r.Method }, "POST"},
		{"its path", nil, func(r *http.Request, _ string) any { return r.URL.Path }, "/v1/reports"},
		{"an escaped path", map[string]any{"rawPath": "/v1/tracking/PA%20123"}, func(r *http.Request, _ string) any { return r.URL.Path + " " + r.RequestURI }, "/v1/tracking/PA 123 /v1/tracking/PA%20123?a=1&a=2&b=%C4%91"},
		{"its query, with what stands twice", nil, func(r *http.Request, _ string) any { return r.URL.Query() }, map[string]any{"a": []any{"1", "2"}, "b": []any{"đ"}}},
		{"its headers", nil, func(r *http.Request, _ string) any {
			return r.Header.Get("Idempotency-Key") + " " + r.Header.Get("Accept")
		}, "k text/html,application/json"},
		{"its body", nil, func(_ *http.Request, body string) any { return body }, `{"text":"Đường"}`},
		{"a body in base64", map[string]any{"body": base64.StdEncoding.EncodeToString(binary), "isBase64Encoded": true}, func(_ *http.Request, body string) any { return []byte(body) }, base64.StdEncoding.EncodeToString(binary)},
		{"no body", map[string]any{"body": ""}, func(r *http.Request, body string) any { return body == "" && r.ContentLength == 0 }, true},
		{"its cookies", map[string]any{"cookies": []string{"a=1", "__Host-session=t"}}, func(r *http.Request, _ string) any {
			a, _ := r.Cookie("a")
			s, _ := r.Cookie("__Host-session")
			return a.Value + s.Value
		}, "1t"},
		{"its host", nil, func(r *http.Request, _ string) any { return r.Host }, "api.example.vn"},
		{"where it comes from", nil, func(r *http.Request, _ string) any { return r.RemoteAddr }, "203.0.113.9"},
	} {
		var got any
		invoke(t, event(row.change), func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			got = row.want(r, string(body))
		})
		encoded, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var plain any
		if err := json.Unmarshal(encoded, &plain); err != nil || !reflect.DeepEqual(plain, row.is) {
			t.Errorf("%s: %v, want %v", row.name, plain, row.is)
		}
	}
}

func TestARequestThatCannotBeReadIs400(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"a body that is not base64": {"body": "%%%", "isBase64Encoded": true},
		"a path that is none":       {"rawPath": "reports"},
		"a path of wrong escapes":   {"rawPath": "/v1/%zz"},
		"a method that is none":     {"requestContext": map[string]any{"http": map[string]string{"method": "GE T"}}},
	} {
		answer := invoke(t, event(change), func(http.ResponseWriter, *http.Request) { t.Errorf("%s reached the handler", name) })
		if answer["statusCode"] != 400.0 {
			t.Errorf("%s: %v", name, answer)
		}
	}
}

func TestAnAnswerGoesAsItWasWritten(t *testing.T) {
	answer := invoke(t, event(nil), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Add("Vary", "Accept")
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		w.Header().Add("Set-Cookie", "b=2; Path=/")
		w.WriteHeader(http.StatusConflict)
		w.WriteHeader(http.StatusOK) // the first counts
		for _, part := range []string{`{"code":`, `"đã đóng"}`} {
			if n, err := io.WriteString(w, part); err != nil || n != len(part) {
				t.Errorf("wrote %d, %v", n, err)
			}
		}
	})
	if answer["statusCode"] != 409.0 || answer["body"] != `{"code":"đã đóng"}` {
		t.Errorf("the answer is %v", answer)
	}
	if want := map[string]any{"content-type": "application/problem+json", "vary": "Accept, Origin"}; !reflect.DeepEqual(answer["headers"], want) {
		t.Errorf("its headers are %v", answer["headers"])
	}
	if want := []any{"a=1; Path=/", "b=2; Path=/"}; !reflect.DeepEqual(answer["cookies"], want) {
		t.Errorf("its cookies are %v", answer["cookies"])
	}
	for name, handler := range map[string]http.HandlerFunc{
		"nothing written": func(http.ResponseWriter, *http.Request) {},
		"a body alone":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") },
	} {
		if got := invoke(t, event(nil), handler); got["statusCode"] != 200.0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
