package fleet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/story"
	"paht/infra/emulator/sqs"
	"paht/infra/local/fleet"
)

func TestMain(m *testing.M) { os.Exit(fleet.Main(m)) }

func TestTheWholeStoryPlaysInProcess(t *testing.T) {
	f := fleet.New(t, fleet.Options{})
	if err := f.SetUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.ForgetCalls()
	var out bytes.Buffer
	if err := story.Play(t.Context(), story.Options{Client: f.Client(), Photos: fleet.Photos(), Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if err := f.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts := f.Counts()
	t.Logf("external calls: %v", counts)
	for _, service := range []string{"dynamodb", "sqs", "s3", "ses", "ssm"} {
		if counts[service] == 0 {
			t.Errorf("the story makes no call on %s", service)
		}
	}
	if len(f.Notices()) != 0 {
		t.Errorf("invocations failed: %v", f.Notices())
	}
	for name, statements := range f.Unused() {
		for _, s := range statements {
			t.Logf("no call of the story needs %s: %v on %v", name, s.Actions, s.Resources)
		}
	}
}

func TestEveryFunctionAndRouteOfTheTemplateIsHere(t *testing.T) {
	f := fleet.New(t, fleet.Options{})
	for _, fn := range f.Template().Functions {
		for _, r := range fn.Routes {
			a := f.HTTP(t.Context(), r.Method, strings.NewReplacer("{", "", "}", "").Replace(r.Path), []byte("{}"))
			var p struct{ Code string }
			_ = json.Unmarshal(a.Body, &p) // an answer may have no body
			if a.Status == http.StatusInternalServerError || p.Code == "no_such_operation" || p.Code == "internal" || a.Header.Get("X-Request-Id") == "" {
				t.Errorf("%s %s of %s answered %d: %s", r.Method, r.Path, fn.LogicalID, a.Status, a.Body)
			}
		}
		for _, e := range fn.QueueEvents {
			if _, err := f.AWS().Queues().Send(e.QueueARN, sqs.Outgoing{Body: "not a message"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Pump(t.Context()); err != nil {
		t.Fatal(err)
	}
	var parked []string
	items, err := f.Items("PARK#")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		parked = append(parked, strings.TrimPrefix(i.Text("pk"), "PARK#"))
	}
	if want := []string{"media", "notify", "publish", "route", "screen", "sla"}; !slices.Equal(parked, want) {
		t.Errorf("parked a message that cannot be decoded have %v, not %v", parked, want)
	}
	if starts := f.Starts(); len(starts) != len(f.Template().Functions) {
		t.Errorf("of %d functions %d were started: %v", len(f.Template().Functions), len(starts), starts)
	}
}

func TestTheClockTicksAtTheRateOfTheTemplate(t *testing.T) {
	f := fleet.New(t, fleet.Options{})
	if len(f.Template().Schedules) != 1 || f.Template().Schedules[0].Expression != "rate(1 minute)" {
		t.Fatalf("the template's schedules are %+v", f.Template().Schedules)
	}
	var ticks int
	f.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if function == "sla" && fleet.Describe(r).Service == "ssm" {
			ticks++
		}
		return next.RoundTrip(r)
	})
	for range 5 {
		f.Restart("sla") // each tick is a cold start, which reads the secret once
		if err := f.Sleep(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if ticks != 5 {
		t.Errorf("five minutes had %d ticks", ticks)
	}
}

// count gives how many reports are stored.
func count(t *testing.T, f *fleet.Fleet) int {
	t.Helper()
	items, err := f.Items("R#")
	if err != nil {
		t.Fatal(err)
	}
	return len(slices.DeleteFunc(items, func(i fleet.Item) bool { return i.Text("sk") != "s" }))
}

func TestASubmissionSurvivesEachFaultAtEachOfItsCalls(t *testing.T) {
	s := newScene(t)
	s.submitted() // the first is a cold start
	reports := count(t, s.fleet)
	s.fleet.ForgetCalls()
	s.submitted()
	calls := 0
	for _, c := range s.fleet.Calls() {
		if c.Function == "submit" {
			calls++
		}
	}
	s.check(s.fleet.Settle(t.Context()))
	reports++
	for _, kind := range append(slices.Clone(fleet.Kinds), fleet.Killed) {
		for n := 1; n <= calls; n++ {
			starts := s.fleet.Starts()["submit"]
			fault := &fleet.Nth{N: n, Kind: kind, Function: "submit"}
			s.fleet.SetFaults(fault.Faults)
			call := api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: s.tokens[reporter], Key: api.Key(), Body: s.submission()}
			first, err := s.client.Do(t.Context(), call)
			s.check(err)
			crashed := kind == fleet.Crashed || kind == fleet.Killed
			if fault.Hit.Function != "submit" || crashed != (first.Status == http.StatusInternalServerError) {
				t.Errorf("%s at call %d (%v) was answered %d", kind, n, fault.Hit, first.Status)
			}
			call.Want = http.StatusCreated
			s.acted(s.do(http.StatusCreated, call))
			if now := s.fleet.Starts()["submit"]; crashed != (now == starts+1) {
				t.Errorf("%s at call %d: %d sandboxes were started", kind, n, now-starts)
			}
			reports++
		}
	}
	s.fleet.SetFaults(nil)
	s.check(s.fleet.Settle(t.Context()))
	if stored := count(t, s.fleet); stored != reports {
		t.Errorf("%d reports are stored, not %d", stored, reports)
	}
}

func TestTheSameSeedDeliversInTheSameOrder(t *testing.T) {
	order := func(seed uint64) string {
		var seen []string
		f := fleet.New(t, fleet.Options{Seed: seed, Delivery: func(queue, body string) fleet.Delivery {
			seen = append(seen, queue+body)
			return fleet.Delivery{}
		}})
		for i := range 4 {
			for _, q := range f.Template().Queues {
				if q.DeadLetterARN == "" {
					continue
				}
				if _, err := f.AWS().Queues().Send(q.ARN, sqs.Outgoing{Body: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := f.Pump(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.Join(seen, " ")
	}
	first, again := order(7), order(7)
	if first != again {
		t.Error("one seed has two orders")
	}
	different := map[string]bool{}
	for seed := range uint64(3) {
		different[order(seed)] = true
	}
	if len(different) < 2 {
		t.Error("three seeds have one order")
	}
}

func TestANotificationThatIsLostOrDoubledChangesNothing(t *testing.T) {
	for name, copies := range map[string]int{"lost": 0, "doubled": 2} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.fleet.SetCopies(func(string) int { return copies })
			code := s.submitUnchecked(fleet.JPEG(20, 20))
			s.check(s.fleet.Settle(t.Context()))
			if d := s.detail(screener, code); d.Media[0].State != "accepted" {
				t.Errorf("the file is shown as %+v", d.Media)
			}
			clean, err := s.fleet.Objects(t.Context(), "clean/")
			s.check(err)
			if len(clean) != 1 {
				t.Errorf("the clean copies are %v", clean)
			}
		})
	}
}

// once gives each message about a report a delivery at its first time.
func once(d fleet.Delivery) func(queue, body string) fleet.Delivery {
	seen := map[string]bool{}
	return func(queue, body string) fleet.Delivery {
		if !strings.Contains(body, `"report"`) || seen[queue+body] {
			return fleet.Delivery{}
		}
		seen[queue+body] = true
		return d
	}
}

func TestWhateverTheServicesMayDoTheEndIsTheSame(t *testing.T) {
	late := func(string, string) time.Duration { return 100 * time.Second }
	apart := func(function string) time.Duration {
		if function == "notify" || function == "route" {
			return -15 * time.Second
		}
		return 15 * time.Second
	}
	for name, o := range map[string]fleet.Options{
		"nothing":                {},
		"messages are doubled":   {Delivery: once(fleet.Delivery{Extra: 2})},
		"messages are late":      {Delivery: once(fleet.Delivery{Delay: 3 * time.Hour})},
		"messages are both":      {Delivery: once(fleet.Delivery{Extra: 1, Delay: time.Hour}), Seed: 3},
		"indexes lag":            {LagIndex: late},
		"clocks are apart":       {Skew: apart},
		"notifications are lost": {Copies: func(string) int { return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			s := sceneOf(t, o)
			h := s.accepted()
			s.check(s.fleet.Settle(t.Context()))
			d := s.detail(router, h.code)
			mails, err := s.client.Mails(t.Context(), email(reporter))
			s.check(err)
			told := 0
			for _, m := range mails {
				if strings.Contains(m.Subject+m.Text, h.code) {
					told++
				}
			}
			if d.State != "routing" || d.Proposal == nil || told != 1 {
				t.Errorf("the report is %s with the proposal %v, and the reporter was told %d times", d.State, d.Proposal, told)
			}
			if depths := s.fleet.QueueDepths(); depths["ScreenQueue"] != (sqs.Counts{}) || depths["NotifyDeadQueue"] != (sqs.Counts{}) {
				t.Errorf("the queues hold %v", depths)
			}
		})
	}
}

func TestTenEqualSubmissionsAtOnceMakeOneReport(t *testing.T) {
	s := newScene(t)
	before := count(t, s.fleet)
	body, err := json.Marshal(s.submission())
	s.check(err)
	key := api.Key()
	answers := make(chan string, 10)
	for range 10 {
		go func() {
			a := s.fleet.HTTP(s.ctx(), http.MethodPost, "/v1/reports", body, "Idempotency-Key", key, "Content-Type", "application/json",
				"Authorization", "Bearer "+s.tokens[reporter])
			answers <- fmt.Sprint(a.Status, a.Header.Get("Location"))
		}()
	}
	different := map[string]bool{}
	for range 10 {
		different[<-answers] = true
	}
	if stored := count(t, s.fleet) - before; stored != 1 || len(different) != 1 {
		t.Errorf("%d reports are stored, and the answers are %v", stored, different)
	}
}

func TestFleetsOfOneSnapshotAreApart(t *testing.T) {
	one, two := newScene(t), newScene(t)
	one.submitted()
	one.check(one.fleet.Sleep(t.Context(), time.Hour))
	if count(t, one.fleet) != 1 || count(t, two.fleet) != 0 {
		t.Errorf("%d and %d reports are stored", count(t, one.fleet), count(t, two.fleet))
	}
	if passed := one.fleet.Now().Sub(two.fleet.Now()); passed != time.Hour {
		t.Errorf("the clocks are %s apart", passed)
	}
	photo := one.photo()
	if _, err := one.fleet.Snapshot(t.Context()); err == nil {
		t.Errorf("a fleet with the object of %s was taken", photo)
	}
}

func TestAFunctionMayDoNoMoreThanItsStatementsSay(t *testing.T) {
	for _, row := range []struct{ name, operation, becomes, want string }{
		{"of the table", "GetItem", "DynamoDB_20120810.Scan", "query: dynamodb:Scan on "},
		{"of the parameters", "GetParameter", "AmazonSSM.PutParameter", "query: ssm:PutParameter on "},
	} {
		refused, told := map[string]bool{}, []string{}
		f := fleet.New(t, fleet.Options{Refused: func(call string) { told = append(told, call) }})
		f.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if fleet.Describe(r).Operation == row.operation { // as if it asked for what it may not do
				r.Header.Set("X-Amz-Target", row.becomes)
			}
			response, err := next.RoundTrip(r)
			if err == nil && response.StatusCode == http.StatusBadRequest && strings.Contains(response.Header.Get("X-Amzn-Errortype"), "AccessDenied") {
				refused[function] = true
			}
			return response, err
		})
		f.HTTP(t.Context(), http.MethodGet, "/v1/categories", nil)
		if !maps.Equal(refused, map[string]bool{"query": true}) {
			t.Errorf("%s: refused were %v", row.name, refused)
		}
		if len(told) == 0 || !strings.HasPrefix(told[0], row.want) {
			t.Errorf("%s: told was %v", row.name, told)
		}
	}
}
