package fleet_test

import (
	"net/http"
	"testing"
	"time"

	"paht/infra/local/fleet"
)

// A worker dies with an intent in its hands. The lease passes, the message comes
// again, and three workers at once see that nobody holds it: one takes it over.
func TestThreeWorkersTakeOverFromADeadOneOnce(t *testing.T) {
	for seed := range uint64(3) {
		s := newScene(t)
		s.warm()
		w := s.watch()
		before := s.letters()
		code := s.accepted().code
		s.fleet.Advance(2 * time.Minute)
		died := false
		s.fleet.SetFaults(w.hook(func(function string, r *http.Request, way http.RoundTripper) (*http.Response, error) {
			if function == "notify" && fleet.Describe(r).Service == "ses" {
				died = true
				fleet.Crash() // it has the intent, and nothing has left
			}
			return way.RoundTrip(r)
		}))
		batches, err := s.fleet.Take(s.ctx())
		s.check(err)
		for _, b := range batches {
			s.check(s.fleet.Deliver(s.ctx(), b))
		}
		if !died {
			t.Fatal("no letter was handed over")
		}
		s.fleet.SetFaults(w.hook(passed))
		s.fleet.Advance(15 * time.Minute)
		again, err := s.fleet.Take(s.ctx())
		s.check(err)
		if len(again) != 1 || again[0].Function() != "notify" {
			t.Fatalf("seed %d: of the messages there came again %+v", seed, again)
		}
		s.together(w, seed, s.worker(again[0]), s.worker(again[0]), s.worker(again[0]))
		s.sound(w)
		for id, n := range s.letters() {
			if n != before[id] && n != 1 {
				t.Errorf("seed %d: the letter %s left %d times", seed, id, n)
			}
		}
		if n := s.events(code)["answer.sent"]; n != 1 {
			t.Errorf("seed %d: that the answer was handed over is recorded %d times", seed, n)
		}
	}
}
