// Package submit is every act of the reporter on a report: the report itself, a
// supplement, the withdrawal, the rating; and the upload slots. It imports no AWS
// and no other step.
package submit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"paht/shared/contract"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/upload"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// Flow acts on reports and stores new ones.
type Flow interface {
	effect.Actor
	// Begin stores a submission and carries out what it owes. effect.ErrVersion
	// means that its id is taken.
	Begin(ctx context.Context, change report.Change) (report.Report, error)
	// Find loads a report; a missing one is a fault not_found.
	Find(ctx context.Context, id string) (report.History, error)
}

// Slots reads upload slots.
type Slots interface {
	// Load reads a slot; a missing one is a fault unknown_upload.
	Load(ctx context.Context, id string) (upload.Slot, error)
}

// Objects tells what was uploaded.
type Objects interface {
	// Present tells whether an object is there.
	Present(ctx context.Context, key string) (bool, error)
}

// Accounts tells which notice channels an account can use.
type Accounts interface {
	// EmailUsable tells whether the account has a verified e-mail address (R56).
	EmailUsable(ctx context.Context, account string) (bool, error)
}

// Step is the reporter's side.
type Step struct {
	Flow     Flow
	Slots    Slots
	Objects  Objects
	Accounts Accounts
	Maker    decision.Maker
}

// Bind serves the reporter's acts.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.SubmitReport, s.submit)
	httpapi.Bind(server, contract.AddSupplement, s.supplement)
	httpapi.Bind(server, contract.WithdrawReport, s.withdraw)
	httpapi.Bind(server, contract.RatePart, s.rate)
}

// idAttempts bounds the search for a free tracking code; two taken ones in a row
// have a chance of one in 2^60 even with a billion reports.
const idAttempts = 5

// submit stores a new report. The tracking code is derived from the account and
// the key, so a repeat finds its own report before anything else is looked at.
func (s *Step) submit(ctx context.Context, in *contract.SubmitInput) (*contract.SubmitOutput, error) {
	c, set, err := s.Maker.ByCaller(ctx)
	if err != nil {
		return nil, err
	}
	names, err := view.NamesOf(ctx, set)
	if err != nil {
		return nil, err
	}
	for i := 0; i < idAttempts; {
		id := report.Code(c.By.ID, c.Key, i)
		h, err := s.Flow.Find(ctx, id)
		if err == nil {
			first, err := repeated(h, c)
			if err != nil {
				return nil, err
			}
			if first == nil {
				i++
				continue
			}
			return answer(names, h.Report, *first), nil
		}
		if !fault.Is(err, "not_found") {
			return nil, err
		}
		r, err := s.begin(ctx, in.Body, id, c)
		if errors.Is(err, effect.ErrVersion) {
			continue // somebody stored it meanwhile: look again
		}
		if err != nil {
			return nil, err
		}
		return answer(names, r, r.Newest), nil
	}
	return nil, fmt.Errorf("finding a free tracking code: %d are taken", idAttempts)
}

// repeated gives the first event of a report that the same act made; nil when the
// code belongs to another.
func repeated(h report.History, c report.Context) (*report.Event, error) {
	if h.Report.Owner != c.By.ID || h.Events[0].Key != c.Key {
		return nil, nil
	}
	return h.Repeat(c)
}

func answer(names view.Names, r report.Report, e report.Event) *contract.SubmitOutput {
	acted := names.Acted(r, e)
	return &contract.SubmitOutput{Location: "/v1/reports/" + r.ID, ETag: acted.ETag, Body: acted.Body}
}

func (s *Step) begin(ctx context.Context, in contract.Submission, id string, c report.Context) (report.Report, error) {
	submission, err := s.check(ctx, in, id, c)
	if err != nil {
		return report.Report{}, err
	}
	change, err := report.Submit(submission, c)
	if err != nil {
		return report.Report{}, err
	}
	return s.Flow.Begin(ctx, change)
}

func (s *Step) supplement(ctx context.Context, in *contract.SupplementInput) (*contract.ActedOutput, error) {
	text := strings.TrimSpace(vietnamese.NFC(in.Body.Text))
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, view.Owned(func(h report.History, c report.Context) (report.Change, error) {
		var wrong fault.Fields
		checkText(&wrong, text)
		if err := s.checkUploads(ctx, &wrong, in.Body.Uploads, c, h.Report.ID, len(h.Report.Media)); err != nil {
			return report.Change{}, err
		}
		if err := wrong.Err(); err != nil {
			return report.Change{}, err
		}
		return report.AddSupplement(h.Report, report.SupplementText{Text: text, Media: in.Body.Uploads}, c)
	}))
}

func (s *Step) withdraw(ctx context.Context, in *contract.WithdrawInput) (*contract.ActedOutput, error) {
	reason := strings.TrimSpace(vietnamese.NFC(in.Body.Reason))
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, view.Owned(func(h report.History, c report.Context) (report.Change, error) {
		return report.Withdraw(h.Report, reason, c)
	}))
}

func (s *Step) rate(ctx context.Context, in *contract.RateInput) (*contract.ActedOutput, error) {
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, view.Owned(func(h report.History, c report.Context) (report.Change, error) {
		set, err := s.Maker.Settings.Load(ctx)
		if err != nil {
			return report.Change{}, err
		}
		policy, err := set.Policy(ctx, c.At)
		if err != nil {
			return report.Change{}, err
		}
		return report.Rate(h.Report, in.Assignment, in.Body.Rating, policy.RatingDays, c)
	}))
}
