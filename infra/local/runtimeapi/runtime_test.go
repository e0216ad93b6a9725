package runtimeapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"paht/infra/local/runtimeapi"
)

var bootstrap string // the folder of the test function's bootstrap

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "paht-echo-")
	if err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "bootstrap"), "../testdata/echo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic("building the test function: " + string(out))
	}
	bootstrap = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func function(change func(*runtimeapi.Function)) runtimeapi.Function {
	f := runtimeapi.Function{
		Name: "echo", Dir: bootstrap, Handler: "bootstrap", MemoryMB: 256, Timeout: 10 * time.Second,
		Environment: map[string]string{"TABLE": "reports"}, AccessKey: "AKECHO", Secret: "secret",
	}
	if change != nil {
		change(&f)
	}
	return f
}

func start(t *testing.T, o runtimeapi.Options) *runtimeapi.Runtime {
	t.Helper()
	o.Region, o.AccountID = "ap-southeast-1", "000000000000"
	if o.Logs == "" {
		o.Logs = t.TempDir()
	}
	r, err := runtimeapi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func one(t *testing.T, change func(*runtimeapi.Function)) *runtimeapi.Runtime {
	t.Helper()
	return start(t, runtimeapi.Options{Functions: []runtimeapi.Function{function(change)}})
}

func invoke(t *testing.T, r *runtimeapi.Runtime, payload string) runtimeapi.Result {
	t.Helper()
	result, err := r.Invoke(t.Context(), "echo", []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func pid(t *testing.T, r *runtimeapi.Runtime) int {
	t.Helper()
	n, err := strconv.Atoi(string(invoke(t, r, `{"Do":"pid"}`).Payload))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits for what another process brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 500 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never became true that %s", what)
}

func alive(pid int) bool {
	state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(state), ") Z ")
}

func TestWhatAnInvocationGives(t *testing.T) {
	rows := []struct {
		name, payload, functionError string
		holds                        func(payload string) bool
	}{
		{"a function that succeeds gives its result", `{"Do":"echo","MB":3}`, "", func(p string) bool { return strings.Contains(p, `"MB":3`) }},
		{"a function that fails gives its error", `{"Do":"error"}`, "Unhandled", func(p string) bool {
			return strings.Contains(p, `"errorMessage":"as asked"`) && strings.Contains(p, `"errorType":"errorString"`)
		}},
		{"a function that panics gives its panic", `{"Do":"panic"}`, "Unhandled", func(p string) bool { return strings.Contains(p, `"errorMessage":"as asked"`) }},
		{"a function that exits is an exit error", `{"Do":"exit"}`, "Unhandled", func(p string) bool {
			return strings.Contains(p, "Runtime.ExitError") && strings.Contains(p, "exit status 7")
		}},
		{"a response over six megabytes is refused", `{"Do":"big","MB":7}`, "Unhandled", func(p string) bool { return strings.Contains(p, "Function.ResponseSizeTooLarge") }},
		{"a response under six megabytes is given", `{"Do":"big","MB":5}`, "", func(p string) bool { return len(p) == 5<<20+2 }},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := invoke(t, one(t, nil), r.payload)
			if got.FunctionError != r.functionError || !r.holds(string(got.Payload)) {
				t.Errorf("got error %q, payload %.300s", got.FunctionError, got.Payload)
			}
		})
	}
}

func TestASandboxIsReusedUntilItFails(t *testing.T) {
	r := one(t, nil)
	first := pid(t, r)
	for range 3 {
		if next := pid(t, r); next != first {
			t.Errorf("process %d answered, want %d again", next, first)
		}
	}
	invoke(t, r, `{"Do":"error"}`)
	if next := pid(t, r); next != first {
		t.Error("an ordinary error discarded the sandbox")
	}
	invoke(t, r, `{"Do":"panic"}`)
	eventually(t, "the process that panicked is gone", func() bool { return !alive(first) })
	if next := pid(t, r); next == first {
		t.Error("the sandbox that panicked was used again")
	}
}

