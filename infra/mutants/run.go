package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// phase is a part of the tests. The quick ones come first: most mutants need no
// more.
type phase struct {
	name string
	run  string // which tests, for the test binary
	skip string // but these
	args []string
	pkg  string // whose tests these are; those of the fleet where it is empty

	once    sync.Once
	err     error
	took    time.Duration
	reached map[string]bool
}

// runner runs the copy's tests with one mutant alive.
type runner struct {
	tree   string // the copy
	binary string // the fleet's tests
	memory int    // KB of address space that a run may have: a mutant may never end
	phases []*phase
	cpu    atomic.Int64 // nanoseconds of all runs, as time.Duration
}

// Result is what became of a mutant.
type Result struct {
	Mutant
	Killed  bool
	By      string // the phase and the test that failed
	Reached bool   // by any phase
	Took    time.Duration
}

// limit is how long a phase may take with a mutant: one that has no end is found
// by it.
func (p *phase) limit() time.Duration { return 5*p.took + 30*time.Second }

// base runs a phase with no mutant alive: it must pass, and says which mutants it
// reaches.
func (r *runner) base(ctx context.Context, p *phase) error {
	p.once.Do(func() {
		code, template := r.binary+"."+p.file()+".reached", r.binary+"."+p.file()+".used"
		if p.err = errors.Join(os.RemoveAll(code), os.RemoveAll(template)); p.err != nil {
			return
		}
		if p.pkg != "" {
			if p.err = Build(r.tree, r.binaryOf(p), "./"+p.pkg); p.err != nil {
				return
			}
		}
		began := time.Now()
		out, err := r.tests(ctx, p, 30*time.Minute, r.tree, "MUTANT_REACHED="+code, "PERMISSIONS_USED="+template)
		p.took = time.Since(began)
		switch {
		case err != nil:
			p.err = fmt.Errorf("running %q with no mutant alive: %w\n%s", p.name, err, ends(out))
			return
		case bytes.Contains(out, []byte("no tests to run")):
			p.err = fmt.Errorf("running %q: no test is named so", p.name)
			return
		}
		p.reached, p.err = readMarks(code, template)
		fmt.Printf("%-10s passes without a mutant in %s and reaches %d\n", p.name, p.took.Round(time.Second), len(p.reached))
	})
	return p.err
}

// file is the phase's name in those of files.
func (p *phase) file() string { return strings.NewReplacer(" ", "-", "/", "-").Replace(p.name) }

// readMarks reads the files in which a run says what it reached; it writes none
// where it reaches nothing.
func readMarks(files ...string) (map[string]bool, error) {
	marks := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		for _, mark := range strings.Fields(string(data)) {
			marks[mark] = true
		}
	}
	return marks, nil
}

// tests runs one phase on a tree. Its output is short: the first failure ends it.
func (r *runner) tests(ctx context.Context, p *phase, limit time.Duration, tree string, env ...string) ([]byte, error) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := append([]string{"-test.failfast", "-test.run", p.run, "-test.timeout", (limit + time.Minute).String()}, p.args...)
	if p.skip != "" {
		args = append(args, "-test.skip", p.skip)
	}
	command := exec.CommandContext(bounded, "bash", append([]string{"-c", fmt.Sprintf(`ulimit -v %d; exec "$@"`, r.memory), "bash", r.binaryOf(p)}, args...)...)
	command.Dir, command.Env = filepath.Join(tree, p.folder()), append(os.Environ(), env...)
	command.WaitDelay = 10 * time.Second
	out, err := command.CombinedOutput()
	if ended := command.ProcessState; ended != nil {
		r.cpu.Add(int64(ended.UserTime() + ended.SystemTime()))
	}
	if bounded.Err() != nil && ctx.Err() == nil {
		return out, fmt.Errorf("it did not end in %s", limit.Round(time.Second))
	}
	return out, err
}

