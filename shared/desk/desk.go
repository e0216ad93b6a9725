// Package desk opens upload slots for the doors that hand them out, and shows
// them in the contract's types: submit for photos, processcallback for signed
// results. It imports no AWS and no step.
package desk

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/upload"
)

// Slots keeps slots.
type Slots interface {
	// Open creates a slot, or gives the one of its id that the same request of the
	// same account opened before; another request's is a fault key_reused.
	Open(ctx context.Context, s upload.Slot) (upload.Slot, error)
	// Load reads a slot; a missing one is a fault unknown_upload.
	Load(ctx context.Context, id string) (upload.Slot, error)
}

// Objects signs forms and tells what was uploaded.
type Objects interface {
	// Form makes the presigned form of a slot; the same for the same slot.
	Form(ctx context.Context, s upload.Slot) (upload.Form, error)
	// Present tells whether an object is there.
	Present(ctx context.Context, key string) (bool, error)
}

// Desk opens and shows slots.
type Desk struct {
	Slots   Slots
	Objects Objects
	Now     func() time.Time
}

// Open opens a photo's slot for each file of the caller's act, in their order. A
// repeat of the act finds the slots of the first.
func (d Desk) Open(ctx context.Context, files []contract.File) ([]contract.Upload, error) {
	var wrong fault.Fields
	for i, f := range files {
		checkDigest(&wrong, fmt.Sprintf("body.files[%d].sha256", i), f.SHA256)
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	opened := make([]contract.Upload, 0, len(files))
	for i, f := range files {
		s := d.slot(ctx, httpapi.Caller(ctx).Account, i)
		s.Purpose, s.Type, s.Size, s.SHA256 = upload.Photo, f.Type, f.Size, f.SHA256
		one, err := d.open(ctx, upload.New(s, d.Now()))
		if err != nil {
			return nil, err
		}
		opened = append(opened, one)
	}
	return opened, nil
}

// OpenResult opens the slot of a signed result, for one assignment of one report.
func (d Desk) OpenResult(ctx context.Context, account, report, assignment string, size int64, digest string) (contract.Upload, error) {
	var wrong fault.Fields
	checkDigest(&wrong, "body.sha256", digest)
	if err := wrong.Err(); err != nil {
		return contract.Upload{}, err
	}
	s := d.slot(ctx, account, 0)
	s.Size, s.SHA256 = size, digest
	return d.open(ctx, upload.NewResult(s, report, assignment, d.Now()))
}

// Opened tells whether the request's act opened a slot before: a repeat is
// answered whatever has become of the report since.
func (d Desk) Opened(ctx context.Context) (bool, error) {
	_, err := d.Slots.Load(ctx, d.slot(ctx, "", 0).ID)
	if fault.Is(err, "unknown_upload") {
		return false, nil
	}
	return err == nil, err
}

// Read shows a slot to its owner; to anybody else it is not there.
func (d Desk) Read(ctx context.Context, id string) (contract.Upload, error) {
	s, err := d.Slots.Load(ctx, id)
	if fault.Is(err, "unknown_upload") || err == nil && s.Owner != httpapi.Caller(ctx).Account {
		return contract.Upload{}, fault.New(fault.NotFound, "not_found")
	}
	if err != nil {
		return contract.Upload{}, err
	}
	return d.show(ctx, s)
}

// slot is the i-th slot of the request's act.
func (d Desk) slot(ctx context.Context, account string, i int) upload.Slot {
	return upload.Slot{ID: upload.ID(httpapi.Key(ctx), i), Owner: account, Request: httpapi.RequestDigest(ctx), Trace: httpapi.Trace(ctx)}
}

func (d Desk) open(ctx context.Context, s upload.Slot) (contract.Upload, error) {
	stood, err := d.Slots.Open(ctx, s)
	if err != nil {
		return contract.Upload{}, err
	}
	// The answer of the act is its slot and form, the same at every repeat; how
	// the upload stands is asked of the slot.
	return d.withForm(ctx, stood, contract.Upload{ID: stood.ID, State: string(upload.Open)})
}

// Pending is the state of a slot whose object is there and not checked yet.
const Pending = "pending"

// show tells how a slot stands; while it waits for its object, with the form.
func (d Desk) show(ctx context.Context, s upload.Slot) (contract.Upload, error) {
	out := contract.Upload{ID: s.ID, State: string(s.State), Reason: s.Reason}
	if s.State != upload.Open {
		return out, nil
	}
	present, err := d.Objects.Present(ctx, s.Key())
	if err != nil {
		return contract.Upload{}, err
	}
	if present {
		out.State = Pending
		return out, nil
	}
	return d.withForm(ctx, s, out)
}

func (d Desk) withForm(ctx context.Context, s upload.Slot, out contract.Upload) (contract.Upload, error) {
	form, err := d.Objects.Form(ctx, s)
	if err != nil {
		return contract.Upload{}, err
	}
	out.URL, out.Fields, out.Expires = form.URL, form.Fields, &contract.Time{Time: form.Expires}
	return out, nil
}

// checkDigest wants a SHA-256 in the one form that the bucket compares with: the
// last character of base64 can be written in four ways, of which one is right.
func checkDigest(wrong *fault.Fields, path, digest string) {
	sum, err := base64.StdEncoding.Strict().DecodeString(digest)
	if err != nil || len(sum) != 32 {
		wrong.Add(path, "wrong_form")
	}
}
