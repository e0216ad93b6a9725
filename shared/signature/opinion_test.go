package signature_test

import (
	"bytes"
	"testing"

	"github.com/digitorus/pdfsign/verify"

	"paht/shared/signature/signaturetest"
)

// What the test authority writes must be a signed PDF for others too, or the
// verifier would be tested on files that do not occur. The library finds the
// signatures with a parser of its own and does the mathematics; it knows no
// hybrid files and nothing of what is trusted here.
func TestAnotherVerifierAcceptsTheFilesOfTheTests(t *testing.T) {
	w := theWorld()
	for name, form := range map[string]signaturetest.Form{
		"a table":                  signaturetest.Table,
		"a cross-reference stream": signaturetest.XRefStream,
		"object streams":           signaturetest.ObjectStreams,
	} {
		t.Run(name, func(t *testing.T) {
			for what, data := range map[string][]byte{
				"with RSA":     w.sign(base(form), w.agencyRSA),
				"with ECDSA":   w.sign(base(form), w.agency),
				"signed twice": w.sign(w.sign(base(form), w.person), w.agency),
				"time stamped": w.sign(base(form), w.agency, func(o *signaturetest.Options) { o.TimeStamp = signing }),
			} {
				options := verify.DefaultVerifyOptions()
				options.AllowUntrustedRoots = true
				options.TrustSignatureTime = true
				r, err := verify.VerifyWithOptions(bytes.NewReader(data), int64(len(data)), options)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					continue
				}
				if len(r.Signers) == 0 || r.Error != "" {
					t.Errorf("%s: %d signers, %q", what, len(r.Signers), r.Error)
				}
				for _, s := range r.Signers {
					if !s.ValidSignature {
						t.Errorf("%s: a signature is not valid to it", what)
					}
					if what == "time stamped" && s.TimestampStatus != "valid" {
						t.Errorf("the time stamp is %s to it", s.TimestampStatus)
					}
				}
			}
		})
	}
}
