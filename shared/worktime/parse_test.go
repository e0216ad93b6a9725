package worktime

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func reparse(cal *Calendar) (*Calendar, error) {
	data, err := json.Marshal(cal)
	if err != nil {
		return nil, err
	}
	return ParseCalendar(data)
}

func problems(t testing.TB, document string) []string {
	t.Helper()
	cal, err := ParseCalendar([]byte(document))
	var invalid *InvalidCalendar
	if !errors.As(err, &invalid) || cal != nil {
		t.Fatalf("calendar %v and error %v, want an InvalidCalendar alone", cal, err)
	}
	var list []string
	for _, p := range invalid.Problems {
		list = append(list, strings.TrimSpace(p.Field+" "+p.Code))
		if !strings.Contains(err.Error(), p.Field) || !strings.Contains(err.Error(), p.Rule) {
			t.Errorf("%q leaves out %+v", err, p)
		}
	}
	return list
}

func TestTheStateCalendar(t *testing.T) {
	cal := state(t)
	var statuses, worked = map[Status]int{}, []string{}
	for _, day := range cal.Days() {
		statuses[day.Status]++
		if day.Kind == Work {
			worked = append(worked, day.Date.String()+" for "+day.InsteadOf.String())
		}
	}
	want := map[Status]int{Statutory: 20, Decided: 26, Provisional: 6, Unconfirmed: 2}
	if !reflect.DeepEqual(statuses, want) {
		t.Errorf("entries by status %v, want %v", statuses, want)
	}
	if want := []string{"2024-05-04 for 2024-04-29", "2025-04-26 for 2025-05-02", "2026-01-10 for 2026-01-02",
		"2026-08-22 for 2026-08-31"}; !slices.Equal(worked, want) {
		t.Errorf("worked Saturdays %v, want %v", worked, want)
	}
	StateCalendar()[0] = 'x'
	state(t) // a caller's change of its copy does not reach the next one
}

func TestACalendarReadsBackAsItWasWritten(t *testing.T) {
	for _, cal := range []*Calendar{state(t), agencies(t)} {
		again, err := reparse(cal)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(cal, again) {
			t.Errorf("calendar %s differs when read back", cal.Version())
		}
	}
}

type refusedCalendar struct {
	name, document string
	want           []string
}

func hoursDocument(rest string) string {
	return `{"version":"v","hours":[{"from":"2026-01-01",` + rest + `}]}`
}
func daysDocument(rest string) string { return `{"version":"v","days":[` + rest + `]}` }

const dayOff = `{"date":"2026-01-01","kind":"off","name":"n","status":"decided"}`
const sessionsField = `"sessions":[{"from":"07:30","to":"11:30"}]`

