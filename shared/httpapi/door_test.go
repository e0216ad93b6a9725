package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/seal"
)

const origin = "https://paht.example.vn"

// people know a reporter and two officers by their tokens.
type people struct{}

func (people) Session(_ context.Context, token string) (httpapi.Principal, error) {
	who, ok := map[string]httpapi.Principal{
		"ba": {Account: "ba", Kind: "individual"}, "chi": {Account: "chi", Kind: "individual"},
		"lan": {Account: "lan", Kind: "officer", Roles: []string{"screener"}}, "hung": {Account: "hung", Kind: "officer", Roles: []string{"router"}},
	}[token]
	if !ok {
		return who, fault.New(fault.Unauthenticated, "session_invalid")
	}
	return who, nil
}

func (people) Rights(_ context.Context, roles []string) (map[string]bool, error) {
	return map[string]bool{contract.RightScreen: roles[0] == "screener"}, nil
}

// door serves three operations of the contract, and notes what reached them.
type door struct {
	*httpapi.Server

	digest, key, trace string
	match              int
	called             bool
	fail               error
}

func (d *door) note(ctx context.Context) error {
	d.called, d.digest, d.key, d.match, d.trace = true, httpapi.RequestDigest(ctx), httpapi.Key(ctx), httpapi.Match(ctx), httpapi.Trace(ctx)
	return d.fail
}

// What the distribution says of itself, and said before.
const (
	front       = "the distribution as of today"
	formerFront = "the distribution of yesterday"
)

