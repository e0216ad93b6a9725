package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/worktime"
)

var ctx = context.Background()

func at(t testing.TB, s string) time.Time {
	t.Helper()
	instant, err := time.ParseInLocation("2006-01-02 15:04", s, worktime.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// noLoader is for snapshots of which every document has its bytes.
func noLoader(_ context.Context, d Document) ([]byte, error) {
	return nil, errors.New("nothing is to be loaded for " + string(d.Kind))
}

// stored makes a snapshot of documents of version 1.
func stored(docs map[Kind]string) *Snapshot {
	in := map[Kind]Document{}
	for kind, text := range docs {
		in[kind] = Document{Kind: kind, Version: 1, SHA256: Sum([]byte(text)), Data: []byte(text)}
	}
	return New(in, noLoader)
}

const (
	someUnits = `{"units":[
		{"code":"T","level":"province","name":"Hải Giang","type":"Tỉnh"},
		{"code":"X1","level":"commune","name":"Một","type":"Xã","parent":"T"},
		{"code":"X2","level":"commune","name":"Hai","type":"Xã","parent":"T","valid_from":"2025-07-01"}]}`
	someAgencies = `{"agencies":[
		{"code":"OP","name":"Trung tâm","kind":"operating_centre","roles":[{"role":"operator"}]},
		{"code":"SXD","name":"Sở Xây dựng","kind":"provincial_department","roles":[{"role":"agency"},{"role":"department"}]}]}`
	someCategories = `{"categories":[
		{"code":"road","name":"Đường","leads":["SXD"],"legal_basis":"","default_working_days":5}]}`
)

func TestTheProductsOwnDocumentsBreakNoRule(t *testing.T) {
	s := New(nil, noLoader)
	for _, kind := range []Kind{Calendar, Policies, Texts, Roles, Refusals, Words} {
		data, ok := Default(kind)
		if !ok {
			t.Errorf("%s has no default", kind)
		}
		found, err := Check(ctx, kind, data, s, at(t, "2026-11-24 08:00"))
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v %v", kind, found, err)
		}
	}
	for _, kind := range []Kind{Agencies, Units, Categories, Boundary, Roots, Certificates} {
		if _, ok := Default(kind); ok {
			t.Errorf("%s must have no default", kind)
		}
	}
}

func TestWhatIsNotSetUpIsUnavailableAndNamed(t *testing.T) {
	s := New(nil, noLoader)
	asks := map[Kind]func() error{
		Units:        func() error { _, err := s.Directory(ctx); return err },
		Boundary:     func() error { _, err := s.Boundary(ctx); return err },
		Roots:        func() error { _, err := s.Roots(ctx); return err },
		Certificates: func() error { _, err := s.Certificates(ctx); return err },
	}
	for kind, ask := range asks {
		f := fault.As(ask())
		if f == nil || f.Kind != fault.Unavailable || f.Code != "not_set_up" || !slices.Equal(f.Args, []string{string(kind)}) {
			t.Errorf("%s: %v", kind, f)
		}
	}
	if _, err := s.Document(ctx, Agencies); !fault.Is(err, "not_set_up") {
		t.Errorf("a document that was never stored: %v", err)
	}
}

func TestADocumentIsLoadedOnceAndOnlyWhenAsked(t *testing.T) {
	var mu sync.Mutex
	loads := map[string]int{}
	broken := true
	load := func(_ context.Context, d Document) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		loads[fmt.Sprintf("%s %d", d.Kind, d.Version)]++
		if broken {
			broken = false
			return nil, errors.New("no answer")
		}
		return []byte(`[{"name":"rating_days","value":7}]`), nil
	}
	docs := map[Kind]Document{
		Policies: {Kind: Policies, Version: 1, SHA256: "one"},
		Boundary: {Kind: Boundary, Version: 4, SHA256: "two"},
	}
	s := New(docs, load)
	if _, err := s.Policy(ctx, time.Now()); err == nil {
		t.Fatal("a failed load was taken for an answer")
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if p, err := s.Policy(ctx, time.Now()); err != nil || p.RatingDays != 7 {
				t.Errorf("%v %v", p.RatingDays, err)
			}
		})
	}
	group.Wait()
	if same := s.Next(docs); same != s {
		t.Error("the same documents must give the same snapshot")
	}
	docs[Boundary] = Document{Kind: Boundary, Version: 5, SHA256: "three"}
	next := s.Next(docs)
	if _, err := next.Policy(ctx, time.Now()); err != nil || next == s {
		t.Errorf("%v", err)
	}
	if want := map[string]int{"policies 1": 2}; fmt.Sprint(loads) != fmt.Sprint(want) {
		t.Errorf("loads %v, want %v", loads, want)
	}
}

func TestADirectoryIsJoinedOnceAndAnewWhenAPartChanges(t *testing.T) {
	s := stored(map[Kind]string{Units: someUnits, Agencies: someAgencies, Categories: someCategories})
	one, err := s.Directory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if two, _ := s.Directory(ctx); two != one {
		t.Error("it was joined twice")
	}
	changed := strings.Replace(someCategories, `"default_working_days":5`, `"default_working_days":9`, 1)
	next, err := s.with(Categories, []byte(changed)).Directory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := next.Category("road", "2026-01-01"); c.DefaultWorkingDays != 9 {
		t.Errorf("the change does not show: %d", c.DefaultWorkingDays)
	}
	if again, _ := s.Directory(ctx); again != one {
		t.Error("the snapshot before it changed")
	}
}

