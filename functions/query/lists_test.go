package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/report"
)

func TestAReporterListsTheOwnReports(t *testing.T) {
	w := newWorld(t)
	w.Reporter("other")
	w.Officer("lan", "TTDH", "screener")
	var sent []string
	for range 3 {
		sent = append(sent, w.Submit("ba", nil).ID)
		w.World.Pass(time.Minute)
	}
	foreign := w.Submit("other", nil)
	first := w.get("ba", "/v1/reports?limit=2")
	if number(first.At("reports")) != "2" || first.At("reports", 0, "id") != sent[2] || first.At("reports", 1, "id") != sent[1] || first.At("reports", 0, "communeName") != "Phường Lam Châu" {
		t.Errorf("the first page is %s", first.Raw)
	}
	next, _ := first.At("next").(string)
	second := w.get("ba", "/v1/reports?limit=2&cursor="+next)
	if number(second.At("reports")) != "1" || second.At("reports", 0, "id") != sent[0] || strings.Contains(second.Raw, foreign.ID) {
		t.Errorf("the second page is %s", second.Raw)
	}
	if a := w.get("other", "/v1/reports"); number(a.At("reports")) != "1" || a.At("reports", 0, "id") != foreign.ID || a.At("next") != nil {
		t.Errorf("the other reporter's is %s", a.Raw)
	}
	const tampered = "invalid query.cursor=cursor_tampered"
	w.Want("the cursor of another reader", w.get("other", "/v1/reports?limit=2&cursor="+next), 422, tampered)
	w.Want("the cursor of another list", w.get("ba", "/v1/inbox?cursor="+next), 422, tampered)
	w.Want("the cursor of a public list", w.get("", "/v1/published?cursor="+next), 422, tampered)
	for name, cursor := range map[string]string{
		"a changed position": "A" + next[1:], "a changed signature": next[:len(next)-1] + map[bool]string{true: "0", false: "1"}[next[len(next)-1] == '1'],
		"a cut signature": next[:len(next)-1], "no signature": next[:len(next)-33], "what is none": "x",
	} {
		w.Want(name, w.get("ba", "/v1/reports?cursor="+cursor), 422, tampered)
	}
	w.Want("an officer", w.get("lan", "/v1/reports"), 403, "wrong_kind_of_account")
	w.Want("no page at all", w.get("ba", "/v1/reports?limit=0"), 422, "invalid query.limit=too_small[1]")
	w.Want("an unknown filter", w.get("ba", "/v1/reports?state=closed"), 422, "invalid query.state=unknown_field")
}

func TestAReporterIsToldThatMoreWasAsked(t *testing.T) {
	w := newWorld(t)
	r := w.Submit("ba", nil)
	w.Change(r.ID, "TTDH", func(r report.Report, c report.Context) (report.Change, error) {
		return report.AskSupplement(r, "Xin cho biết rõ địa điểm.", c)
	})
	if a := w.get("ba", "/v1/reports"); a.At("reports", 0, "asked") != true || strings.Contains(a.Raw, "địa điểm") {
		t.Errorf("the list is %s", a.Raw)
	}
}

func TestWhoOpensWhichQueue(t *testing.T) {
	w := newWorld(t)
	w.staff()
	may := map[string]string{
		"screener": "screen route edit", "router": "screen route edit", "editor": "screen route edit", "monitor": "screen route edit",
		"administrator": "screen route edit", "handler": "agency", "leader": "agency",
	}
	for _, who := range []string{"screener", "router", "editor", "monitor", "administrator", "handler", "leader", "counter", "auditor"} {
		for _, stage := range []string{"screen", "route", "edit", "agency"} {
			a := w.get(who, "/v1/queues/"+stage)
			if strings.Contains(may[who], stage) {
				w.Want(who+" at "+stage, a, 200, "")
			} else {
				w.Want(who+" at "+stage, a, 403, "right_missing")
			}
		}
	}
	w.Want("a reporter", w.get("ba", "/v1/queues/screen"), 403, "wrong_kind_of_account")
	w.Want("no such queue", w.get("screener", "/v1/queues/all"), 422, "invalid path.stage=not_one_of[screen, route, edit, agency]")
}

