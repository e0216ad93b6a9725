package query_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/report"
	"paht/shared/upload"
)

func TestTheTrackingCodeShowsNoTextPhotoOrName(t *testing.T) {
	w := newWorld(t)
	photo := w.picture(upload.Accepted, "", "")
	r := w.Submit("ba", func(s *report.Submission) {
		s.Media, s.Publicity, s.Point = []string{photo}, report.NameShown, &report.Point{Lat: 9.9, Lon: 106.3}
	})
	for name, typed := range map[string]string{
		"as printed": r.ID, "in small letters": strings.ToLower(r.ID), "without hyphen": strings.ReplaceAll(r.ID, "-", ""), "with spaces": r.ID[:6] + " " + r.ID[6:],
	} {
		a := w.get("", "/v1/tracking/"+url.PathEscape(typed))
		if a.Status != 200 || a.At("report") != r.ID || a.At("state") != "submitted" || a.At("categoryName") != "Hạ tầng giao thông (ổ gà, cầu, biển báo)" ||
			a.At("clocks", 0, "due") != "2026-11-24T10:00:00+07:00" || a.At("published") != false {
			t.Errorf("%s: %d %s", name, a.Status, a.Raw)
		}
	}
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	w.Change(r.ID, "SXD", doortest.Receive("a1"), conclude("SXD", w.World.Now()))
	w.Change(r.ID, "TTDH", drafted)
	a := w.get("", "/v1/tracking/"+r.ID)
	if a.At("parts", 0, "agencyName") != "Sở Xây dựng tỉnh Mộc Lam" || a.At("parts", 0, "state") != "editing" || a.At("published") != false {
		t.Errorf("with a part: %s", a.Raw)
	}
	for _, secret := range []string{"ổ gà lớn", "Số 1 đường Thử", "Họ tên", photo, w.ID("ba"), "106.3", "nháp", "Lời của", "the-result", "example.vn"} {
		if strings.Contains(a.Raw, secret) {
			t.Errorf("it shows %q: %s", secret, a.Raw)
		}
	}
	w.Change(r.ID, "TTDH", release("Ổ gà đã được vá", ""))
	if a := w.get("", "/v1/tracking/"+r.ID); a.At("published") != true || a.At("state") != "published" {
		t.Errorf("published: %s", a.Raw)
	}
	check := r.ID[:13] + map[bool]string{true: "1", false: "0"}[r.ID[13] == '0']
	for name, code := range map[string]string{"a wrong check character": check, "another's form": "XX-0000000000", "of no report": "PA-00000000000"} {
		w.Want(name, w.get("", "/v1/tracking/"+code), 404, "not_found")
	}
}

func TestOnlyTheCurrentRevisionIsShown(t *testing.T) {
	w := newWorld(t)
	r := w.published("Lần đầu", func(s *report.Submission) { s.Publicity = report.NameShown })
	path := "/v1/published/" + r.ID
	a := w.get("", path)
	if number(a.At("parts")) != "1" || a.At("parts", 0, "revision") != 1.0 || a.At("parts", 0, "name") != "Họ tên của ba" || a.At("parts", 0, "content") != "Đường có ổ gà." ||
		a.At("parts", 0, "document") != "/public/"+r.ID+"/a1/1/ket-qua.pdf" || a.Header.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("the first revision: %s", a.Raw)
	}
	w.World.Pass(time.Hour)
	next := *r.Assignment("a1").Publication
	next.Revision, next.At = 2, w.World.Now()
	r.Assignments[0].Publication = &next
	if err := w.publications.Publish(t.Context(), r, "a1"); err != nil {
		t.Fatal(err)
	}
	a = w.get("", path)
	if number(a.At("parts")) != "1" || a.At("parts", 0, "revision") != 2.0 || strings.Contains(a.Raw, "/a1/1/") {
		t.Errorf("the second revision: %s", a.Raw)
	}
	if list := w.get("", "/v1/published"); number(list.At("parts")) != "1" || list.At("parts", 0, "revision") != 2.0 {
		t.Errorf("the list: %s", list.Raw)
	}
	open := w.Submit("ba", nil)
	for name, code := range map[string]string{"an open report": open.ID, "no such report": "PA-00000000000", "what is no code": "PA"} {
		w.Want(name, w.get("", "/v1/published/"+code), 404, "not_found")
	}
}

