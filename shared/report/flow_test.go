package report

import (
	"errors"
	"testing"
	"time"
)

func TestTheStoryEndsPublished(t *testing.T) {
	s := submitted(t).released()
	r := s.h.Report
	if r.State != Published || r.Assignments[0].State != Released {
		t.Fatalf("ended %s, %s", r.State, r.Assignments[0].State)
	}
	s.take(Rate(r, "a1", 1, 15, s.after(time.Hour).context(citizen)))
	if s.h.Report.Assignments[0].Rating != 1 {
		t.Fatal("the rating is not stored")
	}
	for _, want := range []struct {
		name string
		late bool
	}{{ClockScreening, false}, {ClockTransfer, false}} {
		c := s.h.Report.Clock(want.name)
		if c == nil || c.Done == nil || c.Late(s.at) != want.late {
			t.Errorf("clock %s stands %+v", want.name, c)
		}
	}
	for _, name := range []string{ClockHandling, ClockResult, ClockPublication} {
		if c := s.h.Report.Assignments[0].Clock(name); c == nil || !c.OnTime() {
			t.Errorf("clock %s stands %+v", name, c)
		}
	}
	if next, ok := s.h.Report.NextDue(); ok {
		t.Errorf("a closed report still waits for %v", next)
	}
}

func TestTheScreeningClockEndsWithTheLaterInstant(t *testing.T) {
	s := submitted(t)
	s.take(Accept(s.h.Report, "", s.after(119*time.Minute).context(screener)))
	if s.h.Report.Clock(ClockScreening).Done != nil {
		t.Fatal("the decision alone ended the clock")
	}
	s.take(AnswerSent(s.h, 2, s.after(2*time.Minute).context(machine)))
	c := s.h.Report.Clock(ClockScreening)
	if c.OnTime() || !c.Late(s.at) {
		t.Fatalf("an answer after the due time counts as on time: %+v", c)
	}
	if _, err := AnswerSent(s.h, 2, s.context(machine)); !errors.Is(err, ErrMovedOn) {
		t.Fatalf("a second answer gave %v", err)
	}
}

func TestTransitionsThatTheStateDoesNotAllow(t *testing.T) {
	target := []Target{{Agency: "SXD", Days: 3}}
	cases := []struct {
		name  string
		story func(*testing.T) *story
		act   func(*story) error
		code  string
	}{
		{"a refused report is not accepted", submitted, func(s *story) error {
			s.take(Refuse(s.h.Report, Refusal{Code: "9.1", Reason: "không phải hiện trường"}, s.context(screener)))
			_, err := Accept(s.h.Report, "", s.context(screener))
			return err
		}, "wrong_state"},
		{"a report is not transferred before acceptance", submitted, func(s *story) error {
			_, err := Transfer(s.h.Report, target, "", s.context(screener))
			return err
		}, "wrong_state"},
		{"an accepted report is not withdrawn", submitted, func(s *story) error {
			s.accepted()
			_, err := Withdraw(s.h.Report, "", s.context(citizen))
			return err
		}, "wrong_state"},
		{"the operator answers itself only after a return", submitted, func(s *story) error {
			s.accepted()
			_, err := Answer(s.h.Report, "đã có kết quả", "", s.context(screener))
			return err
		}, "not_returned"},
		{"another agency's assignment is not there", submitted, func(s *story) error {
			s.transferred()
			_, err := Receive(s.h.Report, "a1", s.context(stranger))
			return err
		}, "not_found"},
		{"progress needs a receipt", submitted, func(s *story) error {
			s.transferred()
			_, err := Progress(s.h.Report, "a1", "đang làm", s.context(handler))
			return err
		}, "wrong_state"},
		{"a result is not from before the transfer", submitted, func(s *story) error {
			s.transferred()
			s.take(Receive(s.h.Report, "a1", s.context(handler)))
			_, err := Conclude(s.h.Report, "a1", SignedResult{ResultAt: monday, SignedAt: s.at}, s.context(handler))
			return err
		}, "before_transfer"},
		{"a result is not from after its signature", submitted, func(s *story) error {
			s.transferred()
			s.take(Receive(s.h.Report, "a1", s.context(handler)))
			_, err := Conclude(s.h.Report, "a1", SignedResult{ResultAt: s.at.Add(time.Minute), SignedAt: s.at}, s.context(handler))
			return err
		}, "after_signature"},
		{"a part is rated once it is public", submitted, func(s *story) error {
			s.concluded()
			_, err := Rate(s.h.Report, "a1", 1, 15, s.context(citizen))
			return err
		}, "wrong_state"},
		{"ratings end after the policy's days", submitted, func(s *story) error {
			s.released()
			_, err := Rate(s.h.Report, "a1", 1, 15, s.after(15*24*time.Hour+time.Second).context(citizen))
			return err
		}, "rating_closed"},
		{"a second supplement waits for the first", submitted, func(s *story) error {
			s.take(AskSupplement(s.h.Report, "ở đâu?", s.context(screener)))
			_, err := AskSupplement(s.h.Report, "ở đâu?", s.context(screener))
			return err
		}, "supplement_open"},
		{"nothing is added that nobody asked for", submitted, func(s *story) error {
			s.take(Screened(s.h.Report, nil, nil, s.context(machine)))
			_, err := AddSupplement(s.h.Report, SupplementText{Text: "thêm"}, s.context(citizen))
			return err
		}, "no_supplement_asked"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantFault(t, c.act(c.story(t)), c.code) })
	}
}

