// Package signature decides whether a signed PDF is a result that an agency may
// hand in (R68): a document that parses, signed under Decree 68/2024/NĐ-CP with
// the agency's certificate last (Decree 30/2020/NĐ-CP, Article 5), unchanged
// since, within the time that the assignment allows. [Verify] answers with
// [Evidence], which is stored, or with a [Refused] that names the broken rule.
//
// The file is read by shared/signature/internal/pdf and not by a ready-made
// parser. Of those at hand one overflows its stack on nested arrays, which
// recover does not catch, so that one upload would take the function and every
// report in it down; the other keeps each value of a hostile file in memory,
// weighs as much as the rest of the function, and neither says where in the file
// the bytes of /Contents stand, on which the rule about the gap rests. One is
// the second opinion of the tests. The mathematics is the pkcs7 library's,
// behind bounds of our own, since its BER reader recurses without a limit; what
// is accepted is decided here.
//
// It imports no AWS and no HTTP, reads no clock and no network: everything a
// verdict depends on is in the Policy, so that the same file under the same
// policy gets the same verdict when it is verified again at publication.
package signature

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The values of a policy that the department has not set otherwise.
const (
	DefaultTolerance = 5 * time.Minute
	DefaultMaxBytes  = 20 << 20
)

// minRSABits is the least length of an RSA key (NIST SP 800-131A: shorter ones
// are disallowed for signatures since 2014).
const minRSABits = 2048

// Policy is everything but the file that a verdict depends on.
type Policy struct {
	// Version names the dated policy that the values come from; it is stored.
	Version string
	// Roots are what the department trusts, for signatures and time stamps alike.
	Roots Certificates
	// Intermediates complete chains whose file does not carry them.
	Intermediates Certificates
	// Agency lists the certificates of the agency that holds the assignment.
	Agency []AllowedCertificate
	// TransferredAt and UploadedAt bound the signing time. Chains are judged at
	// UploadedAt.
	TransferredAt time.Time
	UploadedAt    time.Time
	// Tolerance widens the bounds for clocks that differ.
	Tolerance time.Duration
	// RequirePerson asks for the competent person's signature before the agency's.
	RequirePerson bool
	// AllowValidationData accepts an update after signing that only adds
	// validation data (DSS, VRI) or a document time stamp.
	AllowValidationData bool
	// MaxBytes is the largest file; DefaultMaxBytes if 0.
	MaxBytes int
}

// AllowedCertificate names a certificate of an agency: by the common name of
// its subject, or by issuer and serial number.
type AllowedCertificate struct {
	CommonName string `json:"commonName,omitempty"`
	// Issuer as Evidence shows it (RFC 2253), Serial in hexadecimal.
	Issuer string `json:"issuer,omitempty"`
	Serial string `json:"serial,omitempty"`
}

// Check reports what is wrong with one entry of the list.
func (a AllowedCertificate) Check() error {
	byName, bySerial := a.CommonName != "", a.Issuer != "" || a.Serial != ""
	switch {
	case byName && bySerial:
		return errors.New("an agency certificate is named by commonName or by issuer and serial, not by both")
	case byName:
		return nil
	case a.Issuer == "" || a.Serial == "":
		return errors.New("an agency certificate needs commonName, or both issuer and serial")
	case !isHex(normalSerial(a.Serial)):
		return errors.New("the serial of an agency certificate is not hexadecimal")
	}
	return nil
}

func isHex(s string) bool {
	return s != "" && strings.Trim(s, "0123456789abcdef") == ""
}

// normalSerial makes the ways in which tools print a serial number one.
func normalSerial(s string) string {
	s = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(s))
	return strings.TrimLeft(strings.TrimPrefix(s, "0x"), "0")
}

func (a AllowedCertificate) matches(c *x509.Certificate) bool {
	if a.CommonName != "" {
		names := values(c, oidCommonName)
		return len(names) == 1 && sameName(names[0], a.CommonName)
	}
	return a.Serial != "" && a.Issuer != "" &&
		normalSerial(a.Serial) == normalSerial(c.SerialNumber.Text(16)) && a.Issuer == c.Issuer.String()
}

// sameName compares exactly, but for the two ways in which Unicode writes a
// letter with marks.
func sameName(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }

// Certificates are certificates of authorities, ready for building chains.
type Certificates struct {
	list []*x509.Certificate
	pool *x509.CertPool
}

// Len is the number of certificates.
func (c Certificates) Len() int { return len(c.list) }

// Each names the certificates as evidence does.
func (c Certificates) Each() []CertificateID {
	out := make([]CertificateID, len(c.list))
	for i, cert := range c.list {
		out[i] = identify(cert)
	}
	return out
}

// ParseRoots reads certificates of authorities from PEM text, as a department's
// administrator pastes it. The error names every problem, each by the number of
// its block, and nothing is returned besides it.
func ParseRoots(text []byte) (Certificates, error) {
	out := Certificates{pool: x509.NewCertPool()}
	seen := map[[32]byte]int{}
	var problems []error
	rest := text
	for n := 1; ; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := parseAuthority(block)
		if err != nil {
			problems = append(problems, fmt.Errorf("certificate %d: %w", n, err))
			continue
		}
		sum := sha256.Sum256(cert.Raw)
		if first, ok := seen[sum]; ok {
			problems = append(problems, fmt.Errorf("certificate %d: it is the same as certificate %d", n, first))
			continue
		}
		seen[sum] = n
		out.list = append(out.list, cert)
		out.pool.AddCert(cert)
	}
	if strings.Contains(string(rest), "-----BEGIN") {
		problems = append(problems, errors.New("the text after the last certificate holds a damaged PEM block"))
	}
	if len(out.list) == 0 && len(problems) == 0 {
		problems = append(problems, errors.New("the text holds no PEM certificate"))
	}
	if len(problems) > 0 {
		return Certificates{}, fmt.Errorf("reading trusted certificates: %w", errors.Join(problems...))
	}
	return out, nil
}

func parseAuthority(block *pem.Block) (*x509.Certificate, error) {
	if block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("it is a PEM block of type %q, not CERTIFICATE", block.Type)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parsing it: %w", err)
	}
	if !cert.BasicConstraintsValid || !cert.IsCA {
		return nil, errors.New("it is not the certificate of an authority (basic constraints)")
	}
	if cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, errors.New("its key usage does not allow signing certificates")
	}
	if weakKey(cert) {
		return nil, fmt.Errorf("its RSA key has fewer than %d bits", minRSABits)
	}
	return cert, nil
}

func weakKey(cert *x509.Certificate) bool {
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() < minRSABits
}

func identify(cert *x509.Certificate) CertificateID {
	sum := sha256.Sum256(cert.Raw)
	return CertificateID{Subject: cert.Subject.String(), SHA256: hex.EncodeToString(sum[:])}
}

// check finds mistakes of the caller; what the department has not entered yet
// is a refusal instead.
func (p *Policy) check() error {
	var problems []error
	if p.TransferredAt.IsZero() || p.UploadedAt.IsZero() {
		problems = append(problems, errors.New("the times of transfer and upload are not set"))
	} else if p.UploadedAt.Before(p.TransferredAt) {
		problems = append(problems, errors.New("the upload lies before the transfer"))
	}
	if p.Tolerance < 0 || p.MaxBytes < 0 {
		problems = append(problems, errors.New("tolerance and greatest size cannot be negative"))
	}
	for i, a := range p.Agency {
		if err := a.Check(); err != nil {
			problems = append(problems, fmt.Errorf("agency certificate %d: %w", i+1, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("checking the signature policy: %w", err)
	}
	return nil
}
