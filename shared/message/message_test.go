package message_test

import (
	"slices"
	"strings"
	"testing"

	"paht/shared/message"
	"paht/shared/report"
)

const id = "PA-00000000000"

// The forms of this version: what was sent once must be read by every version to
// come.
func TestTheFormsOfTheMessages(t *testing.T) {
	for _, row := range []struct {
		queue, form string
		envelope    message.Envelope
	}{
		{report.QueueScreen, `{"id":"PA-00000000000#1","type":"report.submitted","report":"PA-00000000000","n":1,"settled":true}`, message.OfReport(report.EventSubmitted, id, 1, true)},
		{report.QueueRoute, `{"id":"PA-00000000000#2","type":"report.accepted","report":"PA-00000000000","n":2}`, message.OfReport(report.EventAccepted, id, 2, false)},
		{report.QueueNotify, `{"id":"lan#3","type":"account.verify","n":3,"account":"lan"}`, message.OfAccount(message.AccountVerify, "lan", 3)},
		{message.QueueMedia, `{"id":"upload#abc","type":"upload.unchecked","upload":"abc"}`, message.OfUpload("abc")},
		{message.QueueSLA, `{"id":"sweep","type":"sweep","trace":"t"}`, message.Envelope{ID: "sweep", Type: message.Sweep, Trace: "t"}},
	} {
		if got := row.envelope.Encode(); got != row.form {
			t.Errorf("the form is %s, want %s", got, row.form)
		}
		if got, err := message.Decode(row.queue, []byte(row.form)); err != nil || got != row.envelope {
			t.Errorf("%s is read as %+v, %v", row.form, got, err)
		}
	}
	if got, err := message.Decode(report.QueueScreen, []byte(`{"id":"x","type":"report.submitted","report":"PA-00000000000","n":1,"later":{"a":1}}`)); err != nil || got.N != 1 {
		t.Errorf("a field of a later version: %+v, %v", got, err)
	}
}

func TestWhatCannotBeDecoded(t *testing.T) {
	long := strings.Repeat("a", 300)
	for _, row := range []struct{ name, queue, body, says string }{
		{"nothing", report.QueueScreen, ``, "reading the envelope"},
		{"no JSON", report.QueueScreen, `<xml/>`, "reading the envelope"},
		{"a list", report.QueueScreen, `[]`, "reading the envelope"},
		{"a number for the type", report.QueueScreen, `{"type":1}`, "reading the envelope"},
		{"two messages", report.QueueScreen, `{"type":"report.submitted"}{}`, "reading the envelope"},
		{"no type", report.QueueScreen, `{}`, `the type "" is unknown`},
		{"an unknown type", report.QueueScreen, `{"type":"report.exploded"}`, `the type "report.exploded" is unknown`},
		{"a type without end", report.QueueScreen, `{"type":"` + long + `"}`, "is unknown"},
		{"another queue's type", report.QueueScreen, `{"type":"report.accepted","report":"` + id + `"}`, "the type report.accepted is not for screen"},
		{"a type of one queue at another of the flow", report.QueueNotify, `{"type":"report.submitted","report":"` + id + `"}`, "is not for notify"},
		{"no such queue", "nowhere", `{"type":"report.submitted","report":"` + id + `"}`, "is not for nowhere"},
		{"a report of no form", report.QueueScreen, `{"type":"report.submitted","report":"R#1"}`, "the report's id is missing or malformed"},
		{"a wrong check character", report.QueueScreen, `{"type":"report.submitted","report":"PA-00000000001"}`, "the report's id is missing or malformed"},
	} {
		e, err := message.Decode(row.queue, []byte(row.body))
		if err == nil || !strings.Contains(err.Error(), row.says) || e != (message.Envelope{}) {
			t.Errorf("%s: %+v, %v", row.name, e, err)
		}
		if err != nil && len(err.Error()) > 120 {
			t.Errorf("%s: the reason has %d bytes", row.name, len(err.Error()))
		}
	}
}

func TestEveryMessageThatAReportOwesHasItsConsumer(t *testing.T) {
	for kind, queues := range map[string][]string{
		report.EventSubmitted: {report.QueueScreen}, report.EventAccepted: {report.QueueRoute, report.QueueNotify},
		report.EventConcluded: {report.QueuePublish}, report.EventRefused: {report.QueueNotify}, report.EventReturned: {report.QueueNotify},
	} {
		if got := message.Consumers(message.Type(kind)); !slices.Equal(got, queues) {
			t.Errorf("%s goes to %v, want %v", kind, got, queues)
		}
	}
	if got := message.Consumers("report.exploded"); got != nil {
		t.Errorf("an unknown type goes to %v", got)
	}
}

func TestAResendHasTheIdOfTheFirst(t *testing.T) {
	first, again := message.OfReport(report.EventAccepted, id, 2, true), message.OfReport(report.EventAccepted, id, 2, false)
	if first.ID != again.ID || first.ID == message.OfReport(report.EventAccepted, id, 3, false).ID {
		t.Errorf("the ids are %s and %s", first.ID, again.ID)
	}
}
