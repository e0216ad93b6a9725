package effect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"paht/shared/cloud"
	"paht/shared/cloud/doortest"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/report"
)

// recorder is a carrier that notes what it is asked, and fails where it is told to.
type recorder struct {
	calls []string
	fail  func(e report.Effect) error
}

func (c *recorder) Carry(_ context.Context, _ report.Report, e report.Effect, settled bool) error {
	c.calls = append(c.calls, fmt.Sprintf("%s#%d %v", e.Name, e.N, settled))
	if c.fail != nil {
		return c.fail(e)
	}
	return nil
}

// busy is a store to which others write between a loading and its writing.
type busy struct {
	cloud.Reports

	times int
}

func (b *busy) Save(ctx context.Context, change report.Change) (report.Report, error) {
	if b.times > 0 && change.Before != nil {
		b.times--
		r, err := b.State(ctx, change.After.ID)
		if err != nil {
			return report.Report{}, err
		}
		next := r
		next.Version++
		if _, err := b.Reports.Save(ctx, report.Change{Before: &r, After: next, Quiet: true}); err != nil {
			return report.Report{}, err
		}
	}
	return b.Reports.Save(ctx, change)
}

type world struct {
	*doortest.Province

	store   *busy
	carrier *recorder
	flow    effect.Flow
	failed  []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t), carrier: &recorder{}}
	w.store = &busy{Reports: w.Base.Reports()}
	w.flow = effect.Flow{Store: w.store, Carrier: w.carrier, Now: w.World.Now, Failed: func(_ context.Context, id string, e report.Effect, err error) {
		w.failed = append(w.failed, fmt.Sprintf("%s %s: %v", id, e.Name, err))
	}}
	w.Flow = w.flow
	return w
}

func (w *world) owed(id string) []string {
	w.Helper()
	var out []string
	for _, e := range w.Load(id).Report.Owed {
		out = append(out, fmt.Sprintf("%s#%d", e.Name, e.N))
	}
	return out
}

func (w *world) same(what string, got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("%s: %q, want %q", what, got, want)
	}
}

// act carries out a decision over the report.
func (w *world) act(id string, settled int, decide doortest.Decide) (report.Report, report.Event, error) {
	return w.flow.Act(w.Context(), id, func(h report.History) (report.Change, error) {
		c := w.As(report.Actor{Kind: report.ByMachine, ID: "test"})
		c.Settled = settled
		return decide(h.Report, c)
	})
}

func screened(r report.Report, c report.Context) (report.Change, error) {
	return report.Screened(r, nil, nil, c)
}

const (
	toScreen = "message:report.submitted>screen"
	toRoute  = "message:report.accepted>route"
	toNotify = "message:report.accepted>notify"
)

func TestTheMessageGoesLastAndSaysThatTheRestIsDone(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	w.same("carried out", w.carrier.calls, "project:mine#1 false", "project:day#1 false", toScreen+"#1 true")
	w.same("owed until the next change", w.owed(r.ID), "project:mine#1", "project:day#1", toScreen+"#1")
	if stored := w.Load(r.ID).Report; stored.Version != 1 || r.Version != 1 {
		t.Errorf("it was written %d times", stored.Version)
	}
	if _, _, err := w.act(r.ID, 1, screened); err != nil {
		t.Fatal(err)
	}
	w.same("after the change that the message brought", w.owed(r.ID))
}

func TestWhatFailsStaysOwedAndTheMessageDoesNotSayItIsDone(t *testing.T) {
	broken := errors.New("the projection is down")
	for name, row := range map[string]struct {
		err  error
		told int
	}{"a failure is told": {broken, 1}, "what another function does is not": {fmt.Errorf("carrying: %w", effect.ErrNotHere), 0}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.carrier.fail = func(e report.Effect) error {
				if e.Name == report.ProjectMine {
					return row.err
				}
				return nil
			}
			r := w.Submit("ba", nil)
			w.same("carried out", w.carrier.calls, "project:mine#1 false", "project:day#1 false", toScreen+"#1 false")
			w.same("owed", w.owed(r.ID), "project:mine#1", toScreen+"#1")
			if r.Version != 2 || len(w.failed) != row.told || row.told == 1 && w.failed[0] != r.ID+" project:mine: the projection is down" {
				t.Errorf("version %d, told %q", r.Version, w.failed)
			}
			w.carrier.fail = nil
			if _, _, err := w.act(r.ID, 0, screened); err != nil {
				t.Fatal(err)
			}
			w.same("after the next change", w.owed(r.ID))
		})
	}
}

