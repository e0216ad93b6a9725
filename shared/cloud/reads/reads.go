// Package reads is what the reading function reads through: lists, files, the
// inbox, contact data behind the audit. It imports no step.
package reads

import (
	"context"
	"time"

	"paht/shared/account"
	"paht/shared/caller"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/contract"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/screening"
	"paht/shared/upload"
)

// Reads is what a reader's function reads through: lists, files, the inbox,
// contact data behind the audit.
type Reads struct {
	Base    cloud.Base
	Objects bucket.Objects
	Links   notice.Links
}

// Queue reads a page of a queue by due time.
func (r Reads) Queue(ctx context.Context, queue string, limit int, after map[string]string) ([]report.WorkRow, map[string]string, error) {
	p, err := cloud.Projections{Table: r.Base.Table}.Queue(ctx, queue, limit, after)
	return p.Rows, p.Next, err
}

// Own reads a page of a reporter's reports.
func (r Reads) Own(ctx context.Context, account string, limit int, after map[string]string) ([]report.OwnRow, map[string]string, error) {
	p, err := cloud.Projections{Table: r.Base.Table}.Own(ctx, account, limit, after)
	return p.Rows, p.Next, err
}

// Published reads a page of published parts.
func (r Reads) Published(ctx context.Context, commune, category string, limit int, after map[string]string) ([]report.PublicPart, map[string]string, error) {
	p, err := r.Base.Publications(nil).List(ctx, commune, category, limit, after)
	return p.Parts, p.Next, err
}

// Parts reads every revision of the published parts of a report.
func (r Reads) Parts(ctx context.Context, id string) ([]report.PublicPart, error) {
	return r.Base.Publications(nil).Parts(ctx, id)
}

// Around finds the reports within reach of a spot.
func (r Reads) Around(ctx context.Context, s screening.Spot, reach screening.Reach, limit int) ([]screening.Found, error) {
	return cloud.Projections{Table: r.Base.Table}.Around(ctx, s, reach, limit)
}

// Slot reads an upload slot.
func (r Reads) Slot(ctx context.Context, id string) (upload.Slot, error) {
	return r.Base.Slots().Load(ctx, id)
}

// Address signs the address of a private picture for ten minutes.
func (r Reads) Address(ctx context.Context, key string) (string, error) {
	return r.Objects.Link(ctx, key, "image/jpeg", "")
}

// Notices reads a page of an inbox with its words in a language.
func (r Reads) Notices(ctx context.Context, holder, language string, limit int, after map[string]string) ([]contract.Notice, map[string]string, error) {
	page, err := cloud.Inbox{Table: r.Base.Table}.List(ctx, holder, limit, after)
	if err != nil {
		return nil, nil, err
	}
	set, err := r.Base.Settings.Load(ctx)
	if err != nil {
		return nil, nil, err
	}
	words, err := notice.Reader{Reports: r.Base.Reports(), Links: r.Links}.Words(ctx, set, language, page.Items)
	if err != nil {
		return nil, nil, err
	}
	out := make([]contract.Notice, 0, len(page.Items))
	for i, n := range page.Items {
		out = append(out, contract.Notice{
			ID: n.Entry, Type: n.Type, Report: n.Report, At: contract.At(n.At), Subject: words[i].Subject, Text: words[i].Text,
			Channel: n.Channel, Outcome: string(n.Outcome),
		})
	}
	return out, page.Next, nil
}

// Audit writes the entry of an act before it is done.
func (r Reads) Audit(ctx context.Context, key string, by caller.Principal, act, subject, reason string, at time.Time) (string, error) {
	return r.Base.Audit().Write(ctx, cloud.Entry{
		At: at, Actor: by.Account, Act: act, Subject: subject, Key: key, Request: caller.Of(ctx).Digest, Reason: reason,
	})
}

// Contact opens an account's contact data.
func (r Reads) Contact(ctx context.Context, id string) (account.Contact, error) {
	return r.Base.Accounts().Contact(ctx, id)
}
