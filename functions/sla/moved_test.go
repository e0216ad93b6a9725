package sla_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/functions/sla"
	"paht/shared/account"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/upload"
)

// meanwhile does something, once, between what was read and the first write of an
// item whose key begins so.
func (w *world) meanwhile(key string, do func()) {
	done := false
	w.Break(func(r *http.Request) (before, after error) {
		if !done && w.puts(r, key) {
			done = true
			w.Quietly(do)
		}
		return nil, nil
	})
}

// puts tells whether a request writes an item whose key begins so.
func (w *world) puts(r *http.Request, key string) bool {
	return strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") && strings.Contains(bodyOf(w.t, r), `"`+key)
}

// unproven stores an account that owes the letter that proves its address.
func (w *world) unproven() account.Account {
	w.t.Helper()
	a, err := w.people.Save(w.t.Context(), account.Registered(account.Registration{
		Kind: account.Individual, Private: account.Private{Name: "Lan", LogIn: "lan", Email: "lan@example.vn"},
		Act: account.Act{Key: "k", Request: "r", At: begin}, Inactive: begin.AddDate(1, 0, 0), CodeLife: 24 * time.Hour,
	}))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// judged records that a slot's file is clean.
func (w *world) judged(id string) upload.Slot {
	w.t.Helper()
	slot, err := w.slots.Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if slot, err = slot.Judged("", 4, 3); err != nil {
		w.t.Fatal(err)
	}
	if err := w.slots.Save(w.t.Context(), slot); err != nil {
		w.t.Fatal(err)
	}
	return slot
}

func TestWhatAnotherWroteMeanwhileIsStaleAndNotFailed(t *testing.T) {
	for _, c := range []struct {
		name  string
		key   string
		item  func(w *world) (another func()) // stores it
		after time.Duration
	}{
		{"a report", "R#", func(w *world) func() {
			w.stored(code(1))
			return func() { w.screened(code(1)) }
		}, report.FirstRetry},
		{"a slot", "S#", func(w *world) func() {
			slot := w.slot(upload.Slot{Purpose: upload.Photo, Report: code(1)}, "1")
			w.objects[slot.Key()] = true
			return func() { w.judged(slot.ID) }
		}, upload.CheckAfter},
		{"a notice", "", func(w *world) func() {
			i := w.intent(w.screened(w.stored(code(1)).ID))
			return func() {
				if err := w.inbox.Save(w.t.Context(), i.Concluded("", w.Now())); err != nil {
					w.t.Error(err)
				}
			}
		}, notice.Lease},
		{"an account", "", func(w *world) func() {
			a := w.unproven()
			return func() {
				if err := w.step.AccountFlow.Resume(w.t.Context(), a); err != nil {
					w.t.Error(err)
				}
			}
		}, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			another := c.item(w)
			w.Pass(c.after)
			wrote := false
			w.meanwhile(c.key, func() { another(); wrote = true })
			if tally := w.sweep(); !wrote || tally != (sla.Tally{Hits: 1, Stale: 1}) {
				t.Errorf("the sweep did %+v; another wrote: %v", tally, wrote)
			}
			w.Break(nil)
			if tally := w.sweep(); tally.Hits != 0 {
				t.Errorf("what the other wrote does not stand: %+v", tally)
			}
		})
	}
}

func TestANoticeThatIsNotDueAnyMoreIsNotSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		moved  func(i notice.Item) (notice.Item, error) // since the index saw it
		stands notice.Outcome
	}{
		{"another worker has it", func(i notice.Item) (notice.Item, error) { return i.Taken("another", begin.Add(notice.Lease)) }, notice.Pending},
		{"another sweep sent it", func(i notice.Item) (notice.Item, error) { return i.Resent(begin.Add(notice.Lease)) }, notice.Pending},
		{"it has its outcome", func(i notice.Item) (notice.Item, error) { return i.Concluded("", begin.Add(notice.Lease)), nil }, notice.Sent},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.intent(w.screened(w.stored(code(1)).ID))
			w.Pass(notice.Lease)
			w.Lag(time.Hour) // from now on the index shows what was
			i, err := c.moved(i)
			if err == nil {
				err = w.inbox.Save(t.Context(), i)
			}
			if err != nil {
				t.Fatal(err)
			}
			if tally := w.sweep(); tally != (sla.Tally{Hits: 1, Stale: 1}) {
				t.Errorf("the sweep did %+v", tally)
			}
			if sent := w.Received("notify"); len(sent) != 0 {
				t.Errorf("sent %+v", sent)
			}
			if stands, err := w.inbox.Item(t.Context(), i.Owner, i.Entry); err != nil || stands.Outcome != c.stands || stands.Version != i.Version {
				t.Errorf("the notice became %+v (%v)", stands, err)
			}
		})
	}
}

// untold stores a slot that was closed, and whose report was not told: the
// function died between the two writes.
func (w *world) untold(id string) upload.Slot {
	w.t.Helper()
	w.stored(code(1), upload.ID("lan/1", 0))
	w.screened(code(1))
	for range 6 { // until the report's own retries are far apart
		w.Pass(time.Hour)
		w.sweep()
	}
	slot := w.slot(upload.Slot{Purpose: upload.Photo, Report: id}, "1")
	w.Pass(upload.CloseAfter)
	slot, _, err := slot.Looked(false, w.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	slot = slot.Untold(w.Now())
	if err := w.slots.Save(w.t.Context(), slot); err != nil {
		w.t.Fatal(err)
	}
	w.Pass(time.Minute)
	return slot
}

func TestAClosedSlotRestsOnceItsReportKnows(t *testing.T) {
	toldBefore := func(w *world, slot upload.Slot) {
		_, _, err := w.flow.Act(w.t.Context(), code(1), func(h report.History) (report.Change, error) {
			return report.MediaRejected(h, slot.ID, slot.Reason, w.context(report.ByReporter, "lan"))
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	unwritable := func(w *world, _ upload.Slot) {
		w.Break(func(r *http.Request) (before, after error) {
			if w.puts(r, "R#") {
				return errors.New("too many requests"), nil
			}
			return nil, nil
		})
	}
	for _, c := range []struct {
		name    string
		report  string
		happens func(w *world, slot upload.Slot)
		tally   sla.Tally
		rests   bool
		told    int
	}{
		{"it is told", code(1), nil, sla.Tally{Hits: 1, Acted: 1}, true, 1},
		{"it was told before", code(1), toldBefore, sla.Tally{Hits: 1, Acted: 1}, true, 1},
		{"it is gone", code(2), nil, sla.Tally{Hits: 1, Acted: 1}, true, 0},
		{"it cannot be written", code(1), unwritable, sla.Tally{Hits: 1, Failed: 1}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			left := w.untold(c.report)
			if c.happens != nil {
				c.happens(w, left)
			}
			if tally := w.sweep(); tally != c.tally {
				t.Errorf("the sweep did %+v", tally)
			}
			w.Break(nil)
			slot, err := w.slots.Load(t.Context(), left.ID)
			if err != nil || (slot.Attention == nil) != c.rests || !c.rests && !slot.Attention.Equal(*left.Attention) {
				t.Errorf("the slot is %+v (%v)", slot, err)
			}
			if n := count(w.load(code(1)).Events, report.EventMediaRejected, ""); n != c.told {
				t.Errorf("the report was told %d times", n)
			}
			// What did not rest is still due, and the next sweep has it done at once.
			w.sweep()
			if slot, err := w.slots.Load(t.Context(), left.ID); err != nil || slot.Attention != nil {
				t.Errorf("after the next sweep the slot is %+v (%v)", slot, err)
			}
		})
	}
}