func TestAMessageThatCannotBeSentStaysOwed(t *testing.T) {
	w := newWorld(t)
	w.carrier.fail = func(e report.Effect) error {
		if e.Flows() {
			return errors.New("the queue is down")
		}
		return nil
	}
	r := w.Submit("ba", nil)
	w.same("owed", w.owed(r.ID), toScreen+"#1")
	if len(w.failed) != 1 || r.Version != 2 {
		t.Errorf("told %q, version %d", w.failed, r.Version)
	}
}

func TestAnAwaitedMessageOfAnOlderChangeIsTheSweeps(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	w.Change(r.ID, "TTDH", doortest.Accept)
	w.World.Pass(3 * time.Hour)
	w.carrier.calls = nil
	if _, e, err := w.act(r.ID, 0, report.Breach); err != nil || e.N != 3 {
		t.Fatalf("event %d, %v", e.N, err)
	}
	for _, call := range w.carrier.calls {
		if call == toRoute+"#2 false" || call == toRoute+"#2 true" || call == toNotify+"#2 false" {
			t.Errorf("sent again: %s", call)
		}
	}
	if len(w.carrier.calls) == 0 {
		t.Error("nothing of the newest change was carried out")
	}
	w.same("still owed", w.owed(r.ID), toNotify+"#2", toRoute+"#2")
}

func TestEachMessageIsDoneByItself(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	progress := func(r report.Report, c report.Context) (report.Change, error) {
		return report.Progress(r, "a1", "Đang làm.", c)
	}
	w.carrier.fail = func(e report.Effect) error {
		if e.Name == report.MessageEffect(report.EventProgress, report.QueueNotify) {
			return errors.New("the queue is down")
		}
		return nil
	}
	w.Change(r.ID, "SXD", doortest.Receive("a1"), progress, progress)
	const message = "message:assignment.progress>notify"
	only := func() []string {
		return slices.DeleteFunc(w.owed(r.ID), func(s string) bool { return s != message+"#5" && s != message+"#6" })
	}
	w.same("owed", only(), message+"#5", message+"#6")
	w.carrier.fail = func(e report.Effect) error {
		if e.N == 6 {
			return errors.New("the queue is down")
		}
		return nil
	}
	w.World.Pass(10 * time.Minute)
	if err := w.flow.Resume(t.Context(), w.Load(r.ID).Report); err != nil {
		t.Fatal(err)
	}
	w.same("after one was sent", only(), message+"#6")
}

func TestTheSweepTriesAtGrowingDistances(t *testing.T) {
	w := newWorld(t)
	w.carrier.fail = func(report.Effect) error { return errors.New("all is down") }
	r := w.Submit("ba", nil)
	w.carrier.calls = nil
	if err := w.flow.Resume(t.Context(), w.Load(r.ID).Report); err != nil || len(w.carrier.calls) != 0 {
		t.Errorf("at once it carried out %q, %v", w.carrier.calls, err)
	}
	w.World.Pass(report.FirstRetry)
	for i, minutes := range []int{1, 4, 16, 64, 256, 360, 360} {
		w.carrier.calls = nil
		at := w.World.Now()
		if err := w.flow.Resume(t.Context(), w.Load(r.ID).Report); err != nil || len(w.carrier.calls) != 3 {
			t.Fatalf("try %d carried out %q, %v", i+1, w.carrier.calls, err)
		}
		for _, e := range w.Load(r.ID).Report.Owed {
			if got := e.Retry.Sub(at); got != time.Duration(minutes)*time.Minute || e.Tries != i+1 {
				t.Errorf("try %d of %s: the next is in %v after %d tries, want %d minutes", i+1, e.Name, got, e.Tries, minutes)
			}
		}
		w.World.Pass(time.Duration(minutes)*time.Minute - time.Second)
		if err := w.flow.Resume(t.Context(), w.Load(r.ID).Report); err != nil || len(w.carrier.calls) != 3 {
			t.Errorf("a second before the next it carried out %q, %v", w.carrier.calls, err)
		}
		w.World.Pass(time.Second)
	}
	w.carrier.fail = nil
	if err := w.flow.Resume(t.Context(), w.Load(r.ID).Report); err != nil {
		t.Fatal(err)
	}
	w.same("what awaits its change stays", w.owed(r.ID), toScreen+"#1")
}

func TestASweepOverAnOlderReadingWritesNothing(t *testing.T) {
	w := newWorld(t)
	w.carrier.fail = func(report.Effect) error { return errors.New("all is down") }
	r := w.Submit("ba", nil)
	w.World.Pass(time.Hour)
	old := w.Load(r.ID).Report
	w.Change(r.ID, "TTDH", doortest.Accept)
	before := w.Load(r.ID).Report.Version
	for name, fail := range map[string]func(report.Effect) error{"that clears": nil, "that postpones": w.carrier.fail} {
		w.carrier.fail = fail
		if err := w.flow.Resume(t.Context(), old); !errors.Is(err, effect.ErrVersion) || w.Load(r.ID).Report.Version != before {
			t.Errorf("one %s: %v, version %d after %d", name, err, w.Load(r.ID).Report.Version, before)
		}
	}
}

