package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/story"
)

// Window is how long after a step of the story the next one is begun: longer than
// any message is invisible after a crash and any slot unlooked at, so that by then
// the machine has mended what a fault left behind, and people act at the same
// instants with and without it.
const Window = 12 * time.Minute

// Pilot plays the demo's story on a fleet, each step at its instant, as people
// would whose programs repeat what was not answered.
type Pilot struct {
	Fleet *Fleet
	Stage *story.Stage
	// Begin is told of each step before it is played.
	Begin func(ctx context.Context, step int) error
	// Together tells of steps after which the next is played in the same window.
	Together func(step int) bool
	// Sweeps tells after which steps the schedule ticks although nothing is due.
	Sweeps func(step int) bool
	// Repeats counts the requests that were sent again.
	Repeats int

	at    time.Time // of the step
	step  int
	keys  map[string]string
	inner int // keys of the step
}

// NewPilot begins a story, or goes on with one, from a step that is due now.
func NewPilot(f *Fleet, stage *story.Stage, step int) *Pilot {
	p := &Pilot{Fleet: f, at: f.Now(), step: step, keys: map[string]string{}}
	p.Stage = stage.Again(p.Client())
	return p
}

// Client is that of the people of the story: it repeats what was not answered,
// with the same key, and its keys are the same in every run.
func (p *Pilot) Client() *api.Client {
	return &api.Client{Base: origin, HTTP: &http.Client{Transport: steady{p, door{p.Fleet}}}, Clock: p}
}

// Now implements api.Clock.
func (p *Pilot) Now() time.Time { return p.Fleet.Now() }

// Sleep implements api.Clock: whoever waits, waits until the machine has done
// what it can, but not beyond the step's window.
func (p *Pilot) Sleep(ctx context.Context, d time.Duration) error {
	end := p.Fleet.Now().Add(d)
	if err := p.Fleet.Quiet(ctx, p.at.Add(Window)); err != nil {
		return err
	}
	if now := p.Fleet.Now(); now.Before(end) {
		p.Fleet.Advance(end.Sub(now))
	}
	return ctx.Err()
}

// Play plays the rest of the story.
func (p *Pilot) Play(ctx context.Context) error {
	for p.Stage.Next() != "" {
		if err := p.Step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Step plays the next step and lets its window pass.
func (p *Pilot) Step(ctx context.Context) error {
	if p.Begin != nil {
		if err := p.Begin(ctx, p.step); err != nil {
			return err
		}
	}
	p.inner = 0
	if pause := p.Stage.Pause(); pause > 0 {
		p.at = p.at.Add(pause)
		if err := p.rest(ctx); err != nil {
			return err
		}
	}
	if err := p.Stage.Step(ctx); err != nil {
		return err
	}
	if p.Sweeps != nil && p.Sweeps(p.step) {
		if err := p.Fleet.Tick(ctx); err != nil {
			return err
		}
	}
	p.step++
	if p.Together != nil && p.Together(p.step-1) {
		return nil
	}
	p.at = p.at.Add(Window)
	return p.rest(ctx)
}

// rest lets the system live until the instant of the next step.
func (p *Pilot) rest(ctx context.Context) error {
	if err := p.Fleet.Quiet(ctx, p.at); err != nil {
		return err
	}
	if now := p.Fleet.Now(); now.Before(p.at) {
		p.Fleet.Advance(p.at.Sub(now))
	}
	return nil
}

// Quiet lets the system live until nothing is owed or under way, but not beyond
// an instant. The clock leaps from one instant at which something can happen to
// the next, and the schedule ticks where something is due.
func (f *Fleet) Quiet(ctx context.Context, until time.Time) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		next, owed, err := f.nextOwed()
		if err != nil {
			return err
		}
		if owed && !next.After(f.Now()) {
			err = f.Tick(ctx)
		} else {
			err = f.Pump(ctx)
		}
		if err != nil {
			return err
		}
		if next, owed, err = f.nextOwed(); err != nil {
			return err
		}
		waiting := f.waiting() > 0
		if !owed && !waiting {
			return ctx.Err()
		}
		left := until.Sub(f.Now())
		if left <= 0 {
			return ctx.Err()
		}
		leap := left
		if owed {
			leap = min(leap, max(next.Sub(f.Now()), time.Second))
		}
		if waiting {
			leap = min(leap, wait)
		}
		f.Advance(leap)
	}
}

// nextOwed is Owed at its earliest, reading no more than what can owe something.
func (f *Fleet) nextOwed() (next time.Time, owed bool, err error) {
	stored, err := f.aws.Items(f.table)
	if err != nil {
		return next, false, err
	}
	for _, one := range stored {
		if !canOwe(one.Hash, one.Range) {
			continue
		}
		encoded := one.JSON()
		if !bytes.Contains(encoded, []byte(`"da":{`)) {
			continue
		}
		var item Item
		if err := json.Unmarshal(encoded, &item); err != nil {
			return next, false, fmt.Errorf("reading an item: %w", err)
		}
		o, owes, err := owedBy(item)
		if err != nil {
			return next, false, err
		}
		if owes && (!owed || o.At.Before(next)) {
			next, owed = o.At, true
		}
	}
	return next, owed, nil
}

func canOwe(pk, sk string) bool {
	switch pk[:min(2, len(pk))] {
	case "R#", "S#":
		return sk == "s"
	case "U#":
		return sk == "a" || len(sk) > 2 && sk[:2] == "n#"
	case "N#":
		return true
	}
	return false
}

// steady repeats what was not answered, and gives keys their names.
type steady struct {
	pilot *Pilot
	door  http.RoundTripper
}

// patience bounds how often a request is repeated.
const patience = 8

// RoundTrip implements http.RoundTripper.
func (s steady) RoundTrip(r *http.Request) (*http.Response, error) {
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		if s.pilot.keys[key] == "" {
			s.pilot.inner++
			s.pilot.keys[key] = fmt.Sprintf("key-%d-of-step-%d", s.pilot.inner, s.pilot.step)
		}
		r.Header.Set("Idempotency-Key", s.pilot.keys[key])
	}
	for try := 1; ; try++ {
		again := r
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				return nil, err
			}
			again = r.Clone(r.Context())
			again.Body = body
		}
		response, err := s.door.RoundTrip(again)
		if err != nil || response.StatusCode < http.StatusInternalServerError || try == patience {
			return response, err
		}
		_ = response.Body.Close()
		s.pilot.Repeats++
		if try > 1 {
			s.pilot.Fleet.Advance(time.Second) // one repeat at once, the others with a pause
		}
	}
}
