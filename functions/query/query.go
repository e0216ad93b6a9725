// Package query is every read: the reporter's, the public's, the officers'; and
// contact data, through a POST that writes the audit entry first. It changes no
// report and imports no AWS and no other step.
package query

import (
	"context"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/screening"
	"paht/shared/settings"
	"paht/shared/upload"
)

// Reports reads reports with their texts.
type Reports interface {
	// Load reads a report with its history; a missing one is a fault not_found.
	Load(ctx context.Context, id string) (report.History, error)
	// State reads the state alone; a missing one is a fault not_found.
	State(ctx context.Context, id string) (report.Report, error)
	// Bodies opens the bodies of the events named, or of all.
	Bodies(ctx context.Context, r report.Report, events ...int) (map[int]*report.Body, error)
}

// Position is where a page ended; nil at the end. It travels in signed cursors.
type Position = map[string]string

// Lists reads pages, each with one Query.
type Lists interface {
	// Queue reads a queue by due time.
	Queue(ctx context.Context, queue string, limit int, after Position) ([]report.WorkRow, Position, error)
	// Own reads a reporter's reports, newest first.
	Own(ctx context.Context, account string, limit int, after Position) ([]report.OwnRow, Position, error)
	// Published reads published parts, newest first.
	Published(ctx context.Context, commune, category string, limit int, after Position) ([]report.PublicPart, Position, error)
	// Parts reads every revision of the published parts of a report.
	Parts(ctx context.Context, id string) ([]report.PublicPart, error)
}

// Places finds reports by where they are.
type Places interface {
	// Around finds reports of the spot's category within reach of it in place and
	// time, nearest first and limit of them; nine Queries at most.
	Around(ctx context.Context, s screening.Spot, reach screening.Reach, limit int) ([]screening.Found, error)
}

// Files gives addresses of what was uploaded.
type Files interface {
	// Slot reads a slot; a missing one is a fault unknown_upload.
	Slot(ctx context.Context, id string) (upload.Slot, error)
	// Address signs the address of a private object for ten minutes.
	Address(ctx context.Context, key string) (string, error)
}

// Inbox reads notices.
type Inbox interface {
	// Notices reads notices to an account or an agency, newest first, with their
	// texts in a language.
	Notices(ctx context.Context, holder, language string, limit int, after Position) ([]contract.Notice, Position, error)
}

// Contacts reads contact data, and only after an audit entry was written.
type Contacts interface {
	// Audit writes the entry of an act and gives its id; a repeat by key is one entry.
	Audit(ctx context.Context, key string, by httpapi.Principal, act, subject, reason string, at time.Time) (string, error)
	// Contact opens an account's contact data.
	Contact(ctx context.Context, id string) (account.Contact, error)
}

// Settings gives the department's settings.
type Settings interface {
	Load(ctx context.Context) (*settings.Snapshot, error)
}

// Step is every read.
type Step struct {
	Reports    Reports
	Lists      Lists
	Places     Places
	Files      Files
	Inbox      Inbox
	Contacts   Contacts
	Settings   Settings
	Signer     httpapi.Signer
	Now        func() time.Time
	PublicBase string // where the public prefix of the bucket is served, such as /public
}

// Bind serves the reads.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.ListOwnReports, s.own)
	httpapi.Bind(server, contract.ReadReport, s.read)
	httpapi.Bind(server, contract.ShowContact, s.contact)
	httpapi.Bind(server, contract.ListQueue, s.queue)
	httpapi.Bind(server, contract.ListInbox, s.inbox)
	httpapi.Bind(server, contract.ListNear, s.near)
	httpapi.Bind(server, contract.TrackReport, s.track)
	httpapi.Bind(server, contract.ListPublished, s.published)
	httpapi.Bind(server, contract.ReadPublished, s.publishedItem)
	httpapi.Bind(server, contract.ComputeDue, s.due)
	httpapi.Bind(server, contract.ListCategories, s.categories)
	httpapi.Bind(server, contract.ListCommunes, s.communes)
}