var refusedDays = []refusedCalendar{
	{"nothing", ``, []string{"json"}},
	{"no JSON", `hello`, []string{"json"}},
	{"half a document", `{"version":`, []string{"json"}},
	{"an open array", `{"days":[`, []string{"json"}},
	{"two documents", `{"version":"v"}{}`, []string{"json"}},
	{"no UTF-8", "{\"version\":\"\xff\"}", []string{"json"}},
	{"nesting without end", strings.Repeat("[", 100_000), []string{"json"}},
	{"more than a mebibyte", strings.Repeat(" ", maxDocument+1), []string{"length"}},
	{"an array", `[]`, []string{"type"}},
	{"no version", `{}`, []string{"version required"}},
	{"an empty version", `{"version":""}`, []string{"version required"}},
	{"a version that is a number", `{"version":1}`, []string{"version type"}},
	{"a version that is null", `{"version":null}`, []string{"version type"}},
	{"a long version", `{"version":"` + strings.Repeat("ơ", 65) + `"}`, []string{"version length"}},
	{"a field that the form does not have", `{"version":"v","zone":"UTC"}`, []string{`"zone" unknown`}},
	{"a field twice", `{"version":"v","version":"w"}`, []string{"version repeated"}},
	{"days that are no array", `{"version":"v","days":{}}`, []string{"days type"}},
	{"too many days", daysDocument(strings.Repeat(dayOff+",", maxDays) + dayOff), []string{"days length"}},
	{"a day that is no object", daysDocument(`"2026-01-01"`), []string{"days[0] type"}},
	{"an empty day", daysDocument(`{}`), []string{"days[0].date required", "days[0].kind required", "days[0].name required", "days[0].status required"}},
	{"a day that does not exist", daysDocument(`{"date":"2026-02-29","kind":"off","name":"n","status":"decided"}`), []string{"days[0].date format"}},
	{"a day before the years of calendars", daysDocument(`{"date":"1999-12-31","kind":"off","name":"n","status":"decided"}`), []string{"days[0].date format"}},
	{"words of another list", daysDocument(`{"date":"2026-01-01","kind":"free","name":"n","status":"sure"}`), []string{"days[0].kind format", "days[0].status format"}},
	{"confirmed as a word", daysDocument(`{"date":"2026-01-01","kind":"off","name":"n","status":"decided","confirmed":"yes"}`), []string{"days[0].confirmed type"}},
	{"the same day twice", daysDocument(dayOff + "," + dayOff), []string{"days[1].date duplicate"}},
	{"a worked Friday", daysDocument(`{"date":"2026-01-02","kind":"work","name":"n","status":"decided"}`), []string{"days[0].date conflict"}},
	{"a day off instead of another", daysDocument(dayOff + `,{"date":"2026-01-02","kind":"off","name":"n","status":"decided","instead_of":"2026-01-01"}`), []string{"days[1].instead_of conflict"}},
	{"a Saturday for a day that is not off", daysDocument(`{"date":"2026-01-10","kind":"work","name":"n","status":"decided","instead_of":"2026-01-02"}`), []string{"days[0].instead_of conflict"}},
}

var refusedHours = []refusedCalendar{
	{"hours without sessions", hoursDocument(`"agency":"a"`), []string{"hours[0].sessions required"}},
	{"hours with no session", hoursDocument(`"sessions":[]`), []string{"hours[0].sessions required"}},
	{"hours without a start", `{"version":"v","hours":[{` + sessionsField + `}]}`, []string{"hours[0].from required"}},
	{"hours that end before they start", hoursDocument(`"until":"2025-12-31",` + sessionsField), []string{"hours[0].until order"}},
	{"the same start of one agency twice", `{"version":"v","hours":[{"from":"2026-01-01",` + sessionsField + `},{"from":"2026-01-01",` + sessionsField + `}]}`, []string{"hours[1].from duplicate"}},
	{"a session that ends before it starts", hoursDocument(`"sessions":[{"from":"07:30","to":"11:30"},{"from":"17:00","to":"13:30"}]`), []string{"hours[0].sessions[1].to order"}},
	{"a session of no length", hoursDocument(`"sessions":[{"from":"07:30","to":"07:30"}]`), []string{"hours[0].sessions[0].to order"}},
	{"overlapping sessions", hoursDocument(`"sessions":[{"from":"07:30","to":"11:30"},{"from":"11:29","to":"13:30"}]`), []string{"hours[0].sessions[1] overlap"}},
	{"sessions that overlap on one day of the week", hoursDocument(`"sessions":[{"days":["fri","sat"],"from":"07:30","to":"11:30"},{"from":"08:00","to":"09:00"}]`), []string{"hours[0].sessions[1] overlap"}},
	{"times that are none", hoursDocument(`"sessions":[{"from":"7:30","to":"24:01"}]`), []string{"hours[0].sessions[0].from format", "hours[0].sessions[0].to format"}},
	{"days of the week that are none", hoursDocument(`"sessions":[{"days":["mon","mon","day",1],"from":"07:30","to":"11:30"}]`), []string{"hours[0].sessions[0].days[1] duplicate", "hours[0].sessions[0].days[2] format", "hours[0].sessions[0].days[3] type"}},
	{"no day of the week", hoursDocument(`"sessions":[{"days":[],"from":"07:30","to":"11:30"}]`), []string{"hours[0].sessions[0].days required"}},
	{"a season on a day that does not exist", hoursDocument(sessionsField + `,"seasons":[{"from":"02-30","to":"3-1",` + sessionsField + `}]`), []string{"hours[0].seasons[0].from format", "hours[0].seasons[0].to format"}},
	{"seasons that overlap over the new year", hoursDocument(sessionsField + `,"seasons":[{"from":"12-01","to":"02-01",` + sessionsField + `},{"from":"02-01","to":"03-01",` + sessionsField + `}]`), []string{"hours[0].seasons[1] overlap"}},
	{"a session of a season", hoursDocument(sessionsField + `,"seasons":[{"from":"12-01","to":"02-01","sessions":[{"from":"09:00"}]}]`), []string{"hours[0].seasons[0].sessions[0].to required"}},
	{"many mistakes are all told", `{"versions":"v","days":[{"date":"x","kind":"off","name":"","status":"decided"},3],"hours":[{"from":"2026-01-01","sessions":[{"to":"x"}]}]}`, []string{
		`"versions" unknown`, "version required", "days[0].date format", "days[0].name required", "days[1] type",
		"hours[0].sessions[0].from required", "hours[0].sessions[0].to format"}},
}

