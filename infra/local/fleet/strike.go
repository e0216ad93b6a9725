package fleet

import (
	"net/http"
	"sync"
)

// Lost is a further kind of fault for Strike: the call was carried out and its
// answer lost, and the SDK, which asks again, finds it done.
const Lost Kind = "done, and asked again by the SDK"

// Strike is one fault at the n-th external call that the functions make, counted
// from 1. Unlike Nth it fails a call for good: what the SDK tries again fails too,
// so that the function itself is told.
type Strike struct {
	N    int
	Kind Kind

	mu      sync.Mutex
	seen    int
	invoked string // the SDK's id of the call that was struck
	hit     Call
}

// Hit is what was struck; nothing while nothing was.
func (s *Strike) Hit() Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hit
}

// Faults implements the hook.
func (s *Strike) Faults(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	id := r.Header.Get("Amz-Sdk-Invocation-Id")
	s.mu.Lock()
	s.seen++
	first := s.seen == s.N
	again := s.invoked != "" && id == s.invoked && s.Kind != Lost
	if first {
		s.invoked, s.hit = id, Describe(r)
		s.hit.Function = function
	}
	s.mu.Unlock()
	switch {
	case first && s.Kind == Lost:
		return Inject(Done, r, next)
	case first:
		return Inject(s.Kind, r, next)
	case again:
		return nil, ErrInjected
	}
	return next.RoundTrip(r)
}
