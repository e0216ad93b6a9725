package settings

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/shared/fault"
)

// authorityPEM makes a certificate, of an authority or not.
func authorityPEM(t *testing.T, authority bool) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, NotBefore: time.Unix(0, 0),
		NotAfter: time.Unix(1<<32, 0), IsCA: authority, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

type checkRow struct {
	fact string
	kind Kind
	doc  string
	want []string // "path rule"
}

func TestEveryProblemIsNamedWithItsPlace(t *testing.T) {
	ca, leaf := authorityPEM(t, true), authorityPEM(t, false)
	admin := `{"role":"administrator","name":{"vi":"Q"},"held_by":["department"],"rights":["settings.write","officers.write"]}`
	rows := []checkRow{
		{"no JSON", Policies, `[`, []string{" not_json"}},
		{"no UTF-8", Policies, "[\"\xff\"]", []string{" not_json"}},
		{"no list", Policies, `{}`, []string{" not_list"}},
		{"null", Policies, `null`, []string{" not_list"}},
		{"rows that are no objects", Policies, `[1,null]`, []string{"[0] not_object", "[0].name required", "[1] not_object", "[1].name required"}},
		{"an unknown and a repeated field", Policies, `[{"name":"max_files","value":1,"value":2,"x":3}]`, []string{"[0].value repeated_field", "[0].x unknown_field"}},
		{"several wrong policies at once", Policies, `[{"name":"nothing","value":1},{"name":"max_files"},{"name":"max_files","value":31,"valid_from":"2026-13-01"},{"name":"hour_unit","value":"days"},{"name":"require_person_signature","value":1},{"name":"max_files","value":1.5}]`,
			[]string{"[0].name unknown_policy", "[1].value required", "[2].valid_from bad_instant", "[2].value out_of_range", "[3].value bad_value", "[4].value not_flag", "[5].value not_whole_number", "[2] duplicate", "[5] duplicate"}},
		{"a session longer than half a year", Policies, `[{"name":"session_days","value":181}]`, []string{"[0].value out_of_range"}},
		{"what this version does not carry out", Policies, `[{"name":"supplement_pauses_screening","value":true}]`, []string{"[0].value unsupported"}},
		{"bounds that exclude each other", Policies, `[{"name":"text_min","value":150,"valid_from":"2026-01-01"},{"name":"text_max","value":100,"valid_from":"2027-01-01"}]`, []string{" conflict"}},
		{"one policy twice from one instant", Policies, `[{"name":"max_files","value":1,"valid_from":"2026-01-01"},{"name":"max_files","value":2,"valid_from":"2025-12-31T17:00:00Z"}]`, []string{"[1] duplicate"}},

		{"unknown text and language", Texts, `[{"key":"notice.nothing.body","lang":"fr","text":"x"}]`, []string{"[0].key unknown_key", "[0].lang unknown_language"}},
		{"a placeholder that the text does not have", Texts, `[{"key":"notice.report.accepted.body","lang":"vi","text":"{code} {phone}"}]`, []string{"[0].text unknown_placeholder"}},
		{"a body without what it must say", Texts, `[{"key":"notice.account.verify.body","lang":"vi","text":"Xin chào"}]`, []string{"[0].text required_placeholder"}},
		{"a subject of two lines", Texts, `[{"key":"notice.report.accepted.subject","lang":"vi","text":"a\nBcc: b"}]`, []string{"[0].text control_characters"}},
		{"a reason in a subject", Texts, `[{"key":"notice.report.refused.subject","lang":"vi","text":"{reason}"}]`, []string{"[0].text unknown_placeholder"}},
		{"a brace alone", Texts, `[{"key":"notice.report.accepted.body","lang":"vi","text":"{code} }"}]`, []string{"[0].text braces"}},
		{"an empty text", Texts, `[{"key":"notice.report.accepted.body","lang":"vi","text":" "}]`, []string{"[0].text required"}},

		{"an unknown right", Roles, `[` + admin + `,{"role":"x_y","name":{"en":"X"},"rights":["fly"]}]`, []string{"[1].name.vi required", "[1].rights[0] unknown_right"}},
		{"an unknown holder", Roles, `[` + admin + `,{"role":"xy","name":{"vi":"X"},"held_by":["mayor"],"rights":[]}]`, []string{"[1].held_by[0] bad_value"}},
		{"a monitor who may change things", Roles, `[` + admin + `,{"role":"monitor","name":{"vi":"X"},"rights":["report.route"]}]`, []string{"[1].rights[0] reads_only"}},
		{"an auditor who administers", Roles, `[{"role":"administrator","name":{"vi":"Q"},"rights":["settings.write","officers.write","audit.read"]}]`, []string{"[0].rights[2] rights_apart"}},
		{"nobody who could change the settings", Roles, `[{"role":"handler","name":{"vi":"Q"},"rights":["part.handle"]}]`, []string{" lockout", " lockout"}},
		{"nobody from a later date on", Roles, `[` + admin + `,{"role":"administrator","name":{"vi":"Q"},"rights":["officers.write"],"valid_from":"2030-01-01"}]`, []string{" lockout"}},

		{"9.2 without Khmer", Refusals, `[{"code":"9.2","name":{"vi":"a"},"text":{"vi":"b"}}]`, []string{"[0].text.km required"}},
		{"two laws at a time", Refusals, `[{"code":"9.1","name":{"vi":"a"},"text":{"vi":"b"},"valid_to":"2026-07-02"},{"code":"9.1","name":{"vi":"a"},"text":{"vi":"b"},"valid_from":"2026-07-01"}]`, []string{"[1].valid_from overlap"}},
		{"an end before the start", Refusals, `[{"code":"9 1","name":{"vi":"a"},"text":{"vi":"b"},"valid_from":"2026-07-01","valid_to":"2026-07-01"}]`, []string{"[0].code bad_code", "[0].valid_to empty_span"}},

		{"phrases", Words, `[{"class":"9.1.a","phrase":"hồ sơ … trễ hẹn|quá hạn","weight":3,"note":"n"},{"class":"9.1.b","phrase":"quyết định số 0","weight":2},{"class":"9.1.a","phrase":"một cửa hàng","weight":0},{"class":"telling","phrase":"phát hiện","weight":0}]`, nil},
		{"phrases of no class, too heavy and unreadable", Words, `[{"class":"9.2","phrase":"hồ sơ trễ","weight":3},{"class":"9.1.a","phrase":"hồ sơ trễ","weight":6},{"class":"telling","phrase":"phát hiện","weight":1},{"class":"9.1.a","phrase":"hồ sơ …","weight":1},{"class":"9.1.a","weight":1},{"class":"9.1.a","phrase":"x\ny","weight":1,"kind":"z"}]`,
			[]string{"[0].class bad_value", "[1].weight out_of_range", "[2].weight out_of_range", "[3].phrase bad_phrase", "[4].phrase required", "[5].kind unknown_field", "[5].phrase control_characters"}},
		{"an everyday word alone", Words, `[{"class":"9.1.c","phrase":"trộm","weight":3}]`, []string{"[0].phrase single_word"}},
		{"one phrase twice, typed otherwise", Words, `[{"class":"9.1.b","phrase":"hòa giải","weight":3},{"class":"9.1.b","phrase":"Hoà giải","weight":2},{"class":"9.1.a","phrase":"hòa giải","weight":2}]`, []string{"[1] duplicate"}},

		{"an authority", Roots, `[{"name":"CA","use":"root","pem":` + quoted(ca) + `}]`, nil},
		{"the same authority twice", Roots, `[{"name":"CA","use":"root","pem":` + quoted(ca) + `},{"name":"CB","use":"intermediate","pem":` + quoted(ca) + `}]`, []string{"[1].pem duplicate"}},
		{"a certificate that signs no other", Roots, `[{"name":"CA","use":"any","pem":` + quoted(leaf) + `}]`, []string{"[0].use bad_value", "[0].pem not_authority"}},
		{"two certificates in one row", Roots, `[{"name":"CA","use":"root","pem":` + quoted(ca+leaf) + `}]`, []string{"[0].pem not_pem"}},
		{"a private key", Roots, `[{"name":"CA","use":"root","pem":"-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"}]`, []string{"[0].pem private_key"}},

		{"certificates of agencies", Certificates, `[{"agency":"SXD","common_name":"Sở Xây dựng"},{"agency":"OP","issuer":"CN=CA","serial":"0x0A:FF"}]`, nil},
		{"a certificate of an agency that is not there", Certificates, `[{"agency":"SYT","common_name":"Sở Y tế"}]`, []string{"[0].agency unknown_code"}},
		{"one certificate for two agencies", Certificates, `[{"agency":"SXD","common_name":"Sở Xây dựng"},{"agency":"OP","common_name":"Sở Xây dựng"}]`, []string{"[1] overlap"}},
		{"a certificate named twice, in half and not at all", Certificates, `[{"agency":"SXD","common_name":"a","serial":"1"},{"agency":"SXD","serial":"2"},{"agency":"SXD","issuer":"CN=CA","serial":"xyz"},{"agency":"SXD"}]`,
			[]string{"[0] conflict", "[1].issuer required", "[2].serial bad_format", "[3].common_name required"}},

		{"a category whose lead is not there", Categories, strings.Replace(someCategories, "SXD", "SYT", 1), []string{"categories[0].leads[0] unknown_code"}},
		{"agencies without one that a category names", Agencies, strings.Replace(someAgencies, `"SXD"`, `"SX2"`, 1), []string{"categories[0].leads[0] unknown_code"}},
		{"a calendar", Calendar, `{"version":"a","hours":[{"from":"2024-01-01","sessions":[{"from":"12:00","to":"11:00"}]}],"x":1}`, []string{"\"x\" unknown_field", "hours[0].sessions[0].to empty_span"}},
		{"boundary", Boundary, `{"type":"FeatureCollection","features":[` + square("X1", 0) + `,` + square("X2", 1) + `]}`, nil},
		{"a boundary of a commune that is not there, and one that lacks", Boundary, `{"type":"FeatureCollection","features":[` + square("X1", 0) + `,` + square("X9", 1) + `]}`,
			[]string{"features[1].properties.code unknown_code", "units[X2] without_boundary"}},
	}
	s := stored(map[Kind]string{Units: someUnits, Agencies: someAgencies, Categories: someCategories})
	for _, row := range rows {
		t.Run(string(row.kind)+": "+row.fact, func(t *testing.T) {
			found, err := Check(ctx, row.kind, []byte(row.doc), s, at(t, "2026-11-24 08:00"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range found {
				got = append(got, p.Path+" "+p.Rule)
				if vi, en := RuleText(p.Rule); vi == "" || en == "" {
					t.Errorf("the rule %s has no words", p.Rule)
				}
			}
			slices.Sort(got)
			slices.Sort(row.want)
			if !slices.Equal(got, row.want) {
				t.Errorf("\ngot  %q\nwant %q", got, row.want)
			}
		})
	}
}

func square(code string, i int) string {
	x := string(rune('0' + i))
	return `{"type":"Feature","properties":{"code":"` + code + `","name":"Xã"},"geometry":{"type":"Polygon","coordinates":[[[10` + x + `,9],[10` + x + `.5,9],[10` + x + `.5,9.5],[10` + x + `,9]]]}}`
}

func TestADocumentWaitsForWhatItRefersTo(t *testing.T) {
	empty := New(nil, noLoader)
	rows := []struct {
		kind Kind
		doc  string
		lack Kind
	}{
		{Agencies, someAgencies, Units}, {Categories, someCategories, Agencies},
		{Certificates, `[{"agency":"SXD","common_name":"a"}]`, Agencies},
		{Boundary, `{"type":"FeatureCollection","features":[` + square("X1", 0) + `]}`, Units},
	}
	for _, row := range rows {
		found, err := Check(ctx, row.kind, []byte(row.doc), empty, at(t, "2026-11-24 08:00"))
		if err != nil || len(found) != 1 || found[0].Rule != RuleNotSetUp || !slices.Equal(found[0].Args, []string{string(row.lack)}) {
			t.Errorf("%s: %+v %v", row.kind, found, err)
		}
	}
	if found, err := Check(ctx, Units, []byte(someUnits), empty, at(t, "2026-11-24 08:00")); err != nil || len(found) > 0 {
		t.Errorf("units come first: %v %v", found, err)
	}
}

func TestADocumentHasABoundedSize(t *testing.T) {
	for _, kind := range Kinds {
		doc := []byte(strings.Repeat(" ", kind.MaxBytes()+1))
		found, err := Check(ctx, kind, doc, New(nil, noLoader), time.Now())
		if err != nil || len(found) != 1 || found[0].Rule != RuleTooLarge {
			t.Errorf("%s: %v %v", kind, found, err)
		}
	}
	if _, err := Check(ctx, "recipes", nil, New(nil, noLoader), time.Now()); !fault.Is(err, "not_found") {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestACalendarThatChangedCarriesANewVersion(t *testing.T) {
	s := stored(map[Kind]string{Calendar: ownHoursCalendar})
	changed := strings.Replace(ownHoursCalendar, "09:00", "10:00", 1)
	found, err := Check(ctx, Calendar, []byte(changed), s, time.Now())
	if err != nil || len(found) != 1 || found[0].Rule != RuleSameVersion {
		t.Errorf("%v %v", found, err)
	}
	found, err = Check(ctx, Calendar, []byte(strings.Replace(changed, `"own"`, `"own 2"`, 1)), s, time.Now())
	if err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

func TestTheShippedDirectoriesAreTakenInOrder(t *testing.T) {
	for _, folder := range []string{"demo", "travinh"} {
		s := New(nil, noLoader)
		for _, kind := range []Kind{Units, Agencies, Categories, Boundary} {
			data, err := os.ReadFile("../../data/" + folder + "/" + string(kind) + ".json")
			if kind == Boundary && folder == "travinh" {
				continue // the real boundary is not the project's to ship
			}
			if err != nil {
				t.Fatal(err)
			}
			found, err := Check(ctx, kind, data, s, at(t, "2026-11-24 08:00"))
			if err != nil || len(found) > 0 {
				t.Errorf("%s/%s: %v %v", folder, kind, found, err)
			}
			s = s.with(kind, data)
		}
		if _, err := s.Directory(ctx); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

func TestProblemsBecomeOneFault(t *testing.T) {
	err := Refused("body", []Problem{{Path: "[1].x", Rule: RuleRequired}, {Path: "version", Rule: RuleSameVersion}, {Rule: RuleNotJSON, Args: []string{"a"}}})
	var got []string
	for _, f := range fault.As(err).Fields {
		got = append(got, f.Path+" "+f.Code)
	}
	if want := []string{"body[1].x required", "body.version same_version", "body not_json"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if Refused("body", nil) != nil {
		t.Error("no problem is no fault")
	}
}

func FuzzCheck(f *testing.F) {
	for _, kind := range Kinds {
		data, _ := Default(kind)
		f.Add(string(kind), data)
	}
	f.Add("certificates", []byte(`[{"agency":"SXD","serial":"0x"}]`))
	f.Add("texts", []byte(`[{"key":"notice.report.accepted.body","lang":"vi","text":"{}{"}]`))
	s := stored(map[Kind]string{Units: someUnits, Agencies: someAgencies, Categories: someCategories})
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		k := Kind(kind)
		if !k.Known() {
			return
		}
		found, err := Check(ctx, k, data, s, now)
		if err != nil {
			t.Fatal(err)
		}
		Diff(k, data, data)
		if len(found) > 0 {
			return
		}
		// What passes the check can be read again.
		taken := s.with(k, data)
		_, policyErr := taken.Policy(ctx, now)
		_, textErr := taken.Texts(ctx)
		_, rightsErr := taken.Rights(ctx, []string{"administrator"}, now)
		if policyErr != nil || textErr != nil || rightsErr != nil {
			t.Fatal(policyErr, textErr, rightsErr)
		}
	})
}
