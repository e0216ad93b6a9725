package runtimeapi

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// sandbox is one process of a function with the Runtime API address that it
// alone was given.
type sandbox struct {
	pool    *pool
	command *exec.Cmd
	server  *http.Server
	log     *os.File
	work    chan *invocation
	ended   chan struct{} // closed when the process is gone
	state   *os.ProcessState
	since   time.Time // idle since; guarded by the pool

	mu        sync.Mutex
	current   *invocation
	asked     bool   // it asked for an invocation before
	initError []byte // what it said of its failure to start
	late      bool   // it did not start in time
	overrun   atomic.Bool
}

// invocation is one run of a function.
type invocation struct {
	id        string
	payload   []byte
	deadline  time.Time
	delivered chan struct{}
	over      chan struct{} // closed when the sandbox asks for the next one
	once      sync.Once
	done      chan Result
}

func (i *invocation) finish(r Result) {
	i.once.Do(func() {
		r.RequestID = i.id
		i.done <- r
	})
}

func newSandbox(p *pool) (*sandbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for its Runtime API: %w", err)
	}
	name := filepath.Join(p.runtime.options.Logs, p.function.Name+".log")
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("opening its log: %w", err)
	}
	s := &sandbox{pool: p, log: file, work: make(chan *invocation, 1), ended: make(chan struct{})}
	s.command = &exec.Cmd{
		Path: filepath.Join(p.function.Dir, "bootstrap"), Args: []string{"bootstrap"}, Dir: p.function.Dir,
		Env: p.environment(listener.Addr().String()), Stdout: file, Stderr: file, SysProcAttr: attributes(),
	}
	s.server = &http.Server{Handler: s.routes(), ReadHeaderTimeout: time.Minute}
	started := make(chan error, 1)
	select {
	case p.runtime.spawn <- func() { started <- s.command.Start() }:
		err = <-started
	case <-p.runtime.closed:
		err = errClosed
	}
	if err != nil {
		listener.Close()
		file.Close()
		return nil, fmt.Errorf("starting %s: %w", s.command.Path, err)
	}
	p.runtime.active.Add(1)
	go s.server.Serve(listener)
	return s, nil
}

// wait ends with the process and clears up after it.
func (s *sandbox) wait() {
	defer s.pool.runtime.active.Done()
	limit := time.AfterFunc(initLimit, s.endInit)
	s.command.Wait()
	limit.Stop()
	killGroup(s.command.Process.Pid) // what the function may have started
	s.state = s.command.ProcessState
	close(s.ended)
	s.server.Close()
	s.log.Close()
	s.pool.gone(s, s.initFailure())
}

// endInit kills a sandbox that did not ask for work in time.
func (s *sandbox) endInit() {
	s.mu.Lock()
	late := !s.asked
	s.late = late
	s.mu.Unlock()
	if late {
		s.kill()
	}
}

// initFailure is the answer for one who waited for a sandbox that ended before
// it asked for work; nil when it did ask.
func (s *sandbox) initFailure() *Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked {
		return nil
	}
	i := &invocation{id: newID()}
	r := failure(i, "Runtime.ExitError", "Error: Runtime exited with error: "+s.state.String())
	switch {
	case s.late:
		r = failure(i, "Sandbox.Timedout", fmt.Sprintf("Error: Init did not end within %d seconds", int(initLimit.Seconds())))
	case s.initError != nil:
		r.Payload = s.initError
	}
	return &r
}

func (s *sandbox) exited() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

func (s *sandbox) kill() { killGroup(s.command.Process.Pid) }

// run gives one invocation to the sandbox, which is the caller's alone, and
// waits for its end. Whatever does not end by itself ends the sandbox.
func (s *sandbox) run(payload []byte) Result {
	i := &invocation{id: newID(), payload: payload, delivered: make(chan struct{}), over: make(chan struct{}), done: make(chan Result, 1)}
	s.mu.Lock()
	s.current = i
	s.mu.Unlock()
	s.work <- i
	select {
	case <-i.delivered:
	case <-s.ended:
		return s.afterExit(i)
	}
	stop := s.watchMemory()
	defer stop()
	limit := time.NewTimer(time.Until(i.deadline))
	defer limit.Stop()
	select {
	case r := <-i.done:
		s.settle(i)
		return r
	case <-s.ended:
		return s.afterExit(i)
	case <-limit.C:
		s.kill()
		return failure(i, "Sandbox.Timedout", fmt.Sprintf("Error: Task timed out after %.2f seconds", s.pool.function.Timeout.Seconds()))
	}
}

// settle waits until the sandbox asks for more or ends, as Lambda does before
// an invocation counts as over: a caller that comes back at once then finds
// this sandbox, and a panic is over before the answer is out. A function that
// lingers delays nobody for long.
func (s *sandbox) settle(i *invocation) {
	linger := time.NewTimer(100 * time.Millisecond)
	defer linger.Stop()
	select {
	case <-i.over:
	case <-s.ended:
	case <-linger.C:
	}
}

// afterExit is the answer when the process ended before it answered; an answer
// that came right before counts.
func (s *sandbox) afterExit(i *invocation) Result {
	select {
	case r := <-i.done:
		return r
	default:
	}
	if s.overrun.Load() {
		return failure(i, "Runtime.OutOfMemory", fmt.Sprintf("Error: Runtime exited with error: signal: killed (over its %d MB)", s.pool.function.MemoryMB))
	}
	return failure(i, "Runtime.ExitError", "Error: Runtime exited with error: "+s.state.String())
}

// failure is the answer of a function that gave none, in Lambda's form.
func failure(i *invocation, kind, text string) Result {
	payload, err := json.Marshal(map[string]string{"errorType": kind, "errorMessage": "RequestId: " + i.id + " " + text})
	if err != nil {
		payload = []byte(`{}`)
	}
	return Result{Payload: payload, FunctionError: "Unhandled", RequestID: i.id}
}

// watchMemory kills the sandbox when it is over its memory, until stopped.
// Only a running invocation is watched, so an idle system measures nothing.
func (s *sandbox) watchMemory() (stop func()) {
	if !canMeasure {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		limit := int64(s.pool.function.MemoryMB) << 20
		for {
			select {
			case <-tick.C:
				if resident(s.command.Process.Pid) > limit {
					s.overrun.Store(true)
					s.pool.runtime.options.Notice(fmt.Sprintf("function %s was killed: it used more than its %d MB", s.pool.function.Name, s.pool.function.MemoryMB))
					s.kill()
					return
				}
			case <-done:
				return
			case <-s.ended:
				return
			}
		}
	}()
	return func() { close(done) }
}
