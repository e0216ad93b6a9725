package lambdaio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"paht/shared/lambdaio"
	"paht/shared/message"
	"paht/shared/report"
)

const id = "PA-00000000000"

// whole is a function that serves everything, and notes which side was asked.
func whole(asked *string) *lambdaio.Function {
	return &lambdaio.Function{
		Name: "screen",
		HTTP: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { *asked = "http" }),
		Queue: &lambdaio.Queue{Name: "screen",
			Step: func(context.Context, message.Envelope) error { *asked = "queue"; return nil },
			Park: func(context.Context, string, string, []byte, string) error { *asked = "parked"; return nil },
		},
		Operation: func(_ context.Context, name string, event json.RawMessage) (any, error) {
			*asked = "operation " + name
			if name == "fail" {
				return nil, errors.New("the operation failed")
			}
			return map[string]string{"got": string(event)}, nil
		},
	}
}

const (
	request = `{"version":"2.0","routeKey":"GET /","rawPath":"/","requestContext":{"http":{"method":"GET","sourceIp":"203.0.113.9"}}}`
	batch   = `{"Records":[{"eventSource":"aws:sqs","messageId":"m1","body":"{\"type\":\"report.submitted\",\"report\":\"PA-00000000000\",\"n\":1}"}]}`
)

func TestAnEventIsToldByItsOwnMarks(t *testing.T) {
	for _, row := range []struct{ name, event, asked string }{
		{"a request", request, "http"},
		{"a request whose body looks like a batch", strings.Replace(request, `"rawPath"`, `"body":"{\"Records\":[{\"eventSource\":\"aws:sqs\"}],\"operation\":\"x\"}","rawPath"`, 1), "http"},
		{"a batch", batch, "queue"},
		{"an operation", `{"operation":"verify","from":"2026-11-01"}`, "operation verify"},
		{"the first payload format", strings.Replace(request, "2.0", "1.0", 1), ""},
		{"a request without its context", `{"version":"2.0","requestContext":{}}`, ""},
		{"a batch of another source", strings.Replace(batch, "aws:sqs", "aws:s3", 1), ""},
		{"an empty batch", `{"Records":[]}`, ""},
		{"nothing", `{}`, ""},
		{"null", `null`, ""},
	} {
		asked := ""
		answer, err := whole(&asked).Invoke(t.Context(), []byte(row.event))
		if asked != row.asked || (row.asked == "") != errors.Is(err, lambdaio.ErrUnknownEvent) || err != nil && answer != nil {
			t.Errorf("%s: asked %q, answered %s, %v", row.name, asked, answer, err)
		}
	}
	for name, event := range map[string]string{"no JSON": `<xml/>`, "nothing at all": ``, "a text": `"aws:sqs"`} {
		asked := ""
		if _, err := whole(&asked).Invoke(t.Context(), []byte(event)); err == nil || asked != "" || !strings.Contains(err.Error(), "reading the event's marks") {
			t.Errorf("%s: asked %q, %v", name, asked, err)
		}
	}
}

