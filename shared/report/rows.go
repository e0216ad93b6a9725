package report

import "time"

// WorkRow is a row of an officer's queue: what a list shows without loading the
// report.
type WorkRow struct {
	Report     string    `json:"report"`
	Assignment string    `json:"asg,omitempty"`
	ETag       int       `json:"etag"`
	State      string    `json:"state"`
	Category   string    `json:"category"`
	Commune    string    `json:"commune"`
	Agency     string    `json:"agency,omitempty"`
	Submitted  time.Time `json:"submitted"`
	Due        time.Time `json:"due"`
	Flags      []string  `json:"flags,omitempty"`
}

// listed is the state as lists show it. What waits for the machine is shown as what
// the machine makes of it a moment later: so its step changes no row, and a row
// is only written where a person would see another one.
func (s State) listed() State {
	switch s {
	case Submitted:
		return Screening
	case Accepted:
		return Routing
	}
	return s
}

func (s AssignmentState) listed() AssignmentState {
	if s == Concluded {
		return Editing
	}
	return s
}

// QueueRow is the row that stands in the state item itself: the report's in the
// operator's queue, else its first assignment's. So a report of one agency needs no
// item beside its state.
func (r *Report) QueueRow() (queue string, row WorkRow, ok bool) {
	if queue, row, ok = r.StageRow(); ok || len(r.Assignments) == 0 {
		return queue, row, ok
	}
	return r.PartRow(&r.Assignments[0])
}

// AsideRow is an assignment's row where it stands in an item of its own: that of
// the first only while its report is in the operator's queue beside it, for what was
// returned. False when there is none.
func (r *Report) AsideRow(a *Assignment) (queue string, row WorkRow, ok bool) {
	if _, _, staged := r.StageRow(); !staged && a.ID == r.Assignments[0].ID {
		return "", WorkRow{}, false
	}
	return r.PartRow(a)
}

// StageRow is the report's row in the operator's queue; false when in none.
func (r *Report) StageRow() (stage string, row WorkRow, ok bool) {
	stage, due, ok := r.Stage()
	if !ok {
		return "", WorkRow{}, false
	}
	return stage, WorkRow{
		Report: r.ID, ETag: r.Touched, State: string(r.State.listed()), Category: r.Category, Commune: r.Commune,
		Submitted: r.SubmittedAt, Due: due, Flags: r.Flags,
	}, true
}

// PartRow is an assignment's row: in its agency's queue while it is handled, in
// the editors' while it is edited; false when in none.
func (r *Report) PartRow(a *Assignment) (queue string, row WorkRow, ok bool) {
	row = WorkRow{
		Report: r.ID, Assignment: a.ID, ETag: a.Event, State: string(a.State.listed()), Category: r.Category,
		Commune: r.Commune, Agency: a.Agency, Submitted: r.SubmittedAt, Due: a.Due(), Flags: r.Flags,
	}
	switch a.State {
	case Transferred, Received:
		return AgencyQueue(a.Agency), row, true
	case Concluded, Editing:
		return StageEdit, row, true
	}
	return "", row, false
}

// AgencyQueue names the queue of an agency's open parts.
func AgencyQueue(agency string) string { return "agency#" + agency }

// OwnRow is a row of the reporter's list.
type OwnRow struct {
	Report    string    `json:"report"`
	State     State     `json:"state"`
	Category  string    `json:"category"`
	Commune   string    `json:"commune"`
	Submitted time.Time `json:"submitted"`
	Asked     bool      `json:"asked,omitempty"`
}

// Own is the report's row in its reporter's list.
func (r *Report) Own() OwnRow {
	return OwnRow{
		Report: r.ID, State: r.State.listed(), Category: r.Category, Commune: r.Commune, Submitted: r.SubmittedAt,
		Asked: r.State == Screening && r.Supplement != nil && r.Supplement.Answered == nil,
	}
}

// PublicPart is a published part as it is stored for the public: no personal
// data but the name that the reporter consented to.
type PublicPart struct {
	Report     string    `json:"report"`
	Assignment string    `json:"asg"`
	Revision   int       `json:"rev"`
	At         time.Time `json:"at"`
	First      time.Time `json:"first"`
	Submitted  time.Time `json:"submitted"`
	Category   string    `json:"category"`
	Commune    string    `json:"commune"`
	Agency     string    `json:"agency"`
	OnTime     bool      `json:"on_time"`
	Title      string    `json:"title"`
	Content    string    `json:"content,omitempty"`
	Answer     string    `json:"answer,omitempty"`
	Name       string    `json:"name,omitempty"`
	Pictures   []string  `json:"pictures,omitempty"` // object keys under the public prefix
	Document   string    `json:"document,omitempty"` // object key
}

// PublicOf makes the public part of a released assignment from the body of its
// publication; pictures are numbered, never named after what was uploaded.
func (r *Report) PublicOf(a *Assignment, b Body) PublicPart {
	p := PublicPart{
		Report: r.ID, Assignment: a.ID, Revision: a.Publication.Revision, At: a.Publication.At, First: a.Publication.First,
		Submitted: r.SubmittedAt, Category: r.Category, Commune: r.Commune, Agency: a.Agency,
		OnTime: a.Clock(ClockPublication).OnTime(), Title: b.Title, Content: b.Content, Answer: b.Answer, Name: b.Name,
	}
	for i := range b.Media {
		p.Pictures = append(p.Pictures, PublicPicture(r.ID, a.ID, p.Revision, i+1))
	}
	if b.Document {
		p.Document = PublicDocument(r.ID, a.ID, p.Revision)
	}
	return p
}
