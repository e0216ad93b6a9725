package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"paht/infra/emulator"
	"paht/infra/emulator/policy"
	"paht/infra/emulator/provision"
	"paht/infra/emulator/sqs"
	"paht/infra/local/gateway"
	"paht/infra/local/mapping"
	"paht/infra/local/runtimeapi"
	"paht/infra/local/s3"
	"paht/infra/template"
)

// System is everything that runs.
type System struct {
	options  Options
	template *template.Template
	kept     *kept
	allowed  map[string]*policy.Set
	emulator *emulator.Emulator
	store    *s3.Server
	runtime  *runtimeapi.Runtime
	pollers  *mapping.Pollers
	secrets  secretDocument

	stopSchedules func()
	filling       sync.Mutex
	redirected    atomic.Pointer[func(queueARN string, body []byte) error] // where notifications go instead

	addresses map[string]string
	mu        sync.Mutex // of Stdout
	stops     []func()   // in the order of starting
	once      sync.Once
}

// Start starts the system and returns when it answers. ctx bounds the start
// alone; Close ends the system.
func Start(ctx context.Context, o Options) (*System, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("starting the system: %w", err)
	}
	s := &System{options: o, addresses: map[string]string{}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the system: %w", err), s.Close())
	}
	return s, nil
}

func (s *System) start(ctx context.Context) error {
	front, err := s.frontListener()
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{s.read, s.openAWS, s.openStore, s.openRuntime, s.openPollers} {
		if err := step(ctx); err != nil {
			front.Close()
			return err
		}
	}
	if err := s.openGateway(front); err != nil {
		front.Close()
		return err
	}
	if err := s.kept.save(); err != nil {
		return err
	}
	return s.announce()
}

// frontListener comes first, so that a busy port is said at once.
func (s *System) frontListener() (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use by another program: stop it, or set PORT to another one", s.options.Port)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on port %d: %w", s.options.Port, err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	s.addresses["system"] = "http://localhost:" + strconv.Itoa(port)
	return listener, nil
}

// read reads the template with this machine's parameters, and what the data
// folder remembers.
func (s *System) read(context.Context) error {
	var err error
	if s.kept, err = openKept(s.options.Data); err != nil {
		return err
	}
	parameters, err := s.options.parameters(s.Address())
	if err != nil {
		return err
	}
	s.template, err = template.Load(s.options.Template, parameters, template.Resolver{StackName: stack, Region: region, Account: account})
	if err != nil {
		return err
	}
	s.noticeIgnored()
	s.allowed, err = permissions(s.template, s.kept)
	return err
}

