package takeover

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/local/fleet"
	"paht/infra/local/system"
	"paht/shared/contract"
	"paht/shared/ledger"
	"paht/shared/report"
)

// root is the repository's folder, absolute: the object store changes the working
// directory.
var root string

// bootstraps is the folder of a copy of the functions.
var bootstraps string

func TestMain(m *testing.M) {
	var err error
	if root, err = filepath.Abs("../../.."); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "paht-takeover-")
	if err != nil {
		panic(err)
	}
	for _, c := range [][]string{{"make", "build-local"}, {"cp", "-r", "build/local", dir}} {
		command := exec.Command(c[0], c[1:]...)
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			panic(fmt.Sprintf("building: %v: %s", err, out))
		}
	}
	bootstraps = filepath.Join(dir, "local")
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// manifest says what a frozen folder holds.
type manifest struct {
	Frozen    time.Time `json:"frozen"`
	Published string    `json:"published"` // tracking code
	Waiting   string    `json:"waiting"`   // submitted; its message stands in the queue
	LogIn     string    `json:"logIn"`     // of the reporter of what waits
	Password  string    `json:"password"`
}

// start starts the system on a data folder.
func start(t *testing.T, data string) *system.System {
	t.Helper()
	var said bytes.Buffer
	s, err := system.Start(t.Context(), system.Options{Template: filepath.Join(root, "template.yaml"), Build: bootstraps, Data: data, Stdout: &said})
	if err != nil {
		t.Fatalf("starting on the folder: %v\n%s", err, said.String())
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// invoker runs stack operations.
func invoker(s *system.System) province.Invoke {
	return func(ctx context.Context, function string, payload []byte) ([]byte, error) {
		result, err := s.Invoke(ctx, function, payload)
		if err != nil {
			return nil, err
		}
		i, ok := result.(system.Invocation)
		if !ok || i.FunctionError != "" {
			return nil, fmt.Errorf("the function %s failed: %s", function, i.Payload)
		}
		return i.Payload, nil
	}
}

// year is how long an account may be away (R29): who acts in an older folder is
// locked, as the decision wants it.
const year = 360 * 24 * time.Hour

func TestTodaysSystemRunsOnTheDataOfTheVersionBefore(t *testing.T) {
	frozen, err := filepath.Glob(filepath.Join(root, "infra", "local", "takeover", "testdata", "v*.tar.gz"))
	if err != nil || len(frozen) == 0 {
		t.Fatalf("no frozen data: %v", err)
	}
	for _, archive := range frozen {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			data := t.TempDir()
			if out, err := exec.Command("tar", "-xzf", archive, "-C", data).CombinedOutput(); err != nil {
				t.Fatalf("unpacking: %v: %s", err, out)
			}
			content, err := os.ReadFile(filepath.Join(data, "manifest.json"))
			if err != nil {
				t.Fatal(err)
			}
			var m manifest
			if err := json.Unmarshal(content, &m); err != nil {
				t.Fatal(err)
			}
			s := start(t, data)
			client := api.New(s.Address())
			public(t, client, m)
			if time.Since(m.Frozen) < year {
				goesOn(t, s, client, m)
			}
			verified(t, s)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// public reads what was published before, with its files.
func public(t *testing.T, client *api.Client, m manifest) {
	t.Helper()
	a, err := client.Do(t.Context(), api.Call{Method: http.MethodGet, Path: "/v1/published/" + m.Published, Want: http.StatusOK})
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Parts []contract.PublishedPart `json:"parts"`
	}
	if err := a.Into(&out); err != nil || len(out.Parts) != 1 || len(out.Parts[0].Pictures) != 3 || out.Parts[0].Document == "" {
		t.Fatalf("what was published reads %+v, %v", out, err)
	}
	for _, address := range append(out.Parts[0].Pictures, out.Parts[0].Document) {
		file, err := client.Fetch(t.Context(), address)
		if err != nil || len(file.Body) == 0 {
			t.Errorf("the published file %s: %d bytes, %v", address, len(file.Body), err)
		}
	}
	for _, code := range []string{m.Published, m.Waiting} {
		if _, err := client.Do(t.Context(), api.Call{Method: http.MethodGet, Path: "/v1/tracking/" + code, Want: http.StatusOK}); err != nil {
			t.Error(err)
		}
	}
}

// goesOn carries on what was begun before: the old message is taken, people log
// in with what they had, the report that waited is handled, a new one is played.
func goesOn(t *testing.T, s *system.System, client *api.Client, m manifest) {
	t.Helper()
	ctx := t.Context()
	if err := province.Set(ctx, client, invoker(s), filepath.Join(root, "data", "demo")); err != nil {
		t.Fatalf("setting up what is set up already: %v", err)
	}
	read := func(token string) (d contract.Detail, err error) {
		a, err := client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + m.Waiting, Token: token, Want: http.StatusOK})
		if err == nil {
			err = a.Into(&d)
		}
		return d, err
	}
	reporter, err := province.Open(ctx, client, m.LogIn, m.Password)
	if err != nil {
		t.Fatalf("the reporter's log-in: %v", err)
	}
	err = client.Wait(ctx, "the screening of what waited", func() (bool, error) {
		d, err := read(reporter)
		return d.State == string(report.Screening), err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []struct {
		who, path, want string
		body            any
	}{
		{"lan", "/acceptance", report.EventAccepted, map[string]any{}},
		{"hung", "/transfer", report.EventTransferred, map[string]any{"targets": []map[string]any{{"agency": "TTHTKT", "days": 3}}}},
		{"minh", "/assignments/a1/receipt", report.EventReceived, nil},
	} {
		token, err := province.Open(ctx, client, act.who, province.Password)
		if err != nil {
			t.Fatalf("the log-in of %s: %v", act.who, err)
		}
		d, err := read(token)
		if err != nil {
			t.Fatal(err)
		}
		match := d.ETag
		if len(d.Assignments) > 0 {
			match = d.Assignments[0].ETag
		}
		a, err := client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + m.Waiting + act.path, Token: token, Match: match, Body: act.body, Want: http.StatusOK})
		if err != nil {
			t.Fatal(err)
		}
		var acted contract.Acted
		if err := a.Into(&acted); err != nil || acted.Act.Type != act.want {
			t.Fatalf("the act of %s was %q, %v", act.who, acted.Act.Type, err)
		}
	}
	var out bytes.Buffer
	if err := story.Play(ctx, story.Options{Client: client, Photos: fleet.Photos(), Out: &out}); err != nil {
		t.Errorf("a new story on the old data: %v\n%s", err, out.String())
	}
}

// verified asks for the check of every report.
func verified(t *testing.T, s *system.System) {
	t.Helper()
	answer, err := ledger.Walk(ledger.Request{}, func(step ledger.Request) (ledger.Answer, error) {
		var part ledger.Answer
		event, err := json.Marshal(struct {
			Operation string `json:"operation"`
			ledger.Request
		}{"verify", step})
		if err != nil {
			return part, err
		}
		payload, err := invoker(s)(t.Context(), "admin", event)
		if err != nil {
			return part, err
		}
		return part, json.Unmarshal(payload, &part)
	})
	var said bytes.Buffer
	if printing := answer.Print(&said); err != nil || printing != nil || len(answer.Deviations) > 0 || answer.Checked.Reports < 2 {
		t.Errorf("verifying: %v: %s", err, said.String())
	}
	t.Log(said.String())
}
