// Package publish is the publication (11.3.c): the machine drafts a part's public
// text, an editor edits and releases it: the public entry and the reporter's
// notice in one act. It imports no AWS and no other step.
package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"paht/shared/contract"
	"paht/shared/decision"
	"paht/shared/directory"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/upload"
	"paht/shared/verdict"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// Reports reads the texts of reports.
type Reports interface {
	// Body opens the body of one event; nil when it has none.
	Body(ctx context.Context, r report.Report, n int) (*report.Body, error)
}

// Slots reads upload slots.
type Slots interface {
	// Load reads a slot; a missing one is a fault unknown_upload.
	Load(ctx context.Context, id string) (upload.Slot, error)
}

// Objects reads what was uploaded.
type Objects interface {
	// Read gives an object's bytes, at most max of them; a missing one is a fault
	// upload_unfinished.
	Read(ctx context.Context, key string, max int64) ([]byte, error)
}

// Contacts gives the name that a consenting reporter is shown with.
type Contacts interface {
	// Name is the account's own name.
	Name(ctx context.Context, account string) (string, error)
}

// Step is the publication.
type Step struct {
	Flow     effect.Actor
	Maker    decision.Maker
	Reports  Reports
	Slots    Slots
	Objects  Objects
	Contacts Contacts
}

// Take drafts the publication of a concluded part from the reporter's text, the
// agency's summary and the pictures that were found clean.
func (s *Step) Take(ctx context.Context, e message.Envelope) error {
	c, set, err := s.Maker.ByMachine(ctx, "publish", e)
	if err != nil {
		return err
	}
	names, err := view.NamesOf(ctx, set)
	if err != nil {
		return err
	}
	_, _, err = s.Flow.Act(ctx, e.Report, func(h report.History) (report.Change, error) {
		a := concludedBy(h, e.N)
		if a == nil {
			return report.Change{}, report.ErrMovedOn
		}
		d, err := s.draft(ctx, h.Report, a, names, c)
		if err != nil {
			return report.Change{}, err
		}
		return report.Drafted(h.Report, a.ID, d, c)
	})
	if errors.Is(err, report.ErrMovedOn) {
		return nil
	}
	return err
}

// concludedBy finds the assignment that the event concluded; a resend of the
// effect names the same event.
func concludedBy(h report.History, n int) *report.Assignment {
	for i := range h.Report.Assignments {
		a := &h.Report.Assignments[i]
		if a.State == report.Concluded && a.Result != nil && a.Result.Event == n {
			return a
		}
	}
	return nil
}

func (s *Step) draft(ctx context.Context, r report.Report, a *report.Assignment, names view.Names, c report.Context) (report.Draft, error) {
	sent, err := s.Reports.Body(ctx, r, 1)
	if err != nil {
		return report.Draft{}, err
	}
	concluded, err := s.Reports.Body(ctx, r, a.Result.Event)
	if err != nil {
		return report.Draft{}, err
	}
	on := directory.DateOf(c.At)
	d := report.Draft{
		Title:    fmt.Sprintf("%s – %s", names.Category(r.Category, on), names.Commune(r.Commune, on)),
		Document: true,
	}
	if sent != nil {
		d.Content = sent.Text
	}
	if concluded != nil {
		d.Answer = concluded.Text
	}
	for _, slot := range r.Media {
		u, err := s.Slots.Load(ctx, slot)
		if err != nil && !fault.Is(err, "unknown_upload") {
			return report.Draft{}, fmt.Errorf("loading a picture of report %s: %w", r.ID, err)
		}
		if err == nil && has(r, u) {
			d.Media = append(d.Media, report.PublicMedium{Slot: slot})
		}
	}
	return d, nil
}

// Bind serves the editor's acts.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.EditDraft, s.edit)
	httpapi.Bind(server, contract.ReleasePart, s.release)
}

