// Package route is the transfer (11.2): the machine proposes an agency and a due
// time, and an officer sends the report to its agencies, or answers the reporter
// after a return. It imports no AWS and no other step.
package route

import (
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
	"paht/shared/settings"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// Reports reads reports.
type Reports interface {
	// State reads a report's state; a missing one is a fault not_found.
	State(ctx context.Context, id string) (report.Report, error)
}

// Step is the routing.
type Step struct {
	Flow    effect.Actor
	Maker   decision.Maker
	Reports Reports
}

// Take moves an accepted report to the routers with a proposal. Without a
// directory, or where it knows nobody, the router chooses alone.
func (s *Step) Take(ctx context.Context, e message.Envelope) error {
	c, settings, err := s.Maker.ByMachine(ctx, "route", e)
	if err != nil {
		return err
	}
	_, _, err = s.Flow.Act(ctx, e.Report, func(h report.History) (report.Change, error) {
		p, err := propose(ctx, settings, h.Report, c)
		if err != nil {
			return report.Change{}, err
		}
		return report.Proposed(h.Report, p, c)
	})
	if errors.Is(err, report.ErrMovedOn) {
		return nil
	}
	return err
}

func propose(ctx context.Context, s *settings.Snapshot, r report.Report, c report.Context) (report.Proposal, error) {
	d, err := s.Directory(ctx)
	if fault.Is(err, "not_set_up") {
		return report.Proposal{}, nil
	}
	if err != nil {
		return report.Proposal{}, err
	}
	on := directory.DateOf(c.At)
	found, _ := d.Lead(r.Category, r.Commune, on)
	agency, ok := found.Agency()
	if !ok || !d.Assigned(agency.Key().String(), on) {
		return report.Proposal{}, nil
	}
	return report.Proposal{Agency: agency.Key().String(), Days: found.WorkingDays}, nil
}

// Bind serves the officer's acts.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.TransferReport, s.transfer)
	httpapi.Bind(server, contract.AnswerReport, s.answer)
}

func (s *Step) transfer(ctx context.Context, in *contract.TransferInput) (*contract.ActedOutput, error) {
	note := vietnamese.NFC(in.Body.Note)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		targets, err := s.targets(ctx, in.Body.Targets, h.Report, c)
		if err != nil {
			return report.Change{}, err
		}
		return report.Transfer(h.Report, targets, note, c, in.Body.Returns...)
	})
}

// targets checks that each agency is assigned on the date (R05) and completes
// its due time and legal basis from the category (reading A6): without a due
// time no receipt can be confirmed.
func (s *Step) targets(ctx context.Context, asked []contract.Target, r report.Report, c report.Context) ([]report.Target, error) {
	set, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	d, err := set.Directory(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := set.Policy(ctx, c.At)
	if err != nil {
		return nil, err
	}
	on := directory.DateOf(c.At)
	category, _ := d.Category(r.Category, on)
	var wrong fault.Fields
	if len(asked) > policy.MaxAssignmentsPerTransfer {
		wrong.Add("body.targets", "too_many", fmt.Sprint(policy.MaxAssignmentsPerTransfer))
	}
	seen := map[string]bool{}
	targets := make([]report.Target, 0, len(asked))
	for i, t := range asked {
		path := fmt.Sprintf("body.targets[%d].agency", i)
		agency, ok := d.Agency(t.Agency, on)
		if !ok || !d.Assigned(t.Agency, on) {
			wrong.Add(path, "not_assigned")
			continue
		}
		id := agency.Key().String()
		if seen[id] {
			wrong.Add(path, "repeated")
		}
		seen[id] = true
		target := report.Target{Agency: id, Days: t.Days, LegalBasis: vietnamese.NFC(t.LegalBasis)}
		if target.Days == 0 {
			target.Days = category.DefaultWorkingDays
		}
		if target.Days == 0 {
			target.Days = policy.DefaultHandlingDays
		}
		if target.LegalBasis == "" {
			target.LegalBasis = category.LegalBasis
		}
		targets = append(targets, target)
	}
	return targets, wrong.Err()
}

func (s *Step) answer(ctx context.Context, in *contract.AnswerInput) (*contract.ActedOutput, error) {
	text := vietnamese.NFC(in.Body.Text)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		related, err := s.related(ctx, vietnamese.NFC(in.Body.Related), h.Report.ID)
		if err != nil {
			return report.Change{}, err
		}
		return report.Answer(h.Report, text, related, c, in.Body.Returns...)
	})
}

// related is what the answer links to (reading A4): a document by its own name, or
// an earlier report by its tracking code, of which a part must be public.
func (s *Step) related(ctx context.Context, named, self string) (string, error) {
	id, ok := report.ParseCode(named)
	if !ok {
		return named, nil
	}
	earlier, err := s.Reports.State(ctx, id)
	if err != nil && !fault.Is(err, "not_found") {
		return "", err
	}
	if err != nil || id == self || !earlier.Public() {
		return "", fault.InvalidField("body.related", "related_unpublished")
	}
	return id, nil
}
