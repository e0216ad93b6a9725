// Package scheduler is the part of EventBridge Scheduler that the project
// uses: one-time and recurring schedules with time zones whose target is a
// queue, over the REST JSON protocol and in process. Whoever runs it calls
// Run, or Due with a clock of its own.
//
// It sends through a function that it is given and must never import the
// queue service.
package scheduler

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
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
	// Send delivers a message to the queue of the ARN.
	Send func(queueARN, body string) error
}

// Target is where a schedule sends.
type Target struct {
	Arn              string
	RoleArn          string
	Input            string
	RetryPolicy      *RetryPolicy      `json:",omitempty"`
	DeadLetterConfig *DeadLetterConfig `json:",omitempty"`
}

// RetryPolicy is kept and answered; delivery on one machine knows no
// transient failure.
type RetryPolicy struct {
	MaximumEventAgeInSeconds *int `json:",omitempty"`
	MaximumRetryAttempts     *int `json:",omitempty"`
}

// DeadLetterConfig names the queue that takes what the target cannot.
type DeadLetterConfig struct{ Arn string }

// FlexibleTimeWindow must be OFF.
type FlexibleTimeWindow struct{ Mode string }

// Schedule is a schedule as it is created and answered.
type Schedule struct {
	Name                       string
	GroupName                  string
	Description                string `json:",omitempty"`
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	ActionAfterCompletion      string
	State                      string
	FlexibleTimeWindow         FlexibleTimeWindow
	Target                     Target
}

// stored is a schedule with what the service knows of it.
type stored struct {
	Schedule
	ClientToken string
	Created     time.Time
	Modified    time.Time
	Start       time.Time  // where a rate counts from
	Next        *time.Time `json:",omitempty"` // nil when nothing is to come
}

type entry struct {
	stored
	expression expression
}

// Service holds the schedules of one account and region.
type Service struct {
	options Options
	store   storage.Store
	opened  time.Time

	firing    sync.Mutex // one Due at a time
	mu        sync.Mutex
	schedules map[string]*entry
	changed   chan struct{}
}

const (
	bucket       = "scheduler/schedules"
	defaultGroup = "default"
)

// New opens the service over a store and loads what it holds.
func New(store storage.Store, options Options) (*Service, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Service{options: options, store: store, opened: options.Now(),
		schedules: map[string]*entry{}, changed: make(chan struct{})}
	var failed error
	err := store.View(func(tx storage.Tx) error {
		tx.Ascend(bucket, nil, func(k, v []byte) bool {
			var e entry
			if failed = json.Unmarshal(v, &e.stored); failed == nil {
				e.expression, failed = parseExpression(e.ScheduleExpression, e.ScheduleExpressionTimezone)
			}
			if failed != nil {
				failed = fmt.Errorf("loading schedule %s: %w", k, failed)
			}
			s.schedules[e.Name] = &e
			return failed == nil
		})
		return failed
	})
	return s, err
}

// ARN names a schedule.
func (s *Service) ARN(name string) string {
	return "arn:aws:scheduler:" + s.options.Region + ":" + s.options.Account + ":schedule/" + defaultGroup + "/" + name
}

