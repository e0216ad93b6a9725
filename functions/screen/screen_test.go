package screen_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"paht/functions/screen"
	"paht/shared/cloud"
	"paht/shared/cloud/doortest"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
)

type world struct {
	*doortest.Province

	step *screen.Step
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t)}
	w.step = &screen.Step{Flow: w.Flow, Reports: w.Base.Reports(), Maker: w.Base.Maker()}
	w.Serve(w.step.Bind)
	w.Officer("lan", "TTDH", "screener")
	w.Officer("hung", "TTDH", "router")
	w.Reporter("ba")
	return w
}

func path(r report.Report, act string) string { return "/v1/reports/" + r.ID + "/" + act }

func (w *world) said(text string) report.Report {
	w.Helper()
	return w.Submit("ba", func(s *report.Submission) { s.Text = text })
}

func submitted(r report.Report) message.Envelope {
	return message.OfReport(report.EventSubmitted, r.ID, 1, true)
}

func TestTheMachineMovesAReportToTheScreeners(t *testing.T) {
	for name, row := range map[string]struct {
		text  string
		flags []string
	}{
		"a usual text has no flag":           {"Đường có ổ gà lớn trước cổng trường tiểu học, xe máy hay ngã.", nil},
		"a text half without marks is shown": {"Đường có ổ gà lớn trước cổng trường, nguoi dan di lai rat kho khan va nguy hiem.", []string{screen.FlagMixed}},
		"a short text with marks has none":   {"Ổ gà!", nil},
		"a text too short to judge is shown": {"Rác", []string{screen.FlagTooShort}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.said(row.text)
			if err := w.step.Take(t.Context(), submitted(r)); err != nil {
				t.Fatal(err)
			}
			h := w.Load(r.ID)
			if h.Report.State != report.Screening || !slices.Equal(h.Report.Flags, row.flags) || !slices.Equal(h.Report.Newest.Facts.Flags, row.flags) {
				t.Errorf("the report is %s with %v, its event has %v", h.Report.State, h.Report.Flags, h.Report.Newest.Facts.Flags)
			}
			if h.Report.Newest.By != (report.Actor{Kind: report.ByMachine, ID: "screen"}) {
				t.Errorf("it was done by %+v", h.Report.Newest.By)
			}
			if slices.ContainsFunc(h.Report.Owed, func(e report.Effect) bool { return e.Awaits() }) {
				t.Errorf("it still owes %+v", h.Report.Owed)
			}
			if rows, err := w.rows(report.StageScreen); err != nil || len(rows) != 1 || !slices.Equal(rows[0].Flags, row.flags) {
				t.Errorf("the screeners see %+v, %v", rows, err)
			}
		})
	}
}

func (w *world) rows(stage string) ([]report.WorkRow, error) {
	page, err := cloud.Projections{Table: w.World.Table}.Queue(w.Context(), stage, 10, nil)
	return page.Rows, err
}

