package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test's own program stands in for a server when it is started with this variable, which says how it behaves.
const behaviour = "FOREIGN_SERVER_BEHAVIOUR"

func TestMain(m *testing.M) {
	if how := os.Getenv(behaviour); how != "" {
		serve(how)
		return
	}
	os.Exit(m.Run())
}

// serve answers a health page on the port of the environment until it is asked to end, or killed.
func serve(how string) {
	host, services := "127.0.0.1", `{"s3": "running", "sqs": "available"}`
	switch how {
	case "ends at once":
		fmt.Println("no module named anything")
		os.Exit(3)
	case "everywhere":
		host = ""
	case "lacks a service":
		services = `{"s3": "running", "sqs": "disabled"}`
	case "does not end":
		signal.Ignore(syscall.SIGTERM)
	}
	if err := os.WriteFile("written", []byte(os.Getenv("HOME")), 0o644); err != nil {
		panic(err)
	}
	if how == "another port" {
		os.Setenv("PORT", "0")
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, os.Getenv("PORT")))
	if err != nil {
		panic(err)
	}
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"services": %s, "version": "1.0", "edition": "AWS_SECRET_ACCESS_KEY=%s"}`, services, os.Getenv("AWS_SECRET_ACCESS_KEY"))
	})))
}

// stand returns an installed program that is the test itself.
func stand(t *testing.T, how string) *Installed {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "bin", "stand")); err != nil {
		t.Fatal(err)
	}
	return &Installed{Program{
		Name: "the stand-in", Command: []string{"stand"}, Ready: "/health", Services: []string{"s3", "sqs"},
		Environment: func(port int, _ Credentials, _ string) []string {
			return []string{behaviour + "=" + how, fmt.Sprint("PORT=", port)}
		},
	}, folder}
}

func TestAServerRunsOnLoopbackWithNothingOfThisProcess(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "this process's own")
	r, err := stand(t, "well").Start(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(r.URL, "http://127.0.0.1:") || len(r.Credentials.AccessKey) != 20 || r.Credentials.Secret == "" {
		t.Errorf("it is %s with the credentials %v", r.URL, r.Credentials)
	}
	health, err := Ask(t.Context(), r.URL+"/health")
	if err != nil || health.Edition != "AWS_SECRET_ACCESS_KEY=" {
		t.Errorf("its environment held %q (%v)", health.Edition, err)
	}
	home, err := os.ReadFile(filepath.Join(r.home, "written"))
	if err != nil || string(home) != r.home {
		t.Errorf("it wrote with the home %q (%v), want %s", home, err, r.home)
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what it wrote is still there (%v)", err)
	}
	if _, err := Ask(t.Context(), r.URL+"/health"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after its end it answers %v", err)
	}
}

func TestAServerThatDoesNotEndIsKilled(t *testing.T) {
	r, err := stand(t, "does not end").Start(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	r.patience = time.Millisecond
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if s := r.cmd.ProcessState.Sys().(syscall.WaitStatus); !s.Signaled() || s.Signal() != syscall.SIGKILL {
		t.Errorf("it ended with %v, want it killed", r.cmd.ProcessState)
	}
}

func TestAServerThatIsNotFitIsRefusedAndStopped(t *testing.T) {
	for how, says := range map[string]string{
		"ends at once": "it ended before it served: exit status 3",
		"everywhere":   "which is not loopback",
	} {
		t.Run(how, func(t *testing.T) {
			var log bytes.Buffer
			r, err := stand(t, how).Start(t.Context(), &log)
			if r != nil || err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("it started as %v with the error %v, want one with %q", r, err, says)
			}
		})
	}
	for how, says := range map[string]string{
		"lacks a service": `its service sqs is "disabled"`,
		"another port":    "connection refused",
	} {
		t.Run(how, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			r, err := stand(t, how).Start(ctx, os.Stderr)
			if r != nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) || err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("it started as %v with the error %v, want one with %q", r, err, says)
			}
		})
	}
}
