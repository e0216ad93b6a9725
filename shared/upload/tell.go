package upload

import "time"

// Untold keeps a slot that was closed before the sweep's eyes until its report
// has been told: the telling is another write, and what stops between the two
// must be found again.
func (s Slot) Untold(at time.Time) Slot {
	if s.State != Open && s.MustTell() {
		again := at.Add(time.Minute).UTC()
		s.Attention = &again
	}
	return s
}

// Told ends that; what no report has is looked at once more, to be removed.
func (s Slot) Told() (Slot, error) {
	next := s.removal()
	if s.State == Open || s.Attention == nil || next != nil && s.Attention.Equal(*next) {
		return s, ErrNothing
	}
	s.Attention = next
	s.Version++
	return s, nil
}
