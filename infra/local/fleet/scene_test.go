package fleet_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/local/fleet"
	"paht/shared/contract"
	"paht/shared/signature/signaturetest"
)

// The officers of the demo by what they do, and the reporters.
const (
	administrator = "quantri"
	screener      = "lan"
	router        = "hung"
	editor        = "mai"
	handler       = "minh" // of the agency that the reports go to
	stranger      = "tam"  // handles at another agency
	monitor       = "giamsat"

	reporter   = "nguoian"   // whose the reports are
	neighbour  = "nguoibinh" // another
	unverified = "nguoichi"  // has not proven the address
	nobody     = ""
)

const (
	agency     = "TTHTKT"
	agencyName = "Trung tâm Quản lý hạ tầng kỹ thuật tỉnh Mộc Lam"
	password   = province.Password
	text       = "Nắp cống trước số nhà 12 đường Lê Lợi bị mất, rất nguy hiểm cho người đi xe máy ban đêm."
	summary    = "Đã thay nắp cống mới và kiểm tra các nắp cống lân cận trên đường Lê Lợi."
)

// scene is a province with people and reports to act on.
type scene struct {
	t       *testing.T
	fleet   *fleet.Fleet
	client  *api.Client
	tokens  map[string]string // by log-in name
	ids     map[string]string // of accounts, by log-in name
	expired string            // the token of a session that is over
	ended   string            // of one that was logged out
	person  *signaturetest.Signer
	agency  *signaturetest.Signer
	serial  int
}

// prepared is the scene that all tests begin with, made once.
var prepared struct {
	once     sync.Once
	scene    *scene
	snapshot *fleet.Snapshot
}

func newScene(t *testing.T) *scene {
	t.Helper()
	return sceneOf(t, fleet.Options{})
}

// sceneOf is a scene on a fleet of its own.
func sceneOf(t *testing.T, o fleet.Options) *scene {
	t.Helper()
	prepared.once.Do(func() {
		s := makeScene(t, fleet.New(t, fleet.Options{}))
		snapshot, err := s.fleet.Snapshot(t.Context())
		s.check(err)
		prepared.scene, prepared.snapshot = s, snapshot
	})
	if prepared.snapshot == nil {
		t.Fatal("the scene could not be prepared")
	}
	o.From = prepared.snapshot
	f := fleet.New(t, o)
	s := *prepared.scene
	s.t, s.fleet, s.client = t, f, f.Client()
	s.tokens, s.ids = maps.Clone(s.tokens), maps.Clone(s.ids)
	return &s
}

// makeScene makes the scene on a fleet. It begins on a Tuesday morning; the first
// session is over then.
func makeScene(t *testing.T, f *fleet.Fleet) *scene {
	t.Helper()
	s := &scene{t: t, fleet: f, client: f.Client(), tokens: map[string]string{}, ids: map[string]string{}}
	s.check(f.SetUp(t.Context()))
	for _, name := range []string{reporter, neighbour, unverified} {
		s.register(name, name != unverified)
	}
	s.expired = s.logIn(reporter)
	f.Advance(42 * 24 * time.Hour)
	s.check(f.Settle(t.Context()))
	for _, name := range []string{administrator, screener, router, editor, handler, stranger, monitor, reporter, neighbour, unverified} {
		s.tokens[name] = s.logIn(name)
	}
	s.ended = s.logIn(reporter)
	s.do(http.StatusNoContent, api.Call{Method: http.MethodDelete, Path: "/v1/sessions/current", Token: s.ended})
	s.trust()
	return s
}

func (s *scene) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) ctx() context.Context { return s.t.Context() }

// do sends a request that must succeed.
func (s *scene) do(want int, call api.Call) api.Answer {
	s.t.Helper()
	call.Want = want
	a, err := s.client.Do(s.ctx(), call)
	s.check(err)
	return a
}

