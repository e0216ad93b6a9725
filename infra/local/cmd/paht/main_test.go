package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The binaries are built once: the command, and the functions that it runs.
var binary, build string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "paht-command-")
	if err != nil {
		panic(err)
	}
	binary, build = filepath.Join(dir, "paht"), filepath.Join(dir, "build")
	for to, from := range map[string]string{binary: ".", filepath.Join(build, "notes", "bootstrap"): "../../testdata/notes"} {
		if out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", to, from).CombinedOutput(); err != nil {
			panic("building " + from + ": " + string(out))
		}
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// running is a started command.
type running struct {
	*exec.Cmd
	address string
	out     *bufio.Scanner
}

func environment(t *testing.T, data string, more ...string) []string {
	t.Helper()
	template, err := filepath.Abs("../../testdata/system/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir(), "DATA=" + data, "BUILD=" + build, "TEMPLATE=" + template, "PORT=0", "PROVINCE=none"}, more...)
}

// start runs the command and waits until it says its address.
func start(t *testing.T, data string) *running {
	t.Helper()
	c := exec.Command(binary, "run")
	c.Env, c.Stderr = environment(t, data), os.Stderr
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	r := &running{Cmd: c, out: bufio.NewScanner(pipe)}
	for r.out.Scan() {
		if address, found := strings.CutPrefix(r.out.Text(), "paht runs at "); found {
			r.address = strings.Replace(address, "localhost", "127.0.0.1", 1)
			go func() {
				for r.out.Scan() {
				}
			}()
			return r
		}
	}
	t.Fatal("the command ended without an address")
	return nil
}

func (r *running) add(t *testing.T) {
	t.Helper()
	response, err := http.Post(r.address+"/notes", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != 200 || !bytes.Contains(body, []byte(`"id"`)) {
		t.Fatalf("adding a note gave %d %s", response.StatusCode, body)
	}
}

// children lists the processes whose parent is the command.
func (r *running) children(t *testing.T) []int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(all) == 0 {
		t.Fatalf("listing processes: %v", err)
	}
	var pids []int
	for _, name := range all {
		content, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		_, after, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(after)
		if len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(r.Process.Pid) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

func alive(pid int) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(content), ") Z ")
}

func gone(t *testing.T, pids []int) {
	t.Helper()
	for range 500 {
		left := 0
		for _, pid := range pids {
			if alive(pid) {
				left++
			}
		}
		if left == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("functions outlived the system: %v", pids)
}

func TestAnInterruptStopsEverything(t *testing.T) {
	r := start(t, t.TempDir())
	r.add(t)
	children := r.children(t)
	if len(children) == 0 {
		t.Fatal("no function runs as a process of its own")
	}
	if err := r.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := r.Wait(); err != nil {
		t.Errorf("the command ended with %v", err)
	}
	gone(t, children)
}

func TestKillingTheSystemTakesItsFunctionsAlongAndItStartsAgain(t *testing.T) {
	data := t.TempDir()
	r := start(t, data)
	r.add(t)
	children := r.children(t)
	if len(children) == 0 {
		t.Fatal("no function runs as a process of its own")
	}
	if err := r.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.Wait()
	gone(t, children)
	start(t, data).add(t)
}

func TestTheCommandLooksIntoARunningSystem(t *testing.T) {
	data := t.TempDir()
	start(t, data)
	rows := []struct {
		name string
		args []string
		want string
		ok   bool
	}{
		{"the queues", []string{"queues"}, "paht-WorkQueue", true},
		{"a redrive of nothing", []string{"redrive", "paht-WorkQueue"}, "0 messages of paht-DeadQueue went back", true},
		{"an invocation", []string{"invoke", "Work", `{"Records":[]}`}, `{"batchItemFailures":[]}`, true},
		{"an unknown function", []string{"invoke", "none"}, "there is no such function", false},
		{"no word", nil, "say one of: run, ", false},
		{"an unknown word", []string{"fly"}, "say one of: run, ", false},
		{"a second system on the same data", []string{"run"}, "does another system run on the data folder", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := exec.Command(binary, row.args...)
			c.Env = environment(t, data)
			out, err := c.CombinedOutput()
			if !strings.Contains(string(out), row.want) || (err == nil) != row.ok {
				t.Errorf("got %v: %s", err, out)
			}
		})
	}
	t.Run("a port that is no number", func(t *testing.T) {
		c := exec.Command(binary, "run")
		c.Env = environment(t, t.TempDir(), "PORT=web")
		if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), `PORT must be a number, not "web"`) {
			t.Errorf("got %v: %s", err, out)
		}
	})
}

func TestTheEmbeddedAWSPrintsWhatAShellCanRead(t *testing.T) {
	c := exec.Command(binary, "aws")
	c.Env = environment(t, t.TempDir())
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	lines := bufio.NewScanner(pipe)
	seen := 0
	for seen < 10 && lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "export AWS_") {
			t.Errorf("got the line %q", lines.Text())
		}
		seen++
	}
	if seen != 10 {
		t.Errorf("%d variables were printed, want 10", seen)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the command ended with %v", err)
	}
}
