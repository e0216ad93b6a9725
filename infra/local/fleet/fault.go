package fleet

import (
	"errors"
	"net/http"
	"sync"
)

// Faults has every external call of every function before it is carried out:
// it may carry it out by next, or not, or twice, and answer what it likes.
type Faults func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error)

// Kind is a kind of fault.
type Kind string

// The kinds of faults.
const (
	Failed  Kind = "failed"                      // not carried out
	Done    Kind = "done but reported as failed" // carried out, and its answer lost
	Crashed Kind = "crash right after"           // carried out, and then the sandbox died
	Killed  Kind = "crash right before, undone"  // the sandbox died before it
)

// Kinds are the three of "one fault, everywhere".
var Kinds = []Kind{Failed, Done, Crashed}

// ErrInjected is what a failed call answers, as a broken connection would.
var ErrInjected = errors.New("injected: the connection broke")

// crash is what Crash throws: the invocation ends there, and the next one
// starts a new sandbox.
type crash struct{}

// Crash ends the invocation that makes the call, as the death of its process
// would: nothing of the function runs after it. It is for Faults alone.
func Crash() { panic(crash{}) }

// Inject carries a fault out on one call.
func Inject(kind Kind, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	switch kind {
	case Failed:
		return nil, ErrInjected
	case Killed:
		Crash()
	}
	response, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	if kind == Crashed {
		Crash()
	}
	return nil, ErrInjected
}

// Nth is a fault on the n-th external call, counted from 1, of all functions or
// of one.
type Nth struct {
	N        int
	Kind     Kind
	Function string // empty for all

	mu   sync.Mutex
	seen int
	Hit  Call // what it hit; zero while it has not
}

// Faults implements the hook.
func (n *Nth) Faults(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	n.mu.Lock()
	counts := n.Function == "" || n.Function == function
	if counts {
		n.seen++
	}
	hit := counts && n.seen == n.N
	if hit {
		n.Hit = Describe(r)
		n.Hit.Function = function
	}
	n.mu.Unlock()
	if hit {
		return Inject(n.Kind, r, next)
	}
	return next.RoundTrip(r)
}
