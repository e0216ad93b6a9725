package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"paht/infra/emulator/provision"
	"paht/infra/template"
)

func (s *Stage) sqs() *sqs.Client { return sqs.NewFromConfig(s.options.Config) }

func (s *Stage) s3() *s3.Client {
	return s3.NewFromConfig(s.options.Config, func(o *s3.Options) { o.UsePathStyle = true })
}

const redrive = "RedrivePolicy"

// makeQueues makes the queues without their redrive policies, which name the account that is learnt by it.
func (s *Stage) makeQueues(ctx context.Context, t *template.Template) error {
	s.names, s.queues = map[string]string{}, map[string]string{}
	for _, q := range t.Queues {
		bare := maps.Clone(q.Attributes)
		delete(bare, redrive)
		made, err := s.sqs().CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.Name, Attributes: bare})
		if err != nil {
			return fmt.Errorf("creating queue %s: %w", q.LogicalID, err)
		}
		s.onClose(func() error {
			_, err := s.sqs().DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: made.QueueUrl})
			return err
		})
		told, err := s.sqs().GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: made.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn}})
		if err != nil {
			return fmt.Errorf("reading queue %s: %w", q.LogicalID, err)
		}
		arn := told.Attributes["QueueArn"]
		s.names[q.Name], s.queues[arn], s.account = *made.QueueUrl, *made.QueueUrl, strings.Split(arn, ":")[4]
	}
	return nil
}

// provision makes the rest of what the template declares.
func (s *Stage) provision(ctx context.Context) error {
	client := dynamodb.NewFromConfig(s.options.Config)
	for _, t := range s.template.Tables {
		s.onClose(func() error {
			_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &t.Name})
			return err
		})
	}
	if err := provision.Tables(ctx, client, s.template); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{s.connectQueues, s.makeBuckets, s.makeSchedules} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// connectQueues sets the redrive policies, and lets a bucket send to the queues that it notifies.
func (s *Stage) connectQueues(ctx context.Context) error {
	changed := map[string]map[string]string{}
	for _, q := range s.template.Queues {
		if q.Attributes[redrive] != "" {
			changed[q.ARN] = map[string]string{redrive: q.Attributes[redrive]}
		}
	}
	for _, b := range s.template.Buckets {
		for _, n := range b.Notifications {
			policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow",
				"Principal": map[string]string{"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": n.QueueARN,
				"Condition": map[string]any{"ArnLike": map[string]string{"aws:SourceArn": "arn:aws:s3:::" + b.Name}}}}})
			if err != nil {
				return err
			}
			if changed[n.QueueARN] == nil {
				changed[n.QueueARN] = map[string]string{}
			}
			changed[n.QueueARN]["Policy"] = string(policy)
		}
	}
	for arn, attributes := range changed {
		if _, err := s.sqs().SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: aws.String(s.queues[arn]), Attributes: attributes}); err != nil {
			return fmt.Errorf("connecting queue %s: %w", arn, err)
		}
	}
	return nil
}

func (s *Stage) makeBuckets(ctx context.Context) error {
	for _, b := range s.template.Buckets {
		if err := s.makeBucket(ctx, b); err != nil {
			return fmt.Errorf("creating bucket %s: %w", b.LogicalID, err)
		}
	}
	return nil
}

func (s *Stage) makeBucket(ctx context.Context, b template.Bucket) error {
	client := s.s3()
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b.Name, ObjectLockEnabledForBucket: aws.Bool(b.ObjectLock), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{
		LocationConstraint: s3types.BucketLocationConstraint(s.options.Config.Region)}})
	if err != nil {
		return err
	}
	s.onClose(func() error { return empty(context.Background(), client, b.Name) })
	var queues []s3types.QueueConfiguration
	for _, n := range b.Notifications {
		queues = append(queues, s3types.QueueConfiguration{QueueArn: &n.QueueARN, Events: []s3types.Event{s3types.Event(n.Event)},
			Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{FilterRules: []s3types.FilterRule{
				{Name: s3types.FilterRuleNamePrefix, Value: &n.Prefix}, {Name: s3types.FilterRuleNameSuffix, Value: &n.Suffix}}}}})
	}
	if _, err := client.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: &b.Name,
		NotificationConfiguration: &s3types.NotificationConfiguration{QueueConfigurations: queues}}); err != nil {
		return fmt.Errorf("setting its notifications: %w", err)
	}
	var rules []s3types.CORSRule
	for _, r := range b.CORS {
		rules = append(rules, s3types.CORSRule{AllowedOrigins: r.AllowedOrigins, AllowedMethods: r.AllowedMethods, AllowedHeaders: r.AllowedHeaders, ExposeHeaders: r.ExposedHeaders})
	}
	if len(rules) == 0 {
		return nil
	}
	_, err = client.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &b.Name, CORSConfiguration: &s3types.CORSConfiguration{CORSRules: rules}})
	return err
}

// empty removes a bucket with every version in it, those of signed results too, whose
// retention is of the mode that an owner may pass by.
func empty(ctx context.Context, client *s3.Client, bucket string) error {
	remove := func(key, version *string) error {
		_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: key, VersionId: version, BypassGovernanceRetention: aws.Bool(true)})
		return err
	}
	pages := s3.NewListObjectVersionsPaginator(client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, v := range page.Versions {
			if err := remove(v.Key, v.VersionId); err != nil {
				return err
			}
		}
		for _, m := range page.DeleteMarkers {
			if err := remove(m.Key, m.VersionId); err != nil {
				return err
			}
		}
	}
	_, err := client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	return err
}

func (s *Stage) makeSchedules(ctx context.Context) error {
	client := scheduler.NewFromConfig(s.options.Config)
	for _, d := range s.template.Schedules {
		in := &scheduler.CreateScheduleInput{Name: &d.Name, ScheduleExpression: &d.Expression,
			FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
			Target:             &schedulertypes.Target{Arn: &d.TargetARN, RoleArn: &d.RoleARN, Input: &d.Input}}
		if d.Timezone != "" {
			in.ScheduleExpressionTimezone = &d.Timezone
		}
		if _, err := client.CreateSchedule(ctx, in); err != nil {
			return fmt.Errorf("creating schedule %s: %w", d.LogicalID, err)
		}
		s.onClose(func() error {
			_, err := client.DeleteSchedule(context.Background(), &scheduler.DeleteScheduleInput{Name: &d.Name})
			return err
		})
	}
	return nil
}

// public serves what was published, as the content delivery network does, from the template's one bucket.
func (s *Stage) public(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/")
	if !strings.HasPrefix(key, "public/") {
		http.NotFound(w, r)
		return
	}
	object, err := s.s3().GetObject(r.Context(), &s3.GetObjectInput{Bucket: &s.template.Buckets[0].Name, Key: &key})
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer object.Body.Close()
	w.Header().Set("Content-Type", aws.ToString(object.ContentType))
	w.Header().Set("Cache-Control", aws.ToString(object.CacheControl))
	_, _ = io.Copy(w, object.Body) // the reader has gone
}
