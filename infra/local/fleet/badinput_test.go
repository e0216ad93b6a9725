package fleet_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/emulator/dynamodb"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/httpapi"
)

// Every operation of the contract is driven with everything that can be wrong
// with its request. What can be wrong follows from what the contract says of it;
// an operation without a baseline fails. Each refusal has its status, its stable
// code, the field and the rule, in both languages, holds nothing of what was
// submitted, and leaves the table as it was. At last the baseline itself is sent
// and must succeed, so that each row was refused for what was wrong with it.
func TestEveryOperationRefusesWhatIsWrongAndStoresNothing(t *testing.T) {
	s := newScene(t)
	total := 0
	for _, o := range contract.Operations() {
		d := describe(o)
		t.Run(d.meta.ID, func(t *testing.T) {
			s.on(t)
			build, ok := baselines[d.meta.ID]
			if !ok {
				t.Fatalf("the operation %s has no baseline", d.meta.ID)
			}
			base := build(s)
			s.check(s.fleet.Pump(s.ctx()))
			rows := d.rows(s, base)
			for _, r := range rows {
				t.Run(r.name, func(t *testing.T) { s.on(t).refused(d, base, r) })
			}
			total += len(rows)
			s.on(t).takes(d, base)
		})
		s.on(t)
	}
	t.Logf("%d rows over %d operations", total, len(contract.Operations()))
	for id := range baselines {
		if !slices.ContainsFunc(contract.Operations(), func(o contract.Described) bool { return o.Meta().ID == id }) {
			t.Errorf("the baseline %s is of no operation", id)
		}
	}
}

// on makes a test the one that the scene reports to.
func (s *scene) on(t *testing.T) *scene {
	s.t = t
	return s
}

// sending is the baseline as it leaves; body and maps are the row's own.
func (s *scene) sending(d described, base request) *sent {
	s.t.Helper()
	r := &sent{token: s.tokens[base.who], path: maps.Clone(base.path), query: maps.Clone(base.query), kind: "application/json", headers: map[string]string{}}
	if r.query == nil {
		r.query = map[string]string{}
	}
	if base.body != nil {
		encoded, err := json.Marshal(base.body)
		s.check(err)
		body := map[string]any{}
		s.check(json.Unmarshal(encoded, &body))
		r.body = body
	}
	if d.meta.Key {
		r.headers["Idempotency-Key"] = api.Key()
	}
	if d.meta.Match {
		r.headers["If-Match"] = base.match
	}
	return r
}

