package account_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	step "paht/functions/account"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/cloud/doors"
	"paht/shared/httpapi"
	"paht/shared/message"
	"paht/shared/report"
)

var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

const origin = "https://paht.example.vn"

// door is the function over the embedded AWS.
type door struct {
	*testing.T
	world     *cloudtest.World
	base      cloud.Base
	flow      account.Flow
	handler   http.Handler
	passwords *counting
}

// counting counts the hashes that were made and checked.
type counting struct {
	*step.Argon
	mu            sync.Mutex
	made, checked int
	meanwhile     func() // after a check
}

func (c *counting) Hash(password string) (string, error) {
	c.mu.Lock()
	c.made++
	c.mu.Unlock()
	return c.Argon.Hash(password)
}

func (c *counting) Check(password, hash string) (bool, error) {
	c.mu.Lock()
	c.checked++
	meanwhile := c.meanwhile
	c.mu.Unlock()
	if meanwhile != nil {
		defer meanwhile()
	}
	return c.Argon.Check(password, hash)
}

func open(t *testing.T, limits step.Limits) *door {
	w := cloudtest.Open(t, monday, report.QueueNotify)
	argon, err := step.NewArgon(64, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{T: t, world: w, base: cloud.NewBase(w.Config, w.Table, w.Keys, w.Now), passwords: &counting{Argon: argon}}
	d.flow = d.base.AccountFlow(w.Queues())
	s := &step.Step{
		Flow: d.flow, Names: d.base.Accounts(), Accounts: d.base.Accounts(), Sessions: d.base.Sessions(),
		Passwords: d.passwords, Limiter: d.base.Limits(), Limits: limits, Settings: d.base.Settings,
		Keys: w.Keys, Now: w.Now, NewToken: account.NewToken,
	}
	server, err := doors.New(d.base, origin)
	if err != nil {
		t.Fatal(err)
	}
	s.Bind(server)
	d.handler = httpapi.Addressed(server, "")
	return d
}

// wide limits are in no test's way.
var wide = step.Limits{PerAddress: 1000, PerName: 1000, Registrations: 1000, Mails: 1000}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// code is the problem's code, and those of its fields.
func (a answer) code() string {
	code, _ := a.body["code"].(string)
	fields, _ := a.body["errors"].([]any)
	for _, f := range fields {
		field := f.(map[string]any)
		code += fmt.Sprintf(" %s=%s", field["path"], field["code"])
	}
	return code
}

func (a answer) text(path ...string) string {
	var v any = a.body
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// call sends a request; headers come in pairs.
func (d *door) call(method, path string, body any, headers ...string) answer {
	d.Helper()
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			d.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, path, &payload)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(httpapi.OriginHeader, cloudtest.Origin)
	r.RemoteAddr = "203.0.113.9"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "address" {
			r.RemoteAddr = headers[i+1]
		}
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if a.raw != "" {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			d.Fatalf("%s %s answered %s", method, path, a.raw)
		}
	}
	return a
}

type fields map[string]any

const password = "mưa nắng hai mùa"

func registration(logIn string) fields {
	return fields{"kind": "individual", "name": "Nguyễn Thị Lan", "logIn": logIn, "password": password, "email": logIn + "@example.vn"}
}

func (d *door) register(body fields, key string) answer {
	d.Helper()
	return d.call("POST", "/v1/accounts", body, "Idempotency-Key", key)
}

// lan registers an account and gives its id.
func (d *door) lan() string {
	d.Helper()
	a := d.register(registration("lan"), "registration-of-lan")
	if a.status != http.StatusCreated {
		d.Fatal(a.raw)
	}
	return a.text("id")
}

func (d *door) logIn(logIn, password string, headers ...string) answer {
	d.Helper()
	return d.call("POST", "/v1/sessions", fields{"logIn": logIn, "password": password, "device": "Điện thoại"}, headers...)
}

func (d *door) stored(id string) account.Account {
	d.Helper()
	a, err := d.base.Accounts().Load(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return a
}

// mailed gives the code that notify would mail for the message of that type.
func (d *door) mailed(kind message.Type) string {
	d.Helper()
	code := ""
	for _, e := range d.world.Received(report.QueueNotify) {
		if e.Type != kind {
			continue
		}
		asked, err := d.base.Accounts().Asked(d.Context(), e.Account, e.Type, e.N, d.world.Now())
		if err != nil {
			d.Fatal(err)
		}
		code = asked.Code
	}
	if code == "" {
		d.Fatalf("no %s was sent", kind)
	}
	return code
}

func bearer(a answer) []string { return []string{"Authorization", "Bearer " + a.text("token")} }

func want(t *testing.T, what string, a answer, status int, code string) {
	t.Helper()
	if a.status != status || a.code() != code {
		t.Errorf("%s: %d %q, want %d %q\n%s", what, a.status, a.code(), status, code, strings.TrimSpace(a.raw))
	}
}
