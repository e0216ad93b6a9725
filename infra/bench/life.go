package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"paht/infra/demo/story"
	"paht/infra/emulator"
	"paht/infra/local/fleet"
)

// tally counts what one act costs.
type tally struct {
	table, index, reads float64            // DynamoDB units
	calls               map[string]int     // the functions' calls by service
	requests            int                // of the HTTP API
	messages            int                // sent to queues
	puts, gets          int                // of the bucket, the browsers' among them
	kinds               map[string]float64 // write units, those of indexes too, by the kind of item
}

func (a *tally) add(b tally) {
	a.table, a.index, a.reads = a.table+b.table, a.index+b.index, a.reads+b.reads
	a.requests, a.messages, a.puts, a.gets = a.requests+b.requests, a.messages+b.messages, a.puts+b.puts, a.gets+b.gets
	if a.calls == nil {
		a.calls = map[string]int{}
	}
	for service, n := range b.calls {
		a.calls[service] += n
	}
	if a.kinds == nil {
		a.kinds = map[string]float64{}
	}
	for kind, units := range b.kinds {
		a.kinds[kind] += units
	}
}

func (a *tally) all() int {
	n := 0
	for _, calls := range a.calls {
		n += calls
	}
	return n
}

// meter counts while acts are played.
type meter struct {
	mu    sync.Mutex
	now   tally
	fleet *fleet.Fleet
}

func (m *meter) observe(c emulator.Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case c.Service == "dynamodb":
		m.now.table += c.WriteUnits
		m.now.reads += c.ReadUnits
		if c.WriteUnits > 0 {
			m.kind(c, c.WriteUnits)
		}
		for _, units := range c.IndexUnits {
			if c.WriteUnits > 0 {
				m.now.index += units
				m.kind(c, units)
			} else {
				m.now.reads += units
			}
		}
	case c.Service == "sqs" && strings.HasPrefix(c.Operation, "SendMessage"):
		m.now.messages += max(1, len(c.Resources))
	}
}

// kind books write units on the kind of item: the first word of its partition key,
// and the sort key of a report's items.
func (m *meter) kind(c emulator.Call, units float64) {
	if m.now.kinds == nil {
		m.now.kinds = map[string]float64{}
	}
	name := "other"
	if len(c.Keys) > 0 {
		name, _, _ = strings.Cut(c.Keys[0].Partition, "#")
		if sort, _, _ := strings.Cut(c.Keys[0].Sort, "#"); len(sort) <= 2 && sort != "" {
			name += "/" + strings.TrimRight(sort, "0123456789")
		}
	}
	m.now.kinds[name] += units
}

// counted is the client's way, which counts requests of the API and files.
type counted struct {
	meter *meter
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.meter.mu.Lock()
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1/"):
		c.meter.now.requests++
	case r.Method == http.MethodPost:
		c.meter.now.puts++
	case !strings.HasPrefix(r.URL.Path, "/local/"): // the outbox stands for a mailbox
		c.meter.now.gets++
	}
	c.meter.mu.Unlock()
	return c.next.RoundTrip(r)
}

// take gives what was counted since the last time.
func (m *meter) take() tally {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.now
	m.now = tally{}
	t.calls = map[string]int{}
	for _, c := range m.fleet.Calls() {
		t.calls[c.Service]++
		if c.Service == "s3" {
			if c.Operation == "PutObject" || c.Operation == "PutObjectRetention" || c.Operation == "CopyObject" {
				t.puts++
			} else {
				t.gets++
			}
		}
	}
	m.fleet.ForgetCalls()
	return t
}

// act is one step of a report's life with what it cost.
type act struct {
	name string
	tally
}

