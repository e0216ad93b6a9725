package ledger

import (
	"fmt"
	"slices"
	"time"
)

// image is the state that the events give, by the rules of Decision 1433, Art. 11
// and of the states, told here once more.
type image struct {
	state       string
	touched     int
	transfers   int
	media       []string
	supplement  *supplement
	proposal    *proposal
	clocks      []*clock
	assignments []*part
	wrong       []string
}

type part struct {
	assignment
	clocks []*clock
}

// step is what one type of event does.
type step struct {
	from  []string // the report's states in which it can happen; nil for any
	to    string   // the report's state after it; "" for the one before
	parts []string // it concerns an assignment, in one of these states
	apply func(m *image, p *part, e *event)
}

// steps are all types of events.
var steps = map[string]step{
	"report.submitted": {from: []string{""}, to: "submitted", apply: (*image).submit},
	"report.screening": {from: []string{"submitted"}, to: "screening"},
	"supplement.asked": {from: []string{"submitted", "screening"}, to: "screening", apply: func(m *image, _ *part, e *event) {
		m.supplement = &supplement{Asked: e.N, AskedAt: e.At}
	}},
	"report.supplemented": {from: []string{"screening"}, apply: (*image).supplemented},
	"report.withdrawn": {from: []string{"submitted", "screening"}, to: "withdrawn", apply: func(m *image, _ *part, _ *event) {
		void(last(m.clocks, "screening"))
	}},
	"report.accepted": {from: []string{"submitted", "screening"}, to: "accepted", apply: func(m *image, _ *part, e *event) { m.start(e) }},
	"report.refused":  {from: []string{"submitted", "screening"}, to: "refused"},
	"answer.sent": {apply: func(m *image, _ *part, e *event) {
		stop(last(m.clocks, "screening"), e.At)
	}},
	"report.routing":       {from: []string{"accepted"}, to: "routing", apply: (*image).propose},
	"report.transferred":   {from: []string{"accepted", "routing", "processing"}, apply: (*image).transfer},
	"report.answered":      {from: []string{"routing", "processing"}, apply: (*image).answer},
	"assignment.received":  {parts: []string{"transferred"}, apply: into("received")},
	"assignment.progress":  {parts: []string{"received"}},
	"assignment.extended":  {parts: []string{"received"}, apply: (*image).extend},
	"assignment.returned":  {parts: []string{"transferred", "received"}, apply: (*image).giveBack},
	"assignment.concluded": {parts: []string{"received"}, apply: (*image).conclude},
	"publication.drafted":  {parts: []string{"concluded"}, apply: (*image).draft},
	"publication.edited":   {parts: []string{"concluded", "editing"}, apply: (*image).draft},
	"assignment.published": {parts: []string{"concluded", "editing"}, apply: (*image).publish},
	"assignment.rated":     {parts: []string{"published"}, apply: func(_ *image, p *part, e *event) { p.Rating = e.Facts.Rating }},
	"clock.breached":       {apply: (*image).breach},
	"media.rejected":       {},
}

// replay follows the events from the first to the newest.
func replay(events []event) *image {
	m := new(image)
	for i := range events {
		m.take(&events[i])
	}
	return m
}

func (m *image) fails(e *event, format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf("event %d (%s) ", e.N, e.Type)+fmt.Sprintf(format, args...))
}

func (m *image) take(e *event) {
	s, known := steps[e.Type]
	if !known {
		m.fails(e, "is of a type that the ledger does not know")
		m.state = e.State
		return
	}
	if s.from != nil && !slices.Contains(s.from, m.state) {
		m.fails(e, "cannot happen to a report that is %q", m.state)
	}
	var p *part
	if s.parts != nil {
		if p = m.part(e.Assignment); p == nil {
			m.fails(e, "names the assignment %q, which is not there", e.Assignment)
			return
		}
		if !slices.Contains(s.parts, p.State) {
			m.fails(e, "cannot happen to an assignment that is %q", p.State)
		}
		m.touch(p, e)
	}
	if s.to != "" {
		m.state = s.to
	}
	if s.apply != nil {
		s.apply(m, p, e)
	}
	if e.By.Kind != "machine" && (s.parts == nil || e.Type == "assignment.returned") {
		m.touched = e.N
	}
	if m.state != e.State {
		m.fails(e, "says that the report was %q after it; by the events it was %q", e.State, m.state)
		m.state = e.State
	}
}

// touch moves an assignment's ETag: acts of persons alone do.
func (m *image) touch(p *part, e *event) {
	if e.By.Kind != "machine" {
		p.Event = e.N
	}
}

