package template

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// evaluator turns nodes into values. id is the logical id under which errors
// are reported.
type evaluator struct {
	t  *Template
	id string
}

func (e evaluator) errorf(n *yaml.Node, format string, args ...any) error {
	return e.t.errorf(n.Line, e.id, format, args...)
}

func (e evaluator) node(n *yaml.Node) (value, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if name, argument, ok := intrinsic(n); ok {
		return e.intrinsic(n, name, argument)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return e.scalar(n)
	case yaml.SequenceNode:
		out := value{kind: list, line: n.Line}
		for _, item := range n.Content {
			v, err := e.node(item)
			if err != nil {
				return v, err
			}
			if v.kind != nothing {
				out.items = append(out.items, v)
			}
		}
		return out, nil
	case yaml.MappingNode:
		return e.mapping(n)
	}
	return value{}, e.errorf(n, "this is no value")
}

func (e evaluator) mapping(n *yaml.Node) (value, error) {
	out := value{kind: object, line: n.Line, fields: map[string]value{}}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return out, e.errorf(key, "not supported here: merge keys and keys that are no text")
		}
		if strings.HasPrefix(key.Value, "Fn::") {
			return out, e.errorf(key, "%s must stand alone in its object", key.Value)
		}
		if _, twice := out.fields[key.Value]; twice {
			return out, e.errorf(key, "%s stands twice", key.Value)
		}
		v, err := e.node(n.Content[i+1])
		if err != nil {
			return out, err
		}
		if v.kind != nothing {
			out.keys = append(out.keys, key.Value)
			out.fields[key.Value] = v
		}
	}
	return out, nil
}

func (e evaluator) scalar(n *yaml.Node) (value, error) {
	v := value{kind: scalar, line: n.Line, text: n.Value, typed: n.Value}
	switch n.Tag {
	case "!!null":
		return value{line: n.Line}, nil
	case "!!int":
		if i, err := strconv.Atoi(n.Value); err == nil {
			v.typed = i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			v.typed = f
		}
	case "!!bool":
		v.typed = strings.EqualFold(n.Value, "true")
	}
	return e.dynamic(n, v)
}

var dynamicReference = regexp.MustCompile(`\{\{resolve:([^}]+)\}\}`)

// dynamic replaces references to stored secrets and parameters.
func (e evaluator) dynamic(n *yaml.Node, v value) (value, error) {
	var failed error
	replaced := dynamicReference.ReplaceAllStringFunc(v.text, func(match string) string {
		reference := dynamicReference.FindStringSubmatch(match)[1]
		if e.t.resolve.Dynamic == nil {
			failed = e.errorf(n, "not supported here: the dynamic reference %s", match)
			return match
		}
		found, err := e.t.resolve.Dynamic(reference)
		if err != nil {
			failed = e.errorf(n, "resolving %s: %w", match, err)
		}
		return found
	})
	if replaced != v.text {
		v.text, v.typed = replaced, replaced
	}
	return v, failed
}

// intrinsic recognises the short form (a tag) and the long form (an object of
// one key).
func intrinsic(n *yaml.Node) (name string, argument *yaml.Node, ok bool) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		name = strings.TrimPrefix(n.Tag, "!")
		plain := *n
		plain.Tag = ""
		if n.Kind == yaml.ScalarNode {
			plain.Tag = "!!str"
		}
		return name, &plain, true
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", nil, false
	}
	key := n.Content[0].Value
	if key == "Ref" {
		return key, n.Content[1], true
	}
	name, ok = strings.CutPrefix(key, "Fn::")
	return name, n.Content[1], ok
}

func (e evaluator) intrinsic(n *yaml.Node, name string, argument *yaml.Node) (value, error) {
	switch name {
	case "Ref":
		return e.ref(argument)
	case "GetAtt":
		return e.getAtt(argument)
	case "Sub":
		return e.sub(argument)
	case "Join":
		return e.join(argument)
	case "Select":
		return e.selected(argument)
	case "Split":
		return e.split(argument)
	case "FindInMap":
		return e.findInMap(argument)
	case "If":
		return e.either(argument)
	}
	return value{}, e.errorf(n, "not supported here: Fn::%s", name)
}

func (e evaluator) ref(argument *yaml.Node) (value, error) {
	if argument.Kind != yaml.ScalarNode {
		return value{}, e.errorf(argument, "Ref takes the name of a parameter or resource")
	}
	if argument.Value == "AWS::NoValue" {
		return value{line: argument.Line}, nil
	}
	return e.named(argument, argument.Value, "")
}

func (e evaluator) getAtt(argument *yaml.Node) (value, error) {
	id, attribute, ok := strings.Cut(argument.Value, ".")
	if argument.Kind == yaml.SequenceNode && len(argument.Content) == 2 {
		id, attribute, ok = argument.Content[0].Value, argument.Content[1].Value, true
	}
	if !ok {
		return value{}, e.errorf(argument, "GetAtt takes a resource and an attribute")
	}
	return e.named(argument, id, attribute)
}

// named gives a parameter, a pseudo parameter, or a resource's value: with
// attribute "" what Ref gives, else what GetAtt gives.
func (e evaluator) named(n *yaml.Node, id, attribute string) (value, error) {
	found, err := e.t.lookup(id, attribute)
	if err != nil {
		return value{}, e.errorf(n, "%w", err)
	}
	found.line = n.Line
	return found, nil
}

