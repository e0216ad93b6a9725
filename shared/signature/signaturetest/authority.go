// Package signaturetest is a certificate authority, a time-stamp authority and a
// signer of PDFs for tests and for the demonstration: what the state's authority
// and the officers' signing tools are outside. Its certificates mean nothing; no
// function may import it.
//
// It writes CMS by itself, without the library that verifies it, so that a
// mistake in one is not made good by the other.
package signaturetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// Authority is a root, an intermediate authority that issues to signers, and a
// time-stamp authority. It is for one goroutine at a time.
type Authority struct {
	name   string
	from   time.Time
	root   *Signer
	issuer *Signer
	stamps *Signer
	serial int64
}

// Signer is a certificate with its key, and what stands above it without the
// root.
type Signer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	Chain       []*x509.Certificate

	authority *Authority
}

// NewAuthority makes an authority whose certificates are valid from a year
// before now to five years after.
func NewAuthority(now time.Time) (*Authority, error) {
	return NewNamedAuthority("Cơ quan chứng thực thử nghiệm", now)
}

// NewNamedAuthority is NewAuthority under a name of its own.
func NewNamedAuthority(name string, now time.Time) (*Authority, error) {
	a := &Authority{name: name, from: now.UTC().Truncate(time.Second).AddDate(-1, 0, 0)}
	authority := func(t *x509.Certificate) {
		t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	}
	var err error
	if a.root, err = a.issue(nil, Subject{CommonName: name + " gốc"}, authority); err != nil {
		return nil, err
	}
	if a.issuer, err = a.issue(a.root, Subject{CommonName: name}, authority); err != nil {
		return nil, err
	}
	a.stamps, err = a.issue(a.issuer, Subject{CommonName: name + " (dấu thời gian)"}, func(t *x509.Certificate) {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	})
	return a, err
}

// Subject is whom a certificate is issued to.
type Subject struct {
	CommonName   string
	Organization string
	// UserID as the state's authority writes it: MST:… for an organisation's tax
	// code, CCCD:… for a citizen's card.
	UserID string
	// RSA asks for an RSA key instead of one on the curve P-256.
	RSA bool
	// Key is the subject's own key; one is made if it is nil.
	Key crypto.Signer
}

// Agency issues the certificate of an organisation.
func (a *Authority) Agency(commonName string) (*Signer, error) {
	return a.Issue(Subject{CommonName: commonName, Organization: commonName, UserID: "MST:2100000000"})
}

// Person issues the certificate of a person who belongs to an organisation.
func (a *Authority) Person(name, organization string) (*Signer, error) {
	return a.Issue(Subject{CommonName: name, Organization: organization, UserID: "CCCD:000000000000"})
}

// Issue issues any signer's certificate; change may alter it before it is
// signed.
func (a *Authority) Issue(s Subject, change ...func(*x509.Certificate)) (*Signer, error) {
	return a.issue(a.issuer, s, append([]func(*x509.Certificate){func(t *x509.Certificate) {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection}
	}}, change...)...)
}

// rsaKey is made once: it takes longer than everything else here together.
var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

var oidUserID = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}

func (a *Authority) issue(by *Signer, s Subject, change ...func(*x509.Certificate)) (*Signer, error) {
	key := s.Key
	var err error
	switch {
	case key != nil:
	case s.RSA:
		key, err = rsaKey()
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", s.CommonName, err)
	}
	a.serial++
	template := &x509.Certificate{
		SerialNumber: new(big.Int).Add(big.NewInt(0x5400_0000_0000), big.NewInt(a.serial)),
		Subject:      pkix.Name{Country: []string{"VN"}, CommonName: s.CommonName},
		NotBefore:    a.from,
		NotAfter:     a.from.AddDate(6, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	if s.Organization != "" {
		template.Subject.Organization = []string{s.Organization}
	}
	if s.UserID != "" {
		template.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidUserID, Value: s.UserID}}
	}
	for _, c := range change {
		c(template)
	}
	signer := &Signer{Key: key, authority: a}
	parent, parentKey := template, key
	if by != nil {
		parent, parentKey = by.Certificate, by.Key
		if by != a.root {
			signer.Chain = append([]*x509.Certificate{by.Certificate}, by.Chain...)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return nil, fmt.Errorf("issuing the certificate of %s: %w", s.CommonName, err)
	}
	signer.Certificate, err = x509.ParseCertificate(der)
	return signer, err
}

// RootsPEM is what a department's administrator would enter as trusted roots.
func (a *Authority) RootsPEM() []byte { return encode(a.root.Certificate) }

// IntermediatesPEM is the authority between root and signers.
func (a *Authority) IntermediatesPEM() []byte { return encode(a.issuer.Certificate) }

func encode(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
