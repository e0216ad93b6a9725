package report

import (
	"encoding/json"
	"time"

	"paht/shared/fault"
)

// held finds an open assignment that the actor's agency holds in one of the
// states given. Somebody else's is not found.
func held(r *Report, id string, ctx Context, states ...AssignmentState) (*Assignment, error) {
	a := r.Assignment(id)
	if a == nil || (ctx.By.Kind == ByOfficer && a.Agency != ctx.By.Agency) {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	for _, s := range states {
		if a.State == s {
			return a, ctx.stale(a.Event)
		}
	}
	return nil, wrongState(a.State)
}

// Receive is the agency's confirmation of receipt.
func Receive(r Report, id string, ctx Context) (Change, error) {
	if _, err := held(&r, id, ctx, Transferred); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventReceived)
	a := b.r.Assignment(id)
	b.touch(a)
	a.State = Received
	b.owe(ProjectWork + id)
	return b.finish()
}

// Progress is the agency's word to the reporter while it handles (R64).
func Progress(r Report, id, text string, ctx Context) (Change, error) {
	if _, err := held(&r, id, ctx, Received); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventProgress)
	b.touch(b.r.Assignment(id))
	b.body = &Body{Text: text}
	b.owe(ProjectWork+id, MessageEffect(EventProgress, QueueNotify))
	return b.finish()
}

// Extend gives the agency a later due time, by so many working days more, with a
// reason: once, and before the due time (reading A6). Both stay to be seen.
func Extend(r Report, id string, days int, reason string, ctx Context) (Change, error) {
	if _, err := held(&r, id, ctx, Received); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventExtended)
	a := b.r.Assignment(id)
	b.touch(a)
	first := a.Clock(ClockHandling)
	switch {
	case first.Extended:
		return Change{}, fault.New(fault.Conflict, "already_extended")
	case !ctx.At.Before(first.Due):
		return Change{}, fault.New(fault.Conflict, "due_passed")
	}
	later, err := b.start(ClockHandling, a.Agency, first.Start, first.Amount+days)
	if err != nil {
		return Change{}, err
	}
	first.Moved, later.Extended = b.e.N, true
	a.Clocks = append(a.Clocks, later)
	b.e.Facts.Days = days
	b.body = &Body{Reason: reason}
	b.owe(ProjectWork+id, MessageEffect(EventExtended, QueueNotify))
	return b.finish()
}

// Reasons of a return (R65).
const (
	NotCompetent       = "not_competent"
	PartlyNotCompetent = "partly_not_competent"
	AlreadyHandled     = "already_handled"
)

// Opinion is why an agency gives an assignment back, or a part of its content.
// Related names the earlier report or document when it was already handled
// (reading A4).
type Opinion struct {
	Code    string
	Reason  string
	Related string
}

// Return gives an assignment back to the operator (R65, R66). What is only partly
// not within its competence the agency keeps, with its clocks: the rest goes back
// (reading A3). After the hour it stays possible and counts as late (reading A5).
// The operator's own hour starts.
func Return(r Report, id string, o Opinion, ctx Context) (Change, error) {
	if _, err := held(&r, id, ctx, Transferred, Received); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventReturned)
	a := b.r.Assignment(id)
	b.touch(a)
	b.ctx.stop(a.Clock(ClockReturn), a.Agency, ctx.At)
	if o.Code != PartlyNotCompetent {
		a.State = Returned
		void(a.Clock(ClockHandling))
	}
	clock, err := b.start(ClockRedistribute, "", ctx.At, 0)
	if err != nil {
		return Change{}, err
	}
	clock.Part = id
	b.r.Clocks = append(b.r.Clocks, clock)
	b.r.State = b.r.standing()
	b.e.Facts.Code, b.e.Facts.Related = o.Code, o.Related
	b.e.Facts.Late = ctx.At.After(a.Clock(ClockReturn).Due)
	b.body = &Body{Reason: o.Reason}
	b.owe(ProjectMine, ProjectWork+id, MessageEffect(EventReturned, QueueNotify))
	return b.finish()
}

// SignedResult is a result whose signatures were found valid.
type SignedResult struct {
	Slot     string
	SHA256   string
	Retained time.Time // until when the store keeps the file as it is
	ResultAt time.Time // declared by the agency
	SignedAt time.Time // the agency's signature, as verified
	Verdict  json.RawMessage
	Summary  string // the agency's words, from which the editor starts
}

// Conclude takes a signed result (R68). result_at is what the agency declares,
// at the latest the signing time, and not before the transfer (reading A2). The
// publication clock starts there, so it may be late already.
func Conclude(r Report, id string, s SignedResult, ctx Context) (Change, error) {
	held, err := held(&r, id, ctx, Received)
	if err != nil {
		return Change{}, err
	}
	if s.ResultAt.Before(held.TransferredAt.Truncate(time.Second)) {
		return Change{}, fault.InvalidField("body.resultAt", "before_transfer")
	}
	if s.ResultAt.After(s.SignedAt) {
		return Change{}, fault.InvalidField("body.resultAt", "after_signature")
	}
	b := begin(r, ctx, EventConcluded)
	a := b.r.Assignment(id)
	b.touch(a)
	a.State = Concluded
	a.Result = &Result{Slot: s.Slot, SHA256: s.SHA256, Event: b.e.N, ResultAt: s.ResultAt.UTC(), ConcludedAt: b.e.At}
	b.ctx.stop(a.Clock(ClockHandling), a.Agency, ctx.At)
	void(a.Clock(ClockReturn))
	for _, name := range []string{ClockResult, ClockPublication} {
		agency := a.Agency
		if name == ClockPublication {
			agency = ""
		}
		clock, err := b.start(name, agency, s.ResultAt, 0)
		if err != nil {
			return Change{}, err
		}
		a.Clocks = append(a.Clocks, clock)
	}
	b.ctx.stop(a.Clock(ClockResult), a.Agency, ctx.At)
	b.e.Facts.Slot, b.e.Facts.SHA256 = s.Slot, s.SHA256
	if !s.Retained.IsZero() {
		until := s.Retained.UTC()
		b.e.Facts.RetainedUntil = &until
	}
	b.e.Facts.Late = a.Clock(ClockHandling).Late(ctx.At)
	b.body = &Body{Verdict: s.Verdict, Text: s.Summary}
	b.owe(ProjectWork+id, MessageEffect(EventConcluded, QueuePublish))
	return b.finish()
}
