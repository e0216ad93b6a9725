package intake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/intake"
	"paht/shared/settings"
)

// answers is a server that gives one answer to what an import asks of the settings.
func answers(t *testing.T, status int, body string, asked *http.Request) *intake.API {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/sessions" {
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, `{"token":"t"}`)
			return
		}
		*asked = *r
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	door, err := intake.LogIn(t.Context(), api.New(server.URL), "quantri", "p")
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func TestAPasswordGoesToAnotherMachineUnderTLSAlone(t *testing.T) {
	for _, row := range []struct {
		address string
		refused bool
	}{
		{"http://paht.example", true}, {"http://localhost.example", true}, {"http://10.0.0.1:8080", true}, {"paht.example", true}, {"https://", true},
		{"https://paht.example", false}, {"http://127.0.0.1:1", false}, {"http://localhost:1", false}, {"http://[::1]:1", false},
	} {
		t.Run(row.address, func(t *testing.T) {
			if err := intake.Private(row.address); (err != nil) != row.refused {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAStoreSaysWhatTheSystemAnswered(t *testing.T) {
	rows := []struct {
		name   string
		status int
		body   string
		want   string // of the error; "" is success
	}{
		{"stored", 200, `{"version":4,"stored":true}`, ""},
		{"answered as a dry run", 200, `{"version":3,"stored":false}`, "did not store them"},
		{"changed meanwhile", 412, `{"title":"stale","code":"stale"}`, "somebody else changed them meanwhile"},
		{"refused", 422, `{"title":"Invalid","errors":[{"path":"body.document.units[0].code","detail":"must not be empty"}]}`,
			"the system answered 422: Invalid\n  body.document.units[0].code: must not be empty"},
		{"too large", 413, `<html>`, "the system answered 413"},
		{"no JSON", 200, `<html>`, "reading the answer"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var asked http.Request
			version, err := answers(t, row.status, row.body, &asked).Store(t.Context(), settings.Units, 3, []byte(`{"units":[]}`))
			if row.want == "" && (err != nil || version != 4) || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("got %d, %v", version, err)
			}
			if key := asked.Header.Get("Idempotency-Key"); asked.Method != http.MethodPut || asked.URL.Path != "/v1/admin/settings/units" ||
				asked.Header.Get("If-Match") != `"3"` || asked.Header.Get("Authorization") != "Bearer t" || len(key) < 40 || len(key) > 64 {
				t.Errorf("asked was %s %s with %v", asked.Method, asked.URL, asked.Header)
			}
		})
	}
}

func TestAReadTellsNoneFromNoAnswer(t *testing.T) {
	rows := []struct {
		name   string
		status int
		body   string
		there  bool
		want   string
	}{
		{"a version", 200, `{"version":2,"sha256":"a","document":{"units":[]}}`, true, ""},
		{"none yet", 404, `{"title":"Not found","code":"not_found"}`, false, ""},
		{"another server's 404", 404, `<html>`, false, "the system answered 404"},
		{"no right", 403, `{"title":"Forbidden","code":"forbidden"}`, false, "the system answered 403: Forbidden"},
		{"no JSON", 200, `<html>`, false, "reading the answer"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d, there, err := answers(t, row.status, row.body, &http.Request{}).Read(t.Context(), settings.Units)
			if there != row.there || row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("got %v, %v", there, err)
			}
			if there && (d.Version != 2 || !json.Valid(d.Data)) {
				t.Errorf("got %+v", d)
			}
		})
	}
}
