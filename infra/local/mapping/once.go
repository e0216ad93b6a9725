package mapping

import (
	"context"
	"time"

	"paht/infra/emulator/sqs"
)

// Take takes one batch of what is visible in a mapping's queue, without waiting
// and on the caller's goroutine: for a driver that decides itself when which
// queue has its turn.
func Take(ctx context.Context, o Options, m Mapping) ([]sqs.Message, error) {
	if err := m.complete(o.Queues); err != nil {
		return nil, err
	}
	none := time.Duration(0)
	return o.Queues.Receive(ctx, m.Queue, sqs.Request{Max: min(10, m.BatchSize), Wait: &none})
}

// Deliver invokes the function with messages that were taken, and deletes what
// was done, as the pollers do.
func Deliver(ctx context.Context, o Options, m Mapping, batch []sqs.Message) error {
	if err := m.complete(o.Queues); err != nil {
		return err
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	(&Pollers{options: o}).process(ctx, m, batch)
	return nil
}
