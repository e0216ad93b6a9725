package dynamodb

import (
	"strconv"
	"strings"
)

// A step is one part of a document path: a name, or a list index where name is empty.
type step struct {
	name  string
	index int
}

func (s step) isIndex() bool { return s.name == "" }

// A path leads from an item to an attribute, an element of a map or an element of a list.
type path []step

func (p path) String() string {
	var b strings.Builder
	for i, s := range p {
		if i > 0 {
			b.WriteString(", ")
		}
		if s.isIndex() {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		} else {
			b.WriteString(s.name)
		}
	}
	return "[" + b.String() + "]"
}

func (p path) lookup(it item) (value, bool) {
	v, ok := it.get(p[0].name)
	for _, s := range p[1:] {
		if !ok {
			break
		}
		v, ok = v.child(s)
	}
	return v, ok
}

func (v *value) child(s step) (value, bool) {
	switch {
	case s.isIndex() && v.kind == kindL && s.index < len(v.list):
		return v.list[s.index], true
	case !s.isIndex() && v.kind == kindM:
		return v.fields.get(s.name)
	}
	return value{}, false
}

// A selection is a set of paths as a tree: what a projection keeps, or what an update touches.
type selection struct {
	step     step
	children []*selection
	path     path // of a leaf
}

// add takes one more path, and refuses one that meets another.
func (s *selection) add(p path, expression string) *fault {
	at := s
	for i, st := range p {
		if at.path != nil {
			return overlap(expression, "overlap with each other", at.path, p)
		}
		var next *selection
		for _, c := range at.children {
			if c.step == st {
				next = c
				break
			}
			if at != s && c.step.isIndex() != st.isIndex() {
				return overlap(expression, "conflict with each other", c.anyPath(), p)
			}
		}
		if next == nil {
			next = &selection{step: st}
			at.children = append(at.children, next)
		} else if i == len(p)-1 {
			return overlap(expression, "overlap with each other", next.anyPath(), p)
		}
		at = next
	}
	at.path = p
	return nil
}

func overlap(expression, how string, one, two path) *fault {
	return invalid("Invalid %s: Two document paths %s; must remove or rewrite one of these paths; path one: %s, path two: %s",
		expression, how, one, two)
}

func (s *selection) anyPath() path {
	for s.path == nil {
		s = s.children[0]
	}
	return s.path
}

// of keeps what is selected; list elements close up in their order.
func (s *selection) of(it item) item {
	out := make(item, 0, len(s.children))
	for i := range it {
		for _, c := range s.children {
			if c.step.name == it[i].name {
				if v, ok := c.pick(it[i].value); ok {
					out = append(out, field{it[i].name, v})
				}
			}
		}
	}
	return out
}

func (s *selection) pick(v value) (value, bool) {
	if s.path != nil {
		return v, true
	}
	out := value{kind: v.kind}
	if s.children[0].step.isIndex() {
		if v.kind != kindL {
			return out, false
		}
		for i := range v.list {
			for _, c := range s.children {
				if c.step.index == i {
					if e, ok := c.pick(v.list[i]); ok {
						out.list = append(out.list, e)
					}
				}
			}
		}
		return out, len(out.list) > 0
	}
	if v.kind != kindM {
		return out, false
	}
	out.fields = s.of(v.fields)
	return out, len(out.fields) > 0
}
