package signature_test

import (
	"testing"

	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
)

// Where the policy allows validation data after signing, nothing else may come
// in with it.
func TestValidationDataBringsNothingElseIn(t *testing.T) {
	w := theWorld()
	allowed := w.policy
	allowed.AllowValidationData = true
	signed := w.result()
	dss := must(w.authority.AddValidationData(signed))
	grow := func(data []byte, num uint32, body string) []byte { return must(signaturetest.Append(data, num, body)) }
	catalogue := func(more string) string {
		return "<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) /ViewerPreferences 6 0 R /AcroForm << /Fields [9 0 R] /SigFlags 3 >> " + more + " >>"
	}
	hidden := map[string]string{ // updates that hide the signature itself
		"another page tree":              signature.RuleNoSignature,
		"a signature's value taken away": signature.RuleSubFilter,
	}
	tests := map[string][]byte{
		"a changed page beside the data":            grow(dss, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 800] >>"),
		"changed content of a page":                 grow(dss, 4, "<< /Length 0 >>\nstream\n\nendstream"),
		"changed content that the data claims":      grow(grow(signed, 4, "<< /Length 0 >>\nstream\n\nendstream"), 1, catalogue("/DSS << /Certs [4 0 R] >>")),
		"another page tree":                         grow(dss, 1, "<< /Type /Catalog /Pages 5 0 R /DSS << >> >>"),
		"an action when the document opens":         grow(signed, 1, catalogue("/OpenAction << /S /JavaScript /JS (x) >>")),
		"a field that is no time stamp":             grow(grow(signed, 0, "<< /FT /Tx /T (x) >>"), 1, "<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) /ViewerPreferences 6 0 R /AcroForm << /Fields [9 0 R 10 0 R] /SigFlags 3 >> >>"),
		"only an object that belongs to nothing":    grow(signed, 0, "<< /Type /Action /S /JavaScript /JS (x) >>"),
		"a signature's value taken away":            grow(signed, 8, "<< /Type /Sig >>"),
		"other information about the document":      grow(dss, 7, "<< /Title (khác) >>"),
		"validation data that holds something else": grow(grow(signed, 0, "<< /Certs [] /Fields [1 0 R] >>"), 1, catalogue("/DSS 10 0 R")),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			rule := signature.RuleUpdated
			if hidden[name] != "" {
				rule = hidden[name]
			}
			refuses(t, data, allowed, rule)
		})
	}
	t.Run("an object that the signed document waits for", func(t *testing.T) {
		// The agency signs a page whose second content is missing; the update brings
		// it in as a certificate.
		waiting := grow(base(signaturetest.Table), 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 10 0 R] >>")
		waiting = w.sign(waiting, w.agency)
		accepts(t, waiting, w.policy)
		filled := grow(waiting, 10, "<< /Length 3 >>\nstream\n0 g\nendstream")
		filled = grow(filled, 1, catalogue("/DSS << /Certs [10 0 R] >>"))
		refuses(t, filled, allowed, signature.RuleUpdated)
	})
	t.Run("though the same catalogue with data of its own is accepted", func(t *testing.T) {
		accepts(t, grow(grow(signed, 0, "<< /Type /DSS /Certs [] >>"), 1, catalogue("/DSS 10 0 R")), allowed)
	})
	t.Run("but what nothing refers to does no harm", func(t *testing.T) {
		accepts(t, grow(dss, 0, "<< /Producer (x) >>"), allowed)
	})
	t.Run("an update of nothing", func(t *testing.T) {
		same := grow(signed, 1, catalogue(""))
		refuses(t, same, allowed, signature.RuleUpdated)
	})
}
