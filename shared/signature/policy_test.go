package signature_test

import (
	"bytes"
	"encoding/pem"
	"strings"
	"testing"

	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
)

func TestParseRootsNamesEveryProblem(t *testing.T) {
	w := theWorld()
	root := string(w.authority.RootsPEM())
	leaf := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.agency.Certificate.Raw}))
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")}))
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("nothing")}))
	tests := map[string]struct {
		text string
		want []string
	}{
		"an empty text":             {"", []string{"no PEM certificate"}},
		"a text without PEM":        {"root.cer", []string{"no PEM certificate"}},
		"a signer's certificate":    {leaf, []string{"certificate 1: it is not the certificate of an authority"}},
		"a private key":             {key, []string{`certificate 1: it is a PEM block of type "PRIVATE KEY"`}},
		"a damaged certificate":     {broken, []string{"certificate 1: parsing it"}},
		"a block that is cut short": {root + root[:len(root)/2], []string{"damaged PEM block"}},
		"the same twice":            {root + root, []string{"certificate 2: it is the same as certificate 1"}},
		"several problems at once":  {leaf + root + key + broken, []string{"certificate 1:", "certificate 3:", "certificate 4:"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := signature.ParseRoots([]byte(tt.text))
			if err == nil || got.Len() != 0 {
				t.Fatalf("got %d certificates and %v", got.Len(), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Error("the error echoes a key")
			}
		})
	}
	both := bytes.Join([][]byte{[]byte("gốc:\n"), w.authority.RootsPEM(), w.authority.IntermediatesPEM()}, nil)
	got, err := signature.ParseRoots(both)
	if err != nil || got.Len() != 2 || len(got.Each()) != 2 || len(got.Each()[0].SHA256) != 64 {
		t.Errorf("got %v and %v", got.Each(), err)
	}
}

func TestAnIntermediateMayComeFromThePolicy(t *testing.T) {
	w := theWorld()
	bare := *w.agency
	bare.Chain = nil
	data := w.sign(base(signaturetest.Table), &bare)
	refuses(t, data, w.policy, signature.RuleChain)
	p := w.policy
	p.Intermediates = must(signature.ParseRoots(w.authority.IntermediatesPEM()))
	accepts(t, data, p)
}

func TestAnAllowedCertificateIsNamedInOneWay(t *testing.T) {
	for name, tt := range map[string]struct {
		entry signature.AllowedCertificate
		ok    bool
	}{
		"by common name":                {signature.AllowedCertificate{CommonName: "A"}, true},
		"by issuer and serial":          {signature.AllowedCertificate{Issuer: "CN=A", Serial: "0a:1B"}, true},
		"by nothing":                    {signature.AllowedCertificate{}, false},
		"by both":                       {signature.AllowedCertificate{CommonName: "A", Issuer: "CN=A", Serial: "1"}, false},
		"by issuer alone":               {signature.AllowedCertificate{Issuer: "CN=A"}, false},
		"by a serial that is no number": {signature.AllowedCertificate{Issuer: "CN=A", Serial: "x"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tt.entry.Check(); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}
