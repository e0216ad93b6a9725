package query_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/upload"
)

func TestWhoMayReadAReport(t *testing.T) {
	w := newWorld(t)
	w.staff()
	w.Reporter("other")
	r := w.Submit("ba", nil)
	path := "/v1/reports/" + r.ID
	reads := func(when string, may ...string) {
		t.Helper()
		for _, who := range []string{"ba", "other", "screener", "router", "editor", "monitor", "administrator", "counter", "auditor", "handler", "leader", "police"} {
			a := w.get(who, path)
			if slices.Contains(may, who) {
				if a.Status != 200 || a.At("text") == "" {
					t.Errorf("%s: %s got %d %s", when, who, a.Status, a.Code())
				}
				continue
			}
			w.Want(when+": "+who, a, 404, "not_found")
		}
		w.Want(when+": nobody", w.get("", path), 401, "no_session")
	}
	always := []string{"ba", "screener", "router", "editor", "monitor", "administrator"}
	reads("before the transfer", always...)
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("TTHTKT"))
	reads("with a part of the agency below", append(always, "handler", "leader")...)
	w.Change(r.ID, "TTHTKT", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.NotCompetent, Reason: "Không thuộc thẩm quyền."}, c)
	})
	reads("after its return", append(always, "handler", "leader")...)
	above := w.Submit("ba", nil)
	w.Change(above.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	w.Want("an agency does not read what is above it", w.get("handler", "/v1/reports/"+above.ID), 404, "not_found")
	for name, code := range map[string]string{"no such report": "PA-00000000000", "what is no code": "PA-1"} {
		w.Want(name, w.get("screener", "/v1/reports/"+code), 404, "not_found")
	}
}

func TestALeaderReadsWhatDatedAgenciesBelowHave(t *testing.T) {
	w := newWorld(t)
	w.Store(settings.Categories, `{"categories":[{"code":"khac","name":"Khác","leads":[],"default_working_days":5}]}`)
	w.Store(settings.Agencies, `{"agencies":[
		{"code":"VPUB","name":"Văn phòng","kind":"provincial_office","roles":[{"role":"province_office"}]},
		{"code":"SKHCN","name":"Sở Khoa học","kind":"provincial_department","roles":[{"role":"department"}]},
		{"code":"TTDH","name":"Trung tâm","kind":"operating_centre","parent":"SKHCN","roles":[{"role":"operator"}]},
		{"code":"SXD","name":"Sở Xây dựng","kind":"provincial_department","roles":[{"role":"agency"}],"valid_from":"2026-03-01"},
		{"code":"TTHTKT","name":"Trung tâm Hạ tầng","kind":"organisation","parent":"SXD","roles":[{"role":"agency"}],"valid_from":"2026-03-01"}]}`)
	w.Officer("leader", "SXD@2026-03-01", "leader")
	w.Officer("handler", "TTHTKT@2026-03-01", "handler")
	r := w.Submit("ba", nil)
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("TTHTKT@2026-03-01"))
	for _, who := range []string{"handler", "leader"} {
		w.Want(who, w.get(who, "/v1/reports/"+r.ID), 200, "")
	}
}

// entry finds the first entry of that type in the history that was shown.
func entry(a doortest.Answer, kind string) map[string]any {
	list, _ := a.At("history").([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && m["type"] == kind {
			return m
		}
	}
	return nil
}

// travelled is a report with words of everybody: asked, accepted, returned, sent
// on, handled and drafted as a2.
func (w *world) travelled() report.Report {
	w.Helper()
	occurred := w.World.Now().Add(-time.Hour)
	r := w.Submit("ba", func(s *report.Submission) { s.Occurred = &occurred })
	w.Change(r.ID, "TTDH",
		func(r report.Report, c report.Context) (report.Change, error) {
			return report.Screened(r, []byte(`{"hint":"gợi ý"}`), nil, c)
		},
		func(r report.Report, c report.Context) (report.Change, error) {
			return report.AskSupplement(r, "Câu hỏi của cán bộ", c)
		},
		func(r report.Report, c report.Context) (report.Change, error) {
			return report.Accept(r, "Lời khi tiếp nhận", c)
		},
		func(r report.Report, c report.Context) (report.Change, error) {
			return report.Transfer(r, []report.Target{{Agency: "SXD", Days: 3}}, "Lời khi chuyển", c)
		})
	w.Change(r.ID, "SXD", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.NotCompetent, Reason: "Lời khi trả lại"}, c)
	})
	w.Change(r.ID, "TTDH", doortest.Transfer("TTHTKT"))
	w.Change(r.ID, "TTHTKT", doortest.Receive("a2"), func(r report.Report, c report.Context) (report.Change, error) {
		return report.Progress(r, "a2", "Lời báo tiến độ", c)
	}, func(r report.Report, c report.Context) (report.Change, error) {
		return report.Conclude(r, "a2", report.SignedResult{Slot: "s", ResultAt: c.At, SignedAt: c.At, Verdict: []byte(`{"ok":true}`), Summary: "Lời tóm tắt"}, c)
	})
	w.Change(r.ID, "TTDH", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Drafted(r, "a2", report.Draft{Title: "Bản nháp", Content: "Nội dung nháp", Answer: "Trả lời nháp"}, c)
	})
	return r
}

