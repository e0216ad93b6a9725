package decision

import (
	"context"
	"errors"

	"paht/shared/effect"
	"paht/shared/message"
	"paht/shared/report"
)

// Rejections records on reports that one of their files was not taken; media, the
// attachment and the sweep share it. Its Flow needs no Attacher: a change that it
// makes leaves what is owed to whoever owes it.
type Rejections struct {
	Flow     effect.Actor
	Maker    Maker
	Function string // whose act it is
}

// Raise records it once, however often it is called. A report that does not name
// the file, or has recorded it, has moved on.
func (x Rejections) Raise(ctx context.Context, id, slot, code string) error {
	c, _, err := x.Maker.ByMachine(ctx, x.Function, message.Envelope{})
	if err != nil {
		return err
	}
	_, _, err = x.Flow.Act(ctx, id, func(h report.History) (report.Change, error) {
		return report.MediaRejected(h, slot, code, c)
	})
	if errors.Is(err, report.ErrMovedOn) {
		return nil
	}
	return err
}
