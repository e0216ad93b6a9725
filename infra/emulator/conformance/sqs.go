package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// The pages that the rows on queues rest on.
const (
	sqsAPI        = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
	sqsGuide      = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
	visibilityDoc = sqsGuide + "sqs-visibility-timeout.html"
	quotaDoc      = sqsGuide + "quotas-messages.html"
	deadLetterDoc = sqsGuide + "sqs-dead-letter-queues.html"
	redriveDoc    = sqsGuide + "sqs-configure-dead-letter-queue-redrive.html"
	delayDoc      = sqsGuide + "sqs-delay-queues.html"
	pollDoc       = sqsGuide + "sqs-short-and-long-polling.html"
)

type queues struct {
	target Target
	client *sqs.Client
	t      *testing.T
}

// SQS runs the rows on queues.
func SQS(t *testing.T, target Target) {
	q := queues{target, sqs.NewFromConfig(target.Config()), t}
	q.visibilityRows()
	q.sendRows()
	q.batchRows()
	q.deadLetterRows()
	q.queueRows()
}

func (q queues) row(fact, page string, check func(ctx context.Context) error) {
	q.target.Row(q.t, fact, page, func() error { return check(q.t.Context()) })
}

// queue makes a queue that goes with the test.
func (q queues) queue(ctx context.Context, attributes map[string]string) (string, error) {
	made, err := q.client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(UniqueName("conformance")), Attributes: attributes})
	if err != nil {
		return "", err
	}
	q.t.Cleanup(func() {
		_, err := q.client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: made.QueueUrl})
		if err != nil {
			q.t.Errorf("deleting a queue: %v", err)
		}
	})
	return *made.QueueUrl, nil
}

func (q queues) send(ctx context.Context, url, body string) (*sqs.SendMessageOutput, error) {
	return q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
}

// receive asks once, with the most messages and every attribute. A short wait
// makes the answer complete where a service samples its servers.
func (q queues) receive(ctx context.Context, url string) ([]types.Message, error) {
	var wait int32 = 1
	if q.target.Advance != nil {
		wait = 0
	}
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: wait,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"}})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// one receives exactly one message.
func (q queues) one(ctx context.Context, url string) (types.Message, error) {
	messages, err := q.receive(ctx, url)
	if err != nil {
		return types.Message{}, err
	}
	if len(messages) != 1 {
		return types.Message{}, fmt.Errorf("received %d messages, want one", len(messages))
	}
	return messages[0], nil
}

func (q queues) none(ctx context.Context, url, when string) error {
	messages, err := q.receive(ctx, url)
	if err == nil && len(messages) > 0 {
		err = fmt.Errorf("received %d messages %s, want none", len(messages), when)
	}
	return err
}

// filled makes a queue with one message and receives it.
func (q queues) filled(ctx context.Context, attributes map[string]string) (string, types.Message, error) {
	url, err := q.queue(ctx, attributes)
	if err != nil {
		return "", types.Message{}, err
	}
	if _, err := q.send(ctx, url, "first"); err != nil {
		return "", types.Message{}, err
	}
	m, err := q.one(ctx, url)
	return url, m, err
}

func (q queues) change(ctx context.Context, url string, m types.Message, seconds int32) error {
	_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds})
	return err
}

func (q queues) remove(ctx context.Context, url string, m types.Message) error {
	_, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
	return err
}

// refusedAs wants an API error whose code contains one of the names: services
// differ in whether they answer the shape's name or the older Query code.
func refusedAs(err error, codes ...string) error {
	if err == nil {
		return fmt.Errorf("it succeeded, want %s", codes[0])
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("it gave %w, want %s", err, codes[0])
	}
	for _, code := range codes {
		if strings.Contains(api.ErrorCode(), code) {
			return nil
		}
	}
	return fmt.Errorf("it gave %w, want %s", err, codes[0])
}

var short = map[string]string{"VisibilityTimeout": "2"}

const beyondShort = 3 * time.Second

