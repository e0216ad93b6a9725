package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/intake"
	"paht/shared/settings"
)

// shelf keeps settings as the system does: it checks each beside the others.
type shelf map[settings.Kind]settings.Document

func (s shelf) Read(_ context.Context, kind settings.Kind) (settings.Document, bool, error) {
	d, err := settings.New(s, nil).Document(context.Background(), kind)
	return d, err == nil, nil
}

func (s shelf) Store(ctx context.Context, kind settings.Kind, over int, document []byte) (int, error) {
	if s[kind].Version != over {
		return 0, errors.New("stale")
	}
	problems, err := settings.Check(ctx, kind, document, settings.New(s, nil), now)
	if err != nil || len(problems) > 0 {
		return 0, fmt.Errorf("%v %w", problems, err)
	}
	s[kind] = settings.Document{Kind: kind, Version: over + 1, SHA256: settings.Sum(document), Data: document}
	return over + 1, nil
}

// demo holds the documents of the made-up province.
func demo(t *testing.T) shelf {
	t.Helper()
	s := shelf{}
	for _, kind := range []settings.Kind{settings.Units, settings.Agencies, settings.Categories, settings.Boundary} {
		data, err := os.ReadFile(filepath.Join("..", "..", "data", "demo", string(kind)+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Store(t.Context(), kind, 0, data); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func imported(t *testing.T, door intake.Door, dir string, dry bool) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := intake.Import(t.Context(), door, dir, dry, func() time.Time { return now }, &out)
	return out.String(), err
}

func TestTheFilesOfTheMadeUpProvinceAreWhatTheDemoHas(t *testing.T) {
	demo := demo(t)
	f, problems, err := intake.Read("../../data/moclam", now)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	plan, problems, err := f.Plan(t.Context(), demo, now)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	same, changed := map[settings.Kind]int{}, []settings.Kind{}
	for _, step := range plan.Steps {
		if step.Changed() {
			changed = append(changed, step.Source.Kind)
		} else {
			same[step.Source.Kind] = step.Same
		}
	}
	for kind, document := range demo {
		if rows := len(settings.Rows(kind, document.Data)); same[kind] != rows || rows < 7 {
			t.Errorf("%d rows of the %s stand, want %d", same[kind], kind, rows)
		}
	}
	if want := []settings.Kind{settings.Calendar, settings.Texts, settings.Certificates}; !slices.Equal(changed, want) {
		t.Errorf("%v change, want %v", changed, want)
	}
}

func TestTheRealDirectoryIsImportedAsItLies(t *testing.T) {
	s := shelf{}
	first, err := imported(t, s, "../../data/travinh", false)
	if err != nil || !strings.Contains(first, "stored the categories: version 1\n") {
		t.Fatal(first, err)
	}
	second, err := imported(t, s, "../../data/travinh", false)
	if err != nil || !strings.HasSuffix(second, "nothing to change\n") || s[settings.Agencies].Version != 1 {
		t.Error(second, err)
	}
}

const (
	units    = "code,level,name,type,parent,valid_from,valid_to\n99,province,Tỉnh,Tỉnh,,,\n1,commune,Xã Một,Xã,99,,\n2,commune,Xã Hai,Xã,99,,\n"
	agencies = "code,name,kind,unit,parent,roles,valid_from,valid_to\nA,Sở A,provincial_department,,,agency,,\nB,Sở B,provincial_department,,,agency,,\n"
	category = "code,name,leads,default_working_days\nduong,Đường,A,3\nnuoc,Nước,B,3\n"
)

func TestADryRunSaysWhatWouldChange(t *testing.T) {
	rows := []struct {
		name string
		file string
		text string
		want string
	}{
		{"nothing", "units.csv", units, "units (units.csv): 0 added, 0 changed, 0 ended, 0 removed, 3 unchanged\n" +
			"everything stands as the files say: nothing to change\n"},
		{"a row more", "units.csv", units + "3,commune,Xã Ba,Xã,99,,\n", "units (units.csv): 1 added, 0 changed, 0 ended, 0 removed, 3 unchanged\n" +
			"  + added 3\na dry run: 1 kinds would be stored, nothing was\n"},
		{"another name", "units.csv", strings.Replace(units, "Xã Hai", "Xã Ba", 1), "units (units.csv): 0 added, 1 changed, 0 ended, 0 removed, 2 unchanged\n" +
			"  ~ changed 2\n      name: \"Xã Hai\" → \"Xã Ba\"\na dry run: 1 kinds would be stored, nothing was\n"},
		{"a row that ends", "units.csv", strings.Replace(units, "Xã Hai,Xã,99,,", "Xã Hai,Xã,99,,2027-01-01", 1), "units (units.csv): 0 added, 0 changed, 1 ended, 0 removed, 2 unchanged\n" +
			"  | ended 2\n      valid_to: \"\" → \"2027-01-01\"\na dry run: 1 kinds would be stored, nothing was\n"},
		{"a row less", "units.csv", strings.Replace(units, "2,commune,Xã Hai,Xã,99,,\n", "", 1), "units (units.csv): 0 added, 0 changed, 0 ended, 1 removed, 2 unchanged\n" +
			"  - removed 2\na dry run: 1 kinds would be stored, nothing was\n"},
		{"another order", "categories.csv", "code,name,leads,default_working_days\nnuoc,Nước,B,3\nduong,Đường,A,3\n", "categories (categories.csv): 0 added, 0 changed, 0 ended, 0 removed, 2 unchanged\n" +
			"  the rows stand in another order\na dry run: 1 kinds would be stored, nothing was\n"},
		{"a text over the product's own", "texts.csv", "key,lang,text\nnotice.report.accepted.subject,vi,Đã nhận {code}\n", "texts (texts.csv): 1 added, 0 changed, 0 ended, 0 removed, 0 unchanged\n" +
			"  + added notice.report.accepted.subject vi\na dry run: 1 kinds would be stored, nothing was\n"},
		{"a long value, from where it differs", "categories.csv", "code,name,leads,default_working_days,legal_basis\nduong,Đường,A,3," + strings.Repeat("luật ", 20) + "một\nnuoc,Nước,B,3,\n",
			"categories (categories.csv): 0 added, 1 changed, 0 ended, 0 removed, 1 unchanged\n  ~ changed duong\n      legal_basis: \"\" → \"" + strings.Repeat("luật ", 14) + "…\"\na dry run: 1 kinds would be stored, nothing was\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := shelf{}
			if out, err := imported(t, s, folder(t, map[string]string{"units.csv": units, "agencies.csv": agencies, "categories.csv": category}), false); err != nil {
				t.Fatal(out, err)
			}
			got, err := imported(t, s, folder(t, map[string]string{row.file: row.text}), true)
			if err != nil || got != row.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, row.want)
			}
			if s[settings.Units].Version != 1 || s[settings.Categories].Version != 1 || s[settings.Texts].Version != 0 {
				t.Error("something was stored")
			}
		})
	}
}

