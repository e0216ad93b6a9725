package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"paht/infra/emulator/sqs"
	"paht/infra/local/mapping"
	"paht/infra/local/runtimeapi"
	"paht/shared/lambdaio"
)

// Answer is what a request was answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// HTTP sends a request through the template's routes. Headers are pairs of name
// and value; nothing is delivered meanwhile.
func (f *Fleet) HTTP(ctx context.Context, method, path string, body []byte, headers ...string) Answer {
	r := httptest.NewRequestWithContext(ctx, method, origin+path, bytes.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return f.serve(r)
}

func (f *Fleet) serve(r *http.Request) Answer {
	w := httptest.NewRecorder()
	f.gateway.ServeHTTP(w, r)
	return Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
}

// sandbox gives the function's sandbox, a new one where none stands.
func (f *Fleet) sandbox(name string) (*lambdaio.Function, error) {
	key := f.sandboxOf(name)
	f.mu.Lock()
	fn := f.functions[key]
	f.mu.Unlock()
	if fn != nil {
		return fn, nil
	}
	fn, err := f.start(name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.functions[key] = fn
	f.started[name]++
	return fn, nil
}

// Restart discards sandboxes: the next invocation is a cold start. Without names
// all of them.
func (f *Fleet) Restart(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(names) == 0 {
		clear(f.functions)
	}
	for _, name := range names {
		delete(f.functions, name)
	}
}

// Starts counts how often each function started.
func (f *Fleet) Starts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for name, n := range f.started {
		out[name] = n
	}
	return out
}

// invoke runs a function. One that crashed, or that could not start, is answered
// as Lambda answers, and its sandbox is gone.
func (f *Fleet) invoke(ctx context.Context, name string, payload []byte) (result runtimeapi.Result, err error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case crash:
			f.Restart(f.sandboxOf(name))
			result, err = failed("Runtime.ExitError", "the sandbox died"), nil
		default:
			panic(thrown)
		}
	}()
	ctx = context.WithValue(ctx, fleetKey{}, f)
	fn, err := f.sandbox(name)
	if err != nil {
		f.notice(err.Error())
		return failed("Runtime.ExitError", err.Error()), nil
	}
	out, err := fn.Invoke(ctx, payload)
	if err != nil {
		return failed("errorString", err.Error()), nil
	}
	return runtimeapi.Result{Payload: out}, nil
}

func failed(kind, text string) runtimeapi.Result {
	body, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": text}) // two strings
	return runtimeapi.Result{Payload: body, FunctionError: "Unhandled"}
}

// Invoke runs a stack operation of a function.
func (f *Fleet) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	result, err := f.invoke(ctx, name, payload)
	if err == nil && result.FunctionError != "" {
		err = fmt.Errorf("the function %s failed: %s", name, result.Payload)
	}
	return result.Payload, err
}

func (f *Fleet) mappings() []mapping.Mapping {
	var all []mapping.Mapping
	for _, fn := range f.template.Functions {
		for _, e := range fn.QueueEvents {
			all = append(all, mapping.Mapping{Queue: e.QueueARN, Function: word(fn.CodeURI), BatchSize: e.BatchSize,
				PartialFailures: e.ReportBatchItemErrors, Concurrency: e.MaximumConcurrency})
		}
	}
	return all
}

