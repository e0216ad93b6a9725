package signature_test

import (
	"crypto"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
)

func TestASignedResultIsAccepted(t *testing.T) {
	w := theWorld()
	tests := map[string]func() []byte{
		"with RSA": func() []byte { return w.sign(base(signaturetest.Table), w.agencyRSA) },
		"with ECDSA, in a file with a reference table": func() []byte { return w.result() },
		"in a file with a reference stream":            func() []byte { return w.sign(base(signaturetest.XRefStream), w.agency) },
		"in a file with object streams":                func() []byte { return w.sign(base(signaturetest.ObjectStreams), w.agency) },
		"in a hybrid file":                             func() []byte { return w.sign(base(signaturetest.Hybrid), w.agency) },
		"with SHA-384":                                 func() []byte { return w.sign(base(signaturetest.Table), w.agency, hash(crypto.SHA384)) },
		"with SHA-512 and RSA":                         func() []byte { return w.sign(base(signaturetest.Table), w.agencyRSA, hash(crypto.SHA512)) },
		"as adbe.pkcs7.detached": func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.SubFilter = "adbe.pkcs7.detached" })
		},
		"as ETSI.CAdES.detached": func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) {
				o.SubFilter, o.NoSigningTime = "ETSI.CAdES.detached", true
			})
		},
		"with indefinite lengths in its encoding": func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.BER = true })
		},
		"by the person and then the agency": func() []byte {
			return w.sign(w.sign(base(signaturetest.Table), w.person), w.agency)
		},
		"by two in a file with object streams": func() []byte {
			return w.sign(w.sign(base(signaturetest.ObjectStreams), w.person), w.agencyRSA)
		},
		"with the number and date added between the two": func() []byte {
			return w.sign(must(signaturetest.Append(w.sign(base(signaturetest.Table), w.person), 0, "<< /Note (123/UBND) >>")), w.agency)
		},
		"with validation data before the last signature": func() []byte {
			return w.sign(must(w.authority.AddValidationData(w.sign(base(signaturetest.Table), w.person))), w.agency)
		},
		"with a time stamp": func() []byte {
			return w.sign(base(signaturetest.Table), w.agency, func(o *options) { o.TimeStamp = signing.Add(time.Minute) })
		},
		"with a document time stamp before the last signature": func() []byte {
			return w.sign(must(w.authority.AddDocumentTimeStamp(base(signaturetest.Table), signing)), w.agency)
		},
		"with content that nobody needs to inflate": func() []byte {
			return w.sign(signaturetest.Document{Title: "x", Filler: 1 << 20}.Bytes(), w.agency)
		},
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			data := make()
			e := accepts(t, data, w.policy)
			last := e.Signatures[len(e.Signatures)-1]
			if !last.CoversWholeFile || last.CoveredBytes != len(data) || len(last.Chain) != 3 || last.RevocationChecked {
				t.Errorf("evidence of the last signature: %+v", last)
			}
			if !strings.Contains(last.Subject, agencyName) || !e.AgencySignedAt.Equal(last.SignedAt) {
				t.Errorf("the agency is %q at %v", last.Subject, e.AgencySignedAt)
			}
		})
	}
}

func hash(h crypto.Hash) func(*options) { return func(o *options) { o.Hash = h } }

func TestAFileJustUnderTwentyMebibytesIsAccepted(t *testing.T) {
	w := theWorld()
	w.policy.MaxBytes = 0 // the default
	room := len(w.result()) + 400
	data := w.sign(signaturetest.Document{Title: "Quét", Filler: 20<<20 - room}.Bytes(), w.agency)
	if n := len(data); n > 20<<20 || n < 20<<20-2000 {
		t.Fatalf("the file has %d bytes", n)
	}
	accepts(t, data, w.policy)
}

