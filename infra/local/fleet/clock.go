package fleet

import (
	"context"
	"sync"
	"time"
)

// Clock is the one clock of a fleet: it stands still until somebody moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *Clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// Now is the fleet's instant.
func (f *Fleet) Now() time.Time { return f.clock.Now() }

// Advance moves the clock in one leap. Nothing fires and nothing is delivered:
// it is as if schedules and consumers had been stopped meanwhile.
func (f *Fleet) Advance(d time.Duration) {
	f.clock.advance(d)
	f.aws.Wake()
}

// Sleep lets the system live for a time: the clock moves in steps of at most a
// minute, the schedule ticks every minute, and what is visible is delivered.
func (f *Fleet) Sleep(ctx context.Context, d time.Duration) error {
	for d > 0 {
		step := min(d, sweepEvery)
		f.Advance(step)
		d -= step
		if f.Now().Sub(f.ticked()) >= sweepEvery {
			if err := f.Tick(ctx); err != nil {
				return err
			}
			continue
		}
		if err := f.Pump(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// sweepEvery is the rate of the template's schedule, which a test compares.
const sweepEvery = time.Minute
