package worktime

import (
	"fmt"
	"slices"
	"time"
)

// Weekday is a time.Weekday that is written mon, tue, wed, thu, fri, sat, sun.
type Weekday time.Weekday

var weekdayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseWeekday reads the short English name.
func ParseWeekday(text string) (Weekday, error) {
	i := slices.Index(weekdayNames, text)
	if i < 0 {
		return 0, fmt.Errorf("must be one of mon, tue, wed, thu, fri, sat, sun")
	}
	return Weekday(i), nil
}

// String returns the name that ParseWeekday reads.
func (w Weekday) String() string { return weekdayNames[w] }

// MarshalText writes the name that ParseWeekday reads.
func (w Weekday) MarshalText() ([]byte, error) { return []byte(w.String()), nil }