func TestWhichWordsAReaderSees(t *testing.T) {
	w := newWorld(t)
	w.staff()
	r := w.travelled()
	shown := map[string]map[string]string{ // type → reader → text
		report.EventSupplementAsked: {"ba": "Câu hỏi của cán bộ", "handler": "Câu hỏi của cán bộ", "screener": "Câu hỏi của cán bộ"},
		report.EventAccepted:        {"ba": "", "handler": "Lời khi tiếp nhận", "screener": "Lời khi tiếp nhận"},
		report.EventTransferred:     {"ba": "", "handler": "Lời khi chuyển", "screener": "Lời khi chuyển"},
		report.EventReturned:        {"ba": "", "handler": "Lời khi trả lại", "screener": "Lời khi trả lại"},
		report.EventProgress:        {"ba": "Lời báo tiến độ", "handler": "Lời báo tiến độ", "screener": "Lời báo tiến độ"},
		report.EventConcluded:       {"ba": "", "handler": "Lời tóm tắt", "screener": "Lời tóm tắt"},
	}
	for _, who := range []string{"ba", "handler", "screener"} {
		a := w.get(who, "/v1/reports/"+r.ID)
		for kind, texts := range shown {
			text, _ := entry(a, kind)["text"].(string)
			if entry(a, kind) == nil || text != texts[who] {
				t.Errorf("%s reads %q at %s, want %q", who, text, kind, texts[who])
			}
		}
		officer, operator := who != "ba", who == "screener"
		if sees := entry(a, report.EventDrafted) != nil; sees != officer {
			t.Errorf("%s sees the draft's event: %v", who, sees)
		}
		if sees := strings.Contains(a.Raw, "nháp"); sees != operator {
			t.Errorf("%s sees the draft: %v", who, sees)
		}
		if sees := strings.Contains(a.Raw, "gợi ý"); sees != operator {
			t.Errorf("%s sees the hints: %v", who, sees)
		}
		if sees := entry(a, report.EventAccepted)["officer"] != nil; sees != officer {
			t.Errorf("%s sees who accepted: %v", who, sees)
		}
		if summary, _ := a.At("assignments", 1, "result", "summary").(string); (summary != "") != officer {
			t.Errorf("%s reads the summary %q", who, summary)
		}
		if a.At("text") != "Đường có ổ gà lớn trước cổng trường tiểu học." || a.At("address") != "Số 1 đường Thử" || a.At("occurredAt") != "2026-11-24T07:00:00+07:00" ||
			a.Header.Get("ETag") != a.At("etag") || a.At("assignments", 0, "legalBasis") != "chưa nhập căn cứ" {
			t.Errorf("%s is shown %s", who, a.Raw)
		}
	}
}

