package conformance_test

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/infra/emulator"
	"paht/infra/emulator/conformance"
)

// clock is moved by the rows alone.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// eachEmulator runs a suite on the emulator in memory and in a file, in
// process and over a socket.
func eachEmulator(t *testing.T, suite func(*testing.T, conformance.Target, func() time.Time)) {
	for name, place := range map[string]struct{ file, socket bool }{
		"in memory, in process":    {false, false},
		"in memory, over a socket": {false, true},
		"in a file, in process":    {true, false},
		"in a file, over a socket": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := ""
			if place.file {
				dir = t.TempDir()
			}
			c := &clock{now: time.Date(2026, 3, 31, 9, 59, 30, 0, time.UTC)}
			e, err := emulator.Open(emulator.Options{Dir: dir, Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
			config := e.Config("conformance")
			if place.socket {
				server := httptest.NewServer(e)
				t.Cleanup(server.Close)
				config.HTTPClient, config.BaseEndpoint = nil, aws.String(server.URL)
			}
			suite(t, conformance.Target{Name: "the emulator " + name, Config: func() aws.Config { return config },
				Advance: func(d time.Duration) {
					now := c.move(d)
					e.Wake()
					if _, err := e.Schedules().Due(now); err != nil {
						t.Error(err)
					}
				}}, c.Now)
		})
	}
}

func TestQueuesOfTheEmulator(t *testing.T) {
	eachEmulator(t, func(t *testing.T, target conformance.Target, _ func() time.Time) { conformance.SQS(t, target) })
}

func TestSchedulesOfTheEmulator(t *testing.T) { eachEmulator(t, conformance.Scheduler) }
