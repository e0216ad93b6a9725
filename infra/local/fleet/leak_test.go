package fleet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/emulator/sqs"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// Whose they are: what people are known by, and what they wrote in confidence.
const (
	ownName    = "Lê Thị Thanh Thuỷ"
	ownLogIn   = "thanhthuy.1987"
	ownEmail   = "thuy.le87@dan.example"
	ownPhone   = "0912345678"
	ownSecret  = "mat-khau-cua-thuy-87"
	ownCitizen = "084187001234"
	ownAddress = "hẻm 47/12 đường Nguyễn Thị Minh Khai"
	ownText    = "Ống nước vỡ trước nhà tôi, xin gọi số 0987 654 321, căn cước 084187001234, gặp bà Thuỷ nhà cuối hẻm."
	dutyName   = "Phạm Hoàng Khánh Duy"
	dutyEmail  = "khanhduy.pham@tinh.example"
	dutyLogIn  = "khanhduy.pham"
	wordOnWay  = "Đã hẹn bà Thuỷ chiều thứ sáu mở cổng sau nhà"
	wordOfWhy  = "Cần gọi lại cho bà Thuỷ theo số đã ghi"
)

var personal = sought{"name": ownName, "log-in name": ownLogIn, "e-mail": ownEmail, "phone": ownPhone, "phone abroad": "+84912345678",
	"password": ownSecret, "citizen id": ownCitizen, "address": ownAddress, "phone in the text": "0987654321", "text": "gặp bà Thuỷ nhà cuối hẻm",
	"file's name": "ba-thuy-truoc-nha", "officer's name": dutyName, "officer's e-mail": dutyEmail, "officer's log-in": dutyLogIn,
	"progress": wordOnWay, "reason": wordOfWhy}

// wire is what a run wrote where personal data must not be, by the kind of place.
type wire struct {
	mu     sync.Mutex
	places map[string][]string
}

func (w *wire) add(kind, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.places[kind] = append(w.places[kind], text)
}

// leaks are the places that hold something personal.
func (w *wire) leaks(seek sought) []string {
	var found []string
	for _, kind := range slices.Sorted(maps.Keys(w.places)) {
		for _, text := range w.places[kind] {
			if names := seek.in(text); len(names) > 0 {
				found = append(found, fmt.Sprintf("%s holds the %s: %s", kind, strings.Join(names, ", "), text))
			}
		}
	}
	return found
}

// overheard is a scene of which all is written down.
func overheard(t *testing.T) (*scene, *wire) {
	t.Helper()
	w := &wire{places: map[string][]string{}}
	s := sceneOf(t, fleet.Options{
		Log:      func(line string) { w.add("log", line) },
		Delivery: func(queue, body string) fleet.Delivery { w.add("message to "+queue, body); return fleet.Delivery{} },
	})
	s.client.HTTP.Transport = overhearing{s.client.HTTP.Transport, w}
	s.fleet.SetFaults(w.sends)
	return s, w
}

// sends writes down each message as a function sends it, each object's key.
func (w *wire) sends(_ string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	switch c := fleet.Describe(r); c.Service {
	case "sqs":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.add("call of sqs", string(body))
	case "s3":
		w.add("object key", r.URL.Path)
	}
	return next.RoundTrip(r)
}

// overhearing writes the problem documents down.
type overhearing struct {
	next http.RoundTripper
	wire *wire
}

// RoundTrip implements http.RoundTripper.
func (o overhearing) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := o.next.RoundTrip(r)
	if err != nil || answer.StatusCode < 400 {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	o.wire.add("problem document", string(body))
	return answer, err
}

// rest writes down what is there at the end: what stands in queues, dead letters
// among them, the keys of objects and items, the schedules.
func (w *wire) rest(s *scene) {
	s.t.Helper()
	for _, q := range s.fleet.Template().Queues {
		for {
			messages, err := s.fleet.AWS().Queues().Receive(s.ctx(), q.ARN, sqs.Request{Max: 10, Wait: new(time.Duration)})
			s.check(err)
			for _, m := range messages {
				w.add("queue "+q.LogicalID, m.Body)
				s.check(s.fleet.AWS().Queues().Delete(q.ARN, m.Receipt))
			}
			if len(messages) == 0 {
				break
			}
		}
	}
	keys, err := s.fleet.Objects(s.ctx(), "")
	s.check(err)
	for _, key := range keys {
		w.add("object key", key)
	}
	items, err := s.fleet.Items("")
	s.check(err)
	for _, i := range items {
		w.add("item key", i.Key())
		if kind, _, _ := strings.Cut(i.Text("pk"), "#"); slices.Contains([]string{"R", "S", "N", "D", "G"}, kind) {
			w.add("item of a report", i.Text("d")+i.Text("sum"))
		}
	}
	for _, schedule := range s.fleet.Template().Schedules {
		w.add("schedule", schedule.LogicalID+" "+schedule.Input)
	}
	for _, name := range s.fleet.AWS().Schedules().Names() {
		one, err := s.fleet.AWS().Schedules().Get(name)
		s.check(err)
		w.add("schedule", fmt.Sprintf("%+v", one))
	}
}

