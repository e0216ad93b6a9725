package fleet

import (
	"context"

	"paht/infra/emulator/sqs"
	"paht/infra/local/mapping"
)

// Batch is what one queue gave to one worker.
type Batch struct {
	mapping  mapping.Mapping
	messages []sqs.Message
}

// Function is the consumer of the batch.
func (b Batch) Function() string { return b.mapping.Function }

// Take takes a batch of each queue that has something to give, for a test that
// delivers it itself: to several workers at once, or never.
func (f *Fleet) Take(ctx context.Context) ([]Batch, error) {
	var all []Batch
	for _, m := range f.mappings() {
		messages, err := mapping.Take(ctx, f.delivering(), m)
		if err != nil {
			return nil, err
		}
		if len(messages) > 0 {
			all = append(all, Batch{m, messages})
		}
	}
	return all, nil
}

// Deliver gives a batch to its function and deletes what was done, as often as
// it is called: SQS delivers at least once.
func (f *Fleet) Deliver(ctx context.Context, b Batch) error {
	return mapping.Deliver(ctx, f.delivering(), b.mapping, b.messages)
}

func (f *Fleet) delivering() mapping.Options {
	return mapping.Options{Queues: f.aws.Queues(), Invoke: f.invoke, Region: region, Notice: f.notice}
}

// Fire puts the ticks of the schedules on their queues and delivers nothing.
func (f *Fleet) Fire() error {
	for _, s := range f.template.Schedules {
		if _, err := f.aws.Queues().Send(s.TargetARN, sqs.Outgoing{Body: s.Input, Sender: "scheduler.amazonaws.com"}); err != nil {
			return err
		}
	}
	return nil
}
