package processcallback_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/fault"
	"paht/shared/report"
)

func TestAPartIsItsAgencysAlone(t *testing.T) {
	w := newWorld(t)
	text := doortest.Fields{"text": "Đang chờ vật tư về."}
	opinion := doortest.Fields{"code": report.NotCompetent, "reason": "Không thuộc thẩm quyền."}
	upload := doortest.Fields{"size": 10, "sha256": sum(nil)}
	conclude := conclusion("abc", doortest.Begin)
	for act, body := range map[string]doortest.Fields{"receipt": nil, "progress": text, "return": opinion, "result-upload": upload, "result": conclude} {
		r := w.received()
		if act == "receipt" {
			r = w.transferred()
		}
		seen := r.Assignment("a1").Event
		w.Want(act+" by another agency", w.Act("minh", http.MethodPost, part(r, act), seen, body), 404, "not_found")
		w.Want(act+" by the operator", w.Act("hung", http.MethodPost, part(r, act), seen, body), 403, "right_missing")
		w.Want(act+" by the reporter", w.Act("ba", http.MethodPost, part(r, act), seen, body), 403, "wrong_kind_of_account")
		none := strings.Replace(part(r, act), "/a1/", "/a2/", 1)
		w.Want(act+" of a part that is not there", w.Act("tam", http.MethodPost, none, seen, body), 404, "not_found")
		gone := strings.Replace(part(r, act), r.ID, "PA-00000000000", 1)
		w.Want(act+" of a report that is not there", w.Act("tam", http.MethodPost, gone, seen, body), 404, "not_found")
		if after := w.Load(r.ID).Report; after.Newest.N != r.Newest.N {
			t.Errorf("%s left event %d", act, after.Newest.N)
		}
	}
}

func TestReceiptAndProgress(t *testing.T) {
	w := newWorld(t)
	r := w.transferred()
	progress := doortest.Fields{"text": "Đang chờ vật tư về."}
	w.Want("progress before receipt", w.Act("tam", http.MethodPost, part(r, "progress"), 3, progress), 409, "wrong_state")
	w.Want("an older part was seen", w.Act("tam", http.MethodPost, part(r, "receipt"), 2, nil), 412, "stale")
	a := w.Act("tam", http.MethodPost, part(r, "receipt"), 3, nil)
	w.Want("receipt", a, 200, "")
	if a.Header.Get("ETag") != `"4"` || a.At("report", "assignments", 0, "state") != "received" {
		t.Errorf("ETag %s: %s", a.Header.Get("ETag"), a.Raw)
	}
	w.Want("receipt twice", w.Act("dao", http.MethodPost, part(r, "receipt"), 4, nil), 409, "wrong_state")
	w.Want("progress", w.Act("dao", http.MethodPost, part(r, "progress"), 4, progress), 200, "")
	h := w.Load(r.ID)
	if h.Report.Newest.By != (report.Actor{Kind: report.ByOfficer, ID: w.ID("dao"), Agency: "SXD"}) || w.Body(h.Report, 5).Text != progress["text"] {
		t.Errorf("the event is %+v", h.Report.Newest)
	}
	w.World.Pass(time.Minute)
	sent := w.World.Received(report.QueueNotify)
	if last := sent[len(sent)-1]; string(last.Type) != report.EventProgress || last.N != 5 {
		t.Errorf("notify was sent %+v", sent)
	}
}

