// Package mapping takes messages from queues to functions, as Lambda's event
// source mappings do: batches and batching windows, partial failures, a
// maximum concurrency. Retries and dead letters are the queue's own doing: what
// is not deleted becomes visible again after the visibility timeout.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
//
// It must never import the product's functions or shared packages.
package mapping

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"paht/infra/emulator/sqs"
	"paht/infra/local/runtimeapi"
)

// Mapping is one event of type SQS.
type Mapping struct {
	Queue           string // name, address or ARN
	Function        string
	BatchSize       int           // ten if zero
	Window          time.Duration // MaximumBatchingWindowInSeconds
	PartialFailures bool          // FunctionResponseTypes: ReportBatchItemFailures
	Concurrency     int           // MaximumConcurrency; ten if zero
}

// Options are what all mappings share.
type Options struct {
	Queues *sqs.Service
	Invoke func(ctx context.Context, function string, payload []byte) (runtimeapi.Result, error)
	Region string
	// Notice receives what an operator should see: failed invocations, and
	// queues that cannot be read.
	Notice func(text string)
}

// Pollers are the running mappings.
type Pollers struct {
	options Options
	cancel  context.CancelFunc
	ended   sync.WaitGroup
}

// Start begins to poll for every mapping.
func Start(ctx context.Context, o Options, mappings []Mapping) (*Pollers, error) {
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	for i := range mappings {
		if err := mappings[i].complete(o.Queues); err != nil {
			return nil, fmt.Errorf("mapping queue %s to function %s: %w", mappings[i].Queue, mappings[i].Function, err)
		}
	}
	running, cancel := context.WithCancel(ctx)
	p := &Pollers{options: o, cancel: cancel}
	for _, m := range mappings {
		p.ended.Go(func() { p.poll(running, m) })
	}
	return p, nil
}

// complete fills in the defaults and refuses what Lambda refuses.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func (m *Mapping) complete(queues *sqs.Service) error {
	if m.BatchSize == 0 {
		m.BatchSize = 10
	}
	if m.Concurrency == 0 {
		m.Concurrency = 10
	}
	switch {
	case m.BatchSize < 1 || m.BatchSize > 10000:
		return fmt.Errorf("its batch size of %d is not between 1 and 10000", m.BatchSize)
	case m.Window < 0 || m.Window > 300*time.Second:
		return fmt.Errorf("its batching window of %s is not between 0 and 300 seconds", m.Window)
	case m.BatchSize > 10 && m.Window < time.Second:
		return errors.New("a batch size over 10 needs a batching window of a second at least")
	case m.Concurrency < 1 || m.Concurrency > 1000:
		return fmt.Errorf("its concurrency of %d is not between 1 and 1000", m.Concurrency)
	}
	if _, err := queues.Counts(m.Queue); err != nil {
		return err
	}
	m.Queue = queues.ARN(queues.Name(m.Queue))
	return nil
}

// Stop takes no more messages and waits for the batches under way, but no
// longer than grace: their messages become visible again.
func (p *Pollers) Stop(grace time.Duration) {
	p.cancel()
	done := make(chan struct{})
	go func() { p.ended.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace):
	}
}

// poll takes batches while there is room for one more at once. It blocks while
// the queue is empty.
func (p *Pollers) poll(ctx context.Context, m Mapping) {
	room := make(chan struct{}, m.Concurrency)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, err := p.collect(ctx, m)
		switch {
		case ctx.Err() != nil && len(batch) == 0:
			return
		case err != nil:
			p.options.Notice(fmt.Sprintf("queue %s cannot be read: %v", m.Queue, err))
			if !pause(ctx, time.Second) {
				return
			}
			fallthrough
		case len(batch) == 0:
			<-room
		default:
			p.ended.Go(func() {
				defer func() { <-room }()
				p.process(ctx, m, batch)
			})
		}
	}
}

// collect waits for messages and gathers them until the batch is full or the
// window, which begins with the first, is over.
func (p *Pollers) collect(ctx context.Context, m Mapping) ([]sqs.Message, error) {
	if err := p.options.Queues.Wait(ctx, m.Queue); err != nil {
		return nil, err
	}
	var batch []sqs.Message
	var end time.Time
	for wait := time.Duration(0); ; {
		got, err := p.options.Queues.Receive(ctx, m.Queue, sqs.Request{Max: min(10, m.BatchSize-len(batch)), Wait: &wait})
		if err != nil {
			return batch, ignoreEnd(ctx, err)
		}
		batch = append(batch, got...)
		if len(batch) > 0 && end.IsZero() {
			end = time.Now().Add(m.Window)
		}
		left := time.Until(end)
		if len(batch) == 0 || len(batch) >= m.BatchSize || left < time.Millisecond {
			return batch, nil
		}
		// SQS counts its wait in whole seconds, so that the last one is ours.
		if wait = left.Truncate(time.Second); wait == 0 {
			pause(ctx, left)
		}
		wait = min(wait, 20*time.Second)
	}
}

// ignoreEnd keeps a batch that was gathered when the end came: its messages
// are processed, since they are taken already.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// process invokes the function with a batch, in as many events as Lambda's six
// megabytes need, and deletes what was done.
func (p *Pollers) process(ctx context.Context, m Mapping, batch []sqs.Message) {
	for len(batch) > 0 {
		event, taken, err := p.encode(m.Queue, batch)
		if err != nil {
			p.options.Notice(fmt.Sprintf("a batch of queue %s cannot be encoded: %v", m.Queue, err))
			return
		}
		p.deliver(ctx, m, batch[:taken], event)
		batch = batch[taken:]
	}
}

func (p *Pollers) deliver(ctx context.Context, m Mapping, batch []sqs.Message, event []byte) {
	result, err := p.invoke(ctx, m, event)
	if err != nil {
		p.options.Notice(fmt.Sprintf("%d messages of queue %s were not processed: %v", len(batch), m.Queue, err))
		return
	}
	failed, all := failures(m, batch, result)
	if all {
		p.options.Notice(fmt.Sprintf("function %s failed with %d messages of queue %s: %.300s", m.Function, len(batch), m.Queue, result.Payload))
		return
	}
	for _, message := range batch {
		if failed[message.ID] {
			continue
		}
		if err := p.options.Queues.Delete(m.Queue, message.Receipt); err != nil {
			p.options.Notice(fmt.Sprintf("message %s of queue %s was processed and is not deleted: %v", message.ID, m.Queue, err))
		}
	}
}

// invoke tries again while the function is throttled, as Lambda's pollers do,
// for as long as the messages may be invisible at least.
func (p *Pollers) invoke(ctx context.Context, m Mapping, event []byte) (runtimeapi.Result, error) {
	end := time.Now().Add(15 * time.Second)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		result, err := p.options.Invoke(context.WithoutCancel(ctx), m.Function, event)
		if !errors.Is(err, runtimeapi.ErrThrottled) || time.Now().After(end) || !pause(ctx, wait) {
			return result, err
		}
	}
}
