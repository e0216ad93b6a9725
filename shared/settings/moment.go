package settings

import (
	"encoding/json"
	"errors"
	"time"

	"paht/shared/worktime"
)

// Moment is an instant from or until which a row holds: an RFC 3339 instant, or
// a date for its first instant in Vietnam. The zero Moment is an open end.
type Moment struct{ time.Time }

// UnmarshalText reads a date or an instant.
func (m *Moment) UnmarshalText(text []byte) error {
	if t, err := time.ParseInLocation(time.DateOnly, string(text), worktime.Zone); err == nil {
		m.Time = t.UTC()
	} else if t, err := time.Parse(time.RFC3339, string(text)); err == nil {
		m.Time = t.UTC()
	} else {
		return errors.New("must be a date or an RFC 3339 instant")
	}
	if year := m.Year(); year < 1900 || year > 2999 {
		return errors.New("must lie in the years 1900 to 2999")
	}
	return nil
}

// UnmarshalJSON reads a text; without it that of time.Time would.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	return m.UnmarshalText([]byte(s))
}

// MarshalJSON writes an open end as null and an instant as it is in Vietnam.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(m.In(worktime.Zone).Format(time.RFC3339))
}

// begun tells whether a row that holds from m holds at an instant.
func (m Moment) begun(at time.Time) bool { return !m.After(at) }

// ended tells whether a row that holds until m, which is not included, holds no
// more at an instant.
func (m Moment) ended(at time.Time) bool { return !m.IsZero() && !at.Before(m.Time) }

// span is the time in which a row holds.
type span struct{ from, to Moment }

func (s span) holds(at time.Time) bool { return s.from.begun(at) && !s.to.ended(at) }

func (s span) overlaps(o span) bool {
	return !s.to.ended(o.from.Time) && !o.to.ended(s.from.Time)
}

// latest is the row that holds at an instant: of those that have begun the one
// that began last.
func latest[T any](rows []T, at time.Time, from func(T) Moment) (T, bool) {
	var found T
	ok := false
	for _, row := range rows {
		if from(row).begun(at) && (!ok || from(row).After(from(found).Time)) {
			found, ok = row, true
		}
	}
	return found, ok
}