func (s *Step) edit(ctx context.Context, in *contract.EditInput) (*contract.ActedOutput, error) {
	d := draftOf(in.Body)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		if err := s.pictures(ctx, h.Report, d, false); err != nil {
			return report.Change{}, err
		}
		return report.Edit(h.Report, in.Assignment, d, c)
	})
}

// release publishes what the editor sends; the name is shown with the reporter's
// consent only (reading A13), and only while the policy shows names at all.
func (s *Step) release(ctx context.Context, in *contract.EditInput) (*contract.ActedOutput, error) {
	d := draftOf(in.Body)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		if err := s.pictures(ctx, h.Report, d, true); err != nil {
			return report.Change{}, err
		}
		if err := s.verify(ctx, h.Report.Assignment(in.Assignment)); err != nil {
			return report.Change{}, err
		}
		name, err := s.name(ctx, h.Report, c)
		if err != nil {
			return report.Change{}, err
		}
		return report.Release(h.Report, in.Assignment, d, name, c)
	})
}

// verify judges the stored result once more before it is published, as of its
// upload, under what the department configured since.
func (s *Step) verify(ctx context.Context, a *report.Assignment) error {
	if a == nil || a.Result == nil {
		return nil // the decision refuses it
	}
	set, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return err
	}
	file, err := s.Objects.Read(ctx, report.UploadKey(string(upload.Result), a.Result.Slot), verdict.MaxResult+1)
	if err != nil {
		return fmt.Errorf("reading the result of assignment %s: %w", a.ID, err)
	}
	_, err = verdict.Judge(ctx, set, file, a, a.Result.ConcludedAt, "assignment.result")
	return err
}

func (s *Step) name(ctx context.Context, r report.Report, c report.Context) (string, error) {
	if r.Publicity != report.NameShown {
		return "", nil
	}
	set, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return "", err
	}
	policy, err := set.Policy(ctx, c.At)
	if err != nil || !policy.PublicNameConsent {
		return "", err
	}
	return s.Contacts.Name(ctx, r.Owner)
}

// pictures checks that each picture named is one of the report's that was found
// clean, named once, and for a release marked as checked for faces and plates.
func (s *Step) pictures(ctx context.Context, r report.Report, d report.Draft, releasing bool) error {
	mine := make(map[string]bool, len(r.Media))
	for _, slot := range r.Media {
		mine[slot] = true
	}
	var wrong fault.Fields
	for i, m := range d.Media {
		path := fmt.Sprintf("body.media[%d]", i)
		if !mine[m.Slot] {
			wrong.Add(path+".upload", "unknown_upload")
			continue
		}
		mine[m.Slot] = false
		u, err := s.Slots.Load(ctx, m.Slot)
		if err != nil && !fault.Is(err, "unknown_upload") {
			return err
		}
		switch {
		case err != nil || !own(r, u):
			wrong.Add(path+".upload", "unknown_upload") // gone, or another report had it first
		case u.State != upload.Accepted:
			wrong.Add(path+".upload", "upload_rejected", cmp.Or(u.Reason, string(u.State)))
		}
		if releasing && !m.Checked {
			wrong.Add(path+".checked", "unchecked_media")
		}
	}
	return wrong.Err()
}

// has tells whether a picture is the report's own and was found clean.
func has(r report.Report, u upload.Slot) bool { return u.State == upload.Accepted && own(r, u) }

// own tells whether a slot that the report names is its own: one that another
// report had first is not. One that nobody has yet is: the report's attaching was
// cut short and is owed still, and people may be faster than the sweep.
func own(r report.Report, u upload.Slot) bool {
	return u.Report == r.ID || u.Report == "" && u.Owner == r.Owner
}

func draftOf(in contract.Draft) report.Draft {
	d := report.Draft{
		Title: vietnamese.NFC(in.Title), Content: vietnamese.NFC(in.Content), Answer: vietnamese.NFC(in.Answer), Document: in.Document,
	}
	for _, m := range in.Media {
		d.Media = append(d.Media, report.PublicMedium{Slot: m.Upload, Checked: m.Checked})
	}
	return d
}
