package route_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"paht/functions/route"
	"paht/shared/cloud/doortest"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
)

type world struct {
	*doortest.Province

	step *route.Step
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t)}
	w.step = &route.Step{Flow: w.Flow, Maker: w.Base.Maker(), Reports: w.Base.Reports()}
	w.Serve(w.step.Bind)
	w.Officer("hung", "TTDH", "router")
	w.Officer("lan", "TTDH", "screener")
	w.Reporter("ba")
	return w
}

// accepted is an accepted report of a category in a commune.
func (w *world) accepted(category, commune string) report.Report {
	w.Helper()
	r := w.Submit("ba", func(s *report.Submission) { s.Category, s.Commune = category, commune })
	return w.Change(r.ID, "TTDH", doortest.Accept)
}

func transfer(r report.Report) string { return "/v1/reports/" + r.ID + "/transfer" }

type target = map[string]any

func to(targets ...target) doortest.Fields {
	return doortest.Fields{"targets": append([]target{}, targets...)}
}

// merged is the directory from which SXD went on 2026-07-01, when SGTXD took
// over; SNN never had reports to handle, and its roles ended.
const merged = `{"agencies":[
	{"code":"VPUB","name":"Văn phòng","kind":"provincial_office","roles":[{"role":"province_office"}]},
	{"code":"SKHCN","name":"Sở Khoa học","kind":"provincial_department","roles":[{"role":"department"}]},
	{"code":"TTDH","name":"Trung tâm","kind":"operating_centre","parent":"SKHCN","roles":[{"role":"operator"}]},
	{"code":"SXD","name":"Sở Xây dựng","kind":"provincial_department","roles":[{"role":"agency"}],"valid_to":"2026-07-01","successors":["SGTXD"]},
	{"code":"SGTXD","name":"Sở Giao thông và Xây dựng","kind":"provincial_department","roles":[{"role":"agency"}],"valid_from":"2026-07-01"},
	{"code":"TTHTKT","name":"Trung tâm Hạ tầng","kind":"organisation","parent":"SGTXD","roles":[{"role":"agency","valid_to":"2026-10-01"}],"valid_from":"2026-07-01"}]}`

const byLeads = `{"categories":[
	{"code":"giao_thong","name":"Giao thông","leads":["SXD"],"default_working_days":3,"legal_basis":"Quyết định số 1"},
	{"code":"cay_xanh","name":"Cây xanh","leads":["TTHTKT"],"default_working_days":4},
	{"code":"khac","name":"Khác","leads":[],"default_working_days":5}]}`

func (w *world) reorganised() {
	w.Helper()
	// The categories that stand name agencies that go: they are first left out.
	w.Store(settings.Categories, `{"categories":[{"code":"khac","name":"Khác","leads":[],"default_working_days":5}]}`)
	w.Store(settings.Agencies, merged)
	w.Store(settings.Categories, byLeads)
}

func TestTheMachineProposesWhomTheDirectoryNames(t *testing.T) {
	for name, row := range map[string]struct {
		category, commune string
		merged            bool
		want              report.Proposal
	}{
		"the first lead of the category":               {"giao_thong", "99001", false, report.Proposal{Agency: "SXD", Days: 3}},
		"the commune's committee":                      {"ve_sinh_moi_truong", "99002", false, report.Proposal{Agency: "UB.99002", Days: 3}},
		"the category's own days":                      {"o_nhiem", "99002", false, report.Proposal{Agency: "SNNMT", Days: 7}},
		"nobody for another matter":                    {"khac", "99001", false, report.Proposal{}},
		"nobody for a category that is gone":           {"bien_bao", "99001", false, report.Proposal{}},
		"the successor, under the key of its row":      {"giao_thong", "99001", true, report.Proposal{Agency: "SGTXD@2026-07-01", Days: 3}},
		"nobody where the lead is not assigned to-day": {"cay_xanh", "99001", true, report.Proposal{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if row.merged {
				w.reorganised()
			}
			r := w.accepted(row.category, row.commune)
			w.World.Received(report.QueueRoute)
			if err := w.step.Take(t.Context(), message.OfReport(report.EventAccepted, r.ID, 2, true)); err != nil {
				t.Fatal(err)
			}
			got := w.Load(r.ID).Report
			if got.State != report.Routing || got.Newest.By.ID != "route" {
				t.Errorf("the report is %s by %+v", got.State, got.Newest.By)
			}
			switch {
			case row.want == report.Proposal{} && got.Proposal != nil:
				t.Errorf("it proposes %+v", *got.Proposal)
			case row.want != report.Proposal{} && (got.Proposal == nil || *got.Proposal != row.want):
				t.Errorf("it proposes %+v, want %+v", got.Proposal, row.want)
			}
			if slices.ContainsFunc(got.Owed, func(e report.Effect) bool {
				return e.Name == report.MessageEffect(report.EventAccepted, report.QueueRoute)
			}) {
				t.Error("route is still owed")
			}
			version := got.Version
			if err := w.step.Take(t.Context(), message.OfReport(report.EventAccepted, r.ID, 2, false)); err != nil || w.Load(r.ID).Report.Version != version {
				t.Errorf("a late duplicate: %v, version %d after %d", err, w.Load(r.ID).Report.Version, version)
			}
		})
	}
}

