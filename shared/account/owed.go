package account

import (
	"slices"
	"time"

	"paht/shared/message"
)

// Owed is a message that a stored change of the account still owes.
type Owed struct {
	Type  message.Type `json:"type"`
	N     int          `json:"n"` // the number of the change that owes it
	Retry time.Time    `json:"retry"`
	Tries int          `json:"tries,omitempty"`
	Trace string       `json:"trace,omitempty"` // of the request that it goes back to
}

// firstRetry is how long after the write the sweep may take a message for owed;
// it is longer than the fast path of any function.
const firstRetry = time.Minute

// owe adds a message and gives the number of the change; a newer one of the same
// type replaces an older one.
func (a *Account) owe(kind message.Type, at time.Time) int {
	a.Changes++
	a.Owed = slices.DeleteFunc(a.Owed, func(o Owed) bool { return o.Type == kind })
	a.Owed = append(a.Owed, Owed{Type: kind, N: a.Changes, Retry: at.Add(firstRetry).UTC()})
	return a.Changes
}

// OwedBy lists what may be taken for owed at an instant.
func (a Account) OwedBy(at time.Time) []Owed {
	var owed []Owed
	for _, o := range a.Owed {
		if !o.Retry.After(at) {
			owed = append(owed, o)
		}
	}
	return owed
}

// Sent clears what was sent and moves the retry of what is due and was not: 1, 4,
// 16 … minutes, six hours at most.
func (a Account) Sent(sent map[message.Type]int, at time.Time) (Account, error) {
	next := a.clone()
	next.Owed = slices.DeleteFunc(next.Owed, func(o Owed) bool { return sent[o.Type] == o.N })
	moved := len(next.Owed) != len(a.Owed)
	for i := range next.Owed {
		o := &next.Owed[i]
		if o.Retry.After(at) {
			continue
		}
		wait := time.Minute
		for range o.Tries {
			wait = min(wait*4, 6*time.Hour)
		}
		o.Tries, o.Retry, moved = o.Tries+1, at.Add(wait).UTC(), true
	}
	if !moved {
		return a, ErrNothing
	}
	return next, nil
}

// Attention is the instant at which the sweep must look at the account: the
// earlier of the next retry and the end of the year of R29. False when nothing is
// to come.
func (a Account) Attention() (time.Time, bool) {
	next, ok := a.Inactive, a.Lock == nil && !a.Inactive.IsZero()
	for _, o := range a.Owed {
		if !ok || o.Retry.Before(next) {
			next, ok = o.Retry, true
		}
	}
	return next, ok
}