func (s *scene) logIn(name string) string {
	s.t.Helper()
	token, err := province.Open(s.ctx(), s.client, name, password)
	s.check(err)
	return token
}

func email(name string) string { return name + "@dan.example" }

func (s *scene) register(name string, verify bool) {
	s.t.Helper()
	a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/accounts", Body: map[string]any{"kind": "individual",
		"name": "Người " + name, "logIn": name, "password": password, "email": email(name)}})
	var made contract.Account
	s.check(a.Into(&made))
	s.ids[name] = made.ID
	if !verify {
		return
	}
	code, err := s.client.Code(s.ctx(), email(name))
	s.check(err)
	s.do(http.StatusNoContent, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Body: map[string]any{"logIn": name, "code": code}})
}

// trust makes an authority, and lists the agency's certificate.
func (s *scene) trust() {
	s.t.Helper()
	now := s.fleet.Now()
	authority, err := signaturetest.NewAuthority(now)
	s.check(err)
	s.person, err = authority.Person("Võ Minh", agencyName)
	s.check(err)
	s.agency, err = authority.Agency(agencyName)
	s.check(err)
	from := now.Add(-time.Hour).Format(time.RFC3339)
	s.store("roots", []any{
		map[string]any{"name": "Gốc", "use": "root", "pem": string(authority.RootsPEM()), "valid_from": from},
		map[string]any{"name": "Trung gian", "use": "intermediate", "pem": string(authority.IntermediatesPEM()), "valid_from": from}})
	s.store("certificates", []any{map[string]any{"agency": agency, "common_name": agencyName}})
}

func (s *scene) store(kind string, rows []any) {
	s.t.Helper()
	document, err := json.Marshal(rows)
	s.check(err)
	_, etag, err := province.Settings(s.ctx(), s.client, s.tokens[administrator], kind)
	s.check(err)
	s.check(province.Store(s.ctx(), s.client, s.tokens[administrator], kind, etag, document))
}

// handled is a report and how its reader saw it.
type handled struct {
	code string
	etag string // of the report
	part string // of its assignment
}

func (s *scene) submission() map[string]any {
	return map[string]any{"text": text, "point": map[string]any{"lat": 9.707, "lon": 106.084}, "address": "Trước số nhà 12",
		"category": "thoat_nuoc_ngap", "publicity": "hidden", "notice": "email", "uploads": []any{}}
}

func (s *scene) acted(a api.Answer) handled {
	s.t.Helper()
	var out contract.Acted
	s.check(a.Into(&out))
	h := handled{code: out.Report.ID, etag: out.Report.ETag}
	if n := len(out.Report.Assignments); n > 0 {
		h.part = out.Report.Assignments[n-1].ETag
	}
	return h
}

func (s *scene) post(who, path, match string, want int, body any) handled {
	s.t.Helper()
	return s.acted(s.do(want, api.Call{Method: http.MethodPost, Path: path, Token: s.tokens[who], Match: match, Body: body}))
}

func (s *scene) submitted() handled {
	s.t.Helper()
	return s.post(reporter, "/v1/reports", "", http.StatusCreated, s.submission())
}

func (s *scene) asked() handled {
	s.t.Helper()
	h := s.submitted()
	return s.post(screener, "/v1/reports/"+h.code+"/supplement-request", h.etag, http.StatusOK, map[string]any{"text": "Nắp cống ở phía nào của đường?"})
}

func (s *scene) withdrawn() handled {
	s.t.Helper()
	h := s.submitted()
	return s.post(reporter, "/v1/reports/"+h.code+"/withdrawal", "", http.StatusOK, map[string]any{})
}

func (s *scene) accepted() handled {
	s.t.Helper()
	h := s.submitted()
	return s.post(screener, "/v1/reports/"+h.code+"/acceptance", h.etag, http.StatusOK, map[string]any{})
}

func (s *scene) transferred() handled {
	s.t.Helper()
	h := s.accepted()
	return s.post(router, "/v1/reports/"+h.code+"/transfer", h.etag, http.StatusOK, map[string]any{"targets": []any{map[string]any{"agency": agency, "days": 3}}})
}