func TestAMessageOfAReportThatMovedOnChangesNothing(t *testing.T) {
	w := newWorld(t)
	screened := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
	if err := w.step.Take(t.Context(), submitted(screened)); err != nil {
		t.Fatal(err)
	}
	accepted := w.said("Đèn đường trước cổng chợ đã tắt nhiều đêm liền.")
	w.Change(accepted.ID, "TTDH", doortest.Accept)
	for name, r := range map[string]report.Report{"the late duplicate": screened, "an officer was faster": accepted} {
		before := w.Load(r.ID).Report
		if err := w.step.Take(t.Context(), submitted(r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if after := w.Load(r.ID).Report; after.Version != before.Version || after.State != before.State {
			t.Errorf("%s: %s %d became %s %d", name, before.State, before.Version, after.State, after.Version)
		}
	}
}

func TestAMessageComesAgainWhileTheTableFails(t *testing.T) {
	w := newWorld(t)
	r := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
	w.World.Break(func(q *http.Request) (error, error) { return errors.New("the network is down"), nil })
	if err := w.step.Take(t.Context(), submitted(r)); err == nil {
		t.Error("it was acknowledged")
	}
	w.World.Break(nil)
	if err := w.step.Take(t.Context(), submitted(r)); err != nil || w.Load(r.ID).Report.State != report.Screening {
		t.Errorf("the second time: %v", err)
	}
}

func TestAnOfficerAcceptsAlsoBeforeTheMachineCame(t *testing.T) {
	w := newWorld(t)
	r := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
	a := w.Act("lan", http.MethodPost, path(r, "acceptance"), 1, doortest.Fields{"note": "\u0111u\u031b\u0301ng"})
	w.Want("accepting", a, 200, "")
	h := w.Load(r.ID)
	if h.Report.State != report.Accepted || a.Header.Get("ETag") != `"2"` || a.At("act", "type") != report.EventAccepted {
		t.Errorf("it is %s, ETag %s: %s", h.Report.State, a.Header.Get("ETag"), a.Raw)
	}
	if note := w.Body(h.Report, 2).Reason; note != "đứng" {
		t.Errorf("the note is %q, not in NFC", note)
	}
	if got := w.World.Received(report.QueueRoute); len(got) != 1 || got[0].ID != r.ID+"#2" || got[0].Type != report.EventAccepted {
		t.Errorf("route was sent %+v", got)
	}
	if got := w.World.Received(report.QueueNotify); len(got) != 0 {
		t.Errorf("the notice did not wait: %+v", got)
	}
	w.World.Pass(time.Minute)
	if got := w.World.Received(report.QueueNotify); len(got) != 1 || got[0].N != 2 {
		t.Errorf("notify was sent %+v", got)
	}
}

func TestWhatTheOfficersActsRefuse(t *testing.T) {
	w := newWorld(t)
	fresh := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
	closed := w.said("Đèn đường trước cổng chợ đã tắt nhiều đêm liền.")
	w.Change(closed.ID, "TTDH", doortest.Accept)
	asked := w.said("Cống thoát nước trước nhà bị nghẹt, nước tràn ra đường.")
	w.Change(asked.ID, "TTDH", func(r report.Report, c report.Context) (report.Change, error) {
		return report.AskSupplement(r, "Xin cho biết rõ địa điểm.", c)
	})
	text := doortest.Fields{"text": "Xin cho biết rõ địa điểm."}
	for _, row := range []struct {
		name, who, path string
		seen            int
		body            doortest.Fields
		status          int
		code            string
	}{
		{"a router may not accept", "hung", path(fresh, "acceptance"), 1, doortest.Fields{}, 403, "right_missing"},
		{"a reporter may not accept", "ba", path(fresh, "acceptance"), 1, doortest.Fields{}, 403, "wrong_kind_of_account"},
		{"an older report was seen", "lan", path(fresh, "acceptance"), 7, doortest.Fields{}, 412, "stale"},
		{"accepted twice", "lan", path(closed, "acceptance"), 2, doortest.Fields{}, 409, "wrong_state"},
		{"refused after acceptance", "lan", path(closed, "refusal"), 2, doortest.Fields{"code": "9.2", "reason": "Không rõ nội dung."}, 409, "wrong_state"},
		{"asked while a question is open", "lan", path(asked, "supplement-request"), 2, text, 409, "supplement_open"},
		{"no such report", "lan", "/v1/reports/PA-00000000000/acceptance", 1, doortest.Fields{}, 404, "not_found"},
		{"what is no tracking code", "lan", "/v1/reports/PA-1/acceptance", 1, doortest.Fields{}, 404, "not_found"},
	} {
		before := w.Load(fresh.ID).Report.Version
		w.Want(row.name, w.Act(row.who, http.MethodPost, row.path, row.seen, row.body), row.status, row.code)
		if w.Load(fresh.ID).Report.Version != before {
			t.Errorf("%s: something was stored", row.name)
		}
	}
}

func TestARefusalNeedsACodeInForce(t *testing.T) {
	w := newWorld(t)
	w.Store(settings.Refusals, `[
		{"code":"9.2","name":{"vi":"Không dấu"},"text":{"vi":"Viết lại có dấu.","km":"សូម"}},
		{"code":"cu","name":{"vi":"Cũ"},"text":{"vi":"Hết hiệu lực."},"valid_to":"2026-11-24T01:00:00Z"},
		{"code":"moi","name":{"vi":"Mới"},"text":{"vi":"Chưa có hiệu lực."},"valid_from":"2026-11-24T02:00:00Z"},
		{"code":"duplicate","related":true,"name":{"vi":"Trùng"},"text":{"vi":"Đã được phản ánh."}}]`)
	reason := "Nội dung không đáp ứng quy định."
	for _, row := range []struct {
		code, want string
		pass       time.Duration
	}{
		{"9.2", "", 0},
		{"cu", "invalid body.code=unknown_code", 0},
		{"moi", "invalid body.code=unknown_code", 0},
		{"9.9", "invalid body.code=unknown_code", 0},
		{"moi", "", time.Hour},
	} {
		w.World.Pass(row.pass)
		r := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
		status := 422
		if row.want == "" {
			status = 200
		}
		w.Want("refusing with "+row.code, w.Act("lan", http.MethodPost, path(r, "refusal"), 1, doortest.Fields{"code": row.code, "reason": reason}), status, row.want)
		h := w.Load(r.ID)
		if row.want == "" && (h.Report.State != report.Refused || h.Report.Newest.Facts.Code != row.code || w.Body(h.Report, 2).Reason != reason) {
			t.Errorf("refusing with %s: %s, %+v", row.code, h.Report.State, h.Report.Newest.Facts)
		}
		if row.want != "" && h.Report.State != report.Submitted {
			t.Errorf("refusing with %s left it %s", row.code, h.Report.State)
		}
	}
}

func TestADuplicateNamesAnOpenReport(t *testing.T) {
	w := newWorld(t)
	const text = "Đường có ổ gà lớn trước cổng trường tiểu học."
	first, gone, refused, answered := w.said(text), w.said(text), w.said(text), w.said(text)
	w.Change(gone.ID, "", func(r report.Report, c report.Context) (report.Change, error) { return report.Withdraw(r, "", c) })
	w.Change(refused.ID, "TTDH", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Refuse(r, report.Refusal{Code: "9.3", Reason: "Thiếu thông tin."}, c)
	})
	w.Change(answered.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	w.Change(answered.ID, "SXD", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.NotCompetent, Reason: "Không thuộc thẩm quyền."}, c)
	})
	w.Change(answered.ID, "TTDH", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Answer(r, "Đã trả lời.", "", c)
	})
	r := w.said(text)
	for _, row := range []struct{ name, code, related, want string }{
		{"a duplicate of nothing", "duplicate", "", "invalid body.related=related_missing"},
		{"another reason with a report", "9.3", first.ID, "invalid body.related=related_missing"},
		{"a duplicate of itself", "duplicate", r.ID, "invalid body.related=related_unknown"},
		{"a duplicate of no code", "duplicate", "PA-1", "invalid body.related=related_unknown"},
		{"a duplicate of no report", "duplicate", "PA-00000000000", "invalid body.related=related_unknown"},
		{"a duplicate of a withdrawn one", "duplicate", gone.ID, "invalid body.related=related_unknown"},
		{"a duplicate of a refused one", "duplicate", refused.ID, "invalid body.related=related_unknown"},
		{"a duplicate of an answered one", "duplicate", answered.ID, "invalid body.related=related_unknown"},
		{"an unknown code with a report", "9.9", first.ID, "invalid body.code=unknown_code body.related=related_missing"},
	} {
		body := doortest.Fields{"code": row.code, "reason": "Trùng với phản ánh trước.", "related": row.related}
		w.Want(row.name, w.Act("lan", http.MethodPost, path(r, "refusal"), 1, body), 422, row.want)
	}
	typed := " pa-" + first.ID[3:7] + " " + first.ID[7:]
	body := doortest.Fields{"code": "duplicate", "reason": "Trùng với phản ánh trước.", "related": typed}
	w.Want("a duplicate of an open one, as people type it", w.Act("lan", http.MethodPost, path(r, "refusal"), 1, body), 200, "")
	if facts := w.Load(r.ID).Report.Newest.Facts; facts.Related != first.ID || facts.Code != "duplicate" {
		t.Errorf("the event has %+v, not %s", facts, first.ID)
	}
}

