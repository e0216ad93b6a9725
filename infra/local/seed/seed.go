// Package seed gives a system a past: reports of the last months in every state,
// made by the functions' own steps through the API under a clock that is set
// back, so that a newcomer sees a living system. Nothing is written past the
// steps, and no notice leaves: queues and outbox are the fleet's own.
//
// It works on the made-up province of the demo. Like the fleet it runs on one
// machine only.
package seed

import (
	"container/heap"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
)

// day, and how many of them the past has: one a report, in these bounds.
const (
	day       = 24 * time.Hour
	leastDays = 14
	mostDays  = 120
)

// last is the end of the past, before the present, in which the machine still
// does what the last acts brought.
const last = 10 * time.Minute

// world is the past while it is made.
type world struct {
	fleet     *fleet.Fleet
	client    *api.Client
	random    *rand.Rand
	out       io.Writer
	end       time.Time
	plan      plan
	serial    int
	tokens    map[string]token
	places    []place
	agencies  []agency
	reporters []string
	open      map[string][]string // by category: reports that others can be duplicates of
}

type token struct {
	value string
	since time.Time
}

// act is something that somebody does at an instant.
type act struct {
	at time.Time
	n  int // orders acts of one instant
	do func(context.Context) error
}

type plan []act

func (p plan) Len() int { return len(p) }
func (p plan) Less(i, j int) bool {
	return p[i].at.Before(p[j].at) || p[i].at.Equal(p[j].at) && p[i].n < p[j].n
}
func (p plan) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *plan) Push(x any)   { *p = append(*p, x.(act)) }
func (p *plan) Pop() any {
	all := *p
	x := all[len(all)-1]
	*p = all[:len(all)-1]
	return x
}

// Fill makes as many reports on a standing system, up to the present. The folder
// is that of the province's documents.
func Fill(ctx context.Context, on fleet.Standing, redirect func(func(string, []byte) error), folder string, reports int, out io.Writer) (err error) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // the functions' logs of a past
	defer slog.SetDefault(before)
	end, past := time.Now().Truncate(time.Second), time.Duration(min(max(reports, leastDays), mostDays))*day
	f, err := fleet.On(on, end.Add(-past-day))
	if err != nil {
		return err
	}
	defer func() { err = joinLeave(err, f) }()
	redirect(f.Notified)
	w := &world{fleet: f, client: f.Client(), random: rand.New(rand.NewPCG(uint64(end.Unix()), uint64(reports))), out: out,
		end: end.Add(-last), tokens: map[string]token{}, open: map[string][]string{}}
	if err := w.prepare(ctx, folder); err != nil {
		return fmt.Errorf("preparing the past: %w", err)
	}
	for range reports {
		at := w.end.Add(-time.Duration(float64(past) * w.spread(past)))
		if day := w.daytime(at); !day.After(w.end) {
			at = day
		}
		w.at(at, w.submit)
	}
	if err := w.live(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "filled: %d reports from %s to %s\n", reports, end.Add(-past).Format("02/01/2006"), end.Format("02/01/2006"))
	return nil
}

func joinLeave(err error, f *fleet.Fleet) error {
	if left := f.Leave(); err == nil {
		return left
	}
	return err
}

// spread is how far back a report lies, as a share of the past: more of them lie
// near, and a tenth in the last two days, so that every queue holds some.
func (w *world) spread(past time.Duration) float64 {
	if w.random.IntN(10) == 0 {
		return w.random.Float64() * float64(2*day) / float64(past)
	}
	return w.random.Float64()
}

// at plans something; what would lie in the future is not done.
func (w *world) at(when time.Time, do func(context.Context) error) {
	if when.After(w.end) {
		return
	}
	w.serial++
	heap.Push(&w.plan, act{when, w.serial, do})
}

// live does what is planned, in its order, and lets the machine do its part.
func (w *world) live(ctx context.Context) error {
	for done, told := 0, time.Now(); w.plan.Len() > 0; done++ {
		next := heap.Pop(&w.plan).(act)
		if err := w.until(ctx, next.at); err != nil {
			return err
		}
		if err := next.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", w.fleet.Now().In(zone).Format("02/01/2006 15:04"), err)
		}
		w.fleet.ForgetCalls()
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			fmt.Fprintf(w.out, "filling: %s, %d acts\n", w.fleet.Now().In(zone).Format("02/01/2006"), done)
		}
	}
	for w.fleet.Now().Before(w.end.Add(last)) {
		w.fleet.Advance(min(time.Minute, w.end.Add(last).Sub(w.fleet.Now())))
		if err := w.fleet.Tick(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sweeping is how often the schedules fire while nobody acts: seldom enough to be
// soon over, often enough that what is late is found late by minutes.
const sweeping = 40 * time.Minute

// until lets time pass.
func (w *world) until(ctx context.Context, at time.Time) error {
	for now := w.fleet.Now(); now.Before(at); now = w.fleet.Now() {
		step := sweeping
		if hour := now.In(zone).Hour(); hour < 6 || hour >= 20 {
			step = 5 * time.Hour
		}
		w.fleet.Advance(min(step, at.Sub(now)))
		if err := w.fleet.Tick(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}
