package sla_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"paht/functions/sla"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/upload"
)

// begin is 08:00 on a Tuesday in the province.
var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

var tick = message.Envelope{ID: "sweep", Type: message.Sweep}

// objects are the files that are there: the bucket itself stands in another
// module's tests.
type objects map[string]bool

func (m objects) Present(_ context.Context, key string) (bool, error) { return m[key], nil }

func (m objects) Delete(_ context.Context, keys ...string) error {
	for _, key := range keys {
		delete(m, key)
	}
	return nil
}

// index is the due index with entries that no adapter here writes.
type index struct {
	cloud.Due

	more []effect.Hit
}

func (x index) Page(ctx context.Context, shard string, until time.Time, limit int, after map[string]string) ([]effect.Hit, map[string]string, error) {
	hits, next, err := x.Due.Page(ctx, shard, until, limit, after)
	if shard == x.Shards()[0] && after == nil {
		hits = append(hits, x.more...)
	}
	return hits, next, err
}

// refusing is a sender or projector that fails while it is told to.
type carrier struct {
	effect.Carrier

	refuse func(e report.Effect) bool
}

func (c *carrier) Carry(ctx context.Context, r report.Report, e report.Effect, settled bool) error {
	if c.refuse != nil && c.refuse(e) {
		return fmt.Errorf("carrying out %s: refused", e.Name)
	}
	return c.Carrier.Carry(ctx, r, e, settled)
}

type world struct {
	*cloudtest.World

	t       *testing.T
	maker   decision.Maker
	reports cloud.Reports
	carrier *carrier
	flow    effect.Flow
	inbox   cloud.Inbox
	slots   cloud.Slots
	objects objects
	people  cloud.Accounts
	index   *index
	step    *sla.Step
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, World: cloudtest.Open(t, begin, "screen", "route", "publish", "notify", "media")}
	w.maker = decision.Maker{Settings: cloud.NewSettings(w.Table), Keys: w.Keys, Now: w.Now}
	w.reports = cloud.Reports{Table: w.Table, Keys: w.Keys}
	w.inbox = cloud.Inbox{Table: w.Table}
	w.carrier = &carrier{Carrier: effect.Router{Sender: w.Queues(), Projector: cloud.Projections{Table: w.Table}, Now: w.Now}}
	w.flow = effect.Flow{Store: w.reports, Now: w.Now, Carrier: w.carrier}
	w.slots, w.objects, w.people = cloud.Slots{Table: w.Table}, objects{}, cloud.Accounts{Table: w.Table, Keys: w.Keys}
	w.index = &index{Due: cloud.Due{Table: w.Table}}
	w.step = &sla.Step{
		Due: w.index, Reports: w.reports, Flow: w.flow, Notices: w.inbox, Slots: w.slots, Objects: w.objects,
		Accounts: w.people, AccountFlow: account.Flow{
			Store: w.people, Sender: w.Queues(), Now: w.Now, Rules: account.RulesFrom(w.maker.Settings),
		},
		Sender: w.Queues(), Maker: w.maker, Now: w.Now, Left: sla.TimeLeft,
	}
	return w
}

func (w *world) sweep() sla.Tally {
	w.t.Helper()
	tally, err := w.step.Sweep(w.t.Context(), tick)
	if err != nil {
		w.t.Fatal(err)
	}
	return tally
}

func (w *world) context(by report.ActorKind, id string) report.Context {
	w.t.Helper()
	c, _, err := w.maker.ByMachine(w.t.Context(), "test", message.Envelope{})
	if err != nil {
		w.t.Fatal(err)
	}
	c.By = report.Actor{Kind: by, ID: id, Agency: "sxd"}
	return c
}

// stored writes a new report, and nothing of what it owes.
func (w *world) stored(id string, media ...string) report.Report {
	w.t.Helper()
	change, err := report.Submit(report.Submission{
		ID: id, Owner: "lan", Channel: "website", Notice: report.ByEmail, Category: "giao-thong", Commune: "29242",
		Text: "Đường có ổ gà lớn trước cổng trường.", Media: media,
	}, w.context(report.ByReporter, "lan"))
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.reports.Save(w.t.Context(), change)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// act changes a report by the normal path.
func (w *world) act(id string, decide func(r report.Report, c report.Context) (report.Change, error)) report.Report {
	w.t.Helper()
	r, _, err := w.flow.Act(w.t.Context(), id, func(h report.History) (report.Change, error) {
		return decide(h.Report, w.context(report.ByOfficer, "an"))
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) screened(id string) report.Report {
	w.t.Helper()
	return w.act(id, func(r report.Report, c report.Context) (report.Change, error) { return report.Screened(r, nil, nil, c) })
}

func (w *world) load(id string) report.History {
	w.t.Helper()
	h, err := w.reports.Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// intent stores a notice that a worker died with.
func (w *world) intent(r report.Report) notice.Item {
	w.t.Helper()
	event := r.Newest
	event.Type = report.EventProgress
	i, _, err := w.inbox.Create(w.t.Context(), notice.OfEvent(r.Owner, string(report.ByEmail), r, event, w.Now()).Held("dead", w.Now()))
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

func code(n int) string { return report.Code("lan", fmt.Sprint(n), 0) }

func count(events []report.Event, kind, clock string) int {
	n := 0
	for _, e := range events {
		if e.Type == kind && (clock == "" || e.Facts.Clock == clock) {
			n++
		}
	}
	return n
}

// slot opens an upload, of a report when it names one.
func (w *world) slot(s upload.Slot, owner string) upload.Slot {
	w.t.Helper()
	taken := s.Report
	s.ID, s.Owner, s.Report = upload.ID("lan/"+owner, 0), "lan", ""
	opened, err := w.slots.Open(w.t.Context(), upload.New(s, w.Now()))
	if err != nil {
		w.t.Fatal(err)
	}
	if taken == "" {
		return opened
	}
	opened, err = opened.Attached(taken, "lan")
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.slots.Save(w.t.Context(), opened); err != nil {
		w.t.Fatal(err)
	}
	return opened
}
