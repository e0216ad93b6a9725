package wire_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"paht/infra/emulator/wire"
)

func TestAnUnknownMemberIsRefusedLoudlyAndABrokenBodyPlainly(t *testing.T) {
	type inner struct{ B int }
	type input struct {
		A     string
		Inner []inner
	}
	for body, want := range map[string]string{
		``:                          "",
		`{"A":"x"}`:                 "",
		`{"A":"x","C":1}`:           `NotSupportedHere: not supported here: s.Do: unknown field "C"`,
		`{"Inner":[{"B":1,"D":2}]}`: `NotSupportedHere: not supported here: s.Do: unknown field "D"`,
		`{"A":1}`:                   "SerializationException: s.Do: reading the body",
		`{"A":`:                     "SerializationException: s.Do: reading the body",
		`{"A":"x"} {}`:              "SerializationException: s.Do: the body goes on",
	} {
		var in input
		err := wire.Decode("s.Do", []byte(body), &in)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s gives %v, want %q", body, err, want)
		}
	}
}

func TestErrorsReadAsTheProtocolWants(t *testing.T) {
	queryError := &wire.Error{Code: "QueueDoesNotExist", Query: "AWS.SimpleQueueService.NonExistentQueue", Message: "no"}
	for name, c := range map[string]struct {
		err    error
		status int
		header string
		body   string
	}{
		"an error of a service":          {fmt.Errorf("sending: %w", queryError), 400, "AWS.SimpleQueueService.NonExistentQueue;Sender", `{"__type":"QueueDoesNotExist","message":"no"}`},
		"an error of the emulator's own": {errors.New("the disk is full"), 500, "", `{"__type":"InternalFailure","message":"the disk is full"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			wire.WriteError(w, wire.JSON10, c.err)
			if w.Code != c.status || w.Header().Get("X-Amzn-Query-Error") != c.header || w.Body.String() != c.body {
				t.Errorf("answered %d %v %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}
