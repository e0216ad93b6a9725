package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/story"
	"paht/infra/local/system"
)

// exchange is one request of the demo and the answer that it was given.
type exchange struct {
	request string
	status  int
	header  http.Header
	body    []byte
}

// recorder keeps every answer of a run in its order.
type recorder struct{ exchanges []exchange }

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	r.exchanges = append(r.exchanges, exchange{q.Method + " " + q.URL.Path, answer.StatusCode, answer.Header, body})
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// player gives the recorded answers back in their order, one of them altered.
type player struct {
	exchanges []exchange
	altered   int
	alter     func(*exchange)
	next      int
}

func (p *player) RoundTrip(q *http.Request) (*http.Response, error) {
	if p.next >= len(p.exchanges) {
		return nil, fmt.Errorf("the recording has no answer number %d", p.next)
	}
	e := p.exchanges[p.next]
	if p.next == p.altered {
		e.header = e.header.Clone()
		p.alter(&e)
	}
	p.next++
	return &http.Response{StatusCode: e.status, Header: e.header, Body: io.NopCloser(bytes.NewReader(e.body)), Request: q}, nil
}

// skipping is a clock that waits for nothing: the answers are there already.
type skipping struct{ now time.Time }

func (s *skipping) Now() time.Time { return s.now }

func (s *skipping) Sleep(_ context.Context, d time.Duration) error {
	s.now = s.now.Add(d)
	return nil
}

// play runs the story on a transport.
func play(ctx context.Context, address string, transport http.RoundTripper, photos []story.Photo, s *story.Recording) error {
	client := api.New(address)
	client.HTTP.Transport = transport
	if _, replayed := transport.(*player); replayed {
		client.Clock = &skipping{now: time.Now()}
	}
	return story.Play(ctx, story.Options{Client: client, Photos: photos, Out: io.Discard, Recording: s})
}

// alterations are the ways in which an answer can be wrong.
var alterations = map[string]func(*exchange){
	"another status":  func(e *exchange) { e.status = map[bool]int{true: 500, false: 200}[e.status < 400] },
	"an empty answer": func(e *exchange) { e.body, e.header = []byte("{}"), http.Header{} },
}

func TestAnAlteredAnswerFailsTheDemo(t *testing.T) {
	ctx := t.Context()
	t.Chdir("../../../..")
	photos, err := cameraPhotos(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t)
	r, kept := &recorder{}, &story.Recording{}
	if err := play(ctx, s.Address(), r, photos, kept); err != nil {
		t.Fatalf("the story itself: %v", err)
	}
	if err := play(ctx, s.Address(), &player{exchanges: r.exchanges, altered: -1}, photos, kept.Again()); err != nil {
		t.Fatalf("the recording as it is: %v", err)
	}
	failed := 0
	for i, e := range r.exchanges {
		for name, alter := range alterations {
			if name == "an empty answer" && len(e.body) == 0 {
				continue // it is empty as it is
			}
			if err := play(ctx, s.Address(), &player{exchanges: r.exchanges, altered: i, alter: alter}, photos, kept.Again()); err == nil {
				t.Errorf("answer %d (%s) with %s goes unnoticed", i, e.request, name)
			}
			failed++
		}
	}
	t.Logf("%d answers, %d altered runs", len(r.exchanges), failed)
}

// start builds the functions and starts the system as make run does.
func start(t *testing.T) *system.System {
	t.Helper()
	return startOn(t, t.TempDir())
}

// startOn is start on a data folder.
func startOn(t *testing.T, data string) *system.System {
	t.Helper()
	if out, err := exec.Command("make", "build-local").CombinedOutput(); err != nil {
		t.Fatalf("building: %v: %s", err, out)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s, err := system.Start(t.Context(), system.Options{Template: filepath.Join(root, "template.yaml"), Build: filepath.Join(root, "build/local"),
		Data: data, Stdout: io.Discard, Announce: settle(t.Context()), Fill: filling()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if !strings.HasPrefix(s.Address(), "http://localhost:") {
		t.Fatalf("the address is %s", s.Address())
	}
	return s
}
