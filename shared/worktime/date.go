package worktime

import (
	_ "embed"
	"fmt"
	"time"
)

// zoneData is the zone's file of the IANA database, as Go ships it: it must be there
// where the system has no zoneinfo, as in a Lambda bootstrap, and the package with
// all zones adds half a megabyte to every function.
//
//go:embed ho_chi_minh.tzif
var zoneData []byte

// Zone is Asia/Ho_Chi_Minh, in which office hours and days are meant.
var Zone = loadZone()

func loadZone() *time.Location {
	zone, err := time.LoadLocationFromTZData("Asia/Ho_Chi_Minh", zoneData)
	if err != nil {
		panic("loading the embedded zone Asia/Ho_Chi_Minh: " + err.Error())
	}
	return zone
}

// The years that calendars and due times may name. The lower end lies after
// the zone's last change of offset (1975), the upper one where the lunar
// formulas are still good to minutes.
const (
	FirstYear = 2000
	LastYear  = 2199
)

// Date is a civil day, counted so that 1 is Monday, 1 January of the year 1.
// The zero Date is no day.
type Date int

const unixEpoch Date = 719163 // 1970-01-01

// NewDate returns the day; values out of range are carried over as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	seconds := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return unixEpoch + Date(seconds/86400)
}

// DateOf returns the day on which t falls in Vietnam.
func DateOf(t time.Time) Date {
	year, month, day := t.In(Zone).Date()
	return NewDate(year, month, day)
}

// ParseDate reads the form 2024-08-26, within the years that calendars may name.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("must be a day written YYYY-MM-DD")
	}
	if t.Year() < FirstYear || t.Year() > LastYear {
		return 0, fmt.Errorf("must lie in the years %d to %d", FirstYear, LastYear)
	}
	return NewDate(t.Year(), t.Month(), t.Day()), nil
}

// Civil returns year, month and day of the month.
func (d Date) Civil() (int, time.Month, int) {
	return time.Unix(int64(d-unixEpoch)*86400, 0).UTC().Date()
}

// Year returns the civil year.
func (d Date) Year() int {
	year, _, _ := d.Civil()
	return year
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(d % 7) }

// Start returns the first instant of the day in Vietnam.
func (d Date) Start() time.Time { return d.at(0) }

// End returns the instant at which the day ends, 24:00, which is the next
// day's start (Civil Code 2015 Art. 148.6).
func (d Date) End() time.Time { return (d + 1).at(0) }

// String returns the form that ParseDate reads; the zero Date is empty.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	year, month, day := d.Civil()
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

// MarshalText writes the form that ParseDate reads.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// at returns the instant of a minute of the day; 1440 is the day's end.
func (d Date) at(minute TimeOfDay) time.Time {
	year, month, day := d.Civil()
	return time.Date(year, month, day, 0, int(minute), 0, 0, Zone).UTC()
}

// TimeOfDay is a time of day in minutes since midnight; 24:00 is 1440.
type TimeOfDay int

// ParseTimeOfDay reads the form 07:30, up to 24:00.
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	if text == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("must be a time of day written HH:MM, 24:00 at most")
	}
	return TimeOfDay(t.Hour()*60 + t.Minute()), nil
}

// String returns the form that ParseTimeOfDay reads.
func (c TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// MarshalText writes the form that ParseTimeOfDay reads.
func (c TimeOfDay) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MonthDay is a day that returns each year, as month × 100 + day.
type MonthDay int

// ParseMonthDay reads the form 04-16; 02-29 is one.
func ParseMonthDay(text string) (MonthDay, error) {
	t, err := time.Parse(time.DateOnly, "2000-"+text) // a leap year
	if err != nil {
		return 0, fmt.Errorf("must be a day of the year written MM-DD")
	}
	return MonthDay(int(t.Month())*100 + t.Day()), nil
}

// String returns the form that ParseMonthDay reads.
func (m MonthDay) String() string { return fmt.Sprintf("%02d-%02d", m/100, m%100) }

// MarshalText writes the form that ParseMonthDay reads.
func (m MonthDay) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

func (d Date) monthDay() MonthDay {
	_, month, day := d.Civil()
	return MonthDay(int(month)*100 + day)
}
