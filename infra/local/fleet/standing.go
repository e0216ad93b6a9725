package fleet

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"paht/infra/local/s3"
	"paht/infra/template"
	"paht/shared/httpapi"
)

// Standing is a system that stands: a fleet on it acts on its table and its
// files, with the functions' own credentials, but by a clock of its own. Queues
// and the outbox are the fleet's: nothing that it sends reaches the system's own
// consumers or leaves it.
type Standing struct {
	Root     string // of the project
	Template *template.Template
	Store    *s3.Server
	Accounts map[string]s3.Account // by function
	AWS      http.RoundTripper     // where the table and the parameters are
	Origin   map[string]string     // the headers by which the functions know their front
}

// On puts a fleet on a standing system, of which a process can have one. Whoever
// has the store gives the notifications of objects to Notified meanwhile.
func On(s Standing, start time.Time) (*Fleet, error) {
	if shared != nil {
		return nil, fmt.Errorf("putting a fleet on the system: this process has a ground already")
	}
	if len(s.Template.Buckets) != 1 {
		return nil, fmt.Errorf("putting a fleet on the system: the template declares %d buckets", len(s.Template.Buckets))
	}
	p := place{bucket: s.Template.Buckets[0].Name}
	shared = &ground{root: s.Root, store: s.Store, accounts: s.Accounts, log: &tail{},
		fleets: map[string]*Fleet{}, templates: map[string]*template.Template{p.bucket: s.Template}}
	f, err := open(Options{Start: start, Standing: &s}, p)
	if err != nil {
		shared = nil
		return nil, err
	}
	return f, nil
}

// Leave ends a fleet on a standing system.
func (f *Fleet) Leave() error {
	shared = nil
	return f.aws.Close()
}

// Notified puts the notification of an object on its queue.
func (f *Fleet) Notified(queueARN string, body []byte) error { return f.notified(queueARN, body) }

// originHeaders are those of the system that stands, or the fleet's own.
func (f *Fleet) originHeaders() map[string]string {
	if f.options.Standing != nil {
		return f.options.Standing.Origin
	}
	return map[string]string{httpapi.OriginHeader: Front}
}

// way is where a function's requests go.
func (f *Fleet) way() http.RoundTripper {
	s := services{f.aws.Transport(), storeTransport}
	if f.options.Standing == nil {
		return s
	}
	return split{f.options.Standing.AWS, s}
}

// split carries what is about the table and the parameters to the system.
type split struct{ standing, own http.RoundTripper }

func (s split) RoundTrip(r *http.Request) (*http.Response, error) {
	target := r.Header.Get("X-Amz-Target")
	if strings.HasPrefix(target, "DynamoDB_") || strings.HasPrefix(target, "AmazonSSM.") {
		return s.standing.RoundTrip(r)
	}
	return s.own.RoundTrip(r)
}
