package signature

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"time"
)

// tstInfo is the beginning of RFC 3161's TSTInfo; what follows is not needed.
type tstInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
	Serial *big.Int
	Time   time.Time `asn1:"generalized"`
}

// stamped is a time stamp that holds.
type stamped struct {
	at    time.Time
	cert  *x509.Certificate
	chain []*x509.Certificate
}

// checkTimeStamp verifies a token (RFC 3161, 2.4.2) over the parts of a message:
// its mathematics, its imprint, and the chain of its authority, which must be
// one for time stamps and end in a configured root.
func checkTimeStamp(token []byte, parts [][]byte, others []*x509.Certificate, p *Policy) (*stamped, error) {
	size, err := boundBER(token)
	if err != nil {
		return nil, breaks(RuleTimeStamp, "its time stamp: %v", err)
	}
	// A token need not carry its authority's certificate (RFC 3161, certReq).
	m, err := parseMessage(token[:size], oidTSTInfo, slices.Concat(others, p.Intermediates.list))
	if err != nil {
		return nil, inTimeStamp(err)
	}
	if m.p7.Content == nil {
		return nil, breaks(RuleTimeStamp, "its time stamp has no content")
	}
	if err := m.verify(m.p7.Content); err != nil {
		return nil, inTimeStamp(err)
	}
	var info tstInfo
	if _, err := asn1.Unmarshal(m.p7.Content, &info); err != nil {
		return nil, breaks(RuleTimeStamp, "its time stamp is malformed")
	}
	if info.Imprint.Algorithm.Algorithm.Equal(oidSHA1) {
		return nil, breaks(RuleSHA1, "its time stamp is made over a SHA-1 digest")
	}
	hash, ok := digests[info.Imprint.Algorithm.Algorithm.String()]
	if !ok {
		return nil, breaks(RuleAlgorithm, "its time stamp is made over digest %s", info.Imprint.Algorithm.Algorithm)
	}
	h := hash.New()
	for _, part := range parts {
		h.Write(part)
	}
	if !bytes.Equal(h.Sum(nil), info.Imprint.Hash) {
		return nil, breaks(RuleTimeStamp, "its time stamp belongs to something else")
	}
	chain, err := p.chain(m.cert, m.p7.Certificates, x509.ExtKeyUsageTimeStamping)
	if err != nil {
		return nil, breaks(RuleTimeStamp, "the certificate of its time stamp: %v", err)
	}
	if info.Time.Before(m.cert.NotBefore) || info.Time.After(m.cert.NotAfter) {
		return nil, breaks(RuleTimeStamp, "the certificate of its time stamp was not valid at that time")
	}
	return &stamped{at: info.Time, cert: m.cert, chain: chain}, nil
}

// inTimeStamp makes a broken rule of the token's one of the time stamp, but for
// SHA-1, which has its own name wherever it stands.
func inTimeStamp(err error) error {
	var b *broken
	if errors.As(err, &b) && b.rule == RuleSHA1 {
		return breaks(RuleSHA1, "its time stamp: %s", b.detail)
	}
	return breaks(RuleTimeStamp, "its time stamp: %v", err)
}
