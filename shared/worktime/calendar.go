package worktime

import (
	"slices"
	"time"
)

// Kind says what an entry of the calendar makes of its day.
type Kind string

// The kinds of a day that differs from the week's order.
const (
	Off  Kind = "off"  // the offices are closed
	Work Kind = "work" // a Saturday or Sunday worked in place of another day
)

// Status says how firm an entry is.
type Status string

// Statutory and decided entries count by themselves; the other two count once
// an administrator has confirmed them.
const (
	Statutory   Status = "statutory"   // stands in the law
	Decided     Status = "decided"     // decided and announced by the competent body
	Provisional Status = "provisional" // a plan that is not decided yet
	Unconfirmed Status = "unconfirmed" // its basis was not found
)

// Day is one entry of the calendar.
type Day struct {
	Date      Date   `json:"date"`
	Kind      Kind   `json:"kind"`
	Name      string `json:"name"`
	Status    Status `json:"status"`
	Source    string `json:"source,omitempty"`
	Confirmed bool   `json:"confirmed,omitempty"`
	// InsteadOf is the day off for which a worked day stands in; the hours of
	// that weekday apply on it.
	InsteadOf Date `json:"instead_of,omitempty"`
}

// Counts tells whether the entry changes the counting of time.
func (d Day) Counts() bool {
	return d.Confirmed || d.Status == Statutory || d.Status == Decided
}

// Session is one stretch of office hours. Days is empty for Monday to Friday.
type Session struct {
	Days []Weekday `json:"days,omitempty"`
	From TimeOfDay `json:"from"`
	To   TimeOfDay `json:"to"`
}

// Season replaces an Hours' sessions between two days of each year, both
// included; where From is later than To it runs over the new year.
type Season struct {
	Name     string    `json:"name,omitempty"`
	From     MonthDay  `json:"from"`
	To       MonthDay  `json:"to"`
	Sessions []Session `json:"sessions"`
}

// Hours are the office hours of one agency ("" is the default) from a day on.
// Of several in effect the one with the latest From applies; after Until, and
// where an agency has none, the default ones do.
type Hours struct {
	Agency   string    `json:"agency,omitempty"`
	From     Date      `json:"from"`
	Until    Date      `json:"until,omitempty"` // the last day; none if zero
	Sessions []Session `json:"sessions"`
	Seasons  []Season  `json:"seasons,omitempty"`
}

// DefaultSessions are the office hours until the department sets its own:
// Monday to Friday 07:30 to 11:30 and 13:30 to 17:00.
func DefaultSessions() []Session {
	return []Session{{From: 7*60 + 30, To: 11*60 + 30}, {From: 13*60 + 30, To: 17 * 60}}
}

// Calendar holds days off, worked days and office hours under one version.
// It is made by ParseCalendar and never changes.
type Calendar struct {
	version string
	source  string
	listed  []Day
	hours   []Hours
	days    map[Date]Day
	years   map[int]bool        // those with an entry
	regimes map[string][]regime // per agency, latest first
	builtin week
}

// Version names the calendar's content; it is stored beside each due time.
func (c *Calendar) Version() string { return c.version }

// Days returns all entries by date, those that do not count included.
func (c *Calendar) Days() []Day { return slices.Clone(c.listed) }

// Day returns the entry of a date, also where it does not count.
func (c *Calendar) Day(date Date) (Day, bool) {
	day, ok := c.days[date]
	return day, ok
}

// span is a stretch of minutes of one day, [from, to).
type span struct{ from, to TimeOfDay }

// week holds, by weekday, the sessions in order; touching ones are one.
type week [7][]span

type season struct {
	from, to MonthDay
	week     week
}

type regime struct {
	from, until Date
	week        week
	seasons     []season
}

func (r *regime) on(date Date) *week {
	today := date.monthDay()
	for i := range r.seasons {
		if s := &r.seasons[i]; within(today, s.from, s.to) {
			return &s.week
		}
	}
	return &r.week
}

func within(day, from, to MonthDay) bool {
	if from <= to {
		return from <= day && day <= to
	}
	return day >= from || day <= to
}

// newCalendar takes a document that was found valid.
func newCalendar(version, source string, days []Day, hours []Hours) *Calendar {
	c := &Calendar{
		version: version, source: source, listed: days, hours: hours,
		days: make(map[Date]Day, len(days)), years: map[int]bool{}, regimes: map[string][]regime{},
		builtin: newWeek(DefaultSessions()),
	}
	slices.SortStableFunc(c.listed, func(a, b Day) int { return int(a.Date - b.Date) })
	for _, day := range days {
		c.days[day.Date] = day
		c.years[day.Date.Year()] = true
	}
	for _, h := range hours {
		r := regime{from: h.From, until: h.Until, week: newWeek(h.Sessions)}
		for _, s := range h.Seasons {
			r.seasons = append(r.seasons, season{from: s.From, to: s.To, week: newWeek(s.Sessions)})
		}
		c.regimes[h.Agency] = append(c.regimes[h.Agency], r)
	}
	for _, list := range c.regimes {
		slices.SortFunc(list, func(a, b regime) int { return int(b.from - a.from) })
	}
	return c
}

func newWeek(sessions []Session) week {
	var w week
	for _, s := range sessions {
		for _, day := range s.weekdays() {
			w[day] = append(w[day], span{s.From, s.To})
		}
	}
	for day := range w {
		slices.SortFunc(w[day], func(a, b span) int { return int(a.from - b.from) })
		w[day] = joined(w[day])
	}
	return w
}

// joined makes one session of two that touch, so that "what remains of the
// session" does not end in the middle of open hours.
func joined(spans []span) []span {
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].to == s.from {
			out[n-1].to = s.to
			continue
		}
		out = append(out, s)
	}
	return out
}

func (s Session) weekdays() []time.Weekday {
	if len(s.Days) == 0 {
		return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	days := make([]time.Weekday, len(s.Days))
	for i, d := range s.Days {
		days[i] = time.Weekday(d)
	}
	return days
}

// week returns the office hours in effect for an agency on a date.
func (c *Calendar) week(agency string, date Date) *week {
	if w := effective(c.regimes[agency], date); w != nil {
		return w
	}
	if w := effective(c.regimes[""], date); w != nil {
		return w
	}
	return &c.builtin
}

func effective(regimes []regime, date Date) *week {
	for i := range regimes {
		r := &regimes[i]
		if r.from <= date && (r.until == 0 || date <= r.until) {
			return r.on(date)
		}
	}
	return nil
}

// sessions returns what an agency works on a date, in order; none on a day off.
func (c *Calendar) sessions(agency string, date Date) []span {
	w := c.week(agency, date)
	day, ok := c.days[date]
	switch {
	case !ok || !day.Counts():
		return w[date.Weekday()]
	case day.Kind == Off:
		return nil
	default:
		return w.madeUp(day)
	}
}

// madeUp returns the sessions of a worked Saturday or Sunday: those of the day
// for which it stands in, or of the first working day of the week where the
// calendar does not name one. An agency that does not work on that weekday has
// nothing to make up and keeps its own hours.
func (w *week) madeUp(day Day) []span {
	if day.InsteadOf != 0 {
		if spans := w[day.InsteadOf.Weekday()]; len(spans) > 0 {
			return spans
		}
		return w[day.Date.Weekday()]
	}
	for weekday := time.Monday; weekday <= time.Friday; weekday++ {
		if spans := w[weekday]; len(spans) > 0 {
			return spans
		}
	}
	return w[day.Date.Weekday()]
}