func TestATransferGoesToWhoIsAssigned(t *testing.T) {
	w := newWorld(t)
	w.reorganised()
	r := w.accepted("giao_thong", "99001")
	for _, row := range []struct {
		name string
		body doortest.Fields
		want string
	}{
		{"nobody of that code", to(target{"agency": "NOBODY"}), "body.targets[0].agency=not_assigned"},
		{"a code that cannot be one", to(target{"agency": "no such agency"}), "body.targets[0].agency=not_assigned"},
		{"one that has gone", to(target{"agency": "SXD"}), "body.targets[0].agency=not_assigned"},
		{"one that handles nothing", to(target{"agency": "TTDH"}), "body.targets[0].agency=not_assigned"},
		{"one whose role has ended", to(target{"agency": "TTHTKT"}), "body.targets[0].agency=not_assigned"},
		{"one of two that has gone", to(target{"agency": "SGTXD"}, target{"agency": "SXD"}), "body.targets[1].agency=not_assigned"},
		{"the same by code and by key", to(target{"agency": "SGTXD"}, target{"agency": "SGTXD@2026-07-01"}), "body.targets[1].agency=repeated"},
		{"nobody", to(), "body.targets=too_few[1]"},
		{"no day at all", to(target{"agency": "SGTXD", "days": 0}), "body.targets[0].days=too_small[1]"},
		{"121 days", to(target{"agency": "SGTXD", "days": 121}), "body.targets[0].days=too_large[120]"},
	} {
		w.Want(row.name, w.Act("hung", http.MethodPost, transfer(r), 2, row.body), 422, "invalid "+row.want)
	}
	if after := w.Load(r.ID).Report; after.Version != r.Version || len(after.Assignments) != 0 {
		t.Errorf("something was stored: %+v", after)
	}
	w.Want("a screener may not", w.Act("lan", http.MethodPost, transfer(r), 2, to(target{"agency": "SGTXD"})), 403, "right_missing")
	w.Want("an older report was seen", w.Act("hung", http.MethodPost, transfer(r), 1, to(target{"agency": "SGTXD"})), 412, "stale")
	w.Want("one that is assigned", w.Act("hung", http.MethodPost, transfer(r), 2, to(target{"agency": "SGTXD"})), 200, "")
	after := w.Load(r.ID).Report
	if a := after.Assignment("a1"); a == nil || a.Agency != "SGTXD@2026-07-01" || a.Clock(report.ClockHandling).Amount != 3 || a.LegalBasis != "Quyết định số 1" {
		t.Errorf("the part is %+v", after.Assignments)
	}
	w.Want("once more", w.Act("hung", http.MethodPost, transfer(r), 3, to(target{"agency": "SGTXD"})), 409, "wrong_state")
}

