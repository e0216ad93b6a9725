// Package s3 is the object store of the system on one machine: versitygw with
// its side-car metadata behind a small proxy that clients and browsers talk to.
//
// The proxy adds what versitygw does not have: notifications of created
// objects, S3's answer to a reader who may not list, and the published prefix
// without credentials. What neither has (lifecycle, policy conditions, the
// public access block) is named once at start and ignored.
//
// The package knows no template and no queue: what buckets there are, who may
// do what and where notifications go is handed to Start. It must never import
// the product's functions or shared packages.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// copyThreshold is S3's own limit of one CopyObject call, 5 GiB
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html);
// versitygw's zero would refuse every copy.
const copyThreshold = 5 << 30

// Account is one identity: an access key and its secret.
type Account struct {
	Name      string // who it is, for messages
	AccessKey string
	Secret    string
}

// Options say what the store holds and who may reach it.
type Options struct {
	Dir       string // absolute; objects, metadata and accounts lie under it
	Address   string // loopback address to listen on; "127.0.0.1:0" picks a port
	Region    string
	AccountID string  // the account that stands in ARNs and notifications
	Root      Account // owner of every bucket
	Accounts  []Account
	Buckets   []Bucket
	Grants    []Grant

	// Notify puts one notification, already encoded, into the queue of an ARN.
	Notify func(ctx context.Context, queueARN string, body []byte) error
	// Copies says how often a notification is delivered: 1 in life, 0 or 2 in
	// the tests that lose or double them. Nil means always 1.
	Copies func(bucket, key string) int
	// Notice receives, once at start, each thing that is ignored, and later
	// each notification that could not be sent.
	Notice func(text string)
	// Observe, if given, is told of everything that a request of somebody else
	// than the owner needed a right for, whether it had it or not.
	Observe func(Access)
	Now     func() time.Time
}

// Server is the running store.
type Server struct {
	options Options
	url     string
	socket  string
	client  *awss3.Client
	http    *http.Server
	cancel  context.CancelFunc
	ended   chan error
	serial  atomic.Uint64
	listers map[string]map[string]bool // bucket → access keys that may list it
}

// Start runs the store until Close. versitygw allows one instance a process;
// a second Start before Close is refused. It also changes the process's
// working directory, so every path handed to it must be absolute.
func Start(ctx context.Context, o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("starting the object store: %w", err)
	}
	if !running.CompareAndSwap(false, true) {
		return nil, errors.New("starting the object store: one runs in this process already")
	}
	s, err := start(ctx, o)
	if err != nil {
		running.Store(false)
	}
	return s, err
}

// running says that a store runs in this process.
var running atomic.Bool

func start(ctx context.Context, o Options) (*Server, error) {
	s := &Server{options: o, ended: make(chan error, 1)}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("starting the object store: listening on %s: %w", o.Address, err)
	}
	s.url = "http://" + listener.Addr().String()
	if err := s.startGateway(ctx); err != nil {
		listener.Close()
		return nil, fmt.Errorf("starting the object store: %w", err)
	}
	s.client = s.newClient()
	if err := s.setUp(ctx); err != nil {
		listener.Close()
		s.stopGateway()
		return nil, fmt.Errorf("starting the object store: %w", err)
	}
	s.http = &http.Server{Handler: s.proxy(), ReadHeaderTimeout: 30 * time.Second}
	go s.http.Serve(listener)
	return s, nil
}

