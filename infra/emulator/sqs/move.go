package sqs

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// MoveTask is one redrive from a dead-letter queue.
type MoveTask struct {
	Handle      string
	Source      string // ARN
	Destination string // ARN; empty: back to where each message came from
	Status      string // COMPLETED or FAILED: a task runs to its end within the call that starts it
	Failure     string
	Started     time.Time
	ToMove      int
	Moved       int
}

// transplant gives each message a copy with a place in the target queue.
func (s *Service) transplant(messages []*message, target *queue, change func(*message)) []*message {
	if len(messages) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := make([]*message, len(messages))
	for i, m := range messages {
		c := &message{record: m.record, seq: target.next}
		c.VisibleAt = 0
		change(c)
		target.next++
		moved[i] = c
	}
	return moved
}

// move writes a transplant: out of the source and into the target in one
// transaction, so that no crash loses or doubles a message.
func move(tx storage.Tx, source string, from []*message, target *queue, moved []*message) error {
	for i, m := range from {
		if err := tx.Delete(source, sequenceKey(m.seq)); err != nil {
			return err
		}
		if err := putMessage(tx, messagesBucket(target.name), moved[i]); err != nil {
			return err
		}
	}
	return nil
}

// settleIn shows moved messages in their queue. The caller holds the lock.
func (s *Service) settleIn(target *queue, moved []*message, now time.Time) {
	if len(moved) == 0 {
		return
	}
	for _, m := range moved {
		m.visibleAt = now
		target.put(m, now)
	}
	target.wake()
}

// Redrive moves the visible messages of a dead-letter queue to the
// destination, or back to where each came from. A redriven message is a new
// one: new id, new time, nothing received yet ("Learn how to configure a
// dead-letter queue redrive").
func (s *Service) Redrive(source, destination string) (MoveTask, error) {
	task := MoveTask{Handle: s.options.NewID(), Started: s.options.Now(), Source: source, Destination: destination, Status: "COMPLETED"}
	q, messages, err := s.startMove(source, destination)
	if err != nil {
		return task, err
	}
	task.ToMove = len(messages)
	groups := s.byTarget(messages, destination)
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		target, group := s.named(name), groups[name]
		if target == nil {
			task.Status, task.Failure = "FAILED", "CouldNotDetermineMessageSource"
			s.giveBack(q, group)
			continue
		}
		if err := s.moveGroup(q, target, group); err != nil {
			s.giveBack(q, group)
			return task, fmt.Errorf("moving messages of queue %s: %w", q.name, err)
		}
		task.Moved += len(group)
	}
	s.mu.Lock()
	s.tasks = append(s.tasks, &task)
	s.mu.Unlock()
	return task, nil
}

func (s *Service) startMove(source, destination string) (*queue, []*message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(source)
	if err != nil {
		return nil, nil, wire.Errorf("ResourceNotFoundException", "the resource %q that you specified for SourceArn does not exist", source)
	}
	if destination != "" {
		if _, err := s.find(destination); err != nil {
			return nil, nil, wire.Errorf("ResourceNotFoundException", "the resource %q that you specified for DestinationArn does not exist", destination)
		}
	}
	if !s.isDeadLetter(q.name) {
		return nil, nil, invalidParameter("source queue %s must be configured as a dead-letter queue", q.name)
	}
	q.settle(s.options.Now())
	var messages []*message
	for m := q.take(); m != nil; m = q.take() {
		q.forget(m)
		messages = append(messages, m)
	}
	return q, messages, nil
}

func (s *Service) isDeadLetter(name string) bool {
	for _, q := range s.queues {
		if q.settings.deadLetter == name {
			return true
		}
	}
	return false
}

func (s *Service) named(name string) *queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queues[name]
}

func (s *Service) byTarget(messages []*message, destination string) map[string][]*message {
	groups := map[string][]*message{}
	for _, m := range messages {
		to := destination
		if to == "" {
			to = m.Source
		}
		groups[s.Name(to)] = append(groups[s.Name(to)], m)
	}
	return groups
}

func (s *Service) moveGroup(q, target *queue, group []*message) error {
	now := s.options.Now()
	moved := s.transplant(group, target, func(m *message) {
		m.ID, m.SentAt, m.FirstReceive, m.ReceiveCount, m.Source = s.options.NewID(), now.UnixMilli(), 0, 0, ""
	})
	err := s.store.Update(func(tx storage.Tx) error { return move(tx, messagesBucket(q.name), group, target, moved) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleIn(target, moved, now)
	return nil
}

func (s *Service) giveBack(q *queue, group []*message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range group {
		m.gone = false
		q.put(m, s.options.Now())
	}
}

// MoveTasks lists the latest tasks of a source queue, newest first.
func (s *Service) MoveTasks(source string, most int) ([]MoveTask, error) {
	if most < 1 || most > 10 {
		return nil, invalidParameter("MaxResults must be from 1 to 10, not %d", most)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(source); err != nil {
		return nil, wire.Errorf("ResourceNotFoundException", "the resource %q that you specified for SourceArn does not exist", source)
	}
	var found []MoveTask
	for _, task := range slices.Backward(s.tasks) {
		if task.Source == source && len(found) < most {
			found = append(found, *task)
		}
	}
	return found, nil
}
