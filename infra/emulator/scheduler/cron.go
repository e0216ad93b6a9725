package scheduler

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// The cron expressions of EventBridge Scheduler ("Schedule types on
// EventBridge Scheduler", cron-based schedules): six fields, minutes hours
// day-of-month month day-of-week year, with , - * / everywhere, ? in the two
// day fields, L and W in day-of-month, L and # in day-of-week, where 1 is
// Sunday.

type field struct {
	name        string
	least, most int
	names       []string // names of the values from least on
}

var (
	minuteField  = field{"minutes", 0, 59, nil}
	hourField    = field{"hours", 0, 23, nil}
	dayField     = field{"day-of-month", 1, 31, nil}
	monthField   = field{"month", 1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")}
	weekdayField = field{"day-of-week", 1, 7, strings.Fields("SUN MON TUE WED THU FRI SAT")}
	yearField    = field{"year", 1970, 2199, nil}
)

type cron struct {
	minutes, hours, months uint64
	years                  map[int]bool // nil means all
	day                    dayRule
}

// dayRule says whether a date is one of the days.
type dayRule func(year int, month time.Month, day int) bool

func parseCron(text string) (*cron, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Errorf("a cron expression has six fields (minutes hours day-of-month month day-of-week year), not %d", len(fields))
	}
	c := &cron{}
	var err error
	if c.minutes, err = minuteField.set(fields[0]); err != nil {
		return nil, err
	}
	if c.hours, err = hourField.set(fields[1]); err != nil {
		return nil, err
	}
	if c.months, err = monthField.set(fields[3]); err != nil {
		return nil, err
	}
	if c.years, err = parseYears(fields[5]); err != nil {
		return nil, err
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return nil, fmt.Errorf("exactly one of day-of-month and day-of-week must be ?, they are %q and %q", fields[2], fields[4])
	}
	if fields[4] == "?" {
		c.day, err = parseDay(fields[2])
	} else {
		c.day, err = parseWeekday(fields[4])
	}
	return c, err
}

// value reads a number or a name.
func (f field) value(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.least + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.least || n > f.most {
		return 0, fmt.Errorf("%s: %q must be from %d to %d", f.name, text, f.least, f.most)
	}
	return n, nil
}

// each calls add for every value that the field's text names.
func (f field) each(text string, add func(int)) error {
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return fmt.Errorf("%s: the step in %q must be a positive number", f.name, part)
			}
			step = n
		}
		from, to, err := f.span(span, stepped)
		if err != nil {
			return err
		}
		for v := from; v <= to; v += step {
			add(v)
		}
	}
	return nil
}

func (f field) span(text string, stepped bool) (from, to int, err error) {
	if text == "*" {
		return f.least, f.most, nil
	}
	first, last, ranged := strings.Cut(text, "-")
	if from, err = f.value(first); err != nil {
		return 0, 0, err
	}
	switch {
	case ranged:
		to, err = f.value(last)
	case stepped: // 10/15 goes on to the end of the field
		to = f.most
	default:
		to = from
	}
	if err == nil && to < from {
		err = fmt.Errorf("%s: the range %q runs backwards", f.name, text)
	}
	return from, to, err
}

func (f field) set(text string) (uint64, error) {
	var bits uint64
	err := f.each(text, func(v int) { bits |= 1 << v })
	return bits, err
}

func parseYears(text string) (map[int]bool, error) {
	if text == "*" {
		return nil, nil
	}
	years := map[int]bool{}
	err := yearField.each(text, func(y int) { years[y] = true })
	return years, err
}

func parseDay(text string) (dayRule, error) {
	switch {
	case text == "L":
		return func(y int, m time.Month, d int) bool { return d == lastDay(y, m) }, nil
	case text == "LW":
		return func(y int, m time.Month, d int) bool { return d == nearestWeekday(y, m, lastDay(y, m)) }, nil
	case strings.HasSuffix(text, "W"):
		n, err := dayField.value(strings.TrimSuffix(text, "W"))
		if err != nil {
			return nil, err
		}
		return func(y int, m time.Month, d int) bool {
			return n <= lastDay(y, m) && d == nearestWeekday(y, m, n)
		}, nil
	}
	days, err := dayField.set(text)
	return func(_ int, _ time.Month, d int) bool { return days&(1<<d) != 0 }, err
}

func parseWeekday(text string) (dayRule, error) {
	if text == "L" { // the last day of the week, which is Saturday
		text = "7"
	}
	if dayText, nthText, ok := strings.Cut(text, "#"); ok {
		day, err := weekdayField.value(dayText)
		if err != nil {
			return nil, err
		}
		nth, err := strconv.Atoi(nthText)
		if err != nil || nth < 1 || nth > 5 {
			return nil, fmt.Errorf("day-of-week: %q must name one weekday and its place from 1 to 5", text)
		}
		return func(y int, m time.Month, d int) bool {
			return weekday(y, m, d) == day && (d-1)/7+1 == nth
		}, nil
	}
	if dayText, ok := strings.CutSuffix(text, "L"); ok {
		day, err := weekdayField.value(dayText)
		if err != nil {
			return nil, err
		}
		return func(y int, m time.Month, d int) bool {
			return weekday(y, m, d) == day && d > lastDay(y, m)-7
		}, nil
	}
	days, err := weekdayField.set(text)
	return func(y int, m time.Month, d int) bool { return days&(1<<weekday(y, m, d)) != 0 }, err
}

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// weekday counts from 1 for Sunday.
func weekday(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()) + 1
}

// nearestWeekday is the day from Monday to Friday closest to the given one,
// within its month.
func nearestWeekday(year int, month time.Month, day int) int {
	switch weekday(year, month, day) {
	case 7: // Saturday
		if day == 1 {
			return 3
		}
		return day - 1
	case 1: // Sunday
		if day == lastDay(year, month) {
			return day - 2
		}
		return day + 1
	}
	return day
}

// next is the first instant after t that the expression names in the zone.
// Local times that a change to summer time skips are skipped; those that the
// change back repeats count once.
func (c *cron) next(t time.Time, zone *time.Location) (time.Time, bool) {
	local := t.In(zone)
	year, month, day := local.Date()
	for ; year <= yearField.most; year, month, day = year+1, time.January, 1 {
		if c.years != nil && !c.years[year] {
			continue
		}
		for ; month <= time.December; month, day = month+1, 1 {
			if c.months&(1<<month) == 0 {
				continue
			}
			for last := lastDay(year, month); day <= last; day++ {
				if !c.day(year, month, day) {
					continue
				}
				if at, ok := c.within(year, month, day, t, zone); ok {
					return at, true
				}
			}
		}
	}
	return time.Time{}, false
}

// within finds the first instant of the day that is after t.
func (c *cron) within(year int, month time.Month, day int, t time.Time, zone *time.Location) (time.Time, bool) {
	for hours := c.hours; hours != 0; hours &= hours - 1 {
		hour := bits.TrailingZeros64(hours)
		for minutes := c.minutes; minutes != 0; minutes &= minutes - 1 {
			minute := bits.TrailingZeros64(minutes)
			at := time.Date(year, month, day, hour, minute, 0, 0, zone)
			if at.Hour() == hour && at.Minute() == minute && at.After(t) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}
