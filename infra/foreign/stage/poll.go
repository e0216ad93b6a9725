package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"paht/infra/template"
)

// record is one message as a function receives it:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
type record struct {
	MessageID         string            `json:"messageId"`
	ReceiptHandle     string            `json:"receiptHandle"`
	Body              string            `json:"body"`
	Attributes        map[string]string `json:"attributes"`
	MessageAttributes map[string]any    `json:"messageAttributes"`
	MD5OfBody         string            `json:"md5OfBody"`
	EventSource       string            `json:"eventSource"`
	EventSourceARN    string            `json:"eventSourceARN"`
	AWSRegion         string            `json:"awsRegion"`
}

// poll takes messages to the functions: a poller for each mapping of the template.
func (s *Stage) poll(context.Context) error {
	ctx, cancel := context.WithCancel(context.Background())
	var pollers sync.WaitGroup
	for _, f := range s.template.Functions {
		for _, e := range f.QueueEvents {
			pollers.Go(func() {
				for ctx.Err() == nil {
					if err := s.deliver(ctx, f.Name, e); err != nil && ctx.Err() == nil {
						s.options.Notice(fmt.Sprintf("delivering to %s: %v", f.Name, err))
					}
				}
			})
		}
	}
	s.onClose(func() error {
		cancel()
		pollers.Wait()
		return nil
	})
	return nil
}

// deliver takes one batch. What is not deleted comes back by the queue's own doing.
func (s *Stage) deliver(ctx context.Context, function string, e template.QueueEvent) error {
	url := s.queues[e.QueueARN]
	got, err := s.sqs().ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: int32(min(max(e.BatchSize, 1), 10)), WaitTimeSeconds: 5,
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll}})
	if err != nil || len(got.Messages) == 0 {
		return err
	}
	var records []record
	for _, m := range got.Messages {
		records = append(records, record{*m.MessageId, *m.ReceiptHandle, *m.Body, m.Attributes, map[string]any{}, aws.ToString(m.MD5OfBody),
			"aws:sqs", e.QueueARN, s.options.Config.Region})
	}
	event, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		return err
	}
	result, err := s.runtime.Invoke(ctx, function, event)
	if err == nil && result.FunctionError != "" {
		err = fmt.Errorf("it failed: %s", result.Payload)
	}
	if err != nil {
		return err
	}
	var answer struct {
		Failures []struct{ ItemIdentifier string } `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		return fmt.Errorf("reading its answer: %w", err)
	}
	failed := map[string]bool{}
	for _, f := range answer.Failures {
		failed[f.ItemIdentifier] = true
		s.options.Notice(fmt.Sprintf("%s leaves the message %s to be tried again", function, f.ItemIdentifier))
	}
	for _, m := range got.Messages {
		if failed[*m.MessageId] {
			continue
		}
		if _, err := s.sqs().DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return err
		}
	}
	return nil
}
