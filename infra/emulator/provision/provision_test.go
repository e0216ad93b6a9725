package provision_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/infra/emulator"
	"paht/infra/emulator/provision"
	"paht/infra/emulator/scheduler"
	"paht/infra/emulator/sqs"
	"paht/infra/template"
)

// copyOf loads the test template with some text replaced.
func copyOf(t *testing.T, replace ...string) *template.Template {
	t.Helper()
	data, err := os.ReadFile("testdata/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(data), replace[i]) {
			t.Fatalf("the template does not hold %q", replace[i])
		}
	}
	changed := strings.NewReplacer(replace...).Replace(string(data))
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := template.Load(path, nil, template.Resolver{StackName: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func open(t *testing.T, dir string) *emulator.Emulator {
	t.Helper()
	e, err := emulator.Open(emulator.Options{Dir: dir, Authorize: func(key, action string, _ []string) error {
		t.Errorf("%s was asked for %s", key, action)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // a test may have closed it
	return e
}

func apply(t *testing.T, e *emulator.Emulator, template *template.Template) {
	t.Helper()
	if err := provision.Provision(e, template); err != nil {
		t.Fatal(err)
	}
}

func indexes(t *testing.T, e *emulator.Emulator) map[string]int64 {
	t.Helper()
	out, err := dynamodb.NewFromConfig(e.OwnerConfig()).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("demo-Table")})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int64{}
	for _, i := range out.Table.GlobalSecondaryIndexes {
		found[*i.IndexName] = 0
	}
	return found
}

func put(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(e.OwnerConfig()).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("demo-Table"),
		Item: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "PA-1"}, "owner": &types.AttributeValueMemberS{Value: "U-1"}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheTemplateDeclaresIsThere(t *testing.T) {
	e := open(t, "")
	apply(t, e, copyOf(t))
	if names := e.Queues().Names(); strings.Join(names, " ") != "demo-DeadQueue demo-SlaQueue" {
		t.Errorf("the queues are %v", names)
	}
	attributes, err := e.Queues().Attributes("demo-SlaQueue")
	if err != nil || attributes["VisibilityTimeout"] != "60" || !strings.Contains(attributes["RedrivePolicy"], "demo-DeadQueue") {
		t.Errorf("the queue's attributes are %v (%v)", attributes, err)
	}
	if got := indexes(t, e); len(got) != 1 {
		t.Errorf("the indexes are %v", got)
	}
	ttl, err := dynamodb.NewFromConfig(e.OwnerConfig()).DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("demo-Table")})
	if err != nil || aws.ToString(ttl.TimeToLiveDescription.AttributeName) != "expires" {
		t.Errorf("the time to live is %+v (%v)", ttl, err)
	}
	if p, err := e.Parameters().Get("/demo/settings"); err != nil || p.Value != "a" {
		t.Errorf("the parameter is %+v (%v)", p, err)
	}
	if s, err := e.Schedules().Get("demo-Sweep"); err != nil || s.Target.Arn != e.Queues().ARN("demo-SlaQueue") {
		t.Errorf("the schedule is %+v (%v)", s, err)
	}
}

func TestASecondStartChangesNothing(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir)
	apply(t, e, copyOf(t))
	put(t, e)
	if _, err := e.Queues().Send("demo-SlaQueue", sqs.Outgoing{Body: "kept"}); err != nil {
		t.Fatal(err)
	}
	next, _ := e.Schedules().Next()
	before, err := e.Queues().Attributes("demo-SlaQueue")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir)
	apply(t, e, copyOf(t))
	if after, _ := e.Schedules().Next(); !after.Equal(next) {
		t.Errorf("the schedule fires at %s, before the second start it was %s", after, next)
	}
	after, err := e.Queues().Attributes("demo-SlaQueue")
	if err != nil || after["LastModifiedTimestamp"] != before["LastModifiedTimestamp"] || after["ApproximateNumberOfMessages"] != "1" {
		t.Errorf("the queue is %v (%v), before it was %v", after, err, before)
	}
	if p, err := e.Parameters().Get("/demo/settings"); err != nil || p.Version != 1 {
		t.Errorf("the parameter is %+v (%v)", p, err)
	}
}

