package fleet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/emulator/sqs"
	"paht/infra/local/fleet"
	"paht/infra/local/system"
)

// stateOf reads a report's stored state.
type stateOf struct {
	State  string `json:"state"`
	Clocks []struct {
		Name     string     `json:"name"`
		Due      time.Time  `json:"due"`
		Done     *time.Time `json:"done"`
		Breached int        `json:"breached"`
	} `json:"clocks"`
}

func (s *scene) state(code string) (state stateOf) {
	s.t.Helper()
	items, err := s.fleet.Items("R#" + code)
	s.check(err)
	for _, i := range items {
		if i.Text("sk") == "s" {
			s.check(i.Document(&state))
			return state
		}
	}
	s.t.Fatalf("report %s is not stored", code)
	return state
}

// told gives how often each letter about a report left the system.
func (s *scene) told(codes ...string) map[string]int {
	s.t.Helper()
	mails, err := s.fleet.Mails()
	s.check(err)
	times := map[string]int{}
	for _, m := range mails {
		for _, code := range codes {
			if strings.Contains(m.GivenMessageID, code) {
				times[m.GivenMessageID]++
			}
		}
	}
	return times
}

// nothingWrong wants nothing that is stored to be wrong, and no queue to hold anything.
func (s *scene) nothingWrong() {
	s.t.Helper()
	truth, err := s.fleet.Truth(s.ctx())
	s.check(err)
	for _, wrong := range truth.Wrong {
		s.t.Error(wrong)
	}
}

// enqueue puts a message on the queue of a function.
func (s *scene) enqueue(queue, body string) {
	s.t.Helper()
	for _, q := range s.fleet.Template().Queues {
		if q.LogicalID == queue {
			_, err := s.fleet.AWS().Queues().Send(q.ARN, sqs.Outgoing{Body: body})
			s.check(err)
		}
	}
}

func TestConsumersThatWereStoppedForThreeDaysDrainAndTellNobodyTwice(t *testing.T) {
	s := newScene(t)
	s.fleet.Halt(true)
	withPhoto := s.submitUnchecked(fleet.JPEG(20, 20))
	var waiting, accepted []string
	for range 5 {
		waiting = append(waiting, s.submitted().code)
		accepted = append(accepted, s.accepted().code)
	}
	sent := s.transferred()
	for range 3 * 24 * 6 { // the schedule fires on; every ten minutes here
		s.fleet.Advance(10 * time.Minute)
		s.check(s.fleet.Fire())
	}
	if depth := s.fleet.QueueDepths()["ScreenQueue"]; depth.Visible < 7 {
		t.Fatalf("the backlog is %+v", depth)
	}
	if told := s.told(append(accepted, sent.code)...); len(told) > 0 {
		t.Fatalf("while the consumers were stopped these letters left: %v", told)
	}
	s.fleet.Halt(false)
	s.check(s.fleet.Pump(s.ctx()))
	s.check(s.fleet.Settle(s.ctx()))
	s.nothingWrong()
	for _, code := range append(waiting, withPhoto) {
		r := s.state(code)
		if c := r.Clocks[0]; r.State != "screening" || c.Name != "screening" || c.Done != nil || c.Breached == 0 {
			t.Errorf("report %s is %s with the clock %+v: it was due long ago", code, r.State, c)
		}
	}
	for _, code := range accepted {
		r := s.state(code)
		if c := r.Clocks[0]; r.State != "routing" || c.Done == nil || !c.Done.After(c.Due) {
			t.Errorf("report %s is %s with the clock %+v: its answer was late", code, r.State, c)
		}
	}
	told := s.told(append(accepted, sent.code)...)
	for letter, n := range told {
		if n != 1 {
			t.Errorf("the letter %s was sent %d times", letter, n)
		}
	}
	if len(told) != len(accepted)+1 {
		t.Errorf("the letters sent are %v", told)
	}
	if d := s.detail(screener, withPhoto); d.Media[0].State != "accepted" {
		t.Errorf("the photo is shown as %+v", d.Media)
	}
}

