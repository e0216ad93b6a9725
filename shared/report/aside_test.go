package report

import (
	"slices"
	"testing"
)

// TestWhichRowsAChangeOwes holds what is written beside the state: a row only where
// somebody would see another one.
func TestWhichRowsAChangeOwes(t *testing.T) {
	rows := func(r Report) []string {
		var names []string
		for _, e := range r.Owed {
			if _, _, message := SplitMessage(e.Name); !message && e.N == r.Newest.N {
				names = append(names, e.Name)
			}
		}
		slices.Sort(names)
		return names
	}
	// What was owed before is done: a row that may not stand is written again.
	one := func(t *testing.T) *story {
		s := submitted(t).accepted()
		s.h.Report.Owed = nil
		s.take(Transfer(s.h.Report, []Target{{Agency: "SXD", Days: 3}}, "", s.context(screener)))
		return s
	}
	two := func(t *testing.T) *story {
		s := both(t)
		s.h.Report.Owed = nil
		return s
	}
	for _, c := range []struct {
		name string
		tell func(t *testing.T) *story
		want []string
	}{
		{"a transfer to one agency changes the reporter's row alone", one, []string{ProjectMine}},
		{"a receipt changes the state alone", func(t *testing.T) *story {
			s := one(t)
			s.h.Report.Owed = nil
			s.take(Receive(s.h.Report, "a1", s.context(handler)))
			return s
		}, nil},
		{"the second of two parts has a row of its own", both, []string{ProjectMine, ProjectWork + "a2"}},
		{"the first steps aside for what was returned beside it", func(t *testing.T) *story {
			return two(t).handBack("a1", PartlyNotCompetent)
		}, []string{ProjectWork + "a1"}},
		{"the first steps aside for another part's return too", func(t *testing.T) *story {
			return two(t).handBack("a2", NotCompetent)
		}, []string{ProjectWork + "a1", ProjectWork + "a2"}},
		{"the first goes back once all is sent on", func(t *testing.T) *story {
			s := both(t).handBack("a1", PartlyNotCompetent)
			s.h.Report.Owed = nil
			s.take(Answer(s.h.Report, "trả lời", "", s.context(screener)))
			return s
		}, []string{ProjectWork + "a1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.tell(t)
			if got := rows(s.h.Report); !slices.Equal(got, c.want) {
				t.Errorf("it owes %v, want %v", got, c.want)
			}
		})
	}
}
