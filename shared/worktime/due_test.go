package worktime

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func state(t testing.TB) *Calendar {
	t.Helper()
	cal, err := ParseCalendar(StateCalendar())
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func agencies(t testing.TB) *Calendar {
	t.Helper()
	data, err := os.ReadFile("testdata/agencies.json")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := ParseCalendar(data)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

const minute = "2006-01-02 15:04"

func at(t testing.TB, text string) time.Time {
	t.Helper()
	layout := minute
	if len(text) > len(minute) {
		layout = time.DateTime
	}
	instant, err := time.ParseInLocation(layout, text, Zone)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func due(t testing.TB, cal *Calendar, agency string, from time.Time, span Span) Computation {
	t.Helper()
	c, err := Due(cal, agency, from, span)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func local(instant time.Time) string { return instant.In(Zone).Format(minute) }

// The rows are the examples that the rules of Article 11.1.b and 11.2.b came with.
func TestScreeningAndTransferDue(t *testing.T) {
	cal := state(t)
	for _, row := range []struct{ submitted, screening, transfer string }{
		{"2024-08-26 08:00", "2024-08-26 10:00", "2024-08-26 11:00"},
		{"2024-08-26 16:30", "2024-08-27 09:00", "2024-08-27 10:00"},
		{"2024-08-30 16:30", "2024-09-04 09:00", "2024-09-04 10:00"},
		{"2025-04-25 16:30", "2025-04-26 09:00", "2025-04-26 10:00"},
		{"2024-08-24 10:00", "2024-08-26 09:30", "2024-08-26 10:30"},
		{"2024-08-26 11:00", "2024-08-26 15:00", "2024-08-26 16:00"},
		{"2024-08-26 15:00", "2024-08-26 17:00", "2024-08-27 08:30"},
	} {
		screening := due(t, cal, "", at(t, row.submitted), WorkingHours(2))
		if got := local(screening.Due); got != row.screening {
			t.Errorf("submitted %s: screening due %s, want %s", row.submitted, got, row.screening)
		}
		transfer := due(t, cal, "", screening.Due, WorkingHours(1))
		if got := local(transfer.Due); got != row.transfer {
			t.Errorf("submitted %s: transfer due %s, want %s", row.submitted, got, row.transfer)
		}
	}
}

var edges = []struct {
	name   string
	cal    func(testing.TB) *Calendar
	agency string
	from   string
	span   Span
	want   string
}{
	{"an hour that ends with the morning is due at its end", state, "", "2024-08-26 10:30", WorkingHours(1), "2024-08-26 11:30"},
	{"an hour that ends with the day is due at its end", state, "", "2024-08-26 16:00", WorkingHours(1), "2024-08-26 17:00"},
	{"an hour before a weekend ends with Friday", state, "", "2024-08-23 16:00", WorkingHours(1), "2024-08-23 17:00"},
	{"a start at the end of a session counts from the next opening", state, "", "2024-08-26 11:30", WorkingHours(1), "2024-08-26 14:30"},
	{"a start at an opening counts at once", state, "", "2024-08-26 13:30", WorkingHours(1), "2024-08-26 14:30"},
	{"a start before the opening counts from it", state, "", "2024-08-26 05:00", WorkingHours(1), "2024-08-26 08:30"},
	{"a start at midnight belongs to the day that begins", state, "", "2024-08-26 00:00", WorkingHours(1), "2024-08-26 08:30"},
	{"a start at noon counts from the afternoon", state, "", "2024-08-26 12:00", WorkingHours(1), "2024-08-26 14:30"},
	{"a start in the evening counts from tomorrow", state, "", "2024-08-26 22:00", WorkingHours(1), "2024-08-27 08:30"},
	{"a start on a day off counts from the day after", state, "", "2024-09-02 09:00", WorkingHours(2), "2024-09-04 09:30"},
	{"seconds are kept", state, "", "2024-08-26 16:59:30", WorkingHours(1), "2024-08-27 08:29"},
	{"minutes may be asked for", state, "", "2024-08-26 08:00", Span{Kind: Working, Minutes: 90}, "2024-08-26 09:30"},
	{"over Tết 2025 nine days lie between two minutes", state, "", "2025-01-24 16:59", Span{Kind: Working, Minutes: 2}, "2025-02-03 07:31"},
	{"an hour of the clock runs through the noon break", state, "", "2024-08-26 11:20", ClockHours(1), "2024-08-26 12:20"},
	{"a transfer at 16:59 is late after 17:59", state, "", "2024-08-26 16:59", ClockHours(1), "2024-08-26 17:59"},
	{"an hour of the clock runs on a day off", state, "", "2024-09-02 23:30", ClockHours(1), "2024-09-03 00:30"},
	{"three days from a Monday end on Thursday", state, "", "2024-08-26 08:00", WorkingDays(3), "2024-08-29 17:00"},
	{"a day before opening does not count itself", state, "", "2024-08-26 00:01", WorkingDays(1), "2024-08-27 17:00"},
	{"a transfer on Saturday has Monday as its first day", state, "", "2024-08-24 10:00", WorkingDays(1), "2024-08-26 17:00"},
	{"days pass over a day off", state, "", "2024-08-30 10:00", WorkingDays(1), "2024-09-04 17:00"},
	{"a worked Saturday is a working day", state, "", "2025-04-25 10:00", WorkingDays(1), "2025-04-26 17:00"},
	{"what is unconfirmed does not count", state, "", "2026-11-23 16:30", WorkingHours(1), "2026-11-24 08:00"},
	{"what is provisional does not count", state, "", "2027-02-03 16:30", WorkingHours(1), "2027-02-04 08:00"},
	{"what was confirmed counts", agencies, "", "2026-02-04 16:30", WorkingHours(1), "2026-02-06 08:00"},
	{"a confirmed worked Saturday counts", agencies, "", "2026-01-30 16:30", WorkingHours(1), "2026-01-31 08:00"},
	{"a provisional worked Saturday does not", agencies, "", "2026-01-23 16:30", WorkingHours(1), "2026-01-26 08:00"},
	{"an agency's own sessions count", agencies, "market", "2026-01-05 10:00", WorkingHours(3), "2026-01-05 21:00"},
	{"a session may end at midnight", agencies, "market", "2026-01-05 20:00", WorkingHours(4), "2026-01-06 00:00"},
	{"an own Saturday session counts", agencies, "market", "2026-02-06 23:00", WorkingHours(2), "2026-02-07 07:00"},
	{"later hours replace earlier ones from their day on", agencies, "market", "2026-02-27 23:00", WorkingHours(2), "2026-02-28 07:00"},
	{"and on it", agencies, "market", "2026-03-02 07:00", WorkingHours(1), "2026-03-02 09:00"},
	{"hours hold on their last day", agencies, "fair", "2026-01-09 08:00", WorkingHours(1), "2026-01-09 19:00"},
	{"and the default ones after it", agencies, "fair", "2026-01-09 22:00", WorkingHours(1), "2026-01-10 08:30"},
	{"and before their first", agencies, "fair", "2026-01-01 16:00", WorkingHours(1), "2026-01-01 17:00"},
	{"an agency without hours has the default ones", agencies, "library", "2026-03-02 07:00", WorkingHours(1), "2026-03-02 08:30"},
	{"a season replaces the sessions", agencies, "dyke", "2026-08-02 03:00", WorkingHours(2), "2026-08-02 05:00"},
	{"a season that is over no longer does", agencies, "dyke", "2026-10-31 23:00", WorkingHours(2), "2026-11-03 09:00"},
	{"a season runs over the new year", agencies, "dyke", "2026-12-31 10:00", WorkingHours(2), "2027-01-01 10:00"},
	{"a Saturday worked for a Friday has a Friday's hours", agencies, "canal", "2026-01-10 08:00", WorkingHours(3), "2026-01-12 09:00"},
	{"a Saturday worked for a day on which the agency rests is no working day", agencies, "rest", "2026-01-10 08:00", WorkingHours(1), "2026-01-12 09:00"},
	{"a Saturday worked for no named day has the first weekday's hours", agencies, "dyke", "2026-01-16 09:00", WorkingHours(2), "2026-01-17 09:00"},
	{"and Monday's where there is one", agencies, "canal", "2026-01-17 15:00", WorkingHours(1), "2026-01-17 16:00"},
}

func TestDueAtTheEdges(t *testing.T) {
	for _, row := range edges {
		t.Run(row.name, func(t *testing.T) {
			cal := row.cal(t)
			c := due(t, cal, row.agency, at(t, row.from), row.span)
			if got := local(c.Due); got != row.want {
				t.Errorf("from %s: due %s, want %s", row.from, got, row.want)
			}
			if c.Due.Location() != time.UTC || c.Calendar != cal.Version() {
				t.Errorf("due in %s by calendar %q", c.Due.Location(), c.Calendar)
			}
		})
	}
}

func TestDoneAtTheDueInstantIsOnTime(t *testing.T) {
	c := due(t, state(t), "", at(t, "2024-08-26 16:00"), WorkingHours(1))
	if !c.OnTime(at(t, "2024-08-26 17:00")) {
		t.Error("17:00 is late")
	}
	if c.OnTime(at(t, "2024-08-26 17:00").Add(1)) {
		t.Error("a nanosecond after 17:00 is on time")
	}
}

func TestStepsTellHowADueTimeCameAbout(t *testing.T) {
	cal := state(t)
	for _, row := range []struct {
		name string
		from string
		span Span
		want []string
	}{
		{"hours over the National Day", "2024-08-30 16:30", WorkingHours(2), []string{
			"session 2024-08-30 16:30 2024-08-30 17:00 30",
			"closed 2024-08-30 17:00 2024-08-31 00:00 0",
			"weekly_rest 2024-08-31 00:00 2024-09-01 00:00 0",
			"weekly_rest 2024-09-01 00:00 2024-09-02 00:00 0",
			"day_off 2024-09-02 00:00 2024-09-03 00:00 0 Quốc khánh",
			"day_off 2024-09-03 00:00 2024-09-04 00:00 0 Quốc khánh (ngày liền kề)",
			"closed 2024-09-04 00:00 2024-09-04 07:30 0",
			"session 2024-09-04 07:30 2024-09-04 09:00 90",
		}},
		{"hours into a worked Saturday", "2025-04-25 16:30", WorkingHours(1), []string{
			"session 2025-04-25 16:30 2025-04-25 17:00 30",
			"closed 2025-04-25 17:00 2025-04-26 00:00 0",
			"closed 2025-04-26 00:00 2025-04-26 07:30 0",
			"session 2025-04-26 07:30 2025-04-26 08:00 30 Làm bù cho 02/05/2025",
		}},
		{"a start at the end of a session takes no step in it", "2024-08-26 11:30", WorkingHours(1), []string{
			"closed 2024-08-26 11:30 2024-08-26 13:30 0",
			"session 2024-08-26 13:30 2024-08-26 14:30 60",
		}},
		{"an hour of the clock", "2024-08-26 16:59", ClockHours(1), []string{
			"clock 2024-08-26 16:59 2024-08-26 17:59 60",
		}},
		{"days over a worked Saturday", "2025-04-25 10:00", WorkingDays(2), []string{
			"start_day 2025-04-25 10:00 2025-04-26 00:00 0",
			"working_day 2025-04-26 00:00 2025-04-27 00:00 450 Làm bù cho 02/05/2025",
			"weekly_rest 2025-04-27 00:00 2025-04-28 00:00 0",
			"working_day 2025-04-28 00:00 2025-04-28 17:00 450",
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			for _, s := range due(t, cal, "", at(t, row.from), row.span).Steps {
				text := fmt.Sprintf("%s %s %s %v %s", s.Kind, local(s.From), local(s.To), s.Minutes(), s.Name)
				got = append(got, strings.TrimSpace(text))
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
			}
		})
	}
}

func TestYearsWithoutATableAreNamed(t *testing.T) {
	c := due(t, state(t), "", at(t, "2027-12-31 16:30"), WorkingHours(1))
	if !slices.Equal(c.Unplanned, []int{2028}) {
		t.Errorf("unplanned years %v, want 2028", c.Unplanned)
	}
	if c := due(t, state(t), "", at(t, "2027-12-30 16:30"), WorkingHours(1)); c.Unplanned != nil {
		t.Errorf("unplanned years %v, want none", c.Unplanned)
	}
}

func TestRefusedComputations(t *testing.T) {
	from := at(t, "2024-08-26 08:00")
	for _, row := range []struct {
		name string
		from time.Time
		span Span
		want string
	}{
		{"a kind that is none", from, Span{Kind: "lunar", Hours: 1}, "kind: must be working, clock or days"},
		{"no kind", from, Span{Hours: 1}, "kind:"},
		{"nothing asked for", from, WorkingHours(0), "hours: hours and minutes must be more than nothing"},
		{"negative hours", from, ClockHours(-1), "hours: must be 0 to"},
		{"negative minutes", from, Span{Kind: Working, Hours: 2, Minutes: -1}, "minutes: must be 0 to"},
		{"hours that overflow", from, ClockHours(1 << 50), "hours: must be 0 to"},
		{"minutes that overflow", from, Span{Kind: Clock, Minutes: 1 << 60}, "minutes: must be 0 to"},
		{"no days", from, WorkingDays(0), "days: must be 1 to"},
		{"days beyond the horizon", from, WorkingDays(Horizon + 1), "days: must be 1 to"},
		{"days in hours", from, Span{Kind: Working, Hours: 1, Days: 1}, "days: must not be given"},
		{"hours in days", from, Span{Kind: Days, Hours: 1, Days: 1}, "hours: must not be given"},
		{"a start before all calendars", time.Time{}, WorkingHours(1), "from: must lie in the years"},
		{"a start after all calendars", at(t, "2200-01-01 00:00"), WorkingHours(1), "from: must lie in the years"},
		{"more hours than three years have", from, WorkingHours(7 * Horizon), "too few sessions"},
		{"more working days than three years have", from, WorkingDays(1000), "too few sessions"},
	} {
		_, err := Due(state(t), "", row.from, row.span)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want %q", row.name, err, row.want)
			continue
		}
		var input *InvalidInput
		tooFew := errors.Is(err, ErrTooFewSessions)
		if named := errors.As(err, &input); named == tooFew || named && !strings.HasPrefix(row.want, input.Problem.Field+":") {
			t.Errorf("%s: error %#v is not of the kind that a caller asks for", row.name, err)
		}
	}
}

func TestACalendarWithoutSessionsIsAnErrorAndNoLoop(t *testing.T) {
	var days []Day
	first := NewDate(2024, time.January, 1)
	for date := first; date < first+5*366; date++ {
		days = append(days, Day{Date: date, Kind: Off, Name: "đóng cửa", Status: Decided})
	}
	closed := newCalendar("closed", "", days, nil)
	from := at(t, "2024-08-26 08:00")
	for _, span := range []Span{WorkingHours(1), WorkingDays(1)} {
		if c, err := Due(closed, "", from, span); err == nil {
			t.Errorf("%v is due %s", span, c.Due)
		}
	}
	if opening, ok := NextOpening(closed, "", from); ok {
		t.Errorf("opens at %s", opening)
	}
	if got, want := InactivityLock(closed, from), InactivityYear(from).End(); !got.Equal(want) {
		t.Errorf("locked at %s, want %s", got, want)
	}
}

func BenchmarkDue(b *testing.B) {
	cal := state(b)
	from := at(b, "2024-08-30 16:30")
	for _, row := range []struct {
		name string
		span Span
	}{{"2 working hours over a holiday", WorkingHours(2)}, {"1 clock hour", ClockHours(1)}, {"30 working days", WorkingDays(30)}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Due(cal, "", from, row.span); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
