package worktime

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tets are the first days of the lunar years 1968 to 2050 in Vietnam. They
// equal the published Chinese ones but for 1968, 1969, 1985, 2007 and 2030.
var tets = []string{
	"1968-01-29", "1969-02-16",
	"1970-02-06", "1971-01-27", "1972-02-15", "1973-02-03", "1974-01-23",
	"1975-02-11", "1976-01-31", "1977-02-18", "1978-02-07", "1979-01-28",
	"1980-02-16", "1981-02-05", "1982-01-25", "1983-02-13", "1984-02-02",
	"1985-01-21", "1986-02-09", "1987-01-29", "1988-02-17", "1989-02-06",
	"1990-01-27", "1991-02-15", "1992-02-04", "1993-01-23", "1994-02-10",
	"1995-01-31", "1996-02-19", "1997-02-07", "1998-01-28", "1999-02-16",
	"2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22",
	"2005-02-09", "2006-01-29", "2007-02-17", "2008-02-07", "2009-01-26",
	"2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31",
	"2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05",
	"2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10",
	"2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13",
	"2030-02-02", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19",
	"2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24",
	"2040-02-12", "2041-02-01", "2042-01-22", "2043-02-10", "2044-01-30",
	"2045-02-17", "2046-02-06", "2047-01-26", "2048-02-14", "2049-02-02",
	"2050-01-23",
}

func TestTetOfEveryYearFrom1968To2050(t *testing.T) {
	for i, want := range tets {
		year := 1968 + i
		got := Tet(year)
		if got.String() != want {
			t.Errorf("Tết %d: %s, want %s", year, got, want)
		}
		if back := ToLunar(got); back != (LunarDate{Year: year, Month: 1, Day: 1}) {
			t.Errorf("%s is %+v, want the first day of %d", got, back, year)
		}
	}
}

