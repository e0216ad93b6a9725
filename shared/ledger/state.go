package ledger

import (
	"slices"
	"time"
)

// replayed compares the state with what its events give.
func (q *inquiry) replayed() {
	m, s, where := replay(q.events), &q.state, q.where(stateSort)
	for _, text := range m.wrong {
		q.deviates(InState, where, "%s", text)
	}
	if s.ID != q.id {
		q.deviates(InState, where, "the state is that of report %s", s.ID)
	}
	if s.Version < q.newest().N {
		q.deviates(InState, where, "version %d is lower than the number of events, %d", s.Version, q.newest().N)
	}
	if first := q.events[0]; first.By.Kind == "reporter" && s.Owner != first.By.ID {
		q.deviates(InState, where, "the report belongs to another account than the one that sent it")
	}
	q.agree("the report is %v; by its events it is %v", where, s.State, m.state)
	q.agree("the report was submitted at %v; by its first event at %v", where, s.Submitted, q.events[0].At)
	q.agree("the last touch by a person is event %v; by the events it is %v", where, s.Touched, m.touched)
	q.agree("%v transfers are counted; by the events there were %v", where, s.Transfers, m.transfers)
	if !slices.Equal(s.Media, m.media) {
		q.deviates(InState, where, "the files are %v; by the events they are %v", s.Media, m.media)
	}
	q.supplements(m, where)
	q.clocks("", s.Clocks, m.clocks)
	if len(s.Assignments) != len(m.assignments) {
		q.deviates(InState, where, "%d assignments stand there; by the events there are %d", len(s.Assignments), len(m.assignments))
	}
	for i := range min(len(s.Assignments), len(m.assignments)) {
		q.assignment(&s.Assignments[i], m.assignments[i])
	}
}

// agree names two values that differ; instants are compared as instants.
func (q *inquiry) agree(format, where string, stored, replayed any) {
	a, isTime := stored.(time.Time)
	b, _ := replayed.(time.Time)
	if isTime && a.Equal(b) || !isTime && stored == replayed {
		return
	}
	q.deviates(InState, where, format, stored, replayed)
}

func (q *inquiry) supplements(m *image, where string) {
	a, b := q.state.Supplement, m.supplement
	if (a == nil) != (b == nil) || a != nil && (a.Asked != b.Asked || !a.AskedAt.Equal(b.AskedAt) || !sameInstant(a.Answered, b.Answered)) {
		q.deviates(InState, where, "what was asked of the reporter is not what the events say")
	}
	p, o := q.state.Proposal, m.proposal
	if (p == nil) != (o == nil) || p != nil && *p != *o {
		q.deviates(InState, where, "the machine's proposal is not what the events say")
	}
}

func (q *inquiry) assignment(a *assignment, p *part) {
	where := q.where(stateSort) + "#" + p.ID
	q.agree("the assignment is named %v; by the events it is %v", where, a.ID, p.ID)
	q.agree("the agency is %v; by the events it is %v", where, a.Agency, p.Agency)
	q.agree("the assignment is %v; by the events it is %v", where, a.State, p.State)
	q.agree("the last touch by a person is event %v; by the events it is %v", where, a.Event, p.Event)
	q.agree("it was transferred at %v; by the events at %v", where, a.TransferredAt, p.TransferredAt)
	q.agree("the rating is %v; by the events it is %v", where, a.Rating, p.Rating)
	r, o := a.Result, p.Result
	if (r == nil) != (o == nil) || r != nil && (r.Slot != o.Slot || r.SHA256 != o.SHA256 || r.Event != o.Event ||
		!r.ResultAt.Equal(o.ResultAt) || !r.ConcludedAt.Equal(o.ConcludedAt)) {
		q.deviates(InState, where, "the signed result is not the one of the events")
	}
	b, n := a.Publication, p.Publication
	if (b == nil) != (n == nil) || b != nil && (b.Revision != n.Revision || b.Event != n.Event || b.Draft != n.Draft ||
		!b.At.Equal(n.At) || !b.First.Equal(n.First)) {
		q.deviates(InState, where, "the publication is not the one of the events")
	}
	q.clocks("#"+p.ID, a.Clocks, p.clocks)
}

// clocks compares stored clocks with those that the events started: each stands
// once, with the instants of its starting event, ended by the event that ends it.
func (q *inquiry) clocks(owner string, stored []clock, started []*clock) {
	where := q.where(stateSort) + owner
	for i := range stored {
		c := &stored[i]
		q.checked.Clocks++
		if !slices.ContainsFunc(started, func(o *clock) bool { return o.Name == c.Name && o.Event == c.Event }) {
			q.deviates(InClock, where, "the clock %s of event %d was started by no event", c.Name, c.Event)
		}
	}
	for _, o := range started {
		var found []*clock
		for i := range stored {
			if c := &stored[i]; c.Name == o.Name && c.Event == o.Event {
				found = append(found, c)
			}
		}
		if len(found) != 1 {
			q.deviates(InClock, where, "the clock %s of event %d stands %d times", o.Name, o.Event, len(found))
			continue
		}
		q.clock(where, found[0], o)
	}
}

func (q *inquiry) clock(where string, c, o *clock) {
	if !c.Start.Equal(o.Start) || !c.Due.Equal(o.Due) || c.Unit != o.Unit || c.Amount != o.Amount || c.Window != o.Window ||
		c.Part != "" && c.Part != o.Part || c.Calendar != o.Calendar || c.Policy != o.Policy {
		q.deviates(InClock, where, "the clock %s runs from %s to %s; event %d started it from %s to %s",
			c.Name, instant(c.Start), instant(c.Due), o.Event, instant(o.Start), instant(o.Due))
	}
	if !sameInstant(c.Done, o.Done) || c.Void != o.Void || c.Elapsed != o.Elapsed {
		q.deviates(InClock, where, "the clock %s is %s; by the events it is %s", c.Name, ended(c), ended(o))
	}
	if c.Moved != o.Moved || c.Extended != o.Extended {
		q.deviates(InClock, where, "the clock %s of event %d is not extended as the events say", c.Name, c.Event)
	}
	if c.Breached != o.Breached {
		q.deviates(InClock, where, "the passed due time of the clock %s was recorded by event %d; by the events by %d", c.Name, c.Breached, o.Breached)
	}
}

func ended(c *clock) string {
	switch {
	case c.Void:
		return "void"
	case c.Done != nil:
		return "done at " + instant(*c.Done)
	}
	return "running"
}

func sameInstant(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}
