package fleet_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/emulator/sqs"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/message"
	"paht/shared/report"
)

// faulty wants a request to be answered by a fault.
func (s *scene) faulty(call api.Call, status int, code string) {
	s.t.Helper()
	a, err := s.client.Do(s.ctx(), call)
	s.check(err)
	if a.Status != status || !strings.Contains(string(a.Body), `"code":"`+code+`"`) {
		s.t.Errorf("%s %s answered %d: %s", call.Method, call.Path, a.Status, a.Body)
	}
}

// What is not in the bucket is missing, and not an error of ours: each function that
// looks for a file is told so by the store.
func TestAFileThatIsMissingIsNamedToWhoeverLooksForIt(t *testing.T) {
	s := newScene(t)
	photo := fleet.JPEG(20, 12)
	slot := s.slot(photo)
	var shown contract.Upload
	s.check(s.do(http.StatusOK, api.Call{Method: http.MethodGet, Path: "/v1/uploads/" + slot.ID, Token: s.tokens[reporter]}).Into(&shown))
	if shown.State != "open" || shown.URL == "" {
		t.Errorf("a slot without its file is shown as %+v", shown)
	}

	encoded, err := json.Marshal(message.OfUpload(slot.ID))
	s.check(err)
	for _, q := range s.fleet.Template().Queues {
		if q.LogicalID == "MediaQueue" {
			_, err = s.fleet.AWS().Queues().Send(q.ARN, sqs.Outgoing{Body: string(encoded)})
			s.check(err)
		}
	}
	s.check(s.fleet.Pump(s.ctx()))
	if left := s.fleet.QueueDepths()["MediaQueue"]; left.Visible+left.InFlight+left.Delayed != 0 {
		t.Errorf("the check of a file that is not there is tried again: left are %+v", left)
	}

	h := s.received()
	file := s.signed()
	var result contract.Upload
	s.check(s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: part(h.code) + "/result-upload", Token: s.tokens[handler],
		Body: map[string]any{"size": len(file), "sha256": digest(file)}}).Into(&result))
	s.faulty(api.Call{Method: http.MethodPost, Path: part(h.code) + "/result", Token: s.tokens[handler], Match: h.part,
		Body: map[string]any{"upload": result.ID, "resultAt": s.fleet.Now().Truncate(time.Second).Format(time.RFC3339), "summary": summary}},
		http.StatusUnprocessableEntity, "upload_unfinished")

	h = s.edited()
	keys, err := s.fleet.Objects(s.ctx(), "upload/result/")
	s.check(err)
	for _, key := range keys {
		s.check(s.fleet.RemoveObject(s.ctx(), key))
	}
	s.faulty(api.Call{Method: http.MethodPost, Path: part(h.code) + "/publication", Token: s.tokens[editor], Match: h.part, Body: draft()},
		http.StatusConflict, "upload_unfinished")
	if found := strings.Join(s.deviations(), "\n"); len(keys) != 1 || !strings.Contains(found, h.code+" "+keys[0]+": ") {
		t.Errorf("the checker finds %s", found)
	}
}

// A file that no report takes is kept for a week, and then nothing of it is left.
func TestAFileThatNoReportTakesGoesWithItsCopiesAndItsSlot(t *testing.T) {
	s := newScene(t)
	taken, left := s.photo(), s.photo()
	body := s.submission()
	body["uploads"] = []any{taken}
	s.post(reporter, "/v1/reports", "", http.StatusCreated, body)
	of := func(id string) (found []string) {
		for _, prefix := range []string{"upload/", "clean/", "small/"} {
			keys, err := s.fleet.Objects(s.ctx(), prefix)
			s.check(err)
			found = append(found, slices.DeleteFunc(keys, func(key string) bool { return !strings.Contains(key, id) })...)
		}
		return found
	}
	slots := func(id string) int {
		items, err := s.fleet.Items("")
		s.check(err)
		return len(slices.DeleteFunc(items, func(i fleet.Item) bool { return !strings.HasSuffix(i.Text("pk"), id) }))
	}
	if len(of(left)) != 3 || slots(left) == 0 {
		t.Fatalf("before there are the files %v and %d items", of(left), slots(left))
	}
	s.fleet.Advance(8 * 24 * time.Hour)
	s.check(s.fleet.Settle(s.ctx()))
	if len(of(left)) != 0 || slots(left) != 0 {
		t.Errorf("of what nobody took there are the files %v and %d items", of(left), slots(left))
	}
	if len(of(taken)) != 3 || slots(taken) == 0 {
		t.Errorf("of what a report has there are the files %v and %d items", of(taken), slots(taken))
	}
}

func TestAnOfficerSeesThePictureAndItsSmallCopy(t *testing.T) {
	s := newScene(t)
	body := s.submission()
	body["uploads"] = []any{s.photo()}
	code := s.post(reporter, "/v1/reports", "", http.StatusCreated, body).code
	media := s.detail(screener, code).Media
	if len(media) != 1 {
		t.Fatalf("the officer is shown %+v", media)
	}
	for _, address := range []string{media[0].URL, media[0].Small} {
		a, err := s.client.Fetch(s.ctx(), address)
		s.check(err)
		if a.Header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(string(a.Body), "\xff\xd8") {
			t.Errorf("%s is of the type %q", address, a.Header.Get("Content-Type"))
		}
	}
}

// The check of a file may end between the report's look at it and the report's write:
// then the report itself is the one that must tell.
func TestAFileThatIsRejectedWhileItsReportIsSubmittedIsToldAtOnce(t *testing.T) {
	s := newScene(t)
	checked := true // until the file lies there
	s.fleet.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if function == "submit" && fleet.Describe(r).Operation == "PutItem" && !checked {
			checked = true
			s.fleet.Aside(1, func() {
				batches, err := s.fleet.Take(s.ctx())
				for _, b := range batches {
					if err == nil {
						err = s.fleet.Deliver(s.ctx(), b)
					}
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		return next.RoundTrip(r)
	})
	file := []byte("this is no picture at all")
	slot := s.slot(file)
	s.fill(slot, file)
	checked = false
	body := s.submission()
	body["uploads"] = []any{slot.ID}
	encoded, err := json.Marshal(body)
	s.check(err)
	a := s.fleet.HTTP(s.ctx(), http.MethodPost, "/v1/reports", encoded, "Idempotency-Key", api.Key(), "Content-Type", "application/json", "Authorization", "Bearer "+s.tokens[reporter])
	var out contract.Acted
	if err := json.Unmarshal(a.Body, &out); err != nil || a.Status != http.StatusCreated {
		t.Fatalf("the report answered %d: %s", a.Status, a.Body)
	}
	d := s.detail(screener, out.Report.ID)
	named := slices.ContainsFunc(d.History, func(e contract.Entry) bool { return e.Type == report.EventMediaRejected && e.Upload == slot.ID })
	if !named || len(d.Media) != 1 || d.Media[0].State != "rejected" {
		t.Errorf("the report is shown with %+v, and %+v", d.Media, d.History)
	}
	sent := 0
	for _, c := range s.fleet.Calls() {
		if c.Function == "submit" && c.Operation == "SendMessage" {
			sent++
		}
	}
	if sent < 2 {
		t.Errorf("submit sent %d messages: for the check, and for the notice", sent)
	}
}
