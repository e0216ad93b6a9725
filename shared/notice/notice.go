// Package notice holds what people are told: the items of their inboxes, which
// are the intents of what leaves by another channel as well, and the words of
// each, made from the stored fact when it is sent and again when it is read. No
// words are stored. Its transitions are pure. It must never import AWS, HTTP or a
// step.
package notice

import (
	"errors"
	"fmt"
	"time"

	"paht/shared/message"
	"paht/shared/report"
)

// Channels beside those that a reporter chooses (report.ByEmail, report.ByApp).
const InSystem = "system" // the inbox itself: nothing leaves

// Outcome is what became of an intent.
type Outcome string

// The outcomes.
const (
	Pending Outcome = "pending" // not handed to the channel, as far as is known
	Sent    Outcome = "sent"    // handed to the channel
	Failed  Outcome = "failed"  // the channel will never take it: the inbox is what is left (reading A15)
)

// Lease is how long one worker has an intent for itself: longer than notify may
// run, so that a second one begins only after the first has ended.
const Lease = 2 * time.Minute

const (
	maxRetry = 6 * time.Hour  // the longest time between two attempts
	giveUp   = 72 * time.Hour // from when on none is made
)

// Inboxes in the system that are no account's (section 1.10): what agencies and
// the operator's officers are told.
const (
	RouterInbox   = "operator:route"    // returned parts
	AccountsInbox = "operator:accounts" // locked accounts
	OfficeInbox   = "province:office"   // what the province office watches
)

// TransferredAgain is the type of the notice to the province office of a report
// that is sent from agency to agency (reading A22).
const TransferredAgain = "report.transferred.again"

// AgencyInbox is the inbox of an agency's officers.
func AgencyInbox(agency string) string { return "agency:" + agency }

// Item is one notice in one inbox. Its key is made of what it tells of, so the
// same fact never stands there twice.
type Item struct {
	Owner     string     `json:"-"` // account, or an inbox in the system
	Entry     string     `json:"-"` // its place in the inbox
	Version   int        `json:"-"` // moved by every write
	Type      string     `json:"type"`
	Report    string     `json:"report,omitempty"`
	Account   string     `json:"account,omitempty"` // whom it tells of, when it is no report
	N         int        `json:"n"`                 // the event, or the account's request
	At        time.Time  `json:"at"`                // of the fact
	Channel   string     `json:"channel"`
	Language  string     `json:"lang,omitempty"`
	MessageID string     `json:"mid,omitempty"` // the same however often it is sent
	Outcome   Outcome    `json:"outcome"`
	Reason    string     `json:"reason,omitempty"` // why it failed
	Done      *time.Time `json:"done,omitempty"`   // when it was handed over, or failed
	Made      time.Time  `json:"made"`
	Holder    string     `json:"holder,omitempty"` // whose lease it is
	Leased    time.Time  `json:"lease,omitzero"`   // until when
	Retry     time.Time  `json:"retry,omitzero"`   // from when the sweep may send it again
	Tries     int        `json:"tries,omitempty"`
	Trace     string     `json:"trace,omitempty"` // of the phone's request, for as long as it is sent again
}

// ErrNothing means that a transition changes nothing.
var ErrNothing = errors.New("nothing changes")

// entry orders an inbox by the instants of the facts.
func entry(at time.Time, subject string, n int) string {
	return fmt.Sprintf("%s#%s#%d", at.UTC().Format("2006-01-02T15:04:05.000Z"), subject, n)
}

// OfEvent is the notice of a report's event for one inbox. In the system it is
// complete at once.
func OfEvent(owner, channel string, r report.Report, e report.Event, at time.Time) Item {
	i := Item{
		Owner: owner, Entry: entry(e.At, r.ID, e.N), Version: 1, Type: e.Type, Report: r.ID, N: e.N,
		At: e.At.UTC(), Channel: channel, Outcome: Pending, Made: at.UTC(),
		MessageID: fmt.Sprintf("%s.%d", r.ID, e.N),
	}
	return i.completed()
}

