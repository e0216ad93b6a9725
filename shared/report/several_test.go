package report

import (
	"slices"
	"testing"
	"time"
)

// both are a report that two agencies have: SXD as a1, SNNMT as a2.
func both(t *testing.T) *story {
	s := submitted(t).accepted()
	s.take(Transfer(s.h.Report, []Target{{Agency: "SXD", Days: 3, LegalBasis: "Luật A"}, {Agency: "SNNMT", Days: 5}}, "", s.after(time.Minute).context(screener)))
	return s
}

func (s *story) handBack(part, code string) *story {
	s.t.Helper()
	by := handler
	if s.h.Report.Assignment(part).Agency == stranger.Agency {
		by = stranger
	}
	s.take(Return(s.h.Report, part, Opinion{Code: code, Reason: "không thuộc thẩm quyền"}, s.after(time.Minute).context(by)))
	return s
}

// published brings a part to its publication.
func (s *story) published(part string, by Actor) *story {
	s.t.Helper()
	if s.h.Report.Assignment(part).State == Transferred {
		s.take(Receive(s.h.Report, part, s.after(time.Minute).context(by)))
	}
	at := s.after(time.Minute).at
	s.take(Conclude(s.h.Report, part, SignedResult{Slot: "pdf-" + part, SHA256: "x", ResultAt: at, SignedAt: at}, s.context(by)))
	s.take(Release(s.h.Report, part, Draft{Title: "Phần " + part}, "", s.after(time.Minute).context(screener)))
	return s
}

func TestSeveralPartsHaveEachTheirOwnClocks(t *testing.T) {
	s := both(t)
	sent := s.at
	s.published("a1", handler)
	r := s.h.Report
	if r.State != Processing || r.Assignment("a1").State != Released || r.Assignment("a2").State != Transferred {
		t.Fatalf("after the first part the report is %s with %+v", r.State, r.Assignments)
	}
	if a1, a2 := r.Assignment("a1"), r.Assignment("a2"); a1.LegalBasis != "Luật A" || a2.LegalBasis != "" ||
		!a1.Clock(ClockHandling).Due.Equal(sent.Add(3*24*time.Hour)) || !a2.Clock(ClockHandling).Due.Equal(sent.Add(5*24*time.Hour)) || a2.Clock(ClockPublication) != nil {
		t.Fatalf("the parts are %+v and %+v", a1, a2)
	}
	s.take(Rate(r, "a1", 2, 15, s.context(citizen)))
	s.after(6 * 24 * time.Hour)
	s.take(Breach(s.h.Report, s.context(machine)))
	if a2 := s.h.Report.Assignment("a2"); a2.Clock(ClockHandling).Breached == 0 || s.h.Report.Assignment("a1").Clock(ClockHandling).Breached != 0 {
		t.Fatal("the late part alone is late")
	}
	s.published("a2", stranger)
	if r := s.h.Report; r.State != Published || r.Assignment("a1").Rating != 2 || r.Assignment("a2").Rating != 0 || !r.Newest.Facts.Late && r.Assignment("a2").Clock(ClockHandling).OnTime() {
		t.Fatalf("ended %s with %+v", r.State, r.Assignments)
	}
}

