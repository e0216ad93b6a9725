package template

import (
	"encoding/json"
	"errors"
	"strconv"
)

// Key is an attribute of a table's key with its type: S, N or B.
type Key struct{ Name, Type string }

// Table is an AWS::DynamoDB::Table.
type Table struct {
	LogicalID, Name     string
	Hash                Key
	Range               *Key
	Indexes             []Index
	TTLAttribute        string // empty when the table has no TTL
	PointInTimeRecovery bool
	Line                int
}

// Index is a global secondary index.
type Index struct {
	Name             string
	Hash             Key
	Range            *Key
	Projection       string // ALL, KEYS_ONLY or INCLUDE
	NonKeyAttributes []string
}

// Queue is an AWS::SQS::Queue. Attributes are those that the template sets,
// under the names of the SQS API.
type Queue struct {
	LogicalID, Name, ARN string
	Attributes           map[string]string
	DeadLetterARN        string // empty when there is none
	MaxReceiveCount      int
	Line                 int
}

// Bucket is an AWS::S3::Bucket. Properties holds everything as declared.
type Bucket struct {
	LogicalID, Name string
	CORS            []CORSRule
	Notifications   []Notification
	Lifecycle       []LifecycleRule
	Versioning      bool
	ObjectLock      bool
	Properties      map[string]any
	Line            int
}

// CORSRule is one rule of a bucket's CorsConfiguration.
type CORSRule struct {
	AllowedOrigins, AllowedMethods, AllowedHeaders, ExposedHeaders []string
	MaxAge                                                         int
}

// Notification sends a bucket's events to a queue.
type Notification struct {
	Event, QueueARN, Prefix, Suffix string
}

// LifecycleRule is one rule of a bucket's LifecycleConfiguration.
type LifecycleRule struct {
	ID                                 string
	Prefix                             string
	Enabled                            bool
	ExpirationDays                     int // 0 when not set
	NoncurrentDays                     int
	AbortIncompleteMultipartUploadDays int
}

// Schedule is an AWS::Scheduler::Schedule.
type Schedule struct {
	LogicalID, Name, Description string
	Expression, Timezone, State  string
	TargetARN, RoleARN, Input    string
	DeadLetterARN                string
	MaximumRetryAttempts         *int
	MaximumEventAgeInSeconds     *int
	Line                         int
}

// Parameter is an AWS::SSM::Parameter.
type Parameter struct {
	LogicalID, Name, Type, Value string
	Line                         int
}

