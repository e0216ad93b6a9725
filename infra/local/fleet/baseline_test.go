package fleet_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/shared/contract"
)

// request is a request that an operation takes, as long as nothing is wrong
// with it.
type request struct {
	who   string            // who may send it; nobody where anyone may
	path  map[string]string // parameters of the path
	query map[string]string
	body  map[string]any // nil where the operation has none
	match string
	// again changes the body into another that is as good: for the same key with
	// another body.
	again map[string]any
	// closed is the path of the same act on a report that is closed, with its
	// ETag; empty where closing changes nothing.
	closed map[string]string
	seen   string
	// shut changes the body where the baseline's names what the closed report
	// does not have.
	shut map[string]any
	// foreign is who may do the same, but not to what is named here; else names
	// what is somebody else's.
	foreign string
	// repeated says that a repeat is another act: what was there is gone.
	repeated bool
}

// baselines make for each operation a request that succeeds. Each has a report
// or account of its own, so that rows do not depend on each other.
var baselines = map[string]func(s *scene) request{
	"open-uploads": func(s *scene) request {
		file := map[string]any{"type": "image/jpeg", "size": 1000, "sha256": digest([]byte("a photo"))}
		return request{who: reporter, body: map[string]any{"files": []any{file}},
			again: map[string]any{"files": []any{map[string]any{"type": "image/png", "size": 1001, "sha256": digest([]byte("another"))}}}}
	},
	"read-upload": func(s *scene) request {
		return request{who: reporter, path: map[string]string{"upload": s.slot([]byte("some")).ID}, foreign: neighbour}
	},
	"submit-report": func(s *scene) request {
		body := s.submission()
		body["commune"], body["occurredAt"] = "99001", s.fleet.Now().Add(-time.Hour).Format(time.RFC3339)
		body["uploads"] = []any{s.photo()}
		return request{who: reporter, body: body, again: map[string]any{"address": "Nơi khác"}}
	},
	"add-supplement": func(s *scene) request {
		h := s.asked()
		return request{who: reporter, path: at(h), body: map[string]any{"text": "Ở phía bên phải của đường.", "uploads": []any{s.photo()}},
			again: map[string]any{"text": "Ở phía bên trái của đường."}, closed: at(s.withdrawn()), foreign: neighbour}
	},
	"withdraw-report": func(s *scene) request {
		return request{who: reporter, path: at(s.submitted()), body: map[string]any{"reason": "Đã tự xử lý."},
			again: map[string]any{"reason": "Không cần nữa."}, closed: at(s.withdrawn()), foreign: neighbour}
	},
	"rate-part": func(s *scene) request {
		return request{who: reporter, path: in(s.published()), body: map[string]any{"rating": 1}, again: map[string]any{"rating": 2},
			closed: in(s.returned()), foreign: neighbour}
	},
	"accept-report": func(s *scene) request {
		return acting(screener, s.submitted(), s.withdrawn(), map[string]any{"note": "Rõ ràng."}, map[string]any{"note": "Khác."})
	},
	"refuse-report": func(s *scene) request {
		return acting(screener, s.submitted(), s.withdrawn(), map[string]any{"code": "duplicate", "reason": "Trùng với phản ánh trước.", "related": s.submitted().code},
			map[string]any{"reason": "Trùng hoàn toàn."})
	},
	"ask-supplement": func(s *scene) request {
		return acting(screener, s.submitted(), s.withdrawn(), map[string]any{"text": "Ở phía nào của đường?"}, map[string]any{"text": "Ở đâu vậy?"})
	},
	"transfer-report": func(s *scene) request {
		target := map[string]any{"agency": agency, "days": 3, "legalBasis": "Quyết định 12"}
		return acting(router, s.returned(), s.withdrawn(), map[string]any{"targets": []any{target}, "note": "Xử lý sớm.", "returns": []any{"a1"}}, map[string]any{"note": "Gấp."})
	},
	"answer-report": func(s *scene) request {
		return acting(router, s.returned(), s.withdrawn(), map[string]any{"text": "Việc này đã được xử lý.", "related": "CV 12/2026", "returns": []any{"a1"}}, map[string]any{"text": "Đã được xử lý rồi."})
	},
	"receive-part": func(s *scene) request { return handling(handler, s.transferred(), s.published(), nil, nil) },
	"report-progress": func(s *scene) request {
		return handling(handler, s.received(), s.published(), map[string]any{"text": "Đã rào chắn."}, map[string]any{"text": "Đang thi công."})
	},
	"extend-part": func(s *scene) request {
		return handling(handler, s.received(), s.published(), map[string]any{"days": 2, "reason": "Đang chờ vật tư."}, map[string]any{"days": 3})
	},
	"return-part": func(s *scene) request {
		return handling(handler, s.received(), s.published(), map[string]any{"code": "already_handled", "reason": "Đã xử lý trước đây.", "related": "CV 12/2026"},
			map[string]any{"reason": "Đã làm xong trước đây."})
	},
	"open-result-upload": func(s *scene) request {
		r := handling(handler, s.received(), s.published(), map[string]any{"size": 1000, "sha256": digest([]byte("a result"))}, map[string]any{"size": 1001})
		r.match, r.seen = "", ""
		return r
	},
	"conclude-part": func(s *scene) request {
		h := s.received()
		return handling(handler, h, s.published(), s.conclusion(h.code, s.signed()), map[string]any{"summary": "Đã làm xong."})
	},
	"edit-draft": func(s *scene) request {
		return s.publishing()
	},
	"release-part": func(s *scene) request {
		return s.publishing()
	},
	"register-account": func(s *scene) request {
		name := s.fresh("dk")
		return request{body: map[string]any{"kind": "individual", "name": "Người Mới", "logIn": name, "password": password,
			"email": email(name), "phone": "0912345678", "language": "vi"}, again: map[string]any{"name": "Người Khác"}}
	},
	"verify-email": func(s *scene) request {
		name := s.fresh("xm")
		s.register(name, false)
		code, err := s.client.Code(s.ctx(), email(name))
		s.check(err)
		return request{body: map[string]any{"logIn": name, "code": code}}
	},
	"request-verification": func(s *scene) request { return request{body: map[string]any{"logIn": unverified}} },
	"activate-officer": func(s *scene) request {
		name := s.fresh("cb")
		s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/admin/officers", Token: s.tokens[administrator], Body: officer(name)})
		code, err := s.client.Code(s.ctx(), email(name))
		s.check(err)
		return request{body: map[string]any{"logIn": name, "code": code, "password": password}}
	},
	"log-in": func(*scene) request {
		return request{body: map[string]any{"logIn": router, "password": password, "device": "máy tính"}}
	},
	"list-sessions": func(*scene) request { return request{who: reporter} },
	"log-out":       func(s *scene) request { return request{who: s.another(neighbour), repeated: true} },
	"end-sessions":  func(s *scene) request { return request{who: s.another(s.registered()), repeated: true} },
	"end-session": func(s *scene) request {
		name := s.registered()
		s.another(name)
		who := s.another(name)
		a := s.do(http.StatusOK, api.Call{Method: http.MethodGet, Path: "/v1/sessions", Token: s.tokens[who]})
		var out struct {
			Sessions []contract.Session `json:"sessions"`
		}
		s.check(a.Into(&out))
		id := ""
		for _, session := range out.Sessions {
			if !session.Current {
				id = session.ID
			}
		}
		return request{who: who, path: map[string]string{"session": id}, foreign: reporter, repeated: true}
	},
	"read-account": func(*scene) request { return request{who: reporter} },
	"list-own-reports": func(s *scene) request {
		return request{who: reporter, query: map[string]string{"limit": "1", "cursor": s.cursor(reporter, "/v1/reports?limit=1")}}
	},
	"read-report": func(s *scene) request { return request{who: reporter, path: at(s.submitted()), foreign: neighbour} },
	"show-contact": func(s *scene) request {
		return request{who: screener, path: at(s.submitted()), body: map[string]any{"reason": "Cần hỏi thêm."}, again: map[string]any{"reason": "Cần gọi điện."}}
	},
	"list-queue": func(s *scene) request {
		s.submitted()
		s.submitted()
		return request{who: screener, path: map[string]string{"stage": "screen"}, query: map[string]string{"limit": "1", "cursor": s.cursor(screener, "/v1/queues/screen?limit=1")}}
	},
	"list-inbox": func(s *scene) request {
		s.accepted()
		s.accepted()
		s.check(s.fleet.Sleep(s.ctx(), 3*time.Minute))
		return request{who: reporter, query: map[string]string{"limit": "1", "cursor": s.cursor(reporter, "/v1/inbox?limit=1")}}
	},
	"list-near": func(s *scene) request {
		s.submitted()
		return request{who: reporter, query: map[string]string{"lat": "9.707", "lon": "106.084", "category": "thoat_nuoc_ngap"}}
	},
	"track-report": func(s *scene) request { return request{path: map[string]string{"code": s.submitted().code}} },
	"list-published": func(s *scene) request {
		s.published()
		s.published()
		return request{query: map[string]string{"limit": "1", "commune": "99001", "cursor": s.cursor(nobody, "/v1/published?limit=1&commune=99001")}}
	},
	"read-published": func(s *scene) request { return request{path: at(s.published())} },
	"compute-due": func(*scene) request {
		return request{query: map[string]string{"from": "2026-03-10T09:00:00+07:00", "hours": "2", "kind": "working", "agency": agency}}
	},
	"list-categories": func(*scene) request { return request{} },
	"list-communes":   func(*scene) request { return request{} },
	"read-settings": func(*scene) request {
		return request{who: administrator, path: map[string]string{"kind": "categories"}}
	},
	"store-settings": func(s *scene) request {
		document, etag, err := province.Settings(s.ctx(), s.client, s.tokens[administrator], "policies")
		s.check(err)
		var rows []any
		s.check(json.Unmarshal(document, &rows))
		row := func(days int) []any {
			return append(append([]any{}, rows...), map[string]any{"name": "rating_days", "value": days, "valid_from": "2027-01-01", "note": "thử"})
		}
		return request{who: administrator, path: map[string]string{"kind": "policies"}, match: etag, query: map[string]string{"dryRun": "false"},
			body: map[string]any{"document": row(30)}, again: map[string]any{"document": row(31)}}
	},
	"create-officer": func(s *scene) request {
		return request{who: administrator, body: officer(s.fresh("cb")), again: map[string]any{"name": "Tên Khác"}}
	},
	"list-officers": func(s *scene) request {
		return request{who: administrator, query: map[string]string{"agency": "TTDH", "limit": "1", "cursor": s.cursor(administrator, "/v1/admin/officers?agency=TTDH&limit=1")}}
	},
	"change-officer": func(s *scene) request {
		return request{who: administrator, path: map[string]string{"account": s.officerAccount()},
			body: map[string]any{"agency": "SXD", "roles": []any{"handler"}, "dutyEnded": false, "reason": "Điều động công tác."}, again: map[string]any{"reason": "Chuyển công tác."}}
	},
	"unlock-account": func(s *scene) request {
		name := s.registered()
		for range 5 {
			s.do(0, api.Call{Method: http.MethodPost, Path: "/v1/sessions", Body: map[string]any{"logIn": name, "password": "sai-mat-khau"}})
		}
		return request{who: administrator, path: map[string]string{"account": s.ids[name]}, body: map[string]any{"request": "Đơn ngày 10/3."}, again: map[string]any{"request": "Đơn khác."}}
	},
}

