// Package sqs is the part of Amazon SQS that the project uses: standard
// queues with visibility, delay, long polling, batches, dead-letter queues
// and the move back from them, over the AWS JSON 1.0 protocol and in process.
//
// Messages are kept in the store and are indexed in memory; what is in flight
// is known to memory alone. It must never import another service of the
// emulator, nor the project's own packages.
package sqs

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// Options of a Service.
type Options struct {
	Now     func() time.Time // nil means time.Now
	Account string
	Region  string
	// NewID makes message ids; nil means random UUIDs. The simulation gives
	// its own, so that one seed gives one run.
	NewID func() string
}

// Service holds the queues of one account and region.
type Service struct {
	options Options
	store   storage.Store

	mu     sync.Mutex
	queues map[string]*queue
	tasks  []*MoveTask
}

const queuesBucket = "sqs/queues"

func messagesBucket(queue string) string { return "sqs/messages/" + queue }

func sequenceKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// queueRecord is what the store keeps of a queue.
type queueRecord struct {
	Created    time.Time
	Modified   time.Time
	Attributes map[string]string
}

// New opens the service over a store and loads what it holds.
func New(store storage.Store, options Options) (*Service, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.NewID == nil {
		options.NewID = uuid.NewString
	}
	s := &Service{options: options, store: store, queues: map[string]*queue{}}
	if err := store.View(s.load); err != nil {
		return nil, fmt.Errorf("loading queues: %w", err)
	}
	return s, nil
}

func (s *Service) load(tx storage.Tx) error {
	var failed error
	tx.Ascend(queuesBucket, nil, func(k, v []byte) bool {
		failed = s.loadQueue(tx, string(k), v)
		return failed == nil
	})
	return failed
}

func (s *Service) loadQueue(tx storage.Tx, name string, value []byte) error {
	var stored queueRecord
	if err := json.Unmarshal(value, &stored); err != nil {
		return fmt.Errorf("reading queue %s: %w", name, err)
	}
	set, err := s.parseSettings(stored.Attributes)
	if err != nil {
		return fmt.Errorf("reading queue %s: %w", name, err)
	}
	q := newQueue(name, stored.Created, set)
	q.modified = stored.Modified
	s.queues[name] = q
	now := s.options.Now()
	var failed error
	tx.Ascend(messagesBucket(name), nil, func(k, v []byte) bool {
		m := &message{seq: binary.BigEndian.Uint64(k)}
		if failed = json.Unmarshal(v, &m.record); failed != nil {
			failed = fmt.Errorf("reading message %d of queue %s: %w", m.seq, name, failed)
			return false
		}
		m.visibleAt = time.UnixMilli(m.VisibleAt)
		q.next = max(q.next, m.seq+1)
		q.put(m, now)
		return true
	})
	return failed
}

func (s *Service) arn(name string) string {
	return "arn:aws:sqs:" + s.options.Region + ":" + s.options.Account + ":" + name
}

// ARN names a queue.
func (s *Service) ARN(name string) string { return s.arn(name) }

// find takes a name, an ARN or a URL. The caller holds the lock.
func (s *Service) find(nameARNorURL string) (*queue, error) {
	name := s.Name(nameARNorURL)
	if q, ok := s.queues[name]; ok {
		return q, nil
	}
	return nil, noSuchQueue(name)
}

// Name is the queue's name, out of its name, ARN or URL.
func (s *Service) Name(queue string) string {
	if strings.HasPrefix(queue, "arn:") {
		if name, ok := strings.CutPrefix(queue, s.arn("")); ok {
			return name
		}
		return queue // another account's or region's: it does not exist here
	}
	if u, err := url.Parse(queue); err == nil && u.Host != "" {
		return path.Base(u.Path)
	}
	return queue
}

