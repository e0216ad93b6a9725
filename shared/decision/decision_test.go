package decision_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"paht/shared/caller"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
)

// begin is 08:00 on a Tuesday in the province.
var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

type world struct {
	*cloudtest.World

	settings *cloud.Settings
	maker    decision.Maker
}

func newWorld(t *testing.T) *world {
	w := &world{World: cloudtest.Open(t, begin, report.QueueScreen, report.QueueNotify)}
	w.settings = cloud.NewSettings(w.Table)
	w.maker = decision.Maker{Settings: w.settings, Keys: w.Keys, Now: w.Now}
	return w
}

func TestTheContextOfWhoeverCalls(t *testing.T) {
	w := newWorld(t)
	for name, row := range map[string]struct {
		who    caller.Principal
		match  int
		by     report.Actor
		ensure int
	}{
		"a reporter, who saw nothing": {caller.Principal{Account: "ba", Kind: "individual"}, 0, report.Actor{Kind: report.ByReporter, ID: "ba"}, 0},
		"an organisation":             {caller.Principal{Account: "cty", Kind: "organisation"}, 0, report.Actor{Kind: report.ByReporter, ID: "cty"}, 0},
		"an officer":                  {caller.Principal{Account: "an", Kind: "officer", Agency: "SXD"}, 7, report.Actor{Kind: report.ByOfficer, ID: "an", Agency: "SXD"}, 7},
		"an officer who saw event 0":  {caller.Principal{Account: "an", Kind: "officer", Agency: "SXD"}, 0, report.Actor{Kind: report.ByOfficer, ID: "an", Agency: "SXD"}, -1},
	} {
		ctx := caller.With(t.Context(), &caller.Request{Principal: row.who, Match: row.match, Key: "key", Digest: "digest"})
		c, set, err := w.maker.ByCaller(ctx)
		if err != nil || set == nil || c.By != row.by || c.Ensure != row.ensure || c.Key != "key" || c.Request != "digest" || !c.At.Equal(begin) || c.At.Location() != time.UTC || c.Settled != 0 {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestAnOfficerWhoSawEventZeroSawAnOlderReport(t *testing.T) {
	w := newWorld(t)
	change, err := report.Submit(report.Submission{ID: report.Code("ba", "k", 0), Owner: "ba", Text: "Ổ gà."}, w.machine(t, message.Envelope{}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := caller.With(t.Context(), &caller.Request{Principal: caller.Principal{Account: "an", Kind: "officer"}})
	c, _, err := w.maker.ByCaller(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := report.Accept(change.After, "", c); !fault.Is(err, "stale") {
		t.Errorf("got %v", err)
	}
}

func (w *world) machine(t *testing.T, e message.Envelope) report.Context {
	t.Helper()
	c, _, err := w.maker.ByMachine(t.Context(), "screen", e)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheContextOfAMessage(t *testing.T) {
	w := newWorld(t)
	for name, row := range map[string]struct {
		e       message.Envelope
		settled int
	}{
		"one that says that the rest is done": {message.OfReport(report.EventSubmitted, "PA-00000000000", 4, true), 4},
		"one that does not":                   {message.OfReport(report.EventSubmitted, "PA-00000000000", 4, false), 0},
	} {
		c := w.machine(t, row.e)
		if c.Settled != row.settled || c.By != (report.Actor{Kind: report.ByMachine, ID: "screen"}) || c.Key != "" || c.Ensure != 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestTheContextFollowsTheSettings(t *testing.T) {
	w := newWorld(t)
	if c := w.machine(t, message.Envelope{}); c.Delay != time.Minute {
		t.Errorf("the notice waits %v", c.Delay)
	}
	_, err := w.settings.Store(t.Context(), settings.Policies, []byte(`[{"name":"notice_delay_seconds","value":5,"valid_from":"2026-11-24T02:00:00Z"}]`), 0, "an", begin)
	if err != nil {
		t.Fatal(err)
	}
	if c := w.machine(t, message.Envelope{}); c.Delay != time.Minute {
		t.Errorf("before the policy holds the notice waits %v", c.Delay)
	}
	w.Pass(time.Hour)
	c := w.machine(t, message.Envelope{})
	if c.Delay != 5*time.Second {
		t.Errorf("then it waits %v", c.Delay)
	}
	clock, err := c.Terms.Clock(report.ClockScreening, "", c.At, 0)
	if err != nil || !clock.Due.Equal(begin.Add(3*time.Hour)) || clock.Unit != report.WorkingTime {
		t.Errorf("the clock is %+v, %v", clock, err)
	}
	if a, b := c.Keyed([]byte("a")), c.Keyed([]byte("b")); a == b || a != c.Keyed([]byte("a")) || len(a) != 64 {
		t.Errorf("the digests are %s and %s", a, b)
	}
}

type unreadable struct{}

func (unreadable) Load(context.Context) (*settings.Snapshot, error) {
	return nil, errors.New("the table is down")
}

func TestWithoutSettingsNothingIsDecided(t *testing.T) {
	w := newWorld(t)
	m := decision.Maker{Settings: unreadable{}, Keys: w.Keys, Now: w.Now}
	if _, _, err := m.ByCaller(t.Context()); err == nil || err.Error() != "loading the settings: the table is down" {
		t.Errorf("by a caller: %v", err)
	}
	if err := (decision.Rejections{Maker: m}).Raise(t.Context(), "PA-00000000000", "s", "x"); err == nil {
		t.Error("a rejection was raised")
	}
}

func TestARejectionIsRaisedOnce(t *testing.T) {
	w := newWorld(t)
	reports := cloud.Reports{Table: w.Table, Keys: w.Keys}
	flow := effect.Flow{Store: reports, Now: w.Now, Carrier: effect.Router{Sender: w.Queues(), Projector: cloud.Projections{Table: w.Table}, Now: w.Now}}
	id := report.Code("ba", "k", 0)
	change, err := report.Submit(report.Submission{ID: id, Owner: "ba", Text: "Ổ gà.", Media: []string{"s1", "s2"}}, w.machine(t, message.Envelope{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flow.Begin(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	x := decision.Rejections{Flow: flow, Maker: w.maker, Function: "media"}
	for _, row := range []struct {
		slot   string
		events int
	}{{"s1", 2}, {"s1", 2}, {"another's", 2}, {"s2", 3}, {"s1", 3}} {
		if err := x.Raise(t.Context(), id, row.slot, "not_a_picture"); err != nil {
			t.Fatal(err)
		}
		h, err := reports.Load(t.Context(), id)
		if err != nil || len(h.Events) != row.events {
			t.Fatalf("after %s there are %d events, %v, want %d", row.slot, len(h.Events), err, row.events)
		}
		if e := h.Report.Newest; e.Type != report.EventMediaRejected || e.Facts.Code != "not_a_picture" || e.By.ID != "media" {
			t.Errorf("the event is %+v", e)
		}
	}
	if err := x.Raise(t.Context(), "PA-00000000000", "s1", "x"); !fault.Is(err, "not_found") {
		t.Errorf("no such report: %v", err)
	}
}