func TestAReturnNamesItsReason(t *testing.T) {
	w := newWorld(t)
	r := w.transferred()
	reason, gone := "Tuyến đường do xã quản lý.", report.Code("nobody", "none", 0)
	for _, row := range []struct {
		name string
		body doortest.Fields
		want string
	}{
		{"an unknown reason", doortest.Fields{"code": "too_busy", "reason": reason}, "body.code=not_one_of[not_competent, partly_not_competent, already_handled]"},
		{"handled already, by an unknown report", doortest.Fields{"code": report.AlreadyHandled, "reason": reason, "related": gone}, "body.related=earlier_unknown"},
		{"handled already, by itself", doortest.Fields{"code": report.AlreadyHandled, "reason": reason, "related": r.ID}, "body.related=earlier_unknown"},
		{"partly competent, with a document", doortest.Fields{"code": report.PartlyNotCompetent, "reason": reason, "related": "Số 12"}, "body.related=related_missing"},
		{"handled already, by nothing", doortest.Fields{"code": report.AlreadyHandled, "reason": reason}, "body.related=related_missing"},
		{"not competent, with a document", doortest.Fields{"code": report.NotCompetent, "reason": reason, "related": "Số 12"}, "body.related=related_missing"},
		{"no words", doortest.Fields{"code": report.NotCompetent, "reason": "x"}, "body.reason=too_short[5]"},
	} {
		a := w.Act("tam", http.MethodPost, part(r, "return"), 3, row.body)
		got := a.Code()
		if got = strings.ReplaceAll(got, `"`, ""); a.Status != 422 || got != "invalid "+row.want {
			t.Errorf("%s: %d %s", row.name, a.Status, got)
		}
	}
	a := w.Act("tam", http.MethodPost, part(r, "return"), 3, doortest.Fields{"code": report.AlreadyHandled, "reason": reason, "related": "Thông báo số 12"})
	w.Want("handled already", a, 200, "")
	h := w.Load(r.ID)
	facts, asg := h.Report.Newest.Facts, h.Report.Assignment("a1")
	if h.Report.State != report.Routing || asg.State != report.Returned || facts.Code != report.AlreadyHandled || facts.Related != "Thông báo số 12" || facts.Late || w.Body(h.Report, 4).Reason != reason {
		t.Errorf("the report is %s, the part %s, %+v", h.Report.State, asg.State, facts)
	}
	if !h.Report.Clock(report.ClockRedistribute).Running() || !asg.Clock(report.ClockHandling).Void {
		t.Errorf("the clocks are %+v %+v", h.Report.Clocks, asg.Clocks)
	}
	w.Want("returned twice", w.Act("tam", http.MethodPost, part(r, "return"), 4, doortest.Fields{"code": report.NotCompetent, "reason": reason}), 409, "wrong_state")
}

func TestWhatIsHandledAlreadyNamesAnEarlierReportByItsCode(t *testing.T) {
	w := newWorld(t)
	earlier, r := w.transferred(), w.transferred()
	typed := strings.ToLower(strings.ReplaceAll(earlier.ID, "-", ""))
	w.Want("as it was typed", w.Act("tam", http.MethodPost, part(r, "return"), 3,
		doortest.Fields{"code": report.AlreadyHandled, "reason": "Đã xử lý trước đây.", "related": typed}), 200, "")
	if named := w.Load(r.ID).Report.Newest.Facts.Related; named != earlier.ID {
		t.Errorf("the event names %q", named)
	}
}

func TestAPartialReturnKeepsTheAgencysPart(t *testing.T) {
	w := newWorld(t)
	r := w.received()
	a := w.Act("tam", http.MethodPost, part(r, "return"), 4, doortest.Fields{"code": report.PartlyNotCompetent, "reason": "Cây xanh do xã quản lý."})
	w.Want("a partial return", a, 200, "")
	after := w.Load(r.ID).Report
	asg := after.Assignment("a1")
	if after.State != report.Processing || asg.State != report.Received || !asg.Clock(report.ClockHandling).Running() || !asg.Clock(report.ClockReturn).OnTime() {
		t.Errorf("the report is %s, the part %+v", after.State, asg)
	}
	if stage, row, ok := after.StageRow(); !ok || stage != report.StageRoute || !row.Due.Equal(w.World.Now().Add(time.Hour)) {
		t.Errorf("the routers see it in %q due %v: %v", stage, row.Due, ok)
	}
	w.Want("the agency goes on", w.Act("dao", http.MethodPost, part(r, "progress"), 5, doortest.Fields{"text": "Đang vá mặt đường."}), 200, "")
}