func (s *scene) received() handled {
	s.t.Helper()
	h := s.transferred()
	return s.post(handler, part(h.code)+"/receipt", h.part, http.StatusOK, nil)
}

func (s *scene) returned() handled {
	s.t.Helper()
	h := s.received()
	return s.post(handler, part(h.code)+"/return", h.part, http.StatusOK, map[string]any{"code": "not_competent", "reason": "Không thuộc thẩm quyền."})
}

func (s *scene) concluded() handled {
	s.t.Helper()
	h := s.received()
	return s.post(handler, part(h.code)+"/result", h.part, http.StatusOK, s.conclusion(h.code, s.signed()))
}

// edited is a report whose part has its draft.
func (s *scene) edited() handled {
	s.t.Helper()
	h := s.concluded()
	s.check(s.fleet.Pump(s.ctx()))
	return h
}

func (s *scene) published() handled {
	s.t.Helper()
	h := s.edited()
	return s.post(editor, part(h.code)+"/publication", h.part, http.StatusOK, draft())
}

func part(code string) string { return "/v1/reports/" + code + "/assignments/a1" }

func draft() map[string]any {
	return map[string]any{"title": "Mất nắp cống", "content": text, "answer": summary, "media": []any{}, "document": true}
}

// signed is a result signed by the person and then by the agency, now.
func (s *scene) signed() []byte {
	s.t.Helper()
	file := s.unsigned()
	for _, signer := range []*signaturetest.Signer{s.person, s.agency} {
		var err error
		file, err = signaturetest.SignPDF(file, signer, signaturetest.Options{At: s.fleet.Now(), SubFilter: "ETSI.CAdES.detached"})
		s.check(err)
	}
	return file
}

// unsigned is a result that nobody has signed; no two are the same.
func (s *scene) unsigned() []byte {
	s.serial++
	return signaturetest.ResultPDF(fmt.Sprintf("KẾT QUẢ XỬ LÝ PHẢN ÁNH %d", s.serial), []string{"Đã thay nắp cống mới."})
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// conclusion uploads a file as the result and gives the command that names it.
func (s *scene) conclusion(code string, file []byte) map[string]any {
	s.t.Helper()
	a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: part(code) + "/result-upload", Token: s.tokens[handler],
		Body: map[string]any{"size": len(file), "sha256": digest(file)}})
	var slot contract.Upload
	s.check(a.Into(&slot))
	s.fill(slot, file)
	return map[string]any{"upload": slot.ID, "resultAt": s.fleet.Now().Truncate(time.Second).Format(time.RFC3339), "summary": summary}
}

func (s *scene) fill(slot contract.Upload, file []byte) {
	s.t.Helper()
	a, err := s.client.Form(s.ctx(), slot.URL, slot.Fields, file)
	s.check(err)
	if a.Status/100 != 2 {
		s.t.Fatalf("the form answered %d: %s", a.Status, a.Body)
	}
}

// slot opens the slot of a photo, empty.
func (s *scene) slot(file []byte) contract.Upload {
	s.t.Helper()
	a := s.do(http.StatusCreated, api.Call{Method: http.MethodPost, Path: "/v1/uploads", Token: s.tokens[reporter],
		Body: map[string]any{"files": []any{map[string]any{"type": "image/jpeg", "size": len(file), "sha256": digest(file)}}}})
	var out struct {
		Uploads []contract.Upload `json:"uploads"`
	}
	s.check(a.Into(&out))
	return out.Uploads[0]
}

// photo is an upload that was checked and found clean.
func (s *scene) photo() string {
	s.t.Helper()
	s.serial++
	file := fleet.JPEG(24+s.serial%16, 16)
	slot := s.slot(file)
	s.fill(slot, file)
	s.check(s.fleet.Pump(s.ctx()))
	return slot.ID
}