// known makes the account of the reporter and that of an officer, and tries a
// wrong password and a wrong code.
func (s *scene) known() (token string) {
	s.t.Helper()
	s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/accounts", Body: map[string]any{"kind": "individual", "name": ownName,
		"logIn": ownLogIn, "password": ownSecret, "email": ownEmail, "phone": ownPhone, "language": "vi"}})
	code, err := s.client.Code(s.ctx(), ownEmail)
	s.check(err)
	s.do(0, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Body: map[string]any{"logIn": ownLogIn, "code": "00000000"}})
	s.do(http.StatusNoContent, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Body: map[string]any{"logIn": ownLogIn, "code": code}})
	s.do(http.StatusUnauthorized, api.Call{Method: http.MethodPost, Path: "/v1/sessions", Body: map[string]any{"logIn": ownLogIn, "password": ownSecret + "?"}})
	a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/sessions",
		Body: map[string]any{"logIn": ownLogIn, "password": ownSecret, "device": "máy của " + ownName}})
	var session contract.Session
	s.check(a.Into(&session))
	s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/admin/officers", Token: s.tokens[administrator],
		Body: map[string]any{"name": dutyName, "logIn": dutyLogIn, "email": dutyEmail, "agency": agency, "roles": []any{"handler"}}})
	return session.Token
}

// confided is the reporter's whole story; it gives the report and the traces of
// the uploads and of the report.
func (s *scene) confided() (code, uploads, trace string) {
	s.t.Helper()
	s.tokens["thuy"] = s.known()
	file := fleet.JPEG(40, 30)
	a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/uploads", Token: s.tokens["thuy"],
		Body: map[string]any{"files": []any{map[string]any{"type": "image/jpeg", "size": len(file), "sha256": digest(file)}}}})
	uploads = a.Header.Get("X-Request-Id")
	var out struct {
		Uploads []contract.Upload `json:"uploads"`
	}
	s.check(a.Into(&out))
	slot := out.Uploads[0]
	slot.Fields["x-client-file"] = "ba-thuy-truoc-nha.jpg" // refused by the form: a field that it does not sign
	refused, err := s.client.Form(s.ctx(), slot.URL, slot.Fields, file)
	s.check(err)
	if refused.Status/100 == 2 {
		s.t.Error("the form took a field that it does not sign")
	}
	delete(slot.Fields, "x-client-file")
	s.fill(slot, file)
	s.check(s.fleet.Pump(s.ctx()))
	body := s.submission()
	body["text"], body["address"], body["uploads"] = ownText, ownAddress, []any{slot.ID}
	a = s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: s.tokens["thuy"], Body: body})
	trace = a.Header.Get("X-Request-Id")
	h := s.acted(a)
	s.do(http.StatusOK, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + h.code + "/contact", Token: s.tokens[screener], Body: map[string]any{"reason": wordOfWhy}})
	h = s.post(screener, "/v1/reports/"+h.code+"/supplement-request", h.etag, http.StatusOK, map[string]any{"text": wordOfWhy})
	h = s.post("thuy", "/v1/reports/"+h.code+"/supplement", "", http.StatusOK, map[string]any{"text": ownText, "uploads": []any{}})
	h = s.post(screener, "/v1/reports/"+h.code+"/acceptance", h.etag, http.StatusOK, map[string]any{"note": wordOfWhy})
	h = s.post(router, "/v1/reports/"+h.code+"/transfer", h.etag, http.StatusOK, map[string]any{"targets": []any{map[string]any{"agency": agency, "days": 3}}, "note": wordOfWhy})
	h = s.post(handler, part(h.code)+"/receipt", h.part, http.StatusOK, nil)
	h = s.post(handler, part(h.code)+"/progress", h.part, http.StatusOK, map[string]any{"text": wordOnWay})
	h = s.post(handler, part(h.code)+"/result", h.part, http.StatusOK, s.conclusion(h.code, s.signed()))
	s.check(s.fleet.Pump(s.ctx()))
	d := draft()
	d["media"] = []any{map[string]any{"upload": slot.ID, "checked": true}}
	h = s.post(editor, part(h.code)+"/publication", h.part, http.StatusOK, d)
	s.do(http.StatusOK, api.Call{Method: http.MethodPost, Path: part(h.code) + "/rating", Token: s.tokens["thuy"], Body: map[string]any{"rating": 3}})
	return h.code, uploads, trace
}

