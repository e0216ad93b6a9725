// Package dynamodb answers the part of DynamoDB that this project uses, over its real wire protocol, on a
// storage.Store: the operations on single items, Query, BatchGetItem, on-demand tables, global secondary indexes and
// time to live. What AWS would take and this does not is refused with "not supported here: <name>" and logged, so that
// nothing passes here that the project has not been shown to need.
//
// One write and all that follows from it in the indexes is one transaction of the store, so writes are serialisable.
// The package must never import aws-sdk-go-v2 or another service of the emulator; signatures and permissions are
// the caller's (see Actions).
package dynamodb

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"paht/infra/emulator/storage"
)

// Options are what a caller may set; the zero value is the system's clock and nobody listening.
type Options struct {
	// Now is the clock of creation dates, of expiry and of index lag.
	Now func() time.Time
	// Observe is told of each call after it was decided, refused ones included; it must be safe for concurrent use. A
	// BatchGetItem is one call for each table, and an operation on tables names none.
	Observe func(Call)
	// LagIndex is asked at each change of an index entry how long the index shall not show it yet. Changes of one
	// index become visible in the order of their writes.
	LagIndex func(table, index string) time.Duration
	// Log receives what is not supported here and what went wrong inside; slog.Default when nil.
	Log *slog.Logger
	// Region and Account stand in ARNs; "ap-southeast-1" and "000000000000" when empty.
	Region, Account string
}

// A Call is what an observer is told: who asked what of which items, and the units that AWS would charge for it.
type Call struct {
	Operation string
	Table     string
	Index     string // of a Query on an index
	AccessKey string // from the request's signature, which is not verified here
	Keys      []Key
	// ReadUnits and WriteUnits are the table's; IndexUnits are the indexes', reads of a Query and writes of the rest.
	ReadUnits, WriteUnits float64
	IndexUnits            map[string]float64
	Failure               string // the error's code, "" when it succeeded
}

// A Key is a primary key as text (raw bytes for a binary); of a Query the partition alone.
type Key struct{ Partition, Sort string }

// Handler answers DynamoDB requests.
type Handler struct {
	store   storage.Store
	options Options
	schema  sync.RWMutex // held for reading while items are worked on, for writing while a table changes
	tables  map[string]*table
	lagging bool // an index may have changes waiting
	buffers sync.Pool
}

// New returns a handler on what the store holds already.
func New(store storage.Store, options Options) (*Handler, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	if options.Region == "" {
		options.Region = "ap-southeast-1"
	}
	if options.Account == "" {
		options.Account = "000000000000"
	}
	tables, err := loadTables(store)
	if err != nil {
		return nil, fmt.Errorf("loading the tables: %w", err)
	}
	waiting, err := anyWaiting(store, tables)
	if err != nil {
		return nil, fmt.Errorf("looking for changes that an index waits for: %w", err)
	}
	h := &Handler{store: store, options: options, tables: tables, lagging: waiting || options.LagIndex != nil}
	h.buffers.New = func() any { b := make([]byte, 0, 4096); return &b }
	return h, nil
}

func (h *Handler) now() time.Time { return h.options.Now() }

const (
	targetPrefix = "DynamoDB_20120810."
	contentType  = "application/x-amz-json-1.0"
	// maxBody is the service's limit on a request.
	maxBody = 16 << 20
)

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buffer := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buffer)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		h.refuse(w, &fault{code: "RequestEntityTooLarge", message: "reading the request: " + err.Error()})
		return
	}
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if r.Method != http.MethodPost || !ok {
		h.refuse(w, &fault{code: codeUnknown, message: "a POST with X-Amz-Target " + targetPrefix + "<operation> was expected"})
		return
	}
	out, err := h.answer(operation, body, accessKey(r.Header.Get("Authorization")), (*buffer)[:0])
	if err != nil {
		f := h.asFault(operation, err)
		h.refuse(w, f)
		return
	}
	*buffer = out[:0]
	respond(w, http.StatusOK, out)
}

