// Package cloudtest opens the embedded AWS in process, with a clock of its own
// and the one table, for tests of adapters and steps. Only tests import it.
package cloudtest

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"paht/infra/emulator"
	"paht/infra/emulator/messaging"
	"paht/infra/emulator/sqs"
	"paht/shared/cloud"
	"paht/shared/message"
	"paht/shared/seal"
)

// Secret is the secret document of every world.
const Secret = `{"keys":[{"id":"t1","secret":"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}],"origin":["` + Origin + `"]}`

// Origin is what the distribution of every world says of itself.
const Origin = "the distribution of a test world"

// World is one account of the embedded AWS.
type World struct {
	AWS    *emulator.Emulator
	Table  cloud.Table
	Keys   *seal.Keys
	Config aws.Config

	t     *testing.T
	mu    sync.Mutex
	now   time.Time
	lag   time.Duration
	fault func(r *http.Request) (before, after error)
}

// Open makes an account at an instant, with queues of those names.
func Open(t *testing.T, at time.Time, queues ...string) *World {
	t.Helper()
	w := &World{t: t, now: at}
	e, err := emulator.Open(emulator.Options{Now: w.Now, LagIndex: func(string, string) time.Duration { return w.lag }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	w.AWS, w.Config = e, e.OwnerConfig()
	w.Config.HTTPClient = &http.Client{Transport: w}
	w.Config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	w.Table = cloud.Table{Client: dynamodb.NewFromConfig(w.Config), Name: "main"}
	w.createTable()
	for _, q := range queues {
		if err := e.Queues().Create(q, map[string]string{"VisibilityTimeout": "60"}); err != nil {
			t.Fatal(err)
		}
	}
	if w.Keys, err = seal.Parse([]byte(Secret)); err != nil {
		t.Fatal(err)
	}
	return w
}

// RoundTrip implements http.RoundTripper over the embedded AWS, with the fault
// that a test set.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	fault := w.fault
	w.mu.Unlock()
	var before, after error
	if fault != nil {
		before, after = fault(r)
	}
	if before != nil {
		return nil, before
	}
	response, err := w.AWS.Transport().RoundTrip(r)
	if after != nil {
		return nil, after
	}
	return response, err
}

// Break sets what goes wrong with requests: before they are carried out, or
// after. nil for nothing.
func (w *World) Break(fault func(r *http.Request) (before, after error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = fault
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass moves the clock.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
	w.AWS.Wake()
}

// Lag makes the indexes show later changes that much later.
func (w *World) Lag(d time.Duration) { w.lag = d }

// Queues sends to the queues of the world.
func (w *World) Queues() cloud.Queues {
	addresses := make(map[string]string)
	for _, name := range w.AWS.Queues().Names() {
		addresses[name] = emulator.Endpoint + "/" + w.AWS.Account() + "/" + name
	}
	return cloud.Queues{Client: awssqs.NewFromConfig(w.Config), Addresses: addresses}
}

// Received takes all that is visible off a queue.
func (w *World) Received(queue string) []message.Envelope {
	w.t.Helper()
	var out []message.Envelope
	none := time.Duration(0)
	for {
		got, err := w.AWS.Queues().Receive(w.t.Context(), queue, sqs.Request{Max: 10, Wait: &none})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(got) == 0 {
			return out
		}
		for _, m := range got {
			e, err := message.Decode(queue, []byte(m.Body))
			if err != nil {
				w.t.Fatal(err)
			}
			if err := w.AWS.Queues().Delete(queue, m.Receipt); err != nil {
				w.t.Fatal(err)
			}
			out = append(out, e)
		}
	}
}

// SES is the client of the mail service.
func (w *World) SES() *sesv2.Client { return sesv2.NewFromConfig(w.Config) }

// Mails are what was sent, newest first.
func (w *World) Mails() []messaging.Message {
	w.t.Helper()
	mails, _, err := w.AWS.Outbox().List(0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return mails
}

func (w *World) createTable() {
	w.t.Helper()
	var attributes []types.AttributeDefinition
	for _, name := range []string{"pk", "sk", "dk", "da", "lk", "ls"} {
		attributes = append(attributes, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
	}
	keys := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: &hash, KeyType: types.KeyTypeHash}, {AttributeName: &sort, KeyType: types.KeyTypeRange},
		}
	}
	_, err := w.Table.Client.CreateTable(w.t.Context(), &dynamodb.CreateTableInput{
		TableName: &w.Table.Name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: attributes, KeySchema: keys("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("due"), KeySchema: keys("dk", "da"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
			{IndexName: aws.String("work"), KeySchema: keys("lk", "ls"), Projection: &types.Projection{
				ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"sum"},
			}},
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
