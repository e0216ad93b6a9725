package story

import (
	"context"
	"fmt"
	"maps"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
)

// Stage is the story standing between two of its steps, for whoever plays it from
// there many times: each time on a system that holds what the stage was left with.
type Stage struct {
	play play
	rest []step
}

// Begin gives the story at its first step. Only whoever prepared it has logged
// anybody in.
func Begin(o Options) (*Stage, error) {
	if len(o.Photos) != 3 {
		return nil, fmt.Errorf("the story needs three photos, not %d", len(o.Photos))
	}
	s := &Stage{play: play{Options: o, tokens: map[string]string{}}}
	s.play.person = s.play.newPerson("Trần Thị Bí Mật")
	for _, list := range [][]step{preparation, reporting, screening, routing, handling, publishing, reading, refusals} {
		s.rest = append(s.rest, list...)
	}
	return s, nil
}

// BeginSeveral gives the story of a report that several agencies have at its
// first step.
func BeginSeveral(o Options) *Stage {
	s := &Stage{play: play{Options: o, tokens: map[string]string{}}}
	s.play.person = s.play.newPerson("Trần Thị Bí Mật")
	for _, list := range [][]step{preparation, secondAgency, reporting[:reportingLogIn], several} {
		s.rest = append(s.rest, list...)
	}
	return s
}

// Pause is what is to pass before the next step.
func (s *Stage) Pause() time.Duration {
	if len(s.rest) == 0 {
		return 0
	}
	return s.rest[0].pause
}

// Next names the step that comes next; "" at the end.
func (s *Stage) Next() string {
	if len(s.rest) == 0 {
		return ""
	}
	return s.rest[0].what
}

// Step plays the next step.
func (s *Stage) Step(ctx context.Context) error {
	next := s.rest[0]
	if err := next.do(ctx, &s.play); err != nil {
		return fmt.Errorf("%s: %w", next.what, err)
	}
	s.rest = s.rest[1:]
	return nil
}

// LogIn logs every officer of the story in, so that no later step does.
func (s *Stage) LogIn(ctx context.Context) error {
	for _, name := range []string{province.Administrator.Name, screener, router, handler, secondHandler, editor} {
		if _, err := s.play.token(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Again is the same stage for another client.
func (s *Stage) Again(c *api.Client) *Stage {
	again := &Stage{play: s.play, rest: s.rest}
	again.play.Client, again.play.tokens = c, maps.Clone(s.play.tokens)
	return again
}

// Code is the tracking code of the story's report; "" before its submission.
func (s *Stage) Code() string { return s.play.code }
