// Package stage runs the product's functions, as processes from their own bootstraps, on somebody else's DynamoDB, SQS,
// S3 and Scheduler: what template.yaml declares is made there through the SDK, and our own runner stands for Lambda and
// the HTTP API. What such a server lacks (SES, SNS, SSM) stays on the emulator. It must never import the product's
// functions or shared packages.
package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/infra/emulator"
	"paht/infra/local/gateway"
	"paht/infra/local/runtimeapi"
	"paht/infra/template"
)

// Options say what is played where.
type Options struct {
	Root   string // the project's folder, with the template and build/local
	Name   string // of the stack, so that one server can have many
	Logs   string // folder of the functions' logs
	Config aws.Config
	Notice func(string)
}

// Stage is everything that runs.
type Stage struct {
	options     Options
	address     string
	listener    net.Listener
	credentials aws.Credentials
	account     string
	queues      map[string]string // address by ARN
	names       map[string]string // address by name
	template    *template.Template
	emulator    *emulator.Emulator
	runtime     *runtimeapi.Runtime
	stops       []func() error

	mu       sync.Mutex
	embedded map[string]int // calls on the emulator, by service
}

// Open makes the resources and starts the runner. Close ends it and removes them.
func Open(ctx context.Context, o Options) (*Stage, error) {
	s := &Stage{options: o, embedded: map[string]int{}}
	for _, step := range []func(context.Context) error{s.listen, s.read, s.provision, s.embed, s.run, s.poll, s.serve} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("opening the stage: %w", err), s.Close())
		}
	}
	return s, nil
}

// Address is that of the API.
func (s *Stage) Address() string { return s.address }

// Embedded counts the calls that went to the emulator, by service: everything else went to the server.
func (s *Stage) Embedded() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.embedded)
}

// Close stops everything in the reverse order of its start.
func (s *Stage) Close() error {
	var all []error
	for len(s.stops) > 0 {
		last := len(s.stops) - 1
		all = append(all, s.stops[last]())
		s.stops = s.stops[:last]
	}
	return errors.Join(all...)
}

func (s *Stage) onClose(stop func() error) { s.stops = append(s.stops, stop) }

// Invoke runs a stack operation of a function, by the last word of its CodeUri.
func (s *Stage) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	for _, f := range s.template.Functions {
		if filepath.Base(f.CodeURI) == function {
			result, err := s.runtime.Invoke(ctx, f.Name, payload)
			if err == nil && result.FunctionError != "" {
				err = fmt.Errorf("the function %s failed: %s", function, result.Payload)
			}
			return result.Payload, err
		}
	}
	return nil, fmt.Errorf("the template has no function %s", function)
}

func (s *Stage) listen(ctx context.Context) (err error) {
	if s.credentials, err = s.options.Config.Credentials.Retrieve(ctx); err != nil {
		return err
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	s.address = "http://" + s.listener.Addr().String()
	s.onClose(func() error {
		if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

// read reads the template: first for the queues' names, then, once they are made, with the account and the addresses
// that the server gave them.
func (s *Stage) read(ctx context.Context) error {
	plain, err := s.load(template.Resolver{})
	if err != nil {
		return err
	}
	if err := s.makeQueues(ctx, plain); err != nil {
		return err
	}
	s.template, err = s.load(template.Resolver{Account: s.account, Value: func(kind, _, name, attribute string) (string, bool) {
		address, known := s.names[name]
		return address, known && kind == "AWS::SQS::Queue" && attribute == ""
	}})
	return err
}

func (s *Stage) load(r template.Resolver) (*template.Template, error) {
	path := filepath.Join(s.options.Root, "template.yaml")
	r.StackName, r.Region = s.options.Name, s.options.Config.Region
	plain, err := template.Load(path, nil, r)
	if err != nil {
		return nil, err
	}
	given := map[string]string{}
	for name, value := range map[string]string{"WebOrigin": s.address, "PublicFiles": s.address + "/public", "Architecture": architecture()} {
		if _, declared := plain.Inputs[name]; declared {
			given[name] = value
		}
	}
	return template.Load(path, given, r)
}

func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// embed opens the emulator for what the server lacks.
func (s *Stage) embed(context.Context) error {
	var err error
	s.emulator, err = emulator.Open(emulator.Options{Account: s.account, Region: s.options.Config.Region, Observe: func(c emulator.Call) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.embedded[c.Service]++
	}})
	if err != nil {
		return err
	}
	s.onClose(s.emulator.Close)
	const keys = `{"keys":[{"id":"s1","secret":"YSBzZWNyZXQgb2YgdGhlIHN0YWdlLCBhbmQgbm9uZSE="}],"origin":["` + front + `"]}`
	_, err = s.emulator.Parameters().Put(s.template.Inputs["SecretParameter"], "SecureString", keys, true)
	return err
}

// run starts the runner. Every function has the server's one account: what the statements allow is held elsewhere.
func (s *Stage) run(context.Context) error {
	lacking, err := s.open(s.emulator)
	if err != nil {
		return err
	}
	endpoints := map[string]string{}
	for _, service := range []string{"DYNAMODB", "SQS", "SCHEDULER", "S3"} {
		endpoints["AWS_ENDPOINT_URL_"+service] = *s.options.Config.BaseEndpoint
	}
	for _, service := range []string{"SESV2", "SNS", "SSM"} {
		endpoints["AWS_ENDPOINT_URL_"+service] = lacking
	}
	var functions []runtimeapi.Function
	for _, f := range s.template.Functions {
		functions = append(functions, runtimeapi.Function{Name: f.Name, Dir: filepath.Join(s.options.Root, "build", "local", filepath.Base(f.CodeURI)),
			Handler: f.Handler, MemoryMB: f.MemorySize, Timeout: time.Duration(f.Timeout) * time.Second, Reserved: f.ReservedConcurrency,
			Environment: f.Environment, AccessKey: s.credentials.AccessKeyID, Secret: s.credentials.SecretAccessKey})
	}
	s.runtime, err = runtimeapi.New(runtimeapi.Options{Functions: functions, Region: s.options.Config.Region, AccountID: s.account,
		Logs: s.options.Logs, Endpoints: endpoints, Notice: s.options.Notice})
	if err != nil {
		return err
	}
	s.onClose(s.runtime.Close)
	return nil
}

// front is what the distribution of the stage says of itself.
const front = "the distribution of a stage"

// serve opens the API.
func (s *Stage) serve(context.Context) error {
	var routes []gateway.Route
	for _, f := range s.template.Functions {
		for _, r := range f.Routes {
			routes = append(routes, gateway.Route{Method: r.Method, Path: r.Path, Function: f.Name})
		}
	}
	g, err := gateway.New(gateway.Options{Routes: routes, Invoke: s.runtime.Invoke, OriginHeaders: map[string]string{"X-Origin-Verify": front}, AccountID: s.account,
		Public: http.HandlerFunc(s.public), Outbox: gateway.Outbox(s.emulator.Outbox())})
	if err != nil {
		return err
	}
	s.serveOn(s.listener, g)
	return nil
}

// open serves a handler on a loopback address of its own.
func (s *Stage) open(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.serveOn(l, h)
	return "http://" + l.Addr().String(), nil
}

func (s *Stage) serveOn(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	s.onClose(func() error {
		err := server.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
}
