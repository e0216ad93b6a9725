package sqs

import (
	"net/http"
	"regexp"

	"paht/infra/emulator/wire"
)

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

type failedEntry struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

type batchAnswer[T any] struct {
	Successful []T
	Failed     []failedEntry
}

// checkEntries holds a batch to what fails it as a whole.
func checkEntries(ids []string) error {
	if len(ids) == 0 {
		return queryError("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", "the batch holds no entry")
	}
	if len(ids) > 10 {
		return queryError("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
			"a batch holds at most 10 entries, not %d", len(ids))
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if !entryID.MatchString(id) {
			return queryError("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId",
				"entry id %q must have 1 to 80 letters, digits, hyphens or underscores", id)
		}
		if seen[id] {
			return queryError("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
				"entry id %q stands twice in the batch", id)
		}
		seen[id] = true
	}
	return nil
}

// each runs one entry after the other; an entry that fails does not stop the
// others.
func each[E, T any](entries []E, id func(E) string, run func(E) (T, error)) (any, error) {
	ids := make([]string, len(entries))
	for i, entry := range entries {
		ids[i] = id(entry)
	}
	if err := checkEntries(ids); err != nil {
		return nil, err
	}
	answer := batchAnswer[T]{Successful: []T{}, Failed: []failedEntry{}}
	for _, entry := range entries {
		done, err := run(entry)
		if err == nil {
			answer.Successful = append(answer.Successful, done)
			continue
		}
		e := wire.AsError(err)
		code := e.Code
		if e.Query != "" {
			code = e.Query
		}
		answer.Failed = append(answer.Failed, failedEntry{ID: id(entry), Code: code, Message: e.Message,
			SenderFault: e.Status < http.StatusInternalServerError})
	}
	return answer, nil
}

type sendInput struct {
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]Attribute
}

type sendAnswer struct {
	ID                     string `json:"Id,omitempty"`
	MessageID              string `json:"MessageId"`
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
}

func (c call) send(queue string, in sendInput) (sendAnswer, error) {
	sent, err := c.service.Send(queue, Outgoing{Body: in.MessageBody, Attributes: in.MessageAttributes,
		Delay: seconds(in.DelaySeconds), Sender: c.sender})
	return sendAnswer{MessageID: sent.ID, MD5OfMessageBody: sent.MD5OfBody, MD5OfMessageAttributes: sent.MD5OfAttributes}, err
}

func (c call) sendMessage() (any, error) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
		sendInput
	}
	if err := wire.Decode("sqs.SendMessage", c.body, &in); err != nil {
		return nil, err
	}
	return c.send(in.QueueURL, in.sendInput)
}

type sendEntry struct {
	ID string `json:"Id"`
	sendInput
}

func (c call) sendMessageBatch() (any, error) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []sendEntry
	}
	if err := wire.Decode("sqs.SendMessageBatch", c.body, &in); err != nil {
		return nil, err
	}
	total := 0
	for _, entry := range in.Entries {
		total += size(entry.MessageBody, entry.MessageAttributes)
	}
	if total > MaxMessageBytes {
		return nil, queryError("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong",
			"the batch has %d bytes, at most %d are allowed", total, MaxMessageBytes)
	}
	if _, err := c.service.Counts(in.QueueURL); err != nil {
		return nil, err
	}
	return each(in.Entries, func(e sendEntry) string { return e.ID }, func(e sendEntry) (sendAnswer, error) {
		answer, err := c.send(in.QueueURL, e.sendInput)
		answer.ID = e.ID
		return answer, err
	})
}

type idAnswer struct {
	ID string `json:"Id"`
}

func (c call) deleteMessage() (any, error) {
	var in struct {
		QueueURL      string `json:"QueueUrl"`
		ReceiptHandle string
	}
	if err := wire.Decode("sqs.DeleteMessage", c.body, &in); err != nil {
		return nil, err
	}
	return nil, c.service.Delete(in.QueueURL, in.ReceiptHandle)
}

type deleteEntry struct {
	ID            string `json:"Id"`
	ReceiptHandle string
}

func (c call) deleteMessageBatch() (any, error) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []deleteEntry
	}
	if err := wire.Decode("sqs.DeleteMessageBatch", c.body, &in); err != nil {
		return nil, err
	}
	if _, err := c.service.Counts(in.QueueURL); err != nil {
		return nil, err
	}
	return each(in.Entries, func(e deleteEntry) string { return e.ID }, func(e deleteEntry) (idAnswer, error) {
		return idAnswer{e.ID}, c.service.Delete(in.QueueURL, e.ReceiptHandle)
	})
}

type visibilityEntry struct {
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (c call) change(queue string, in visibilityEntry) error {
	d := seconds(in.VisibilityTimeout)
	if d == nil {
		return missingParameter("VisibilityTimeout")
	}
	return c.service.ChangeVisibility(queue, in.ReceiptHandle, *d)
}

func (c call) changeMessageVisibility() (any, error) {
	var in struct {
		QueueURL          string `json:"QueueUrl"`
		ReceiptHandle     string
		VisibilityTimeout *int
	}
	if err := wire.Decode("sqs.ChangeMessageVisibility", c.body, &in); err != nil {
		return nil, err
	}
	return nil, c.change(in.QueueURL, visibilityEntry{ReceiptHandle: in.ReceiptHandle, VisibilityTimeout: in.VisibilityTimeout})
}

func (c call) changeMessageVisibilityBatch() (any, error) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []visibilityEntry
	}
	if err := wire.Decode("sqs.ChangeMessageVisibilityBatch", c.body, &in); err != nil {
		return nil, err
	}
	if _, err := c.service.Counts(in.QueueURL); err != nil {
		return nil, err
	}
	return each(in.Entries, func(e visibilityEntry) string { return e.ID }, func(e visibilityEntry) (idAnswer, error) {
		return idAnswer{e.ID}, c.change(in.QueueURL, e)
	})
}
