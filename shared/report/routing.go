package report

import (
	"fmt"
	"slices"

	"paht/shared/fault"
)

// Proposed moves an accepted report to the routers with the
// machine's proposal.
func Proposed(r Report, p Proposal, ctx Context) (Change, error) {
	if r.State != Accepted {
		return Change{}, ErrMovedOn
	}
	b := begin(r, ctx, EventRouting)
	b.r.State = Routing
	if p.Agency != "" {
		b.r.Proposal = &p
		b.e.Facts.Agencies = []string{p.Agency}
		b.e.Facts.Days = p.Days
	}
	b.settle(MessageEffect(EventAccepted, QueueRoute))
	return b.finish()
}

// Target is one agency of a transfer with its own due time and legal basis
// (R63); the basis is what the department entered and may be empty.
type Target struct {
	Agency     string
	Days       int // working days, 1 at least (reading A28)
	LegalBasis string
}

// Transfer sends the report to one or more agencies (R61, R62), or sends on what
// was returned: the assignments named, or all that wait (R67). The doors have
// checked that each agency is assigned on the date (R05). Every transfer starts a
// new hour for the return (reading A22).
func Transfer(r Report, targets []Target, note string, ctx Context, returned ...string) (Change, error) {
	if err := routable(r, ctx); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventTransferred)
	b.r.Transfers++
	b.ctx.stop(b.r.Clock(ClockTransfer), "", ctx.At)
	if err := b.redistribute(returned); err != nil {
		return Change{}, err
	}
	for _, t := range targets {
		a := Assignment{
			ID: fmt.Sprintf("a%d", len(b.r.Assignments)+1), Agency: t.Agency, State: Transferred,
			Event: b.e.N, TransferredAt: b.e.At, LegalBasis: t.LegalBasis,
		}
		for _, name := range []string{ClockReturn, ClockHandling} {
			clock, err := b.start(name, t.Agency, ctx.At, t.Days)
			if err != nil {
				return Change{}, err
			}
			clock.Window = name == ClockReturn
			a.Clocks = append(a.Clocks, clock)
		}
		b.r.Assignments = append(b.r.Assignments, a)
		b.e.Facts.Agencies = append(b.e.Facts.Agencies, t.Agency)
		b.e.Facts.Bases = append(b.e.Facts.Bases, t.LegalBasis)
		b.owe(ProjectWork + a.ID)
	}
	b.r.State = b.r.standing()
	if len(b.r.Assignments) > 0 && len(targets) == 1 {
		b.e.Assignment = b.r.Assignments[len(b.r.Assignments)-1].ID
	}
	if note != "" {
		b.body = &Body{Reason: note}
	}
	b.settle(MessageEffect(EventAccepted, QueueRoute))
	b.owe(ProjectMine, MessageEffect(EventTransferred, QueueNotify))
	return b.finish()
}

// Transfers counts the transfers up to an event of a history.
func Transfers(h History, n int) int {
	count := 0
	for _, e := range h.Events[:n] {
		if e.Type == EventTransferred {
			count++
		}
	}
	return count
}

// routable tells whether the operator may route: also while an accepted report
// still waits for the machine, and what was returned while another part is open.
func routable(r Report, ctx Context) error {
	if r.State != Accepted && r.State != Routing && (r.State != Processing || r.waiting() == nil) {
		return wrongState(r.State)
	}
	return ctx.stale(r.Touched)
}

// redistribute ends the operator's hour for what was returned: of the assignments
// named, or of all that wait.
func (b *builder) redistribute(returned []string) error {
	for i, id := range returned {
		if !slices.ContainsFunc(b.r.Clocks, func(c Clock) bool { return c.Name == ClockRedistribute && c.Running() && c.Part == id }) {
			return fault.InvalidField(fmt.Sprintf("body.returns[%d]", i), "not_returned")
		}
	}
	for i := range b.r.Clocks {
		c := &b.r.Clocks[i]
		if c.Name != ClockRedistribute || !c.Running() || len(returned) > 0 && !slices.Contains(returned, c.Part) {
			continue
		}
		b.ctx.stop(c, "", b.ctx.At)
		if c.Part != "" && !slices.Contains(b.e.Facts.Returns, c.Part) {
			b.e.Facts.Returns = append(b.e.Facts.Returns, c.Part)
		}
	}
	return nil
}

// Answer is the operator's answer to the reporter after a return (R67): to what
// the assignments named gave back, or to all that waits. A report of which nothing
// else is left ends answered, or published when a part was published before.
func Answer(r Report, text, related string, ctx Context, returned ...string) (Change, error) {
	if err := routable(r, ctx); err != nil {
		return Change{}, err
	}
	if r.waiting() == nil {
		return Change{}, fault.New(fault.Conflict, "not_returned")
	}
	b := begin(r, ctx, EventAnswered)
	if err := b.redistribute(returned); err != nil {
		return Change{}, err
	}
	b.r.State = b.r.standing()
	b.e.Facts.Related = related
	b.body = &Body{Text: text}
	b.owe(ProjectMine, MessageEffect(EventAnswered, QueueNotify))
	return b.finish()
}
