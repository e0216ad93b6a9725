package cloud

import (
	"context"
	"errors"

	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
)

// RaiseRejected records on a report that one of its files was not taken; once,
// however often it is raised.
func RaiseRejected(ctx context.Context, flow effect.Actor, maker decision.Maker, function, id, slot, code string) error {
	c, _, err := maker.ByMachine(ctx, function, message.Envelope{})
	if err != nil {
		return err
	}
	_, _, err = flow.Act(ctx, id, func(h report.History) (report.Change, error) {
		return report.MediaRejected(h, slot, code, c)
	})
	if errors.Is(err, report.ErrMovedOn) || fault.Is(err, "not_found") {
		return nil
	}
	return err
}
