package policy

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const table = "arn:aws:dynamodb:ap-southeast-1:000000000000:table/paht"

func TestStatementsDecide(t *testing.T) {
	leading := func(values ...string) map[string][]string { return map[string][]string{"dynamodb:LeadingKeys": values} }
	only := func(operator string, values ...string) []Statement {
		return []Statement{{Effect: "Allow", Actions: []string{"dynamodb:GetItem"}, Resources: []string{table},
			Conditions: []Condition{{operator, "dynamodb:LeadingKeys", values}}}}
	}
	allow := Statement{Effect: "Allow", Actions: []string{"dynamodb:Get*"}, Resources: []string{table, table + "/index/*"}}
	deny := Statement{Effect: "Deny", Actions: []string{"dynamodb:GetItem"}, Resources: []string{"*"}}
	for name, c := range map[string]struct {
		statements       []Statement
		action, resource string
		context          map[string][]string
		allowed          bool
	}{
		"nothing is allowed without a statement":             {nil, "dynamodb:GetItem", table, nil, false},
		"a wildcard in the action matches":                   {[]Statement{allow}, "dynamodb:GetItem", table, nil, true},
		"an action is matched whatever its case":             {[]Statement{allow}, "dynamodb:getitem", table, nil, true},
		"another action is not allowed":                      {[]Statement{allow}, "dynamodb:PutItem", table, nil, false},
		"a resource is matched by case":                      {[]Statement{allow}, "dynamodb:GetItem", strings.ToUpper(table), nil, false},
		"a table does not stand for its index":               {[]Statement{{Effect: "Allow", Actions: []string{"*"}, Resources: []string{table}}}, "dynamodb:Query", table + "/index/due", nil, false},
		"an index is matched by its wildcard":                {[]Statement{allow}, "dynamodb:GetItem", table + "/index/due", nil, true},
		"a deny wins over an allow":                          {[]Statement{allow, deny}, "dynamodb:GetItem", table, nil, false},
		"a deny wins whatever the order":                     {[]Statement{deny, allow}, "dynamodb:GetItem", table, nil, false},
		"a deny of another action changes nothing":           {[]Statement{allow, deny}, "dynamodb:GetRecords", table, nil, true},
		"every leading key must match":                       {only("ForAllValues:StringLike", "PA-*", "U-*"), "dynamodb:GetItem", table, leading("PA-1", "U-2"), true},
		"one leading key outside is enough to refuse":        {only("ForAllValues:StringLike", "PA-*"), "dynamodb:GetItem", table, leading("PA-1", "U-2"), false},
		"for all values holds where there are none":          {only("ForAllValues:StringLike", "PA-*"), "dynamodb:GetItem", table, nil, true},
		"StringEquals does not hold where there is no value": {only("StringEquals", "PA-1"), "dynamodb:GetItem", table, nil, false},
		"StringEquals takes no wildcard":                     {only("StringEquals", "PA-*"), "dynamodb:GetItem", table, leading("PA-1"), false},
		"StringLike takes a wildcard":                        {only("StringLike", "PA-?"), "dynamodb:GetItem", table, leading("PA-1"), true},
		"ForAllValues:StringEquals compares the whole":       {only("ForAllValues:StringEquals", "PA-1"), "dynamodb:GetItem", table, leading("PA-1"), true},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Check(c.statements); err != nil {
				t.Fatal(err)
			}
			if got := Evaluate(c.statements, c.action, c.resource, c.context); got != c.allowed {
				t.Errorf("allowed is %v, want %v", got, c.allowed)
			}
		})
	}
}

func TestWhatCannotBeEvaluatedIsRefused(t *testing.T) {
	ok := Statement{Effect: "Allow", Actions: []string{"s3:GetObject"}, Resources: []string{"*"}}
	for want, change := range map[string]func(*Statement){
		"Effect must be Allow or Deny":      func(s *Statement) { s.Effect = "Permit" },
		"Action is missing":                 func(s *Statement) { s.Actions = nil },
		"Resource is missing":               func(s *Statement) { s.Resources = nil },
		`action "GetObject" must be`:        func(s *Statement) { s.Actions = []string{"GetObject"} },
		"condition operator IpAddress":      func(s *Statement) { s.Conditions = []Condition{{"IpAddress", "aws:SourceIp", nil}} },
		"condition key aws:SecureTransport": func(s *Statement) { s.Conditions = []Condition{{"StringEquals", "aws:SecureTransport", nil}} },
	} {
		s := ok
		change(&s)
		if _, err := New([]Statement{s}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one that says %q", err, want)
		}
	}
}

func TestWhatWasUsedIsToldByActionAndResource(t *testing.T) {
	statements := []Statement{
		{Sid: "read", Effect: "Allow", Actions: []string{"s3:GetObject", "s3:HeadObject"}, Resources: []string{"a/*", "b/*", "b/c/*"}},
		{Sid: "write", Effect: "Allow", Actions: []string{"s3:PutObject"}, Resources: []string{"*"}},
	}
	for name, row := range map[string]struct {
		action, resource string
		allowed          bool
		used             []Use
		unused           []string
	}{
		"nothing of an action that is not there":   {"s3:DeleteObject", "a/1", false, nil, []string{"read", "write"}},
		"nothing of a resource that is not there":  {"s3:GetObject", "d/1", false, nil, []string{"read", "write"}},
		"one resource of several":                  {"s3:GetObject", "a/1", true, []Use{{0, 0, 0}}, []string{"write"}},
		"one action of several, whatever its case": {"s3:headobject", "b/1", true, []Use{{0, 1, 1}}, []string{"write"}},
		"both of two that allow the same":          {"s3:GetObject", "b/c/1", true, []Use{{0, 0, 1}, {0, 0, 2}}, []string{"write"}},
		"the statement that it is in":              {"s3:PutObject", "d/1", true, []Use{{1, 0, 0}}, []string{"read"}},
	} {
		set, err := New(statements)
		if err != nil {
			t.Fatal(err)
		}
		if allowed := set.Allowed(row.action, row.resource, nil); allowed != row.allowed {
			t.Errorf("%s: allowed is %v", name, allowed)
		}
		used := set.Used()
		slices.SortFunc(used, func(a, b Use) int { return a.Resource - b.Resource })
		if !slices.Equal(used, row.used) {
			t.Errorf("%s: used is %v, not %v", name, used, row.used)
		}
		var unused []string
		for _, s := range set.Unused() {
			unused = append(unused, s.Sid)
		}
		if !slices.Equal(unused, row.unused) {
			t.Errorf("%s: unused is %v, not %v", name, unused, row.unused)
		}
	}
}

func TestMatchAgreesWithARegularExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.SampledFrom([]rune("ab*?")), 0, 8, -1).Draw(t, "pattern")
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 0, 8, -1).Draw(t, "text")
		expression := strings.NewReplacer("*", ".*", "?", ".").Replace(pattern)
		want := regexp.MustCompile("^" + expression + "$").MatchString(text)
		if got := Match(pattern, text); got != want {
			t.Fatalf("Match(%q, %q) is %v, want %v", pattern, text, got, want)
		}
	})
}
