package scheduler

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestExpressionsFireWhenTheyShould(t *testing.T) {
	const vietnam = "Asia/Ho_Chi_Minh"
	for name, c := range map[string]struct {
		expression, zone, from string
		want                   []string // local times
	}{
		"every day at a local time":                      {"cron(30 7 * * ? *)", vietnam, "2026-02-27 07:30:00", []string{"2026-02-28 07:30", "2026-03-01 07:30"}},
		"weekdays leave out the weekend":                 {"cron(0 8 ? * MON-FRI *)", vietnam, "2026-03-06 08:00:00", []string{"2026-03-09 08:00", "2026-03-10 08:00"}},
		"1 is Sunday":                                    {"cron(0 8 ? * 1 *)", vietnam, "2026-03-02 00:00:00", []string{"2026-03-08 08:00"}},
		"every five minutes":                             {"cron(0/5 * * * ? *)", vietnam, "2026-03-02 23:52:10", []string{"2026-03-02 23:55", "2026-03-03 00:00"}},
		"a star with a step starts at the least":         {"cron(*/20 8 * * ? *)", vietnam, "2026-03-02 08:21:00", []string{"2026-03-02 08:40", "2026-03-03 08:00"}},
		"a range with a step":                            {"cron(0 8-17/3 * * ? *)", vietnam, "2026-03-02 09:00:00", []string{"2026-03-02 11:00", "2026-03-02 14:00", "2026-03-02 17:00", "2026-03-03 08:00"}},
		"the last day of the month":                      {"cron(0 0 L * ? *)", vietnam, "2028-02-01 00:00:00", []string{"2028-02-29 00:00", "2028-03-31 00:00"}},
		"the last weekday of the month":                  {"cron(0 0 LW * ? *)", vietnam, "2026-01-31 00:00:00", []string{"2026-02-27 00:00", "2026-03-31 00:00"}},
		"the weekday nearest to a Saturday is before it": {"cron(0 0 15W * ? *)", vietnam, "2026-08-01 00:00:00", []string{"2026-08-14 00:00"}},
		"the weekday nearest to a Sunday is after it":    {"cron(0 0 15W * ? *)", vietnam, "2026-11-01 00:00:00", []string{"2026-11-16 00:00"}},
		"1W stays within its month":                      {"cron(0 0 1W * ? *)", vietnam, "2026-07-31 00:00:00", []string{"2026-08-03 00:00"}},
		"31W waits for a month that has the day":         {"cron(0 0 31W * ? *)", vietnam, "2026-06-01 00:00:00", []string{"2026-07-31 00:00"}},
		"the second Tuesday":                             {"cron(0 0 ? * 3#2 *)", vietnam, "2026-03-11 00:00:00", []string{"2026-04-14 00:00"}},
		"the fifth Friday waits for a month that has it": {"cron(0 0 ? * FRI#5 *)", vietnam, "2026-01-31 00:00:00", []string{"2026-05-29 00:00"}},
		"the last Friday":                                {"cron(0 0 ? * 6L *)", vietnam, "2026-03-01 00:00:00", []string{"2026-03-27 00:00"}},
		"L alone is Saturday":                            {"cron(0 0 ? * L *)", vietnam, "2026-03-02 00:00:00", []string{"2026-03-07 00:00"}},
		"lists of names":                                 {"cron(0 0 1 JAN,jul ? 2027)", vietnam, "2026-01-01 00:00:00", []string{"2027-01-01 00:00", "2027-07-01 00:00"}},
		"the 30th skips February":                        {"cron(0 0 30 * ? *)", vietnam, "2026-01-30 00:00:00", []string{"2026-03-30 00:00"}},
		"a time that summer time skips is skipped":       {"cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28 12:00:00", []string{"2026-03-30 02:30"}},
		"a time that winter time repeats counts once":    {"cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24 12:00:00", []string{"2026-10-25 02:30", "2026-10-26 02:30"}},
		"every day has its hours in order":               {"cron(0 23,1 * * ? *)", vietnam, "2026-03-02 02:00:00", []string{"2026-03-02 23:00", "2026-03-03 01:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := parseExpression(c.expression, c.zone)
			if err != nil {
				t.Fatal(err)
			}
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.ParseInLocation("2006-01-02 15:04:05", c.from, zone)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				next, ok := e.after(at, at)
				if got := next.In(zone).Format("2006-01-02 15:04"); !ok || got != want {
					t.Fatalf("firing %d is %s (%v), want %s", i+1, got, ok, want)
				}
				at = next
			}
		})
	}
}

