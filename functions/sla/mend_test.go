package sla_test

import (
	"encoding/json"
	"slices"
	"testing"

	"paht/functions/sla"
	"paht/shared/report"
	"paht/shared/upload"
)

// mend runs the operation for one finding.
func (w *world) mend(finding map[string]string) (sla.Mending, error) {
	w.t.Helper()
	event, err := json.Marshal(map[string]any{"operation": sla.Mend, "deviations": []map[string]string{finding}})
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := w.step.Operate(w.t.Context(), sla.Mend, event)
	mending, _ := answer.(sla.Mending)
	return mending, err
}

func TestMendingIsTakenAnewWhenAnotherWrote(t *testing.T) {
	day := map[string]string{"report": code(1), "what": "day", "where": "D#"}
	for _, c := range []struct {
		name    string
		finding func(w *world) map[string]string // of what it stores
		key     string
		another func(w *world, finding map[string]string)
		want    sla.Mending
	}{
		{"a report that nobody writes owes again", func(w *world) map[string]string {
			w.screened(w.stored(code(1)).ID)
			return day
		}, "R#", nil, sla.Mending{Reports: 1}},
		{"a report that is accepted meanwhile owes again", func(w *world) map[string]string {
			w.screened(w.stored(code(1)).ID)
			return day
		}, "R#", func(w *world, _ map[string]string) {
			w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) { return report.Accept(r, "", c) })
		}, sla.Mending{Reports: 1}},
		{"an accepted upload is opened again", func(w *world) map[string]string {
			return w.accepted()
		}, "S#", nil, sla.Mending{Reopened: 1}},
		{"an upload that another mending opens meanwhile is open", func(w *world) map[string]string {
			return w.accepted()
		}, "S#", func(w *world, finding map[string]string) {
			if got, err := w.mend(finding); err != nil || got.Reopened != 1 {
				w.t.Errorf("the other gave %+v, %v", got, err)
			}
		}, sla.Mending{Unchanged: 1}},
		{"an upload that is open stays so", func(w *world) map[string]string {
			slot := w.slot(upload.Slot{Purpose: upload.Photo, Report: code(1)}, "1")
			return map[string]string{"report": code(1), "what": "media", "where": slot.Key()}
		}, "S#", nil, sla.Mending{Unchanged: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			finding := c.finding(w)
			another := 0
			if c.another != nil {
				w.meanwhile(c.key, func() { another++; c.another(w, finding) })
			}
			got, err := w.mend(finding)
			w.Break(nil)
			if err != nil || got.Reports != c.want.Reports || got.Reopened != c.want.Reopened || got.Unchanged != c.want.Unchanged || len(got.Left) != 0 {
				t.Fatalf("gave %+v, %v", got, err)
			}
			if c.another != nil && another != 1 {
				t.Fatalf("another wrote %d times", another)
			}
			w.mended(finding)
		})
	}
}

// accepted stores a report's upload whose file is clean, and gives the finding
// that the file is lost.
func (w *world) accepted() map[string]string {
	w.t.Helper()
	slot := w.slot(upload.Slot{Purpose: upload.Photo, Report: code(1)}, "1")
	w.judged(slot.ID)
	return map[string]string{"report": code(1), "what": "media", "where": slot.Key()}
}

// mended tells that a finding's remedy is stored, for the sweep.
func (w *world) mended(finding map[string]string) {
	w.t.Helper()
	if finding["what"] == "day" {
		owed := w.load(code(1)).Report.Owed
		if !slices.ContainsFunc(owed, func(e report.Effect) bool { return e.Name == report.ProjectDay && !e.Retry.After(w.Now()) }) {
			w.t.Errorf("the report owes %+v", owed)
		}
		return
	}
	slot, err := w.slots.Load(w.t.Context(), upload.ID("lan/1", 0))
	if err != nil || slot.State != upload.Open || slot.Attention == nil {
		w.t.Errorf("the upload is %+v (%v)", slot, err)
	}
}