var substitution = regexp.MustCompile(`\$\{([^}]*)\}`)

func (e evaluator) sub(argument *yaml.Node) (value, error) {
	body, variables := argument, value{}
	if argument.Kind == yaml.SequenceNode {
		if len(argument.Content) != 2 {
			return value{}, e.errorf(argument, "Sub takes a text, or a text and its variables")
		}
		var err error
		if variables, err = e.node(argument.Content[1]); err != nil {
			return value{}, err
		}
		body = argument.Content[0]
	}
	if body.Kind != yaml.ScalarNode {
		return value{}, e.errorf(argument, "Sub takes a text, or a text and its variables")
	}
	var failed error
	out := substitution.ReplaceAllStringFunc(body.Value, func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		v, ok := variables.fields[name]
		if !ok {
			var err error
			id, attribute, _ := strings.Cut(name, ".")
			if v, err = e.named(body, id, attribute); err != nil && failed == nil {
				failed = err
			}
		}
		if v.kind != scalar && failed == nil {
			failed = e.errorf(body, "%s in Sub is no text", match)
		}
		return v.text
	})
	if failed != nil {
		return value{}, failed
	}
	return e.dynamic(body, text(out, argument.Line))
}

func (e evaluator) arguments(n *yaml.Node, function string, count int) ([]value, error) {
	v, err := e.node(n)
	if err != nil {
		return nil, err
	}
	if v.kind != list || len(v.items) != count {
		return nil, e.errorf(n, "%s takes a list of %d", function, count)
	}
	return v.items, nil
}

func (e evaluator) join(n *yaml.Node) (value, error) {
	in, err := e.arguments(n, "Join", 2)
	if err != nil {
		return value{}, err
	}
	var parts []string
	for _, item := range in[1].items {
		if item.kind != scalar {
			return value{}, e.errorf(n, "Join takes a list of texts")
		}
		parts = append(parts, item.text)
	}
	return text(strings.Join(parts, in[0].text), n.Line), nil
}

func (e evaluator) split(n *yaml.Node) (value, error) {
	in, err := e.arguments(n, "Split", 2)
	if err != nil {
		return value{}, err
	}
	out := value{kind: list, line: n.Line}
	for part := range strings.SplitSeq(in[1].text, in[0].text) {
		out.items = append(out.items, text(part, n.Line))
	}
	return out, nil
}

func (e evaluator) selected(n *yaml.Node) (value, error) {
	in, err := e.arguments(n, "Select", 2)
	if err != nil {
		return value{}, err
	}
	i, err := strconv.Atoi(in[0].text)
	if err != nil || in[1].kind != list || i < 0 || i >= len(in[1].items) {
		return value{}, e.errorf(n, "Select takes an index within its list")
	}
	return in[1].items[i], nil
}

func (e evaluator) findInMap(n *yaml.Node) (value, error) {
	in, err := e.arguments(n, "FindInMap", 3)
	if err != nil {
		return value{}, err
	}
	found := e.t.section("Mappings")
	for _, key := range in {
		if found = field(found, key.text); found == nil {
			return value{}, e.errorf(n, "FindInMap finds no %q", key.text)
		}
	}
	return e.node(found)
}

func (e evaluator) either(n *yaml.Node) (value, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != 3 {
		return value{}, e.errorf(n, "If takes a condition and two values")
	}
	holds, err := e.t.condition(n.Content[0].Value, nil)
	if err != nil {
		return value{}, e.errorf(n, "%w", err)
	}
	if holds {
		return e.node(n.Content[1])
	}
	return e.node(n.Content[2])
}

// condition evaluates a named condition; outer are those being evaluated.
func (t *Template) condition(name string, outer []string) (bool, error) {
	if slices.Contains(outer, name) {
		return false, fmt.Errorf("condition %s depends on itself", name)
	}
	n := field(t.section("Conditions"), name)
	if n == nil {
		return false, fmt.Errorf("there is no condition %s", name)
	}
	return evaluator{t, name}.test(n, append(slices.Clone(outer), name))
}

func (e evaluator) test(n *yaml.Node, outer []string) (bool, error) {
	name, argument, ok := intrinsic(n)
	if !ok && n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "Condition" {
		name, argument, ok = "Condition", n.Content[1], true
	}
	if !ok {
		return false, e.errorf(n, "this is no condition")
	}
	switch name {
	case "Condition":
		return e.t.condition(argument.Value, outer)
	case "Equals":
		in, err := e.arguments(argument, "Equals", 2)
		if err != nil {
			return false, err
		}
		return in[0].text == in[1].text, nil
	case "Not", "And", "Or":
		return e.logic(name, argument, outer)
	}
	return false, e.errorf(n, "not supported here: the condition Fn::%s", name)
}

func (e evaluator) logic(name string, n *yaml.Node, outer []string) (bool, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 || name == "Not" && len(n.Content) != 1 {
		return false, e.errorf(n, "%s takes a list of conditions", name)
	}
	all, some := true, false
	for _, item := range n.Content {
		holds, err := e.test(item, outer)
		if err != nil {
			return false, err
		}
		all, some = all && holds, some || holds
	}
	switch name {
	case "Not":
		return !all, nil
	case "And":
		return all, nil
	}
	return some, nil
}

// field finds a key of a mapping node; nil where there is none.
func field(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
