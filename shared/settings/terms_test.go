package settings

import (
	"testing"

	"paht/shared/report"
)

const ownHoursCalendar = `{"version":"own","hours":[
	{"agency":"OP","from":"2024-01-01","sessions":[{"from":"08:00","to":"12:00"},{"from":"13:00","to":"17:00"}]},
	{"agency":"SXD","from":"2024-01-01","sessions":[{"from":"07:00","to":"09:00"}]}]}`

func TestClocksAreComputedFromCalendarAndPolicy(t *testing.T) {
	working := `[{"name":"hour_unit","value":"working"},{"name":"screening_minutes","value":30,"valid_from":"2026-09-01"}]`
	plain := New(nil, noLoader)
	own := stored(map[Kind]string{
		Calendar: ownHoursCalendar, Policies: working, Units: someUnits, Agencies: someAgencies, Categories: someCategories,
	})
	rows := []struct {
		fact          string
		s             *Snapshot
		clock, agency string
		from          string
		days          int
		due           string
		unit          report.Unit
		amount        int
	}{
		{"screening counts working hours", plain, report.ClockScreening, "", "2024-08-26 16:30", 0, "2024-08-27 09:00", report.WorkingTime, 120},
		{"screening leaves the holiday out", plain, report.ClockScreening, "", "2024-08-30 16:30", 0, "2024-09-04 09:00", report.WorkingTime, 120},
		{"transfer counts working hours", plain, report.ClockTransfer, "", "2024-08-26 17:00", 0, "2024-08-27 08:30", report.WorkingTime, 60},
		{"a return counts by the clock", plain, report.ClockReturn, "SXD", "2024-08-26 16:59", 0, "2024-08-26 17:59", report.ClockTime, 60},
		{"a result counts by the clock", plain, report.ClockResult, "SXD", "2024-08-25 03:00", 0, "2024-08-25 04:00", report.ClockTime, 60},
		{"a publication counts by the clock", plain, report.ClockPublication, "", "2024-08-26 16:59", 0, "2024-08-26 17:59", report.ClockTime, 60},
		{"redistribution counts by the clock", plain, report.ClockRedistribute, "", "2024-08-26 16:59", 0, "2024-08-26 17:59", report.ClockTime, 60},
		{"handling counts working days from the next", plain, report.ClockHandling, "SXD", "2024-08-30 09:00", 2, "2024-09-05 17:00", report.WorkingDays, 2},
		{"screening uses the operator's hours", own, report.ClockScreening, "", "2026-08-03 07:00", 0, "2026-08-03 10:00", report.WorkingTime, 120},
		{"a policy holds from its date", own, report.ClockScreening, "", "2026-09-07 07:00", 0, "2026-09-07 08:30", report.WorkingTime, 30},
		{"a return uses the agency's hours where the policy counts them", own, report.ClockReturn, "SXD", "2026-08-03 08:30", 0, "2026-08-04 07:30", report.WorkingTime, 60},
		{"an agency may be named by its whole key", own, report.ClockReturn, "SXD@2024-01-01", "2026-08-03 08:30", 0, "2026-08-04 07:30", report.WorkingTime, 60},
		{"a publication uses the operator's hours whoever handled", own, report.ClockPublication, "SXD", "2026-08-03 11:30", 0, "2026-08-03 13:30", report.WorkingTime, 60},
		{"redistribution uses the operator's hours", own, report.ClockRedistribute, "", "2026-08-03 11:30", 0, "2026-08-03 13:30", report.WorkingTime, 60},
		{"handling ends with the agency's day", own, report.ClockHandling, "SXD", "2026-08-03 08:00", 1, "2026-08-04 09:00", report.WorkingDays, 1},
	}
	for _, row := range rows {
		t.Run(row.fact, func(t *testing.T) {
			terms, err := row.s.Terms(ctx)
			if err != nil {
				t.Fatal(err)
			}
			from := at(t, row.from)
			policy, _ := row.s.Policy(ctx, from)
			calendar, _ := row.s.Calendar(ctx)
			want := report.Clock{
				Name: row.clock, Start: from.UTC(), Due: at(t, row.due).UTC(), Unit: row.unit, Amount: row.amount,
				Calendar: calendar.Version(), Policy: policy.Version,
			}
			got, err := terms.Clock(row.clock, row.agency, from, row.days)
			if err != nil || got != want {
				t.Errorf("%v\n%+v\n%+v", err, got, want)
			}
		})
	}
}

func TestWhatCannotBeComputedIsAnError(t *testing.T) {
	terms, err := New(nil, noLoader).Terms(ctx)
	if err != nil {
		t.Fatal(err)
	}
	from := at(t, "2026-08-03 08:00")
	if _, err := terms.Clock("lunch", "", from, 0); err == nil {
		t.Error("an unknown clock was started")
	}
	if _, err := terms.Clock(report.ClockHandling, "SXD", from, 0); err == nil {
		t.Error("handling without days was started")
	}
	if _, err := stored(map[Kind]string{Calendar: ownHoursCalendar}).Terms(ctx); err == nil {
		t.Error("the operator's hours were guessed without a directory")
	}
}

func TestWorkedMinutesAreThoseOfTheAgency(t *testing.T) {
	terms, err := stored(map[Kind]string{Calendar: ownHoursCalendar, Agencies: someAgencies}).Terms(ctx)
	if err != nil {
		t.Fatal(err)
	}
	from, to := at(t, "2026-08-03 06:00"), at(t, "2026-08-03 18:00")
	for agency, want := range map[string]int{"": 480, "SXD": 120, "other": 450} {
		if got := terms.Worked(agency, from, to); got != want {
			t.Errorf("%q: %d, want %d", agency, got, want)
		}
	}
}

func TestOfficeHoursAreFoundUnderTheAgencysCode(t *testing.T) {
	own := stored(map[Kind]string{Calendar: ownHoursCalendar, Agencies: someAgencies})
	rows := []struct {
		fact, agency, want string
		s                  *Snapshot
	}{
		{"the operator's", "", "OP", own},
		{"an agency's", "SXD", "SXD", own},
		{"of a whole key the code's", "SXD@2024-01-01", "SXD", own},
		{"the default ones where nobody has hours of its own", "", "", New(nil, noLoader)},
	}
	for _, row := range rows {
		cal, key, err := row.s.OfficeHours(ctx, row.agency, at(t, "2026-08-03 08:00"))
		if err != nil || key != row.want || cal == nil {
			t.Errorf("%s: %q %v", row.fact, key, err)
		}
	}
}

func BenchmarkClock(b *testing.B) {
	terms, err := New(nil, noLoader).Terms(ctx)
	if err != nil {
		b.Fatal(err)
	}
	from := at(b, "2026-08-03 16:30")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := terms.Clock(report.ClockScreening, "", from, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstPolicy(b *testing.B) {
	from := at(b, "2026-08-03 16:30")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(nil, noLoader).Policy(ctx, from); err != nil {
			b.Fatal(err)
		}
	}
}
