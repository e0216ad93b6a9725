// Package fault holds the errors that a caller acts on: what was wrong with a
// request or a command, with a stable code. Everything that is not a Fault is
// transient: a queue retries it and an HTTP door answers 500. It imports no AWS
// and no HTTP; httpapi turns a Fault into a problem document, in one place.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what the caller can do about a Fault.
type Kind string

// The kinds, each with the HTTP status that httpapi gives it.
const (
	Malformed       Kind = "malformed"       // 400: the request cannot be read
	Unauthenticated Kind = "unauthenticated" // 401: no valid session
	Forbidden       Kind = "forbidden"       // 403: a valid session without the right
	NotFound        Kind = "not_found"       // 404: not there, or not yours
	Conflict        Kind = "conflict"        // 409: the state does not allow it
	Stale           Kind = "stale"           // 412: If-Match names an older event
	TooLarge        Kind = "too_large"       // 413
	Invalid         Kind = "invalid"         // 422: fields or rules
	NoCondition     Kind = "no_precondition" // 428: If-Match or Idempotency-Key is missing
	TooMany         Kind = "too_many"        // 429
	Unavailable     Kind = "unavailable"     // 503: the system is not set up for this yet
)

// Field names one wrong value: where it stands and which rule it breaks. Args
// are facts of the rule (a limit, the allowed codes), never the value submitted.
type Field struct {
	Path string   // "body.text", "query.cursor", "header.If-Match"
	Code string   // stable, e.g. "too_long"
	Args []string // for the text of the message, in the order of its verbs
}

// Fault is an error with a stable code that a caller acts on.
type Fault struct {
	Kind   Kind
	Code   string
	Fields []Field
	Args   []string
}

// Error is for logs only: people are told by httpapi, in their language.
func (f *Fault) Error() string {
	if len(f.Fields) == 0 {
		return string(f.Kind) + ": " + f.Code
	}
	names := make([]string, 0, len(f.Fields))
	for _, field := range f.Fields {
		names = append(names, field.Path+" "+field.Code)
	}
	return fmt.Sprintf("%s: %s (%s)", f.Kind, f.Code, strings.Join(names, ", "))
}

// New makes a Fault of a kind; args are facts for its text.
func New(kind Kind, code string, args ...string) *Fault {
	return &Fault{Kind: kind, Code: code, Args: args}
}

// InvalidField makes the Fault of a single wrong field.
func InvalidField(path, code string, args ...string) *Fault {
	return &Fault{Kind: Invalid, Code: "invalid", Fields: []Field{{Path: path, Code: code, Args: args}}}
}

// Fields gathers wrong fields so that all are named at once.
type Fields []Field

// Add names one more wrong field.
func (f *Fields) Add(path, code string, args ...string) {
	*f = append(*f, Field{Path: path, Code: code, Args: args})
}

// Err is nil when no field is wrong.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Code: "invalid", Fields: f}
}

// As returns the Fault within err, or nil.
func As(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// Is tells whether err is a Fault with that code.
func Is(err error, code string) bool {
	f := As(err)
	return f != nil && f.Code == code
}