// Watched is the notice of a report's event under a type of its own, for those who
// watch and do not act.
func Watched(owner, kind string, r report.Report, e report.Event, at time.Time) Item {
	i := OfEvent(owner, InSystem, r, e, at)
	i.Type = kind
	return i
}

// OfAccount is the notice of what happened to an account at an instant; n numbers
// the account's facts of that type.
func OfAccount(owner, channel, kind, account string, n int, happened, at time.Time) Item {
	i := Item{
		Owner: owner, Entry: entry(happened, kind+"@"+account, n), Version: 1, Type: kind, Account: account, N: n,
		At: happened.UTC(), Channel: channel, Outcome: Pending, Made: at.UTC(),
		MessageID: fmt.Sprintf("%s.%s.%d", kind, account, n),
	}
	return i.completed()
}

func (i Item) completed() Item {
	if i.Channel == InSystem {
		i.Outcome, i.Done, i.MessageID = Sent, &i.Made, ""
	}
	return i
}

// Held gives a new intent to a worker.
func (i Item) Held(holder string, at time.Time) Item {
	i.Holder, i.Leased = holder, at.Add(Lease).UTC()
	i.Retry = i.Leased
	return i
}

// Taken gives an intent to another worker once the lease has passed.
func (i Item) Taken(holder string, at time.Time) (Item, error) {
	if i.Outcome != Pending || i.Leased.After(at) {
		return i, ErrNothing
	}
	i.Holder, i.Leased = holder, at.Add(Lease).UTC()
	i.Version++
	return i, nil
}

// Released ends a lease whose worker was turned away by the channel for now.
func (i Item) Released() Item {
	i.Holder, i.Leased = "", time.Time{}
	i.Version++
	return i
}

// Closed concludes an intent that nobody holds and whose fact no longer stands.
func (i Item) Closed(at time.Time) (Item, error) {
	if i.Outcome != Pending || i.Leased.After(at) {
		return i, ErrNothing
	}
	return i.Concluded(Overtaken, at), nil
}

// Concluded records the outcome; reason is a code, empty when it was handed over.
func (i Item) Concluded(reason string, at time.Time) Item {
	done := at.UTC()
	i.Outcome, i.Reason, i.Done = Sent, reason, &done
	if reason != "" {
		i.Outcome = Failed
	}
	i.Holder, i.Leased, i.Retry = "", time.Time{}, time.Time{}
	i.Version++
	return i
}

// Attention is the instant from which the sweep may send the intent again: its
// retry, and not before the lease has passed. False when it has its outcome.
func (i Item) Attention() (time.Time, bool) {
	if i.Outcome != Pending {
		return time.Time{}, false
	}
	if i.Leased.After(i.Retry) {
		return i.Leased, true
	}
	return i.Retry, true
}

// Resent moves the retry after the sweep sent the intent's message again: 1, 4,
// 16 … minutes, six hours at most. Not due is ErrNothing. An intent that nobody
// could carry out for days is given up: its code is over, or what it tells of no
// longer stands.
func (i Item) Resent(at time.Time) (Item, error) {
	due, ok := i.Attention()
	if !ok || due.After(at) {
		return i, ErrNothing
	}
	if at.Sub(i.Made) >= giveUp {
		return i.Concluded(GivenUp, at), nil
	}
	wait := time.Minute
	for range i.Tries {
		wait = min(wait*4, maxRetry)
	}
	i.Tries, i.Retry = i.Tries+1, at.Add(wait).UTC()
	i.Version++
	return i, nil
}

// Message is the message that makes notify look at the intent again.
func (i Item) Message() message.Envelope {
	if i.Report != "" {
		return message.OfReport(i.Type, i.Report, i.N, false).Traced(i.Trace)
	}
	e := message.OfAccount(message.Type(i.Type), i.Account, i.N)
	e.At = i.At
	return e.Traced(i.Trace)
}
