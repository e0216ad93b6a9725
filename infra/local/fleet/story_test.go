package fleet_test

import (
	"context"
	"flag"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"paht/infra/demo/story"
	"paht/infra/local/fleet"
)

// logInSteps are the steps of the story before the reporter's uploads: the
// department's preparation, the registration, the log-in.
const logInSteps = 6

// prelude is a province with the story at its first step and before its uploads.
var prelude struct {
	once          sync.Once
	first, ready  *fleet.Checkpoint
	begin, logged *story.Stage
}

func prepareStory(t *testing.T) {
	t.Helper()
	prelude.once.Do(func() {
		ctx := context.Background()
		f := fleet.New(t, fleet.Options{})
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		check(f.SetUp(ctx))
		stage, err := story.Begin(story.Options{Client: f.Client(), Photos: fleet.Photos(), Out: io.Discard})
		check(err)
		check(stage.LogIn(ctx))
		prelude.begin = stage
		prelude.first, err = f.Checkpoint(ctx)
		check(err)
		p := fleet.NewPilot(f, stage, 0)
		for range logInSteps {
			check(p.Step(ctx))
		}
		prelude.logged = p.Stage
		prelude.ready, err = f.Checkpoint(ctx)
		check(err)
	})
	if prelude.ready == nil {
		t.Fatal("the story could not be prepared")
	}
}

// failed tells that one of many runs at once has failed.
var failed atomic.Bool

// oneOfMany makes a test one of many that run at once. With -failfast, which by
// itself holds back only tests that were not begun, none of them goes on after
// the first that failed.
func oneOfMany(t *testing.T) {
	t.Helper()
	t.Parallel()
	if fast, ok := flag.Lookup("test.failfast").Value.(flag.Getter).Get().(bool); ok && fast && failed.Load() {
		t.SkipNow()
	}
	t.Cleanup(func() {
		if t.Failed() {
			failed.Store(true)
		}
	})
}
