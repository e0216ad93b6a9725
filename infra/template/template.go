// Package template reads the project's template.yaml (AWS SAM) and gives what
// it declares as typed values with every intrinsic resolved. It knows the
// resource types that the local system creates; every other type is kept raw
// and listed. It must never import the emulator's services, nor create
// anything.
package template

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"paht/infra/emulator/policy"
)

// Resolver tells what only the place of deployment knows.
type Resolver struct {
	StackName string // default: paht
	Region    string // default: ap-southeast-1
	Account   string // default: 000000000000
	// Value gives what Ref (attribute "") or GetAtt gives of a resource; false
	// leaves it to the rules of this package. Nil leaves all.
	Value func(resourceType, logicalID, name, attribute string) (string, bool)
	// Dynamic gives the value of a {{resolve:…}} reference, without braces
	// and without "resolve:". Nil refuses them.
	Dynamic func(reference string) (string, error)
}

// Template is a stack as declared.
type Template struct {
	Path string // as given to Load
	Dir  string // folder that CodeUri is relative to

	Inputs         map[string]string // the stack's parameters
	Functions      []Function
	Tables         []Table
	Queues         []Queue
	Buckets        []Bucket
	Schedules      []Schedule
	Parameters     []Parameter // AWS::SSM::Parameter
	QueuePolicies  []ResourcePolicy
	BucketPolicies []ResourcePolicy
	Raw            []Raw // resources of every other type

	root      *yaml.Node
	resolve   Resolver
	resources map[string]*resource
	order     []string
	globals   value
}

// Raw is a resource that this package does not read.
type Raw struct {
	LogicalID string
	Type      string
	Line      int
}

// ResourcePolicy is a policy on queues or buckets.
type ResourcePolicy struct {
	LogicalID  string
	Targets    []string // queue URLs or bucket names
	Statements []ResourceStatement
}

// ResourceStatement is a statement that names whom it is for.
type ResourceStatement struct {
	policy.Statement
	Principals []string // "*", or kind:value such as Service:s3.amazonaws.com
}

type resource struct {
	id, kind string
	node     *yaml.Node // the whole resource
	naming   bool       // its name is being worked out
	name     string
}

func (r *resource) properties() *yaml.Node { return field(r.node, "Properties") }

// Load reads the template with the given parameter values.
func Load(path string, parameters map[string]string, resolve Resolver) (*Template, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	return Parse(path, data, parameters, resolve)
}

// Parse is Load for bytes that were read already.
func Parse(path string, data []byte, parameters map[string]string, resolve Resolver) (*Template, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("reading %s: a template is one object", path)
	}
	t := &Template{Path: path, Dir: filepath.Dir(path), root: document.Content[0], resolve: resolve,
		Inputs: map[string]string{}, resources: map[string]*resource{}}
	t.defaults()
	for _, step := range []func() error{t.checkSections, func() error { return t.readInputs(parameters) }, t.readResources, t.readGlobals, t.decode} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Template) defaults() {
	if t.resolve.StackName == "" {
		t.resolve.StackName = "paht"
	}
	if t.resolve.Region == "" {
		t.resolve.Region = "ap-southeast-1"
	}
	if t.resolve.Account == "" {
		t.resolve.Account = "000000000000"
	}
}

func (t *Template) section(name string) *yaml.Node { return field(t.root, name) }

var sections = regexp.MustCompile(`^(AWSTemplateFormatVersion|Transform|Description|Metadata|Parameters|Mappings|Conditions|Globals|Resources|Outputs|Rules)$`)

func (t *Template) checkSections() error {
	for i := 0; i < len(t.root.Content); i += 2 {
		if key := t.root.Content[i]; !sections.MatchString(key.Value) {
			return t.errorf(key.Line, "", "not supported here: the section %s", key.Value)
		}
	}
	if transform := t.section("Transform"); transform != nil && transform.Value != "AWS::Serverless-2016-10-31" {
		return t.errorf(transform.Line, "", "not supported here: a Transform other than AWS::Serverless-2016-10-31")
	}
	return nil
}

// readInputs takes the given parameters, else their defaults, and holds both
// to what the template allows.
func (t *Template) readInputs(given map[string]string) error {
	section := t.section("Parameters")
	var errs []error
	if section != nil {
		for i := 0; i < len(section.Content); i += 2 {
			name, n := section.Content[i].Value, section.Content[i+1]
			v, ok := given[name]
			if standard := field(n, "Default"); !ok && standard != nil {
				v, ok = standard.Value, true
			}
			if !ok {
				errs = append(errs, t.errorf(n.Line, name, "the parameter has no value and no Default"))
				continue
			}
			if err := allowed(n, v); err != nil {
				errs = append(errs, t.errorf(n.Line, name, "%w", err))
			}
			t.Inputs[name] = v
		}
	}
	for name := range given {
		if field(section, name) == nil {
			errs = append(errs, fmt.Errorf("%s: there is no parameter %s", t.Path, name))
		}
	}
	return errors.Join(errs...)
}

func allowed(n *yaml.Node, v string) error {
	if kind := field(n, "Type"); kind == nil || strings.HasPrefix(kind.Value, "AWS::") {
		return fmt.Errorf("not supported here: a parameter's Type must be String, Number or CommaDelimitedList")
	}
	if pattern := field(n, "AllowedPattern"); pattern != nil {
		re, err := regexp.Compile("^(?:" + pattern.Value + ")$")
		if err != nil {
			return fmt.Errorf("reading AllowedPattern: %w", err)
		}
		if !re.MatchString(v) {
			return fmt.Errorf("the value must match %s", pattern.Value)
		}
	}
	values := field(n, "AllowedValues")
	if values == nil {
		return nil
	}
	var known []string
	for _, item := range values.Content {
		if item.Value == v {
			return nil
		}
		known = append(known, item.Value)
	}
	return fmt.Errorf("the value %q must be one of %s", v, strings.Join(known, ", "))
}

// readResources lists the resources whose condition holds.
func (t *Template) readResources() error {
	section := t.section("Resources")
	if section == nil {
		return t.errorf(1, "", "the section Resources is missing")
	}
	for i := 0; i < len(section.Content); i += 2 {
		id, n := section.Content[i].Value, section.Content[i+1]
		if strings.HasPrefix(id, "Fn::") {
			return t.errorf(n.Line, "", "not supported here: %s", id)
		}
		kind := field(n, "Type")
		if kind == nil {
			return t.errorf(section.Content[i].Line, id, "Type is missing")
		}
		if _, twice := t.resources[id]; twice {
			return t.errorf(n.Line, id, "the resource stands twice")
		}
		if c := field(n, "Condition"); c != nil {
			holds, err := t.condition(c.Value, nil)
			if err != nil {
				return t.errorf(c.Line, id, "%w", err)
			}
			if !holds {
				continue
			}
		}
		t.resources[id] = &resource{id: id, kind: kind.Value, node: n}
		t.order = append(t.order, id)
	}
	return nil
}

func (t *Template) readGlobals() error {
	section := t.section("Globals")
	if section == nil {
		return nil
	}
	// What belongs to the API is read by nobody here; only functions are.
	function := field(section, "Function")
	if function == nil {
		return nil
	}
	var err error
	t.globals, err = evaluator{t, "Globals"}.node(function)
	return err
}

// Output evaluates one of the stack's outputs.
func (t *Template) Output(name string) (string, error) {
	n := field(field(t.section("Outputs"), name), "Value")
	if n == nil {
		return "", fmt.Errorf("%s: there is no output %s", t.Path, name)
	}
	v, err := evaluator{t, "Outputs." + name}.node(n)
	return v.text, err
}
