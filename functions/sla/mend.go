package sla

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"paht/shared/effect"
	"paht/shared/report"
	"paht/shared/upload"
)

// Mend is the stack operation that owes again what a verification named, after
// table and bucket were restored to two instants: projections, public copies, and
// the check of uploads. The sweep carries it out with the code of the normal path.
const Mend = "mend"

// deviation is one finding of the operation verify, as its answer names it.
type deviation struct {
	Report string `json:"report"`
	What   string `json:"what"`
	Where  string `json:"where"`
	Detail string `json:"detail"`
}

// Mending is what was owed again.
type Mending struct {
	Reports   int `json:"reports"`   // that owe projections or public copies
	Reopened  int `json:"reopened"`  // uploads that are looked at again
	Unchanged int `json:"unchanged"` // findings that were owed already
	// Left are the findings that the machine cannot mend: a broken chain, a signed
	// result that is gone and is to be asked of its agency.
	Left []deviation `json:"left"`
}

// Operate serves the operation {"operation":"mend","deviations":[…]}.
func (s *Step) Operate(ctx context.Context, name string, event json.RawMessage) (any, error) {
	if name != Mend {
		return nil, fmt.Errorf("there is no operation %q; this function knows %s", name, Mend)
	}
	var in struct {
		Operation  string      `json:"operation"`
		Deviations []deviation `json:"deviations"`
	}
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return nil, fmt.Errorf("reading the event of %s: %w", name, err)
	}
	answer := Mending{Left: []deviation{}}
	done := map[string]bool{}
	for _, d := range in.Deviations {
		what, id := remedy(d)
		if what == "" {
			answer.Left = append(answer.Left, d)
			continue
		}
		if done[what+id] {
			continue
		}
		done[what+id] = true
		changed, err := s.mend(ctx, what, id)
		switch {
		case err != nil:
			return nil, fmt.Errorf("mending %s: %w", d.Where, err)
		case !changed:
			answer.Unchanged++
		case what == reopen:
			answer.Reopened++
		default:
			answer.Reports++
		}
	}
	return answer, nil
}

// The remedies.
const (
	reopen  = "reopen"
	project = "project"
	release = "release"
)

// photo is the key of a photo's file, or the name of its slot's item.
var photo = regexp.MustCompile(`^(?:upload/photo/|clean/|small/|S#)([a-z2-7]{26})(?:\.jpg|/s)?$`)

// remedy tells what mends a finding, and of which upload or report.
func remedy(d deviation) (what, id string) {
	switch slot := photo.FindStringSubmatch(d.Where); {
	case d.What == "media" && slot != nil:
		return reopen, slot[1]
	case d.What == "media" && strings.HasPrefix(d.Where, "public/"), d.What == "projection" && (strings.HasPrefix(d.Where, "P#") || strings.HasPrefix(d.Where, "pub")):
		return release, d.Report
	case d.What == "projection", d.What == "day", d.What == "index":
		return project, d.Report
	}
	return "", ""
}

// attempts bounds how often a remedy is taken anew when others write.
const attempts = 8

func (s *Step) mend(ctx context.Context, what, id string) (changed bool, err error) {
	for range attempts {
		if what == reopen {
			changed, err = s.reopen(ctx, id)
		} else {
			changed, err = s.oweAgain(ctx, what, id)
		}
		if !errors.Is(err, effect.ErrVersion) {
			return changed, err
		}
	}
	return false, err
}

func (s *Step) reopen(ctx context.Context, id string) (bool, error) {
	slot, err := s.Slots.Load(ctx, id)
	if err != nil {
		return false, err
	}
	next, err := slot.Reopened(s.Now())
	if errors.Is(err, upload.ErrNothing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.Slots.Save(ctx, next)
}

// oweAgain owes a report's projections again, or the public copies of its parts.
func (s *Step) oweAgain(ctx context.Context, what, id string) (bool, error) {
	r, err := s.Reports.State(ctx, id)
	if err != nil {
		return false, err
	}
	names := []string{report.ProjectMine, report.ProjectDay}
	if r.Point != nil {
		names = append(names, report.ProjectNear)
	}
	for _, a := range r.Assignments {
		names = append(names, report.ProjectWork+a.ID)
		if what == release && a.Publication != nil && a.Publication.Revision > 0 {
			names = append(names, report.ProjectPublic+a.ID)
		}
	}
	slices.Sort(names)
	return s.Flow.Again(ctx, r, names...)
}