func without(text, line string) string { return strings.Replace(text, line, "", 1) }

func TestFilesAreHeldAgainstEachOtherAndWhatStands(t *testing.T) {
	agencyB, categoryB := "B,Sở B,provincial_department,,,agency,,\n", "nuoc,Nước,B,3\n"
	rows := []struct {
		name   string
		stands map[string]string
		files  map[string]string
		want   []string // what was stored, in this order, or what is wrong
	}{
		{"an empty system is filled in order", nil, map[string]string{"categories.csv": category, "agencies.csv": agencies, "units.csv": units},
			[]string{"stored the units: version 1", "stored the agencies: version 1", "stored the categories: version 1"}},
		{"what is given up goes before what it leans on", map[string]string{"categories.csv": category, "agencies.csv": agencies, "units.csv": units},
			map[string]string{"categories.csv": without(category, categoryB), "agencies.csv": without(agencies, agencyB)},
			[]string{"stored the categories: version 2", "stored the agencies: version 2"}},
		{"a code of another file that is not there", nil, map[string]string{"categories.csv": category, "agencies.csv": without(agencies, agencyB), "units.csv": units},
			[]string{`categories.csv:3:11: leads "B": names a code that the directory does not hold`}},
		{"what stands needs what is left out", map[string]string{"categories.csv": category, "agencies.csv": agencies, "units.csv": units},
			map[string]string{"agencies.csv": without(agencies, agencyB)},
			[]string{`the categories that stand: categories[1].leads[0]: names a code that the directory does not hold`}},
		{"a commune without a boundary, another unknown", nil, map[string]string{"units.csv": units,
			"boundary.geojson": strings.Replace(strings.Replace(ring, "%", "[106,9]", 1), "99001", "3", 1)},
			[]string{`boundary.geojson:1:1: units[1]: this commune has no boundary`, `boundary.geojson:1:1: units[2]: this commune has no boundary`,
				`boundary.geojson:1:80: features[0].properties.code "3": names a code that the directory does not hold`}},
		{"everything exchanged at once", map[string]string{"categories.csv": category, "agencies.csv": agencies, "units.csv": units},
			map[string]string{"categories.csv": strings.ReplaceAll(category, ",A,", ",C,"), "agencies.csv": strings.Replace(agencies, "A,", "C,", 1)},
			[]string{`agencies.csv:1:1: categories[0].leads[0]: names a code that the directory does not hold; 1 such things keep it from being stored before the others, which cannot be stored before it: import first files that hold what is given up as well as what comes`,
				`categories.csv:2:13: leads "C": names a code that the directory does not hold; 1 such things keep it from being stored before the others, which cannot be stored before it: import first files that hold what is given up as well as what comes`}},
		{"a kind that needs another first", nil, map[string]string{"certificates.csv": "agency,common_name\nA,Sở A\n"},
			[]string{`certificates.csv:1:1: needs this to be stored first: agencies`}},
		{"one wrong file keeps all others back", nil, map[string]string{"units.csv": units, "agencies.csv": agencies, "texts.csv": "key,lang,text\nnone,vi,a\n"},
			[]string{`texts.csv:2:1: key "none": is no text of this system`}},
		{"what is wrong in itself is not held against others", nil, map[string]string{"units.csv": "code\n", "categories.csv": category,
			"agencies.csv": agencies + "U,Ủy ban,commune_committee,7,,agency,,\n"}, []string{
			`units.csv:1:1: column "level": is missing`, `units.csv:1:1: column "name": is missing`, `units.csv:1:1: column "type": is missing`,
			`units.csv:1:1: column "parent": is missing`}},
		{"a calendar that changed under its old version", map[string]string{"calendar.csv": daysHead},
			map[string]string{"calendar.csv": daysHead + "2026-02-17,off,Tết,decided\n"},
			[]string{`calendar.csv:1:1: version "1": a calendar that changed must carry a new version`}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := shelf{}
			if out, err := imported(t, s, folder(t, row.stands), false); row.stands != nil && err != nil {
				t.Fatal(out, err)
			}
			before := fmt.Sprint(s)
			out, err := imported(t, s, folder(t, row.files), false)
			got, stored := storedOf(out), strings.HasPrefix(row.want[0], "stored the ")
			if !stored {
				got = strings.Split(strings.TrimSpace(out), "\n")
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
			}
			if changed := fmt.Sprint(s) != before; changed != stored || (err == nil) != stored {
				t.Errorf("something was stored: %v, and the end was %v", changed, err)
			}
		})
	}
}

func storedOf(out string) []string {
	var list []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "stored the ") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

func TestTrustThatEndedStaysForWhatWasSignedBefore(t *testing.T) {
	old := certificate(t, "Gốc cũ", now.AddDate(-1, 0, 0), true)
	f, problems, err := intake.Read(folder(t, map[string]string{"roots.pem": "subject=CN = x\n# valid_to: 2025-01-01\n# name: Gốc (cũ)\n" + old +
		"\n" + certificate(t, "Gốc mới", now.AddDate(1, 0, 0), true)}), now)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	var rows []map[string]string
	if err := json.Unmarshal(f.Sources[settings.Roots].Document, &rows); err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if rows[0]["name"] != "Gốc (cũ)" || rows[0]["valid_to"] != "2025-01-01" || rows[0]["pem"] != old || rows[1]["name"] != "Gốc mới" || rows[1]["use"] != "root" {
		t.Errorf("got %v", rows)
	}
}
