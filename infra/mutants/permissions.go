package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Permission is the kind of what the template lets a function do: one action on one
// resource. Its mutant is the template without it.
const Permission Kind = "permission"

// place is where a permission stands: its function, and the places of the statement,
// of its action and of its resource, from 0.
type place struct {
	function                    string
	statement, action, resource int
}

func (p place) String() string {
	return fmt.Sprintf("%s/%d/%d/%d", p.function, p.statement, p.action, p.resource)
}

// statement is one of a function's, and the list in which it stands.
type statement struct {
	function string
	n        int
	node     *yaml.Node
	list     *yaml.Node
}

// Permissions finds what a template, and the stacks that it is made of, let
// functions do.
func Permissions(root, name string) ([]Mutant, error) {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, err
	}
	all, nested, err := permissions(name, text)
	if err != nil {
		return nil, err
	}
	for _, stack := range nested {
		more, err := Permissions(root, filepath.ToSlash(filepath.Join(filepath.Dir(name), stack)))
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// permissions are those of one text; nested are the files of its stacks.
func permissions(name string, text []byte) (all []Mutant, nested []string, err error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for _, st := range statements(&document) {
		if effect := under(st.node, "Effect"); effect == nil || effect.Value != "Allow" {
			continue
		}
		for a, action := range members(under(st.node, "Action")) {
			for r, resource := range members(under(st.node, "Resource")) {
				what, err := written(resource)
				if err != nil {
					return nil, nil, fmt.Errorf("reading %s: %w", name, err)
				}
				all = append(all, Mutant{Kind: Permission, File: name, Line: action.Line, Func: st.function, What: action.Value + " on " + what,
					Mark: place{st.function, st.n, a, r}.String()})
			}
		}
	}
	seen := map[string]int{}
	for i := range all {
		key := all[i].Key()
		all[i].Same = seen[key]
		seen[key]++
	}
	return all, stacks(&document), nil
}

// statements are those of the functions in a document.
func statements(document *yaml.Node) (all []statement) {
	for id, resource := range resources(document) {
		if kind := under(resource, "Type"); kind == nil || kind.Value != "AWS::Serverless::Function" {
			continue
		}
		n := 0
		for _, policy := range members(under(resource, "Properties", "Policies")) {
			list := under(policy, "Statement")
			for _, node := range members(list) {
				all = append(all, statement{id, n, node, list})
				n++
			}
		}
	}
	return all
}

// stacks are the files of the stacks that a document nests.
func stacks(document *yaml.Node) (files []string) {
	for _, resource := range resources(document) {
		kind, file := under(resource, "Type"), under(resource, "Properties", "TemplateURL")
		if kind != nil && kind.Value == "AWS::CloudFormation::Stack" && file != nil {
			files = append(files, file.Value)
		}
	}
	return files
}

// resources gives a document's resources by their logical ids, in their order.
func resources(document *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if len(document.Content) == 0 {
			return
		}
		all := under(document.Content[0], "Resources")
		for i := 0; all != nil && i+1 < len(all.Content); i += 2 {
			if !yield(all.Content[i].Value, all.Content[i+1]) {
				return
			}
		}
	}
}

// under walks into mappings; nil where the way ends.
func under(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		i := 0
		for i < len(n.Content) && n.Content[i].Value != name {
			i += 2
		}
		if i >= len(n.Content) {
			return nil
		}
		n = n.Content[i+1]
	}
	return n
}

// members are a list's, or the one that stands in a list's place. A list with a tag
// is what a function of CloudFormation takes: one value.
func members(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode && n.Tag == "!!seq":
		return n.Content
	}
	return []*yaml.Node{n}
}

// written is a value as the template has it, on one line.
func written(n *yaml.Node) (string, error) {
	if n.Kind == yaml.ScalarNode {
		return n.Value, nil
	}
	text, err := yaml.Marshal(n)
	return strings.Join(strings.Fields(string(text)), " "), err
}

// Without is a template's text without one permission: what else its statement
// allows stays allowed.
func Without(text []byte, mark string) ([]byte, error) {
	at, err := placeOf(mark)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("taking %s away: %w", mark, err)
	}
	for _, st := range statements(&document) {
		if st.function != at.function || st.n != at.statement {
			continue
		}
		actions, resources := members(under(st.node, "Action")), members(under(st.node, "Resource"))
		if at.action >= len(actions) || at.resource >= len(resources) {
			break
		}
		left := slices.Concat(
			narrowed(st.node, actions, slices.Delete(slices.Clone(resources), at.resource, at.resource+1)),
			narrowed(st.node, slices.Delete(slices.Clone(actions), at.action, at.action+1), resources[at.resource:at.resource+1]))
		st.replace(left)
		var out bytes.Buffer
		err := yaml.NewEncoder(&out).Encode(&document)
		return out.Bytes(), err
	}
	return nil, fmt.Errorf("taking %s away: there is no such permission", mark)
}

// narrowed is a statement with some of its actions and resources; nothing where
// either is none.
func narrowed(of *yaml.Node, actions, resources []*yaml.Node) []*yaml.Node {
	if len(actions) == 0 || len(resources) == 0 {
		return nil
	}
	out := *of
	out.Content = slices.Clone(of.Content)
	for i := 0; i+1 < len(out.Content); i += 2 {
		switch out.Content[i].Value {
		case "Action":
			out.Content[i+1] = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: actions}
		case "Resource":
			out.Content[i+1] = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: resources}
		}
	}
	return []*yaml.Node{&out}
}

// replace puts others where the statement stands.
func (s statement) replace(others []*yaml.Node) {
	if s.list == s.node { // it stands in a list's place
		*s.list = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: others}
		return
	}
	i := slices.Index(s.list.Content, s.node)
	s.list.Content = slices.Replace(s.list.Content, i, i+1, others...)
}

func placeOf(mark string) (p place, err error) {
	parts := strings.Split(mark, "/")
	numbers := [3]int{}
	for i := range numbers {
		if len(parts) != 4 {
			return p, fmt.Errorf("reading %q: it is no permission's place", mark)
		}
		if numbers[i], err = strconv.Atoi(parts[i+1]); err != nil || numbers[i] < 0 {
			return p, fmt.Errorf("reading %q: it is no permission's place", mark)
		}
	}
	return place{parts[0], numbers[0], numbers[1], numbers[2]}, nil
}
