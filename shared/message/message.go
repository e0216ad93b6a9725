// Package message holds the envelope of what functions send each other through
// queues, and the table of the types. A message names a stored fact and carries
// no content: whoever receives it loads the report. It imports no AWS.
package message

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"paht/shared/report"
)

// Type is a message's type: the fact after which it is named.
type Type string

// The types beside those of a report's events.
const (
	UploadUnchecked Type = "upload.unchecked" // an object is there and has no verdict: media
	AccountVerify   Type = "account.verify"   // an e-mail address waits for its proof: notify
	AccountActivate Type = "account.activate" // an officer's account waits for its first password: notify
	AccountLocked   Type = "account.locked"   // notify
	Sweep           Type = "sweep"            // the schedule's tick: sla
)

// Envelope is one message. Its id is the report's id and the number of the
// change that caused it, so a resend has the id of the first.
type Envelope struct {
	ID      string `json:"id"`
	Type    Type   `json:"type"`
	Report  string `json:"report,omitempty"`
	N       int    `json:"n,omitempty"`       // the number of the change
	Settled bool   `json:"settled,omitempty"` // all else that the change owed was done before this was sent
	Account string `json:"account,omitempty"`
	Upload  string `json:"upload,omitempty"`

	// At is when the account's fact happened, which finds its intent; only the
	// sweep says it, which has the intent in hand.
	At time.Time `json:"at,omitzero"`

	Trace string `json:"trace,omitempty"` // from the phone's request to the last notice
}

// consumers is the table type → queues.
var consumers = map[Type][]string{
	report.EventSubmitted:       {report.QueueScreen},
	report.EventAccepted:        {report.QueueRoute, report.QueueNotify},
	report.EventConcluded:       {report.QueuePublish},
	report.EventRefused:         {report.QueueNotify},
	report.EventSupplementAsked: {report.QueueNotify},
	report.EventTransferred:     {report.QueueNotify},
	report.EventAnswered:        {report.QueueNotify},
	report.EventProgress:        {report.QueueNotify},
	report.EventExtended:        {report.QueueNotify},
	report.EventReturned:        {report.QueueNotify},
	report.EventPublished:       {report.QueueNotify},
	report.EventMediaRejected:   {report.QueueNotify},
	UploadUnchecked:             {QueueMedia},
	AccountVerify:               {report.QueueNotify},
	AccountActivate:             {report.QueueNotify},
	AccountLocked:               {report.QueueNotify},
	Sweep:                       {QueueSLA},
}

// The queues beside those of a report's flow.
const (
	QueueMedia = "media"
	QueueSLA   = "sla"
)

// Consumers lists the queues that take a type.
func Consumers(t Type) []string { return consumers[t] }

// OfReport makes the message of a report's change.
func OfReport(kind string, id string, n int, settled bool) Envelope {
	return Envelope{ID: fmt.Sprintf("%s#%d", id, n), Type: Type(kind), Report: id, N: n, Settled: settled}
}

// Decode reads a message that a queue of that name received. What cannot be
// decoded, or is not for this queue, is an error: the message is parked.
func Decode(queue string, body []byte) (Envelope, error) {
	var e Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return Envelope{}, fmt.Errorf("reading the envelope: %w", err)
	}
	queues, known := consumers[e.Type]
	if !known {
		return Envelope{}, fmt.Errorf("the type %.40q is unknown", e.Type)
	}
	if !slices.Contains(queues, queue) {
		return Envelope{}, fmt.Errorf("the type %s is not for %s", e.Type, queue)
	}
	if _, isReport := report.ParseCode(e.Report); (e.Report != "" || e.ofReport()) && !isReport {
		return Envelope{}, fmt.Errorf("the report's id is missing or malformed")
	}
	return e, nil
}

// ofReport tells whether the type is a fact of a report.
func (e Envelope) ofReport() bool {
	return e.Account == "" && e.Upload == "" && e.Type != Sweep && e.Type != UploadUnchecked &&
		e.Type != AccountVerify && e.Type != AccountActivate && e.Type != AccountLocked
}

// Encode gives the message's bytes.
func (e Envelope) Encode() string {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(b)
}
