package messaging_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"paht/infra/emulator/messaging"
	"paht/infra/emulator/storage"
)

func open(t *testing.T, store storage.Store) *messaging.Outbox {
	t.Helper()
	o, err := messaging.New(store, messaging.Options{Account: "000000000000", Region: "ap-southeast-1"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func send(o *messaging.Outbox, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	_ = o.DoSES(w, httptest.NewRequest(http.MethodPost, "/v2/email/outbound-emails", nil), []byte(body), "") // it is what w holds
	return w
}

func TestWrongEmailsAreRefusedByName(t *testing.T) {
	o := open(t, storage.OpenMemory())
	raw := func(message string) string {
		return `{"FromEmailAddress":"a@b.vn","Destination":{"ToAddresses":["c@d.vn"]},"Content":{"Raw":{"Data":"` + base64.StdEncoding.EncodeToString([]byte(message)) + `"}}}`
	}
	simple := func(from, to, extra string) string {
		return `{"FromEmailAddress":"` + from + `","Destination":{"ToAddresses":[` + to + `]},"Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}` + extra + `}}}`
	}
	for name, c := range map[string]struct{ body, want string }{
		"no content":                    {`{"FromEmailAddress":"a@b.vn"}`, "exactly one of Simple and Raw"},
		"a sender that is no address":   {simple("nobody", `"c@d.vn"`, ""), "FromEmailAddress"},
		"no recipient":                  {simple("a@b.vn", ``, ""), "1 to 50 recipients"},
		"fifty-one recipients":          {simple("a@b.vn", strings.Repeat(`"c@d.vn",`, 50)+`"c@d.vn"`, ""), "1 to 50 recipients"},
		"a recipient that is none":      {simple("a@b.vn", `"nobody"`, ""), `recipient \"nobody\"`},
		"a header with a line break":    {simple("a@b.vn", `"c@d.vn"`, `,"Headers":[{"Name":"X","Value":"a\r\nBcc: x@y.vn"}]`), "line break"},
		"a Message-ID with Simple":      {simple("a@b.vn", `"c@d.vn"`, `,"Headers":[{"Name":"message-id","Value":"<x@y>"}]`), "is set by SES"},
		"an attachment":                 {simple("a@b.vn", `"c@d.vn"`, `,"Attachments":[]`), "not supported here: ses.SendEmail"},
		"a template":                    {`{"Content":{"Template":{}}}`, "not supported here: ses.SendEmail"},
		"a raw message without headers": {raw("no headers here"), "reading the raw message"},
		"a part that never ends":        {raw("From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nabc"), "reading the raw message's body"},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(o, c.body)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("answered %d %s, want %q", w.Code, w.Body, c.want)
			}
		})
	}
	if _, total, err := o.List(0, 10); err != nil || total != 0 {
		t.Errorf("the outbox holds %d messages (%v), want none", total, err)
	}
}

func TestTheOutboxSurvivesARestart(t *testing.T) {
	store := storage.OpenMemory()
	body := `{"FromEmailAddress":"a@b.vn","Destination":{"ToAddresses":["c@d.vn"]},"Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}}}`
	if w := send(open(t, store), body); w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	o := open(t, store)
	if err := o.Bounce("C@d.vn"); err != nil {
		t.Fatal(err)
	}
	o = open(t, store)
	if w := send(o, body); w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	messages, total, err := o.List(0, 10)
	if err != nil || total != 2 || len(messages[0].Bounced) != 1 || len(messages[1].Bounced) != 0 {
		t.Fatalf("the outbox holds %+v (%v)", messages, err)
	}
	if err := o.Unbounce("c@d.vn"); err != nil {
		t.Fatal(err)
	}
	send(o, body)
	if messages, _, err = o.List(0, 1); err != nil || len(messages[0].Bounced) != 0 {
		t.Errorf("the newest is %+v (%v), want one that does not bounce", messages, err)
	}
}

func TestAFoldedHeaderIsOneHeader(t *testing.T) {
	o := open(t, storage.OpenMemory())
	raw := "From: a@b.vn\r\nTo: c@d.vn\r\nSubject: =?utf-8?b?xJDDoyA=?=\r\n =?utf-8?b?eG9uZw==?=\r\nX-Long: one\r\n\ttwo\r\n\r\nbody"
	w := send(o, `{"Content":{"Raw":{"Data":"`+base64.StdEncoding.EncodeToString([]byte(raw))+`"}}}`)
	if w.Code != http.StatusOK {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	messages, _, err := o.List(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	m := messages[0]
	if m.Subject != "Đã xong" || m.Text != "body" || len(m.Headers) != 5 || m.Headers[3] != (messaging.Header{Name: "X-Long", Value: "one two"}) {
		t.Errorf("the message is %+v", m)
	}
}

func TestAnEndpointIsBoundToItsTokenAndData(t *testing.T) {
	o := open(t, storage.OpenMemory())
	create := func(application, token, data string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		form := url.Values{"Action": {"CreatePlatformEndpoint"}, "Version": {"2010-03-31"}, "PlatformApplicationArn": {application}, "Token": {token}, "CustomUserData": {data}}
		_ = o.DoSNS(w, form) // it is what w holds
		return w
	}
	const application = "arn:aws:sns:ap-southeast-1:000000000000:app/GCM/paht"
	if w := create(application, "t", "U-1"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<EndpointArn>arn:aws:sns:ap-southeast-1:000000000000:endpoint/GCM/paht/") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"the same token for somebody else":  create(application, "t", "U-2"),
		"an empty token":                    create(application, "", "U-1"),
		"an application of another account": create("arn:aws:sns:ap-southeast-1:1:app/GCM/paht", "t", ""),
	} {
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "<Code>InvalidParameter</Code>") {
			t.Errorf("%s: answered %d %s", name, w.Code, w.Body)
		}
	}
}