func (h *Handler) answer(operation string, body []byte, accessKey string, out []byte) ([]byte, error) {
	switch operation {
	case "PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query":
		return h.onItems(operation, body, accessKey, out)
	case "BatchGetItem":
		return h.batchGet(body, accessKey, out)
	}
	var err error
	if control, ok := controls[operation]; ok {
		out, err = control(h, body)
	} else {
		err = unsupported("%s", operation)
	}
	h.observe(&request{operation: operation}, accessKey, err)
	return out, err
}

func (h *Handler) onItems(operation string, body []byte, accessKey string, out []byte) ([]byte, error) {
	q := &request{operation: operation, out: out}
	h.schema.RLock()
	defer h.schema.RUnlock()
	err := h.perform(q, body)
	h.observe(q, accessKey, err)
	return q.out, err
}

func (h *Handler) perform(q *request, body []byte) error {
	if f := q.read(body); f != nil {
		return f
	}
	if f := q.check(); f != nil {
		return f
	}
	if q.table = h.tables[q.tableName]; q.table == nil {
		return &fault{code: codeNotFound, message: "Requested resource not found"}
	}
	switch q.operation {
	case "PutItem":
		return h.putItem(q)
	case "UpdateItem":
		return h.updateItem(q)
	case "DeleteItem":
		return h.deleteItem(q)
	case "GetItem":
		return h.getItem(q)
	}
	return h.query(q)
}

func (h *Handler) observe(q *request, accessKey string, err error) {
	if h.options.Observe == nil {
		return
	}
	c := Call{Operation: q.operation, Table: q.tableName, Index: q.indexName, AccessKey: accessKey, Keys: q.keys}
	switch q.operation {
	case "PutItem", "UpdateItem", "DeleteItem":
		c.WriteUnits = q.units.table
	default:
		c.ReadUnits = q.units.table
	}
	for i, units := range q.units.indexes {
		if units != 0 {
			if c.IndexUnits == nil {
				c.IndexUnits = map[string]float64{}
			}
			c.IndexUnits[q.table.Indexes[i].Name] = units
		}
	}
	if err != nil {
		c.Failure = "InternalServerError"
		if f := (*fault)(nil); errors.As(err, &f) {
			c.Failure = f.code
		}
	}
	h.options.Observe(c)
}

// asFault turns what is not an answer of the service into its internal error, and logs what somebody has to see.
func (h *Handler) asFault(operation string, err error) *fault {
	f := (*fault)(nil)
	if !errors.As(err, &f) {
		h.options.Log.Error("dynamodb: answering", "operation", operation, "error", err)
		return &fault{code: "InternalServerError", message: err.Error()}
	}
	if f.isUnsupported() {
		h.options.Log.Warn("dynamodb: "+f.message, "operation", operation)
	}
	return f
}

func (h *Handler) refuse(w http.ResponseWriter, f *fault) {
	status := http.StatusBadRequest
	switch f.code {
	case "InternalServerError":
		status = http.StatusInternalServerError
	case "RequestEntityTooLarge":
		status = http.StatusRequestEntityTooLarge
	}
	out := append(make([]byte, 0, 256), `{"__type":`...)
	namespace := "com.amazonaws.dynamodb.v20120810#"
	switch f.code {
	case codeValidation:
		namespace = "com.amazon.coral.validate#"
	case codeSerialization, codeUnknown:
		namespace = "com.amazon.coral.service#"
	}
	out = appendTextJSON(out, namespace+f.code)
	out = append(out, `,"message":`...)
	out = appendTextJSON(out, f.message)
	if f.item != nil {
		out = append(append(out, `,"Item":`...), f.item...)
	}
	respond(w, status, append(out, '}'))
}

// respond adds the checksum that the client verifies.
func respond(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is no concern of ours
}

// accessKey reads the access key id from a version 4 signature.
func accessKey(authorization string) string {
	_, rest, ok := strings.Cut(authorization, "Credential=")
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}
