package emulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"

	"paht/infra/emulator/dynamodb"
)

func (e *Emulator) openDynamoDB() error {
	var err error
	e.dynamodb, err = dynamodb.New(e.store, dynamodb.Options{Now: e.options.Now, Observe: e.observeItems,
		LagIndex: e.options.LagIndex, Log: e.options.Log, Region: e.options.Region, Account: e.options.Account})
	return err
}

// itemOperations are those that the DynamoDB handler reports itself, with
// their units.
var itemOperations = []string{"PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem"}

func reportsItself(operation string) bool { return slices.Contains(itemOperations, operation) }

func (e *Emulator) observeItems(c dynamodb.Call) {
	if e.options.Observe == nil || !reportsItself(c.Operation) {
		return
	}
	resource := "table/" + c.Table
	if c.Index != "" {
		resource += "/index/" + c.Index
	}
	call := Call{Service: "dynamodb", Operation: c.Operation, AccessKey: c.AccessKey, Resources: e.complete([]string{resource}),
		Table: c.Table, Index: c.Index, Keys: c.Keys, ReadUnits: c.ReadUnits, WriteUnits: c.WriteUnits, IndexUnits: c.IndexUnits}
	if c.Failure != "" {
		call.Err = errors.New(c.Failure)
	}
	e.options.Observe(call)
}

// complete makes ARNs of "table/NAME" and "table/NAME/index/INDEX".
func (e *Emulator) complete(resources []string) []string {
	arns := make([]string, len(resources))
	for i, r := range resources {
		arns[i] = "arn:aws:dynamodb:" + e.options.Region + ":" + e.options.Account + ":" + r
	}
	return arns
}

func (e *Emulator) dynamodbCall(r *http.Request, body []byte) func(http.ResponseWriter) error {
	return func(w http.ResponseWriter) error {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		noted := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		e.dynamodb.ServeHTTP(noted, again)
		if noted.status != http.StatusOK {
			return errors.New(http.StatusText(noted.status))
		}
		return nil
	}
}

// statusWriter remembers the status that was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
