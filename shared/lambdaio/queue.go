package lambdaio

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"paht/shared/caller"
	"paht/shared/message"
)

// batch is the answer to a batch: the messages that come again. The list is never
// null, which some runtimes cannot read.
type batch struct {
	BatchItemFailures []events.SQSBatchItemFailure `json:"batchItemFailures"`

	taken, parked int
}

func (b *batch) logged() []any {
	return []any{"taken", b.taken, "failed", len(b.BatchItemFailures), "parked", b.parked}
}

// consume takes a batch, each message by itself: one that fails comes again
// alone (partial batch responses:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
func (f *Function) consume(ctx context.Context, event []byte) (any, error) {
	var e events.SQSEvent
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, fmt.Errorf("reading the batch: %w", err)
	}
	answer := &batch{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, record := range e.Records {
		if err := f.take(ctx, record, answer); err != nil {
			slog.WarnContext(ctx, "a message comes again", "function", f.Name, "message", record.MessageId, "error", err.Error())
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			continue
		}
		answer.taken++
	}
	return answer, nil
}

func (f *Function) take(ctx context.Context, record events.SQSMessage, answer *batch) error {
	decode := f.Queue.Decode
	if decode == nil {
		decode = func(body []byte) ([]message.Envelope, error) {
			e, err := message.Decode(f.Queue.Name, body)
			return []message.Envelope{e}, err
		}
	}
	envelopes, err := decode([]byte(record.Body))
	if err != nil {
		answer.parked++
		return f.Queue.Park(ctx, f.Queue.Name, record.MessageId, []byte(record.Body), err.Error())
	}
	for _, e := range envelopes {
		// What the step sends on has the trace that came, even where it loads nothing.
		caller.Saw(ctx, e.Report, e.Trace)
		moved := caller.With(ctx, &caller.Request{Language: "vi", Trace: e.Trace})
		if err := f.Queue.Step(moved, e); err != nil {
			return fmt.Errorf("taking %s: %w", e.ID, err)
		}
	}
	return nil
}
