package upload_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/shared/fault"
	"paht/shared/upload"
)

var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func photo() upload.Slot {
	return upload.New(upload.Slot{ID: "s1", Owner: "u1", Purpose: upload.Photo}, begin)
}

func must(t *testing.T) func(s upload.Slot, err error) upload.Slot {
	return func(s upload.Slot, err error) upload.Slot {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func TestTheFirstReportThatNamesASlotHasIt(t *testing.T) {
	taken := must(t)(photo().Attached("PA-1", "u1"))
	result := upload.NewResult(upload.Slot{ID: "s2", Owner: "o1"}, "PA-1", "a1", begin)
	for _, row := range []struct {
		name          string
		slot          upload.Slot
		report, owner string
		want          string
	}{
		{"the owner's first report takes it", photo(), "PA-1", "u1", ""},
		{"another account's report does not find it", photo(), "PA-1", "u2", "unknown_upload"},
		{"the same report again changes nothing", taken, "PA-1", "u1", "nothing"},
		{"a second report comes too late", taken, "PA-2", "u1", "upload_taken"},
		{"a signed result goes to its report", result, "PA-1", "o1", ""},
		{"a signed result goes to no other report", result, "PA-2", "o1", "unknown_upload"},
	} {
		next, err := row.slot.Attached(row.report, row.owner)
		got := ""
		switch {
		case errors.Is(err, upload.ErrNothing):
			got = "nothing"
		case err != nil:
			got = fault.As(err).Code
		case next.Report != row.report || next.Version != row.slot.Version+1:
			t.Errorf("%s: it became %+v", row.name, next)
		}
		if got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

// Verdict, attachment and sweep write in any order, each on what the one before
// left. The report must be told of a file that was not taken, by whichever of
// verdict and attachment comes second, and a slot that a report has must not be
// removed.
func TestWhicheverOfVerdictAndAttachmentComesSecondTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slot, now := photo(), begin
		present := rapid.Bool().Draw(t, "present")
		told := false
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			var next upload.Slot
			var err error
			switch rapid.SampledFrom([]string{"verdict", "attach", "sweep"}).Draw(t, "step") {
			case "verdict":
				if !present {
					continue
				}
				next, err = slot.Judged(rapid.SampledFrom([]string{"", "truncated"}).Draw(t, "reason"), 1, 1)
			case "attach":
				if !slot.Takeable(now) {
					continue
				}
				next, err = slot.Attached("PA-1", "u1")
			case "sweep":
				now = now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "minutes")) * time.Minute)
				if slot.Abandoned(now) {
					if slot.Report != "" {
						t.Fatal("a report's slot is to be removed")
					}
					return
				}
				next, _, err = slot.Looked(present, now)
			}
			if err != nil {
				if !errors.Is(err, upload.ErrNothing) {
					t.Fatal(err)
				}
				continue
			}
			if next.Version != slot.Version+1 {
				t.Fatalf("version %d follows %d", next.Version, slot.Version)
			}
			slot = next
			told = told || slot.MustTell()
		}
		refused := slot.State == upload.Rejected || slot.State == upload.Closed
		if told != (slot.Report != "" && refused) {
			t.Fatalf("told %v of %+v", told, slot)
		}
		if slot.Report == "" && slot.Attention == nil {
			t.Fatalf("nobody will ever look at %+v", slot)
		}
		if slot.Report != "" && slot.State != upload.Open && slot.Attention != nil {
			t.Fatalf("the sweep still looks at %+v", slot)
		}
	})
}

