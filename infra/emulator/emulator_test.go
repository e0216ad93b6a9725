package emulator_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"paht/infra/emulator"
	"paht/infra/emulator/messaging"
)

func open(t *testing.T, options emulator.Options) *emulator.Emulator {
	t.Helper()
	e, err := emulator.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // a test may have closed it
	return e
}

// overSocket gives clients that reach the emulator through a real socket.
func overSocket(t *testing.T, e *emulator.Emulator) aws.Config {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	config := e.Config("socket")
	config.HTTPClient, config.BaseEndpoint = nil, aws.String(server.URL)
	return config
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

const application = "arn:aws:sns:ap-southeast-1:000000000000:app/GCM/paht"

func TestMessagesLandInTheOutbox(t *testing.T) {
	for name, config := range map[string]func(*testing.T, *emulator.Emulator) aws.Config{
		"in process":    func(_ *testing.T, e *emulator.Emulator) aws.Config { return e.Config("notify") },
		"over a socket": overSocket,
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t, emulator.Options{})
			var told []messaging.Message
			e.Outbox().Subscribe(func(m messaging.Message) { told = append(told, m) })
			sendSimple(t, e, config(t, e))
			sendRaw(t, e, config(t, e))
			push(t, e, config(t, e))
			if len(told) != 3 {
				t.Errorf("the subscriber was told of %d messages, want three", len(told))
			}
			messages, total, err := e.Outbox().List(1, 1)
			if err != nil || total != 3 || len(messages) != 1 || messages[0].ID != told[1].ID {
				t.Errorf("the second newest is %+v of %d (%v)", messages, total, err)
			}
		})
	}
}

func get(t *testing.T, e *emulator.Emulator, id *string) messaging.Message {
	t.Helper()
	m, ok, err := e.Outbox().Get(aws.ToString(id))
	if err != nil || !ok {
		t.Fatalf("the outbox has no message %q (%v)", aws.ToString(id), err)
	}
	return m
}

