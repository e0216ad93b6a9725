// Package conformance holds what this project relies on in AWS, as suites of small facts that run against any endpoint:
// the emulator always, other implementations and AWS itself when asked. A row rests on a page of the AWS documentation
// that it names; where a target is known to differ, the difference is listed beside it and must still be there.
//
// It speaks to a target through aws-sdk-go-v2 only: it must never import the emulator (its tests do).
package conformance

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A Target is an endpoint under test.
type Target struct {
	Name string
	// Config gives endpoint, region, credentials and, where the target is not behind a socket, the HTTP client.
	Config func() aws.Config
	// Advance moves the target's clock, and does what falls due by then. Nil where the clock cannot be moved: rows then
	// wait.
	Advance func(time.Duration)
	// Divergence says for each row, by its fact, how this target is known to differ. Such a row must fail.
	Divergence map[string]string
	// Ran is told the fact of each row that ran, so that a list can be held against the rows there are. May be nil.
	Ran func(fact string)
	// Together lets rows wait side by side.
	Together bool
}

// pass lets d go by.
func (target Target) pass(d time.Duration) {
	if target.Advance != nil {
		target.Advance(d)
		return
	}
	time.Sleep(d)
}

func (target Target) ran(fact string) {
	if target.Ran != nil {
		target.Ran(fact)
	}
}

// Row runs one fact as a subtest. The fact reads as a statement about AWS; page is the documentation that it rests on;
// check returns how the target differs.
func (target Target) Row(t *testing.T, fact, page string, check func() error) {
	t.Helper()
	target.ran(fact)
	t.Run(fact, func(t *testing.T) {
		if target.Together {
			t.Parallel()
		}
		err := check()
		if complaint := target.judge(fact, page, err); complaint != "" {
			t.Error(complaint)
		} else if err != nil {
			t.Logf("%s differs, as listed: %s (%v)", target.Name, target.Divergence[fact], err)
		}
	})
}

// judge returns what is wrong with a row's outcome, "" for nothing.
func (target Target) judge(fact, page string, err error) string {
	known, listed := target.Divergence[fact]
	switch {
	case listed && err == nil:
		return fmt.Sprintf("%s is listed as differing (%s), and does not any more", target.Name, known)
	case !listed && err != nil:
		return fmt.Sprintf("%s: %v\nsee %s", target.Name, err, page)
	}
	return ""
}

// UniqueName returns a name that no other run uses, so that suites can share a server.
func UniqueName(prefix string) string {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // documented never to fail
	return prefix + "-" + hex.EncodeToString(b)
}