func TestWhereAReportStandsAfterReturns(t *testing.T) {
	route := func(s *story, to string, returned ...string) {
		s.take(Transfer(s.h.Report, []Target{{Agency: to, Days: 2}}, "", s.after(time.Minute).context(screener), returned...))
	}
	answer := func(s *story, returned ...string) {
		s.take(Answer(s.h.Report, "trả lời", "", s.after(time.Minute).context(screener), returned...))
	}
	for _, c := range []struct {
		name  string
		tell  func(s *story)
		state State
		waits []string // of which parts something waits to be routed
	}{
		{"one of two is returned", func(s *story) { s.handBack("a1", NotCompetent) }, Processing, []string{"a1"}},
		{"one keeps its part and gives the rest back", func(s *story) { s.handBack("a1", PartlyNotCompetent) }, Processing, []string{"a1"}},
		{"both are returned", func(s *story) { s.handBack("a1", NotCompetent).handBack("a2", AlreadyHandled) }, Routing, []string{"a1", "a2"}},
		{"the rest is sent on", func(s *story) { s.handBack("a1", PartlyNotCompetent); route(s, "UBX") }, Processing, nil},
		{"all that waits is sent on at once", func(s *story) { s.handBack("a1", NotCompetent).handBack("a2", NotCompetent); route(s, "UBX") }, Processing, nil},
		{"one of two returns is sent on", func(s *story) {
			s.handBack("a1", NotCompetent).handBack("a2", NotCompetent)
			route(s, "UBX", "a2")
		}, Processing, []string{"a1"}},
		{"one of two returns is answered", func(s *story) {
			s.handBack("a1", NotCompetent).handBack("a2", NotCompetent)
			answer(s, "a1")
		}, Routing, []string{"a2"}},
		{"both are answered", func(s *story) { s.handBack("a1", NotCompetent).handBack("a2", NotCompetent); answer(s) }, Answered, nil},
		{"one is published and the other answered", func(s *story) {
			s.published("a1", handler).handBack("a2", NotCompetent)
			answer(s)
		}, Published, nil},
		{"one is published while the other's return waits", func(s *story) { s.handBack("a2", NotCompetent).published("a1", handler) }, Routing, []string{"a2"}},
		{"the kept part is published before the rest is sent on", func(s *story) {
			s.handBack("a2", NotCompetent)
			answer(s)
			s.handBack("a1", PartlyNotCompetent).published("a1", handler)
		}, Routing, []string{"a1"}},
		{"what is kept is given back after all", func(s *story) {
			s.handBack("a1", PartlyNotCompetent).handBack("a1", NotCompetent)
		}, Processing, []string{"a1", "a1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := both(t)
			c.tell(s)
			r := s.h.Report
			var waits []string
			for _, clock := range r.Clocks {
				if clock.Name == ClockRedistribute && clock.Running() {
					waits = append(waits, clock.Part)
				}
			}
			stage, _, queued := r.Stage()
			if r.State != c.state || !slices.Equal(waits, c.waits) || queued != (len(c.waits) > 0) || queued && stage != StageRoute {
				t.Errorf("the report is %s, waiting are %v, queued %v in %q", r.State, waits, queued, stage)
			}
		})
	}
}

func TestThePartThatIsKeptKeepsItsClocks(t *testing.T) {
	s := both(t)
	s.take(Receive(s.h.Report, "a1", s.context(handler)))
	due := s.h.Report.Assignment("a1").Clock(ClockHandling).Due
	s.after(2*time.Hour).handBack("a1", PartlyNotCompetent)
	a := s.h.Report.Assignment("a1")
	if a.State != Received || !a.Clock(ClockHandling).Running() || !a.Clock(ClockHandling).Due.Equal(due) {
		t.Fatalf("the kept part is %+v", a)
	}
	if !s.h.Report.Newest.Facts.Late || a.Clock(ClockReturn).OnTime() {
		t.Fatal("a partial return after the hour is not late")
	}
}

