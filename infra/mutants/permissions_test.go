package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paht/infra/template"
)

// small is a template whose functions have statements of every form.
const small = `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  One:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: build/one
      Runtime: provided.al2023
      Policies:
        - Statement:
            - Effect: Allow
              Action: [d:Get, d:Put]
              Resource: [!GetAtt Table.Arn, !Sub "${Table.Arn}/index/due"] # two
            - Effect: Deny
              Action: d:Drop
              Resource: "*"
        - Statement:
            Effect: Allow
            Action: q:Send
            Resource: {"Fn::GetAtt": [Table, Arn]}
  Two:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: build/two
      Runtime: provided.al2023
      Policies:
        Statement:
          - Effect: Allow
            Action: [d:Get]
            Resource: !Join ["/", [!GetAtt Table.Arn, stream]]
  None:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: build/none, Runtime: provided.al2023}
  Role:
    Type: AWS::IAM::Role
    Properties: {Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: q:Send, Resource: x}]}}]}
  Alarms:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: stacks/alarms.yaml}
`

func TestEveryActionOnEveryResourceIsAPermission(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       []string // mark: what
		nested     []string
	}{
		{"nothing", "", nil, nil},
		{"no function", "Resources: {Table: {Type: AWS::DynamoDB::Table}}", nil, nil},
		{"one of each form", small, []string{
			"One/0/0/0: d:Get on Table.Arn", "One/0/0/1: d:Get on ${Table.Arn}/index/due",
			"One/0/1/0: d:Put on Table.Arn", "One/0/1/1: d:Put on ${Table.Arn}/index/due",
			`One/2/0/0: q:Send on {"Fn::GetAtt": [Table, Arn]}`,
			`Two/0/0/0: d:Get on !Join ["/", [!GetAtt Table.Arn, stream]]`,
		}, []string{"stacks/alarms.yaml"}},
	} {
		all, nested, err := permissions("t.yaml", []byte(row.text))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		var got []string
		for _, m := range all {
			got = append(got, m.Mark+": "+m.What)
			if m.Kind != Permission || m.File != "t.yaml" || m.Line == 0 || m.Step() != m.Func {
				t.Errorf("%s: %+v", row.name, m)
			}
		}
		if !slices.Equal(got, row.want) || !slices.Equal(nested, row.nested) {
			t.Errorf("%s: found %q and the stacks %v", row.name, got, nested)
		}
	}
}

// allowed are what a template lets functions do, as whoever enforces it reads it.
func allowed(t *testing.T, path string) map[string]int {
	t.Helper()
	read, err := template.Load(path, nil, template.Resolver{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int{}
	for _, f := range read.Functions {
		for _, s := range f.Statements {
			for _, a := range s.Actions {
				for _, r := range s.Resources {
					all[fmt.Sprintf("%s: %s %s on %s", f.LogicalID, s.Effect, a, r)]++
				}
			}
		}
	}
	return all
}

// at is a permission by its place, as whoever enforces it reads it.
func at(t *testing.T, path, mark string) string {
	t.Helper()
	read, err := template.Load(path, nil, template.Resolver{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := placeOf(mark)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range read.Functions {
		if f.LogicalID == p.function {
			s := f.Statements[p.statement]
			return fmt.Sprintf("%s: %s %s on %s", f.LogicalID, s.Effect, s.Actions[p.action], s.Resources[p.resource])
		}
	}
	t.Fatalf("there is no function %s", p.function)
	return ""
}

func TestOnePermissionIsTakenAwayAndAllElseStays(t *testing.T) {
	stored := filepath.Join(t.TempDir(), "small.yaml")
	if err := os.WriteFile(stored, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{stored, filepath.Join(root, "template.yaml")} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all, _, err := permissions("", text)
		if err != nil {
			t.Fatal(err)
		}
		before, without := allowed(t, path), filepath.Join(t.TempDir(), "template.yaml")
		for i, m := range all {
			if path != stored && i%7 > 0 {
				continue // some of the many
			}
			less, err := Without(text, m.Mark)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(without, less, 0o600); err != nil {
				t.Fatal(err)
			}
			gone := at(t, path, m.Mark)
			after := allowed(t, without)
			after[gone]++
			for what, n := range before {
				if after[what] != n {
					t.Errorf("without %s: %s is there %d times, not %d", m.Mark, what, after[what], n)
				}
			}
			if len(after) != len(before) || !strings.HasPrefix(gone, m.Func+": Allow "+strings.Fields(m.What)[0]) {
				t.Errorf("without %s there is %v, and gone is %s", m.Mark, after, gone)
			}
		}
	}
}

func TestOnlyWhatIsThereCanBeTakenAway(t *testing.T) {
	for _, mark := range []string{"", "One", "One/0/0", "One/0/0/x", "One/0/0/-1", "Three/0/0/0", "One/3/0/0", "One/0/2/0", "One/0/0/2"} {
		if text, err := Without([]byte(small), mark); err == nil {
			t.Errorf("%q was taken away: %s", mark, text)
		}
	}
}

// What the fleet says was used is found by the same places: both must count alike.
func TestAllThatTheTemplateAllowsIsFound(t *testing.T) {
	all, err := Permissions(root, "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for what, n := range allowed(t, filepath.Join(root, "template.yaml")) {
		if n != 1 || !strings.Contains(what, ": Allow ") {
			t.Errorf("%s is there %d times", what, n)
		}
		want += n
	}
	keys := map[string]bool{}
	for _, m := range all {
		if keys[m.Key()] || keys[m.Mark] {
			t.Errorf("two have the key %s", m.Key())
		}
		keys[m.Key()], keys[m.Mark] = true, true
	}
	if len(all) != want || want < 50 {
		t.Errorf("%d are found of %d", len(all), want)
	}
}

func TestAShadowHasAnotherTextAndTheSameRest(t *testing.T) {
	tree, to := t.TempDir(), filepath.Join(t.TempDir(), "shadow")
	for name, text := range map[string]string{"template.yaml": "old", "go.mod": "m", "a/b/x.go": "x", "a/y.go": "y", "c/z.yaml": "z", "c/w.yaml": "w", "d/e/f": "f"} {
		path := filepath.Join(tree, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second takes the place of the first
		if err := Shadow(tree, to, "a/b", map[string][]byte{"template.yaml": []byte("new"), "c/z.yaml": []byte("newer")}); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"template.yaml": "new", "c/z.yaml": "newer", "go.mod": "m", "a/b/x.go": "x", "a/y.go": "y", "c/w.yaml": "w", "d/e/f": "f"} {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	if own, err := os.ReadFile(filepath.Join(tree, "template.yaml")); err != nil || string(own) != "old" {
		t.Errorf("the tree's own is %q, %v", own, err)
	}
	inside, err := os.Lstat(filepath.Join(to, "a", "b"))
	if err != nil || !inside.IsDir() { // a link would lead the tests back to the tree
		t.Errorf("the folder of the tests is %v, %v", inside, err)
	}
}