// Create makes a queue. The same name with the same attributes is success;
// with others it is QueueNameExists.
func (s *Service) Create(name string, attributes map[string]string) error {
	if strings.HasSuffix(name, ".fifo") {
		return wire.NotSupported("sqs.CreateQueue: first-in-first-out queues")
	}
	if !queueName.MatchString(name) {
		return invalidParameter("queue name %q must have 1 to 80 letters, digits, hyphens or underscores", name)
	}
	set, err := s.parseSettings(attributes)
	if err != nil {
		return err
	}
	s.mu.Lock()
	existing, ok := s.queues[name]
	if ok {
		defer s.mu.Unlock()
		for attribute, value := range attributes {
			if existing.settings.raw[attribute] != value {
				return queryError("QueueNameExists", "QueueAlreadyExists",
					"the queue %s exists with another value of %s", name, attribute)
			}
		}
		return nil
	}
	if set.deadLetter != "" && s.queues[set.deadLetter] == nil {
		s.mu.Unlock()
		return invalidParameter("RedrivePolicy names the queue %q, which does not exist", set.deadLetter)
	}
	q := newQueue(name, s.options.Now(), set)
	s.queues[name] = q
	stored := q.record()
	s.mu.Unlock()
	if err := s.saveQueue(name, stored); err != nil {
		s.mu.Lock()
		delete(s.queues, name)
		s.mu.Unlock()
		return err
	}
	return nil
}

// SetAttributes changes some of a queue's attributes; those not named stay.
func (s *Service) SetAttributes(queue string, attributes map[string]string) error {
	s.mu.Lock()
	q, err := s.find(queue)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	merged := maps.Clone(q.settings.raw)
	maps.Copy(merged, attributes)
	set, err := s.parseSettings(merged)
	if err == nil && set.deadLetter != "" && s.queues[set.deadLetter] == nil {
		err = invalidParameter("RedrivePolicy names the queue %q, which does not exist", set.deadLetter)
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	q.settings, q.modified = set, s.options.Now()
	stored, name := q.record(), q.name
	q.wake()
	s.mu.Unlock()
	return s.saveQueue(name, stored)
}

func (q *queue) record() queueRecord {
	return queueRecord{Created: q.created, Modified: q.modified, Attributes: maps.Clone(q.settings.raw)}
}

func (s *Service) saveQueue(name string, stored queueRecord) error {
	value, err := json.Marshal(stored)
	if err != nil {
		return fmt.Errorf("encoding queue %s: %w", name, err)
	}
	err = s.store.Update(func(tx storage.Tx) error { return tx.Put(queuesBucket, []byte(name), value) })
	if err != nil {
		return fmt.Errorf("storing queue %s: %w", name, err)
	}
	return nil
}

// DeleteQueue removes a queue; its messages go with it.
func (s *Service) DeleteQueue(nameARNorURL string) error {
	s.mu.Lock()
	q, err := s.find(nameARNorURL)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	delete(s.queues, q.name)
	q.wake()
	s.mu.Unlock()
	err = s.store.Update(func(tx storage.Tx) error {
		if err := tx.DropBucket(messagesBucket(q.name)); err != nil {
			return err
		}
		return tx.Delete(queuesBucket, []byte(q.name))
	})
	if err != nil {
		return fmt.Errorf("deleting queue %s: %w", q.name, err)
	}
	return nil
}

// Names lists the queues.
func (s *Service) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.queues))
}

// Attributes answers a queue's attributes: those set, the standard values of
// the others, and the counts.
func (s *Service) Attributes(queue string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(queue)
	if err != nil {
		return nil, err
	}
	counts := q.counts(s.options.Now())
	all := maps.Clone(q.settings.raw)
	all["QueueArn"] = s.arn(q.name)
	all["ApproximateNumberOfMessages"] = fmt.Sprint(counts.Visible)
	all["ApproximateNumberOfMessagesNotVisible"] = fmt.Sprint(counts.InFlight)
	all["ApproximateNumberOfMessagesDelayed"] = fmt.Sprint(counts.Delayed)
	all["CreatedTimestamp"] = fmt.Sprint(q.created.Unix())
	all["LastModifiedTimestamp"] = fmt.Sprint(q.modified.Unix())
	return all, nil
}

// Counts answers how many messages a queue holds.
func (s *Service) Counts(queue string) (Counts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(queue)
	if err != nil {
		return Counts{}, err
	}
	return q.counts(s.options.Now()), nil
}

// Wake makes every waiter look at the clock again. Whoever moves an injected
// clock calls it.
func (s *Service) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		q.wake()
	}
}
