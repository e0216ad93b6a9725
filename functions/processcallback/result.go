package processcallback

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"paht/shared/contract"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/signature"
	"paht/shared/upload"
	"paht/shared/vietnamese"
	"paht/shared/view"
)

// MaxResult bounds a signed result in bytes (REQUIREMENTS, signed results).
const MaxResult = 20 << 20

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
		file, err := s.file(ctx, in.Body.Upload, h.Report.ID, a.ID, c)
		if err != nil {
			return report.Change{}, err
		}
		evidence, err := s.verify(ctx, file, a, c)
		if err != nil {
			return report.Change{}, err
		}
		verdict, err := json.Marshal(evidence)
		if err != nil {
			return report.Change{}, fmt.Errorf("encoding the verdict: %w", err)
		}
		return report.Conclude(h.Report, a.ID, report.SignedResult{
			Slot: in.Body.Upload, SHA256: evidence.FileSHA256, ResultAt: in.Body.ResultAt.Time,
			SignedAt: evidence.AgencySignedAt, Verdict: verdict, Summary: summary,
		}, c)
	})
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
// assignment, whole, and as announced. The slot learns its report, so that it is
// not taken for another.
func (s *Step) file(ctx context.Context, slot, id, assignment string, c report.Context) ([]byte, error) {
	u, err := s.Slots.Load(ctx, slot)
	if fault.Is(err, "unknown_upload") || err == nil && (u.Owner != c.By.ID || u.Purpose != upload.Result || u.Assignment != assignment) {
		return nil, fault.InvalidField("body.upload", "unknown_upload")
	}
	if err != nil {
		return nil, err
	}
	attached, err := u.Attached(id, c.By.ID)
	switch {
	case fault.Is(err, "upload_taken"):
		return nil, fault.InvalidField("body.upload", "upload_taken")
	case err == nil:
		attached.Attention = nil
		if err := s.Slots.Save(ctx, attached); err != nil && !errors.Is(err, effect.ErrVersion) {
			return nil, err
		}
	case !errors.Is(err, upload.ErrNothing):
		return nil, err
	}
	data, err := s.Objects.Read(ctx, report.UploadKey(string(upload.Result), slot), MaxResult+1)
	if fault.Is(err, "upload_unfinished") {
		return nil, fault.InvalidField("body.upload", "upload_unfinished")
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if base64.StdEncoding.EncodeToString(sum[:]) != u.SHA256 {
		return nil, fault.InvalidField("body.upload", "upload_rejected", "wrong_checksum")
	}
	return data, nil
}

// verify checks the signatures; a broken rule is named.
func (s *Step) verify(ctx context.Context, file []byte, a *report.Assignment, c report.Context) (signature.Evidence, error) {
	set, err := s.Maker.Settings.Load(ctx)
	if err != nil {
		return signature.Evidence{}, err
	}
	policy, err := signaturePolicy(ctx, set, a, c)
	if err != nil {
		return signature.Evidence{}, err
	}
	evidence, err := signature.Verify(ctx, file, policy)
	var refused *signature.Refused
	if errors.As(err, &refused) {
		return evidence, fault.InvalidField("body.upload", "result_refused", string(refused.Rule))
	}
	return evidence, err
}

// signaturePolicy is what the department configured for this agency at this instant.
func signaturePolicy(ctx context.Context, set *settings.Snapshot, a *report.Assignment, c report.Context) (signature.Policy, error) {
	roots, err := set.Roots(ctx)
	if err != nil {
		return signature.Policy{}, err
	}
	certificates, err := set.Certificates(ctx)
	if err != nil {
		return signature.Policy{}, err
	}
	policy, err := set.Policy(ctx, c.At)
	if err != nil {
		return signature.Policy{}, err
	}
	trusted, err := signature.ParseRoots(roots.PEM(settings.UseRoot, c.At))
	if err != nil {
		return signature.Policy{}, fmt.Errorf("reading the trusted roots: %w", err)
	}
	between, err := signature.ParseRoots(roots.PEM(settings.UseIntermediate, c.At))
	if err != nil && len(roots.PEM(settings.UseIntermediate, c.At)) > 0 {
		return signature.Policy{}, fmt.Errorf("reading the intermediate certificates: %w", err)
	}
	p := signature.Policy{
		Roots: trusted, Intermediates: between, TransferredAt: a.TransferredAt, UploadedAt: c.At,
		Tolerance: policy.SignatureTolerance, RequirePerson: policy.RequirePersonSignature,
		AllowValidationData: policy.AllowValidationData, MaxBytes: MaxResult, Version: policy.Version,
	}
	for _, allowed := range certificates.Allowed(a.Agency, c.At) {
		p.Agency = append(p.Agency, signature.AllowedCertificate(allowed))
	}
	return p, nil
}
