package submit

import (
	"context"
	"fmt"
	"time"

	"paht/shared/contract"
	"paht/shared/decision"
	"paht/shared/fault"
	"paht/shared/httpapi"
)

// Desk opens and shows upload slots.
type Desk interface {
	// Open opens a slot for each file of the caller's act, in their order, or finds
	// those of its first time; a key used for another body is a fault key_reused.
	Open(ctx context.Context, files []contract.File) ([]contract.Upload, error)
	// Read shows a slot to its owner; to anybody else it is a fault not_found.
	Read(ctx context.Context, id string) (contract.Upload, error)
}

// Uploads are the doors of the upload slots.
type Uploads struct {
	Desk     Desk
	Settings decision.Settings
	Now      func() time.Time
}

// Bind serves the doors of the slots.
func (u *Uploads) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.OpenUploads, u.open)
	httpapi.Bind(server, contract.ReadUpload, u.read)
}

// open holds the request to the policy, which may be stricter than the contract.
func (u *Uploads) open(ctx context.Context, in *contract.OpenUploadsInput) (*contract.OpenUploadsOutput, error) {
	set, err := u.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := set.Policy(ctx, u.Now())
	if err != nil {
		return nil, err
	}
	var wrong fault.Fields
	if len(in.Body.Files) > policy.MaxFiles {
		wrong.Add("body.files", "too_many", fmt.Sprint(policy.MaxFiles))
	}
	for i, f := range in.Body.Files {
		if f.Size > policy.MaxPhotoBytes {
			wrong.Add(fmt.Sprintf("body.files[%d].size", i), "too_large", fmt.Sprint(policy.MaxPhotoBytes))
		}
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	out := &contract.OpenUploadsOutput{}
	out.Body.Uploads, err = u.Desk.Open(ctx, in.Body.Files)
	return out, err
}

func (u *Uploads) read(ctx context.Context, in *contract.UploadInput) (*contract.UploadOutput, error) {
	shown, err := u.Desk.Read(ctx, in.Upload)
	if err != nil {
		return nil, err
	}
	return &contract.UploadOutput{Body: shown}, nil
}
