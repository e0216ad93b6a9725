package doortest

import (
	"encoding/json"
	"time"

	"paht/shared/settings"
	"paht/shared/signature/signaturetest"
)

// Trust is an authority that the department trusts, with certificates of two
// agencies; the list names SXD's alone.
type Trust struct {
	Authority    *signaturetest.Authority
	Agency       *signaturetest.Signer // of SXD
	OtherAgency  *signaturetest.Signer
	province     *Province
	Certificates string // the document that names SXD's
}

// agencyName is the common name of SXD's certificate.
const agencyName = "Sở Xây dựng tỉnh Mộc Lam"

// Trust makes the department trust a new authority.
func (p *Province) Trust() *Trust {
	p.Helper()
	t := &Trust{province: p}
	var err error
	if t.Authority, err = signaturetest.NewAuthority(p.World.Now()); err != nil {
		p.Fatal(err)
	}
	if t.Agency, err = t.Authority.Agency(agencyName); err != nil {
		p.Fatal(err)
	}
	if t.OtherAgency, err = t.Authority.Agency("Công an tỉnh Mộc Lam"); err != nil {
		p.Fatal(err)
	}
	t.Certificates = `[{"agency":"SXD","common_name":"` + agencyName + `"}]`
	p.Store(settings.Roots, t.Roots(""))
	p.Store(settings.Certificates, t.Certificates)
	return t
}

// Roots is the document of the trusted authorities, trusted until an instant, or
// without end.
func (t *Trust) Roots(until string) string {
	rows := []map[string]string{
		{"name": "Gốc thử", "use": settings.UseRoot, "pem": string(t.Authority.RootsPEM())},
		{"name": "Trung gian thử", "use": settings.UseIntermediate, "pem": string(t.Authority.IntermediatesPEM())},
	}
	if until != "" {
		rows[0]["valid_to"] = until
	}
	document, err := json.Marshal(rows)
	if err != nil {
		t.province.Fatal(err)
	}
	return string(document)
}

// Result is a result that somebody signed at an instant.
func (t *Trust) Result(by *signaturetest.Signer, at time.Time) []byte {
	t.province.Helper()
	base := signaturetest.ResultPDF("Kết quả xử lý phản ánh", []string{"Đã vá mặt đường."})
	file, err := signaturetest.SignPDF(base, by, signaturetest.Options{At: at})
	if err != nil {
		t.province.Fatal(err)
	}
	return file
}
