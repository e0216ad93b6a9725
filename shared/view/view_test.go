package view_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/shared/account"
	"paht/shared/caller"
	"paht/shared/cloud/doortest"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/view"
)

func names(p *doortest.Province) view.Names {
	p.Helper()
	set, err := p.Base.Settings.Load(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	n, err := view.NamesOf(p.Context(), set)
	if err != nil {
		p.Fatal(err)
	}
	return n
}

func TestANameIsThatOfTheDay(t *testing.T) {
	p := doortest.Open(t)
	p.Store(settings.Categories, `{"categories":[
		{"code":"cu","name":"Tên cũ","leads":[],"default_working_days":5,"valid_to":"2026-07-01"},
		{"code":"cu","name":"Tên mới","leads":[],"default_working_days":5,"valid_from":"2026-07-01"}]}`)
	n := names(p)
	for what, row := range map[string]struct{ got, want string }{
		"before the change":     {n.Category("cu", "2026-06-30"), "Tên cũ"},
		"from the change on":    {n.Category("cu", "2026-07-01"), "Tên mới"},
		"an unknown category":   {n.Category("x", "2026-07-01"), "x"},
		"a commune":             {n.Commune("99001", "2026-07-01"), "Phường Lam Châu"},
		"an unknown commune":    {n.Commune("11111", "2026-07-01"), "11111"},
		"an agency":             {n.Agency("SXD", "2026-07-01"), "Sở Xây dựng tỉnh Mộc Lam"},
		"an unknown agency":     {n.Agency("X", "2026-07-01"), "X"},
		"without any directory": {names(doortest.Bare(t)).Category("cu", "2026-07-01"), "cu"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", what, row.got, row.want)
		}
	}
}

func TestAClockIsShownWithItsFields(t *testing.T) {
	start := doortest.Begin
	done := start.Add(90 * time.Minute)
	clock := report.Clock{Name: "screening", Start: start, Due: start.Add(time.Hour), Unit: report.ClockTime, Amount: 60, Calendar: "c", Policy: "p"}
	with := func(change func(*report.Clock)) report.Clock { c := clock; change(&c); return c }
	for _, row := range []struct {
		name  string
		clock report.Clock
		want  string
	}{
		{"running", clock, `"breached":false,"calendar"`},
		{"done late", with(func(c *report.Clock) { c.Done, c.Elapsed = &done, 90 }), `"done":"2026-11-24T09:30:00+07:00","onTime":false,"breached":false,"clockMinutes":90`},
		{"done at the due instant", with(func(c *report.Clock) { c.Done = &c.Due }), `"done":"2026-11-24T09:00:00+07:00","onTime":true,"breached":false`},
		{"breached", with(func(c *report.Clock) { c.Breached = 4 }), `"onTime":false,"breached":true`},
	} {
		b, err := json.Marshal(view.Clocks([]report.Clock{row.clock}))
		if err != nil || !strings.Contains(string(b), row.want) || !strings.Contains(string(b), `"unit":"clock","amount":60,"start":"2026-11-24T08:00:00+07:00"`) {
			t.Errorf("%s: %s, %v", row.name, b, err)
		}
	}
	if got := view.Clocks([]report.Clock{with(func(c *report.Clock) { c.Void = true })}); len(got) != 0 || got == nil {
		t.Errorf("a void clock is shown: %+v", got)
	}
}

func TestAnEmptyReportHasNoNullLists(t *testing.T) {
	b, err := json.Marshal(view.Names{}.Report(report.Report{ID: "PA-00000000000", Owner: "the-owner", Media: []string{"the-slot"}}))
	if err != nil || strings.Contains(string(b), "null") || strings.Contains(string(b), "the-owner") || strings.Contains(string(b), "the-slot") {
		t.Errorf("%s, %v", b, err)
	}
	for _, list := range []string{`"flags":[]`, `"clocks":[]`, `"assignments":[]`} {
		if !strings.Contains(string(b), list) {
			t.Errorf("%s is not in %s", list, b)
		}
	}
}

func TestTheTagIsThatOfWhatWasActedOn(t *testing.T) {
	p := doortest.Open(t)
	p.Reporter("ba")
	r := p.Submit("ba", nil)
	n := names(p)
	tag := func(what, want string) {
		t.Helper()
		stored := p.Load(r.ID).Report
		if got := n.Acted(stored, stored.Newest); got.ETag != want || got.Body.Act.Event != stored.Newest.N {
			t.Errorf("after %s: %s, want %s", what, got.ETag, want)
		}
	}
	tag("the submission", `"1"`)
	p.Change(r.ID, "TTDH", doortest.Accept)
	tag("the acceptance", `"2"`)
	p.Change(r.ID, "TTDH", doortest.Transfer("SXD"))
	tag("the transfer: the report's", `"3"`)
	p.Change(r.ID, "SXD", doortest.Receive("a1"))
	tag("the receipt: the part's", `"4"`)
	if stored := p.Load(r.ID).Report; n.Report(stored).ETag != `"3"` {
		t.Errorf("the report's is %s", n.Report(stored).ETag)
	}
	if part := n.Report(p.Load(r.ID).Report).Assignments[0]; part.LegalBasis != view.NoLegalBasis || part.AgencyName != "Sở Xây dựng tỉnh Mộc Lam" || part.Result != nil || part.Publication != nil {
		t.Errorf("the part is %+v", part)
	}
}

func TestAnActIsAFunctionOfItsEvent(t *testing.T) {
	p := doortest.Open(t)
	p.Reporter("ba")
	r := p.Submit("ba", nil)
	first := fmt.Sprint(view.Act(r.ID, r.Newest))
	p.World.Pass(3 * time.Hour)
	p.Change(r.ID, "TTDH", doortest.Accept)
	if again := fmt.Sprint(view.Act(r.ID, p.Load(r.ID).Events[0])); again != first || !strings.Contains(first, "screening") {
		t.Errorf("again %s after %s", again, first)
	}
}

func TestActing(t *testing.T) {
	p := doortest.Open(t)
	ba := p.Reporter("ba")
	r := p.Submit("ba", nil)
	withdraw := func(h report.History, c report.Context) (report.Change, error) {
		return report.Withdraw(h.Report, "", c)
	}
	act := func(account, code, key string) (string, error) {
		ctx := caller.With(t.Context(), &caller.Request{Principal: caller.Principal{Account: account, Kind: "individual"}, Key: key, Digest: "d"})
		out, err := view.Acting(ctx, p.Flow, p.Base.Maker(), code, view.Owned(withdraw))
		if err != nil {
			return "", err
		}
		return fmt.Sprint(out.Body.Act.Type, " ", out.Body.Act.Event, " ", out.Body.Report.State), nil
	}
	for name, row := range map[string][2]string{"what is no code": {ba, "PA-1"}, "no such report": {ba, "PA-00000000000"}, "somebody else's": {"other", r.ID}} {
		if got, err := act(row[0], row[1], "k0"); !fault.Is(err, "not_found") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for _, typed := range []string{r.ID, strings.ToLower(r.ID)} {
		if got, err := act(ba, typed, "k1"); err != nil || got != "report.withdrawn 2 withdrawn" {
			t.Errorf("%s: %s, %v", typed, got, err)
		}
	}
	if got, err := act(ba, r.ID, "k2"); !fault.Is(err, "wrong_state") {
		t.Errorf("another act: %s, %v", got, err)
	}
}

func TestAnAccountIsShownWithoutItsSecrets(t *testing.T) {
	at := doortest.Begin
	a := account.Account{
		ID: "id", Kind: account.Officer, Agency: "SXD", Roles: []string{"handler"}, Verified: &at, Language: "vi", Lock: &account.Lock{Reason: account.DutyEnded, At: at},
		Private: account.Private{Name: "Tên", LogIn: "tam", Email: "tam@example.vn", Password: "argon2id-hash"},
	}
	v := view.Account(a, map[settings.Right]bool{"report.read": true, "part.handle": true})
	if !v.Locked || v.Reason != string(account.DutyEnded) || !v.Verified || v.Name != "Tên" || !slices.Equal(v.Rights, []string{"part.handle", "report.read"}) {
		t.Errorf("shown is %+v", v)
	}
	b, err := json.Marshal(v)
	if err != nil || strings.Contains(string(b), "argon2id") {
		t.Errorf("%s, %v", b, err)
	}
	v.Roles[0] = "changed"
	if a.Roles[0] != "handler" {
		t.Error("the account's own roles are shared")
	}
	a.Lock, a.Verified = nil, nil
	if v := view.Account(a, nil); v.Locked || v.Reason != "" || v.Verified || v.Rights != nil {
		t.Errorf("shown is %+v", v)
	}
}
