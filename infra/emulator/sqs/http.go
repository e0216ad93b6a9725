package sqs

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"paht/infra/emulator/wire"
)

// TargetPrefix begins the X-Amz-Target header of this service.
const TargetPrefix = "AmazonSQS."

// call is one operation on the wire.
type call struct {
	service *Service
	host    string // what the client called, for the URLs that it gets back
	sender  string
	body    []byte
}

var operations = map[string]func(call) (any, error){
	"CreateQueue":                  call.createQueue,
	"DeleteQueue":                  call.deleteQueue,
	"GetQueueUrl":                  call.getQueueURL,
	"GetQueueAttributes":           call.getQueueAttributes,
	"SetQueueAttributes":           call.setQueueAttributes,
	"SendMessage":                  call.sendMessage,
	"SendMessageBatch":             call.sendMessageBatch,
	"DeleteMessage":                call.deleteMessage,
	"DeleteMessageBatch":           call.deleteMessageBatch,
	"ChangeMessageVisibility":      call.changeMessageVisibility,
	"ChangeMessageVisibilityBatch": call.changeMessageVisibilityBatch,
	"StartMessageMoveTask":         call.startMessageMoveTask,
	"ListMessageMoveTasks":         call.listMessageMoveTasks,
}

// Do answers one request whose body has been read; the error is what was
// answered.
func (s *Service) Do(w http.ResponseWriter, r *http.Request, body []byte, sender string) error {
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), TargetPrefix)
	c := call{service: s, host: r.Host, sender: sender, body: body}
	var answer any
	err := error(wire.NotSupported("sqs." + operation))
	if operation == "ReceiveMessage" {
		answer, err = c.receiveMessage(r)
	} else if run, ok := operations[operation]; ok {
		answer, err = run(c)
	}
	if err != nil {
		wire.WriteError(w, wire.JSON10, err)
		return err
	}
	wire.WriteJSON(w, wire.JSON10, answer)
	return nil
}

// batchActions are the operations that IAM knows under another name: a batch
// needs the permission of its single form ("Actions, resources, and condition
// keys for Amazon SQS").
var batchActions = map[string]string{
	"SendMessageBatch":             "SendMessage",
	"DeleteMessageBatch":           "DeleteMessage",
	"ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}

// Action names the IAM action and resource of a request.
func (s *Service) Action(target string, body []byte) (action string, resources []string) {
	operation := strings.TrimPrefix(target, TargetPrefix)
	if single, ok := batchActions[operation]; ok {
		operation = single
	}
	var in struct{ QueueURL, QueueName, SourceArn string }
	var raw map[string]json.RawMessage
	if json.Unmarshal(body, &raw) == nil {
		_ = json.Unmarshal(raw["QueueUrl"], &in.QueueURL)
		_ = json.Unmarshal(raw["QueueName"], &in.QueueName)
		_ = json.Unmarshal(raw["SourceArn"], &in.SourceArn)
	}
	switch {
	case in.SourceArn != "":
		return "sqs:" + operation, []string{in.SourceArn}
	case in.QueueURL != "":
		return "sqs:" + operation, []string{s.arn(s.Name(in.QueueURL))}
	}
	return "sqs:" + operation, []string{s.arn(in.QueueName)}
}

// URL is a queue's URL under the host that the client called.
func (s *Service) URL(host, name string) string {
	return "http://" + host + "/" + s.options.Account + "/" + name
}

func (c call) createQueue() (any, error) {
	var in struct {
		QueueName  string
		Attributes map[string]string
	}
	if err := wire.Decode("sqs.CreateQueue", c.body, &in); err != nil {
		return nil, err
	}
	if err := c.service.Create(in.QueueName, in.Attributes); err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": c.service.URL(c.host, in.QueueName)}, nil
}

func (c call) deleteQueue() (any, error) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
	}
	if err := wire.Decode("sqs.DeleteQueue", c.body, &in); err != nil {
		return nil, err
	}
	return nil, c.service.DeleteQueue(in.QueueURL)
}

func (c call) getQueueURL() (any, error) {
	var in struct{ QueueName string }
	if err := wire.Decode("sqs.GetQueueUrl", c.body, &in); err != nil {
		return nil, err
	}
	if _, err := c.service.Counts(in.QueueName); err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": c.service.URL(c.host, in.QueueName)}, nil
}

func (c call) getQueueAttributes() (any, error) {
	var in struct {
		QueueURL       string `json:"QueueUrl"`
		AttributeNames []string
	}
	if err := wire.Decode("sqs.GetQueueAttributes", c.body, &in); err != nil {
		return nil, err
	}
	all, err := c.service.Attributes(in.QueueURL)
	if err != nil {
		return nil, err
	}
	chosen := map[string]string{}
	for name, value := range all {
		if slices.Contains(in.AttributeNames, "All") || slices.Contains(in.AttributeNames, name) {
			chosen[name] = value
		}
	}
	return map[string]any{"Attributes": chosen}, nil
}

