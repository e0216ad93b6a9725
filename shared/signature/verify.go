package signature

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"paht/shared/signature/internal/pdf"
)

// Verify judges a file. The error is a *[Refused] when the file breaks a rule,
// and anything else when the policy is a mistake or ctx has ended. The evidence
// holds what was found out even then. data is neither changed nor kept.
func Verify(ctx context.Context, data []byte, p Policy) (Evidence, error) {
	if err := p.check(); err != nil {
		return Evidence{}, err
	}
	v := &verification{policy: &p, data: data}
	v.evidence = Evidence{
		PolicyVersion: p.Version,
		FileBytes:     len(data),
		JudgedAt:      p.UploadedAt.UTC(),
		Signatures:    []SignatureEvidence{},
	}
	if limit := p.maxBytes(); len(data) > limit {
		v.findings.add(RuleTooLarge, "the file has %d bytes, more than %d", len(data), limit)
		return v.evidence, v.findings.refusal()
	}
	sum := sha256.Sum256(data)
	v.evidence.FileSHA256 = hex.EncodeToString(sum[:])
	if err := v.run(ctx); err != nil {
		rule, detail, ok := ruleOf(err)
		if !ok {
			return v.evidence, fmt.Errorf("verifying a signed result: %w", err)
		}
		v.findings.add(rule, "%s", detail)
	}
	return v.evidence, v.findings.refusal()
}

func (p *Policy) maxBytes() int {
	if p.MaxBytes == 0 {
		return DefaultMaxBytes
	}
	return p.MaxBytes
}

type verification struct {
	policy   *Policy
	data     []byte
	doc      *pdf.Document
	findings findings
	evidence Evidence
	// scratch holds the content of the signature being judged, since the library
	// wants it in one piece: one copy of the file, used again for each.
	scratch []byte
}

func (v *verification) run(ctx context.Context) error {
	var err error
	if v.doc, err = pdf.Open(v.data); err != nil {
		return err
	}
	if err := v.doc.Walk(ctx); err != nil {
		return err
	}
	all, err := locate(v.doc)
	if err != nil {
		return err
	}
	var signatures, stamps []*signed
	for _, s := range all {
		if s.timeStamp {
			stamps = append(stamps, s)
		} else {
			signatures = append(signatures, s)
		}
	}
	if len(signatures) == 0 {
		v.findings.add(RuleNoSignature, "the file has no signature")
		return nil
	}
	usable := map[*signed]bool{}
	for _, s := range all {
		usable[s] = checkRange(v.doc, s, &v.findings)
	}
	// A signature without a usable range sorts last: it must not make an earlier
	// one the last.
	sort.SliceStable(signatures, func(i, j int) bool { return position(signatures[i]) < position(signatures[j]) })
	last := signatures[len(signatures)-1]
	if usable[last] && last.end < len(v.data) {
		if err := v.checkUpdate(ctx, last, stamps); err != nil {
			return err
		}
	}
	var messages []*message
	for _, s := range signatures {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, m := v.judge(s, usable[s])
		v.evidence.Signatures = append(v.evidence.Signatures, e)
		messages = append(messages, m)
	}
	for _, s := range stamps {
		v.evidence.TimeStamps = append(v.evidence.TimeStamps, v.judgeDocumentStamp(s, usable[s]))
	}
	v.judgeSigners(messages)
	return nil
}

func position(s *signed) int {
	if s.end == 0 {
		return int(^uint(0) >> 1)
	}
	return s.end
}

func (v *verification) addError(s *signed, err error) {
	var b *broken
	if errors.As(err, &b) {
		v.findings.add(b.rule, "signature %q: %s", s.name, b.detail)
		return
	}
	v.findings.add(RuleUnreadable, "signature %q: %v", s.name, err)
}

// judge holds one signature against rules 2 and 4. The message is nil where the
// signature could not be read.
func (v *verification) judge(s *signed, usable bool) (SignatureEvidence, *message) {
	e := SignatureEvidence{Field: s.name, SubFilter: s.subFilter}
	if s.subFilter != subFilterCMS && s.subFilter != subFilterCAdES {
		v.findings.add(RuleSubFilter, "signature %q: its /SubFilter is neither %s nor %s", s.name, subFilterCMS, subFilterCAdES)
		if s.subFilter == "adbe.pkcs7.sha1" || s.subFilter == "adbe.x509.rsa_sha1" {
			v.findings.add(RuleSHA1, "signature %q: its /SubFilter %s is made with SHA-1", s.name, s.subFilter)
		}
		return e, nil
	}
	if !usable {
		return e, nil
	}
	e.CoversWholeFile = s.end == len(v.data)
	e.CoveredBytes = s.end
	token, ok := s.token(&v.findings)
	if !ok {
		return e, nil
	}
	m, err := parseMessage(token, oidData, nil)
	if err != nil {
		v.addError(s, err)
		return e, nil
	}
	e.Subject, e.Issuer, e.Serial = m.cert.Subject.String(), m.cert.Issuer.String(), m.cert.SerialNumber.Text(16)
	e.Digest, e.Algorithm = m.digest.String(), m.algorithm
	if len(m.p7.Content) > 0 {
		v.addError(s, breaks(RuleUnreadable, "it carries a content of its own instead of standing apart from it"))
		return e, m
	}
	if err := m.verify(v.content(s)); err != nil {
		v.addError(s, err)
	}
	v.judgeChain(s, m, &e)
	v.judgeTime(s, m, &e)
	return e, m
}

