package conformance

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	emulated "paht/infra/emulator/dynamodb"
	"paht/infra/emulator/storage"
)

// direct carries requests to a handler without a socket.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w.Result(), r.Body.Close()
}

func localConfig(endpoint string, client aws.HTTPClient) func() aws.Config {
	return func() aws.Config {
		return aws.Config{
			Region: "ap-southeast-1", BaseEndpoint: &endpoint, HTTPClient: client,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "AKIDTEST", SecretAccessKey: "secret"}, nil
			}),
		}
	}
}

// eachBackend runs a test on the embedded DynamoDB in memory and in a file.
func eachBackend(t *testing.T, run func(t *testing.T, h *emulated.Handler)) {
	for _, backend := range []string{"memory", "file"} {
		t.Run(backend, func(t *testing.T) {
			store := storage.OpenMemory()
			if backend == "file" {
				var err error
				if store, err = storage.OpenFile(filepath.Join(t.TempDir(), "store")); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { _ = store.Close() })
			h, err := emulated.New(store, emulated.Options{})
			if err != nil {
				t.Fatal(err)
			}
			run(t, h)
		})
	}
}

func TestDynamoDBInProcess(t *testing.T) {
	eachBackend(t, func(t *testing.T, h *emulated.Handler) {
		DynamoDB(t, Target{Name: "embedded, in process", Config: localConfig("http://dynamodb.invalid", &http.Client{Transport: direct{h}})})
	})
}

func TestDynamoDBOverASocket(t *testing.T) {
	eachBackend(t, func(t *testing.T, h *emulated.Handler) {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		DynamoDB(t, Target{Name: "embedded, over a socket", Config: localConfig(server.URL, server.Client())})
	})
}

// What AWS takes and the emulator does not is refused under its name and logged, never passed over.
func TestWhatIsNotSupportedIsNamedAloud(t *testing.T) {
	var log bytes.Buffer
	h, err := emulated.New(storage.OpenMemory(), emulated.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	d := &dynamo{client: dynamodb.NewFromConfig(localConfig("http://dynamodb.invalid", &http.Client{Transport: direct{h}})()),
		main: "main", numbers: "numbers", bytes: "bytes"}
	for _, in := range d.definitions() {
		if err := d.create(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	k, table := key("p", "a"), &d.main
	for name, call := range map[string]func(ctx context.Context) error{
		"Scan": func(ctx context.Context) error {
			_, err := d.client.Scan(ctx, &dynamodb.ScanInput{TableName: table})
			return err
		},
		"TransactWriteItems": func(ctx context.Context) error {
			_, err := d.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: table, Item: k}}}})
			return err
		},
		"BatchWriteItem": func(ctx context.Context) error {
			_, err := d.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				*table: {{PutRequest: &types.PutRequest{Item: k}}}}})
			return err
		},
		"parameter Expected of PutItem": func(ctx context.Context) error {
			_, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: k, Expected: map[string]types.ExpectedAttributeValue{"a": {Exists: aws.Bool(false)}}})
			return err
		},
		"parameter AttributeUpdates of UpdateItem": func(ctx context.Context) error {
			_, err := d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: k, AttributeUpdates: map[string]types.AttributeValueUpdate{"a": {Action: types.AttributeActionDelete}}})
			return err
		},
		"parameter KeyConditions of Query": func(ctx context.Context) error {
			_, err := d.client.Query(ctx, &dynamodb.QueryInput{TableName: table, KeyConditions: map[string]types.Condition{
				"pk": {ComparisonOperator: types.ComparisonOperatorEq, AttributeValueList: []types.AttributeValue{text("p")}}}})
			return err
		},
		"parameter ReturnItemCollectionMetrics of DeleteItem": func(ctx context.Context) error {
			_, err := d.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: k, ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize})
			return err
		},
		"parameter StreamSpecification of UpdateTable": func(ctx context.Context) error {
			_, err := d.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: table, StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true)}})
			return err
		},
		"function upper in UpdateExpression": func(ctx context.Context) error {
			return d.update(ctx, k, "SET a = upper(b)", nil, nil)
		},
		"ADD on the nested path": func(ctx context.Context) error {
			return d.update(ctx, k, "ADD m.n :v", nil, attrs{":v": number("1")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			log.Reset()
			if err := refused(call(t.Context()), "ValidationException", "not supported here: "+name); err != nil {
				t.Error(err)
			}
			if !strings.Contains(log.String(), "not supported here: "+name) {
				t.Errorf("the log says %q", log.String())
			}
		})
	}
}

// A row that is listed as differing must differ; the suite is asked about a target that does.
func TestADivergenceThatIsListedMustBeThere(t *testing.T) {
	for _, c := range []struct {
		name   string
		listed bool
		err    error
		fails  bool
	}{
		{"as AWS, not listed", false, nil, false},
		{"differs, listed", true, io.EOF, false},
		{"differs, not listed", false, io.EOF, true},
		{"as AWS, but listed", true, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := Target{Name: "somebody's", Divergence: map[string]string{}}
			if c.listed {
				target.Divergence["a fact"] = "known"
			}
			if complaint := target.judge("a fact", "page", c.err); (complaint != "") != c.fails {
				t.Errorf("judged %q", complaint)
			}
		})
	}
}