func TestWhatTheSweepFinds(t *testing.T) {
	accepted := must(t)(photo().Judged("", 4, 3))
	attached := must(t)(photo().Attached("PA-1", "u1"))
	result := upload.NewResult(upload.Slot{ID: "s2", Owner: "o1"}, "PA-1", "a1", begin)
	for _, row := range []struct {
		name    string
		slot    upload.Slot
		present bool
		after   time.Duration
		state   upload.State
		check   bool
		next    time.Duration // of the attention, from the beginning; 0 for none, -1 for nothing changes
	}{
		{"before its instant nothing changes", photo(), true, upload.CheckAfter - time.Second, upload.Open, false, -1},
		{"an unchecked object goes to the check, and is looked at again", photo(), true, upload.CheckAfter, upload.Open, true, 10 * time.Minute},
		{"a check that does not succeed is repeated at growing distances", photo(), true, time.Hour, upload.Open, true, 2 * time.Hour},
		{"but every six hours at least", photo(), true, 48 * time.Hour, upload.Open, true, 54 * time.Hour},
		{"without an object the slot waits for its end", photo(), false, upload.CheckAfter, upload.Open, false, upload.CloseAfter},
		{"and is closed then", photo(), false, upload.CloseAfter, upload.Closed, false, upload.KeepFor},
		{"a report's slot is closed for good", attached, false, upload.CloseAfter, upload.Closed, false, 0},
		{"an accepted photo of no report waits for its removal", accepted, true, upload.CheckAfter, upload.Accepted, false, upload.KeepFor},
		{"a signed result that is there waits for its removal", result, true, upload.CheckAfter, upload.Open, false, upload.KeepFor},
		{"an abandoned slot is not looked at", accepted, true, upload.KeepFor, upload.Accepted, false, -1},
	} {
		next, check, err := row.slot.Looked(row.present, begin.Add(row.after))
		if row.next == -1 {
			if !errors.Is(err, upload.ErrNothing) {
				t.Errorf("%s: it became %+v, %v", row.name, next, err)
			}
			continue
		}
		var attention time.Duration
		if next.Attention != nil {
			attention = next.Attention.Sub(begin)
		}
		if err != nil || next.State != row.state || check != row.check || attention != row.next {
			t.Errorf("%s: state %s, check %v, attention after %s, %v", row.name, next.State, check, attention, err)
		}
	}
}

func TestWhenASlotMayBeRemoved(t *testing.T) {
	attached := must(t)(photo().Attached("PA-1", "u1"))
	last, end := begin.Add(upload.TakeUntil), begin.Add(upload.KeepFor)
	switch {
	case !photo().Takeable(last.Add(-time.Second)) || photo().Takeable(last):
		t.Error("a slot may be taken until six days have passed")
	case photo().Abandoned(end.Add(-time.Second)) || !photo().Abandoned(end):
		t.Error("a slot that no report has is removed after seven days")
	case attached.Abandoned(end.AddDate(50, 0, 0)) || !attached.Takeable(end):
		t.Error("a report's slot is never removed")
	}
	told, err := must(t)(attached.Judged("truncated", 0, 0)).Untold(end).Told()
	if err != nil || told.Attention != nil {
		t.Errorf("a slot whose report was told still waits: %+v, %v", told, err)
	}
}

func TestSlotsAreFoundByTheirKeys(t *testing.T) {
	id := upload.ID("act", 3)
	s := upload.Slot{ID: id, Purpose: upload.Photo}
	if got, ok := upload.SlotOf(s.Key()); !ok || got != id {
		t.Errorf("the key %s is of slot %q", s.Key(), got)
	}
	for _, key := range []string{"upload/result/" + id, "clean/" + id + ".jpg", "upload/photo/", "upload/photo/../" + id, s.Key() + "x", "x" + s.Key()} {
		if got, ok := upload.SlotOf(key); ok {
			t.Errorf("the key %s is of slot %q", key, got)
		}
	}
	if upload.ID("act", 3) == upload.ID("act", 4) || upload.ID("act", 3) == upload.ID("other", 3) {
		t.Error("two slots have one id")
	}
}

func TestThereIsNothingToTellOfWhatIsOpenOrRestsAlready(t *testing.T) {
	rests, _, err := must(t)(photo().Judged("truncated", 0, 0)).Looked(true, begin.Add(upload.CheckAfter))
	if err != nil {
		t.Fatal(err)
	}
	for name, slot := range map[string]upload.Slot{"an open slot": photo(), "a slot that waits for its removal": rests} {
		if after, err := slot.Told(); !errors.Is(err, upload.ErrNothing) {
			t.Errorf("%s: it became %+v, %v", name, after, err)
		}
	}
}
