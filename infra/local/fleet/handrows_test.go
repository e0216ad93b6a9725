package fleet_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/report"
)

// hand is a refusal that no schema knows of.
type hand struct {
	name   string
	call   func(s *scene) api.Call
	status int
	code   string
	path   string
	rule   string
	writes string // prefix of the one kind of item that the row may write
}

// submitting is a submission with some fields changed; nil takes one away.
func submitting(change map[string]any) func(s *scene) api.Call {
	return func(s *scene) api.Call {
		body := s.submission()
		for name, value := range change {
			if body[name] = value; value == nil {
				delete(body, name)
			}
		}
		return api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: s.tokens[reporter], Body: body}
	}
}

// attaching is a submission with one upload.
func attaching(slot func(s *scene) string) func(s *scene) api.Call {
	return func(s *scene) api.Call {
		id := slot(s)
		return submitting(map[string]any{"uploads": []any{id}})(s)
	}
}

func ofField(code func(s *scene) api.Call, name, path, rule string) hand {
	return hand{name: name, call: code, status: 422, code: "invalid", path: path, rule: rule}
}

var submissionRows = []hand{
	ofField(submitting(map[string]any{"text": "Nap cong truoc nha bi mat rat nguy hiem cho nguoi di duong"}), "a text without diacritics", "body.text", "without_diacritics"),
	ofField(submitting(map[string]any{"text": "Le couvercle du regard devant la maison a disparu, c'est très dangereux"}), "a text in French", "body.text", "not_vietnamese"),
	ofField(submitting(map[string]any{"text": "គម្របលូនៅមុខផ្ទះបានបាត់ គ្រោះថ្នាក់ណាស់"}), "a text in Khmer", "body.text", "khmer"),
	ofField(submitting(map[string]any{"text": "Rác."}), "a text of four characters", "body.text", "too_short"),
	ofField(submitting(map[string]any{"text": "   Rác.   "}), "a text of four characters between spaces", "body.text", "too_short"),
	ofField(submitting(map[string]any{"text": strings.Repeat("đường ", 333) + "rác"}), "a text of 2,001 characters", "body.text", "too_long"),
	ofField(submitting(map[string]any{"point": map[string]any{"lat": 21.03, "lon": 105.85}}), "a place outside the province", "body.point", "outside_province"),
	ofField(submitting(map[string]any{"point": nil}), "neither point nor commune", "body.point", "place_missing"),
	ofField(submitting(map[string]any{"point": nil, "commune": "99001", "address": "   "}), "a commune without an address", "body.point", "place_missing"),
	ofField(submitting(map[string]any{"commune": "88888"}), "an unknown commune", "body.commune", "unknown_commune"),
	ofField(submitting(map[string]any{"commune": "99"}), "a province as commune", "body.commune", "unknown_commune"),
	ofField(submitting(map[string]any{"commune": "99002"}), "a point in another commune", "body.commune", "other_commune"),
	ofField(submitting(map[string]any{"category": "khong_co"}), "an unknown category", "body.category", "unknown_category"),
	ofField(submitting(map[string]any{"occurredAt": "2027-01-01T00:00:00+07:00"}), "an occurrence in the future", "body.occurredAt", "in_the_future"),
	ofField(submitting(map[string]any{"notice": "app"}), "a channel without a device", "body.notice", "channel_unusable"),
	ofField(func(s *scene) api.Call {
		c := submitting(nil)(s)
		c.Token = s.tokens[unverified]
		return c
	}, "e-mail to an address that is not proven", "body.notice", "channel_unusable"),
	ofField(submitting(map[string]any{"uploads": names(11)}), "more than ten files", "body.uploads", "too_many"),
	ofField(attaching(func(*scene) string { return "aaaaaaaaaaaaaaaaaaaaaaaaaa" }), "an upload that there is not", "body.uploads[0]", "unknown_upload"),
	ofField(func(s *scene) api.Call {
		c := attaching((*scene).photo)(s)
		c.Token = s.tokens[neighbour]
		return c
	}, "somebody else's upload", "body.uploads[0]", "unknown_upload"),
	ofField(attaching(func(s *scene) string {
		photo := s.photo()
		body := s.submission()
		body["uploads"] = []any{photo}
		s.post(reporter, "/v1/reports", "", http.StatusCreated, body)
		return photo
	}), "an upload of another report", "body.uploads[0]", "upload_taken"),
	ofField(attaching(func(s *scene) string { return s.slot([]byte("it never comes")).ID }), "an upload that never came", "body.uploads[0]", "upload_unfinished"),
	ofField(attaching(func(s *scene) string {
		id := s.slot([]byte("nor does this")).ID
		s.check(s.fleet.Sleep(s.ctx(), 20*time.Minute))
		return id
	}), "an upload that was closed since it never came", "body.uploads[0]", "upload_unfinished"),
	ofField(attaching(func(s *scene) string {
		file := []byte("this is no picture at all")
		slot := s.slot(file)
		s.fill(slot, file)
		s.check(s.fleet.Pump(s.ctx()))
		return slot.ID
	}), "an upload that was rejected", "body.uploads[0]", "upload_rejected"),
	ofField(func(s *scene) api.Call {
		return api.Call{Method: http.MethodPost, Path: "/v1/uploads", Token: s.tokens[reporter],
			Body: map[string]any{"files": []any{map[string]any{"type": "image/jpeg", "size": 10<<20 + 1, "sha256": digest(nil)}}}}
	}, "a photo over 10 MB", "body.files[0].size", "too_large"),
	ofField(func(s *scene) api.Call {
		return api.Call{Method: http.MethodPost, Path: "/v1/uploads", Token: s.tokens[reporter],
			Body: map[string]any{"files": []any{map[string]any{"type": "image/jpeg", "size": 5, "sha256": strings.Repeat("A", 42) + "B="}}}}
	}, "a digest that is written another way", "body.files[0].sha256", "wrong_form"),
}

