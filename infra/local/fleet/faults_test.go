package fleet_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"paht/infra/demo/story"
	"paht/infra/local/fleet"
)

// announcing is the step whose forms do not wait: the next comes in its window.
const announcing = logInSteps

// sweepsAfter are steps after which the schedule ticks although nothing is due, so
// that the sweep's own calls are struck too.
var sweepsAfter = []int{announcing + 3, announcing + 6, announcing + 16}

func steer(p *fleet.Pilot) *fleet.Pilot {
	p.Together = func(step int) bool { return step == announcing }
	p.Sweeps = func(step int) bool { return slices.Contains(sweepsAfter, step) }
	return p
}

// segment is a part of the fault-free run, with what it began from.
type segment struct {
	from  *fleet.Checkpoint
	stage *story.Stage
	step  int
	what  string
	calls []fleet.Call
	after *fleet.Truth // what stood at its end
}

// faultFree plays the story from a stage without any fault, for so many steps or
// to the end. It gives the run in segments, and what it left behind.
func faultFree(t *testing.T, from *fleet.Checkpoint, stage *story.Stage, step, steps int) ([]*segment, *fleet.Truth) {
	t.Helper()
	f := fleet.From(t, from, fleet.Options{})
	p := steer(fleet.NewPilot(f, stage, step))
	var all []*segment
	for begun := step; p.Stage.Next() != "" && (steps == 0 || step < begun+steps); step++ {
		if step != announcing+1 {
			c, err := f.Checkpoint(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, &segment{from: c, stage: p.Stage.Again(nil), step: step, what: p.Stage.Next()})
		}
		f.ForgetCalls()
		if err := p.Step(t.Context()); err != nil {
			t.Fatalf("without a fault: %v", err)
		}
		last := all[len(all)-1]
		last.calls = append(last.calls, f.Calls()...)
		last.after = truthOf(t, f)
	}
	if p.Repeats != 0 || len(f.Notices()) != 0 {
		t.Errorf("without a fault %d requests were repeated, and these invocations failed: %v", p.Repeats, f.Notices())
	}
	return all, all[len(all)-1].after
}

// truthOf reads what is stored, and wants nothing of it to be wrong.
func truthOf(t *testing.T, f *fleet.Fleet) *fleet.Truth {
	t.Helper()
	truth, err := f.Truth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range truth.Wrong {
		t.Error(wrong)
	}
	return truth
}

// count prints the calls by service; each service must have some.
func countCalls(t *testing.T, segments []*segment, services ...string) int {
	t.Helper()
	counts, n := map[string]int{}, 0
	for _, s := range segments {
		for _, c := range s.calls {
			counts[c.Service]++
			n++
		}
	}
	t.Logf("%d external calls without a fault: %v", n, counts)
	for _, service := range services {
		if counts[service] == 0 {
			t.Errorf("there is no call on %s", service)
		}
	}
	return n
}

// whole plays every run to the end of the story. Otherwise that is what one run in
// sixteen does; the others end where all that is stored is again what the run
// without a fault stored at that step, from where they are the same run.
var whole = flag.Bool("faults.whole", false, "play every run with a fault to the end of the story")

// strikeEach plays the story once for each call and kind of fault, from the
// segment of the call.
func strikeEach(t *testing.T, segments []*segment) {
	var runs, ended atomic.Int64
	began := time.Now()
	t.Run("each call", func(t *testing.T) {
		number := 0
		for i, s := range segments {
			for n, call := range s.calls {
				for k, kind := range kindsOf(call) {
					name := fmt.Sprintf("%d, call %d, %s %s of %s, %s", s.step, n+1, call.Service, call.Operation, call.Function, kind)
					number++
					toTheEnd := *whole || (number+k)%16 == 0
					t.Run(name, func(t *testing.T) {
						oneOfMany(t)
						runs.Add(1)
						if strike(t, segments[i:], &fleet.Strike{N: n + 1, Kind: kind}, call, toTheEnd) {
							ended.Add(1)
						}
					})
				}
			}
		}
	})
	t.Logf("%d runs with one fault each, of which %d were played to the end of the story, took %s", runs.Load(), ended.Load(), time.Since(began).Round(time.Second))
}

// kindsOf are the kinds of faults that a call gets: the three, and where it
// changes something that the SDK asks again.
func kindsOf(c fleet.Call) []fleet.Kind {
	switch c.Operation {
	case "GetItem", "Query", "GetParameter", "GetObject", "HeadObject":
		return fleet.Kinds
	}
	return append(slices.Clone(fleet.Kinds), fleet.Lost)
}

