package lambdaio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"paht/shared/caller"
	"paht/shared/lambdaio"
	"paht/shared/message"
)

// An invocation writes one line, by which it is found: what it was, how it ended,
// which reports it was about and from which request of a phone they came.
func TestAnInvocationWritesOneLine(t *testing.T) {
	function := &lambdaio.Function{
		Name: "screen",
		HTTP: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", "own")
			caller.Saw(r.Context(), "PA-11111111111", "phone")
			w.WriteHeader(http.StatusTeapot)
		}),
		Queue: &lambdaio.Queue{Name: "screen",
			Step: func(ctx context.Context, _ message.Envelope) error {
				caller.Count(ctx, "trace "+caller.Trace(ctx), 1)
				return nil
			},
			Park: func(context.Context, string, string, []byte, string) error { return nil }},
		Operation: func(context.Context, string, json.RawMessage) (any, error) { return nil, errors.New("no") },
	}
	traced := strings.Replace(batch, `\"n\":1`, `\"n\":1,\"trace\":\"t1\"`, 1)
	for _, row := range []struct {
		name, event string
		level       string
		want        map[string]any
	}{
		{"a request", request, "INFO", map[string]any{"kind": "http", "status": 418.0, "method": "GET", "route": "GET /", "trace": "own", "reports": []any{"PA-11111111111"}, "traces": []any{"phone"}}},
		{"a request that names a report", strings.Replace(request, `"rawPath"`, `"pathParameters":{"report":"PA-00000000000","assignment":"0912345678"},"rawPath"`, 1), "INFO",
			map[string]any{"kind": "http", "status": 418.0, "method": "GET", "route": "GET /", "trace": "own", "reports": []any{"PA-00000000000", "PA-11111111111"}, "traces": []any{"phone"}}},
		{"a batch", traced, "INFO", map[string]any{"kind": "queue", "taken": 1.0, "failed": 0.0, "parked": 0.0, "reports": []any{"PA-00000000000"}, "traces": []any{"t1"}, "trace t1": 1.0}},
		{"a message that is parked", strings.Replace(batch, "report.submitted", "no.such", 1), "INFO", map[string]any{"kind": "queue", "taken": 1.0, "failed": 0.0, "parked": 1.0}},
		{"an operation that fails", `{"operation":"verify"}`, "ERROR", map[string]any{"kind": "operation", "error": "no"}},
	} {
		var out bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
		_, _ = function.Invoke(t.Context(), []byte(row.event)) // its outcome stands in the line
		slog.SetDefault(before)
		if n := strings.Count(out.String(), "\n"); n != 1 {
			t.Errorf("%s: %d lines: %s", row.name, n, out.String())
			continue
		}
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line["msg"] != "invocation" || line["level"] != row.level || line["function"] != "screen" || line["ms"] == nil {
			t.Errorf("%s: %v", row.name, line)
		}
		for _, name := range []string{"msg", "level", "function", "ms", "time"} {
			delete(line, name)
		}
		if !maps.EqualFunc(line, row.want, func(a, b any) bool {
			x, isList := a.([]any)
			y, _ := b.([]any)
			return isList && slices.Equal(x, y) || !isList && a == b
		}) {
			t.Errorf("%s: %v, want %v", row.name, line, row.want)
		}
	}
}