func names(n int) []any {
	var all []any
	for i := range n {
		all = append(all, "u"+strings.Repeat("a", i+1))
	}
	return all
}

// handed is an act on a fresh report by somebody.
func handed(who string, h func(s *scene) handled, path string, body map[string]any) func(s *scene) api.Call {
	return func(s *scene) api.Call {
		r := h(s)
		match := r.etag
		if strings.Contains(path, "assignments") {
			match = r.part
		}
		return api.Call{Method: http.MethodPost, Path: "/v1/reports/" + r.code + path, Token: s.tokens[who], Match: match, Body: body}
	}
}

func targets(agencies ...string) map[string]any {
	var all []any
	for _, a := range agencies {
		all = append(all, map[string]any{"agency": a})
	}
	return map[string]any{"targets": all}
}

// concluding sends a file as the result of a part that was just received.
func concluding(file func(s *scene) []byte, change map[string]any) func(s *scene) api.Call {
	return func(s *scene) api.Call {
		h := s.received()
		body := s.conclusion(h.code, file(s))
		for name, value := range change {
			body[name] = value
		}
		return api.Call{Method: http.MethodPost, Path: part(h.code) + "/result", Token: s.tokens[handler], Match: h.part, Body: body}
	}
}

var handlingRows = []hand{
	ofField(handed(router, (*scene).accepted, "/transfer", targets("KHONGCO")), "an agency that there is not", "body.targets[0].agency", "not_assigned"),
	ofField(handed(router, (*scene).accepted, "/transfer", targets("VPUB")), "an agency that is not assigned", "body.targets[0].agency", "not_assigned"),
	ofField(handed(router, (*scene).accepted, "/transfer", targets(agency, agency)), "an agency that stands twice", "body.targets[1].agency", "repeated"),
	ofField(handed(screener, (*scene).submitted, "/refusal", map[string]any{"code": "9.9", "reason": "Không rõ lý do."}), "an unknown refusal code", "body.code", "unknown_code"),
	ofField(handed(screener, (*scene).submitted, "/refusal", map[string]any{"code": "duplicate", "reason": "Trùng phản ánh."}), "a duplicate of nothing", "body.related", "related_missing"),
	ofField(handed(screener, (*scene).submitted, "/refusal", map[string]any{"code": "duplicate", "reason": "Trùng phản ánh.", "related": "PA-0000000000"}), "a duplicate of an unknown report", "body.related", "related_unknown"),
	{name: "a second supplement while one is open", call: handed(screener, (*scene).asked, "/supplement-request", map[string]any{"text": "Còn gì nữa không?"}), status: 409, code: "supplement_open"},
	{name: "a supplement that nobody asked for", call: handed(reporter, (*scene).submitted, "/supplement", map[string]any{"text": "Thêm thông tin đây."}), status: 409, code: "no_supplement_asked"},
	{name: "an answer without a return", call: handed(router, (*scene).accepted, "/answer", map[string]any{"text": "Đã xử lý rồi."}), status: 409, code: "not_returned"},
	{name: "a withdrawal after acceptance", call: handed(reporter, (*scene).accepted, "/withdrawal", map[string]any{}), status: 409, code: "wrong_state"},
	ofField(handed(handler, (*scene).received, "/assignments/a1/return", map[string]any{"code": "already_handled", "reason": "Đã xử lý."}), "a return without what it was handled by", "body.related", "related_missing"),
	{name: "a second extension", call: handed(handler, func(s *scene) handled {
		h := s.received()
		return s.post(handler, part(h.code)+"/extension", h.part, http.StatusOK, map[string]any{"days": 2, "reason": "Đang chờ vật tư."})
	}, "/assignments/a1/extension", map[string]any{"days": 2, "reason": "Vẫn chờ vật tư."}), status: 409, code: "already_extended"},
	ofField(handed(router, (*scene).returned, "/transfer", map[string]any{"targets": targets(agency)["targets"], "returns": []any{"a2"}}), "a transfer of what was not returned", "body.returns[0]", "not_returned"),
	ofField(handed(router, (*scene).returned, "/answer", map[string]any{"text": "Đã xử lý rồi.", "related": report.Code("nobody", "none", 0)}), "an answer that links to no report", "body.related", "related_unpublished"),
	ofField(handed(handler, (*scene).received, "/assignments/a1/return", map[string]any{"code": "already_handled", "reason": "Đã xử lý.", "related": report.Code("nobody", "none", 0)}), "a return that names no report", "body.related", "earlier_unknown"),
	{name: "the receipt of a part of another agency", call: handed(stranger, (*scene).transferred, "/assignments/a1/receipt", nil), status: 404, code: "not_found"},
	{name: "a result without a signature", call: concluding((*scene).unsigned, nil), status: 422, code: "invalid", path: "body.upload", rule: "result_refused"},
	{name: "a result that is no PDF", call: concluding(func(*scene) []byte { return []byte("no PDF at all") }, nil), status: 422, code: "invalid", path: "body.upload", rule: "result_refused"},
	ofField(concluding((*scene).signed, map[string]any{"resultAt": "2026-01-01T00:00:00+07:00"}), "a result from before the transfer", "body.resultAt", "before_transfer"),
	ofField(concluding((*scene).signed, map[string]any{"resultAt": "2026-12-01T00:00:00+07:00"}), "a result from after its signature", "body.resultAt", "after_signature"),
	ofField(func(s *scene) api.Call {
		c := concluding((*scene).signed, nil)(s)
		c.Body.(map[string]any)["upload"] = s.photo()
		return c
	}, "a photo as the result", "body.upload", "unknown_upload"),
	ofField(func(s *scene) api.Call {
		h := s.received()
		a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: part(h.code) + "/result-upload", Token: s.tokens[handler], Body: map[string]any{"size": 9, "sha256": digest(nil)}})
		var slot contract.Upload
		s.check(a.Into(&slot))
		return api.Call{Method: http.MethodPost, Path: part(h.code) + "/result", Token: s.tokens[handler], Match: h.part,
			Body: map[string]any{"upload": slot.ID, "resultAt": s.fleet.Now().Format(time.RFC3339), "summary": summary}}
	}, "a result that never came", "body.upload", "upload_unfinished"),
	ofField(func(s *scene) api.Call {
		h, body := s.withPicture()
		body["media"].([]any)[0].(map[string]any)["checked"] = false
		return api.Call{Method: http.MethodPost, Path: part(h.code) + "/publication", Token: s.tokens[editor], Match: h.part, Body: body}
	}, "a picture that nobody looked at for faces", "body.media[0].checked", "unchecked_media"),
}

