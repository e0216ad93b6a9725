package processcallback

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"paht/shared/contract"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/upload"
	"paht/shared/verdict"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// conclude takes the signed result (R68): the file is verified under the
// department's roots and the agency's certificates, and only then is the
// assignment concluded. The verdict is stored with the event as evidence.
func (s *Step) conclude(ctx context.Context, in *contract.ConcludeInput) (*contract.ActedOutput, error) {
	summary := vietnamese.NFC(in.Body.Summary)
	return view.Acting(ctx, s.Flow, s.Maker, in.Report, func(h report.History, c report.Context) (report.Change, error) {
		a, err := receivable(&h.Report, in.Assignment, c)
		if err != nil {
			return report.Change{}, err
		}
		file, uploaded, err := s.file(ctx, in.Body.Upload, h.Report.ID, a.ID, c)
		if err != nil {
			return report.Change{}, err
		}
		set, err := s.Maker.Settings.Load(ctx)
		if err != nil {
			return report.Change{}, err
		}
		evidence, err := verdict.Judge(ctx, set, file, a, c.At, "body.upload")
		if err != nil {
			return report.Change{}, err
		}
		found, err := json.Marshal(evidence)
		if err != nil {
			return report.Change{}, fmt.Errorf("encoding the verdict: %w", err)
		}
		policy, err := set.Policy(ctx, uploaded)
		if err != nil {
			return report.Change{}, err
		}
		retained := policy.ResultRetainedUntil(uploaded)
		change, err := report.Conclude(h.Report, a.ID, report.SignedResult{
			Slot: in.Body.Upload, SHA256: evidence.FileSHA256, Retained: retained, ResultAt: in.Body.ResultAt.Time,
			SignedAt: evidence.AgencySignedAt, Verdict: found, Summary: summary,
		}, c)
		if err != nil {
			return report.Change{}, err
		}
		// What is refused has changed nothing; what is written has its file.
		if err := s.attach(ctx, in.Body.Upload, h.Report.ID, c); err != nil {
			return report.Change{}, err
		}
		// Until when follows from the slot, so that a repeat asks for the same and never
		// for less. What is recorded is retained: it is done before, and not owed.
		return change, s.Objects.Retain(ctx, report.UploadKey(string(upload.Result), in.Body.Upload), policy.ResultRetentionMode, retained)
	})
}

// attachAttempts bounds how often an attachment is tried anew; only the sweep and
// a repeat of the act write to such a slot.
const attachAttempts = 5

// attach tells the slot its report, before the report names the slot: so the
// sweep never removes the file of a result.
func (s *Step) attach(ctx context.Context, slot, id string, c report.Context) error {
	for range attachAttempts {
		u, err := s.Slots.Load(ctx, slot)
		if err != nil {
			return err
		}
		attached, err := u.Attached(id, c.By.ID)
		if errors.Is(err, upload.ErrNothing) {
			return nil
		}
		if err != nil {
			return err
		}
		attached.Attention = nil
		if err = s.Slots.Save(ctx, attached); !errors.Is(err, effect.ErrVersion) {
			return err
		}
	}
	return fmt.Errorf("attaching upload %s: others kept writing at the same time", slot)
}

// receivable refuses early what the decision would refuse, before a file is read.
func receivable(r *report.Report, assignment string, c report.Context) (*report.Assignment, error) {
	a := r.Assignment(assignment)
	if a == nil || a.Agency != c.By.Agency {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	if a.State != report.Received {
		return nil, fault.New(fault.Conflict, "wrong_state", string(a.State))
	}
	return a, nil
}

// file reads an uploaded result that the act names: of this officer, for this
// assignment, whole, and as announced. It tells besides when its slot was opened.
func (s *Step) file(ctx context.Context, slot, id, assignment string, c report.Context) ([]byte, time.Time, error) {
	u, err := s.Slots.Load(ctx, slot)
	if fault.Is(err, "unknown_upload") || err == nil && (u.Owner != c.By.ID || u.Purpose != upload.Result || u.For != id || u.Assignment != assignment) {
		return nil, time.Time{}, fault.InvalidField("body.upload", "unknown_upload")
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	if _, err := u.Attached(id, c.By.ID); err != nil && !errors.Is(err, upload.ErrNothing) {
		return nil, time.Time{}, err
	}
	data, err := s.Objects.Read(ctx, report.UploadKey(string(upload.Result), slot), verdict.MaxResult+1)
	if fault.Is(err, "upload_unfinished") {
		return nil, time.Time{}, fault.InvalidField("body.upload", "upload_unfinished")
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	sum := sha256.Sum256(data)
	if base64.StdEncoding.EncodeToString(sum[:]) != u.SHA256 {
		return nil, time.Time{}, fault.InvalidField("body.upload", "upload_rejected", "wrong_checksum")
	}
	return data, u.Created, nil
}