func TestAMessageThatCannotBeReadIsParkedAndTheRestOfItsBatchGoesOn(t *testing.T) {
	s := newScene(t)
	s.fleet.Halt(true)
	first := s.submitted().code
	for _, body := range []string{"no JSON", `{"v":1,"type":"report.withdrawn","report":"PA-0000000000"}`, `{"type":"nothing.known"}`} {
		s.enqueue("ScreenQueue", body)
	}
	second := s.submitted().code
	s.fleet.Halt(false)
	s.check(s.fleet.Pump(s.ctx()))
	for _, code := range []string{first, second} {
		if r := s.state(code); r.State != "screening" {
			t.Errorf("report %s is %s", code, r.State)
		}
	}
	parked, err := s.fleet.Items("PARK#screen")
	s.check(err)
	var bodies []string
	for _, i := range parked {
		if i.Text("reason") == "" || i.Text("at") == "" {
			t.Errorf("the parked message %s has the reason %q", i.Key(), i.Text("reason"))
		}
		bodies = append(bodies, string(i["body"].B))
	}
	if len(bodies) != 3 || !slices.Contains(bodies, "no JSON") {
		t.Errorf("parked are %q", bodies)
	}
	for _, name := range []string{"ScreenQueue", "ScreenDeadQueue"} {
		if depth := s.fleet.QueueDepths()[name]; depth != (sqs.Counts{}) {
			t.Errorf("%s holds %+v", name, depth)
		}
	}
}

func TestAMessageThatAlwaysFailsStandsInTheDeadLetterQueueAndComesBackByRedrive(t *testing.T) {
	s := newScene(t)
	s.fleet.Halt(true)
	sick, well := s.submitted().code, s.submitted().code
	tries := 0
	s.fleet.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		site, err := siteOf(function, r)
		if err != nil {
			return nil, err
		}
		if site == "screen dynamodb.Query R" && s.asks(r, sick) {
			tries++
			return nil, fleet.ErrInjected
		}
		return next.RoundTrip(r)
	})
	s.fleet.Halt(false)
	for range 12 { // without the sweep, which would send the message again
		s.check(s.fleet.Pump(s.ctx()))
		s.fleet.Advance(2 * time.Minute)
	}
	if r := s.state(well); r.State != "screening" {
		t.Errorf("the other report is %s", r.State)
	}
	if r := s.state(sick); r.State != "submitted" || tries != 5*3 { // five times, each with the SDK's three
		t.Errorf("the report is %s after %d tries", r.State, tries)
	}
	if shown := s.shown("paht-ScreenDeadQueue"); shown.Visible != 1 {
		t.Errorf("the dead-letter queue is shown as %+v", shown)
	}
	s.fleet.SetFaults(nil)
	// Meanwhile the sweep has sent the message again: it does nothing twice.
	s.check(s.fleet.Settle(s.ctx()))
	for range 2 {
		moved, err := system.Redrive(s.fleet.AWS().Queues(), "screen")
		s.check(err)
		if moved.Queue != "paht-ScreenDeadQueue" {
			t.Errorf("redriven was %+v", moved)
		}
		s.check(s.fleet.Settle(s.ctx()))
	}
	s.nothingWrong()
	truth, err := s.fleet.Truth(s.ctx())
	s.check(err)
	for _, code := range []string{sick, well} {
		if r := s.state(code); r.State != "screening" || !slices.Contains(truth.Facts, fmt.Sprintf("report %s: report.screening happened 1 times", code)) {
			t.Errorf("report %s is %s", code, r.State)
		}
	}
}

// asks tells whether a call on the table names a report.
func (s *scene) asks(r *http.Request, code string) bool {
	s.t.Helper()
	body, err := io.ReadAll(r.Body)
	s.check(err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var asked struct {
		Values map[string]fleet.Attribute `json:"ExpressionAttributeValues"`
	}
	s.check(json.Unmarshal(body, &asked))
	return asked.Values[":h"].S != nil && *asked.Values[":h"].S == "R#"+code
}

// shown is what an operator sees of a queue.
func (s *scene) shown(name string) system.Queue {
	s.t.Helper()
	all, err := system.Queues(s.fleet.AWS().Queues())
	s.check(err)
	for _, q := range all {
		if q.Name == name {
			return q
		}
	}
	s.t.Fatalf("no queue %s is shown", name)
	return system.Queue{}
}
