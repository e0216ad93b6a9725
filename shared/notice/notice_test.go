package notice

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/shared/report"
)

var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func intent() Item {
	r := report.Report{ID: report.Code("lan", "1", 0)}
	return OfEvent("lan", string(report.ByEmail), r, report.Event{N: 2, Type: report.EventAccepted, At: begin}, begin)
}

func TestRetriesGoFurtherApart(t *testing.T) {
	i := intent().Held("one", begin)
	now := begin.Add(Lease)
	for _, wait := range []time.Duration{1, 4, 16, 64, 256, 360, 360} {
		next, err := i.Resent(now)
		if err != nil {
			t.Fatal(err)
		}
		due, ok := next.Attention()
		if !ok || !due.Equal(now.Add(wait*time.Minute)) {
			t.Fatalf("try %d is followed after %v", next.Tries, due.Sub(now))
		}
		if _, err := next.Resent(due.Add(-time.Nanosecond)); !errors.Is(err, ErrNothing) {
			t.Fatal("it was sent again before its time")
		}
		i, now = next, due
	}
}

func TestAnIntentThatNobodyCarriesOutIsGivenUp(t *testing.T) {
	i := intent().Held("one", begin)
	now, tries := begin, 0
	for {
		due, ok := i.Attention()
		if !ok {
			break
		}
		now = due
		next, err := i.Resent(now)
		if err != nil {
			t.Fatal(err)
		}
		i, tries = next, tries+1
		if tries > 100 {
			t.Fatal("it goes on for ever")
		}
	}
	if i.Outcome != Failed || i.Reason != GivenUp || now.Sub(begin) < giveUp || now.Sub(begin) > giveUp+maxRetry {
		t.Errorf("given up after %v with %+v", now.Sub(begin), i)
	}
}

func TestALeaseIsOneWorkersUntilItPasses(t *testing.T) {
	i := intent().Held("one", begin)
	for _, c := range []struct {
		name  string
		item  Item
		at    time.Time
		taken bool
	}{
		{"within the lease it is not taken over", i, begin.Add(Lease - time.Second), false},
		{"at its end it is", i, begin.Add(Lease), true},
		{"what was released is taken at once", i.Released(), begin, true},
		{"what was sent is never taken", i.Concluded("", begin), begin.Add(time.Hour), false},
		{"what failed is never taken", i.Concluded(Refused, begin), begin.Add(time.Hour), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, err := c.item.Taken("two", c.at)
			if (err == nil) != c.taken {
				t.Fatalf("gave %v", err)
			}
			if c.taken && (next.Holder != "two" || next.Version != c.item.Version+1) {
				t.Errorf("took %+v", next)
			}
		})
	}
}

func TestNoticesInTheSystemAreCompleteAtOnce(t *testing.T) {
	r := report.Report{ID: report.Code("lan", "1", 0)}
	i := OfEvent(AgencyInbox("sxd"), InSystem, r, report.Event{N: 5, Type: report.EventTransferred, At: begin}, begin)
	if _, owed := i.Attention(); owed || i.Outcome != Sent || i.Done == nil {
		t.Errorf("made %+v", i)
	}
}

// Whatever workers and the sweep do in whatever order: versions move by one, one
// worker has it at a time, and an outcome is final.
func TestTransitionsKeepTheirWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := intent().Held("w0", begin)
		now := begin
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			before := i
			next := i
			switch rapid.SampledFrom([]string{"take", "release", "conclude", "sweep"}).Draw(t, "act") {
			case "take":
				taken, err := i.Taken("other", now)
				if err == nil && before.Leased.After(now) {
					t.Fatal("taken over within the lease")
				}
				if err == nil {
					next = taken
				}
			case "release":
				if i.Outcome == Pending {
					next = i.Released()
				}
			case "conclude":
				if i.Outcome == Pending {
					next = i.Concluded("", now)
				}
			case "sweep":
				resent, err := i.Resent(now)
				if err == nil && before.Leased.After(now) {
					t.Fatal("sent again within the lease")
				}
				if err == nil {
					next = resent
				}
			}
			if before.Outcome != Pending && next.Version != before.Version {
				t.Fatal("an outcome was changed")
			}
			if next.Version != before.Version && next.Version != before.Version+1 {
				t.Fatal("the version jumped")
			}
			if at, owed := next.Attention(); owed != (next.Outcome == Pending) || owed && at.IsZero() {
				t.Fatalf("an intent is lost to the sweep: %+v", next)
			}
			i = next
		}
	})
}

func TestAnIntentIsClosedWhereNobodyHoldsIt(t *testing.T) {
	held := intent().Held("one", begin)
	for name, row := range map[string]struct {
		item   Item
		at     time.Time
		closed bool
	}{
		"within the lease it is its worker's": {held, begin.Add(Lease - time.Second), false},
		"at its end it is closed":             {held, begin.Add(Lease), true},
		"what was sent stays sent":            {held.Concluded("", begin), begin.Add(time.Hour), false},
	} {
		closed, err := row.item.Closed(row.at)
		if row.closed && (err != nil || closed.Outcome != Failed || closed.Reason != Overtaken) || !row.closed && !errors.Is(err, ErrNothing) {
			t.Errorf("%s: it became %+v, %v", name, closed, err)
		}
	}
}
