package effect

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paht/shared/message"
	"paht/shared/report"
)

// Sender puts messages on queues.
type Sender interface {
	// Send puts a message on a queue; it can be received after the delay.
	Send(ctx context.Context, queue string, e message.Envelope, delay time.Duration) error
}

// Projector writes what stands under a second key, each under the condition that
// it is newer than what is there.
type Projector interface {
	Mine(ctx context.Context, r report.Report) error
	Day(ctx context.Context, r report.Report) error
	Near(ctx context.Context, r report.Report) error
	Work(ctx context.Context, r report.Report, assignment string) error
}

// Attacher tells upload slots their report. A slot that was rejected before is
// raised on the report.
type Attacher interface {
	Attach(ctx context.Context, r report.Report) error
}

// Publisher writes the public item of a part, its lists and its files.
type Publisher interface {
	Publish(ctx context.Context, r report.Report, assignment string) error
}

// Router carries out effects by their names, as far as a function has the ports
// for it; what it lacks stays owed.
type Router struct {
	Sender    Sender
	Projector Projector
	Attacher  Attacher
	Publisher Publisher
	Now       func() time.Time
	Trace     func(ctx context.Context) string
}

// Carry implements Carrier.
func (c Router) Carry(ctx context.Context, r report.Report, e report.Effect, settled bool) error {
	if kind, queue, ok := report.SplitMessage(e.Name); ok {
		return c.send(ctx, r, e, kind, queue, settled)
	}
	work, isWork := strings.CutPrefix(e.Name, report.ProjectWork)
	public, isPublic := strings.CutPrefix(e.Name, report.ProjectPublic)
	switch {
	case e.Name == report.AttachMedia && c.Attacher != nil:
		return c.Attacher.Attach(ctx, r)
	case isPublic && c.Publisher != nil:
		return c.Publisher.Publish(ctx, r, public)
	case c.Projector == nil:
		return ErrNotHere
	case e.Name == report.ProjectMine:
		return c.Projector.Mine(ctx, r)
	case e.Name == report.ProjectDay:
		return c.Projector.Day(ctx, r)
	case e.Name == report.ProjectNear:
		return c.Projector.Near(ctx, r)
	case isWork:
		return c.Projector.Work(ctx, r, work)
	}
	return ErrNotHere
}

// maxDelay is the longest delay of one message:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const maxDelay = 15 * time.Minute

func (c Router) send(ctx context.Context, r report.Report, e report.Effect, kind, queue string, settled bool) error {
	if c.Sender == nil {
		return ErrNotHere
	}
	envelope := message.OfReport(kind, r.ID, e.N, settled && e.Flows())
	// All that is told of a report has the trace of the phone's request, whoever
	// acted on it since.
	if envelope.Trace = r.Trace; envelope.Trace == "" && c.Trace != nil {
		envelope.Trace = c.Trace(ctx)
	}
	delay := min(max(e.LeavesAt().Sub(c.Now()), 0), maxDelay)
	if err := c.Sender.Send(ctx, queue, envelope, delay); err != nil {
		return fmt.Errorf("sending %s to %s: %w", kind, queue, err)
	}
	return nil
}
