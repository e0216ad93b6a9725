package ledger

import (
	"slices"
	"strings"
)

// Effects that are owed until the change that their message brings.
const (
	toScreen       = "message:report.submitted>screen"
	toRoute        = "message:report.accepted>route"
	toPublish      = "message:assignment.concluded>publish"
	acceptedNotice = "message:report.accepted>notify"
	refusedNotice  = "message:report.refused>notify"
)

// effects checks what the report owes: that its events owe it, that it is not
// stuck, and that nothing waits for a machine that nothing will call.
func (q *inquiry) effects() {
	where := q.where(stateSort)
	names, once := make(map[string]bool), make(map[string]bool)
	for _, e := range q.state.Owed {
		q.checked.Effects++
		name := e.Name
		if strings.HasPrefix(name, "message:") {
			name = place(name, e.N) // each message tells of its own event
		}
		if once[name] {
			q.deviates(InEffect, where, "%s is owed twice", e.Name)
		}
		once[name], names[e.Name] = true, true
		q.effect(where, e)
	}
	q.waits(names, where)
	q.unrecorded("", q.state.Clocks)
	for i := range q.state.Assignments {
		q.unrecorded("#"+q.state.Assignments[i].ID, q.state.Assignments[i].Clocks)
	}
}

func (q *inquiry) effect(where string, e effect) {
	i := slices.IndexFunc(q.events, func(o event) bool { return o.N == e.N })
	if i < 0 {
		q.deviates(InEffect, where, "%s is owed by event %d, which is not there", e.Name, e.N)
		return
	}
	by := &q.events[i]
	message, isMessage := strings.CutPrefix(e.Name, "message:")
	switch {
	case isMessage && !strings.HasPrefix(message, by.Type+">"):
		q.deviates(InEffect, where, "%s is owed by event %d, which is %s", e.Name, e.N, by.Type)
	case !isMessage && !q.projects(e.Name):
		q.deviates(InEffect, where, "%s is owed, and is nothing that can be carried out", e.Name)
	}
	if q.now.Sub(by.At) > patience && (e.Tries > 0 || q.now.Sub(e.Retry) > patience) {
		q.deviates(InEffect, where, "%s is owed by event %d since %s: stuck after %d retries, the next at %s",
			e.Name, e.N, instant(by.At), e.Tries, instant(e.Retry))
	}
}

// projects tells whether an effect names a projection of the report.
func (q *inquiry) projects(name string) bool {
	for _, prefix := range []string{owedWork, owedPublic} {
		if part, ok := strings.CutPrefix(name, prefix); ok {
			return slices.ContainsFunc(q.state.Assignments, func(a assignment) bool { return a.ID == part })
		}
	}
	return name == owedMine || name == owedDay || name == owedMedia || name == owedNear && q.state.Point != nil
}

// waits names a report that waits for the machine while nothing owes its call.
func (q *inquiry) waits(owed map[string]bool, where string) {
	s := &q.state
	switch {
	case s.State == "submitted" && !owed[toScreen]:
		q.deviates(InEffect, where, "the report waits for its screening, and nothing owes it")
	case s.State == "accepted" && !owed[toRoute]:
		q.deviates(InEffect, where, "the report waits for its routing, and nothing owes it")
	}
	decided := s.State != "submitted" && s.State != "screening"
	for i := range s.Clocks {
		if c := &s.Clocks[i]; c.Name == "screening" && c.running() && decided && !owed[acceptedNotice] && !owed[refusedNotice] {
			q.deviates(InEffect, where, "the answer of the check was not handed to the reporter, and nothing owes it")
		}
	}
	for i := range s.Assignments {
		a := &s.Assignments[i]
		// Two parts concluded at almost one time share the effect's name.
		if a.State == "concluded" && a.Result != nil && !owed[toPublish] && q.now.Sub(a.Result.ConcludedAt) > patience {
			q.deviates(InEffect, where+"#"+a.ID, "the part waits for its draft, and nothing owes it")
		}
	}
}

// unrecorded names a due time that passed long ago without the sweep's record.
func (q *inquiry) unrecorded(owner string, clocks []clock) {
	for i := range clocks {
		c := &clocks[i]
		if c.running() && !c.Window && c.Breached == 0 && q.now.Sub(c.Due) > patience {
			q.deviates(InEffect, q.where(stateSort)+owner, "the due time of the clock %s passed at %s, and no event records it", c.Name, instant(c.Due))
		}
	}
}

// owes tells whether the report still owes an effect.
func (q *inquiry) owes(name string) bool {
	return slices.ContainsFunc(q.state.Owed, func(e effect) bool { return e.Name == name })
}
