package notice

import (
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var sender = mail.Address{Name: "Hệ thống phản ánh", Address: "paht@example.gov.vn"}

func TestALetterIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringOfN(rapid.RuneFrom([]rune("aăâđeêôơưệữ ốỗ=?_.\tក្ខ")), 0, 300, -1)
		subject := strings.Join(strings.Fields(line.Draw(t, "subject")), " ")
		body := strings.Join(rapid.SliceOfN(line, 1, 6).Draw(t, "lines"), "\n")
		l := Letter{To: "lan@example.vn", ID: "PA-0123456789*.4", At: begin, Words: Words{subject, body}}
		raw, err := l.MIME(sender)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(raw), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("line %d is no line of RFC 5322: %q", n, line)
			}
		}
		m, err := mail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		read, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || read != subject {
			t.Fatalf("the subject %q reads %q (%v)", subject, read, err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil || strings.TrimSuffix(string(text), "\r\n") != strings.ReplaceAll(body, "\n", "\r\n") {
			t.Fatalf("the text %q reads %q (%v)", body, text, err)
		}
		if id := m.Header.Get("Message-Id"); id != "<PA-0123456789*.4@example.gov.vn>" {
			t.Fatalf("the id is %s", id)
		}
	})
}

func TestNothingGetsIntoTheHeadersOfALetter(t *testing.T) {
	for _, c := range []struct {
		name   string
		letter Letter
		absent string
		err    error
	}{
		{"a line in the subject", Letter{To: "lan@example.vn", ID: "a.1", Words: Words{Subject: "Chào\r\nBcc: x@example.vn"}}, "\r\nBcc:", nil},
		{"a line in the trace", Letter{To: "lan@example.vn", ID: "a.1", Trace: "t\r\nBcc: x@example.vn"}, "Bcc", nil},
		{"a line in the address", Letter{To: "lan@example.vn\r\nBcc: x@example.vn", ID: "a.1"}, "", Undeliverable{BadAddress}},
		{"a second address", Letter{To: "lan@example.vn, x@example.vn", ID: "a.1"}, "", Undeliverable{BadAddress}},
		{"no address", Letter{ID: "a.1"}, "", Undeliverable{BadAddress}},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := c.letter.MIME(sender)
			if !errors.Is(err, c.err) {
				t.Fatalf("gave %v", err)
			}
			if c.err == nil && strings.Contains(string(raw), c.absent) {
				t.Errorf("wrote %q", raw)
			}
		})
	}
	if _, err := (Letter{To: "lan@example.vn", ID: "a b"}).MIME(sender); err == nil {
		t.Error("an id that is no atom was written")
	}
}