func (c call) setQueueAttributes() (any, error) {
	var in struct {
		QueueURL   string `json:"QueueUrl"`
		Attributes map[string]string
	}
	if err := wire.Decode("sqs.SetQueueAttributes", c.body, &in); err != nil {
		return nil, err
	}
	return nil, c.service.SetAttributes(in.QueueURL, in.Attributes)
}

type receiveInput struct {
	QueueURL                    string `json:"QueueUrl"`
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type wireMessage struct {
	MessageID              string               `json:"MessageId"`
	ReceiptHandle          string               `json:"ReceiptHandle"`
	Body                   string               `json:"Body"`
	MD5OfBody              string               `json:"MD5OfBody"`
	MD5OfMessageAttributes string               `json:"MD5OfMessageAttributes,omitempty"`
	Attributes             map[string]string    `json:"Attributes,omitempty"`
	MessageAttributes      map[string]Attribute `json:"MessageAttributes,omitempty"`
}

func (c call) receiveMessage(r *http.Request) (any, error) {
	var in receiveInput
	if err := wire.Decode("sqs.ReceiveMessage", c.body, &in); err != nil {
		return nil, err
	}
	ask := Request{Visibility: seconds(in.VisibilityTimeout), Wait: seconds(in.WaitTimeSeconds)}
	if in.MaxNumberOfMessages != nil {
		ask.Max = *in.MaxNumberOfMessages
		if ask.Max == 0 {
			ask.Max = -1 // zero on the wire is out of bounds, not the default
		}
	}
	messages, err := c.service.Receive(r.Context(), in.QueueURL, ask)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	out := make([]wireMessage, len(messages))
	for i, m := range messages {
		chosen := choose(m.Attributes, in.MessageAttributeNames)
		out[i] = wireMessage{MessageID: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, MD5OfBody: md5Hex([]byte(m.Body)),
			MD5OfMessageAttributes: attributesMD5(chosen), MessageAttributes: chosen,
			Attributes: chooseSystem(m.System(), slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames))}
	}
	return map[string]any{"Messages": out}, nil
}

// System gives the system attributes of a message as strings.
func (m Message) System() map[string]string {
	all := map[string]string{
		"SentTimestamp":                    strconv.FormatInt(m.SentAt.UnixMilli(), 10),
		"ApproximateReceiveCount":          strconv.Itoa(m.ReceiveCount),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.FirstReceive.UnixMilli(), 10),
		"SenderId":                         m.Sender,
	}
	if m.Source != "" {
		all["DeadLetterQueueSourceArn"] = m.Source
	}
	return all
}

func chooseSystem(all map[string]string, names []string) map[string]string {
	chosen := map[string]string{}
	for name, value := range all {
		if slices.Contains(names, "All") || slices.Contains(names, name) {
			chosen[name] = value
		}
	}
	return chosen
}

func choose(all map[string]Attribute, names []string) map[string]Attribute {
	chosen := map[string]Attribute{}
	for name, value := range all {
		for _, want := range names {
			prefix, wild := strings.CutSuffix(want, ".*")
			if want == "All" || want == name || wild && strings.HasPrefix(name, prefix) {
				chosen[name] = value
			}
		}
	}
	return chosen
}

func seconds(n *int) *time.Duration {
	if n == nil {
		return nil
	}
	d := time.Duration(*n) * time.Second
	return &d
}

func (c call) startMessageMoveTask() (any, error) {
	var in struct{ SourceArn, DestinationArn string }
	if err := wire.Decode("sqs.StartMessageMoveTask", c.body, &in); err != nil {
		return nil, err
	}
	task, err := c.service.Redrive(in.SourceArn, in.DestinationArn)
	if err != nil {
		return nil, err
	}
	return map[string]string{"TaskHandle": task.Handle}, nil
}

type wireTask struct {
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	DestinationArn                    string `json:",omitempty"`
	FailureReason                     string `json:",omitempty"`
	SourceArn                         string
	StartedTimestamp                  int64
	Status                            string
}

func (c call) listMessageMoveTasks() (any, error) {
	var in struct {
		SourceArn  string
		MaxResults *int
	}
	if err := wire.Decode("sqs.ListMessageMoveTasks", c.body, &in); err != nil {
		return nil, err
	}
	most := 1
	if in.MaxResults != nil {
		most = *in.MaxResults
	}
	tasks, err := c.service.MoveTasks(in.SourceArn, most)
	if err != nil {
		return nil, err
	}
	results := make([]wireTask, len(tasks))
	for i, t := range tasks {
		results[i] = wireTask{t.Moved, t.ToMove, t.Destination, t.Failure, t.Source, t.Started.UnixMilli(), t.Status}
	}
	return map[string]any{"Results": results}, nil
}
