package mapping_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"paht/infra/emulator/sqs"
	"paht/infra/emulator/storage"
	"paht/infra/local/mapping"
	"paht/infra/local/runtimeapi"
)

// clock is moved by the tests; visibility timeouts go by it.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time { return time.UnixMilli(c.now.Load()) }

type ground struct {
	t      *testing.T
	clock  *clock
	queues *sqs.Service
}

// prepare makes the queues "work", with a visibility timeout of 30 seconds and
// five tries, and "dead".
func prepare(t *testing.T) *ground {
	t.Helper()
	c := &clock{}
	c.now.Store(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).UnixMilli())
	store := storage.OpenMemory()
	t.Cleanup(func() { store.Close() })
	queues, err := sqs.New(store, sqs.Options{Now: c.Now, Account: "000000000000", Region: "ap-southeast-1"})
	if err != nil {
		t.Fatal(err)
	}
	g := &ground{t, c, queues}
	for _, q := range []struct {
		name       string
		attributes map[string]string
	}{
		{"dead", nil},
		{"work", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": `{"deadLetterTargetArn":"` + queues.ARN("dead") + `","maxReceiveCount":5}`}},
	} {
		if err := queues.Create(q.name, q.attributes); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func (g *ground) send(bodies ...string) {
	g.t.Helper()
	for _, b := range bodies {
		if _, err := g.queues.Send("work", sqs.Outgoing{Body: b}); err != nil {
			g.t.Fatal(err)
		}
	}
}

func (g *ground) advance(d time.Duration) {
	g.clock.now.Add(d.Milliseconds())
	g.queues.Wake()
}

func (g *ground) counts(queue string) sqs.Counts {
	g.t.Helper()
	c, err := g.queues.Counts(queue)
	if err != nil {
		g.t.Fatal(err)
	}
	return c
}

func (g *ground) eventually(what string, holds func() bool) {
	g.t.Helper()
	for range 500 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	g.t.Fatalf("it never became true that %s", what)
}

// invoker answers each batch as a test says.
type invoker func(events.SQSEvent) (runtimeapi.Result, error)

func (i invoker) invoke(_ context.Context, _ string, payload []byte) (runtimeapi.Result, error) {
	var e events.SQSEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return runtimeapi.Result{}, err
	}
	return i(e)
}

func (g *ground) start(m mapping.Mapping, i invoker) {
	g.t.Helper()
	m.Queue, m.Function = "work", "f"
	p, err := mapping.Start(context.Background(), mapping.Options{Queues: g.queues, Invoke: i.invoke, Region: "ap-southeast-1"}, []mapping.Mapping{m})
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { p.Stop(5 * time.Second) })
}

func answer(payload string) (runtimeapi.Result, error) {
	return runtimeapi.Result{Payload: []byte(payload)}, nil
}

