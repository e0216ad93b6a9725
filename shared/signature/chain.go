package signature

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Extended key usages under which documents are signed, besides e-mail
// protection and client authentication, which the state's authority writes.
var documentUsages = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 3, 36},       // id-kp-documentSigning, RFC 9336
	{1, 2, 840, 113583, 1, 1, 5},       // Adobe, authentic documents
	{1, 3, 6, 1, 4, 1, 311, 10, 3, 12}, // Microsoft, document signing
}

// chain builds the way from a certificate to a configured root as it stood at
// the upload.
func (p *Policy) chain(cert *x509.Certificate, carried []*x509.Certificate, usage x509.ExtKeyUsage) ([]*x509.Certificate, error) {
	between := x509.NewCertPool()
	for _, c := range p.Intermediates.list {
		between.AddCert(c)
	}
	for _, c := range carried {
		between.AddCert(c)
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots:         p.Roots.pool,
		Intermediates: between,
		CurrentTime:   p.UploadedAt,
		KeyUsages:     []x509.ExtKeyUsage{usage},
	})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

// checkSignerChain checks the chain and the use of a signer's certificate.
func (p *Policy) checkSignerChain(m *message) ([]*x509.Certificate, error) {
	chain, err := p.chain(m.cert, m.p7.Certificates, x509.ExtKeyUsageAny)
	if err != nil {
		var unknown x509.UnknownAuthorityError
		var invalid x509.CertificateInvalidError
		switch {
		case errors.As(err, &unknown):
			return nil, breaks(RuleChain, "its certificate does not lead to a trusted root")
		case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
			return nil, breaks(RuleChain, "its certificate or one above it was not valid at the upload")
		}
		return nil, breaks(RuleChain, "its certificate does not lead to a trusted root: %v", err)
	}
	return chain, checkUsage(m.cert)
}

func checkUsage(c *x509.Certificate) error {
	if c.IsCA {
		return breaks(RuleKeyUsage, "its certificate is that of an authority, not of a signer")
	}
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return breaks(RuleKeyUsage, "the key usage of its certificate does not allow signatures")
	}
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return nil
	}
	for _, u := range c.ExtKeyUsage {
		switch u {
		case x509.ExtKeyUsageAny, x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageClientAuth:
			return nil
		}
	}
	for _, u := range c.UnknownExtKeyUsage {
		if slices.ContainsFunc(documentUsages, u.Equal) {
			return nil
		}
	}
	return breaks(RuleKeyUsage, "the extended key usage of its certificate does not allow signing documents")
}

// values returns what the subject holds under an attribute type.
func values(c *x509.Certificate, oid asn1.ObjectIdentifier) []string {
	var out []string
	for _, a := range c.Subject.Names {
		if s, ok := a.Value.(string); ok && a.Type.Equal(oid) {
			out = append(out, s)
		}
	}
	return out
}

func (p *Policy) isAgency(c *x509.Certificate) bool {
	return slices.ContainsFunc(p.Agency, func(a AllowedCertificate) bool { return a.matches(c) })
}

// checkAgency holds the last signer against the agency's list.
func (p *Policy) checkAgency(c *x509.Certificate) error {
	switch {
	case len(p.Agency) == 0:
		return breaks(RuleNoAgencyList, "no certificate of the agency is configured")
	case p.isAgency(c):
		return nil
	case p.looksPersonal(c):
		return breaks(RulePersonCertificate, "the last signature is a person's, not the agency's: the organisation in a certificate does not make it the organisation's")
	}
	return breaks(RuleOtherAgency, "the last signature's certificate is not one of the agency that holds the assignment")
}

// personalIDs and organisationID begin a user id in the certificates of Vietnam's
// authorities: a citizen's or soldier's card, a passport; a tax code.
var personalIDs = []string{"CCCD", "CMND", "HC", "PID"}

const organisationID = "MST"

// looksPersonal reports whether a certificate that is not the agency's is a
// person's: it has a person's attributes (a name in two parts, the number of a
// card), or it names the agency as organisation and somebody else as subject.
func (p *Policy) looksPersonal(c *x509.Certificate) bool {
	if len(values(c, oidGivenName)) > 0 || len(values(c, oidSurname)) > 0 {
		return true
	}
	ids := values(c, oidUserID)
	begins := func(prefix string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(strings.ToUpper(id), prefix) })
	}
	if slices.ContainsFunc(personalIDs, begins) {
		return true
	}
	if begins(organisationID) {
		return false
	}
	for _, a := range p.Agency {
		same := func(s string) bool {
			return a.CommonName != "" && strings.EqualFold(norm.NFC.String(s), norm.NFC.String(a.CommonName))
		}
		if !same(c.Subject.CommonName) && slices.ContainsFunc(slices.Concat(c.Subject.Organization, c.Subject.OrganizationalUnit), same) {
			return true
		}
	}
	return false
}
