package notice

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Letter is a notice as a channel takes it. To is what the channel delivers to:
// an e-mail address, or a device's endpoint.
type Letter struct {
	To    string
	Words Words
	ID    string // the item's MessageID
	At    time.Time
	Trace string
}

// Undeliverable is a channel's word that it will never take a letter; any other
// error of a channel but Closed is transient.
type Undeliverable struct{ Reason string }

func (u Undeliverable) Error() string { return "undeliverable: " + u.Reason }

// Closed is a channel's word that it takes no letter at all, until people have
// mended that: the letter waits for them in its intent.
type Closed struct{ Reason string }

func (c Closed) Error() string { return "the channel is closed: " + c.Reason }

// Reasons of Undeliverable, as an item stores them; GivenUp is the sweep's.
const (
	NoAddress    = "no_address"   // the account has none that is proven
	BadAddress   = "bad_address"  // it cannot be written to
	Refused      = "refused"      // the service refused the message
	NoSuchWay    = "no_channel"   // nothing here carries that channel
	GivenUp      = "given_up"     // nobody could carry it out for days
	NoSuchPerson = "no_recipient" // the account is gone
	Overtaken    = "overtaken"    // its code was used or replaced, or the lock is gone, before it was known to have left
)

var (
	atoms = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.@-]{1,200}$`) })
	trace = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`) })
)

// MIME writes the letter as an e-mail (RFC 5322): plain text, marked as sent by a
// machine so that no machine answers (RFC 3834). The Message-ID is the intent's,
// so that a repeat can be told for one. Amazon SES puts an id and a date of its
// own in their place
// (https://docs.aws.amazon.com/ses/latest/dg/header-fields.html), therefore
// X-Notice-Id says the same once more.
func (l Letter) MIME(from mail.Address) ([]byte, error) {
	to, err := mail.ParseAddress(l.To)
	if err != nil {
		return nil, Undeliverable{BadAddress}
	}
	_, domain, ok := strings.Cut(from.Address, "@")
	if !ok {
		return nil, errors.New("writing a letter: the sender has no domain")
	}
	if !atoms().MatchString(l.ID) {
		return nil, errors.New("writing a letter: its id is no atom of RFC 5322")
	}
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", from.String())
	header("To", (&mail.Address{Address: to.Address}).String())
	header("Subject", encoded(l.Words.Subject))
	header("Message-ID", "<"+strings.ReplaceAll(l.ID, "@", ".")+"@"+domain+">")
	header("X-Notice-Id", l.ID)
	header("Date", l.At.UTC().Format(time.RFC1123Z))
	header("Auto-Submitted", "auto-generated")
	if trace().MatchString(l.Trace) {
		header("X-Request-Id", l.Trace)
	}
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(l.Words.Text, "\n", "\r\n"))); err != nil {
		return nil, fmt.Errorf("writing a letter: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing a letter: %w", err)
	}
	b.WriteString("\r\n")
	return b.Bytes(), nil
}

// encoded is a header's text in encoded words (RFC 2047), one a line.
func encoded(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?")
}