func TestPoliciesHoldFromTheirInstant(t *testing.T) {
	s := stored(map[Kind]string{Policies: `[
		{"name":"return_minutes","value":90,"valid_from":"2026-03-01"},
		{"name":"return_minutes","value":45,"valid_from":"2026-01-01T08:00:00+07:00","note":"từ đầu năm"},
		{"name":"hour_unit","value":"working","valid_from":"2026-03-01"},
		{"name":"notice_delay_seconds","value":1}]`})
	rows := []struct {
		at      string
		minutes int
		unit    report.Unit
	}{
		{"2026-01-01 07:59", 60, report.ClockTime},
		{"2026-01-01 08:00", 45, report.ClockTime},
		{"2026-02-28 23:59", 45, report.ClockTime},
		{"2026-03-01 00:00", 90, report.WorkingTime},
	}
	for _, row := range rows {
		p, err := s.Policy(ctx, at(t, row.at))
		if err != nil || p.ReturnMinutes != row.minutes || p.HourUnit != row.unit || p.NoticeDelay != time.Second {
			t.Errorf("%s: %d %s %s %v", row.at, p.ReturnMinutes, p.HourUnit, p.NoticeDelay, err)
		}
	}
}

func TestASignedResultIsKeptFromTheEndOfItsYear(t *testing.T) {
	for _, row := range []struct {
		name  string
		years int
		came  string // by the province's clock
		until string
	}{
		{"a day in the year", 10, "2026-03-10 08:30", "2037-01-01 00:00"},
		{"the first minute of the year", 10, "2026-01-01 00:00", "2037-01-01 00:00"},
		{"the last minute of the year", 10, "2026-12-31 23:59", "2037-01-01 00:00"},
		{"the first minute of the next", 10, "2027-01-01 00:00", "2038-01-01 00:00"},
		{"one year", 1, "2026-03-10 08:30", "2028-01-01 00:00"},
	} {
		if got := (Policy{ResultRetentionYears: row.years}).ResultRetainedUntil(at(t, row.came).UTC()); !got.Equal(at(t, row.until)) {
			t.Errorf("%s: until %s", row.name, got)
		}
	}
}

func TestTheProductsPolicyIsTheDecisionAsRead(t *testing.T) {
	p, err := New(nil, noLoader).Policy(ctx, at(t, "2024-08-23 00:00"))
	if err != nil {
		t.Fatal(err)
	}
	want := Policy{
		Version: p.Version, ScreeningMinutes: 120, TransferMinutes: 60, ReturnMinutes: 60, ResultMinutes: 60,
		PublicationMinutes: 60, RedistributeMinutes: 60, HourUnit: report.ClockTime, DefaultHandlingDays: 5,
		MaxAssignmentsPerTransfer: 10, TransfersBeforeNotice: 3, ProgressNoticeDays: 1, ProgressRepeatDays: 5,
		NoticeDelay: time.Minute, RatingDays: 15, ReworkDays: 15, TextMin: 5, TextMax: 2000, MaxFiles: 10,
		NearMetres: PerCategory{`{"default":100}`}, NearDays: PerCategory{`{"default":30}`},
		MaxPhotoBytes: 10 << 20, MaxPixels: 50_000_000, SignatureTolerance: 5 * time.Minute, PublicNameConsent: true,
		ResultRetentionYears: 10, ResultRetentionMode: RetainGovernance,
		OpenReportsPublic: PublicStatus, SessionDays: 30, WrongPasswords: 5, InactivityYears: 1,
		InactivityEndsOnWorkday: true, VerificationHours: 48, ActivationHours: 168,
	}
	if p != want {
		t.Errorf("\n%+v\n%+v", p, want)
	}
	if !strings.HasPrefix(p.Version, "0-") || len(p.Version) != 10 {
		t.Errorf("version %q", p.Version)
	}
	set, _ := Default(Policies)
	for _, name := range PolicyNames() {
		if !strings.Contains(string(set), `"`+name+`"`) {
			t.Errorf("%s has no value of the product", name)
		}
	}
}

func TestThePolicyVersionNamesItsContent(t *testing.T) {
	one, err := stored(map[Kind]string{Policies: `[]`}).Policy(ctx, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	two, err := stored(map[Kind]string{Policies: `[{"name":"rating_days","value":15}]`}).Policy(ctx, time.Now())
	if err != nil || one.Version == two.Version || !strings.HasPrefix(one.Version, "1-") {
		t.Errorf("%q %q %v", one.Version, two.Version, err)
	}
}

func TestWhatANewerProductWroteIsReadAsFarAsItIsKnown(t *testing.T) {
	s := stored(map[Kind]string{Policies: `[
		{"name":"unheard_of","value":1},{"name":"rating_days","value":"many"},{"name":"max_files","value":3,"new_field":1},
		{"name":"rework_days","value":20}]`})
	p, err := s.Policy(ctx, time.Now())
	if err != nil || p.RatingDays != 15 || p.MaxFiles != 3 || p.ReworkDays != 20 {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := stored(map[Kind]string{Policies: `{"no":"list"}`}).Policy(ctx, time.Now()); err == nil {
		t.Error("a document of which nothing can be read was read")
	}
}

func TestAnAccountIsLockedAfterAYear(t *testing.T) {
	cal, err := New(nil, noLoader).Calendar(ctx)
	if err != nil {
		t.Fatal(err)
	}
	last := at(t, "2025-11-29 10:00") // a year later it is a Sunday
	moved := Policy{InactivityEndsOnWorkday: true}.InactivityLock(cal, last)
	plain := Policy{}.InactivityLock(cal, last)
	if !moved.Equal(at(t, "2026-12-01 00:00")) || !plain.Equal(at(t, "2026-11-30 00:00")) {
		t.Errorf("%s %s", moved, plain)
	}
}
