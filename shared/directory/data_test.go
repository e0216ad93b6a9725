package directory

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"paht/shared/vietnamese"
)

func readData(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "data", name))
	if err != nil {
		t.Fatalf("reading %s: %v", name, err)
	}
	return data
}

// load reads one of the directories that ship with the product.
func load(t testing.TB, folder string) *Directory {
	t.Helper()
	agencies, p1 := ParseAgencies(readData(t, folder+"/agencies.json"))
	units, p2 := ParseUnits(readData(t, folder+"/units.json"))
	categories, p3 := ParseCategories(readData(t, folder+"/categories.json"))
	d, p4 := New(agencies, units, categories)
	if p := slices.Concat(p1, p2, p3, p4); len(p) > 0 {
		t.Fatalf("the directory %s has problems: %v", folder, p)
	}
	return d
}

func loadBoundary(t testing.TB) *Boundary {
	t.Helper()
	b, p := ParseBoundary(readData(t, "demo/boundary.json"))
	if len(p) > 0 {
		t.Fatalf("the boundary has problems: %v", p)
	}
	return b
}

func TestRealDirectoryHoldsEveryRow(t *testing.T) {
	agencies, _ := ParseAgencies(readData(t, "travinh/agencies.json"))
	units, _ := ParseUnits(readData(t, "travinh/units.json"))
	categories, _ := ParseCategories(readData(t, "travinh/categories.json"))
	if len(agencies) != 200 || len(units) != 158 || len(categories) != 24 {
		t.Errorf("%d agencies, %d units, %d categories; want 200, 158, 24", len(agencies), len(units), len(categories))
	}
	d := load(t, "travinh")
	for _, c := range []struct {
		on                Date
		communes, offices int
	}{{"2024-08-23", 106, 9}, {"2025-01-01", 104, 9}, {"2025-06-30", 104, 9}, {"2025-07-01", 41, 0}} {
		if n := len(d.Units(LevelCommune, c.on)); n != c.communes {
			t.Errorf("%d communes on %s, want %d", n, c.on, c.communes)
		}
		if n := len(d.Units(LevelDistrict, c.on)); n != c.offices {
			t.Errorf("%d districts on %s, want %d", n, c.on, c.offices)
		}
	}
}

func TestEveryOldCommuneReachesOneCommitteeOfToday(t *testing.T) {
	d := load(t, "travinh")
	for _, u := range d.Units(LevelCommune, "2024-08-23") {
		a, ok := d.CommuneCommittee(u.Key().String(), "2026-01-01")
		if !ok || !d.Assigned(a.Code, "2026-01-01") {
			t.Errorf("%s %s has no assigned committee after the mergers", u.Code, u.Name)
		}
	}
	for _, a := range d.Agencies("2024-08-23") {
		if a.Kind != KindDistrictCommittee && len(d.Successors(a.Key().String(), "2026-01-01")) != 1 {
			t.Errorf("%s has not one successor in 2026", a.Code)
		}
	}
}

func TestRolesFollowTheMergers(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name                         string
		on                           Date
		operator, department, office string
	}{
		{"the day of the decision", "2024-08-23", "TTCNTTTT", "STTTT", "VPUB"},
		{"the last day of STTTT", "2025-02-28", "TTCNTTTT", "STTTT", "VPUB"},
		{"the first day of the merged department", "2025-03-01", "TTCNTTTT", "TV2.SKHCN", "VPUB"},
		{"the last day of the province", "2025-06-30", "TTCNTTTT", "TV2.SKHCN", "VPUB"},
		{"the first day of the merged province", "2025-07-01", "TTCNTTTT", "VL.SKHCN", "VL.VPUB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for role, want := range map[string]string{RoleOperator: c.operator, RoleDepartment: c.department, RoleProvinceOffice: c.office} {
				ask := map[string]func(Date) (Agency, bool){RoleOperator: d.Operator, RoleDepartment: d.Department, RoleProvinceOffice: d.ProvinceOffice}[role]
				if got, ok := ask(c.on); !ok || got.Code != want {
					t.Errorf("%s on %s is %q, want %q", role, c.on, got.Code, want)
				}
			}
		})
	}
}

func TestSuccessorsOnADate(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name, ref string
		on        Date
		want      []string
	}{
		{"in force, it is itself", "STTTT", "2025-02-28", []string{"STTTT"}},
		{"merged, it is the merged department", "STTTT", "2025-03-01", []string{"TV2.SKHCN@2025-03-01"}},
		{"merged twice, it is the last", "STTTT", "2025-07-01", []string{"VL.SKHCN@2025-07-01"}},
		{"a department that nobody merged until the province was", "STP", "2025-03-01", []string{"STP"}},
		{"a ward's committee through two mergers", "UB.29245", "2025-07-01", []string{"UB.29242@2025-07-01"}},
		{"the same between the two", "UB.29245", "2025-06-30", []string{"UB.29242"}},
		{"a reused code means the row that its key names", "UB.29242", "2025-07-01", []string{"UB.29242@2025-07-01"}},
		{"a district's committee has none", "UB.842", "2025-07-01", nil},
		{"an unknown code has none", "NOBODY", "2025-07-01", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range d.Successors(c.ref, c.on) {
				got = append(got, a.Key().String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("Successors(%s, %s) = %v, want %v", c.ref, c.on, got, c.want)
			}
		})
	}
}

