package sqs

import (
	"fmt"
	"time"

	"paht/infra/emulator/storage"
)

// held finds the message that a receipt handle stands for; nil where it is
// gone, or was received again since.
func (q *queue) held(handle string) (*message, error) {
	h, err := parseReceipt(q.name, handle)
	if err != nil {
		return nil, err
	}
	m := q.messages[h.seq]
	if m == nil || m.ID != h.id || m.ReceiveCount != h.count {
		return nil, nil
	}
	return m, nil
}

// Delete removes a message. With a handle that went stale the request
// succeeds and the message stays, as on AWS for standard queues.
func (s *Service) Delete(nameARNorURL, handle string) error {
	s.mu.Lock()
	q, err := s.find(nameARNorURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	m, err := q.held(handle)
	if m != nil {
		q.forget(m)
	}
	s.mu.Unlock()
	if m == nil {
		return err
	}
	err = s.store.Update(func(tx storage.Tx) error {
		return tx.Delete(messagesBucket(q.name), sequenceKey(m.seq))
	})
	if err != nil {
		return fmt.Errorf("deleting message %s of queue %s: %w", m.ID, q.name, err)
	}
	return nil
}

// ChangeVisibility moves the instant at which a message in flight becomes
// visible again to now plus d.
func (s *Service) ChangeVisibility(nameARNorURL, handle string, d time.Duration) error {
	if err := checkVisibility(d); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(nameARNorURL)
	if err != nil {
		return err
	}
	m, err := q.held(handle)
	if err != nil {
		return err
	}
	now := s.options.Now()
	q.settle(now)
	if m == nil || !m.inFlight {
		return queryError("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight",
			"the message that the receipt handle stands for is not in flight")
	}
	q.hideUntil(m, now.Add(d), now)
	q.wake()
	return nil
}

func putMessage(tx storage.Tx, bucket string, m *message) error {
	value, err := m.encode()
	if err != nil {
		return err
	}
	return tx.Put(bucket, sequenceKey(m.seq), value)
}