func TestAnOfficerIsStaleOnlyAgainstPersons(t *testing.T) {
	s := submitted(t)
	seen := s.h.Report.Touched
	s.take(Screened(s.h.Report, nil, nil, s.context(machine)))
	c := s.context(screener)
	c.Ensure = seen
	s.take(Accept(s.h.Report, "", c)) // the machine's event moved no ETag
	s2 := submitted(t)
	s2.take(AskSupplement(s2.h.Report, "ở đâu?", s2.context(screener)))
	c = s2.context(screener)
	c.Ensure = seen
	_, err := Accept(s2.h.Report, "", c)
	wantFault(t, err, "stale")
}

func TestAReturnOpensTheOperatorsHour(t *testing.T) {
	s := submitted(t).transferred()
	s.take(Return(s.h.Report, "a1", Opinion{Code: NotCompetent, Reason: "không thuộc thẩm quyền"}, s.after(61*time.Minute).context(handler)))
	r := s.h.Report
	if r.State != Routing || !r.Newest.Facts.Late || r.Assignments[0].Clock(ClockReturn).OnTime() {
		t.Fatalf("a return after the hour: state %s, late %v", r.State, r.Newest.Facts.Late)
	}
	if c := r.Clock(ClockRedistribute); c == nil || !c.Due.Equal(s.at.Add(time.Hour)) {
		t.Fatalf("the operator's hour stands %+v", c)
	}
	s.take(Transfer(r, []Target{{Agency: "SNNMT", Days: 2}}, "", s.after(time.Minute).context(screener)))
	if s.h.Report.Transfers != 2 || s.h.Report.Assignments[1].ID != "a2" || s.h.Report.Clock(ClockRedistribute).Done == nil {
		t.Fatal("sending on did not start a new assignment and end the hour")
	}
	s.take(Return(s.h.Report, "a2", Opinion{Code: AlreadyHandled, Reason: "đã xử lý", Related: "PA-1"}, s.after(time.Minute).context(stranger)))
	s.take(Answer(s.h.Report, "đã được xử lý", "PA-1", s.after(time.Minute).context(screener)))
	if s.h.Report.State != Answered {
		t.Fatalf("ended %s", s.h.Report.State)
	}
}

func TestAPassedDueTimeIsRecordedOnce(t *testing.T) {
	s := submitted(t)
	if _, err := Breach(s.h.Report, s.after(120*time.Minute).context(machine)); !errors.Is(err, ErrMovedOn) {
		t.Fatalf("done at the due instant is on time, got %v", err)
	}
	s.take(Breach(s.h.Report, s.after(time.Second).context(machine)))
	if _, err := Breach(s.h.Report, s.after(time.Hour).context(machine)); !errors.Is(err, ErrMovedOn) {
		t.Fatalf("recorded twice: %v", err)
	}
	if at, ok := s.h.Report.NextDue(); ok {
		t.Fatalf("the key stays at what is late: %v", at)
	}
}

func TestTheReturnWindowIsNoBreach(t *testing.T) {
	s := submitted(t).transferred()
	s.take(Receive(s.h.Report, "a1", s.context(handler)))
	if _, err := Breach(s.h.Report, s.after(2*time.Hour).context(machine)); !errors.Is(err, ErrMovedOn) {
		t.Fatalf("an unused hour of the return was recorded as a breach: %v", err)
	}
}

func TestALatePublicationIsNeverHidden(t *testing.T) {
	s := submitted(t).transferred()
	s.take(Receive(s.h.Report, "a1", s.context(handler)))
	at := s.after(time.Minute).at
	s.take(Conclude(s.h.Report, "a1", SignedResult{Slot: "pdf", ResultAt: at, SignedAt: at}, s.after(90*time.Minute).context(handler)))
	a := s.h.Report.Assignment("a1")
	if a.Clock(ClockResult).OnTime() {
		t.Fatal("a result sent 90 minutes after it came to be is on time")
	}
	if !a.Clock(ClockPublication).Due.Equal(at.Add(time.Hour)) {
		t.Fatal("the publication's hour does not start with the result")
	}
}

func TestTheSameKeyFindsItsEvent(t *testing.T) {
	s := submitted(t)
	c := s.context(citizen)
	c.Key, c.Request = "k1", "r1"
	e, err := s.h.Repeat(c)
	if err != nil || e == nil || e.N != 1 {
		t.Fatalf("the act's event was not found: %v, %v", e, err)
	}
	c.Request = "r2"
	_, err = s.h.Repeat(c)
	wantFault(t, err, "key_reused")
}

func TestTheNameNeedsConsent(t *testing.T) {
	s := submitted(t).released()
	part := s.h.Report.PublicOf(s.h.Report.Assignment("a1"), Body{Title: "t", Media: []PublicMedium{{Slot: "slot1"}}})
	if part.Name != "" || part.Pictures[0] == "slot1" {
		t.Fatalf("public part: %+v", part)
	}
}
