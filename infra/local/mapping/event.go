package mapping

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"

	"paht/infra/emulator/sqs"
	"paht/infra/local/runtimeapi"
)

// record is one message as a function receives it:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
type record struct {
	MessageID         string               `json:"messageId"`
	ReceiptHandle     string               `json:"receiptHandle"`
	Body              string               `json:"body"`
	Attributes        map[string]string    `json:"attributes"`
	MessageAttributes map[string]attribute `json:"messageAttributes"`
	MD5OfBody         string               `json:"md5OfBody"`
	EventSource       string               `json:"eventSource"`
	EventSourceARN    string               `json:"eventSourceARN"`
	AWSRegion         string               `json:"awsRegion"`
}

type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues []string `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

// eventLimit leaves room for the event around its records.
const eventLimit = runtimeapi.MaxPayload - 1024

// encode makes one event of as many messages as fit, and says how many.
func (p *Pollers) encode(queueARN string, batch []sqs.Message) (event []byte, taken int, err error) {
	var records []json.RawMessage
	size := 0
	for _, m := range batch {
		sum := md5.Sum([]byte(m.Body))
		encoded, err := json.Marshal(record{
			MessageID: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, Attributes: m.System(), MessageAttributes: attributes(m.Attributes),
			MD5OfBody: hex.EncodeToString(sum[:]), EventSource: "aws:sqs", EventSourceARN: queueARN, AWSRegion: p.options.Region,
		})
		if err != nil {
			return nil, 0, err
		}
		if size += len(encoded) + 1; size > eventLimit && len(records) > 0 {
			break
		}
		records = append(records, encoded)
	}
	event, err = json.Marshal(map[string]any{"Records": records})
	return event, len(records), err
}

func attributes(all map[string]sqs.Attribute) map[string]attribute {
	encoded := map[string]attribute{}
	for name, a := range all {
		encoded[name] = attribute{StringValue: a.StringValue, BinaryValue: a.BinaryValue, StringListValues: []string{}, BinaryListValues: []string{}, DataType: a.DataType}
	}
	return encoded
}

// failures gives the messages that stay in the queue. Of a mapping that
// reports partial failures an empty or null answer means that all is done, and
// one that cannot be understood that nothing is:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
func failures(m Mapping, batch []sqs.Message, result runtimeapi.Result) (failed map[string]bool, all bool) {
	if result.FunctionError != "" {
		return nil, true
	}
	if !m.PartialFailures {
		return nil, false
	}
	var answer struct {
		Failures []map[string]any `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil {
		return nil, true
	}
	known := map[string]bool{}
	for _, message := range batch {
		known[message.ID] = true
	}
	failed = map[string]bool{}
	for _, item := range answer.Failures {
		id, ok := item["itemIdentifier"].(string)
		if !ok || !known[id] {
			return nil, true
		}
		failed[id] = true
	}
	return failed, false
}
