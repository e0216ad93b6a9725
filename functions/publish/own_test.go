package publish

import (
	"testing"

	"paht/shared/report"
	"paht/shared/upload"
)

func TestWhichPicturesAreTheReportsOwn(t *testing.T) {
	r := report.Report{ID: "PA-1", Owner: "lan"}
	for _, row := range []struct {
		name string
		slot upload.Slot
		want bool
	}{
		{"attached to the report", upload.Slot{State: upload.Accepted, Owner: "lan", Report: "PA-1"}, true},
		{"named, and its attaching is owed still", upload.Slot{State: upload.Accepted, Owner: "lan"}, true},
		{"another report had it first", upload.Slot{State: upload.Accepted, Owner: "lan", Report: "PA-2"}, false},
		{"another account's, that nobody has", upload.Slot{State: upload.Accepted, Owner: "hoa"}, false},
		{"rejected", upload.Slot{State: upload.Rejected, Owner: "lan", Report: "PA-1"}, false},
		{"not checked yet", upload.Slot{State: upload.Open, Owner: "lan", Report: "PA-1"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := has(r, row.slot); got != row.want {
				t.Errorf("it is the report's own: %v", got)
			}
		})
	}
}
