package signature

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // the digests that a signature may use
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/pkcs7"
)

var (
	oidData            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidTSTInfo         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSigningCertV2   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStampToken  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidSHA1            = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256          = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384          = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512          = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidCommonName      = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSurname         = asn1.ObjectIdentifier{2, 5, 4, 4}
	oidGivenName       = asn1.ObjectIdentifier{2, 5, 4, 42}
	oidUserID          = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	digests            = map[string]crypto.Hash{oidSHA256.String(): crypto.SHA256, oidSHA384.String(): crypto.SHA384, oidSHA512.String(): crypto.SHA512}
	sha1Algorithms     = []asn1.ObjectIdentifier{oidSHA1, pkcs7.OIDEncryptionAlgorithmRSASHA1, pkcs7.OIDDigestAlgorithmECDSASHA1, pkcs7.OIDDigestAlgorithmDSASHA1}
	signatureAlgorithm = map[string]string{
		pkcs7.OIDEncryptionAlgorithmRSA.String():       "RSA",
		pkcs7.OIDEncryptionAlgorithmRSASHA256.String(): "RSA",
		pkcs7.OIDEncryptionAlgorithmRSASHA384.String(): "RSA",
		pkcs7.OIDEncryptionAlgorithmRSASHA512.String(): "RSA",
		pkcs7.OIDDigestAlgorithmECDSASHA256.String():   "ECDSA",
		pkcs7.OIDDigestAlgorithmECDSASHA384.String():   "ECDSA",
		pkcs7.OIDDigestAlgorithmECDSASHA512.String():   "ECDSA",
	}
)

// message is a parsed CMS SignedData with its one signer.
type message struct {
	p7        *pkcs7.PKCS7
	cert      *x509.Certificate
	digest    crypto.Hash
	algorithm string
	// signature is what a signature time stamp stamps.
	signature []byte
	// signingTime is the signed attribute, zero if there is none.
	signingTime time.Time
	// stamp is the token in the unsigned attributes, nil if there is none.
	stamp []byte
}

// broken is a broken rule on its way to the findings.
type broken struct {
	rule   string
	detail string
}

func (b *broken) Error() string { return b.detail }

func breaks(rule, format string, args ...any) error {
	return &broken{rule: rule, detail: fmt.Sprintf(format, args...)}
}

// parseMessage reads a SignedData whose encoding boundBER has measured and that
// has one signer, whose certificate it carries or others holds, and algorithms
// that are accepted. contentType is what the signed attributes must name.
func parseMessage(token []byte, contentType asn1.ObjectIdentifier, others []*x509.Certificate) (m *message, err error) {
	// The library is asked to read hostile input; an index out of range there must
	// be a refusal here.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, breaks(RuleUnreadable, "it cannot be read as a CMS message")
		}
	}()
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return nil, breaks(RuleUnreadable, "it cannot be read as a CMS message: %v", err)
	}
	if len(p7.Signers) != 1 {
		return nil, breaks(RuleUnreadable, "it has %d signers instead of one", len(p7.Signers))
	}
	p7.Certificates = append(p7.Certificates, others...)
	signer := p7.Signers[0]
	m = &message{p7: p7, cert: p7.GetOnlySigner(), signature: signer.EncryptedDigest}
	if m.cert == nil {
		return nil, breaks(RuleUnreadable, "it does not carry its signer's certificate")
	}
	if err := m.checkAlgorithms(signer.DigestAlgorithm, signer.DigestEncryptionAlgorithm); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, a := range signer.AuthenticatedAttributes {
		if seen[a.Type.String()] {
			return nil, breaks(RuleUnreadable, "it has a signed attribute twice")
		}
		seen[a.Type.String()] = true
	}
	if len(signer.AuthenticatedAttributes) > 0 {
		if err := m.readAttributes(contentType); err != nil {
			return nil, err
		}
	}
	for _, a := range signer.UnauthenticatedAttributes {
		if !a.Type.Equal(oidTimeStampToken) {
			continue
		}
		if m.stamp != nil {
			return nil, breaks(RuleTimeStamp, "it has two time stamps")
		}
		m.stamp = a.Value.Bytes
	}
	return m, nil
}

