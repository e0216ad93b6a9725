package signature_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
)

// replaceLast replaces the last occurrence of old by new, which must be as long.
func replaceLast(data []byte, old, new string) []byte {
	at := bytes.LastIndex(data, []byte(old))
	if at < 0 || len(old) != len(new) {
		panic(fmt.Sprintf("cannot replace %q", old))
	}
	out := bytes.Clone(data)
	copy(out[at:], new)
	return out
}

func widen(by int) func(*signaturetest.Options) {
	return func(o *signaturetest.Options) {
		o.Range = func(r [4]int) [4]int { return [4]int{0, r[1] - by, r[2] + by, r[3] - by} }
	}
}

type options = signaturetest.Options

// refusal is a file and the name of the rule that it breaks.
type refusal struct {
	data func() []byte
	rule string
}

func refuseEach(t *testing.T, tests map[string]refusal) {
	t.Helper()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { refuses(t, tt.data(), theWorld().policy, tt.rule) })
	}
}

func TestUnsignedOrChangedContentIsRefused(t *testing.T) {
	w := theWorld()
	refuseEach(t, map[string]refusal{
		"no signature": {func() []byte { return base(signaturetest.Table) }, signature.RuleNoSignature},
		"only a document time stamp": {func() []byte {
			return must(w.authority.AddDocumentTimeStamp(base(signaturetest.Table), signing))
		}, signature.RuleNoSignature},
		"content changed": {func() []byte {
			return replaceLast(w.result(), "/MediaBox [0 0 595 842]", "/MediaBox [0 0 595 841]")
		}, signature.RuleContentChanged},
		"content changed before the second of two signatures": {func() []byte {
			return w.sign(replaceLast(w.sign(base(signaturetest.Table), w.person), "/MediaBox [0 0 595 842]", "/MediaBox [0 0 595 841]"), w.agency)
		}, signature.RuleContentChanged},
	})
}

func TestARangeThatLeavesSomethingOutIsRefused(t *testing.T) {
	w := theWorld()
	refuseEach(t, map[string]refusal{
		"a gap that holds more than the signature": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, widen(20))
		}, signature.RuleGap},
		"a gap that holds the spaces around the signature": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) {
				o.Range = func(r [4]int) [4]int { return [4]int{0, r[1] - 1, r[2], r[3]} }
			})
		}, signature.RuleGap},
		"something after the signature inside the gap": {func() []byte {
			return replaceLast(w.result(), strings.Repeat("00", 40)+">", strings.Repeat("00", 20)+strings.Repeat("41", 20)+">")
		}, signature.RuleGap},
		"a range with more than one gap": {func() []byte {
			return brokenRange(w.result(), "[0 10 10 20 30 40]")
		}, signature.RuleByteRange},
		"a range that does not begin at the first byte": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) {
				o.Range = func(r [4]int) [4]int { return [4]int{9, r[1] - 9, r[2], r[3]} }
			})
		}, signature.RuleByteRange},
		"a range that leaves the file": {func() []byte { return brokenRange(w.result(), "[0 10 20 9999999]") }, signature.RuleByteRange},
		"a range that does not reach the end of its revision": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) {
				o.Range = func(r [4]int) [4]int { return [4]int{0, r[1], r[2], r[3] - 8} }
			})
		}, signature.RuleByteRange},
		"an earlier range that does not reach the end of its revision": {func() []byte {
			return w.sign(w.sign(base(signaturetest.Table), w.person, func(o *options) {
				o.Range = func(r [4]int) [4]int { return [4]int{0, r[1], r[2], r[3] - 8} }
			}), w.agency)
		}, signature.RuleByteRange},
		"a gap somewhere else": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) {
				o.Range = func(r [4]int) [4]int { return [4]int{0, 100, 120, r[2] + r[3] - 120} }
			})
		}, signature.RuleByteRange},
		"white space among the digits of the signature": {func() []byte {
			return replaceLast(w.result(), strings.Repeat("00", 40)+">", strings.Repeat("00", 39)+"  >")
		}, signature.RuleGap},
	})
}

func TestWhatFollowsTheSignatureIsRefused(t *testing.T) {
	w := theWorld()
	refuseEach(t, map[string]refusal{
		"an update after signing": {func() []byte {
			return must(signaturetest.Append(w.result(), 4, "<< /Length 0 >>\nstream\n\nendstream"))
		}, signature.RuleUpdated},
		"bytes after the signature": {func() []byte { return append(w.result(), "trailing\n"...) }, signature.RuleUpdated},
		"an update that adds an object to nothing": {func() []byte {
			return must(signaturetest.Append(w.result(), 0, "<< /Note (x) >>"))
		}, signature.RuleUpdated},
		"validation data after signing": {func() []byte { return must(w.authority.AddValidationData(w.result())) }, signature.RuleValidationData},
	})
}

