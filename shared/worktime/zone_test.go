package worktime_test

import (
	"testing"
	"time"
	_ "time/tzdata" // what the embedded file is held against

	"paht/shared/worktime"
)

func TestTheEmbeddedZoneIsTheDatabasesOwn(t *testing.T) {
	want, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	if worktime.Zone.String() != want.String() {
		t.Errorf("it is named %s, want %s", worktime.Zone, want)
	}
	end := time.Date(worktime.LastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)
	for at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.AddDate(0, 0, 7) {
		name, offset := at.In(worktime.Zone).Zone()
		wantName, wantOffset := at.In(want).Zone()
		if name != wantName || offset != wantOffset {
			t.Fatalf("at %s it is %s %+d, want %s %+d", at, name, offset, wantName, wantOffset)
		}
	}
}