// refusedAll sends every operation of the contract what it must refuse, with the
// personal strings where the values, the names and the parameters stand.
func (s *scene) refusedAll() {
	s.t.Helper()
	strange := map[string]any{ownName: ownPhone, "email": ownEmail + " ", "logIn": ownName, "name": []any{ownName}, "text": map[string]any{ownAddress: ownText},
		"address": 12, "code": ownCitizen, "category": ownAddress, "password": ownSecret, "reason": 7, "agency": dutyName, "uploads": []any{ownEmail}}
	for _, fn := range s.fleet.Template().Functions {
		for _, r := range fn.Routes {
			path := strings.NewReplacer("{report}", ownPhone, "{assignment}", ownLogIn, "{upload}", ownEmail, "{session}", ownCitizen, "{account}", dutyLogIn,
				"{code}", ownPhone, "{kind}", dutyLogIn, "{stage}", ownLogIn).Replace(r.Path)
			for _, token := range []string{s.tokens["thuy"], s.tokens[administrator], ownSecret} {
				for _, body := range []any{strange, ownText, nil} {
					call := api.Call{Method: r.Method, Path: path + "?cursor=" + ownPhone + "&agency=" + ownLogIn + "&limit=" + ownPhone, Token: token, Body: body, Match: ownEmail}
					if r.Method == http.MethodDelete {
						call.Token = ownSecret // no session ends here
					}
					s.do(0, call)
				}
			}
		}
	}
}

func TestNothingPersonalStandsInLogsMessagesProblemsOrNames(t *testing.T) {
	s, w := overheard(t)
	code, _, _ := s.confided()
	s.refusedAll()
	// The mail service fails, and says to whom.
	s.fleet.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if fleet.Describe(r).Service == "ses" {
			return refusal(r, http.StatusInternalServerError, "InternalFailure", "could not deliver to "+ownEmail+" ("+ownName+")"), nil
		}
		return w.sends(function, r, next)
	})
	s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: s.tokens["thuy"], Body: func() any {
		body := s.submission()
		body["text"], body["address"] = ownText, ownAddress
		return body
	}()})
	s.do(0, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification-request", Body: map[string]any{"logIn": ownLogIn}})
	for _, who := range []string{"thuy", "thuy", "thuy", "thuy", "thuy"} { // locked: a letter that fails
		s.do(0, api.Call{Method: http.MethodPost, Path: "/v1/sessions", Body: map[string]any{"logIn": ownLogIn, "password": who + ownSecret}})
	}
	for range 20 {
		s.check(s.fleet.Sleep(s.ctx(), 2*time.Minute))
	}
	w.rest(s)
	for kind, least := range map[string]int{"log": 200, "call of sqs": 30, "message to notify": 5, "problem document": 300, "object key": 8, "item key": 100,
		"item of a report": 20, "schedule": 1, "queue NotifyDeadQueue": 1} {
		if len(w.places[kind]) < least {
			t.Errorf("only %d texts were seen in the place %q", len(w.places[kind]), kind)
		}
	}
	if !strings.Contains(strings.Join(w.places["log"], ""), code) {
		t.Error("the log does not name the report")
	}
	for _, leak := range w.leaks(personal) {
		t.Error(leak)
	}
}

// refusal is an answer of AWS that refuses.
func refusal(r *http.Request, status int, kind, text string) *http.Response {
	body, _ := json.Marshal(map[string]string{"message": text}) // a text
	return &http.Response{StatusCode: status, Header: http.Header{"X-Amzn-Errortype": {kind}, "Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), Request: r}
}

// A leak that is put there must be found: in each kind of place.
func TestALeakIsFound(t *testing.T) {
	s, w := overheard(t)
	planted := false
	s.fleet.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if !planted && fleet.Describe(r).Service == "sqs" { // as if the function wrote it
			planted = true
			slog.WarnContext(r.Context(), "looking up", "error", errors.New("no address of "+ownEmail).Error())
		}
		return w.sends(function, r, next)
	})
	s.submitted()
	_, err := s.fleet.AWS().Queues().Send(s.fleet.Template().Queues[0].ARN, sqs.Outgoing{Body: `{"type":"x","to":"` + quoted(ownName) + `"}`})
	s.check(err)
	w.rest(s)
	w.add("problem document", `{"detail":"`+ascii(ownAddress)+`"}`)
	w.add("object key", "public/0912-345-678.jpg")
	w.add("schedule", `{"input":"`+ownPhone+`"}`)
	found := w.leaks(personal)
	for _, place := range []string{"log holds the e-mail", "holds the name", "problem document holds the address", "object key holds the phone", "schedule holds the phone"} {
		if !slices.ContainsFunc(found, func(leak string) bool { return strings.Contains(leak, place) }) {
			t.Errorf("not found: %s, among %v", place, found)
		}
	}
}