// strike plays one run with one fault, which begins in the first of the segments;
// it tells whether the run came to the end of the story.
func strike(t *testing.T, segments []*segment, fault *fleet.Strike, call fleet.Call, toTheEnd bool) (ended bool) {
	first, last := segments[0], segments[len(segments)-1]
	f := fleet.From(t, first.from, fleet.Options{Faults: fault.Faults})
	p := steer(fleet.NewPilot(f, first.stage, first.step))
	for i, s := range segments {
		end := 1000
		if s != last {
			end = segments[i+1].step
		}
		for step := s.step; p.Stage.Next() != "" && step < end && (s != last || step == s.step); step++ {
			if err := p.Step(t.Context()); err != nil {
				t.Fatalf("after a fault in %q: %v", first.what, err)
			}
		}
		if s == first && fault.Hit() != call {
			t.Fatalf("struck was %v, and not %v", fault.Hit(), call)
		}
		if toTheEnd && s != last {
			continue
		}
		truth, err := f.Truth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		differs := slices.DeleteFunc(s.after.Differs(truth, true), func(line string) bool { return overtaken(line, p.Stage.Code()) })
		if len(differs)+len(truth.Wrong) == 0 {
			if s == last && p.Stage.Code() != "" { // the log-in's run has no report to check
				audit(t, f)
			}
			return s == last
		}
		if s == last && !givenUp(t, f, s.after, truth) {
			t.Errorf("against the run without a fault:\n%s%s", lines(differs), lines(truth.Wrong))
		}
	}
	return true
}

// overtaken tells of a step of the machine that is missing since people were
// faster, as they are with the reports that are only there to be refused: it
// found the report moved on, and did nothing.
func overtaken(line, code string) bool {
	return mayDiffer(line) && !strings.Contains(line, code) && !strings.Contains(line, "clock.breached") && !strings.Contains(line, "account.verify")
}

// givenUp tells whether all that is wrong is the notice of a code that was used
// before its letter was known to be sent: nobody can send it any more, so that
// the intent has its outcome once it is given up, after three days.
func givenUp(t *testing.T, f *fleet.Fleet, want, truth *fleet.Truth) bool {
	t.Helper()
	pending := func(line string) bool {
		return strings.Contains(line, "account.verify") && strings.Contains(line, "pending")
	}
	if slices.ContainsFunc(truth.Wrong, func(line string) bool { return !pending(line) }) {
		return false
	}
	if quiet, err := f.Rest(5*24*time.Hour, func() error { return f.Tick(t.Context()) }); err != nil || !quiet {
		t.Errorf("the system does not come to rest: %v", err)
	}
	late := truthOf(t, f)
	differs := slices.DeleteFunc(want.Differs(late, false), func(line string) bool {
		return mayDiffer(line)
	})
	if len(differs) > 0 {
		t.Errorf("against the run without a fault, days later:\n%s", lines(differs))
	}
	return true
}

func lines(all []string) string {
	out := ""
	for i, line := range all {
		if i == 20 {
			return out + fmt.Sprintf("… and %d more", len(all)-i)
		}
		out += line + "\n"
	}
	return out
}

func TestOneFaultAtEachCallOfTheStory(t *testing.T) {
	prepareStory(t)
	segments, _ := faultFree(t, prelude.ready, prelude.logged, logInSteps, 0)
	n := countCalls(t, segments, "dynamodb", "sqs", "s3", "ses", "ssm")
	if n <= 150 {
		t.Errorf("the story makes %d external calls, and more than 150 are wanted", n)
	}
	t.Logf("3N = %d runs, and one of a fourth kind for each call that changes something", 3*n)
	strikeEach(t, segments)
}

// The one run whose faulted part is the preparation, the registration and the
// log-in of the reporter; every call of it is struck too.
func TestOneFaultAtEachCallOfTheLogIn(t *testing.T) {
	prepareStory(t)
	segments, _ := faultFree(t, prelude.first, prelude.begin, 0, logInSteps)
	countCalls(t, segments, "dynamodb", "sqs", "ses", "ssm")
	strikeEach(t, segments)
}

// A run is the same run again: else a fault would not be where it was counted.
func TestTheRunWithoutAFaultIsTheSameEachTime(t *testing.T) {
	prepareStory(t)
	calls := func() ([]string, *fleet.Truth) {
		segments, truth := faultFree(t, prelude.ready, prelude.logged, logInSteps, 0)
		var all []string
		for _, s := range segments {
			for _, c := range s.calls {
				all = append(all, fmt.Sprint(s.step, c))
			}
		}
		return all, truth
	}
	first, one := calls()
	second, other := calls()
	if !slices.Equal(first, second) {
		t.Errorf("the calls were %d and %d", len(first), len(second))
	}
	if differs := one.Differs(other, true); len(differs) > 0 {
		t.Errorf("the same run left something else behind:\n%s", lines(differs))
	}
}
