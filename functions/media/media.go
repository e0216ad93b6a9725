// Package media checks what was uploaded and makes the copies that people see:
// the clean one for officers and the small one that a release makes public. The
// file itself stays where it was put, sealed. It imports no AWS and no other step.
package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/picture"
	"paht/shared/report"
	"paht/shared/upload"
)

// Slots keeps upload slots.
type Slots interface {
	// Load reads a slot; a missing one is a fault unknown_upload.
	Load(ctx context.Context, id string) (upload.Slot, error)
	// Save writes a slot on the condition of the version before; effect.ErrVersion
	// when it has moved.
	Save(ctx context.Context, s upload.Slot) error
}

// Objects keeps files.
type Objects interface {
	// Read gives an object's bytes, at most limit of them; a missing one is a fault
	// upload_unfinished.
	Read(ctx context.Context, key string, limit int64) ([]byte, error)
	// Put writes an object; writing the same again changes nothing.
	Put(ctx context.Context, key, kind string, data []byte) error
}

// Rejections tells reports of files that were not taken.
type Rejections interface {
	// Raise records it on the report, once however often it is called.
	Raise(ctx context.Context, report, slot, code string) error
}

// Step checks uploads.
type Step struct {
	Slots      Slots
	Objects    Objects
	Rejections Rejections
	Settings   decision.Settings
	Now        func() time.Time
}

// Take checks the file of one slot. A notification that comes twice finds the
// verdict; one without an object, or of a slot that is gone, has nothing to check.
func (s *Step) Take(ctx context.Context, e message.Envelope) error {
	slot, err := s.Slots.Load(ctx, e.Upload)
	if fault.Is(err, "unknown_upload") {
		return nil
	}
	if err != nil {
		return err
	}
	if slot.Purpose != upload.Photo {
		return nil
	}
	if slot.State != upload.Open {
		// The verdict stands; what it owes may have been lost with a crash.
		return s.tell(ctx, slot)
	}
	data, err := s.Objects.Read(ctx, slot.Key(), slot.Size+1)
	if fault.Is(err, "upload_unfinished") {
		return nil
	}
	if err != nil {
		return err
	}
	copies, reason, err := s.check(ctx, slot, data)
	if err != nil {
		return err
	}
	if reason == picture.Taken {
		if err := s.keep(ctx, slot, copies); err != nil {
			return err
		}
	}
	return s.judge(ctx, slot, reason, copies)
}

func (s *Step) check(ctx context.Context, slot upload.Slot, data []byte) (picture.Copies, picture.Reason, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return picture.Copies{}, "", err
	}
	policy, err := set.Policy(ctx, s.Now())
	if err != nil {
		return picture.Copies{}, "", err
	}
	announced := picture.Announced{Type: slot.Type, Size: slot.Size, SHA256: slot.SHA256}
	copies, reason := picture.Make(data, announced, picture.Limits{Pixels: policy.MaxPixels})
	return copies, reason, nil
}

// keep writes the copies before the verdict, so that an accepted slot has them.
func (s *Step) keep(ctx context.Context, slot upload.Slot, copies picture.Copies) error {
	if err := s.Objects.Put(ctx, report.CleanKey(slot.ID), upload.TypeJPEG, copies.Clean); err != nil {
		return err
	}
	return s.Objects.Put(ctx, report.SmallKey(slot.ID), upload.TypeJPEG, copies.Small)
}

// attempts bounds how often the verdict is written anew when the attachment or
// the sweep wrote at the same time.
const attempts = 8

// judge writes the verdict on whatever stands by now: it concerns the bytes, and
// they cannot change. Whichever of verdict and attachment comes second sees the
// other in what it wrote, and tells the report.
func (s *Step) judge(ctx context.Context, slot upload.Slot, reason picture.Reason, copies picture.Copies) error {
	for range attempts {
		next, err := slot.Judged(string(reason), copies.Width, copies.Height)
		if errors.Is(err, upload.ErrNothing) {
			return s.tell(ctx, slot)
		}
		if err != nil {
			return err
		}
		err = s.Slots.Save(ctx, next)
		if err == nil {
			return s.tell(ctx, next)
		}
		if !errors.Is(err, effect.ErrVersion) {
			return err
		}
		if slot, err = s.Slots.Load(ctx, slot.ID); err != nil {
			return err
		}
	}
	return fmt.Errorf("writing the verdict of upload %s: %w", slot.ID, effect.ErrVersion)
}

func (s *Step) tell(ctx context.Context, slot upload.Slot) error {
	if !slot.MustTell() {
		return nil
	}
	return s.Rejections.Raise(ctx, slot.Report, slot.ID, slot.Reason)
}