// noticeIgnored names the types of resources that mean nothing on one machine.
// The API is not among them: its routes are the functions' events.
func (s *System) noticeIgnored() {
	counts := map[string]int{}
	for _, raw := range s.template.Raw {
		if raw.Type != "AWS::Serverless::HttpApi" {
			counts[raw.Type]++
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		s.notice(fmt.Sprintf("%d resources of type %s are ignored", counts[kind], kind))
	}
}

// openAWS opens the emulator on its data and makes what the template declares.
// Messages that were in flight when the system died are visible again.
func (s *System) openAWS(context.Context) error {
	log := slog.New(slog.NewTextHandler(lockedWriter{s}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	e, err := emulator.Open(emulator.Options{Dir: s.options.Data, Authorize: s.authorize, Account: account, Region: region, Log: log})
	if err != nil {
		return fmt.Errorf("%w (does another system run on the data folder %s?)", err, s.options.Data)
	}
	s.emulator = e
	s.onStop(func() { e.Close() })
	if err := provision.Provision(e, s.template); err != nil {
		return err
	}
	if err := s.makeSecrets(); err != nil {
		return err
	}
	s.runSchedules()
	s.onStop(func() { s.stopSchedules() })
	return s.serve("aws", e)
}

// makeSecrets stores the document of secrets at the first start. One that an
// earlier version left gets what it lacks; nothing of it changes.
func (s *System) makeSecrets() error {
	name := s.template.Inputs[s.options.SecretParameter]
	if name == "" {
		return nil
	}
	if stored, err := s.emulator.Parameters().Get(name); err == nil {
		if err := json.Unmarshal([]byte(stored.Value), &s.secrets); err != nil {
			return fmt.Errorf("reading the document of secrets: %w", err)
		}
	}
	if !s.secrets.complete() {
		return nil
	}
	document, err := json.Marshal(s.secrets)
	if err != nil {
		return fmt.Errorf("encoding the document of secrets: %w", err)
	}
	if _, err := s.emulator.Parameters().Put(name, "SecureString", string(document), true); err != nil {
		return fmt.Errorf("storing the document of secrets: %w", err)
	}
	return nil
}

// authorize holds every call to the template's statements. The root account
// and the operator's may do everything.
func (s *System) authorize(accessKey, action string, resources []string) error {
	if accessKey == s.kept.account("root").AccessKey {
		return nil
	}
	set, known := s.allowed[accessKey]
	if !known {
		return errors.New("the access key is unknown")
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	for _, r := range resources {
		if !set.Allowed(action, r, nil) {
			return errors.New("no statement of the template allows it")
		}
	}
	return nil
}

func (s *System) openStore(ctx context.Context) error {
	accounts := []s3.Account{}
	for _, f := range s.template.Functions {
		accounts = append(accounts, s.kept.account(f.Name))
	}
	queues := s.emulator.Queues()
	o := s3.Options{
		Dir: filepath.Join(s.options.Data, "s3"), Region: region, AccountID: account, Root: s.kept.account("root"), Accounts: accounts,
		Buckets: s.localBuckets(), Grants: s.grants(), Notice: s.notice, Copies: s.options.Copies, Address: s.sameAddress("s3"),
		Notify: func(_ context.Context, queueARN string, body []byte) error {
			if elsewhere := s.redirected.Load(); elsewhere != nil {
				return (*elsewhere)(queueARN, body)
			}
			_, err := queues.Send(queueARN, sqs.Outgoing{Body: string(body), Sender: "s3.amazonaws.com"})
			return err
		},
	}
	store, err := s3.Start(ctx, o)
	if err != nil {
		return err
	}
	s.store, s.addresses["s3"] = store, store.URL()
	s.kept.remember("s3", store.URL())
	s.onStop(func() {
		if err := store.Close(); err != nil {
			s.notice(err.Error())
		}
	})
	return nil
}

func (s *System) openRuntime(context.Context) error {
	functions, err := s.functions()
	if err != nil {
		return err
	}
	s.runtime, err = runtimeapi.New(runtimeapi.Options{
		Functions: functions, Region: region, AccountID: account, Logs: filepath.Join(s.options.Data, "logs"), Endpoints: s.Endpoints(), Notice: s.notice, IdleFor: 20 * time.Second,
	})
	if err != nil {
		return err
	}
	s.onStop(func() { s.runtime.Close() })
	return s.serve("operator", s.operator())
}

func (s *System) openPollers(context.Context) error {
	if err := s.poll(); err != nil {
		return err
	}
	s.onStop(func() { s.pollers.Stop(time.Second) })
	return nil
}

func (s *System) poll() (err error) {
	s.pollers, err = mapping.Start(context.Background(), mapping.Options{Queues: s.emulator.Queues(), Invoke: s.runtime.Invoke, Region: region, Notice: s.notice}, s.mappings())
	return err
}

func (s *System) openGateway(listener net.Listener) error {
	routes, err := s.routes()
	if err != nil {
		return err
	}
	var public http.Handler
	if bucket := publicBucket(s.template); bucket != "" {
		public = s.store.Public(bucket, "public/")
	}
	g, err := gateway.New(gateway.Options{
		Routes: routes, Invoke: s.runtime.Invoke, OriginHeaders: s.OriginHeaders(), AccountID: account, Public: public,
		Pages: s.options.Pages, Outbox: gateway.Outbox(s.emulator.Outbox()), About: s.about(),
	})
	if err != nil {
		return err
	}
	s.serveOn(listener, g)
	return nil
}

// sameAddress gives the address that a listener had before, if it is free
// still: what was signed for it keeps its meaning over a restart.
func (s *System) sameAddress(name string) string {
	before := s.kept.address(name)
	if len(before) > len("http://") {
		before = before[len("http://"):]
		if listener, err := net.Listen("tcp", before); err == nil {
			listener.Close()
			return before
		}
	}
	return "127.0.0.1:0"
}

// serve opens a loopback listener under a name.
func (s *System) serve(name string, h http.Handler) error {
	listener, err := net.Listen("tcp", s.sameAddress(name))
	if err != nil {
		return fmt.Errorf("opening the address of %s: %w", name, err)
	}
	s.addresses[name] = "http://" + listener.Addr().String()
	s.kept.remember(name, s.addresses[name])
	s.serveOn(listener, h)
	return nil
}

func (s *System) serveOn(listener net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	go server.Serve(listener)
	s.onStop(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	})
}

func (s *System) onStop(stop func()) { s.stops = append(s.stops, stop) }

// Close stops everything in the reverse order of its start.
func (s *System) Close() error {
	s.once.Do(func() {
		for i := len(s.stops) - 1; i >= 0; i-- {
			s.stops[i]()
		}
		os.Chdir(os.TempDir()) // out of the data folder, which may be removed now
	})
	return nil
}

// notice prints one line for whoever started the system.
func (s *System) notice(text string) { fmt.Fprintln(lockedWriter{s}, "note: "+text) }

// lockedWriter writes whole lines from many goroutines.
type lockedWriter struct{ system *System }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.system.mu.Lock()
	defer w.system.mu.Unlock()
	return w.system.options.Stdout.Write(p)
}

var _ io.Writer = lockedWriter{}
