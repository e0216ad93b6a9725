package sqs

import (
	"fmt"
	"time"

	"paht/infra/emulator/storage"
)

// Outgoing is a message to send. Delay is nil where the queue's applies.
type Outgoing struct {
	Body       string
	Attributes map[string]Attribute
	Delay      *time.Duration
	Sender     string
}

// Sent is the receipt of a message sent.
type Sent struct{ ID, MD5OfBody, MD5OfAttributes string }

// Send stores a message; when it returns without error the message is
// durable.
func (s *Service) Send(queue string, out Outgoing) (Sent, error) {
	q, m, err := s.prepare(queue, out)
	if err != nil {
		return Sent{}, err
	}
	value, err := m.encode()
	if err != nil {
		return Sent{}, err
	}
	err = s.store.Update(func(tx storage.Tx) error {
		return tx.Put(messagesBucket(q.name), sequenceKey(m.seq), value)
	})
	if err != nil {
		return Sent{}, fmt.Errorf("storing a message of queue %s: %w", q.name, err)
	}
	s.mu.Lock()
	q.put(m, s.options.Now())
	q.wake()
	s.mu.Unlock()
	return Sent{ID: m.ID, MD5OfBody: md5Hex([]byte(m.Body)), MD5OfAttributes: attributesMD5(m.Attributes)}, nil
}

func (s *Service) prepare(nameARNorURL string, out Outgoing) (*queue, *message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(nameARNorURL)
	if err != nil {
		return nil, nil, err
	}
	if err := checkBody(out.Body); err != nil {
		return nil, nil, err
	}
	if err := checkAttributes(out.Attributes); err != nil {
		return nil, nil, err
	}
	if n := size(out.Body, out.Attributes); n > q.settings.maxBytes {
		return nil, nil, invalidParameter(
			"one or more parameters are invalid. Reason: message must be shorter than %d bytes, it has %d", q.settings.maxBytes, n)
	}
	delay := q.settings.delay
	if out.Delay != nil {
		delay = *out.Delay
	}
	if delay < 0 || delay > 900*time.Second {
		return nil, nil, invalidParameter("DelaySeconds must be from 0 to 900, not %d", delay/time.Second)
	}
	now := s.options.Now()
	m := &message{seq: q.next, visibleAt: now.Add(delay), record: record{ID: s.options.NewID(), Body: out.Body,
		Attributes: out.Attributes, Sender: out.Sender, SentAt: now.UnixMilli(), VisibleAt: now.Add(delay).UnixMilli()}}
	q.next++
	return q, m, nil
}
