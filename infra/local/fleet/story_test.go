package fleet_test

import (
	"context"
	"io"
	"sync"
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
