package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tests stands for the copy's test binary: it passes without a mutant and with
// those that it does not notice.
const fakeTests = `#!/bin/bash
[ -n "$MUTANT_REACHED" ] && printf '1\n2\n3\n5\n' > "$MUTANT_REACHED"
[ -n "$PERMISSIONS_USED" ] && printf 'F/0/0/0\nF/0/1/0\n' > "$PERMISSIONS_USED"
grep -q PutItem ../../../template.yaml || { echo '--- FAIL: TestThatPuts (0.0s)'; exit 1; }
case "$MUTANT" in
1) echo '--- FAIL: TestA (0.0s)'; echo '    --- FAIL: TestA/b (0.0s)'; exit 1;;
3) while :; do sleep 0.01; done;;
5) kill -TERM $$;;
esac
exit 0
`

// fakeRunner has a project whose function may get and put, and look, which no test
// notices.
func fakeRunner(t *testing.T, script string, phases ...*phase) *runner {
	t.Helper()
	binary, tree := filepath.Join(t.TempDir(), "tests"), filepath.Join(t.TempDir(), "tree")
	r := &runner{tree: tree, binary: binary, memory: 8 << 20, phases: phases}
	for name, text := range map[string]string{
		"template.yaml": "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{Statement: [" +
			"{Effect: Allow, Action: [d:GetItem, d:PutItem, d:Look], Resource: [x]}]}]}}}\n",
		filepath.Join(fleetTests, "x_test.go"): "package x\n",
	} {
		path := filepath.Join(tree, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(binary, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAMutantIsKilledByAFailureOrByHavingNoEnd(t *testing.T) {
	p := &phase{name: "some"}
	r := fakeRunner(t, fakeTests, p)
	if err := r.base(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	p.took = -5800 * time.Millisecond // so that what has no end is stopped after a second
	permission := func(n int, mark string) Mutant {
		return Mutant{N: n, Kind: Permission, File: "template.yaml", Func: "F", Mark: mark}
	}
	for _, row := range []struct {
		name    string
		mutant  Mutant
		want    string
		reached bool
	}{
		{"a test fails", Mutant{N: 1, Mark: "1"}, "some: TestA/b", true},
		{"none notices", Mutant{N: 2, Mark: "2"}, "", true},
		{"it has no end", Mutant{N: 3, Mark: "3"}, "some: it did not end", true},
		{"none reaches it", Mutant{N: 4, Mark: "4"}, "", false},
		{"a permission without which a test fails", permission(6, "F/0/1/0"), "some: TestThatPuts", true},
		{"a permission that is used, and whose loss none notices", permission(7, "F/0/0/0"), "", true},
		{"a permission that none uses", permission(8, "F/0/2/0"), "", false},
	} {
		got, err := r.try(t.Context(), row.mutant)
		if err != nil {
			t.Fatal(err)
		}
		if got.Killed != (row.want != "") || !strings.HasPrefix(got.By, row.want) || got.Reached != row.reached {
			t.Errorf("%s: the mutant became %+v", row.name, got)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(r.tree), "without", "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind are %v, %v", left, err)
	}
}

func TestATestProcessThatSomebodyEndedKillsNoMutant(t *testing.T) {
	r := fakeRunner(t, fakeTests, &phase{name: "some"})
	got, err := r.try(t.Context(), Mutant{N: 5, Mark: "5"})
	if err == nil || got.Killed || !strings.Contains(err.Error(), "from outside") {
		t.Errorf("it became %+v, %v", got, err)
	}
}

func TestTestsThatFailWithoutAMutantProveNothing(t *testing.T) {
	r := fakeRunner(t, "#!/bin/bash\nexit 1\n", &phase{name: "some"})
	err := r.all(t.Context(), []Mutant{{N: 1}, {N: 2}}, 2, func(x Result) { t.Errorf("mutant %d became %+v", x.N, x) })
	if err == nil || !strings.Contains(err.Error(), "with no mutant alive") {
		t.Errorf("it ended with %v", err)
	}
}

func TestSurvivorsWithoutAReasonAreWrong(t *testing.T) {
	of := func(n int) Mutant {
		return Mutant{N: n, File: "a/a.go", Func: "F", Kind: Dedupe, What: strings.Repeat("x", n)}
	}
	all := []Mutant{of(1), of(2), of(3)}
	for name, row := range map[string]struct {
		results []Result
		listed  []string
		want    int
	}{
		"all killed":                         {[]Result{{Mutant: of(1), Killed: true}, {Mutant: of(2), Killed: true}}, nil, 0},
		"one survived":                       {[]Result{{Mutant: of(1), Killed: true}, {Mutant: of(2), Reached: true}}, nil, 1},
		"one survived, with a reason":        {[]Result{{Mutant: of(1), Killed: true}, {Mutant: of(2)}}, []string{of(2).Key()}, 0},
		"one is killed in spite of it":       {[]Result{{Mutant: of(1), Killed: true}}, []string{of(1).Key()}, 1},
		"a reason for what is there no more": {nil, []string{"b.go G dedupe: y"}, 1},
	} {
		allowed := map[string]string{}
		for _, key := range row.listed {
			allowed[key] = "it is"
		}
		if got := report(row.results, all, allowed); got != row.want {
			t.Errorf("%s: %d are wrong, not %d", name, got, row.want)
		}
	}
}

func TestASampleIsTheSameForTheSameSeed(t *testing.T) {
	all := make([]Mutant, 50)
	for i := range all {
		all[i] = Mutant{N: i + 1, File: "a/a.go", What: strings.Repeat("x", i)}
	}
	numbers := func(seed uint64) (out [5]int) {
		chosen, err := choose(all, nil, options{sample: 5, seed: seed})
		if err != nil || len(chosen) != 5 {
			t.Fatalf("chosen were %d, %v", len(chosen), err)
		}
		for i, m := range chosen {
			out[i] = m.N
		}
		return out
	}
	first, again := numbers(3), numbers(3)
	if first != again || first == numbers(4) {
		t.Error("the sample does not follow from the seed")
	}
	kept := all[:0:0]
	for _, m := range all {
		if slices.Contains(first[:], m.N) || m.N%2 == 0 {
			kept = append(kept, m)
		}
	}
	if all = kept; numbers(3) != first {
		t.Error("the sample changes with mutants that are not in it")
	}
}
