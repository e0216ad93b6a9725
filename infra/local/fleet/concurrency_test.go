package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// ask is one HTTP request of a client of the turns.
func (s *scene) ask(client int, method, path, who, match, key string, body any) fleet.Answer {
	headers := []string{"Authorization", "Bearer " + s.tokens[who], "Content-Type", "application/json"}
	if key != "" {
		headers = append(headers, "Idempotency-Key", key)
	}
	if match != "" {
		headers = append(headers, "If-Match", match)
	}
	var encoded []byte
	if body != nil {
		encoded, _ = json.Marshal(body) // maps of strings and numbers
	}
	return s.fleet.HTTP(as(s.ctx(), client), method, path, encoded, headers...)
}

// warm starts every sandbox that the clients use, with the settings read, so
// that nobody waits for another's reading in the midst of a turn.
func (s *scene) warm() {
	s.t.Helper()
	s.detail(screener, s.returned().code)
	s.check(s.fleet.Settle(s.ctx()))
	s.withdrawn()
}

// bodies are what the acts of the history send.
var bodies = map[string]map[string]any{
	"accept": {}, "withdraw": {}, "ask": {"text": "Ở phía nào của đường?"}, "supplement": {"text": "Ở phía bên phải của đường.", "uploads": []any{}},
	"refuse":   {"code": "9.1", "reason": "Không đủ thông tin."},
	"transfer": {"targets": []any{map[string]any{"agency": agency, "days": 3}}}, "answer": {"text": "Việc này đã được xử lý."},
	"progress": {"text": "Đã rào chắn."}, "return": {"code": "not_competent", "reason": "Không thuộc thẩm quyền."},
}

// doors are the last words of the acts' paths.
var doors = map[string]string{
	"accept": "acceptance", "refuse": "refusal", "ask": "supplement-request", "supplement": "supplement", "withdraw": "withdrawal",
	"transfer": "transfer", "answer": "answer", "receive": "receipt", "progress": "progress", "return": "return",
}

// cast says who the clients are and what each may do.
var cast = []struct {
	who  string
	acts []string
}{
	{screener, []string{"accept", "ask", "ask", "accept", "ask", "accept", "refuse"}},
	{screener, []string{"ask", "accept"}},
	{reporter, []string{"supplement", "supplement", "supplement", "supplement", "withdraw"}},
	{router, []string{"transfer", "transfer", "answer"}},
	{router, []string{"transfer"}},
	{handler, []string{"receive", "progress", "progress", "return"}},
	{handler, []string{"receive", "progress", "return"}},
}

// history plays the clients on one report and writes down what each asked, what
// it was answered, and when.
func (s *scene) history(t *turns, code string, seed uint64, rounds int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	t.all(len(cast), func(client int) {
		random := rand.New(rand.NewPCG(seed, uint64(client)+100))
		var last saying
		lastPart := ""
		note := func(in demand, ask func() (saying, string)) {
			t.wait(client)
			began := t.now()
			out, part := ask()
			ended := t.now()
			if out.status == http.StatusOK && !ofPart[in.act] {
				last = out
			}
			if part != "" {
				lastPart = part
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: began, Return: ended})
		}
		for range rounds {
			note(demand{act: "read"}, func() (saying, string) { return s.reading(client, code) })
			me := cast[client]
			in := demand{act: me.acts[random.IntN(len(me.acts))]}
			// Mostly what the report that was read would allow.
			for i := 0; i < 10 && !slices.Contains(ways[in.act].from, stateFor(in.act, last)) && random.IntN(6) > 0; i++ {
				in.act = me.acts[random.IntN(len(me.acts))]
			}
			// Few keys, so that an act comes twice: from one client, or from two of
			// one account at once.
			in.key = fmt.Sprintf("key-%d-%s-%s-%d", seed, me.who, in.act, random.IntN(3))
			match := fmt.Sprintf("%q", fmt.Sprint(last.etag))
			switch {
			case ofPart[in.act] && lastPart == "":
				match = `"1"` // there is no part yet, so that any will do
			case ofPart[in.act]:
				match = lastPart
			case in.act == "supplement" || in.act == "withdraw":
				match = ""
			}
			fmt.Sscanf(match, `"%d"`, &in.match)
			note(in, func() (saying, string) { return s.acting(client, code, in, match) })
		}
	})
	return all
}

// stateFor is the state that an act looks at.
func stateFor(act string, seen saying) string {
	if !ofPart[act] {
		return seen.report
	}
	first, _, _ := strings.Cut(seen.part, " ")
	return first
}

// reading reads the report, and says what the reader saw, with its part's ETag.
func (s *scene) reading(client int, code string) (saying, string) {
	a := s.ask(client, http.MethodGet, "/v1/reports/"+code, screener, "", "", nil)
	var d contract.Detail
	if err := json.Unmarshal(a.Body, &d); err != nil || a.Status != http.StatusOK {
		return saying{status: a.Status, code: string(a.Body)}, ""
	}
	out, part := shown(a, d.Report)
	out.count = len(d.History)
	return out, part
}

