package screen_test

import (
	"encoding/json"
	"testing"

	"paht/shared/report"
	"paht/shared/settings"
)

func TestTheMachineTellsTheScreenersWhichPhrasesItFound(t *testing.T) {
	w := newWorld(t)
	for name, row := range map[string]struct{ text, want string }{
		"a complaint": {
			"Nay tôi khiếu nại lần hai.",
			`[{"class":"9.1.b","phrase":"khiếu nại","at":[8,17],"weight":3,"list":0}]`,
		},
		"a report of a crime": {"Phát hiện tụ điểm bán ma túy ở ấp Giồng Lức, giao tận nơi.", ""},
		"a usual report":      {"Đường có ổ gà lớn trước cổng trường tiểu học, xe máy hay ngã.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.said(row.text)
			if err := w.step.Take(t.Context(), submitted(r)); err != nil {
				t.Fatal(err)
			}
			body := w.Body(w.Load(r.ID).Report, 2)
			if row.want == "" {
				if body.Hints != nil {
					t.Errorf("hinted at %s", body.Hints)
				}
				return
			}
			if !json.Valid(body.Hints) || string(body.Hints) != row.want {
				t.Errorf("got %s", body.Hints)
			}
		})
	}
}

func TestTheDepartmentsPhrasesAreUsedFromTheNextReportOn(t *testing.T) {
	w := newWorld(t)
	const text = "Cây dù trước chợ che khuất biển báo, xe tải hay vướng vào."
	first := w.said(text)
	if err := w.step.Take(t.Context(), submitted(first)); err != nil {
		t.Fatal(err)
	}
	w.Store(settings.Words, `[{"class":"9.1.a","phrase":"cây dù","weight":3}]`)
	second := w.said(text)
	if err := w.step.Take(t.Context(), submitted(second)); err != nil {
		t.Fatal(err)
	}
	if body := w.Body(w.Load(first.ID).Report, 2); body.Hints != nil {
		t.Errorf("the first was hinted at %s", body.Hints)
	}
	h := w.Load(second.ID)
	if body := w.Body(h.Report, 2); string(body.Hints) != `[{"class":"9.1.a","phrase":"cây dù","at":[0,6],"weight":3,"list":1}]` {
		t.Errorf("the second was hinted at %+v", body)
	}
	if h.Report.State != report.Screening {
		t.Errorf("it is %s", h.Report.State)
	}
}
