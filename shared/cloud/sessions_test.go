package cloud_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/fault"
)

// session opens a session of a stored account.
func session(t *testing.T, s cloud.Sessions, a account.Account, token string, at time.Time) account.Session {
	t.Helper()
	hash := account.TokenHash(token)
	opened := a.Began(hash, "máy "+token[:3], 30, at)
	if err := s.Open(t.Context(), opened, hash); err != nil {
		t.Fatal(err)
	}
	return opened
}

var (
	tokenA = "aaa" + strings.Repeat("A", 40)
	tokenB = "bbb" + strings.Repeat("B", 40)
)

func TestWhoASessionIsOf(t *testing.T) {
	w := cloudtest.Open(t, monday)
	base := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)
	s, accounts := base.Sessions(), base.Accounts()
	officer := save(t, accounts, handler("1", "CQ1"))
	session(t, s, officer, tokenA, w.Now())
	p, err := s.Session(t.Context(), tokenA)
	if err != nil || p.Account != officer.ID || p.Agency != "CQ1" || p.Roles[0] != "handler" || p.Kind != "officer" || p.Channel != "website" {
		t.Fatalf("principal %+v, %v", p, err)
	}
	officer.Agency, officer.Roles = "CQ2", []string{"leader"}
	officer = save(t, accounts, officer)
	if p, err = s.Session(t.Context(), tokenA); err != nil || p.Agency != "CQ2" || p.Roles[0] != "leader" {
		t.Errorf("after a change of duty %+v, %v", p, err)
	}
	for _, unknown := range []string{"", "short", tokenB, strings.Repeat("x", 101)} {
		if _, err := s.Session(t.Context(), unknown); !fault.Is(err, "session_invalid") {
			t.Errorf("token %q answered %v", unknown, err)
		}
	}
	rights, err := s.Rights(t.Context(), p.Roles)
	if err != nil || !rights["part.handle"] || rights["settings.write"] {
		t.Errorf("rights %v, %v", rights, err)
	}
}

