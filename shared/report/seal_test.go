package report

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A state is read and written again without a new event; the event in it must
// keep its bytes, or its hash no longer fits.
func TestAnEventIsTheSameBytesOnceItWasReadAgain(t *testing.T) {
	s := submitted(t)
	asked, err := AskSupplement(s.h.Report, "q", s.context(screener))
	s.take(asked, err)
	for name, media := range map[string][]string{"no files": nil, "an empty list of files": {}, "two files": {"s1", "s2"}} {
		change, err := AddSupplement(s.h.Report, SupplementText{Text: "x", Media: media}, s.context(citizen))
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(change.After)
		if err != nil {
			t.Fatal(err)
		}
		var read Report
		if err := json.Unmarshal(written, &read); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written, again) {
			t.Errorf("with %s: written was\n%s\nand then\n%s", name, written, again)
		}
		if err := VerifyChain(append(append([]Event(nil), s.h.Events...), read.Newest)); err != nil {
			t.Errorf("with %s: %v", name, err)
		}
	}
}