func TestWhatTheRouterLeavesOutIsCompleted(t *testing.T) {
	w := newWorld(t)
	w.reorganised()
	w.Store(settings.Policies, `[{"name":"default_handling_days","value":6,"valid_from":"2026-01-01"}]`)
	for _, row := range []struct {
		name, category string
		target         target
		days           int
		basis, shown   string
	}{
		{"days and basis of the category", "giao_thong", target{}, 3, "Quyết định số 1", "Quyết định số 1"},
		{"the router's own word", "giao_thong", target{"days": 9, "legalBasis": "Luật"}, 9, "Luật", "Luật"},
		{"no basis where the category has none", "khac", target{}, 5, "", "chưa nhập căn cứ"},
		{"the policy's days where the category is gone", "bien_bao", target{}, 6, "", "chưa nhập căn cứ"},
	} {
		r := w.accepted(row.category, "99001")
		row.target["agency"] = "SGTXD"
		a := w.Act("hung", http.MethodPost, transfer(r), 2, to(row.target))
		w.Want(row.name, a, 200, "")
		after := w.Load(r.ID).Report
		part := after.Assignment("a1")
		if part == nil || part.Clock(report.ClockHandling).Amount != row.days || part.LegalBasis != row.basis || a.At("report", "assignments", 0, "legalBasis") != row.shown {
			t.Errorf("%s: %+v, shown %v", row.name, part, a.At("report", "assignments", 0, "legalBasis"))
		}
	}
}

func TestSeveralAgenciesEachWithItsOwnDueTimeAndBasis(t *testing.T) {
	w := newWorld(t)
	w.Store(settings.Policies, `[{"name":"max_assignments_per_transfer","value":1,"valid_from":"2026-11-24T02:00:00Z"}]`)
	r := w.accepted("giao_thong", "99001")
	both := to(target{"agency": "SXD", "legalBasis": "Luật Đường bộ"}, target{"agency": "UB.99001", "days": 2})
	w.Want("several, as the decision says", w.Act("hung", http.MethodPost, transfer(r), 2, both), 200, "")
	after := w.Load(r.ID).Report
	w.World.Pass(time.Hour)
	w.Want("where a policy allows one", w.Act("hung", http.MethodPost, transfer(w.accepted("giao_thong", "99001")), 2, both), 422, "invalid body.targets=too_many[1]")
	if first := after.Assignment("a1"); first.LegalBasis != "Luật Đường bộ" || first.Clock(report.ClockHandling).Amount == 2 {
		t.Errorf("the first part is %+v", first)
	}
	if len(after.Assignments) != 2 || after.Assignments[1].Agency != "UB.99001" || after.Assignments[1].Clock(report.ClockHandling).Amount != 2 ||
		!slices.Equal(after.Newest.Facts.Agencies, []string{"SXD", "UB.99001"}) || after.Newest.Assignment != "" {
		t.Errorf("the report is %+v", after)
	}
}

func TestAnAnswerLinksToWhatIsPublished(t *testing.T) {
	w := newWorld(t)
	open := w.accepted("giao_thong", "99001")
	r := w.accepted("giao_thong", "99001")
	w.Change(r.ID, "TTDH", doortest.Transfer("SXD"))
	r = w.Change(r.ID, "SXD", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.AlreadyHandled, Reason: "Đã xử lý.", Related: open.ID}, c)
	})
	for name, related := range map[string]string{"a report without a result": open.ID, "itself": r.ID, "no report": report.Code("nobody", "none", 0)} {
		a := w.Act("hung", http.MethodPost, "/v1/reports/"+r.ID+"/answer", r.Touched, doortest.Fields{"text": "Đã được xử lý.", "related": related})
		w.Want(name, a, 422, "invalid body.related=related_unpublished")
	}
	w.Want("a document", w.Act("hung", http.MethodPost, "/v1/reports/"+r.ID+"/answer", r.Touched, doortest.Fields{"text": "Đã được xử lý.", "related": "Số 12"}), 200, "")
}

