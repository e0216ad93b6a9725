package messaging

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"

	"encoding/base64"

	"paht/infra/emulator/wire"
)

// SESPrefix begins the paths of SESv2.
const SESPrefix = "/v2/email/"

type content struct {
	Data    string
	Charset string
}

type sendEmailInput struct {
	FromEmailAddress string
	Destination      struct{ ToAddresses, CcAddresses, BccAddresses []string }
	ReplyToAddresses []string
	Content          struct {
		Simple *simpleEmail
		Raw    *struct{ Data []byte }
	}
	// Bookkeeping of AWS that changes nothing of what is sent.
	ConfigurationSetName string
	EmailTags            []struct{ Name, Value string }
}

type simpleEmail struct {
	Subject content
	Body    struct {
		Text *content
		HTML *content `json:"Html"`
	}
	Headers []Header
}

// maxEmailBytes is SES's limit for a message with its attachments.
const maxEmailBytes = 40 << 20

// SESOperation names the operation of a request.
func SESOperation(r *http.Request) string {
	if r.Method == http.MethodPost && r.URL.Path == SESPrefix+"outbound-emails" {
		return "SendEmail"
	}
	return r.Method + " " + r.URL.Path
}

// SESAction names the IAM action and resource. SESv2 checks the identity that
// sends, by its domain.
func (o *Outbox) SESAction(r *http.Request, body []byte) (action string, resources []string) {
	var in sendEmailInput
	identity := ""
	if wire.Decode("ses.SendEmail", body, &in) == nil {
		_, identity, _ = strings.Cut(address(in.FromEmailAddress), "@")
	}
	return "ses:" + SESOperation(r), []string{"arn:aws:ses:" + o.options.Region + ":" + o.options.Account + ":identity/" + identity}
}

// DoSES answers one SESv2 request whose body has been read; the error is what
// was answered.
func (o *Outbox) DoSES(w http.ResponseWriter, r *http.Request, body []byte, _ string) error {
	id, err := o.sendEmail(r, body)
	if err != nil {
		wire.WriteError(w, wire.RESTJSON, err)
		return err
	}
	wire.WriteJSON(w, wire.RESTJSON, map[string]string{"MessageId": id})
	return nil
}

func badRequest(format string, args ...any) *wire.Error {
	return wire.Errorf("BadRequestException", format, args...)
}

func (o *Outbox) sendEmail(r *http.Request, body []byte) (string, error) {
	if operation := SESOperation(r); operation != "SendEmail" {
		return "", wire.NotSupported("ses." + operation)
	}
	var in sendEmailInput
	if err := wire.Decode("ses.SendEmail", body, &in); err != nil {
		return "", err
	}
	m := Message{ID: o.options.NewID(), Kind: Email, At: o.options.Now(), From: in.FromEmailAddress,
		To: slices.Concat(in.Destination.ToAddresses, in.Destination.CcAddresses, in.Destination.BccAddresses)}
	var err error
	switch {
	case in.Content.Raw != nil && in.Content.Simple == nil:
		m, err = rawMessage(m, in.Content.Raw.Data)
	case in.Content.Simple != nil && in.Content.Raw == nil:
		m, err = simpleMessage(m, *in.Content.Simple, in.ReplyToAddresses)
	default:
		err = badRequest("Content must hold exactly one of Simple and Raw")
	}
	if err != nil {
		return "", err
	}
	if err := checkAddresses(m); err != nil {
		return "", err
	}
	m.overrideMessageID("<" + m.ID + "@" + o.options.Region + ".amazonses.com>")
	return m.ID, o.accept(m)
}

func (m *Message) overrideMessageID(id string) {
	m.MessageID = id
	m.Headers = slices.DeleteFunc(m.Headers, func(h Header) bool { return strings.EqualFold(h.Name, "Message-ID") })
	m.Headers = append(m.Headers, Header{"Message-ID", id})
}

func checkAddresses(m Message) error {
	if _, err := mail.ParseAddress(m.From); err != nil {
		return badRequest("FromEmailAddress %q is not an address: %v", m.From, err)
	}
	if len(m.To) == 0 || len(m.To) > 50 {
		return badRequest("a message goes to 1 to 50 recipients, not %d", len(m.To))
	}
	for _, to := range m.To {
		if _, err := mail.ParseAddress(to); err != nil {
			return badRequest("recipient %q is not an address: %v", to, err)
		}
	}
	return nil
}

