package kill

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/report"
)

var (
	seed  = flag.Uint64("seed", 21, "the seed of the moments; nought for one of the clock")
	kills = flag.Int("kills", 20, "how often something is killed")
)

// clients is how many stories are played at once.
const clients = 3

// whole is how many of ten kills take the whole system.
const whole = 4

// hang bounds a run that no longer gets anywhere.
const hang = 8 * time.Minute

func TestNothingAcknowledgedIsLostWhateverIsKilled(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (again with -seed=%d)", *seed, *seed)
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	m := newMachine(t)
	begin := time.Now()
	random := rand.New(rand.NewPCG(*seed, 1))
	after := time.Duration(random.IntN(2500)) * time.Millisecond
	m.cut("data/demo", after)
	t.Logf("kill 1: the whole system, %d ms after its first start, while the province was set up", after.Milliseconds())
	m.start("data/demo")
	p := &plays{machine: m, begun: make(chan string), kept: &ledger{}}
	stop := m.sweeping()
	played := p.start(ctx, t)
	k := &killer{t: t, machine: m, random: random, begun: p.begun, started: begin}
	for n := 1; n < *kills; n++ {
		k.strike(n, n == *kills-1)
	}
	t.Logf("+%5.1f s: the last kill is over", time.Since(begin).Seconds())
	p.enough.Store(true)
	played.Wait()
	t.Logf("+%5.1f s: %d stories ended, %d acts were acknowledged, %d requests were sent again",
		time.Since(begin).Seconds(), p.ended.Load(), len(p.kept.acts), p.kept.repeats)
	if p.ended.Load() < clients || p.kept.repeats == 0 {
		t.Errorf("%d stories ended and %d requests were sent again: the kills hit nothing", p.ended.Load(), p.kept.repeats)
	}
	settled(ctx, t, m)
	stop()
	p.standing(ctx, t)
	t.Logf("+%5.1f s: done", time.Since(begin).Seconds())
}

// plays are the stories of all clients.
type plays struct {
	machine *machine
	begun   chan string
	kept    *ledger
	turn    turn
	enough  atomic.Bool // no new story is begun
	ended   atomic.Int64
}

// start plays stories by several clients, one after the other each.
func (p *plays) start(ctx context.Context, t *testing.T) *sync.WaitGroup {
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			for round := 1; !p.enough.Load() && ctx.Err() == nil; round++ {
				var out bytes.Buffer
				client := newPhone(p.machine.address(), n, p.begun, p.kept)
				client.Patience = hang
				err := story.Play(ctx, story.Options{Client: client, Photos: fleet.Photos(), Out: &out, Turn: &p.turn})
				if err != nil {
					t.Errorf("client %d, story %d: %v\n%s", n, round, err, out.String())
					return
				}
				p.ended.Add(1)
			}
		})
	}
	return &all
}

// turn is held by one client at a time, and begins a new second each time: the
// policies that two stories set begin at two instants.
type turn struct{ sync.Mutex }

// Lock implements sync.Locker.
func (t *turn) Lock() {
	t.Mutex.Lock()
	time.Sleep(1100 * time.Millisecond)
}

// killer kills at random moments.
type killer struct {
	t       *testing.T
	machine *machine
	random  *rand.Rand
	begun   <-chan string
	started time.Time
}

// strike waits for a random moment while an act is under way, and kills the whole
// system or one function's process: mostly of the function that serves the act,
// so that the kill falls between its writes and sends. The last one takes the
// system, which makes visible what was in flight.
func (k *killer) strike(n int, last bool) {
	time.Sleep(time.Duration(500+k.random.IntN(3500)) * time.Millisecond)
	all, other := k.random.IntN(10) < whole || last, k.random.IntN(10) < 3
	within := time.Duration(k.random.IntN(15000)) * time.Microsecond
	function, processes := k.act()
	time.Sleep(within)
	at := time.Since(k.started).Seconds()
	if all {
		k.machine.kill()
		down := time.Now()
		k.machine.start("none")
		k.t.Logf("+%5.1f s: kill %d: the whole system, %v into an act of %s; up again after %d ms", at, n+1, within, function, time.Since(down).Milliseconds())
		return
	}
	p, ok := k.choose(processes, function, other)
	if !ok {
		k.t.Errorf("kill %d: no function runs", n+1)
		return
	}
	if err := syscall.Kill(p.pid, syscall.SIGKILL); err != nil {
		k.t.Logf("kill %d: %s was gone already", n+1, p.function)
		return
	}
	k.t.Logf("+%5.1f s: kill %d: a process of %s, %v into an act of %s", at, n+1, p.function, within, function)
}

