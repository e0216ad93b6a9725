package sla_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paht/functions/sla"
	"paht/shared/cloud"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/upload"
)

func TestWhatASubmissionOwesIsCarriedOut(t *testing.T) {
	w := newWorld(t)
	w.stored(code(1)) // the function died right after the write
	w.Pass(report.FirstRetry - time.Second)
	if tally := w.sweep(); tally.Hits != 0 {
		t.Fatalf("before its time: %+v", tally)
	}
	w.Pass(time.Second)
	if tally := w.sweep(); tally.Acted != 1 {
		t.Fatalf("the sweep did %+v", tally)
	}
	sent := w.Received("screen")
	if len(sent) != 1 || sent[0].Report != code(1) || sent[0].Type != report.EventSubmitted {
		t.Errorf("sent %+v", sent)
	}
	own, err := cloud.Projections{Table: w.Table}.Own(t.Context(), "lan", 10, nil)
	if err != nil || len(own.Rows) != 1 {
		t.Errorf("the reporter's list is %+v (%v)", own, err)
	}
	// What the message itself must clear stays owed, and nothing else.
	if owed := w.load(code(1)).Report.Owed; len(owed) != 1 || owed[0].Name != report.MessageEffect(report.EventSubmitted, "screen") {
		t.Errorf("owed is %+v", owed)
	}
	if tally := w.sweep(); tally.Hits != 0 {
		t.Errorf("at once again: %+v", tally)
	}
}

func TestRetriesOfWhatIsOwedGoFurtherApart(t *testing.T) {
	w := newWorld(t)
	w.stored(code(1))
	w.carrier.refuse = func(report.Effect) bool { return true }
	w.Pass(report.FirstRetry)
	for _, wait := range []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute} {
		if tally := w.sweep(); tally.Acted != 1 {
			t.Fatalf("the sweep did %+v", tally)
		}
		w.Pass(wait - time.Second)
		if tally := w.sweep(); tally.Hits != 0 {
			t.Fatalf("before %v: %+v", wait, tally)
		}
		w.Pass(time.Second)
	}
	w.carrier.refuse = nil
	w.sweep()
	if sent := w.Received("screen"); len(sent) != 1 {
		t.Errorf("sent %+v", sent)
	}
}

func TestAPassedDueTimeIsRecordedOncePerClock(t *testing.T) {
	w := newWorld(t)
	w.stored(code(1))
	r := w.screened(code(1))
	clock := r.Clock(report.ClockScreening)
	w.Pass(clock.Due.Sub(w.Now()))
	if w.sweep(); count(w.load(code(1)).Events, report.EventBreached, "") != 0 {
		t.Fatal("at the due instant itself it is on time")
	}
	w.Pass(time.Second)
	for range 3 {
		w.sweep()
		w.Pass(24 * time.Hour)
	}
	h := w.load(code(1))
	if n := count(h.Events, report.EventBreached, report.ClockScreening); n != 1 {
		t.Errorf("recorded %d times", n)
	}
	if err := report.VerifyChain(h.Events); err != nil {
		t.Error(err)
	}
	if tally := w.sweep(); tally.Hits != 0 {
		t.Errorf("what stays late is looked at again: %+v", tally)
	}
}

func TestAllClocksThatPassedAreRecordedInOneSweep(t *testing.T) {
	w := newWorld(t)
	w.stored(code(1))
	w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) { return report.Accept(r, "", c) })
	w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) {
		return report.Transfer(r, []report.Target{{Agency: "sxd", Days: 1}, {Agency: "stnmt", Days: 2}}, "", c)
	})
	w.Pass(30 * 24 * time.Hour)
	if tally := w.sweep(); tally != (sla.Tally{Hits: 1, Acted: 1}) {
		t.Errorf("the sweep did %+v", tally)
	}
	h := w.load(code(1))
	if a, b := count(h.Events, report.EventBreached, report.ClockHandling), count(h.Events, report.EventBreached, report.ClockScreening); a != 2 || b != 1 {
		t.Errorf("recorded %d of handling and %d of screening", a, b)
	}
	if n := count(h.Events, report.EventBreached, ""); n != 3 {
		t.Errorf("recorded %d; a window that passes unused is no breach", n)
	}
}

func TestReadsGrowWithWhatIsDueAndNotWithWhatIsOpen(t *testing.T) {
	w := newWorld(t)
	for n := range 60 {
		w.stored(code(n))
		w.screened(code(n))
	}
	reads := 0
	w.Break(func(*http.Request) (error, error) { reads++; return nil, nil })
	if tally := w.sweep(); tally.Hits != 0 || reads != len(cloud.DueShards()) {
		t.Errorf("with nothing due it made %d requests and saw %+v", reads, tally)
	}
}

func TestMoreThanAPageIsSweptAtOnce(t *testing.T) {
	w := newWorld(t)
	for n := range 130 {
		r := w.stored(code(n))
		w.intent(r)
	}
	w.Pass(notice.Lease)
	if tally := w.sweep(); tally.Acted != 260 || tally.Failed != 0 {
		t.Errorf("the sweep did %+v", tally)
	}
	if n := len(w.Received("notify")); n != 130 {
		t.Errorf("sent %d notices again", n)
	}
}