// content is what a signature covers, in one piece.
func (v *verification) content(s *signed) []byte {
	if v.scratch == nil {
		v.scratch = make([]byte, 0, len(v.data))
	}
	v.scratch = append(v.scratch[:0], v.data[:s.gapStart]...)
	v.scratch = append(v.scratch, v.data[s.gapEnd:s.end]...)
	return v.scratch
}

func (v *verification) judgeChain(s *signed, m *message, e *SignatureEvidence) {
	if v.policy.Roots.Len() == 0 {
		v.findings.add(RuleNoTrustedRoot, "no trusted root is configured")
		return
	}
	chain, err := v.policy.checkSignerChain(m)
	for _, c := range chain {
		e.Chain = append(e.Chain, identify(c))
	}
	if err != nil {
		v.addError(s, err)
	}
}

// judgeTime finds the signing time and holds it against the window.
func (v *verification) judgeTime(s *signed, m *message, e *SignatureEvidence) {
	switch {
	case m.stamp != nil:
		stamp, err := checkTimeStamp(m.stamp, [][]byte{m.signature}, m.p7.Certificates, v.policy)
		if err != nil {
			v.addError(s, err)
			return
		}
		for _, c := range stamp.chain {
			e.TimeStampChain = append(e.TimeStampChain, identify(c))
		}
		e.SignedAt, e.TimeSource = stamp.at, TimeFromTimeStamp
	case !m.signingTime.IsZero():
		e.SignedAt, e.TimeSource = m.signingTime, TimeFromAttribute
	default:
		at, ok := dictionaryTime(s.dict)
		if !ok {
			v.findings.add(RuleNoSigningTime, "signature %q: it says nowhere when it was made", s.name)
			return
		}
		e.SignedAt, e.TimeSource = at, TimeFromDictionary
	}
	e.SignedAt = e.SignedAt.UTC().Truncate(time.Second)
	if e.SignedAt.Before(m.cert.NotBefore) || e.SignedAt.After(m.cert.NotAfter) {
		v.addError(s, breaks(RuleChain, "its certificate was not valid at the signing time"))
	}
	v.checkWindow(s, e.SignedAt)
}

func (v *verification) checkWindow(s *signed, at time.Time) {
	p := v.policy
	if from := p.TransferredAt.Truncate(time.Second).Add(-p.Tolerance); at.Before(from) {
		v.findings.add(RuleWindow, "signature %q: it was made before the transfer", s.name)
	}
	if to := p.UploadedAt.Truncate(time.Second).Add(p.Tolerance); at.After(to) {
		v.findings.add(RuleWindow, "signature %q: its time lies after the upload", s.name)
	}
}

// judgeDocumentStamp verifies a document time stamp over what it covers.
func (v *verification) judgeDocumentStamp(s *signed, usable bool) SignatureEvidence {
	e := SignatureEvidence{Field: s.name, SubFilter: s.subFilter}
	if !usable {
		return e
	}
	e.CoversWholeFile = s.end == len(v.data)
	e.CoveredBytes = s.end
	token, ok := s.token(&v.findings)
	if !ok {
		return e
	}
	if v.policy.Roots.Len() == 0 {
		v.findings.add(RuleNoTrustedRoot, "no trusted root is configured")
		return e
	}
	parts := [][]byte{v.data[:s.gapStart], v.data[s.gapEnd:s.end]}
	stamp, err := checkTimeStamp(token, parts, nil, v.policy)
	if err != nil {
		v.addError(s, err)
		return e
	}
	e.Subject, e.Issuer, e.Serial = stamp.cert.Subject.String(), stamp.cert.Issuer.String(), stamp.cert.SerialNumber.Text(16)
	e.SignedAt, e.TimeSource = stamp.at.UTC().Truncate(time.Second), TimeFromTimeStamp
	for _, c := range stamp.chain {
		e.Chain = append(e.Chain, identify(c))
	}
	v.checkWindow(s, e.SignedAt)
	return e
}

// judgeSigners holds the signers against rule 5: the agency last, and before it
// a person where the policy asks for one.
func (v *verification) judgeSigners(messages []*message) {
	last := messages[len(messages)-1]
	if last != nil {
		if err := v.policy.checkAgency(last.cert); err != nil {
			var b *broken
			if errors.As(err, &b) {
				v.findings.add(b.rule, "%s", b.detail)
			}
		} else {
			v.evidence.AgencySignedAt = v.evidence.Signatures[len(messages)-1].SignedAt
		}
	}
	if !v.policy.RequirePerson {
		return
	}
	for _, m := range messages[:len(messages)-1] {
		if m != nil && !v.policy.isAgency(m.cert) {
			return
		}
	}
	v.findings.add(RuleNoPerson, "the competent person's signature before the agency's is missing")
}

// dictionaryTime reads /M of a signature dictionary (ISO 32000-1, 7.9.4). A time
// without a zone is read as Vietnam's.
func dictionaryTime(dict pdf.Dict) (time.Time, bool) {
	m, ok := dict.Get("M").(pdf.String)
	if !ok || len(m.Raw) > 64 {
		return time.Time{}, false
	}
	s := string(m.Bytes())
	if len(s) < 16 || s[:2] != "D:" {
		return time.Time{}, false
	}
	clock, zone := s[2:16], s[16:]
	switch {
	case zone == "" || zone == "'":
		zone = "+0700"
	case zone[0] == 'Z':
		zone = "+0000"
	default:
		zone = strings.ReplaceAll(zone, "'", "")
	}
	if len(zone) == 3 {
		zone += "00"
	}
	at, err := time.Parse("20060102150405-0700", clock+zone)
	return at, err == nil
}
