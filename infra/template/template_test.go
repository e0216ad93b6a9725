package template_test

import (
	"reflect"
	"strings"
	"testing"

	"paht/infra/emulator/policy"
	"paht/infra/template"
)

func load(t *testing.T, parameters map[string]string) *template.Template {
	t.Helper()
	loaded, err := template.Load("testdata/template.yaml", parameters, template.Resolver{StackName: "demo",
		Dynamic: func(reference string) (string, error) { return "value of " + reference, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestAFunctionIsReadWithTheGlobals(t *testing.T) {
	f := load(t, nil).Functions[0]
	limit := 5
	want := template.Function{
		LogicalID: "Submit", Name: "demo-Submit", CodeURI: "build/submit", Handler: "bootstrap", Runtime: "provided.al2023",
		Architectures: []string{"arm64"}, MemorySize: 256, Timeout: 10, EphemeralStorage: 512, ReservedConcurrency: &limit,
		Environment: map[string]string{"LEVEL": "info", "TABLE": "demo-Table", "SCREEN_QUEUE": "https://sqs.ap-southeast-1.amazonaws.com/000000000000/demo-ScreenQueue",
			"BUCKET": "demo-mediabucket", "ORIGIN": "http://localhost:8080", "SECRET": "value of secretsmanager:demo:SecretString:key", "STAGE": "test"},
		Statements: []policy.Statement{
			{Sid: "Reports", Effect: "Allow", Actions: []string{"dynamodb:PutItem", "dynamodb:Query"}, Resources: []string{
				"arn:aws:dynamodb:ap-southeast-1:000000000000:table/demo-Table", "arn:aws:dynamodb:ap-southeast-1:000000000000:table/demo-Table/index/*"},
				Conditions: []policy.Condition{{Operator: "ForAllValues:StringLike", Key: "dynamodb:LeadingKeys", Values: []string{"PA-*"}}}, Origin: "Submit "},
			{Effect: "Allow", Actions: []string{"sqs:SendMessage"}, Resources: []string{"arn:aws:sqs:ap-southeast-1:000000000000:demo-ScreenQueue"}, Origin: "Submit "},
		},
		ManagedPolicies: []string{"AWSXrayWriteOnlyAccess"},
		Routes:          []template.Route{{Event: "Post", Method: "POST", Path: "/v1/reports", API: "demo-Api"}},
		Line:            f.Line,
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("the function is\n%+v, want\n%+v", f, want)
	}
}

func TestQueueEventsAreReadWithTheirBounds(t *testing.T) {
	f := load(t, nil).Functions[1]
	want := []template.QueueEvent{{Event: "Queue", QueueARN: "arn:aws:sqs:ap-southeast-1:000000000000:demo-ScreenQueue", BatchSize: 5,
		MaximumBatchingWindow: 1, ReportBatchItemErrors: true, MaximumConcurrency: 2, Enabled: true}}
	if !reflect.DeepEqual(f.QueueEvents, want) {
		t.Errorf("the events are %+v, want %+v", f.QueueEvents, want)
	}
	if f.MemorySize != 512 || f.Environment["STAGE"] != "test" {
		t.Errorf("memory is %d and the stage %q", f.MemorySize, f.Environment["STAGE"])
	}
}

func TestResourcesAreRead(t *testing.T) {
	loaded := load(t, nil)
	table := loaded.Tables[0]
	table.Line = 0
	if want := (template.Table{LogicalID: "Table", Name: "demo-Table", Hash: template.Key{Name: "pk", Type: "S"}, Range: &template.Key{Name: "sk", Type: "S"},
		Indexes: []template.Index{{Name: "due", Hash: template.Key{Name: "shard", Type: "S"}, Range: &template.Key{Name: "due", Type: "N"},
			Projection: "INCLUDE", NonKeyAttributes: []string{"version"}}},
		TTLAttribute: "expires", PointInTimeRecovery: true}); !reflect.DeepEqual(table, want) {
		t.Errorf("the table is %+v, want %+v", table, want)
	}
	queue := loaded.Queues[1]
	if queue.Attributes["VisibilityTimeout"] != "60" || queue.MaxReceiveCount != 5 || queue.DeadLetterARN != loaded.Queues[0].ARN ||
		queue.Attributes["RedrivePolicy"] != `{"deadLetterTargetArn":"`+loaded.Queues[0].ARN+`","maxReceiveCount":5}` {
		t.Errorf("the queue is %+v", queue)
	}
	bucket := loaded.Buckets[0]
	if want := []template.Notification{{Event: "s3:ObjectCreated:*", QueueARN: queue.ARN, Prefix: "upload/"}}; !reflect.DeepEqual(bucket.Notifications, want) {
		t.Errorf("the notifications are %+v, want %+v", bucket.Notifications, want)
	}
	if len(bucket.CORS) != 1 || bucket.CORS[0].AllowedOrigins[0] != "http://localhost:8080" || bucket.Lifecycle[0].AbortIncompleteMultipartUploadDays != 1 {
		t.Errorf("the bucket is %+v", bucket)
	}
	schedule := loaded.Schedules[0]
	if schedule.Expression != "rate(1 minute)" || schedule.TargetARN != queue.ARN || schedule.Input != `{"due":"<aws.scheduler.scheduled-time>"}` ||
		schedule.RoleARN != "arn:aws:iam::000000000000:role/demo-ScheduleRole" {
		t.Errorf("the schedule is %+v", schedule)
	}
	if p := loaded.Parameters[0]; p.Name != "/demo/settings" || p.Value != "a,b" {
		t.Errorf("the parameter is %+v", p)
	}
	if p := loaded.QueuePolicies[0]; len(p.Statements) != 1 || p.Statements[0].Principals[0] != "Service:s3.amazonaws.com" {
		t.Errorf("the queue policy is %+v", p)
	}
	var raw []string
	for _, r := range loaded.Raw {
		raw = append(raw, r.LogicalID)
	}
	if strings.Join(raw, " ") != "Api ScheduleRole Alarm" {
		t.Errorf("kept raw are %v", raw)
	}
}

func TestConditionsAndParametersDecide(t *testing.T) {
	loaded := load(t, map[string]string{"Stage": "production", "Architecture": "x86_64"})
	if f := loaded.Functions[0]; f.ReservedConcurrency != nil || f.Architectures[0] != "x86_64" || f.Environment["LEVEL"] != "warn" {
		t.Errorf("the function is %+v", f)
	}
	if len(loaded.Parameters) != 0 {
		t.Errorf("a parameter whose condition does not hold is there: %+v", loaded.Parameters)
	}
	if out, err := loaded.Output("Queue"); err != nil || out != "ScreenQueue is demo-ScreenQueue in ap-southeast-1 ${kept}" {
		t.Errorf("the output is %q (%v)", out, err)
	}
}

func TestTheResolverKnowsBetter(t *testing.T) {
	loaded, err := template.Load("testdata/template.yaml", nil, template.Resolver{
		Value: func(kind, id, name, attribute string) (string, bool) {
			if kind == "AWS::SQS::Queue" && attribute == "" {
				return "http://127.0.0.1:1/0/" + name, true
			}
			return "", false
		},
		Dynamic: func(string) (string, error) { return "", nil }})
	if err != nil {
		t.Fatal(err)
	}
	if got := loaded.Functions[0].Environment["SCREEN_QUEUE"]; got != "http://127.0.0.1:1/0/paht-ScreenQueue" {
		t.Errorf("the queue's URL is %s", got)
	}
}

const head = "Transform: AWS::Serverless-2016-10-31\n"

func TestWhatIsWrongIsToldWithLineAndLogicalID(t *testing.T) {
	function := func(extra string) string {
		return "Resources:\n  Submit:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: x\n      Runtime: provided.al2023\n" + extra
	}
	queue := func(extra string) string {
		return "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n" + extra
	}
	for name, c := range map[string]struct {
		body       string
		parameters map[string]string
		want       string
	}{
		"an unknown reference":                 {queue("      QueueName: !Ref Nothing\n"), nil, "t.yaml:6: Queue: there is no parameter or resource Nothing"},
		"an import":                            {queue("      QueueName: !ImportValue x\n"), nil, "t.yaml:6: Queue: not supported here: Fn::ImportValue"},
		"an unknown attribute":                 {queue("      QueueName: q\n      Tags: !GetAtt Queue.Colour\n"), nil, "t.yaml:7: Queue: not supported here: the attribute Colour"},
		"a property that would be ignored":     {queue("      FifoQueue: true\n"), nil, "t.yaml:6: Queue: not supported here: FifoQueue of AWS::SQS::Queue"},
		"a number that is none":                {queue("      DelaySeconds: soon\n"), nil, "t.yaml:6: Queue: DelaySeconds must be a whole number"},
		"a name that depends on itself":        {queue("      QueueName: !GetAtt Queue.QueueName\n"), nil, "depends on itself"},
		"a dynamic reference without resolver": {queue("      QueueName: '{{resolve:ssm:x}}'\n"), nil, "t.yaml:6: Queue: not supported here: the dynamic reference"},
		"an intrinsic beside other keys":       {queue("      QueueName:\n        Fn::Sub: x\n        other: y\n"), nil, "Fn::Sub must stand alone"},
		"a key that stands twice":              {queue("      QueueName: a\n      QueueName: b\n"), nil, "twice"},
		"a SAM policy template":                {function("      Policies:\n        - SQSSendMessagePolicy: {QueueName: q}\n"), nil, "t.yaml:9: Submit: not supported here: the SAM policy template SQSSendMessagePolicy"},
		"a statement with NotAction":           {function("      Policies:\n        - Statement: [{Effect: Allow, NotAction: x, Resource: y}]\n"), nil, "NotAction of a statement"},
		"an unknown event":                     {function("      Events:\n        E: {Type: SNS, Properties: {Topic: t}}\n"), nil, "an event of type SNS"},
		"an event with a filter":               {function("      Events:\n        E: {Type: SQS, Properties: {Queue: q, FilterCriteria: {}}}\n"), nil, "FilterCriteria of an SQS event"},
		"a concurrency of one":                 {function("      Events:\n        E: {Type: SQS, Properties: {Queue: q, ScalingConfig: {MaximumConcurrency: 1}}}\n"), nil, "from 2 to 1000"},
		"a parameter that is not declared":     {queue("      QueueName: q\n"), map[string]string{"Stage": "x"}, "there is no parameter Stage"},
		"a parameter out of its values":        {"Parameters:\n  Stage: {Type: String, AllowedValues: [a, b]}\n" + queue("      QueueName: q\n"), map[string]string{"Stage": "c"}, `Stage: the value "c" must be one of a, b`},
		"a parameter without a value":          {"Parameters:\n  Stage: {Type: String}\n" + queue("      QueueName: q\n"), nil, "no value and no Default"},
		"a condition that is not there":        {queue("      QueueName: !If [Nothing, a, b]\n"), nil, "there is no condition Nothing"},
		"a condition in a circle":              {"Conditions:\n  A: !Not [!Condition A]\n" + queue("      QueueName: !If [A, a, b]\n"), nil, "depends on itself"},
		"an unknown section":                   {"Hooks: {}\n" + queue("      QueueName: q\n"), nil, "the section Hooks"},
		"no resources":                         {"Description: x\n", nil, "Resources is missing"},
		"a local index out of key":             {"Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [{AttributeName: a, AttributeType: S}, {AttributeName: b, AttributeType: S}]\n      KeySchema: [{AttributeName: a, KeyType: HASH}]\n", nil, "the attribute b is in no key"},
		"a provisioned table":                  {"Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      KeySchema: []\n", nil, "BillingMode other than PAY_PER_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := template.Parse("t.yaml", []byte(head+c.body), c.parameters, template.Resolver{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestEverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	body := head + "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {DelaySeconds: x, VisibilityTimeout: y}\n  B:\n    Type: AWS::SQS::Queue\n    Properties: {FifoQueue: true}\n"
	_, err := template.Parse("t.yaml", []byte(body), nil, template.Resolver{})
	for _, want := range []string{"A: DelaySeconds", "A: VisibilityTimeout", "B: not supported here: FifoQueue"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one that says %q", err, want)
		}
	}
}

// The two forms of every intrinsic give the same.
func TestShortAndLongFormsAgree(t *testing.T) {
	for short, long := range map[string]string{
		"!Ref AWS::Region":                        "{Ref: AWS::Region}",
		"!Sub '${AWS::Region}-${Other.Arn}'":      "{'Fn::Sub': '${AWS::Region}-${Other.Arn}'}",
		"!Sub ['${x}-${AWS::AccountId}', {x: 1}]": "{'Fn::Sub': ['${x}-${AWS::AccountId}', {x: 1}]}",
		"!GetAtt Other.Arn":                       "{'Fn::GetAtt': [Other, Arn]}",
		"!Join ['-', [a, !Ref Other, c]]":         "{'Fn::Join': ['-', [a, {Ref: Other}, c]]}",
		"!Select [1, !Split [',', 'a,b']]":        "{'Fn::Select': [1, {'Fn::Split': [',', 'a,b']}]}",
		"!If [Yes, a, b]":                         "{'Fn::If': [Yes, a, b]}",
		"!FindInMap [M, !Ref AWS::Region, k]":     "{'Fn::FindInMap': [M, {Ref: AWS::Region}, k]}",
	} {
		value := func(expression string) string {
			body := head + "Mappings: {M: {ap-southeast-1: {k: v}}}\nConditions: {'Yes': !And [!Equals [a, a], !Or [!Equals [a, b], !Not [!Equals [a, b]]]]}\n" +
				"Resources:\n  Other: {Type: AWS::SQS::Queue}\n  P:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: " + expression + "\n"
			loaded, err := template.Parse("t.yaml", []byte(body), nil, template.Resolver{})
			if err != nil {
				t.Fatalf("%s: %v", expression, err)
			}
			return loaded.Parameters[0].Value
		}
		if a, b := value(short), value(long); a != b || a == "" || strings.Contains(a, "$") {
			t.Errorf("%s gives %q and %s gives %q", short, a, long, b)
		}
	}
}
