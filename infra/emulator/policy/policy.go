// Package policy evaluates IAM statements as the project's template writes
// them: Allow and Deny, actions and resource ARNs with wildcards, and the
// conditions of Operators. What it does not know it refuses when the
// statements are read, never silently. It must never import a service of the
// emulator.
package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Statement is one statement of a policy.
type Statement struct {
	Sid        string
	Effect     string // Allow or Deny
	Actions    []string
	Resources  []string
	Conditions []Condition
	// Origin says where the statement stands, for messages and for Unused.
	Origin string
}

// Condition is one operator applied to one key.
type Condition struct {
	Operator string
	Key      string
	Values   []string
}

// Operators are the condition operators that are evaluated.
// ForAllValues: holds where every value of the request matches one of the
// policy's, and so where the request has none ("Set operators for
// multivalued context keys").
var Operators = map[string]struct {
	forAll bool
	like   bool
}{
	"StringEquals":              {false, false},
	"StringLike":                {false, true},
	"ForAllValues:StringEquals": {true, false},
	"ForAllValues:StringLike":   {true, true},
}

// Keys are the condition keys for which the emulator supplies values. Of a
// key that is missing here a condition could only be guessed.
var Keys = map[string]bool{
	"dynamodb:LeadingKeys": true,
}

// Check refuses statements that could not be evaluated as AWS would.
func Check(statements []Statement) error {
	for i, s := range statements {
		if err := s.check(); err != nil {
			return fmt.Errorf("statement %d (%s%s): %w", i+1, s.Origin, s.Sid, err)
		}
	}
	return nil
}

func (s Statement) check() error {
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		return fmt.Errorf("its Effect must be Allow or Deny, not %q", s.Effect)
	case len(s.Actions) == 0:
		return errors.New("its Action is missing")
	case len(s.Resources) == 0:
		return errors.New("its Resource is missing")
	}
	for _, a := range s.Actions {
		if service, name, ok := strings.Cut(a, ":"); a != "*" && (!ok || service == "" || name == "") {
			return fmt.Errorf("action %q must be service:name", a)
		}
	}
	for _, c := range s.Conditions {
		if _, ok := Operators[c.Operator]; !ok {
			return fmt.Errorf("not supported here: condition operator %s", c.Operator)
		}
		if !Keys[c.Key] {
			return fmt.Errorf("not supported here: condition key %s", c.Key)
		}
	}
	return nil
}

// Use is what a call needed of one statement: one of its actions on one of its
// resources, by their places in it.
type Use struct{ Statement, Action, Resource int }

// Set is a list of checked statements that remembers what of them was ever used.
type Set struct {
	statements []Statement

	mu   sync.Mutex
	used map[Use]bool
}

// New checks the statements and makes a set of them.
func New(statements []Statement) (*Set, error) {
	if err := Check(statements); err != nil {
		return nil, err
	}
	return &Set{statements: slices.Clone(statements), used: map[Use]bool{}}, nil
}

// Allowed says whether the action on the resource is allowed: by at least one
// statement, and denied by none.
func (s *Set) Allowed(action, resource string, context map[string][]string) bool {
	allowed, matched := evaluate(s.statements, action, resource, context)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, use := range matched {
		s.used[use] = true
	}
	return allowed
}

// Used lists what was used, in no order. Where two places allow the same call
// both are.
func (s *Set) Used() []Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.used))
}

// Unused lists the statements that never matched: permissions that nothing
// needs, as far as what ran can show.
func (s *Set) Unused() []Statement {
	used := map[int]bool{}
	for _, use := range s.Used() {
		used[use.Statement] = true
	}
	var unused []Statement
	for i := range s.statements {
		if !used[i] {
			unused = append(unused, s.statements[i])
		}
	}
	return unused
}

// Evaluate is Allowed over statements that were checked before. What cannot
// be evaluated counts against the caller.
func Evaluate(statements []Statement, action, resource string, context map[string][]string) bool {
	allowed, _ := evaluate(statements, action, resource, context)
	return allowed
}

func evaluate(statements []Statement, action, resource string, context map[string][]string) (allowed bool, matched []Use) {
	denied := false
	for i, s := range statements {
		uses := s.matches(i, action, resource)
		if len(uses) == 0 || !s.holds(context) {
			continue
		}
		matched = append(matched, uses...)
		if s.Effect == "Allow" {
			allowed = true
		} else {
			denied = true
		}
	}
	return allowed && !denied, matched
}

// matches lists which of a statement's actions, on which of its resources, a call
// is. Actions are matched without regard to case, resources are not.
func (s Statement) matches(statement int, action, resource string) (uses []Use) {
	action = strings.ToLower(action)
	for a, pattern := range s.Actions {
		if !Match(strings.ToLower(pattern), action) {
			continue
		}
		for r, pattern := range s.Resources {
			if Match(pattern, resource) {
				uses = append(uses, Use{statement, a, r})
			}
		}
	}
	return uses
}

func (s Statement) holds(context map[string][]string) bool {
	for _, c := range s.Conditions {
		operator, ok := Operators[c.Operator]
		if !ok {
			// Fail closed: an Allow does not hold, a Deny does.
			return s.Effect != "Allow"
		}
		values := context[c.Key]
		if len(values) == 0 {
			if operator.forAll {
				continue
			}
			return false
		}
		if !operator.forAll {
			values = values[:1] // without a set operator a key has one value
		}
		for _, v := range values {
			if !c.matches(v, operator.like) {
				return false
			}
		}
	}
	return true
}

func (c Condition) matches(value string, like bool) bool {
	return slices.ContainsFunc(c.Values, func(want string) bool {
		return want == value || like && Match(want, value)
	})
}

// Match compares with the wildcards * (any run of characters) and ? (one).
func Match(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
