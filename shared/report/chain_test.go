package report

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAnAlteredHistoryIsNamed(t *testing.T) {
	events := submitted(t).released().h.Events
	for i := range events {
		copied := append([]Event(nil), events...)
		copied[i].At = copied[i].At.Add(time.Second)
		if err := VerifyChain(copied); err == nil || !strings.Contains(err.Error(), "altered") {
			t.Fatalf("event %d altered: %v", i+1, err)
		}
		if i > 0 && VerifyChain(append(append([]Event(nil), events[:i-1]...), events[i:]...)) == nil {
			t.Fatalf("event %d left out unnoticed", i)
		}
	}
}

func TestCodesReadBackAsPeopleTypeThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account, key := rapid.String().Draw(t, "account"), rapid.String().Draw(t, "key")
		code := Code(account, key, rapid.IntRange(0, 9).Draw(t, "i"))
		if len(code) != 14 {
			t.Fatalf("%q has %d characters", code, len(code))
		}
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		typed = strings.NewReplacer("0", "o", "1", "l").Replace(typed)
		if got, ok := ParseCode(typed); !ok || got != code {
			t.Fatalf("%q typed as %q read as %q, %v", code, typed, got, ok)
		}
		at := rapid.IntRange(3, 12).Draw(t, "place")
		wrong := []byte(code)
		wrong[at] = crockford[(strings.IndexByte(crockford, wrong[at])+1)%32]
		if got, ok := ParseCode(string(wrong)); ok {
			t.Fatalf("one wrong character: %q read as %q", wrong, got)
		}
	})
}

func TestCodesOfDifferentPairsDiffer(t *testing.T) {
	if Code("ab", "c", 0) == Code("a", "bc", 0) || Code("a", "b", 0) == Code("a", "b", 1) {
		t.Fatal("two acts share a code")
	}
}

// A machine's random walk over a report never breaks the chain, never runs a
// clock twice and never leaves an open report without something to wait for.
func TestRandomWalks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := submitted(t)
		draft := Draft{Title: "t", Content: "c", Answer: "a"}
		acts := []func() (Change, error){
			func() (Change, error) { return Screened(s.h.Report, nil, nil, s.context(machine)) },
			func() (Change, error) { return Accept(s.h.Report, "", s.context(screener)) },
			func() (Change, error) {
				return Refuse(s.h.Report, Refusal{Code: "9.1", Reason: "r"}, s.context(screener))
			},
			func() (Change, error) { return AskSupplement(s.h.Report, "q", s.context(screener)) },
			func() (Change, error) {
				return AddSupplement(s.h.Report, SupplementText{Text: "x"}, s.context(citizen))
			},
			func() (Change, error) { return Withdraw(s.h.Report, "", s.context(citizen)) },
			func() (Change, error) { return AnswerSent(s.h, s.h.Report.Newest.N, s.context(machine)) },
			func() (Change, error) { return Proposed(s.h.Report, Proposal{}, s.context(machine)) },
			func() (Change, error) {
				return Transfer(s.h.Report, []Target{{Agency: "SXD", Days: 1}}, "", s.context(screener))
			},
			func() (Change, error) { return Receive(s.h.Report, newestPart(s), s.context(handler)) },
			func() (Change, error) { return Progress(s.h.Report, newestPart(s), "p", s.context(handler)) },
			func() (Change, error) {
				return Return(s.h.Report, newestPart(s), Opinion{Code: NotCompetent, Reason: "r"}, s.context(handler))
			},
			func() (Change, error) {
				return Conclude(s.h.Report, newestPart(s), SignedResult{ResultAt: s.at, SignedAt: s.at}, s.context(handler))
			},
			func() (Change, error) { return Drafted(s.h.Report, newestPart(s), draft, s.context(machine)) },
			func() (Change, error) { return Release(s.h.Report, newestPart(s), draft, "", s.context(screener)) },
			func() (Change, error) { return Answer(s.h.Report, "a", "", s.context(screener)) },
			func() (Change, error) { return Breach(s.h.Report, s.context(machine)) },
		}
		for range rapid.IntRange(1, 40).Draw(rt, "acts") {
			s.after(time.Duration(rapid.IntRange(0, 90).Draw(rt, "minutes")) * time.Minute)
			change, err := acts[rapid.IntRange(0, len(acts)-1).Draw(rt, "act")]()
			if err != nil {
				continue
			}
			s.take(change, nil)
			checkInvariants(rt, &s.h.Report)
		}
	})
}

func newestPart(s *story) string {
	if n := len(s.h.Report.Assignments); n > 0 {
		return s.h.Report.Assignments[n-1].ID
	}
	return "a1"
}

func checkInvariants(t *rapid.T, r *Report) {
	running := map[string]int{}
	each(r, func(assignment string, c *Clock) {
		if c.Running() {
			running[assignment+c.Name]++
		}
	})
	for name, n := range running {
		if n > 1 {
			t.Fatalf("the clock %s runs %d times", name, n)
		}
	}
	if r.State.Closed() {
		return
	}
	if len(running) == 0 {
		t.Fatalf("a report in %s waits for nothing", r.State)
	}
	if _, ok := r.Attention(); !ok {
		each(r, func(_ string, c *Clock) {
			if c.Running() && !c.Window && c.Breached == 0 {
				t.Fatalf("a report in %s has an open clock that nobody looks at", r.State)
			}
		})
	}
}
