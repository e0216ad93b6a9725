// Package notify tells people what happened (section 1.10 of the requirements):
// the reporter by the chosen channel, agencies and the operator's officers in
// the system. The intent of a notice is its item in the recipient's inbox,
// created on condition; its outcome is an update of it. What leaves the system
// leaves at least once. It imports no AWS and no other step.
package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paht/shared/account"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/settings"
)

// Reports reads reports.
type Reports interface {
	// Load reads a report with its whole history, consistently.
	Load(ctx context.Context, id string) (report.History, error)
	// Body opens the body of one event of a loaded report; nil when it has none.
	Body(ctx context.Context, r report.Report, n int) (*report.Body, error)
}

// Acting writes what notify's outcome means for the report.
type Acting interface {
	// Act loads, decides and writes until the version stands still; a decision's
	// error is returned as it is.
	Act(ctx context.Context, id string, decide effect.Decide) (report.Report, report.Event, error)
}

// Inbox keeps intents and their outcomes.
type Inbox interface {
	// Create writes a new item unless one stands there: then it gives that one,
	// and false.
	Create(ctx context.Context, i notice.Item) (stood notice.Item, created bool, err error)
	// Save writes a changed item on the condition of the version before;
	// effect.ErrVersion when another was first.
	Save(ctx context.Context, i notice.Item) error
	// Item reads one consistently.
	Item(ctx context.Context, owner, entry string) (notice.Item, error)
}

// Accounts reads what notices need of accounts.
type Accounts interface {
	// Contact gives how an account is reached; a fault not_found when it is gone.
	Contact(ctx context.Context, id string) (account.Contact, error)
	// Asked gives the account's n-th fact of that type; report.ErrMovedOn when it
	// no longer stands: the code was used or replaced, the lock is gone.
	Asked(ctx context.Context, id string, kind message.Type, n int, at time.Time) (account.Asked, error)
}

// Channel carries letters out of the system.
type Channel interface {
	// Hand gives a letter to the channel. notice.Undeliverable means that it will
	// never take it, notice.Closed that it takes none for now; any other error is
	// transient. A repeat may be sent twice.
	Hand(ctx context.Context, l notice.Letter) error
}

// Maker makes the context of a decision of this function.
type Maker interface {
	ByMachine(ctx context.Context, function string, e message.Envelope) (report.Context, *settings.Snapshot, error)
}

// Step is the telling.
type Step struct {
	Reports  Reports
	Flow     Acting
	Inbox    Inbox
	Accounts Accounts
	Maker    Maker
	Channels map[string]Channel // by the reporter's choice
	Links    notice.Links
	Now      func() time.Time
	NewID    func() string // names the holder of a lease; never the same twice
}

// Take tells what one message says.
func (s *Step) Take(ctx context.Context, e message.Envelope) error {
	if e.Account != "" {
		return s.takeAccount(ctx, e)
	}
	h, err := s.Reports.Load(ctx, e.Report)
	if err != nil {
		return err
	}
	if !report.Stands(h, e.N) {
		return nil // it was taken back before it was told
	}
	event := h.Events[e.N-1]
	if event.Type != string(e.Type) {
		return fmt.Errorf("event %d of report %s is %s", e.N, e.Report, event.Type)
	}
	switch event.Type {
	case report.EventTransferred:
		for _, agency := range event.Facts.Agencies {
			if err := s.post(ctx, notice.OfEvent(notice.AgencyInbox(agency), notice.InSystem, h.Report, event, s.Now())); err != nil {
				return err
			}
		}
		return s.circulating(ctx, e, h, event)
	case report.EventReturned:
		return s.post(ctx, notice.OfEvent(notice.RouterInbox, notice.InSystem, h.Report, event, s.Now()))
	}
	return s.tellReporter(ctx, e, h, event)
}

// circulating tells the province office of a report that was transferred as often
// as the policy says, and of each further transfer (reading A22).
func (s *Step) circulating(ctx context.Context, e message.Envelope, h report.History, event report.Event) error {
	_, set, err := s.Maker.ByMachine(ctx, "notify", e)
	if err != nil {
		return err
	}
	policy, err := set.Policy(ctx, event.At)
	if err != nil || report.Transfers(h, event.N) < policy.TransfersBeforeNotice {
		return err
	}
	return s.post(ctx, notice.Watched(notice.OfficeInbox, notice.TransferredAgain, h.Report, event, s.Now()))
}

// post puts a notice into an inbox of the system, once.
func (s *Step) post(ctx context.Context, i notice.Item) error {
	_, _, err := s.Inbox.Create(ctx, i)
	return err
}

// tellReporter tells the reporter by the one channel that was chosen (R55,
// reading A15), and the report when its answer was handed over (R60).
func (s *Step) tellReporter(ctx context.Context, e message.Envelope, h report.History, event report.Event) error {
	c, set, err := s.Maker.ByMachine(ctx, "notify", e)
	if err != nil {
		return err
	}
	contact, gone, err := s.contact(ctx, h.Report.Owner)
	if err != nil {
		return err
	}
	i := notice.OfEvent(h.Report.Owner, string(h.Report.Notice), h.Report, event, s.Now())
	i.Language = contact.Language
	i, err = s.send(ctx, e, i, func(i notice.Item) (notice.Letter, error) {
		to, err := address(i.Channel, contact, gone, true)
		if err != nil {
			return notice.Letter{}, err
		}
		body, err := s.Reports.Body(ctx, h.Report, event.N)
		if err != nil {
			return notice.Letter{}, err
		}
		words, err := notice.OfReport(ctx, set, i, h, body, s.Links)
		return notice.Letter{To: to, Words: words}, err
	})
	if err != nil || i.Outcome == notice.Pending {
		return err
	}
	if event.Type != report.EventAccepted && event.Type != report.EventRefused {
		return nil
	}
	return s.answered(ctx, e, event, *i.Done, c)
}

// answered ends the screening clock at the later of the decision and the instant
// at which its answer was handed to the channel (R60): an instant that the intent
// keeps, so that a worker that comes later writes the same. Where the channel
// will never take the answer, it stands in the web inbox instead since then
// (reading A15): the reporter can read it there, and so that is the channel.
func (s *Step) answered(ctx context.Context, e message.Envelope, event report.Event, handed time.Time, c report.Context) error {
	c.At = handed
	if event.At.After(handed) {
		c.At = event.At
	}
	_, _, err := s.Flow.Act(ctx, e.Report, func(h report.History) (report.Change, error) {
		return report.AnswerSent(h, e.N, c)
	})
	if errors.Is(err, report.ErrMovedOn) {
		return nil
	}
	return err
}

// contact gives how an account is reached, and whether it is gone.
func (s *Step) contact(ctx context.Context, id string) (c account.Contact, gone bool, err error) {
	c, err = s.Accounts.Contact(ctx, id)
	if fault.Is(err, "not_found") {
		return account.Contact{}, true, nil
	}
	return c, false, err
}

// address is where a channel delivers to. Notices about reports go to a proven
// address only: anybody can register another's.
func address(channel string, c account.Contact, gone, proven bool) (string, error) {
	switch {
	case gone:
		return "", notice.Undeliverable{Reason: notice.NoSuchPerson}
	case channel != string(report.ByEmail):
		return "", notice.Undeliverable{Reason: notice.NoSuchWay} // accounts have no devices
	case c.Email == "", proven && !c.Verified:
		return "", notice.Undeliverable{Reason: notice.NoAddress}
	}
	return c.Email, nil
}
