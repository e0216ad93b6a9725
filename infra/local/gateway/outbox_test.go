package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paht/infra/emulator/messaging"
	"paht/infra/local/gateway"
)

// sent is an outbox of a test's own messages, newest first.
type sent struct {
	messages []messaging.Message
	bouncing map[string]bool
}

func (s *sent) List(offset, limit int) ([]messaging.Message, int, error) {
	end := min(len(s.messages), offset+limit)
	return s.messages[min(offset, end):end], len(s.messages), nil
}

func (s *sent) Get(id string) (messaging.Message, bool, error) {
	for _, m := range s.messages {
		if m.ID == id {
			return m, true, nil
		}
	}
	return messaging.Message{}, false, nil
}

func (s *sent) Bounce(address string) error   { s.bouncing[address] = true; return nil }
func (s *sent) Unbounce(address string) error { delete(s.bouncing, address); return nil }

func TestTheOutboxPage(t *testing.T) {
	box := &sent{bouncing: map[string]bool{}, messages: []messaging.Message{
		{ID: "m2", Kind: messaging.Push, At: time.Unix(2, 0), Target: "arn:phone", Text: "Đã tiếp nhận"},
		{ID: "m1", Kind: messaging.Email, At: time.Unix(1, 0), To: []string{"an@example.org"}, Subject: "Mã <xác nhận>", Text: "code 123", MessageID: "<1@x>"},
	}}
	for i := range 60 {
		box.messages = append(box.messages, messaging.Message{ID: fmt.Sprint("old", i), Kind: messaging.Email, To: []string{"old@example.org"}, Subject: "old"})
	}
	g, err := gateway.New(gateway.Options{Outbox: gateway.Outbox(box)})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		g.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		return recorder
	}
	if page := get("/local/outbox").Body.String(); !strings.Contains(page, "62 messages") || !strings.Contains(page, "Mã &lt;xác nhận&gt;") || !strings.Contains(page, "from=50") || strings.Index(page, "arn:phone") > strings.Index(page, "an@example.org") {
		t.Errorf("the list is %s", page)
	}
	if page := get("/local/outbox/m1").Body.String(); !strings.Contains(page, "code 123") {
		t.Errorf("the message is %s", page)
	}
	if got := get("/local/outbox/none"); got.Code != 404 {
		t.Errorf("a missing message gave %d", got.Code)
	}
	var listed struct {
		Messages []struct{ ID, Text, MessageID string }
	}
	if err := json.Unmarshal(get("/local/outbox.json?to=An@example.org").Body.Bytes(), &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed.Messages) != 1 || listed.Messages[0].ID != "m1" || listed.Messages[0].Text != "code 123" || listed.Messages[0].MessageID != "<1@x>" {
		t.Errorf("got %+v, want m1 alone", listed.Messages)
	}
	for _, step := range []struct {
		form    string
		status  int
		bounces bool
	}{
		{"address=an@example.org&bounces=yes", http.StatusSeeOther, true},
		{"address=an@example.org&bounces=no", http.StatusSeeOther, false},
		{"bounces=yes", http.StatusBadRequest, false},
	} {
		request := httptest.NewRequest("POST", "/local/outbox/bounce", strings.NewReader(step.form))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		recorder := httptest.NewRecorder()
		g.ServeHTTP(recorder, request)
		if recorder.Code != step.status || box.bouncing["an@example.org"] != step.bounces {
			t.Errorf("%s gave %d, bouncing %v", step.form, recorder.Code, box.bouncing)
		}
	}
}