func asking(method, path, who string, body any) func(s *scene) api.Call {
	return func(s *scene) api.Call {
		return api.Call{Method: method, Path: path, Token: s.tokens[who], Body: body, Match: `"0"`}
	}
}

func registering(change map[string]any) func(s *scene) api.Call {
	return func(s *scene) api.Call {
		body := map[string]any{"kind": "individual", "name": "Người Mới", "logIn": "nguoimoi", "password": password, "email": "moi@dan.example"}
		for name, value := range change {
			body[name] = value
		}
		return api.Call{Method: http.MethodPost, Path: "/v1/accounts", Body: body}
	}
}

var accountRows = []hand{
	{name: "a log-in name that is taken", call: registering(map[string]any{"logIn": reporter}), status: 409, code: "log_in_taken"},
	ofField(registering(map[string]any{"password": "nguoimoi-123"}), "a password with the log-in name in it", "body.password", "password_with_log_in"),
	ofField(registering(map[string]any{"password": "aaaaaaaaaa"}), "a password that anybody guesses", "body.password", "weak_password"),
	{name: "a wrong password", call: asking(http.MethodPost, "/v1/sessions", nobody, map[string]any{"logIn": neighbour, "password": "sai"}), status: 401, code: "log_in_refused", writes: "U#"},
	{name: "a log-in name that there is not", call: asking(http.MethodPost, "/v1/sessions", nobody, map[string]any{"logIn": "khongco", "password": "sai"}), status: 401, code: "log_in_refused"},
	{name: "a wrong code", call: asking(http.MethodPost, "/v1/accounts/verification", nobody, map[string]any{"logIn": unverified, "code": "00000000"}), status: 422, code: "invalid", path: "body.code", rule: "code_refused", writes: "U#"},
	ofField(asking(http.MethodPost, "/v1/admin/officers", administrator, map[string]any{"name": "Cán Bộ", "logIn": "canbomoi", "email": "cb@dan.example", "agency": "KHONGCO", "roles": []any{"handler"}}),
		"an officer of an unknown agency", "body.agency", "unknown_agency"),
	ofField(asking(http.MethodPost, "/v1/admin/officers", administrator, map[string]any{"name": "Cán Bộ", "logIn": "canbomoi", "email": "cb@dan.example", "agency": agency, "roles": []any{"vua"}}),
		"an officer with an unknown role", "body.roles[0]", "unknown_role"),
	ofField(asking(http.MethodPost, "/v1/admin/officers", administrator, map[string]any{"name": "Cán Bộ", "logIn": "canbomoi", "email": "cb@dan.example", "agency": agency, "roles": []any{"screener"}}),
		"a role that the agency may not hold", "body.roles[0]", "not_held_by"),
	ofField(asking(http.MethodPut, "/v1/admin/settings/refusals", administrator, map[string]any{"document": "none"}), "a settings document that is no list", "body.document", "not_list"),
	ofField(asking(http.MethodGet, "/v1/near?lat=9.707&lon=106.084&category=khong_co", reporter, nil), "near in a category that is not there", "query.category", "unknown_category"),
	ofField(asking(http.MethodGet, "/v1/published?commune=99001&category=khac", nobody, nil), "two filters at once", "query.category", "one_filter"),
	ofField(asking(http.MethodGet, "/v1/worktime/due?from=2026-03-10T09:00:00%2B07:00", nobody, nil), "a due time of nothing", "query.hours", "hours_or_days"),
	ofField(asking(http.MethodGet, "/v1/worktime/due?from=1999-03-10T09:00:00%2B07:00&hours=2&kind=working", nobody, nil), "a due time outside the calendar", "query.from", "out_of_range"),
	ofField(asking(http.MethodGet, "/v1/worktime/due?from=2026-03-10T09:00:00%2B07:00&days=2&agency=KHONGCO", nobody, nil), "a due time of an unknown agency", "query.agency", "unknown_agency"),
	{name: "a queue that the officer has no right to", call: asking(http.MethodGet, "/v1/queues/route", handler, nil), status: 403, code: "right_missing"},
	ofField(func(s *scene) api.Call {
		s.submitted()
		s.submitted()
		other := s.cursor(reporter, "/v1/reports?limit=1")
		return api.Call{Method: http.MethodGet, Path: "/v1/inbox?cursor=" + url.QueryEscape(other), Token: s.tokens[reporter]}
	}, "the cursor of another list", "query.cursor", "cursor_tampered"),
}

