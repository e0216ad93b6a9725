// Package emulator is the part of AWS that the project uses, on one machine:
// DynamoDB, SQS, EventBridge Scheduler, and the few calls of SESv2, SNS and
// SSM, over the real wire protocols and in process. S3 is not here (see
// infra/local).
//
// It exists so that every test and every run exercises the adapters that
// ship; it is not a product. An operation or parameter that the project does
// not use is refused loudly: "not supported here". It must never import the
// project's functions or shared packages.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/infra/emulator/dynamodb"
	"paht/infra/emulator/messaging"
	"paht/infra/emulator/scheduler"
	"paht/infra/emulator/sqs"
	"paht/infra/emulator/ssm"
	"paht/infra/emulator/storage"
)

// Account and region of the resources where Options names none.
const (
	DefaultAccount = "000000000000"
	DefaultRegion  = "ap-southeast-1"
)

// FileName is the store's file within Options.Dir.
const FileName = "aws.db"

// Endpoint is the base address of in-process clients. Nothing listens there.
const Endpoint = "http://aws.invalid"

// Options of an Emulator.
type Options struct {
	// Dir holds the data; empty means memory.
	Dir string
	// From is an emulator in memory with whose data this one begins, as a copy.
	From *Emulator
	// Now is the one clock; nil means time.Now. Whoever moves it calls Wake.
	Now func() time.Time
	// Authorize decides on each call; nil allows all. An error is answered as
	// AccessDenied.
	Authorize func(accessKey, action string, resources []string) error
	// Observe is told of every call after it was carried out.
	Observe func(Call)
	Account string
	Region  string
	// NewID makes ids of messages and tasks; nil means random UUIDs. A
	// simulation gives its own, so that one seed gives one run.
	NewID func() string
	// LagIndex says how long an index shall not show a change yet; nil means
	// not at all.
	LagIndex func(table, index string) time.Duration
	// Log receives what is not supported here and what went wrong inside;
	// slog.Default when nil.
	Log *slog.Logger
}

// Call is one call as Observe sees it. The fields from Table on are those of
// calls on DynamoDB items.
type Call struct {
	Service   string // dynamodb, sqs, scheduler, ses, sns, ssm
	Operation string
	AccessKey string
	Resources []string // ARNs
	Err       error    // nil when the call succeeded

	Table string
	Index string // of a Query on an index
	Keys  []dynamodb.Key
	// ReadUnits and WriteUnits are the capacity that AWS would charge for the
	// table, IndexUnits that for each index.
	ReadUnits, WriteUnits float64
	IndexUnits            map[string]float64
}

// Emulator is one account in one region.
type Emulator struct {
	options    Options
	store      storage.Store
	dynamodb   *dynamodb.Handler
	queues     *sqs.Service
	schedules  *scheduler.Service
	outbox     *messaging.Outbox
	parameters *ssm.Service
}

// Open opens the emulator over its data.
func Open(options Options) (*Emulator, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Account == "" {
		options.Account = DefaultAccount
	}
	if options.Region == "" {
		options.Region = DefaultRegion
	}
	store, err := openStore(options)
	if err != nil {
		return nil, fmt.Errorf("opening the emulator's data: %w", err)
	}
	e := &Emulator{options: options, store: store}
	if err := e.openServices(); err != nil {
		return nil, fmt.Errorf("opening the emulator: %w", errors.Join(err, store.Close()))
	}
	return e, nil
}

func openStore(o Options) (storage.Store, error) {
	dir := o.Dir
	switch {
	case o.From != nil && dir != "":
		return nil, errors.New("data is copied into memory, not into a folder")
	case o.From != nil:
		return storage.CopyMemory(o.From.store)
	case dir == "":
		return storage.OpenMemory(), nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return storage.OpenFile(filepath.Join(dir, FileName))
}

func (e *Emulator) openServices() error {
	o := e.options
	var err error
	if e.queues, err = sqs.New(e.store, sqs.Options{Now: o.Now, Account: o.Account, Region: o.Region, NewID: o.NewID}); err != nil {
		return err
	}
	send := func(arn, body string) error {
		_, err := e.queues.Send(arn, sqs.Outgoing{Body: body, Sender: "scheduler.amazonaws.com"})
		return err
	}
	if e.schedules, err = scheduler.New(e.store, scheduler.Options{Now: o.Now, Account: o.Account, Region: o.Region, Send: send}); err != nil {
		return err
	}
	if e.outbox, err = messaging.New(e.store, messaging.Options{Now: o.Now, Account: o.Account, Region: o.Region, NewID: o.NewID}); err != nil {
		return err
	}
	e.parameters = ssm.New(e.store, ssm.Options{Now: o.Now, Account: o.Account, Region: o.Region})
	return e.openDynamoDB()
}

// Account is the account id in every ARN.
func (e *Emulator) Account() string { return e.options.Account }

// Region is the region in every ARN.
func (e *Emulator) Region() string { return e.options.Region }

// Queues gives SQS in process.
func (e *Emulator) Queues() *sqs.Service { return e.queues }

// Schedules gives the scheduler in process. Nothing fires until somebody
// calls its Run or Due.
func (e *Emulator) Schedules() *scheduler.Service { return e.schedules }

// Outbox gives what SESv2 and SNS accepted.
func (e *Emulator) Outbox() *messaging.Outbox { return e.outbox }

// Parameters gives the SSM parameters in process.
func (e *Emulator) Parameters() *ssm.Service { return e.parameters }

// Wake tells the emulator that an injected clock has moved.
func (e *Emulator) Wake() {
	e.queues.Wake()
	e.schedules.Wake()
}

// Expire deletes the items whose time to live has passed, and returns how
// many. AWS does it within days; Run does it every ten minutes.
func (e *Emulator) Expire(ctx context.Context) (int, error) { return e.dynamodb.Expire(ctx) }

const expiryInterval = 10 * time.Minute

// Run does what AWS does by itself until ctx ends: it fires schedules and
// deletes expired items.
func (e *Emulator) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	fired := make(chan error, 1)
	go func() { fired <- e.schedules.Run(ctx) }()
	ticker := time.NewTicker(expiryInterval)
	defer ticker.Stop()
	for {
		select {
		case err := <-fired:
			return err
		case <-ticker.C:
			if _, err := e.Expire(ctx); err != nil && ctx.Err() == nil {
				stop()
				return errors.Join(fmt.Errorf("deleting expired items: %w", err), <-fired)
			}
		}
	}
}

// Close closes the data. Calls that are under way fail.
func (e *Emulator) Close() error { return e.store.Close() }

// Config makes SDK clients that call this emulator in process, signed with
// the access key.
func (e *Emulator) Config(accessKey string) aws.Config { return e.config(accessKey, e.Transport()) }

// OwnerConfig makes SDK clients of the account's owner, about whom Authorize
// is not asked: for whoever sets the account up.
func (e *Emulator) OwnerConfig() aws.Config { return e.config("owner", owner{inProcess{e}}) }

func (e *Emulator) config(accessKey string, transport http.RoundTripper) aws.Config {
	return aws.Config{
		Region:       e.options.Region,
		BaseEndpoint: aws.String(Endpoint),
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "local"}, nil
		}),
	}
}
