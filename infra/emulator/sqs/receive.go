package sqs

import (
	"context"
	"fmt"
	"time"

	"paht/infra/emulator/storage"
)

// Request is what a consumer asks for. Zero Max means one message, nil
// Visibility the queue's timeout, nil Wait the queue's wait.
type Request struct {
	Max        int
	Visibility *time.Duration
	Wait       *time.Duration
}

// Message is a message as a consumer receives it.
type Message struct {
	ID, Receipt, Body string
	Attributes        map[string]Attribute
	Sender            string
	SentAt            time.Time
	FirstReceive      time.Time
	ReceiveCount      int
	Source            string // ARN of the queue that it was dead-lettered from
}

// Receive takes up to Max visible messages and hides them for the visibility
// timeout. It waits up to Wait for the first one. A message received more
// often than the redrive policy allows goes to the dead-letter queue instead.
func (s *Service) Receive(ctx context.Context, queue string, ask Request) ([]Message, error) {
	wait, err := s.check(queue, &ask)
	if err != nil {
		return nil, err
	}
	deadline := s.options.Now().Add(wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		messages, wake, err := s.receiveNow(queue, ask)
		if err != nil || len(messages) > 0 || wait == 0 {
			return messages, err
		}
		over, err := s.pause(ctx, wake, timer, deadline)
		if err != nil || over {
			return nil, err
		}
	}
}

// signal says when it is worth looking again: when changed is closed, or
// after due (negative: nothing is waiting).
type signal struct {
	changed <-chan struct{}
	due     time.Duration
}

// pause waits for a reason to look again. A real timer ends the wait even
// where an injected clock stands still.
func (s *Service) pause(ctx context.Context, wake signal, deadline *time.Timer, until time.Time) (over bool, err error) {
	var visible <-chan time.Time
	if wake.due >= 0 {
		next := time.NewTimer(wake.due)
		defer next.Stop()
		visible = next.C
	}
	select {
	case <-ctx.Done():
		return true, ctx.Err()
	case <-deadline.C:
		return true, nil
	case <-visible:
	case <-wake.changed:
	}
	return !s.options.Now().Before(until), nil
}

func (s *Service) check(nameARNorURL string, ask *Request) (time.Duration, error) {
	if ask.Max == 0 {
		ask.Max = 1
	}
	s.mu.Lock()
	q, err := s.find(nameARNorURL)
	var wait time.Duration
	if err == nil {
		wait = q.settings.wait
	}
	s.mu.Unlock()
	if ask.Wait != nil {
		wait = *ask.Wait
	}
	switch {
	case err != nil:
		return 0, err
	case ask.Max < 1 || ask.Max > 10:
		return 0, invalidParameter("MaxNumberOfMessages must be from 1 to 10, not %d", ask.Max)
	case wait < 0 || wait > 20*time.Second:
		return 0, invalidParameter("WaitTimeSeconds must be from 0 to 20, not %d", wait/time.Second)
	case ask.Visibility != nil:
		return wait, checkVisibility(*ask.Visibility)
	}
	return wait, nil
}

func checkVisibility(d time.Duration) error {
	if d < 0 || d > 43200*time.Second {
		return invalidParameter("VisibilityTimeout must be from 0 to 43200, not %d", d/time.Second)
	}
	return nil
}

// picked is what one receive does to the store and to memory.
type picked struct {
	queue    *queue
	received []*message
	dead     []*message // to be moved to the dead-letter queue
	target   *queue
	expired  []*message
}

func (s *Service) receiveNow(queue string, ask Request) ([]Message, signal, error) {
	s.mu.Lock()
	q, err := s.find(queue)
	if err != nil {
		s.mu.Unlock()
		return nil, signal{}, err
	}
	now := s.options.Now()
	p := s.pick(q, ask, now)
	wake := signal{changed: q.changed, due: -1}
	if len(q.waiting) > 0 {
		wake.due = max(0, q.waiting[0].at.Sub(now))
	}
	messages := make([]Message, len(p.received))
	records := make([]message, len(p.received))
	for i, m := range p.received {
		messages[i], records[i] = m.view(q.name), *m
	}
	s.mu.Unlock()
	if len(p.received)+len(p.dead)+len(p.expired) == 0 {
		return nil, wake, nil
	}
	if err := s.storePicked(p, records); err != nil {
		return nil, wake, fmt.Errorf("receiving from queue %s: %w", q.name, err)
	}
	return messages, wake, nil
}