func TestWeakOrUnknownCryptographyIsRefused(t *testing.T) {
	w := theWorld()
	refuseEach(t, map[string]refusal{
		"an unknown kind of signature": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.SubFilter = "adbe.x509.rsa_sha9" })
		}, signature.RuleSubFilter},
		"SHA-1": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agencyRSA, func(o *options) { o.Hash = crypto.SHA1 })
		}, signature.RuleSHA1},
		"SHA-1 with ECDSA": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.Hash = crypto.SHA1 })
		}, signature.RuleSHA1},
		"a short RSA key": {func() []byte { return w.sign(base(signaturetest.Table), shortKey(w)) }, signature.RuleAlgorithm},
		"a signature that is no CMS message": {func() []byte {
			return replaceLast(w.result(), "/Contents <30", "/Contents <04")
		}, signature.RuleUnreadable},
	})
}

func TestACertificateThatDoesNotHoldIsRefused(t *testing.T) {
	w := theWorld()
	other := must(signaturetest.NewNamedAuthority("Cơ quan khác", transfer))
	altered := func(change func(*x509.Certificate)) []byte {
		return w.sign(base(signaturetest.Table), must(w.authority.Issue(signaturetest.Subject{CommonName: agencyName}, change)))
	}
	refuseEach(t, map[string]refusal{
		"a wrong chain": {func() []byte { return w.sign(base(signaturetest.Table), must(other.Agency(agencyName))) }, signature.RuleChain},
		"a certificate that was no longer valid at the upload": {func() []byte {
			return altered(func(c *x509.Certificate) {
				c.NotAfter = upload.Add(-time.Minute)
			})
		}, signature.RuleChain},
		"a certificate that was not valid yet at the signing": {func() []byte {
			return altered(func(c *x509.Certificate) {
				c.NotBefore = signing.Add(time.Minute)
			})
		}, signature.RuleChain},
		"a certificate for encryption only": {func() []byte {
			return altered(func(c *x509.Certificate) {
				c.KeyUsage = x509.KeyUsageKeyEncipherment
			})
		}, signature.RuleKeyUsage},
		"a certificate for web servers only": {func() []byte {
			return altered(func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			})
		}, signature.RuleKeyUsage},
	})
}

func TestAnotherSignerThanTheAgencyIsRefused(t *testing.T) {
	w := theWorld()
	refuseEach(t, map[string]refusal{
		"another agency's certificate": {func() []byte { return w.sign(base(signaturetest.Table), w.another) }, signature.RuleOtherAgency},
		"the agency and then another": {func() []byte {
			return w.sign(w.result(), w.another)
		}, signature.RuleOtherAgency},
		"a person's certificate with the agency's name": {func() []byte { return w.sign(base(signaturetest.Table), w.person) }, signature.RulePersonCertificate},
		"a person's certificate known only by its organisation": {func() []byte {
			return w.sign(base(signaturetest.Table), must(w.authority.Issue(signaturetest.Subject{CommonName: "Trần Thị Thử", Organization: agencyName})))
		}, signature.RulePersonCertificate},
		"a subject with two common names": {func() []byte {
			return w.sign(base(signaturetest.Table), must(w.authority.Issue(signaturetest.Subject{CommonName: agencyName}, func(c *x509.Certificate) {
				c.Subject.ExtraNames = append(c.Subject.ExtraNames, commonName(anotherName), commonName(agencyName))
			})))
		}, signature.RuleOtherAgency},
	})
}

func TestASigningTimeThatDoesNotHoldIsRefused(t *testing.T) {
	w := theWorld()
	other := must(signaturetest.NewNamedAuthority("Cơ quan khác", transfer))
	refuseEach(t, map[string]refusal{
		"signed before the transfer": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.At = transfer.Add(-signature.DefaultTolerance - time.Second) })
		}, signature.RuleWindow},
		"signed after the upload": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.At = upload.Add(signature.DefaultTolerance + time.Second) })
		}, signature.RuleWindow},
		"stamped after the upload": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.TimeStamp = upload.Add(time.Hour) })
		}, signature.RuleWindow},
		"a person's signature before the transfer": {func() []byte {
			return w.sign(w.sign(base(signaturetest.Table), w.person, func(o *options) { o.At = transfer.Add(-time.Hour) }), w.agency)
		}, signature.RuleWindow},
		"no signing time anywhere": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.NoDictionaryTime = true })
		}, signature.RuleNoSigningTime},
		"a time stamp of an authority that nobody trusts": {func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.TimeStamp, o.TimeStampBy = signing, other })
		}, signature.RuleTimeStamp},
	})
}