func TestATimeoutKillsTheSandbox(t *testing.T) {
	r := one(t, func(f *runtimeapi.Function) { f.Timeout = time.Second })
	first := pid(t, r)
	got := invoke(t, r, `{"Do":"sleep","MS":60000}`)
	if got.FunctionError != "Unhandled" || !strings.Contains(string(got.Payload), "Task timed out after 1.00 seconds") {
		t.Errorf("got %q %s", got.FunctionError, got.Payload)
	}
	eventually(t, "the sandbox is gone", func() bool { return !alive(first) })
	if next := pid(t, r); next == first {
		t.Error("the sandbox was used again")
	}
}

func TestASandboxIsKilledAboveItsMemory(t *testing.T) {
	r := one(t, func(f *runtimeapi.Function) { f.MemoryMB = 128 })
	if got := invoke(t, r, `{"Do":"allocate","MB":60}`); got.FunctionError != "" {
		t.Fatalf("within its memory it failed: %s", got.Payload)
	}
	got := invoke(t, r, `{"Do":"allocate","MB":100}`)
	if got.FunctionError != "Unhandled" || !strings.Contains(string(got.Payload), "Runtime.OutOfMemory") {
		t.Errorf("got %q %s", got.FunctionError, got.Payload)
	}
}

func TestAFunctionThatDoesNotStartSaysSo(t *testing.T) {
	r := one(t, func(f *runtimeapi.Function) { f.Environment = map[string]string{"REFUSE_TO_START": "1"} })
	got := invoke(t, r, `{}`)
	if got.FunctionError != "Unhandled" || !strings.Contains(string(got.Payload), "exit status 3") {
		t.Errorf("got %q %s", got.FunctionError, got.Payload)
	}
}

func TestAFunctionThatReportsItsFailedStartIsQuoted(t *testing.T) {
	r := one(t, func(f *runtimeapi.Function) {
		f.Environment = map[string]string{"INIT_ERROR": `{"errorMessage":"no table","errorType":"Configuration"}`}
	})
	for range 2 {
		got := invoke(t, r, `{}`)
		if got.FunctionError != "Unhandled" || string(got.Payload) != `{"errorMessage":"no table","errorType":"Configuration"}` {
			t.Errorf("got %q %s", got.FunctionError, got.Payload)
		}
	}
}

func TestReservedConcurrencyThrottles(t *testing.T) {
	two := 2
	r := one(t, func(f *runtimeapi.Function) { f.Reserved = &two })
	var together sync.WaitGroup
	for range two {
		together.Go(func() { r.Invoke(t.Context(), "echo", []byte(`{"Do":"sleep","MS":3000}`)) })
	}
	eventually(t, "both sandboxes run", func() bool { return len(r.Processes()) == 2 })
	if _, err := r.Invoke(t.Context(), "echo", []byte(`{"Do":"pid"}`)); !errors.Is(err, runtimeapi.ErrThrottled) {
		t.Errorf("got %v, want it throttled", err)
	}
	together.Wait()
	eventually(t, "a sandbox is free again", func() bool {
		_, err := r.Invoke(t.Context(), "echo", []byte(`{"Do":"pid"}`))
		return err == nil
	})
	none := 0
	if _, err := one(t, func(f *runtimeapi.Function) { f.Reserved = &none }).Invoke(t.Context(), "echo", []byte(`{}`)); !errors.Is(err, runtimeapi.ErrThrottled) {
		t.Errorf("a function with no concurrency gave %v, want it throttled", err)
	}
}