func TestWhatNoSchemaKnowsIsRefusedAndStoresNothing(t *testing.T) {
	s := newScene(t)
	for _, r := range slices.Concat(submissionRows, handlingRows, accountRows) {
		t.Run(r.name, func(t *testing.T) {
			s.on(t)
			call := r.call(s)
			s.check(s.fleet.Pump(s.ctx()))
			before, err := s.fleet.Raw()
			s.check(err)
			expected := row{r.name, nil, r.status, r.code, r.path, r.rule}
			s.sameIn(s.problem(s.direct(call, "vi"), expected), s.problem(s.direct(call, "en"), expected))
			s.unchanged(before, func(key string) bool { return r.writes != "" && strings.HasPrefix(key, r.writes) })
		})
		s.on(t)
	}
}

// direct sends a call in a language; nothing is delivered meanwhile.
func (s *scene) direct(call api.Call, language string) fleet.Answer {
	s.t.Helper()
	headers := []string{"Accept-Language", language, "Idempotency-Key", api.Key(), "Content-Type", "application/json"}
	if call.Token != "" {
		headers = append(headers, "Authorization", "Bearer "+call.Token)
	}
	if call.Match != "" {
		headers = append(headers, "If-Match", call.Match)
	}
	var body []byte
	if call.Body != nil {
		var err error
		body, err = json.Marshal(call.Body)
		s.check(err)
	}
	return s.fleet.HTTP(s.ctx(), call.Method, call.Path, body, headers...)
}

