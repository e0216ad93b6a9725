package fleet

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"paht/infra/emulator"
)

// Call is one external call of a function, a retry of the SDK too.
type Call struct {
	Function  string
	Service   string // dynamodb, sqs, ses, ssm, s3
	Operation string
}

// hook is the way of every external call of one function.
type hook struct {
	fleet    *Fleet
	function string
	next     http.RoundTripper
}

// RoundTrip counts the call and lets the test's fault have it.
func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	c := Describe(r)
	c.Function = h.function
	h.fleet.record(c)
	if faults := h.fleet.faults(); faults != nil {
		return faults(h.function, r, h.next)
	}
	return h.next.RoundTrip(r)
}

// services tells a request's service by where it goes.
type services struct{ aws, store http.RoundTripper }

func (s services) RoundTrip(r *http.Request) (*http.Response, error) {
	if "http://"+r.URL.Host == emulator.Endpoint {
		return s.aws.RoundTrip(r)
	}
	return s.store.RoundTrip(r)
}

// Describe tells what a request to AWS asks for.
func Describe(r *http.Request) Call {
	prefix, operation, found := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case found && strings.HasPrefix(prefix, "DynamoDB_"):
		return Call{Service: "dynamodb", Operation: operation}
	case found && prefix == "AmazonSQS":
		return Call{Service: "sqs", Operation: operation}
	case found && prefix == "AmazonSSM":
		return Call{Service: "ssm", Operation: operation}
	case "http://"+r.URL.Host == emulator.Endpoint:
		return Call{Service: "ses", Operation: "SendEmail"}
	}
	return Call{Service: "s3", Operation: objectOperation(r.Method, r.Header.Get("X-Amz-Copy-Source") != "", r.URL.Query().Has("retention"))}
}

func objectOperation(method string, copied, retention bool) string {
	switch {
	case retention && method == http.MethodPut:
		return "PutObjectRetention"
	case retention:
		return "GetObjectRetention"
	case copied:
		return "CopyObject"
	case method == http.MethodHead:
		return "HeadObject"
	case method == http.MethodPut:
		return "PutObject"
	case method == http.MethodDelete:
		return "DeleteObject"
	}
	return "GetObject"
}

// config is a function's own: its access key, its way out. It retries as the
// SDK does, but does not wait for it.
func (f *Fleet) config(function string) aws.Config {
	who := shared.accounts[function]
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(emulator.Endpoint),
		HTTPClient: &http.Client{Transport: hook{f, function, f.way()}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: who.AccessKey, SecretAccessKey: who.Secret}, nil
		}),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				o.RateLimiter = ratelimit.None
			})
		},
	}
}

func (f *Fleet) record(c Call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, c)
}

// Calls lists the functions' external calls in their order.
func (f *Fleet) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Counts counts the functions' external calls by service.
func (f *Fleet) Counts() map[string]int {
	counts := map[string]int{}
	for _, c := range f.Calls() {
		counts[c.Service]++
	}
	return counts
}

// ForgetCalls begins the counting anew.
func (f *Fleet) ForgetCalls() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = nil
}

// isStore tells whether an address is the object store's.
func isStore(u *url.URL) bool { return "http://"+u.Host == shared.store.URL() }
