// Package contract is the one source of the HTTP API: its operations and the
// types of their requests and answers. The functions bind their operations;
// openapi.yaml is generated from the same list. It imports no AWS and no step.
package contract

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Access says who may call an operation; httpapi checks it before anything of
// the request is read.
type Access struct {
	Session  bool   // a valid session is needed
	Reporter bool   // of a reporter account (R07)
	Officer  bool   // of an officer account (R08)
	Right    string // a right that one of the officer's roles gives
}

// Who may call.
var (
	Anyone   = Access{}
	Signed   = Access{Session: true}
	Reporter = Access{Session: true, Reporter: true}
	Officer  = Access{Session: true, Officer: true}
)

// With asks for an officer with a right.
func With(right string) Access { return Access{Session: true, Officer: true, Right: right} }

// Described is an operation without its types.
type Described interface {
	// Meta gives what the door needs to know.
	Meta() Meta
	// Describe adds the operation to an API for the sake of its description.
	Describe(api huma.API)
}

// Meta is what the door needs to know of an operation.
type Meta struct {
	ID       string
	Function string // the function that serves it
	Method   string
	Path     string
	Access   Access
	Key      bool // Idempotency-Key is required
	Match    bool // If-Match is required
	Status   int
}

// Operation is one operation of the API with the types of its request and answer.
type Operation[I, O any] struct {
	meta    Meta
	summary string
	errors  []int
}

var operations []Described

// define makes an operation and adds it to the list.
func define[I, O any](m Meta, summary string, errors ...int) Operation[I, O] {
	if m.Status == 0 {
		m.Status = http.StatusOK
	}
	o := Operation[I, O]{meta: m, summary: summary, errors: errors}
	operations = append(operations, o)
	return o
}

// Operations lists every operation of the API.
func Operations() []Described { return operations }

// Meta implements Described.
func (o Operation[I, O]) Meta() Meta { return o.meta }

// Describe implements Described.
func (o Operation[I, O]) Describe(api huma.API) {
	huma.Register(api, o.Huma(), func(context.Context, *I) (*O, error) { return nil, nil })
}

// Huma gives the operation in the form of the library.
func (o Operation[I, O]) Huma() huma.Operation {
	op := huma.Operation{
		OperationID: o.meta.ID, Method: o.meta.Method, Path: o.meta.Path, Summary: o.summary,
		DefaultStatus: o.meta.Status, Tags: []string{o.meta.Function}, Errors: o.responses(),
		RejectUnknownQueryParameters: true, MaxBodyBytes: -1,
	}
	if o.meta.Access.Session {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	}
	if o.meta.Access.Right != "" {
		op.Description = "Right: " + o.meta.Access.Right
	}
	return op
}

// responses lists the statuses of the problems that the operation can answer.
func (o Operation[I, O]) responses() []int {
	list := []int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}
	if o.meta.Access.Session {
		list = append(list, http.StatusUnauthorized, http.StatusForbidden)
	}
	if o.meta.Match {
		list = append(list, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	return append(list, o.errors...)
}

// Keyed are the headers of a door that changes something. The same key and body
// give the same answer for at least 30 days.
type Keyed struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"A UUID of the client's own making; a repeat with the same body gives the same answer." maxLength:"64"`
}

// Matched are the headers of an officer's act: If-Match carries the ETag of the
// report or assignment that the officer saw.
type Matched struct {
	Keyed
	IfMatch string `header:"If-Match" doc:"The ETag of what the officer saw." maxLength:"32"`
}

// Time is an instant, written with the province's offset (RFC 3339, +07:00).
type Time struct{ time.Time }

// Zone is Indochina Time; Asia/Ho_Chi_Minh has had no other offset since 1975.
var Zone = time.FixedZone("+07:00", 7*60*60)

// At wraps an instant.
func At(t time.Time) Time { return Time{t} }

// AtPointer wraps an instant that may be missing.
func AtPointer(t *time.Time) *Time {
	if t == nil {
		return nil
	}
	return &Time{*t}
}

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(t.In(Zone).Format("2006-01-02T15:04:05.999Z07:00"))
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &t.Time) }

// Schema implements huma.SchemaProvider.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// Lists are never null: an empty one says that there is nothing.
func init() { huma.DefaultArrayNullable = false }
