package worktime

import (
	"math"
	"time"
)

// LunarDate is a day of the Vietnamese lunar calendar.
type LunarDate struct {
	Year  int
	Month int // 1 to 12
	Day   int // 1 to 30
	Leap  bool
}

// The calendar follows the astronomical rules as Hồ Ngọc Đức describes them
// ("Computing the Vietnamese lunar calendar"): a month starts on the day of a
// new moon in UTC+7; the month with the winter solstice is the 11th; where 13
// months lie between two of these, the first one without a principal solar term
// repeats the number before it. New moons and the sun's longitude come from
// Jean Meeus, "Astronomical Algorithms" (1998) and its predecessor (1985).
// China reckons in UTC+8, whence the different Tết of 1985, 2007 and 2030. The
// rules hold from 1968 on, when the State went over to UTC+7.
const (
	degree          = math.Pi / 180
	utcOffset       = 7.0 / 24
	julianOffset    = 1721425 // the Julian day that begins at noon of Date d is d + julianOffset
	synodicMonth    = 29.530588853
	twelfths        = 12
	solsticeTwelfth = 9 // it begins at the winter solstice
)

// newMoonDay returns the day in UTC+7 of the k-th new moon after 1 January 1900.
func newMoonDay(k int) Date {
	return Date(int(math.Floor(newMoon(float64(k))+0.5+utcOffset)) - julianOffset)
}

// newMoon returns the Julian date of a new moon, good to about two minutes.
func newMoon(k float64) float64 {
	t := k / 1236.85 // Julian centuries since 1900
	t2, t3 := t*t, t*t*t
	sin := func(degrees float64) float64 { return math.Sin(degrees * degree) }
	mean := 2415020.75933 + 29.53058868*k + 0.0001178*t2 - 0.000000155*t3 +
		0.00033*sin(166.56+132.87*t-0.009173*t2)
	sun := 359.2242 + 29.10535608*k - 0.0000333*t2 - 0.00000347*t3
	moon := 306.0253 + 385.81691806*k + 0.0107306*t2 + 0.00001236*t3
	latitude := 21.2964 + 390.67050646*k - 0.0016528*t2 - 0.00000239*t3
	correction := (0.1734-0.000393*t)*sin(sun) + 0.0021*sin(2*sun) -
		0.4068*sin(moon) + 0.0161*sin(2*moon) - 0.0004*sin(3*moon) +
		0.0104*sin(2*latitude) - 0.0051*sin(sun+moon) - 0.0074*sin(sun-moon) +
		0.0004*sin(2*latitude+sun) - 0.0004*sin(2*latitude-sun) -
		0.0006*sin(2*latitude+moon) + 0.0010*sin(2*latitude-moon) +
		0.0005*sin(2*moon+sun)
	dynamical := -0.000278 + 0.000265*t + 0.000262*t2 // dynamical minus universal time
	return mean + correction - dynamical
}

// solarTwelfth returns in which twelfth of the ecliptic, 0 to 11 from the
// spring equinox, the sun stands when a day begins in UTC+7.
func solarTwelfth(day Date) int {
	t := (float64(day) + julianOffset - 0.5 - utcOffset - 2451545.0) / 36525
	t2 := t * t
	anomaly := (357.52910 + 35999.05030*t - 0.0001559*t2 - 0.00000048*t*t2) * degree
	longitude := 280.46645 + 36000.76983*t + 0.0003032*t2 +
		(1.914600-0.004817*t-0.000014*t2)*math.Sin(anomaly) +
		(0.019993-0.000101*t)*math.Sin(2*anomaly) +
		0.000290*math.Sin(3*anomaly)
	return int(math.Floor((longitude-360*math.Floor(longitude/360))/30)) % twelfths
}

// solsticeMoon returns the number of the new moon that starts the 11th month
// of a civil year, the one in which the winter solstice falls.
func solsticeMoon(year int) int {
	days := NewDate(year, time.December, 31) + julianOffset - 2415021
	k := int(math.Floor(float64(days) / synodicMonth))
	if solarTwelfth(newMoonDay(k)) >= solsticeTwelfth {
		k--
	}
	return k
}

// lunarMonth is a month with its first day; its year is the lunar one.
type lunarMonth struct {
	first       Date
	year, month int
	leap        bool
}

// monthsUpTo returns the months from the 11th of the year before to the 10th
// (or a leap 10th) of a year, and the first day of the month after them.
func monthsUpTo(year int) ([]lunarMonth, Date) {
	start, end := solsticeMoon(year-1), solsticeMoon(year)
	months := make([]lunarMonth, 0, 13)
	leapYear := end-start == 13
	number := 11
	for k := start; k < end; k++ {
		m := lunarMonth{first: newMoonDay(k), year: year - 1, month: number}
		if leapYear && k > start && solarTwelfth(m.first) == solarTwelfth(newMoonDay(k+1)) {
			leapYear = false
			last := months[len(months)-1]
			m.month, m.year, m.leap = last.month, last.year, true
			months = append(months, m)
			continue
		}
		if number <= 10 {
			m.year = year
		}
		months = append(months, m)
		number = number%12 + 1
	}
	return months, newMoonDay(end)
}

// ToLunar returns the lunar day of a civil one.
func ToLunar(date Date) LunarDate {
	year := date.Year()
	months, end := monthsUpTo(year)
	if date >= end {
		months, _ = monthsUpTo(year + 1)
	}
	found := months[0]
	for _, m := range months {
		if m.first <= date {
			found = m
		}
	}
	return LunarDate{found.year, found.month, int(date-found.first) + 1, found.leap}
}

// FromLunar returns the civil day of a lunar one; false where that year has no
// such month or that month no such day.
func FromLunar(lunar LunarDate) (Date, bool) {
	year := lunar.Year
	if lunar.Month > 10 {
		year++
	}
	months, end := monthsUpTo(year)
	for i, m := range months {
		if m.year != lunar.Year || m.month != lunar.Month || m.leap != lunar.Leap {
			continue
		}
		if i+1 < len(months) {
			end = months[i+1].first
		}
		date := m.first + Date(lunar.Day-1)
		return date, lunar.Day >= 1 && date < end
	}
	return 0, false
}

// Tet returns the first day of a lunar year.
func Tet(year int) Date {
	date, _ := FromLunar(LunarDate{Year: year, Month: 1, Day: 1}) // every year has one
	return date
}

// HungKingsDay returns the 10th of the 3rd lunar month.
func HungKingsDay(year int) Date {
	date, _ := FromLunar(LunarDate{Year: year, Month: 3, Day: 10}) // every year has one
	return date
}
