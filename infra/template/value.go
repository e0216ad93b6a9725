package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

type kind int

const (
	nothing kind = iota // absent, null or AWS::NoValue
	scalar
	list
	object
)

// value is an evaluated node: no intrinsic is left in it. It remembers its
// line.
type value struct {
	kind   kind
	line   int
	text   string // of a scalar
	typed  any    // of a scalar: string, int, float64 or bool
	items  []value
	keys   []string // of an object, in the order of the file
	fields map[string]value
}

func text(s string, line int) value { return value{kind: scalar, line: line, text: s, typed: s} }

func (v value) get(key string) value {
	if found, ok := v.fields[key]; ok {
		return found
	}
	return value{line: v.line}
}

func (v value) path(keys ...string) value {
	for _, k := range keys {
		v = v.get(k)
	}
	return v
}

// plain gives the value as encoding/json would decode it.
func (v value) plain() any {
	switch v.kind {
	case scalar:
		return v.typed
	case list:
		out := make([]any, len(v.items))
		for i, item := range v.items {
			out[i] = item.plain()
		}
		return out
	case object:
		out := make(map[string]any, len(v.fields))
		for k, f := range v.fields {
			out[k] = f.plain()
		}
		return out
	}
	return nil
}

// merge lays over on top of base by the rules of SAM's Globals section:
// scalars are replaced, lists are added, objects are merged.
func merge(base, over value) value {
	switch {
	case over.kind == nothing:
		return base
	case base.kind == list && over.kind == list:
		over.items = slices.Concat(base.items, over.items)
	case base.kind == object && over.kind == object:
		merged := value{kind: object, line: over.line, keys: slices.Clone(base.keys), fields: maps.Clone(base.fields)}
		for _, k := range over.keys {
			if _, ok := merged.fields[k]; !ok {
				merged.keys = append(merged.keys, k)
			}
			merged.fields[k] = merge(base.get(k), over.fields[k])
		}
		return merged
	}
	return over
}

// reader takes typed values out of a resource and collects what is wrong with
// them.
type reader struct {
	t    *Template
	id   string
	errs []error
}

func (r *reader) failf(v value, format string, args ...any) {
	r.errs = append(r.errs, r.t.errorf(v.line, r.id, format, args...))
}

func (r *reader) err() error { return errors.Join(r.errs...) }

func (r *reader) text(v value, name string) string {
	f := v.get(name)
	if f.kind == nothing {
		return ""
	}
	if f.kind != scalar {
		r.failf(f, "%s must be a text", name)
	}
	return f.text
}

func (r *reader) need(v value, name string) string {
	s := r.text(v, name)
	if s == "" {
		r.failf(v, "%s is missing", name)
	}
	return s
}

func (r *reader) number(v value, name string, standard int) int {
	if n := r.optional(v, name); n != nil {
		return *n
	}
	return standard
}

func (r *reader) optional(v value, name string) *int {
	f := v.get(name)
	if f.kind == nothing {
		return nil
	}
	n, err := strconv.Atoi(f.text)
	if f.kind != scalar || err != nil {
		r.failf(f, "%s must be a whole number", name)
		return nil
	}
	return &n
}

func (r *reader) flag(v value, name string, standard bool) bool {
	f := v.get(name)
	if f.kind == nothing {
		return standard
	}
	b, err := strconv.ParseBool(f.text)
	if f.kind != scalar || err != nil {
		r.failf(f, "%s must be true or false", name)
	}
	return b
}

// texts takes a text or a list of texts.
func (r *reader) texts(v value, name string) []string {
	f := v.get(name)
	switch f.kind {
	case nothing:
		return nil
	case scalar:
		return []string{f.text}
	}
	return r.strings(f, name)
}

func (r *reader) strings(f value, name string) []string {
	var out []string
	for _, item := range r.items(f, name) {
		if item.kind != scalar {
			r.failf(item, "%s must hold texts", name)
			continue
		}
		out = append(out, item.text)
	}
	return out
}

func (r *reader) items(f value, name string) []value {
	if f.kind != list && f.kind != nothing {
		r.failf(f, "%s must be a list", name)
	}
	return f.items
}

func (r *reader) list(v value, name string) []value { return r.items(v.get(name), name) }

func (r *reader) texted(v value, name string) map[string]string {
	f := v.get(name)
	if f.kind != object && f.kind != nothing {
		r.failf(f, "%s must be an object", name)
	}
	out := map[string]string{}
	for _, k := range f.keys {
		if f.fields[k].kind != scalar {
			r.failf(f.fields[k], "%s.%s must be a text", name, k)
			continue
		}
		out[k] = f.fields[k].text
	}
	return out
}

// only refuses loudly what would otherwise be ignored here and obeyed on AWS.
func (r *reader) only(v value, what string, known ...string) {
	for _, k := range v.keys {
		if !slices.Contains(known, k) {
			r.failf(v.fields[k], "not supported here: %s of %s", k, what)
		}
	}
}

func (t *Template) errorf(line int, id, format string, args ...any) error {
	where := fmt.Sprintf("%s:%d", t.Path, line)
	if id != "" {
		where += ": " + id
	}
	return fmt.Errorf("%s: %w", where, fmt.Errorf(format, args...))
}