func TestAQueueComesByDueTimeAndMovesWithTheReport(t *testing.T) {
	w := newWorld(t)
	w.staff()
	first := w.Submit("ba", nil)
	w.World.Pass(time.Minute)
	second := w.Submit("ba", nil)
	ids := func(who, stage string) string {
		t.Helper()
		a := w.get(who, "/v1/queues/"+stage)
		out := ""
		for i := 0; a.At("items", i) != nil; i++ {
			out += fmt.Sprint(a.At("items", i, "report"), " ", a.At("items", i, "etag"), " ", a.At("items", i, "late"), ";")
		}
		return out
	}
	row := func(r report.Report, etag string, late bool) string {
		return fmt.Sprintf("%s %q %v;", r.ID, etag, late)
	}
	if got := ids("screener", "screen"); got != row(first, "1", false)+row(second, "1", false) {
		t.Errorf("the screeners see %s", got)
	}
	w.World.Pass(2*time.Hour - time.Minute)
	if got := ids("screener", "screen"); got != row(first, "1", false)+row(second, "1", false) {
		t.Errorf("at the due instant they see %s", got)
	}
	w.World.Pass(time.Second)
	if got := ids("screener", "screen"); got != row(first, "1", true)+row(second, "1", false) {
		t.Errorf("after it they see %s", got)
	}
	w.Change(first.ID, "TTDH", doortest.Accept)
	if got := ids("screener", "screen") + "|" + ids("router", "route"); got != row(second, "1", false)+"|"+row(first, "2", false) {
		t.Errorf("after the acceptance they see %s", got)
	}
	w.Change(first.ID, "TTDH", doortest.Transfer("TTHTKT"))
	a := w.get("handler", "/v1/queues/agency")
	if a.At("items", 0, "report") != first.ID || a.At("items", 0, "assignment") != "a1" || a.At("items", 0, "etag") != `"3"` || a.At("items", 0, "state") != "transferred" {
		t.Errorf("the agency sees %s", a.Raw)
	}
	if ids("router", "route") != "" || ids("leader", "agency") != "" || ids("police", "agency") != "" {
		t.Error("others see the agency's part")
	}
	w.Change(first.ID, "TTHTKT", doortest.Receive("a1"), conclude("TTHTKT", w.World.Now()))
	if got := ids("handler", "agency") + "|" + ids("editor", "edit"); got != "|"+row(first, "5", false) {
		t.Errorf("after the result they see %s", got)
	}
}

func TestACursorOfAQueueFitsNoOther(t *testing.T) {
	w := newWorld(t)
	w.staff()
	w.Officer("colleague", "TTDH", "screener")
	for range 2 {
		w.Submit("ba", nil)
		r := w.Submit("ba", nil)
		w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("TTHTKT"))
	}
	screen, _ := w.get("screener", "/v1/queues/screen?limit=1").At("next").(string)
	agency, _ := w.get("handler", "/v1/queues/agency?limit=1").At("next").(string)
	if screen == "" || agency == "" {
		t.Fatal("there is no second page")
	}
	w.Want("a colleague's page", w.get("colleague", "/v1/queues/screen?limit=1&cursor="+screen), 200, "")
	for name, a := range map[string]doortest.Answer{
		"the routers'":     w.get("screener", "/v1/queues/route?cursor="+screen),
		"another agency's": w.get("leader", "/v1/queues/agency?cursor="+agency),
		"the screeners'":   w.get("screener", "/v1/queues/screen?cursor="+agency),
	} {
		w.Want(name, a, 422, "invalid query.cursor=cursor_tampered")
	}
}

func TestWhoReadsWhichInbox(t *testing.T) {
	w := newWorld(t)
	w.staff()
	for _, row := range []struct {
		who, box string
		status   int
		code     string
	}{
		{"ba", "", 200, ""}, {"ba", "?box=route", 403, "wrong_kind_of_account"}, {"ba", "?box=agency", 403, "wrong_kind_of_account"},
		{"handler", "", 200, ""}, {"handler", "?box=agency", 200, ""}, {"handler", "?box=route", 403, "right_missing"},
		{"router", "?box=route", 200, ""}, {"router", "?box=accounts", 403, "right_missing"},
		{"administrator", "?box=accounts", 200, ""}, {"screener", "?box=all", 422, "invalid query.box=not_one_of[agency, route, accounts, office]"},
		{"administrator", "?box=office", 200, ""}, {"router", "?box=office", 403, "right_missing"},
	} {
		w.Want(row.who+row.box, w.get(row.who, "/v1/inbox"+row.box), row.status, row.code)
	}
}
