package settings

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"paht/shared/directory"
	"paht/shared/vietnamese"
)

// The uses of an authority's certificate.
const (
	UseRoot         = "root"         // trusted by itself
	UseIntermediate = "intermediate" // completes a chain to a root
)

// Root is the certificate of an authority that the department trusts while it
// holds (R68, rule 4).
type Root struct {
	Name      string `json:"name"`
	Use       string `json:"use"`
	PEM       string `json:"pem"`
	ValidFrom Moment `json:"valid_from"`
	ValidTo   Moment `json:"valid_to"`
	Note      string `json:"note"`
}

// RootTable is a roots document.
type RootTable struct{ rows []Root }

// PEM joins the certificates of a use that are trusted at an instant.
func (t *RootTable) PEM(use string, at time.Time) []byte {
	var out []byte
	for _, r := range t.rows {
		if r.Use == use && (span{r.ValidFrom, r.ValidTo}).holds(at) {
			out = append(out, strings.TrimSpace(r.PEM)...)
			out = append(out, '\n')
		}
	}
	return out
}

func parseRoots(data []byte) (*RootTable, *problems) {
	p := &problems{}
	t := &RootTable{}
	seen := map[[sha256.Size]byte]bool{}
	for i, row := range rows[Root](p, data, maxSetRows) {
		path := rowPath(i)
		p.text(path+".name", row.Name, 200, true, false)
		p.text(path+".note", row.Note, 1000, false, true)
		if row.Use != UseRoot && row.Use != UseIntermediate {
			p.add(path+".use", RuleBadValue, UseRoot, UseIntermediate)
		}
		checkSpan(p, path, span{row.ValidFrom, row.ValidTo})
		if cert := checkAuthority(p, path+".pem", row.PEM); cert != nil {
			print := sha256.Sum256(cert.Raw)
			if seen[print] {
				p.add(path+".pem", RuleDuplicate)
			}
			seen[print] = true
		}
		t.rows = append(t.rows, row)
	}
	return t, p
}

// checkAuthority reads one certificate that may sign others.
func checkAuthority(p *problems, path, text string) *x509.Certificate {
	block, rest := pem.Decode([]byte(text))
	switch {
	case strings.Contains(text, "PRIVATE KEY"):
		p.add(path, RulePrivateKey)
	case block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0:
		p.add(path, RuleNotPEM)
	default:
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			p.add(path, RuleNotPEM)
			return nil
		}
		if !cert.BasicConstraintsValid || !cert.IsCA {
			p.add(path, RuleNotAuthority)
			return nil
		}
		return cert
	}
	return nil
}

// AllowedCertificate names a certificate with which an agency signs: by the
// common name of its subject, or by issuer and serial.
type AllowedCertificate struct {
	CommonName string
	Issuer     string // RFC 2253
	Serial     string // hexadecimal
}

// Certificate is one row of the per-agency allow-list (R68, rule 5).
type Certificate struct {
	Agency     string `json:"agency"`
	CommonName string `json:"common_name"`
	Issuer     string `json:"issuer"`
	Serial     string `json:"serial"`
	ValidFrom  Moment `json:"valid_from"`
	ValidTo    Moment `json:"valid_to"`
	Note       string `json:"note"`
}

func (c Certificate) span() span { return span{c.ValidFrom, c.ValidTo} }

func (c Certificate) allowed() AllowedCertificate {
	return AllowedCertificate{vietnamese.NFC(c.CommonName), c.Issuer, plainSerial(c.Serial)}
}

// CertificateTable is a certificates document.
type CertificateTable struct{ rows []Certificate }

// Allowed lists the certificates with which an agency may sign at an instant.
func (t *CertificateTable) Allowed(agency string, at time.Time) []AllowedCertificate {
	var list []AllowedCertificate
	for _, c := range t.rows {
		if c.Agency == agency && c.span().holds(at) {
			list = append(list, c.allowed())
		}
	}
	return list
}

var serialPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{1,40}$`) })

// plainSerial makes the ways in which tools print a serial number one.
func plainSerial(s string) string {
	s = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(s))
	return strings.TrimLeft(strings.TrimPrefix(s, "0x"), "0")
}

func parseCertificates(data []byte) (*CertificateTable, *problems) {
	p := &problems{}
	t := &CertificateTable{}
	taken := map[AllowedCertificate][]span{}
	for i, row := range rows[Certificate](p, data, maxRows) {
		path := rowPath(i)
		if _, ok := directory.ParseKey(row.Agency); !ok {
			p.add(path+".agency", RuleBadCode)
		}
		p.text(path+".common_name", row.CommonName, 200, false, false)
		p.text(path+".issuer", row.Issuer, 500, false, false)
		p.text(path+".note", row.Note, 1000, false, true)
		checkNaming(p, path, row)
		checkSpan(p, path, row.span())
		// A certificate that stood for two agencies at a time would prove neither.
		if slices.ContainsFunc(taken[row.allowed()], row.span().overlaps) {
			p.add(path, RuleOverlap)
		}
		taken[row.allowed()] = append(taken[row.allowed()], row.span())
		t.rows = append(t.rows, row)
	}
	return t, p
}

// checkNaming checks that a row names a certificate in exactly one of two ways.
func checkNaming(p *problems, path string, row Certificate) {
	bySerial := row.Issuer != "" || row.Serial != ""
	switch {
	case row.CommonName != "" && bySerial:
		p.add(path, RuleConflict, "common_name", "issuer", "serial")
	case row.CommonName == "" && !bySerial:
		p.add(path+".common_name", RuleRequired)
	case bySerial && row.Issuer == "":
		p.add(path+".issuer", RuleRequired)
	case bySerial && !serialPattern().MatchString(plainSerial(row.Serial)):
		p.add(path+".serial", RuleFormat)
	}
}
