package runtimeapi

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// pool holds the sandboxes of one function. Every sandbox counts from the
// moment it is to be started until its process is gone.
type pool struct {
	runtime  *Runtime
	function Function

	mu       sync.Mutex
	all      map[*sandbox]bool
	count    int
	starting int        // of count: those that did not ask for work yet
	idle     []*sandbox // the last used one last
	waiting  []chan turn
	closed   bool
}

// turn is what one who waits in line gets: a sandbox, or the failure of one
// that did not start.
type turn struct {
	sandbox *sandbox
	failed  *Result
	err     error
}

func newPool(r *Runtime, f Function) *pool {
	return &pool{runtime: r, function: f, all: map[*sandbox]bool{}}
}

func (p *pool) limit() int {
	if p.function.Reserved != nil {
		return *p.function.Reserved
	}
	return p.runtime.options.Unreserved
}

// acquire gives an idle sandbox. While there is none and the limit allows, it
// has one started, and takes whichever is free first: that one or another.
// Beyond the limit, a function with reserved concurrency is throttled as in the
// cloud; the others wait in line, since their limit is only this machine's.
func (p *pool) acquire(ctx context.Context) (turn, error) {
	for {
		s, line, err := p.take()
		if err != nil {
			return turn{}, err
		}
		got := turn{sandbox: s}
		if line != nil {
			select {
			case got = <-line:
			case <-ctx.Done():
				p.leave(line)
				return turn{}, ErrThrottled
			case <-p.runtime.closed:
				return turn{}, errClosed
			}
		}
		if got.err != nil || got.failed != nil || !got.sandbox.exited() {
			return got, got.err
		}
		// It died between two invocations; the next one is tried.
	}
}

// take gives a sandbox, or a place in line.
func (p *pool) take() (*sandbox, chan turn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, errClosed
	}
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s, nil, nil
	}
	if p.function.Reserved != nil && p.count >= p.limit() && len(p.waiting) >= p.starting {
		return nil, nil, ErrThrottled
	}
	line := make(chan turn, 1)
	p.waiting = append(p.waiting, line)
	p.grow()
	return nil, line, nil
}

// grow has one more sandbox started if more are waited for than are coming.
// The caller holds the lock.
func (p *pool) grow() {
	if p.closed || p.count >= p.limit() || p.starting >= len(p.waiting) {
		return
	}
	p.count++
	p.starting++
	p.runtime.active.Add(1)
	go p.start()
}

func (p *pool) start() {
	defer p.runtime.active.Done()
	s, err := newSandbox(p)
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.count--
		p.starting--
		p.serve(turn{err: fmt.Errorf("starting a sandbox: %w", err)})
		p.grow()
		return
	}
	p.mu.Lock()
	p.all[s] = true
	closed := p.closed
	p.mu.Unlock()
	if closed {
		s.kill()
	}
	go s.wait()
}

// serve hands a turn to the first in line, if there is one. The caller holds
// the lock.
func (p *pool) serve(t turn) bool {
	if len(p.waiting) == 0 {
		return false
	}
	p.waiting[0] <- t
	p.waiting = p.waiting[1:]
	return true
}

// leave gives up a place in line; a sandbox handed to it meanwhile goes to the
// next.
func (p *pool) leave(line chan turn) {
	p.mu.Lock()
	i := slices.Index(p.waiting, line)
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		return
	}
	if t := <-line; t.sandbox != nil {
		p.ready(t.sandbox, false)
	}
}

// ready takes a sandbox that asks for an invocation, maybe its first.
func (p *pool) ready(s *sandbox, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if first {
		p.starting--
	}
	if p.serve(turn{sandbox: s}) {
		return
	}
	s.since = time.Now()
	p.idle = append(p.idle, s)
}

// gone forgets a sandbox whose process ended. If it never asked for work, one
// who waits learns why.
func (p *pool) gone(s *sandbox, failed *Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count--
	delete(p.all, s)
	p.idle = slices.DeleteFunc(p.idle, func(x *sandbox) bool { return x == s })
	if failed != nil {
		p.starting--
		p.serve(turn{failed: failed})
	}
	p.grow()
}

func (p *pool) reap(before time.Time) {
	p.mu.Lock()
	var old []*sandbox
	p.idle = slices.DeleteFunc(p.idle, func(s *sandbox) bool {
		if s.since.Before(before) {
			old = append(old, s)
			return true
		}
		return false
	})
	p.mu.Unlock()
	for _, s := range old {
		s.kill()
	}
}

func (p *pool) pids() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pids []int
	for s := range p.all {
		pids = append(pids, s.command.Process.Pid)
	}
	return pids
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	var all []*sandbox
	for s := range p.all {
		all = append(all, s)
	}
	p.mu.Unlock()
	for _, s := range all {
		s.kill()
	}
}
