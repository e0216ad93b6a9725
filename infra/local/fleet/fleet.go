// Package fleet runs every function of the template in one process, over the
// embedded AWS and the object store, on a clock that tests move: the functions'
// own steps and the adapters that ship, with no double between them. Each
// function has its own credentials, held to the template's statements, and its
// own way out, on which a test can fail, repeat or crash any external call. It is
// the ground of the tests of bad input, of faults and of disorder.
//
// A test starts a fleet with New (TestMain calls Main), sets the province up with
// SetUp or begins with a Snapshot, acts by Client (which delivers what is visible
// before each request, and waits on the fleet's clock) or by HTTP (which delivers
// nothing), lets time pass by Sleep, Advance, Tick, Pump and Settle, and asserts on
// Items, Raw, Objects, QueueDepths and Mails, which read past the adapters.
//
// It imports the functions' steps, which nothing else but their own main does.
// Only tests import it, and what fills a system with a past: see On.
package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"paht/infra/emulator"
	"paht/infra/emulator/policy"
	"paht/infra/emulator/provision"
	"paht/infra/local/gateway"
	"paht/infra/template"
	"paht/shared/lambdaio"
)

// Options of a fleet.
type Options struct {
	// Start is the first instant; a Tuesday morning in office hours if zero.
	Start time.Time
	// Standing is the system that the fleet is on, if it is; see On.
	Standing *Standing
	// From is what the fleet begins with, at the instant at which it was taken.
	From *Snapshot
	// Seed orders deliveries at random, the same for the same seed; with 0
	// queues have their turns in the template's order.
	Seed uint64
	// Faults has every external call of the functions; see SetFaults.
	Faults Faults
	// Delivery is asked once for each message that is about to be delivered for
	// the first time.
	Delivery func(queue, body string) Delivery
	// Copies says how often the notification of an object is sent: 0 loses it.
	Copies func(key string) int
	// LagIndex says how long an index does not show a change.
	LagIndex func(table, index string) time.Duration
	// Skew is how far a function's clock is off the fleet's.
	Skew func(function string) time.Duration
	// WorkerSkew is how far the clock of a worker's sandboxes is off besides; see
	// Aside.
	WorkerSkew func(worker int) time.Duration
	// Log is given each line of the functions' logs, as JSON.
	Log func(line string)
	// Refused is told of each call that a function's statements in the template do
	// not allow; where it is nil, such a call fails the test.
	Refused func(call string)
	// Observe is told of each call on the embedded AWS, with its units.
	Observe func(emulator.Call)
}

// Delivery is what happens to one message on its way.
type Delivery struct {
	Extra int           // further copies that are put on the queue
	Delay time.Duration // how long it is held back; twelve hours at most, as the queue can
	Hold  time.Duration // or how long it is not on the queue at all: it was sent, and is late
}

// Fleet is the whole system.
type Fleet struct {
	options  Options
	place    place
	clock    *Clock
	template *template.Template
	bucket   string
	table    string
	aws      *emulator.Emulator
	allowed  map[string]*policy.Set // by access key
	gateway  *gateway.Gateway

	mu        sync.Mutex
	injected  Faults
	calls     []Call
	functions map[string]*lambdaio.Function // the sandboxes that stand
	started   map[string]int                // how often each function started
	notices   []string
	refused   []string // calls
	lastTick  time.Time
	made      int // ids
	random    *rand.Rand
	pumping   sync.Mutex
	worker    int    // whose sandboxes and clock the invocations have
	held      []held // messages that are late
	halt      bool   // the consumers are stopped
}

// DefaultStart is a Tuesday morning, in office hours and far from a holiday.
var DefaultStart = time.Date(2026, 3, 10, 8, 30, 0, 0, time.FixedZone("+07:00", 7*3600))

// New starts a fleet that ends with the test. The package's TestMain must have
// called Main.
func New(t testing.TB, o Options) *Fleet {
	t.Helper()
	return start(t, o, func(ctx context.Context, f *Fleet) error { return f.emptyBucket(ctx) })
}

// start starts a fleet whose bucket, which holds what the last fleet left there,
// is made ready first.
func start(t testing.TB, o Options, ready func(context.Context, *Fleet) error) *Fleet {
	t.Helper()
	if shared == nil {
		t.Fatal("fleet.New: the package's TestMain does not call fleet.Main")
	}
	p := <-shared.free
	f, err := open(o, p)
	if err != nil {
		shared.free <- p
		t.Fatal(err)
	}
	shared.enter(f)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last lines of the functions' logs:\n%s\nnotices: %v", shared.log, f.Notices())
		}
		if err := f.misled(); err != nil {
			t.Error(err)
		}
		shared.leave(f)
		if err := f.aws.Close(); err != nil {
			t.Error(err)
		}
		f = nil // a test that is over is kept until its parent is, with what it was to clean up
	})
	if err := ready(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	return f
}

