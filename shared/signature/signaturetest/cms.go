package signaturetest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // offered so that its refusal can be tested
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sort"
	"time"
)

var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStamp     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidStampPolicy   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1} // the documentation arc of RFC 5612
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
)

type algorithms struct{ digest, ecdsa asn1.ObjectIdentifier }

var hashes = map[crypto.Hash]algorithms{
	crypto.SHA1:   {asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}},
	crypto.SHA256: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
	crypto.SHA384: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}},
	crypto.SHA512: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}},
}

// The tags of the DER that is written here.
const (
	tagSequence = 0x30
	tagSet      = 0x31
	tagOctets   = 0x04
	tagContext0 = 0xa0
	tagContext1 = 0xa1
)

// tlv writes one DER object of the parts.
func tlv(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	out := []byte{tag}
	switch n := len(body); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	default:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, body...)
}

// der marshals what encoding/asn1 knows; the values here never fail.
func der(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("marshalling %T: %v", v, err))
	}
	return b
}

func attribute(oid asn1.ObjectIdentifier, value []byte) []byte {
	return tlv(tagSequence, der(oid), tlv(tagSet, value))
}

func algorithm(oid asn1.ObjectIdentifier, null bool) []byte {
	if null {
		return tlv(tagSequence, der(oid), []byte{5, 0})
	}
	return tlv(tagSequence, der(oid))
}

func digest(h crypto.Hash, parts ...[]byte) []byte {
	d := h.New()
	for _, p := range parts {
		d.Write(p)
	}
	return d.Sum(nil)
}

// message describes a SignedData to be written.
type message struct {
	contentType asn1.ObjectIdentifier
	content     []byte   // carried, if not nil
	detached    [][]byte // else what is signed
	hash        crypto.Hash
	at          time.Time // the signed attribute, left out if zero
	noCertID    bool
	// unsigned makes the unsigned attribute from the signature value.
	unsigned func(signature []byte) ([]byte, error)
	ber      bool // indefinite lengths outside, as some signers write
}

// sign writes a SignedData with one signer (RFC 5652).
func (s *Signer) sign(m message) ([]byte, error) {
	alg, ok := hashes[m.hash]
	if !ok {
		return nil, fmt.Errorf("signing: no algorithm for %v", m.hash)
	}
	encapsulated, attributes := s.signedPart(m)
	value, err := s.Key.Sign(rand.Reader, digest(m.hash, tlv(tagSet, attributes...)), m.hash)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	signatureAlgorithm := algorithm(alg.ecdsa, false)
	if _, ok := s.Key.(*rsa.PrivateKey); ok {
		signatureAlgorithm = algorithm(oidRSA, true)
	}
	info := [][]byte{
		der(1),
		tlv(tagSequence, s.Certificate.RawIssuer, der(s.Certificate.SerialNumber)),
		algorithm(alg.digest, true),
		tlv(tagContext0, attributes...),
		signatureAlgorithm,
		der(value),
	}
	if m.unsigned != nil {
		extra, err := m.unsigned(value)
		if err != nil {
			return nil, err
		}
		info = append(info, tlv(tagContext1, extra))
	}
	certificates := [][]byte{s.Certificate.Raw}
	for _, c := range s.Chain {
		certificates = append(certificates, c.Raw)
	}
	parts := [][]byte{
		der(1),
		tlv(tagSet, algorithm(alg.digest, true)),
		encapsulated,
		tlv(tagContext0, certificates...),
		tlv(tagSet, tlv(tagSequence, info...)),
	}
	if m.ber {
		return indefinite(tagSequence, der(oidSignedData), indefinite(tagContext0, indefinite(tagSequence, parts...))), nil
	}
	return tlv(tagSequence, der(oidSignedData), tlv(tagContext0, tlv(tagSequence, parts...))), nil
}

// signedPart returns what is encapsulated and the signed attributes about it, in
// the order of DER's SET OF.
func (s *Signer) signedPart(m message) (encapsulated []byte, attributes [][]byte) {
	signed := m.detached
	encapsulated = tlv(tagSequence, der(m.contentType))
	if m.content != nil {
		signed = [][]byte{m.content}
		encapsulated = tlv(tagSequence, der(m.contentType), tlv(tagContext0, tlv(tagOctets, m.content)))
	}
	attributes = [][]byte{
		attribute(oidContentType, der(m.contentType)),
		attribute(oidMessageDigest, der(digest(m.hash, signed...))),
	}
	if !m.at.IsZero() {
		attributes = append(attributes, attribute(oidSigningTime, der(m.at.UTC())))
	}
	if !m.noCertID {
		id := tlv(tagSequence, der(digest(crypto.SHA256, s.Certificate.Raw)))
		attributes = append(attributes, attribute(oidSigningCertV2, tlv(tagSequence, tlv(tagSequence, id))))
	}
	sort.Slice(attributes, func(i, j int) bool { return bytes.Compare(attributes[i], attributes[j]) < 0 })
	return encapsulated, attributes
}

func indefinite(tag byte, parts ...[]byte) []byte {
	out := append([]byte{tag, 0x80}, bytes.Join(parts, nil)...)
	return append(out, 0, 0)
}

// TimeStamp makes a time-stamp token over the parts (RFC 3161).
func (a *Authority) TimeStamp(at time.Time, parts ...[]byte) ([]byte, error) {
	imprint := tlv(tagSequence, algorithm(hashes[crypto.SHA256].digest, true), der(digest(crypto.SHA256, parts...)))
	generalized, err := asn1.MarshalWithParams(at.UTC(), "generalized")
	if err != nil {
		return nil, fmt.Errorf("stamping: %w", err)
	}
	a.serial++
	info := tlv(tagSequence, der(1), der(oidStampPolicy), imprint, der(big.NewInt(a.serial)), generalized)
	return a.stamps.sign(message{contentType: oidTSTInfo, content: info, hash: crypto.SHA256, at: at})
}
