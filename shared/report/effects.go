package report

import (
	"slices"
	"strings"
	"time"
)

// Effect is something that a stored change still owes: a message or a
// projection, by name. What a projection writes is derived from the stored
// report, so a newer one of the same name replaces an older one.
type Effect struct {
	Name  string    `json:"name"`
	N     int       `json:"n"` // the number of the change that owes it
	Retry time.Time `json:"retry"`
	Tries int       `json:"tries,omitempty"`
}

// FirstRetry is how long after the write the sweep may take an effect for owed;
// it is longer than the fast path of any function.
const FirstRetry = time.Minute

// Awaits tells whether the effect is owed until the change that its message
// brings: sending the message alone does not end it. The others are done once
// carried out.
func (e Effect) Awaits() bool {
	switch e.Name {
	case MessageEffect(EventSubmitted, QueueScreen), MessageEffect(EventAccepted, QueueRoute),
		MessageEffect(EventConcluded, QueuePublish),
		MessageEffect(EventAccepted, QueueNotify), MessageEffect(EventRefused, QueueNotify):
		return true
	}
	return false
}

// Flows tells whether the effect's message carries the report to its next step,
// which can clear all else that was done before it was sent.
func (e Effect) Flows() bool {
	_, queue, ok := SplitMessage(e.Name)
	return ok && queue != QueueNotify
}

// delay is how long after the decision the effect's message leaves: notices of a
// decision wait, so that it can be taken back.
func (e Effect) delay(policy time.Duration) time.Duration {
	if _, queue, ok := SplitMessage(e.Name); ok && queue == QueueNotify {
		return policy
	}
	return 0
}

// LeavesAt is the instant at which a message of the effect may be received; the
// zero instant for one that never waits.
func (e Effect) LeavesAt() time.Time {
	if _, queue, ok := SplitMessage(e.Name); ok && queue == QueueNotify {
		return e.Retry.Add(-FirstRetry)
	}
	return time.Time{}
}

// Names of effects. "message:TYPE>QUEUE" sends, "project:NAME" writes a
// projection; "project:work:a1" and "project:public:a1" are an assignment's.
const (
	messagePrefix = "message:"

	ProjectMine   = "project:mine"    // the reporter's list, owed where its row changes
	ProjectDay    = "project:day"     // created by day
	ProjectNear   = "project:near"    // by category and place, where there is a point
	ProjectWork   = "project:work:"   // + assignment: the agency's and the editors' queues, where it stands aside (AsideRow)
	ProjectPublic = "project:public:" // + assignment: the public item, its lists and files
	AttachMedia   = "attach:media"    // upload slots learn their report
)

// MessageEffect names the sending of a message type to a queue.
func MessageEffect(kind, queue string) string { return messagePrefix + kind + ">" + queue }

// SplitMessage reads a message effect's name.
func SplitMessage(name string) (kind, queue string, ok bool) {
	rest, ok := strings.CutPrefix(name, messagePrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ">")
}

// Same tells whether two are one effect: the same name, owed by the same change.
func (e Effect) Same(o Effect) bool { return e.Name == o.Name && e.N == o.N }

// Done is the quiet change that clears effects which were carried out. It is nil
// when none of them is owed any more.
func (r Report) Done(done []Effect) *Change {
	c := r.clone()
	c.Owed = slices.DeleteFunc(c.Owed, func(e Effect) bool { return slices.ContainsFunc(done, e.Same) })
	if len(c.Owed) == len(r.Owed) {
		return nil
	}
	before := r
	c.Version++
	return &Change{Before: &before, After: c, Quiet: true}
}

// Postpone is the quiet change that moves the retry of what is owed and due:
// 1, 4, 16 … minutes, six hours at most.
func (r Report) Postpone(at time.Time) *Change {
	c := r.clone()
	moved := false
	for i := range c.Owed {
		e := &c.Owed[i]
		if e.Retry.After(at) {
			continue
		}
		wait := time.Minute
		for range e.Tries {
			wait = min(wait*4, 6*time.Hour)
		}
		e.Tries, e.Retry, moved = e.Tries+1, at.Add(wait).UTC(), true
	}
	if !moved {
		return nil
	}
	before := r
	c.Version++
	return &Change{Before: &before, After: c, Quiet: true}
}

// Again is the quiet change that owes effects anew, due at an instant, after a
// restore: what they write is derived from the report, so a repeat is harmless.
// It is nil when all of them are owed as it is.
func (r Report) Again(at time.Time, names ...string) *Change {
	c := r.clone()
	for _, name := range names {
		if !slices.ContainsFunc(c.Owed, func(e Effect) bool { return e.Name == name }) {
			c.Owed = append(c.Owed, Effect{Name: name, N: r.Newest.N, Retry: at.UTC()})
		}
	}
	if len(c.Owed) == len(r.Owed) {
		return nil
	}
	before := r
	c.Version++
	return &Change{Before: &before, After: c, Quiet: true}
}

// OwedBy lists the effects that may be taken for owed at an instant.
func (r *Report) OwedBy(at time.Time) []Effect {
	var owed []Effect
	for _, e := range r.Owed {
		if !e.Retry.After(at) {
			owed = append(owed, e)
		}
	}
	return owed
}

// Attention is the instant at which the sweep must look at the report: the
// earlier of the next retry and the next due time. False when nothing is to come.
func (r *Report) Attention() (time.Time, bool) {
	next, ok := r.NextDue()
	for _, e := range r.Owed {
		if !ok || e.Retry.Before(next) {
			next, ok = e.Retry, true
		}
	}
	return next, ok
}
