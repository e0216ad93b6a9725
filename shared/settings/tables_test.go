package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/shared/directory"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/vietnamese"
)

func defaultTexts(t testing.TB) *TextTable {
	t.Helper()
	texts, err := New(nil, noLoader).Texts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestEveryNoticeHasItsWordsInVietnameseAndEnglish(t *testing.T) {
	args := map[string]string{
		"code": "PA-7K3M9QX2TD-5", "reason": "Thiếu địa điểm", "link": "http://localhost:8080/x",
		"due": "09:00 ngày 27/8/2024", "agency": "Sở Xây dựng", "days": "15",
	}
	texts := defaultTexts(t)
	for key, rule := range textRules {
		for _, lang := range []string{"vi", "en"} {
			text := texts.Text(key, lang, time.Now(), args)
			if text == "" || strings.ContainsAny(text, "{}") {
				t.Errorf("%s %s: %q", key, lang, text)
			}
			if lang == "vi" && vietnamese.Judge(text).Kind != vietnamese.WithDiacritics {
				t.Errorf("%s is not Vietnamese: %q", key, text)
			}
			for _, name := range rule.required {
				if !strings.Contains(text, args[name]) {
					t.Errorf("%s %s does not say %s", key, lang, name)
				}
			}
		}
	}
}

func TestEveryMessageToNotifyHasATextOfItsOwn(t *testing.T) {
	events := []string{
		report.EventAccepted, report.EventRefused, report.EventSupplementAsked, report.EventTransferred,
		report.EventProgress, report.EventExtended, report.EventReturned, report.EventAnswered, report.EventPublished, report.EventMediaRejected,
		string(message.AccountVerify), string(message.AccountActivate), string(message.AccountLocked),
	}
	for _, event := range events {
		if !slices.Contains(message.Consumers(message.Type(event)), report.QueueNotify) {
			t.Errorf("notify does not take %s", event)
		}
		for _, key := range []string{NoticeSubject(event), NoticeBody(event)} {
			if _, known := textRules[key]; !known {
				t.Errorf("no text %s", key)
			}
		}
	}
	watched := []string{"report.transferred.again"} // the same messages, told to those who watch
	for _, kind := range watched {
		if _, known := textRules[NoticeBody(kind)]; !known {
			t.Errorf("no text of %s", kind)
		}
	}
	if told := len(events) + len(watched); len(textRules) != 2*told {
		t.Errorf("%d texts for %d events", len(textRules), told)
	}
}

func TestATextIsFilledIn(t *testing.T) {
	s := stored(map[Kind]string{Texts: `[
		{"key":"notice.report.accepted.body","lang":"vi","text":"Mã {code}\nXem {link} của {code}\nHết","valid_from":"2026-01-01"},
		{"key":"notice.report.accepted.body","lang":"km","text":"{code} km"},
		{"key":"notice.report.accepted.subject","lang":"vi","text":"Phản ánh {code}","valid_from":"2026-01-01"}]`})
	texts, err := s.Texts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	body, subject := NoticeBody(report.EventAccepted), NoticeSubject(report.EventAccepted)
	now := at(t, "2026-06-01 08:00")
	rows := []struct {
		fact, key, lang string
		at              time.Time
		args            map[string]string
		want            string
	}{
		{"with all values", body, "vi", now, map[string]string{"code": "A", "link": "L"}, "Mã A\nXem L của A\nHết"},
		{"a line without its value is left out", body, "vi", now, map[string]string{"code": "A"}, "Mã A\nHết"},
		{"a value is not searched for placeholders", body, "vi", now, map[string]string{"code": "{link}", "link": "{code}"}, "Mã {link}\nXem {code} của {link}\nHết"},
		{"a language of its own", body, "km", now, map[string]string{"code": "A"}, "A km"},
		{"a language that is missing is told in Vietnamese", subject, "km", now, map[string]string{"code": "A"}, "Phản ánh A"},
		{"a subject never gains a line", subject, "vi", now, map[string]string{"code": "A\r\nBcc: x"}, "Phản ánh A Bcc: x"},
		{"before its date the product's own holds", subject, "vi", at(t, "2025-12-31 23:59"), map[string]string{"code": "A"}, "Phản ánh A đã được tiếp nhận"},
		{"an unknown key says nothing", "notice.nothing.body", "vi", now, nil, ""},
	}
	for _, row := range rows {
		t.Run(row.fact, func(t *testing.T) {
			if got := texts.Text(row.key, row.lang, row.at, row.args); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestASubjectIsOneLineWhateverStandsInIt(t *testing.T) {
	texts := defaultTexts(t)
	rapid.Check(t, func(r *rapid.T) {
		args := map[string]string{"code": rapid.String().Draw(r, "code")}
		if s := texts.Text(NoticeSubject(report.EventRefused), "vi", time.Time{}, args); strings.ContainsAny(s, "\r\n\v\f\u0085\u2028\u2029") {
			r.Errorf("%q", s)
		}
	})
}

func TestRolesGiveTheRightsOfTheDecision(t *testing.T) {
	rows := []struct {
		role string
		may  []Right
		not  []Right
	}{
		{"screener", []Right{ReportScreen, ContactShow}, []Right{ReportRoute, PartPublish, SettingsWrite}},
		{"router", []Right{ReportRoute}, []Right{ReportScreen, PartHandle}},
		{"editor", []Right{PartPublish}, []Right{ContactShow, ReportRoute}},
		{"operator_lead", []Right{ReportScreen, ReportRoute, PartPublish}, []Right{PartHandle, SettingsWrite}},
		{"handler", []Right{PartHandle, ReportRead}, []Right{ReportReadAll, PartPublish}},
		{"leader", []Right{PartUrge, ReportRead, OfficersAsk}, []Right{ReportReadAll, OfficersWrite}},
		{"administrator", []Right{SettingsWrite, OfficersWrite, AccountsUnlock}, []Right{AuditRead, ReportScreen, PartPublish}},
		{"monitor", []Right{ReportReadAll, ReportMonitor}, []Right{ReportScreen, ReportRoute, PartHandle, PartPublish, SettingsWrite, ContactShow}},
		{"statistics_reader", []Right{StatisticsRead}, []Right{ReportReadAll}},
		{"auditor", []Right{AuditRead}, []Right{SettingsWrite, OfficersWrite}},
		{"mayor", nil, Rights},
	}
	s := New(nil, noLoader)
	for _, row := range rows {
		rights, err := s.Rights(ctx, []string{row.role}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range row.may {
			if !rights[r] {
				t.Errorf("%s lacks %s", row.role, r)
			}
		}
		for _, r := range row.not {
			if rights[r] {
				t.Errorf("%s holds %s", row.role, r)
			}
		}
	}
	roles, _ := s.Roles(ctx)
	if got := len(roles.All(time.Now())); got != len(rows)-1 {
		t.Errorf("%d roles", got)
	}
	all := map[Right]bool{}
	for _, role := range roles.All(time.Now()) {
		for _, r := range role.Rights {
			all[r] = true
		}
	}
	if !maps.Equal(all, setOf(Rights)) {
		t.Error("a right is held by nobody")
	}
}

func setOf(rights []Right) map[Right]bool {
	set := map[Right]bool{}
	for _, r := range rights {
		set[r] = true
	}
	return set
}

func TestARoleChangesAndEndsOnItsDate(t *testing.T) {
	s := stored(map[Kind]string{Roles: `[
		{"role":"clerk","name":{"vi":"P"},"rights":["statistics.read"],"valid_from":"2026-01-01"},
		{"role":"clerk","name":{"vi":"P"},"rights":["report.read"],"valid_from":"2026-03-01"},
		{"role":"clerk","name":{"vi":"P"},"rights":[],"valid_from":"2026-06-01"}]`})
	for when, want := range map[string]string{
		"2025-12-31 23:59": "map[]", "2026-01-01 00:00": "map[statistics.read:true]",
		"2026-03-01 00:00": "map[report.read:true]", "2026-06-01 00:00": "map[]",
	} {
		rights, err := s.Rights(ctx, []string{"clerk"}, at(t, when))
		if err != nil || fmt.Sprint(rights) != want {
			t.Errorf("%s: %v %v", when, rights, err)
		}
	}
}

func TestAnOfficerHoldsOnlyRolesOfTheAgency(t *testing.T) {
	roles, err := New(nil, noLoader).Roles(ctx)
	if err != nil {
		t.Fatal(err)
	}
	holding := func(role string) directory.Agency {
		return directory.Agency{Code: "A", Roles: []directory.Role{{Role: role}}}
	}
	rows := []struct {
		fact  string
		roles []string
		by    string
		want  string
	}{
		{"several roles of the operator", []string{"screener", "router", "editor"}, directory.RoleOperator, "[]"},
		{"an agency's officer does not screen", []string{"handler", "screener"}, directory.RoleAgency, "[{[1] not_held_by []}]"},
		{"statistics are for all", []string{"statistics_reader"}, directory.RoleAgency, "[]"},
		{"an auditor is never an administrator", []string{"administrator", "auditor"}, directory.RoleDepartment, "[{ rights_apart []}]"},
		{"a role that is not there, and one twice", []string{"mayor", "handler", "handler"}, directory.RoleAgency, "[{[0] unknown_code []} {[2] duplicate []}]"},
	}
	for _, row := range rows {
		if got := fmt.Sprint(roles.Assign(row.roles, holding(row.by), time.Now())); got != row.want {
			t.Errorf("%s: %s, want %s", row.fact, got, row.want)
		}
	}
}

func TestARefusalCitesTheLawOfItsDay(t *testing.T) {
	refusals, err := New(nil, noLoader).Refusals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for when, law := range map[string]string{"2026-06-30 23:59": "24/2018/QH14", "2026-07-01 00:00": "116/2025/QH15"} {
		r, ok := refusals.Refusal("9.1.c", at(t, when))
		if !ok || !strings.Contains(r.Law, law) {
			t.Errorf("%s: %q", when, r.Law)
		}
	}
	for _, code := range []string{"9.1", "9.1.a", "9.1.b", "9.1.c", "9.2", "9.3", "outside_province", "duplicate"} {
		r, ok := refusals.Refusal(code, time.Now())
		if !ok || r.Name["vi"] == "" || r.Name["en"] == "" || r.In("en") == r.In("vi") {
			t.Errorf("%s: %+v", code, r)
		}
		if r.Related != (code == "duplicate") {
			t.Errorf("%s: only a duplicate names another report", code)
		}
		if vietnamese.Judge(r.In("vi")).Kind != vietnamese.WithDiacritics {
			t.Errorf("%s is not Vietnamese", code)
		}
	}
	khmer, _ := refusals.Refusal(NotVietnamese, time.Now())
	other, _ := refusals.Refusal("9.3", time.Now())
	if !strings.ContainsFunc(khmer.In("km"), func(r rune) bool { return r >= 0x1780 && r <= 0x17ff }) || other.In("km") != other.In("vi") {
		t.Error("9.2 stands in Khmer, and what has no Khmer text is told in Vietnamese")
	}
	if _, ok := refusals.Refusal("9.9", time.Now()); ok {
		t.Error("a code that is not there was found")
	}
	if got := len(refusals.All(time.Now())); got != 8 {
		t.Errorf("%d codes", got)
	}
}

func TestTrustIsDated(t *testing.T) {
	ca := authorityPEM(t, true)
	s := stored(map[Kind]string{
		Roots: `[{"name":"A","use":"root","pem":` + quoted(ca) + `,"valid_from":"2026-01-01","valid_to":"2026-07-01"}]`,
		Certificates: `[{"agency":"SXD","common_name":"S\u01a1\u0309","valid_from":"2026-01-01"},
			{"agency":"SXD","issuer":"CN=CA","serial":"0x00:0A:ff","valid_to":"2026-01-01"}]`,
	})
	roots, err := s.Roots(ctx)
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := s.Certificates(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[string]string{"2025-12-31 23:59": "", "2026-01-01 00:00": ca, "2026-07-01 00:00": ""} {
		if got := roots.PEM(UseRoot, at(t, when)); string(got) != want {
			t.Errorf("%s: %q", when, got)
		}
	}
	if roots.PEM(UseIntermediate, at(t, "2026-02-01 00:00")) != nil {
		t.Error("a root was taken for an intermediate")
	}
	before, after := certificates.Allowed("SXD", at(t, "2025-12-31 23:59")), certificates.Allowed("SXD", at(t, "2026-01-01 00:00"))
	if !slices.Equal(before, []AllowedCertificate{{Issuer: "CN=CA", Serial: "aff"}}) || !slices.Equal(after, []AllowedCertificate{{CommonName: "Sở"}}) {
		t.Errorf("%+v %+v", before, after)
	}
	if certificates.Allowed("OP", at(t, "2026-01-01 00:00")) != nil {
		t.Error("another agency's certificate")
	}
}

func TestADryRunShowsWhichRowsDiffer(t *testing.T) {
	rows := []struct {
		fact     string
		kind     Kind
		old, now string
		want     string
	}{
		{"nothing", Policies, `[{"name":"a","value":1}]`, ` [ { "value":1, "name":"a" } ] `, "[]"},
		{"a value", Policies, `[{"name":"a","value":1},{"name":"b","value":1}]`, `[{"name":"a","value":2},{"name":"c","value":1}]`, "[{a changed [value]} {b removed []} {c added []}]"},
		{"a dated row beside another", Policies, `[{"name":"a","value":1}]`, `[{"name":"a","value":1},{"name":"a","value":2,"valid_from":"2027-01-01"}]`, "[{a 2027-01-01 added []}]"},
		{"a first document", Units, ``, `{"units":[{"code":"X"}]}`, "[{units/X added []}]"},
		{"a field that comes and one that goes", Units, `{"note":"a","units":[{"code":"X","type":"Xã"}]}`, `{"note":"b","units":[{"code":"X","name":"Y"}]}`, "[{note changed [value]} {units/X changed [name type]}]"},
		{"days and hours of a calendar", Calendar, `{"version":"1","days":[{"date":"2026-01-01"}],"hours":[{"agency":"A","from":"2026-01-01"}]}`,
			`{"version":"2","days":[{"date":"2026-01-02"}],"hours":[{"agency":"A","from":"2026-01-01","until":"2027-01-01"}]}`,
			"[{version changed [value]} {days/2026-01-01 removed []} {hours/A 2026-01-01 changed [until]} {days/2026-01-02 added []}]"},
		{"a commune's line", Boundary, `{"features":[` + square("X1", 0) + `]}`, `{"features":[` + strings.Replace(square("X1", 0), "9.5", "9.6", 1) + `]}`, "[{features/X1 changed [geometry]}]"},
	}
	for _, row := range rows {
		t.Run(row.fact, func(t *testing.T) {
			if got := fmt.Sprint(Diff(row.kind, []byte(row.old), []byte(row.now))); got != row.want {
				t.Errorf("\ngot  %s\nwant %s", got, row.want)
			}
		})
	}
	for _, kind := range []Kind{Policies, Texts, Roles, Refusals, Words, Calendar} {
		data, _ := Default(kind)
		if d := Diff(kind, data, data); len(d) > 0 {
			t.Errorf("%s differs from itself: %v", kind, d)
		}
		for _, d := range Diff(kind, nil, data) {
			if d.Key == "" || strings.Contains(d.Key, "#") {
				t.Errorf("%s: the row %q is not told apart from others", kind, d.Key)
			}
		}
	}
}