func TestWhenASessionEnds(t *testing.T) {
	for name, end := range map[string]func(w *cloudtest.World, s cloud.Sessions, a account.Account, id string) error{
		"when it expires": func(w *cloudtest.World, _ cloud.Sessions, _ account.Account, _ string) error {
			w.Pass(30 * 24 * time.Hour)
			return nil
		},
		"when the account is locked": func(w *cloudtest.World, s cloud.Sessions, a account.Account, _ string) error {
			rules := account.Rules{WrongPasswords: 1, Inactivity: func(last time.Time) time.Time { return last.AddDate(1, 0, 0) }}
			next, _, err := a.Tried(false, rules, w.Now())
			if err != nil {
				return err
			}
			_, err = cloud.Accounts{Table: w.Table, Keys: w.Keys}.Save(t.Context(), next)
			return err
		},
		"when the duty ends": func(w *cloudtest.World, s cloud.Sessions, a account.Account, _ string) error {
			next, err := a.Changed(account.Duty{Ended: true, By: "admin", Act: account.Act{Key: "end", At: w.Now()}})
			if err != nil {
				return err
			}
			_, err = cloud.Accounts{Table: w.Table, Keys: w.Keys}.Save(t.Context(), next)
			return err
		},
		"when it is ended": func(_ *cloudtest.World, s cloud.Sessions, a account.Account, id string) error {
			return s.End(t.Context(), a.ID, id)
		},
		"when all are ended, by the account's write alone": func(w *cloudtest.World, _ cloud.Sessions, a account.Account, _ string) error {
			next, err := a.SessionsEnded()
			if err != nil {
				return err
			}
			_, err = cloud.Accounts{Table: w.Table, Keys: w.Keys}.Save(t.Context(), next)
			return err
		},
		"when all are removed": func(_ *cloudtest.World, s cloud.Sessions, a account.Account, _ string) error {
			return s.EndAll(t.Context(), a.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := cloudtest.Open(t, monday)
			base := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)
			s := base.Sessions()
			a := save(t, base.Accounts(), handler("1", "CQ1"))
			opened := session(t, s, a, tokenA, w.Now())
			if _, err := s.Session(t.Context(), tokenA); err != nil {
				t.Fatal(err)
			}
			if err := end(w, s, a, opened.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Session(t.Context(), tokenA); !fault.Is(err, "session_invalid") {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func TestSessionsAreListedAndEndedOneByOne(t *testing.T) {
	w := cloudtest.Open(t, monday)
	base := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)
	s := base.Sessions()
	a := save(t, base.Accounts(), lan("k"))
	first := session(t, s, a, tokenA, w.Now())
	w.Pass(time.Hour)
	second := session(t, s, a, tokenB, w.Now())
	list, err := s.List(t.Context(), a)
	if err != nil || len(list) != 2 || list[0].ID != second.ID || list[1].Device != "máy aaa" {
		t.Fatalf("listed %+v, %v", list, err)
	}
	if err := s.End(t.Context(), "another", first.ID); !fault.Is(err, "not_found") {
		t.Errorf("ending another account's session answered %v", err)
	}
	if err := s.End(t.Context(), a.ID, first.ID); err != nil {
		t.Fatal(err)
	}
	if list, err = s.List(t.Context(), a); err != nil || len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("left %+v, %v", list, err)
	}
}

func TestASessionThatCanBeUsedCanBeEnded(t *testing.T) {
	for call := 1; call <= 2; call++ {
		w := cloudtest.Open(t, monday)
		base := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)
		s := base.Sessions()
		a := save(t, base.Accounts(), lan("k"))
		calls := 0
		w.Break(func(*http.Request) (before, after error) {
			if calls++; calls == call {
				return nil, errors.New("the connection broke")
			}
			return nil, nil
		})
		hash := account.TokenHash(tokenA)
		if err := s.Open(t.Context(), a.Began(hash, "", 30, w.Now()), hash); err == nil {
			t.Fatalf("call %d broke, and nothing was said", call)
		}
		w.Break(nil)
		if err := s.EndAll(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Session(t.Context(), tokenA); !fault.Is(err, "session_invalid") {
			t.Errorf("call %d broke, and the session outlives the end of all: %v", call, err)
		}
	}
}

func TestLimits(t *testing.T) {
	w := cloudtest.Open(t, monday)
	limits := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now).Limits()
	take := func(scope, subject string) bool {
		ok, err := limits.Take(t.Context(), scope, subject, 3, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for i, want := range []bool{true, true, true, false, false} {
		if got := take("address", "203.0.113.9"); got != want {
			t.Errorf("try %d is taken: %v", i+1, got)
		}
	}
	if !take("address", "203.0.113.10") || !take("name", "203.0.113.9") {
		t.Error("another address, or another scope, is counted together with the first")
	}
	w.Pass(time.Minute)
	if !take("address", "203.0.113.9") {
		t.Error("the next window takes nothing")
	}
}

func TestAnActIsOneEntryOfTheAudit(t *testing.T) {
	w := cloudtest.Open(t, monday)
	audit := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now).Audit()
	entry := account.Entry{At: w.Now(), Actor: "officer", Act: "account.unlocked", Subject: "a1b2", Key: "key", Reason: "Nguyễn Thị Lan gọi điện"}
	first, err := audit.Write(t.Context(), entry)
	if err != nil {
		t.Fatal(err)
	}
	entry.At = w.Now().Add(36 * time.Hour)
	if again, err := audit.Write(t.Context(), entry); err != nil || again != first {
		t.Errorf("the same act once more is %s, %v; first %s", again, err, first)
	}
	entry.Key = "another"
	if other, err := audit.Write(t.Context(), entry); err != nil || other == first {
		t.Errorf("another act is %s, %v", other, err)
	}
	for day, want := range map[string]int{"2026-03-02": 1, "2026-03-03": 1, "2026-03-04": 0} {
		if got := w.Count("AU#" + day); got != want {
			t.Errorf("%s has %d entries, want %d", day, got, want)
		}
	}
	nothingPersonal(t, w, "AU#2026-03-02", "AUK#"+first)
}

func TestKeyedActsAreAnsweredAlike(t *testing.T) {
	w := cloudtest.Open(t, monday)
	acts := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now).Acts()
	if got, err := acts.Find(t.Context(), "key", "request", "settings"); got != "" || err != nil {
		t.Fatalf("an unknown act: %q, %v", got, err)
	}
	for range 2 {
		if err := acts.Begin(t.Context(), "key", "request", "settings"); err != nil {
			t.Fatal(err)
		}
	}
	if err := acts.Begin(t.Context(), "key", "other", "settings"); !fault.Is(err, "key_reused") {
		t.Errorf("another request under the key answered %v", err)
	}
	if err := errors.Join(acts.Answered(t.Context(), "key", "one"), acts.Answered(t.Context(), "key", "two")); err != nil {
		t.Fatal(err)
	}
	if got, err := acts.Find(t.Context(), "key", "request", "settings"); got != "one" || err != nil {
		t.Errorf("answer %q, %v", got, err)
	}
	if _, err := acts.Find(t.Context(), "key", "other", "settings"); !fault.Is(err, "key_reused") {
		t.Errorf("another request's answer: %v", err)
	}
}