func TestWithoutReservedConcurrencyCallsWaitInLine(t *testing.T) {
	r := start(t, runtimeapi.Options{Functions: []runtimeapi.Function{function(nil)}, Unreserved: 2})
	var together sync.WaitGroup
	var served, failed atomic.Int32
	for range 20 {
		together.Go(func() {
			if got, err := r.Invoke(t.Context(), "echo", []byte(`{"Do":"sleep","MS":20}`)); err != nil || got.FunctionError != "" {
				failed.Add(1)
			} else {
				served.Add(1)
			}
		})
	}
	together.Wait()
	if served.Load() != 20 || failed.Load() != 0 || len(r.Processes()) > 2 {
		t.Errorf("%d served, %d failed, %d processes; want 20, 0 and two at most", served.Load(), failed.Load(), len(r.Processes()))
	}
	busy, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for range 2 {
		together.Go(func() { r.Invoke(t.Context(), "echo", []byte(`{"Do":"sleep","MS":1000}`)) })
	}
	eventually(t, "one who waits too long is throttled", func() bool {
		_, err := r.Invoke(busy, "echo", []byte(`{"Do":"pid"}`))
		return errors.Is(err, runtimeapi.ErrThrottled)
	})
	together.Wait()
}

func TestWaitersAreServedThoughSandboxesDie(t *testing.T) {
	r := start(t, runtimeapi.Options{Functions: []runtimeapi.Function{function(nil)}, Unreserved: 1})
	var together sync.WaitGroup
	var answers atomic.Int32
	for range 6 {
		together.Go(func() {
			if _, err := r.Invoke(t.Context(), "echo", []byte(`{"Do":"exit"}`)); err == nil {
				answers.Add(1)
			}
		})
	}
	together.Wait()
	if answers.Load() != 6 {
		t.Errorf("%d of 6 were answered", answers.Load())
	}
}

func TestTheEnvironmentIsTheTemplatesAndLambdasAlone(t *testing.T) {
	t.Setenv("HOME_OF_THE_STARTER", "1")
	r := start(t, runtimeapi.Options{
		Functions: []runtimeapi.Function{function(func(f *runtimeapi.Function) { f.LogFormat, f.LogLevel = "JSON", "INFO" })},
		Endpoints: map[string]string{"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1"},
	})
	var environment []string
	if err := json.Unmarshal(invoke(t, r, `{"Do":"environment"}`).Payload, &environment); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"TABLE=reports", "AWS_REGION=ap-southeast-1", "AWS_LAMBDA_FUNCTION_NAME=echo", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_ACCESS_KEY_ID=AKECHO",
		"AWS_SECRET_ACCESS_KEY=secret", "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:1", "TZ=:UTC", "GOMEMLIMIT=230MiB", "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO", "_HANDLER=bootstrap",
	} {
		if !slices.Contains(environment, want) {
			t.Errorf("%s is missing in %q", want, environment)
		}
	}
	if slices.ContainsFunc(environment, func(v string) bool { return strings.HasPrefix(v, "HOME_OF_THE_STARTER=") }) {
		t.Error("the starter's environment leaked")
	}
}

