package report

import (
	"encoding/json"
	"slices"

	"paht/shared/fault"
)

// Screened moves a submitted report to the screeners with the machine's hints.
// The machine highlights; a person decides (R57).
func Screened(r Report, hints json.RawMessage, flags []string, ctx Context) (Change, error) {
	if r.State != Submitted {
		return Change{}, ErrMovedOn
	}
	b := begin(r, ctx, EventScreening)
	b.r.State = Screening
	for _, f := range flags {
		if !slices.Contains(b.r.Flags, f) {
			b.r.Flags = append(b.r.Flags, f)
		}
	}
	b.e.Facts.Flags = b.r.Flags
	if len(hints) > 0 {
		b.body = &Body{Hints: hints}
	}
	b.settle(MessageEffect(EventSubmitted, QueueScreen))
	return b.finish()
}

// screenable tells whether an officer may decide: also while the report still
// waits for the machine, which then finds it moved on.
func screenable(r Report, ctx Context) error {
	if r.State != Submitted && r.State != Screening {
		return wrongState(r.State)
	}
	return ctx.stale(r.Touched)
}

// Accept records a check that finds the report to meet Art. 9 (R58). The check
// ends here: the transfer clock starts. The screening clock ends when the answer
// has been handed to the channel (R60).
func Accept(r Report, note string, ctx Context) (Change, error) {
	if err := screenable(r, ctx); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventAccepted)
	b.r.State = Accepted
	clock, err := b.start(ClockTransfer, "", ctx.At, 0)
	if err != nil {
		return Change{}, err
	}
	b.r.Clocks = append(b.r.Clocks, clock)
	if note != "" {
		b.body = &Body{Reason: note}
	}
	b.settle(MessageEffect(EventSubmitted, QueueScreen))
	b.owe(ProjectMine, MessageEffect(EventAccepted, QueueNotify), MessageEffect(EventAccepted, QueueRoute))
	return b.finish()
}

// Refusal is the operator's decision not to accept: a code of the law's list and
// a text (R59). Related links the open report of which it is a duplicate.
type Refusal struct {
	Code    string
	Reason  string
	Related string
}

// Refuse records a check that finds the report not to meet Art. 9.
func Refuse(r Report, refusal Refusal, ctx Context) (Change, error) {
	if err := screenable(r, ctx); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventRefused)
	b.r.State = Refused
	b.e.Facts.Code, b.e.Facts.Related = refusal.Code, refusal.Related
	b.body = &Body{Reason: refusal.Reason}
	b.settle(MessageEffect(EventSubmitted, QueueScreen))
	b.owe(ProjectMine, MessageEffect(EventRefused, QueueNotify))
	return b.finish()
}

// AskSupplement asks the reporter for more before deciding; no clock pauses
// (reading A26).
func AskSupplement(r Report, question string, ctx Context) (Change, error) {
	if err := screenable(r, ctx); err != nil {
		return Change{}, err
	}
	if r.Supplement != nil && r.Supplement.Answered == nil {
		return Change{}, fault.New(fault.Conflict, "supplement_open")
	}
	b := begin(r, ctx, EventSupplementAsked)
	b.r.State = Screening
	b.r.Supplement = &Supplement{Asked: b.e.N, AskedAt: b.e.At}
	b.body = &Body{Text: question}
	b.settle(MessageEffect(EventSubmitted, QueueScreen))
	b.owe(ProjectMine, MessageEffect(EventSupplementAsked, QueueNotify))
	return b.finish()
}

// AnswerSent records that the answer of an acceptance or refusal was handed to
// the channel: the later of both instants ends the screening clock (R60).
func AnswerSent(h History, decision int, ctx Context) (Change, error) {
	r := h.Report
	clock := r.Clock(ClockScreening)
	if clock == nil || !clock.Running() || !Stands(h, decision) || !decides(h.Events[decision-1].Type) {
		return Change{}, ErrMovedOn
	}
	b := begin(r, ctx, EventAnswerSent)
	b.e.Facts.Decision = decision
	b.ctx.stop(b.r.Clock(ClockScreening), "", ctx.At)
	b.e.Facts.Late = b.r.Clock(ClockScreening).Late(ctx.At)
	b.settleOf(MessageEffect(EventAccepted, QueueNotify), decision)
	b.settleOf(MessageEffect(EventRefused, QueueNotify), decision)
	return b.finish()
}

// decides tells whether an event of that type ends the check (11.1.b).
func decides(kind string) bool { return kind == EventAccepted || kind == EventRefused }

// Stands tells whether the decision of an event still holds: no later event took
// it back.
func Stands(h History, decision int) bool {
	return decision >= 1 && decision <= len(h.Events)
}

// MediaRejected records that an upload was not taken; the report stands, and the
// reporter and the officer are told which file and why.
func MediaRejected(h History, slot, code string, ctx Context) (Change, error) {
	r := h.Report
	if !slices.Contains(r.Media, slot) {
		return Change{}, ErrMovedOn
	}
	for _, e := range h.Events {
		if e.Type == EventMediaRejected && e.Facts.Slot == slot {
			return Change{}, ErrMovedOn
		}
	}
	b := begin(r, ctx, EventMediaRejected)
	b.e.Facts.Slot, b.e.Facts.Code = slot, code
	b.owe(MessageEffect(EventMediaRejected, QueueNotify))
	return b.finish()
}
