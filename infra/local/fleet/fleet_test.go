package fleet_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"paht/infra/demo/story"
	"paht/infra/local/fleet"
)

func TestMain(m *testing.M) { os.Exit(fleet.Main(m)) }

func TestTheWholeStoryPlaysInProcess(t *testing.T) {
	f := fleet.New(t, fleet.Options{})
	begun := time.Now()
	if err := f.SetUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("the province stands after %s, %v", time.Since(begun), f.Counts())
	f.ForgetCalls()
	begun = time.Now()
	var out bytes.Buffer
	if err := story.Play(t.Context(), story.Options{Client: f.Client(), Photos: fleet.Photos(), Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Logf("the story took %s, %v", time.Since(begun), f.Counts())
	begun = time.Now()
	if err := f.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("settled in %s", time.Since(begun))
}