func TestADecisionIsTakenAnewWhileOthersWrite(t *testing.T) {
	for name, row := range map[string]struct {
		times, decided int
		wins           bool
	}{"nobody": {0, 1, true}, "once": {1, 2, true}, "seven times": {7, 8, true}, "eight times": {8, 8, false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.Submit("ba", nil)
			w.store.times = row.times
			decided := 0
			_, e, err := w.act(r.ID, 0, func(r report.Report, c report.Context) (report.Change, error) {
				decided++
				return screened(r, c)
			})
			if decided != row.decided || (err == nil) != row.wins || row.wins && e.N != 2 || !row.wins && !errors.Is(err, effect.ErrVersion) {
				t.Errorf("decided %d times, event %d, %v", decided, e.N, err)
			}
			if n := w.Load(r.ID).Report.Newest.N; (n == 2) != row.wins {
				t.Errorf("the report is at event %d", n)
			}
		})
	}
}

func TestAClearingThatLosesIsLeftToTheOthers(t *testing.T) {
	w := newWorld(t)
	w.carrier.fail = func(e report.Effect) error {
		if e.Name == report.ProjectDay {
			w.store.times = 1 // somebody writes before the clearing
			return errors.New("the projection is down")
		}
		return nil
	}
	r := w.Submit("ba", nil)
	if r.Version != 1 || w.Load(r.ID).Report.Version != 2 {
		t.Errorf("version %d, stored %d", r.Version, w.Load(r.ID).Report.Version)
	}
	w.same("all stays owed", w.owed(r.ID), "project:mine#1", "project:day#1", toScreen+"#1")
}

func TestADecisionsFaultComesAsItIs(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	refused := fault.New(fault.Conflict, "wrong_state", "submitted")
	got, e, err := w.act(r.ID, 0, func(report.Report, report.Context) (report.Change, error) { return report.Change{}, refused })
	if !errors.Is(err, refused) || e.N != 0 || got.ID != r.ID {
		t.Errorf("got %s, event %d, %v", got.ID, e.N, err)
	}
	if _, _, err := w.act("PA-00000000000", 0, screened); !fault.Is(err, "not_found") {
		t.Errorf("no report: %v", err)
	}
	if _, err := w.flow.Find(t.Context(), "PA-00000000000"); !fault.Is(err, "not_found") {
		t.Errorf("finding none: %v", err)
	}
}

func TestARepeatIsAnsweredBeforeTheStateIsLookedAt(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	c := w.As(report.Actor{Kind: report.ByOfficer, ID: "lan"})
	c.Key, c.Request = "key", "request"
	decided := 0
	accept := func(h report.History) (report.Change, error) {
		decided++
		return report.Accept(h.Report, "", c)
	}
	if _, e, err := w.flow.ActOnce(t.Context(), r.ID, c, accept); err != nil || e.N != 2 {
		t.Fatalf("event %d, %v", e.N, err)
	}
	w.Change(r.ID, "TTDH", doortest.Transfer("SXD"))
	c.Ensure = 1 // what the officer saw is long past
	w.carrier.calls = nil
	now, e, err := w.flow.ActOnce(t.Context(), r.ID, c, accept)
	if err != nil || e.N != 2 || e.Type != report.EventAccepted || now.State != report.Processing || decided != 1 || len(w.carrier.calls) != 0 {
		t.Errorf("event %d %s, now %s, %v; decided %d times, carried out %q", e.N, e.Type, now.State, err, decided, w.carrier.calls)
	}
	c.Request = "another request"
	if _, _, err := w.flow.ActOnce(t.Context(), r.ID, c, accept); !fault.Is(err, "key_reused") || decided != 1 {
		t.Errorf("the key with another request: %v", err)
	}
	c.Key = "another key"
	if _, _, err := w.flow.ActOnce(t.Context(), r.ID, c, accept); !fault.Is(err, "wrong_state") {
		t.Errorf("another key: %v", err)
	}
}

func TestASubmissionsIdIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	change, err := report.Submit(report.Submission{ID: r.ID, Owner: "other", Text: "Khác."}, w.As(report.Actor{Kind: report.ByReporter, ID: "other"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.flow.Begin(t.Context(), change); !errors.Is(err, effect.ErrVersion) {
		t.Errorf("got %v", err)
	}
	if got := w.Load(r.ID).Report; got.Owner == "other" || got.Version != 1 {
		t.Errorf("the report is %+v", got)
	}
}
