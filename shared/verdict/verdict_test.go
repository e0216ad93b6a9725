package verdict_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
	"paht/shared/verdict"
)

type world struct {
	*doortest.Province

	trust *doortest.Trust
}

func (w *world) judge(file []byte, agency string, uploaded time.Time) (signature.Evidence, error) {
	w.Helper()
	set, err := w.Base.Settings.Load(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	a := &report.Assignment{ID: "a1", Agency: agency, TransferredAt: doortest.Begin.Add(-24 * time.Hour)}
	return verdict.Judge(w.Context(), set, file, a, uploaded, "body.upload")
}

// refused checks that the rule surfaces as the fault of the field.
func (w *world) refused(what string, err error, rule string) {
	w.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != "body.upload" || f.Fields[0].Code != "result_refused" ||
		len(f.Fields[0].Args) != 1 || f.Fields[0].Args[0] != rule {
		w.Errorf("%s: %v %+v, want %s", what, err, f, rule)
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t)}
	w.trust = w.Trust()
	return w
}

func TestARuleThatIsBrokenSurfacesByName(t *testing.T) {
	w := newWorld(t)
	at := doortest.Begin
	good := w.trust.Result(w.trust.Agency, at)
	evidence, err := w.judge(good, "SXD", at)
	if err != nil || !evidence.AgencySignedAt.Equal(at) || evidence.FileSHA256 == "" || evidence.PolicyVersion == "" {
		t.Fatalf("a good one: %+v, %v", evidence, err)
	}
	stranger, err := signaturetest.NewNamedAuthority("Gốc khác", at)
	if err != nil {
		t.Fatal(err)
	}
	forger, err := stranger.Agency("Sở Xây dựng tỉnh Mộc Lam")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		file   []byte
		agency string
		rule   string
	}{
		{"no PDF", []byte("text"), "SXD", signature.RuleNotPDF},
		{"no signature", signaturetest.ResultPDF("Kết quả", nil), "SXD", signature.RuleNoSignature},
		{"more after the signature", append(bytes.Clone(good), "x"...), "SXD", signature.RuleUpdated},
		{"another agency's certificate", w.trust.Result(w.trust.OtherAgency, at), "SXD", signature.RuleOtherAgency},
		{"an agency that the list does not name", good, "CAT", signature.RuleNoAgencyList},
		{"the agency by another key", good, "SXD@2026-01-01", signature.RuleNoAgencyList},
		{"the agency's name by another authority", w.trust.Result(forger, at), "SXD", signature.RuleChain},
		{"more than 20 MiB", bytes.Repeat([]byte{' '}, verdict.MaxResult+1), "SXD", signature.RuleTooLarge},
	} {
		_, err := w.judge(row.file, row.agency, at)
		w.refused(row.name, err, row.rule)
	}
}

func TestTheListOfCertificatesIsByTheKeyOfTheAgency(t *testing.T) {
	w := newWorld(t)
	w.Store(settings.Categories, `{"categories":[{"code":"khac","name":"Khác","leads":[],"default_working_days":5}]}`)
	w.Store(settings.Certificates, `[]`)
	w.Store(settings.Agencies, `{"agencies":[
		{"code":"VPUB","name":"Văn phòng","kind":"provincial_office","roles":[{"role":"province_office"}]},
		{"code":"SKHCN","name":"Sở Khoa học","kind":"provincial_department","roles":[{"role":"department"}]},
		{"code":"TTDH","name":"Trung tâm","kind":"operating_centre","parent":"SKHCN","roles":[{"role":"operator"}]},
		{"code":"SXD","name":"Sở Xây dựng","kind":"provincial_department","roles":[{"role":"agency"}],"valid_from":"2026-03-01"}]}`)
	w.Store(settings.Certificates, `[{"agency":"SXD@2026-03-01","common_name":"Sở Xây dựng tỉnh Mộc Lam"}]`)
	file := w.trust.Result(w.trust.Agency, doortest.Begin)
	if _, err := w.judge(file, "SXD@2026-03-01", doortest.Begin); err != nil {
		t.Errorf("by its key: %v", err)
	}
	_, err := w.judge(file, "SXD", doortest.Begin)
	w.refused("by its code alone", err, signature.RuleNoAgencyList)
}

