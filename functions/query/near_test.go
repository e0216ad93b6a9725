package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/report"
	"paht/shared/settings"
)

// here is where the report of these tests is about to be sent.
const here = "/v1/near?lat=9.707&lon=106.084&category=giao_thong"

// at is a submission some metres to the north.
func at(category string, metres float64) func(*report.Submission) {
	return func(s *report.Submission) {
		s.Category, s.Point = category, &report.Point{Lat: 9.707 + metres/111_195, Lon: 106.084}
	}
}

// shown lists what an answer shows: code, state, metres, published.
func shown(a doortest.Answer, path ...any) string {
	list, _ := a.At(path...).([]any)
	var out []string
	for _, entry := range list {
		m, _ := entry.(map[string]any)
		code, _ := m["report"].(string)
		out = append(out, fmt.Sprintf("%s %v %v %v %v", code, m["state"], m["metres"], m["published"], m["day"]))
	}
	return strings.Join(out, ", ")
}

func TestAReporterSeesWhatLiesNearBeforeSending(t *testing.T) {
	w := newWorld(t)
	w.Submit("ba", at("giao_thong", 30)) // 60 days before the rest
	w.World.Pass(58 * 24 * time.Hour)
	open := w.Submit("ba", at("giao_thong", 40))
	w.Submit("ba", at("giao_thong", 2000))
	w.Submit("ba", at("dien", 10))
	w.Submit("ba", nil) // without a point
	gone := w.Submit("ba", at("giao_thong", 20))
	w.Change(gone.ID, "TTDH", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Refuse(r, report.Refusal{Code: "9.1", Reason: "Không đúng."}, c)
	})
	public := w.published("Ổ gà", at("giao_thong", 82))
	w.World.Pass(2 * 24 * time.Hour)

	w.Reporter("nam")
	a := w.get("nam", here)
	w.Want("what lies near", a, 200, "")
	day := w.Load(open.ID).Report.SubmittedAt.Add(7 * time.Hour).Format(time.DateOnly)
	if got, want := shown(a, "reports"), " submitted 40 false "+day+", "+public.ID+" published 80 true "+day; got != want {
		t.Errorf("shown are %q, want %q", got, want)
	}
	if a.At("open") != 1.0 || strings.Contains(a.Raw, open.ID) || strings.Contains(a.Raw, "ổ gà lớn") || strings.Contains(a.Raw, "Họ tên") {
		t.Errorf("it shows %s", a.Raw)
	}
	w.Store(settings.Policies, `[{"name":"open_reports_public","value":"counts"}]`)
	if a := w.get("nam", here); a.At("open") != 1.0 || !strings.HasPrefix(shown(a, "reports"), public.ID) {
		t.Errorf("where figures only are public: %s", a.Raw)
	}
	w.Store(settings.Policies, `[{"name":"near_metres","value":{"default":100,"giao_thong":50}}]`)
	if a := w.get("nam", here); shown(a, "reports") != " submitted 40 false "+day {
		t.Errorf("where the category's reach is less: %s", a.Raw)
	}
	w.Store(settings.Policies, `[{"name":"near_days","value":{"default":1}}]`)
	if a := w.get("nam", here); shown(a, "reports") != "" || a.At("open") != 0.0 {
		t.Errorf("where the reach in time is less: %s", a.Raw)
	}
}

func TestNearRefusesWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	w.staff()
	for _, row := range []struct {
		name, who, path string
		status          int
		code            string
	}{
		{"an unknown category", "ba", "/v1/near?lat=9.7&lon=106&category=khong_co", 422, "invalid query.category=unknown_category"},
		{"a place outside the world", "ba", "/v1/near?lat=91&lon=106&category=dien", 422, "invalid query.lat=out_of_range"},
		{"nothing", "ba", "/v1/near", 422, "invalid query.category=required query.lat=required query.lon=required"},
		{"an officer", "screener", here, 403, "wrong_kind_of_account"},
		{"nobody", "", here, 401, "session_missing"},
	} {
		a := w.get(row.who, row.path)
		if a.Status != row.status {
			t.Errorf("%s: %d %s, want %d %s", row.name, a.Status, a.Code(), row.status, row.code)
		}
		if row.status == 422 && !strings.Contains(a.Code(), "query.") {
			t.Errorf("%s: names no field: %s", row.name, a.Code())
		}
	}
}

func TestTheScreenerSeesLikelyDuplicatesUntilTheTransfer(t *testing.T) {
	w := newWorld(t)
	w.staff()
	first := w.Submit("ba", at("giao_thong", 0))
	w.World.Pass(2 * 24 * time.Hour)
	second := w.Submit("ba", at("giao_thong", 40))
	path := "/v1/reports/" + second.ID
	day := first.SubmittedAt.Add(7 * time.Hour).Format(time.DateOnly)
	want := first.ID + " submitted 40 false " + day
	if got := shown(w.get("screener", path), "near"); got != want {
		t.Errorf("the screener sees %q, want %q", got, want)
	}
	if got := shown(w.get("screener", "/v1/reports/"+first.ID), "near"); !strings.HasPrefix(got, second.ID) {
		t.Errorf("of the first the screener sees %q", got)
	}
	if got := shown(w.get("ba", path), "near"); got != "" {
		t.Errorf("the reporter sees %q", got)
	}
	w.Change(second.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	if got := shown(w.get("screener", path), "near"); got != "" {
		t.Errorf("after the transfer the screener sees %q", got)
	}
}

func TestOnlyAFewOfTheNearestAreShown(t *testing.T) {
	w := newWorld(t)
	for i := range 14 {
		w.Submit("ba", at("giao_thong", float64(70-5*i)))
	}
	a := w.get("ba", here)
	list, _ := a.At("reports").([]any)
	if len(list) != 10 || a.At("reports", 0, "metres") != 10.0 || a.At("open") != 10.0 {
		t.Errorf("%d are shown: %s", len(list), a.Raw)
	}
}