// send sends it in a language, past the client: nothing is delivered meanwhile.
func (s *scene) send(d described, r *sent, language string) fleet.Answer {
	s.t.Helper()
	path := d.meta.Path
	for name, value := range r.path {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	query := url.Values{}
	for name, value := range r.query {
		query.Set(name, value)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	body := r.raw
	if body == nil && r.body != nil {
		var err error
		body, err = json.Marshal(r.body)
		s.check(err)
	}
	headers := []string{"Accept-Language", language}
	if len(body) > 0 {
		kind := r.kind
		if kind == "" {
			kind = "application/json"
		}
		headers = append(headers, "Content-Type", kind)
	}
	if r.token != "" {
		headers = append(headers, "Authorization", "Bearer "+r.token)
	}
	for name, value := range r.headers {
		headers = append(headers, name, value)
	}
	return s.fleet.HTTP(s.ctx(), d.meta.Method, path, body, headers...)
}

// refused sends one row in both languages and checks the refusal.
func (s *scene) refused(d described, base request, r row) {
	s.t.Helper()
	before, err := s.fleet.Raw()
	s.check(err)
	request := s.sending(d, base)
	r.change(request)
	problems := map[string]httpapi.Problem{}
	for _, language := range []string{"vi", "en"} {
		problems[language] = s.problem(s.send(d, request, language), r)
	}
	s.sameIn(problems["vi"], problems["en"])
	s.unchanged(before, nil)
}

// problem reads a refusal and holds it to its row.
func (s *scene) problem(a fleet.Answer, r row) httpapi.Problem {
	s.t.Helper()
	var p httpapi.Problem
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
		s.t.Errorf("answered %d with %s, no problem document: %.300s", a.Status, kind, a.Body)
		return p
	}
	s.check(json.Unmarshal(a.Body, &p))
	if a.Status != r.status || p.Status != r.status || p.Code != r.code {
		s.t.Errorf("answered %d (%d) %s, not %d %s: %s", a.Status, p.Status, p.Code, r.status, r.code, a.Body)
	}
	named := func(f httpapi.WrongField) bool { return f.Path == r.path && f.Code == r.rule }
	if r.path != "" && !slices.ContainsFunc(p.Errors, named) {
		s.t.Errorf("the field %s (%s) is not named: %s", r.path, r.rule, a.Body)
	}
	for _, echoed := range []string{marker, "987654321"} {
		if bytes.Contains(a.Body, []byte(echoed)) {
			s.t.Errorf("the answer holds what was submitted: %s", a.Body)
		}
	}
	return p
}

// sameIn checks that both languages say the same in their own words.
func (s *scene) sameIn(vi, en httpapi.Problem) {
	s.t.Helper()
	if vi.Detail == en.Detail || vi.Title == en.Title || vi.Detail == vi.Code {
		s.t.Errorf("%s has no words of its own in both languages: %q, %q (%q, %q)", vi.Code, vi.Title, en.Title, vi.Detail, en.Detail)
	}
	if len(vi.Errors) != len(en.Errors) {
		s.t.Errorf("%d fields in Vietnamese, %d in English", len(vi.Errors), len(en.Errors))
		return
	}
	for i, f := range vi.Errors {
		if other := en.Errors[i]; f.Path == other.Path && (f.Detail == other.Detail || f.Detail == f.Code) {
			s.t.Errorf("the rule %s of %s has no words of its own in both languages: %q", f.Code, f.Path, f.Detail)
		}
	}
}

// unchanged checks that the table stands as before: but for the windows of the
// limiter, and what a row allows.
func (s *scene) unchanged(before map[string]dynamodb.Stored, allowed func(key string) bool) {
	s.t.Helper()
	after, err := s.fleet.Raw()
	s.check(err)
	for key, item := range after {
		if strings.HasPrefix(key, "X#") || allowed != nil && allowed(key) {
			continue
		}
		if stood, there := before[key]; !there || !stood.Same(item) {
			s.t.Errorf("the item %s was written (there before: %v)", key, there)
		}
	}
	for key := range before {
		if _, there := after[key]; !there {
			s.t.Errorf("the item %s is gone", key)
		}
	}
}

// takes sends the baseline, which must succeed; the same once more, which gives
// the same; and the same key with another body, which does not.
func (s *scene) takes(d described, base request) {
	s.t.Helper()
	r := s.sending(d, base)
	a := s.send(d, r, "vi")
	if a.Status != d.meta.Status {
		s.t.Fatalf("the baseline answered %d, not %d: %s", a.Status, d.meta.Status, a.Body)
	}
	s.check(s.fleet.Pump(s.ctx()))
	if !d.meta.Key {
		return
	}
	before, err := s.fleet.Raw()
	s.check(err)
	if again := s.send(d, r, "vi"); again.Status != a.Status {
		s.t.Errorf("a repeat answered %d, not %d: %s", again.Status, a.Status, again.Body)
	}
	s.unchanged(before, nil)
	if base.body == nil {
		return
	}
	if base.again == nil {
		s.t.Fatalf("the baseline of %s has no other body", d.meta.ID)
	}
	for name, value := range base.again {
		r.body.(map[string]any)[name] = value
	}
	reused := row{status: 422, code: "key_reused"}
	s.sameIn(s.problem(s.send(d, r, "vi"), reused), s.problem(s.send(d, r, "en"), reused))
	s.unchanged(before, nil)
}
