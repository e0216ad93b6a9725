package check

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// stacks are the nested ones with alarms, and the resource that nests each.
var stacks = map[string]string{"queues.yaml": "QueueAlarms", "functions.yaml": "FunctionAlarms", "shared.yaml": "SharedAlarms"}

// alarms are the alarms of all stacks by their name, without the stack's own.
func alarms(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for file := range stacks {
		for id, r := range resources(t, "infra", "stacks", file) {
			if r.Type != "AWS::CloudWatch::Alarm" {
				continue
			}
			full, _ := at(r.Properties, "AlarmName").(string)
			name, ok := strings.CutPrefix(full, "${Stack}-")
			if !ok || all[name] != nil {
				t.Errorf("%s: the alarm %s is called %q", file, id, full)
			}
			all[name] = r.Properties
		}
	}
	return all
}

var steps = regexp.MustCompile(`(?m)^\| ([a-z0-9-]+) \| ([^|]+) \| ([^|]+) \|$`)

func TestEveryAlarmHasALineInTheRunbook(t *testing.T) {
	runbook, err := os.ReadFile(filepath.Join(root(t), "RUNBOOK.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]bool{}
	for _, m := range steps.FindAllStringSubmatch(string(runbook), -1) {
		if lines[m[1]] {
			t.Errorf("%s has two lines", m[1])
		}
		lines[m[1]] = true
		if len(strings.Fields(m[2])) < 3 || len(strings.Fields(m[3])) < 3 {
			t.Errorf("the line of %s says neither what it means nor what to do", m[1])
		}
	}
	all := alarms(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !lines[name] {
			t.Errorf("the alarm %s has no line in RUNBOOK.md", name)
		}
		if at(all[name], "AlarmActions", 0) == nil {
			t.Errorf("the alarm %s tells nobody", name)
		}
	}
	for name := range lines {
		if all[name] == nil {
			t.Errorf("RUNBOOK.md has a line for %s, which is no alarm", name)
		}
	}
}

func TestEveryQueueAndFunctionHasItsAlarms(t *testing.T) {
	all, tpl := alarms(t), load(t)
	watch := func(name, namespace, metric, missing string) {
		t.Helper()
		a := all[name]
		if a == nil || at(a, "Namespace") != namespace || at(a, "MetricName") != metric || at(a, "TreatMissingData") != missing {
			t.Errorf("the alarm %s does not watch %s %s: %v", name, namespace, metric, a)
		}
	}
	for _, q := range tpl.Queues {
		if step, dead := strings.CutSuffix(q.LogicalID, "DeadQueue"); dead {
			watch(strings.ToLower(step)+"-dead", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "notBreaching")
		} else {
			watch(strings.ToLower(strings.TrimSuffix(q.LogicalID, "Queue"))+"-age", "AWS/SQS", "ApproximateAgeOfOldestMessage", "notBreaching")
		}
	}
	for _, f := range tpl.Functions {
		watch(filepath.Base(f.CodeURI)+"-errors", "AWS/Lambda", "Errors", "notBreaching")
		watch(filepath.Base(f.CodeURI)+"-throttles", "AWS/Lambda", "Throttles", "notBreaching")
	}
	watch("sweep-heartbeat", "AWS/SQS", "NumberOfMessagesDeleted", "breaching")
	watch("mail-bounces", "AWS/SES", "Reputation.BounceRate", "notBreaching")
	watch("mail-complaints", "AWS/SES", "Reputation.ComplaintRate", "notBreaching")
	watch("concurrency", "AWS/Lambda", "ConcurrentExecutions", "notBreaching")
	watch("parked", "Stack", "Parked", "notBreaching")
	watch("mail-refused", "Stack", "MailRefused", "notBreaching")
}

// measured are the metrics of AWS that alarms may name, as its pages list them:
// an alarm on a name that nobody sends is silent for ever.
var measured = map[string][]string{
	"AWS/SQS":        {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesDeleted"}, // sqs-available-cloudwatch-metrics
	"AWS/Lambda":     {"Errors", "Throttles", "ConcurrentExecutions"},                                                    // monitoring-metrics-types
	"AWS/ApiGateway": {"5xx", "Latency"},                                                                                 // http-api-metrics
	"AWS/DynamoDB":   {"ReadThrottleEvents", "WriteThrottleEvents"},                                                      // metrics-dimensions
	"AWS/SES":        {"Reputation.BounceRate", "Reputation.ComplaintRate"},                                              // reputationdashboard
}

// An alarm of the stack's own namespace rests on a filter, the filter on a field
// of the line of an invocation, and the field on code that writes it.
func TestEveryMetricOfAnAlarmIsSent(t *testing.T) {
	sent := map[string]bool{}
	for id, r := range resources(t, "infra", "stacks", "shared.yaml") {
		if r.Type != "AWS::Logs::MetricFilter" {
			continue
		}
		name, _ := at(r.Properties, "MetricTransformations", 0, "MetricName").(string)
		value, _ := at(r.Properties, "MetricTransformations", 0, "MetricValue").(string)
		group, _ := at(r.Properties, "LogGroupName").(string)
		field := strings.TrimPrefix(value, "$.")
		if at(r.Properties, "FilterPattern") != "{ "+value+" > 0 }" || at(r.Properties, "MetricTransformations", 0, "MetricNamespace") != "Stack" {
			t.Errorf("the filter %s: %v", id, r.Properties)
		}
		step := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(group, "/aws/lambda/${"), "Function}"))
		if !writes(t, field, filepath.Join("functions", step), filepath.Join("shared", "lambdaio")) {
			t.Errorf("the filter %s reads the field %q, which neither %s nor lambdaio writes", id, field, step)
		}
		sent[name] = true
	}
	for name, alarm := range alarms(t) {
		namespace, _ := at(alarm, "Namespace").(string)
		metric, _ := at(alarm, "MetricName").(string)
		if namespace == "Stack" && !sent[metric] || namespace != "Stack" && !slices.Contains(measured[namespace], metric) {
			t.Errorf("the alarm %s is on %s %s, which nobody sends", name, namespace, metric)
		}
	}
	if len(sent) == 0 || writes(t, "no_such_field", filepath.Join("functions", "notify"), filepath.Join("shared", "lambdaio")) {
		t.Error("no filter was looked at, or every field is found")
	}
}

// writes tells whether code in one of the folders counts a figure of the line of
// an invocation, or names it as an attribute.
func writes(t *testing.T, field string, folders ...string) bool {
	t.Helper()
	count := regexp.MustCompile(`caller\.Count\(ctx, "` + regexp.QuoteMeta(field) + `"|\[\]any\{.*"` + regexp.QuoteMeta(field) + `",`)
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(root(t), folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") && count.Match(source) {
				return true
			}
		}
	}
	return false
}

