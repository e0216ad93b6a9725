package seed

import (
	"testing"
	"time"
)

func TestWorkingTimePassesInOfficeHoursAlone(t *testing.T) {
	rows := []struct {
		name, from string
		d          time.Duration
		want       string
	}{
		{"within a session", "2026-11-24T08:00", time.Hour, "2026-11-24T09:00"},
		{"over noon", "2026-11-24T10:30", time.Hour, "2026-11-24T13:30"},
		{"from the night", "2026-11-24T02:00", 15 * time.Minute, "2026-11-24T07:30"},
		{"over a weekend", "2026-11-27T16:30", time.Hour, "2026-11-30T07:45"},
		{"a whole day", "2026-11-24T07:15", officeDay, "2026-11-24T17:00"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			from, err := time.ParseInLocation("2006-01-02T15:04", row.from, zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := working(from, row.d).In(zone).Format("2006-01-02T15:04"); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestEveryCategoryHasEventsLeadsAndDays(t *testing.T) {
	share := 0
	for _, f := range frequent {
		share += f.share
		if len(events[f.category]) == 0 || len(leads[f.category]) == 0 || days[f.category] == 0 {
			t.Errorf("%s lacks something", f.category)
		}
	}
	if share != 100 || len(frequent) != len(events) {
		t.Errorf("the shares make %d, of %d categories", share, len(events))
	}
}
