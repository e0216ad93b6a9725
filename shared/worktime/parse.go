package worktime

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Bounds of a calendar document: far above what a province needs in decades,
// and small enough that a mistaken upload is refused at once.
const (
	maxDocument = 1 << 20
	maxDays     = 5000
	maxHours    = 2000
	maxSessions = 100
	maxSeasons  = 20
)

//go:embed calendar_vn.json
var stateCalendar []byte

// StateCalendar returns the state offices' days off and worked Saturdays of
// 2024 to 2027, compiled from the announcements named beside the days, in the
// form that ParseCalendar reads.
func StateCalendar() []byte { return slices.Clone(stateCalendar) }

// ParseCalendar reads a calendar's JSON form. Its error is an
// *InvalidCalendar with everything that is wrong, each with its field.
func ParseCalendar(data []byte) (*Calendar, error) {
	r := &reader{}
	if len(data) > maxDocument {
		r.add("", CodeLength, "must have %d bytes at most", maxDocument)
		return nil, &InvalidCalendar{r.problems}
	}
	root, err := readDocument(data)
	if err != nil {
		r.add("", CodeJSON, "%s", err)
		return nil, &InvalidCalendar{r.problems}
	}
	var (
		version, source string
		days            []Day
		hours           []Hours
	)
	if o, ok := r.object("", root, "version", "source", "days", "hours"); ok {
		version = o.text("version", 64, true)
		source = o.text("source", 500, false)
		days = r.days(o)
		hours = r.hours(o)
	}
	if len(r.problems) > 0 {
		return nil, &InvalidCalendar{r.problems}
	}
	return newCalendar(version, source, days, hours), nil
}

// MarshalJSON writes the form that ParseCalendar reads.
func (c *Calendar) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Version string  `json:"version"`
		Source  string  `json:"source,omitempty"`
		Days    []Day   `json:"days,omitempty"`
		Hours   []Hours `json:"hours,omitempty"`
	}{c.version, c.source, c.listed, c.hours})
}

func (r *reader) days(o object) []Day {
	items, paths := o.list("days", 0, maxDays)
	days := make([]Day, len(items))
	firstAt := map[Date]int{}
	for i, item := range items {
		days[i] = r.day(paths[i], item)
		date := days[i].Date
		if date == 0 {
			continue
		}
		if first, taken := firstAt[date]; taken {
			r.add(paths[i]+".date", CodeDuplicate, "must not name the same day as %s", paths[first])
			continue
		}
		firstAt[date] = i
	}
	for i, day := range days {
		if day.InsteadOf == 0 {
			continue
		}
		if first, named := firstAt[day.InsteadOf]; !named || days[first].Kind != Off {
			r.add(paths[i]+".instead_of", CodeConflict, "must be a day off of this calendar")
		}
	}
	return days
}

func (r *reader) day(path string, item *node) Day {
	o, ok := r.object(path, item, "date", "kind", "name", "status", "source", "confirmed", "instead_of")
	if !ok {
		return Day{}
	}
	var day Day
	day.Date, _ = word(o, "date", true, ParseDate)
	day.Kind, _ = word(o, "kind", true, oneOf(Off, Work))
	day.Name = o.text("name", 200, true)
	day.Status, _ = word(o, "status", true, oneOf(Statutory, Decided, Provisional, Unconfirmed))
	day.Source = o.text("source", 500, false)
	day.Confirmed = o.flag("confirmed")
	day.InsteadOf, _ = word(o, "instead_of", false, ParseDate)
	if day.InsteadOf != 0 && day.Kind == Off {
		r.add(o.at("instead_of"), CodeConflict, "must not be given for a day off")
	}
	if weekday := day.Date.Weekday(); day.Kind == Work && day.Date != 0 &&
		weekday != time.Saturday && weekday != time.Sunday {
		r.add(o.at("date"), CodeConflict, "must be a Saturday or Sunday where the kind is work")
	}
	return day
}

func oneOf[T ~string](words ...T) func(string) (T, error) {
	return func(text string) (T, error) {
		if slices.Contains(words, T(text)) {
			return T(text), nil
		}
		return "", fmt.Errorf("must be one of %v", words)
	}
}

