package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/ledger"
	"paht/shared/report"
)

func TestAStepEndsWhereItsTimeEnds(t *testing.T) {
	w := told(t)
	left := 0
	w.checker.Left = func(context.Context) time.Duration { left--; return time.Duration(left) * time.Minute }
	steps := 0
	all, err := ledger.Walk(ledger.Request{From: "2026-11-20", To: "2026-12-01"}, func(r ledger.Request) (ledger.Answer, error) {
		left = 6
		steps++
		return w.checker.Verify(t.Context(), r)
	})
	if err != nil || all.Next != "" || all.Checked.Reports != 5 || all.Checked.Days != 12 || steps < 3 {
		t.Errorf("%d steps gave %+v, %v", steps, all.Checked, err)
	}
	_, err = ledger.Walk(ledger.Request{}, func(r ledger.Request) (ledger.Answer, error) {
		left = 0
		return w.checker.Verify(t.Context(), r)
	})
	if err == nil || !strings.Contains(err.Error(), "too little time") {
		t.Errorf("steps without time gave %v", err)
	}
}

func TestWithoutDaysEverythingSinceTheDecisionIsChecked(t *testing.T) {
	w := told(t)
	a, err := w.checker.Verify(t.Context(), ledger.Request{})
	if err != nil || a.From != ledger.FirstDay || a.To != "2026-11-24" || a.Checked.Reports != 5 || a.Next != "" {
		t.Errorf("gave %+v, %v", a, err)
	}
}

func TestARequestThatIsWrongNamesItsField(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		request ledger.Request
		field   string
	}{
		{ledger.Request{From: "24/11/2026"}, "from:"},
		{ledger.Request{To: "tomorrow"}, "to:"},
		{ledger.Request{From: "2026-11-25", To: "2026-11-24"}, "to:"},
		{ledger.Request{Reports: -1}, "reports:"},
		{ledger.Request{Reports: 501}, "reports:"},
		{ledger.Request{After: "2026-11-24"}, "after:"},
		{ledger.Request{From: "2026-11-24", To: "2026-11-24", After: "2026-11-25/"}, "after:"},
	} {
		if _, err := w.checker.Verify(t.Context(), c.request); err == nil || !strings.HasPrefix(err.Error(), c.field) {
			t.Errorf("%+v gave %v", c.request, err)
		}
	}
}

// moving is the store of a world in which others act while the ledger reads.
type moving struct {
	ledger.Items

	move func()
}

func (m moving) Item(ctx context.Context, pk, sk string) (ledger.Item, error) {
	m.move()
	return m.Items.Item(ctx, pk, sk)
}

func TestAReportThatMovesWhileItIsCheckedIsNotNamed(t *testing.T) {
	w := newWorld(t)
	id := w.submit(open)
	w.accepted(id)
	w.transferred(id, "sxd")
	moves := 0
	items := w.checker.Items
	w.checker.Items = moving{items, func() {
		if moves++; moves != 2 { // between the state and the reporter's row
			return
		}
		w.act(id, builder, func(h report.History, c report.Context) (report.Change, error) {
			return report.Receive(h.Report, "a1", c)
		})
		w.act(id, builder, func(h report.History, c report.Context) (report.Change, error) {
			return report.Return(h.Report, "a1", report.Opinion{Code: report.NotCompetent, Reason: "không"}, c)
		})
	}}
	if a := w.verify(50); len(a.Deviations) > 0 || a.Checked.Reports != 1 || moves < 4 {
		t.Errorf("after %d reads:\n%s", moves, w.shown(a))
	}
}

func TestWhatAChangeStillOwesIsNoDeviation(t *testing.T) {
	w := newWorld(t)
	// The sandbox dies right after the state is written: nothing else is there.
	writes := 0
	dead := errors.New("the sandbox died")
	w.Break(func(r *http.Request) (before, after error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") {
			writes++
		}
		if writes > 1 || strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS") {
			return dead, nil
		}
		return nil, nil
	})
	id := w.submit(fresh)
	w.Break(nil)
	if a := w.verify(50); len(a.Deviations) > 0 || a.Checked.Reports != 0 {
		t.Fatalf("the walk saw:\n%s", w.shown(a))
	}
	w.Pass(2 * time.Minute)
	w.must(w.flow.Resume(t.Context(), w.load(id).Report))
	if a := w.verify(50); len(a.Deviations) > 0 || a.Checked.Reports != 1 {
		t.Fatalf("after the sweep:\n%s", w.shown(a))
	}
	// An act whose projections were never written: they are older than the state.
	change, err := report.Accept(w.load(id).Report, "", w.context(operator))
	w.must(err)
	_, err = w.reports.Save(t.Context(), change)
	w.must(err)
	a := w.verify(50)
	if len(a.Deviations) > 0 || a.Checked.Pending != 1 {
		t.Errorf("while the row is owed:\n%s", w.shown(a))
	}
}

func TestAReportWithoutItsDayIsCheckedThroughItsReportersList(t *testing.T) {
	w := newWorld(t)
	w.submit(fresh)
	hidden := w.submit(open)
	w.accepted(hidden)
	w.remove("D#2026-11-24", hidden)
	w.edit("R#"+hidden, "s", document("d", `"category":"giao-thong"`, `"category":"moi-truong"`))
	a := w.verify(50)
	if !names(a, hidden, ledger.InDay, "it is missing") || !names(a, hidden, ledger.InProjection, "category of the document d") {
		t.Errorf("found:\n%s", w.shown(a))
	}
	if a.Checked.Reports != 2 {
		t.Errorf("checked %d reports", a.Checked.Reports)
	}
}

func TestTheWordsNameNoPersonalData(t *testing.T) {
	w := told(t)
	for n, b := range append(append(public(), bodies(whole)...), projected()...) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w.broken(t, b.hand, func() {
				text := w.shown(w.verify(50))
				for _, private := range []string{"Trần", "Đường", "đã vá", "chưa", "Ổ"} {
					if strings.Contains(text, private) {
						t.Errorf("%s tells %q:\n%s", b.name, private, text)
					}
				}
			})
		})
	}
}
