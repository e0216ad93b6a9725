package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/functions/sla"
	"paht/infra/demo/api"
	"paht/infra/emulator/sqs"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/ledger"
)

// apart is a system under traffic of which table and bucket are kept at two
// instants: what was done before the first, between the two, and what was under
// way at each.
type apart struct {
	*scene

	first, second *fleet.Checkpoint
	// Reports by what was done between the two instants.
	photo, checked, released, concluded handled
	picture                             string // of the report photo: uploaded between
	waiting                             string // of the report checked: uploaded before, checked between
	result                              []byte // of the report concluded
}

// twoMinutes plays: each report is where its name says when the second is taken.
func twoMinutes(t *testing.T) *apart {
	t.Helper()
	a := &apart{scene: sceneOf(t, fleet.Options{})}
	a.released, _ = a.withPicture()
	a.concluded = a.received()
	a.checked, a.waiting = a.unchecked()
	var err error
	a.first, err = a.fleet.Checkpoint(t.Context())
	a.check(err)

	a.check(a.fleet.Sleep(t.Context(), time.Minute)) // the photo that waited is checked
	a.picture = a.scene.photo()
	body := a.submission()
	body["uploads"] = []any{a.picture}
	a.photo = a.post(reporter, "/v1/reports", "", http.StatusCreated, body)
	release := draft()
	release["media"] = []any{map[string]any{"upload": a.media(a.released.code), "checked": true}}
	a.released = a.post(editor, part(a.released.code)+"/publication", a.released.part, http.StatusOK, release)
	a.result = a.signed()
	a.concluded = a.post(handler, part(a.concluded.code)+"/result", a.concluded.part, http.StatusOK, a.conclusion(a.concluded.code, a.result))
	a.check(a.fleet.Sleep(t.Context(), time.Minute))
	a.second, err = a.fleet.Checkpoint(t.Context())
	a.check(err)
	return a
}

// unchecked submits a report whose photo is there, and was not looked at.
func (s *scene) unchecked() (handled, string) {
	s.t.Helper()
	file := fleet.JPEG(33, 21)
	slot := s.slot(file)
	s.fleet.Halt(true)
	defer s.fleet.Halt(false)
	s.fill(slot, file)
	body := s.submission()
	body["uploads"] = []any{slot.ID}
	return s.post(reporter, "/v1/reports", "", http.StatusCreated, body), slot.ID
}

func (s *scene) media(code string) string {
	s.t.Helper()
	return s.detail(editor, code).Media[0].Upload
}

// restored goes on from a table and a bucket: a new stack, whose queues are empty.
func (a *apart) restored(t *testing.T, table, bucket *fleet.Checkpoint) *scene {
	t.Helper()
	s := *a.scene
	s.t, s.fleet = t, fleet.From(t, table.With(bucket), fleet.Options{})
	s.client = s.fleet.Client()
	for _, q := range s.fleet.Template().Queues {
		for {
			messages, err := s.fleet.AWS().Queues().Receive(s.ctx(), q.ARN, sqs.Request{Max: 10, Wait: new(time.Duration)})
			s.check(err)
			for _, m := range messages {
				s.check(s.fleet.AWS().Queues().Delete(q.ARN, m.Receipt))
			}
			if len(messages) == 0 {
				break
			}
		}
	}
	return &s
}

// verified are the deviations that the operation verify finds.
func (s *scene) verified() []ledger.Deviation {
	s.t.Helper()
	answer, err := s.fleet.Invoke(s.ctx(), "admin", []byte(`{"operation":"verify","from":"2026-03-10","reports":500}`))
	s.check(err)
	var found ledger.Answer
	s.check(json.Unmarshal(answer, &found))
	if found.Checked.Reports == 0 || found.Next != "" {
		s.t.Errorf("checked was %+v", found.Checked)
	}
	return found.Deviations
}

// mended gives what was found to the operation mend, and lets the sweep run.
func (s *scene) mended(found []ledger.Deviation) sla.Mending {
	s.t.Helper()
	event, err := json.Marshal(map[string]any{"operation": "mend", "deviations": found})
	s.check(err)
	answer, err := s.fleet.Invoke(s.ctx(), "sla", event)
	s.check(err)
	var out sla.Mending
	s.check(json.Unmarshal(answer, &out))
	s.check(s.fleet.Settle(s.ctx()))
	return out
}

