package fleet_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
)

// sealedUnder counts the sealed values of what begins with a prefix by the key that
// stands beside each: its length, its id.
func (s *scene) sealedUnder(prefix string) map[string]int {
	s.t.Helper()
	items, err := s.fleet.Items(prefix)
	s.check(err)
	counts := map[string]int{}
	for _, i := range items {
		for name, a := range i {
			if name == "d" || name == "sum" {
				continue // packed, and not sealed
			}
			if n := len(a.B); n > 0 && n > int(a.B[0]) {
				counts[string(a.B[1:1+int(a.B[0])])]++
			}
		}
	}
	return counts
}

// under stores the document of secrets with these keys, the first in use, and starts
// every function anew.
func (s *scene) under(keys ...string) {
	s.t.Helper()
	name := s.fleet.Template().Functions[0].Environment["SECRET"]
	_, err := s.fleet.AWS().Parameters().Put(name, "SecureString", `{"keys":[`+strings.Join(keys, ",")+`],"origin":["`+fleet.Front+`"]}`, true)
	s.check(err)
	s.fleet.Restart()
}

// readOwn is what a reporter is shown of an own report.
func (s *scene) readOwn(code string) (int, string) {
	s.t.Helper()
	a, err := s.client.Do(s.ctx(), api.Call{Method: http.MethodGet, Path: "/v1/reports/" + code, Token: s.tokens[reporter]})
	s.check(err)
	return a.Status, string(a.Body)
}

// The rotation of RUNBOOK.md: a second key, then what is written under it, then the
// first one gone.
func TestTheKeysAreRotated(t *testing.T) {
	s := newScene(t)
	name := s.fleet.Template().Functions[0].Environment["SECRET"]
	stored, err := s.fleet.AWS().Parameters().Get(name)
	s.check(err)
	_, after, _ := strings.Cut(stored.Value, `"keys":[`)
	first, _, _ := strings.Cut(after, `]`)
	second := `{"id":"t2","secret":"` + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("2", 32))) + `"}`

	before, open := s.accepted(), s.submitted()
	page := func(cursor string) api.Answer {
		a, err := s.client.Do(t.Context(), api.Call{Method: http.MethodGet, Path: "/v1/reports?limit=1" + cursor, Token: s.tokens[reporter]})
		s.check(err)
		return a
	}
	var list struct{ Next string }
	s.check(page("").Into(&list))
	if list.Next == "" {
		t.Fatal("there is no second page")
	}
	if got := s.sealedUnder("B#" + before.code); got["t1"] == 0 || len(got) != 1 {
		t.Fatalf("the first report is sealed under %v", got)
	}

	s.under(second, first)
	status, body := s.readOwn(before.code)
	if status != http.StatusOK || !strings.Contains(body, text) {
		t.Errorf("what the old key sealed: %d %s", status, body)
	}
	if a := page("&cursor=" + list.Next); a.Status != http.StatusOK {
		t.Errorf("a cursor of before: %d %s", a.Status, a.Body)
	}
	if s.logIn(reporter) == "" {
		t.Error("nobody can log in by a name of before")
	}
	old := s.sealedUnder("B#" + before.code)["t1"]
	s.post(screener, "/v1/reports/"+open.code+"/refusal", open.etag, http.StatusOK, map[string]any{"code": "9.1", "reason": "Không rõ nội dung phản ánh."})
	since := s.submitted()
	s.check(s.fleet.Settle(t.Context()))
	for code, keys := range map[string][]string{before.code: {"t1"}, open.code: {"t1", "t2"}, since.code: {"t2"}} {
		got := s.sealedUnder("R#" + code)
		for key, n := range s.sealedUnder("B#" + code) {
			got[key] += n
		}
		var under []string
		for key := range got {
			under = append(under, key)
		}
		if slices.Sort(under); !slices.Equal(under, keys) {
			t.Errorf("%s is sealed under %v, want %v", code, got, keys)
		}
	}
	if got := s.sealedUnder("B#" + before.code)["t1"]; got < old {
		t.Errorf("what was sealed before was written anew: %d of %d", got, old)
	}
	if got := s.deviations(); len(got) > 0 {
		t.Errorf("the checker finds %v", got)
	}

	// The old key may go only where nothing names it: a report of before needs it.
	s.under(second)
	if status, body := s.readOwn(since.code); status != http.StatusOK || !strings.Contains(body, text) {
		t.Errorf("what the new key sealed, without the old one: %d %s", status, body)
	}
	if status, body := s.readOwn(before.code); status != http.StatusInternalServerError || strings.Contains(body, text) {
		t.Errorf("what the old key sealed, without it: %d %s", status, body)
	}
	s.under(second, first)
	if status, _ := s.readOwn(before.code); status != http.StatusOK {
		t.Errorf("with the old key put back: %d", status)
	}
}