func TestEveryWrongFieldIsNamedAtOnce(t *testing.T) {
	s := newScene(t)
	call := submitting(map[string]any{"text": "Nap cong bi mat rat nguy hiem", "point": nil, "category": "khong_co", "notice": "app", "occurredAt": "2027-01-01T00:00:00+07:00",
		"uploads": []any{"aaaaaaaaaaaaaaaaaaaaaaaaaa"}})(s)
	a := s.direct(call, "vi")
	var p api.Problem
	s.check(json.Unmarshal(a.Body, &p))
	var paths []string
	for _, e := range p.Errors {
		paths = append(paths, e.Path)
	}
	slices.Sort(paths)
	want := []string{"body.category", "body.notice", "body.occurredAt", "body.point", "body.text", "body.uploads[0]"}
	if !slices.Equal(paths, want) {
		t.Errorf("named are %v, not %v", paths, want)
	}
}

// detail is a report as somebody reads it.
func (s *scene) detail(who, code string) contract.Detail {
	s.t.Helper()
	var d contract.Detail
	s.check(s.do(http.StatusOK, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + code, Token: s.tokens[who]}).Into(&d))
	return d
}

// submitUnchecked submits a report with a file that nobody has checked yet.
func (s *scene) submitUnchecked(file []byte) string {
	s.t.Helper()
	slot := s.slot(file)
	s.fill(slot, file)
	body := s.submission()
	body["uploads"] = []any{slot.ID}
	encoded, err := json.Marshal(body)
	s.check(err)
	a := s.fleet.HTTP(s.ctx(), http.MethodPost, "/v1/reports", encoded, "Idempotency-Key", api.Key(), "Content-Type", "application/json", "Authorization", "Bearer "+s.tokens[reporter])
	if a.Status != http.StatusCreated {
		s.t.Fatalf("the report with an unchecked file answered %d: %s", a.Status, a.Body)
	}
	var out contract.Acted
	s.check(json.Unmarshal(a.Body, &out))
	d := s.fleet.HTTP(s.ctx(), http.MethodGet, "/v1/reports/"+out.Report.ID, nil, "Authorization", "Bearer "+s.tokens[reporter])
	var shown contract.Detail
	s.check(json.Unmarshal(d.Body, &shown))
	if len(shown.Media) != 1 || shown.Media[0].State != "pending" || shown.Media[0].URL != "" {
		s.t.Fatalf("the unchecked file is shown as %+v", shown.Media)
	}
	return out.Report.ID
}

