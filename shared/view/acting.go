package view

import (
	"context"

	"paht/shared/contract"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/report"
)

// Decide is a decision over a stored report in the context of the caller.
type Decide func(h report.History, c report.Context) (report.Change, error)

// Acting is the path of every door that acts on a stored report: the context of
// the caller, a repeat answered from its event, the decision, the answer.
func Acting(ctx context.Context, flow effect.Actor, maker decision.Maker, code string, decide Decide) (*contract.ActedOutput, error) {
	id, ok := report.ParseCode(code)
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	c, settings, err := maker.ByCaller(ctx)
	if err != nil {
		return nil, err
	}
	names, err := NamesOf(ctx, settings)
	if err != nil {
		return nil, err
	}
	r, e, err := flow.ActOnce(ctx, id, c, func(h report.History) (report.Change, error) { return decide(h, c) })
	if err != nil {
		return nil, err
	}
	return names.Acted(r, e), nil
}

// Owned guards a reporter's act: somebody else's report is not found.
func Owned(decide Decide) Decide {
	return func(h report.History, c report.Context) (report.Change, error) {
		if h.Report.Owner != c.By.ID {
			return report.Change{}, fault.New(fault.NotFound, "not_found")
		}
		return decide(h, c)
	}
}