func TestAnExtensionIsToldToTheReporter(t *testing.T) {
	w := newWorld(t)
	r := w.received()
	a := w.Act("tam", http.MethodPost, part(r, "extension"), 4, doortest.Fields{"days": 2, "reason": "Đang chờ vật tư về."})
	w.Want("an extension", a, 200, "")
	clocks, _ := a.At("report", "assignments", 0, "clocks").([]any)
	shown, _ := json.Marshal(clocks)
	if len(clocks) != 3 || !strings.Contains(string(shown), `"moved":true`) || !strings.Contains(string(shown), `"extended":true`) {
		t.Errorf("shown are %s", shown)
	}
	w.World.Pass(time.Minute)
	sent := w.World.Received(report.QueueNotify)
	if last := sent[len(sent)-1]; string(last.Type) != report.EventExtended || last.N != 5 {
		t.Errorf("notify was sent %+v", sent)
	}
	w.Want("once more", w.Act("tam", http.MethodPost, part(r, "extension"), 5, doortest.Fields{"days": 2, "reason": "Vẫn chờ vật tư."}), 409, "already_extended")
}

func TestAReturnAfterTheHourIsLate(t *testing.T) {
	for name, row := range map[string]struct {
		after time.Duration
		late  bool
	}{"at the due instant": {time.Hour, false}, "a second after it": {time.Hour + time.Second, true}} {
		w := newWorld(t)
		r := w.received()
		w.World.Pass(row.after)
		a := w.Act("tam", http.MethodPost, part(r, "return"), 4, doortest.Fields{"code": report.NotCompetent, "reason": "Không thuộc thẩm quyền."})
		if late, _ := a.At("act", "late").(bool); a.Status != 200 || late != row.late || w.Load(r.ID).Report.Newest.Facts.Late != row.late {
			t.Errorf("%s: %d, late %v: %s", name, a.Status, late, a.Raw)
		}
	}
}

func TestTheSlotOfAResultIsOpenedOnce(t *testing.T) {
	w := newWorld(t)
	r := w.received()
	open := func(key string, size int) doortest.Answer {
		return w.Call("tam", http.MethodPost, part(r, "result-upload"), doortest.Fields{"size": size, "sha256": sum(nil)}, "Idempotency-Key", key)
	}
	early := w.transferred()
	w.Want("before the receipt", w.Act("tam", http.MethodPost, part(early, "result-upload"), 0, doortest.Fields{"size": 1, "sha256": sum(nil)}), 409, "wrong_state")
	first := open("one-slot-of-tam", 100)
	if first.Status != 201 || open("one-slot-of-tam", 100).Raw != first.Raw {
		t.Errorf("the repeat differs from %s", first.Raw)
	}
	w.Want("the key with another size", open("one-slot-of-tam", 101), 422, "key_reused")
	w.Want("more than 20 MiB", open("another-of-tam", 20<<20+1), 422, "invalid body.size=too_large[2.097152e+07]")
	w.Change(r.ID, "SXD", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.NotCompetent, Reason: "Không thuộc thẩm quyền."}, c)
	})
	if again := open("one-slot-of-tam", 100); again.Status != 201 || again.Raw != first.Raw {
		t.Errorf("after the part moved on the repeat is %d %s", again.Status, again.Raw)
	}
	w.Want("the same key with another body then", open("one-slot-of-tam", 101), 422, "key_reused")
	w.Want("another act then", open("a-third-of-tam", 100), 409, "wrong_state")
}

func TestAnActIsStoredOrRefusedWhole(t *testing.T) {
	w := newWorld(t)
	r := w.transferred()
	send := func() doortest.Answer {
		return w.Call("tam", http.MethodPost, part(r, "receipt"), nil, "Idempotency-Key", "one-act-of-tam", "If-Match", `"3"`)
	}
	w.World.Break(func(q *http.Request) (error, error) {
		if strings.HasSuffix(q.Header.Get("X-Amz-Target"), ".PutItem") {
			return errors.New("the network is down"), nil
		}
		return nil, nil
	})
	w.Want("while nothing can be written", send(), 500, "internal")
	w.World.Break(nil)
	if n := w.Load(r.ID).Report.Newest.N; n != 3 {
		t.Fatalf("event %d was written", n)
	}
	w.Want("then", send(), 200, "")
	w.Want("and once more", send(), 200, "")
	if n := w.Load(r.ID).Report.Newest.N; n != 4 {
		t.Errorf("the report is at event %d", n)
	}
	if _, err := w.Base.Slots().Load(t.Context(), "nosuch"); !fault.Is(err, "unknown_upload") {
		t.Errorf("a slot that is not there: %v", err)
	}
}
