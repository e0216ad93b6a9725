package directory

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func sameProblems(t *testing.T, got, want []Problem) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%v\nwant:\n%v", got, want)
	}
}

func TestEveryProblemOfAgenciesAtOnce(t *testing.T) {
	_, got := ParseAgencies([]byte(`{"extra": 1, "agencies": [
		{"code": "A B", "name": 7, "kind": "so", "valid_from": "2025-02-30", "colour": "red"},
		{"name": "", "kind": "organisation", "unit": "1", "roles": [{"role": "boss"}, {"role": "operator", "valid_from": "2020-01-01"}], "valid_from": "2021-01-01"},
		{"code": "C", "name": "c", "kind": "commune_committee", "valid_from": "2025-01-01", "valid_to": "2025-01-01", "successors": ["D", "D", 1, "X"]},
		{"code": "D", "name": "d\u0007", "kind": "organisation", "successors": ["C"], "parent": "Y", "roles": 3},
		5,
		{"code": "D", "name": "d", "kind": "organisation", "valid_from": "2026-01-01", "confidence": "maybe"}
	]}`))
	sameProblems(t, got, []Problem{
		{"extra", RuleUnknownField},
		{"agencies[0].code", RuleBadCode},
		{"agencies[0].name", RuleNotText},
		{"agencies[0].kind", RuleBadValue},
		{"agencies[0].valid_from", RuleBadDate},
		{"agencies[0].colour", RuleUnknownField},
		{"agencies[1].name", RuleRequired},
		{"agencies[1].code", RuleRequired},
		{"agencies[1].roles[0].role", RuleBadValue},
		{"agencies[1].roles[1]", RuleOutsideSpan},
		{"agencies[1].unit", RuleUnitNotAllowed},
		{"agencies[2].successors[1]", RuleDuplicate},
		{"agencies[2].successors[2]", RuleNotText},
		{"agencies[2].valid_to", RuleEmptySpan},
		{"agencies[2].unit", RuleUnitRequired},
		{"agencies[3].name", RuleNotText},
		{"agencies[3].roles", RuleNotList},
		{"agencies[4]", RuleNotObject},
		{"agencies[5].confidence", RuleBadValue},
		{"agencies[2].successors[2]", RuleUnknownCode},
		{"agencies[2].successors[3]", RuleUnknownCode},
		{"agencies[3].successors[0]", RuleSuccessorOpen},
		{"agencies[3].parent", RuleUnknownCode},
		{"agencies[5].valid_from", RuleOverlap},
	})
}

