package worktime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxDepth is deeper than the form goes and keeps hostile nesting off the stack.
const maxDepth = 16

// node is one JSON value. encoding/json into structs stops at the first
// mistake and lets a field stand twice; this form keeps what is needed to name
// every mistake with its path.
type node struct {
	value   any // string, bool, json.Number, nil; unset for the two below
	members []member
	items   []*node
	shape   json.Delim // '{', '[' or 0
}

type member struct {
	name  string
	value *node
}

func readDocument(data []byte) (*node, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("must be UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	root, err := readNode(decoder, 0)
	if err != nil {
		return nil, fmt.Errorf("must be JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("must be one JSON document with nothing after it")
	}
	return root, nil
}

func readNode(decoder *json.Decoder, depth int) (*node, error) {
	token, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	shape, nested := token.(json.Delim)
	if !nested {
		return &node{value: token}, nil
	}
	if depth == maxDepth {
		return nil, errors.New("nested too deeply")
	}
	n := &node{shape: shape}
	for decoder.More() {
		name := ""
		if shape == '{' {
			token, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, _ = token.(string) // encoding/json lets nothing else be a name
		}
		child, err := readNode(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		if shape == '{' {
			n.members = append(n.members, member{name, child})
		} else {
			n.items = append(n.items, child)
		}
	}
	_, err = decoder.Token() // the closing bracket
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return n, err
}

// reader collects problems while it takes a document apart.
type reader struct{ problems []Problem }

func (r *reader) add(field, code, rule string, args ...any) {
	r.problems = append(r.problems, Problem{field, code, fmt.Sprintf(rule, args...)})
}

// object is a JSON object at its path.
type object struct {
	r       *reader
	path    string
	members map[string]*node
}

func (r *reader) object(path string, n *node, fields ...string) (object, bool) {
	o := object{r: r, path: path, members: map[string]*node{}}
	if n.shape != '{' {
		r.add(path, CodeType, "must be an object")
		return o, false
	}
	for _, m := range n.members {
		switch _, twice := o.members[m.name]; {
		case !slices.Contains(fields, m.name):
			r.add(join(path, strconv.QuoteToASCII(m.name)), CodeUnknown, "is no field of the calendar's form")
		case twice:
			r.add(join(path, m.name), CodeRepeated, "must not stand twice")
		default:
			o.members[m.name] = m.value
		}
	}
	return o, true
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (o object) at(name string) string { return join(o.path, name) }

func (o object) text(name string, most int, required bool) string {
	n := o.members[name]
	if n == nil {
		if required {
			o.r.add(o.at(name), CodeRequired, "must be given")
		}
		return ""
	}
	text, ok := n.value.(string)
	switch {
	case !ok:
		o.r.add(o.at(name), CodeType, "must be a string")
	case required && text == "":
		o.r.add(o.at(name), CodeRequired, "must not be empty")
	case utf8.RuneCountInString(text) > most:
		o.r.add(o.at(name), CodeLength, "must have %d characters at most", most)
	default:
		return text
	}
	return ""
}

func (o object) flag(name string) bool {
	n := o.members[name]
	if n == nil {
		return false
	}
	flag, ok := n.value.(bool)
	if !ok {
		o.r.add(o.at(name), CodeType, "must be true or false")
	}
	return flag
}

// word reads a short text with one of the package's parsers; ok is false where
// it is missing or was complained about.
func word[T any](o object, name string, required bool, parse func(string) (T, error)) (T, bool) {
	var none T
	before := len(o.r.problems)
	text := o.text(name, 40, required)
	if o.members[name] == nil || len(o.r.problems) > before {
		return none, false
	}
	value, err := parse(text)
	if err != nil {
		o.r.add(o.at(name), CodeFormat, "%s", err)
		return none, false
	}
	return value, true
}

// list returns an array's values with their paths.
func (o object) list(name string, least, most int) ([]*node, []string) {
	n := o.members[name]
	switch {
	case n == nil && least > 0:
		o.r.add(o.at(name), CodeRequired, "must be given")
	case n == nil:
	case n.shape != '[':
		o.r.add(o.at(name), CodeType, "must be an array")
	case len(n.items) < least:
		o.r.add(o.at(name), CodeRequired, "must have %d at least", least)
	case len(n.items) > most:
		o.r.add(o.at(name), CodeLength, "must have %d at most", most)
	default:
		paths := make([]string, len(n.items))
		for i := range paths {
			paths[i] = fmt.Sprintf("%s[%d]", o.at(name), i)
		}
		return n.items, paths
	}
	return nil, nil
}