func TestReusedCode29242(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name, ref string
		on        Date
		want      string
	}{
		{"a ward until the merger", "29242", "2025-06-30", "Phường 3"},
		{"another ward from then on", "29242", "2025-07-01", "Phường Trà Vinh"},
		{"the new ward is not there before", "29242@2025-07-01", "2025-06-30", ""},
		{"ward 2 had closed before", "29245", "2025-01-01", ""},
		{"ward 2 on its last day", "29245", "2024-12-31", "Phường 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, ok := d.Unit(c.ref, c.on)
			if u.Name != c.want || ok != (c.want != "") {
				t.Errorf("Unit(%s, %s) = %q, %t; want %q", c.ref, c.on, u.Name, ok, c.want)
			}
		})
	}
	for on, want := range map[Date]string{"2024-12-31": "29245", "2025-01-01": "29242", "2025-07-01": "29242@2025-07-01"} {
		heirs := d.UnitSuccessors("29245", on)
		if len(heirs) != 1 || heirs[0].Key().String() != want {
			t.Errorf("ward 2 is on %s %v, want %s", on, heirs, want)
		}
	}
}

func TestLeadOfTheRealDirectory(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name, category, commune string
		on                      Date
		want                    []string
		days                    int
	}{
		{"telecommunications before the merger", "vien_thong", "29266", "2025-02-28", []string{"STTTT"}, 3},
		{"telecommunications after it", "vien_thong", "29266", "2025-03-01", []string{"TV2.SKHCN"}, 3},
		{"telecommunications in the merged province", "vien_thong", "29266", "2025-07-01", []string{"VL.SKHCN"}, 3},
		{"roads: department and district", "giao_thong", "29266", "2025-02-28", []string{"SGTVT", "UB.844"}, 3},
		{"roads after the districts: department and commune", "giao_thong", "29266", "2025-07-01", []string{"VL.SXD", "UB.29266"}, 3},
		{"a place recorded under an old ward", "ve_sinh_moi_truong", "29245", "2025-07-01", []string{"UB.29242"}, 3},
		{"three departments, two of them merged into one line", "an_toan_thuc_pham", "29266", "2025-07-01", []string{"VL.SYT", "VL.SCT", "VL.SNNMT"}, 5},
		{"a category without leads", "khac", "29266", "2025-07-01", nil, 5},
		{"a place that nobody knows", "ve_sinh_moi_truong", "00000", "2025-07-01", nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, ok := d.Lead(c.category, c.commune, c.on)
			var got []string
			for _, a := range p.Agencies {
				got = append(got, a.Code)
				if !d.Assigned(a.Key().String(), c.on) {
					t.Errorf("%s is proposed and not assigned", a.Code)
				}
			}
			if !ok || !slices.Equal(got, c.want) || p.WorkingDays != c.days || p.LegalBasis != "" {
				t.Errorf("Lead = %v, %d days, basis %q, %t; want %v, %d, none", got, p.WorkingDays, p.LegalBasis, ok, c.want, c.days)
			}
			if first, ok := p.Agency(); ok != (len(c.want) > 0) || ok && first.Code != c.want[0] {
				t.Errorf("the first is %q", first.Code)
			}
		})
	}
	if _, ok := d.Lead("no_such_category", "29266", "2025-07-01"); ok {
		t.Error("an unknown category has a proposal")
	}
}

func TestOpenWorkFollowsTheReportsPlace(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name, agency, commune string
		on                    Date
		want                  string
	}{
		{"a district's work goes to the commune of the place", "UB.842", "29242", "2025-07-01", "UB.29242@2025-07-01"},
		{"of the same district, another commune", "UB.842", "29248", "2025-07-01", "UB.29398@2025-07-01"},
		{"while the district is there, it keeps it", "UB.842", "29242", "2025-06-30", "UB.842"},
		{"a merged department's work goes to its successor", "SGTVT", "29242", "2025-03-01", "TV2.SXD@2025-03-01"},
		{"without a place that is known a person has to say", "UB.842", "00000", "2025-07-01", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, ok := d.Follow(c.agency, c.commune, c.on)
			if ok != (c.want != "") || ok && a.Key().String() != c.want {
				t.Errorf("Follow = %s, %t; want %q", a.Key(), ok, c.want)
			}
		})
	}
}

