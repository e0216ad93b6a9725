package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/infra/emulator/sqs"
	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// setup is a service over a store with a clock that tests move.
type setup struct {
	store   storage.Store
	now     time.Time
	service *sqs.Service
}

func (s *setup) restart() error {
	var err error
	s.service, err = sqs.New(s.store, sqs.Options{Now: func() time.Time { return s.now }, Account: "000000000000", Region: "ap-southeast-1"})
	return err
}

func newSetup() (*setup, error) {
	s := &setup{store: storage.OpenMemory(), now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	return s, s.restart()
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func start(t *testing.T) *setup {
	t.Helper()
	s, err := newSetup()
	return must(t, s, err)
}

func (s *setup) create(t *testing.T, name string, attributes map[string]string) {
	t.Helper()
	if err := s.service.Create(name, attributes); err != nil {
		t.Fatal(err)
	}
}

func (s *setup) receive(t *testing.T, queue string) []sqs.Message {
	t.Helper()
	var none time.Duration
	messages, err := s.service.Receive(context.Background(), queue, sqs.Request{Max: 10, Wait: &none})
	return must(t, messages, err)
}

func (s *setup) send(t *testing.T, queue, body string) {
	t.Helper()
	if _, err := s.service.Send(queue, sqs.Outgoing{Body: body}); err != nil {
		t.Fatal(err)
	}
}

func TestAfterARestartWhatWasInFlightIsVisible(t *testing.T) {
	s := start(t)
	s.create(t, "screen", map[string]string{"VisibilityTimeout": "600"})
	s.send(t, "screen", "first")
	s.send(t, "screen", "second")
	before := s.receive(t, "screen")
	if len(before) != 2 {
		t.Fatalf("received %d messages, want two", len(before))
	}
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	after := s.receive(t, "screen")
	if len(after) != 2 || after[0].ID != before[0].ID || after[0].ReceiveCount != 2 {
		t.Fatalf("received %+v after the restart, want both messages for the second time", after)
	}
}

func TestADelayAndQueuesSurviveARestart(t *testing.T) {
	s := start(t)
	s.create(t, "notify", map[string]string{"DelaySeconds": "60"})
	s.send(t, "notify", "later")
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	if got := s.receive(t, "notify"); len(got) != 0 {
		t.Fatalf("received %+v within the delay", got)
	}
	s.now = s.now.Add(time.Minute)
	if got := s.receive(t, "notify"); len(got) != 1 {
		t.Fatalf("received %d messages after the delay, want one", len(got))
	}
	a, err := s.service.Attributes("notify")
	if must(t, a, err)["DelaySeconds"] != "60" {
		t.Errorf("the delay is %q", a["DelaySeconds"])
	}
}

func TestAReceiptFromBeforeARestartStillDeletes(t *testing.T) {
	s := start(t)
	s.create(t, "screen", nil)
	s.send(t, "screen", "first")
	m := s.receive(t, "screen")[0]
	if err := s.restart(); err != nil {
		t.Fatal(err)
	}
	if err := s.service.Delete("screen", m.Receipt); err != nil {
		t.Fatal(err)
	}
	if got := s.receive(t, "screen"); len(got) != 0 {
		t.Errorf("received %+v after it was deleted", got)
	}
}

func TestWaitEndsWhenSomethingIsVisible(t *testing.T) {
	s := start(t)
	s.create(t, "screen", nil)
	waited := make(chan error, 1)
	go func() { waited <- s.service.Wait(context.Background(), "screen") }()
	s.send(t, "screen", "first")
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.receive(t, "screen")
	go func() { waited <- s.service.Wait(ctx, "screen") }()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("Wait gave %v after its context ended", err)
	}
}

func TestTwoConsumersNeverHoldTheSameMessage(t *testing.T) {
	s := start(t)
	s.create(t, "screen", nil)
	for i := range 200 {
		s.send(t, "screen", fmt.Sprint(i))
	}
	var mu sync.Mutex
	held := map[string]int{}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				var none time.Duration
				messages, err := s.service.Receive(context.Background(), "screen", sqs.Request{Max: 7, Wait: &none})
				if err != nil {
					t.Error(err)
				}
				if len(messages) == 0 {
					return
				}
				mu.Lock()
				for _, m := range messages {
					held[m.Body]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(held) != 200 {
		t.Errorf("%d messages were received, want 200", len(held))
	}
	for body, n := range held {
		if n != 1 {
			t.Errorf("message %s was received %d times", body, n)
		}
	}
}

func TestWhatTheProjectDoesNotUseIsRefusedLoudly(t *testing.T) {
	s := start(t)
	for what, err := range map[string]error{
		"first-in-first-out":       s.service.Create("screen.fifo", nil),
		"attribute KmsMasterKeyId": s.service.Create("screen", map[string]string{"KmsMasterKeyId": "alias/aws/sqs"}),
	} {
		var e *wire.Error
		if !errors.As(err, &e) || e.Code != wire.CodeNotSupported {
			t.Errorf("%s gives %v, want %s", what, err, wire.CodeNotSupported)
		}
	}
}

func TestQueueAttributesAreHeldToTheirRules(t *testing.T) {
	s := start(t)
	arn := s.service.ARN("dead")
	for name, attributes := range map[string]map[string]string{
		"a visibility over twelve hours":           {"VisibilityTimeout": "43201"},
		"a delay that is no number":                {"DelaySeconds": "soon"},
		"a retention under a minute":               {"MessageRetentionPeriod": "59"},
		"a redrive policy that is no JSON":         {"RedrivePolicy": "dead"},
		"a redrive policy without a count":         {"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `"}`},
		"a redrive policy with a count of 1001":    {"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":1001}`},
		"a redrive policy to a queue that is none": {"RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":5}`},
		"a redrive policy to another account":      {"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:ap-southeast-1:1:dead","maxReceiveCount":5}`},
	} {
		if err := s.service.Create("screen", attributes); err == nil {
			t.Errorf("%s is taken", name)
		}
		if names := s.service.Names(); len(names) != 0 {
			t.Fatalf("%s left the queues %v behind", name, names)
		}
	}
}