func (m *message) checkAlgorithms(digest, signature pkix.AlgorithmIdentifier) error {
	for _, old := range sha1Algorithms {
		if digest.Algorithm.Equal(old) || signature.Algorithm.Equal(old) {
			return breaks(RuleSHA1, "it is made with SHA-1")
		}
	}
	if usesSHA1(m.cert) {
		return breaks(RuleSHA1, "its certificate is signed with SHA-1")
	}
	var known bool
	if m.digest, known = digests[digest.Algorithm.String()]; !known {
		return breaks(RuleAlgorithm, "its digest algorithm %s is not accepted", digest.Algorithm)
	}
	if m.algorithm, known = signatureAlgorithm[signature.Algorithm.String()]; !known {
		return breaks(RuleAlgorithm, "its signature algorithm %s is not accepted", signature.Algorithm)
	}
	if weakKey(m.cert) {
		return breaks(RuleAlgorithm, "its RSA key has fewer than %d bits", minRSABits)
	}
	return nil
}

func usesSHA1(c *x509.Certificate) bool {
	return c.SignatureAlgorithm == x509.SHA1WithRSA || c.SignatureAlgorithm == x509.ECDSAWithSHA1 || c.SignatureAlgorithm == x509.DSAWithSHA1
}

// essCertIDv2 is the part of RFC 5035's SigningCertificateV2 that says which
// certificate signed.
type essCertIDv2 struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash      []byte
}

type signingCertificateV2 struct {
	Certs []asn1.RawValue
}

// readAttributes checks what the library does not: the content type (RFC 5652,
// 11.1) and, where it stands, the certificate that the signer meant (RFC 5035).
func (m *message) readAttributes(contentType asn1.ObjectIdentifier) error {
	var kind asn1.ObjectIdentifier
	if err := m.p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(contentType) {
		return breaks(RuleUnreadable, "its signed attributes do not name the content type %s", contentType)
	}
	var digest []byte
	if err := m.p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeMessageDigest, &digest); err != nil {
		return breaks(RuleUnreadable, "its signed attributes hold no digest")
	}
	var at time.Time
	if err := m.p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &at); err == nil {
		m.signingTime = at
	}
	var ess signingCertificateV2
	if err := m.p7.UnmarshalSignedAttribute(oidSigningCertV2, &ess); err != nil || len(ess.Certs) == 0 {
		return nil
	}
	var id essCertIDv2
	if _, err := asn1.Unmarshal(ess.Certs[0].FullBytes, &id); err != nil {
		return breaks(RuleUnreadable, "its attribute about the signer's certificate is malformed")
	}
	hash := crypto.SHA256
	if id.Algorithm.Algorithm != nil {
		var known bool
		if hash, known = digests[id.Algorithm.Algorithm.String()]; !known {
			return breaks(RuleAlgorithm, "its attribute about the signer's certificate uses digest %s", id.Algorithm.Algorithm)
		}
	}
	h := hash.New()
	h.Write(m.cert.Raw)
	if !bytes.Equal(h.Sum(nil), id.Hash) {
		return breaks(RuleSignatureInvalid, "it was made for another certificate than the one it carries")
	}
	return nil
}

// verify does the mathematics over content.
func (m *message) verify(content []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = breaks(RuleSignatureInvalid, "its mathematics cannot be checked")
		}
	}()
	// The library would report a signing time outside the certificate's validity
	// as a wrong signature.
	if t := m.signingTime; !t.IsZero() && (t.Before(m.cert.NotBefore) || t.After(m.cert.NotAfter)) {
		return breaks(RuleChain, "its certificate was not valid at the signing time")
	}
	m.p7.Content = content
	err = m.p7.Verify()
	var mismatch *pkcs7.MessageDigestMismatchError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch):
		return breaks(RuleContentChanged, "the content is not what was signed")
	}
	return breaks(RuleSignatureInvalid, "its signature value is wrong")
}