func TestAFileThatIsStillUncheckedIsTakenAndShownAsPending(t *testing.T) {
	s := newScene(t)
	code := s.submitUnchecked(fleet.JPEG(20, 20))
	s.check(s.fleet.Settle(s.ctx()))
	d := s.detail(screener, code)
	if len(d.Media) != 1 || d.Media[0].State != "accepted" || d.Media[0].URL == "" {
		t.Errorf("after its check the file is shown as %+v", d.Media)
	}
}

func TestAFileThatIsRejectedLaterIsNamedAndTheReportStands(t *testing.T) {
	s := newScene(t)
	code := s.submitUnchecked([]byte("this is no picture at all"))
	s.check(s.fleet.Settle(s.ctx()))
	for _, who := range []string{reporter, screener} {
		d := s.detail(who, code)
		named := slices.ContainsFunc(d.History, func(e contract.Entry) bool {
			return e.Type == report.EventMediaRejected && len(d.Media) == 1 && e.Upload == d.Media[0].Upload && e.Code != ""
		})
		if !named || d.Media[0].State != "rejected" || d.Media[0].Reason == "" || d.State != "screening" {
			t.Errorf("%s sees the report %s with %+v, and %+v", who, d.State, d.Media, d.History)
		}
	}
	mails, err := s.client.Mails(s.ctx(), email(reporter))
	s.check(err)
	told := 0
	for _, m := range mails {
		if strings.Contains(m.Subject+m.Text, code) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the reporter was told %d times", told)
	}
	// The report goes on without the file.
	s.post(screener, "/v1/reports/"+code+"/acceptance", s.detail(screener, code).ETag, http.StatusOK, map[string]any{})
}

func TestAFileOtherThanAnnouncedNeverReachesTheBucket(t *testing.T) {
	s := newScene(t)
	slot := s.slot(fleet.JPEG(20, 20))
	for name, file := range map[string][]byte{"longer": append(fleet.JPEG(20, 20), 0), "shorter": fleet.JPEG(20, 20)[1:], "changed": changed(fleet.JPEG(20, 20))} {
		a, err := s.client.Form(s.ctx(), slot.URL, slot.Fields, file)
		s.check(err)
		if a.Status/100 == 2 {
			t.Errorf("a %s file was taken", name)
		}
	}
	s.fleet.Advance(11 * time.Minute)
	if a, err := s.client.Form(s.ctx(), slot.URL, slot.Fields, fleet.JPEG(20, 20)); err != nil || a.Status/100 == 2 {
		t.Errorf("a form of eleven minutes was taken (%d, %v)", a.Status, err)
	}
	keys, err := s.fleet.Objects(s.ctx(), "")
	s.check(err)
	if len(keys) != 0 {
		t.Errorf("the bucket holds %v", keys)
	}
}

func changed(file []byte) []byte {
	file[len(file)-3] ^= 1
	return file
}
