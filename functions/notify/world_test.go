package notify_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"paht/functions/notify"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/cloud/mail"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/settings"
)

// begin is 08:00 on a Tuesday in the province.
var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// people are the accounts of a test.
type people struct {
	contacts map[string]account.Contact
	asked    map[string]account.Asked
}

func (p people) Contact(_ context.Context, id string) (account.Contact, error) {
	c, ok := p.contacts[id]
	if !ok {
		return c, fault.New(fault.NotFound, "not_found")
	}
	return c, nil
}

func (p people) Asked(_ context.Context, id string, kind message.Type, n int, _ time.Time) (account.Asked, error) {
	a, ok := p.asked[fmt.Sprintf("%s/%s/%d", id, kind, n)]
	if !ok {
		return a, report.ErrMovedOn
	}
	return a, nil
}

type world struct {
	*cloudtest.World

	t       *testing.T
	maker   decision.Maker
	reports cloud.Reports
	flow    effect.Flow
	inbox   cloud.Inbox
	people  people
	ids     atomic.Int64
	step    *notify.Step
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, World: cloudtest.Open(t, begin, "screen", "route", "publish", "notify", "media")}
	w.maker = decision.Maker{Settings: cloud.NewSettings(w.Table), Keys: w.Keys, Now: w.Now}
	w.reports = cloud.Reports{Table: w.Table, Keys: w.Keys}
	w.inbox = cloud.Inbox{Table: w.Table}
	w.flow = effect.Flow{Store: w.reports, Now: w.Now, Carrier: effect.Router{
		Sender: w.Queues(), Projector: cloud.Projections{Table: w.Table}, Now: w.Now,
	}}
	w.people = people{
		contacts: map[string]account.Contact{"lan": {Email: "lan@example.vn", Verified: true, Language: "vi"}},
		asked:    map[string]account.Asked{},
	}
	w.step = w.worker()
	return w
}

// worker is one sandbox of notify.
func (w *world) worker() *notify.Step {
	return &notify.Step{
		Reports: w.reports, Inbox: w.inbox, Accounts: w.people, Maker: w.maker,
		Flow:     effect.Flow{Store: w.reports, Carrier: effect.Router{Now: w.Now}, Now: w.Now},
		Channels: map[string]notify.Channel{string(report.ByEmail): mail.Service{Client: w.SES(), From: netmail.Address{Address: "paht@example.gov.vn"}}},
		Links:    notice.Links{Public: "https://paht.example.vn"}, Now: w.Now,
		NewID: func() string { return fmt.Sprint(w.ids.Add(1)) },
	}
}

func (w *world) context(by report.Actor) report.Context {
	w.t.Helper()
	c, _, err := w.maker.ByMachine(w.t.Context(), "test", message.Envelope{})
	if err != nil {
		w.t.Fatal(err)
	}
	c.By = by
	return c
}

var (
	officer = report.Actor{Kind: report.ByOfficer, ID: "an", Agency: "sxd"}
	lan     = report.Actor{Kind: report.ByReporter, ID: "lan"}
)

// submitted stores a new report of Lan's.
func (w *world) submitted(id string, notice report.Notice, media ...string) report.Report {
	w.t.Helper()
	change, err := report.Submit(report.Submission{
		ID: id, Owner: "lan", Channel: "website", Notice: notice, Category: "giao-thong", Commune: "29242",
		Text: "Đường có ổ gà lớn trước cổng trường.", Media: media,
	}, w.context(lan))
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.reports.Save(w.t.Context(), change)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// act changes a report, and gives the message that notify is owed by it.
func (w *world) act(id string, decide func(r report.Report, c report.Context) (report.Change, error)) message.Envelope {
	w.t.Helper()
	_, e, err := w.flow.Act(w.t.Context(), id, func(h report.History) (report.Change, error) {
		return decide(h.Report, w.context(officer))
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return message.OfReport(e.Type, id, e.N, false)
}

func (w *world) accepted(id string) message.Envelope {
	w.t.Helper()
	return w.act(id, func(r report.Report, c report.Context) (report.Change, error) { return report.Accept(r, "", c) })
}

func (w *world) take(e message.Envelope) {
	w.t.Helper()
	if err := w.step.Take(w.t.Context(), e); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) load(id string) report.History {
	w.t.Helper()
	h, err := w.reports.Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

func (w *world) screening(id string) *report.Clock {
	r := w.load(id).Report
	return r.Clock(report.ClockScreening)
}

func (w *world) items(owner string) []notice.Item {
	w.t.Helper()
	p, err := w.inbox.List(w.t.Context(), owner, 50, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Items
}

// due is how many entries the due index has of notices.
func (w *world) due(until time.Time) int {
	w.t.Helper()
	n := 0
	due := cloud.Due{Table: w.Table}
	for _, shard := range due.Shards() {
		hits, _, err := due.Page(w.t.Context(), shard, until, 100, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, h := range hits {
			if h.Kind == effect.HitNotice {
				n++
			}
		}
	}
	return n
}

func code(n int) string { return report.Code("lan", fmt.Sprint(n), 0) }

func isMail(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v2/email/") }

func isWrite(r *http.Request) bool {
	return strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem")
}

// refusing answers every request with an error of one type, as the service does.
type refusing struct{ kind, text string }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"X-Amzn-Errortype": {r.kind}, "Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(fmt.Sprintf(`{"message":%q}`, r.text))),
	}, nil
}

func (w *world) mailThatAnswers(kind, text string) mail.Service {
	c := w.Config
	c.HTTPClient = &http.Client{Transport: refusing{kind, text}}
	return mail.Service{Client: sesv2.NewFromConfig(c), From: netmail.Address{Address: "paht@example.gov.vn"}}
}

func (w *world) reader() notice.Reader {
	return notice.Reader{Reports: w.reports, Links: notice.Links{Public: "https://paht.example.vn"}}
}

func (w *world) settings() *settings.Snapshot {
	w.t.Helper()
	s, err := w.maker.Settings.Load(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}