func TestWhatAnAnswerLeavesInTheQueue(t *testing.T) {
	failed := func(e events.SQSEvent, bodies ...string) (runtimeapi.Result, error) {
		var items []string
		for _, r := range e.Records {
			for _, b := range bodies {
				if r.Body == b {
					items = append(items, fmt.Sprintf(`{"itemIdentifier":%q}`, r.MessageId))
				}
			}
		}
		return answer(`{"batchItemFailures":[` + strings.Join(items, ",") + `]}`)
	}
	fixed := func(payload string) invoker {
		return func(events.SQSEvent) (runtimeapi.Result, error) { return answer(payload) }
	}
	rows := []struct {
		name    string
		partial bool
		invoke  invoker
		left    int
	}{
		{"without partial failures any success is a whole success", false, fixed(`{"batchItemFailures":[{"itemIdentifier":"?"}]}`), 0},
		{"a failure leaves everything", false, func(events.SQSEvent) (runtimeapi.Result, error) {
			return runtimeapi.Result{Payload: []byte(`{}`), FunctionError: "Unhandled"}, nil
		}, 3},
		{"a function that was not run leaves everything", true, func(events.SQSEvent) (runtimeapi.Result, error) {
			return runtimeapi.Result{}, errors.New("no such function")
		}, 3},
		{"an empty list leaves nothing", true, fixed(`{"batchItemFailures":[]}`), 0},
		{"a null list leaves nothing", true, fixed(`{"batchItemFailures":null}`), 0},
		{"an empty answer leaves nothing", true, fixed(`{}`), 0},
		{"a null answer leaves nothing", true, fixed(`null`), 0},
		{"the messages named are left", true, func(e events.SQSEvent) (runtimeapi.Result, error) { return failed(e, "b", "c") }, 2},
		{"an unknown message leaves everything", true, fixed(`{"batchItemFailures":[{"itemIdentifier":"other"}]}`), 3},
		{"an empty name leaves everything", true, fixed(`{"batchItemFailures":[{"itemIdentifier":""}]}`), 3},
		{"a null name leaves everything", true, fixed(`{"batchItemFailures":[{"itemIdentifier":null}]}`), 3},
		{"another key leaves everything", true, fixed(`{"batchItemFailures":[{"id":"x"}]}`), 3},
		{"an answer that is no object leaves everything", true, fixed(`"done"`), 3},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			g := prepare(t)
			g.send("a", "b", "c")
			var seen atomic.Int32
			g.start(mapping.Mapping{PartialFailures: r.partial}, func(e events.SQSEvent) (runtimeapi.Result, error) {
				defer seen.Add(int32(len(e.Records)))
				return r.invoke(e)
			})
			g.eventually("all three were tried and what is left stands in flight", func() bool {
				c := g.counts("work")
				return seen.Load() == 3 && c.Visible == 0 && c.InFlight == r.left
			})
		})
	}
}

func TestAMessageThatAlwaysFailsIsADeadLetterAfterFiveTries(t *testing.T) {
	g := prepare(t)
	g.send("poison")
	var tries atomic.Int32
	g.start(mapping.Mapping{PartialFailures: true}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		tries.Add(1)
		return answer(fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, e.Records[0].MessageId))
	})
	for n := range int32(5) {
		g.eventually(fmt.Sprintf("try %d was made", n+1), func() bool { return tries.Load() == n+1 })
		g.advance(31 * time.Second)
	}
	g.eventually("it is a dead letter", func() bool { return g.counts("dead").Visible == 1 })
	if tries.Load() != 5 || g.counts("work") != (sqs.Counts{}) {
		t.Errorf("%d tries, %+v left", tries.Load(), g.counts("work"))
	}
}

func TestBatchesKeepTheirSize(t *testing.T) {
	g := prepare(t)
	for i := range 25 {
		g.send(fmt.Sprint(i))
	}
	var largest, total atomic.Int32
	g.start(mapping.Mapping{BatchSize: 4, Concurrency: 1}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		largest.Store(max(largest.Load(), int32(len(e.Records))))
		total.Add(int32(len(e.Records)))
		return answer(`{}`)
	})
	g.eventually("all came", func() bool { return total.Load() == 25 })
	if largest.Load() != 4 {
		t.Errorf("the largest batch had %d messages, want 4", largest.Load())
	}
}

func TestAWindowGathersMoreThanOneReceive(t *testing.T) {
	g := prepare(t)
	for i := range 25 {
		g.send(fmt.Sprint(i))
	}
	sizes := make(chan int, 25)
	g.start(mapping.Mapping{BatchSize: 25, Window: 5 * time.Second}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		sizes <- len(e.Records)
		return answer(`{}`)
	})
	if n := <-sizes; n != 25 {
		t.Errorf("the batch had %d messages, want all 25", n)
	}
}

func TestAWindowEnds(t *testing.T) {
	g := prepare(t)
	g.send("alone")
	sizes := make(chan int, 1)
	g.start(mapping.Mapping{BatchSize: 100, Window: time.Second}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		sizes <- len(e.Records)
		return answer(`{}`)
	})
	if n := <-sizes; n != 1 {
		t.Errorf("the batch had %d messages, want 1", n)
	}
}