// act waits for an act to begin, for a while, and gives the function that serves
// it with the processes that ran right before.
func (k *killer) act() (function string, processes []process) {
	for range 30 {
		processes = k.machine.processes()
		select {
		case function = <-k.begun:
			return function, processes
		case <-time.After(100 * time.Millisecond):
		}
	}
	return "nobody", processes
}

// choose gives a process of the function, or any other one.
func (k *killer) choose(processes []process, function string, other bool) (process, bool) {
	var own []process
	for _, p := range processes {
		if p.function == function {
			own = append(own, p)
		}
	}
	if len(own) == 0 || other {
		own = processes
	}
	if len(own) == 0 {
		return process{}, false
	}
	return own[k.random.IntN(len(own))], true
}

// settled waits until every queue is empty and nothing is owed any more; the
// verification finds no deviation at any moment.
func settled(ctx context.Context, t *testing.T, m *machine) {
	t.Helper()
	for {
		queues, err := m.run("queues")
		if err != nil {
			t.Fatalf("looking at the queues: %v: %s", err, queues)
		}
		verified, err := m.run("verify")
		if err != nil || !strings.Contains(verified, "nothing deviates") {
			t.Fatalf("verifying: %v: %s", err, verified)
		}
		left := waiting(t, queues)
		if left == "" && strings.Contains(verified, " 0 effects owed") {
			t.Log(strings.TrimSpace(verified))
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("it does not come to rest: in the queues %q; %s", left, verified)
		case <-time.After(time.Second):
		}
	}
}

// waiting gives the lines of queues that hold something. The dead-letter queues
// are among them.
func waiting(t *testing.T, queues string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(queues), "\n")
	if len(lines) < 3 {
		t.Fatalf("the queues are %q", queues)
	}
	var left []string
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[1] != "0" || fields[2] != "0" || fields[3] != "0" {
			left = append(left, line)
		}
	}
	return strings.Join(left, "; ")
}

// standing checks that everything that was acknowledged is there: each act is an
// event of its report, with its number, type and instant.
func (p *plays) standing(ctx context.Context, t *testing.T) {
	t.Helper()
	client := newPhone(p.machine.address(), clients, p.begun, &ledger{})
	token, err := province.Open(ctx, client, "lan", province.Password)
	if err != nil {
		t.Fatal(err)
	}
	reports := map[string]contract.Detail{}
	for _, act := range p.kept.acts {
		d, read := reports[act.Report]
		if !read {
			a, err := client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + act.Report, Token: token, Want: http.StatusOK})
			if err == nil {
				err = a.Into(&d)
			}
			if err != nil {
				t.Errorf("the acknowledged report %s: %v", act.Report, err)
			}
			reports[act.Report] = d
		}
		if !stands(d, act) {
			t.Errorf("the acknowledged act %d (%s) of report %s is not in its history", act.Event, act.Type, act.Report)
		}
	}
	published := 0
	for id, d := range reports {
		once(t, id, d)
		if d.State == string(report.Published) {
			published++
		}
	}
	if published != int(p.ended.Load()) {
		t.Errorf("%d reports are published, and %d stories ended", published, p.ended.Load())
	}
	t.Logf("%d reports hold the %d acknowledged acts; %d are published", len(reports), len(p.kept.acts), published)
}

func stands(d contract.Detail, act contract.Act) bool {
	for _, e := range d.History {
		if e.N == act.Event {
			return e.Type == act.Type && e.At.Equal(act.At.Time)
		}
	}
	return false
}

// once checks that nothing that happens once to a part happened twice.
func once(t *testing.T, id string, d contract.Detail) {
	t.Helper()
	seen := map[string]int{}
	for _, e := range d.History {
		seen[fmt.Sprint(e.Type, " ", e.Assignment)]++
	}
	for what, n := range seen {
		kind, _, _ := strings.Cut(what, " ")
		if n > 1 && kind != report.EventBreached {
			t.Errorf("report %s: %s happened %d times", id, what, n)
		}
	}
}