func TestAChangedTemplateIsFollowed(t *testing.T) {
	e := open(t, "")
	apply(t, e, copyOf(t))
	put(t, e)
	apply(t, e, copyOf(t,
		"VisibilityTimeout: 60", "VisibilityTimeout: 90",
		"Value: a", "Value: b",
		"rate(1 minute)", "rate(2 minutes)",
		"# more attributes", "- {AttributeName: owner, AttributeType: S}",
		"# more indexes", "- {IndexName: mine, KeySchema: [{AttributeName: owner, KeyType: HASH}], Projection: {ProjectionType: KEYS_ONLY}}"))
	if a, err := e.Queues().Attributes("demo-SlaQueue"); err != nil || a["VisibilityTimeout"] != "90" {
		t.Errorf("the queue is %v (%v)", a, err)
	}
	if p, err := e.Parameters().Get("/demo/settings"); err != nil || p.Value != "b" {
		t.Errorf("the parameter is %+v (%v)", p, err)
	}
	if s, err := e.Schedules().Get("demo-Sweep"); err != nil || s.ScheduleExpression != "rate(2 minutes)" {
		t.Errorf("the schedule is %+v (%v)", s, err)
	}
	out, err := dynamodb.NewFromConfig(e.OwnerConfig()).Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("demo-Table"), IndexName: aws.String("mine"),
		KeyConditionExpression: aws.String("#o = :o"), ExpressionAttributeNames: map[string]string{"#o": "owner"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":o": &types.AttributeValueMemberS{Value: "U-1"}}})
	if err != nil || out.Count != 1 {
		t.Errorf("the new index gives %+v (%v), want the item that was there", out, err)
	}
	apply(t, e, copyOf(t, "VisibilityTimeout: 60", "DelaySeconds: 0"))
	if a, err := e.Queues().Attributes("demo-SlaQueue"); err != nil || a["VisibilityTimeout"] != "30" {
		t.Errorf("an attribute that is declared no more is %v (%v), want its standard value", a, err)
	}
	if got := indexes(t, e); len(got) != 1 {
		t.Errorf("the indexes are %v, want the new one gone", got)
	}
}

func TestAScheduleThatIsDeclaredNoMoreIsDeleted(t *testing.T) {
	e := open(t, "")
	apply(t, e, copyOf(t))
	own := scheduler.Schedule{Name: "own", ScheduleExpression: "rate(1 hour)", FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{Arn: e.Queues().ARN("demo-SlaQueue"), RoleArn: "r", Input: "{}"}}
	if err := e.Schedules().Create(own, "a function made it"); err != nil {
		t.Fatal(err)
	}
	apply(t, e, copyOf(t, "  Sweep:\n", "  Other:\n"))
	if names := e.Schedules().Names(); strings.Join(names, " ") != "demo-Other own" {
		t.Errorf("the schedules are %v", names)
	}
}

func TestAChangedKeyAndAFunctionsScheduleAreRefused(t *testing.T) {
	e := open(t, "")
	apply(t, e, copyOf(t))
	for want, changed := range map[string]*template.Template{
		"table Table: the key of a table that exists cannot be changed": copyOf(t, "{AttributeName: pk, AttributeType: S}", "{AttributeName: pk, AttributeType: N}"),
		"the schedule event Tick": copyOf(t, "# more resources", "Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: x, Runtime: provided.al2023, "+
			"Events: {Tick: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}}}}"),
	} {
		if err := provision.Provision(e, changed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one that says %q", err, want)
		}
	}
}

func TestADeclaredScheduleFires(t *testing.T) {
	e := open(t, "")
	apply(t, e, copyOf(t))
	sent, err := e.Schedules().Due(time.Now())
	if err != nil || sent != 1 {
		t.Fatalf("%d messages were sent (%v), want one", sent, err)
	}
	if c, err := e.Queues().Counts("demo-SlaQueue"); err != nil || c.Visible != 1 {
		t.Errorf("the queue holds %+v (%v)", c, err)
	}
}
