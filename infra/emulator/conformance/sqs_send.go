package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const mebibyte = 1 << 20

func (q queues) sendRows() {
	q.row("a message with a delay is hidden until the delay has passed", delayDoc, func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		in := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("late"), DelaySeconds: 2}
		if _, err := q.client.SendMessage(ctx, in); err != nil {
			return err
		}
		if err := q.none(ctx, url, "within the delay"); err != nil {
			return err
		}
		q.target.pass(beyondShort)
		_, err = q.one(ctx, url)
		return err
	})
	q.row("a queue's delay holds for messages without one of their own", delayDoc, func(ctx context.Context) error {
		url, err := q.queue(ctx, map[string]string{"DelaySeconds": "2"})
		if err != nil {
			return err
		}
		if _, err := q.send(ctx, url, "late"); err != nil {
			return err
		}
		if err := q.none(ctx, url, "within the delay"); err != nil {
			return err
		}
		q.target.pass(beyondShort)
		_, err = q.one(ctx, url)
		return err
	})
	q.pollRows()
	q.contentRows()
}

func (q queues) pollRows() {
	q.row("a long poll answers with what arrives while it waits", pollDoc, q.longPoll)
	q.row("a long poll that finds nothing ends empty", pollDoc, func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 1})
		if err == nil && len(out.Messages) > 0 {
			err = fmt.Errorf("received %d messages, want none", len(out.Messages))
		}
		return err
	})
}

func (q queues) contentRows() {
	q.row("attributes of a message come back, texts, numbers and bytes", sqsGuide+"sqs-message-metadata.html", q.attributes)
	q.row("a message of one mebibyte is taken, and one byte more is refused", quotaDoc, func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		if _, err := q.send(ctx, url, strings.Repeat("x", mebibyte)); err != nil {
			return err
		}
		_, err = q.send(ctx, url, strings.Repeat("x", mebibyte+1))
		return refusedAs(err, "InvalidParameterValue")
	})
	q.row("a character that XML does not know is refused", quotaDoc, func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		_, err = q.send(ctx, url, "a\x00b")
		return refusedAs(err, "InvalidMessageContents")
	})
	q.row("Vietnamese text comes back as it was sent", quotaDoc, func(ctx context.Context) error {
		url, err := q.queue(ctx, nil)
		if err != nil {
			return err
		}
		const body = `{"text":"Đường ngập nước ở ấp Phú Hoà <1> & «2»"}`
		if _, err := q.send(ctx, url, body); err != nil {
			return err
		}
		m, err := q.one(ctx, url)
		if err == nil && *m.Body != body {
			err = fmt.Errorf("the body is %q", *m.Body)
		}
		return err
	})
}

func (q queues) longPoll(ctx context.Context) error {
	url, err := q.queue(ctx, nil)
	if err != nil {
		return err
	}
	answer := make(chan error, 1)
	go func() {
		out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20})
		if err == nil && len(out.Messages) != 1 {
			err = fmt.Errorf("received %d messages, want one", len(out.Messages))
		}
		answer <- err
	}()
	if _, err := q.send(ctx, url, "arrived"); err != nil {
		return err
	}
	return <-answer
}

func (q queues) attributes(ctx context.Context) error {
	url, err := q.queue(ctx, nil)
	if err != nil {
		return err
	}
	sent := map[string]types.MessageAttributeValue{
		"cause": {DataType: aws.String("String"), StringValue: aws.String("nộp phản ánh")},
		"n":     {DataType: aws.String("Number"), StringValue: aws.String("42")},
		"bytes": {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 255}},
	}
	in := &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("with attributes"), MessageAttributes: sent}
	if _, err := q.client.SendMessage(ctx, in); err != nil {
		return err
	}
	m, err := q.one(ctx, url)
	if err != nil {
		return err
	}
	for name, want := range sent {
		got := m.MessageAttributes[name]
		if aws.ToString(got.DataType) != *want.DataType || aws.ToString(got.StringValue) != aws.ToString(want.StringValue) ||
			!bytes.Equal(got.BinaryValue, want.BinaryValue) {
			return fmt.Errorf("attribute %s is %v", name, got)
		}
	}
	return nil
}

func (q queues) batchRows() {
	page := sqsAPI + "API_SendMessageBatch.html"
	q.row("a batch with a wrong entry sends the others and names the wrong one", page, q.partialSend)
	q.row("a batch of deletes names the handle that is wrong and deletes the rest", sqsAPI+"API_DeleteMessageBatch.html", q.partialDelete)
	whole := map[string]struct {
		entries []types.SendMessageBatchRequestEntry
		code    string
	}{
		"a batch of eleven is refused as a whole":         {entries(11, func(i int) string { return fmt.Sprint("e", i) }, "x"), "TooManyEntriesInBatchRequest"},
		"a batch with an id twice is refused as a whole":  {entries(2, func(int) string { return "same" }, "x"), "BatchEntryIdsNotDistinct"},
		"a batch with a wrong id is refused as a whole":   {entries(1, func(int) string { return "no id!" }, "x"), "InvalidBatchEntryId"},
		"a batch over one mebibyte is refused as a whole": {entries(2, func(i int) string { return fmt.Sprint("e", i) }, strings.Repeat("x", mebibyte/2+1)), "BatchRequestTooLong"},
		"a batch without an entry is refused":             {[]types.SendMessageBatchRequestEntry{}, "EmptyBatchRequest"},
	}
	for fact, c := range whole {
		q.row(fact, page, func(ctx context.Context) error {
			url, err := q.queue(ctx, nil)
			if err != nil {
				return err
			}
			_, err = q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: c.entries})
			return errors.Join(refusedAs(err, c.code), q.none(ctx, url, "after a refused batch"))
		})
	}
}

func entries(n int, id func(int) string, body string) []types.SendMessageBatchRequestEntry {
	out := make([]types.SendMessageBatchRequestEntry, n)
	for i := range out {
		out[i] = types.SendMessageBatchRequestEntry{Id: aws.String(id(i)), MessageBody: aws.String(body)}
	}
	return out
}

func (q queues) partialSend(ctx context.Context) error {
	url, err := q.queue(ctx, nil)
	if err != nil {
		return err
	}
	batch := entries(3, func(i int) string { return fmt.Sprint("e", i) }, "x")
	batch[1].DelaySeconds = 901
	out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: batch})
	if err != nil {
		return err
	}
	if len(out.Successful) != 2 || len(out.Failed) != 1 || *out.Failed[0].Id != "e1" || !out.Failed[0].SenderFault {
		return fmt.Errorf("sent %d and failed %v, want two sent and e1 failed by the sender", len(out.Successful), out.Failed)
	}
	messages, err := q.receive(ctx, url)
	if err == nil && len(messages) != 2 {
		err = fmt.Errorf("received %d messages, want two", len(messages))
	}
	return err
}

func (q queues) partialDelete(ctx context.Context) error {
	url, m, err := q.filled(ctx, short)
	if err != nil {
		return err
	}
	out, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &url, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("wrong"), ReceiptHandle: aws.String("no handle")}, {Id: aws.String("right"), ReceiptHandle: m.ReceiptHandle},
	}})
	if err != nil {
		return err
	}
	if len(out.Failed) != 1 || *out.Failed[0].Id != "wrong" || len(out.Successful) != 1 || *out.Successful[0].Id != "right" {
		return fmt.Errorf("deleted %v and failed %v", out.Successful, out.Failed)
	}
	q.target.pass(beyondShort)
	return q.none(ctx, url, "after it was deleted")
}
