package signature

import (
	"fmt"
	"slices"
	"sort"
)

// The rules that a file can break. The codes are stable: they are stored, shown
// to programs, and the key of the text shown to people.
const (
	RuleTooLarge          = "too_large"
	RuleNotPDF            = "not_pdf"
	RuleEncrypted         = "encrypted"
	RuleTooCostly         = "too_costly"
	RuleUnparsable        = "unparsable"
	RuleNoSignature       = "no_signature"
	RuleSubFilter         = "subfilter"
	RuleByteRange         = "byte_range"
	RuleGap               = "gap_holds_more"
	RuleUpdated           = "updated_after_signing"
	RuleValidationData    = "validation_data_after_signing"
	RuleUnreadable        = "signature_unreadable"
	RuleSHA1              = "sha1"
	RuleAlgorithm         = "algorithm"
	RuleContentChanged    = "content_changed"
	RuleSignatureInvalid  = "signature_invalid"
	RuleNoTrustedRoot     = "no_trusted_root"
	RuleChain             = "chain"
	RuleKeyUsage          = "key_usage"
	RuleTimeStamp         = "time_stamp"
	RuleNoSigningTime     = "no_signing_time"
	RuleWindow            = "signed_outside_window"
	RuleNoAgencyList      = "no_agency_certificate"
	RulePersonCertificate = "person_certificate"
	RuleOtherAgency       = "other_agency"
	RuleNoPerson          = "no_person_signature"
)

// Rules lists the codes in the order in which a refusal names them: what makes
// the rest meaningless comes first.
var Rules = []string{
	RuleTooLarge, RuleNotPDF, RuleEncrypted, RuleTooCostly, RuleUnparsable,
	RuleNoSignature, RuleSubFilter, RuleByteRange, RuleGap, RuleUpdated, RuleValidationData,
	RuleUnreadable, RuleSHA1, RuleAlgorithm, RuleContentChanged, RuleSignatureInvalid,
	RuleNoTrustedRoot, RuleChain, RuleKeyUsage, RuleTimeStamp, RuleNoSigningTime, RuleWindow,
	RuleNoAgencyList, RulePersonCertificate, RuleOtherAgency, RuleNoPerson,
}

// Finding is one broken rule.
type Finding struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
}

// Refused says why a file is not a signed result. Rule and Detail are the first
// finding's; All holds every one that was found.
type Refused struct {
	Rule   string    `json:"rule"`
	Detail string    `json:"detail"`
	All    []Finding `json:"all"`
}

func (r *Refused) Error() string {
	return fmt.Sprintf("verifying a signed result: %s: %s", r.Rule, r.Detail)
}

// findings collects broken rules.
type findings []Finding

func (f *findings) add(rule, format string, args ...any) {
	found := Finding{Rule: rule, Detail: fmt.Sprintf(format, args...)}
	if !slices.Contains(*f, found) {
		*f = append(*f, found)
	}
}

func (f findings) refusal() error {
	if len(f) == 0 {
		return nil
	}
	sort.SliceStable(f, func(i, j int) bool {
		return slices.Index(Rules, f[i].Rule) < slices.Index(Rules, f[j].Rule)
	})
	return &Refused{Rule: f[0].Rule, Detail: f[0].Detail, All: f}
}