func sendSimple(t *testing.T, e *emulator.Emulator, config aws.Config) {
	out, err := sesv2.NewFromConfig(config).SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("Phản ánh <no-reply@example.vn>"), Destination: &sestypes.Destination{ToAddresses: []string{"a@example.vn"}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{Subject: &sestypes.Content{Data: aws.String("Đã tiếp nhận")},
			Body:    &sestypes.Body{Text: &sestypes.Content{Data: aws.String("Xin chào")}, Html: &sestypes.Content{Data: aws.String("<p>Xin chào</p>")}},
			Headers: []sestypes.MessageHeader{{Name: aws.String("X-Notice"), Value: aws.String("PA-1.4")}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := get(t, e, out.MessageId)
	if m.Kind != messaging.Email || m.Subject != "Đã tiếp nhận" || m.Text != "Xin chào" || m.HTML != "<p>Xin chào</p>" ||
		m.MessageID != "<"+m.ID+"@ap-southeast-1.amazonses.com>" || m.To[0] != "a@example.vn" ||
		!slices.Contains(m.Headers, messaging.Header{Name: "X-Notice", Value: "PA-1.4"}) {
		t.Errorf("the message is %+v", m)
	}
}

func sendRaw(t *testing.T, e *emulator.Emulator, config aws.Config) {
	raw := strings.ReplaceAll(`From: no-reply@example.vn
To: a@example.vn, b@example.vn
Subject: =?utf-8?q?=C4=90=C3=A3_ti=E1=BA=BFp_nh=E1=BA=ADn?=
Message-ID: <PA-2.4@example.vn>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Xin ch=C3=A0o
--x
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+WGluIGNow6BvPC9wPg==
--x--
`, "\n", "\r\n")
	out, err := sesv2.NewFromConfig(config).SendEmail(t.Context(), &sesv2.SendEmailInput{
		Content: &sestypes.EmailContent{Raw: &sestypes.RawMessage{Data: []byte(raw)}}})
	if err != nil {
		t.Fatal(err)
	}
	m := get(t, e, out.MessageId)
	if m.Subject != "Đã tiếp nhận" || m.Text != "Xin chào" || m.HTML != "<p>Xin chào</p>" || m.GivenMessageID != "<PA-2.4@example.vn>" ||
		m.MessageID != "<"+m.ID+"@ap-southeast-1.amazonses.com>" || len(m.To) != 2 {
		t.Errorf("the message is %+v", m)
	}
}

func push(t *testing.T, e *emulator.Emulator, config aws.Config) {
	client := sns.NewFromConfig(config)
	in := &sns.CreatePlatformEndpointInput{PlatformApplicationArn: aws.String(application), Token: aws.String("token")}
	first, err := client.CreatePlatformEndpoint(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := client.CreatePlatformEndpoint(t.Context(), in)
	if err != nil || *again.EndpointArn != *first.EndpointArn {
		t.Fatalf("the same token gave %v (%v), want %s", again, err, *first.EndpointArn)
	}
	out, err := client.Publish(t.Context(), &sns.PublishInput{TargetArn: first.EndpointArn, Message: aws.String("Đã tiếp nhận")})
	if err != nil {
		t.Fatal(err)
	}
	if m := get(t, e, out.MessageId); m.Kind != messaging.Push || m.Text != "Đã tiếp nhận" || m.Target != *first.EndpointArn {
		t.Errorf("the push is %+v", m)
	}
	_, err = client.Publish(t.Context(), &sns.PublishInput{TargetArn: aws.String(application + ":endpoint/none"), Message: aws.String("x")})
	if code(err) != "InvalidParameter" {
		t.Errorf("an unknown endpoint gives %v", err)
	}
}

func TestAnAddressThatBouncesIsAcceptedAndThenReported(t *testing.T) {
	e := open(t, emulator.Options{})
	if err := e.Outbox().Bounce("A@example.vn"); err != nil {
		t.Fatal(err)
	}
	var bounced []string
	e.Outbox().OnBounce(func(_ messaging.Message, recipient string) { bounced = append(bounced, recipient) })
	client := sesv2.NewFromConfig(e.Config("notify"))
	for _, to := range []string{"Ai đó <a@example.vn>", "b@example.vn"} {
		_, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{FromEmailAddress: aws.String("x@example.vn"),
			Destination: &sestypes.Destination{ToAddresses: []string{to}}, Content: &sestypes.EmailContent{Simple: &sestypes.Message{
				Subject: &sestypes.Content{Data: aws.String("s")}, Body: &sestypes.Body{Text: &sestypes.Content{Data: aws.String("t")}}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(bounced) != 1 || bounced[0] != "Ai đó <a@example.vn>" {
		t.Errorf("bounced are %v, want the marked address alone", bounced)
	}
}

func TestParametersAreStoredAndVersioned(t *testing.T) {
	e := open(t, emulator.Options{})
	client := ssm.NewFromConfig(overSocket(t, e))
	name := aws.String("/paht/secrets")
	_, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: name})
	if code(err) != "ParameterNotFound" {
		t.Fatalf("a missing parameter gives %v", err)
	}
	put := &ssm.PutParameterInput{Name: name, Type: ssmtypes.ParameterTypeSecureString, Value: aws.String("{}")}
	if _, err := client.PutParameter(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutParameter(t.Context(), put); code(err) != "ParameterAlreadyExists" {
		t.Errorf("the second put gives %v", err)
	}
	put.Overwrite, put.Value = aws.Bool(true), aws.String("{1}")
	if out, err := client.PutParameter(t.Context(), put); err != nil || out.Version != 2 {
		t.Errorf("the overwrite gives %v (%v)", out, err)
	}
	got, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: name, WithDecryption: aws.Bool(true)})
	if err != nil || *got.Parameter.Value != "{1}" || got.Parameter.Version != 2 {
		t.Errorf("the parameter is %+v (%v)", got, err)
	}
}

func TestWhatTheProjectDoesNotUseIsRefusedLoudly(t *testing.T) {
	e := open(t, emulator.Options{})
	config := e.Config("any")
	queues, mail, pushes, parameters := sqs.NewFromConfig(config), sesv2.NewFromConfig(config), sns.NewFromConfig(config), ssm.NewFromConfig(config)
	timer := scheduler.NewFromConfig(config)
	made, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for want, call := range map[string]func() error{
		"sqs.PurgeQueue": func() error {
			_, err := queues.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: made.QueueUrl})
			return err
		},
		"sqs.SendMessage: unknown field \"MessageGroupId\"": func() error {
			_, err := queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("x"), MessageGroupId: aws.String("g")})
			return err
		},
		"ses.GET /v2/email/account": func() error { _, err := mail.GetAccount(ctx, &sesv2.GetAccountInput{}); return err },
		"sns.CreateTopic": func() error {
			_, err := pushes.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("t")})
			return err
		},
		"sns.Publish: PhoneNumber": func() error {
			_, err := pushes.Publish(ctx, &sns.PublishInput{PhoneNumber: aws.String("+84"), Message: aws.String("x")})
			return err
		},
		"ssm.GetParameters": func() error {
			_, err := parameters.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"a"}})
			return err
		},
		"scheduler.GET /schedules": func() error { _, err := timer.ListSchedules(ctx, &scheduler.ListSchedulesInput{}); return err },
		"MaximumWindowInMinutes": func() error {
			_, err := timer.CreateSchedule(ctx, &scheduler.CreateScheduleInput{Name: aws.String("s"), ScheduleExpression: aws.String("rate(1 hour)"),
				FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: "FLEXIBLE", MaximumWindowInMinutes: aws.Int32(5)},
				Target:             &schedulertypes.Target{Arn: aws.String("arn:aws:sqs:r:a:q"), RoleArn: aws.String("r"), Input: aws.String("{}")}})
			return err
		},
	} {
		err := call()
		if code(err) != "NotSupportedHere" || !strings.Contains(err.Error(), "not supported here: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v", want, err)
		}
	}
}

