package signature

import "time"

// Evidence is what a verdict rests on. It is stored with the result and made
// again at publication.
type Evidence struct {
	PolicyVersion string `json:"policyVersion"`
	FileSHA256    string `json:"fileSha256"`
	FileBytes     int    `json:"fileBytes"`
	// JudgedAt is the instant at which the chains were judged: the upload.
	JudgedAt   time.Time           `json:"judgedAt"`
	Signatures []SignatureEvidence `json:"signatures"`
	// TimeStamps are the document time stamps (ETSI EN 319 142-1, 5.4.3).
	TimeStamps []SignatureEvidence `json:"timeStamps,omitempty"`
	// ValidationData tells that the file grew after the last signature, by
	// validation data alone.
	ValidationData bool `json:"validationData,omitempty"`
	// AgencySignedAt is the signing time of the agency's signature, the latest
	// instant at which the result can be said to exist (reading A2).
	AgencySignedAt time.Time `json:"agencySignedAt,omitzero"`
}

// The places that a signing time can come from, the most trustworthy first.
const (
	TimeFromTimeStamp  = "timestamp"
	TimeFromAttribute  = "attribute"
	TimeFromDictionary = "dictionary"
)

// SignatureEvidence describes one signature.
type SignatureEvidence struct {
	Field     string `json:"field"`
	SubFilter string `json:"subFilter"`
	Subject   string `json:"subject,omitempty"`
	Issuer    string `json:"issuer,omitempty"`
	// Serial is in hexadecimal.
	Serial    string `json:"serial,omitempty"`
	Digest    string `json:"digest,omitempty"`
	Algorithm string `json:"algorithm,omitempty"`
	// SignedAt is in whole seconds; TimeSource says where it comes from.
	SignedAt   time.Time `json:"signedAt,omitzero"`
	TimeSource string    `json:"timeSource,omitempty"`
	// CoversWholeFile is false for a signature that a later revision follows.
	CoversWholeFile bool `json:"coversWholeFile"`
	CoveredBytes    int  `json:"coveredBytes,omitempty"`
	// Chain leads from the signer to a configured root; TimeStampChain does the
	// same for the authority that stamped the signature.
	Chain          []CertificateID `json:"chain,omitempty"`
	TimeStampChain []CertificateID `json:"timeStampChain,omitempty"`
	// RevocationChecked tells whether revocation lists took part in the verdict,
	// so that a stored verdict says by itself what it does not cover.
	RevocationChecked bool `json:"revocationChecked"`
}

// CertificateID names a certificate by subject and fingerprint.
type CertificateID struct {
	Subject string `json:"subject"`
	SHA256  string `json:"sha256"`
}
