package check

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"paht/infra/template"
)

// declared is a resource as the file has it, its intrinsics left as they stand.
type declared struct {
	Type       string         `yaml:"Type"`
	Properties map[string]any `yaml:"Properties"`
	Policy     string         `yaml:"DeletionPolicy"`
	Replace    string         `yaml:"UpdateReplacePolicy"`
}

// resources reads a template's resources, for what package template leaves raw.
func resources(t *testing.T, elements ...string) map[string]declared {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{root(t)}, elements...)...))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]declared `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Resources) == 0 {
		t.Fatalf("%v declares no resources", elements)
	}
	return document.Resources
}

// at walks into what YAML gave; nil where the way ends.
func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			l, _ := v.([]any)
			if s >= len(l) {
				return nil
			}
			v = l[s]
		}
	}
	return v
}

func isDead(q template.Queue) bool { return strings.HasSuffix(q.LogicalID, "DeadQueue") }

func seconds(t *testing.T, q template.Queue, attribute string) int {
	t.Helper()
	n, err := strconv.Atoi(q.Attributes[attribute])
	if err != nil {
		t.Errorf("%s: %s is %q", q.LogicalID, attribute, q.Attributes[attribute])
	}
	return n
}

// "Set the source queue's visibility timeout to at least six times the function
// timeout": https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func TestEveryQueueIsEncryptedPatientAndHasDeadLetters(t *testing.T) {
	tpl := load(t)
	byARN := map[string]template.Queue{}
	for _, q := range tpl.Queues {
		byARN[q.ARN] = q
		if q.Attributes["SqsManagedSseEnabled"] != "true" {
			t.Errorf("%s is not encrypted", q.LogicalID)
		}
	}
	consumed := map[string]int{}
	for _, f := range tpl.Functions {
		for _, e := range f.QueueEvents {
			q := byARN[e.QueueARN]
			consumed[q.LogicalID] = f.Timeout
			if least := 6*f.Timeout + e.MaximumBatchingWindow; seconds(t, q, "VisibilityTimeout") < least {
				t.Errorf("%s hides a message for %s s; %s may take %d s, so at least %d", q.LogicalID, q.Attributes["VisibilityTimeout"], f.LogicalID, f.Timeout, least)
			}
			if !e.ReportBatchItemErrors {
				t.Errorf("%s would take a whole batch again for one message", f.LogicalID)
			}
		}
	}
	for _, q := range tpl.Queues {
		if isDead(q) {
			continue
		}
		if _, ok := consumed[q.LogicalID]; !ok {
			t.Errorf("nobody consumes %s", q.LogicalID)
		}
		dead, ok := byARN[q.DeadLetterARN]
		if !ok || !isDead(dead) || q.MaxReceiveCount != 5 {
			t.Errorf("%s gives up after %d tries to %q", q.LogicalID, q.MaxReceiveCount, q.DeadLetterARN)
			continue
		}
		if seconds(t, dead, "MessageRetentionPeriod") <= seconds(t, q, "MessageRetentionPeriod") {
			t.Errorf("%s keeps messages no longer than %s: a letter's age counts from its first sending", dead.LogicalID, q.LogicalID)
		}
	}
}

func TestTheTableCannotBeLost(t *testing.T) {
	table := resources(t, "template.yaml")["Table"]
	for path, want := range map[string]any{
		"DeletionProtectionEnabled": true, "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": true,
		"SSESpecification.SSEEnabled": true, "TimeToLiveSpecification.Enabled": true, "TimeToLiveSpecification.AttributeName": "ttl",
	} {
		var steps []any
		for step := range strings.SplitSeq(path, ".") {
			steps = append(steps, step)
		}
		if got := at(table.Properties, steps...); got != want {
			t.Errorf("%s is %v, not %v", path, got, want)
		}
	}
	retained(t, "Table", table)
}

func retained(t *testing.T, id string, r declared) {
	t.Helper()
	if r.Policy != "Retain" || r.Replace != "Retain" {
		t.Errorf("%s goes with the stack: DeletionPolicy %q, UpdateReplacePolicy %q", id, r.Policy, r.Replace)
	}
}

func TestTheBucketsAreClosedVersionedAndTidy(t *testing.T) {
	for file, id := range map[string]string{"template.yaml": "Bucket", "infra/stacks/cdn.yaml": "Pages"} {
		bucket := resources(t, file)[id]
		for _, property := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if at(bucket.Properties, "PublicAccessBlockConfiguration", property) != true {
				t.Errorf("%s: %s is off", id, property)
			}
		}
		if at(bucket.Properties, "VersioningConfiguration", "Status") != "Enabled" {
			t.Errorf("%s keeps no versions", id)
		}
		if at(bucket.Properties, "OwnershipControls", "Rules", 0, "ObjectOwnership") != "BucketOwnerEnforced" {
			t.Errorf("%s takes access lists", id)
		}
		if at(bucket.Properties, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm") == nil {
			t.Errorf("%s is not encrypted", id)
		}
		retained(t, id, bucket)
	}
}

func TestTheBucketForgetsWhatNobodyFinishedOrReadsAnyMore(t *testing.T) {
	tpl := load(t)
	bucket := tpl.Buckets[0]
	var parts, noncurrent bool
	for _, r := range bucket.Lifecycle {
		parts = parts || r.Enabled && r.Prefix == "" && r.AbortIncompleteMultipartUploadDays == 1
		noncurrent = noncurrent || r.Enabled && r.Prefix == "" && r.NoncurrentDays > 0
		if r.ExpirationDays != 0 {
			t.Errorf("the rule %s deletes objects that stand: nothing of a report is ever deleted", r.ID)
		}
	}
	if !parts || !noncurrent {
		t.Errorf("the rules %+v lack unfinished parts (%v) or noncurrent versions (%v)", bucket.Lifecycle, parts, noncurrent)
	}
	if at(bucket.Properties, "ObjectLockEnabled") != true {
		t.Error("object lock is off: it can only be switched on with the bucket")
	}
	if at(bucket.Properties, "ObjectLockConfiguration", "Rule") != nil {
		t.Error("a default retention would lock photos too, which must be able to go")
	}
	for _, f := range tpl.Functions {
		for _, s := range f.Statements {
			if slices.Contains(s.Actions, "s3:BypassGovernanceRetention") || slices.Contains(s.Actions, "s3:PutBucketObjectLockConfiguration") {
				t.Errorf("%s could lift what keeps a signed result: %+v", f.LogicalID, s)
			}
		}
	}
}

func TestOnlyPagesOfTheWebOriginMayUseTheBucket(t *testing.T) {
	tpl, err := template.Load(filepath.Join(root(t), "template.yaml"), map[string]string{"WebOrigin": "https://paht.example"}, template.Resolver{})
	if err != nil {
		t.Fatal(err)
	}
	rules := tpl.Buckets[0].CORS
	if len(rules) != 1 || !slices.Equal(rules[0].AllowedOrigins, []string{"https://paht.example"}) ||
		slices.Contains(rules[0].AllowedHeaders, "*") || !slices.Equal(rules[0].AllowedMethods, []string{"GET", "POST"}) {
		t.Errorf("the rules are %+v", rules)
	}
}

func TestTheBucketPolicyRefusesPlainHTTPAndGivesOnlyPublicFilesToTheDistribution(t *testing.T) {
	const distribution = "arn:aws:cloudfront::1:distribution/D"
	for given, want := range map[string]int{"": 1, distribution: 2} {
		tpl, err := template.Load(filepath.Join(root(t), "template.yaml"), map[string]string{"Distribution": given}, template.Resolver{})
		if err != nil {
			t.Fatal(err)
		}
		bucket := "arn:aws:s3:::" + tpl.Buckets[0].Name
		statements := tpl.BucketPolicies[0].Statements
		if len(tpl.BucketPolicies) != 1 || len(statements) != want {
			t.Fatalf("with the distribution %q the policy is %+v", given, tpl.BucketPolicies)
		}
		deny := statements[0]
		if deny.Effect != "Deny" || !slices.Equal(deny.Principals, []string{"*"}) || !slices.Equal(deny.Actions, []string{"s3:*"}) ||
			!slices.Equal(deny.Resources, []string{bucket, bucket + "/*"}) || len(deny.Conditions) != 1 ||
			fmt.Sprint(deny.Conditions[0].Key, deny.Conditions[0].Values) != "aws:SecureTransport[false]" {
			t.Errorf("plain HTTP is not refused: %+v", deny)
		}
		for _, s := range statements[1:] {
			if s.Effect != "Allow" || !slices.Equal(s.Actions, []string{"s3:GetObject"}) || !slices.Equal(s.Resources, []string{bucket + "/public/*"}) ||
				!slices.Equal(s.Principals, []string{"Service:cloudfront.amazonaws.com"}) || len(s.Conditions) != 1 ||
				fmt.Sprint(s.Conditions[0].Key, s.Conditions[0].Values) != "aws:SourceArn["+distribution+"]" {
				t.Errorf("the distribution has more than the published files: %+v", s)
			}
		}
	}
}

func TestEveryFunctionLogsForAWhileAndInJSON(t *testing.T) {
	groups := resources(t, "template.yaml")
	for _, f := range load(t).Functions {
		group := groups[strings.TrimSuffix(f.LogicalID, "Function")+"Log"]
		if at(group.Properties, "RetentionInDays") != 90 || at(group.Properties, "LogGroupName") != "/aws/lambda/${"+f.LogicalID+"}" {
			t.Errorf("%s: its log group is %+v", f.LogicalID, group)
		}
		if f.LogFormat != "JSON" {
			t.Errorf("%s logs as %q", f.LogicalID, f.LogFormat)
		}
	}
	for id, r := range groups {
		if r.Type == "AWS::Logs::LogGroup" && at(r.Properties, "RetentionInDays") == nil {
			t.Errorf("%s keeps its lines for ever", id)
		}
	}
}

func TestConcurrencyIsReservedAndBoundedWhereItMustBe(t *testing.T) {
	reserved, bounded := map[string]int{}, map[string]int{}
	for _, f := range load(t).Functions {
		if f.ReservedConcurrency != nil {
			reserved[f.LogicalID] = *f.ReservedConcurrency
		}
		for _, e := range f.QueueEvents {
			if e.MaximumConcurrency > 0 {
				bounded[f.LogicalID] = e.MaximumConcurrency
			}
		}
		if f.MemorySize < 256 || f.LogicalID == "AccountFunction" && f.MemorySize != 1024 {
			t.Errorf("%s has %d MB", f.LogicalID, f.MemorySize)
		}
	}
	if want := map[string]int{"AccountFunction": 20, "SlaFunction": 2}; !maps.Equal(reserved, want) {
		t.Errorf("reserved are %v, not %v", reserved, want)
	}
	if want := map[string]int{"MediaFunction": 5, "NotifyFunction": 10, "SlaFunction": 2}; !maps.Equal(bounded, want) {
		t.Errorf("bounded are %v, not %v", bounded, want)
	}
}

// removers are who may delete items, and what: sessions, one-time links, windows of
// the limiter, leases, expired names, slots that were never attached.
var removers = map[string]string{"AccountFunction": "dynamodb:DeleteItem", "SlaFunction": "dynamodb:DeleteItem s3:DeleteObject"}

func TestNoFunctionMayDoMoreThanItsStatementsSay(t *testing.T) {
	tpl := load(t)
	for _, f := range tpl.Functions {
		if f.Role != "" || len(f.ManagedPolicies) > 0 {
			t.Errorf("%s has a role or managed policies besides its statements", f.LogicalID)
		}
		var deletes []string
		for _, s := range f.Statements {
			for _, a := range s.Actions {
				service, action, _ := strings.Cut(a, ":")
				switch {
				case strings.ContainsAny(a, "*?") || action == "Scan" || strings.HasPrefix(action, "Batch") || strings.Contains(action, "PartiQL"):
					t.Errorf("%s may %s", f.LogicalID, a)
				case strings.HasPrefix(action, "Delete") && (service == "dynamodb" || service == "s3"):
					deletes = append(deletes, a)
				}
			}
			for _, r := range s.Resources {
				if !strings.HasPrefix(r, "arn:") || strings.Contains(strings.TrimSuffix(r, "/*"), "*") {
					t.Errorf("%s: the resource %s is wider than one thing or one prefix", f.LogicalID, r)
				}
			}
		}
		if got := strings.Join(deletes, " "); got != removers[f.LogicalID] {
			t.Errorf("%s may delete by %q, not by %q", f.LogicalID, got, removers[f.LogicalID])
		}
	}
}

func TestOthersThanFunctionsMayOnlyFeedQueues(t *testing.T) {
	for _, p := range load(t).QueuePolicies {
		for _, s := range p.Statements {
			if !slices.Equal(s.Actions, []string{"sqs:SendMessage"}) || len(s.Conditions) == 0 || slices.Contains(s.Principals, "*") {
				t.Errorf("%s: %+v", p.LogicalID, s)
			}
		}
	}
	for id, r := range resources(t, "template.yaml") {
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		if got := at(r.Properties, "Policies", 0, "PolicyDocument", "Statement", 0, "Action"); got != "sqs:SendMessage" {
			t.Errorf("the role %s may %v", id, got)
		}
		if at(r.Properties, "Policies", 1) != nil || at(r.Properties, "ManagedPolicyArns") != nil {
			t.Errorf("the role %s may more than one thing", id)
		}
	}
}
