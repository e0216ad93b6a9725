package admin_test

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

	"paht/functions/admin"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/cloud/doors"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/settings"
)

var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// office is the function over the embedded AWS, with the demo's directory and one
// administrator at work.
type office struct {
	*testing.T
	world   *cloudtest.World
	base    cloud.Base
	flow    account.Flow
	step    *admin.Step
	handler http.Handler
	admin   string // the administrator's token
	adminID string
}

func open(t *testing.T) *office {
	w := cloudtest.Open(t, monday, report.QueueNotify)
	o := &office{T: t, world: w, base: cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)}
	o.flow = o.base.AccountFlow(w.Queues())
	o.step = &admin.Step{Flow: o.flow, Accounts: o.base.Accounts(), Names: o.base.Accounts(), Audit: o.base.Audit(),
		Settings: o.base.Settings, Acts: o.base.Acts(), Keys: w.Keys, Now: w.Now}
	server, err := doors.New(o.base, "https://paht.example.vn")
	if err != nil {
		t.Fatal(err)
	}
	o.step.Bind(server)
	o.handler = server
	o.adminID, o.admin = o.officer("admin", "", "administrator")
	for _, kind := range []settings.Kind{settings.Units, settings.Agencies, settings.Categories} {
		if a := o.store(kind, demo(t, kind), 0); a.status != 200 {
			t.Fatalf("storing %s: %s", kind, a.raw)
		}
	}
	return o
}

// demo is a document of the made-up province.
func demo(t *testing.T, kind settings.Kind) []byte {
	t.Helper()
	data, err := os.ReadFile("../../data/demo/" + string(kind) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// officer makes an officer who has set a password and has a session.
func (o *office) officer(logIn, agency string, roles ...string) (id, token string) {
	o.Helper()
	act := account.Act{Key: "making " + logIn, Request: "r", At: o.world.Now()}
	if err := o.base.Accounts().Claim(o.Context(), logIn, account.ID(act.Key), act.At); err != nil {
		o.Fatal(err)
	}
	a, err := o.flow.Create(o.Context(), account.Appointed(account.Appointment{
		Registration: account.Registration{
			Private: account.Private{Name: "Cán bộ " + logIn, LogIn: logIn, Email: logIn + "@example.vn", Password: "hash"},
			Act:     act, Inactive: act.At.AddDate(1, 0, 1), CodeLife: time.Hour,
		},
		By: account.ActorStack, Agency: agency, Roles: roles, Handed: true,
	}))
	if err != nil {
		o.Fatal(err)
	}
	return a.ID, o.session(a)
}

func (o *office) session(a account.Account) string {
	o.Helper()
	token := account.NewToken()
	hash := account.TokenHash(token)
	if err := o.base.Sessions().Open(o.Context(), a.Began(hash, "", 30, o.world.Now()), hash); err != nil {
		o.Fatal(err)
	}
	return token
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (a answer) code() string {
	code, _ := a.body["code"].(string)
	fields, _ := a.body["errors"].([]any)
	for _, f := range fields {
		field := f.(map[string]any)
		code += fmt.Sprintf(" %s=%s", field["path"], field["code"])
	}
	return code
}

func (a answer) text(name string) string { s, _ := a.body[name].(string); return s }

// call sends a request of the administrator; headers come in pairs.
func (o *office) call(method, path string, body any, headers ...string) answer {
	o.Helper()
	payload, err := json.Marshal(body)
	if err != nil {
		o.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(payload))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(httpapi.OriginHeader, cloudtest.Origin)
	r.Header.Set("Authorization", "Bearer "+o.admin)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); a.raw != "" && err != nil {
		o.Fatalf("%s %s answered %s", method, path, a.raw)
	}
	return a
}

type fields map[string]any

func (o *office) act(method, path string, body any, key string) answer {
	o.Helper()
	return o.call(method, path, body, "Idempotency-Key", key)
}

// store stores a settings document over a version.
func (o *office) store(kind settings.Kind, document []byte, over int, query ...string) answer {
	o.Helper()
	path := "/v1/admin/settings/" + string(kind) + strings.Join(query, "")
	return o.call("PUT", path, fields{"document": json.RawMessage(document)},
		"Idempotency-Key", fmt.Sprintf("storing-%s-%d", kind, over), "If-Match", fmt.Sprintf(`"%d"`, over))
}

func want(t *testing.T, what string, a answer, status int, code string) {
	t.Helper()
	if a.status != status || a.code() != code {
		t.Errorf("%s: %d %q, want %d %q\n%s", what, a.status, a.code(), status, code, strings.TrimSpace(a.raw))
	}
}

// entries is the number of entries in the audit of the first day.
func (o *office) entries() int { return o.world.Count("AU#2026-03-02") }