func TestEveryCallIsAuthorizedAndObserved(t *testing.T) {
	var calls []emulator.Call
	var asked []string
	e := open(t, emulator.Options{
		Authorize: func(key, action string, resources []string) error {
			asked = append(asked, key+" "+action+" "+strings.Join(resources, ","))
			if action == "sqs:SendMessage" {
				return errors.New("no statement allows it")
			}
			return nil
		},
		Observe: func(c emulator.Call) { calls = append(calls, c) },
	})
	client := sqs.NewFromConfig(e.Config("submit"))
	made, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("screen")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("x")})
	if code(err) != "AccessDeniedException" {
		t.Errorf("a call without permission gives %v", err)
	}
	want := []string{"submit sqs:CreateQueue arn:aws:sqs:ap-southeast-1:000000000000:screen", "submit sqs:SendMessage arn:aws:sqs:ap-southeast-1:000000000000:screen"}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	if len(calls) != 2 || calls[0].Err != nil || calls[1].Err == nil || calls[1].Operation != "SendMessage" || calls[1].AccessKey != "submit" {
		t.Errorf("observed %+v", calls)
	}
	asked = nil
	if _, err := sqs.NewFromConfig(e.OwnerConfig()).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("x")}); err != nil || asked != nil {
		t.Errorf("the owner was asked for %v and got %v", asked, err)
	}
}

func TestItemsAreObservedWithTheirUnits(t *testing.T) {
	var calls []emulator.Call
	e := open(t, emulator.Options{Observe: func(c emulator.Call) { calls = append(calls, c) }})
	client := dynamodb.NewFromConfig(e.Config("submit"))
	key := []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: dynamodbtypes.KeyTypeHash}}
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: aws.String("paht"), BillingMode: dynamodbtypes.BillingModePayPerRequest,
		KeySchema: key, AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("paht"),
		Item: map[string]dynamodbtypes.AttributeValue{"pk": &dynamodbtypes.AttributeValueMemberS{Value: "PA-1"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != 2 || calls[0].Operation != "CreateTable" || calls[1].Operation != "PutItem" || calls[1].WriteUnits != 1 ||
		calls[1].AccessKey != "submit" || calls[1].Resources[0] != "arn:aws:dynamodb:ap-southeast-1:000000000000:table/paht" {
		t.Errorf("observed %+v", calls)
	}
}

func TestDataSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	first := open(t, emulator.Options{Dir: dir})
	if err := first.Queues().Create("screen", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Parameters().Put("/paht/x", "String", "1", false); err != nil {
		t.Fatal(err)
	}
	if err := first.Outbox().Bounce("a@example.vn"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, emulator.Options{Dir: dir})
	if names := second.Queues().Names(); len(names) != 1 || names[0] != "screen" {
		t.Errorf("the queues are %v", names)
	}
	if p, err := second.Parameters().Get("/paht/x"); err != nil || p.Value != "1" {
		t.Errorf("the parameter is %+v (%v)", p, err)
	}
}

func TestRunFiresSchedulesByItself(t *testing.T) {
	e := open(t, emulator.Options{})
	if err := e.Queues().Create("sla", nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	client := scheduler.NewFromConfig(e.Config("any"))
	_, err := client.CreateSchedule(ctx, &scheduler.CreateScheduleInput{Name: aws.String("sweep"), ScheduleExpression: aws.String("rate(1 hour)"),
		FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
		Target:             &schedulertypes.Target{Arn: aws.String(e.Queues().ARN("sla")), RoleArn: aws.String("r"), Input: aws.String("{}")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Queues().Wait(ctx, "sla"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestARequestOfNoServiceIsRefused(t *testing.T) {
	e := open(t, emulator.Options{Now: time.Now})
	for _, request := range []*http.Request{
		httptest.NewRequest(http.MethodGet, "/bucket/key", nil),
		httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action=SendMessage&QueueUrl=q")),
		httptest.NewRequest(http.MethodPost, "/", strings.NewReader("not a form")),
	} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, request)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "not supported here") {
			t.Errorf("%s %s gives %d %s", request.Method, request.URL, w.Code, w.Body)
		}
	}
}