func TestHungKingsDay(t *testing.T) {
	for _, want := range []string{
		"2020-04-02", "2021-04-21", "2022-04-10", "2023-04-29",
		"2024-04-18", "2025-04-07", "2026-04-26", "2027-04-16",
	} {
		date, err := ParseDate(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := HungKingsDay(date.Year()); got != date {
			t.Errorf("Hùng Kings' day %d: %s, want %s", date.Year(), got, want)
		}
	}
}

func TestLeapMonths(t *testing.T) {
	// In 1984/85 China repeated the tenth month, Vietnam the second of 1985;
	// in 1987 China repeated the sixth, Vietnam the seventh.
	leaps := map[int]int{
		1985: 2, 1987: 7, 2001: 4, 2004: 2, 2006: 7, 2009: 5, 2012: 4, 2014: 9, 2017: 6,
		2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11,
	}
	for _, year := range []int{1984, 1985, 1986, 1987, 2001, 2004, 2006, 2007, 2009, 2012, 2014,
		2017, 2020, 2023, 2024, 2025, 2026, 2027, 2028, 2031, 2033, 2034} {
		var got int
		for month := 1; month <= 12; month++ {
			if _, ok := FromLunar(LunarDate{Year: year, Month: month, Day: 1, Leap: true}); ok {
				got = month
			}
		}
		if got != leaps[year] {
			t.Errorf("leap month of %d: %d, want %d", year, got, leaps[year])
		}
	}
}

func TestLunarDaysThatDoNotExist(t *testing.T) {
	for _, lunar := range []LunarDate{
		{2026, 1, 0, false}, {2026, 1, 31, false}, {2026, 2, 1, true},
		{2026, 13, 1, false}, {2026, 0, 1, false}, {2026, 1, -3, false},
	} {
		if date, ok := FromLunar(lunar); ok {
			t.Errorf("%+v is said to be %s", lunar, date)
		}
	}
}

func TestEachDayHasItsLunarDay(t *testing.T) {
	first, last := NewDate(1968, time.March, 1), NewDate(2199, time.November, 30)
	rapid.Check(t, func(t *rapid.T) {
		date := Date(rapid.IntRange(int(first), int(last)).Draw(t, "date"))
		today, tomorrow := ToLunar(date), ToLunar(date+1)
		if back, ok := FromLunar(today); !ok || back != date {
			t.Fatalf("%s is %+v, which is %s (%v)", date, today, back, ok)
		}
		if today.Day < 1 || today.Day > 30 || today.Month < 1 || today.Month > 12 {
			t.Fatalf("%s is %+v", date, today)
		}
		nextDay := tomorrow.Day == today.Day+1 && tomorrow.Month == today.Month
		nextMonth := tomorrow.Day == 1 && today.Day >= 29 &&
			(tomorrow.Month == today.Month%12+1 || tomorrow.Leap && tomorrow.Month == today.Month)
		if !nextDay && !nextMonth {
			t.Fatalf("%+v is followed by %+v", today, tomorrow)
		}
	})
}

func TestTheProposalEqualsWhatWasDecided(t *testing.T) {
	cal := state(t)
	for _, year := range []int{2024, 2027} {
		proposed, err := ProposeYear(year)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, day := range proposed {
			got = append(got, day.Date.String())
		}
		for _, day := range cal.Days() {
			// Swaps and the Culture Day, which is not in the law yet, are no part of the proposal.
			swapped := day.Date.String() == "2024-04-29"
			if day.Date.Year() == year && day.Kind == Off && !swapped && day.Status != Unconfirmed {
				want = append(want, day.Date.String())
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d:\n got %v\nwant %v", year, got, want)
		}
	}
}

func TestProposedDaysOfOtherYears(t *testing.T) {
	for _, row := range []struct {
		name, date string
		status     Status
	}{
		{"30 April on a Saturday moves to Monday", "2022-05-02", Statutory},
		{"1 May on a Sunday moves behind it", "2022-05-03", Statutory},
		{"Hùng Kings' day on a Saturday before two holidays moves behind them", "2023-05-02", Statutory},
		{"and 30 April on Sunday one further", "2023-05-03", Statutory},
		{"2 September 2025 on a Tuesday takes the Monday", "2025-09-01", Provisional},
		{"2 September 2026 on a Wednesday takes the Tuesday", "2026-09-01", Provisional},
		{"2 September 2021 on a Thursday takes the Friday", "2021-09-03", Provisional},
		{"2 September 2023 on a Saturday moves to Monday", "2023-09-04", Statutory},
		{"Hùng Kings' day 2026 on a Sunday moves to Monday", "2026-04-27", Statutory},
		{"the second day before Tết 2028", "2028-01-24", Provisional},
		{"the third day of Tết 2028", "2028-01-28", Provisional},
		{"1 January 2028 on a Saturday moves to Monday", "2028-01-03", Statutory},
	} {
		date, err := ParseDate(row.date)
		if err != nil {
			t.Fatal(err)
		}
		days, err := ProposeYear(date.Year())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(days, func(d Day) bool { return d.Date == date })
		if i < 0 || days[i].Status != row.status {
			t.Errorf("%s: %s is not proposed as %s in %v", row.name, row.date, row.status, days)
		}
	}
	for _, year := range []int{FirstYear - 1, LastYear + 1} {
		if _, err := ProposeYear(year); err == nil {
			t.Errorf("a proposal for %d was made", year)
		}
	}
}

func TestAProposalIsElevenDistinctWeekdaysThatACalendarTakes(t *testing.T) {
	for year := FirstYear; year <= LastYear; year++ {
		days, err := ProposeYear(year)
		if err != nil {
			t.Fatal(err)
		}
		if len(days) != 11 && HungKingsDay(year) != NewDate(year, 4, 30) && HungKingsDay(year) != NewDate(year, 5, 1) {
			t.Errorf("%d has %d days, want 11", year, len(days))
		}
		for i, day := range days {
			if weekend(day.Date) || i > 0 && day.Date <= days[i-1].Date {
				t.Errorf("%d: %s is a weekend or out of order", year, day.Date)
			}
		}
		if _, err := reparse(newCalendar("proposal", "", days, nil)); err != nil {
			t.Errorf("%d: %v", year, err)
		}
	}
}
