package fleet_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// turns lets several clients go through the functions one external call at a
// time: all stop before their next call, and one of them, chosen by the seed, may
// go on. So any interleaving of their reads and writes can come, and the same
// one comes again.
type turns struct {
	mu      sync.Mutex
	random  *rand.Rand
	running int // clients that are on their way to their next call
	waiting []turn
	instant int64 // counts the moments that a history is written by
	chosen  int   // how often somebody was
	given   map[int]int
	step    bool
}

type turn struct {
	client int
	go_    chan struct{}
}

// turnKey is under what a request's context says which client it is.
type turnKey struct{}

// newTurns are turns at random, and with 0 in step: whoever had the fewest is next,
// so that equal clients come to the same call one right after another.
func newTurns(clients int, seed uint64) *turns {
	return &turns{random: rand.New(rand.NewPCG(seed, 1)), running: clients, given: map[int]int{}, step: seed == 0}
}

// as is the context of a client.
func as(ctx context.Context, client int) context.Context {
	return context.WithValue(ctx, turnKey{}, client)
}

// wait waits for the client's turn.
func (t *turns) wait(client int) {
	mine := turn{client, make(chan struct{})}
	t.mu.Lock()
	t.waiting = append(t.waiting, mine)
	t.running--
	t.next()
	t.mu.Unlock()
	for {
		seen := t.moves()
		select {
		case <-mine.go_:
			return
		case <-time.After(stuck):
			t.stir(seen)
		}
	}
}

// stuck is how long nobody moves before one goes on although not all wait: of two
// clients in one sandbox, one may wait for what the other one reads for both.
const stuck = 200 * time.Millisecond

func (t *turns) stir(seen int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.chosen == seen && len(t.waiting) > 0 {
		t.choose()
	}
}

// ended takes a client out.
func (t *turns) ended() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.next()
}

// next gives one client its turn once all wait. The order in which they came to
// wait is not the same in every run; that of their numbers is.
func (t *turns) next() {
	if t.running <= 0 && len(t.waiting) > 0 {
		t.choose()
	}
}

func (t *turns) choose() {
	t.chosen++
	slices.SortFunc(t.waiting, func(a, b turn) int { return a.client - b.client })
	i := t.random.IntN(len(t.waiting))
	if t.step {
		i = 0
		for j, w := range t.waiting {
			if t.given[w.client] < t.given[t.waiting[i].client] {
				i = j
			}
		}
	}
	chosen := t.waiting[i]
	t.given[chosen.client]++
	t.waiting = slices.Delete(t.waiting, i, i+1)
	t.running++
	close(chosen.go_)
}

func (t *turns) moves() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.chosen
}

// now is the next moment.
func (t *turns) now() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.instant++
	return t.instant
}

// hook makes each external call of a client wait for its turn.
func (t *turns) hook(_ string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	if client, ok := r.Context().Value(turnKey{}).(int); ok {
		t.wait(client)
	}
	return next.RoundTrip(r)
}

// all runs the clients to their ends.
func (t *turns) all(clients int, run func(client int)) {
	var ended sync.WaitGroup
	for client := range clients {
		ended.Go(func() {
			defer t.ended()
			run(client)
		})
	}
	ended.Wait()
}