func shown(a fleet.Answer, r contract.Report) (saying, string) {
	out := saying{status: a.Status, report: r.State}
	fmt.Sscanf(a.Header.Get("ETag"), `"%d"`, &out.etag)
	var states []string
	part := ""
	for i, p := range r.Assignments {
		if i == 0 {
			part = p.ETag
		}
		states = append(states, p.State)
	}
	out.part = strings.Join(states, " ")
	return out, part
}

func (s *scene) acting(client int, code string, in demand, match string) (saying, string) {
	path := "/v1/reports/" + code
	if ofPart[in.act] {
		path = part(code)
	}
	var body any
	if b, ok := bodies[in.act]; ok {
		body = b
	}
	a := s.ask(client, http.MethodPost, path+"/"+doors[in.act], cast[client].who, match, in.key, body)
	if a.Status != http.StatusOK {
		var p api.Problem
		_ = json.Unmarshal(a.Body, &p) // an answer that is no problem has no code
		return saying{status: a.Status, code: p.Code}, ""
	}
	var acted contract.Acted
	if err := json.Unmarshal(a.Body, &acted); err != nil {
		return saying{status: a.Status, code: err.Error()}, ""
	}
	out, part := shown(a, acted.Report)
	out.event = acted.Act.Event
	return out, part
}

const patience = 20 * time.Second // for the search of an order

// linear tells whether the operations of the clients are as if one had come
// after another.
func linear(from shape, history []porcupine.Operation) porcupine.CheckResult {
	model := oneReport
	model.Init = func() any { return from }
	return porcupine.CheckOperationsTimeout(model, history, patience)
}

// begun is a report for one history, in one of the states that reports are in,
// and its shape.
func (s *scene) begun(seed uint64) (string, shape) {
	s.t.Helper()
	h := []func() handled{s.submitted, s.accepted, s.received}[seed%3]()
	d := s.detail(screener, h.code)
	from := shape{state: d.State, events: len(d.History)}
	fmt.Sscanf(d.ETag, `"%d"`, &from.touched)
	if len(d.Assignments) > 0 {
		from.first = d.Assignments[0].State
		fmt.Sscanf(d.Assignments[0].ETag, `"%d"`, &from.seen)
	}
	return h.code, from
}

func told(history []porcupine.Operation) string {
	var b strings.Builder
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	for _, o := range history {
		fmt.Fprintf(&b, "%4d–%4d client %d: %+v → %+v\n", o.Call, o.Return, o.ClientId, o.Input, o.Output)
	}
	return b.String()
}

func TestManyClientsOfOneReportAreAnsweredAsIfOneCameAfterAnother(t *testing.T) {
	s := newScene(t)
	s.warm()
	outcomes, w := map[string]int{}, s.watch()
	for seed := range uint64(25) {
		code, from := s.begun(seed)
		turns := newTurns(len(cast), seed)
		s.fleet.SetFaults(w.hook(turns.hook))
		history := s.history(turns, code, seed, 6)
		s.fleet.SetFaults(w.hook(passed))
		if got := linear(from, history); got != porcupine.Ok {
			t.Fatalf("seed %d: the answers have no order (%s):\n%s", seed, got, told(history))
		}
		for _, o := range history {
			outcomes[fmt.Sprint(o.Input.(demand).act, " ", o.Output.(saying).status, o.Output.(saying).code)]++
		}
	}
	s.sound(w)
	t.Log(outcomes)
	for _, want := range []string{"accept 200", "accept 412stale", "ask 200", "supplement 200", "withdraw 200", "refuse 200", "transfer 200",
		"transfer 409wrong_state", "receive 200", "progress 200", "return 200", "answer 200"} {
		if outcomes[want] == 0 {
			t.Errorf("in no history there is %q: they show too little", want)
		}
	}
}