// The nested stacks are told of every queue and function by name: one that is
// passed under another's name would watch the wrong thing.
func TestTheStacksOfAlarmsAreToldTheRightNames(t *testing.T) {
	parent := resources(t, "template.yaml")
	for file, id := range stacks {
		if at(parent[id].Properties, "TemplateURL") != "infra/stacks/"+file {
			t.Errorf("%s nests %v", id, at(parent[id].Properties, "TemplateURL"))
		}
		given, _ := at(parent[id].Properties, "Parameters").(map[string]any)
		for name, value := range given {
			if strings.HasSuffix(name, "Queue") && value != name+".QueueName" || strings.HasSuffix(name, "Function") && value != name {
				t.Errorf("%s: %s is %v", id, name, value)
			}
		}
		for alarm, r := range resources(t, "infra", "stacks", file) {
			for i := 0; at(r.Properties, "Dimensions", i) != nil; i++ {
				value, _ := at(r.Properties, "Dimensions", i, "Value").(string)
				step := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(alarm, "Age"), "Dead"), "Errors"), "Throttles")
				if strings.HasSuffix(value, "Queue") && alarm != "SweepHeartbeat" && !strings.HasPrefix(value, step) || strings.HasSuffix(value, "Function") && value != step+"Function" ||
					strings.HasSuffix(alarm, "Dead") != strings.HasSuffix(value, "DeadQueue") {
					t.Errorf("%s: the alarm %s watches %s", file, alarm, value)
				}
			}
		}
	}
}
