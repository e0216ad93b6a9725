package query

import (
	"context"
	"encoding/json"

	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/upload"
	"paht/shared/view"
)

// reader says how much of a report its reader may see.
type reader struct {
	owner    bool
	officer  bool
	operator bool // sees hints, notes and drafts
}

// readerOf decides who may read a report: its owner; the operator; an agency that
// has had a part of it, and those above it (reading A23); who may read all. For
// everybody else it is not there.
func (s *Step) readerOf(ctx context.Context, r report.Report) (reader, error) {
	caller := httpapi.Caller(ctx)
	if !caller.Officer() {
		if r.Owner != caller.Account {
			return reader{}, fault.New(fault.NotFound, "not_found")
		}
		return reader{owner: true}, nil
	}
	if mayAny(caller, []string{contract.RightScreen, contract.RightRoute, contract.RightPublish, contract.RightReadAll}) {
		return reader{officer: true, operator: true}, nil
	}
	if !mayAny(caller, []string{contract.RightHandle, contract.RightRead}) {
		return reader{}, fault.New(fault.NotFound, "not_found")
	}
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return reader{}, err
	}
	d, err := set.Directory(ctx)
	if err != nil {
		return reader{}, err
	}
	under := map[string]bool{caller.Agency: true}
	on := directory.DateOf(s.Now())
	for _, code := range d.Subtree(caller.Agency, on) {
		if a, ok := d.Agency(code, on); ok {
			under[a.Key().String()] = true // a part is held under the key of the agency's row
		}
	}
	for _, a := range r.Assignments {
		if under[a.Agency] {
			return reader{officer: true}, nil
		}
	}
	return reader{}, fault.New(fault.NotFound, "not_found")
}

func (s *Step) read(ctx context.Context, in *contract.ReportPath) (*contract.DetailOutput, error) {
	id, ok := report.ParseCode(in.Report)
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	h, err := s.Reports.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	who, err := s.readerOf(ctx, h.Report)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	bodies, err := s.Reports.Bodies(ctx, h.Report)
	if err != nil {
		return nil, err
	}
	out := &contract.DetailOutput{Body: contract.Detail{Report: names.Report(h.Report), History: history(h, bodies, who, names)}}
	out.ETag = out.Body.ETag
	if b := bodies[1]; b != nil {
		out.Body.Text, out.Body.Address, out.Body.OccurredAt = b.Text, b.Address, contract.AtPointer(b.Occurred)
	}
	if out.Body.Media, err = s.media(ctx, h.Report); err != nil {
		return nil, err
	}
	parts(&out.Body, h.Report, bodies, who)
	if who.operator {
		if out.Body.Near, err = s.duplicates(ctx, h.Report); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parts adds what the bodies say of each part: the verdict on its result, and for
// the operator the draft.
func parts(out *contract.Detail, r report.Report, bodies map[int]*report.Body, who reader) {
	for i, a := range r.Assignments {
		if a.Result != nil && out.Assignments[i].Result != nil {
			if b := bodies[a.Result.Event]; b != nil {
				out.Assignments[i].Result.Verdict = b.Verdict
				if who.officer {
					out.Assignments[i].Result.Summary = b.Text
				}
			}
		}
		if !who.operator || a.Publication == nil {
			continue
		}
		if b := bodies[a.Publication.Draft]; b != nil {
			out.Drafts = append(out.Drafts, draftOf(a.ID, b))
		}
	}
}

func draftOf(assignment string, b *report.Body) contract.Draft {
	d := contract.Draft{
		Assignment: assignment, Title: b.Title, Content: b.Content, Answer: b.Answer, Document: b.Document, Media: []contract.PublicMedium{},
	}
	for _, m := range b.Media {
		d.Media = append(d.Media, contract.PublicMedium{Upload: m.Slot, Checked: m.Checked})
	}
	return d
}

func (s *Step) media(ctx context.Context, r report.Report) ([]contract.Medium, error) {
	out := []contract.Medium{}
	for _, slot := range r.Media {
		u, err := s.Files.Slot(ctx, slot)
		if err != nil && !fault.Is(err, "unknown_upload") {
			return nil, err
		}
		m := contract.Medium{Upload: slot, State: string(u.State), Reason: u.Reason}
		switch {
		case err != nil || u.Report != "" && u.Report != r.ID:
			m.State, m.Reason = string(upload.Rejected), "unknown_upload" // another report had it first
		case u.State == upload.Open:
			m.State = "pending"
		case u.State == upload.Accepted:
			if m.URL, err = s.Files.Address(ctx, report.CleanKey(slot)); err != nil {
				return nil, err
			}
			if m.Small, err = s.Files.Address(ctx, report.SmallKey(slot)); err != nil {
				return nil, err
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// private are the events whose text is the operator's and the agencies' own; the
// reporter sees that they happened, not their words.
var private = map[string]bool{
	report.EventAccepted: true, report.EventTransferred: true, report.EventReturned: true, report.EventConcluded: true,
}

// hidden are the events that only officers see.
var hidden = map[string]bool{report.EventDrafted: true, report.EventEdited: true}

func history(h report.History, bodies map[int]*report.Body, who reader, names view.Names) []contract.Entry {
	out := make([]contract.Entry, 0, len(h.Events))
	for _, e := range h.Events {
		if hidden[e.Type] && !who.officer {
			continue
		}
		entry := contract.Entry{
			N: e.N, Type: e.Type, At: contract.At(e.At), By: string(e.By.Kind), State: string(e.State), Assignment: e.Assignment,
			Code: e.Facts.Code, Related: e.Facts.Related, Clock: e.Facts.Clock, Upload: e.Facts.Slot, Late: e.Facts.Late,
		}
		if e.By.Agency != "" {
			entry.Agency = names.Agency(e.By.Agency, directory.DateOf(e.At))
		}
		if who.officer && e.By.Kind == report.ByOfficer {
			entry.Officer = e.By.ID
		}
		if b := bodies[e.N]; b != nil {
			entry.Text, entry.Hints = words(e, b, who)
		}
		out = append(out, entry)
	}
	return out
}

func words(e report.Event, b *report.Body, who reader) (string, json.RawMessage) {
	if private[e.Type] && !who.officer {
		return "", nil
	}
	text := b.Text
	if text == "" {
		text = b.Reason
	}
	if !who.operator {
		return text, nil
	}
	return text, b.Hints
}

// contact shows a reporter's contact data; the audit entry is written first
// (R13, reading A14).
func (s *Step) contact(ctx context.Context, in *contract.ContactInput) (*contract.ContactOutput, error) {
	id, ok := report.ParseCode(in.Report)
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	r, err := s.Reports.State(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, err := s.readerOf(ctx, r); err != nil {
		return nil, err
	}
	out := &contract.ContactOutput{}
	out.Body.Audit, err = s.Contacts.Audit(ctx, httpapi.Key(ctx), httpapi.Caller(ctx), "contact.shown", r.ID, in.Body.Reason, s.Now())
	if err != nil {
		return nil, err
	}
	c, err := s.Contacts.Contact(ctx, r.Owner)
	if err != nil {
		return nil, err
	}
	out.Body.Name, out.Body.Email, out.Body.Phone = c.Name, c.Email, c.Phone
	return out, nil
}