// newLife sets a province up and gives the story at its first step, counted.
func newLife(t testing.TB) (*meter, *story.Stage) {
	t.Helper()
	m := &meter{}
	m.fleet = fleet.New(t, fleet.Options{Observe: m.observe})
	if err := m.fleet.SetUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := m.fleet.Client()
	client.HTTP = &http.Client{Transport: counted{m, client.HTTP.Transport}}
	s, err := story.Begin(story.Options{Client: client, Photos: fleet.Photos(), Out: discard{}})
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// The life of a report begins when its reporter is known and ends when it is rated;
// what the story tries beyond that must be refused, which is not a report's life.
const (
	firstAct = "three camera photos are announced, each gets its slot and form"
	lastAct  = "the reporter finds it all in the own list and the inbox"
)

// Life plays one report's life and gives what each act cost, all that follows from
// it carried out.
func Life(ctx context.Context, m *meter, s *story.Stage) ([]act, error) {
	for s.Next() != firstAct {
		if s.Next() == "" {
			return nil, fmt.Errorf("playing a report's life: the story has no step %q", firstAct)
		}
		if err := s.Step(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.LogIn(ctx); err != nil {
		return nil, err
	}
	if err := m.fleet.Settle(ctx); err != nil {
		return nil, err
	}
	m.take()
	var acts []act
	for {
		name := s.Next()
		if name == "" {
			return nil, fmt.Errorf("playing a report's life: the story has no step %q", lastAct)
		}
		if err := s.Step(ctx); err != nil {
			return nil, err
		}
		if err := m.fleet.Pump(ctx); err != nil {
			return nil, err
		}
		acts = append(acts, act{name, m.take()})
		if name == lastAct {
			break
		}
	}
	if err := m.fleet.Settle(ctx); err != nil {
		return nil, err
	}
	return append(acts, act{"what the sweep carries out afterwards", m.take()}), nil
}

// prices are the list prices, and what is assumed where nothing can be counted.
type prices struct {
	Prices map[string]struct {
		USD       float64 `json:"usd"`
		Confirmed bool    `json:"confirmed"`
	} `json:"prices"`
	Assumed map[string]float64 `json:"assumed"`
}

func loadPrices(path string) (prices, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return prices{}, fmt.Errorf("reading the prices: %w", err)
	}
	var p prices
	if err := json.Unmarshal(content, &p); err != nil {
		return prices{}, fmt.Errorf("reading the prices: %w", err)
	}
	return p, nil
}

// million is how many reports the cost is given for.
const million = 1e6

// Cost adds what a million lives cost, without e-mail, a line a service.
func Cost(f *Figures, p prices, life tally) error {
	// A message is sent, received and deleted; received alone in the worst case.
	invocations := float64(life.requests + life.messages)
	billed := p.Assumed["milliseconds_an_invocation"]*invocations + p.Assumed["milliseconds_a_call"]*float64(life.all())
	const memory = 0.25 // GB: what most functions have
	assumed := fmt.Sprintf("assumed: %g ms a call on AWS, %g ms an invocation, 256 MB", p.Assumed["milliseconds_a_call"], p.Assumed["milliseconds_an_invocation"])
	total, unconfirmed := 0.0, []string{}
	for _, line := range []struct {
		name, price string
		count       float64
		note        string
	}{
		{"writes", "dynamodb.write_unit", life.table + life.index, ""},
		{"reads", "dynamodb.read_unit", life.reads, ""},
		{"API", "api.request", float64(life.requests), ""},
		{"queues", "sqs.request", 3 * float64(life.messages), "each message sent, received and deleted alone"},
		{"invocations", "lambda.request", invocations, ""},
		{"compute", "lambda.gb_second", billed / 1000 * memory, assumed},
		{"files-written", "s3.put", float64(life.puts), ""},
		{"files-read", "s3.get", float64(life.gets), ""},
		{"logs", "logs.gb", invocations * p.Assumed["log_bytes_an_invocation"] / 1e9, fmt.Sprintf("assumed: %g bytes an invocation", p.Assumed["log_bytes_an_invocation"])},
	} {
		price, known := p.Prices[line.price]
		if !known {
			return fmt.Errorf("reckoning the cost: there is no price %s", line.price)
		}
		cost := million * line.count * price.USD
		note := fmt.Sprintf("%.4g a report at USD %g. %s", line.count, price.USD, line.note)
		if !price.Confirmed {
			note += " UNCONFIRMED PRICE"
			unconfirmed = append(unconfirmed, line.price)
		}
		total += cost
		f.Add("cost "+line.name, cost, "USD a million", 0, note)
	}
	f.Add("cost all", total, "USD a million", 200, "unconfirmed: "+strings.Join(unconfirmed, ", "))
	return nil
}
