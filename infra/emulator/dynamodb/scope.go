package dynamodb

import (
	"sort"
	"strings"
)

// A scope holds the names and values that the expressions of one request may use, and which they did.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
type scope struct {
	names  []nameAlias
	values []placeholder
}

type nameAlias struct {
	alias, name string
	used        bool
}

type placeholder struct {
	name  string
	value value
	used  bool
}

func (s *scope) name(alias string) (string, bool) {
	for i := range s.names {
		if s.names[i].alias == alias {
			s.names[i].used = true
			return s.names[i].name, true
		}
	}
	return "", false
}

func (s *scope) value(name string) (*value, bool) {
	for i := range s.values {
		if s.values[i].name == name {
			s.values[i].used = true
			return &s.values[i].value, true
		}
	}
	return nil, false
}

// unused refuses what no expression named, as the service does.
func (s *scope) unused() *fault {
	var names, values []string
	for i := range s.names {
		if !s.names[i].used {
			names = append(names, s.names[i].alias)
		}
	}
	for i := range s.values {
		if !s.values[i].used {
			values = append(values, s.values[i].name)
		}
	}
	sort.Strings(names)
	sort.Strings(values)
	switch {
	case len(names) > 0:
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", strings.Join(names, ", "))
	case len(values) > 0:
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(values, ", "))
	}
	return nil
}
