package fleet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
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
	{screener, []string{"accept", "ask", "accept", "refuse"}},
	{screener, []string{"ask", "accept"}},
	{reporter, []string{"supplement", "withdraw"}},
	{router, []string{"transfer", "transfer", "answer"}},
	{router, []string{"transfer", "answer"}},
	{handler, []string{"receive", "progress", "return"}},
	{handler, []string{"receive", "return"}},
}

// history plays the clients on one report and writes down what each asked, what
// it was answered, and when.
func (s *scene) history(t *turns, code string, seed uint64, rounds int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	t.all(len(cast), func(client int) {
		random := rand.New(rand.NewPCG(seed, uint64(client)+100))
		var last saying
		var lastPart, twice string
		note := func(in demand, ask func() (saying, string)) {
			t.wait(client)
			began := t.now()
			out, part := ask()
			ended := t.now()
			if out.status == 200 && !ofPart[in.act] {
				last.etag = out.etag
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
			in := demand{act: cast[client].acts[random.IntN(len(cast[client].acts))], key: fmt.Sprintf("key-%d-%d", client, random.IntN(1<<30))}
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
			if twice != "" && random.IntN(4) == 0 {
				in.key = twice // of an act of the same kind: its repeat
			}
			twice = ""
			note(in, func() (saying, string) { return s.acting(client, code, in, match) })
		}
	})
	return all
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
func linear(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(oneReport, history, patience)
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
	outcomes := map[string]int{}
	for seed := range uint64(25) {
		code := s.submitted().code
		turns := newTurns(len(cast), seed)
		s.fleet.SetFaults(turns.hook)
		history := s.history(turns, code, seed, 4)
		s.fleet.SetFaults(nil)
		if got := linear(history); got != porcupine.Ok {
			t.Fatalf("seed %d: the answers have no order (%s):\n%s", seed, got, told(history))
		}
		for _, o := range history {
			outcomes[fmt.Sprint(o.Input.(demand).act, " ", o.Output.(saying).status, o.Output.(saying).code)]++
		}
	}
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
		code := s.submitted().code
		turns := newTurns(len(cast), seed)
		s.fleet.SetFaults(unconditional(turns.hook))
		history := s.history(turns, code, seed, 4)
		s.fleet.SetFaults(nil)
		if linear(history) == porcupine.Illegal {
			return
		}
	}
	t.Error("the check finds nothing in 25 histories of a store without the condition: it cannot fail")
}
