package worktime

import "time"

// WorkingMinutes returns the office time of an agency between two instants, to
// the nanosecond; nothing where to is not after from. Time outside the years
// that calendars may name is not counted. (Both measures are stored for each
// clock, reading A1.)
func WorkingMinutes(cal *Calendar, agency string, from, to time.Time) time.Duration {
	from = later(from, NewDate(FirstYear, time.January, 1).Start())
	to = earlier(to, NewDate(LastYear, time.December, 31).End())
	if !from.Before(to) {
		return 0
	}
	var sum time.Duration
	for date, last := DateOf(from), DateOf(to); date <= last; date++ {
		for _, s := range cal.sessions(agency, date) {
			start, end := later(from, date.at(s.from)), earlier(to, date.at(s.to))
			if start.Before(end) {
				sum += end.Sub(start)
			}
		}
	}
	return sum
}

// SessionRemaining returns how much of the running session is left, and
// nothing outside of sessions. The router is warned below one hour: an agency's
// hour runs by the clock, so what is transferred at 16:59 is late at 17:59
// (reading A1).
func SessionRemaining(cal *Calendar, agency string, at time.Time) time.Duration {
	date := DateOf(at)
	for _, s := range cal.sessions(agency, date) {
		if end := date.at(s.to); !at.Before(date.at(s.from)) && at.Before(end) {
			return end.Sub(at)
		}
	}
	return 0
}

// NextOpening returns the first instant at or after at that lies in a session;
// at the very end of a session the office is closed. False means that there is
// none within the Horizon.
func NextOpening(cal *Calendar, agency string, at time.Time) (time.Time, bool) {
	first := DateOf(at)
	for date := first; date <= first+Horizon; date++ {
		for _, s := range cal.sessions(agency, date) {
			if at.Before(date.at(s.to)) {
				return later(at, date.at(s.from)).UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// IsWorkday tells whether an agency has a session on a date.
func IsWorkday(cal *Calendar, agency string, date Date) bool {
	return len(cal.sessions(agency, date)) > 0
}

// InactivityLock returns the instant at which an account is locked that was
// last logged in to at last (reading A10 of Article 6): the end of
// InactivityYear's day and, where that is a day off by the default office
// hours, the end of the next working day (Civil Code 2015 Art. 148.5).
func InactivityLock(cal *Calendar, last time.Time) time.Time {
	day := InactivityYear(last)
	for date := day; date <= day+Horizon; date++ {
		if IsWorkday(cal, "", date) {
			return date.End()
		}
	}
	return day.End() // a calendar without working days moves nothing
}

// InactivityYear returns the last day of the year that starts with a log-in:
// the day itself is not counted (Civil Code 2015 Art. 147.2), so it is the
// same day of the next year (148.4), and 28 February after a 29th.
func InactivityYear(last time.Time) Date {
	year, month, day := DateOf(last).Civil()
	if month == time.February && day == 29 {
		day = 28
	}
	return NewDate(year+1, month, day)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
