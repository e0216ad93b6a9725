package event_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/deploy/event"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

func TestMain(m *testing.M) { os.Exit(fleet.Main(m)) }

// shapes are what `sam local generate-event` writes, by the source of our files.
var shapes = map[string]string{"http": "apigateway-http-api-proxy.json", "sqs": "sqs-receive-message.json"}

func events(t *testing.T) []event.Event {
	t.Helper()
	all, err := event.All(fleet.Path("events"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t *testing.T, path string) any {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

// differs tells where a value has another shape: a field that the model lacks, or
// another kind of value. Maps of free names (headers, parameters) are left alone.
func differs(path string, v, model any) string {
	switch m := model.(type) {
	case map[string]any:
		o, ok := v.(map[string]any)
		if !ok {
			return path + " is no object"
		}
		if strings.HasSuffix(path, "eaders") || strings.HasSuffix(path, "arameters") {
			return ""
		}
		for name, field := range o {
			if m[name] == nil {
				return path + "." + name + " is unknown"
			}
			if d := differs(path+"."+name, field, m[name]); d != "" {
				return d
			}
		}
		return ""
	case []any:
		l, ok := v.([]any)
		for i := range l {
			if d := differs(fmt.Sprintf("%s[%d]", path, i), l[i], m[0]); d != "" {
				return d
			}
		}
		if !ok || len(l) == 0 {
			return path + " is no list, or empty"
		}
		return ""
	}
	if fmt.Sprintf("%T", v) != fmt.Sprintf("%T", model) {
		return fmt.Sprintf("%s is a %T, not a %T", path, v, model)
	}
	return ""
}

func TestEventsAreShapedAsThoseOfSAM(t *testing.T) {
	for _, e := range events(t) {
		shape, known := shapes[e.Source]
		if !known {
			continue
		}
		v := read(t, e.Path)
		if d := differs("", v, read(t, fleet.Path("infra", "deploy", "event", "testdata", shape))); d != "" {
			t.Errorf("%s/%s: %s", e.Function, filepath.Base(e.Path), d)
		}
		records, _ := v.(map[string]any)["Records"].([]any)
		for _, r := range records {
			if body := r.(map[string]any)["body"].(string); strings.Contains(body, "aws:s3") {
				var notification any
				if err := json.Unmarshal([]byte(body), &notification); err != nil {
					t.Fatal(err)
				}
				if d := differs("", notification, read(t, fleet.Path("infra", "deploy", "event", "testdata", "s3-put.json"))); d != "" {
					t.Errorf("%s: the notification: %s", e.Path, d)
				}
			}
		}
	}
}

func TestEveryFunctionHasAnEventForEachOfItsTriggers(t *testing.T) {
	have := map[string]bool{}
	for _, e := range events(t) {
		have[e.Function+" "+e.Source] = true
	}
	f := fleet.New(t, fleet.Options{})
	for _, fn := range f.Template().Functions {
		name := filepath.Base(fn.CodeURI)
		if len(fn.Routes) > 0 && !have[name+" http"] || len(fn.QueueEvents) > 0 && !have[name+" sqs"] {
			t.Errorf("%s: %d routes, %d queues, and no event for one of them", name, len(fn.Routes), len(fn.QueueEvents))
		}
	}
	if !have["admin operation"] {
		t.Error("the stack operation has no event")
	}
}

func TestAPlaceWithoutAValueIsNamed(t *testing.T) {
	e, err := event.Named(fleet.Path("events", "route", "http-transfer.json"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Fill(map[string]string{"report": "PA-1"})
	if err == nil || !strings.HasSuffix(err.Error(), "there is no value for etag, front, hung") {
		t.Errorf("the error is %v", err)
	}
	if _, err := event.Named("events/route/transfer.json"); err == nil {
		t.Error("a name without a source is taken")
	}
}

// feeding feeds the events to the functions, and keeps what their answers say.
type feeding struct {
	t       *testing.T
	fleet   *fleet.Fleet
	values  map[string]string
	fed     map[string]bool
	payload []byte // of the last event
}

func (f *feeding) feed(name string) []byte {
	f.t.Helper()
	e, err := event.Named(fleet.Path("events", name+".json"))
	if err != nil {
		f.t.Fatal(err)
	}
	payload, err := e.Fill(f.values)
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := f.fleet.Invoke(f.t.Context(), e.Function, payload)
	if err != nil {
		f.t.Fatalf("%s: %v", name, err)
	}
	f.fed[name], f.payload = true, payload
	return out
}

// http feeds a request, checks its status and gives its body.
func (f *feeding) http(name string, want int) []byte {
	f.t.Helper()
	var answer struct {
		StatusCode int               `json:"statusCode"`
		Headers    map[string]string `json:"headers"`
		Body       string            `json:"body"`
	}
	if err := json.Unmarshal(f.feed(name), &answer); err != nil {
		f.t.Fatal(err)
	}
	if answer.StatusCode != want {
		f.t.Fatalf("%s answered %d: %s", name, answer.StatusCode, answer.Body)
	}
	var asked struct {
		Headers map[string]string `json:"headers"`
	}
	if err := json.Unmarshal(f.payload, &asked); err != nil {
		f.t.Fatal(err)
	}
	if sent := asked.Headers["x-request-id"]; sent == "" || answer.Headers["x-request-id"] != sent {
		f.t.Errorf("%s: the trace %q became %q", name, sent, answer.Headers["x-request-id"])
	}
	return []byte(answer.Body)
}

// act feeds an act and keeps the report, its ETags and the number of the event.
func (f *feeding) act(name string, want int) contract.Acted {
	f.t.Helper()
	var acted contract.Acted
	if err := json.Unmarshal(f.http(name, want), &acted); err != nil {
		f.t.Fatal(err)
	}
	f.values["report"], f.values["etag"], f.values["n"] = acted.Report.ID, acted.Report.ETag, fmt.Sprint(acted.Act.Event)
	if len(acted.Report.Assignments) > 0 {
		f.values["part"] = acted.Report.Assignments[0].ETag
	}
	return acted
}

// queue feeds a batch; all of it must be taken.
func (f *feeding) queue(name string) {
	f.t.Helper()
	if got := string(f.feed(name)); got != `{"batchItemFailures":[]}` {
		f.t.Errorf("%s answered %s", name, got)
	}
	parked, err := f.fleet.Items("PARK#")
	if err != nil || len(parked) > 0 {
		f.t.Errorf("%s: parked are %v (%v)", name, parked, err)
	}
}

func (f *feeding) logIn(name, password string) {
	f.t.Helper()
	f.values["logIn"], f.values["password"] = name, password
	var session contract.Session
	if err := json.Unmarshal(f.http("account/http-session", http.StatusCreated), &session); err != nil || session.Token == "" {
		f.t.Fatalf("no token: %v", err)
	}
	f.values[name] = session.Token
}

// registers makes the reporter through the API.
func (f *feeding) register() {
	f.t.Helper()
	const password, mail = "Mot-mat-khau-dai-1", "bao@nguoidan.example"
	ctx, c := f.t.Context(), f.fleet.Client()
	do := func(path string, want int, body map[string]any) {
		f.t.Helper()
		if _, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: path, Want: want, Body: body}); err != nil {
			f.t.Fatal(err)
		}
	}
	do("/v1/accounts", http.StatusCreated, map[string]any{"kind": "individual", "name": "Người Báo", "logIn": "nguoibao", "password": password, "email": mail, "phone": "0912345678", "language": "vi"})
	code, err := c.Code(ctx, mail)
	if err != nil {
		f.t.Fatal(err)
	}
	do("/v1/accounts/verification", http.StatusNoContent, map[string]any{"logIn": "nguoibao", "code": code})
	f.logIn("nguoibao", password)
	f.values["reporter"] = f.values["nguoibao"]
}

// state is where the report stands.
func (f *feeding) state(want string) {
	f.t.Helper()
	f.values["reader"] = f.values["lan"]
	var d contract.Detail
	if err := json.Unmarshal(f.http("query/http-report", http.StatusOK), &d); err != nil {
		f.t.Fatal(err)
	}
	if d.State != want {
		f.t.Errorf("the report stands %s, not %s", d.State, want)
	}
	f.values["etag"] = d.ETag
}

func TestTheStackOperationMakesTheFirstAdministrator(t *testing.T) {
	f := &feeding{t: t, fleet: fleet.New(t, fleet.Options{}), values: map[string]string{"front": fleet.Front}, fed: map[string]bool{}}
	var made struct {
		Code string `json:"activationCode"`
	}
	if err := json.Unmarshal(f.feed("admin/operation-first-administrator"), &made); err != nil || made.Code == "" {
		t.Errorf("no code was given: %v", err)
	}
}

// The events in the order in which a system would send them: nothing else moves
// the report.
func TestEveryEventDoesItsWork(t *testing.T) {
	f := &feeding{t: t, fleet: fleet.New(t, fleet.Options{}), values: map[string]string{"front": fleet.Front}, fed: map[string]bool{"admin/operation-first-administrator": true}}
	if err := f.fleet.SetUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lan", "hung", "minh", "mai", "quantri"} {
		f.logIn(name, province.Password)
	}
	f.register()

	slot := f.opensASlot()
	f.act("submit/http-report", http.StatusCreated)
	f.queue("screen/sqs-submitted")
	f.state("screening")
	if acted := f.act("screen/http-acceptance", http.StatusOK); acted.Act.Type != "report.accepted" {
		t.Errorf("the act was %s", acted.Act.Type)
	}
	f.queue("route/sqs-accepted")
	f.state("routing")
	f.act("route/http-transfer", http.StatusOK)
	f.mailed("notify/sqs-transferred")
	f.act("processcallback/http-receipt", http.StatusOK)
	f.state("processing")
	f.queue("publish/sqs-concluded") // the part is not concluded: there is nothing to do
	f.http("publish/http-draft", http.StatusConflict)
	f.http("query/http-tracking", http.StatusOK)
	f.http("admin/http-settings", http.StatusOK)
	f.queue("sla/sqs-tick")

	f.values["slot"], f.values["bucket"] = slot, f.fleet.Template().Buckets[0].Name
	f.queue("media/sqs-object-created") // nothing was sent to the slot: it is asked again later
	for _, e := range events(t) {
		if name := e.Function + "/" + e.Source + "-" + e.Case; !f.fed[name] {
			t.Errorf("nothing fed %s", name)
		}
	}
}

func (f *feeding) opensASlot() string {
	f.t.Helper()
	var out struct{ Uploads []contract.Upload }
	if err := json.Unmarshal(f.http("submit/http-uploads", http.StatusCreated), &out); err != nil || len(out.Uploads) != 1 {
		f.t.Fatalf("%d slots (%v)", len(out.Uploads), err)
	}
	return out.Uploads[0].ID
}

// mailed feeds a message of notify after the delay of notices, and sees its notice
// in the inbox of the handling agency's officer or of the reporter.
func (f *feeding) mailed(name string) {
	f.t.Helper()
	before, err := f.fleet.Raw()
	if err != nil {
		f.t.Fatal(err)
	}
	f.fleet.Advance(120e9)
	f.queue(name)
	after, err := f.fleet.Raw()
	if err != nil {
		f.t.Fatal(err)
	}
	if len(after) <= len(before) {
		f.t.Errorf("%s left no notice", name)
	}
}
