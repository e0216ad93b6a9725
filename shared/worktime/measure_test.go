package worktime

import (
	"slices"
	"testing"
	"time"
)

func TestWorkingMinutes(t *testing.T) {
	stateCal, own := state(t), agencies(t)
	for _, row := range []struct {
		name, agency, from, to string
		cal                    *Calendar
		want                   time.Duration
	}{
		{"inside a session", "", "2024-08-26 08:00", "2024-08-26 08:45", stateCal, 45 * time.Minute},
		{"over the noon break", "", "2024-08-26 11:00", "2024-08-26 14:00", stateCal, time.Hour},
		{"a whole day", "", "2024-08-26 00:00", "2024-08-27 00:00", stateCal, 450 * time.Minute},
		{"over the National Day", "", "2024-08-30 16:30", "2024-09-04 09:00", stateCal, 2 * time.Hour},
		{"a weekend", "", "2024-08-24 00:00", "2024-08-26 07:30", stateCal, 0},
		{"seconds", "", "2024-08-26 16:59:30", "2024-08-26 18:00:00", stateCal, 30 * time.Second},
		{"backwards", "", "2024-08-26 10:00", "2024-08-26 08:00", stateCal, 0},
		{"an agency's own hours", "market", "2026-01-05 00:00", "2026-01-06 00:00", own, 10 * time.Hour},
	} {
		if got := WorkingMinutes(row.cal, row.agency, at(t, row.from), at(t, row.to)); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	far := WorkingMinutes(own, "", time.Time{}, time.Unix(1<<40, 0))
	if years := far / (450 * time.Minute * 5 * 52); years < 199 || years > 201 {
		t.Errorf("all of time has %d years of work, want the 200 of calendars", years)
	}
}

func TestSessionRemainingAndNextOpening(t *testing.T) {
	stateCal, own := state(t), agencies(t)
	for _, row := range []struct {
		name, agency, at string
		cal              *Calendar
		remaining        time.Duration
		opening          string
	}{
		{"at the opening", "", "2024-08-26 07:30", stateCal, 4 * time.Hour, "2024-08-26 07:30"},
		{"at 16:59 a minute remains", "", "2024-08-26 16:59", stateCal, time.Minute, "2024-08-26 16:59"},
		{"at the end nothing does", "", "2024-08-26 17:00", stateCal, 0, "2024-08-27 07:30"},
		{"at noon", "", "2024-08-26 12:00", stateCal, 0, "2024-08-26 13:30"},
		{"before the opening", "", "2024-08-26 07:29", stateCal, 0, "2024-08-26 07:30"},
		{"before a long holiday", "", "2024-08-30 17:00", stateCal, 0, "2024-09-04 07:30"},
		{"on a day off", "", "2024-09-02 10:00", stateCal, 0, "2024-09-04 07:30"},
		{"on a worked Saturday", "", "2025-04-26 10:30", stateCal, time.Hour, "2025-04-26 10:30"},
		{"sessions that touch are one", "market", "2026-01-05 08:30", own, 150 * time.Minute, "2026-01-05 08:30"},
	} {
		now := at(t, row.at)
		if got := SessionRemaining(row.cal, row.agency, now); got != row.remaining {
			t.Errorf("%s: %s remains, want %s", row.name, got, row.remaining)
		}
		got, ok := NextOpening(row.cal, row.agency, now)
		if !ok || local(got) != row.opening || got.Location() != time.UTC {
			t.Errorf("%s: opens %s (%v), want %s", row.name, local(got), ok, row.opening)
		}
	}
}

func TestIsWorkday(t *testing.T) {
	stateCal, own := state(t), agencies(t)
	for _, row := range []struct {
		name, agency, date string
		cal                *Calendar
		want               bool
	}{
		{"a Monday", "", "2024-08-26", stateCal, true},
		{"a Saturday", "", "2024-08-24", stateCal, false},
		{"a day off", "", "2024-09-02", stateCal, false},
		{"a worked Saturday", "", "2024-05-04", stateCal, true},
		{"a day that is not confirmed", "", "2026-11-24", stateCal, true},
		{"an agency's Saturday", "market", "2026-02-07", own, true},
		{"an agency's free Monday", "dyke", "2026-02-02", own, false},
	} {
		date, err := ParseDate(row.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := IsWorkday(row.cal, row.agency, date); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
}

func TestInactivityLock(t *testing.T) {
	cal := state(t)
	for _, row := range []struct{ name, last, want string }{
		{"the end of the same day next year", "2024-08-26 09:00", "2025-08-27 00:00"},
		{"the hour of the log-in does not matter", "2024-08-26 23:59", "2025-08-27 00:00"},
		{"the day is the one in Vietnam", "2024-08-26 00:00", "2025-08-27 00:00"},
		{"29 February ends on the 28th", "2024-02-29 10:00", "2025-03-01 00:00"},
		{"28 February ends on the 28th", "2024-02-28 10:00", "2025-03-01 00:00"},
		{"a Saturday moves to Monday", "2024-08-23 10:00", "2025-08-26 00:00"},
		{"a day off moves to the next working day", "2024-09-02 10:00", "2025-09-04 00:00"},
		{"over the whole of Tết", "2024-01-27 10:00", "2025-02-04 00:00"},
		{"to a worked Saturday", "2024-04-26 10:00", "2025-04-27 00:00"},
	} {
		if got := InactivityLock(cal, at(t, row.last)); local(got) != row.want || got.Location() != time.UTC {
			t.Errorf("%s: last log-in %s locks at %s, want %s", row.name, row.last, local(got), row.want)
		}
	}
	saturday := at(t, "2024-08-23 10:00")
	if got := InactivityYear(saturday).End(); local(got) != "2025-08-24 00:00" {
		t.Errorf("without the move to a working day the year ends %s", local(got))
	}
}

func TestUnconfirmedYear(t *testing.T) {
	dates := func(days []Day) []string {
		list := []string{}
		for _, day := range days {
			list = append(list, day.Date.String())
		}
		return list
	}
	pending := []string{"2027-02-04", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-09-03", "2027-11-24"}
	shipped := state(t)
	confirmed := shipped.Days()
	for i := range confirmed {
		confirmed[i].Confirmed = true
	}
	proposed, err := ProposeYear(2028)
	if err != nil {
		t.Fatal(err)
	}
	without := func(dropped ...string) *Calendar {
		var days []Day
		for _, day := range proposed {
			if !slices.Contains(dropped, day.Date.String()) {
				day.Confirmed = true
				days = append(days, day)
			}
		}
		return newCalendar("v", "", days, nil)
	}
	moved := without("2028-01-24")
	moved = newCalendar("v", "", append(moved.Days(), Day{Date: NewDate(2028, 1, 31), Kind: Off, Name: "Tết", Status: Decided}), nil)
	for _, row := range []struct {
		name, now        string
		cal              *Calendar
		pending, missing []string
	}{
		{"not before 1 December", "2026-11-30 23:59", shipped, nil, nil},
		{"from the first minute of December", "2026-12-01 00:00", shipped, pending, []string{}},
		{"to its last", "2026-12-31 23:59", shipped, pending, []string{}},
		{"not once everything is confirmed", "2026-12-01 00:00", newCalendar("v", "", confirmed, nil), nil, nil},
		{"a decided year raises none", "2024-12-01 08:00", shipped, nil, nil},
		{"a year without entries misses what is proposed", "2027-12-01 08:00", shipped, []string{}, dates(proposed)},
		{"a Tết that was decided a day later misses nothing", "2027-12-01 08:00", moved, nil, nil},
		{"a Tết of four days misses one", "2027-12-01 08:00", without("2028-01-24"), []string{}, []string{"2028-01-24"}},
		{"a National Day without its neighbour misses it", "2027-12-01 08:00", without("2028-09-01"), []string{}, []string{"2028-09-01"}},
		{"a day of the law must stand on its day", "2027-12-01 08:00", without("2028-05-01"), []string{}, []string{"2028-05-01"}},
	} {
		alarm, raised := UnconfirmedYear(row.cal, at(t, row.now))
		if raised != (row.pending != nil) {
			t.Errorf("%s: raised %v with %+v", row.name, raised, alarm)
			continue
		}
		if raised && (!slices.Equal(dates(alarm.Pending), row.pending) || !slices.Equal(dates(alarm.Missing), row.missing)) {
			t.Errorf("%s: pending %v, missing %v", row.name, dates(alarm.Pending), dates(alarm.Missing))
		}
	}
}
