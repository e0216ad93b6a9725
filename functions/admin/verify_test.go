package admin

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"paht/shared/ledger"
)

// asked keeps what the ledger was asked for.
type asked struct {
	request ledger.Request
	err     error
}

func (a *asked) Verify(_ context.Context, r ledger.Request) (ledger.Answer, error) {
	a.request = r
	return ledger.Answer{From: r.From, Next: "2026-11-02/"}, a.err
}

func TestVerifyIsAnOperationBesideTheOthers(t *testing.T) {
	var other string
	book := new(asked)
	operate := Verification{Ledger: book}.Or(func(_ context.Context, name string, _ json.RawMessage) (any, error) {
		other = name
		return "made", nil
	})
	event := `{"operation":"verify","from":"2026-11-01","to":"2026-11-30","after":"2026-11-01/PA-1","reports":20}`
	answer, err := operate(t.Context(), Verify, json.RawMessage(event))
	if err != nil {
		t.Fatal(err)
	}
	if want := (ledger.Request{From: "2026-11-01", To: "2026-11-30", After: "2026-11-01/PA-1", Reports: 20}); book.request != want {
		t.Errorf("asked for %+v", book.request)
	}
	if a, ok := answer.(ledger.Answer); !ok || a.Next == "" || other != "" {
		t.Errorf("answered %+v, and another operation was called: %q", answer, other)
	}
	if answer, err := operate(t.Context(), FirstAdministrator, json.RawMessage(`{}`)); err != nil || answer != "made" || other != FirstAdministrator {
		t.Errorf("another operation gave %v, %v", answer, err)
	}
}

func TestVerifySaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, event, says string
		err               error
	}{
		{"an unknown field", `{"operation":"verify","form":"2026-11-01"}`, "form", nil},
		{"another type", `{"operation":"verify","reports":"all"}`, "reading the event of verify", nil},
		{"what the ledger says", `{"operation":"verify"}`, "from: must be a day", errors.New("from: must be a day like 2026-11-24")},
	} {
		t.Run(c.name, func(t *testing.T) {
			operate := Verification{Ledger: &asked{err: c.err}}.Or(nil)
			if _, err := operate(t.Context(), Verify, json.RawMessage(c.event)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("gave %v", err)
			}
		})
	}
}

func TestTheTimeLeftIsTheInvocations(t *testing.T) {
	past, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if left := TimeLeft(past); left >= 0 {
		t.Errorf("after the deadline %v are left", left)
	}
	if left := TimeLeft(t.Context()); left <= 0 {
		t.Errorf("without a deadline %v are left", left)
	}
}