func TestEvidenceSaysWhatTheVerdictRestsOn(t *testing.T) {
	w := theWorld()
	stamp := signing.Add(90 * time.Second)
	data := w.sign(base(signaturetest.XRefStream), w.person, func(o *signaturetest.Options) { o.Field = "Người ký"; o.NoSigningTime = true })
	data = w.sign(data, w.agency, func(o *signaturetest.Options) { o.TimeStamp = stamp })
	e := accepts(t, data, w.policy)
	person, agency := e.Signatures[0], e.Signatures[1]
	if person.Field != "Người ký" || person.CoversWholeFile || person.TimeSource != signature.TimeFromDictionary || !person.SignedAt.Equal(signing) {
		t.Errorf("the person's: %+v", person)
	}
	if agency.TimeSource != signature.TimeFromTimeStamp || !agency.SignedAt.Equal(stamp) || len(agency.TimeStampChain) != 3 {
		t.Errorf("the agency's: %+v", agency)
	}
	if agency.Digest != "SHA-256" || agency.Algorithm != "ECDSA" || agency.SubFilter != "adbe.pkcs7.detached" || agency.Serial == "" || agency.Issuer == "" {
		t.Errorf("the agency's: %+v", agency)
	}
	if e.PolicyVersion != "test-1" || len(e.FileSHA256) != 64 || e.FileBytes != len(data) || !e.JudgedAt.Equal(upload) {
		t.Errorf("the file's: %+v", e)
	}
	stored := must(json.Marshal(e))
	var back signature.Evidence
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatal(err)
	}
	if again := must(json.Marshal(back)); string(again) != string(stored) {
		t.Errorf("stored and read again it differs:\n%s\n%s", stored, again)
	}
	if again := must(json.Marshal(accepts(t, data, w.policy))); string(again) != string(stored) {
		t.Error("the same file under the same policy gives another verdict")
	}
}

func TestSigningTimeComesFromTheBestSource(t *testing.T) {
	w := theWorld()
	early := transfer.Add(-48 * time.Hour)
	tests := map[string]struct {
		options signaturetest.Options
		source  string
		at      time.Time
	}{
		"the time stamp counts, whatever the signer's clock says": {
			signaturetest.Options{At: early, TimeStamp: signing}, signature.TimeFromTimeStamp, signing},
		"else the signed attribute": {
			signaturetest.Options{At: signing, NoDictionaryTime: false}, signature.TimeFromAttribute, signing},
		"else the dictionary": {
			signaturetest.Options{At: signing, NoSigningTime: true}, signature.TimeFromDictionary, signing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := accepts(t, must(signaturetest.SignPDF(base(signaturetest.Table), w.agency, tt.options)), w.policy)
			if got := e.Signatures[0]; got.TimeSource != tt.source || !got.SignedAt.Equal(tt.at) {
				t.Errorf("got %s at %v", got.TimeSource, got.SignedAt)
			}
		})
	}
}

func TestPolicyMayAskForMoreOrAllowMore(t *testing.T) {
	w := theWorld()
	both := w.sign(w.sign(base(signaturetest.Table), w.person), w.agency)
	withPerson := w.policy
	withPerson.RequirePerson = true
	accepts(t, both, withPerson)
	refuses(t, w.result(), withPerson, signature.RuleNoPerson)
	refuses(t, w.sign(w.result(), w.agency), withPerson, signature.RuleNoPerson)

	allowed := w.policy
	allowed.AllowValidationData = true
	for name, data := range map[string][]byte{
		"validation data":       must(w.authority.AddValidationData(both)),
		"a document time stamp": must(w.authority.AddDocumentTimeStamp(both, signing.Add(time.Minute))),
		"both":                  must(w.authority.AddDocumentTimeStamp(must(w.authority.AddValidationData(both)), signing.Add(time.Minute))),
		"both, in a file with object streams": must(w.authority.AddDocumentTimeStamp(must(w.authority.AddValidationData(
			w.sign(base(signaturetest.ObjectStreams), w.agency))), signing.Add(time.Minute))),
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, data, w.policy, signature.RuleValidationData)
			if e := accepts(t, data, allowed); !e.ValidationData {
				t.Error("the evidence does not tell that the file grew")
			}
		})
	}
}

func TestTheAgencyIsKnownByNameOrBySerial(t *testing.T) {
	w := theWorld()
	e := accepts(t, w.result(), w.policy)
	p := w.policy
	p.Agency = []signature.AllowedCertificate{{CommonName: "Khác"}, {Issuer: e.Signatures[0].Issuer, Serial: "0x00" + strings.ToUpper(e.Signatures[0].Serial)}}
	accepts(t, w.result(), p)
	p.Agency[1].Issuer = "CN=Khác"
	refuses(t, w.result(), p, signature.RuleOtherAgency)
	// The same name written with separate marks is the same name.
	p.Agency = []signature.AllowedCertificate{{CommonName: "U\u0309y ban nhân dân phường Ví Dụ"}}
	accepts(t, w.result(), p)
	p.Agency = []signature.AllowedCertificate{{CommonName: strings.ToUpper(agencyName)}}
	refuses(t, w.result(), p, signature.RuleOtherAgency)
}
