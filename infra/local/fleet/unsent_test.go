package fleet_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// Whatever the functions cannot send or publish themselves, the sweep sends and
// publishes: to every queue, from the check of a file to the last notice.
func TestWhatNoFunctionCanSendTheSweepSends(t *testing.T) {
	s := newScene(t)
	lost := map[string]bool{}
	s.fleet.SetFaults(func(function string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		call := fleet.Describe(r)
		if function != "sla" && (call.Operation == "SendMessage" || call.Operation == "CopyObject") {
			lost[function+" "+call.Operation] = true
			return nil, fleet.ErrInjected
		}
		return next.RoundTrip(r)
	})
	s.fleet.SetCopies(func(string) int { return 0 }) // nor does the bucket tell of the photo
	swept := func(h handled) handled {
		s.check(s.fleet.Settle(s.ctx()))
		d := s.detail(screener, h.code)
		h.etag = d.ETag
		if n := len(d.Assignments); n > 0 {
			h.part = d.Assignments[n-1].ETag
		}
		return h
	}
	photo := s.photo()
	s.check(s.fleet.Settle(s.ctx()))
	body := s.submission()
	body["uploads"] = []any{photo}
	h := swept(s.post(reporter, "/v1/reports", "", http.StatusCreated, body))
	h = swept(s.post(screener, "/v1/reports/"+h.code+"/acceptance", h.etag, http.StatusOK, map[string]any{}))
	h = swept(s.post(router, "/v1/reports/"+h.code+"/transfer", h.etag, http.StatusOK, map[string]any{"targets": []any{map[string]any{"agency": agency, "days": 3}}}))
	h = swept(s.post(handler, part(h.code)+"/receipt", h.part, http.StatusOK, nil))
	h = swept(s.post(handler, part(h.code)+"/result", h.part, http.StatusOK, s.conclusion(h.code, s.signed())))
	release := draft()
	release["media"] = []any{map[string]any{"upload": photo, "checked": true}}
	h = swept(s.post(editor, part(h.code)+"/publication", h.part, http.StatusOK, release))

	if d := s.detail(screener, h.code); len(d.Media) != 1 || d.Media[0].State != "accepted" {
		t.Errorf("the photo is shown as %+v", d.Media)
	}
	var public struct{ Parts []contract.PublishedPart }
	s.check(s.do(http.StatusOK, api.Call{Method: http.MethodGet, Path: "/v1/published/" + h.code}).Into(&public))
	files, err := s.fleet.Objects(s.ctx(), "public/")
	s.check(err)
	if len(files) != 2 || len(public.Parts) != 1 {
		t.Errorf("published are %+v, with the files %v", public, files)
	}
	mails, err := s.client.Mails(s.ctx(), email(reporter))
	s.check(err)
	told := len(slices.DeleteFunc(mails, func(m api.Mail) bool { return !strings.Contains(m.Subject+m.Text, h.code) }))
	if told != 2 {
		t.Errorf("the reporter was told %d times: of the acceptance and of the publication, each once", told)
	}
	if got := s.deviations(); len(got) > 0 {
		t.Errorf("the checker finds %v", got)
	}
	for _, what := range []string{"submit SendMessage", "screen SendMessage", "route SendMessage", "processcallback SendMessage", "publish SendMessage", "publish CopyObject"} {
		if !lost[what] {
			t.Errorf("nothing was lost of %s", what)
		}
	}
}