func TestAFunctionKnowsItsInvocation(t *testing.T) {
	r := one(t, nil)
	result := invoke(t, r, `{"Do":"context"}`)
	var got struct {
		ID, ARN string
		Left    int
	}
	if err := json.Unmarshal(result.Payload, &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != result.RequestID || got.ARN != "arn:aws:lambda:ap-southeast-1:000000000000:function:echo" || got.Left <= 0 || got.Left > 10_000 {
		t.Errorf("got %+v for request %s", got, result.RequestID)
	}
}

func TestIdleSandboxesAreStopped(t *testing.T) {
	r := start(t, runtimeapi.Options{Functions: []runtimeapi.Function{function(nil)}, IdleFor: 50 * time.Millisecond})
	first := pid(t, r)
	eventually(t, "the idle sandbox is stopped", func() bool { return len(r.Processes()) == 0 && !alive(first) })
	if next := pid(t, r); next == first {
		t.Error("the stopped sandbox answered")
	}
}

func TestASandboxTakesItsChildrenAlong(t *testing.T) {
	r := one(t, nil)
	child, err := strconv.Atoi(string(invoke(t, r, `{"Do":"child"}`).Payload))
	if err != nil || !alive(child) {
		t.Fatalf("the function's child %d does not run: %v", child, err)
	}
	r.Close()
	eventually(t, "the child is gone", func() bool { return !alive(child) })
	if _, err := r.Invoke(t.Context(), "echo", []byte(`{}`)); err == nil {
		t.Error("a closed runtime invoked a function")
	}
}

func TestAKilledSandboxIsReplaced(t *testing.T) {
	r := one(t, nil)
	first := pid(t, r)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the runtime noticed", func() bool { return len(r.Processes()) == 0 })
	if next := pid(t, r); next == first {
		t.Error("the killed process answered")
	}
}

func TestWhatAFunctionPrintsStandsInItsLog(t *testing.T) {
	logs := t.TempDir()
	r := start(t, runtimeapi.Options{Functions: []runtimeapi.Function{function(nil)}, Logs: logs})
	pid(t, r)
	content, err := os.ReadFile(filepath.Join(logs, "echo.log"))
	if err != nil || !strings.Contains(string(content), "started\n") {
		t.Errorf("the log holds %q, %v", content, err)
	}
}

func TestTheInvokeDoorAnswersAsLambda(t *testing.T) {
	door := one(t, nil).Handler()
	rows := []struct {
		name, path, body, kind string
		status                 int
		header, value          string
	}{
		{"a result", "/2015-03-31/functions/echo/invocations", `{"Do":"echo"}`, "", 200, "X-Amz-Executed-Version", "$LATEST"},
		{"a function's error is a result too", "/2015-03-31/functions/echo/invocations", `{"Do":"error"}`, "", 200, "X-Amz-Function-Error", "Unhandled"},
		{"an unknown function", "/2015-03-31/functions/none/invocations", `{}`, "", 404, "X-Amzn-Errortype", "ResourceNotFoundException"},
		{"a body that is not JSON", "/2015-03-31/functions/echo/invocations", `{`, "", 400, "X-Amzn-Errortype", "InvalidRequestContentException"},
		{"a body over six megabytes", "/2015-03-31/functions/echo/invocations", `"` + strings.Repeat("x", 6<<20) + `"`, "", 413, "X-Amzn-Errortype", "RequestTooLargeException"},
		{"an asynchronous call is refused aloud", "/2015-03-31/functions/echo/invocations", `{}`, "Event", 400, "X-Amzn-Errortype", "InvalidParameterValueException"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, r.path, strings.NewReader(r.body))
			if r.kind != "" {
				request.Header.Set("X-Amz-Invocation-Type", r.kind)
			}
			recorder := httptest.NewRecorder()
			door.ServeHTTP(recorder, request)
			if recorder.Code != r.status || recorder.Header().Get(r.header) != r.value {
				t.Errorf("got %d with %s %q: %s", recorder.Code, r.header, recorder.Header().Get(r.header), recorder.Body)
			}
		})
	}
}

func TestWhatIsWrongWithAFunctionIsSaidAtStart(t *testing.T) {
	empty := t.TempDir()
	rows := []struct {
		name, want string
		change     func(*runtimeapi.Function)
	}{
		{"no bootstrap", "was it built?", func(f *runtimeapi.Function) { f.Dir = empty }},
		{"a relative folder", "is not absolute", func(f *runtimeapi.Function) { f.Dir = "../testdata" }},
		{"too little memory", "64 MB is not between", func(f *runtimeapi.Function) { f.MemoryMB = 64 }},
		{"no timeout", "timeout of 0s", func(f *runtimeapi.Function) { f.Timeout = 0 }},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := runtimeapi.New(runtimeapi.Options{Functions: []runtimeapi.Function{function(r.change)}, Logs: t.TempDir()})
			if err == nil || !strings.Contains(err.Error(), r.want) || !strings.HasPrefix(err.Error(), "preparing function echo: ") {
				t.Errorf("got %v, want it to say %q", err, r.want)
			}
		})
	}
}
