package system_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"paht/infra/emulator/sqs"
	"paht/infra/local/system"
)

// The paths are absolute, since the object store changes the working directory.
var build, declared string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "paht-system-")
	if err != nil {
		panic(err)
	}
	if declared, err = filepath.Abs("../testdata/system/template.yaml"); err != nil {
		panic(err)
	}
	command := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "notes", "bootstrap"), "../testdata/notes")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		panic("building the test function: " + string(out))
	}
	build = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// output collects what the system prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func start(t *testing.T, o system.Options) *system.System {
	t.Helper()
	if o.Template == "" {
		o.Template = declared
	}
	o.Build = build
	s, err := system.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func call(t *testing.T, method, url string, out any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, strings.Replace(url, "localhost", "127.0.0.1", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 {
		t.Fatalf("%s %s gave %d %s", method, url, response.StatusCode, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("%s %s gave %s: %v", method, url, body, err)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never became true that %s", what)
}

// add stores a note through a door and gives its id.
func add(t *testing.T, s *system.System, path string) string {
	t.Helper()
	var added struct{ ID string }
	call(t, "POST", s.Address()+path, &added)
	if added.ID == "" {
		t.Fatal("the note has no id")
	}
	return added.ID
}

// becomesMarked waits until the consumer marked a note, seen through the index.
func becomesMarked(t *testing.T, s *system.System, path, id string) {
	t.Helper()
	eventually(t, id+" is marked", func() bool {
		var found struct{ IDs []string }
		call(t, "GET", s.Address()+path, &found)
		return slices.Contains(found.IDs, id)
	})
}

func TestANoteTravelsFromTheDoorThroughTheQueueToTheIndex(t *testing.T) {
	var printed output
	s := start(t, system.Options{Data: t.TempDir(), Stdout: &printed})
	becomesMarked(t, s, "/notes/marked", add(t, s, "/notes"))
	for _, want := range []string{"paht runs at " + s.Address(), "/local/outbox", "S3: http://127.0.0.1:", "operator: http://127.0.0.1:"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q was not printed: %s", want, printed.String())
		}
	}
	if page, err := http.Get(s.Address() + "/local/outbox"); err != nil || page.StatusCode != 200 {
		t.Errorf("the outbox gave %v, %v", page, err)
	}
}

func TestAnUploadIsNotified(t *testing.T) {
	s := start(t, system.Options{Data: t.TempDir()})
	var form struct {
		URL, Key string
		Fields   map[string]string
	}
	call(t, "POST", s.Address()+"/notes/upload", &form)
	if status := post(t, form.URL, form.Fields, "a photo"); status != 204 {
		t.Fatalf("the upload gave %d", status)
	}
	becomesMarked(t, s, "/notes/marked", form.Key)
	form.Fields["key"] = "elsewhere/x"
	if status := post(t, form.URL, form.Fields, "a photo"); status != 403 {
		t.Errorf("an upload to another key gave %d, want 403", status)
	}
}

func post(t *testing.T, url string, fields map[string]string, content string) int {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := form.CreateFormFile("file", "x")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(file, content)
	form.Close()
	response, err := http.Post(url, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestAFunctionMayDoWhatItsStatementsSayAndNoMore(t *testing.T) {
	s := start(t, system.Options{Data: t.TempDir()})
	var answer struct{ Refused string }
	call(t, "GET", s.Address()+"/notes/scan", &answer)
	if answer.Refused != "AccessDeniedException" {
		t.Errorf("a scan was answered %q, want it refused", answer.Refused)
	}
	unused := 0
	for _, statements := range s.Unused() {
		unused += len(statements)
	}
	if unused == 0 {
		t.Error("no statement is unused, though nothing was stored yet")
	}
}

func TestTheFrontSaysWhatTheDocumentOfSecretsHolds(t *testing.T) {
	data := t.TempDir()
	for _, row := range []struct {
		name, stored, says string // what an earlier version left; what the front says then, if the document tells
	}{
		{"the first start", "", ""},
		{"a document without an origin", `{"keys":[{"id":"old","secret":"b2xk"}]}`, ""},
		{"a document with two", `{"keys":[{"id":"old","secret":"b2xk"}],"origin":["the one that comes","the one that goes"]}`, "the one that comes"},
	} {
		s := start(t, system.Options{Data: data})
		if row.stored != "" {
			if _, err := s.Emulator().Parameters().Put("/notes/secrets", "SecureString", row.stored, true); err != nil {
				t.Fatal(err)
			}
			s.Close()
			s = start(t, system.Options{Data: data})
		}
		var got struct{ Header string }
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Address()+"/notes/origin", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(system.OriginHeader, "what a client writes")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(json.NewDecoder(response.Body).Decode(&got), response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		document, err := s.Emulator().Parameters().Get("/notes/secrets")
		if err != nil {
			t.Fatal(err)
		}
		var held struct {
			Keys   []struct{ ID string }
			Origin []string
		}
		if err := json.Unmarshal([]byte(document.Value), &held); err != nil || len(held.Origin) == 0 || len(got.Header) < 18 || got.Header != held.Origin[0] ||
			row.says != "" && got.Header != row.says || row.stored != "" && held.Keys[0].ID != "old" {
			t.Errorf("%s: the front says %q, the document holds %+v (%v)", row.name, got.Header, held, err)
		}
		s.Close()
	}
}

func TestASecondStartFindsEverything(t *testing.T) {
	data := t.TempDir()
	first := start(t, system.Options{Data: data})
	id := add(t, first, "/notes")
	becomesMarked(t, first, "/notes/marked", id)
	queues := first.Emulator().Queues()
	if _, err := queues.Send("paht-IdleQueue", sqs.Outgoing{Body: "in flight"}); err != nil {
		t.Fatal(err)
	}
	nowait := time.Duration(0)
	if got, err := queues.Receive(t.Context(), "paht-IdleQueue", sqs.Request{Wait: &nowait}); err != nil || len(got) != 1 {
		t.Fatalf("received %v, %v", got, err)
	}
	if _, err := first.Store().Client().PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("paht-files"), Key: aws.String("public/x"), Body: strings.NewReader("published")}); err != nil {
		t.Fatal(err)
	}
	secrets, err := first.Emulator().Parameters().Get("/notes/secrets")
	if err != nil || !strings.HasPrefix(secrets.Value, `{"keys":[{"id":"k1","secret":"`) {
		t.Errorf("the secrets are %q, %v", secrets.Value, err)
	}
	store := first.Endpoints()["AWS_ENDPOINT_URL_S3"]
	first.Close()

	second := start(t, system.Options{Data: data})
	becomesMarked(t, second, "/notes/marked", id)
	if c, err := second.Emulator().Queues().Counts("paht-IdleQueue"); err != nil || c.Visible != 1 {
		t.Errorf("the message in flight is %+v, %v; want it visible", c, err)
	}
	if again, err := second.Emulator().Parameters().Get("/notes/secrets"); err != nil || again.Value != secrets.Value {
		t.Errorf("the secrets changed to %q, %v", again.Value, err)
	}
	if second.Endpoints()["AWS_ENDPOINT_URL_S3"] != store {
		t.Error("S3 moved to another address")
	}
	response, err := http.Get(second.Address() + "/public/x")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != "published" {
		t.Errorf("the published file is %q", body)
	}
}

// extra is a function with a route, a queue and an index of its own, which
// stand in no code.
const extra = `
  ExtraQueue:
    Type: AWS::SQS::Queue
  Extra:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: build/notes
      Environment:
        Variables: {TABLE: !Ref Notes, QUEUE_URL: !Ref ExtraQueue, MARK: extra, INDEX: byExtra}
      Policies:
        - Statement:
            - {Effect: Allow, Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"], Resource: !GetAtt Notes.Arn}
            - {Effect: Allow, Action: dynamodb:Query, Resource: !Sub "${Notes.Arn}/index/byExtra"}
            - {Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt ExtraQueue.Arn}
      Events:
        Add: {Type: HttpApi, Properties: {Method: POST, Path: "/extra/{kind}"}}
        Marked: {Type: HttpApi, Properties: {Method: GET, Path: /extra/marked}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt ExtraQueue.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}
`

func TestWhatTheTemplateAddsWorksWithoutCode(t *testing.T) {
	original, err := os.ReadFile(declared)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(original), "        - {AttributeName: mark, AttributeType: S}\n", "        - {AttributeName: mark, AttributeType: S}\n        - {AttributeName: extra, AttributeType: S}\n", 1)
	text = strings.Replace(text, "      GlobalSecondaryIndexes:\n", "      GlobalSecondaryIndexes:\n        - IndexName: byExtra\n          KeySchema: [{AttributeName: extra, KeyType: HASH}]\n          Projection: {ProjectionType: KEYS_ONLY}\n", 1)
	copied := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(copied, []byte(text+extra), 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	before := start(t, system.Options{Data: data})
	add(t, before, "/notes")
	before.Close()
	after := start(t, system.Options{Data: data, Template: copied})
	becomesMarked(t, after, "/extra/marked", add(t, after, "/extra/note"))
	becomesMarked(t, after, "/notes/marked", add(t, after, "/notes"))
}

func TestAnOperatorSeesAndSendsBackDeadLetters(t *testing.T) {
	data := t.TempDir()
	s := start(t, system.Options{Data: data})
	if _, err := s.Emulator().Queues().Send("paht-WorkQueue", sqs.Outgoing{Body: `{"id":""}`}); err != nil {
		t.Fatal(err)
	}
	remote := system.On(data)
	dead := func() int {
		queues, err := remote.Queues()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queues {
			if q.Name == "paht-DeadQueue" {
				return q.Visible
			}
		}
		t.Fatalf("the dead-letter queue is missing in %+v", queues)
		return 0
	}
	eventually(t, "the message that always fails is a dead letter", func() bool { return dead() == 1 })
	moved, err := remote.Redrive("workqueue")
	if err != nil || moved.Moved != 1 || moved.Queue != "paht-DeadQueue" {
		t.Errorf("moved %+v, %v", moved, err)
	}
	eventually(t, "it came back and failed again", func() bool { return dead() == 1 })
	if _, err := remote.Redrive("none"); err == nil || !strings.Contains(err.Error(), "there is no queue none") {
		t.Errorf("an unknown queue gave %v", err)
	}
	s.Close()
	if dead() != 1 {
		t.Error("the queues at rest show no dead letter")
	}
}

func TestAnOperatorInvokesAFunctionByAnyOfItsNames(t *testing.T) {
	data := t.TempDir()
	start(t, system.Options{Data: data})
	remote := system.On(data)
	for _, name := range []string{"paht-Work", "Work", "notes"} {
		result, err := remote.Invoke(name, []byte(`{"Records":[]}`))
		if err != nil || result.FunctionError != "" || string(result.Payload) != `{"batchItemFailures":[]}` {
			t.Errorf("invoking %s gave %+v, %v", name, result, err)
		}
	}
	if _, err := remote.Invoke("none", nil); err == nil || !strings.Contains(err.Error(), "there is no such function") {
		t.Errorf("an unknown function gave %v", err)
	}
}

func TestEveryListenerIsOnLoopback(t *testing.T) {
	s := start(t, system.Options{Data: t.TempDir()})
	addresses := []string{s.Address(), s.OperatorAddress()}
	for _, address := range s.Endpoints() {
		addresses = append(addresses, address)
	}
	for _, a := range addresses {
		host, port, err := net.SplitHostPort(strings.TrimPrefix(a, "http://"))
		if err != nil || host != "127.0.0.1" && host != "localhost" {
			t.Errorf("%s is not on loopback: %v", a, err)
		}
		interfaces, err := net.InterfaceAddrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range interfaces {
			other, ok := i.(*net.IPNet)
			if !ok || other.IP.IsLoopback() || other.IP.To4() == nil {
				continue
			}
			if connection, err := net.DialTimeout("tcp", net.JoinHostPort(other.IP.String(), port), time.Second); err == nil {
				connection.Close()
				t.Errorf("%s answers on %s too", a, other.IP)
			}
		}
	}
}

func TestWhatIsWrongIsSaidAtStart(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	broken := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(broken, []byte("Resources: {Door: {Type: AWS::Serverless::Function, Properties: {CodeUri: build/none, Runtime: provided.al2023, Handler: bootstrap}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name, want string
		options    system.Options
	}{
		{"a busy port", "is in use by another program", system.Options{Template: declared, Port: busy.Addr().(*net.TCPAddr).Port}},
		{"a missing template", "reading the template", system.Options{Template: "none.yaml"}},
		{"a function that was not built", "was it built?", system.Options{Template: broken}},
		{"a parameter that the template has not", "there is no parameter Colour", system.Options{Template: declared, Parameters: map[string]string{"Colour": "red"}}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			r.options.Build, r.options.Data = build, t.TempDir()
			s, err := system.Start(t.Context(), r.options)
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), r.want) || !strings.HasPrefix(err.Error(), "starting the system: ") {
				t.Errorf("got %v, want %q", err, r.want)
			}
		})
	}
	t.Run("log-ins that cannot be made", func(t *testing.T) {
		cause := errors.New("no log-ins")
		_, err := system.Start(t.Context(), system.Options{Template: declared, Build: build, Data: t.TempDir(), Announce: func(*system.System) ([]string, error) { return nil, cause }})
		if !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTheEmbeddedAWSAlone(t *testing.T) {
	a, err := system.StartAWS(context.Background(), t.TempDir(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var printed strings.Builder
	a.Print(&printed)
	for _, name := range []string{"DYNAMODB", "SQS", "S3", "SCHEDULER", "SESV2", "SNS", "SSM"} {
		if !strings.Contains(printed.String(), "export AWS_ENDPOINT_URL_"+name+"=http://127.0.0.1:") {
			t.Errorf("the address of %s is missing in %s", name, printed.String())
		}
	}
}
