package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"paht/shared/message"
)

// ErrVersion is what Save answers when the stored version is not the one that
// the change was decided on, or when the account to be created is there.
var ErrVersion = errors.New("the stored account has moved")

// Store keeps accounts.
type Store interface {
	// Load reads an account consistently; a missing one is a fault not_found.
	Load(ctx context.Context, id string) (Account, error)
	// Save writes an account on the condition that its version is the stored one,
	// or that there is none where the version is 0, and gives it as stored.
	// ErrVersion when the condition fails.
	Save(ctx context.Context, a Account) (Account, error)
}

// Sender puts messages on queues.
type Sender interface {
	// Send puts a message on a queue; it can be received after the delay.
	Send(ctx context.Context, queue string, e message.Envelope, delay time.Duration) error
}

// Flow is the rule that loses nothing, for accounts: what a change owes is
// written with it; right after the write is the fast path, and the sweep finds
// what was not done.
type Flow struct {
	Store  Store
	Sender Sender
	// Rules gives the policy's figures of an instant.
	Rules func(ctx context.Context, at time.Time) (Rules, error)
	Now   func() time.Time
	Trace func(ctx context.Context) string
	// Failed is told of a message that was not sent on the fast path: it stays owed.
	Failed func(ctx context.Context, id string, kind message.Type, err error)
}

// attempts bounds how often a decision is taken anew. Parallel log-ins of one
// account fail each other's writes; after five wrong ones nothing is written any
// more, so this is ample.
const attempts = 32

// Act loads, decides and writes until the version stands still, then sends what
// is owed. A decision that answers ErrNothing writes nothing.
func (f Flow) Act(ctx context.Context, id string, decide func(Account) (Account, error)) (Account, error) {
	for range attempts {
		a, err := f.Store.Load(ctx, id)
		if err != nil {
			return Account{}, err
		}
		next, err := decide(a)
		if errors.Is(err, ErrNothing) {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		stored, err := f.Store.Save(ctx, f.traced(ctx, next))
		if errors.Is(err, ErrVersion) {
			continue
		}
		if err != nil {
			return Account{}, fmt.Errorf("writing account %s: %w", id, err)
		}
		return f.Settle(ctx, stored), nil
	}
	return Account{}, fmt.Errorf("writing account %s: %w", id, ErrVersion)
}

// Create stores a new account and sends what it owes; ErrVersion when its id is
// taken.
func (f Flow) Create(ctx context.Context, a Account) (Account, error) {
	stored, err := f.Store.Save(ctx, f.traced(ctx, a))
	if err != nil {
		return Account{}, fmt.Errorf("creating account %s: %w", a.ID, err)
	}
	return f.Settle(ctx, stored), nil
}

// Settle is the fast path right after a write. Nothing that fails here fails the
// act: it is stored as owed.
func (f Flow) Settle(ctx context.Context, a Account) Account {
	if len(a.Owed) == 0 {
		return a
	}
	next, err := a.Sent(f.send(ctx, a, a.Owed), time.Time{})
	if err != nil {
		return a
	}
	stored, err := f.Store.Save(ctx, next)
	if err != nil {
		return a // left to the sweep: a repeat is harmless
	}
	return stored
}

// Resume is the sweep's path at an account's attention instant: it locks who was
// away for a year, sends what is owed and due, and moves the retry of the rest.
func (f Flow) Resume(ctx context.Context, a Account) error {
	now := f.Now()
	if a.Lock == nil && !now.Before(a.Inactive) {
		rules, err := f.Rules(ctx, now)
		if err != nil {
			return fmt.Errorf("resuming account %s: %w", a.ID, err)
		}
		a, err = f.Act(ctx, a.ID, func(a Account) (Account, error) { return a.Asleep(rules, now) })
		if err != nil {
			return err
		}
	}
	owed := a.OwedBy(now)
	if len(owed) == 0 {
		return nil
	}
	next, err := a.Sent(f.send(ctx, a, owed), now)
	if errors.Is(err, ErrNothing) {
		return nil
	}
	if _, err := f.Store.Save(ctx, next); err != nil {
		return fmt.Errorf("clearing what account %s owed: %w", a.ID, err)
	}
	return nil
}

// traced notes with what is newly owed the request that it goes back to, which
// the sweep would not know.
func (f Flow) traced(ctx context.Context, a Account) Account {
	if f.Trace == nil || len(a.Owed) == 0 {
		return a
	}
	a.Owed = slices.Clone(a.Owed)
	for i := range a.Owed {
		if a.Owed[i].Trace == "" {
			a.Owed[i].Trace = f.Trace(ctx)
		}
	}
	return a
}

// send sends messages and gives the numbers of those that were, by type.
func (f Flow) send(ctx context.Context, a Account, owed []Owed) map[message.Type]int {
	sent := make(map[message.Type]int)
	for _, o := range owed {
		e := message.OfAccount(o.Type, a.ID, o.N)
		e.Trace = o.Trace
		if err := f.sendAll(ctx, e); err != nil {
			if f.Failed != nil {
				f.Failed(ctx, a.ID, o.Type, err)
			}
			continue
		}
		sent[o.Type] = o.N
	}
	return sent
}

func (f Flow) sendAll(ctx context.Context, e message.Envelope) error {
	for _, queue := range message.Consumers(e.Type) {
		if err := f.Sender.Send(ctx, queue, e, 0); err != nil {
			return fmt.Errorf("sending %s to %s: %w", e.Type, queue, err)
		}
	}
	return nil
}
