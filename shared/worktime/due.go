package worktime

import (
	"errors"
	"fmt"
	"time"
)

// Horizon bounds every search through the calendar: what needs more days than
// this is an error, so that a calendar without sessions cannot hang a caller.
const Horizon = 3 * 366

// Unit is what a span is counted in.
type Unit string

// The units of Article 11 (readings A1 and A28 of its text).
const (
	Working Unit = "working" // "giờ làm việc": minutes inside sessions
	Clock   Unit = "clock"   // "giờ": sixty minutes of the clock, Civil Code 2015 Art. 146.1.g
	Days    Unit = "days"    // working days, from the one after the start
)

// Span is a length of time that a rule allows. Days is used with the unit
// Days, Hours and Minutes with the other two; the rest stays zero.
type Span struct {
	Kind    Unit
	Hours   int
	Minutes int
	Days    int
}

// WorkingHours is n hours inside the sessions.
func WorkingHours(n int) Span { return Span{Kind: Working, Hours: n} }

// ClockHours is n times sixty minutes, at any time of any day.
func ClockHours(n int) Span { return Span{Kind: Clock, Hours: n} }

// WorkingDays is n working days, not counting the day of the start.
func WorkingDays(n int) Span { return Span{Kind: Days, Days: n} }

// ErrTooFewSessions is in the error of Due where the calendar does not have the
// time asked for within the Horizon.
var ErrTooFewSessions = errors.New("too few sessions")

// InvalidInput is in the error of Due where a field asks for what cannot be.
type InvalidInput struct{ Problem Problem }

// Error names field and rule.
func (e *InvalidInput) Error() string { return e.Problem.Field + ": " + e.Problem.Rule }

func invalid(field, code, rule string, args ...any) error {
	return &InvalidInput{Problem{field, code, fmt.Sprintf(rule, args...)}}
}

// Check tells what is wrong with a span; its error is an *InvalidInput.
func (s Span) Check() error {
	const mostHours = Horizon * 24
	switch s.Kind {
	case Working, Clock:
		switch {
		case s.Days != 0:
			return invalid("days", CodeConflict, "must not be given with the kind %s", s.Kind)
		case s.Hours < 0 || s.Hours > mostHours:
			return invalid("hours", CodeRange, "must be 0 to %d", mostHours)
		case s.Minutes < 0 || s.Minutes > mostHours*60:
			return invalid("minutes", CodeRange, "must be 0 to %d", mostHours*60)
		case s.Hours == 0 && s.Minutes == 0:
			return invalid("hours", CodeRange, "hours and minutes must be more than nothing")
		}
	case Days:
		switch {
		case s.Hours != 0 || s.Minutes != 0:
			return invalid("hours", CodeConflict, "must not be given with the kind days")
		case s.Days < 1 || s.Days > Horizon:
			return invalid("days", CodeRange, "must be 1 to %d", Horizon)
		}
	default:
		return invalid("kind", CodeFormat, "must be working, clock or days")
	}
	return nil
}

func (s Span) duration() time.Duration {
	return time.Duration(s.Hours)*time.Hour + time.Duration(s.Minutes)*time.Minute
}

// StepKind says what a stretch of a computation was.
type StepKind string

// The kinds of steps; only the first three move a count.
const (
	InSession  StepKind = "session"     // office hours, counted
	ByTheClock StepKind = "clock"       // clock time, counted
	WholeDay   StepKind = "working_day" // one working day of a span in days, counted
	Closed     StepKind = "closed"      // a working day outside its sessions
	WeeklyRest StepKind = "weekly_rest" // a day on which the agency never works
	DayOff     StepKind = "day_off"     // a day off of the calendar
	StartDay   StepKind = "start_day"   // the day of the start, which a span in days does not count
)

// Step is one stretch of a computation. Steps follow each other without a gap
// from the start to the due instant.
type Step struct {
	Kind    StepKind
	From    time.Time
	To      time.Time
	Counted time.Duration // working or clock time in it that the span used
	Number  int           // of a WholeDay, from 1
	Name    string        // the calendar's name of a day off or a worked Saturday
}

// Minutes is Counted in minutes.
func (s Step) Minutes() float64 { return s.Counted.Minutes() }

// Computation is a due instant with what it rests on.
type Computation struct {
	Agency   string
	From     time.Time
	Span     Span
	Due      time.Time // done at this instant is on time
	Steps    []Step
	Calendar string // the calendar's version
	// Unplanned are the years of the computation for which the calendar has
	// no entry at all, so that not even their statutory days were left out.
	Unplanned []int
}