func open(t *testing.T) *door {
	t.Helper()
	keys, err := seal.Parse([]byte(`{"keys":[{"id":"a","secret":"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}],"origin":["` + front + `","` + formerFront + `"]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Server: httpapi.NewServer(httpapi.Server{Front: keys, Sessions: people{}, Digester: keys, Origins: []string{origin}})}
	httpapi.Bind(d.Server, contract.RefuseReport, func(ctx context.Context, _ *contract.RefuseInput) (*contract.ActedOutput, error) {
		return &contract.ActedOutput{ETag: `"2"`}, d.note(ctx)
	})
	httpapi.Bind(d.Server, contract.SubmitReport, func(ctx context.Context, _ *contract.SubmitInput) (*contract.SubmitOutput, error) {
		return &contract.SubmitOutput{}, d.note(ctx)
	})
	httpapi.Bind(d.Server, contract.ReadReport, func(ctx context.Context, _ *contract.ReportPath) (*contract.DetailOutput, error) {
		return &contract.DetailOutput{}, d.note(ctx)
	})
	httpapi.Bind(d.Server, contract.TrackReport, func(ctx context.Context, _ *contract.TrackInput) (*contract.TrackOutput, error) {
		return &contract.TrackOutput{}, d.note(ctx)
	})
	return d
}

// send sends "METHOD path" with headers in pairs; the answer's code holds those of
// its fields.
func (d *door) send(t *testing.T, what, body string, headers ...string) (status int, code string, w *httptest.ResponseRecorder) {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(httpapi.OriginHeader, front)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	d.called = false
	w = httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if w.Code < 400 {
		return w.Code, "", w
	}
	var p httpapi.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code || p.Type != "about:blank" || p.Title == "" || p.Detail == "" ||
		w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %d is no problem document: %s", what, w.Code, w.Body)
	}
	code = p.Code
	for _, e := range p.Errors {
		code += " " + e.Path + "=" + e.Code
	}
	return w.Code, code, w
}

const (
	refuse = "POST /v1/reports/PA-1/refusal"
	submit = "POST /v1/reports"
	read   = "GET /v1/reports/PA-1"
	why    = `{"code":"9.2","reason":"Không rõ nội dung."}`
	said   = `{"text":"Đường có ổ gà.","category":"giao_thong","notice":"email"}`
)

func as(who string, more ...string) []string {
	return append([]string{"Authorization", "Bearer " + who, "Idempotency-Key", "a-key-of-eight", "If-Match", `"3"`}, more...)
}

func TestWhatDidNotComeThroughTheFrontIsRefusedBeforeAnythingElse(t *testing.T) {
	for _, row := range []struct {
		name, what, value string
		status            int
		code              string
	}{
		{"with today's value", refuse, front, 200, ""},
		{"with yesterday's value", refuse, formerFront, 200, ""},
		{"with another value", refuse, front + " ", 403, "forbidden"},
		{"with none", refuse, "", 403, "forbidden"},
		{"with none, at an operation that is none", "GET /v1/nothing", "", 403, "forbidden"},
		{"with today's value, at an operation that is none", "GET /v1/nothing", front, 404, "no_such_operation"},
	} {
		d := open(t)
		status, code, w := d.send(t, row.what, why, as("lan", httpapi.OriginHeader, row.value)...)
		if status != row.status || code != row.code || d.called != (row.code == "") {
			t.Errorf("%s: %d %q, want %d %q; called %v", row.name, status, code, row.status, row.code, d.called)
		}
		if code == "forbidden" && (w.Header().Get("X-Request-Id") == "" || strings.Contains(w.Body.String(), "facts")) {
			t.Errorf("%s: %v %s", row.name, w.Header(), w.Body)
		}
	}
	if status, code, _ := (&door{Server: httpapi.NewServer(httpapi.Server{Sessions: people{}})}).send(t, refuse, why, as("lan")...); status != 403 || code != "forbidden" {
		t.Errorf("a door that knows no front answers %d %q", status, code)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	for _, row := range []struct {
		name, what, body string
		headers          []string
		status           int
		code             string
	}{
		{"nobody", refuse, why, nil, 401, "no_session"},
		{"nobody, before the body is read", refuse, `{"canary`, nil, 401, "no_session"},
		{"an unknown token", refuse, why, as("x"), 401, "session_invalid"},
		{"another scheme", refuse, why, as("lan", "Authorization", "Basic lan"), 401, "no_session"},
		{"a reporter at an officer's act", refuse, why, as("ba"), 403, "wrong_kind_of_account"},
		{"an officer without the right", refuse, why, as("hung"), 403, "right_missing"},
		{"an officer without the right, before the body is read", refuse, `{"canary`, as("hung"), 403, "right_missing"},
		{"an officer with it", refuse, why, as("lan"), 200, ""},
		{"an officer at a reporter's act", submit, said, as("lan"), 403, "wrong_kind_of_account"},
		{"a reporter", submit, said, as("ba"), 201, ""},
		{"the cookie from the own page", refuse, why, as("", "Authorization", "", "Cookie", httpapi.CookieName+"=lan", "Origin", origin), 200, ""},
		{"the cookie from another page", refuse, why, as("", "Authorization", "", "Cookie", httpapi.CookieName+"=lan", "Origin", "https://evil.example"), 403, "foreign_origin"},
		{"the cookie without an origin", refuse, why, as("", "Authorization", "", "Cookie", httpapi.CookieName+"=lan"), 403, "foreign_origin"},
		{"the cookie, reading, without an origin", read, "", []string{"Cookie", httpapi.CookieName + "=ba"}, 200, ""},
		{"the cookie, reading, from another page", read, "", []string{"Cookie", httpapi.CookieName + "=ba", "Origin", "https://evil.example"}, 403, "foreign_origin"},
		{"a token from any page", refuse, why, as("lan", "Origin", "https://evil.example"), 200, ""},
		{"anybody where no session is needed", "GET /v1/tracking/PA-1", "", nil, 200, ""},
	} {
		d := open(t)
		if status, code, _ := d.send(t, row.what, row.body, row.headers...); status != row.status || code != row.code || d.called != (row.code == "") {
			t.Errorf("%s: %d %q, want %d %q; called %v", row.name, status, code, row.status, row.code, d.called)
		}
	}
}

func TestAnActNeedsItsKeyAndItsCondition(t *testing.T) {
	for _, row := range []struct {
		name, header, value string
		status              int
		code                string
	}{
		{"no key", "Idempotency-Key", "", 400, "idempotency_key_missing header.Idempotency-Key=length_between"},
		{"a key of seven", "Idempotency-Key", "1234567", 400, "idempotency_key_missing header.Idempotency-Key=length_between"},
		{"a key of eight", "Idempotency-Key", "12345678", 200, ""},
		{"a key of 64", "Idempotency-Key", strings.Repeat("k", 64), 200, ""},
		{"a key of 65", "Idempotency-Key", strings.Repeat("k", 65), 400, "idempotency_key_missing header.Idempotency-Key=length_between"},
		{"no condition", "If-Match", "", 428, "if_match_missing"},
		{"anything", "If-Match", "*", 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"no quotes", "If-Match", "3", 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"one quote", "If-Match", `"3`, 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"a single quote", "If-Match", `"`, 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"a weak one", "If-Match", `W/"3"`, 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"two", "If-Match", `"3", "4"`, 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"below nothing", "If-Match", `"-1"`, 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"beyond all events", "If-Match", `"1073741825"`, 400, "if_match_malformed header.If-Match=not_an_etag"},
		{"one event", "If-Match", `"12"`, 200, ""},
	} {
		d := open(t)
		if status, code, _ := d.send(t, refuse, why, as("lan", row.header, row.value)...); status != row.status || code != row.code || d.called != (row.code == "") {
			t.Errorf("%s: %d %q, want %d %q", row.name, status, code, row.status, row.code)
		}
	}
	d := open(t)
	if d.send(t, refuse, why, as("lan", "If-Match", `"12"`)...); d.match != 12 || httpapi.ETag(12) != `"12"` {
		t.Errorf("the act saw event %d", d.match)
	}
}

func TestABodyIsRefusedWholeAndNothingIsEchoed(t *testing.T) {
	const canary = "canary<script>"
	for _, row := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"no body", "", 400, "malformed body=required"},
		{"no JSON", "canary<script>", 400, "malformed body=not_json"},
		{"cut", `{"code":"canary<script>`, 400, "malformed body=not_json"},
		{"more after it", why + canary, 400, "malformed body=not_json"},
		{"a list", `["canary<script>"]`, 422, "invalid body=not_an_object"},
		{"an unknown field", `{"code":"9.2","reason":"Không rõ.","canary":"canary<script>"}`, 422, "invalid body.canary=unknown_field"},
		{"an unknown field that is no name", `{"code":"9.2","reason":"Không rõ.","canary<script>":1}`, 422, "invalid body=unknown_field"},
		{"all at once", `{"code":"","reason":"x","related":"` + strings.Repeat(canary, 4) + `"}`, 422, "invalid body.code=too_short body.related=too_long body.reason=too_short"},
		{"a number for a text", `{"code":9.2,"reason":"Không rõ."}`, 422, "invalid body.code=not_a_string"},
		{"what is missing", `{"code":"9.2"}`, 422, "invalid body.reason=required"},
		{"too large", `{"code":"` + strings.Repeat(canary, 20000) + `"}`, 413, "body_too_large"},
	} {
		d := open(t)
		status, code, w := d.send(t, refuse, row.body, as("lan")...)
		if status != row.status || !sameWords(code, row.code) || d.called {
			t.Errorf("%s: %d %q, want %d %q", row.name, status, code, row.status, row.code)
		}
		if strings.Contains(w.Body.String(), "script") {
			t.Errorf("%s: the answer echoes: %s", row.name, w.Body)
		}
	}
}

