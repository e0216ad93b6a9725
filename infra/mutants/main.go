// Command mutants shows that the tests bite: in a copy of the project it removes
// one condition of a write, one effect, one message type, one dedupe check or one
// resend at a time, all found from the syntax tree, and then one permission of the
// template at a time (one action of one function on one resource), and runs the
// tests of the fleet, and those of the code's own packages, until they fail. A
// mutant that survives, and is not listed with its reason in equivalent.txt, fails
// the run; so does a permission that no test uses.
//
// All mutants of the code are built once, in one test binary a package, and one of
// them is alive in a run (the environment's MUTANT): a compiler call a mutant would
// take the time that the tests need. A template is read when the tests run: each of
// its mutants is a tree of links to the copy, with a template of its own. Nothing of
// the project imports this program.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the command line's.
type options struct {
	root    string
	what    string
	sample  int
	seed    uint64
	limit   time.Duration
	only    string
	list    bool
	workers int
	phases  string
	listed  bool
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the project's folder")
	flag.StringVar(&o.what, "what", "code,template", "the mutants of what")
	flag.IntVar(&o.sample, "sample", 0, "how many mutants of each, chosen by the seed; 0 for all")
	flag.Uint64Var(&o.seed, "seed", 1, "which sample")
	flag.DurationVar(&o.limit, "limit", 40*time.Minute, "how long all may take")
	flag.StringVar(&o.only, "only", "", "the mutants whose key matches")
	flag.BoolVar(&o.list, "list", false, "list the mutants and end")
	flag.StringVar(&o.phases, "phases", "", "the phases of the tests whose name matches")
	flag.BoolVar(&o.listed, "listed", false, "try those too that are listed as making no difference")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	allowed, err := Allowed(allowedText)
	if err != nil {
		return err
	}
	if o.list {
		code, template, err := find(root, func() ([]Mutant, error) { return Find(root, nil) })
		for _, m := range slices.Concat(code, template) {
			fmt.Printf("%4d %s\n", m.N, m.Key())
		}
		return err
	}
	build := filepath.Join(root, "build", "mutants")
	tree, binary := filepath.Join(build, "tree"), filepath.Join(build, "fleet.test")
	code, template, err := find(root, func() ([]Mutant, error) { return Copy(root, tree) })
	if err != nil {
		return err
	}
	chosen, err := chosenOf(code, template, allowed, o)
	if err != nil {
		return err
	}
	if err := Build(filepath.Join(tree, tests), binary, "./fleet"); err != nil {
		return err
	}
	fmt.Printf("%d mutants of the code and %d of the template, of which %d are tried\n", len(code), len(template), len(chosen))
	all := slices.Concat(code, template)
	began := time.Now()
	bounded, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	var results []Result
	runner, err := newRunner(tree, binary, o.phases)
	if err != nil {
		return err
	}
	err = runner.all(bounded, chosen, o.workers, func(r Result) {
		results = append(results, r)
		tell(r, len(results), len(chosen))
	})
	bad := report(results, all, allowed)
	fmt.Printf("it took %s, and %s of the processors' time\n", time.Since(began).Round(time.Second), time.Duration(runner.cpu.Load()).Round(time.Second))
	switch {
	case err != nil:
		return fmt.Errorf("%d of %d mutants were tried: %w", len(results), len(chosen), err)
	case bad > 0:
		return fmt.Errorf("%d mutants are wrong", bad)
	}
	return nil
}

// find gives the mutants of the code, as ofCode finds them, and those of the
// template, numbered on from them.
func find(root string, ofCode func() ([]Mutant, error)) (code, template []Mutant, err error) {
	if code, err = ofCode(); err != nil {
		return nil, nil, err
	}
	template, err = Permissions(root, "template.yaml")
	for i := range template {
		template[i].N = len(code) + i + 1
	}
	return code, template, err
}

// chosenOf chooses of what is wanted, of each for itself.
func chosenOf(code, template []Mutant, allowed map[string]string, o options) ([]Mutant, error) {
	var chosen []Mutant
	for what := range strings.SplitSeq(o.what, ",") {
		of, known := map[string][]Mutant{"code": code, "template": template}[what]
		if !known {
			return nil, fmt.Errorf("there are mutants of code and of template, not of %q", what)
		}
		some, err := choose(of, allowed, o)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, some...)
	}
	return chosen, nil
}

// choose takes the sample, or what matches. A mutant that is listed as making no
// difference would meet every test there is.
func choose(all []Mutant, allowed map[string]string, o options) ([]Mutant, error) {
	chosen := slices.DeleteFunc(slices.Clone(all), func(m Mutant) bool { return allowed[m.Key()] != "" && !o.listed })
	if o.only != "" {
		pattern, err := regexp.Compile(o.only)
		if err != nil {
			return nil, err
		}
		chosen = slices.DeleteFunc(chosen, func(m Mutant) bool { return !pattern.MatchString(m.Key()) })
	}
	if o.sample > 0 && o.sample < len(chosen) {
		slices.SortFunc(chosen, func(a, b Mutant) int { return strings.Compare(rank(a, o.seed), rank(b, o.seed)) })
		chosen = chosen[:o.sample]
	}
	return chosen, nil
}

// rank orders the mutants by the seed and their keys, so that a sample stays the
// same while others come and go.
func rank(m Mutant, seed uint64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, m.Key()))
	return string(sum[:])
}

func tell(r Result, n, of int) {
	word := "SURVIVED"
	switch {
	case r.Killed:
		word = "killed by " + r.By
	case !r.Reached && r.Kind == Permission:
		word = "SURVIVED (unused: no test needs it)"
	case !r.Reached:
		word = "SURVIVED (no test reaches it)"
	}
	fmt.Printf("%3d/%d %5.1f s  %s  %s\n", n, of, r.Took.Seconds(), r.Key(), word)
}

// report prints the survivors and what each step has, and counts what is wrong:
// survivors without a reason, and reasons for what is killed or gone.
func report(results []Result, all []Mutant, allowed map[string]string) (wrong int) {
	killed, tried := map[string]int{}, map[string]int{}
	fmt.Println("\nsurvivors:")
	for _, r := range results {
		tried[r.Step()]++
		reason, listed := allowed[r.Key()]
		switch {
		case r.Killed && listed:
			wrong++
			fmt.Printf("  KILLED, and listed as making no difference: %s\n", r.Key())
		case r.Killed:
			killed[r.Step()]++
		case listed:
			fmt.Printf("  %s\n      makes no difference: %s\n", r.Key(), reason)
		default:
			wrong++
			fmt.Printf("  WITHOUT A REASON: %s (line %d%s)\n", r.Key(), r.Line, unreached(r))
		}
	}
	for key := range allowed {
		if !slices.ContainsFunc(all, func(m Mutant) bool { return m.Key() == key }) {
			wrong++
			fmt.Printf("  GONE, and still listed: %s\n", key)
		}
	}
	fmt.Println("\nkilled of tried, by step:")
	steps := make([]string, 0, len(tried))
	for step := range tried {
		steps = append(steps, step)
	}
	slices.Sort(steps)
	for _, step := range steps {
		fmt.Printf("  %-28s %3d of %d\n", strings.TrimPrefix(step, "functions/"), killed[step], tried[step])
	}
	return wrong
}

func unreached(r Result) string {
	switch {
	case r.Reached:
		return ""
	case r.Kind == Permission:
		return ", UNUSED"
	}
	return ", no test reaches it"
}
