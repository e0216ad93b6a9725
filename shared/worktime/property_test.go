package worktime

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// propertyYear is where the random calendars lie.
var propertyYear = NewDate(2025, time.January, 1)

func drawSessions(t *rapid.T) []Session {
	cuts := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 2, 8, rapid.ID[int]).Draw(t, "cuts")
	slices.Sort(cuts)
	var sessions []Session
	for i := 0; i+1 < len(cuts); i += 2 {
		s := Session{From: TimeOfDay(cuts[i]), To: TimeOfDay(cuts[i+1])}
		for _, day := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 7, rapid.ID[int]).Draw(t, "weekdays") {
			s.Days = append(s.Days, Weekday(day))
		}
		sessions = append(sessions, s)
	}
	return sessions
}

// drawCalendar makes a calendar and takes it through its JSON form, so that
// the properties hold for what ParseCalendar lets in.
func drawCalendar(t *rapid.T) *Calendar {
	var days []Day
	offsets := rapid.SliceOfNDistinct(rapid.IntRange(0, 120), 0, 40, rapid.ID[int]).Draw(t, "days")
	for _, offset := range offsets {
		day := Day{
			Date: propertyYear + Date(offset), Kind: Off, Name: "ngày",
			Status:    rapid.SampledFrom([]Status{Statutory, Decided, Provisional, Unconfirmed}).Draw(t, "status"),
			Confirmed: rapid.Bool().Draw(t, "confirmed"),
		}
		if weekend(day.Date) && rapid.Bool().Draw(t, "worked") {
			day.Kind = Work
			if i := slices.IndexFunc(days, func(d Day) bool { return d.Kind == Off }); i >= 0 {
				day.InsteadOf = days[i].Date
			}
		}
		days = append(days, day)
	}
	var hours []Hours
	for _, offset := range rapid.SliceOfNDistinct(rapid.IntRange(0, 100), 0, 3, rapid.ID[int]).Draw(t, "hours") {
		h := Hours{
			Agency: rapid.SampledFrom([]string{"", "a"}).Draw(t, "agency"),
			From:   propertyYear + Date(offset), Sessions: drawSessions(t),
		}
		if rapid.Bool().Draw(t, "ends") {
			h.Until = h.From + Date(rapid.IntRange(0, 60).Draw(t, "until"))
		}
		if rapid.Bool().Draw(t, "seasonal") {
			from := propertyYear + Date(rapid.IntRange(0, 364).Draw(t, "season from"))
			to := propertyYear + Date(rapid.IntRange(0, 364).Draw(t, "season to"))
			h.Seasons = []Season{{From: from.monthDay(), To: to.monthDay(), Sessions: drawSessions(t)}}
		}
		hours = append(hours, h)
	}
	cal, err := reparse(newCalendar("random", "", days, hours))
	if err != nil {
		t.Fatalf("a random calendar is refused: %v", err)
	}
	return cal
}

func drawInstant(t *rapid.T, name string) time.Time {
	seconds := rapid.IntRange(0, 120*24*3600).Draw(t, name)
	if rapid.Bool().Draw(t, name+" on the minute") {
		seconds -= seconds % 60
	}
	return propertyYear.Start().Add(time.Duration(seconds) * time.Second)
}

func drawSpan(t *rapid.T) Span {
	switch rapid.SampledFrom([]Unit{Working, Days, Clock}).Draw(t, "kind") {
	case Working:
		return Span{Kind: Working, Hours: rapid.IntRange(0, 40).Draw(t, "hours"), Minutes: rapid.IntRange(1, 90).Draw(t, "minutes")}
	case Days:
		return WorkingDays(rapid.IntRange(1, 20).Draw(t, "n"))
	default:
		return ClockHours(rapid.IntRange(1, 100).Draw(t, "hours"))
	}
}

// naiveMinutes counts whole minutes one by one, from the document and not from
// what newCalendar made of it.
func naiveMinutes(cal *Calendar, agency string, from, to time.Time) int {
	count := 0
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		date, in := DateOf(at), at.In(Zone)
		clock, weekday := TimeOfDay(in.Hour()*60+in.Minute()), date.Weekday()
		sessions := naiveSessions(cal.hours, agency, date)
		worksOn := func(weekday time.Weekday) bool {
			return slices.ContainsFunc(sessions, func(s Session) bool { return slices.Contains(s.weekdays(), weekday) })
		}
		i := slices.IndexFunc(cal.listed, func(d Day) bool { return d.Date == date && d.Counts() })
		if i >= 0 && cal.listed[i].Kind == Off {
			continue
		}
		if i >= 0 {
			candidates := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
			if instead := cal.listed[i].InsteadOf; instead != 0 {
				candidates = []time.Weekday{instead.Weekday()}
			}
			if j := slices.IndexFunc(candidates, worksOn); j >= 0 {
				weekday = candidates[j]
			}
		}
		if slices.ContainsFunc(sessions, func(s Session) bool {
			return s.From <= clock && clock < s.To && slices.Contains(s.weekdays(), weekday)
		}) {
			count++
		}
	}
	return count
}

func naiveSessions(hours []Hours, agency string, date Date) []Session {
	for _, key := range []string{agency, ""} {
		var best Hours
		for _, h := range hours {
			if h.Agency == key && h.From > best.From && h.From <= date && (h.Until == 0 || date <= h.Until) {
				best = h
			}
		}
		for _, s := range best.Seasons {
			for day := date; day > date-366; day-- { // back to the season's start, without crossing its end
				if day != date && day.monthDay() == s.To {
					break
				}
				if day.monthDay() == s.From {
					return s.Sessions
				}
			}
		}
		if best.From != 0 {
			return best.Sessions
		}
	}
	return DefaultSessions()
}