func at(h handled) map[string]string { return map[string]string{"report": h.code} }

func in(h handled) map[string]string { return map[string]string{"report": h.code, "assignment": "a1"} }

// acting is an officer's act on a report.
func acting(who string, h, closed handled, body, again map[string]any) request {
	return request{who: who, path: at(h), match: h.etag, body: body, again: again, closed: at(closed), seen: closed.etag}
}

// handling is an act on a part.
func handling(who string, h, closed handled, body, again map[string]any) request {
	r := request{who: who, path: in(h), match: h.part, body: body, again: again, closed: in(closed), seen: closed.part}
	if who == handler {
		r.foreign = stranger
	}
	return r
}

func (s *scene) fresh(prefix string) string {
	s.serial++
	return prefix + strconv.Itoa(s.serial)
}

func officer(name string) map[string]any {
	return map[string]any{"name": "Cán Bộ " + strings.ToUpper(name), "logIn": name, "email": email(name), "agency": "TTHTKT", "roles": []any{"handler"}, "language": "vi"}
}

// officerAccount makes an officer and gives the account's id.
func (s *scene) officerAccount() string {
	s.t.Helper()
	a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/admin/officers", Token: s.tokens[administrator], Body: officer(s.fresh("cb"))})
	var out contract.Account
	s.check(a.Into(&out))
	return out.ID
}

