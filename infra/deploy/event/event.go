// Package event reads the events that stand under events/: what each function is
// sent, shaped as `sam local generate-event` shapes it, with places such as
// {{token}} for what a system makes up while it runs. It must never import the
// project's functions.
package event

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// An Event is one file: events/<function>/<source>-<case>.json.
type Event struct {
	Function string
	Source   string // http, sqs or operation
	Case     string
	Path     string
}

// All lists the events under a folder.
func All(folder string) ([]Event, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*", "*.json"))
	if err != nil {
		return nil, fmt.Errorf("listing the events of %s: %w", folder, err)
	}
	var all []Event
	for _, f := range files {
		e, err := Named(f)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("listing the events of %s: there is none", folder)
	}
	return all, nil
}

// Named reads what an event's path says.
func Named(path string) (Event, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".json")
	source, what, ok := strings.Cut(name, "-")
	if !ok || !slices.Contains([]string{"http", "sqs", "operation"}, source) {
		return Event{}, fmt.Errorf("reading the name of %s: it must be http-, sqs- or operation- and a case", path)
	}
	return Event{Function: filepath.Base(filepath.Dir(path)), Source: source, Case: what, Path: path}, nil
}

var place = regexp.MustCompile(`\{\{(\w+)\}\}`)

// Fill reads the event with its places filled; a place without a value is an error.
func (e Event) Fill(values map[string]string) ([]byte, error) {
	content, err := os.ReadFile(e.Path)
	if err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	var missing []string
	filled := place.ReplaceAllStringFunc(string(content), func(match string) string {
		name := strings.Trim(match, "{}")
		value, known := values[name]
		if !known {
			missing = append(missing, name)
		}
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	})
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, fmt.Errorf("filling the event %s: there is no value for %s", e.Path, strings.Join(slices.Compact(missing), ", "))
	}
	return []byte(filled), nil
}
