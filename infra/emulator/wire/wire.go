// Package wire holds what the emulator's JSON services share on the wire:
// one error shape, strict decoding, and the loud refusal of everything that
// the project does not use. It must never import a service.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Content types of the AWS protocols spoken here.
const (
	JSON10   = "application/x-amz-json-1.0"
	JSON11   = "application/x-amz-json-1.1"
	RESTJSON = "application/json"
)

// Error is an AWS error as a client sees it.
type Error struct {
	Status  int    // HTTP status; 400 when zero
	Code    string // the shape's name, such as QueueDoesNotExist
	Query   string // the older code of services that once spoke the Query protocol; empty when it is Code
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes a client error (status 400).
func Errorf(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeNotSupported is the code of the loud refusal. It is a client error, so
// that no SDK tries again.
const CodeNotSupported = "NotSupportedHere"

// NotSupported refuses an operation or a parameter that the project does not
// use; what is "service.Operation" or "service.Operation: parameter".
func NotSupported(what string) *Error {
	return Errorf(CodeNotSupported, "not supported here: %s", what)
}

// Decode reads body into the operation's input. A member that the input does
// not know is refused loudly: silently ignoring it would make a test pass
// here that fails on AWS.
func Decode(operation string, body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	strict := decoder.Decode(into)
	if strict == nil {
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return Errorf("SerializationException", "%s: the body goes on after its JSON object", operation)
		}
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return Errorf("SerializationException", "%s: reading the body: %v", operation, err)
	}
	return NotSupported(operation + ": " + strings.TrimPrefix(strict.Error(), "json: "))
}

// WriteJSON answers 200 with value; nil gives an empty object.
func WriteJSON(w http.ResponseWriter, contentType string, value any) {
	if value == nil {
		value = struct{}{}
	}
	body, err := json.Marshal(value)
	if err != nil {
		WriteError(w, contentType, fmt.Errorf("encoding the answer: %w", err))
		return
	}
	write(w, contentType, http.StatusOK, body)
}

// WriteError answers err in the form that the JSON protocols share: __type in
// the body, X-Amzn-ErrorType, and X-Amzn-Query-Error where the service once
// spoke the Query protocol. An error that is no *Error is the emulator's own:
// 500 InternalFailure.
func WriteError(w http.ResponseWriter, contentType string, err error) {
	e := AsError(err)
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	if e.Query != "" {
		w.Header().Set("X-Amzn-Query-Error", e.Query+";Sender")
	}
	body, _ := json.Marshal(map[string]string{"__type": e.Code, "message": e.Message})
	write(w, contentType, e.Status, body)
}

// AsError finds the *Error in err or wraps it as an internal failure.
func AsError(err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
	}
	if e.Status == 0 {
		found := *e
		found.Status = http.StatusBadRequest
		return &found
	}
	return e
}

func write(w http.ResponseWriter, contentType string, status int, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// A client that has gone away is no concern of the service.
	_, _ = w.Write(body)
}