// unconditional takes the condition off every write of a report's state, as if
// the adapter had none.
func unconditional(next func(string, *http.Request, http.RoundTripper) (*http.Response, error)) fleet.Faults {
	return func(function string, r *http.Request, way http.RoundTripper) (*http.Response, error) {
		if fleet.Describe(r).Operation != "PutItem" {
			return next(function, r, way)
		}
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var in map[string]any
		if err := json.Unmarshal(data, &in); err != nil {
			return nil, err
		}
		if condition, _ := in["ConditionExpression"].(string); condition == "v = :v" {
			for _, name := range []string{"ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure"} {
				delete(in, name)
			}
			if data, err = json.Marshal(in); err != nil {
				return nil, err
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
		return next(function, r, way)
	}
}

func TestWithoutTheVersionConditionTheAnswersHaveNoOrder(t *testing.T) {
	s := newScene(t)
	s.warm()
	for seed := range uint64(25) {
		code, from := s.begun(seed)
		turns := newTurns(len(cast), seed)
		s.fleet.SetFaults(unconditional(turns.hook))
		history := s.history(turns, code, seed, 6)
		s.fleet.SetFaults(nil)
		if linear(from, history) == porcupine.Illegal {
			return
		}
	}
	t.Error("the check finds nothing in 25 histories of a store without the condition: it cannot fail")
}

// equal sends one request from ten clients at once, and lets the system come to
// rest.
func (s *scene) equal(seed uint64, path, who, match string, body any) []fleet.Answer {
	s.t.Helper()
	const clients = 10
	answers, key, w := make([]fleet.Answer, clients), api.Key(), s.watch()
	runs := make([]func(ctx context.Context), clients)
	for i := range runs {
		runs[i] = func(context.Context) { answers[i] = s.ask(i, http.MethodPost, path, who, match, key, body) }
	}
	s.together(w, seed, runs...)
	s.sound(w)
	return answers
}

// same tells what all answers say: their status, their act and their ETag.
func (s *scene) same(answers []fleet.Answer, want int) contract.Acted {
	s.t.Helper()
	var first contract.Acted
	for i, a := range answers {
		var acted contract.Acted
		if err := json.Unmarshal(a.Body, &acted); err != nil || a.Status != want {
			s.t.Fatalf("the answer of client %d is %d: %s", i, a.Status, a.Body)
		}
		if i == 0 {
			first = acted
		}
		if !reflect.DeepEqual(acted, first) || a.Header.Get("ETag") != answers[0].Header.Get("ETag") || a.Header.Get("Location") != answers[0].Header.Get("Location") {
			s.t.Fatalf("client %d was answered %s, client 0 %s", i, a.Body, answers[0].Body)
		}
	}
	return first
}

// events counts the events of a report, older ones and the newest, by type, from
// what is stored.
func (s *scene) events(code string) map[string]int {
	s.t.Helper()
	items, err := s.fleet.Items("R#" + code)
	s.check(err)
	counted := map[string]int{}
	for _, i := range items {
		var d struct {
			N      int    `json:"n"`
			Type   string `json:"type"`
			Newest struct {
				N    int    `json:"n"`
				Type string `json:"type"`
			} `json:"newest"`
		}
		if i.Text("d") == "" {
			continue // a row of an index
		}
		s.check(i.Document(&d))
		if i.Text("sk") == "s" {
			d.N, d.Type = d.Newest.N, d.Newest.Type
		}
		counted[d.Type]++
	}
	return counted
}

func TestTenEqualSubmissionsAtOnceMakeOneReportAndTenEqualAnswers(t *testing.T) {
	s := newScene(t)
	s.warm()
	for seed := range uint64(4) {
		before := count(t, s.fleet)
		made := s.same(s.equal(seed, "/v1/reports", reporter, "", s.submission()), http.StatusCreated)
		if now := count(t, s.fleet); now != before+1 {
			t.Fatalf("seed %d: %d reports were stored", seed, now-before)
		}
		if made.Act.Event != 1 || made.Report.State != "submitted" {
			t.Errorf("seed %d: the answer is %+v", seed, made.Act)
		}
	}
	s.check(s.fleet.Settle(s.ctx()))
}

func TestTenEqualActsAtOnceMakeOneEventAndTenEqualAnswers(t *testing.T) {
	s := newScene(t)
	s.warm()
	for name, row := range map[string]struct {
		on   func() handled
		who  string
		door string
		body map[string]any
		kind string
	}{
		"an acceptance":   {s.submitted, screener, "/acceptance", map[string]any{}, "report.accepted"},
		"a refusal":       {s.submitted, screener, "/refusal", bodies["refuse"], "report.refused"},
		"a transfer":      {s.accepted, router, "/transfer", bodies["transfer"], "report.transferred"},
		"a withdrawal":    {s.submitted, reporter, "/withdrawal", map[string]any{}, "report.withdrawn"},
		"a return":        {s.received, handler, "/assignments/a1/return", bodies["return"], "assignment.returned"},
		"word of a step":  {s.received, handler, "/assignments/a1/progress", bodies["progress"], "assignment.progress"},
		"a confirmation":  {s.transferred, handler, "/assignments/a1/receipt", nil, "assignment.received"},
		"an asking":       {s.submitted, screener, "/supplement-request", bodies["ask"], "supplement.asked"},
		"a supplementing": {s.asked, reporter, "/supplement", bodies["supplement"], "report.supplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(t)
			for seed := range uint64(2) {
				h := row.on()
				match := h.etag
				switch {
				case row.who == reporter:
					match = ""
				case strings.Contains(row.door, "/assignments/"):
					match = h.part
				}
				var body any
				if row.body != nil {
					body = row.body
				}
				acted := s.same(s.equal(seed, "/v1/reports/"+h.code+row.door, row.who, match, body), http.StatusOK)
				if n := s.events(h.code)[row.kind]; n != 1 || acted.Act.Type != row.kind {
					t.Errorf("seed %d: the act is %s, and %d such events are stored", seed, acted.Act.Type, n)
				}
			}
		})
		s.on(t)
	}
	s.check(s.fleet.Settle(s.ctx()))
}