func TestAStaleHitIsHarmless(t *testing.T) {
	w := newWorld(t)
	w.stored(code(1))
	w.Lag(time.Hour)    // from now on the index shows what was
	w.screened(code(1)) // and so does not see that the message did its work
	w.Received("screen")
	version := w.load(code(1)).Report.Version
	w.Pass(report.FirstRetry)
	if tally := w.sweep(); tally.Hits != 1 || tally.Stale != 1 || tally.Acted != 0 {
		t.Errorf("the sweep did %+v", tally)
	}
	if sent := w.Received("screen"); len(sent) != 0 || w.load(code(1)).Report.Version != version {
		t.Errorf("it sent %+v", sent)
	}
}

func TestAnIntentWithoutOutcomeIsSentAgain(t *testing.T) {
	w := newWorld(t)
	r := w.screened(w.stored(code(1)).ID)
	w.intent(r)
	w.Pass(notice.Lease - time.Second)
	w.sweep()
	if sent := w.Received("notify"); len(sent) != 0 {
		t.Fatalf("within the lease it sent %+v", sent)
	}
	w.Pass(time.Second)
	for _, wait := range []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute} {
		w.sweep()
		want := message.OfReport(report.EventProgress, r.ID, r.Newest.N, false)
		if sent := w.Received("notify"); len(sent) != 1 || sent[0] != want {
			t.Fatalf("sent %+v", sent)
		}
		w.Pass(wait - time.Second)
		if w.sweep(); len(w.Received("notify")) != 0 {
			t.Fatalf("sent again before %v had passed", wait)
		}
		w.Pass(time.Second)
	}
}

func TestOneBrokenItemStopsNoOther(t *testing.T) {
	w := newWorld(t)
	w.stored(code(1))
	w.stored(code(2))
	w.index.more = []effect.Hit{
		{Kind: effect.HitReport, ID: code(9)}, {Kind: effect.HitSlot, ID: "gone"}, {Kind: effect.HitAccount, ID: "gone"},
		{Kind: effect.HitNotice, ID: "lan", Entry: "gone"}, {Kind: effect.HitUnknown, ID: "X#1"},
	}
	w.Pass(report.FirstRetry)
	if tally := w.sweep(); tally.Acted != 2 || tally.Failed != 1 || tally.Stale != 4 {
		t.Errorf("the sweep did %+v", tally)
	}
}

func TestAnIndexThatCannotBeReadIsAnError(t *testing.T) {
	w := newWorld(t)
	broken := errors.New("no connection")
	w.Break(func(r *http.Request) (error, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
			return broken, nil
		}
		return nil, nil
	})
	if err := w.step.Take(t.Context(), tick); !errors.Is(err, broken) {
		t.Errorf("gave %v", err)
	}
}

func TestTheSweepStopsBeforeItsTimeIsUp(t *testing.T) {
	w := newWorld(t)
	for n := range 5 {
		w.stored(code(n))
	}
	w.Pass(report.FirstRetry)
	calls := 0
	w.step.Left = func(context.Context) time.Duration {
		if calls++; calls > 10 {
			return time.Second
		}
		return time.Minute
	}
	first := w.sweep()
	if !first.Cut || first.Hits == 5 {
		t.Fatalf("the first did %+v", first)
	}
	calls = -1000
	if second := w.sweep(); second.Cut || first.Acted+second.Acted != 5 {
		t.Errorf("the rest did %+v after %+v", second, first)
	}
}

