package notify

import (
	"context"
	"errors"

	"paht/shared/caller"
	"paht/shared/effect"
	"paht/shared/message"
	"paht/shared/notice"
)

// write makes the letter of an intent; notice.Undeliverable when there can be
// none.
type write func(i notice.Item) (notice.Letter, error)

// send carries one intent to its outcome: claim, hand over, conclude. It gives
// the item as it stands; pending means that another worker has it, and that the
// sweep finds it should that worker have died.
func (s *Step) send(ctx context.Context, e message.Envelope, i notice.Item, letter write) (notice.Item, error) {
	i.Trace = e.Trace
	i, mine, err := s.claim(ctx, i)
	if err != nil || !mine {
		return i, err
	}
	reason, err := s.hand(ctx, e, i, letter)
	var closed notice.Closed
	if errors.As(err, &closed) {
		return s.wait(ctx, i, closed)
	}
	if err != nil {
		// For now: the message comes again, and must not find the lease.
		if released := s.Inbox.Save(ctx, i.Released()); released != nil && !errors.Is(released, effect.ErrVersion) {
			return i, errors.Join(err, released)
		}
		return i, err
	}
	concluded := i.Concluded(reason, s.Now())
	err = s.Inbox.Save(ctx, concluded)
	if errors.Is(err, effect.ErrVersion) {
		// The lease passed and another took over: its word stands.
		return s.Inbox.Item(ctx, i.Owner, i.Entry)
	}
	return concluded, err
}

// wait leaves an intent to the sweep, which brings its message again at growing
// distances: each letter would be refused alike, and its message would only fill
// the dead letters. The figure has an alarm.
func (s *Step) wait(ctx context.Context, i notice.Item, closed notice.Closed) (notice.Item, error) {
	caller.Count(ctx, "mailRefused", 1)
	caller.Count(ctx, "mailRefused_"+closed.Reason, 1)
	released := i.Released()
	err := s.Inbox.Save(ctx, released)
	if errors.Is(err, effect.ErrVersion) {
		return s.Inbox.Item(ctx, i.Owner, i.Entry)
	}
	return released, err
}

// claim creates the intent, or takes it over from a worker whose lease passed.
func (s *Step) claim(ctx context.Context, i notice.Item) (notice.Item, bool, error) {
	holder := s.NewID()
	stood, created, err := s.Inbox.Create(ctx, i.Held(holder, s.Now()))
	if err != nil || created {
		return stood, created, err
	}
	taken, err := stood.Taken(holder, s.Now())
	if errors.Is(err, notice.ErrNothing) {
		return stood, false, nil
	}
	err = s.Inbox.Save(ctx, taken)
	if errors.Is(err, effect.ErrVersion) {
		return stood, false, nil
	}
	return taken, err == nil, err
}

// hand gives the letter to its channel. A reason means that it failed for good.
func (s *Step) hand(ctx context.Context, e message.Envelope, i notice.Item, letter write) (reason string, err error) {
	l, err := letter(i)
	if err == nil {
		l.ID, l.At, l.Trace = i.MessageID, i.Made, e.Trace
		channel, ok := s.Channels[i.Channel]
		if !ok {
			return notice.NoSuchWay, nil
		}
		err = channel.Hand(ctx, l)
	}
	var never notice.Undeliverable
	if errors.As(err, &never) {
		return never.Reason, nil
	}
	return "", err
}