func (m *message) view(queue string) Message {
	return Message{ID: m.ID, Receipt: m.receipt(queue), Body: m.Body, Attributes: m.Attributes, Sender: m.Sender,
		SentAt: time.UnixMilli(m.SentAt), FirstReceive: time.UnixMilli(m.FirstReceive), ReceiveCount: m.ReceiveCount,
		Source: m.Source}
}

// pick chooses the messages under the lock. "The maxReceiveCount is the
// number of times a consumer can receive a message before it is moved": the
// receive after the last allowed one moves it.
func (s *Service) pick(q *queue, ask Request, now time.Time) picked {
	p := picked{queue: q, expired: q.settle(now), target: s.queues[q.settings.deadLetter]}
	visibility := q.settings.visibility
	if ask.Visibility != nil {
		visibility = *ask.Visibility
	}
	oldest := now.Add(-q.settings.retention).UnixMilli()
	for len(p.received) < ask.Max {
		m := q.take()
		switch {
		case m == nil:
			p.hide(visibility, now)
			return p
		case m.SentAt <= oldest:
			q.forget(m)
			p.expired = append(p.expired, m)
		case p.target != nil && m.ReceiveCount >= q.settings.maxReceive:
			q.forget(m)
			p.dead = append(p.dead, m)
		default:
			m.ReceiveCount++
			if m.FirstReceive == 0 {
				m.FirstReceive = now.UnixMilli()
			}
			p.received = append(p.received, m)
		}
	}
	p.hide(visibility, now)
	return p
}

// hide comes after the choice, so that a timeout of zero does not give the
// same message twice in one answer.
func (p *picked) hide(visibility time.Duration, now time.Time) {
	for _, m := range p.received {
		m.inFlight = true
		p.queue.hideUntil(m, now.Add(visibility), now)
	}
}

// storePicked writes the counts, the moves and the expiries in one go. A
// message that was deleted meanwhile is not brought back.
func (s *Service) storePicked(p picked, received []message) error {
	source := messagesBucket(p.queue.name)
	moved := s.transplant(p.dead, p.target, func(m *message) { m.Source = s.arn(p.queue.name) })
	err := s.store.Update(func(tx storage.Tx) error {
		for i := range received {
			key := sequenceKey(received[i].seq)
			if tx.Get(source, key) == nil {
				continue
			}
			if err := putMessage(tx, source, &received[i]); err != nil {
				return err
			}
		}
		for _, m := range p.expired {
			if err := tx.Delete(source, sequenceKey(m.seq)); err != nil {
				return err
			}
		}
		return move(tx, source, p.dead, p.target, moved)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	if err != nil { // memory follows the store: nothing was moved
		for _, m := range p.dead {
			m.gone = false
			p.queue.put(m, now)
		}
		return err
	}
	s.settleIn(p.target, moved, now)
	return nil
}

// Wait blocks until the queue has something visible, or ctx ends.
func (s *Service) Wait(ctx context.Context, nameARNorURL string) error {
	for {
		s.mu.Lock()
		q, err := s.find(nameARNorURL)
		if err != nil {
			s.mu.Unlock()
			return err
		}
		now := s.options.Now()
		q.settle(now)
		visible := len(q.ready) > 0
		changed, due := q.changed, time.Hour
		if len(q.waiting) > 0 {
			due = max(0, q.waiting[0].at.Sub(now))
		}
		s.mu.Unlock()
		if visible {
			return nil
		}
		timer := time.NewTimer(due)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		case <-changed:
			timer.Stop()
		}
	}
}
