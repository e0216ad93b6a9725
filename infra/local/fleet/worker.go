package fleet

import (
	"strconv"
	"time"

	"paht/infra/emulator/sqs"
)

// A fleet has one worker, unless a test lets another act: it has sandboxes of its
// own, and a clock of its own.

// Aside lets another worker do something, in the middle of what the one is about
// too: within a fault's hook.
func (f *Fleet) Aside(worker int, do func()) {
	f.mu.Lock()
	before := f.worker
	f.worker = worker
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.worker = before
	}()
	do()
}

// sandboxOf names the sandbox of a function that the present worker has.
func (f *Fleet) sandboxOf(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.worker == 0 {
		return name
	}
	return name + "/" + strconv.Itoa(f.worker)
}

// workerClock is the clock of a sandbox that the present worker starts.
func (f *Fleet) workerClock(name string) func() time.Time {
	f.mu.Lock()
	worker := f.worker
	f.mu.Unlock()
	return func() time.Time {
		now := f.clock.Now()
		if f.options.Skew != nil {
			now = now.Add(f.options.Skew(name))
		}
		if f.options.WorkerSkew != nil {
			now = now.Add(f.options.WorkerSkew(worker))
		}
		return now
	}
}

// held is a message that is late.
type held struct {
	queue   string
	message sqs.Outgoing
	until   time.Time
}

func (f *Fleet) hold(queue string, m sqs.Message, d time.Duration) error {
	f.mu.Lock()
	f.held = append(f.held, held{queue, sqs.Outgoing{Body: m.Body, Sender: m.Sender}, f.clock.Now().Add(d)})
	f.mu.Unlock()
	return f.aws.Queues().Delete(queue, m.Receipt)
}

// putBack puts what was late on its queue.
func (f *Fleet) putBack() error {
	f.mu.Lock()
	var due, kept []held
	for _, h := range f.held {
		if h.until.After(f.clock.Now()) {
			kept = append(kept, h)
		} else {
			due = append(due, h)
		}
	}
	f.held = kept
	f.mu.Unlock()
	for _, h := range due {
		if _, err := f.aws.Queues().Send(h.queue, h.message); err != nil {
			return err
		}
	}
	return nil
}

// Rest lets the system live until nothing is owed, under way or late. Unlike
// Settle it leaps far, so that days cost little.
func (f *Fleet) Rest(until time.Duration, tick func() error) (quiet bool, err error) {
	end := f.Now().Add(until)
	for wait := time.Second; f.Now().Before(end); wait = min(2*wait, 30*time.Minute) {
		if err := tick(); err != nil {
			return false, err
		}
		next, owed, err := f.nextOwed()
		if err != nil || !owed && f.waiting() == 0 {
			return err == nil, err
		}
		leap := wait
		if owed {
			leap = min(leap, max(next.Sub(f.Now()), time.Second))
		}
		f.Advance(leap)
	}
	return false, nil
}

// Halt stops the consumers, or starts them again: meanwhile nothing is delivered.
func (f *Fleet) Halt(stopped bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.halt = stopped
}

func (f *Fleet) halted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.halt
}