// sameWords compares lists in which fields may come in any order.
func sameWords(a, b string) bool {
	left, right := strings.Fields(a), strings.Fields(b)
	if len(left) != len(right) {
		return false
	}
	for _, word := range left {
		if !strings.Contains(" "+b+" ", " "+word+" ") {
			return false
		}
	}
	return true
}

func TestAFaultIsToldAndAnythingElseIsNot(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
		code   string
	}{
		{fault.New(fault.Malformed, "malformed"), 400, "malformed"},
		{fault.New(fault.Unauthenticated, "session_invalid"), 401, "session_invalid"},
		{fault.New(fault.Forbidden, "right_missing", "x"), 403, "right_missing"},
		{fault.New(fault.NotFound, "not_found"), 404, "not_found"},
		{fault.New(fault.Conflict, "wrong_state", "refused"), 409, "wrong_state"},
		{fault.New(fault.Stale, "stale", "4"), 412, "stale"},
		{fault.New(fault.TooLarge, "body_too_large", "1"), 413, "body_too_large"},
		{fmt.Errorf("checking: %w", fault.InvalidField("body.text", "too_long", "2000")), 422, "invalid body.text=too_long"},
		{fault.New(fault.NoCondition, "if_match_missing"), 428, "if_match_missing"},
		{fault.New(fault.TooMany, "too_many_tries"), 429, "too_many_tries"},
		{fault.New(fault.Unavailable, "not_set_up", "roots"), 503, "not_set_up"},
		{errors.New("writing report PA-SECRET: dynamodb said no"), 500, "internal"},
		{fmt.Errorf("writing: %w", context.DeadlineExceeded), 500, "timeout"},
		{fmt.Errorf("writing: %w", context.Canceled), 500, "timeout"},
	} {
		d := open(t)
		d.fail = row.err
		status, code, w := d.send(t, read, "", as("ba")...)
		if status != row.status || code != row.code || strings.Contains(w.Body.String(), "SECRET") {
			t.Errorf("%v: %d %q, want %d %q: %s", row.err, status, code, row.status, row.code, w.Body)
		}
	}
	d := open(t)
	for _, what := range []string{"GET /", "GET /v1/nothing", "DELETE /v1/reports/PA-1"} {
		if status, code, _ := d.send(t, what, "", as("ba")...); status != 404 || code != "no_such_operation" {
			t.Errorf("%s: %d %s", what, status, code)
		}
	}
}