func TestAnExpressionThatIsOverNeverFires(t *testing.T) {
	for _, expression := range []string{"cron(0 0 1 1 ? 2025)", "cron(0 0 30 2 ? *)", "at(2025-01-01T00:00:00)"} {
		e, err := parseExpression(expression, "UTC")
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if next, ok := e.after(from, from); ok {
			t.Errorf("%s fires at %s", expression, next)
		}
	}
}

func TestWrongExpressionsAreRefusedByName(t *testing.T) {
	for expression, want := range map[string]string{
		"cron(0 8 * * *)":         "six fields",
		"cron(60 8 * * ? *)":      "minutes",
		"cron(0 24 * * ? *)":      "hours",
		"cron(0 8 0 * ? *)":       "day-of-month",
		"cron(0 8 32W * ? *)":     "day-of-month",
		"cron(0 8 * 13 ? *)":      "month",
		"cron(0 8 ? * 8 *)":       "day-of-week",
		"cron(0 8 ? * 3#6 *)":     "place from 1 to 5",
		"cron(0 8 ? * 3#1,6#3 *)": "place from 1 to 5",
		"cron(0 8 * * ? 1969)":    "year",
		"cron(0 8 * * * *)":       "must be ?",
		"cron(0 8 ? * ? *)":       "must be ?",
		"cron(5-1 8 * * ? *)":     "backwards",
		"cron(0/0 8 * * ? *)":     "step",
		"cron(? 8 * * ? *)":       "minutes",
		"rate(0 minutes)":         "positive",
		"rate(1.5 hours)":         "positive",
		"rate(5 seconds)":         "positive",
		"at(2026-01-01)":          "yyyy-mm-ddThh:mm:ss",
		"at(2026-02-30T00:00:00)": "yyyy-mm-ddThh:mm:ss",
		"daily":                   "at(…), rate(…) or cron(…)",
		"hourly(1)":               "at(…), rate(…) or cron(…)",
	} {
		if _, err := parseExpression(expression, "UTC"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want an error that says %q", expression, err, want)
		}
	}
}

func TestTheNextFiringIsAfterNowAndMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute, hour := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")
		day := rapid.IntRange(1, 28).Draw(t, "day")
		c := &cron{minutes: 1 << minute, hours: 1 << hour, months: 1<<13 - 2,
			day: func(_ int, _ time.Month, d int) bool { return d == day }}
		zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(1.5e9, 4e9).Draw(t, "from"), 0)
		next, ok := c.next(from, zone)
		if !ok || !next.After(from) || next.Sub(from) > 31*24*time.Hour {
			t.Fatalf("from %s the next is %s (%v)", from, next, ok)
		}
		if local := next.In(zone); local.Minute() != minute || local.Hour() != hour || local.Day() != day {
			t.Fatalf("the next is %s, want day %d at %02d:%02d", local, day, hour, minute)
		}
	})
}

func TestARateKeepsItsPhase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 5000).Draw(t, "minutes")) * time.Minute
		start := time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "start"), 0)
		at := start.Add(time.Duration(rapid.Int64Range(0, 1e17).Draw(t, "later")))
		next, ok := rate{every}.after(at, start)
		if !ok || !next.After(at) || next.Sub(at) > every || next.Sub(start)%every != 0 {
			t.Fatalf("after %s the next is %s, from %s every %s", at, next, start, every)
		}
	})
}
