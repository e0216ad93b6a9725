package fleet_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
)

// deliver gives what waits for one function to it, once, and nothing to others.
func (s *scene) deliver(function string) {
	s.t.Helper()
	batches, err := s.fleet.Take(s.ctx())
	s.check(err)
	found := false
	for _, b := range batches {
		if b.Function() == function {
			found = true
			s.check(s.fleet.Deliver(s.ctx(), b))
		}
	}
	if !found {
		s.t.Fatalf("nothing waits for %s", function)
	}
}

// owed names what a report still owes.
func (s *scene) owed(code string) []string {
	s.t.Helper()
	items, err := s.fleet.Items("R#" + code)
	s.check(err)
	var names []string
	for _, i := range items {
		var d struct {
			Owed []struct {
				Name string `json:"name"`
			} `json:"owed"`
		}
		if i.Text("sk") != "s" {
			continue
		}
		s.check(i.Document(&d))
		for _, o := range d.Owed {
			names = append(names, strings.TrimPrefix(o.Name, "message:"))
		}
	}
	slices.Sort(names)
	return names
}

// listed wants every list to show what the state gives, whatever is still to be
// delivered.
func (s *scene) listed() {
	s.t.Helper()
	truth, err := s.fleet.Truth(s.ctx())
	s.check(err)
	for _, wrong := range truth.Wrong {
		if strings.HasPrefix(wrong, "the projection ") || strings.HasPrefix(wrong, "the published ") || strings.HasPrefix(wrong, "the public object ") {
			s.t.Error(wrong)
		}
	}
}

// screened is a report that the machine has put before the screeners.
func (s *scene) screened() handled {
	h := s.submitted()
	s.deliver("screen")
	return h
}

func (s *scene) concludedAndDrafted() handled {
	h := s.concluded()
	s.deliver("publish")
	return h
}

// Right after an act every list shows it, before any message is delivered and any
// sweep. What is still owed is the machine's next step, with what the change that
// it brings clears by the way, and the answer. The first part's row is none of it:
// it stands in the state item.
func TestRightAfterAnActEveryListShowsIt(t *testing.T) {
	const (
		toScreen, toRoute, toPublish = "report.submitted>screen", "report.accepted>route", "assignment.concluded>publish"
		accepted, refused            = "report.accepted>notify", "report.refused>notify"
		day, mine, near              = "project:day", "project:mine", "project:near"
	)
	for name, row := range map[string]struct {
		act  func(s *scene) handled
		owes []string
	}{
		"submitted":            {(*scene).submitted, []string{day, mine, near, toScreen}},
		"put before screeners": {(*scene).screened, nil},
		"asked for more":       {(*scene).asked, nil},
		"asked, once screened": {func(s *scene) handled { return s.acts(s.screened(), screener, "/supplement-request", bodies["ask"]) }, nil},
		"supplemented":         {func(s *scene) handled { return s.acts(s.asked(), reporter, "/supplement", bodies["supplement"]) }, nil},
		"withdrawn":            {(*scene).withdrawn, nil},
		"accepted":             {(*scene).accepted, []string{day, mine, near, accepted, toRoute}},
		"accepted once screened": {func(s *scene) handled { return s.acts(s.screened(), screener, "/acceptance", map[string]any{}) },
			[]string{mine, accepted, toRoute}},
		"refused": {func(s *scene) handled { return s.acts(s.submitted(), screener, "/refusal", bodies["refuse"]) }, []string{refused}},
		"put before routers": {func(s *scene) handled {
			h := s.accepted()
			s.deliver("route")
			return h
		}, []string{accepted}},
		"transferred": {(*scene).transferred, []string{accepted}},
		"received":    {(*scene).received, []string{accepted}},
		"told of progress": {func(s *scene) handled {
			return s.acts(s.received(), handler, "/assignments/a1/progress", bodies["progress"])
		},
			[]string{accepted}},
		"returned":              {(*scene).returned, []string{accepted}},
		"answered":              {func(s *scene) handled { return s.acts(s.returned(), router, "/answer", bodies["answer"]) }, []string{accepted}},
		"transferred once more": {func(s *scene) handled { return s.acts(s.returned(), router, "/transfer", bodies["transfer"]) }, []string{accepted}},
		"concluded":             {(*scene).concluded, []string{accepted, toPublish}},
		"drafted":               {(*scene).concludedAndDrafted, []string{accepted}},
		"edited": {func(s *scene) handled { return s.acts(s.concluded(), editor, "/assignments/a1/draft", draft()) },
			[]string{accepted}},
		"released": {func(s *scene) handled { return s.acts(s.concluded(), editor, "/assignments/a1/publication", draft()) },
			[]string{accepted}},
		"released once drafted": {func(s *scene) handled {
			return s.acts(s.concludedAndDrafted(), editor, "/assignments/a1/publication", draft())
		},
			[]string{accepted}},
		"rated": {func(s *scene) handled {
			return s.acts(s.published(), reporter, "/assignments/a1/rating", map[string]any{"rating": 1})
		},
			[]string{accepted}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.fleet.Halt(true)
			h := row.act(s)
			s.listed()
			slices.Sort(row.owes)
			if owed := s.owed(h.code); !slices.Equal(owed, row.owes) {
				t.Errorf("owed is %q, and not %q", owed, row.owes)
			}
			s.fleet.Halt(false)
			s.check(s.fleet.Settle(s.ctx()))
			s.nothingWrong()
		})
	}
}