func TestHowThePicturesOfAReportAreShown(t *testing.T) {
	w := newWorld(t)
	open, clean := w.picture(upload.Open, "", ""), w.picture(upload.Accepted, "", "")
	rejected, taken := w.picture(upload.Rejected, "not_a_picture", ""), w.picture(upload.Accepted, "", "PA-00000000000")
	r := w.Submit("ba", func(s *report.Submission) { s.Media = []string{open, clean, rejected, taken, "nosuch"} })
	a := w.get("ba", "/v1/reports/"+r.ID)
	for i, want := range []string{"pending  false", "accepted  true", "rejected not_a_picture false", "rejected unknown_upload false", "rejected unknown_upload false"} {
		reason, _ := a.At("media", i, "reason").(string)
		url, _ := a.At("media", i, "url").(string)
		small, _ := a.At("media", i, "small").(string)
		signed := strings.HasPrefix(url, "http://localhost:9000/files/clean/"+clean+".jpg?") && strings.Contains(url, "X-Amz-Expires=600") &&
			strings.HasPrefix(small, "http://localhost:9000/files/small/"+clean+".jpg?")
		if got := fmt.Sprint(a.At("media", i, "state"), " ", reason, " ", signed); got != want || !signed && url+small != "" {
			t.Errorf("picture %d is %q, want %q: %s %s", i, got, want, url, small)
		}
	}
}

func TestContactDataIsShownAfterTheAuditEntry(t *testing.T) {
	w := newWorld(t)
	w.staff()
	r := w.Submit("ba", nil)
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("TTHTKT"))
	path := "/v1/reports/" + r.ID + "/contact"
	show := func(who, key, reason string) doortest.Answer {
		return w.Call(who, http.MethodPost, path, doortest.Fields{"reason": reason}, "Idempotency-Key", key)
	}
	const why = "Cần hỏi rõ địa điểm."
	for _, row := range []struct {
		who, reason string
		status      int
		code        string
	}{
		{"editor", why, 403, "right_missing"},
		{"monitor", why, 403, "right_missing"},
		{"ba", why, 403, "wrong_kind_of_account"},
		{"police", why, 404, "not_found"},
		{"screener", "vì", 422, "invalid body.reason=too_short[5]"},
	} {
		w.Want(row.who, show(row.who, "contact-"+row.who, row.reason), row.status, row.code)
	}
	if n := w.entries(); n != 0 {
		t.Errorf("what was refused left %d entries", n)
	}
	for i, who := range []string{"screener", "router", "handler", "leader"} {
		a := show(who, "contact-"+who, why)
		if a.Status != 200 || a.At("name") != "Họ tên của ba" || a.At("email") != "ba@example.vn" || a.At("audit") == "" || w.entries() != i+1 {
			t.Errorf("%s: %d %s, %d entries", who, a.Status, a.Raw, w.entries())
		}
	}
	first := show("screener", "contact-screener", why)
	w.World.Pass(time.Minute)
	if again := show("screener", "contact-screener", why); again.Raw != first.Raw || w.entries() != 4 {
		t.Errorf("the repeat is %s after %s, %d entries", again.Raw, first.Raw, w.entries())
	}
	w.Want("the key with another reason", show("screener", "contact-screener", "Lý do khác."), 422, "key_reused")
}

func TestWithoutTheAuditEntryNothingIsShown(t *testing.T) {
	w := newWorld(t)
	w.staff()
	r := w.Submit("ba", nil)
	for name, fails := range map[string]string{"neither": "AUK#", "the entry": `"AU#`} {
		w.World.Break(func(q *http.Request) (error, error) {
			if !strings.HasSuffix(q.Header.Get("X-Amz-Target"), ".PutItem") {
				return nil, nil
			}
			body, err := io.ReadAll(q.Body)
			q.Body = io.NopCloser(strings.NewReader(string(body)))
			if err != nil || strings.Contains(string(body), fails) {
				return errors.New("the network is down"), nil
			}
			return nil, nil
		})
		a := w.Call("screener", http.MethodPost, "/v1/reports/"+r.ID+"/contact", doortest.Fields{"reason": "Cần hỏi rõ địa điểm."}, "Idempotency-Key", "contact-screener")
		w.World.Break(nil)
		w.Want(name+" can be written", a, 500, "internal")
		if strings.Contains(a.Raw, "example.vn") || strings.Contains(a.Raw, "Họ tên") || w.entries() != 0 {
			t.Errorf("%s: %s, %d entries", name, a.Raw, w.entries())
		}
	}
	a := w.Call("screener", http.MethodPost, "/v1/reports/"+r.ID+"/contact", doortest.Fields{"reason": "Cần hỏi rõ địa điểm."}, "Idempotency-Key", "contact-screener")
	if a.Status != 200 || w.entries() != 1 {
		t.Errorf("then: %d %s, %d entries", a.Status, a.Raw, w.entries())
	}
}