// decode reads every resource; all that is wrong is told at once.
func (t *Template) decode() error {
	var errs []error
	for _, id := range t.order {
		if err := t.decodeResource(t.resources[id]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (t *Template) decodeResource(res *resource) error {
	read, ok := readers[res.kind]
	if !ok {
		t.Raw = append(t.Raw, Raw{res.id, res.kind, res.node.Line})
		return nil
	}
	v := value{kind: object, line: res.node.Line}
	if n := res.properties(); n != nil {
		var err error
		if v, err = (evaluator{t, res.id}).node(n); err != nil {
			return err
		}
		v.line = res.node.Line
	}
	name, err := t.physicalName(res)
	if err != nil {
		return t.errorf(res.node.Line, res.id, "%w", err)
	}
	r := &reader{t: t, id: res.id}
	read(r, v, name)
	return r.err()
}

var readers = map[string]func(r *reader, v value, name string){
	typeFunction: func(r *reader, v value, name string) {
		f := r.function(v)
		f.Name = name
		r.t.Functions = append(r.t.Functions, f)
	},
	typeTable:    func(r *reader, v value, name string) { r.t.Tables = append(r.t.Tables, r.table(v, name)) },
	typeQueue:    func(r *reader, v value, name string) { r.t.Queues = append(r.t.Queues, r.queue(v, name)) },
	typeBucket:   func(r *reader, v value, name string) { r.t.Buckets = append(r.t.Buckets, r.bucket(v, name)) },
	typeSchedule: func(r *reader, v value, name string) { r.t.Schedules = append(r.t.Schedules, r.schedule(v, name)) },
	typeParameter: func(r *reader, v value, name string) {
		r.t.Parameters = append(r.t.Parameters, Parameter{r.id, name, r.need(v, "Type"), r.need(v, "Value"), v.line})
	},
	typeQueuePolicy: func(r *reader, v value, _ string) {
		r.t.QueuePolicies = append(r.t.QueuePolicies, ResourcePolicy{r.id, r.texts(v, "Queues"), r.statements(v.get("PolicyDocument"))})
	},
	typeBucketPolicy: func(r *reader, v value, _ string) {
		r.t.BucketPolicies = append(r.t.BucketPolicies, ResourcePolicy{r.id, r.texts(v, "Bucket"), r.statements(v.get("PolicyDocument"))})
	},
}

func (r *reader) table(v value, name string) Table {
	r.only(v, typeTable, "TableName", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "TimeToLiveSpecification",
		"BillingMode", "PointInTimeRecoverySpecification", "SSESpecification", "DeletionProtectionEnabled", "Tags", "TableClass",
		"OnDemandThroughput", "ContributorInsightsSpecification")
	types := map[string]string{}
	for _, a := range r.list(v, "AttributeDefinitions") {
		types[r.need(a, "AttributeName")] = r.need(a, "AttributeType")
	}
	if mode := r.text(v, "BillingMode"); mode != "PAY_PER_REQUEST" {
		r.failf(v, "not supported here: a BillingMode other than PAY_PER_REQUEST")
	}
	t := Table{LogicalID: r.id, Name: name, Line: v.line,
		PointInTimeRecovery: r.flag(v.get("PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled", false)}
	used := map[string]bool{}
	t.Hash, t.Range = r.keys(v, types, used)
	for _, index := range r.list(v, "GlobalSecondaryIndexes") {
		r.only(index, "an index", "IndexName", "KeySchema", "Projection", "OnDemandThroughput", "ContributorInsightsSpecification")
		i := Index{Name: r.need(index, "IndexName"), Projection: r.need(index.get("Projection"), "ProjectionType"),
			NonKeyAttributes: r.texts(index.get("Projection"), "NonKeyAttributes")}
		i.Hash, i.Range = r.keys(index, types, used)
		t.Indexes = append(t.Indexes, i)
	}
	for attribute := range types {
		if !used[attribute] {
			r.failf(v.get("AttributeDefinitions"), "the attribute %s is in no key", attribute)
		}
	}
	if ttl := v.get("TimeToLiveSpecification"); r.flag(ttl, "Enabled", false) {
		t.TTLAttribute = r.need(ttl, "AttributeName")
	}
	return t
}

func (r *reader) keys(v value, types map[string]string, used map[string]bool) (hash Key, sort *Key) {
	for _, k := range r.list(v, "KeySchema") {
		key := Key{Name: r.need(k, "AttributeName")}
		key.Type = types[key.Name]
		used[key.Name] = true
		switch kind := r.need(k, "KeyType"); {
		case key.Type == "":
			r.failf(k, "the key attribute %s has no AttributeDefinition", key.Name)
		case kind == "HASH" && hash.Name == "":
			hash = key
		case kind == "RANGE" && sort == nil:
			sort = &key
		default:
			r.failf(k, "KeySchema takes one HASH and at most one RANGE key")
		}
	}
	if hash.Name == "" {
		r.failf(v, "KeySchema must name a HASH key")
	}
	return hash, sort
}

// queueAttributes maps the template's names to the API's; they are the same
// but for kind: true is a flag.
var queueAttributes = map[string]bool{"VisibilityTimeout": false, "MessageRetentionPeriod": false, "DelaySeconds": false,
	"ReceiveMessageWaitTimeSeconds": false, "MaximumMessageSize": false, "SqsManagedSseEnabled": true}

func (r *reader) queue(v value, name string) Queue {
	r.only(v, typeQueue, "QueueName", "VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds",
		"MaximumMessageSize", "SqsManagedSseEnabled", "RedrivePolicy", "RedriveAllowPolicy", "Tags")
	q := Queue{LogicalID: r.id, Name: name, ARN: r.t.arn(typeQueue, name), Attributes: map[string]string{}, Line: v.line}
	for attribute, flag := range queueAttributes {
		if v.get(attribute).kind == nothing {
			continue
		}
		if flag {
			q.Attributes[attribute] = strconv.FormatBool(r.flag(v, attribute, false))
		} else {
			q.Attributes[attribute] = strconv.Itoa(r.number(v, attribute, 0))
		}
	}
	if redrive := v.get("RedrivePolicy"); redrive.kind != nothing {
		q.DeadLetterARN, q.MaxReceiveCount = r.need(redrive, "deadLetterTargetArn"), r.number(redrive, "maxReceiveCount", 0)
		q.Attributes["RedrivePolicy"] = r.json(map[string]any{"deadLetterTargetArn": q.DeadLetterARN, "maxReceiveCount": q.MaxReceiveCount}, redrive)
	}
	if allow := v.get("RedriveAllowPolicy"); allow.kind != nothing {
		q.Attributes["RedriveAllowPolicy"] = r.json(allow.plain(), allow)
	}
	return q
}

func (r *reader) json(data any, v value) string {
	encoded, err := json.Marshal(data)
	if err != nil {
		r.failf(v, "encoding as JSON: %w", err)
	}
	return string(encoded)
}

func (r *reader) bucket(v value, name string) Bucket {
	b := Bucket{LogicalID: r.id, Name: name, Line: v.line, Versioning: r.text(v.get("VersioningConfiguration"), "Status") == "Enabled",
		ObjectLock: r.text(v, "ObjectLockEnabled") == "true"}
	b.Properties, _ = v.plain().(map[string]any)
	for _, rule := range r.list(v.get("CorsConfiguration"), "CorsRules") {
		b.CORS = append(b.CORS, CORSRule{r.texts(rule, "AllowedOrigins"), r.texts(rule, "AllowedMethods"),
			r.texts(rule, "AllowedHeaders"), r.texts(rule, "ExposedHeaders"), r.number(rule, "MaxAge", 0)})
	}
	notify := v.get("NotificationConfiguration")
	r.only(notify, "NotificationConfiguration", "QueueConfigurations")
	for _, q := range r.list(notify, "QueueConfigurations") {
		n := Notification{Event: r.need(q, "Event"), QueueARN: r.need(q, "Queue")}
		for _, rule := range r.list(q.path("Filter", "S3Key"), "Rules") {
			switch r.text(rule, "Name") {
			case "prefix":
				n.Prefix = r.text(rule, "Value")
			case "suffix":
				n.Suffix = r.text(rule, "Value")
			default:
				r.failf(rule, "a filter rule's Name must be prefix or suffix")
			}
		}
		b.Notifications = append(b.Notifications, n)
	}
	for _, rule := range r.list(v.get("LifecycleConfiguration"), "Rules") {
		b.Lifecycle = append(b.Lifecycle, LifecycleRule{ID: r.text(rule, "Id"), Prefix: r.text(rule, "Prefix"),
			Enabled: r.need(rule, "Status") == "Enabled", ExpirationDays: r.number(rule, "ExpirationInDays", 0),
			NoncurrentDays:                     r.number(rule.get("NoncurrentVersionExpiration"), "NoncurrentDays", 0),
			AbortIncompleteMultipartUploadDays: r.number(rule.get("AbortIncompleteMultipartUpload"), "DaysAfterInitiation", 0)})
	}
	return b
}

func (r *reader) schedule(v value, name string) Schedule {
	r.only(v, typeSchedule, "Name", "Description", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "State",
		"FlexibleTimeWindow", "Target")
	target := v.get("Target")
	r.only(target, "a schedule's Target", "Arn", "RoleArn", "Input", "RetryPolicy", "DeadLetterConfig")
	if group := r.text(v, "GroupName"); group != "" && group != "default" {
		r.failf(v.get("GroupName"), "not supported here: a GroupName other than default")
	}
	if mode := r.need(v.get("FlexibleTimeWindow"), "Mode"); mode != "OFF" {
		r.failf(v.get("FlexibleTimeWindow"), "not supported here: FlexibleTimeWindow %s", mode)
	}
	return Schedule{LogicalID: r.id, Name: name, Description: r.text(v, "Description"), Expression: r.need(v, "ScheduleExpression"),
		Timezone: r.text(v, "ScheduleExpressionTimezone"), State: r.text(v, "State"), TargetARN: r.need(target, "Arn"),
		RoleARN: r.need(target, "RoleArn"), Input: r.text(target, "Input"),
		DeadLetterARN:            r.text(target.get("DeadLetterConfig"), "Arn"),
		MaximumRetryAttempts:     r.optional(target.get("RetryPolicy"), "MaximumRetryAttempts"),
		MaximumEventAgeInSeconds: r.optional(target.get("RetryPolicy"), "MaximumEventAgeInSeconds"), Line: v.line}
}