func TestBadDocuments(t *testing.T) {
	for _, c := range []struct {
		name, document string
		parse          func([]byte) []Problem
		want           []Problem
	}{
		{"no JSON", `{"agencies": [`, agencyProblems, []Problem{{"", RuleNotJSON}}},
		{"nothing", ``, agencyProblems, []Problem{{"", RuleNotJSON}}},
		{"two documents", `{"agencies": []} {}`, agencyProblems, []Problem{{"", RuleNotJSON}}},
		{"a list", `[]`, agencyProblems, []Problem{{"", RuleNotObject}}},
		{"null", `null`, agencyProblems, []Problem{{"", RuleNotObject}}},
		{"no list", `{"units": []}`, agencyProblems, []Problem{{"agencies", RuleRequired}, {"units", RuleUnknownField}}},
		{"a document above its size", `{"agencies": []` + strings.Repeat(" ", maxDocument) + `}`, agencyProblems, []Problem{{"", RuleTooLarge}}},
		{"more rows than a directory has", `{"agencies": [` + strings.Repeat("{},", maxRows) + `{}]}`, agencyProblems, []Problem{{"agencies", RuleTooMany}}},
		{"a name above its length", `{"agencies": [{"code":"A","kind":"organisation","name":"` + strings.Repeat("ấ", 201) + `"}]}`, agencyProblems,
			[]Problem{{"agencies[0].name", RuleTooLong}}},
		{"the same row twice", agencyRows(`"code":"A"`, `"code":"A"`), agencyProblems, []Problem{{"agencies[1].code", RuleDuplicate}}},
		{"a code reused the day after is right", agencyRows(`"code":"A","valid_to":"2025-01-01"`, `"code":"A","valid_from":"2025-01-01"`), agencyProblems, nil},
		{"a code reused a day too early", agencyRows(`"code":"A","valid_from":"2024-12-31"`, `"code":"A","valid_to":"2025-01-01"`), agencyProblems,
			[]Problem{{"agencies[0].valid_from", RuleOverlap}}},
		{"a successor that starts later leaves a gap", agencyRows(`"code":"A","valid_to":"2025-01-01","successors":["B"]`, `"code":"B","valid_from":"2025-01-02"`), agencyProblems,
			[]Problem{{"agencies[0].successors[0]", RuleNotInForce}}},
		{"its own successor under the same key", agencyRows(`"code":"A","valid_to":"2025-01-01","successors":["A"]`), agencyProblems,
			[]Problem{{"agencies[0].successors[0]", RuleNotInForce}}},
		{"two are each other's parent", agencyRows(`"code":"A","parent":"B"`, `"code":"B","parent":"A"`, `"code":"C","parent":"A"`), agencyProblems,
			[]Problem{{"agencies[0].parent", RuleParentLoop}, {"agencies[1].parent", RuleParentLoop}}},
		{"a parent that was gone before", agencyRows(`"code":"A","valid_to":"2025-01-01"`, `"code":"B","valid_from":"2025-01-01","parent":"A"`), agencyProblems,
			[]Problem{{"agencies[1].parent", RuleNotInForce}}},
		{"two operators at a time", agencyRows(`"code":"A","roles":[{"role":"operator"}]`, `"code":"B","roles":[{"role":"operator","valid_from":"2025-01-01"}]`), agencyProblems,
			[]Problem{{"agencies[1].roles[0]", RuleHeldTwice}}},
		{"the operator's role handed over is right", agencyRows(`"code":"A","roles":[{"role":"operator","valid_to":"2025-01-01"}]`,
			`"code":"B","roles":[{"role":"operator","valid_from":"2025-01-01"}]`), agencyProblems, nil},
		{"the same role twice in one row", agencyRows(`"code":"A","roles":[{"role":"agency"},{"role":"agency"}]`), agencyProblems,
			[]Problem{{"agencies[0].roles[1]", RuleDuplicate}}},
		{"a commune in a commune, and one in nothing", `{"units":[{"code":"1","level":"commune","name":"a","type":"Xã"},{"code":"2","level":"commune","name":"b","type":"Xã","parent":"1"}]}`,
			unitProblems, []Problem{{"units[0].parent", RuleRequired}, {"units[1].parent", RuleWrongLevel}}},
		{"a commune that becomes a province", `{"units":[{"code":"1","level":"province","name":"a","type":"Tỉnh"},
			{"code":"2","level":"commune","name":"b","type":"Xã","parent":"1","valid_to":"2025-01-01","successors":["1"]}]}`,
			unitProblems, []Problem{{"units[1].successors[0]", RuleWrongLevel}}},
		{"a level that is none", `{"units":[{"code":"1","level":"xa","name":"a","type":"Xã"}]}`, unitProblems, []Problem{{"units[0].level", RuleBadValue}}},
		{"working days that are no days", `{"categories":[{"code":"a","name":"a","default_working_days":0},{"code":"b","name":"b","default_working_days":1.5},
			{"code":"c","name":"c"},{"code":"d","name":"d","default_working_days":367}]}`, categoryProblems, []Problem{
			{"categories[0].default_working_days", RuleOutOfRange}, {"categories[1].default_working_days", RuleNotWhole},
			{"categories[2].default_working_days", RuleRequired}, {"categories[3].default_working_days", RuleOutOfRange}}},
		{"a lead that is no place word", `{"categories":[{"code":"a","name":"a","default_working_days":1,"leads":["@province","@commune"]}]}`, categoryProblems,
			[]Problem{{"categories[0].leads[0]", RuleBadCode}}},
	} {
		t.Run(c.name, func(t *testing.T) { sameProblems(t, c.parse([]byte(c.document)), c.want) })
	}
}

