package sqs

import (
	"encoding/json"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"paht/infra/emulator/wire"
)

// Attributes of a queue that this service knows. The names and bounds are
// those of the API page of SetQueueAttributes.
const (
	VisibilityTimeout             = "VisibilityTimeout"
	DelaySeconds                  = "DelaySeconds"
	MessageRetentionPeriod        = "MessageRetentionPeriod"
	ReceiveMessageWaitTimeSeconds = "ReceiveMessageWaitTimeSeconds"
	MaximumMessageSize            = "MaximumMessageSize"
	RedrivePolicy                 = "RedrivePolicy"
)

// MaxMessageBytes is the largest message and the largest batch: 1 MiB, the
// figure of the "Amazon SQS message quotas" page since August 2025.
const MaxMessageBytes = 1 << 20

type bound struct{ least, most, standard int }

var bounds = map[string]bound{
	VisibilityTimeout:             {0, 43200, 30},
	DelaySeconds:                  {0, 900, 0},
	MessageRetentionPeriod:        {60, 1209600, 345600},
	ReceiveMessageWaitTimeSeconds: {0, 20, 0},
	MaximumMessageSize:            {1024, MaxMessageBytes, MaxMessageBytes},
}

// kept are attributes that are stored and answered but change nothing here:
// who may send is decided by the emulator's Authorize hook, and data at rest
// on one machine is the machine's.
var kept = map[string]bool{"Policy": true, "SqsManagedSseEnabled": true, "RedriveAllowPolicy": true}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// settings are a queue's attributes, checked and in the types that the code
// works with.
type settings struct {
	raw        map[string]string
	visibility time.Duration
	delay      time.Duration
	retention  time.Duration
	wait       time.Duration
	maxBytes   int
	deadLetter string // queue name; empty when there is none
	maxReceive int
}

type redrivePolicy struct {
	DeadLetterTargetArn string      `json:"deadLetterTargetArn"`
	MaxReceiveCount     json.Number `json:"maxReceiveCount"`
}

func (s *Service) parseSettings(attributes map[string]string) (settings, error) {
	set := settings{raw: maps.Clone(attributes)}
	if set.raw == nil {
		set.raw = map[string]string{}
	}
	numbers := map[string]int{}
	for name, b := range bounds {
		numbers[name] = b.standard
	}
	for name, value := range attributes {
		switch b, numeric := bounds[name]; {
		case numeric:
			n, err := strconv.Atoi(value)
			if err != nil || n < b.least || n > b.most {
				return set, invalidAttribute(name, "must be a whole number from "+strconv.Itoa(b.least)+" to "+strconv.Itoa(b.most))
			}
			numbers[name] = n
		case name == RedrivePolicy:
			if err := s.parseRedrive(value, &set); err != nil {
				return set, err
			}
		case !kept[name]:
			return set, wire.NotSupported("sqs queue attribute " + name)
		}
	}
	seconds := func(name string) time.Duration { return time.Duration(numbers[name]) * time.Second }
	set.visibility, set.delay = seconds(VisibilityTimeout), seconds(DelaySeconds)
	set.retention, set.wait = seconds(MessageRetentionPeriod), seconds(ReceiveMessageWaitTimeSeconds)
	set.maxBytes = numbers[MaximumMessageSize]
	for name, n := range numbers {
		set.raw[name] = strconv.Itoa(n)
	}
	return set, nil
}

func (s *Service) parseRedrive(value string, set *settings) error {
	if value == "" { // how SetQueueAttributes takes a redrive policy away
		delete(set.raw, RedrivePolicy)
		return nil
	}
	var p redrivePolicy
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return invalidAttribute(RedrivePolicy, "must be a JSON object with deadLetterTargetArn and maxReceiveCount")
	}
	count, err := strconv.Atoi(p.MaxReceiveCount.String())
	if err != nil || count < 1 || count > 1000 {
		return invalidAttribute(RedrivePolicy, "maxReceiveCount must be a whole number from 1 to 1000")
	}
	name, ok := strings.CutPrefix(p.DeadLetterTargetArn, s.arn(""))
	if !ok || !queueName.MatchString(name) {
		return invalidAttribute(RedrivePolicy, "deadLetterTargetArn must be the ARN of a queue of this account and region")
	}
	set.deadLetter, set.maxReceive = name, count
	return nil
}

func invalidAttribute(name, rule string) *wire.Error {
	return wire.Errorf("InvalidAttributeValue", "queue attribute %s %s", name, rule)
}

func invalidParameter(format string, args ...any) *wire.Error {
	e := wire.Errorf("InvalidParameterValueException", format, args...)
	e.Query = "InvalidParameterValue"
	return e
}

func missingParameter(name string) *wire.Error {
	e := wire.Errorf("MissingRequiredParameterException", "the request must contain the parameter %s", name)
	e.Query = "MissingParameter"
	return e
}

func queryError(code, query, format string, args ...any) *wire.Error {
	e := wire.Errorf(code, format, args...)
	e.Query = query
	return e
}

func noSuchQueue(name string) *wire.Error {
	return queryError("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
		"the queue %q does not exist", name)
}

// queue is one queue in memory. Its lock is the service's.
type queue struct {
	name     string
	created  time.Time
	modified time.Time
	settings settings
	messages map[uint64]*message
	ready    readyHeap
	waiting  waitingHeap
	next     uint64        // sequence of the next message
	changed  chan struct{} // closed and replaced when a waiter should look again
}

func newQueue(name string, created time.Time, set settings) *queue {
	return &queue{name: name, created: created, modified: created, settings: set,
		messages: map[uint64]*message{}, next: 1, changed: make(chan struct{})}
}

// wake makes every waiter of the queue look again.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// Counts are a queue's approximate numbers, exact here.
type Counts struct{ Visible, InFlight, Delayed int }

func (q *queue) counts(now time.Time) Counts {
	q.settle(now)
	var c Counts
	for _, m := range q.messages {
		switch {
		case m.ready:
			c.Visible++
		case m.inFlight:
			c.InFlight++
		default:
			c.Delayed++
		}
	}
	return c
}

// StandardAttributes are the values of what nobody set.
func StandardAttributes() map[string]string {
	out := map[string]string{RedrivePolicy: ""}
	for name, b := range bounds {
		out[name] = strconv.Itoa(b.standard)
	}
	return out
}