func TestWhatIsTrustedIsThatOfTheUpload(t *testing.T) {
	w := newWorld(t)
	at := doortest.Begin
	file := w.trust.Result(w.trust.Agency, at)
	w.Store(settings.Roots, w.trust.Roots(at.Add(time.Minute).Format(time.RFC3339)))
	if _, err := w.judge(file, "SXD", at.Add(59*time.Second)); err != nil {
		t.Errorf("before the root's end: %v", err)
	}
	_, err := w.judge(file, "SXD", at.Add(time.Minute))
	w.refused("from the root's end on", err, signature.RuleNoTrustedRoot)
	w.Store(settings.Roots, w.trust.Roots(""))
	w.Store(settings.Certificates, `[{"agency":"SXD","common_name":"Sở Xây dựng tỉnh Mộc Lam","valid_to":"`+at.Add(time.Minute).Format(time.RFC3339)+`"}]`)
	if _, err := w.judge(file, "SXD", at.Add(59*time.Second)); err != nil {
		t.Errorf("before the certificate's end: %v", err)
	}
	_, err = w.judge(file, "SXD", at.Add(time.Minute))
	w.refused("from the certificate's end on", err, signature.RuleNoAgencyList)
	w.Store(settings.Certificates, w.trust.Certificates)
	w.Store(settings.Policies, `[{"name":"require_person_signature","value":true,"valid_from":"`+at.Add(time.Minute).Format(time.RFC3339)+`"},
		{"name":"signature_tolerance_seconds","value":0,"valid_from":"`+at.Add(time.Hour).Format(time.RFC3339)+`"}]`)
	if _, err := w.judge(file, "SXD", at); err != nil {
		t.Errorf("before a person must sign too: %v", err)
	}
	_, err = w.judge(file, "SXD", at.Add(time.Minute))
	w.refused("from then on", err, signature.RuleNoPerson)
	if _, err := w.judge(w.trust.Result(w.trust.Agency, at.Add(4*time.Minute)), "SXD", at); err != nil {
		t.Errorf("a clock four minutes ahead: %v", err)
	}
	_, err = w.judge(w.trust.Result(w.trust.Agency, at.Add(6*time.Minute)), "SXD", at)
	w.refused("a clock six minutes ahead", err, signature.RuleWindow)
}

func TestWithoutRootsNothingIsAccepted(t *testing.T) {
	w := newWorld(t)
	file := w.trust.Result(w.trust.Agency, doortest.Begin)
	w.Store(settings.Roots, `[]`)
	_, err := w.judge(file, "SXD", doortest.Begin)
	w.refused("an empty document", err, signature.RuleNoTrustedRoot)
	bare := &world{Province: doortest.Bare(t)}
	if _, err := bare.judge(file, "SXD", doortest.Begin); !fault.Is(err, "not_set_up") {
		t.Errorf("no document: %v", err)
	}
}

func TestAnUploadBeforeItsTransferIsJudgedAsOfTheTransfer(t *testing.T) {
	w := newWorld(t)
	transferred := doortest.Begin.Add(-24 * time.Hour)
	early := transferred.Add(-3 * time.Second) // by a clock that is behind
	if e, err := w.judge(w.trust.Result(w.trust.Agency, transferred), "SXD", early); err != nil || !e.JudgedAt.Equal(transferred) {
		t.Errorf("judged as of %v, %v", e.JudgedAt, err)
	}
	_, err := w.judge(w.trust.Result(w.trust.Agency, doortest.Begin), "SXD", early)
	w.refused("signed a day later", err, signature.RuleWindow)
}

func TestWhatIsNoRefusalIsNoFault(t *testing.T) {
	w := newWorld(t)
	file := w.trust.Result(w.trust.Agency, doortest.Begin)
	set, err := w.Base.Settings.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	a := &report.Assignment{ID: "a1", Agency: "SXD", TransferredAt: doortest.Begin.Add(-time.Hour)}
	if _, err := verdict.Judge(ended, set, file, a, doortest.Begin, "body.upload"); !errors.Is(err, context.Canceled) {
		t.Errorf("an invocation that ends: %v", err)
	}
	fresh := &world{Province: doortest.Open(t)}
	fresh.Trust()
	if set, err = fresh.Base.Settings.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh.World.Break(func(*http.Request) (error, error) { return errors.New("the table is down"), nil })
	if _, err := verdict.Judge(t.Context(), set, file, a, doortest.Begin, "body.upload"); err == nil || fault.As(err) != nil {
		t.Errorf("settings that cannot be read: %v", err)
	}
}
