package fleet_test

import (
	"context"
	"io"
	"sync"
	"testing"

	"paht/infra/demo/story"
	"paht/infra/local/fleet"
)

// severalBegins numbers the first step of the story of several agencies, beyond
// those of the story itself.
const severalBegins = 100

// severalSteps are its steps before the report: the department's preparation, the
// second agency's, the registration and the log-in.
const severalSteps = 7

// several is a province that stands before the report of several agencies.
var several struct {
	once  sync.Once
	ready *fleet.Checkpoint
	stage *story.Stage
}

func prepareSeveral(t *testing.T) {
	t.Helper()
	several.once.Do(func() {
		ctx := context.Background()
		f := fleet.New(t, fleet.Options{})
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		check(f.SetUp(ctx))
		stage := story.BeginSeveral(story.Options{Client: f.Client(), Out: io.Discard})
		check(stage.LogIn(ctx))
		p := fleet.NewPilot(f, stage, severalBegins)
		for range severalSteps {
			check(p.Step(ctx))
		}
		ready, err := f.Checkpoint(ctx)
		check(err)
		several.stage, several.ready = p.Stage, ready
	})
	if several.ready == nil {
		t.Fatal("the story of several agencies could not be prepared")
	}
}

func TestSeveralAgenciesWithoutAFault(t *testing.T) {
	prepareSeveral(t)
	segments, _ := faultFree(t, several.ready, several.stage, severalBegins+severalSteps, 0)
	countCalls(t, segments, "dynamodb", "sqs", "s3", "ses")
}

func TestOneFaultAtEachCallOfSeveralAgencies(t *testing.T) {
	prepareSeveral(t)
	segments, _ := faultFree(t, several.ready, several.stage, severalBegins+severalSteps, 0)
	strikeEach(t, segments)
}