func TestAFileThatIsNoSoundPDFIsRefused(t *testing.T) {
	w := theWorld()
	refuseEach(t, map[string]refusal{
		"not a PDF":         {func() []byte { return []byte("PK\x03\x04 a spreadsheet") }, signature.RuleNotPDF},
		"an empty file":     {func() []byte { return nil }, signature.RuleNotPDF},
		"a truncated file":  {func() []byte { r := base(signaturetest.Table); return r[:len(r)/2] }, signature.RuleUnparsable},
		"an encrypted file": {func() []byte { return encrypted(w.result()) }, signature.RuleEncrypted},
		"a file over twenty mebibytes": {func() []byte {
			return w.sign(signaturetest.Document{Title: "Quét", Filler: 20 << 20}.Bytes(), w.agency)
		}, signature.RuleTooLarge},
	})
}

// brokenRange puts another /ByteRange in place of the last one.
func brokenRange(data []byte, text string) []byte {
	at := bytes.LastIndex(data, []byte("/ByteRange ["))
	end := at + bytes.IndexByte(data[at:], ']') + 1
	end += len(data[end:]) - len(bytes.TrimLeft(data[end:], " "))
	out := bytes.Clone(data)
	copy(out[at:end], fmt.Sprintf("/ByteRange %-*s", end-at-len("/ByteRange "), text))
	return out
}

// encrypted gives the newest trailer an /Encrypt.
func encrypted(data []byte) []byte {
	return bytes.Replace(data, []byte("trailer\n<< /Root"), []byte("trailer\n<< /Encrypt 1 0 R /Root"), 1)
}

func shortKey(w *world) *signaturetest.Signer {
	key := must(rsa.GenerateKey(rand.Reader, 1024))
	return must(w.authority.Issue(signaturetest.Subject{CommonName: agencyName, Key: key}))
}

func commonName(name string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: name}
}

func TestEveryBrokenRuleIsNamed(t *testing.T) {
	w := theWorld()
	other := must(signaturetest.NewNamedAuthority("Cơ quan khác", transfer))
	data := w.sign(base(signaturetest.Table), must(other.Agency(anotherName)), func(o *signaturetest.Options) { o.At = upload.AddDate(0, 0, 1) })
	r := refuses(t, must(signaturetest.Append(data, 4, "null")), w.policy, signature.RuleUpdated)
	var rules []string
	for _, f := range r.All {
		rules = append(rules, f.Rule)
	}
	want := []string{signature.RuleUpdated, signature.RuleChain, signature.RuleWindow, signature.RuleOtherAgency}
	if !slices.Equal(rules, want) {
		t.Errorf("named %v, want %v", rules, want)
	}
}

func TestToleranceIsExactToTheSecond(t *testing.T) {
	w := theWorld()
	p := w.policy
	p.TransferredAt, p.UploadedAt = transfer.Add(900*time.Millisecond), upload.Add(100*time.Millisecond)
	for name, tt := range map[string]struct {
		at time.Time
		ok bool
	}{
		"the first second":      {transfer.Add(-p.Tolerance), true},
		"a second too early":    {transfer.Add(-p.Tolerance - time.Second), false},
		"the last second":       {upload.Add(p.Tolerance), true},
		"a second too late":     {upload.Add(p.Tolerance + time.Second), false},
		"the transfer's second": {transfer, true},
		"the upload's second":   {upload, true},
	} {
		t.Run(name, func(t *testing.T) {
			data := w.sign(base(signaturetest.Table), w.agency, func(o *signaturetest.Options) { o.At = tt.at })
			if tt.ok {
				accepts(t, data, p)
			} else {
				refuses(t, data, p, signature.RuleWindow)
			}
		})
	}
}

func TestWhatIsNotConfiguredIsARefusalAndAMistakeIsNot(t *testing.T) {
	w := theWorld()
	none := w.policy
	none.Roots = signature.Certificates{}
	refuses(t, w.result(), none, signature.RuleNoTrustedRoot)
	none = w.policy
	none.Agency = nil
	refuses(t, w.result(), none, signature.RuleNoAgencyList)

	for name, change := range map[string]func(*signature.Policy){
		"no transfer":                    func(p *signature.Policy) { p.TransferredAt = time.Time{} },
		"the upload before the transfer": func(p *signature.Policy) { p.UploadedAt = p.TransferredAt.Add(-1) },
		"a negative tolerance":           func(p *signature.Policy) { p.Tolerance = -1 },
		"a serial without issuer":        func(p *signature.Policy) { p.Agency = []signature.AllowedCertificate{{Serial: "01"}} },
	} {
		t.Run(name, func(t *testing.T) {
			p := w.policy
			change(&p)
			_, err := signature.Verify(context.Background(), w.result(), p)
			var r *signature.Refused
			if err == nil || errors.As(err, &r) {
				t.Errorf("got %v", err)
			}
		})
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := signature.Verify(ended, w.result(), w.policy); !errors.Is(err, context.Canceled) {
		t.Errorf("after the caller has gone: %v", err)
	}
}
