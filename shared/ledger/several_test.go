package ledger_test

import (
	"testing"

	"paht/shared/ledger"
	"paht/shared/report"
)

// shared brings a report to two agencies, of which both gave something back: one
// the rest of its part, which was sent on, the other all of it, which waits.
func shared(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld(t)
	id := w.submit(1)
	w.accepted(id)
	w.transferred(id, "sxd", "snnmt")
	giveBack := func(part, code string) act {
		return func(h report.History, c report.Context) (report.Change, error) {
			return report.Return(h.Report, part, report.Opinion{Code: code, Reason: "không thuộc thẩm quyền"}, c)
		}
	}
	w.act(id, builder, giveBack("a1", report.PartlyNotCompetent))
	w.act(id, farmer, giveBack("a2", report.NotCompetent))
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Transfer(h.Report, []report.Target{{Agency: "ubx", Days: 2}}, "", c, "a1")
	})
	return w, id
}

func TestReturnsBesideOpenPartsHaveNoDeviation(t *testing.T) {
	w, id := shared(t)
	if a := w.verify(50); len(a.Deviations) > 0 {
		t.Fatalf("while one return waits:\n%s", w.shown(a))
	}
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Answer(h.Report, "đã có kế hoạch", "", c, "a2")
	})
	w.concluded(id, "a1", builder, 10)
	w.released(id, "a1", "")
	if a := w.verify(50); len(a.Deviations) > 0 {
		t.Fatalf("at the end:\n%s", w.shown(a))
	}
}

func TestWhatIsAlteredOfAReturnIsNamed(t *testing.T) {
	for _, row := range []struct {
		name, attribute, old, replacement, what, says string
	}{
		{"the return that an hour measures", "d", `"part":"a2"`, `"part":"a1"`, ledger.InClock, "the clock redistribute"},
		{"the state", "d", `"state":"processing"`, `"state":"routing"`, ledger.InState, "by its events it is processing"},
		{"the part that was kept", "d", `"agency":"sxd","state":"transferred"`, `"agency":"sxd","state":"returned"`, ledger.InState, "by the events it is transferred"},
		{"its place in the routers' queue", "lk", "route", "screen", ledger.InIndex, "the attribute lk"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w, id := shared(t)
			w.edit("R#"+id, "s", document(row.attribute, row.old, row.replacement))
			if a := w.verify(50); !names(a, id, row.what, row.says) {
				t.Errorf("not named:\n%s", w.shown(a))
			}
		})
	}
}
