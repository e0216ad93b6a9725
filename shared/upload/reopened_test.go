package upload_test

import (
	"errors"
	"testing"
	"time"

	"paht/shared/upload"
)

func TestAnUploadIsOpenedAgainForItsReportAlone(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	photo := upload.Slot{ID: "a", Version: 3, Owner: "lan", Purpose: upload.Photo, State: upload.Accepted, Report: "PA-1", Width: 2, Height: 3, Created: at.Add(-time.Hour)}
	for name, row := range map[string]struct {
		change  func(*upload.Slot)
		present bool
		want    upload.State // "" where nothing changes
		check   bool
	}{
		"accepted, and the file is there":    {func(*upload.Slot) {}, true, upload.Open, true},
		"accepted, and the file is lost":     {func(*upload.Slot) {}, false, upload.Closed, false},
		"rejected, and the file is lost":     {func(s *upload.Slot) { s.State, s.Reason = upload.Rejected, "wrong_size" }, false, upload.Closed, false},
		"closed":                             {func(s *upload.Slot) { s.State = upload.Closed }, false, "", false},
		"not checked yet":                    {func(s *upload.Slot) { s.State = upload.Open }, false, "", false},
		"of no report":                       {func(s *upload.Slot) { s.Report = "" }, false, "", false},
		"a signed result is asked of people": {func(s *upload.Slot) { s.Purpose = upload.Result }, false, "", false},
	} {
		s := photo
		row.change(&s)
		open, err := s.Reopened(at)
		if row.want == "" {
			if !errors.Is(err, upload.ErrNothing) || open != s {
				t.Errorf("%s: %+v, %v", name, open, err)
			}
			continue
		}
		if err != nil || open.State != upload.Open || open.Version != s.Version+1 || open.Reason != "" || open.Width+open.Height != 0 || open.Attention == nil || !open.Attention.Equal(at) {
			t.Errorf("%s: opened as %+v, %v", name, open, err)
		}
		next, check, err := open.Looked(row.present, at)
		if err != nil || next.State != row.want || check != row.check || next.MustTell() != (row.want == upload.Closed) {
			t.Errorf("%s: the sweep makes it %+v, %v, %v", name, next, check, err)
		}
	}
}
