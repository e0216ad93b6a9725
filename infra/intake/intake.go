// Package intake brings a department's files into the settings of a system:
// directory, categories, calendar, boundary, trusted authorities and texts, out of
// one folder, through the HTTP API, as the administrator whose session it is
// given.
//
// Read takes a folder apart and names everything that is wrong in it, by file, line
// and column. Plan holds it against what stands, and says what would change; it
// gives no plan when anything is wrong. Carry stores a plan, one kind after the
// other in an order in which each fits what stands before it. What stands already
// is left alone, so that an import that was cut is completed by running it again.
//
// It imports the settings and the client of the API, and no function.
package intake

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"paht/shared/settings"
)

// Problem is one thing that is wrong with a file, and where.
type Problem struct {
	File    string
	Line    int    // from 1; 0: the file as a whole
	Column  int    // in characters, from 1
	Field   string // the column's name, or the path in the document
	Value   string // what stands there, if it is short
	Message string
}

// String is the line that is printed.
func (p Problem) String() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	what := p.Field
	if p.Value != "" {
		what = strings.TrimSpace(fmt.Sprintf("%s %q", what, p.Value))
	}
	if what != "" {
		what += ": "
	}
	return at + ": " + what + p.Message
}

// Sorted puts problems in the order of files and lines; what was found twice
// stands once.
func Sorted(list []Problem) []Problem {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(sorted)
}

// place is where a value of a document stands in a file.
type place struct {
	file         string
	line, column int
	field, value string
	allowed      []string // the words that the field takes
}

// Source is the document of one kind with the files that it was made of.
type Source struct {
	Kind     settings.Kind
	Files    []string
	Document []byte
	find     func(path string) (place, bool)
	broken   bool // its files cannot be read as a whole, or are wrong in themselves
}

// problem is what was found at a path of the document, at its place in the file.
func (s *Source) problem(found settings.Problem) Problem {
	p := Problem{File: s.Files[0], Field: found.Path, Message: message(s.Kind, found)}
	at, ok := locate(s.find, found.Path)
	if !ok {
		return p
	}
	p.File, p.Line, p.Column, p.Value = at.file, at.line, at.column, at.value
	if s.Kind == settings.Calendar {
		p.Message = inside.ReplaceAllStringFunc(p.Message, s.line)
	}
	if at.field != "" {
		p.Field = at.field
	}
	if found.Rule == settings.RuleBadValue && len(at.allowed) > 0 {
		p.Message += ": " + strings.Join(at.allowed, ", ")
	}
	return p
}

// inside are the paths that a calendar's sentences name.
var inside = regexp.MustCompile(`\b(days|hours)\[\d+\][\w.\[\]]*`)

// line names the line of a path.
func (s *Source) line(path string) string {
	if at, ok := locate(s.find, path); ok {
		return fmt.Sprintf("line %d", at.line)
	}
	return path
}

// locate finds the place of a path, or of the nearest thing around it.
func locate(find func(string) (place, bool), path string) (place, bool) {
	for {
		if at, ok := find(path); ok {
			return at, true
		}
		if path == "" {
			return place{}, false
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// message words a rule; a calendar's problems bring their sentence along.
func message(kind settings.Kind, p settings.Problem) string {
	_, text := settings.RuleText(p.Rule)
	switch {
	case kind == settings.Calendar && len(p.Args) > 0:
		return p.Args[0]
	case strings.Contains(text, "%s"):
		return fmt.Sprintf(text, strings.Join(p.Args, ", "))
	case len(p.Args) > 0:
		return fmt.Sprintf("%s (%s)", text, strings.Join(p.Args, ", "))
	}
	return text
}

// Door is the system's settings as an administrator has them.
type Door interface {
	// Read gives the document of a kind that stands; false when there is none. The
	// product's own has version 0.
	Read(ctx context.Context, kind settings.Kind) (settings.Document, bool, error)
	// Store stores a document over the version that was read, and gives its version.
	Store(ctx context.Context, kind settings.Kind, over int, document []byte) (int, error)
}
