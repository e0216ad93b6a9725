// Package report is the aggregate: the states of a report and of its
// assignments, their clocks, the transitions between them and the chained
// history. Every transition is a pure function of the stored report, the command
// and the context; nothing here knows AWS, HTTP or the clock on the wall. It
// imports the standard library and fault only.
package report

import (
	"slices"
	"time"
)

// State is where a report stands (Decision 1433, Art. 11).
type State string

// The states of a report.
const (
	Submitted  State = "submitted"  // waits for the machine's hints
	Screening  State = "screening"  // an officer checks it (11.1)
	Accepted   State = "accepted"   // waits for the machine's proposal
	Routing    State = "routing"    // something is to be routed and no assignment is open (11.2)
	Processing State = "processing" // at least one assignment is open; something returned may wait beside it
	Published  State = "published"  // the last part is public (reading A25)
	Answered   State = "answered"   // the operator answered after a return, and no part was published
	Refused    State = "refused"    // 11.1.a
	Withdrawn  State = "withdrawn"  // by the reporter, before acceptance
)

// Closed tells whether a report has ended.
func (s State) Closed() bool {
	return s == Published || s == Answered || s == Refused || s == Withdrawn
}

// AssignmentState is where one agency's part stands.
type AssignmentState string

// The states of an assignment.
const (
	Transferred AssignmentState = "transferred" // the agency has not confirmed receipt
	Received    AssignmentState = "received"    // being handled
	Concluded   AssignmentState = "concluded"   // a signed result is there; waits for the machine's draft
	Editing     AssignmentState = "editing"     // the editor prepares the publication
	Released    AssignmentState = "published"   // its part is public
	Returned    AssignmentState = "returned"    // given back, with its reason
)

// Open tells whether the assignment still owes something.
func (s AssignmentState) Open() bool { return s != Released && s != Returned }

// Notice is the channel that the reporter chose for results (10.2).
type Notice string

// The notice channels.
const (
	ByEmail Notice = "email"
	ByApp   Notice = "app"
)

// Publicity is the reporter's choice of 9.4.
type Publicity string

// Hidden is what holds when nothing was chosen (reading A13).
const (
	Hidden    Publicity = "hidden"
	NameShown Publicity = "name_shown"
)

// Point is a place in WGS 84 degrees.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Report is the stored state: small, without personal data. What is long or
// personal lies sealed in the bodies of the events.
type Report struct {
	ID          string       `json:"id"` // the tracking code
	Version     int          `json:"v"`  // moved by every write
	State       State        `json:"state"`
	Owner       string       `json:"owner"` // the account that sent it, for ever (R26)
	Channel     string       `json:"channel"`
	Notice      Notice       `json:"notice"`
	Publicity   Publicity    `json:"publicity"`
	Category    string       `json:"category"`
	Commune     string       `json:"commune"`
	Point       *Point       `json:"point,omitempty"`
	SubmittedAt time.Time    `json:"submitted"`
	Touched     int          `json:"touched"`         // the last event by a person that touched the report: its ETag
	Media       []string     `json:"media,omitempty"` // upload slots, in the reporter's order
	Flags       []string     `json:"flags,omitempty"` // what the officer should see: "mixed_diacritics"
	Supplement  *Supplement  `json:"supplement,omitempty"`
	Proposal    *Proposal    `json:"proposal,omitempty"`
	Transfers   int          `json:"transfers,omitempty"`
	Clocks      []Clock      `json:"clocks,omitempty"`
	Assignments []Assignment `json:"assignments,omitempty"`
	Owed        []Effect     `json:"owed,omitempty"`
	Trace       string       `json:"trace,omitempty"` // of the request that it came with: to the last notice
	Newest      Event        `json:"newest"`
	Body        []byte       `json:"body,omitempty"` // the newest event's body, sealed
}

// Supplement is the mark that more was asked of the reporter (reading A26).
type Supplement struct {
	Asked    int        `json:"asked"` // number of the event
	AskedAt  time.Time  `json:"at"`
	Answered *time.Time `json:"answered,omitempty"`
}

// Proposal is what the machine proposes to the router.
type Proposal struct {
	Agency string `json:"agency,omitempty"`
	Days   int    `json:"days,omitempty"` // working days (reading A28)
}

// Assignment is one agency's part of one report.
type Assignment struct {
	ID            string          `json:"id"` // a1, a2, …
	Agency        string          `json:"agency"`
	State         AssignmentState `json:"state"`
	Event         int             `json:"event"` // the last event by a person that touched it: its ETag
	TransferredAt time.Time       `json:"transferred"`
	LegalBasis    string          `json:"basis,omitempty"`
	Clocks        []Clock         `json:"clocks"`
	Result        *Result         `json:"result,omitempty"`
	Publication   *Publication    `json:"publication,omitempty"`
	Rating        int             `json:"rating,omitempty"` // 1 to 3 (reading A18)
}