func (o *Options) complete() error {
	if !filepath.IsAbs(o.Dir) {
		return fmt.Errorf("the folder %q is not absolute", o.Dir)
	}
	if o.Root.AccessKey == "" || o.Root.Secret == "" {
		return errors.New("the owner of the buckets has no credentials")
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("the address %q is not a loopback address", o.Address)
	}
	if o.Notify == nil {
		o.Notify = func(context.Context, string, []byte) error { return nil }
	}
	if o.Copies == nil {
		o.Copies = func(string, string) int { return 1 }
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// startGateway runs versitygw on a socket in a private folder, reached by the
// proxy alone. The folder is a short temporary one, since socket paths are
// limited to about a hundred bytes.
func (s *Server) startGateway(ctx context.Context) error {
	objects, sidecar, iam := filepath.Join(s.options.Dir, "objects"), filepath.Join(s.options.Dir, "metadata"), filepath.Join(s.options.Dir, "accounts")
	for _, dir := range []string{objects, sidecar, iam} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("making the folder %s: %w", dir, err)
		}
	}
	if err := s.writeAccounts(iam); err != nil {
		return err
	}
	store, err := meta.NewSideCar(sidecar)
	if err != nil {
		return fmt.Errorf("opening the metadata: %w", err)
	}
	backend, err := posix.New(objects, store, posix.PosixOpts{
		SideCarDir: sidecar, NewDirPerm: 0o700, CopyObjectThreshold: copyThreshold, Concurrency: 256,
	})
	if err != nil {
		return fmt.Errorf("opening the objects: %w", err)
	}
	private, err := s.socketFolder()
	if err != nil {
		return fmt.Errorf("making the socket's folder: %w", err)
	}
	s.socket = filepath.Join(private, "s")
	ready := make(chan struct{})
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	go func() {
		s.ended <- embedgw.RunVersityGW(running, backend, &embedgw.Config{
			RootUserAccess: s.options.Root.AccessKey, RootUserSecret: s.options.Root.Secret,
			Region: s.options.Region, Ports: []string{s.socket}, SocketPerm: "0600",
			MaxConnections: 4096, MaxRequests: 2048, MultipartMaxParts: 10000,
			Quiet: true, KeepAlive: true, DisableACLs: true, IAMDir: iam, IAMCacheTTL: 3600, IAMCachePrune: 3600,
			S3Options: []s3api.Option{s3api.WithOnListen(func() { close(ready) })},
		})
	}()
	select {
	case <-ready:
		return nil
	case err := <-s.ended:
		cancel()
		os.RemoveAll(private)
		if err == nil {
			err = errors.New("it ended at once")
		}
		return fmt.Errorf("running versitygw: %w", err)
	}
}

// socketFolder makes the private folder, and removes the one that a store which
// was killed left behind.
func (s *Server) socketFolder() (string, error) {
	const prefix = "paht-s3-"
	note := filepath.Join(s.options.Dir, "socket")
	if before, err := os.ReadFile(note); err == nil && strings.HasPrefix(filepath.Base(string(before)), prefix) {
		os.Remove(filepath.Join(string(before), "s"))
		os.Remove(string(before))
	}
	private, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", err
	}
	return private, os.WriteFile(note, []byte(private), 0o600)
}

// writeAccounts makes the gateway's accounts anew, so that a function that
// left the template leaves no account behind.
func (s *Server) writeAccounts(dir string) error {
	for _, name := range []string{"users.json", "users.json.backup"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("renewing the accounts: %w", err)
		}
	}
	accounts, err := auth.NewInternal(auth.Account{Access: s.options.Root.AccessKey, Secret: s.options.Root.Secret, Role: auth.RoleAdmin}, dir)
	if err != nil {
		return fmt.Errorf("opening the accounts: %w", err)
	}
	for _, a := range s.options.Accounts {
		if err := accounts.CreateAccount(auth.Account{Access: a.AccessKey, Secret: a.Secret, Role: auth.RoleUser}); err != nil {
			return fmt.Errorf("creating the account of %s: %w", a.Name, err)
		}
	}
	return nil
}

// newClient is the owner's client, straight to the gateway's socket.
func (s *Server) newClient() *awss3.Client {
	return awss3.New(awss3.Options{
		Region: s.options.Region, BaseEndpoint: aws.String("http://s3.internal"), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(s.options.Root.AccessKey, s.options.Root.Secret, ""),
		HTTPClient:  &http.Client{Transport: s.transport()},
	})
}

func (s *Server) transport() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", s.socket)
		},
		MaxIdleConnsPerHost: 64, IdleConnTimeout: 20 * time.Second, DisableCompression: true,
	}
}

// URL is the address that clients use.
func (s *Server) URL() string { return s.url }

// Client acts as the owner of the buckets, past the proxy: what it stores
// raises no notification.
func (s *Server) Client() *awss3.Client { return s.client }

// Close ends the listener and versitygw and waits for both.
func (s *Server) Close() error {
	defer running.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	return errors.Join(err, s.stopGateway())
}

func (s *Server) stopGateway() error {
	s.cancel()
	defer os.RemoveAll(filepath.Dir(s.socket))
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("stopping versitygw: %w", err)
		}
		return nil
	case <-time.After(2 * time.Second):
		return errors.New("stopping versitygw: it did not end within two seconds")
	}
}