func TestAskingForMoreMarksTheReport(t *testing.T) {
	w := newWorld(t)
	r := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
	a := w.Act("lan", http.MethodPost, path(r, "supplement-request"), 1, doortest.Fields{"text": "Xin cho biết rõ địa điểm."})
	w.Want("asking", a, 200, "")
	h := w.Load(r.ID)
	if h.Report.State != report.Screening || h.Report.Supplement == nil || h.Report.Supplement.Asked != 2 || w.Body(h.Report, 2).Text != "Xin cho biết rõ địa điểm." {
		t.Errorf("the report is %+v", h.Report)
	}
	if clock := h.Report.Clock(report.ClockScreening); !clock.Running() || !clock.Due.Equal(r.Clocks[0].Due) {
		t.Errorf("the clock paused or moved: %+v", clock)
	}
}

func TestTheSameActGetsTheSameAnswerWhateverCameAfter(t *testing.T) {
	w := newWorld(t)
	r := w.said("Đường có ổ gà lớn trước cổng trường tiểu học.")
	send := func(note string) doortest.Answer {
		return w.Call("lan", http.MethodPost, path(r, "acceptance"), doortest.Fields{"note": note}, "Idempotency-Key", "one-act-of-lan", "If-Match", `"1"`)
	}
	first := send("Đúng quy định.")
	w.Change(r.ID, "TTDH", doortest.Transfer("SXD"))
	again := send("Đúng quy định.")
	if first.Status != 200 || again.Status != 200 || again.At("act", "event") != 2.0 || again.At("act", "state") != "accepted" || again.At("report", "state") != "processing" {
		t.Errorf("first %s\nagain %s", first.Raw, again.Raw)
	}
	w.Want("the key with another body", send("Khác."), 422, "key_reused")
	if n := len(w.Load(r.ID).Events); n != 3 {
		t.Errorf("the report has %d events", n)
	}
}
