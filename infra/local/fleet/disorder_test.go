package fleet_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"paht/infra/local/fleet"
)

// kind of the faults that only disorder has: the service turns the call away.
const throttled fleet.Kind = "throttled"

var disorders = []fleet.Kind{fleet.Failed, fleet.Done, fleet.Lost, fleet.Crashed, fleet.Killed, throttled}

// plan is a fault at the n-th call of a call site.
type plan struct {
	site string
	n    int
	kind fleet.Kind
}

// disorder is what goes wrong in one run, all of it drawn from the seed.
type disorder struct {
	seed uint64

	mu      sync.Mutex
	random  *rand.Rand
	plans   []plan
	seen    map[string]int        // calls by site
	hit     map[string]int        // faults by site
	after   map[string]fleet.Kind // by the SDK's id of a call: what its further tries get
	tries   map[string]int        // further tries that a throttled call has yet to lose
	faults  int
	force   bool // the next call has a fault, whichever it is
	quiet   bool // none but the planned: some calls come only while all comes to rest
	depth   int  // of workers within workers
	doubled int
	late    int
	aside   int
	rivals  int

	other func() // what another worker does
	rival func() // what another officer does; nil for nothing
}

func newDisorder(seed uint64, sites []string, counts map[string]int) *disorder {
	d := &disorder{seed: seed, random: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), seen: map[string]int{}, hit: map[string]int{},
		after: map[string]fleet.Kind{}, tries: map[string]int{}}
	if len(sites) == 0 {
		return d
	}
	// Runs take the sites in turn. The first fault strikes the first call of its
	// site, which a run in disorder reaches too; a later call it may never make.
	turn := int(seed % (1 << 31))
	d.plans = []plan{{sites[turn%len(sites)], 1, disorders[d.random.IntN(len(disorders))]}}
	for j := range 1 + d.random.IntN(3) {
		site := sites[(turn*3+j)%len(sites)]
		d.plans = append(d.plans, plan{site, 1 + d.random.IntN(counts[site]), disorders[d.random.IntN(len(disorders))]})
	}
	return d
}

// chance is true once in so many times.
func (d *disorder) chance(oneIn int) bool { return d.random.IntN(oneIn) == 0 }

// drawn is chance for callers outside the hook.
func (d *disorder) drawn(oneIn int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.chance(oneIn)
}

// upTo draws a time.
func (d *disorder) upTo(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.random.Int64N(int64(most))).Truncate(time.Millisecond)
}

var (
	keyOf = regexp.MustCompile(`"pk":\{"S":"([A-Za-z-]+)`)
	sort  = regexp.MustCompile(`"sk":\{"S":"([A-Za-z-]+)`)
	hash  = regexp.MustCompile(`":h":\{"S":"([A-Za-z-]+)`)
	index = regexp.MustCompile(`"IndexName":"([a-z]+)`)
	queue = regexp.MustCompile(`"QueueUrl":"[^"]*/([A-Za-z-]+)"`)
)

// siteOf names a call site: the function, the operation, and what kind of thing it
// is about.
func siteOf(function string, r *http.Request) (string, error) {
	c := fleet.Describe(r)
	about := ""
	if c.Service == "s3" {
		about, _, _ = strings.Cut(strings.TrimPrefix(r.URL.Path[strings.Index(r.URL.Path[1:], "/")+1:], "/"), "/")
	} else if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return "", err
		}
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
		for _, p := range []*regexp.Regexp{keyOf, sort, index, hash, queue} {
			if m := p.FindSubmatch(body); m != nil {
				about += " " + string(m[1])
			}
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s.%s %s", function, c.Service, c.Operation, strings.TrimSpace(about))), nil
}

// hook implements fleet.Faults.
func (d *disorder) hook(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	id := r.Header.Get("Amz-Sdk-Invocation-Id")
	site, err := siteOf(function, r)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	if kind, again := d.after[id]; again {
		lose := d.tries[id] > 0
		d.tries[id]--
		d.mu.Unlock()
		if !lose {
			return next.RoundTrip(r)
		}
		if kind == throttled {
			return turnedAway(r), nil
		}
		return nil, fleet.ErrInjected
	}
	d.seen[site]++
	kind := d.draw(site, id)
	do := d.meanwhile()
	d.mu.Unlock()
	if do != nil {
		do()
		d.mu.Lock()
		d.depth--
		d.mu.Unlock()
	}
	switch kind {
	case "":
		return next.RoundTrip(r)
	case throttled:
		return turnedAway(r), nil
	case fleet.Lost:
		return fleet.Inject(fleet.Done, r, next)
	}
	return fleet.Inject(kind, r, next)
}

// draw decides on a call's fault: the planned ones, now and then one more, and
// what tries the SDK makes of it that fail too.
func (d *disorder) draw(site, id string) fleet.Kind {
	kind := fleet.Kind("")
	for _, p := range d.plans {
		if p.site == site && p.n == d.seen[site] {
			kind = p.kind
		}
	}
	if kind == "" && !d.quiet && (d.force || d.chance(300)) {
		kind, d.force = disorders[d.random.IntN(len(disorders))], false
	}
	if kind == "" {
		return ""
	}
	d.faults++
	d.hit[site]++
	if id == "" {
		return kind // not by the SDK, which asks once
	}
	d.after[id] = kind
	switch {
	case kind == fleet.Lost: // the SDK asks again and is answered
	case kind == throttled:
		d.tries[id] = d.random.IntN(4)
	case d.chance(2):
		d.tries[id] = 1 << 20 // every try of the SDK
	}
	return kind
}

// meanwhile is what somebody else does between two calls.
func (d *disorder) meanwhile() func() {
	if d.depth > 0 || d.quiet {
		return nil
	}
	var do func()
	switch {
	case d.rival != nil && d.chance(4):
		do, d.rival = d.rival, nil
		d.rivals++
	case d.other != nil && d.chance(60):
		do = d.other
		d.aside++
	}
	if do != nil {
		d.depth++
	}
	return do
}

// delivery doubles messages and holds them back, by up to a day.
func (d *disorder) delivery(string, string) fleet.Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out fleet.Delivery
	if d.quiet {
		return out
	}
	if d.chance(4) {
		out.Extra = 1 + d.random.IntN(2)
		d.doubled++
	}
	switch {
	case d.chance(12):
		out.Hold = time.Duration(d.random.Int64N(int64(24 * time.Hour)))
		d.late++
	case d.chance(6):
		out.Delay = time.Duration(1+d.random.Int64N(300)) * time.Second
		d.late++
	}
	return out
}

func (d *disorder) lag(string, string) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.chance(3) {
		return 0
	}
	return time.Duration(d.random.Int64N(int64(20 * time.Second)))
}

func (d *disorder) copies(string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return []int{0, 1, 1, 1, 2}[d.random.IntN(5)]
}

// turnedAway is how each service says that there were too many calls.
func turnedAway(r *http.Request) *http.Response {
	status, kind, body := http.StatusBadRequest, "", ""
	switch fleet.Describe(r).Service {
	case "dynamodb":
		kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
	case "sqs":
		kind = "com.amazonaws.sqs#RequestThrottled"
	case "ssm":
		kind = "ThrottlingException"
	case "ses":
		status, kind = http.StatusTooManyRequests, "TooManyRequestsException"
	case "s3":
		status, body = http.StatusServiceUnavailable, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	if body == "" {
		body = `{"__type":"` + kind + `","message":"too many requests"}`
		header.Set("X-Amzn-Errortype", kind)
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return &http.Response{Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}
}
