// Package runtimeapi runs Lambda functions on one machine: each sandbox is a
// process of its own, started from the function's bootstrap at first use, that
// asks a small Lambda Runtime API server for its next invocation
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
//
// It knows nothing of where invocations come from, and must never import the
// product's functions or shared packages: a function is a folder with a
// bootstrap and what the template says of it.
package runtimeapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// MaxPayload is Lambda's limit of a synchronous request and of its response:
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MaxPayload = 6 << 20

// initLimit is what Lambda gives a function to ask for its first invocation.
const initLimit = 10 * time.Second

var (
	// ErrThrottled says that the function's concurrency is used up.
	ErrThrottled = errors.New("rate exceeded")
	// ErrTooLarge says that the payload is over MaxPayload.
	ErrTooLarge = errors.New("the request is larger than 6 MB")
	// ErrUnknown says that there is no such function.
	ErrUnknown = errors.New("there is no such function")
	errClosed  = errors.New("the runtime is stopping")
)

// Function is what the template says of one function.
type Function struct {
	Name        string
	Dir         string // absolute; holds the file "bootstrap"
	Handler     string
	MemoryMB    int
	Timeout     time.Duration
	Reserved    *int // reserved concurrency; nil when the template gives none
	Environment map[string]string
	AccessKey   string
	Secret      string
	LogFormat   string // of LoggingConfig; empty when the template gives none
	LogLevel    string
}

// Options say which functions there are and how they run.
type Options struct {
	Functions []Function
	Region    string
	AccountID string
	Logs      string            // absolute folder; one file a function
	Endpoints map[string]string // AWS_ENDPOINT_URL_*: given to every function
	// IdleFor is how long an unused sandbox is kept; five minutes if zero.
	IdleFor time.Duration
	// Unreserved is how many sandboxes a function without reserved concurrency
	// may have here; further calls wait for one. The cloud's own limit (1,000)
	// would not fit one machine. Ten if zero.
	Unreserved int
	Notice     func(text string)
}

// Result is what an invocation gave.
type Result struct {
	Payload []byte
	// FunctionError is "Unhandled" or "Handled" when the function failed; the
	// payload then is an error object.
	FunctionError string
	RequestID     string
}

// Runtime owns the sandboxes of all functions.
type Runtime struct {
	options Options
	pools   map[string]*pool
	spawn   chan func()
	closed  chan struct{}
	once    sync.Once
	active  sync.WaitGroup // watchers of processes
}

// New checks the functions; it starts no process.
func New(o Options) (*Runtime, error) {
	if o.IdleFor == 0 {
		o.IdleFor = 5 * time.Minute
	}
	if o.Unreserved == 0 {
		o.Unreserved = 10
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	if err := os.MkdirAll(o.Logs, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the logs: %w", err)
	}
	r := &Runtime{options: o, pools: map[string]*pool{}, spawn: make(chan func()), closed: make(chan struct{})}
	for _, f := range o.Functions {
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("preparing function %s: %w", f.Name, err)
		}
		r.pools[f.Name] = newPool(r, f)
	}
	if !canMeasure {
		o.Notice("functions are not killed above their memory: this system gives no way to measure it")
	}
	go r.spawner()
	go r.reaper()
	return r, nil
}

func (f Function) check() error {
	path := filepath.Join(f.Dir, "bootstrap")
	info, err := os.Stat(path)
	switch {
	case !filepath.IsAbs(f.Dir):
		return fmt.Errorf("its folder %q is not absolute", f.Dir)
	case err != nil:
		return fmt.Errorf("looking for its bootstrap (was it built?): %w", err)
	case info.IsDir() || info.Mode()&0o111 == 0:
		return fmt.Errorf("%s is not an executable file", path)
	case f.MemoryMB < 128 || f.MemoryMB > 10240:
		return fmt.Errorf("its memory of %d MB is not between 128 and 10240", f.MemoryMB)
	case f.Timeout < time.Second || f.Timeout > 15*time.Minute:
		return fmt.Errorf("its timeout of %s is not between 1 second and 15 minutes", f.Timeout)
	}
	return nil
}

// spawner starts every process from one thread that lives as long as the
// runtime: Linux kills a child with the thread that made it, not with the
// process, and Go may end a thread at any time.
func (r *Runtime) spawner() {
	runtime.LockOSThread()
	for {
		select {
		case start := <-r.spawn:
			start()
		case <-r.closed:
			return
		}
	}
}

// reaper stops sandboxes that nobody used for a while.
func (r *Runtime) reaper() {
	tick := time.NewTicker(max(r.options.IdleFor/4, 10*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for _, p := range r.pools {
				p.reap(time.Now().Add(-r.options.IdleFor))
			}
		case <-r.closed:
			return
		}
	}
}

// Invoke runs a function once and waits for what it gives. A function that
// fails is a result, not an error; an error means that it was not run. ctx
// bounds only the wait for a free sandbox: as in Lambda, a caller that leaves
// does not stop the function.
func (r *Runtime) Invoke(ctx context.Context, name string, payload []byte) (Result, error) {
	p, ok := r.pools[name]
	switch {
	case !ok:
		return Result{}, fmt.Errorf("invoking %s: %w", name, ErrUnknown)
	case len(payload) > MaxPayload:
		return Result{}, fmt.Errorf("invoking %s: %w", name, ErrTooLarge)
	}
	got, err := p.acquire(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("invoking %s: %w", name, err)
	}
	if got.failed != nil {
		return *got.failed, nil
	}
	return got.sandbox.run(payload), nil
}

// Process is one running sandbox.
type Process struct {
	Function string
	PID      int
}

// Processes lists the running sandboxes, for tests that kill one.
func (r *Runtime) Processes() []Process {
	var all []Process
	for name, p := range r.pools {
		for _, pid := range p.pids() {
			all = append(all, Process{name, pid})
		}
	}
	return all
}

// Functions names the functions that can be invoked.
func (r *Runtime) Functions() []string {
	var names []string
	for _, f := range r.options.Functions {
		names = append(names, f.Name)
	}
	return names
}

// Close kills every sandbox and waits until all are gone.
func (r *Runtime) Close() error {
	r.once.Do(func() {
		close(r.closed)
		for _, p := range r.pools {
			p.close()
		}
	})
	r.active.Wait()
	return nil
}

// newID makes a request id in the form of a UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
