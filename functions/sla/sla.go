// Package sla is the sweep: on the schedule's tick it finds what a stored change
// still owes and which due times have passed (R72), and carries both out with the
// code of the normal path. It reads what is due, not what is open: a sparse index
// gives keys, each is read again consistently, and every act is written under
// the version, since the index lags and others act at the same time. It keeps no
// cursor in time. It imports no AWS and no other step.
package sla

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"paht/shared/account"
	"paht/shared/caller"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/upload"
)

// Due reads the index of what is owed and due.
type Due interface {
	// Shards lists its partitions.
	Shards() []string
	// Page reads a page of one, of what is due at an instant, the longest due
	// first; next is nil at the end.
	Page(ctx context.Context, shard string, until time.Time, limit int, after map[string]string) (hits []effect.Hit, next map[string]string, err error)
}

// Reports reads the state of reports.
type Reports interface {
	// State reads the state alone, consistently.
	State(ctx context.Context, id string) (report.Report, error)
}

// Flow is the rule that loses nothing, for reports: effect.Flow with every port
// of its Router.
type Flow interface {
	// Resume carries out what is owed and due, clears it and moves the retry of
	// what is left; effect.ErrVersion when another wrote meanwhile.
	Resume(ctx context.Context, r report.Report) error
	// Again owes effects of a report anew, for the next sweep; false when they are
	// owed as it is, effect.ErrVersion when another wrote meanwhile.
	Again(ctx context.Context, r report.Report, names ...string) (bool, error)
	// Act loads, decides, writes, and carries out what that owes.
	Act(ctx context.Context, id string, decide effect.Decide) (report.Report, report.Event, error)
}

// Notices keeps the intents of notices.
type Notices interface {
	// Item reads one consistently.
	Item(ctx context.Context, owner, entry string) (notice.Item, error)
	// Save writes one on the condition of the version before; effect.ErrVersion.
	Save(ctx context.Context, i notice.Item) error
}

// Slots keeps upload slots.
type Slots interface {
	// Load reads one consistently.
	Load(ctx context.Context, id string) (upload.Slot, error)
	// Save writes one on the condition of the version before; effect.ErrVersion.
	Save(ctx context.Context, s upload.Slot) error
	// Remove deletes one as it was loaded; effect.ErrVersion when it has moved.
	Remove(ctx context.Context, s upload.Slot) error
}

// Objects are the files of uploads.
type Objects interface {
	// Present tells whether one has come.
	Present(ctx context.Context, key string) (bool, error)
	// Delete deletes those that are there.
	Delete(ctx context.Context, keys ...string) error
}

// Accounts reads accounts.
type Accounts interface {
	// Load reads one consistently.
	Load(ctx context.Context, id string) (account.Account, error)
}

// AccountFlow is the rule that loses nothing, for accounts: account.Flow.
type AccountFlow interface {
	// Resume locks who was away for a year, sends what is owed and due, and moves
	// the retry of what is left; account.ErrVersion when another wrote meanwhile.
	Resume(ctx context.Context, a account.Account) error
}

// Maker makes the context of a decision of this function.
type Maker interface {
	ByMachine(ctx context.Context, function string, e message.Envelope) (report.Context, *settings.Snapshot, error)
}

// Step is the sweep.
type Step struct {
	Due         Due
	Reports     Reports
	Flow        Flow
	Notices     Notices
	Slots       Slots
	Objects     Objects
	Accounts    Accounts
	AccountFlow AccountFlow
	Sender      effect.Sender
	Maker       Maker
	Now         func() time.Time
	// Left is how much time the invocation has; the rest is done at the next tick.
	Left func(ctx context.Context) time.Duration
}

const (
	// pageSize bounds how much of one shard is done before the next has its turn,
	// so that a shard with much to do starves no other.
	pageSize = 50
	// margin is kept for the act that was begun last.
	margin = 10 * time.Second
)

// TimeLeft is the time until the invocation's own deadline.
func TimeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Hour
	}
	return time.Until(deadline)
}

// Tally counts what a sweep did.
type Tally struct {
	Hits   int  // entries of the index
	Acted  int  // of which something was done
	Stale  int  // what another had done, or what is due later than the index says
	Failed int  // left for the next tick
	Cut    bool // time was up before the end
}

func (t Tally) cut() int {
	if t.Cut {
		return 1
	}
	return 0
}

// Take sweeps once; the invocation's line says what it did. What fails of one item is logged and left to the next tick;
// an index that cannot be read is an error.
func (s *Step) Take(ctx context.Context, e message.Envelope) error {
	tally, err := s.Sweep(ctx, e)
	for _, figure := range []struct {
		name string
		n    int
	}{{"hits", tally.Hits}, {"acted", tally.Acted}, {"stale", tally.Stale}, {"left", tally.Failed}, {"cut", tally.cut()}} {
		caller.Count(ctx, figure.name, figure.n)
	}
	return err
}

// Sweep goes through the shards page by page in turn until nothing is left that
// is due now, or time is up.
func (s *Step) Sweep(ctx context.Context, e message.Envelope) (Tally, error) {
	var tally Tally
	var unread error
	type place struct {
		shard string
		after map[string]string
	}
	var places []place
	for _, shard := range s.Due.Shards() {
		places = append(places, place{shard: shard})
	}
	until := s.Now()
	for len(places) > 0 {
		var again []place
		for _, p := range places {
			if s.Left(ctx) < margin {
				tally.Cut = true
				return tally, unread
			}
			hits, next, err := s.Due.Page(ctx, p.shard, until, pageSize, p.after)
			if err != nil {
				unread = errors.Join(unread, err)
				continue
			}
			if cut := s.each(ctx, e, hits, &tally); cut {
				return tally, unread
			}
			if next != nil {
				again = append(again, place{p.shard, next})
			}
		}
		places = again
	}
	return tally, unread
}

func (s *Step) each(ctx context.Context, e message.Envelope, hits []effect.Hit, tally *Tally) (cut bool) {
	for _, hit := range hits {
		if s.Left(ctx) < margin {
			tally.Cut = true
			return true
		}
		tally.Hits++
		acted, err := s.look(ctx, e, hit)
		switch {
		case errors.Is(err, effect.ErrVersion), errors.Is(err, account.ErrVersion), gone(err):
			tally.Stale++ // another was first, and the index will say so
		case err != nil:
			tally.Failed++
			slog.WarnContext(ctx, "an item waits for the next tick", "item", hit.Kind, "id", hit.ID, "error", err.Error())
		case acted:
			tally.Acted++
		default:
			tally.Stale++
		}
	}
	return false
}

// gone tells that what the index names is no longer there.
func gone(err error) bool {
	f := fault.As(err)
	return f != nil && f.Kind == fault.NotFound
}

// look reads again what the index named and does what is due there.
func (s *Step) look(ctx context.Context, e message.Envelope, hit effect.Hit) (acted bool, err error) {
	switch hit.Kind {
	case effect.HitReport:
		return s.report(ctx, e, hit.ID)
	case effect.HitSlot:
		return s.slot(ctx, e, hit.ID)
	case effect.HitNotice:
		return s.notice(ctx, hit.ID, hit.Entry)
	case effect.HitAccount:
		return s.account(ctx, hit.ID)
	}
	return false, fmt.Errorf("the index names %s, which the sweep does not know", hit.ID)
}