// dueOrTooFew returns false where a span is refused, after checking that the
// calendar really has too little time for it.
func dueOrTooFew(t *rapid.T, cal *Calendar, agency string, from time.Time, span Span) (Computation, bool) {
	c, err := Due(cal, agency, from, span)
	if err == nil {
		return c, true
	}
	first := DateOf(from)
	end := (first + Horizon).End()
	switch span.Kind {
	case Working:
		if got := WorkingMinutes(cal, agency, from, end); got >= span.duration() {
			t.Fatalf("refused though %s of working time follow: %v", got, err)
		}
	case Days:
		if got := workdaysBetween(cal, agency, first+1, first+Horizon); got >= span.Days {
			t.Fatalf("refused though %d working days follow: %v", got, err)
		}
	default:
		t.Fatal(err)
	}
	return c, false
}

func TestDueTimesOverRandomCalendars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, agency := drawCalendar(t), rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "of")
		from, span := drawInstant(t, "from"), drawSpan(t)
		c, ok := dueOrTooFew(t, cal, agency, from, span)
		if !ok {
			return
		}
		if !c.Due.After(from) {
			t.Fatalf("due %s is not after %s", c.Due, from)
		}
		if span.Kind != Clock && !insideSession(cal, agency, c.Due) {
			t.Fatalf("due %s lies outside of every session", local(c.Due))
		}
		switch span.Kind {
		case Clock:
			if c.Due.Sub(from) != span.duration() {
				t.Fatalf("due %s after %s", c.Due.Sub(from), span.duration())
			}
		case Working:
			if got := WorkingMinutes(cal, agency, from, c.Due); got != span.duration() {
				t.Fatalf("%s lie between, want %s", got, span.duration())
			}
			if early := WorkingMinutes(cal, agency, from, c.Due.Add(-1)); early >= span.duration() {
				t.Fatalf("the span is over before %s", local(c.Due))
			}
		case Days:
			if got := workdaysBetween(cal, agency, DateOf(from)+1, DateOf(c.Due.Add(-1))); got != span.Days {
				t.Fatalf("%d working days lie between, want %d", got, span.Days)
			}
		}
	})
}

func insideSession(cal *Calendar, agency string, at time.Time) bool {
	before := at.Add(-1) // the end of a session is inside, its start is not where a span ends
	return SessionRemaining(cal, agency, before) > 0
}

func workdaysBetween(cal *Calendar, agency string, first, last Date) int {
	count := 0
	for date := first; date <= last; date++ {
		if IsWorkday(cal, agency, date) {
			count++
		}
	}
	return count
}

func TestALaterStartIsNeverDueEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, agency := drawCalendar(t), rapid.SampledFrom([]string{"", "a"}).Draw(t, "of")
		first, second, span := drawInstant(t, "first"), drawInstant(t, "second"), drawSpan(t)
		if second.Before(first) {
			first, second = second, first
		}
		one, ok := dueOrTooFew(t, cal, agency, first, span)
		other, okLater := dueOrTooFew(t, cal, agency, second, span)
		if ok && okLater && other.Due.Before(one.Due) {
			t.Fatalf("started %s due %s, started %s due %s", local(first), local(one.Due), local(second), local(other.Due))
		}
	})
}

func TestStepsHaveNoGapAndAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, from, span := drawCalendar(t), drawInstant(t, "from"), drawSpan(t)
		c, ok := dueOrTooFew(t, cal, "a", from, span)
		if !ok {
			return
		}
		at, sum, days := c.From, time.Duration(0), 0
		for _, s := range c.Steps {
			if !s.From.Equal(at) || !s.From.Before(s.To) {
				t.Fatalf("step %+v does not follow %s", s, at)
			}
			if s.Kind == WholeDay {
				days++
				if s.Number != days {
					t.Fatalf("working day %d has the number %d", days, s.Number)
				}
			}
			at, sum = s.To, sum+s.Counted
		}
		if !at.Equal(c.Due) {
			t.Fatalf("the steps end %s, due is %s", at, c.Due)
		}
		if span.Kind != Days && sum != span.duration() || span.Kind == Days && days != span.Days {
			t.Fatalf("%s and %d days counted for %+v", sum, days, span)
		}
	})
}

func TestWorkingMinutesEqualMinutesCountedOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, agency := drawCalendar(t), rapid.SampledFrom([]string{"", "a"}).Draw(t, "of")
		from := drawInstant(t, "from").Truncate(time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(0, 6*24*60).Draw(t, "minutes")) * time.Minute)
		if got, want := WorkingMinutes(cal, agency, from, to), naiveMinutes(cal, agency, from, to); got != time.Duration(want)*time.Minute {
			t.Fatalf("%s, want %d minutes", got, want)
		}
		middle := from.Add(to.Sub(from) / 3)
		if got, want := WorkingMinutes(cal, agency, from, middle)+WorkingMinutes(cal, agency, middle, to), WorkingMinutes(cal, agency, from, to); got != want {
			t.Fatalf("two parts have %s, the whole %s", got, want)
		}
	})
}

func TestTheNextOpeningIsTheFirstOpenInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, at := drawCalendar(t), drawInstant(t, "at")
		opening, ok := NextOpening(cal, "a", at)
		if !ok {
			if got := WorkingMinutes(cal, "a", at, (DateOf(at) + Horizon).End()); got != 0 {
				t.Fatalf("never opens, yet %s of working time follow", got)
			}
			return
		}
		if opening.Before(at) {
			t.Fatalf("opens %s after %s", opening, at)
		}
		if SessionRemaining(cal, "a", opening) == 0 {
			t.Fatalf("closed at its opening %s", local(opening))
		}
		if early := WorkingMinutes(cal, "a", at, opening); early != 0 {
			t.Fatalf("%s of work before the opening", early)
		}
	})
}
