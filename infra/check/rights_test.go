package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// grants lists what is allowed anywhere in a value.
func grants(v any) (all []string) {
	switch v := v.(type) {
	case []any:
		for _, member := range v {
			all = append(all, grants(member)...)
		}
	case map[string]any:
		if v["Effect"] == "Allow" {
			return []string{fmt.Sprint(v["Principal"], " ", v["Action"], " on ", v["Resource"], " if ", v["Condition"])}
		}
		for _, member := range v {
			all = append(all, grants(member)...)
		}
	}
	return all
}

// Functions' rights are tried by taking each away; of these there are few, and the
// services that have them are not on one machine: each is written here once more.
func TestOthersThanFunctionsMayDoThisAndNoMore(t *testing.T) {
	const (
		account      = " if map[StringEquals:map[aws:SourceAccount:AWS::AccountId]]"
		distribution = " if map[StringEquals:map[aws:SourceArn:arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}]]"
	)
	want := []string{
		// The bucket tells of photos, the schedule of minutes, alarms of what is wrong.
		"template.yaml MediaQueuePolicy: map[Service:s3.amazonaws.com] sqs:SendMessage on MediaQueue.Arn" + account,
		"template.yaml SweepRole: map[Service:scheduler.amazonaws.com] sts:AssumeRole on <nil>" + account,
		"template.yaml SweepRole: <nil> sqs:SendMessage on SlaQueue.Arn if <nil>",
		"infra/stacks/queues.yaml TopicPolicy: map[Service:cloudwatch.amazonaws.com] sns:Publish on Topic" + account,
		// The distribution reads pages and published files.
		"template.yaml BucketPolicy: map[Service:cloudfront.amazonaws.com] s3:GetObject on ${Bucket.Arn}/public/* if map[StringEquals:map[aws:SourceArn:Distribution]]",
		"infra/stacks/cdn.yaml PagesPolicy: map[Service:cloudfront.amazonaws.com] s3:ListBucket on Pages.Arn" + distribution,
		"infra/stacks/cdn.yaml PagesPolicy: map[Service:cloudfront.amazonaws.com] s3:GetObject on ${Pages.Arn}/*" + distribution,
	}
	files, err := filepath.Glob(filepath.Join(root(t), "infra", "stacks", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are the stacks %v, %v", files, err)
	}
	var got []string
	for _, path := range append(files, filepath.Join(root(t), "template.yaml")) {
		name, err := filepath.Rel(root(t), path)
		if err != nil {
			t.Fatal(err)
		}
		for id, r := range resources(t, name) {
			if r.Type == "AWS::Serverless::Function" {
				continue
			}
			for _, grant := range grants(r.Properties) {
				got = append(got, filepath.ToSlash(name)+" "+id+": "+grant)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("others than functions may\n%s\nand should\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
