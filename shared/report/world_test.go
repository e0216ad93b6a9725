package report

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"paht/shared/fault"
)

// plainTerms count every limit in minutes on the wall; worktime has the rules of
// office hours and its own tests.
type plainTerms struct{}

func (plainTerms) Clock(name, _ string, from time.Time, days int) (Clock, error) {
	minutes := map[string]int{ClockScreening: 120, ClockTransfer: 60, ClockReturn: 60, ClockRedistribute: 60,
		ClockResult: 60, ClockPublication: 60}[name]
	if name == ClockHandling {
		return Clock{Name: name, Start: from, Due: from.AddDate(0, 0, days), Unit: WorkingDays, Amount: days, Calendar: "c1", Policy: "p1"}, nil
	}
	return Clock{Name: name, Start: from, Due: from.Add(time.Duration(minutes) * time.Minute), Unit: ClockTime, Amount: minutes, Calendar: "c1", Policy: "p1"}, nil
}

func (plainTerms) Worked(_ string, from, to time.Time) int { return int(to.Sub(from).Minutes()) }

var monday = time.Date(2024, 8, 26, 1, 0, 0, 0, time.UTC) // 08:00 in Vietnam

func keyed(b []byte) string {
	sum := sha256.Sum256(append([]byte("key"), b...))
	return hex.EncodeToString(sum[:])
}

// story drives a report through decisions and keeps its history.
type story struct {
	t  *testing.T
	h  History
	at time.Time
}

func (s *story) context(by Actor) Context {
	return Context{At: s.at, By: by, Terms: plainTerms{}, Keyed: keyed, Delay: time.Minute}
}

var (
	citizen  = Actor{Kind: ByReporter, ID: "acct"}
	screener = Actor{Kind: ByOfficer, ID: "lan", Agency: "TTDH"}
	handler  = Actor{Kind: ByOfficer, ID: "minh", Agency: "SXD"}
	stranger = Actor{Kind: ByOfficer, ID: "khac", Agency: "SNNMT"}
	machine  = Actor{Kind: ByMachine, ID: "screen"}
)

func submitted(t *testing.T) *story {
	s := &story{t: t, at: monday}
	c := s.context(citizen)
	c.Key, c.Request = "k1", "r1"
	change, err := Submit(Submission{ID: Code("acct", "k1", 0), Owner: "acct", Channel: "website", Notice: ByEmail,
		Category: "giao_thong", Commune: "99001", Text: "Nắp cống bị mất", Media: []string{"slot1"}}, c)
	s.take(change, err)
	return s
}

// take applies a change as the store would.
func (s *story) take(change Change, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("deciding: %v", err)
	}
	if change.Before != nil && change.Before.Version != s.h.Report.Version {
		s.t.Fatalf("decided on version %d, stored is %d", change.Before.Version, s.h.Report.Version)
	}
	s.h.Report = change.After
	if !change.Quiet {
		s.h.Events = append(s.h.Events, change.After.Newest)
	}
	if err := VerifyChain(s.h.Events); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) after(d time.Duration) *story { s.at = s.at.Add(d); return s }

func (s *story) accepted() *story {
	s.t.Helper()
	s.take(Screened(s.h.Report, nil, nil, s.context(machine)))
	s.take(Accept(s.h.Report, "", s.after(time.Hour).context(screener)))
	s.take(AnswerSent(s.h, s.h.Report.Newest.N, s.after(time.Minute).context(machine)))
	return s
}

func (s *story) transferred() *story {
	s.t.Helper()
	s.accepted()
	s.take(Proposed(s.h.Report, Proposal{Agency: "SXD", Days: 3}, s.context(machine)))
	s.take(Transfer(s.h.Report, []Target{{Agency: "SXD", Days: 3}}, "", s.after(time.Minute).context(screener)))
	return s
}

func (s *story) concluded() *story {
	s.t.Helper()
	s.transferred()
	s.take(Receive(s.h.Report, "a1", s.after(time.Minute).context(handler)))
	at := s.after(time.Hour).at
	s.take(Conclude(s.h.Report, "a1", SignedResult{Slot: "pdf", SHA256: "x", ResultAt: at, SignedAt: at, Summary: "Đã thay nắp cống"},
		s.after(time.Minute).context(handler)))
	return s
}

func (s *story) released() *story {
	s.t.Helper()
	s.concluded()
	d := Draft{Title: "Nắp cống", Content: "Nắp cống bị mất", Answer: "Đã thay", Media: []PublicMedium{{Slot: "slot1", Checked: true}}}
	s.take(Drafted(s.h.Report, "a1", d, s.context(machine)))
	s.take(Release(s.h.Report, "a1", d, "Trần Văn A", s.after(time.Minute).context(screener)))
	return s
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	if f := fault.As(err); f == nil || (f.Code != code && (len(f.Fields) == 0 || f.Fields[0].Code != code)) {
		t.Fatalf("got %v, want the fault %s", err, code)
	}
}
