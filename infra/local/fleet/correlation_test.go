package fleet_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/emulator/messaging"
)

// logged is a line of the log, as far as it is looked at.
type logged struct {
	Message  string   `json:"msg"`
	Function string   `json:"function"`
	Kind     string   `json:"kind"`
	Route    string   `json:"route"`
	Trace    string   `json:"trace"`
	Reports  []string `json:"reports"`
	Traces   []string `json:"traces"`
}

// lost lists what the trace of the phone's request does not lead to: lines of the
// log that are about the report, messages and letters. Functions are those whose
// lines it leads to.
func (w *wire) lost(code, trace string) (lost []string, functions map[string]bool) {
	functions = map[string]bool{}
	for _, text := range w.places["log"] {
		var line logged
		if json.Unmarshal([]byte(text), &line) != nil {
			lost = append(lost, "a line that is no JSON: "+text)
			continue
		}
		if line.Message != "invocation" || !slices.Contains(line.Reports, code) {
			continue
		}
		if line.Trace != trace && !slices.Contains(line.Traces, trace) {
			lost = append(lost, "a line: "+text)
		}
		functions[line.Function+" "+line.Kind] = true
	}
	for kind, texts := range w.places {
		for _, text := range texts {
			var envelope struct{ Report, Trace string }
			if strings.HasPrefix(kind, "message to ") && json.Unmarshal([]byte(text), &envelope) == nil && envelope.Report == code && envelope.Trace != trace {
				lost = append(lost, kind+": "+text)
			}
		}
	}
	return lost, functions
}

func TestThePhonesRequestIsFollowedToTheLastNotice(t *testing.T) {
	s, w := overheard(t)
	code, uploads, trace := s.confided()
	// A notice whose message was lost comes from the sweep.
	s.check(s.fleet.Settle(t.Context()))
	s.do(0, api.Call{Method: "GET", Path: "/v1/reports/" + code, Token: s.tokens["thuy"]})
	s.do(0, api.Call{Method: "GET", Path: "/v1/published/" + code})
	lost, functions := w.lost(code, trace)
	for _, what := range lost {
		t.Errorf("the request %s does not lead to %s", trace, what)
	}
	want := []string{"notify queue", "processcallback http", "publish http", "publish queue", "query http", "route http", "route queue", "screen http", "screen queue", "submit http"}
	for _, name := range want {
		if !functions[name] {
			t.Errorf("no line of %s is about the report: %v", name, slices.Sorted(maps.Keys(functions)))
		}
	}
	letters := 0
	mails, err := s.fleet.Mails()
	s.check(err)
	for _, m := range mails {
		if !strings.Contains(m.Subject+m.Text, code) {
			continue
		}
		letters++
		if !slices.ContainsFunc(m.Headers, func(h messaging.Header) bool { return h.Name == "X-Request-Id" && h.Value == trace }) {
			t.Errorf("the letter %q has the headers %v", m.Subject, m.Headers)
		}
	}
	if letters < 4 { // a supplement is asked for, accepted, progress, published
		t.Errorf("%d letters were sent", letters)
	}
	// The uploads had a request of their own: the check of the photo names it, and
	// the submission both.
	if !w.says(func(l logged) bool { return l.Function == "media" && slices.Contains(l.Traces, uploads) }) ||
		!w.says(func(l logged) bool {
			return l.Function == "submit" && l.Trace == trace && slices.Contains(l.Traces, uploads)
		}) {
		t.Error("the uploads' request leads neither to their check nor to the report")
	}
}

func (w *wire) says(what func(logged) bool) bool {
	return slices.ContainsFunc(w.places["log"], func(text string) bool {
		var l logged
		return json.Unmarshal([]byte(text), &l) == nil && what(l)
	})
}

// What is not led to must be told, or the test above could not fail.
func TestALostTraceIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		place, text string
		lost        int
	}{
		"a line with its trace":          {"log", `{"msg":"invocation","function":"route","kind":"queue","reports":["PA-1"],"traces":["t"]}`, 0},
		"a request's own":                {"log", `{"msg":"invocation","function":"submit","kind":"http","trace":"t","reports":["PA-1"]}`, 0},
		"a line without":                 {"log", `{"msg":"invocation","function":"route","kind":"queue","reports":["PA-1"]}`, 1},
		"another's":                      {"log", `{"msg":"invocation","function":"route","kind":"queue","reports":["PA-1"],"traces":["u"]}`, 1},
		"about another report":           {"log", `{"msg":"invocation","function":"route","kind":"queue","reports":["PA-2"]}`, 0},
		"no JSON":                        {"log", `invocation PA-1`, 1},
		"a message with its trace":       {"message to notify", `{"report":"PA-1","trace":"t"}`, 0},
		"a message without":              {"message to notify", `{"report":"PA-1"}`, 1},
		"a message about another report": {"message to notify", `{"report":"PA-2"}`, 0},
	} {
		w := &wire{places: map[string][]string{row.place: {row.text}}}
		if lost, _ := w.lost("PA-1", "t"); len(lost) != row.lost {
			t.Errorf("%s: %s", name, fmt.Sprint(lost))
		}
	}
}
