package scheduler

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files must know Asia/Ho_Chi_Minh
)

// expression answers when a schedule fires.
type expression interface {
	// first is the first instant of a schedule that starts at the given one.
	first(start time.Time) (time.Time, bool)
	// after is the first instant strictly after t of a schedule that started
	// at start.
	after(t, start time.Time) (time.Time, bool)
}

func parseExpression(text, zoneName string) (expression, error) {
	if zoneName == "" {
		zoneName = "UTC"
	}
	zone, err := time.LoadLocation(zoneName)
	if err != nil || zoneName == "Local" {
		return nil, fmt.Errorf("ScheduleExpressionTimezone %q is not a time zone of the IANA database", zoneName)
	}
	name, rest, ok := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return nil, fmt.Errorf("ScheduleExpression %q must be at(…), rate(…) or cron(…)", text)
	}
	var e expression
	switch name {
	case "at":
		e, err = parseAt(inner, zone)
	case "rate":
		e, err = parseRate(inner)
	case "cron":
		var c *cron
		c, err = parseCron(inner)
		e = cronIn{c, zone}
	default:
		err = fmt.Errorf("it must be at(…), rate(…) or cron(…)")
	}
	if err != nil {
		return nil, fmt.Errorf("ScheduleExpression %q: %w", text, err)
	}
	return e, nil
}

type at struct{ instant time.Time }

func parseAt(text string, zone *time.Location) (expression, error) {
	instant, err := time.ParseInLocation("2006-01-02T15:04:05", text, zone)
	if err != nil {
		return nil, fmt.Errorf("at() takes yyyy-mm-ddThh:mm:ss")
	}
	return at{instant}, nil
}

// A one-time schedule whose instant has passed fires at once: the service
// does not refuse it on creation.
func (a at) first(time.Time) (time.Time, bool)      { return a.instant, true }
func (a at) after(_, _ time.Time) (time.Time, bool) { return time.Time{}, false }

type rate struct{ every time.Duration }

var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

func parseRate(text string) (expression, error) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	every, ok := units[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || !ok {
		return nil, fmt.Errorf("rate() takes a positive number and minutes, hours or days")
	}
	return rate{time.Duration(n) * every}, nil
}

// "If you do not provide a StartDate for a rate-based schedule, your schedule
// starts invoking the target immediately" (Schedule types, rate-based
// schedules).
func (r rate) first(start time.Time) (time.Time, bool) { return start, true }

func (r rate) after(t, start time.Time) (time.Time, bool) {
	if t.Before(start) {
		return start, true
	}
	return start.Add((t.Sub(start)/r.every + 1) * r.every), true
}

type cronIn struct {
	*cron
	zone *time.Location
}

// The minute in which a schedule is made counts only if it has not begun.
func (c cronIn) first(start time.Time) (time.Time, bool) {
	return c.next(start.Add(-time.Nanosecond), c.zone)
}

func (c cronIn) after(t, _ time.Time) (time.Time, bool) { return c.next(t, c.zone) }
