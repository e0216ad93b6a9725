package sla

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/upload"
)

// report carries out what a report owes, then records the due times that have
// passed, each once: the index's key moves on with the record.
func (s *Step) report(ctx context.Context, e message.Envelope, id string) (bool, error) {
	r, err := s.Reports.State(ctx, id)
	if err != nil {
		return false, err
	}
	now := s.Now()
	at, ok := r.Attention()
	if !ok || at.After(now) {
		return false, nil
	}
	acted := false
	if len(r.OwedBy(now)) > 0 {
		if err := s.Flow.Resume(ctx, r); err != nil {
			return false, fmt.Errorf("resuming report %s: %w", id, err)
		}
		acted = true
	}
	if due, ok := r.NextDue(); !ok || !now.After(due) {
		return acted, nil
	}
	recorded, err := s.breaches(ctx, e, id)
	return acted || recorded, err
}

func (s *Step) breaches(ctx context.Context, e message.Envelope, id string) (recorded bool, err error) {
	c, _, err := s.Maker.ByMachine(ctx, "sla", e)
	if err != nil {
		return false, err
	}
	for {
		_, _, err := s.Flow.Act(ctx, id, func(h report.History) (report.Change, error) { return report.Breach(h.Report, c) })
		if errors.Is(err, report.ErrMovedOn) {
			return recorded, nil
		}
		if err != nil {
			return recorded, fmt.Errorf("recording a passed due time of report %s: %w", id, err)
		}
		recorded = true
	}
}

// notice sends the message of an intent without outcome again, then moves its
// retry: a worker died with it, or its channel turned it away.
func (s *Step) notice(ctx context.Context, owner, entry string) (bool, error) {
	i, err := s.Notices.Item(ctx, owner, entry)
	if err != nil {
		return false, err
	}
	next, err := i.Resent(s.Now())
	if errors.Is(err, notice.ErrNothing) {
		return false, nil
	}
	if next.Outcome == notice.Pending {
		if err := s.Sender.Send(ctx, report.QueueNotify, i.Message(), 0); err != nil {
			return false, fmt.Errorf("sending a notice again: %w", err)
		}
	}
	return true, s.Notices.Save(ctx, next)
}

// account carries out what an account owes.
func (s *Step) account(ctx context.Context, id string) (bool, error) {
	a, err := s.Accounts.Load(ctx, id)
	if err != nil {
		return false, err
	}
	if at, ok := a.Attention(); !ok || at.After(s.Now()) {
		return false, nil
	}
	return true, s.AccountFlow.Resume(ctx, a)
}

// slot looks at an upload whose object's notification is late or lost, which
// never came, or which no report has taken: it is sent to the check, closed and
// its report told, or removed with its files.
func (s *Step) slot(ctx context.Context, e message.Envelope, id string) (bool, error) {
	slot, err := s.Slots.Load(ctx, id)
	if err != nil {
		return false, err
	}
	now := s.Now()
	switch {
	case slot.Attention == nil || slot.Attention.After(now):
		return false, nil
	case slot.Abandoned(now):
		// The files first: a slot that is left behind is found again.
		if err := s.Objects.Delete(ctx, slot.Objects()...); err != nil {
			return false, fmt.Errorf("removing the files of upload %s: %w", id, err)
		}
		return true, s.Slots.Remove(ctx, slot)
	case slot.MustTell():
		return true, s.tell(ctx, e, slot)
	}
	return s.waiting(ctx, e, slot, now)
}

// waiting moves a slot on by what lies in the bucket.
func (s *Step) waiting(ctx context.Context, e message.Envelope, slot upload.Slot, now time.Time) (bool, error) {
	present := false
	if slot.State == upload.Open {
		var err error
		if present, err = s.Objects.Present(ctx, slot.Key()); err != nil {
			return false, fmt.Errorf("looking for upload %s: %w", slot.ID, err)
		}
	}
	next, check, err := slot.Looked(present, now)
	if err != nil {
		return false, err
	}
	if check {
		if err := s.Sender.Send(ctx, message.QueueMedia, message.OfUpload(slot.ID).Traced(slot.Trace), 0); err != nil {
			return false, fmt.Errorf("sending upload %s to its check: %w", slot.ID, err)
		}
	}
	next = next.Untold(now)
	if err := s.Slots.Save(ctx, next); err != nil {
		return false, err
	}
	if !next.MustTell() {
		return true, nil
	}
	return true, s.tell(ctx, e, next)
}

// tell tells a report that a file was not taken, once, and lets the slot rest.
func (s *Step) tell(ctx context.Context, e message.Envelope, slot upload.Slot) error {
	c, _, err := s.Maker.ByMachine(ctx, "sla", e)
	if err != nil {
		return err
	}
	_, _, err = s.Flow.Act(ctx, slot.Report, func(h report.History) (report.Change, error) {
		return report.MediaRejected(h, slot.ID, slot.Reason, c)
	})
	if err != nil && !errors.Is(err, report.ErrMovedOn) && !gone(err) {
		return fmt.Errorf("telling report %s of an upload: %w", slot.Report, err)
	}
	told, err := slot.Told()
	if err != nil {
		return err
	}
	return s.Slots.Save(ctx, told)
}