func agencyProblems(data []byte) []Problem   { _, p := ParseAgencies(data); return p }
func unitProblems(data []byte) []Problem     { _, p := ParseUnits(data); return p }
func categoryProblems(data []byte) []Problem { _, p := ParseCategories(data); return p }

func agencyRows(rows ...string) string {
	for i := range rows {
		rows[i] = `{"name":"x","kind":"organisation",` + rows[i] + `}`
	}
	return `{"agencies":[` + strings.Join(rows, ",") + `]}`
}

func TestProblemsBetweenTheDocuments(t *testing.T) {
	agencies, p1 := ParseAgencies([]byte(`{"agencies":[
		{"code":"A","name":"a","kind":"commune_committee","unit":"11"},
		{"code":"B","name":"b","kind":"commune_committee","unit":"11"},
		{"code":"C","name":"c","kind":"commune_committee","unit":"99"},
		{"code":"D","name":"d","kind":"district_committee","unit":"12","valid_from":"2025-01-01"},
		{"code":"E","name":"e","kind":"district_committee","unit":"13"},
		{"code":"F","name":"f","kind":"organisation","valid_to":"2025-01-01","successors":["G"]},
		{"code":"G","name":"g","kind":"organisation","roles":[{"role":"agency"}]}]}`))
	units, p2 := ParseUnits([]byte(`{"units":[{"code":"1","level":"province","name":"p","type":"Tỉnh"},
		{"code":"11","level":"commune","name":"x","type":"Xã","parent":"1"},
		{"code":"12","level":"district","name":"y","type":"Huyện","parent":"1","valid_to":"2025-01-01"},
		{"code":"13","level":"commune","name":"z","type":"Xã","parent":"1"}]}`))
	categories, p3 := ParseCategories([]byte(`{"categories":[
		{"code":"k","name":"k","default_working_days":1,"leads":["X","F","A","@commune"]},
		{"code":"l","name":"l","default_working_days":1,"leads":["F"],"valid_from":"2025-01-01"}]}`))
	sameProblems(t, slices.Concat(p1, p2, p3), nil)
	d, got := New(agencies, units, categories)
	sameProblems(t, got, []Problem{
		{"agencies[1].unit", RuleHeldTwice}, {"agencies[2].unit", RuleUnknownCode},
		{"agencies[3].unit", RuleNotInForce}, {"agencies[4].unit", RuleWrongLevel},
		{"categories[0].leads[0]", RuleUnknownCode}, {"categories[0].leads[2]", RuleNeverAssigned},
		{"categories[1].leads[0]", RuleNotInForce},
	})
	if d != nil {
		t.Error("there is a directory in spite of the problems")
	}
}