// Result is the signed document that ends an assignment (11.3.b). All three
// instants of reading A2 are stored.
type Result struct {
	Slot        string    `json:"slot"`
	SHA256      string    `json:"sha256"`
	Event       int       `json:"event"` // its body holds the verdict
	ResultAt    time.Time `json:"result_at"`
	ConcludedAt time.Time `json:"concluded_at"`
}

// Publication says which revision of the part is current.
type Publication struct {
	Revision int       `json:"rev"`
	Event    int       `json:"event"` // its body holds the public text
	At       time.Time `json:"at"`
	First    time.Time `json:"first"`           // of the first revision: its place in the lists
	Draft    int       `json:"draft,omitempty"` // the event whose body holds the draft
}

// Assignment finds an assignment by id, or nil.
func (r *Report) Assignment(id string) *Assignment {
	for i := range r.Assignments {
		if r.Assignments[i].ID == id {
			return &r.Assignments[i]
		}
	}
	return nil
}

// Public tells whether a part of the report is public.
func (r *Report) Public() bool {
	return slices.ContainsFunc(r.Assignments, func(a Assignment) bool { return a.Publication != nil && a.Publication.Revision > 0 })
}

// Clock finds the report's newest clock of that name, or nil.
func (r *Report) Clock(name string) *Clock { return lastClock(r.Clocks, name) }

// Clock finds the assignment's clock of that name, or nil.
func (a *Assignment) Clock(name string) *Clock { return lastClock(a.Clocks, name) }

func lastClock(clocks []Clock, name string) *Clock {
	for i := len(clocks) - 1; i >= 0; i-- {
		if clocks[i].Name == name {
			return &clocks[i]
		}
	}
	return nil
}

// OpenAssignments counts the assignments that still owe something.
func (r *Report) OpenAssignments() int {
	n := 0
	for _, a := range r.Assignments {
		if a.State.Open() {
			n++
		}
	}
	return n
}

// clone copies a report so that a decision never changes what was loaded.
func (r Report) clone() Report {
	c := r
	c.Media = append([]string(nil), r.Media...)
	c.Flags = append([]string(nil), r.Flags...)
	c.Clocks = append([]Clock(nil), r.Clocks...)
	c.Owed = append([]Effect(nil), r.Owed...)
	c.Assignments = append([]Assignment(nil), r.Assignments...)
	for i := range c.Assignments {
		c.Assignments[i].Clocks = append([]Clock(nil), r.Assignments[i].Clocks...)
		if p := r.Assignments[i].Publication; p != nil {
			copied := *p
			c.Assignments[i].Publication = &copied
		}
	}
	if r.Supplement != nil {
		copied := *r.Supplement
		c.Supplement = &copied
	}
	return c
}

// Stages of work, each a queue that officers open.
const (
	StageScreen = "screen"
	StageRoute  = "route"
	StageEdit   = "edit"
)

// Stage tells in which of the operator's queues the report stands and by when it
// is due there; false when in none.
func (r *Report) Stage() (stage string, due time.Time, ok bool) {
	switch r.State {
	case Submitted, Screening:
		return StageScreen, dueOf(r.Clock(ClockScreening)), true
	case Accepted, Routing, Processing:
		if first := r.waiting(); first != nil {
			return StageRoute, first.Due, true
		}
		return StageRoute, dueOf(r.Clock(ClockTransfer)), r.State != Processing
	}
	return "", time.Time{}, false
}

// waiting is the clock of what was returned and is to be sent on or answered
// first; nil when nothing is.
func (r *Report) waiting() *Clock {
	var first *Clock
	for i := range r.Clocks {
		c := &r.Clocks[i]
		if c.Name == ClockRedistribute && c.Running() && (first == nil || c.Due.Before(first.Due)) {
			first = c
		}
	}
	return first
}

// standing is the state of a report that was transferred: by its open
// assignments, then by what waits to be routed, then by how its parts ended.
func (r *Report) standing() State {
	switch {
	case r.OpenAssignments() > 0:
		return Processing
	case r.waiting() != nil:
		return Routing
	}
	for _, a := range r.Assignments {
		if a.State == Released {
			return Published
		}
	}
	return Answered
}

// Due is the instant by which the assignment's next act is owed: the agency's
// handling, then the operator's publication.
func (a *Assignment) Due() time.Time {
	switch a.State {
	case Concluded, Editing, Released:
		return dueOf(a.Clock(ClockPublication))
	}
	return dueOf(a.Clock(ClockHandling))
}

func dueOf(c *Clock) time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.Due
}
