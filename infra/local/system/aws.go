package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"paht/infra/emulator"
	"paht/infra/local/s3"
)

// AWS is the embedded AWS alone: no template, no functions, one account that
// may do everything. Tools and conformance suites run against it.
type AWS struct {
	emulator  *emulator.Emulator
	store     *s3.Server
	server    *http.Server
	stop      context.CancelFunc
	variables map[string]string
}

// StartAWS opens it on a data folder of its own kind.
func StartAWS(ctx context.Context, data string, notice func(string)) (*AWS, error) {
	data, err := filepath.Abs(data)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: finding %s: %w", data, err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: %w", err)
	}
	k, err := openKept(data)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: %w", err)
	}
	root := k.account("root")
	e, err := emulator.Open(emulator.Options{Dir: data, Account: account, Region: region})
	if err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: %w (does another run on the data folder %s?)", err, data)
	}
	store, err := s3.Start(ctx, s3.Options{Dir: filepath.Join(data, "s3"), Region: region, AccountID: account, Root: root, Notice: notice})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded AWS: %w", err), e.Close())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded AWS: %w", err), store.Close(), e.Close())
	}
	running, cancel := context.WithCancel(context.Background())
	a := &AWS{emulator: e, store: store, server: &http.Server{Handler: e}, stop: cancel, variables: endpoints("http://"+listener.Addr().String(), store.URL())}
	a.variables["AWS_ACCESS_KEY_ID"], a.variables["AWS_SECRET_ACCESS_KEY"], a.variables["AWS_REGION"] = root.AccessKey, root.Secret, region
	go a.server.Serve(listener)
	go e.Run(running)
	return a, errors.Join(k.save())
}

// Variables are what a client's environment needs.
func (a *AWS) Variables() map[string]string { return a.variables }

// Print writes the variables as a shell reads them.
func (a *AWS) Print(w io.Writer) {
	var lines []string
	for name, value := range a.variables {
		lines = append(lines, "export "+name+"="+value)
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
}

// Close stops it.
func (a *AWS) Close() error {
	a.stop()
	err := errors.Join(a.server.Close(), a.store.Close(), a.emulator.Close())
	os.Chdir(os.TempDir())
	return err
}