func (q queues) visibilityRows() {
	q.row("a received message is hidden for the visibility timeout and comes back after it", visibilityDoc, func(ctx context.Context) error {
		url, first, err := q.filled(ctx, short)
		if err != nil {
			return err
		}
		if err := q.none(ctx, url, "while the first is in flight"); err != nil {
			return err
		}
		q.target.pass(beyondShort)
		second, err := q.one(ctx, url)
		if err == nil && *second.MessageId != *first.MessageId {
			err = fmt.Errorf("another message came back")
		}
		return err
	})
	q.row("the receive count grows with each receive and the sent time stays", sqsAPI+"API_ReceiveMessage.html", func(ctx context.Context) error {
		url, first, err := q.filled(ctx, short)
		if err != nil {
			return err
		}
		q.target.pass(beyondShort)
		second, err := q.one(ctx, url)
		if err != nil {
			return err
		}
		if a, b := first.Attributes["ApproximateReceiveCount"], second.Attributes["ApproximateReceiveCount"]; a != "1" || b != "2" {
			return fmt.Errorf("the counts are %q and %q, want 1 and 2", a, b)
		}
		if a, b := first.Attributes["SentTimestamp"], second.Attributes["SentTimestamp"]; a == "" || a != b {
			return fmt.Errorf("the sent times are %q and %q, want the same", a, b)
		}
		return nil
	})
	q.row("a deleted message does not come back", sqsAPI+"API_DeleteMessage.html", func(ctx context.Context) error {
		url, m, err := q.filled(ctx, short)
		if err != nil {
			return err
		}
		if err := q.remove(ctx, url, m); err != nil {
			return err
		}
		q.target.pass(beyondShort)
		return q.none(ctx, url, "after it was deleted")
	})
	q.changeRows()
	q.staleRows()
}

func (q queues) changeRows() {
	q.row("a visibility changed to zero shows the message at once", sqsAPI+"API_ChangeMessageVisibility.html", func(ctx context.Context) error {
		url, m, err := q.filled(ctx, nil)
		if err != nil {
			return err
		}
		if err := q.change(ctx, url, m, 0); err != nil {
			return err
		}
		_, err = q.one(ctx, url)
		return err
	})
	q.row("a visibility that was made longer counts from the change", visibilityDoc, func(ctx context.Context) error {
		url, m, err := q.filled(ctx, short)
		if err != nil {
			return err
		}
		if err := q.change(ctx, url, m, 60); err != nil {
			return err
		}
		q.target.pass(beyondShort)
		return q.none(ctx, url, "before the longer timeout ended")
	})
	q.row("a visibility over twelve hours is refused", sqsAPI+"API_ChangeMessageVisibility.html", func(ctx context.Context) error {
		url, m, err := q.filled(ctx, nil)
		if err != nil {
			return err
		}
		return refusedAs(q.change(ctx, url, m, 43201), "InvalidParameterValue")
	})
}

func (q queues) staleRows() {
	q.row("a stale receipt handle deletes nothing, and the request succeeds", sqsAPI+"API_DeleteMessage.html", func(ctx context.Context) error {
		url, first, err := q.filled(ctx, short)
		if err != nil {
			return err
		}
		q.target.pass(beyondShort)
		if _, err := q.one(ctx, url); err != nil {
			return err
		}
		if err := q.remove(ctx, url, first); err != nil {
			return err
		}
		q.target.pass(beyondShort)
		_, err = q.one(ctx, url)
		return err
	})
	q.row("a receipt handle still deletes after its timeout, as long as nobody received the message again", visibilityDoc, func(ctx context.Context) error {
		url, m, err := q.filled(ctx, short)
		if err != nil {
			return err
		}
		q.target.pass(beyondShort)
		if err := q.remove(ctx, url, m); err != nil {
			return err
		}
		return q.none(ctx, url, "after it was deleted")
	})
	q.row("a receipt handle that is none is refused", sqsAPI+"API_DeleteMessage.html", func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		return refusedAs(q.remove(ctx, url, types.Message{ReceiptHandle: aws.String("no handle")}), "ReceiptHandleIsInvalid")
	})
}