// registered makes a verified reporter and gives the log-in name.
func (s *scene) registered() string {
	s.t.Helper()
	name := s.fresh("nd")
	s.register(name, true)
	return name
}

// another opens one more session of somebody and gives a name for it.
func (s *scene) another(name string) string {
	s.t.Helper()
	session := s.fresh("session")
	s.tokens[session] = s.logIn(name)
	return session
}

// cursor reads a first page and gives the cursor of the second.
func (s *scene) cursor(who, path string) string {
	s.t.Helper()
	a := s.do(http.StatusOK, api.Call{Method: http.MethodGet, Path: path, Token: s.tokens[who]})
	var out struct {
		Next string `json:"next"`
	}
	s.check(a.Into(&out))
	if out.Next == "" {
		s.t.Fatalf("%s has no second page: %s", path, a.Body)
	}
	return out.Next
}

// publishing is the editor's act on a report with a picture.
func (s *scene) publishing() request {
	s.t.Helper()
	h, body := s.withPicture()
	r := handling(editor, h, s.published(), body, map[string]any{"title": "Tên khác"})
	r.shut = map[string]any{"media": []any{}}
	return r
}

// withPicture is a report with a picture whose part waits for its publication,
// and the editor's text.
func (s *scene) withPicture() (handled, map[string]any) {
	s.t.Helper()
	photo := s.photo()
	body := s.submission()
	body["uploads"] = []any{photo}
	h := s.post(reporter, "/v1/reports", "", http.StatusCreated, body)
	h = s.post(screener, "/v1/reports/"+h.code+"/acceptance", h.etag, http.StatusOK, map[string]any{})
	h = s.post(router, "/v1/reports/"+h.code+"/transfer", h.etag, http.StatusOK, map[string]any{"targets": []any{map[string]any{"agency": agency, "days": 3}}})
	h = s.post(handler, part(h.code)+"/receipt", h.part, http.StatusOK, nil)
	h = s.post(handler, part(h.code)+"/result", h.part, http.StatusOK, s.conclusion(h.code, s.signed()))
	s.check(s.fleet.Pump(s.ctx()))
	d := draft()
	d["media"] = []any{map[string]any{"upload": photo, "checked": true}}
	return h, d
}
