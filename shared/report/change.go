package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"paht/shared/fault"
)

// ErrMovedOn is returned by a machine's decision when the report is not where
// the message left it: the step succeeds and sends nothing.
var ErrMovedOn = errors.New("the report has moved on")

// Context is what a decision needs besides the stored report and the command.
type Context struct {
	At      time.Time
	By      Actor
	Key     string // keyed digest of actor and Idempotency-Key; empty for machines
	Request string // keyed digest of the request
	Terms   Terms
	Keyed   func(body []byte) string // keyed digest of a body
	Ensure  int                      // If-Match: the event number that the officer saw; 0 for none
	Settled int                      // a message's word that all else owed up to that change is done
	Trace   string                   // of the request
	Delay   time.Duration            // how long a decision's notice waits before it leaves
}

// History is a stored report with its past: all events, oldest first, the newest
// being the embedded one.
type History struct {
	Report Report
	Events []Event
}

// Repeat finds the event that the same act made before: nil when there is none.
// The same key with another request is a fault that names what took it.
func (h History) Repeat(ctx Context) (*Event, error) {
	if ctx.Key == "" {
		return nil, nil
	}
	for i := range h.Events {
		e := &h.Events[i]
		if e.Key != ctx.Key {
			continue
		}
		if e.Request != ctx.Request {
			return nil, fault.New(fault.Invalid, "key_reused", h.Report.ID)
		}
		return e, nil
	}
	return nil, nil
}

// Change is the outcome of a decision: the state to write on the condition of
// the version before, the event that it displaces, and its body in the clear,
// which the store seals.
type Change struct {
	Before *Report // nil for a submission
	After  Report
	Body   []byte // JSON of Body; nil when the event has none
	Quiet  bool   // a write of the machine that adds no event
}

// builder gathers one change.
type builder struct {
	ctx    Context
	before *Report
	r      Report
	e      Event
	body   *Body
	owed   []Effect // by earlier changes
}

// begin starts a change of a stored report with one new event.
func begin(r Report, ctx Context, kind string) *builder {
	before := r
	next := r.clone()
	next.Owed = slices.DeleteFunc(next.Owed, func(e Effect) bool { return e.N <= ctx.Settled && !e.Awaits() })
	return &builder{ctx: ctx, before: &before, r: next, owed: slices.Clone(next.Owed), e: Event{
		N: r.Newest.N + 1, Type: kind, At: ctx.At.UTC(), By: ctx.By, Key: ctx.Key, Request: ctx.Request,
	}}
}

// start starts a clock with this event and returns it for its owner's list.
func (b *builder) start(name, agency string, from time.Time, days int) (Clock, error) {
	clock, err := b.ctx.Terms.Clock(name, agency, from.UTC(), days)
	if err != nil {
		return Clock{}, fmt.Errorf("computing the due time of %s: %w", name, err)
	}
	clock.Event = b.e.N
	b.e.Clocks = append(b.e.Clocks, clock)
	return clock, nil
}

// owe adds effects. A newer projection replaces an older one of its name; each
// message is owed by itself, since each tells of its own event.
func (b *builder) owe(names ...string) {
	for _, name := range names {
		if _, _, message := SplitMessage(name); !message {
			b.r.Owed = slices.DeleteFunc(b.r.Owed, func(e Effect) bool { return e.Name == name })
		}
		effect := Effect{Name: name, N: b.e.N}
		effect.Retry = b.e.At.Add(effect.delay(b.ctx.Delay) + FirstRetry)
		b.r.Owed = append(b.r.Owed, effect)
	}
}

// due leaves of what this change owes the rows that it changes, and gives all of
// it one instant of retry, the latest: each instant more would be a move in the
// index of what is due.
func (b *builder) due() {
	if len(b.r.Assignments) > 0 {
		b.owe(ProjectWork + b.r.Assignments[0].ID) // which moves with the report's own row
	}
	b.r.Owed = slices.DeleteFunc(b.r.Owed, func(e Effect) bool { return e.N == b.e.N && b.moot(e.Name) })
	var latest time.Time
	for _, e := range b.r.Owed {
		if e.N == b.e.N && e.Retry.After(latest) {
			latest = e.Retry
		}
	}
	for i := range b.r.Owed {
		if b.r.Owed[i].N == b.e.N {
			b.r.Owed[i].Retry = latest
		}
	}
}

// moot tells whether a row need not be written: it stands already as it would be
// written. What an earlier change still owes may not stand there.
func (b *builder) moot(name string) bool {
	if b.before == nil || slices.ContainsFunc(b.owed, func(e Effect) bool { return e.Name == name }) {
		return false
	}
	if name == ProjectMine {
		return b.before.Own() == b.r.Own()
	}
	part, isWork := strings.CutPrefix(name, ProjectWork)
	if !isWork {
		return false
	}
	queue, row, stands := b.r.AsideRow(b.r.Assignment(part))
	before := b.before.Assignment(part)
	if before == nil {
		return !stands && part == b.r.Assignments[0].ID // the state item holds it
	}
	queueBefore, rowBefore, stood := b.before.AsideRow(before)
	return stood == stands && (!stands || queueBefore == queue && reflect.DeepEqual(rowBefore, row))
}

// settle clears the effect whose message brought this change.
func (b *builder) settle(names ...string) {
	b.r.Owed = slices.DeleteFunc(b.r.Owed, func(e Effect) bool { return slices.Contains(names, e.Name) })
}

// settleOf clears the message of one event.
func (b *builder) settleOf(name string, n int) {
	b.r.Owed = slices.DeleteFunc(b.r.Owed, func(e Effect) bool { return e.Name == name && e.N == n })
}

// touch marks an assignment as touched by this event. A machine's event moves no
// ETag: an officer never gets 412 from a machine.
func (b *builder) touch(a *Assignment) {
	b.e.Assignment = a.ID
	if b.ctx.By.Kind != ByMachine {
		a.Event = b.e.N
	}
}

// touches tells whether the event concerns the report as a whole, and not one
// assignment alone.
func (b *builder) touches() bool {
	if b.ctx.By.Kind == ByMachine {
		return false
	}
	return b.e.Assignment == "" || b.e.Type == EventReturned || b.e.Type == EventTransferred
}

// finish chains the event and gives the change.
func (b *builder) finish() (Change, error) {
	var body []byte
	if b.body != nil {
		encoded, err := json.Marshal(b.body)
		if err != nil {
			return Change{}, fmt.Errorf("encoding the body of event %d: %w", b.e.N, err)
		}
		body, b.e.Body = encoded, b.ctx.Keyed(encoded)
	}
	b.e.State = b.r.State
	if b.touches() {
		b.r.Touched = b.e.N
	}
	b.due()
	if err := b.e.seal(b.r.Newest.Hash); err != nil {
		return Change{}, err
	}
	b.r.Newest, b.r.Body = b.e, nil
	b.r.Version++
	return Change{Before: b.before, After: b.r, Body: body}, nil
}

// stale refuses an officer's act on something older than what stands: the ETag
// is the number of the last event that touched the resource.
func (c Context) stale(current int) error {
	if c.Ensure != 0 && c.Ensure != current {
		return fault.New(fault.Stale, "stale", fmt.Sprint(current))
	}
	return nil
}

// wrongState refuses an act that the state does not allow.
func wrongState(state fmt.Stringer) error {
	return fault.New(fault.Conflict, "wrong_state", state.String())
}

func (s State) String() string           { return string(s) }
func (s AssignmentState) String() string { return string(s) }
