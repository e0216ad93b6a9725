package signature_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
)

var (
	transfer = time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)
	signing  = transfer.Add(26 * time.Hour)
	upload   = signing.Add(20 * time.Minute)
)

const (
	agencyName  = "Ủy ban nhân dân phường Ví Dụ"
	anotherName = "Ủy ban nhân dân phường Khác"
)

// world is an authority with the people of one assignment.
type world struct {
	authority                          *signaturetest.Authority
	agency, agencyRSA, person, another *signaturetest.Signer
	policy                             signature.Policy
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// theWorld is made once: issuing certificates is most of a test's time.
var theWorld = sync.OnceValue(func() *world {
	a := must(signaturetest.NewAuthority(transfer))
	return &world{
		authority: a,
		agency:    must(a.Agency(agencyName)),
		agencyRSA: must(a.Issue(signaturetest.Subject{CommonName: agencyName, Organization: agencyName, RSA: true})),
		person:    must(a.Person("Nguyễn Văn Thử", agencyName)),
		another:   must(a.Agency(anotherName)),
		policy: signature.Policy{
			Version:       "test-1",
			Roots:         must(signature.ParseRoots(a.RootsPEM())),
			Agency:        []signature.AllowedCertificate{{CommonName: agencyName}},
			TransferredAt: transfer,
			UploadedAt:    upload,
			Tolerance:     signature.DefaultTolerance,
		},
	}
})

func base(form signaturetest.Form) []byte {
	return signaturetest.Document{
		Form:  form,
		Title: "Kết quả xử lý phản ánh hiện trường",
		Lines: []string{"Phường đã vá mặt đường và thay nắp cống.", "Đề nghị người dân tiếp tục giám sát."},
	}.Bytes()
}

func (w *world) sign(pdf []byte, s *signaturetest.Signer, change ...func(*signaturetest.Options)) []byte {
	o := signaturetest.Options{At: signing}
	for _, c := range change {
		c(&o)
	}
	return must(signaturetest.SignPDF(pdf, s, o))
}

// result is a usual result, signed by the agency.
func (w *world) result() []byte { return w.sign(base(signaturetest.Table), w.agency) }

func accepts(t *testing.T, data []byte, p signature.Policy) signature.Evidence {
	t.Helper()
	e, err := signature.Verify(context.Background(), data, p)
	if err != nil {
		var r *signature.Refused
		if errors.As(err, &r) {
			t.Fatalf("refused: %+v", r.All)
		}
		t.Fatal(err)
	}
	return e
}

// refuses checks that the file is refused under the rule, as the first of those
// that it breaks.
func refuses(t *testing.T, data []byte, p signature.Policy, rule string) *signature.Refused {
	t.Helper()
	_, err := signature.Verify(context.Background(), data, p)
	var r *signature.Refused
	if !errors.As(err, &r) {
		t.Fatalf("got %v, want a refusal under %s", err, rule)
	}
	if r.Rule != rule {
		t.Fatalf("refused under %s, want %s: %+v", r.Rule, rule, r.All)
	}
	if r.Detail == "" || !slices.Contains(signature.Rules, r.Rule) || r.All[0].Rule != rule {
		t.Fatalf("the refusal is not complete: %+v", r)
	}
	return r
}
