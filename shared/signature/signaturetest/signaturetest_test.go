package signaturetest

import (
	"bytes"
	"crypto"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)

func TestTheSameDocumentGivesTheSameBytes(t *testing.T) {
	d := Document{Form: ObjectStreams, Title: "Kết quả", Lines: []string{"Đã xử lý."}, Filler: 1000}
	if !bytes.Equal(d.Bytes(), d.Bytes()) {
		t.Error("two writings differ")
	}
	d.Lines = []string{"Chưa xử lý."}
	if bytes.Equal(d.Bytes(), ResultPDF("Kết quả", nil)) {
		t.Error("two documents are the same")
	}
}

func TestALetterKeepsItsPlaceUnderItsMarks(t *testing.T) {
	var marked, bare bytes.Buffer
	setLine(&marked, false, 10, 0, 0, "Ủy ban phường (ổ gà)")
	setLine(&bare, false, 10, 0, 0, "Uy ban phuong (o ga)")
	text := func(b bytes.Buffer) string {
		s := b.String()
		return s[strings.Index(s, "Td ("):strings.Index(s, "Tj ET")]
	}
	if text(marked) != text(bare) || !strings.Contains(text(bare), `\(o ga\)`) {
		t.Errorf("%s, %s", text(marked), text(bare))
	}
	if strings.Count(marked.String(), "S\n") != 7 { // Ủ; ư, ơ, huyền; ô, hỏi; à
		t.Errorf("%d marks", strings.Count(marked.String(), "S\n"))
	}
}

func TestWhatCannotBeSignedIsAnError(t *testing.T) {
	a, err := NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Agency("Phường Ví Dụ")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		base    []byte
		options Options
		want    string
	}{
		"something that is no PDF":     {[]byte("no"), Options{At: now}, "does not begin with"},
		"a room that is too small":     {ResultPDF("x", nil), Options{At: now, Room: 10}, "more than the room of 10"},
		"an algorithm without a name":  {ResultPDF("x", nil), Options{At: now, Hash: crypto.MD5}, "no algorithm"},
		"a document without catalogue": {bytes.Replace(ResultPDF("x", nil), []byte("/Root 1 0 R"), []byte("/Root 9 0 R"), 1), Options{At: now}, "no catalogue"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := SignPDF(tt.base, s, tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnAuthorityIsValidAroundItsTime(t *testing.T) {
	a, err := NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	person, err := a.Person("Nguyễn Văn Thử", "Phường Ví Dụ")
	if err != nil {
		t.Fatal(err)
	}
	c := person.Certificate
	if now.AddDate(0, -11, 0).Before(c.NotBefore) || now.AddDate(4, 0, 0).After(c.NotAfter) {
		t.Errorf("valid from %v to %v", c.NotBefore, c.NotAfter)
	}
	if c.Subject.CommonName != "Nguyễn Văn Thử" || c.Subject.Organization[0] != "Phường Ví Dụ" || len(person.Chain) != 1 {
		t.Errorf("issued to %v", c.Subject)
	}
	if !bytes.Contains(a.RootsPEM(), []byte("BEGIN CERTIFICATE")) || bytes.Equal(a.RootsPEM(), a.IntermediatesPEM()) {
		t.Error("root and intermediate are not told apart")
	}
}