func TestSweepsAtOnceRecordABreachOnce(t *testing.T) {
	w := newWorld(t)
	for n := range 10 {
		w.stored(code(n))
		w.screened(code(n))
	}
	w.Pass(30 * 24 * time.Hour)
	failures := make([]error, 3)
	var group sync.WaitGroup
	for i := range failures {
		group.Go(func() { failures[i] = w.step.Take(t.Context(), tick) })
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	w.sweep() // what lost its race is done now
	for n := range 10 {
		if got := count(w.load(code(n)).Events, report.EventBreached, ""); got != 1 {
			t.Errorf("recorded %d times", got)
		}
	}
}

func TestWhatAnAccountOwesIsSent(t *testing.T) {
	w := newWorld(t)
	a := w.unproven() // the function died right after the write
	w.Pass(time.Minute - time.Second)
	if tally := w.sweep(); tally.Hits != 0 {
		t.Fatalf("before its time: %+v", tally)
	}
	w.Pass(time.Second)
	w.sweep()
	w.sweep()
	sent := w.Received("notify")
	if len(sent) != 1 || sent[0].Account != a.ID || sent[0].Type != message.AccountVerify {
		t.Errorf("sent %+v", sent)
	}
	w.Pass(a.Inactive.Sub(w.Now()))
	w.sweep()
	if a, err := w.people.Load(t.Context(), a.ID); err != nil || a.Lock == nil && !a.Inactive.After(w.Now()) {
		t.Errorf("after a year the account is %+v (%v)", a, err)
	}
}

func TestSlotsThatNobodyLookedAt(t *testing.T) {
	for _, c := range []struct {
		name    string
		slot    upload.Slot
		after   time.Duration
		present bool
		state   upload.State
		checks  int
		told    bool
	}{
		{"an object whose notification was lost is sent to the check", upload.Slot{Purpose: upload.Photo}, upload.CheckAfter, true, upload.Open, 1, false},
		{"and the report that has it hears nothing yet", upload.Slot{Purpose: upload.Photo, Report: code(1)}, upload.CheckAfter, true, upload.Open, 1, false},
		{"before five minutes nothing is done", upload.Slot{Purpose: upload.Photo}, upload.CheckAfter - time.Second, true, upload.Open, 0, false},
		{"without an object there is time until fifteen minutes", upload.Slot{Purpose: upload.Photo}, upload.CheckAfter, false, upload.Open, 0, false},
		{"then the slot is closed", upload.Slot{Purpose: upload.Photo}, upload.CloseAfter, false, upload.Closed, 0, false},
		{"and its report told", upload.Slot{Purpose: upload.Photo, Report: code(1)}, upload.CloseAfter, false, upload.Closed, 0, true},
		{"a signed result is left to its own check", upload.Slot{Purpose: upload.Result}, upload.CheckAfter, true, upload.Open, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			slot := w.slot(c.slot, "1")
			w.stored(code(1), slot.ID)
			w.objects[slot.Key()] = c.present
			w.Pass(c.after)
			w.sweep()
			w.sweep()
			slot, err := w.slots.Load(t.Context(), slot.ID)
			if err != nil || slot.State != c.state || c.told && slot.Attention != nil {
				t.Errorf("the slot is %+v (%v)", slot, err)
			}
			checks := w.Received("media")
			if len(checks) != c.checks || slices.ContainsFunc(checks, func(e message.Envelope) bool { return e.Upload != slot.ID }) {
				t.Errorf("sent %+v", checks)
			}
			if n := count(w.load(code(1)).Events, report.EventMediaRejected, ""); n != 1 && c.told || n != 0 && !c.told {
				t.Errorf("the report was told %d times", n)
			}
		})
	}
}

func TestWhatNoReportTookIsRemoved(t *testing.T) {
	w := newWorld(t)
	slot := w.slot(upload.Slot{Purpose: upload.Photo}, "1")
	kept := w.slot(upload.Slot{Purpose: upload.Photo, Report: code(1)}, "2")
	for _, s := range []upload.Slot{slot, kept} {
		for _, key := range s.Objects() {
			w.objects[key] = true
		}
	}
	for at := begin; at.Before(begin.Add(upload.KeepFor)); at = at.Add(time.Hour) {
		w.sweep()
		w.Pass(time.Hour)
	}
	if _, err := w.slots.Load(t.Context(), slot.ID); err != nil {
		t.Fatalf("removed too early: %v", err)
	}
	for range 8 {
		w.sweep()
		w.Pass(time.Hour)
	}
	if _, err := w.slots.Load(t.Context(), slot.ID); fault.As(err) == nil {
		t.Errorf("the slot is still there (%v)", err)
	}
	if _, err := w.slots.Load(t.Context(), kept.ID); err != nil || len(w.objects) != len(kept.Objects()) {
		t.Errorf("a report's slot gives %v, and these files are left: %v", err, w.objects)
	}
}

func TestAReportIsToldOfAClosedSlotAfterACrashBetween(t *testing.T) {
	w := newWorld(t)
	slot := w.slot(upload.Slot{Purpose: upload.Photo, Report: code(1)}, "1")
	w.stored(code(1), slot.ID)
	w.Pass(upload.CloseAfter)
	w.Break(func(r *http.Request) (error, error) {
		// The slot is written, and then nothing of the report.
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") && strings.Contains(bodyOf(t, r), `"R#`) {
			return errors.New("the sandbox died"), nil
		}
		return nil, nil
	})
	tally := w.sweep()
	if slot, err := w.slots.Load(t.Context(), slot.ID); err != nil || tally.Failed == 0 || slot.State != upload.Closed {
		t.Fatalf("the first did %+v and left %+v (%v)", tally, slot, err)
	}
	w.Break(nil)
	for range 3 {
		w.Pass(time.Hour)
		w.sweep()
	}
	if n := count(w.load(code(1)).Events, report.EventMediaRejected, ""); n != 1 {
		t.Errorf("the report was told %d times", n)
	}
	if slot, err := w.slots.Load(t.Context(), slot.ID); err != nil || slot.Attention != nil {
		t.Errorf("the slot never rests: %+v (%v)", slot, err)
	}
}

// bodyOf reads what a request sends, and leaves it to be sent.
func bodyOf(t *testing.T, r *http.Request) string {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	return string(b)
}
