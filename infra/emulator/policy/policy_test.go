package policy

import (
	"regexp"
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

func TestUnusedNamesWhatNeverMatched(t *testing.T) {
	set, err := New([]Statement{
		{Sid: "read", Effect: "Allow", Actions: []string{"s3:GetObject"}, Resources: []string{"*"}},
		{Sid: "write", Effect: "Allow", Actions: []string{"s3:PutObject"}, Resources: []string{"*"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !set.Allowed("s3:GetObject", "arn:aws:s3:::b/k", nil) {
		t.Fatal("reading is not allowed")
	}
	if unused := set.Unused(); len(unused) != 1 || unused[0].Sid != "write" {
		t.Errorf("unused is %v, want write alone", unused)
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
