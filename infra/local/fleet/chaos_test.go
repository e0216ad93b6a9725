package fleet_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/local/fleet"
	"paht/shared/ledger"
)

var (
	chaosRuns = flag.Int("chaos.runs", 200, "how many runs in disorder")
	chaosShow = flag.Bool("chaos.show", false, "print the histogram of the call sites, which -v does too")
	chaosSeed = flag.Uint64("chaos.seed", 40, "the seed of the first run; each has the next")
)

// seconds are the officers who act at the same time as those of the story.
var seconds = []struct {
	province.LogIn
	acts []string
}{
	{province.LogIn{Name: "thu", Person: "Lý Thị Thu", Agency: "TTDH", Roles: []string{"screener"}}, []string{"acceptance", "supplement-request"}},
	{province.LogIn{Name: "khoa", Person: "Trương Khoa", Agency: "TTDH", Roles: []string{"router"}}, []string{"transfer"}},
	{province.LogIn{Name: "vinh", Person: "Ngô Vinh", Agency: "TTHTKT", Roles: []string{"handler"}}, []string{"receipt"}},
	{province.LogIn{Name: "nga", Person: "Hồ Thị Nga", Agency: "TTDH", Roles: []string{"editor"}}, []string{"publication"}},
}

// crowd is the story before its uploads, with the second officers.
var crowd struct {
	once   sync.Once
	from   *fleet.Checkpoint
	tokens map[string]string // by act
	sites  []string
	counts map[string]int
	want   *fleet.Truth
}

func prepareCrowd(t *testing.T) {
	t.Helper()
	prepareStory(t)
	crowd.once.Do(func() {
		f := fleet.From(t, prelude.ready, fleet.Options{})
		crowd.tokens = map[string]string{}
		for _, s := range seconds {
			token, err := appoint(t.Context(), f.Client(), s.LogIn)
			if err != nil {
				t.Fatal(err)
			}
			for _, act := range s.acts {
				crowd.tokens[act] = token
			}
		}
		if err := f.Sleep(t.Context(), 2*time.Minute); err != nil {
			t.Fatal(err)
		}
		from, err := f.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w := wander(t, from, newDisorder(0, nil, nil), true)
		if err := w.play(t.Context()); err != nil {
			t.Fatalf("without disorder: %v", err)
		}
		crowd.from, crowd.counts, crowd.want = from, w.seen, truthOf(t, w.fleet)
		crowd.sites = slices.Sorted(maps.Keys(w.seen))
	})
	if crowd.want == nil {
		t.Fatal("the run without disorder could not be played")
	}
}

// appoint makes an officer and logs it in.
func appoint(ctx context.Context, c *api.Client, o province.LogIn) (string, error) {
	admin, err := province.Open(ctx, c, province.Administrator.Name, province.Password)
	if err != nil {
		return "", err
	}
	if _, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/admin/officers", Token: admin, Key: "officer-" + o.Name, Want: http.StatusCreated,
		Body: map[string]any{"name": o.Person, "logIn": o.Name, "email": o.Email(), "agency": o.Agency, "roles": o.Roles}}); err != nil {
		return "", err
	}
	code, err := c.Code(ctx, o.Email())
	if err != nil {
		return "", err
	}
	if _, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/officers/activation", Want: http.StatusNoContent,
		Body: map[string]any{"logIn": o.Name, "code": code, "password": province.Password}}); err != nil {
		return "", err
	}
	return province.Open(ctx, c, o.Name, province.Password)
}

// wander begins a run; with calm nothing goes wrong in it.
func wander(t *testing.T, from *fleet.Checkpoint, d *disorder, calm bool) *wanderer {
	t.Helper()
	o := fleet.Options{Seed: d.seed, Faults: d.hook, Delivery: d.delivery, LagIndex: d.lag, Copies: d.copies,
		WorkerSkew: func(worker int) time.Duration { return time.Duration(worker%2) * 30 * time.Second }}
	if calm {
		d.quiet = true
		o = fleet.Options{Faults: d.hook}
	}
	w := &wanderer{disorder: d, fleet: fleet.From(t, from, o), rivals: crowd.tokens, keys: map[string]string{}, step: logInSteps}
	if calm {
		w.rivals = nil
	}
	d.other = w.beside
	w.stage = prelude.logged.Again(w.client())
	return w
}

// tally is what all runs had together.
type tally struct {
	mu                          sync.Mutex
	runs, faults, doubled, late int
	aside, rivals               int
	hit, seen                   map[string]int
}