func TestADividedAgencyFollowsThePlace(t *testing.T) {
	agencies, _ := ParseAgencies([]byte(`{"agencies":[
		{"code":"OLD","name":"o","kind":"commune_committee","unit":"10","valid_to":"2030-01-01","successors":["N1","N2"],"roles":[{"role":"agency"}]},
		{"code":"N1","name":"n","kind":"commune_committee","unit":"11","valid_from":"2030-01-01","roles":[{"role":"agency"}]},
		{"code":"N2","name":"n","kind":"commune_committee","unit":"12","valid_from":"2030-01-01","roles":[{"role":"agency"}]},
		{"code":"N3","name":"n","kind":"commune_committee","unit":"13","roles":[{"role":"agency"}]},
		{"code":"SUB","name":"s","kind":"organisation","parent":"OLD"}]}`))
	units, _ := ParseUnits([]byte(`{"units":[{"code":"1","level":"province","name":"p","type":"Tỉnh"},
		{"code":"10","level":"commune","name":"o","type":"Xã","parent":"1","valid_to":"2030-01-01","successors":["11","12"]},
		{"code":"11","level":"commune","name":"n","type":"Xã","parent":"1","valid_from":"2030-01-01"},
		{"code":"12","level":"commune","name":"n","type":"Xã","parent":"1","valid_from":"2030-01-01"},
		{"code":"13","level":"commune","name":"n","type":"Xã","parent":"1"}]}`))
	d, p := New(agencies, units, nil)
	sameProblems(t, p, nil)
	for _, c := range []struct {
		name, commune string
		on            Date
		want          string
	}{
		{"before the division it keeps its work", "10", "2029-12-31", "OLD"},
		{"the first half", "11", "2030-01-01", "N1"},
		{"the second half", "12", "2030-01-01", "N2"},
		{"a place that was never its own", "13", "2030-01-01", ""},
		{"a place known only under the old code", "10", "2030-01-01", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a, ok := d.Follow("OLD", c.commune, c.on); a.Code != c.want || ok != (c.want != "") {
				t.Errorf("Follow = %q, %t; want %q", a.Code, ok, c.want)
			}
		})
	}
	if got := d.Subtree("OLD", "2029-12-31"); !slices.Equal(got, []string{"OLD", "SUB"}) {
		t.Errorf("before the division the subtree is %v", got)
	}
	for _, half := range []string{"N1", "N2"} {
		if got := d.Subtree(half, "2030-01-01"); !slices.Equal(got, []string{half}) {
			t.Errorf("a right to see was guessed: %v", got)
		}
	}
}

func TestLeadsOfTheDayAreAssignedThatDay(t *testing.T) {
	agencies, p1 := ParseAgencies([]byte(`{"agencies":[
		{"code":"DEPT","name":"d","kind":"provincial_department","roles":[{"role":"agency","valid_from":"2025-01-01","valid_to":"2026-01-01"}]},
		{"code":"U1","name":"u1","kind":"district_committee","unit":"D1","roles":[{"role":"agency"}],"valid_to":"2025-06-01","successors":["U2"]},
		{"code":"U2","name":"u2","kind":"district_committee","unit":"D2","roles":[{"role":"agency"}]},
		{"code":"SUB","name":"s","kind":"organisation","parent":"DEPT"}]}`))
	units, p2 := ParseUnits([]byte(`{"units":[{"code":"1","level":"province","name":"p","type":"Tỉnh"},
		{"code":"D1","level":"district","name":"d1","type":"Huyện","parent":"1","valid_to":"2025-06-01","successors":["D2"]},
		{"code":"D2","level":"district","name":"d2","type":"Huyện","parent":"1"},
		{"code":"C1","level":"commune","name":"c1","type":"Xã","parent":"D1"}]}`))
	categories, p3 := ParseCategories([]byte(`{"categories":[
		{"code":"k","name":"k","default_working_days":2,"leads":["DEPT","@district","@commune"],"legal_basis":"Quyết định 1"}]}`))
	d, p4 := New(agencies, units, categories)
	sameProblems(t, slices.Concat(p1, p2, p3, p4), nil)
	for _, c := range []struct {
		name string
		on   Date
		want []string
	}{
		{"before the department is assigned", "2024-12-31", []string{"U1"}},
		{"from its first day", "2025-01-01", []string{"DEPT", "U1"}},
		{"the district has merged, the commune's row still names it", "2025-06-01", []string{"DEPT", "U2"}},
		{"after the department's last day", "2026-01-01", []string{"U2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, ok := d.Lead("k", "C1", c.on)
			var got []string
			for _, a := range p.Agencies {
				got = append(got, a.Code)
			}
			if !ok || !slices.Equal(got, c.want) || p.LegalBasis != "Quyết định 1" {
				t.Errorf("Lead = %v, %q; want %v", got, p.LegalBasis, c.want)
			}
		})
	}
	if _, ok := d.Operator("2025-01-01"); ok {
		t.Error("there is an operator that nobody entered")
	}
	if up, ok := d.Parent("SUB", "2025-01-01"); !ok || up.Code != "DEPT" {
		t.Errorf("the parent is %q", up.Code)
	}
	if row, ok := d.AgencyRow("U1", "2030-01-01"); !ok || row.Name != "u1" {
		t.Error("an agency that has closed can no longer be named")
	}
	if row, ok := d.UnitRow("D1", "2030-01-01"); !ok || row.Name != "d1" {
		t.Error("a unit that has closed can no longer be named")
	}
}

