package notify

import (
	"context"
	"errors"

	"paht/shared/account"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
)

// takeAccount tells an account's owner by e-mail what happened to it, and of a
// lock the officers who administer accounts, in the system (section 1.10).
func (s *Step) takeAccount(ctx context.Context, e message.Envelope) error {
	asked, err := s.Accounts.Asked(ctx, e.Account, e.Type, e.N, s.Now())
	if errors.Is(err, report.ErrMovedOn) {
		return s.overtaken(ctx, e)
	}
	if err != nil {
		return err
	}
	_, set, err := s.Maker.ByMachine(ctx, "notify", e)
	if err != nil {
		return err
	}
	contact, gone, err := s.contact(ctx, e.Account)
	if err != nil {
		return err
	}
	if e.Type == message.AccountLocked {
		if err := s.post(ctx, notice.OfAccount(notice.AccountsInbox, notice.InSystem, string(e.Type), e.Account, e.N, asked.At, s.Now())); err != nil {
			return err
		}
	}
	i := notice.OfAccount(e.Account, string(report.ByEmail), string(e.Type), e.Account, e.N, asked.At, s.Now())
	i.Language = contact.Language
	// The notice that proves an address goes to one that is not proven.
	proven := e.Type == message.AccountLocked
	_, err = s.send(ctx, e, i, func(i notice.Item) (notice.Letter, error) {
		to, err := address(i.Channel, contact, gone, proven)
		if err != nil {
			return notice.Letter{}, err
		}
		words, err := notice.OfAsked(ctx, set, i, s.told(e.Type, asked))
		return notice.Letter{To: to, Words: words}, err
	})
	return err
}

// overtaken closes the intent of a fact that no longer stands: a worker that handed
// the letter over and died leaves it open, and its reader uses the code. Only the
// sweep's message says which intent it is; who holds the lease closes it himself.
func (s *Step) overtaken(ctx context.Context, e message.Envelope) error {
	if e.At.IsZero() {
		return nil
	}
	key := notice.OfAccount(e.Account, string(report.ByEmail), string(e.Type), e.Account, e.N, e.At, s.Now())
	stood, err := s.Inbox.Item(ctx, key.Owner, key.Entry)
	if fault.Is(err, "not_found") {
		return nil
	}
	if err != nil {
		return err
	}
	closed, err := stood.Closed(s.Now())
	if errors.Is(err, notice.ErrNothing) {
		return nil
	}
	if err := s.Inbox.Save(ctx, closed); !errors.Is(err, effect.ErrVersion) {
		return err
	}
	return nil
}

// told is what the notice tells, with the link that holds the code.
func (s *Step) told(kind message.Type, a account.Asked) notice.Asked {
	t := notice.Asked{Due: a.Due, Agency: a.Agency, Reason: string(a.Reason)}
	switch kind {
	case message.AccountVerify:
		t.Link = s.Links.Verify(a.LogIn, a.Code)
	case message.AccountActivate:
		t.Link = s.Links.Activate(a.LogIn, a.Code)
	}
	return t
}