func (m *image) part(id string) *part {
	for _, p := range m.assignments {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// start takes the clocks that an event started: the report's own.
func (m *image) start(e *event) {
	for _, c := range e.Clocks {
		m.clocks = append(m.clocks, &c)
	}
}

func (m *image) submit(_ *part, e *event) {
	m.media = e.Facts.Media
	m.start(e)
}

func (m *image) supplemented(_ *part, e *event) {
	if m.supplement == nil || m.supplement.Answered != nil {
		m.fails(e, "answers what nobody asked")
		return
	}
	m.supplement.Answered = &e.At
	m.media = slices.Concat(m.media, e.Facts.Media)
}

func (m *image) propose(_ *part, e *event) {
	if len(e.Facts.Agencies) > 0 {
		m.proposal = &proposal{Agency: e.Facts.Agencies[0], Days: e.Facts.Days}
	}
}

// transfer makes an assignment with its two clocks for each agency.
func (m *image) transfer(_ *part, e *event) {
	m.transfers++
	if m.state == "processing" && m.waiting() == 0 {
		m.fails(e, "sends on what nobody returned")
	}
	stop(last(m.clocks, "transfer"), e.At)
	m.redistribute(e)
	if len(e.Clocks) != 2*len(e.Facts.Agencies) {
		m.fails(e, "names %d agencies and started %d clocks", len(e.Facts.Agencies), len(e.Clocks))
		return
	}
	for i, agency := range e.Facts.Agencies {
		p := &part{assignment: assignment{
			ID: fmt.Sprintf("a%d", len(m.assignments)+1), Agency: agency, State: "transferred", Event: e.N, TransferredAt: e.At,
		}}
		for _, c := range e.Clocks[2*i : 2*i+2] {
			c.Window = c.Name == "return" // measured only when the agency returns
			p.clocks = append(p.clocks, &c)
		}
		m.assignments = append(m.assignments, p)
	}
	m.stand()
}

func (m *image) answer(_ *part, e *event) {
	if m.waiting() == 0 {
		m.fails(e, "answers what nobody returned")
	}
	m.redistribute(e)
	m.stand()
}

// redistribute ends the operator's hours of what an event names as returned; the
// events of earlier versions name nothing, and then one hour runs at most.
func (m *image) redistribute(e *event) {
	if len(e.Facts.Returns) == 0 {
		stop(last(m.clocks, "redistribute"), e.At)
	}
	for _, id := range e.Facts.Returns {
		ended := 0
		for _, c := range m.clocks {
			if c.Name == "redistribute" && c.running() && c.Part == id {
				stop(c, e.At)
				ended++
			}
		}
		if ended == 0 {
			m.fails(e, "sends on or answers what %s did not return", id)
		}
	}
}

// waiting counts what was returned and is neither sent on nor answered.
func (m *image) waiting() int {
	n := 0
	for _, c := range m.clocks {
		if c.Name == "redistribute" && c.running() {
			n++
		}
	}
	return n
}

// stand gives a report that was transferred its state: by its open parts, by what
// waits, by how its parts ended.
func (m *image) stand() {
	switch {
	case m.open() > 0:
		m.state = "processing"
	case m.waiting() > 0:
		m.state = "routing"
	case slices.ContainsFunc(m.assignments, func(p *part) bool { return p.State == "published" }):
		m.state = "published"
	default:
		m.state = "answered"
	}
}

func into(state string) func(*image, *part, *event) {
	return func(_ *image, p *part, _ *event) { p.State = state }
}

// extend puts a later due time in the place of the first, once and before it.
func (m *image) extend(p *part, e *event) {
	first := last(p.clocks, "handling")
	if first == nil || first.Extended || !e.At.Before(first.Due) || len(e.Clocks) != 1 || !e.Clocks[0].Due.After(first.Due) {
		m.fails(e, "extends what cannot be extended any more, or by nothing")
		return
	}
	later := e.Clocks[0]
	first.Moved, later.Extended = e.N, true
	p.clocks = append(p.clocks, &later)
}

func (m *image) giveBack(p *part, e *event) {
	stop(last(p.clocks, "return"), e.At)
	if e.Facts.Code != "partly_not_competent" { // else the agency keeps its part
		p.State = "returned"
		void(last(p.clocks, "handling"))
	}
	m.start(e)
	for _, c := range m.clocks[len(m.clocks)-len(e.Clocks):] {
		c.Part = p.ID
	}
	m.stand()
}

func (m *image) conclude(p *part, e *event) {
	p.State = "concluded"
	stop(last(p.clocks, "handling"), e.At)
	void(last(p.clocks, "return"))
	for _, c := range e.Clocks {
		p.clocks = append(p.clocks, &c)
	}
	p.Result = &result{Slot: e.Facts.Slot, SHA256: e.Facts.SHA256, Event: e.N, ConcludedAt: e.At}
	if c := last(p.clocks, "result"); c != nil {
		p.Result.ResultAt = c.Start
		stop(c, e.At)
	}
}

func (m *image) draft(p *part, e *event) {
	p.State = "editing"
	if p.Publication == nil {
		p.Publication = new(publication)
	}
	p.Publication.Draft = e.N
}

func (m *image) publish(p *part, e *event) {
	p.State = "published"
	next := publication{Revision: 1, Event: e.N, At: e.At, First: e.At}
	if old := p.Publication; old != nil && old.Revision > 0 {
		next.Revision, next.First = old.Revision+1, old.First
	}
	if e.Facts.Revision != next.Revision {
		m.fails(e, "is revision %d by its facts; by the events it is %d", e.Facts.Revision, next.Revision)
	}
	p.Publication = &next
	stop(last(p.clocks, "publication"), e.At)
	m.stand()
}

// breach finds the clock whose passed due time the event recorded.
func (m *image) breach(_ *part, e *event) {
	clocks := m.clocks
	if e.Assignment != "" {
		p := m.part(e.Assignment)
		if p == nil {
			m.fails(e, "names the assignment %q, which is not there", e.Assignment)
			return
		}
		clocks = p.clocks
	}
	for _, c := range clocks {
		if c.Name == e.Facts.Clock && c.running() && !c.Window && c.Breached == 0 && e.At.After(c.Due) {
			c.Breached = e.N
			return
		}
	}
	m.fails(e, "records a due time that had not passed: of the clock %q", e.Facts.Clock)
}

func (m *image) open() int {
	n := 0
	for _, p := range m.assignments {
		if p.State != "published" && p.State != "returned" {
			n++
		}
	}
	return n
}

func last(clocks []*clock, name string) *clock {
	for _, c := range slices.Backward(clocks) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func stop(c *clock, at time.Time) {
	if c != nil && c.running() {
		c.Done, c.Elapsed = &at, int(at.Sub(c.Start)/time.Minute)
	}
}

func void(c *clock) {
	if c != nil && c.running() {
		c.Void = true
	}
}
