package cloud_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/upload"
)

var slotsBegin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func newSlot(id, owner, request string) upload.Slot {
	return upload.New(upload.Slot{ID: id, Owner: owner, Request: request, Purpose: upload.Photo, Type: upload.TypeJPEG, Size: 3}, slotsBegin)
}

// dueSlots lists the slots that the sweep finds at an instant.
func dueSlots(t *testing.T, w *cloudtest.World, at time.Time) []string {
	t.Helper()
	var ids []string
	due := cloud.Due{Table: w.Table}
	for _, shard := range due.Shards() {
		hits, _, err := due.Page(t.Context(), shard, at, 100, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			if h.Kind == effect.HitSlot {
				ids = append(ids, h.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

func TestTheSameRequestFindsItsSlot(t *testing.T) {
	w := cloudtest.Open(t, slotsBegin)
	slots := cloud.Slots{Table: w.Table}
	first, err := slots.Open(t.Context(), newSlot("s1", "u1", "r1"))
	if err != nil || first.Version != 1 {
		t.Fatal(first, err)
	}
	judged, err := first.Judged("", 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := slots.Save(t.Context(), judged); err != nil {
		t.Fatal(err)
	}
	later := newSlot("s1", "u1", "r1")
	later.Created = later.Created.Add(time.Hour)
	again, err := slots.Open(t.Context(), later)
	if err != nil || again.State != upload.Accepted || !again.Created.Equal(first.Created) {
		t.Errorf("the repeat got %+v, %v", again, err)
	}
	for name, other := range map[string]upload.Slot{"another body": newSlot("s1", "u1", "r2"), "another account": newSlot("s1", "u2", "r1")} {
		if _, err := slots.Open(t.Context(), other); !fault.Is(err, "key_reused") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASlotIsWrittenUnderItsVersion(t *testing.T) {
	w := cloudtest.Open(t, slotsBegin)
	slots := cloud.Slots{Table: w.Table}
	slot, err := slots.Open(t.Context(), newSlot("s1", "u1", "r1"))
	if err != nil {
		t.Fatal(err)
	}
	one, _ := slot.Judged("truncated", 0, 0)
	other, _ := slot.Attached("PA-1", "u1")
	if err := slots.Save(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if err := slots.Save(t.Context(), other); !errors.Is(err, effect.ErrVersion) {
		t.Errorf("the second of two writers got %v", err)
	}
	if err := slots.Remove(t.Context(), slot); !errors.Is(err, effect.ErrVersion) {
		t.Errorf("a removal on an old version got %v", err)
	}
	if err := slots.Remove(t.Context(), one); err != nil {
		t.Error(err)
	}
	if err := slots.Remove(t.Context(), one); err != nil {
		t.Errorf("a removal that was done before got %v", err)
	}
	for _, id := range []string{"s1", "", strings.Repeat("x", 3000)} {
		if _, err := slots.Load(t.Context(), id); !fault.Is(err, "unknown_upload") {
			t.Errorf("loading %.10q: %v", id, err)
		}
	}
}

func TestTheSweepFindsASlotWhileItMustLook(t *testing.T) {
	w := cloudtest.Open(t, slotsBegin)
	slots := cloud.Slots{Table: w.Table}
	slot, err := slots.Open(t.Context(), newSlot("s1", "u1", "r1"))
	if err != nil {
		t.Fatal(err)
	}
	if got := dueSlots(t, w, slotsBegin.Add(upload.CheckAfter-time.Second)); got != nil {
		t.Errorf("before its instant the sweep finds %v", got)
	}
	if got := dueSlots(t, w, slotsBegin.Add(upload.CheckAfter)); !slices.Equal(got, []string{"s1"}) {
		t.Errorf("at its instant the sweep finds %v", got)
	}
	attached, _ := slot.Attached("PA-1", "u1")
	judged, _ := attached.Judged("", 4, 3)
	for _, s := range []upload.Slot{attached, judged} {
		if err := slots.Save(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if got := dueSlots(t, w, slotsBegin.AddDate(1, 0, 0)); got != nil {
		t.Errorf("when all is done the sweep still finds %v", got)
	}
}

// raised notes what a report was told.
type raised []string

func (r *raised) raise(_ context.Context, id, slot, code string) error {
	*r = append(*r, id+" "+slot+" "+code)
	return nil
}

func TestAttachingTellsOfEveryFileThatIsNotTaken(t *testing.T) {
	w := cloudtest.Open(t, slotsBegin)
	slots := cloud.Slots{Table: w.Table}
	for _, id := range []string{"fine", "rejected", "taken", "unchecked"} {
		if _, err := slots.Open(t.Context(), newSlot(id, "u1", "r1")); err != nil {
			t.Fatal(err)
		}
	}
	change := func(id string, next func(upload.Slot) (upload.Slot, error)) {
		s, err := slots.Load(t.Context(), id)
		if err == nil {
			s, err = next(s)
		}
		if err == nil {
			err = slots.Save(t.Context(), s)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	change("fine", func(s upload.Slot) (upload.Slot, error) { return s.Judged("", 4, 3) })
	change("rejected", func(s upload.Slot) (upload.Slot, error) { return s.Judged("truncated", 0, 0) })
	change("taken", func(s upload.Slot) (upload.Slot, error) { return s.Attached("PA-0", "u1") })
	var told raised
	attach := cloud.Attachments{Slots: slots, Raise: told.raise}
	r := report.Report{ID: "PA-1", Owner: "u1", Media: []string{"fine", "rejected", "taken", "unchecked", "gone"}}
	want := raised{"PA-1 rejected truncated", "PA-1 taken upload_taken", "PA-1 gone unknown_upload"}
	for _, when := range []string{"at first", "again, after a crash"} {
		told = nil
		if err := attach.Attach(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s it told %v", when, told)
		}
	}
	for id, want := range map[string]string{"fine": "PA-1", "rejected": "PA-1", "unchecked": "PA-1", "taken": "PA-0"} {
		if s, err := slots.Load(t.Context(), id); err != nil || s.Report != want {
			t.Errorf("%s belongs to %q, %v", id, s.Report, err)
		}
	}
}

func TestAttachingSurvivesAWriterInBetweenAndAStoreThatFails(t *testing.T) {
	w := cloudtest.Open(t, slotsBegin)
	slots := cloud.Slots{Table: w.Table}
	if _, err := slots.Open(t.Context(), newSlot("s1", "u1", "r1")); err != nil {
		t.Fatal(err)
	}
	var told raised
	attach := cloud.Attachments{Slots: slots, Raise: told.raise}
	r := report.Report{ID: "PA-1", Owner: "u1", Media: []string{"s1"}}
	isPut := func(q *http.Request) bool { return strings.HasSuffix(q.Header.Get("X-Amz-Target"), ".PutItem") }

	w.Break(func(q *http.Request) (error, error) { return errors.New("no connection"), nil })
	if err := attach.Attach(t.Context(), r); err == nil || fault.As(err) != nil || told != nil {
		t.Errorf("a store that fails: %v, told %v", err, told)
	}
	// The write is done, and its answer is lost; meanwhile media rejects the file.
	w.Break(func(q *http.Request) (error, error) {
		if isPut(q) {
			return nil, errors.New("the answer is lost")
		}
		return nil, nil
	})
	if err := attach.Attach(t.Context(), r); err == nil {
		t.Error("an answer that is lost is no success")
	}
	w.Break(nil)
	s, err := slots.Load(t.Context(), "s1")
	if err != nil || s.Report != "PA-1" {
		t.Fatal(s, err)
	}
	judged, _ := s.Judged("polyglot", 0, 0)
	if err := slots.Save(t.Context(), judged); err != nil {
		t.Fatal(err)
	}
	if err := attach.Attach(t.Context(), r); err != nil || !slices.Equal(told, raised{"PA-1 s1 polyglot"}) {
		t.Errorf("the repeat told %v, %v", told, err)
	}
	// A verdict that comes between reading and writing is seen on the second try.
	if _, err := slots.Open(t.Context(), newSlot("s2", "u1", "r1")); err != nil {
		t.Fatal(err)
	}
	between := true
	w.Break(func(q *http.Request) (error, error) {
		if isPut(q) && between {
			between = false
			fresh, _ := slots.Load(context.Background(), "s2")
			rejected, _ := fresh.Judged("animated", 0, 0)
			if err := slots.Save(context.Background(), rejected); err != nil {
				t.Error(err)
			}
		}
		return nil, nil
	})
	told = nil
	r.Media = []string{"s2"}
	if err := attach.Attach(t.Context(), r); err != nil || !slices.Equal(told, raised{"PA-1 s2 animated"}) {
		t.Errorf("after a verdict in between it told %v, %v", told, err)
	}
}