func (r *reader) hours(o object) []Hours {
	items, paths := o.list("hours", 0, maxHours)
	hours := make([]Hours, len(items))
	type start struct {
		agency string
		from   Date
	}
	firstAt := map[start]int{}
	for i, item := range items {
		hours[i] = r.agencyHours(paths[i], item)
		key := start{hours[i].Agency, hours[i].From}
		if key.from == 0 {
			continue
		}
		if first, taken := firstAt[key]; taken {
			r.add(paths[i]+".from", CodeDuplicate, "must not be the start of %s, the same agency's", paths[first])
			continue
		}
		firstAt[key] = i
	}
	return hours
}

func (r *reader) agencyHours(path string, item *node) Hours {
	o, ok := r.object(path, item, "agency", "from", "until", "sessions", "seasons")
	if !ok {
		return Hours{}
	}
	var h Hours
	h.Agency = o.text("agency", 100, false)
	h.From, _ = word(o, "from", true, ParseDate)
	h.Until, _ = word(o, "until", false, ParseDate)
	if h.Until != 0 && h.Until < h.From {
		r.add(o.at("until"), CodeOrder, "must not be before from")
	}
	h.Sessions = r.sessions(o)
	h.Seasons = r.seasons(o)
	return h
}

func (r *reader) seasons(o object) []Season {
	items, paths := o.list("seasons", 0, maxSeasons)
	var seasons []Season
	taken := map[MonthDay]string{}
	for i, item := range items {
		o, ok := r.object(paths[i], item, "name", "from", "to", "sessions")
		if !ok {
			continue
		}
		s := Season{Name: o.text("name", 200, false)}
		var fromOK, toOK bool
		s.From, fromOK = word(o, "from", true, ParseMonthDay)
		s.To, toOK = word(o, "to", true, ParseMonthDay)
		s.Sessions = r.sessions(o)
		if fromOK && toOK {
			r.claimSeason(paths[i], s, taken)
		}
		seasons = append(seasons, s)
	}
	return seasons
}

// claimSeason complains once where a season covers a day of another one.
func (r *reader) claimSeason(path string, s Season, taken map[MonthDay]string) {
	clash := ""
	for month := MonthDay(1); month <= 12; month++ {
		for day := MonthDay(1); day <= 31; day++ {
			date := month*100 + day
			if !within(date, s.From, s.To) {
				continue
			}
			if other := taken[date]; other != "" && clash == "" {
				clash = other
			}
			taken[date] = path
		}
	}
	if clash != "" {
		r.add(path, CodeOverlap, "must not overlap %s", clash)
	}
}

func (r *reader) sessions(o object) []Session {
	items, paths := o.list("sessions", 1, maxSessions)
	sessions := make([]Session, 0, len(items))
	placed := []int{} // indices of the sessions that are whole
	for i, item := range items {
		s, whole := r.session(paths[i], item)
		sessions = append(sessions, s)
		if !whole {
			continue
		}
		for _, j := range placed {
			if overlap(s, sessions[j]) {
				r.add(paths[i], CodeOverlap, "must not overlap %s", paths[j])
				break
			}
		}
		placed = append(placed, i)
	}
	return sessions
}

func overlap(a, b Session) bool {
	if a.From >= b.To || b.From >= a.To {
		return false
	}
	days := b.weekdays()
	return slices.ContainsFunc(a.weekdays(), func(day time.Weekday) bool { return slices.Contains(days, day) })
}

func (r *reader) session(path string, item *node) (Session, bool) {
	o, ok := r.object(path, item, "days", "from", "to")
	if !ok {
		return Session{}, false
	}
	before := len(r.problems)
	var s Session
	items, paths := o.list("days", 0, 7)
	if n := o.members["days"]; n != nil && n.shape == '[' && len(n.items) == 0 {
		r.add(o.at("days"), CodeRequired, "must name a day of the week; left out, it means mon to fri")
	}
	for i, item := range items {
		r.weekday(&s, paths[i], item)
	}
	var fromOK, toOK bool
	s.From, fromOK = word(o, "from", true, ParseTimeOfDay)
	s.To, toOK = word(o, "to", true, ParseTimeOfDay)
	if fromOK && toOK && s.To <= s.From {
		r.add(o.at("to"), CodeOrder, "must be after from")
	}
	return s, len(r.problems) == before
}

func (r *reader) weekday(s *Session, path string, item *node) {
	text, ok := item.value.(string)
	if !ok {
		r.add(path, CodeType, "must be a string")
		return
	}
	day, err := ParseWeekday(text)
	switch {
	case err != nil:
		r.add(path, CodeFormat, "%s", err)
	case slices.Contains(s.Days, day):
		r.add(path, CodeDuplicate, "must not name the same day twice")
	default:
		s.Days = append(s.Days, day)
	}
}