// OnTime tells whether something done at that instant keeps the due time.
func (c Computation) OnTime(done time.Time) bool { return !done.After(c.Due) }

// Due counts a span from an instant in an agency's office hours.
//
// Working time that ends exactly with a session is due at that end, not at the
// next opening; a start outside the sessions counts from the next opening. A
// span in days starts with the working day after the start and is due at the
// end of the last session of its n-th day (Civil Code 2015 Art. 147.2).
func Due(cal *Calendar, agency string, from time.Time, span Span) (Computation, error) {
	c := Computation{Agency: agency, From: from.UTC(), Span: span, Calendar: cal.version}
	if year := from.In(Zone).Year(); year < FirstYear || year > LastYear {
		return c, fmt.Errorf("computing a due time: %w",
			invalid("from", CodeRange, "must lie in the years %d to %d", FirstYear, LastYear))
	}
	if err := span.Check(); err != nil {
		return c, fmt.Errorf("computing a due time: %w", err)
	}
	found := true
	switch span.Kind {
	case Clock:
		c.byTheClock()
	case Working:
		found = c.inSessions(cal)
	case Days:
		found = c.inDays(cal)
	}
	if !found {
		return c, fmt.Errorf("computing a due time: calendar %s has %w for agency %q in the %d days after %s",
			cal.version, ErrTooFewSessions, agency, Horizon, from.In(Zone).Format(time.RFC3339))
	}
	c.Unplanned = cal.unplanned(DateOf(c.From), DateOf(c.Due))
	return c, nil
}

func (c *Computation) byTheClock() {
	want := c.Span.duration()
	c.Due = c.From.Add(want)
	c.add(Step{Kind: ByTheClock, From: c.From, To: c.Due, Counted: want})
}

func (c *Computation) inSessions(cal *Calendar) bool {
	left := c.Span.duration()
	at := c.From
	first := DateOf(at)
	for date := first; date <= first+Horizon; date++ {
		spans := cal.sessions(c.Agency, date)
		for _, s := range spans {
			opens, closes := date.at(s.from), date.at(s.to)
			if !at.Before(closes) {
				continue
			}
			if at.Before(opens) {
				c.add(Step{Kind: Closed, From: at, To: opens})
				at = opens
			}
			used := min(left, closes.Sub(at))
			end := at.Add(used)
			c.add(Step{Kind: InSession, From: at, To: end, Counted: used, Name: cal.workedName(date)})
			at, left = end, left-used
			if left == 0 {
				c.Due = end
				return true
			}
		}
		if end := date.End(); at.Before(end) {
			kind, name := cal.rest(date, spans)
			c.add(Step{Kind: kind, From: at, To: end, Name: name})
			at = end
		}
	}
	return false
}

func (c *Computation) inDays(cal *Calendar) bool {
	first := DateOf(c.From)
	c.add(Step{Kind: StartDay, From: c.From, To: first.End()})
	number := 0
	for date := first + 1; date <= first+Horizon; date++ {
		spans := cal.sessions(c.Agency, date)
		if len(spans) == 0 {
			kind, name := cal.rest(date, spans)
			c.add(Step{Kind: kind, From: date.Start(), To: date.End(), Name: name})
			continue
		}
		number++
		step := Step{Kind: WholeDay, From: date.Start(), To: date.End(), Number: number, Name: cal.workedName(date)}
		for _, s := range spans {
			step.Counted += time.Duration(s.to-s.from) * time.Minute
		}
		if number == c.Span.Days {
			step.To = date.at(spans[len(spans)-1].to)
			c.add(step)
			c.Due = step.To
			return true
		}
		c.add(step)
	}
	return false
}

func (c *Computation) add(step Step) { c.Steps = append(c.Steps, step) }

// rest says why nothing is counted on a date, or after its last session.
func (c *Calendar) rest(date Date, spans []span) (StepKind, string) {
	if len(spans) > 0 {
		return Closed, ""
	}
	if day, ok := c.days[date]; ok && day.Counts() && day.Kind == Off {
		return DayOff, day.Name
	}
	return WeeklyRest, ""
}

func (c *Calendar) workedName(date Date) string {
	if day, ok := c.days[date]; ok && day.Counts() && day.Kind == Work {
		return day.Name
	}
	return ""
}

func (c *Calendar) unplanned(from, to Date) []int {
	var years []int
	for year := from.Year(); year <= to.Year(); year++ {
		if !c.years[year] {
			years = append(years, year)
		}
	}
	return years
}