func (s *scene) clean(when string) {
	s.t.Helper()
	for _, d := range s.verified() {
		s.t.Errorf("%s: %+v", when, d)
	}
}

func named(found []ledger.Deviation, report, where string) bool {
	return slices.ContainsFunc(found, func(d ledger.Deviation) bool { return d.Report == report && strings.HasPrefix(d.Where, where) })
}

// The bucket is two minutes older than the table: files are missing of which the
// table knows.
func TestABucketOlderThanItsTableIsMended(t *testing.T) {
	a := twoMinutes(t)
	s := a.restored(t, a.second, a.first)
	found := s.verified()
	public := "public/" + a.released.code
	for _, row := range []struct{ what, report, where string }{
		{"a photo that came between", a.photo.code, "upload/photo/" + a.picture},
		{"its clean copy", a.photo.code, "clean/" + a.picture},
		{"the copy of a photo that was checked between", a.checked.code, "clean/" + a.waiting},
		{"the small one", a.checked.code, "small/" + a.waiting},
		{"the public copies of a part that was released between", a.released.code, public},
		{"a signed result that came between", a.concluded.code, "upload/result/"},
	} {
		if !named(found, row.report, row.where) {
			t.Errorf("verify does not name %s (%s): %v", row.what, row.where, found)
		}
	}
	out := s.mended(found)
	if out.Reports != 1 || out.Reopened != 2 || len(out.Left) != 1 || !strings.HasPrefix(out.Left[0].Where, "upload/result/") {
		t.Errorf("mending answered %+v", out)
	}
	// What is left is asked of the agency, which has the file that it signed.
	s.check(s.fleet.PutObject(s.ctx(), out.Left[0].Where, "application/pdf", a.result, time.Date(2037, 1, 1, 0, 0, 0, 0, contract.Zone)))
	s.clean("after the sweep")
	// The photo that is gone is asked of the reporter again.
	d := s.detail(screener, a.photo.code)
	if d.Media[0].State != "closed" || !slices.ContainsFunc(d.History, func(e contract.Entry) bool { return e.Type == "media.rejected" }) {
		t.Errorf("the lost photo is shown as %+v", d.Media)
	}
	if state := s.detail(screener, a.checked.code).Media[0].State; state != "accepted" {
		t.Errorf("the photo whose copies were lost is %s", state)
	}
	mails, err := s.client.Mails(s.ctx(), email(reporter))
	s.check(err)
	if !slices.ContainsFunc(mails, func(m api.Mail) bool {
		return strings.Contains(m.Subject+m.Text, a.photo.code) && strings.Contains(m.Subject, "không dùng được")
	}) {
		t.Errorf("the reporter was not told of the lost photo: %+v", mails)
	}
}

// The table is two minutes older than the bucket: files are there of which the
// table knows nothing, and nothing that stands in the table is missing.
func TestATableOlderThanItsBucketIsMended(t *testing.T) {
	a := twoMinutes(t)
	s := a.restored(t, a.first, a.second)
	found := s.verified()
	out := s.mended(found)
	if len(out.Left) != 0 {
		t.Errorf("mending left %+v", out.Left)
	}
	s.clean("after the sweep")
	if state := s.detail(screener, a.checked.code).Media[0].State; state != "accepted" {
		t.Errorf("the photo that waited for its check is %s", state)
	}
	// What people did between is done again, over what lies there.
	h := s.detail(editor, a.released.code)
	release := draft()
	release["media"] = []any{map[string]any{"upload": h.Media[0].Upload, "checked": true}}
	s.post(editor, part(a.released.code)+"/publication", h.Assignments[0].ETag, http.StatusOK, release)
	s.check(s.fleet.Settle(s.ctx()))
	s.clean("after the release was repeated")
}

// A restored pair that belongs together has nothing to mend, and the operation
// changes nothing that was not named.
func TestWhatIsRestoredToOneInstantHasNothingToMend(t *testing.T) {
	a := twoMinutes(t)
	s := a.restored(t, a.second, a.second)
	if found := s.verified(); len(found) != 0 { // or the two above would prove nothing
		t.Errorf("verify finds %+v", found)
	}
	if out := s.mended(nil); fmt.Sprint(out) != fmt.Sprint(sla.Mending{Left: nil}) {
		t.Errorf("mending answered %+v", out)
	}
	s.clean("after the sweep")
}
