package worktime

import (
	"fmt"
	"slices"
	"time"
)

// The laws that the proposal cites.
const (
	lawOff    = "Bộ luật Lao động 2019, Điều 112"
	lawMoved  = "Bộ luật Lao động 2019, Điều 111 khoản 3"
	lawChosen = "Bộ luật Lao động 2019, Điều 112 khoản 1 và khoản 3: Thủ tướng quyết định từng năm"
)

// holiday is a statutory day before it is moved off a weekend.
type holiday struct {
	date   Date
	name   string
	status Status
	source string
}

// ProposeYear returns the days off that the law gives offices that work Monday
// to Friday (Labour Code 2019 Art. 112 and 111.3), for a year without a decided
// table; weekends are not listed. What the law itself fixes is statutory. The
// five days of Tết and the day beside 2 September are chosen by the Prime
// Minister each year (Art. 112.3) and so provisional: the proposal takes the
// two days before Tết and its first three, and the neighbour of 2 September
// that joins a weekend, as was done in 2021 to 2026. Nothing here counts
// before an administrator has put it into the calendar.
func ProposeYear(year int) ([]Day, error) {
	if year < FirstYear || year > LastYear {
		return nil, fmt.Errorf("proposing the days off of a year: year: must be %d to %d", FirstYear, LastYear)
	}
	holidays := statutory(year)
	taken := map[Date]bool{}
	for _, h := range holidays {
		taken[h.date] = true
	}
	var days []Day
	for _, h := range holidays {
		if !weekend(h.date) {
			days = append(days, Day{Date: h.date, Kind: Off, Name: h.name, Status: h.status, Source: h.source})
			continue
		}
		moved := h.date
		for taken[moved] || weekend(moved) {
			moved++
		}
		taken[moved] = true
		days = append(days, Day{
			Date: moved, Kind: Off, Name: h.name + " (nghỉ bù)", Status: h.status, Source: lawMoved,
		})
	}
	slices.SortFunc(days, func(a, b Day) int { return int(a.Date - b.Date) })
	return days, nil
}

// statutory returns the year's days in order; where two fall on one day, the
// law gives no other day for it and they are one.
func statutory(year int) []holiday {
	tet, september := Tet(year), NewDate(year, time.September, 2)
	all := []holiday{
		{NewDate(year, time.January, 1), "Tết Dương lịch", Statutory, lawOff},
		{HungKingsDay(year), "Giỗ Tổ Hùng Vương", Statutory, lawOff},
		{NewDate(year, time.April, 30), "Ngày Chiến thắng", Statutory, lawOff},
		{NewDate(year, time.May, 1), "Quốc tế Lao động", Statutory, lawOff},
		{september, "Quốc khánh", Statutory, lawOff},
		{besides(september), "Quốc khánh (ngày liền kề)", Provisional, lawChosen},
	}
	for date := tet - 2; date <= tet+2; date++ {
		all = append(all, holiday{date, "Tết Nguyên đán", Provisional, lawChosen})
	}
	slices.SortStableFunc(all, func(a, b holiday) int { return int(a.date - b.date) })
	merged := all[:1]
	for _, h := range all[1:] {
		last := &merged[len(merged)-1]
		if last.date != h.date {
			merged = append(merged, h)
			continue
		}
		last.name += "; " + h.name
		if h.status == Statutory {
			last.status, last.source = h.status, h.source
		}
	}
	return merged
}

// besides returns the neighbour of 2 September that lengthens the rest.
func besides(september Date) Date {
	switch september.Weekday() {
	case time.Monday, time.Thursday:
		return september + 1
	default:
		return september - 1
	}
}

func weekend(date Date) bool {
	return date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
}

// Alarm says what is open in the calendar of a coming year.
type Alarm struct {
	Year    int
	Pending []Day // entries that do not count until an administrator confirms or removes them
	Missing []Day // proposed days of holidays of which the calendar has no entry
}

// UnconfirmedYear tells, from 1 December on, whether the next year's calendar is
// still unconfirmed: entries that do not count, or holidays without one.
func UnconfirmedYear(cal *Calendar, now time.Time) (Alarm, bool) {
	year, month, _ := DateOf(now).Civil()
	alarm := Alarm{Year: year + 1}
	if month != time.December {
		return alarm, false
	}
	for _, day := range cal.listed {
		if day.Date.Year() == alarm.Year && !day.Counts() {
			alarm.Pending = append(alarm.Pending, day)
		}
	}
	proposed, err := ProposeYear(alarm.Year)
	if err != nil {
		return alarm, false // no calendar can name that year
	}
	alarm.Missing = cal.missing(proposed)
	return alarm, len(alarm.Pending)+len(alarm.Missing) > 0
}

// missing returns the proposed days of holidays that the calendar has too few
// days off for. Those that the law fixes must stand there on their day; those
// that the Prime Minister chooses only in their number, around Tết and on and
// beside 2 September.
func (c *Calendar) missing(proposed []Day) []Day {
	var missing []Day
	for _, day := range proposed {
		if entry, ok := c.days[day.Date]; ok && entry.Kind == Off {
			continue
		}
		first, last := day.Date, day.Date
		if tet := Tet(day.Date.Year()); day.Date >= tet-7 && day.Date <= tet+9 {
			first, last = tet-7, tet+9
		}
		if september := NewDate(day.Date.Year(), time.September, 2); day.Date >= september-1 && day.Date <= september+4 {
			first, last = september-1, september+4
		}
		between := func(d Day) bool { return d.Kind == Off && first <= d.Date && d.Date <= last }
		if count(c.listed, between) < count(proposed, between) {
			missing = append(missing, day)
		}
	}
	return missing
}

func count(days []Day, which func(Day) bool) int {
	n := 0
	for _, day := range days {
		if which(day) {
			n++
		}
	}
	return n
}