func TestARatingStandsBesideThePublishedPart(t *testing.T) {
	w := newWorld(t)
	r := w.published("Đã vá", nil)
	if a := w.get("", "/v1/published/"+r.ID); a.At("parts", 0, "rating") != nil || a.At("parts", 0, "name") != nil {
		t.Errorf("before: %s", a.Raw)
	}
	w.Change(r.ID, "", func(r report.Report, c report.Context) (report.Change, error) { return report.Rate(r, "a1", 2, 15, c) })
	if a := w.get("", "/v1/published/"+r.ID); a.At("parts", 0, "rating") != 2.0 {
		t.Errorf("after: %s", a.Raw)
	}
}

func TestTheListOfWhatIsPublic(t *testing.T) {
	w := newWorld(t)
	add := func(title, category, commune string) {
		w.published(title, func(s *report.Submission) { s.Category, s.Commune = category, commune })
		w.World.Pass(time.Minute)
	}
	add("một", "giao_thong", "99001")
	add("hai", "dien", "99001")
	add("ba", "giao_thong", "99002")
	titles := func(query string) (string, string) {
		t.Helper()
		a := w.get("", "/v1/published"+query)
		out := fmt.Sprint(a.Status)
		for i := 0; a.At("parts", i) != nil; i++ {
			out += fmt.Sprint(" ", a.At("parts", i, "title"))
		}
		if strings.Contains(a.Raw, "Đã vá xong") || strings.Contains(a.Raw, "Họ tên") {
			t.Errorf("the list holds long texts: %s", a.Raw)
		}
		next, _ := a.At("next").(string)
		return out, next
	}
	for query, want := range map[string]string{
		"": "200 ba hai một", "?commune=99001": "200 hai một", "?category=giao_thong": "200 ba một", "?commune=99003": "200", "?category=khac": "200",
	} {
		if got, _ := titles(query); got != want {
			t.Errorf("%q gives %s, want %s", query, got, want)
		}
	}
	_, next := titles("?limit=1")
	if got, _ := titles("?limit=1&cursor=" + next); got != "200 hai" {
		t.Errorf("the second page is %s", got)
	}
	w.Want("the cursor of another filter", w.get("", "/v1/published?commune=99001&cursor="+next), 422, "invalid query.cursor=cursor_tampered")
	w.Want("two filters", w.get("", "/v1/published?commune=99001&category=dien"), 422, "invalid query.category=one_filter")
}

func TestADueTimeIsShownStepByStep(t *testing.T) {
	w := newWorld(t)
	from := "from=" + url.QueryEscape("2026-11-24T16:30:00+07:00")
	for _, row := range []struct{ name, query, due string }{
		{"two working hours over night", from + "&hours=2&kind=working", "2026-11-25T09:00:00+07:00"},
		{"two hours on the clock", from + "&hours=2&kind=clock", "2026-11-24T18:30:00+07:00"},
	} {
		a := w.get("", "/v1/worktime/due?"+row.query)
		if a.Status != 200 || a.At("due") != row.due || a.At("steps", 0) == nil || a.At("calendar") == "" {
			t.Errorf("%s: %d %s", row.name, a.Status, a.Raw)
		}
	}
	for _, row := range []struct{ name, query, want string }{
		{"no start", "hours=2&kind=clock", "query.from=required"},
		{"what is no time", "from=today&hours=2&kind=clock", "query.from=not_a_time"},
		{"neither hours nor days", from, "query.hours=hours_or_days"},
		{"hours and days", from + "&hours=2&days=3&kind=clock", "query.hours=hours_or_days"},
		{"days of a kind", from + "&days=3&kind=clock", "query.kind=hours_or_days"},
		{"hours of no kind", from + "&hours=2", "query.kind=required"},
		{"of no agency", from + "&hours=2&kind=clock&agency=NOBODY", "query.agency=unknown_agency"},
	} {
		w.Want(row.name, w.get("", "/v1/worktime/due?"+row.query), 422, "invalid "+row.want)
	}
}

func TestTheListsForAForm(t *testing.T) {
	w := newWorld(t)
	if a := w.get("", "/v1/categories"); number(a.At("categories")) != "8" || a.At("categories", 0, "name") == "" {
		t.Errorf("the categories: %s", a.Raw)
	}
	if a := w.get("", "/v1/communes"); number(a.At("communes")) != "6" || strings.Contains(a.Raw, "Tỉnh Mộc Lam") {
		t.Errorf("the communes: %s", a.Raw)
	}
}
