package signature_test

import (
	"bytes"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"paht/shared/signature/signaturetest"
)

var forms = map[string]signaturetest.Form{
	"a table":                  signaturetest.Table,
	"a cross-reference stream": signaturetest.XRefStream,
	"object streams":           signaturetest.ObjectStreams,
	"a hybrid":                 signaturetest.Hybrid,
}

// What the test authority writes must be a PDF for others too, or the verifier
// would be tested on files that do not occur.
func TestAnotherReaderAcceptsTheFilesOfTheTests(t *testing.T) {
	w := theWorld()
	api.DisableConfigDir()
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			signed := w.sign(w.sign(base(form), w.person), w.agency)
			for what, data := range map[string][]byte{
				"unsigned":             base(form),
				"signed twice":         signed,
				"with validation data": must(w.authority.AddValidationData(signed)),
				"with a time stamp":    must(w.authority.AddDocumentTimeStamp(signed, signing)),
			} {
				conf := model.NewDefaultConfiguration()
				if err := api.Validate(bytes.NewReader(data), conf); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}
