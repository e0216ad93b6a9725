package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"paht/shared/settings"
)

// Ended is how a row changed that holds on no longer than to a day now.
const Ended = "ended"

// Change is one row that an import adds, changes, ends or removes.
type Change struct {
	How    string // settings.Added, settings.Changed, settings.Removed or Ended
	Row    string
	Fields []Field
}

// Field is what differs in a row.
type Field struct{ Name, Old, New string }

// ends are the fields with which a row ends.
var ends = map[string]bool{"valid_to": true, "until": true}

func changes(kind settings.Kind, old, now []byte) []Change {
	was, is := settings.Rows(kind, old), settings.Rows(kind, now)
	var list []Change
	for _, d := range settings.Diff(kind, old, now) {
		c := Change{How: d.Kind, Row: d.Key}
		for _, name := range d.Fields {
			f := Field{name, plain(was[d.Key][name]), plain(is[d.Key][name])}
			if ends[name] && f.Old == "" {
				c.How = Ended
			}
			c.Fields = append(c.Fields, f)
		}
		list = append(list, c)
	}
	return list
}

// plain is a value as a person reads it.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// longest is what a line shows of a value.
const longest = 70

// around shortens two values to where they begin to differ.
func around(old, now string) (string, string) {
	a, b := []rune(old), []rune(now)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	skip := 0
	if max(len(a), len(b)) > longest {
		skip = max(same-15, 0)
	}
	return cut(a, skip), cut(b, skip)
}

func cut(text []rune, skip int) string {
	before, after := "", ""
	if skip = min(skip, len(text)); skip > 0 {
		before = "…"
	}
	if text = text[skip:]; len(text) > longest {
		text, after = text[:longest], "…"
	}
	return before + string(text) + after
}

var signs = map[string]string{settings.Added: "+", settings.Changed: "~", settings.Removed: "-", Ended: "|"}

// Print says what a plan would change, kind by kind.
func (p *Plan) Print(w io.Writer) {
	for _, step := range p.Steps {
		count := map[string]int{}
		for _, c := range step.Changes {
			count[c.How]++
		}
		fmt.Fprintf(w, "%s (%s): ", step.Source.Kind, strings.Join(step.Source.Files, ", "))
		fmt.Fprintf(w, "%d added, %d changed, %d ended, %d removed, %d unchanged\n",
			count[settings.Added], count[settings.Changed], count[Ended], count[settings.Removed], step.Same)
		if step.Order {
			fmt.Fprintln(w, "  the rows stand in another order")
		}
		for _, c := range step.Changes {
			c.print(w, step.Source.Kind)
		}
	}
}

func (c Change) print(w io.Writer, kind settings.Kind) {
	fmt.Fprintf(w, "  %s %s %s\n", signs[c.How], c.How, strings.TrimPrefix(c.Row, string(kind)+"/"))
	for _, f := range c.Fields {
		old, now := around(f.Old, f.New)
		fmt.Fprintf(w, "      %s: %q → %q\n", f.Name, old, now)
	}
}

// Carry stores what changes, and says each kind that it stored. It stops at the
// first that is not stored; what was stored before stands.
func (p *Plan) Carry(ctx context.Context, door Door, out io.Writer) error {
	for _, step := range p.Changed() {
		version, err := door.Store(ctx, step.Source.Kind, step.Over, step.Source.Document)
		if err != nil {
			return fmt.Errorf("storing the %s: %w; what is named above was stored, and running the import again goes on from there", step.Source.Kind, err)
		}
		fmt.Fprintf(out, "stored the %s: version %d\n", step.Source.Kind, version)
	}
	return nil
}

// Import reads a folder and carries it into the settings; a dry run only says what
// would change. Every problem is printed, and with one nothing is stored.
func Import(ctx context.Context, door Door, dir string, dry bool, clock Clock, out io.Writer) error {
	folder, problems, err := Read(dir, clock())
	if err != nil {
		return err
	}
	plan, more, err := folder.Plan(ctx, door, clock())
	if problems = Sorted(append(problems, more...)); len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(out, p)
		}
		return fmt.Errorf("%d things are wrong in the files: nothing was stored", len(problems))
	}
	if err != nil {
		return err
	}
	plan.Print(out)
	switch changed := len(plan.Changed()); {
	case changed == 0:
		fmt.Fprintln(out, "everything stands as the files say: nothing to change")
		return nil
	case dry:
		fmt.Fprintf(out, "a dry run: %d kinds would be stored, nothing was\n", changed)
		return nil
	}
	return plan.Carry(ctx, door, out)
}
