package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"paht/shared/settings"
)

// Step is what an import makes of one kind.
type Step struct {
	Source  *Source
	Over    int // the version that stands; 0: none, or the product's own
	Changes []Change
	Same    int  // rows that stay as they are
	Order   bool // the rows stand in another order, and nothing else is different
}

// Changed tells whether there is anything to store.
func (s Step) Changed() bool { return len(s.Changes) > 0 || s.Order }

// Plan is what an import would do: every kind of the folder, those that change in
// the order in which they are stored.
type Plan struct{ Steps []Step }

// Changed are the steps that store something.
func (p *Plan) Changed() []Step {
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return !s.Changed() })
}

// needs are the kinds that a kind is checked beside.
var needs = map[settings.Kind][]settings.Kind{
	settings.Agencies:     {settings.Units, settings.Categories},
	settings.Units:        {settings.Agencies, settings.Categories},
	settings.Categories:   {settings.Units, settings.Agencies},
	settings.Boundary:     {settings.Units},
	settings.Certificates: {settings.Agencies},
}

// Plan holds the folder against what stands. Its problems are what the files say
// against each other and against the settings that stay; with one of them, or where
// Read found any, there is no plan to carry out.
func (f *Folder) Plan(ctx context.Context, door Door, at time.Time) (*Plan, []Problem, error) {
	stands, err := f.standing(ctx, door)
	if err != nil {
		return nil, nil, err
	}
	problems, err := f.together(ctx, stands, at)
	if err != nil || len(problems) > 0 {
		return nil, Sorted(problems), err
	}
	plan := &Plan{}
	var pending []Step
	for _, kind := range f.Kinds() {
		if f.Sources[kind].broken {
			return nil, nil, nil
		}
		step := f.Sources[kind].against(stands[kind])
		if step.Changed() {
			pending = append(pending, step)
		} else {
			plan.Steps = append(plan.Steps, step)
		}
	}
	ordered, problems, err := order(ctx, pending, stands, at)
	plan.Steps = append(plan.Steps, ordered...)
	return plan, Sorted(problems), err
}

// standing reads what the kinds of the folder are held against.
func (f *Folder) standing(ctx context.Context, door Door) (map[settings.Kind]settings.Document, error) {
	stands := map[settings.Kind]settings.Document{}
	for _, kind := range settings.Kinds {
		if f.Sources[kind] == nil && !f.needed(kind) {
			continue
		}
		d, there, err := door.Read(ctx, kind)
		if err != nil {
			return nil, fmt.Errorf("reading the %s that stand: %w", kind, err)
		}
		if there {
			stands[kind] = d
		}
	}
	return stands, nil
}

func (f *Folder) needed(kind settings.Kind) bool {
	return slices.ContainsFunc(f.Kinds(), func(k settings.Kind) bool { return slices.Contains(needs[k], kind) })
}

// together checks each kind that is right in itself beside the others as they will
// stand in the end. Where one of those is wrong in itself, nothing can be said yet.
func (f *Folder) together(ctx context.Context, stands map[settings.Kind]settings.Document, at time.Time) ([]Problem, error) {
	var problems []Problem
	for _, kind := range f.Kinds() {
		source, ready := f.Sources[kind], true
		others := map[settings.Kind]settings.Document{}
		for other, d := range stands {
			others[other] = d
		}
		for _, other := range needs[kind] {
			if candidate := f.Sources[other]; candidate != nil {
				ready = ready && !candidate.broken
				others[other] = candidate.over(stands[other].Version)
			}
		}
		if source.broken || !ready {
			continue
		}
		found, err := settings.Check(ctx, kind, source.Document, settings.New(others, nil), at)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			problems = append(problems, f.owner(kind, p.Path).problem(p))
		}
	}
	return problems, nil
}

// over is the document as it would stand.
func (s *Source) over(version int) settings.Document {
	return settings.Document{Kind: s.Kind, Version: version + 1, SHA256: settings.Sum(s.Document), Data: s.Document}
}

// owner is the source that a path is of: a change of one kind may break what another
// refers to, whose list begins the path.
func (f *Folder) owner(kind settings.Kind, path string) *Source {
	list, _, _ := strings.Cut(path, "[")
	of := settings.Kind(list)
	if of == kind || !slices.Contains(needs[kind], of) || kind == settings.Boundary {
		return f.Sources[kind]
	}
	if source := f.Sources[of]; source != nil {
		return source
	}
	return &Source{Kind: of, Files: []string{"the " + list + " that stand"}, find: nowhere}
}

// against compares a source with what stands.
func (s *Source) against(d settings.Document) Step {
	old := lean(d.Data)
	if d.Version == 0 && (s.Kind == settings.Texts || s.Kind == settings.Policies) {
		old = []byte("[]") // a row lies over the product's own, which stay
	}
	now := lean(s.Document)
	step := Step{Source: s, Over: d.Version, Changes: changes(s.Kind, old, now)}
	step.Same = len(settings.Rows(s.Kind, now))
	for _, c := range step.Changes {
		if c.How != settings.Removed {
			step.Same--
		}
	}
	step.Order = len(step.Changes) == 0 && !bytes.Equal(old, now)
	return step
}

// lean is a document without what says nothing: null, empty texts and lists.
func lean(data []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) != nil {
		return nil
	}
	encoded, err := json.Marshal(without(document))
	if err != nil {
		return nil
	}
	return encoded
}

func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			member = without(member)
			list, listed := member.([]any)
			if v[name] = member; member == nil || member == "" || listed && len(list) == 0 {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = without(v[i])
		}
	}
	return v
}

// order puts the steps so that each document fits what stands when it is stored: the
// system checks each beside the others.
func order(ctx context.Context, pending []Step, stands map[settings.Kind]settings.Document, at time.Time) ([]Step, []Problem, error) {
	var ordered []Step
	for len(pending) > 0 {
		var waiting []Problem
		next := -1
		for i, step := range pending {
			source := step.Source
			found, err := settings.Check(ctx, source.Kind, source.Document, settings.New(stands, nil), at)
			if err != nil {
				return nil, nil, err
			}
			if len(found) == 0 {
				next = i
				break
			}
			first := source.problem(found[0])
			first.Message = fmt.Sprintf("%s; %d such things keep it from being stored before the others, which cannot be stored before it: "+
				"import first files that hold what is given up as well as what comes", first.Message, len(found))
			waiting = append(waiting, first)
		}
		if next < 0 {
			return nil, waiting, nil
		}
		step := pending[next]
		stands[step.Source.Kind] = step.Source.over(step.Over)
		ordered, pending = append(ordered, step), slices.Delete(pending, next, next+1)
	}
	return ordered, nil, nil
}
