// Package screen is the check against Art. 9 (11.1): the machine moves a
// submitted report to the screeners, and an officer accepts, refuses or asks for
// a supplement. It imports no AWS and no other step.
package screen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"paht/shared/contract"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/screening"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// Reports reads other reports: the open one of which a refused one is a duplicate.
type Reports interface {
	// State reads a report's state; a missing one is a fault not_found.
	State(ctx context.Context, id string) (report.Report, error)
	// Body opens the body of one event; nil when it has none.
	Body(ctx context.Context, r report.Report, n int) (*report.Body, error)
}

// Step is the screening.
type Step struct {
	Flow    effect.Actor
	Reports Reports
	Maker   decision.Maker
}

// Flags for the officer's eye.
const (
	FlagMixed    = "mixed_diacritics"
	FlagTooShort = "too_short_to_say"
)

// Take moves a submitted report to the screeners.
func (s *Step) Take(ctx context.Context, e message.Envelope) error {
	c, set, err := s.Maker.ByMachine(ctx, "screen", e)
	if err != nil {
		return err
	}
	words, err := set.Words(ctx)
	if err != nil {
		return err
	}
	_, _, err = s.Flow.Act(ctx, e.Report, func(h report.History) (report.Change, error) {
		body, err := s.Reports.Body(ctx, h.Report, 1)
		if err != nil {
			return report.Change{}, err
		}
		found, err := hints(body, words)
		if err != nil {
			return report.Change{}, err
		}
		return report.Screened(h.Report, found, flags(body), c)
	})
	if errors.Is(err, report.ErrMovedOn) {
		return nil
	}
	return err
}

// hints tells the officer which phrases speak for a content that the system does
// not take (9.1); nil when none does.
func hints(body *report.Body, words *screening.List) (json.RawMessage, error) {
	if body == nil {
		return nil, nil
	}
	found := words.Hints(body.Text)
	if len(found) == 0 {
		return nil, nil
	}
	raw, err := json.Marshal(found)
	if err != nil {
		return nil, fmt.Errorf("encoding the hints: %w", err)
	}
	return raw, nil
}

// flags tells the officer what the machine could not decide (9.2).
func flags(body *report.Body) []string {
	if body == nil {
		return nil
	}
	switch vietnamese.Judge(body.Text).Kind {
	case vietnamese.Mixed:
		return []string{FlagMixed}
	case vietnamese.TooShort:
		return []string{FlagTooShort}
	}
	return nil
}

// Bind serves the officer's decisions.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.AcceptReport, s.accept)
	httpapi.Bind(server, contract.RefuseReport, s.refuse)
	httpapi.Bind(server, contract.AskSupplement, s.ask)
}

func (s *Step) accept(ctx context.Context, in *contract.NoteInput) (*contract.ActedOutput, error) {
	note := vietnamese.NFC(in.Body.Note)
	return s.act(ctx, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		return report.Accept(h.Report, note, c)
	})
}

func (s *Step) refuse(ctx context.Context, in *contract.RefuseInput) (*contract.ActedOutput, error) {
	refusal := report.Refusal{Code: in.Body.Code, Reason: vietnamese.NFC(in.Body.Reason)}
	return s.act(ctx, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		if err := s.check(ctx, &refusal, in.Body.Related, h.Report.ID, c); err != nil {
			return report.Change{}, err
		}
		return report.Refuse(h.Report, refusal, c)
	})
}

// check looks the code up in the law's list in force, and the open report that
// must be named with it where the list says so: that of which this is a duplicate.
func (s *Step) check(ctx context.Context, refusal *report.Refusal, related, self string, c report.Context) error {
	settings, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return err
	}
	codes, err := settings.Refusals(ctx)
	if err != nil {
		return err
	}
	var wrong fault.Fields
	row, ok := codes.Refusal(refusal.Code, c.At)
	if !ok {
		wrong.Add("body.code", "unknown_code")
	}
	if row.Related != (related != "") {
		wrong.Add("body.related", "related_missing")
	}
	if related != "" && len(wrong) == 0 {
		id, ok := report.ParseCode(related)
		if ok {
			other, err := s.Reports.State(ctx, id)
			if err != nil && !fault.Is(err, "not_found") {
				return err
			}
			ok = err == nil && id != self && !other.State.Closed()
		}
		if !ok {
			wrong.Add("body.related", "related_unknown")
		}
		refusal.Related = id
	}
	return wrong.Err()
}

func (s *Step) ask(ctx context.Context, in *contract.TextInput) (*contract.ActedOutput, error) {
	text := vietnamese.NFC(in.Body.Text)
	return s.act(ctx, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		return report.AskSupplement(h.Report, text, c)
	})
}

// act carries out one decision of the officer who calls.
func (s *Step) act(ctx context.Context, code string, decide func(report.History, report.Context) (report.Change, error)) (*contract.ActedOutput, error) {
	return view.Acting(ctx, s.Flow, s.Maker, code, decide)
}
