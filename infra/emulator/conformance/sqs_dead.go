package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// dying is a queue whose message stands in the dead-letter queue.
type dying struct {
	source, dead       string // URLs
	sourceARN, deadARN string
	first, last        types.Message
}

func (q queues) arn(ctx context.Context, url string) (string, error) {
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		return "", err
	}
	return out.Attributes["QueueArn"], nil
}

// die receives a message as often as the policy allows, and once more.
func (q queues) die(ctx context.Context) (d dying, err error) {
	if d.dead, err = q.queue(ctx, short); err != nil {
		return d, err
	}
	if d.deadARN, err = q.arn(ctx, d.dead); err != nil {
		return d, err
	}
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, d.deadARN)
	if d.source, d.first, err = q.filled(ctx, map[string]string{"VisibilityTimeout": "2", "RedrivePolicy": policy}); err != nil {
		return d, err
	}
	if d.sourceARN, err = q.arn(ctx, d.source); err != nil {
		return d, err
	}
	q.target.pass(beyondShort)
	if _, err = q.one(ctx, d.source); err != nil {
		return d, fmt.Errorf("receiving for the second time: %w", err)
	}
	q.target.pass(beyondShort)
	if err = q.none(ctx, d.source, "beyond maxReceiveCount"); err != nil {
		return d, err
	}
	if d.last, err = q.one(ctx, d.dead); err != nil {
		return d, fmt.Errorf("receiving from the dead-letter queue: %w", err)
	}
	return d, nil
}

func (q queues) deadLetterRows() {
	q.row("a message received more often than maxReceiveCount goes to the dead-letter queue", deadLetterDoc, func(ctx context.Context) error {
		d, err := q.die(ctx)
		if err == nil && *d.last.MessageId != *d.first.MessageId {
			err = fmt.Errorf("another message stands in the dead-letter queue")
		}
		return err
	})
	q.row("a dead letter keeps its sent time and names where it came from", deadLetterDoc, func(ctx context.Context) error {
		d, err := q.die(ctx)
		if err != nil {
			return err
		}
		if a, b := d.first.Attributes["SentTimestamp"], d.last.Attributes["SentTimestamp"]; a != b {
			return fmt.Errorf("the sent time changed from %s to %s", a, b)
		}
		if source := d.last.Attributes["DeadLetterQueueSourceArn"]; source != d.sourceARN {
			return fmt.Errorf("the source is %q, want %q", source, d.sourceARN)
		}
		return nil
	})
	q.row("dead letters move back to where they came from, with their count begun anew", redriveDoc, q.moveBack)
	q.row("only a dead-letter queue can be moved from", sqsAPI+"API_StartMessageMoveTask.html", func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		arn, err := q.arn(ctx, url)
		if err != nil {
			return err
		}
		_, err = q.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &arn})
		return refusedAs(err, "InvalidParameterValue", "UnsupportedOperation")
	})
}

func (q queues) moveBack(ctx context.Context) error {
	d, err := q.die(ctx)
	if err != nil {
		return err
	}
	q.target.pass(beyondShort) // the dead letter was received; it must be visible to be moved
	if _, err := q.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &d.deadARN}); err != nil {
		return err
	}
	if err := q.moved(ctx, d.deadARN); err != nil {
		return err
	}
	m, err := q.one(ctx, d.source)
	if err != nil {
		return fmt.Errorf("receiving after the move: %w", err)
	}
	if *m.Body != "first" || m.Attributes["ApproximateReceiveCount"] != "1" {
		return fmt.Errorf("the message is %q, received %s times", *m.Body, m.Attributes["ApproximateReceiveCount"])
	}
	return q.none(ctx, d.dead, "after the move")
}

// moved waits for the end of the move task.
func (q queues) moved(ctx context.Context, source string) error {
	for range 30 {
		out, err := q.client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &source})
		if err != nil {
			return err
		}
		if len(out.Results) != 1 {
			return fmt.Errorf("%d move tasks are listed, want one", len(out.Results))
		}
		switch status := aws.ToString(out.Results[0].Status); status {
		case "COMPLETED":
			if n := out.Results[0].ApproximateNumberOfMessagesMoved; n != 1 {
				return fmt.Errorf("%d messages were moved, want one", n)
			}
			return nil
		case "FAILED", "CANCELLED":
			return fmt.Errorf("the move task is %s: %s", status, aws.ToString(out.Results[0].FailureReason))
		}
		q.target.pass(time.Second)
	}
	return errors.New("the move task does not end")
}

func (q queues) queueRows() {
	page := sqsAPI + "API_CreateQueue.html"
	q.row("a queue made again with the same attributes is the same queue", page, func(ctx context.Context) error {
		in := &sqs.CreateQueueInput{QueueName: aws.String(UniqueName("conformance")), Attributes: short}
		first, err := q.client.CreateQueue(ctx, in)
		if err != nil {
			return err
		}
		defer q.client.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: first.QueueUrl})
		second, err := q.client.CreateQueue(ctx, in)
		if err != nil {
			return err
		}
		found, err := q.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: in.QueueName})
		if err == nil && (*first.QueueUrl != *second.QueueUrl || *first.QueueUrl != *found.QueueUrl) {
			err = fmt.Errorf("the URLs are %s, %s and %s", *first.QueueUrl, *second.QueueUrl, *found.QueueUrl)
		}
		if err != nil {
			return err
		}
		in.Attributes = map[string]string{"VisibilityTimeout": "3"}
		_, err = q.client.CreateQueue(ctx, in)
		return refusedAs(err, "QueueNameExists", "QueueAlreadyExists")
	})
	q.row("a queue that does not exist is named as such", sqsAPI+"API_GetQueueUrl.html", func(ctx context.Context) error {
		_, err := q.client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(UniqueName("missing"))})
		var missing *types.QueueDoesNotExist
		if !errors.As(err, &missing) {
			return fmt.Errorf("it gave %w, want QueueDoesNotExist", err)
		}
		return nil
	})
	q.row("an attribute out of its bounds is refused", sqsAPI+"API_SetQueueAttributes.html", func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		_, err = q.client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"VisibilityTimeout": "43201"}})
		return refusedAs(err, "InvalidAttributeValue")
	})
	q.row("the counts tell visible messages from those in flight and those delayed", sqsAPI+"API_GetQueueAttributes.html", q.counts)
	if q.target.Advance != nil { // the least retention is a minute
		q.row("a message that outlives the retention period is gone", quotaDoc, func(ctx context.Context) error {
			url, err := q.queue(ctx, map[string]string{"MessageRetentionPeriod": "60"})
			if err != nil {
				return err
			}
			if _, err := q.send(ctx, url, "old"); err != nil {
				return err
			}
			q.target.pass(61 * time.Second)
			return q.none(ctx, url, "after the retention period")
		})
	}
}

func (q queues) counts(ctx context.Context) error {
	url, _, err := q.filled(ctx, nil)
	if err != nil {
		return err
	}
	for _, delay := range []int32{0, 0, 900} {
		if _, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x"), DelaySeconds: delay}); err != nil {
			return err
		}
	}
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		return err
	}
	a := out.Attributes
	got := a["ApproximateNumberOfMessages"] + " " + a["ApproximateNumberOfMessagesNotVisible"] + " " + a["ApproximateNumberOfMessagesDelayed"]
	if got != "2 1 1" {
		return fmt.Errorf("the counts are %s, want 2 1 1", got)
	}
	return nil
}