var scheduleName = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`)

func validation(format string, args ...any) *wire.Error {
	return wire.Errorf("ValidationException", format, args...)
}

// complete fills in what AWS fills in, and checks.
func (in *Schedule) complete() (expression, error) {
	if in.GroupName == "" {
		in.GroupName = defaultGroup
	}
	if in.ScheduleExpressionTimezone == "" {
		in.ScheduleExpressionTimezone = "UTC"
	}
	if in.State == "" {
		in.State = "ENABLED"
	}
	if in.ActionAfterCompletion == "" {
		in.ActionAfterCompletion = "NONE"
	}
	switch {
	case !scheduleName.MatchString(in.Name):
		return nil, validation("Name %q must have 1 to 64 letters, digits, hyphens, underscores or points", in.Name)
	case in.GroupName != defaultGroup:
		return nil, wire.NotSupported("scheduler: a GroupName other than default")
	case in.State != "ENABLED" && in.State != "DISABLED":
		return nil, validation("State must be ENABLED or DISABLED, not %q", in.State)
	case in.ActionAfterCompletion != "NONE" && in.ActionAfterCompletion != "DELETE":
		return nil, validation("ActionAfterCompletion must be NONE or DELETE, not %q", in.ActionAfterCompletion)
	case in.FlexibleTimeWindow.Mode == "FLEXIBLE":
		return nil, wire.NotSupported("scheduler: FlexibleTimeWindow FLEXIBLE")
	case in.FlexibleTimeWindow.Mode != "OFF":
		return nil, validation("FlexibleTimeWindow.Mode must be OFF")
	case !strings.HasPrefix(in.Target.Arn, "arn:aws:sqs:"):
		return nil, wire.NotSupported("scheduler: a target other than a queue: " + in.Target.Arn)
	case in.Target.RoleArn == "":
		return nil, validation("Target.RoleArn is missing")
	case in.Target.Input == "":
		return nil, wire.NotSupported("scheduler: a target without Input")
	}
	e, err := parseExpression(in.ScheduleExpression, in.ScheduleExpressionTimezone)
	if err != nil {
		return nil, validation("%s", err.Error())
	}
	return e, nil
}

// Create makes a schedule. The same client token again is success; the name
// alone again is ConflictException.
func (s *Service) Create(in Schedule, clientToken string) error {
	parsed, err := in.complete()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if existing, ok := s.schedules[in.Name]; ok {
		if clientToken != "" && existing.ClientToken == clientToken {
			return nil
		}
		return &wire.Error{Status: 409, Code: "ConflictException", Message: fmt.Sprintf("schedule %s already exists", in.Name)}
	}
	now := s.options.Now()
	e := &entry{stored{Schedule: in, ClientToken: clientToken, Created: now, Modified: now, Start: now}, parsed}
	e.Next = due(parsed.first(now))
	return s.save(e)
}

// Update replaces a schedule as a whole: what the request leaves out falls
// back to its standard value ("UpdateSchedule").
func (s *Service) Update(in Schedule) error {
	parsed, err := in.complete()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.schedules[in.Name]
	if !ok {
		return notFound(in.Name)
	}
	now := s.options.Now()
	e := &entry{stored{Schedule: in, ClientToken: old.ClientToken, Created: old.Created, Modified: now, Start: now}, parsed}
	e.Next = due(parsed.first(now))
	return s.save(e)
}

func due(t time.Time, ok bool) *time.Time {
	if !ok {
		return nil
	}
	return &t
}

func notFound(name string) *wire.Error {
	return &wire.Error{Status: 404, Code: "ResourceNotFoundException", Message: fmt.Sprintf("schedule %s does not exist", name)}
}

// save stores e and shows it. The caller holds the lock.
func (s *Service) save(e *entry) error {
	value, err := json.Marshal(e.stored)
	if err != nil {
		return fmt.Errorf("encoding schedule %s: %w", e.Name, err)
	}
	err = s.store.Update(func(tx storage.Tx) error { return tx.Put(bucket, []byte(e.Name), value) })
	if err != nil {
		return fmt.Errorf("storing schedule %s: %w", e.Name, err)
	}
	s.schedules[e.Name] = e
	s.wake()
	return nil
}

// Get answers a schedule.
func (s *Service) Get(name string) (Schedule, error) {
	e, err := s.get(name)
	return e.Schedule, err
}

func (s *Service) get(name string) (stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.schedules[name]
	if !ok {
		return stored{}, notFound(name)
	}
	return e.stored, nil
}

// Delete removes a schedule.
func (s *Service) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.schedules[name]; !ok {
		return notFound(name)
	}
	return s.remove(name)
}

func (s *Service) remove(name string) error {
	err := s.store.Update(func(tx storage.Tx) error { return tx.Delete(bucket, []byte(name)) })
	if err != nil {
		return fmt.Errorf("deleting schedule %s: %w", name, err)
	}
	delete(s.schedules, name)
	s.wake()
	return nil
}

func (s *Service) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Wake makes Run look at the clock again. Whoever moves an injected clock
// calls it.
func (s *Service) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
}

// Next is the earliest instant at which something is due.
func (s *Service) Next() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.earliest()
	if e == nil {
		return time.Time{}, false
	}
	return *e.Next, true
}

func (s *Service) earliest() *entry {
	var first *entry
	for _, e := range s.schedules {
		if e.Next == nil || e.State != "ENABLED" {
			continue
		}
		if first == nil || e.Next.Before(*first.Next) || e.Next.Equal(*first.Next) && e.Name < first.Name {
			first = e
		}
	}
	return first
}

// Due fires everything that is due at now, in the order of the due instants,
// and returns how many messages it sent. A recurring schedule fires once for
// all that it missed while the service was not running.
func (s *Service) Due(now time.Time) (int, error) {
	s.firing.Lock()
	defer s.firing.Unlock()
	for sent := 0; ; sent++ {
		s.mu.Lock()
		e := s.earliest()
		s.mu.Unlock()
		if e == nil || e.Next.After(now) {
			return sent, nil
		}
		if err := s.fire(e); err != nil {
			return sent, err
		}
	}
}

// fire sends first and moves on second: a crash between the two sends twice,
// never not at all, which is what AWS promises.
func (s *Service) fire(e *entry) error {
	at := *e.Next
	if err := s.deliver(e, at); err != nil {
		return fmt.Errorf("firing schedule %s: %w", e.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.schedules[e.Name] != e { // updated or deleted meanwhile
		return nil
	}
	missed := at
	if s.opened.After(missed) {
		missed = s.opened
	}
	next := due(e.expression.after(missed, e.Start))
	if next == nil && e.ActionAfterCompletion == "DELETE" {
		return s.remove(e.Name)
	}
	moved := *e
	moved.Next = next
	return s.save(&moved)
}

func (s *Service) deliver(e *entry, at time.Time) error {
	execution := s.executionID(e.Name, at)
	body := strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", s.ARN(e.Name),
		"<aws.scheduler.scheduled-time>", at.UTC().Format("2006-01-02T15:04:05Z"),
		"<aws.scheduler.execution-id>", execution,
		"<aws.scheduler.attempt-number>", "1",
	).Replace(e.Target.Input)
	// A queue that refuses a message will refuse it again: it goes to the
	// dead-letter queue, and is dropped where there is none.
	var refused *wire.Error
	err := s.options.Send(e.Target.Arn, body)
	if errors.As(err, &refused) && e.Target.DeadLetterConfig != nil {
		err = s.options.Send(e.Target.DeadLetterConfig.Arn, body)
	}
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// executionID is the same for the same firing, so that runs repeat exactly.
func (s *Service) executionID(name string, at time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.ARN(name), at.UnixNano()))
	id, _ := uuid.FromBytes(sum[:16])
	return id.String()
}

// Run fires what is due until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if _, err := s.Due(s.options.Now()); err != nil {
			return err
		}
		wait := time.Hour
		if next, ok := s.Next(); ok {
			wait = max(0, next.Sub(s.options.Now()))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		case <-changed:
			timer.Stop()
		}
	}
}

// Names lists the schedules.
func (s *Service) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.schedules))
	for name := range s.schedules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Tokens gives each schedule's client token, by which whoever made it knows
// it again.
func (s *Service) Tokens() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := map[string]string{}
	for name, e := range s.schedules {
		tokens[name] = e.ClientToken
	}
	return tokens
}

// Same compares two schedules as they would be stored.
func Same(a, b Schedule) bool {
	_, errA := a.complete()
	_, errB := b.complete()
	return errA == nil && errB == nil && reflect.DeepEqual(a, b)
}