// binaryOf is the phase's test binary.
func (r *runner) binaryOf(p *phase) string {
	if p.pkg == "" {
		return r.binary
	}
	return filepath.Join(filepath.Dir(r.binary), strings.ReplaceAll(p.pkg, "/", "-")+".test")
}

// folder is where the phase's tests run.
func (p *phase) folder() string {
	if p.pkg == "" {
		return fleetTests
	}
	return p.pkg
}

// ends are the first and last lines of an output.
func ends(out []byte) string {
	const some = 40
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) > 2*some {
		lines = slices.Concat(lines[:some], []string{"…"}, lines[len(lines)-some:])
	}
	return strings.Join(lines, "\n")
}

// fromOutside tells whether a signal of somebody else ended the tests: that is no
// failure of theirs. Our own limit says so by itself.
func fromOutside(err error) bool {
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return false
	}
	status, ok := ended.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

var failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// bring brings a mutant to life: the tree and the variable that it lives by.
func (r *runner) bring(m Mutant) (tree, env string, err error) {
	if m.Kind != Permission {
		return r.tree, "MUTANT=" + strconv.Itoa(m.N), nil
	}
	text, err := os.ReadFile(filepath.Join(r.tree, m.File))
	if err == nil {
		text, err = Without(text, m.Mark)
	}
	tree = filepath.Join(filepath.Dir(r.tree), "without", strconv.Itoa(m.N))
	if err == nil {
		err = Shadow(r.tree, tree, fleetTests, map[string][]byte{m.File: text})
	}
	return tree, "MUTANT=", err
}

// try runs the phases that reach a mutant until one fails.
func (r *runner) try(ctx context.Context, m Mutant) (Result, error) {
	result := Result{Mutant: m}
	began := time.Now()
	tree, env, err := r.bring(m)
	if err != nil {
		return result, err
	}
	if tree != r.tree {
		defer os.RemoveAll(tree)
	}
	for _, p := range r.phases {
		if m.Kind == Permission && p.pkg != "" {
			continue // a step's own tests know no template
		}
		if err := r.base(ctx, p); err != nil {
			return result, err
		}
		if !p.reached[m.Mark] {
			continue
		}
		result.Reached = true
		out, err := r.tests(ctx, p, p.limit(), tree, env)
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		if err == nil {
			continue
		}
		if fromOutside(err) {
			return result, fmt.Errorf("running %q with mutant %d alive: the tests were ended from outside, which says nothing of the mutant: %w", p.name, m.N, err)
		}
		result.Killed, result.By = true, p.name+": "+reason(out, err)
		break
	}
	result.Took = time.Since(began)
	return result, nil
}

// reason is the deepest test that failed, or how the process ended.
func reason(out []byte, err error) string {
	found := failure.FindAllSubmatch(out, -1)
	switch {
	case len(found) > 0:
		return string(found[len(found)-1][1])
	case bytes.Contains(out, []byte("panic: ")):
		_, after, _ := bytes.Cut(out, []byte("panic: "))
		line, _, _ := bytes.Cut(after, []byte("\n"))
		return "panic: " + string(line)
	case bytes.Contains(out, []byte("out of memory")):
		return "it did not end"
	}
	return err.Error()
}

// all tries mutants, some at once, and tells of each as it ends.
func (r *runner) all(ctx context.Context, mutants []Mutant, workers int, tell func(Result)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next, done := make(chan Mutant), sync.WaitGroup{}
	var mu sync.Mutex
	for range workers {
		done.Go(func() {
			for m := range next {
				result, err := r.try(ctx, m)
				if err != nil {
					cancel(err)
					continue
				}
				mu.Lock()
				tell(result)
				mu.Unlock()
			}
		})
	}
feed:
	for _, m := range mutants {
		select {
		case next <- m:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	done.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return nil
}

func newRunner(tree, binary, only string) (*runner, error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	own, err := ownTests(tree)
	if err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(phases(own), func(p *phase) bool { return !pattern.MatchString(p.name) })
	return &runner{tree: tree, binary: binary, memory: 8 << 20, phases: chosen}, nil
}