func TestOneExtensionBeforeTheDueTime(t *testing.T) {
	received := func(t *testing.T) *story {
		s := both(t)
		s.take(Receive(s.h.Report, "a1", s.context(handler)))
		return s
	}
	due := func(s *story) time.Time { return s.h.Report.Assignment("a1").Clock(ClockHandling).Due }
	for _, c := range []struct {
		name string
		tell func(s *story)
		by   Actor
		code string
	}{
		{"before the due time", func(*story) {}, handler, ""},
		{"a moment before it", func(s *story) { s.at = due(s).Add(-time.Millisecond) }, handler, ""},
		{"at the due time", func(s *story) { s.at = due(s) }, handler, "due_passed"},
		{"after it", func(s *story) { s.at = due(s).Add(time.Hour) }, handler, "due_passed"},
		{"twice", func(s *story) { s.take(Extend(s.h.Report, "a1", 2, "chờ vật tư", s.context(handler))) }, handler, "already_extended"},
		{"twice, after the first due time", func(s *story) {
			s.take(Extend(s.h.Report, "a1", 2, "chờ vật tư", s.context(handler)))
			s.after(4 * 24 * time.Hour)
		}, handler, "already_extended"},
		{"by another agency", func(*story) {}, stranger, "not_found"},
		{"after the result", func(s *story) { s.published("a1", handler) }, handler, "wrong_state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := received(t)
			c.tell(s)
			change, err := Extend(s.h.Report, "a1", 2, "chờ vật tư", s.context(c.by))
			if c.code != "" {
				wantFault(t, err, c.code)
				return
			}
			s.take(change, err)
		})
	}
	s := received(t)
	_, err := Extend(s.h.Report, "a2", 1, "chưa nhận", s.context(stranger))
	wantFault(t, err, "wrong_state")
}

func TestAnExtendedPartIsNeverOnTime(t *testing.T) {
	for _, c := range []struct {
		name           string
		after          time.Duration // of the transfer
		breached, late bool
	}{
		{"done within the first due time", time.Hour, false, false},
		{"done within the later one", 4 * 24 * time.Hour, false, false},
		{"done after both", 6 * 24 * time.Hour, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := both(t)
			sent := s.at
			s.take(Receive(s.h.Report, "a1", s.context(handler)))
			s.take(Extend(s.h.Report, "a1", 2, "chờ vật tư", s.context(handler)))
			s.at = sent.Add(c.after)
			for {
				change, err := Breach(s.h.Report, s.context(machine))
				if err != nil {
					break
				}
				s.take(change, err)
			}
			s.published("a1", handler)
			a := s.h.Report.Assignment("a1")
			first, later := a.Clocks[1], a.Clock(ClockHandling)
			if first.Moved == 0 || first.Running() || first.OnTime() || first.Late(s.at) || first.Breached != 0 || !first.Due.Equal(sent.Add(3*24*time.Hour)) {
				t.Errorf("the first due time is %+v", first)
			}
			if later.OnTime() || later.Late(s.at) != c.late || (later.Breached > 0) != c.breached || !later.Due.Equal(sent.Add(5*24*time.Hour)) || later.Done == nil {
				t.Errorf("the later one is %+v", later)
			}
		})
	}
}

func TestWhatCannotBeRoutedIsRefused(t *testing.T) {
	target := []Target{{Agency: "UBX", Days: 1}}
	for _, c := range []struct {
		name string
		tell func(s *story)
		act  func(s *story) error
		code string
	}{
		{"nothing was returned", func(*story) {}, func(s *story) error {
			_, err := Transfer(s.h.Report, target, "", s.context(screener))
			return err
		}, "wrong_state"},
		{"another part was returned", func(s *story) { s.handBack("a1", PartlyNotCompetent) }, func(s *story) error {
			_, err := Transfer(s.h.Report, target, "", s.context(screener), "a2")
			return err
		}, "not_returned"},
		{"it was sent on before", func(s *story) {
			s.handBack("a1", PartlyNotCompetent).handBack("a2", NotCompetent)
			s.take(Transfer(s.h.Report, target, "", s.context(screener), "a1"))
		}, func(s *story) error {
			_, err := Answer(s.h.Report, "trả lời", "", s.context(screener), "a1")
			return err
		}, "not_returned"},
		{"a router who saw less", func(s *story) { s.handBack("a1", PartlyNotCompetent).handBack("a2", NotCompetent) }, func(s *story) error {
			c := s.context(screener)
			c.Ensure = s.h.Report.Touched - 1
			_, err := Transfer(s.h.Report, target, "", c)
			return err
		}, "stale"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := both(t)
			c.tell(s)
			wantFault(t, c.act(s), c.code)
		})
	}
}