// life is a queue with its dead-letter queue, what was sent to it, and who
// holds what.
type life struct {
	*rapid.T
	setup         *setup
	live, deleted map[string]bool
	held          []sqs.Message
}

func (l *life) check(err error) {
	if err != nil {
		l.Fatal(err)
	}
}

func (l *life) receive(queue string) []sqs.Message {
	var none time.Duration
	messages, err := l.setup.service.Receive(context.Background(), queue, sqs.Request{Max: 10, Wait: &none})
	l.check(err)
	for _, m := range messages {
		if l.deleted[m.Body] {
			l.Fatalf("message %s was deleted and came back", m.Body)
		}
	}
	return messages
}

func (l *life) send(*rapid.T) {
	body := fmt.Sprint(len(l.live) + len(l.deleted))
	_, err := l.setup.service.Send("screen", sqs.Outgoing{Body: body})
	l.check(err)
	l.live[body] = true
}

// deleteLatest may use a handle that went stale, which deletes nothing.
func (l *life) deleteLatest(*rapid.T) {
	if len(l.held) == 0 {
		return
	}
	m := l.held[len(l.held)-1]
	l.held = l.held[:len(l.held)-1]
	before, err := l.setup.service.Counts("screen")
	l.check(err)
	l.check(l.setup.service.Delete("screen", m.Receipt))
	after, err := l.setup.service.Counts("screen")
	l.check(err)
	if after != before {
		delete(l.live, m.Body)
		l.deleted[m.Body] = true
	}
}

// drain receives all there is, in the queue and in its dead-letter queue. The
// first round may only move messages to the latter.
func (l *life) drain() map[string]bool {
	l.setup.now = l.setup.now.Add(time.Minute)
	seen := map[string]bool{}
	for range 2 {
		for _, queue := range []string{"screen", "dead"} {
			for messages := l.receive(queue); len(messages) > 0; messages = l.receive(queue) {
				for _, m := range messages {
					seen[m.Body] = true
				}
			}
		}
	}
	return seen
}

// What was sent and not deleted is received again and again, in the queue or
// in its dead-letter queue, whatever happens in between; what was deleted
// never is.
func TestNothingIsLostAndNothingComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := newSetup()
		l := &life{T: t, setup: s, live: map[string]bool{}, deleted: map[string]bool{}}
		l.check(err)
		l.check(s.service.Create("dead", nil))
		l.check(s.service.Create("screen", map[string]string{"VisibilityTimeout": "5",
			"RedrivePolicy": `{"deadLetterTargetArn":"` + s.service.ARN("dead") + `","maxReceiveCount":3}`}))
		t.Repeat(map[string]func(*rapid.T){
			"send":              l.send,
			"receive":           func(*rapid.T) { l.held = append(l.held, l.receive("screen")...) },
			"delete the latest": l.deleteLatest,
			"time passes": func(t *rapid.T) {
				s.now = s.now.Add(time.Duration(rapid.IntRange(1, 10).Draw(t, "seconds")) * time.Second)
			},
			"restart": func(*rapid.T) { l.check(s.restart()) },
			"redrive": func(*rapid.T) {
				_, err := s.service.Redrive(s.service.ARN("dead"), "")
				l.check(err)
			},
		})
		seen := l.drain()
		for body := range l.live {
			if !seen[body] {
				t.Fatalf("message %s is lost", body)
			}
		}
	})
}
