package takeover

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/demo/story"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

var freeze = flag.String("freeze", "", "freeze a data folder of today's version as testdata/<name>.tar.gz")

// TestFreeze makes the folder of a release, where it is told to. Otherwise it
// holds the archives to their size: they lie in the repository for long.
func TestFreeze(t *testing.T) {
	if *freeze == "" {
		archives, err := filepath.Glob(filepath.Join(root, "infra", "local", "takeover", "testdata", "*.tar.gz"))
		if err != nil || len(archives) == 0 {
			t.Fatalf("no frozen data: %v", err)
		}
		for _, name := range archives {
			if info, err := os.Stat(name); err != nil || info.Size() > 1<<20 {
				t.Errorf("%s: %v, over a megabyte", name, err)
			}
		}
		return
	}
	archive := filepath.Join(root, "infra", "local", "takeover", "testdata", *freeze+".tar.gz")
	if _, err := os.Stat(archive); err == nil {
		t.Fatalf("%s is frozen already", archive)
	}
	data := t.TempDir()
	m := live(t, data)
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "manifest.json"), append(content, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tar", "-czf", archive, "-C", data, "--exclude=./logs", "--owner=0", "--group=0", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("packing: %v: %s", err, out)
	}
}

// live plays on a folder and leaves it in the middle of things.
func live(t *testing.T, data string) manifest {
	t.Helper()
	ctx := t.Context()
	s := start(t, data)
	client := api.New(s.Address())
	if err := province.Set(ctx, client, invoker(s), filepath.Join(root, "data", "demo")); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := story.Play(ctx, story.Options{Client: client, Photos: fleet.Photos(), Out: &out}); err != nil {
		t.Fatalf("the story: %v\n%s", err, out.String())
	}
	code := regexp.MustCompile(`tracking code (PA-\S{11}):`).FindStringSubmatch(out.String())
	if code == nil {
		t.Fatal("the story names no tracking code")
	}
	// From here on nothing is screened: what is submitted waits, and its message.
	broken := filepath.Join(bootstraps, "screen", "bootstrap")
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Processes() {
		if strings.Contains(p.Function, "Screen") {
			_ = syscall.Kill(p.PID, syscall.SIGKILL)
		}
	}
	m := manifest{Frozen: time.Now().UTC().Truncate(time.Second), Published: code[1], LogIn: "dan-cho", Password: "Song-Co-Chien-1433"}
	m.Waiting = submitted(t, client, m)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return m
}

// submitted registers a reporter and submits a report.
func submitted(t *testing.T, client *api.Client, m manifest) string {
	t.Helper()
	ctx, email := t.Context(), "cho@dan.example"
	for _, call := range []api.Call{
		{Path: "/v1/accounts", Want: http.StatusCreated, Body: map[string]any{"kind": "individual", "name": "Người Chờ", "logIn": m.LogIn,
			"password": m.Password, "email": email, "language": "vi"}},
		{Path: "/v1/accounts/verification", Want: http.StatusNoContent},
	} {
		call.Method = http.MethodPost
		if call.Body == nil {
			code, err := client.Code(ctx, email)
			if err != nil {
				t.Fatal(err)
			}
			call.Body = map[string]any{"logIn": m.LogIn, "code": code}
		}
		if _, err := client.Do(ctx, call); err != nil {
			t.Fatal(err)
		}
	}
	token, err := province.Open(ctx, client, m.LogIn, m.Password)
	if err != nil {
		t.Fatal(err)
	}
	a, err := client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: token, Want: http.StatusCreated, Body: map[string]any{
		"text": "Đèn đường trước chợ không sáng đã ba đêm nay.", "point": map[string]any{"lat": 9.707, "lon": 106.084}, "category": "thoat_nuoc_ngap",
		"publicity": "hidden", "notice": "email", "uploads": []string{}}})
	if err != nil {
		t.Fatal(err)
	}
	var acted contract.Acted
	if err := a.Into(&acted); err != nil {
		t.Fatal(err)
	}
	return acted.Report.ID
}
