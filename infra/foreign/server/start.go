package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const startLimit = 2 * time.Minute // the slowest needs 3 seconds on an idle machine

// A Running is a started server.
type Running struct {
	Program     Program
	URL         string
	Credentials Credentials

	cmd      *exec.Cmd
	home     string        // everything that it writes
	patience time.Duration // between asking it to end and killing it
	exited   chan struct{} // closed once it is gone, with err set
	err      error
}

// Start starts the program on a free port of loopback and waits until it serves and is seen to listen nowhere else.
// What it prints goes to log.
func (i *Installed) Start(ctx context.Context, log io.Writer) (*Running, error) {
	r, err := i.launch(log)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", i.Name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	err = r.await(ctx)
	if err == nil {
		err = r.confined()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", i.Name, err), r.Stop())
	}
	return r, nil
}

func (i *Installed) launch(log io.Writer) (*Running, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "foreign-")
	if err != nil {
		return nil, err
	}
	r := &Running{Program: i.Program, URL: fmt.Sprint("http://127.0.0.1:", port), Credentials: i.Program.Credentials,
		home: home, patience: 10 * time.Second, exited: make(chan struct{})}
	if r.Credentials == (Credentials{}) {
		r.Credentials = Credentials{"AKIA" + rand.Text()[:16], rand.Text()}
	}
	r.cmd = exec.Command(i.file(i.Command[0]), i.Command[1:]...)
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = home, log, log
	// Nothing of this process's own environment: neither its credentials nor its proxies.
	r.cmd.Env = append(i.Environment(port, r.Credentials, home), "PATH="+os.Getenv("PATH"), "HOME="+home, "TMPDIR="+home)
	r.cmd.SysProcAttr = leader()
	started := make(chan error)
	go r.keep(started)
	if err := <-started; err != nil {
		return nil, errors.Join(err, os.RemoveAll(home))
	}
	return r, nil
}

// keep starts the process and stays with it on one thread: the kernel ends a process whose parent's thread ends, not
// only one whose parent does (PR_SET_PDEATHSIG, prctl(2)).
func (r *Running) keep(started chan<- error) {
	runtime.LockOSThread()
	err := r.cmd.Start()
	started <- err
	if err == nil {
		r.err = r.cmd.Wait()
		close(r.exited)
	}
}

// freePort returns a port of loopback that nobody listened on a moment ago. Whoever takes it first is found out: the
// server's own sockets are looked at.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// await asks until the server says that it has every service.
func (r *Running) await(ctx context.Context) error {
	var last error
	for {
		err := r.ready(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err // afterwards it says no more than that time is over
		}
		select {
		case <-r.exited:
			return fmt.Errorf("it ended before it served: %w", errors.Join(r.err, last))
		case <-ctx.Done():
			return fmt.Errorf("it does not serve: %w", last)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (r *Running) ready(ctx context.Context) error {
	health, err := Ask(ctx, r.URL+r.Program.Ready)
	if err != nil {
		return err
	}
	for _, service := range r.Program.Services {
		if s := health.Services[service]; s != "available" && s != "running" {
			return fmt.Errorf("its service %s is %q", service, s)
		}
	}
	return nil
}

// A Health is the page that LocalStack answers at /_localstack/health, and ministack after it.
type Health struct {
	Edition, Version string
	Services         map[string]string
}

// Ask reads a health page.
func Ask(ctx context.Context, url string) (*Health, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	health := new(Health)
	if err := json.NewDecoder(response.Body).Decode(health); err != nil {
		return nil, fmt.Errorf("reading %s: %w", url, err)
	}
	return health, nil
}

// Stop asks the server and what it started to end, kills what has not ended after a while, and removes what it wrote.
func (r *Running) Stop() error {
	group := -r.cmd.Process.Pid
	// An error says that the group is gone already, which is what is wanted.
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-r.exited:
	case <-time.After(r.patience):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-r.exited
	if err := os.RemoveAll(r.home); err != nil {
		return fmt.Errorf("removing what %s wrote: %w", r.Program.Name, err)
	}
	return nil
}