func TestAFunctionRefusesWhatItDoesNotServe(t *testing.T) {
	for name, event := range map[string]string{"a request": request, "a batch": batch, "an operation": `{"operation":"verify"}`} {
		if _, err := (&lambdaio.Function{Name: "none"}).Invoke(t.Context(), []byte(event)); !errors.Is(err, lambdaio.ErrUnknownEvent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	asked := ""
	if _, err := whole(&asked).Invoke(t.Context(), []byte(`{"operation":"fail"}`)); err == nil || err.Error() != "the operation failed" {
		t.Errorf("a failing operation: %v", err)
	}
}

// mailbox is a queue's side that notes what it takes and parks.
type mailbox struct {
	taken, parked []string
	fail          func(e message.Envelope) error
	park          error
}

func (m *mailbox) function(decode func([]byte) ([]message.Envelope, error)) *lambdaio.Function {
	return &lambdaio.Function{Name: "screen", Queue: &lambdaio.Queue{Name: report.QueueScreen, Decode: decode,
		Step: func(_ context.Context, e message.Envelope) error {
			m.taken = append(m.taken, e.ID)
			if m.fail != nil {
				return m.fail(e)
			}
			return nil
		},
		Park: func(_ context.Context, queue, id string, body []byte, reason string) error {
			m.parked = append(m.parked, fmt.Sprintf("%s %s %s: %s", queue, id, body, reason))
			return m.park
		},
	}}
}

// batchOf is an event of messages, whose ids are m1, m2 …
func batchOf(t *testing.T, bodies ...string) []byte {
	t.Helper()
	var records []map[string]string
	for i, body := range bodies {
		records = append(records, map[string]string{"eventSource": "aws:sqs", "messageId": fmt.Sprintf("m%d", i+1), "body": body})
	}
	event, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func submitted(n int) string { return message.OfReport(report.EventSubmitted, id, n, false).Encode() }

func TestABatchTellsWhichMessagesComeAgain(t *testing.T) {
	down := errors.New("the table is down")
	second := func(e message.Envelope) error {
		if e.N == 2 {
			return down
		}
		return nil
	}
	for _, row := range []struct {
		name   string
		bodies []string
		fail   func(message.Envelope) error
		park   error
		answer string
		taken  int
		parked int
	}{
		{"none", []string{submitted(1), submitted(2)}, nil, nil, `{"batchItemFailures":[]}`, 2, 0},
		{"the one that failed, and the others were taken", []string{submitted(1), submitted(2), submitted(3)}, second, nil, `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, 3, 0},
		{"all", []string{submitted(1), submitted(2)}, func(message.Envelope) error { return down }, nil,
			`{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}`, 2, 0},
		{"not one that cannot be decoded: it is parked", []string{"<xml/>", submitted(2)}, nil, nil, `{"batchItemFailures":[]}`, 1, 1},
		{"one that cannot be decoded nor parked", []string{"<xml/>", submitted(2)}, nil, down, `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, 1, 1},
		{"not one of another queue", []string{message.OfReport(report.EventRefused, id, 2, false).Encode()}, nil, nil, `{"batchItemFailures":[]}`, 0, 1},
	} {
		m := &mailbox{fail: row.fail, park: row.park}
		answer, err := m.function(nil).Invoke(t.Context(), batchOf(t, row.bodies...))
		if err != nil || string(answer) != row.answer || len(m.taken) != row.taken || len(m.parked) != row.parked {
			t.Errorf("%s: %s, %v; took %q, parked %q", row.name, answer, err, m.taken, m.parked)
		}
	}
}

func TestAParkedMessageKeepsItsBytesAndTheReason(t *testing.T) {
	m := &mailbox{}
	if _, err := m.function(nil).Invoke(t.Context(), batchOf(t, `{"type":"report.exploded"}`)); err != nil {
		t.Fatal(err)
	}
	if want := `screen m1 {"type":"report.exploded"}: the type "report.exploded" is unknown`; len(m.parked) != 1 || m.parked[0] != want {
		t.Errorf("parked %q", m.parked)
	}
}

func TestAMessageMayHoldSeveralFactsOrNone(t *testing.T) {
	decode := func(body []byte) ([]message.Envelope, error) {
		var out []message.Envelope
		for slot := range strings.FieldsSeq(string(body)) {
			if slot == "bad" {
				return nil, errors.New("a bad slot")
			}
			out = append(out, message.OfUpload(slot))
		}
		return out, nil
	}
	for _, row := range []struct{ name, body, taken, answer string }{
		{"three facts", "a b c", "upload#a upload#b upload#c", `{"batchItemFailures":[]}`},
		{"none", "", "", `{"batchItemFailures":[]}`},
		{"one fails: the message comes again, and what follows waits", "a stop c", "upload#a upload#stop", `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`},
		{"one of them bad: none is taken", "a bad", "", `{"batchItemFailures":[]}`},
	} {
		m := &mailbox{fail: func(e message.Envelope) error {
			if e.Upload == "stop" {
				return io.ErrUnexpectedEOF
			}
			return nil
		}}
		answer, err := m.function(decode).Invoke(t.Context(), batchOf(t, row.body))
		if err != nil || string(answer) != row.answer || strings.Join(m.taken, " ") != row.taken || (row.body == "a bad") != (len(m.parked) == 1) {
			t.Errorf("%s: %s, %v; took %q, parked %q", row.name, answer, err, m.taken, m.parked)
		}
	}
}
