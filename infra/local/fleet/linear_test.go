package fleet_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/anishathalye/porcupine"
)

// What a report answers when one request comes after another, said once more and
// by itself: Decision 1433's steps as a table of states, the ETag as the number
// of the last event that touched what is shown, a key as what was answered under
// it. It shares no code with the aggregate.

// demand is one request of the history.
type demand struct {
	act   string // read, accept, refuse, ask, supplement, withdraw, transfer, answer, receive, progress, return
	match int    // If-Match; 0 where the act has none
	key   string
}

// saying is what it was answered.
type saying struct {
	status int
	code   string // of the problem
	event  int    // of the act
	etag   int    // of the resource acted on
	report string // its state
	part   string // the states of its parts
	count  int    // events of its history, as far as the answer has them
}

// shape is a report as the model knows it.
type shape struct {
	state   string
	events  int
	touched int
	open    bool   // a supplement was asked for and is not there
	first   string // the state of the first part; "" while there is none
	seen    int    // the ETag of the first part
	second  bool   // there is a second part, transferred
	done    string // what was done under which key: ";key=event:part"
}

func (s shape) parts() string {
	if s.second {
		return s.first + " transferred"
	}
	return s.first
}

// ofPart are the acts on the first part.
var ofPart = map[string]bool{"receive": true, "progress": true, "return": true}

// ways are the acts with the states from which they go, and where to; "" stays.
var ways = map[string]struct {
	from []string
	to   string
}{
	"accept":     {[]string{"submitted", "screening"}, "accepted"},
	"refuse":     {[]string{"submitted", "screening"}, "refused"},
	"ask":        {[]string{"submitted", "screening"}, "screening"},
	"supplement": {[]string{"screening"}, ""},
	"withdraw":   {[]string{"submitted", "screening"}, "withdrawn"},
	"transfer":   {[]string{"accepted", "routing"}, "processing"},
	"answer":     {[]string{"accepted", "routing"}, "answered"},
	"receive":    {[]string{"transferred"}, "received"},
	"progress":   {[]string{"received"}, ""},
	"return":     {[]string{"transferred", "received"}, "returned"},
}

// answer is the answer to a request and the report after it.
func (s shape) answer(in demand) (saying, shape) {
	if in.act == "read" {
		return saying{status: 200, etag: s.touched, report: s.state, part: s.parts(), count: s.events}, s
	}
	if at := strings.Index(s.done, ";"+in.key+"="); at >= 0 {
		number, _, _ := strings.Cut(s.done[at+len(in.key)+2:], ";")
		event, _ := strconv.Atoi(number) // written below
		return s.acted(in, event), s
	}
	if refused, ok := s.refusal(in); ok {
		return refused, s
	}
	next := s
	next.events++
	next.done += fmt.Sprintf(";%s=%d", in.key, next.events)
	to := ways[in.act].to
	switch {
	case in.act == "return":
		next.first, next.seen, next.touched = to, next.events, next.events
		next.state = "routing"
	case ofPart[in.act]:
		next.seen = next.events
		if to != "" {
			next.first = to
		}
	default:
		next.touched = next.events
		if to != "" {
			next.state = to
		}
	}
	switch in.act {
	case "ask":
		next.open = true
	case "supplement":
		next.open = false
	case "transfer":
		if next.second = next.first != ""; !next.second {
			next.first, next.seen = "transferred", next.events
		}
	}
	return next.acted(in, next.events), next
}

// acted answers an act: what it did, and the report as it stands.
func (s shape) acted(in demand, event int) saying {
	out := saying{status: 200, event: event, etag: s.touched, report: s.state, part: s.parts()}
	if ofPart[in.act] {
		out.etag = s.seen
	}
	return out
}

func (s shape) refusal(in demand) (saying, bool) {
	state, etag := s.state, s.touched
	if ofPart[in.act] {
		state, etag = s.first, s.seen
	}
	known := false
	for _, from := range ways[in.act].from {
		known = known || from == state
	}
	switch {
	case ofPart[in.act] && s.first == "":
		return saying{status: 404, code: "not_found"}, true
	case !known:
		return saying{status: 409, code: "wrong_state"}, true
	case in.match != 0 && in.match != etag:
		return saying{status: 412, code: "stale"}, true
	case in.act == "ask" && s.open:
		return saying{status: 409, code: "supplement_open"}, true
	case in.act == "supplement" && !s.open:
		return saying{status: 409, code: "no_supplement_asked"}, true
	case in.act == "answer" && s.first == "":
		return saying{status: 409, code: "not_returned"}, true
	}
	return saying{}, false
}

// oneReport is the specification that a history is held against; where it begins
// is the history's own.
var oneReport = porcupine.Model{
	Step: func(state, input, output any) (bool, any) {
		said, next := state.(shape).answer(input.(demand))
		return said == output.(saying), next
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}
