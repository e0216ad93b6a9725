package system

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"paht/infra/local/s3"
	"paht/infra/template"
)

// Ground is what the system lends while it pauses: what is stored, and whose
// credentials the functions have.
type Ground struct {
	Template *template.Template
	Store    *s3.Server
	Accounts map[string]s3.Account // by function
	AWS      http.RoundTripper
	Origin   map[string]string // the headers by which the functions know their front
	// Redirect sends the notifications of objects elsewhere until the pause ends.
	Redirect func(to func(queueARN string, body []byte) error)
}

// Filled is how many reports were asked for.
type Filled struct {
	Reports int `json:"reports"`
}

// mostFilled bounds one filling.
const mostFilled = 20_000

// Fill makes reports of the past. Meanwhile nothing is taken from the queues and
// no schedule fires: the sweep would find what is due in the past and act on it
// now.
func (s *System) Fill(ctx context.Context, reports int) (err error) {
	if s.options.Fill == nil || reports < 1 || reports > mostFilled {
		return fmt.Errorf("filling the system with %d reports: it takes 1 to %d, where it knows how", reports, mostFilled)
	}
	if !s.filling.TryLock() {
		return errors.New("filling the system: it is being filled already")
	}
	defer s.filling.Unlock()
	s.stopSchedules()
	s.pollers.Stop(10 * time.Second)
	defer func() {
		s.redirected.Store(nil)
		s.runSchedules()
		err = errors.Join(err, s.poll())
	}()
	g := Ground{Template: s.template, Store: s.store, Accounts: map[string]s3.Account{}, AWS: s.emulator.Transport(), Origin: s.OriginHeaders(),
		Redirect: func(to func(string, []byte) error) { s.redirected.Store(&to) }}
	for _, f := range s.template.Functions {
		g.Accounts[word(f.CodeURI)] = s.kept.account(f.Name)
	}
	return s.options.Fill(ctx, g, reports, lockedWriter{s})
}

// runSchedules lets schedules fire and expired items go, until stopSchedules.
func (s *System) runSchedules() {
	running, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.emulator.Run(running); err != nil && running.Err() == nil {
			s.notice(fmt.Sprintf("the schedules stopped: %v", err))
		}
	}()
	s.stopSchedules = func() { cancel(); <-ended }
}
