package fleet_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// together runs several things at once, one external call at a time in an order
// that the seed gives, under a watch.
func (s *scene) together(w *watch, seed uint64, runs ...func(ctx context.Context)) {
	turns := newTurns(len(runs), seed)
	s.fleet.SetFaults(w.hook(turns.hook))
	defer s.fleet.SetFaults(w.hook(passed))
	turns.all(len(runs), func(client int) { runs[client](as(s.ctx(), client)) })
}

func passed(_ string, r *http.Request, way http.RoundTripper) (*http.Response, error) {
	return way.RoundTrip(r)
}

// workers has each message taken by three workers at once, until there are none.
func (s *scene) workers(w *watch, seed uint64) {
	s.t.Helper()
	for range 40 {
		batches, err := s.fleet.Take(s.ctx())
		s.check(err)
		if len(batches) == 0 {
			return
		}
		var runs []func(ctx context.Context)
		for _, b := range batches {
			for range 3 {
				runs = append(runs, s.worker(b))
			}
		}
		s.together(w, seed, runs...)
	}
	s.t.Fatal("the messages have no end")
}

func (s *scene) worker(b fleet.Batch) func(ctx context.Context) {
	return func(ctx context.Context) { s.check(s.fleet.Deliver(ctx, b)) }
}

// sweeps has two sweeps and more at once.
func (s *scene) sweeps(w *watch, seed uint64, more ...func(ctx context.Context)) {
	s.t.Helper()
	s.check(s.fleet.Fire())
	batches, err := s.fleet.Take(s.ctx())
	s.check(err)
	for _, b := range batches {
		more = append(more, s.worker(b))
		if b.Function() == "sla" {
			more = append(more, s.worker(b))
		}
	}
	s.together(w, seed, more...)
}

func TestThreeWorkersWithTheSameMessageDoItOnce(t *testing.T) {
	for seed := range uint64(2) {
		s := newScene(t)
		s.warm()
		w := s.watch()
		before := s.letters()
		file := fleet.JPEG(20, 20)
		if seed%2 == 1 {
			file = []byte("no picture at all, and as long as one may be")
		}
		code := s.submitUnchecked(file)
		s.workers(w, seed)
		h := s.act(w, seed, screener, code, "/acceptance", map[string]any{})
		h = s.act(w, seed, router, h, "/transfer", bodies["transfer"])
		h = s.act(w, seed, handler, h, "/assignments/a1/receipt", nil)
		h = s.act(w, seed, handler, h, "/assignments/a1/progress", bodies["progress"])
		h = s.act(w, seed, handler, h, "/assignments/a1/result", s.conclusion(code, s.signed()))
		s.act(w, seed, editor, h, "/assignments/a1/publication", draft())
		s.sound(w)
		for id, n := range s.letters() {
			if n != before[id] && n != 1 {
				t.Errorf("seed %d: the letter %s left %d times", seed, id, n)
			}
		}
		for kind, n := range s.events(code) {
			if n != 1 {
				t.Errorf("seed %d: there are %d events %s", seed, n, kind)
			}
		}
	}
}

// act acts on a report as it stands, then has the messages of that taken by
// several workers, those too that wait for a while.
func (s *scene) act(w *watch, seed uint64, who, code, door string, body any) string {
	s.t.Helper()
	d := s.detail(screener, code)
	match := d.ETag
	if len(d.Assignments) > 0 {
		match = d.Assignments[0].ETag
	}
	a := s.ask(-1, http.MethodPost, "/v1/reports/"+code+door, who, match, api.Key(), body)
	if a.Status != http.StatusOK {
		s.t.Fatalf("%s answered %d: %s", door, a.Status, a.Body)
	}
	s.workers(w, seed)
	s.fleet.Advance(2 * time.Minute)
	s.workers(w, seed)
	return code
}

// failing fails every call on the queues: nothing is sent on the fast path.
func failing(_ string, r *http.Request, way http.RoundTripper) (*http.Response, error) {
	if fleet.Describe(r).Service == "sqs" {
		return nil, fleet.ErrInjected
	}
	return way.RoundTrip(r)
}

func TestTwoSweepsAndAnOfficerAtOnceDoWhatIsOwedOnce(t *testing.T) {
	s := newScene(t)
	s.warm()
	for seed := range uint64(3) {
		w := s.watch()
		before := s.letters()
		s.fleet.SetFaults(w.hook(failing))
		photo := s.slot(fleet.JPEG(20, 20))
		s.fill(photo, fleet.JPEG(20, 20))
		body := s.submission()
		body["uploads"] = []any{photo.ID}
		code := s.post(reporter, "/v1/reports", "", http.StatusCreated, body).code
		for _, step := range []struct {
			who, door string
			body      any
		}{
			{screener, "/supplement-request", bodies["ask"]}, {screener, "/acceptance", map[string]any{}}, {router, "/transfer", bodies["transfer"]},
			{handler, "/assignments/a1/receipt", nil}, {handler, "/assignments/a1/return", bodies["return"]},
		} {
			// What the act before owes is due; the officer comes at the same time.
			s.fleet.Advance(6 * time.Minute)
			status := 0
			s.sweeps(w, seed, func(ctx context.Context) {
				status = s.later(ctx, step.who, code, step.door, step.body)
			})
			if status == http.StatusPreconditionFailed || status >= http.StatusInternalServerError {
				t.Errorf("seed %d: %s was answered %d", seed, step.door, status)
			}
			s.fleet.SetFaults(w.hook(failing))
			if status != http.StatusOK {
				t.Fatalf("seed %d: %s was answered %d", seed, step.door, status)
			}
		}
		s.sound(w)
		for id, n := range s.letters() {
			if n != before[id] && n != 1 {
				t.Errorf("seed %d: the letter %s left %d times", seed, id, n)
			}
		}
		for kind, n := range s.events(code) {
			if n != 1 && kind != "clock.breached" {
				t.Errorf("seed %d: there are %d events %s", seed, n, kind)
			}
		}
	}
}

// later acts on a report as it stands, in the context of a client of the turns.
func (s *scene) later(ctx context.Context, who, code, door string, body any) int {
	headers := []string{"Authorization", "Bearer " + s.tokens[who], "Content-Type", "application/json"}
	read := s.fleet.HTTP(ctx, http.MethodGet, "/v1/reports/"+code, nil, "Authorization", "Bearer "+s.tokens[screener])
	var d contract.Detail
	if err := json.Unmarshal(read.Body, &d); err != nil || read.Status != http.StatusOK {
		return read.Status
	}
	match := d.ETag
	if strings.Contains(door, "/assignments/") && len(d.Assignments) > 0 {
		match = d.Assignments[0].ETag
	}
	var encoded []byte
	if body != nil {
		encoded, _ = json.Marshal(body) // maps of strings
	}
	a := s.fleet.HTTP(ctx, http.MethodPost, "/v1/reports/"+code+door, encoded, append(headers, "Idempotency-Key", api.Key(), "If-Match", match)...)
	return a.Status
}