// acts acts on a report whose first part, where the act is one on a part, is a1.
func (s *scene) acts(h handled, who, door string, body any) handled {
	s.t.Helper()
	call := api.Call{Method: http.MethodPost, Path: "/v1/reports/" + h.code + door, Token: s.tokens[who], Match: h.etag, Body: body}
	switch {
	case who == reporter:
		call.Match = ""
	case strings.Contains(door, "/assignments/"):
		call.Match = h.part
	}
	if strings.HasSuffix(door, "/draft") {
		call.Method = http.MethodPut
	}
	return s.acted(s.do(http.StatusOK, call))
}

// A supplement's file that is refused later is told of as one of the report's own.
func TestAFileOfASupplementBelongsToItsReportRightAway(t *testing.T) {
	s := newScene(t)
	h := s.asked()
	file := []byte("no picture at all, and as long as one may be")
	slot := s.slot(file)
	s.fill(slot, file)
	s.fleet.Halt(true)
	h = s.acts(h, reporter, "/supplement", map[string]any{"text": "Ở phía bên phải của đường.", "uploads": []any{slot.ID}})
	items, err := s.fleet.Items("S#" + slot.ID)
	s.check(err)
	var d struct {
		Report string `json:"report"`
	}
	s.check(items[0].Document(&d))
	if d.Report != h.code {
		t.Errorf("the file is of report %q, and not of %s", d.Report, h.code)
	}
	s.fleet.Halt(false)
	s.check(s.fleet.Settle(s.ctx()))
	s.nothingWrong()
	if n := s.events(h.code)["media.rejected"]; n != 1 {
		t.Errorf("that the file was not taken is recorded %d times", n)
	}
}

// Two words of progress, of which the first could not be sent, by the second act
// either: the second does not stand for it.
func TestAMessageThatWasNotSentIsNotDoneByALaterOneOfItsName(t *testing.T) {
	for name, later := range map[string]func(first string) fleet.Faults{
		"sent with the later one": func(string) fleet.Faults { return nil },
		"and not even then":       failingOf,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			h := s.received()
			s.check(s.fleet.Settle(s.ctx()))
			s.fleet.SetFaults(failing)
			h = s.acts(h, handler, "/assignments/a1/progress", bodies["progress"])
			s.fleet.SetFaults(later(h.code + "#" + strings.Trim(h.part, `"`) + `\"`))
			s.acts(h, handler, "/assignments/a1/progress", map[string]any{"text": "Đang thay nắp."})
			s.fleet.SetFaults(nil)
			s.check(s.fleet.Settle(s.ctx()))
			s.nothingWrong()
		})
	}
}

// failingOf fails the sending of one message, by its id as a request has it.
func failingOf(id string) fleet.Faults {
	return func(_ string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if fleet.Describe(r).Service != "sqs" || r.Body == nil {
			return next.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte(id)) {
			return nil, fleet.ErrInjected
		}
		return next.RoundTrip(r)
	}
}

// What cannot be sent is tried at growing distances, and not at each tick.
func TestWhatCannotBeSentIsTriedAtGrowingDistances(t *testing.T) {
	s := newScene(t)
	tries := map[string]int{}
	count := func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if fleet.Describe(r).Service != "sqs" || function == "" {
			return next.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var sent struct{ MessageBody string }
		s.check(json.Unmarshal(body, &sent))
		if id := r.Header.Get("Amz-Sdk-Invocation-Id"); strings.Contains(sent.MessageBody, `"report.submitted"`) {
			tries[id]++
		}
		return nil, fleet.ErrInjected
	}
	s.fleet.SetFaults(count)
	s.submitted()
	s.check(s.fleet.Sleep(s.ctx(), 2*time.Hour))
	// At once, then after 1, 1, 4, 16 and 64 minutes and so on.
	if n := len(tries); n < 4 || n > 7 {
		t.Errorf("in two hours it was tried %d times", n)
	}
	s.fleet.SetFaults(nil)
	s.check(s.fleet.Settle(s.ctx()))
	s.nothingWrong()
}
