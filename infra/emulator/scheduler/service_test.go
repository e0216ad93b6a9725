package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/emulator/scheduler"
	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// setup is a service with a clock that tests move and queues that are lists.
type setup struct {
	store   storage.Store
	now     time.Time
	sent    map[string][]string
	refuse  map[string]error
	service *scheduler.Service
}

func (s *setup) restart(t *testing.T) {
	t.Helper()
	var err error
	s.service, err = scheduler.New(s.store, scheduler.Options{Now: func() time.Time { return s.now }, Account: "000000000000", Region: "ap-southeast-1",
		Send: func(arn, body string) error {
			if err := s.refuse[arn]; err != nil {
				return err
			}
			s.sent[arn] = append(s.sent[arn], body)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T) *setup {
	t.Helper()
	s := &setup{store: storage.OpenMemory(), now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), sent: map[string][]string{}, refuse: map[string]error{}}
	s.restart(t)
	return s
}

const (
	queue = "arn:aws:sqs:ap-southeast-1:000000000000:sla"
	dead  = "arn:aws:sqs:ap-southeast-1:000000000000:dead"
)

func (s *setup) create(t *testing.T, name, expression string, change func(*scheduler.Schedule)) {
	t.Helper()
	in := scheduler.Schedule{Name: name, ScheduleExpression: expression, FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{Arn: queue, RoleArn: "r", Input: name + " <aws.scheduler.scheduled-time>"}}
	if change != nil {
		change(&in)
	}
	if err := s.service.Create(in, ""); err != nil {
		t.Fatal(err)
	}
}

func (s *setup) pass(t *testing.T, d time.Duration) {
	t.Helper()
	s.now = s.now.Add(d)
	if _, err := s.service.Due(s.now); err != nil {
		t.Fatal(err)
	}
}

func TestWhatFellDueWhileNothingRanFiresOnce(t *testing.T) {
	s := start(t)
	s.create(t, "sweep", "rate(1 minute)", nil)
	s.create(t, "once", "at(2026-03-02T08:30:00)", nil)
	s.pass(t, 0)
	s.sent = map[string][]string{}
	s.now = s.now.Add(time.Hour)
	s.restart(t)
	s.pass(t, 0)
	want := []string{"sweep 2026-03-02T08:01:00Z", "once 2026-03-02T08:30:00Z"}
	if got := s.sent[queue]; !slices.Equal(got, want) {
		t.Errorf("sent are %q, want %q", got, want)
	}
	if next, ok := s.service.Next(); !ok || !next.Equal(time.Date(2026, 3, 2, 9, 1, 0, 0, time.UTC)) {
		t.Errorf("the next is %s (%v), want a minute after the restart", next, ok)
	}
}

func TestWhileItRunsEveryInstantFires(t *testing.T) {
	s := start(t)
	s.create(t, "sweep", "rate(10 minutes)", nil)
	s.create(t, "half", "cron(0/30 * * * ? *)", nil)
	s.pass(t, time.Hour)
	var got []string
	for _, body := range s.sent[queue] {
		got = append(got, strings.TrimSuffix(strings.Replace(body, "2026-03-02T", "", 1), ":00Z"))
	}
	want := "half 08:00, sweep 08:00, sweep 08:10, sweep 08:20, half 08:30, sweep 08:30, sweep 08:40, sweep 08:50, half 09:00, sweep 09:00"
	if strings.Join(got, ", ") != want {
		t.Errorf("sent are %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestAQueueThatRefusesSendsTheMessageToTheDeadLetterQueue(t *testing.T) {
	s := start(t)
	s.refuse[queue] = wire.Errorf("QueueDoesNotExist", "no such queue")
	s.create(t, "with", "at(2026-03-02T08:01:00)", func(in *scheduler.Schedule) { in.Target.DeadLetterConfig = &scheduler.DeadLetterConfig{Arn: dead} })
	s.create(t, "without", "at(2026-03-02T08:01:00)", nil)
	s.pass(t, time.Minute)
	if got := s.sent[dead]; len(got) != 1 || !strings.HasPrefix(got[0], "with ") {
		t.Errorf("dead letters are %q", got)
	}
	if _, ok := s.service.Next(); ok {
		t.Errorf("something is still due")
	}
}

func TestAFailureOfTheStoreKeepsTheScheduleDue(t *testing.T) {
	s := start(t)
	broken := errors.New("the disk is full")
	s.refuse[queue] = broken
	s.create(t, "once", "at(2026-03-02T08:01:00)", nil)
	s.now = s.now.Add(time.Minute)
	if _, err := s.service.Due(s.now); !errors.Is(err, broken) {
		t.Fatalf("the error is %v, want the store's", err)
	}
	delete(s.refuse, queue)
	s.pass(t, 0)
	if got := s.sent[queue]; len(got) != 1 {
		t.Errorf("sent are %q, want the one that was due", got)
	}
}

func TestRunWakesForANewSchedule(t *testing.T) {
	fired := make(chan string, 1)
	service, err := scheduler.New(storage.OpenMemory(), scheduler.Options{Send: func(_, body string) error { fired <- body; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	in := scheduler.Schedule{Name: "now", ScheduleExpression: "rate(1 day)", FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{Arn: queue, RoleArn: "r", Input: "{}"}}
	if err := service.Create(in, ""); err != nil {
		t.Fatal(err)
	}
	if body := <-fired; body != "{}" {
		t.Errorf("sent is %q", body)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestASchedulesFieldsAreHeldToTheirRules(t *testing.T) {
	s := start(t)
	ok := scheduler.Schedule{Name: "s", ScheduleExpression: "rate(1 hour)", FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{Arn: queue, RoleArn: "r", Input: "{}"}}
	for want, change := range map[string]func(*scheduler.Schedule){
		"ValidationException: Name":                         func(in *scheduler.Schedule) { in.Name = "a name" },
		"ValidationException: State":                        func(in *scheduler.Schedule) { in.State = "ON" },
		"ValidationException: ActionAfterCompletion":        func(in *scheduler.Schedule) { in.ActionAfterCompletion = "KEEP" },
		"ValidationException: FlexibleTimeWindow":           func(in *scheduler.Schedule) { in.FlexibleTimeWindow.Mode = "" },
		"ValidationException: Target.RoleArn":               func(in *scheduler.Schedule) { in.Target.RoleArn = "" },
		"not supported here: scheduler: a target other":     func(in *scheduler.Schedule) { in.Target.Arn = "arn:aws:lambda:x" },
		"not supported here: scheduler: a target without":   func(in *scheduler.Schedule) { in.Target.Input = "" },
		"not supported here: scheduler: a GroupName other":  func(in *scheduler.Schedule) { in.GroupName = "g" },
		"not supported here: scheduler: FlexibleTimeWindow": func(in *scheduler.Schedule) { in.FlexibleTimeWindow.Mode = "FLEXIBLE" },
	} {
		in := ok
		change(&in)
		if err := s.service.Create(in, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one that says %q", err, want)
		}
	}
	if names := fmt.Sprint(s.service.Names()); names != "[]" {
		t.Errorf("the schedules are %s, want none", names)
	}
}