// setBySES are the headers that Simple content may not carry ("Amazon SES
// header fields").
var setBySES = []string{"BCC", "CC", "Content-Disposition", "Content-Type", "Date", "From", "Message-ID", "MIME-Version",
	"Reply-To", "Return-Path", "Subject", "To"}

func simpleMessage(m Message, in simpleEmail, replyTo []string) (Message, error) {
	if in.Body.Text == nil && in.Body.HTML == nil {
		return m, badRequest("Content.Simple.Body must hold Text or Html")
	}
	m.Subject = in.Subject.Data
	if in.Body.Text != nil {
		m.Text = in.Body.Text.Data
	}
	if in.Body.HTML != nil {
		m.HTML = in.Body.HTML.Data
	}
	m.Headers = []Header{{"From", m.From}, {"To", strings.Join(m.To, ", ")}, {"Subject", m.Subject}}
	if len(replyTo) > 0 {
		m.Headers = append(m.Headers, Header{"Reply-To", strings.Join(replyTo, ", ")})
	}
	for _, h := range in.Headers {
		if strings.ContainsAny(h.Name+h.Value, "\r\n") {
			return m, badRequest("header %q holds a line break", h.Name)
		}
		if slices.ContainsFunc(setBySES, func(name string) bool { return strings.EqualFold(h.Name, name) }) {
			return m, badRequest("header %q is set by SES and must not be given with Simple content", h.Name)
		}
		m.Headers = append(m.Headers, h)
	}
	return m, nil
}

func rawMessage(m Message, raw []byte) (Message, error) {
	if len(raw) > maxEmailBytes {
		return m, badRequest("a message has at most %d bytes, not %d", maxEmailBytes, len(raw))
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, badRequest("reading the raw message: %v", err)
	}
	m.Raw = raw
	m.Headers = rawHeaders(raw)
	m.GivenMessageID = parsed.Header.Get("Message-Id")
	m.Subject = decodeWord(parsed.Header.Get("Subject"))
	if m.From == "" {
		m.From = parsed.Header.Get("From")
	}
	if len(m.To) == 0 {
		for _, name := range []string{"To", "Cc", "Bcc"} {
			list, err := parsed.Header.AddressList(name)
			if err != nil && parsed.Header.Get(name) != "" {
				return m, badRequest("reading the %s header: %v", name, err)
			}
			for _, a := range list {
				m.To = append(m.To, a.Address)
			}
		}
	}
	m.Text, m.HTML, err = bodies(textproto.MIMEHeader(parsed.Header), parsed.Body)
	if err != nil {
		return m, badRequest("reading the raw message's body: %v", err)
	}
	return m, nil
}

func decodeWord(text string) string {
	decoded, err := new(mime.WordDecoder).DecodeHeader(text)
	if err != nil {
		return text
	}
	return decoded
}

// rawHeaders keeps the order, which a map would lose.
func rawHeaders(raw []byte) []Header {
	head, _, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	var headers []Header
	for line := range strings.SplitSeq(head, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && line[0] != ' ' && line[0] != '\t' {
			headers = append(headers, Header{name, decodeWord(strings.TrimSpace(value))})
		} else if n := len(headers); n > 0 {
			headers[n-1].Value += " " + decodeWord(strings.TrimSpace(line))
		}
	}
	return headers
}

// bodies finds the first plain text and the first HTML of a message.
func bodies(header textproto.MIMEHeader, body io.Reader) (text, html string, err error) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if header.Get("Content-Type") == "" {
		kind, err = "text/plain", nil
	}
	if err != nil {
		return "", "", err
	}
	if strings.HasPrefix(kind, "multipart/") {
		return parts(multipart.NewReader(body, params["boundary"]))
	}
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	data, err := io.ReadAll(body)
	switch kind {
	case "text/plain":
		return string(data), "", err
	case "text/html":
		return "", string(data), err
	}
	return "", "", err // an attachment: it stays in the raw message
}

func parts(reader *multipart.Reader) (text, html string, err error) {
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return text, html, nil
		}
		if err != nil {
			return "", "", err
		}
		t, h, err := bodies(part.Header, part)
		if err != nil {
			return "", "", err
		}
		if text == "" {
			text = t
		}
		if html == "" {
			html = h
		}
	}
}
