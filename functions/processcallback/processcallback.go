// Package processcallback is the agency's side (11.3): receipt, progress, return
// and the signed result. It imports no AWS and no other step.
package processcallback

import (
	"cmp"
	"context"
	"time"

	"paht/shared/contract"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/upload"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// Slots are the upload slots of signed results.
type Slots interface {
	// Load reads a slot; a missing one is a fault unknown_upload.
	Load(ctx context.Context, id string) (upload.Slot, error)
	// Save writes a slot under the version before; effect.ErrVersion when it moved.
	Save(ctx context.Context, s upload.Slot) error
}

// Objects reads what was uploaded.
type Objects interface {
	// Read gives an object's bytes, at most max of them; a missing one is a fault
	// upload_unfinished.
	Read(ctx context.Context, key string, max int64) ([]byte, error)
	// Retain keeps an object as it is until an instant; a repeat is harmless.
	Retain(ctx context.Context, key, mode string, until time.Time) error
}

// Opener opens the slot of a signed result.
type Opener interface {
	// OpenResult opens a slot for one exact PDF, or finds the one that the same
	// act opened before, with the form that fills it.
	OpenResult(ctx context.Context, account, report, assignment string, size int64, sha256 string) (contract.Upload, error)
	// Opened tells whether the request's act opened a slot before.
	Opened(ctx context.Context) (bool, error)
}

// Reports reads reports.
type Reports interface {
	// State reads a report's state; a missing one is a fault not_found.
	State(ctx context.Context, id string) (report.Report, error)
}

// Step is the agency's side.
type Step struct {
	Flow    effect.Actor
	Maker   decision.Maker
	Slots   Slots
	Objects Objects
	Opener  Opener
	Reports Reports
}

// Bind serves the agency's acts.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.ReceivePart, s.receive)
	httpapi.Bind(server, contract.ReportProgress, s.progress)
	httpapi.Bind(server, contract.ExtendPart, s.extend)
	httpapi.Bind(server, contract.ReturnPart, s.giveBack)
	httpapi.Bind(server, contract.OpenResultUpload, s.openUpload)
	httpapi.Bind(server, contract.ConcludePart, s.conclude)
}

func (s *Step) receive(ctx context.Context, in *contract.PartInput) (*contract.ActedOutput, error) {
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		return report.Receive(h.Report, in.Assignment, c)
	})
}

func (s *Step) progress(ctx context.Context, in *contract.PartTextInput) (*contract.ActedOutput, error) {
	text := vietnamese.NFC(in.Body.Text)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		return report.Progress(h.Report, in.Assignment, text, c)
	})
}

func (s *Step) extend(ctx context.Context, in *contract.ExtendInput) (*contract.ActedOutput, error) {
	reason := vietnamese.NFC(in.Body.Reason)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		return report.Extend(h.Report, in.Assignment, in.Body.Days, reason, c)
	})
}

func (s *Step) giveBack(ctx context.Context, in *contract.ReturnInput) (*contract.ActedOutput, error) {
	o := report.Opinion{Code: in.Body.Code, Reason: vietnamese.NFC(in.Body.Reason), Related: vietnamese.NFC(in.Body.Related)}
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		if err := s.related(ctx, &o, h.Report.ID); err != nil {
			return report.Change{}, err
		}
		return report.Return(h.Report, in.Assignment, o, c)
	})
}

// related checks that what was already handled names by what (reading A4): an
// earlier document, or an earlier report by its tracking code, which must be there.
func (s *Step) related(ctx context.Context, o *report.Opinion, self string) error {
	if (o.Code == report.AlreadyHandled) != (o.Related != "") {
		return fault.InvalidField("body.related", "related_missing")
	}
	id, ok := report.ParseCode(o.Related)
	if !ok {
		return nil
	}
	_, err := s.Reports.State(ctx, id)
	if fault.Is(err, "not_found") || id == self {
		return fault.InvalidField("body.related", "earlier_unknown")
	}
	o.Related = id
	return err
}

func (s *Step) openUpload(ctx context.Context, in *contract.ResultUploadInput) (*contract.UploadOutput, error) {
	id, ok := report.ParseCode(in.Report)
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	r, err := s.Reports.State(ctx, id)
	if err != nil {
		return nil, err
	}
	a := r.Assignment(in.Assignment)
	if a == nil || a.Agency != httpapi.Caller(ctx).Agency {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	if a.State != report.Received {
		// The key is looked at before the state.
		if repeated, err := s.Opener.Opened(ctx); err != nil || !repeated {
			return nil, cmp.Or(err, error(fault.New(fault.Conflict, "wrong_state", string(a.State))))
		}
	}
	opened, err := s.Opener.OpenResult(ctx, httpapi.Caller(ctx).Account, id, in.Assignment, in.Body.Size, in.Body.SHA256)
	if err != nil {
		return nil, err
	}
	return &contract.UploadOutput{Body: opened}, nil
}
