// Package lambdaio turns Lambda's events into the two shapes that a function
// has: an http.Handler, and a step that takes one message. It tells events apart
// by their own marks, never by trying to decode them, and is the only importer
// of aws-lambda-go outside infra and tests.
package lambdaio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"paht/shared/caller"
	"paht/shared/message"
)

// Function is what one Lambda function serves; what it lacks is nil.
type Function struct {
	Name  string // the step's one word
	HTTP  http.Handler
	Queue *Queue
	// Operation serves a stack operation: a direct invocation whose event has the
	// mark "operation".
	Operation func(ctx context.Context, name string, event json.RawMessage) (any, error)
}

// Queue is a function's consuming side.
type Queue struct {
	Name string
	// Decode reads a message's body; message.Decode for that queue when nil. A
	// message may hold several facts (an object notification) or none.
	Decode func(body []byte) ([]message.Envelope, error)
	// Step takes one fact. Any error is transient: the message comes again.
	Step func(ctx context.Context, e message.Envelope) error
	// Park keeps what cannot be decoded, with the reason; then it is acknowledged.
	Park func(ctx context.Context, queue, id string, body []byte, reason string) error
}

// mark holds what tells the events apart.
type mark struct {
	Version        string `json:"version"`
	RequestContext struct {
		HTTP *struct{} `json:"http"`
	} `json:"requestContext"`
	Records []struct {
		Source string `json:"eventSource"`
	} `json:"Records"`
	Operation string `json:"operation"`
}

// ErrUnknownEvent is an event with none of the marks.
var ErrUnknownEvent = errors.New("the event has no mark that this function knows")

// Invoke implements lambda.Handler.
func (f *Function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	var m mark
	if err := json.Unmarshal(event, &m); err != nil {
		return nil, fmt.Errorf("reading the event's marks: %w", err)
	}
	start, said := time.Now(), new(caller.Line)
	ctx = caller.WithLine(ctx, said)
	var answer any
	var err error
	kind := "unknown"
	switch {
	case m.Operation != "" && f.Operation != nil:
		kind = "operation"
		answer, err = f.Operation(ctx, m.Operation, event)
	case m.Version == "2.0" && m.RequestContext.HTTP != nil && f.HTTP != nil:
		kind = "http"
		answer, err = f.serve(ctx, event)
	case len(m.Records) > 0 && m.Records[0].Source == "aws:sqs" && f.Queue != nil:
		kind = "queue"
		answer, err = f.consume(ctx, event)
	default:
		err = ErrUnknownEvent
	}
	f.log(ctx, kind, start, said, answer, err)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// summary is what an answer tells the log of itself: never personal data.
type summary interface{ logged() []any }

// log writes the invocation's one line.
func (f *Function) log(ctx context.Context, kind string, start time.Time, said *caller.Line, answer any, err error) {
	attributes := []any{"function", f.Name, "kind", kind, "ms", time.Since(start).Milliseconds()}
	if s, ok := answer.(summary); ok {
		attributes = append(attributes, s.logged()...)
	}
	attributes = append(attributes, said.Attributes()...)
	if err != nil {
		slog.ErrorContext(ctx, "invocation", append(attributes, "error", err.Error())...)
		return
	}
	slog.InfoContext(ctx, "invocation", attributes...)
}

// Start serves the function until the runtime ends the process.
func Start(f *Function) {
	slog.SetDefault(lambdacontext.NewLogger())
	lambda.Start(f)
}

// Must ends a start that cannot succeed: the error names what is wrong, the
// runtime reports it and tries a new sandbox.
func Must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting:", err)
		os.Exit(1)
	}
	return value
}
