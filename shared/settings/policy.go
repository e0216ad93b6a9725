package settings

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"paht/shared/report"
	"paht/shared/worktime"
)

// Policy is the readings of the decision that hold at one instant. Version names
// the document that they come from; it is stored beside each due time.
type Policy struct {
	Version string

	ScreeningMinutes    int         // R60: 02 giờ làm việc, working minutes
	TransferMinutes     int         // R62: 01 giờ làm việc, working minutes
	ReturnMinutes       int         // R66, in HourUnit
	ResultMinutes       int         // R69, in HourUnit
	PublicationMinutes  int         // R71, in HourUnit
	RedistributeMinutes int         // A5: the operator's own hour after a return, in HourUnit
	HourUnit            report.Unit // A1: what "giờ" without "làm việc" counts in

	DefaultHandlingDays       int // A6, A28: where a category names no handling time
	MaxAssignmentsPerTransfer int // A3, A25: agencies of one transfer
	TransfersBeforeNotice     int // A22: the province office is told from this transfer on
	ProgressNoticeDays        int // A7: working days after the due time until the province office is told
	ProgressRepeatDays        int // A7: working days between progress notices

	NoticeDelay               time.Duration // how long a decision can be taken back before its notice leaves
	SupplementPausesScreening bool          // A26
	RatingDays                int           // A18
	ReworkDays                int           // A27

	TextMin       int   // R50, characters
	TextMax       int   // R50, characters
	MaxFiles      int   // R47: files of one report
	MaxPhotoBytes int64 // R47
	MaxPixels     int   // of a photo, looked at before it is decoded

	SignatureTolerance     time.Duration // R68: clocks that differ
	RequirePersonSignature bool          // R68: Decree 30/2020/NĐ-CP Art. 5
	AllowValidationData    bool          // R68: an update after signing that adds only validation data
	ResultRetentionYears   int           // R46: how long the store lets nobody replace or remove a signed result
	ResultRetentionMode    string        // RetainGovernance or RetainCompliance

	NearMetres PerCategory // within which a report may be about the same thing as another
	NearDays   PerCategory

	PublicNameConsent bool   // A13: with consent the name is shown; false shows nobody's
	OpenReportsPublic string // A17: PublicCounts or PublicStatus

	SessionDays             int  // A10: 180 at most
	WrongPasswords          int  // R28, R36
	InactivityYears         int  // R29, R37
	InactivityEndsOnWorkday bool // A10, Civil Code 2015 Art. 148.5
	VerificationHours       int  // how long an e-mail's proof is good for
	ActivationHours         int  // how long an officer's first log-in is good for
}

// How a signed result is retained: so that the account's own administrator can lift
// it by a right that no function has, or so that nobody can.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
const (
	RetainGovernance = "governance"
	RetainCompliance = "compliance"
)

// ResultRetainedUntil is until when the file of a signed result is kept that came at
// this instant: the years are counted from the end of the year in which the matter
// was handled (Law 33/2024/QH15 on archives), at least.
func (p Policy) ResultRetainedUntil(came time.Time) time.Time {
	local := came.In(worktime.Zone)
	return time.Date(local.Year()+1+p.ResultRetentionYears, time.January, 1, 0, 0, 0, 0, worktime.Zone)
}

// What the public sees of open reports (reading A17).
const (
	PublicCounts = "counts" // figures only
	PublicStatus = "status" // and category, commune and status, without text
)

// InactivityLock is the instant at which an account is locked that was last
// logged in to at last (R29, R37, reading A10).
func (p Policy) InactivityLock(cal *worktime.Calendar, last time.Time) time.Time {
	if p.InactivityEndsOnWorkday {
		return worktime.InactivityLock(cal, last)
	}
	return worktime.InactivityYear(last).End()
}

// policyRow is one value from one instant on.
type policyRow struct {
	Name      string          `json:"name"`
	Value     json.RawMessage `json:"value"`
	ValidFrom Moment          `json:"valid_from"`
	Note      string          `json:"note"`
}

// PolicyTable is a policies document over the product's own.
type PolicyTable struct {
	version string
	values  []policyValue // by from
}

// policyValue is a row as read.
type policyValue struct {
	from  Moment
	apply func(*Policy)
}

// At is the policy that holds at an instant. What the department has not set, or
// not set in a form that this version of the product reads, is the product's.
func (t *PolicyTable) At(at time.Time) Policy {
	p := Policy{Version: t.version}
	for _, v := range t.values {
		if v.from.begun(at) {
			v.apply(&p)
		}
	}
	return p
}

// changes lists the instants at which the policy changes.
func (t *PolicyTable) changes() []time.Time {
	var at []time.Time
	for _, v := range t.values {
		if len(at) == 0 || !at[len(at)-1].Equal(v.from.Time) {
			at = append(at, v.from.Time)
		}
	}
	return at
}

