// Package doortest stands a step's door on the embedded AWS, with the made-up
// province of data/demo, people who are logged in, and reports wherever a test
// wants them. Only tests import it; it must never import a step.
package doortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/cloud/doors"
	"paht/shared/effect"
	"paht/shared/httpapi"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
)

// Begin is 08:00 on a Tuesday in the province.
var Begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// Province is the embedded AWS with what a step needs of it.
type Province struct {
	*testing.T

	World *cloudtest.World
	Base  cloud.Base
	Flow  effect.Flow

	handler http.Handler
	ids     map[string]string // name → account
	tokens  map[string]string
	acts    int
}

// Bare makes the province before its department has stored anything.
func Bare(t *testing.T) *Province {
	t.Helper()
	w := cloudtest.Open(t, Begin, report.QueueScreen, report.QueueRoute, report.QueuePublish, report.QueueNotify)
	p := &Province{T: t, World: w, Base: cloud.NewBase(w.Config, w.Table, w.Keys, w.Now), ids: map[string]string{}, tokens: map[string]string{}}
	p.Flow = p.Base.Flow(effect.Router{Sender: w.Queues()})
	return p
}

// Open makes the province with its directory and the queues of the flow.
func Open(t *testing.T) *Province {
	t.Helper()
	p := Bare(t)
	for _, kind := range []settings.Kind{settings.Units, settings.Agencies, settings.Categories} {
		data, err := os.ReadFile("../../data/demo/" + string(kind) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		p.Store(kind, string(data))
	}
	return p
}

// Store makes a document the current one of its kind.
func (p *Province) Store(kind settings.Kind, document string) {
	p.Helper()
	snapshot, err := p.Base.Settings.Load(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	doc, _ := snapshot.Current(kind)
	if _, err := p.Base.Settings.Store(p.Context(), kind, []byte(document), doc.Version, "admin", p.World.Now()); err != nil {
		p.Fatalf("storing %s: %v", kind, err)
	}
}

// Serve puts a step behind the door.
func (p *Province) Serve(bind func(*httpapi.Server)) {
	server, err := doors.New(p.Base, "https://paht.example.vn")
	if err != nil {
		p.Fatal(err)
	}
	bind(server)
	p.handler = server
}

// Officer makes an officer who is logged in, and gives the account.
func (p *Province) Officer(name, agency string, roles ...string) string {
	p.Helper()
	return p.person(name, account.Appointed(account.Appointment{
		Registration: p.registration(name), By: account.ActorStack, Agency: agency, Roles: roles, Handed: true,
	}))
}

// Reporter makes a reporter who is logged in, and gives the account.
func (p *Province) Reporter(name string) string {
	p.Helper()
	r := p.registration(name)
	r.Kind = account.Individual
	return p.person(name, account.Registered(r))
}

func (p *Province) registration(name string) account.Registration {
	at := p.World.Now()
	return account.Registration{
		Private: account.Private{Name: "Họ tên của " + name, LogIn: name, Email: name + "@example.vn", Password: "hash"},
		Act:     account.Act{Key: "making " + name, Request: "r", At: at}, Inactive: at.AddDate(1, 0, 1), CodeLife: time.Hour,
	}
}

func (p *Province) person(name string, a account.Account) string {
	p.Helper()
	stored, err := p.Base.AccountFlow(p.World.Queues()).Create(p.Context(), a)
	if err != nil {
		p.Fatal(err)
	}
	token := account.NewToken()
	hash := account.TokenHash(token)
	if err := p.Base.Sessions().Open(p.Context(), stored.Began(hash, "", 30, p.World.Now()), hash); err != nil {
		p.Fatal(err)
	}
	p.ids[name], p.tokens[name] = stored.ID, token
	p.World.Received(report.QueueNotify) // the code that proves an address is no test's here
	return stored.ID
}

// ID is the account of a person.
func (p *Province) ID(name string) string { return p.ids[name] }

// Answer is what the door answered.
type Answer struct {
	Status int
	Header http.Header
	Body   map[string]any
	Raw    string
}

// Code is the problem's code, and those of its fields with their paths and facts.
func (a Answer) Code() string {
	code, _ := a.Body["code"].(string)
	fields, _ := a.Body["errors"].([]any)
	for _, f := range fields {
		field, _ := f.(map[string]any)
		code += fmt.Sprintf(" %s=%s", field["path"], field["code"])
		if facts, ok := field["facts"].([]any); ok {
			code += fmt.Sprint(facts)
		}
	}
	return code
}

// At finds a value in the answer: names of objects, numbers of lists.
func (a Answer) At(path ...any) any {
	var v any = a.Body
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

// Fields is a request's body.
type Fields map[string]any

// Call sends a request of somebody, or of nobody; headers come in pairs.
func (p *Province) Call(who, method, path string, body any, headers ...string) Answer {
	p.Helper()
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			p.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(p.Context(), method, path, &payload)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(httpapi.OriginHeader, cloudtest.Origin)
	if token := p.tokens[who]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	a := Answer{Status: w.Code, Header: w.Header(), Raw: strings.TrimSpace(w.Body.String())}
	if err := json.Unmarshal(w.Body.Bytes(), &a.Body); a.Raw != "" && err != nil {
		p.Fatalf("%s %s answered %s", method, path, a.Raw)
	}
	return a
}

// Act sends an act under a key of its own, on what the actor saw: an event number.
func (p *Province) Act(who, method, path string, seen int, body any) Answer {
	p.Helper()
	p.acts++
	return p.Call(who, method, path, body, "Idempotency-Key", fmt.Sprintf("act-number-%d", p.acts), "If-Match", httpapi.ETag(seen))
}

// Want compares an answer with what it should be.
func (p *Province) Want(what string, a Answer, status int, code string) {
	p.Helper()
	if a.Status != status || a.Code() != code {
		p.Errorf("%s: %d %q, want %d %q\n%s", what, a.Status, a.Code(), status, code, a.Raw)
	}
}

// As is the context of an act at this moment, past the door.
func (p *Province) As(by report.Actor) report.Context {
	p.Helper()
	c, _, err := p.Base.Maker().ByMachine(p.Context(), "test", message.Envelope{})
	if err != nil {
		p.Fatal(err)
	}
	c.By = by
	return c
}

// Submit stores a report of a person's; change may alter what is submitted.
func (p *Province) Submit(owner string, change func(*report.Submission)) report.Report {
	p.Helper()
	p.acts++
	s := report.Submission{
		ID: report.Code(owner, fmt.Sprint(p.acts), 0), Owner: p.ids[owner], Channel: "website", Notice: report.ByEmail,
		Category: "giao_thong", Commune: "99001", Text: "Đường có ổ gà lớn trước cổng trường tiểu học.", Address: "Số 1 đường Thử",
	}
	if change != nil {
		change(&s)
	}
	c, err := report.Submit(s, p.As(report.Actor{Kind: report.ByReporter, ID: s.Owner}))
	if err != nil {
		p.Fatal(err)
	}
	r, err := p.Flow.Begin(p.Context(), c)
	if err != nil {
		p.Fatal(err)
	}
	return r
}

// Decide is one decision about a stored report.
type Decide func(r report.Report, c report.Context) (report.Change, error)

// Change carries decisions out, one after the other, past the door, as an officer
// of an agency.
func (p *Province) Change(id, agency string, decisions ...Decide) report.Report {
	p.Helper()
	var r report.Report
	for i, decide := range decisions {
		var err error
		r, _, err = p.Flow.Act(p.Context(), id, func(h report.History) (report.Change, error) {
			return decide(h.Report, p.As(report.Actor{Kind: report.ByOfficer, ID: "officer", Agency: agency}))
		})
		if err != nil {
			p.Fatalf("decision %d about %s: %v", i+1, id, err)
		}
	}
	return r
}

// Accept is the decision of a screener.
func Accept(r report.Report, c report.Context) (report.Change, error) { return report.Accept(r, "", c) }

// Transfer is the decision of a router for agencies.
func Transfer(agencies ...string) Decide {
	return func(r report.Report, c report.Context) (report.Change, error) {
		var targets []report.Target
		for _, a := range agencies {
			targets = append(targets, report.Target{Agency: a, Days: 3})
		}
		return report.Transfer(r, targets, "", c)
	}
}

// Receive is an agency's receipt of a part.
func Receive(assignment string) Decide {
	return func(r report.Report, c report.Context) (report.Change, error) {
		return report.Receive(r, assignment, c)
	}
}

// Load gives a report with its history as it is stored.
func (p *Province) Load(id string) report.History {
	p.Helper()
	h, err := p.Base.Reports().Load(p.Context(), id)
	if err != nil {
		p.Fatal(err)
	}
	return h
}

// Body opens the body of an event of a stored report.
func (p *Province) Body(r report.Report, n int) report.Body {
	p.Helper()
	b, err := p.Base.Reports().Body(p.Context(), r, n)
	if err != nil {
		p.Fatal(err)
	}
	if b == nil {
		return report.Body{}
	}
	return *b
}
