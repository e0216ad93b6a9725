package kill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"paht/infra/demo/api"
	"paht/shared/contract"
)

// phone is a transport that does what a good client does when a connection
// breaks or a server fails: it sends the same request again, with the same
// Idempotency-Key, until there is an answer. It keeps what it was answered.
type phone struct {
	base  http.RoundTripper
	begun chan<- string // told, without waiting, of each keyed act: the function that serves it
	kept  *ledger
}

// ledger is what all clients were answered.
type ledger struct {
	mu      sync.Mutex
	acts    []contract.Act
	repeats int // requests sent again
}

// newPhone makes a client with an address of its own, as each phone has: what is
// limited by address is not limited for all of them together.
func newPhone(address string, n int, begun chan<- string, kept *ledger) *api.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n+1))}, Timeout: 5 * time.Second}
	c := api.New(address)
	c.HTTP = &http.Client{Transport: &phone{base: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}, begun: begun, kept: kept}}
	return c
}

// RoundTrip implements http.RoundTripper.
func (p *phone) RoundTrip(r *http.Request) (*http.Response, error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		p.tell(r)
		answer, err := p.once(r)
		if err == nil && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests {
			return p.taken(r, answer), nil
		}
		p.kept.mu.Lock()
		p.kept.repeats++
		p.kept.mu.Unlock()
		select {
		case <-r.Context().Done():
			return nil, fmt.Errorf("asking again: %w (%w)", r.Context().Err(), err)
		case <-time.After(wait):
		}
	}
}

// serving gives the function that serves a keyed act, by the contract.
var serving = func() func(*http.Request) string {
	mux, functions := http.NewServeMux(), map[string]string{}
	for _, o := range contract.Operations() {
		pattern := o.Meta().Method + " " + o.Meta().Path
		mux.Handle(pattern, http.NotFoundHandler())
		if o.Meta().Key {
			functions[pattern] = o.Meta().Function
		}
	}
	return func(r *http.Request) string {
		_, pattern := mux.Handler(r)
		return functions[pattern]
	}
}()

// tell says that an act is about to be sent.
func (p *phone) tell(r *http.Request) {
	if function := serving(r); function != "" {
		select {
		case p.begun <- function:
		default:
		}
	}
}

// once sends a copy of the request and reads the whole answer: one that breaks
// off is none.
func (p *phone) once(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), 35*time.Second)
	defer cancel()
	copied := r.Clone(ctx)
	if r.GetBody != nil {
		var err error
		if copied.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	answer, err := p.base.RoundTrip(copied)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// taken keeps the act of an answer.
func (p *phone) taken(r *http.Request, answer *http.Response) *http.Response {
	body, _ := io.ReadAll(answer.Body) // of memory
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var acted contract.Acted
	if answer.StatusCode/100 == 2 && r.Method != http.MethodGet && json.Unmarshal(body, &acted) == nil && acted.Act.Report != "" {
		p.kept.mu.Lock()
		p.kept.acts = append(p.kept.acts, acted.Act)
		p.kept.mu.Unlock()
	}
	return answer
}