func TestWhatWasReturnedIsSettledOneByOne(t *testing.T) {
	w := newWorld(t)
	r := w.accepted("giao_thong", "99001")
	w.Change(r.ID, "TTDH", doortest.Transfer("SXD", "UB.99001"))
	r = w.Change(r.ID, "SXD", doortest.Receive("a1"), func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.PartlyNotCompetent, Reason: "Cây xanh do xã quản lý."}, c)
	})
	r = w.Change(r.ID, "UB.99001", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a2", report.Opinion{Code: report.NotCompetent, Reason: "Không thuộc thẩm quyền."}, c)
	})
	body := to(target{"agency": "TTHTKT"})
	body["returns"] = []string{"a1", "a3"}
	w.Want("what nobody returned", w.Act("hung", http.MethodPost, transfer(r), r.Touched, body), 422, "invalid body.returns[1]=not_returned")
	body["returns"] = []string{"a1"}
	w.Want("the rest of a1 is sent on", w.Act("hung", http.MethodPost, transfer(r), r.Touched, body), 200, "")
	r = w.Load(r.ID).Report
	if stage, _, ok := r.StageRow(); !ok || stage != report.StageRoute || r.State != report.Processing || !slices.Equal(r.Newest.Facts.Returns, []string{"a1"}) {
		t.Fatalf("the report is %s in %q with %+v", r.State, stage, r.Newest.Facts)
	}
	w.Want("a2 is answered", w.Act("hung", http.MethodPost, "/v1/reports/"+r.ID+"/answer", r.Touched, doortest.Fields{"text": "Việc này do cơ quan khác xử lý.", "returns": []string{"a2"}}), 200, "")
	r = w.Load(r.ID).Report
	if _, _, ok := r.StageRow(); ok || r.State != report.Processing || len(r.Assignments) != 3 {
		t.Errorf("the report is %s and still the routers'", r.State)
	}
	w.Want("nothing waits any more", w.Act("hung", http.MethodPost, transfer(r), r.Touched, to(target{"agency": "SXD"})), 409, "wrong_state")
}

func TestAReturnedReportIsSentOnOrAnswered(t *testing.T) {
	w := newWorld(t)
	returned := func() report.Report {
		r := w.accepted("giao_thong", "99001")
		w.Change(r.ID, "TTDH", doortest.Transfer("SXD"))
		return w.Change(r.ID, "SXD", func(r report.Report, c report.Context) (report.Change, error) {
			return report.Return(r, "a1", report.Opinion{Code: report.NotCompetent, Reason: "Không thuộc thẩm quyền."}, c)
		})
	}
	text := doortest.Fields{"text": "Việc này đã được xử lý năm ngoái.", "related": "Thông báo số 12"}
	fresh := w.accepted("giao_thong", "99001")
	w.Want("nothing was returned", w.Act("hung", http.MethodPost, "/v1/reports/"+fresh.ID+"/answer", 2, text), 409, "not_returned")
	r := returned()
	w.Want("answering", w.Act("hung", http.MethodPost, "/v1/reports/"+r.ID+"/answer", r.Touched, text), 200, "")
	if h := w.Load(r.ID); h.Report.State != report.Answered || h.Report.Newest.Facts.Related != "Thông báo số 12" || w.Body(h.Report, h.Report.Newest.N).Text != text["text"] {
		t.Errorf("the report is %s with %+v", h.Report.State, h.Report.Newest.Facts)
	}
	w.Want("sending on what was answered", w.Act("hung", http.MethodPost, transfer(r), 5, to(target{"agency": "SXD"})), 409, "wrong_state")
	r = returned()
	w.Want("sending on", w.Act("hung", http.MethodPost, transfer(r), r.Touched, to(target{"agency": "UB.99001"})), 200, "")
	after := w.Load(r.ID).Report
	if a := after.Assignment("a2"); after.State != report.Processing || a == nil || a.Agency != "UB.99001" || after.Transfers != 2 || after.Clock(report.ClockRedistribute).Running() {
		t.Errorf("the report is %+v", after)
	}
}

func TestWithoutADirectoryTheMachineProposesNobody(t *testing.T) {
	w := &world{Province: doortest.Bare(t)}
	w.step = &route.Step{Flow: w.Flow, Maker: w.Base.Maker(), Reports: w.Base.Reports()}
	w.Serve(w.step.Bind)
	w.Officer("hung", "TTDH", "router")
	r := w.accepted("giao_thong", "99001")
	if err := w.step.Take(t.Context(), message.OfReport(report.EventAccepted, r.ID, 2, true)); err != nil {
		t.Fatal(err)
	}
	if got := w.Load(r.ID).Report; got.State != report.Routing || got.Proposal != nil {
		t.Errorf("the report is %s with %+v", got.State, got.Proposal)
	}
	w.Want("a transfer needs one", w.Act("hung", http.MethodPost, transfer(r), 2, to(target{"agency": "SXD"})), 503, "not_set_up")
}
