package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"paht/shared/caller"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/upload"
)

// Slots keeps upload slots: one item each, in the index of what is due while the
// sweep must look at it.
type Slots struct{ Table Table }

func slotPK(id string) string { return "S#" + id }

// Open creates a slot, or gives the one that the same request opened before.
// Another request's is a fault key_reused that names it.
func (s Slots) Open(ctx context.Context, slot upload.Slot) (upload.Slot, error) {
	it, err := slotItem(slot)
	if err != nil {
		return upload.Slot{}, err
	}
	err = s.Table.put(ctx, it, isNew)
	there, taken := standing(err)
	if !taken {
		if err != nil {
			return upload.Slot{}, fmt.Errorf("opening upload %s: %w", slot.ID, err)
		}
		return slot, nil
	}
	stood, err := slotOf(there)
	if err != nil {
		return upload.Slot{}, fmt.Errorf("opening upload %s: %w", slot.ID, err)
	}
	if stood.Request != slot.Request || stood.Owner != slot.Owner {
		return upload.Slot{}, fault.New(fault.Invalid, "key_reused", stood.ID)
	}
	return stood, nil
}

// Load reads a slot consistently; a missing one is a fault unknown_upload.
func (s Slots) Load(ctx context.Context, id string) (upload.Slot, error) {
	if id == "" || len(id) > 40 {
		return upload.Slot{}, fault.New(fault.NotFound, "unknown_upload")
	}
	it, err := s.Table.get(ctx, slotPK(id), stateSK)
	if err != nil {
		return upload.Slot{}, fmt.Errorf("loading upload %s: %w", id, err)
	}
	if it == nil {
		return upload.Slot{}, fault.New(fault.NotFound, "unknown_upload")
	}
	slot, err := slotOf(it)
	if err != nil {
		return upload.Slot{}, fmt.Errorf("loading upload %s: %w", id, err)
	}
	caller.Saw(ctx, slot.Report, slot.Trace)
	return slot, nil
}

// Save writes a slot on the condition of the version before; effect.ErrVersion
// when it does not stand there any more.
func (s Slots) Save(ctx context.Context, slot upload.Slot) error {
	it, err := slotItem(slot)
	if err != nil {
		return err
	}
	err = s.Table.put(ctx, it, standsAt(slot.Version-1))
	if _, moved := standing(err); moved {
		return effect.ErrVersion
	}
	if err != nil {
		return fmt.Errorf("writing upload %s: %w", slot.ID, err)
	}
	return nil
}

// Remove deletes a slot as it was loaded; effect.ErrVersion when it has moved.
// One that is gone already is removed.
func (s Slots) Remove(ctx context.Context, slot upload.Slot) error {
	expression := "attribute_not_exists(pk) OR v = :v"
	_, err := s.Table.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.Table.Name, Key: key(slotPK(slot.ID), stateSK),
		ConditionExpression: &expression, ExpressionAttributeValues: item{":v": num(int64(slot.Version))},
	})
	err = asCondition(err)
	if _, moved := standing(err); moved {
		return effect.ErrVersion
	}
	if err != nil {
		return fmt.Errorf("removing upload %s: %w", slot.ID, err)
	}
	return nil
}

// change loads a slot, decides and writes until the version stands still; it
// gives the slot as it stands after. upload.ErrNothing is no error.
func (s Slots) change(ctx context.Context, id string, decide func(upload.Slot) (upload.Slot, error)) (upload.Slot, error) {
	for range slotAttempts {
		slot, err := s.Load(ctx, id)
		if err != nil {
			return upload.Slot{}, err
		}
		next, err := decide(slot)
		if errors.Is(err, upload.ErrNothing) {
			return slot, nil
		}
		if err != nil {
			return slot, err
		}
		if err = s.Save(ctx, next); err == nil {
			return next, nil
		}
		if !errors.Is(err, effect.ErrVersion) {
			return slot, err
		}
	}
	return upload.Slot{}, fmt.Errorf("writing upload %s: %w", id, effect.ErrVersion)
}

// slotAttempts bounds how often a slot's change is decided anew; only media, the
// attachment and the sweep write to one.
const slotAttempts = 8

func slotItem(slot upload.Slot) (item, error) {
	doc, err := json.Marshal(slot)
	if err != nil {
		return nil, fmt.Errorf("encoding upload %s: %w", slot.ID, err)
	}
	it := key(slotPK(slot.ID), stateSK)
	it[attrVersion], it[attrDoc] = num(int64(slot.Version)), str(string(doc))
	if slot.Attention != nil {
		it[attrDueKey], it[attrDueAt] = str(dueShard(slot.ID)), str(instant(*slot.Attention))
	}
	return it, nil
}

func slotOf(it item) (upload.Slot, error) {
	var slot upload.Slot
	if err := json.Unmarshal([]byte(text(it, attrDoc)), &slot); err != nil {
		return upload.Slot{}, fmt.Errorf("reading a slot: %w", err)
	}
	return slot, nil
}

// Attachments tells upload slots their report.
type Attachments struct {
	Slots Slots
	// Raise records on a report that one of its files was not taken, with the
	// reason's code. Raising one twice is harmless.
	Raise func(ctx context.Context, report, slot, code string) error
}

// Attach implements effect.Attacher. Each slot of the report learns it; where the
// file was refused before, or cannot be the report's at all, the report is told.
func (a Attachments) Attach(ctx context.Context, r report.Report) error {
	for _, id := range r.Media {
		slot, err := a.Slots.change(ctx, id, func(s upload.Slot) (upload.Slot, error) { return s.Attached(r.ID, r.Owner) })
		code := ""
		switch f := fault.As(err); {
		case f != nil:
			// Another report was first, or the slot is gone: that does not change
			// any more, so the effect is done and the report stands.
			code = f.Code
		case err != nil:
			return fmt.Errorf("attaching upload %s: %w", id, err)
		case slot.MustTell():
			code = slot.Reason
		}
		if code == "" {
			continue
		}
		if err := a.Raise(ctx, r.ID, id, code); err != nil {
			return fmt.Errorf("telling of upload %s: %w", id, err)
		}
	}
	return nil
}

var _ effect.Attacher = Attachments{}