// Pump delivers what is visible, until nothing is.
func (f *Fleet) Pump(ctx context.Context) error {
	f.pumping.Lock()
	defer f.pumping.Unlock()
	if f.halted() {
		return ctx.Err()
	}
	if err := f.putBack(); err != nil {
		return err
	}
	for moved := true; moved; {
		moved = false
		all := f.mappings()
		f.shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, m := range all {
			n, err := f.deliver(ctx, m)
			if err != nil {
				return err
			}
			moved = moved || n > 0
		}
		if err := f.misled(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (f *Fleet) shuffle(n int, swap func(i, j int)) {
	if f.options.Seed == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random.Shuffle(n, swap)
}

// deliver takes one batch to its function; it gives how many messages it took.
func (f *Fleet) deliver(ctx context.Context, m mapping.Mapping) (int, error) {
	o := mapping.Options{Queues: f.aws.Queues(), Invoke: f.invoke, Region: region, Notice: f.notice}
	batch, err := mapping.Take(ctx, o, m)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	var now []sqs.Message
	for _, message := range batch {
		held, err := f.underway(m.Queue, message)
		if err != nil {
			return 0, err
		}
		if !held {
			now = append(now, message)
		}
	}
	f.shuffle(len(now), func(i, j int) { now[i], now[j] = now[j], now[i] })
	if len(now) == 0 {
		return len(batch), nil
	}
	return len(batch), mapping.Deliver(ctx, o, m, now)
}

// underway does to a message what the test says, at its first delivery.
func (f *Fleet) underway(queue string, m sqs.Message) (held bool, err error) {
	if f.options.Delivery == nil || m.ReceiveCount > 1 {
		return false, nil
	}
	d := f.options.Delivery(f.consumer(queue), m.Body)
	for range d.Extra {
		if _, err := f.aws.Queues().Send(queue, sqs.Outgoing{Body: m.Body, Sender: m.Sender}); err != nil {
			return false, err
		}
	}
	if d.Hold > 0 {
		return true, f.hold(queue, m, d.Hold)
	}
	if d.Delay <= 0 {
		return false, nil
	}
	return true, f.aws.Queues().ChangeVisibility(queue, m.Receipt, min(d.Delay, 12*time.Hour))
}

// consumer is the function's word for a queue.
func (f *Fleet) consumer(queueARN string) string {
	for _, fn := range f.template.Functions {
		for _, e := range fn.QueueEvents {
			if e.QueueARN == queueARN {
				return word(fn.CodeURI)
			}
		}
	}
	return queueARN
}

// Tick fires the schedules once, now, and delivers what that brings.
func (f *Fleet) Tick(ctx context.Context) error {
	f.mu.Lock()
	f.lastTick = f.clock.Now()
	f.mu.Unlock()
	for _, s := range f.template.Schedules {
		if _, err := f.aws.Queues().Send(s.TargetARN, sqs.Outgoing{Body: s.Input, Sender: "scheduler.amazonaws.com"}); err != nil {
			return fmt.Errorf("firing the schedule %s: %w", s.LogicalID, err)
		}
	}
	return f.Pump(ctx)
}

func (f *Fleet) ticked() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lastTick
}

// settleRounds bounds Settle: the longest chain of retries of anything is six
// hours apart after the fifth.
const settleRounds = 400

// Settle lets retries and sweeps run until nothing is owed and nothing stands in
// a queue but in a dead-letter queue. The clock leaps from one instant at which
// something can happen to the next; due times of work that waits for people are
// not such.
func (f *Fleet) Settle(ctx context.Context) error {
	wait := time.Second
	for range settleRounds {
		if err := f.Tick(ctx); err != nil {
			return err
		}
		owed, err := f.Owed()
		if err != nil {
			return err
		}
		waiting := f.waiting()
		if len(owed) == 0 && waiting == 0 {
			return nil
		}
		next := f.Now().Add(24 * time.Hour)
		for _, o := range owed {
			if o.At.Before(next) {
				next = o.At
			}
		}
		if waiting > 0 && next.Sub(f.Now()) > wait {
			next, wait = f.Now().Add(wait), min(2*wait, 5*time.Minute)
		} else {
			wait = time.Second
		}
		f.Advance(max(next.Sub(f.Now()), time.Second))
	}
	owed, err := f.Owed()
	return errors.Join(fmt.Errorf("settling: after %d sweeps there are still owed %v, queues %v", settleRounds, owed, f.QueueDepths()), err)
}

// waiting counts the messages that are, or will be, delivered.
func (f *Fleet) waiting() int {
	f.mu.Lock()
	n := len(f.held)
	f.mu.Unlock()
	for name, d := range f.QueueDepths() {
		if !strings.HasSuffix(name, "DeadQueue") {
			n += d.Visible + d.InFlight + d.Delayed
		}
	}
	return n
}

// notified puts an object notification on its queue.
func (f *Fleet) notified(queueARN string, body []byte) error {
	_, err := f.aws.Queues().Send(queueARN, sqs.Outgoing{Body: string(body), Sender: "s3.amazonaws.com"})
	return err
}