func TestProblemsReadAsSentences(t *testing.T) {
	for problem, want := range map[Problem]string{
		{"", RuleNotJSON}:                  "document: is not valid JSON",
		{"agencies[3].name", RuleRequired}: "agencies[3].name: must not be empty",
	} {
		if got := problem.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestADocumentWrittenBackReadsTheSame(t *testing.T) {
	agencies, _ := ParseAgencies(readData(t, "travinh/agencies.json"))
	data, err := json.Marshal(map[string]any{listAgencies: agencies})
	if err != nil {
		t.Fatal(err)
	}
	again, p := ParseAgencies(data)
	sameProblems(t, p, nil)
	third, _ := json.Marshal(map[string]any{listAgencies: again})
	if string(third) != string(data) {
		t.Error("the agencies change when they are written and read")
	}
}

func TestKeysReadBack(t *testing.T) {
	for text, want := range map[string]bool{
		"29242": true, "29242@2025-07-01": true, "UB.29242@2025-07-01": true,
		"": false, "@2025-07-01": false, "29242@": false, "29242@2025": false, "29242@2025-02-30": false, "a b": false,
	} {
		k, ok := ParseKey(text)
		if ok != want || ok && k.String() != text {
			t.Errorf("ParseKey(%q) = %v, %t", text, k, ok)
		}
	}
}

func TestDateOfAnInstantIsVietnams(t *testing.T) {
	for instant, want := range map[string]Date{
		"2025-06-30T16:59:59Z": "2025-06-30", "2025-06-30T17:00:00Z": "2025-07-01",
	} {
		at, _ := time.Parse(time.RFC3339, instant)
		if got := DateOf(at); got != want {
			t.Errorf("DateOf(%s) = %s, want %s", instant, got, want)
		}
	}
}

func TestEveryRuleHasItsTextInBothLanguages(t *testing.T) {
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`(?m)^\tRule\w+ += "(\w+)"`).FindAllSubmatch(source, -1)
	if len(rules) != len(ruleTexts) || len(rules) < 30 {
		t.Errorf("%d rules and %d texts", len(rules), len(ruleTexts))
	}
	for _, rule := range rules {
		if vi, en := RuleText(string(rule[1])); vi == "" || en == "" {
			t.Errorf("%s lacks a text", rule[1])
		}
	}
}

func TestAnyDocumentIsReadOrRefused(t *testing.T) {
	seeds := []string{string(readData(t, "demo/agencies.json")), string(readData(t, "demo/units.json")),
		string(readData(t, "demo/categories.json")), string(readData(t, "demo/boundary.json"))}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(seeds).Draw(t, "document")
		for range rapid.IntRange(0, 5).Draw(t, "cuts") {
			at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			to := min(len(s), at+rapid.IntRange(0, 8).Draw(t, "length"))
			s = s[:at] + rapid.SampledFrom([]string{"", "null", "[]", "{}", "0", `""`, "-1e308", "\xff"}).Draw(t, "instead") + s[to:]
		}
		ParseCategories([]byte(s))
		b, p := ParseBoundary([]byte(s))
		if (b == nil) != (len(p) > 0) {
			t.Fatalf("boundary %v with problems %v", b, p)
		}
		agencies, p1 := ParseAgencies([]byte(s))
		units, p2 := ParseUnits([]byte(s))
		if d, p := New(agencies, units, nil); len(p1)+len(p2)+len(p) == 0 {
			d.Subtree("SKHCN", "2026-01-01")
			d.Operator("2026-01-01")
		}
	})
}