func TestTheLanguageOfAProblem(t *testing.T) {
	for header, want := range map[string]string{
		"": "Cần đăng nhập.", "vi": "Cần đăng nhập.", "en": "Please log in.", "en-GB,en;q=0.9": "Please log in.", "fr, EN;q=0.5, vi;q=0.1": "Please log in.",
		"vi-VN,en;q=0.9": "Cần đăng nhập.", "fr": "Cần đăng nhập.", "*": "Cần đăng nhập.",
	} {
		_, _, w := open(t).send(t, read, "", "Accept-Language", header)
		var p httpapi.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Detail != want {
			t.Errorf("%q: %s", header, w.Body)
		}
	}
}

func TestTheSameRequestHasTheSameDigest(t *testing.T) {
	d := open(t)
	digest := func(what, body string, headers ...string) [2]string {
		t.Helper()
		if status, code, _ := d.send(t, what, body, headers...); code != "" {
			t.Fatalf("%d %s", status, code)
		}
		return [2]string{d.digest, d.key}
	}
	first := digest(refuse, why, as("lan")...)
	for name, row := range map[string]struct {
		got               [2]string
		sameBody, sameKey bool
	}{
		"the same":               {digest(refuse, why, as("lan")...), true, true},
		"other order and spaces": {digest(refuse, `{ "reason" : "Kh\u00f4ng rõ nội dung.",  "code":"9.2" }`, as("lan")...), true, true},
		"what the officer saw":   {digest(refuse, why, as("lan", "If-Match", `"9"`)...), true, true},
		"another text":           {digest(refuse, strings.Replace(why, "dung", "dung hơn", 1), as("lan")...), false, true},
		"another report":         {digest("POST /v1/reports/PA-2/refusal", why, as("lan")...), false, true},
		"another key":            {digest(refuse, why, as("lan", "Idempotency-Key", "another-key")...), true, false},
	} {
		if (row.got[0] == first[0]) != row.sameBody || (row.got[1] == first[1]) != row.sameKey {
			t.Errorf("%s: %v after %v", name, row.got, first)
		}
	}
	if a, b := digest(submit, said, as("ba")...), digest(submit, said, as("chi")...); a[0] != b[0] || a[1] == b[1] {
		t.Errorf("two accounts with one key: %v %v", a, b)
	}
	if strings.Contains(fmt.Sprint(first), "a-key-of-eight") {
		t.Error("the key stands in the clear")
	}
}

func TestEveryAnswerNamesItsTraceAndIsKeptByNobody(t *testing.T) {
	for sent, kept := range map[string]bool{"0f2b9c1e-7a53-4d7e-9f10-446655440000": true, "A9757162BF68B389EC1E19B8": true, "": false, "short": false,
		"0912345678": false, "084012345678": false, "lan.thi@dan.example": false, "Nguyen-Van-An-0912345678": false,
		"with a space in it": false, strings.Repeat("a", 65): false, "<script>alert": false} {
		for _, what := range []string{read, "GET /v1/nothing", submit} {
			d := open(t)
			_, _, w := d.send(t, what, "", "Authorization", "Bearer ba", "X-Request-Id", sent)
			got := w.Header().Get("X-Request-Id")
			if (got == sent) != kept || len(got) < 8 || w.Header().Get("Cache-Control") != "no-store" || d.called && d.trace != got {
				t.Errorf("%s with %q: %q, %q", what, sent, got, w.Header().Get("Cache-Control"))
			}
		}
	}
}

var _ http.Handler = (*httpapi.Server)(nil)