func TestSubtreeOfTheRealDirectory(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name, ref string
		on        Date
		size      int
		holds     string
	}{
		{"STTTT answers for the operator", "STTTT", "2025-02-28", 2, "TTCNTTTT"},
		{"its successor does", "TV2.SKHCN", "2025-03-01", 2, "TTCNTTTT"},
		{"and the successor's successor", "VL.SKHCN", "2025-07-01", 2, "TTCNTTTT"},
		{"the department merged into did not before", "SKHCN", "2025-02-28", 1, "SKHCN"},
		{"a city answers for its wards", "UB.842", "2024-12-31", 11, "UB.29245"},
		{"two fewer after they merged", "UB.842", "2025-01-01", 9, "UB.29242"},
		{"an agency that has closed answers for nobody", "UB.842", "2025-07-01", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := d.Subtree(c.ref, c.on)
			if len(got) != c.size || c.size > 0 && (got[0] != c.ref || !slices.Contains(got, c.holds)) {
				t.Errorf("Subtree(%s, %s) = %v; want %d with %s", c.ref, c.on, got, c.size, c.holds)
			}
		})
	}
}

func TestAssignedOnADate(t *testing.T) {
	d := load(t, "travinh")
	for _, c := range []struct {
		name, ref string
		on        Date
		want      bool
	}{
		{"a department", "SXD", "2025-02-28", true},
		{"the same once merged", "SXD", "2025-03-01", false},
		{"a company (Art. 3.3)", "CTN", "2025-07-01", true},
		{"the operator handles no reports", "TTCNTTTT", "2024-09-01", false},
		{"the province office changes nothing", "VPUB", "2024-09-01", false},
		{"the new row before its day", "UB.29242@2025-07-01", "2025-06-30", false},
		{"an unknown code", "NOBODY", "2025-07-01", false},
		{"no code", "", "2025-07-01", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := d.Assigned(c.ref, c.on); got != c.want {
				t.Errorf("Assigned(%q, %s) = %t", c.ref, c.on, got)
			}
		})
	}
}

func TestNamesAreFoundHoweverTheyAreTyped(t *testing.T) {
	d := load(t, "travinh")
	for _, name := range []string{"Xã Long Hòa", "Xã Long Hoà", "xã long hòa", "XÃ LONG HÒA", "Xa\u0303 Long Ho\u0300a"} {
		if got := d.UnitsNamed(name, "2025-07-01"); len(got) != 1 || got[0].Code != "29413" {
			t.Errorf("UnitsNamed(%q) = %v, want 29413", name, got)
		}
	}
	if got := d.UnitsNamed("Xã Long Hoa", "2025-07-01"); len(got) != 0 {
		t.Errorf("a name without its tone finds %v", got)
	}
	if got := d.AgenciesNamed("Ủy ban nhân dân xã Hoà Minh", "2025-07-01"); len(got) != 1 {
		t.Errorf("AgenciesNamed finds %v", got)
	}
	if got := d.SearchUnits("long hoa", "2025-07-01"); len(got) != 2 {
		t.Errorf("a search without diacritics finds %v, want the ward and the commune", got)
	}
	if got := d.SearchAgencies("cong an", "2025-07-01"); len(got) != 1 || got[0].Code != "CAT" {
		t.Errorf("SearchAgencies = %v, want CAT", got)
	}
}

func TestDemoProvinceIsMadeUpAndWhole(t *testing.T) {
	d, b := load(t, "demo"), loadBoundary(t)
	if p := d.CheckBoundary(b, "2026-01-01"); len(p) > 0 {
		t.Errorf("the boundary does not fit the units: %v", p)
	}
	for _, ask := range []func(Date) (Agency, bool){d.Operator, d.Department, d.ProvinceOffice} {
		if _, ok := ask("2026-01-01"); !ok {
			t.Error("a role has no holder")
		}
	}
	for _, u := range d.Units(LevelCommune, "2026-01-01") {
		for _, c := range d.Categories("2026-01-01") {
			p, ok := d.Lead(c.Code, u.Code, "2026-01-01")
			if !ok || p.WorkingDays < 1 || len(p.Agencies) == 0 && c.Code != "khac" {
				t.Errorf("%s in %s has the proposal %v", c.Code, u.Name, p)
			}
		}
	}
	actual := load(t, "travinh")
	for _, u := range d.Units("", "2026-01-01") {
		for _, on := range []Date{"2024-08-23", "2026-01-01"} {
			for _, r := range actual.Units("", on) {
				if vietnamese.SameName(u.Name, r.Name) || u.Code == r.Code {
					t.Errorf("%s %s is a real unit", u.Code, u.Name)
				}
			}
		}
	}
	if len(b.Communes()) != 6 || len(d.Units(LevelCommune, "2026-01-01")) != 6 || len(d.Categories("2026-01-01")) != 8 {
		t.Errorf("%d polygons, %d communes, %d categories", len(b.Communes()), len(d.Units(LevelCommune, "2026-01-01")), len(d.Categories("2026-01-01")))
	}
}
