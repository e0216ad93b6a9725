// Package verdict judges the signed result of an assignment under what the
// department configured: the trusted roots, the agency's certificates, the dated
// policy. The rules themselves are signature's. It imports no AWS and no step.
package verdict

import (
	"context"
	"errors"
	"fmt"
	"time"

	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/signature"
)

// MaxResult bounds a signed result in bytes (R68, rule 1).
const MaxResult = 20 << 20

// Judge verifies a file as the result of an assignment, uploaded at an instant. A
// broken rule is the fault result_refused on that field, with the rule's name.
func Judge(ctx context.Context, set *settings.Snapshot, file []byte, a *report.Assignment, uploaded time.Time, field string) (signature.Evidence, error) {
	policy, err := policyOf(ctx, set, a, uploaded)
	if err != nil {
		return signature.Evidence{}, err
	}
	evidence, err := signature.Verify(ctx, file, policy)
	var refused *signature.Refused
	if errors.As(err, &refused) {
		return evidence, fault.InvalidField(field, "result_refused", refused.Rule)
	}
	return evidence, err
}

func policyOf(ctx context.Context, set *settings.Snapshot, a *report.Assignment, uploaded time.Time) (signature.Policy, error) {
	// The worker that transferred may have had a clock that is some seconds ahead of
	// this one's: no upload lies before its transfer.
	if uploaded.Before(a.TransferredAt) {
		uploaded = a.TransferredAt
	}
	roots, err := set.Roots(ctx)
	if err != nil {
		return signature.Policy{}, err
	}
	certificates, err := set.Certificates(ctx)
	if err != nil {
		return signature.Policy{}, err
	}
	policy, err := set.Policy(ctx, uploaded)
	if err != nil {
		return signature.Policy{}, err
	}
	p := signature.Policy{
		Version: policy.Version, TransferredAt: a.TransferredAt, UploadedAt: uploaded,
		Tolerance: policy.SignatureTolerance, RequirePerson: policy.RequirePersonSignature,
		AllowValidationData: policy.AllowValidationData, MaxBytes: MaxResult,
	}
	if p.Roots, err = authorities(roots.PEM(settings.UseRoot, uploaded)); err != nil {
		return signature.Policy{}, fmt.Errorf("reading the trusted roots: %w", err)
	}
	if p.Intermediates, err = authorities(roots.PEM(settings.UseIntermediate, uploaded)); err != nil {
		return signature.Policy{}, fmt.Errorf("reading the intermediate authorities: %w", err)
	}
	for _, allowed := range certificates.Allowed(a.Agency, uploaded) {
		p.Agency = append(p.Agency, signature.AllowedCertificate(allowed))
	}
	return p, nil
}

// authorities parses certificates; none is none.
func authorities(pem []byte) (signature.Certificates, error) {
	if len(pem) == 0 {
		return signature.Certificates{}, nil
	}
	return signature.ParseRoots(pem)
}