// parsePolicies reads a document over the product's own. The version is made of
// both: a newer product may bring another value for a name that the department
// left alone.
func parsePolicies(version int, data []byte) (*PolicyTable, *problems) {
	product, _ := Default(Policies)
	sum := sha256.Sum256(append(slices.Clone(product), data...))
	t := &PolicyTable{version: fmt.Sprintf("%d-%s", version, hex.EncodeToString(sum[:4]))}
	p := &problems{}
	for _, row := range own[policyRow](product) {
		if apply := readPolicy(p, "", row); apply != nil {
			t.values = append(t.values, policyValue{row.ValidFrom, apply})
		}
	}
	seen := map[string]bool{}
	for i, row := range rows[policyRow](p, data, maxSetRows) {
		apply := readPolicy(p, rowPath(i), row)
		key := row.Name + "@" + row.ValidFrom.Format(time.RFC3339Nano)
		if row.Name != "" && seen[key] {
			p.add(rowPath(i), RuleDuplicate)
			continue
		}
		seen[key] = true
		if apply != nil {
			t.values = append(t.values, policyValue{row.ValidFrom, apply})
		}
	}
	slices.SortStableFunc(t.values, func(a, b policyValue) int { return a.from.Compare(b.from.Time) })
	if len(p.list) == 0 {
		t.checkTogether(p)
	}
	return t, p
}

// checkTogether looks at what two values say together, at each instant.
func (t *PolicyTable) checkTogether(p *problems) {
	for _, at := range t.changes() {
		if policy := t.At(at); policy.TextMin > policy.TextMax {
			p.add("", RuleConflict, "text_min", "text_max")
			return
		}
	}
}

// readPolicy reads a row; nil when it sets nothing.
func readPolicy(p *problems, path string, row policyRow) func(*Policy) {
	p.text(path+".note", row.Note, 1000, false, true)
	rule, known := policyRules[row.Name]
	switch {
	case row.Name == "":
		p.add(path+".name", RuleRequired)
	case !known:
		p.add(path+".name", RuleUnknownPolicy)
	case row.Value == nil:
		p.add(path+".value", RuleRequired)
	default:
		apply, broken, args := rule(row.Value)
		if broken == "" {
			return apply
		}
		p.add(path+".value", broken, args...)
	}
	return nil
}

// policyRule is one known name: it reads a value into what the value does to a
// policy, or says which rule it breaks.
type policyRule func(raw json.RawMessage) (apply func(*Policy), broken string, args []string)

// whole is a whole number from low to high in units of one.
func whole[N ~int | ~int64](low, high N, one N, at func(*Policy) *N) policyRule {
	return func(raw json.RawMessage) (func(*Policy), string, []string) {
		var n int64
		if string(raw) == "null" || json.Unmarshal(raw, &n) != nil {
			return nil, RuleNotWhole, nil
		}
		if n < int64(low) || n > int64(high) {
			return nil, RuleOutOfRange, []string{fmt.Sprint(int64(low)), fmt.Sprint(int64(high))}
		}
		return func(p *Policy) { *at(p) = N(n) * one }, "", nil
	}
}

// flag is true or false.
func flag(at func(*Policy) *bool) policyRule {
	return func(raw json.RawMessage) (func(*Policy), string, []string) {
		var b bool
		if string(raw) == "null" || json.Unmarshal(raw, &b) != nil {
			return nil, RuleNotFlag, nil
		}
		return func(p *Policy) { *at(p) = b }, "", nil
	}
}

// word is one of the words given.
func word[S ~string](at func(*Policy) *S, words ...S) policyRule {
	return func(raw json.RawMessage) (func(*Policy), string, []string) {
		var s S
		if json.Unmarshal(raw, &s) != nil || !slices.Contains(words, s) {
			var allowed []string
			for _, w := range words {
				allowed = append(allowed, string(w))
			}
			return nil, RuleBadValue, allowed
		}
		return func(p *Policy) { *at(p) = s }, "", nil
	}
}

// only is a flag of which this version carries out one value.
func only(value bool, at func(*Policy) *bool) policyRule {
	read := flag(at)
	return func(raw json.RawMessage) (func(*Policy), string, []string) {
		apply, broken, args := read(raw)
		if broken != "" {
			return nil, broken, args
		}
		var p Policy
		if apply(&p); *at(&p) != value {
			return nil, RuleUnsupported, nil
		}
		return apply, "", nil
	}
}

// PolicyNames lists the known policies.
func PolicyNames() []string {
	names := make([]string, 0, len(policyRules))
	for name := range policyRules {
		names = append(names, name)
	}
	slices.SortFunc(names, cmp.Compare)
	return names
}
