// Package view shows a stored report in the contract's types, with the names
// that the directory gives on the day of submission. It decides nothing.
package view

import (
	"context"

	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/settings"
)

// NoLegalBasis is what is said while the department has entered no legal basis
// (R63): the system cites no law by itself.
const NoLegalBasis = "chưa nhập căn cứ"

// Names gives names to codes; without a directory a code is its own name.
type Names struct{ directory *directory.Directory }

// NamesOf reads the directory of the settings. Not being set up yet is no error.
func NamesOf(ctx context.Context, s *settings.Snapshot) (Names, error) {
	d, err := s.Directory(ctx)
	if fault.Is(err, "not_set_up") {
		return Names{}, nil
	}
	return Names{directory: d}, err
}

// Category is a category's name on a date.
func (n Names) Category(code string, on directory.Date) string {
	if n.directory != nil {
		if c, ok := n.directory.Category(code, on); ok {
			return c.Name
		}
	}
	return code
}

// Commune is a commune's name on a date.
func (n Names) Commune(code string, on directory.Date) string {
	if n.directory != nil {
		if u, ok := n.directory.Unit(code, on); ok {
			return u.Name
		}
	}
	return code
}

// Agency is an agency's name on a date, also of one that has closed.
func (n Names) Agency(key string, on directory.Date) string {
	if n.directory != nil {
		if a, ok := n.directory.AgencyRow(key, on); ok {
			return a.Name
		}
	}
	return key
}

// Report shows a report as it stands.
func (n Names) Report(r report.Report) contract.Report {
	on := directory.DateOf(r.SubmittedAt)
	out := contract.Report{
		ID: r.ID, ETag: httpapi.ETag(r.Touched), State: string(r.State),
		Category: r.Category, CategoryName: n.Category(r.Category, on),
		Commune: r.Commune, CommuneName: n.Commune(r.Commune, on),
		SubmittedAt: contract.At(r.SubmittedAt), Channel: r.Channel, Notice: string(r.Notice), Publicity: string(r.Publicity),
		Flags: append([]string{}, r.Flags...), Clocks: Clocks(r.Clocks), Assignments: []contract.Assignment{},
	}
	if r.Point != nil {
		out.Point = &contract.Point{Lat: r.Point.Lat, Lon: r.Point.Lon}
	}
	if r.Proposal != nil {
		out.Proposal = &contract.Proposal{Agency: r.Proposal.Agency, Days: r.Proposal.Days}
	}
	for i := range r.Assignments {
		out.Assignments = append(out.Assignments, n.Assignment(&r.Assignments[i]))
	}
	return out
}

// Assignment shows one part.
func (n Names) Assignment(a *report.Assignment) contract.Assignment {
	out := contract.Assignment{
		ID: a.ID, ETag: httpapi.ETag(a.Event), Agency: a.Agency, AgencyName: n.Agency(a.Agency, directory.DateOf(a.TransferredAt)),
		State: string(a.State), TransferredAt: contract.At(a.TransferredAt), LegalBasis: a.LegalBasis,
		Clocks: Clocks(a.Clocks), Rating: a.Rating,
	}
	if out.LegalBasis == "" {
		out.LegalBasis = NoLegalBasis
	}
	if r := a.Result; r != nil {
		out.Result = &contract.Result{Upload: r.Slot, SHA256: r.SHA256, ResultAt: contract.At(r.ResultAt), ConcludedAt: contract.At(r.ConcludedAt)}
	}
	if p := a.Publication; p != nil && p.Revision > 0 {
		out.Publication = &contract.Publication{Revision: p.Revision, At: &contract.Time{Time: p.At}}
	}
	return out
}

// Clocks shows clocks with the fields of R72.
func Clocks(clocks []report.Clock) []contract.Clock {
	out := make([]contract.Clock, 0, len(clocks))
	for _, c := range clocks {
		if c.Void {
			continue
		}
		shown := contract.Clock{
			Name: c.Name, Unit: string(c.Unit), Amount: c.Amount, Start: contract.At(c.Start), Due: contract.At(c.Due),
			Done: contract.AtPointer(c.Done), Breached: c.Breached > 0, Extended: c.Extended, Moved: c.Moved > 0, WorkingMinutes: c.Worked, ClockMinutes: c.Elapsed,
			Calendar: c.Calendar, Policy: c.Policy, Assignment: c.Part,
		}
		if c.Done != nil || c.Breached > 0 {
			onTime := c.OnTime()
			shown.OnTime = &onTime
		}
		out = append(out, shown)
	}
	return out
}

// Act shows what one event did: a function of the event alone, so that a repeat
// of the act gives the same.
func Act(id string, e report.Event) contract.Act {
	return contract.Act{
		Report: id, Event: e.N, Type: e.Type, At: contract.At(e.At), State: string(e.State),
		Assignment: e.Assignment, Clocks: Clocks(e.Clocks), Late: e.Facts.Late,
	}
}

// Acted answers an act on a report, or on one of its parts.
func (n Names) Acted(r report.Report, e report.Event) *contract.ActedOutput {
	out := &contract.ActedOutput{ETag: httpapi.ETag(r.Touched), Body: contract.Acted{Act: Act(r.ID, e), Report: n.Report(r)}}
	if a := r.Assignment(e.Assignment); a != nil && e.Type != report.EventTransferred {
		out.ETag = httpapi.ETag(a.Event)
	}
	return out
}
