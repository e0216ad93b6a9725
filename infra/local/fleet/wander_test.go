package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/story"
	"paht/infra/local/fleet"
)

// wanderer plays the story on a fleet in disorder: it repeats what was not
// answered, waits as long as it takes, and has a colleague who acts at once.
type wanderer struct {
	*disorder

	fleet   *fleet.Fleet
	stage   *story.Stage
	rivals  map[string]string // tokens of the second officers, by the act
	keys    map[string]string
	step    int // of the story
	inner   int // keys of the step
	problem []string

	colleagues int // who acted at once so far
}

// readingSteps only read: they are done again where the machine has yet to write
// what they read.
var readingSteps = []int{logInSteps + 5, logInSteps + 16, logInSteps + 17, logInSteps + 18, logInSteps + 19, logInSteps + 21}

func (w *wanderer) client() *api.Client {
	c := w.fleet.Client()
	c.HTTP = &http.Client{Transport: w}
	c.Clock, c.Patience = w, 300*24*time.Hour
	return c
}

func (w *wanderer) Now() time.Time { return w.fleet.Now() }

// Sleep lets the system live; a poll becomes a while.
func (w *wanderer) Sleep(ctx context.Context, d time.Duration) error {
	if d == 100*time.Millisecond {
		d = []time.Duration{d, time.Second, 5 * time.Second, time.Minute, 4 * time.Minute, 20 * time.Minute}[w.draws(6)]
	}
	w.fleet.Advance(d)
	return w.tick(ctx)
}

func (w *wanderer) draws(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(n)
}

func (w *wanderer) tick(ctx context.Context) (err error) {
	w.fleet.Aside(w.draws(2), func() { err = w.fleet.Tick(ctx) })
	return err
}

// play plays the whole story, and lets the system come to rest.
func (w *wanderer) play(ctx context.Context) error {
	for tries := 0; w.stage.Next() != ""; {
		w.inner = 0
		w.mu.Lock()
		w.force = w.faults < 2 && w.step > logInSteps+20
		w.mu.Unlock()
		err := w.stage.Step(ctx)
		if err != nil && slices.Contains(readingSteps, w.step) && tries < 200 {
			tries++
			if err := w.Sleep(ctx, 100*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		tries = 0
		if w.step++; w.step != announcing+1 {
			w.fleet.Advance(w.upTo(15 * time.Minute))
			if w.drawn(40) {
				w.fleet.Advance(w.upTo(12 * time.Hour))
			}
		}
	}
	return w.rest(ctx)
}

// rest ends the disorder, but for what is late already or planned, and waits it out.
func (w *wanderer) rest(ctx context.Context) error {
	w.mu.Lock()
	w.quiet = true
	w.mu.Unlock()
	for range 2 { // the second is after the indexes' lag
		quiet, err := w.fleet.Rest(4*24*time.Hour, func() error { return w.tick(ctx) })
		if err != nil {
			return err
		}
		if !quiet {
			owed, err := w.fleet.Owed()
			return errors.Join(fmt.Errorf("the system does not come to rest: owed is %v, and the queues hold %v", owed, w.fleet.QueueDepths()), err)
		}
		w.fleet.Advance(2 * time.Minute)
	}
	return w.tick(ctx)
}

// RoundTrip repeats what was not answered. Keys are the same in every run.
func (w *wanderer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		if w.keys[key] == "" {
			w.inner++
			w.keys[key] = fmt.Sprintf("key-%d-of-step-%d", w.inner, w.step)
		}
		r.Header.Set("Idempotency-Key", w.keys[key])
	}
	colleague := w.colleague(r, body)
	for try := 1; ; try++ {
		var response *http.Response
		var err error
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		w.fleet.Aside(w.draws(2), func() { response, err = w.fleet.Client().HTTP.Transport.RoundTrip(again) })
		if err != nil {
			return nil, err
		}
		if response.StatusCode < http.StatusInternalServerError {
			return w.settled(response, colleague), nil
		}
		_ = response.Body.Close()
		if try == 12 {
			return nil, errors.New("twelve tries were not answered")
		}
		if try > 1 {
			w.fleet.Advance(time.Second)
		}
	}
}

// another is the first of the workers that act in the middle of what one of the
// first two does: they have sandboxes of their own.
const another = 2

// staleStep is the step that acts on what is no longer so, and must be refused.
const staleStep = logInSteps + 25

// answered is what the colleague's act was answered.
type answered struct {
	acted  bool
	answer fleet.Answer
}

// colleague prepares the same act of another officer, for the middle of this one.
func (w *wanderer) colleague(r *http.Request, body []byte) *answered {
	act := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	token, known := w.rivals[act]
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rival = nil
	if r.Method != http.MethodPost || !known || !w.chance(2) {
		return nil
	}
	a := &answered{}
	w.colleagues++
	key := fmt.Sprintf("colleague-%d-of-step-%d", w.colleagues, w.step)
	w.rival = func() {
		a.acted = true
		for try := range 12 {
			w.fleet.Aside(another+w.draws(2), func() {
				a.answer = w.fleet.HTTP(context.WithoutCancel(r.Context()), r.Method, r.URL.Path, body, "Content-Type", "application/json",
					"Authorization", "Bearer "+token, "Idempotency-Key", key, "If-Match", r.Header.Get("If-Match"))
			})
			if a.answer.Status < http.StatusInternalServerError {
				return
			}
			if try > 0 {
				w.fleet.Advance(time.Second)
			}
		}
	}
	return a
}

// settled wants one of two officers who act at once to be first: the other is
// refused, and sees what the first did.
func (w *wanderer) settled(own *http.Response, colleague *answered) *http.Response {
	w.mu.Lock()
	w.rival = nil
	w.mu.Unlock()
	if colleague == nil || !colleague.acted {
		return own
	}
	refused := func(status int) bool { return status == http.StatusConflict || status == http.StatusPreconditionFailed }
	switch mine, theirs := own.StatusCode, colleague.answer.Status; {
	case mine == http.StatusOK && refused(theirs):
	case refused(mine) && refused(theirs) && w.step == staleStep:
	case refused(mine) && theirs == http.StatusOK:
		_ = own.Body.Close()
		return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: colleague.answer.Header,
			Body: io.NopCloser(bytes.NewReader(colleague.answer.Body)), ContentLength: int64(len(colleague.answer.Body)), Request: own.Request}
	default:
		w.problem = append(w.problem, fmt.Sprintf("of two officers at once one was answered %d and the other %d: %s", mine, theirs, colleague.answer.Body))
	}
	return own
}

// beside lets another worker take a batch in the middle of something.
func (w *wanderer) beside() {
	ctx := context.Background()
	w.fleet.Aside(another+w.draws(2), func() {
		batches, err := w.fleet.Take(ctx)
		for _, b := range batches {
			err = errors.Join(err, w.fleet.Deliver(ctx, b))
		}
		if err != nil {
			w.problem = append(w.problem, err.Error())
		}
	})
}
