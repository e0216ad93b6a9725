package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// ActorKind says who acted.
type ActorKind string

// The actors.
const (
	ByReporter ActorKind = "reporter"
	ByOfficer  ActorKind = "officer"
	ByMachine  ActorKind = "machine"
)

// Actor is who acted: an account's id, never a name.
type Actor struct {
	Kind   ActorKind `json:"kind"`
	ID     string    `json:"id"`               // account, or the function's name
	Agency string    `json:"agency,omitempty"` // the officer's
}

// Event is one recorded step (R01): what happened, when, by whom. It holds
// references and keyed digests, never personal data, so that an account can be
// masked without breaking the chain.
type Event struct {
	N          int       `json:"n"`
	Type       string    `json:"type"`
	At         time.Time `json:"at"`
	By         Actor     `json:"by"`
	State      State     `json:"state"`
	Assignment string    `json:"asg,omitempty"`
	Facts      Facts     `json:"facts,omitzero"`
	Clocks     []Clock   `json:"clocks,omitempty"` // those that it started
	Body       string    `json:"body,omitempty"`   // keyed digest of the body
	Key        string    `json:"key,omitempty"`    // keyed digest of actor and Idempotency-Key
	Request    string    `json:"req,omitempty"`    // keyed digest of the request
	Prev       string    `json:"prev,omitempty"`
	Hash       string    `json:"hash"`
}

// Facts are the short, impersonal particulars of an event.
type Facts struct {
	Code     string   `json:"code,omitempty"`     // refusal or return reason
	Agencies []string `json:"agencies,omitempty"` // transferred to
	Related  string   `json:"related,omitempty"`  // an earlier report or document
	Slot     string   `json:"slot,omitempty"`
	SHA256   string   `json:"sha256,omitempty"`
	Clock    string   `json:"clock,omitempty"`
	Decision int      `json:"decision,omitempty"` // the event that this one answers
	Revision int      `json:"rev,omitempty"`
	Rating   int      `json:"rating,omitempty"`
	Days     int      `json:"days,omitempty"`
	Media    []string `json:"media,omitempty"`
	Late     bool     `json:"late,omitempty"`
	Flags    []string `json:"flags,omitempty"`
	Bases    []string `json:"bases,omitempty"`   // legal bases, in the order of the agencies
	Returns  []string `json:"returns,omitempty"` // the returned assignments that are sent on or answered
	Sent     *Sent    `json:"sent,omitempty"`

	RetainedUntil *time.Time `json:"retained_until,omitempty"` // of the signed file: the store lets nobody replace it before
}

// Sent is what the reporter chose at submission: it stands in the chain, so that
// nobody can alter it in the state unseen.
type Sent struct {
	Owner     string    `json:"owner"`
	Channel   string    `json:"channel"`
	Notice    Notice    `json:"notice"`
	Publicity Publicity `json:"publicity"`
	Category  string    `json:"category"`
	Commune   string    `json:"commune"`
	Point     *Point    `json:"point,omitempty"`
}

// Body is what an event holds that is long or personal; it is stored sealed.
type Body struct {
	Text     string          `json:"text,omitempty"`    // the report, a supplement, a progress
	Address  string          `json:"address,omitempty"` // the address line
	Occurred *time.Time      `json:"occurred,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Hints    json.RawMessage `json:"hints,omitempty"`
	Verdict  json.RawMessage `json:"verdict,omitempty"` // the evidence of a signed result
	Title    string          `json:"title,omitempty"`   // public text
	Content  string          `json:"content,omitempty"` // public text of the report
	Answer   string          `json:"answer,omitempty"`  // public text of the result
	Name     string          `json:"name,omitempty"`    // shown with consent only
	Media    []PublicMedium  `json:"media,omitempty"`
	Document bool            `json:"document,omitempty"` // the signed file is published as it is
}

// PublicMedium is the editor's word on one picture: only checked ones are released.
type PublicMedium struct {
	Slot    string `json:"slot"`
	Checked bool   `json:"checked"`
}

// seal computes the event's hash over its predecessor's and its own bytes.
func (e *Event) seal(prev string) error {
	e.Prev, e.Hash = prev, ""
	// The event is sealed as it will be read: a list that is empty and one that is
	// not there are not written alike ("facts":{}), but both are read as none, and
	// the next write of the state would break the hash.
	written, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding event %d: %w", e.N, err)
	}
	var read Event
	if err := json.Unmarshal(written, &read); err != nil {
		return fmt.Errorf("reading event %d back: %w", e.N, err)
	}
	*e = read
	sum, err := e.digest()
	if err != nil {
		return err
	}
	e.Hash = sum
	return nil
}

func (e Event) digest() (string, error) {
	e.Hash = ""
	b, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encoding event %d: %w", e.N, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// VerifyChain checks that a whole history is unbroken, from the first event to
// the newest, and names the first event that is not as it was written.
func VerifyChain(events []Event) error {
	prev := ""
	for i, e := range events {
		if e.N != i+1 {
			return fmt.Errorf("event %d stands in the place of event %d", e.N, i+1)
		}
		if e.Prev != prev {
			return fmt.Errorf("event %d does not follow its predecessor", e.N)
		}
		sum, err := e.digest()
		if err != nil {
			return err
		}
		if sum != e.Hash {
			return fmt.Errorf("event %d was altered", e.N)
		}
		prev = e.Hash
	}
	return nil
}