func (a *tally) add(d *disorder) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs++
	a.faults += d.faults
	a.doubled += d.doubled
	a.late += d.late
	a.aside += d.aside
	a.rivals += d.rivals
	for site, n := range d.hit {
		a.hit[site] += n
	}
	for site, n := range d.seen {
		a.seen[site] += n
	}
}

// TestTheStoryInDisorder plays the story with faults in pairs and more, with
// messages doubled, late and out of order, with indexes that lag, calls that are
// turned away, two workers whose clocks are thirty seconds apart, and two officers
// who act at once. A seed that fails is named, and -chaos.seed=… -chaos.runs=1
// plays it again.
func TestTheStoryInDisorder(t *testing.T) {
	prepareCrowd(t)
	all := &tally{hit: map[string]int{}, seen: map[string]int{}}
	began := time.Now()
	t.Run("seed", func(t *testing.T) {
		for i := range *chaosRuns {
			seed := *chaosSeed + uint64(i)
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				oneOfMany(t)
				d := newDisorder(seed, crowd.sites, crowd.counts)
				chaos(t, d)
				all.add(d)
			})
		}
	})
	say := t.Logf
	if *chaosShow {
		say = func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	}
	say("%d runs in %s: %d faults, %d messages doubled and %d late, %d times another worker and %d times another officer at once",
		all.runs, time.Since(began).Round(time.Second), all.faults, all.doubled, all.late, all.aside, all.rivals)
	histogram(t, all, say)
}

// chaos plays one run.
func chaos(t *testing.T, d *disorder) {
	w := wander(t, crowd.from, d, false)
	began := w.Now()
	defer func() {
		if t.Failed() {
			t.Logf("seed %d, %s after its beginning; planned %v; faults %v", d.seed, w.Now().Sub(began), d.plans, d.hit)
		}
	}()
	if err := w.play(t.Context()); err != nil {
		t.Fatalf("seed %d: in %q: %v", d.seed, w.stage.Next(), err)
	}
	for _, problem := range w.problem {
		t.Errorf("seed %d: %s", d.seed, problem)
	}
	truth, err := w.fleet.Truth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	differs := slices.DeleteFunc(crowd.want.Differs(truth, false), mayDiffer)
	if len(differs)+len(truth.Wrong) > 0 {
		t.Errorf("seed %d: against the run without disorder:\n%s%s", d.seed, lines(differs), lines(truth.Wrong))
	}
	w.fleet.SetFaults(nil) // the audit is no part of the story
	audit(t, w.fleet)
	if d.faults < 2 {
		t.Errorf("seed %d: the run had %d faults", d.seed, d.faults)
	}
}

// audit asks the administrators' operation to check everything, which reads by
// code of its own.
func audit(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	event := fmt.Sprintf(`{"operation":"verify","from":%q,"reports":500}`, fleet.DefaultStart.Format(time.DateOnly))
	answer, err := f.Invoke(t.Context(), "admin", []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	var found ledger.Answer
	if err := json.Unmarshal(answer, &found); err != nil {
		t.Fatal(err)
	}
	if found.Checked.Reports == 0 || found.Next != "" {
		t.Errorf("checked was %+v", found.Checked)
	}
	for _, d := range found.Deviations {
		t.Errorf("the ledger finds in report %s, %s, at %s: %s", d.Report, d.What, d.Where, d.Detail)
	}
}

// mayDiffer tells of differences that disorder makes and that are right: people
// were late, or came before the machine, which then finds the report moved on.
func mayDiffer(line string) bool {
	if strings.Contains(line, ": clock.breached happened") || strings.Contains(line, ": proposed ") {
		return true
	}
	if strings.Contains(line, "account.verify") && (strings.HasSuffix(line, ": sent") || strings.HasSuffix(line, ": failed (overtaken)")) {
		return true // its code was used before its letter was known to be sent
	}
	for _, machine := range []string{"report.screening", "report.routing", "publication.drafted"} {
		if strings.HasPrefix(line, "missing: ") && strings.Contains(line, ": "+machine+" happened 1 times") {
			return true
		}
	}
	return false
}

// histogram prints how often each call site was hit, and wants every site of the
// run without disorder to be, once there were runs enough for it.
func histogram(t *testing.T, all *tally, say func(format string, args ...any)) {
	t.Helper()
	enough := all.runs >= len(crowd.sites)
	for _, site := range slices.Sorted(maps.Keys(all.seen)) {
		say("%6d faults in %7d calls: %s", all.hit[site], all.seen[site], site)
		if enough && all.hit[site] == 0 && crowd.counts[site] > 0 {
			t.Errorf("no fault hit the call site %s", site)
		}
	}
}