func open(o Options, p place) (*Fleet, error) {
	var from *emulator.Emulator
	made := 0
	if o.From != nil {
		from, made, o.Start = o.From.aws, o.From.made, o.From.now
	}
	if o.Start.IsZero() {
		o.Start = DefaultStart
	}
	f := &Fleet{options: o, place: p, clock: &Clock{now: o.Start}, injected: o.Faults, functions: map[string]*lambdaio.Function{},
		started: map[string]int{}, lastTick: o.Start, made: made, random: rand.New(rand.NewPCG(o.Seed, 0))}
	var err error
	if f.template, err = shared.templateOf(p); err != nil {
		return nil, err
	}
	f.bucket, f.table = f.template.Buckets[0].Name, f.template.Tables[0].Name
	if err := f.permissions(); err != nil {
		return nil, err
	}
	f.aws, err = emulator.Open(emulator.Options{Now: f.clock.Now, Authorize: f.authorize, Observe: o.Observe,
		Account: accountID, Region: region, LagIndex: o.LagIndex, NewID: f.id, From: from})
	if err != nil {
		return nil, err
	}
	if err := provision.Provision(f.aws, f.template); err != nil {
		return nil, err
	}
	if err := f.secrets(); err != nil {
		return nil, err
	}
	f.gateway, err = gateway.New(gateway.Options{Routes: f.routes(), Invoke: f.invoke, AccountID: accountID,
		OriginHeaders: f.originHeaders(),
		Public:        shared.store.Public(f.bucket, "public/"), Outbox: gateway.Outbox(f.aws.Outbox()), Timeout: time.Minute})
	return f, err
}

// id makes the ids of messages, the same in every run.
func (f *Fleet) id() string {
	f.mu.Lock()
	f.made++
	n := f.made
	f.mu.Unlock()
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", f.options.Seed, n))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// Snapshot is what a fleet held at one instant, for others to begin with: so a
// province is set up once for many runs.
type Snapshot struct {
	aws  *emulator.Emulator
	now  time.Time
	made int
}

// Snapshot takes what the fleet holds. The bucket must be empty: objects are not
// taken along.
func (f *Fleet) Snapshot(ctx context.Context) (*Snapshot, error) {
	if keys, err := f.Objects(ctx, ""); err != nil || len(keys) > 0 {
		return nil, errors.Join(fmt.Errorf("taking a snapshot: the bucket holds %d objects", len(keys)), err)
	}
	frozen, err := emulator.Open(emulator.Options{From: f.aws, Now: f.clock.Now, Account: accountID, Region: region})
	if err != nil {
		return nil, fmt.Errorf("taking a snapshot: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return &Snapshot{aws: frozen, now: f.clock.Now(), made: f.made}, nil
}

// Front is what the distribution of a fleet says of itself to the API.
const Front = "the distribution of a fleet"

// secrets stores the document of secrets, made here.
func (f *Fleet) secrets() error {
	sum := sha256.Sum256([]byte("the secret of a test"))
	document := `{"keys":[{"id":"t1","secret":"` + base64.StdEncoding.EncodeToString(sum[:]) + `"}],"origin":["` + Front + `"]}`
	_, err := f.aws.Parameters().Put(f.template.Functions[0].Environment["SECRET"], "SecureString", document, true)
	return err
}

func (f *Fleet) routes() []gateway.Route {
	var all []gateway.Route
	for _, fn := range f.template.Functions {
		for _, r := range fn.Routes {
			all = append(all, gateway.Route{Method: r.Method, Path: r.Path, Function: word(fn.CodeURI)})
		}
	}
	return all
}

// SetFaults changes what has the functions' external calls from now on; nil for
// nothing.
func (f *Fleet) SetFaults(faults Faults) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.injected = faults
}

// SetCopies changes how often the notification of an object is sent from now on.
func (f *Fleet) SetCopies(copies func(key string) int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.options.Copies = copies
}

func (f *Fleet) copiesOf(key string) int {
	f.mu.Lock()
	copies := f.options.Copies
	f.mu.Unlock()
	if copies == nil {
		return 1
	}
	return copies(key)
}

func (f *Fleet) faults() Faults {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.injected
}

// AWS is the embedded AWS, for what this package does not show.
func (f *Fleet) AWS() *emulator.Emulator { return f.aws }

// Template is the template with this fleet's names.
func (f *Fleet) Template() *template.Template { return f.template }

// Notices are what an operator would have been told: failed invocations.
func (f *Fleet) Notices() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.notices...)
}

func (f *Fleet) notice(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notices = append(f.notices, text)
}