func TestNoMoreRunAtOnceThanTheConcurrency(t *testing.T) {
	g := prepare(t)
	for i := range 12 {
		g.send(fmt.Sprint(i))
	}
	var running, most, done atomic.Int32
	g.start(mapping.Mapping{BatchSize: 1, Concurrency: 3}, func(events.SQSEvent) (runtimeapi.Result, error) {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(5 * time.Millisecond)
		running.Add(-1)
		done.Add(1)
		return answer(`{}`)
	})
	g.eventually("all are done", func() bool { return done.Load() == 12 })
	if most.Load() > 3 {
		t.Errorf("%d ran at once, want 3 at most", most.Load())
	}
}

func TestAThrottledFunctionIsTriedAgainWithoutANewReceive(t *testing.T) {
	g := prepare(t)
	g.send("a")
	var tries atomic.Int32
	g.start(mapping.Mapping{}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		if tries.Add(1) < 3 {
			return runtimeapi.Result{}, runtimeapi.ErrThrottled
		}
		if e.Records[0].Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("it was received %s times, want once", e.Records[0].Attributes["ApproximateReceiveCount"])
		}
		return answer(`{}`)
	})
	g.eventually("it is done", func() bool { return tries.Load() == 3 && g.counts("work") == sqs.Counts{} })
}

func TestTheEventHasTheShapeOfLambda(t *testing.T) {
	g := prepare(t)
	kind := "report.submitted"
	if _, err := g.queues.Send("work", sqs.Outgoing{Body: "đường", Attributes: map[string]sqs.Attribute{"type": {DataType: "String", StringValue: &kind}}}); err != nil {
		t.Fatal(err)
	}
	got := make(chan events.SQSMessage, 1)
	g.start(mapping.Mapping{}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		got <- e.Records[0]
		return answer(`{}`)
	})
	m := <-got
	if m.EventSource != "aws:sqs" || m.EventSourceARN != "arn:aws:sqs:ap-southeast-1:000000000000:work" || m.AWSRegion != "ap-southeast-1" || m.Body != "đường" || m.MessageId == "" || m.ReceiptHandle == "" || len(m.Md5OfBody) != 32 {
		t.Errorf("got %+v", m)
	}
	if m.Attributes["SentTimestamp"] == "" || m.Attributes["ApproximateReceiveCount"] != "1" || m.MessageAttributes["type"].StringValue == nil || *m.MessageAttributes["type"].StringValue != kind {
		t.Errorf("got attributes %v and %v", m.Attributes, m.MessageAttributes)
	}
}

func TestALargeBatchComesInSeveralEvents(t *testing.T) {
	g := prepare(t)
	for range 10 {
		g.send(strings.Repeat("x", 900<<10))
	}
	var mu sync.Mutex
	var sizes []int
	total := 0
	g.start(mapping.Mapping{}, func(e events.SQSEvent) (runtimeapi.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		sizes = append(sizes, len(e.Records))
		total += len(e.Records)
		return answer(`{}`)
	})
	g.eventually("all are done", func() bool { mu.Lock(); defer mu.Unlock(); return total == 10 && g.counts("work") == sqs.Counts{} })
	if len(sizes) < 2 {
		t.Errorf("nine megabytes came in %d event", len(sizes))
	}
}

func TestMappingsThatCannotBeAreRefused(t *testing.T) {
	g := prepare(t)
	rows := []struct {
		name, want string
		mapping    mapping.Mapping
	}{
		{"a batch of many without a window", "needs a batching window", mapping.Mapping{Queue: "work", BatchSize: 11}},
		{"a batch beyond the limit", "is not between 1 and 10000", mapping.Mapping{Queue: "work", BatchSize: 10001}},
		{"a window beyond the limit", "is not between 0 and 300 seconds", mapping.Mapping{Queue: "work", Window: 301 * time.Second}},
		{"a concurrency beyond the limit", "is not between 1 and 1000", mapping.Mapping{Queue: "work", Concurrency: 1001}},
		{"a queue that is not there", "mapping queue none to function f: ", mapping.Mapping{Queue: "none"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			r.mapping.Function = "f"
			_, err := mapping.Start(context.Background(), mapping.Options{Queues: g.queues}, []mapping.Mapping{r.mapping})
			if err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("got %v, want %q", err, r.want)
			}
		})
	}
}
