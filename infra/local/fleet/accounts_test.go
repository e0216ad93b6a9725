package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// attempt logs somebody in, or tries to, and gives the status and the problem's code.
func (s *scene) attempt(client int, name, password string) (int, string) {
	a := s.ask(client, http.MethodPost, "/v1/sessions", nobody, "", "", map[string]any{"logIn": name, "password": password})
	var p api.Problem
	_ = json.Unmarshal(a.Body, &p) // what is no problem has no code
	return a.Status, p.Code
}

// words counts the notices of a type in an inbox.
func (s *scene) words(inbox, kind, account string) int {
	s.t.Helper()
	items, err := s.fleet.Items(inbox)
	s.check(err)
	n := 0
	for _, i := range items {
		var d struct{ Type, Account string }
		if strings.HasPrefix(i.Text("sk"), "n#") {
			s.check(i.Document(&d))
			if d.Type == kind && d.Account == account {
				n++
			}
		}
	}
	return n
}

// Five wrong passwords at once are five: the account is locked once, its owner and
// the department are told once, and only the department opens it, once.
func TestWrongPasswordsAtOnceLockAnAccountOnceAndItsOpeningIsOneAct(t *testing.T) {
	s := newScene(t)
	s.warm()
	name := s.registered()
	id := s.ids[name]
	w := s.watch()
	var wrong []func(context.Context)
	for client := range 5 {
		wrong = append(wrong, func(context.Context) {
			if status, _ := s.attempt(client, name, "sai-mat-khau"); status != http.StatusUnauthorized {
				t.Errorf("a wrong password was answered %d", status)
			}
		})
	}
	s.together(w, 0, wrong...)
	if status, code := s.attempt(-1, name, password); status != http.StatusUnauthorized || code != "account_locked" {
		t.Errorf("the right password of a locked account was answered %d %s", status, code)
	}
	s.sound(w)
	if owner, office := s.words("U#"+id, "account.locked", id), s.words("N#operator:accounts", "account.locked", id); owner != 1 || office != 1 {
		t.Errorf("of the lock the owner was told %d times and the department %d times", owner, office)
	}
	w = s.watch()
	_, path := doorOf(t, "unlock-account")
	path = strings.ReplaceAll(path, "{account}", id)
	key, body := api.Key(), map[string]any{"request": "Đơn ngày 10/3."}
	open := func(client int) func(context.Context) {
		return func(context.Context) {
			if a := s.ask(client, http.MethodPost, path, administrator, "", key, body); a.Status != http.StatusOK {
				t.Errorf("the opening was answered %d: %s", a.Status, a.Body)
			}
		}
	}
	s.together(w, 0, open(0), open(1))
	open(-1)(s.ctx())
	if a := s.ask(-1, http.MethodPost, path, administrator, "", key, map[string]any{"request": "Đơn khác."}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("another request under the key was answered %d", a.Status)
	}
	s.sound(w)
	if status, code := s.attempt(-1, name, password); status != http.StatusCreated {
		t.Errorf("once it is open the right password was answered %d %s", status, code)
	}
}

// A code is sent to who needs one, and is used up by its use.
func TestACodeIsForWhoNeedsItAndForOneUse(t *testing.T) {
	s := newScene(t)
	name := s.fresh("ma")
	s.register(name, false)
	prove := func(body map[string]any) int {
		return s.ask(-1, http.MethodPost, "/v1/accounts/verification", nobody, "", "", body).Status
	}
	code, err := s.client.Code(s.ctx(), email(name))
	s.check(err)
	right := map[string]any{"logIn": name, "code": code}
	typed := map[string]any{"logIn": name, "code": strings.ToLower(code)}
	for _, row := range []struct {
		what string
		body map[string]any
		want int
	}{
		{"a wrong code", map[string]any{"logIn": name, "code": "00000000"}, http.StatusUnprocessableEntity},
		{"the right code", right, http.StatusNoContent},
		{"the same request once more", right, http.StatusNoContent},
		{"the used code in another request", typed, http.StatusUnprocessableEntity},
	} {
		if got := prove(row.body); got != row.want {
			t.Errorf("%s was answered %d, not %d", row.what, got, row.want)
		}
	}
	s.check(s.fleet.Settle(s.ctx()))
	before := len(s.letters())
	_, path := doorOf(t, "request-verification")
	s.do(http.StatusNoContent, api.Call{Method: http.MethodPost, Path: path, Body: map[string]any{"logIn": name}})
	s.check(s.fleet.Settle(s.ctx()))
	if now := len(s.letters()); now != before {
		t.Errorf("who needs no code was sent %d letters", now-before)
	}
	s.nothingWrong()
}

// A registration ends right after it has claimed its name: until the claim is over
// nobody else gets the name, then another does, and the first no more.
func TestAClaimedNameWithoutAnAccountIsTakenOverOnceItIsOver(t *testing.T) {
	s := newScene(t)
	name := s.fresh("ten")
	register := func(who, key string) int {
		return s.ask(-1, http.MethodPost, "/v1/accounts", nobody, "", key, map[string]any{"kind": "individual", "name": who, "logIn": name,
			"password": password, "email": email(name)}).Status
	}
	s.fleet.SetFaults(func(function string, r *http.Request, way http.RoundTripper) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if fleet.Describe(r).Operation == "PutItem" && bytes.Contains(body, []byte(`"pk":{"S":"L#`)) {
			return fleet.Inject(fleet.Crashed, r, way)
		}
		return way.RoundTrip(r)
	})
	first, second := api.Key(), api.Key()
	if got := register("Người Một", first); got != http.StatusInternalServerError {
		t.Errorf("the registration that ended was answered %d", got)
	}
	s.fleet.SetFaults(nil)
	if got := register("Người Hai", second); got != http.StatusConflict {
		t.Errorf("while the claim holds another was answered %d", got)
	}
	s.fleet.Advance(11 * time.Minute)
	for _, row := range []struct {
		who, key string
		want     int
	}{
		{"Người Hai", second, http.StatusCreated}, {"Người Hai", second, http.StatusCreated}, {"Người Một", first, http.StatusConflict},
		{"Người Ba", api.Key(), http.StatusConflict},
	} {
		if got := register(row.who, row.key); got != row.want {
			t.Errorf("once the claim is over %s was answered %d, not %d", row.who, got, row.want)
		}
	}
	s.check(s.fleet.Settle(s.ctx()))
	s.nothingWrong()
}

func TestTheOfficersOfAnAgencyAreListed(t *testing.T) {
	s := newScene(t)
	for of, want := range map[string]string{agency: handler, "SXD": stranger} {
		a := s.do(http.StatusOK, api.Call{Method: http.MethodGet, Path: "/v1/admin/officers?agency=" + of, Token: s.tokens[administrator]})
		var page struct{ Officers []contract.Account }
		s.check(a.Into(&page))
		if !slices.ContainsFunc(page.Officers, func(o contract.Account) bool { return o.LogIn == want }) ||
			slices.ContainsFunc(page.Officers, func(o contract.Account) bool { return o.Agency != of }) {
			t.Errorf("of %s are listed %+v", of, page.Officers)
		}
	}
}
