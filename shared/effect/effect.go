// Package effect carries out what a stored change still owes, and is the one
// runner that the steps and the sweep share: load → decide → one conditional
// write → effects → done. What is not done here is found by the sweep, which
// runs the same code. It imports no AWS.
package effect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paht/shared/report"
)

// ErrVersion is what Save answers when the stored version is not the one that
// the change was decided on: the caller loads and decides again.
var ErrVersion = errors.New("the stored version has moved")

// ErrNotHere is a carrier's word that this function does not carry out that
// effect: it stays owed, for the sweep.
var ErrNotHere = errors.New("not carried out here")

// Store keeps reports.
type Store interface {
	// Load reads a report with its whole history, consistently. A missing one is
	// a fault not_found.
	Load(ctx context.Context, id string) (report.History, error)
	// Save writes a change on the condition of the version before, its displaced
	// event first, and gives the report as stored; ErrVersion when the condition
	// fails, which for a submission means that the id is taken.
	Save(ctx context.Context, change report.Change) (report.Report, error)
}

// Carrier carries out one effect of a stored report. settled tells that all else
// that the report owes is done. A repeat is harmless.
type Carrier interface {
	Carry(ctx context.Context, r report.Report, e report.Effect, settled bool) error
}

// Flow is the rule that loses nothing, over a store and a carrier.
type Flow struct {
	Store   Store
	Carrier Carrier
	Now     func() time.Time
	// Failed is told of an effect that failed on the fast path: it stays owed.
	Failed func(ctx context.Context, id string, e report.Effect, err error)
}

// attempts bounds how often a decision is taken anew when others write at the
// same time; the queue or the client repeats after that.
const attempts = 8

// Decide is a pure decision over what is stored.
type Decide func(h report.History) (report.Change, error)

// Act loads, decides and writes until the version stands still, then carries out
// what is owed. It gives the report as it stands after, and the event of the act.
// A decision's fault is returned as it is.
func (f Flow) Act(ctx context.Context, id string, decide Decide) (report.Report, report.Event, error) {
	for range attempts {
		h, err := f.Store.Load(ctx, id)
		if err != nil {
			return report.Report{}, report.Event{}, err
		}
		change, err := decide(h)
		if err != nil {
			return h.Report, report.Event{}, err
		}
		stored, err := f.Store.Save(ctx, change)
		if errors.Is(err, ErrVersion) {
			continue
		}
		if err != nil {
			return report.Report{}, report.Event{}, fmt.Errorf("writing report %s: %w", id, err)
		}
		return f.Settle(ctx, stored), stored.Newest, nil
	}
	return report.Report{}, report.Event{}, fmt.Errorf("writing report %s: %w", id, ErrVersion)
}

// Settle is the fast path right after a write: it carries out what is owed, and
// clears what was done. A message of an older change that is only awaited is not
// sent again: that is the sweep's. Nothing that fails here fails the act: it is
// stored as owed.
func (f Flow) Settle(ctx context.Context, r report.Report) report.Report {
	var owed []report.Effect
	for _, e := range r.Owed {
		if e.N == r.Newest.N || !e.Awaits() {
			owed = append(owed, e)
		}
	}
	done, all := f.carry(ctx, r, owed, false, func(e report.Effect) bool { return !e.Flows() })
	_, flowing := f.carry(ctx, r, owed, all, report.Effect.Flows)
	if flows(owed) && flowing && all {
		return r // the change that the message brings clears the rest
	}
	return f.clear(ctx, r, done)
}

// Resume is the sweep's path: it carries out what is owed and due at this
// instant, clears what was done and moves the retry of what is still awaited.
func (f Flow) Resume(ctx context.Context, r report.Report) error {
	now := f.Now()
	owed := r.OwedBy(now)
	if len(owed) == 0 {
		return nil
	}
	done, _ := f.carry(ctx, r, owed, false, func(report.Effect) bool { return true })
	if change := r.Done(done); change != nil {
		stored, err := f.Store.Save(ctx, *change)
		if err != nil {
			return fmt.Errorf("clearing what report %s owed: %w", r.ID, err)
		}
		r = stored
	}
	// What is left failed, or awaits the change that its message brings.
	if change := r.Postpone(now); change != nil {
		if _, err := f.Store.Save(ctx, *change); err != nil {
			return fmt.Errorf("moving the retry of report %s: %w", r.ID, err)
		}
	}
	return nil
}

// Again owes effects of a report anew, due now, for the next sweep; false when
// they are owed as it is.
func (f Flow) Again(ctx context.Context, r report.Report, names ...string) (bool, error) {
	change := r.Again(f.Now(), names...)
	if change == nil {
		return false, nil
	}
	_, err := f.Store.Save(ctx, *change)
	return err == nil, err
}

// carry carries out the effects chosen; it gives those that are done for good,
// and whether none failed or was left.
func (f Flow) carry(ctx context.Context, r report.Report, owed []report.Effect, settled bool, choose func(report.Effect) bool) ([]report.Effect, bool) {
	all := true
	var done []report.Effect
	for _, e := range owed {
		if !choose(e) {
			continue
		}
		err := f.Carrier.Carry(ctx, r, e, settled)
		if err != nil {
			all = false
			if f.Failed != nil && !errors.Is(err, ErrNotHere) {
				f.Failed(ctx, r.ID, e, err)
			}
			continue
		}
		if !e.Awaits() {
			done = append(done, e)
		}
	}
	return done, all
}

// clear writes that effects are done. When others wrote meanwhile it is left to
// them and to the sweep: a repeat is harmless.
func (f Flow) clear(ctx context.Context, r report.Report, done []report.Effect) report.Report {
	change := r.Done(done)
	if change == nil {
		return r
	}
	stored, err := f.Store.Save(ctx, *change)
	if err != nil {
		return r
	}
	return stored
}

func flows(owed []report.Effect) bool {
	for _, e := range owed {
		if e.Flows() {
			return true
		}
	}
	return false
}

// ActOnce is Act behind a door: the same act done before, by its key, is
// answered from its own event, before anything else is looked at.
func (f Flow) ActOnce(ctx context.Context, id string, c report.Context, decide Decide) (report.Report, report.Event, error) {
	var repeated *report.Event
	r, e, err := f.Act(ctx, id, func(h report.History) (report.Change, error) {
		done, err := h.Repeat(c)
		if err != nil {
			return report.Change{}, err
		}
		if repeated = done; done != nil {
			return report.Change{}, errRepeated
		}
		return decide(h)
	})
	if errors.Is(err, errRepeated) {
		return r, *repeated, nil
	}
	return r, e, err
}

var errRepeated = errors.New("the act was done before")

// Actor is a Flow as a step sees it.
type Actor interface {
	// Act loads, decides and writes until the version stands still, then carries
	// out what is owed. A decision's error is returned as it is.
	Act(ctx context.Context, id string, decide Decide) (report.Report, report.Event, error)
	// ActOnce is Act for a door: a repeat by key gives the event of the first.
	ActOnce(ctx context.Context, id string, c report.Context, decide Decide) (report.Report, report.Event, error)
}

var _ Actor = Flow{}

// Begin stores a submission and carries out what it owes; ErrVersion means that
// its id is taken.
func (f Flow) Begin(ctx context.Context, change report.Change) (report.Report, error) {
	stored, err := f.Store.Save(ctx, change)
	if err != nil {
		return report.Report{}, err
	}
	return f.Settle(ctx, stored), nil
}

// Find loads a report; a missing one is a fault not_found.
func (f Flow) Find(ctx context.Context, id string) (report.History, error) {
	return f.Store.Load(ctx, id)
}