func TestRefusedCalendars(t *testing.T) {
	for _, row := range append(refusedDays, refusedHours...) {
		t.Run(row.name, func(t *testing.T) {
			if got := problems(t, row.document); !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
		})
	}
}

func TestWhatACalendarMayHave(t *testing.T) {
	for _, row := range []struct{ name, document string }{
		{"a version alone", `{"version":"v"}`},
		{"sessions that touch", `{"version":"v","hours":[{"from":"2026-01-01","sessions":[{"from":"07:00","to":"11:00"},{"from":"11:00","to":"24:00"}]}]}`},
		{"sessions at the same time on different days", `{"version":"v","hours":[{"from":"2026-01-01","sessions":[{"days":["mon"],"from":"07:00","to":"11:00"},{"days":["tue"],"from":"07:00","to":"11:00"}]}]}`},
		{"the same start for two agencies", `{"version":"v","hours":[{"agency":"a","from":"2026-01-01","sessions":[{"from":"07:00","to":"11:00"}]},{"agency":"b","from":"2026-01-01","sessions":[{"from":"07:00","to":"11:00"}]}]}`},
		{"a season on 29 February", `{"version":"v","hours":[{"from":"2026-01-01","sessions":[{"from":"07:00","to":"11:00"}],"seasons":[{"from":"02-29","to":"02-29","sessions":[{"from":"08:00","to":"09:00"}]}]}]}`},
	} {
		if _, err := ParseCalendar([]byte(row.document)); err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestASentenceNamesFieldAndRule(t *testing.T) {
	_, err := ParseCalendar([]byte(`{"version":"v","hours":[{"from":"2026-01-01","sessions":[{"from":"07:30","to":"07:00"}]}]}`))
	const want = "reading the calendar: hours[0].sessions[0].to: must be after from"
	if fmt.Sprint(err) != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func FuzzParseCalendar(f *testing.F) {
	f.Add(StateCalendar())
	f.Add([]byte(`{"version":"v","hours":[{"agency":"a","from":"2026-01-01","sessions":[{"days":["mon"],"from":"07:00","to":"24:00"}],"seasons":[{"from":"12-01","to":"02-01","sessions":[{"from":"07:00","to":"08:00"}]}]}]}`))
	f.Add([]byte(`{"days":[{}],"hours":[[]]}`))
	from := at(f, "2026-01-02 16:30")
	f.Fuzz(func(t *testing.T, data []byte) {
		cal, err := ParseCalendar(data)
		if err != nil {
			var invalid *InvalidCalendar
			if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
				t.Fatalf("error %v names no problem", err)
			}
			return
		}
		again, err := reparse(cal)
		if err != nil {
			t.Fatalf("reading back: %v", err)
		}
		if !reflect.DeepEqual(cal, again) {
			t.Fatal("the calendar differs when read back")
		}
		if c, err := Due(cal, "a", from, WorkingHours(2)); err == nil && WorkingMinutes(cal, "a", from, c.Due) != c.Span.duration() {
			t.Fatalf("due %s is not two working hours after %s", c.Due, from)
		}
	})
}
