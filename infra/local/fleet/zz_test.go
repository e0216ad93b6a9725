package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// persist repeats with the same key until it is answered.
func (s *scene) persist(want int, call api.Call) api.Answer {
	if call.Key == "" && call.Method != http.MethodGet {
		call.Key = api.Key()
	}
	for range 6 {
		a, err := s.client.Do(s.ctx(), call)
		s.check(err)
		if a.Status == 500 || a.Status == 503 {
			s.check(s.fleet.Sleep(s.ctx(), 2e9))
			continue
		}
		if a.Status != want {
			s.t.Fatalf("%s %s answered %d: %s", call.Method, call.Path, a.Status, a.Body)
		}
		return a
	}
	s.t.Fatalf("%s %s never answered", call.Method, call.Path)
	return api.Answer{}
}

func (s *scene) p(who, path, match string, want int, body any) handled {
	return s.acted(s.persist(want, api.Call{Method: http.MethodPost, Path: path, Token: s.tokens[who], Match: match, Body: body}))
}

func (s *scene) part(who, code string) contract.Detail {
	var d contract.Detail
	s.check(s.persist(200, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + code, Token: s.tokens[who]}).Into(&d))
	return d
}

func (s *scene) run() string {
	file := fleet.JPEG(16, 16)
	var ups struct{ Uploads []contract.Upload }
	s.check(s.persist(201, api.Call{Method: http.MethodPost, Path: "/v1/uploads", Token: s.tokens[reporter],
		Body: map[string]any{"files": []any{map[string]any{"type": "image/jpeg", "size": len(file), "sha256": digest(file)}}}}).Into(&ups))
	s.fill(ups.Uploads[0], file)
	body := s.submission()
	body["uploads"] = []any{ups.Uploads[0].ID}
	h := s.p(reporter, "/v1/reports", "", 201, body)
	s.check(s.fleet.Settle(s.ctx()))
	h = s.p(screener, "/v1/reports/"+h.code+"/acceptance", h.etag, 200, map[string]any{})
	s.check(s.fleet.Settle(s.ctx()))
	h = s.p(router, "/v1/reports/"+h.code+"/transfer", h.etag, 200, map[string]any{"targets": []any{map[string]any{"agency": agency, "days": 3}}})
	h = s.p(handler, part(h.code)+"/receipt", h.part, 200, nil)
	h = s.p(handler, part(h.code)+"/progress", h.part, 200, map[string]any{"text": "Đang làm việc."})
	s.check(s.fleet.Settle(s.ctx()))
	signed := s.signed()
	var slot contract.Upload
	s.check(s.persist(201, api.Call{Method: http.MethodPost, Path: part(h.code) + "/result-upload", Token: s.tokens[handler],
		Body: map[string]any{"size": len(signed), "sha256": digest(signed)}}).Into(&slot))
	s.fill(slot, signed)
	h = s.p(handler, part(h.code)+"/result", h.part, 200, map[string]any{"upload": slot.ID, "resultAt": s.fleet.Now().Truncate(1e9).Format("2006-01-02T15:04:05Z07:00"), "summary": summary})
	s.check(s.fleet.Settle(s.ctx()))
	d := draft()
	d["media"] = []any{map[string]any{"upload": ups.Uploads[0].ID, "checked": true}}
	dd := s.part(editor, h.code)
	h = s.p(editor, part(h.code)+"/publication", dd.Assignments[0].ETag, 200, d)
	s.p(reporter, part(h.code)+"/rating", "", 200, map[string]any{"rating": 1})
	s.check(s.fleet.Settle(s.ctx()))
	return h.code
}

func (s *scene) outcome(code string) string {
	d := s.part(editor, code)
	var out []string
	out = append(out, d.State, d.Assignments[0].State, fmt.Sprint(d.Assignments[0].Rating))
	for _, e := range d.History {
		out = append(out, e.Type)
	}
	sort.Strings(out[3:])
	mails, err := s.client.Mails(s.ctx(), email(reporter))
	s.check(err)
	var subjects []string
	for _, m := range mails {
		if strings.Contains(m.Subject+m.Text, code) {
			subjects = append(subjects, strings.ReplaceAll(m.Subject, code, ""))
		}
	}
	sort.Strings(subjects)
	out = append(out, subjects...)
	var objs []string
	for _, p := range []string{"clean/", "small/", "public/"} {
		k, err := s.fleet.Objects(s.ctx(), p)
		s.check(err)
		objs = append(objs, fmt.Sprint(p, len(k)))
	}
	out = append(out, objs...)
	items, err := s.fleet.Items("")
	s.check(err)
	kinds := map[string]int{}
	for _, i := range items {
		k := strings.SplitN(i.Text("pk"), "#", 2)[0]
		if k != "X" && k != "settings" {
			kinds[k+" "+strings.SplitN(i.Text("sk"), "#", 2)[0]]++
		}
	}
	for k := range kinds {
		if len(k) > 20 {
			delete(kinds, k)
		}
	}
	b, _ := json.Marshal(kinds)
	out = append(out, strings.Split(strings.ReplaceAll(string(b), code, "CODE"), ",")...)
	q := s.fleet.QueueDepths()
	for n, c := range q {
		if c.Visible+c.InFlight+c.Delayed > 0 {
			out = append(out, n, fmt.Sprint(c))
		}
	}
	return strings.Join(out, "\n")
}

func TestZZ(t *testing.T) {
	s := newScene(t)
	s.fleet.ForgetCalls()
	code := s.run()
	want := s.outcome(code)
	calls := s.fleet.Calls()
	t.Logf("N=%d %v\n%s", len(calls), s.fleet.Counts(), want)
	step := 7
	fmt.Sscan(os.Getenv("ZZSTEP"), &step)
	for n := 1; n <= len(calls); n += step {
		for _, k := range fleet.Kinds {
			t.Run(fmt.Sprintf("%d/%s", n, k), func(t *testing.T) {
				t.Parallel()
				s := newScene(t)
				f := &fleet.Nth{N: n, Kind: k}
				s.fleet.SetFaults(f.Faults)
				code := s.run()
				s.fleet.SetFaults(nil)
				if got := s.outcome(code); got != want {
					t.Errorf("%v: diff\n%s", f.Hit, diff(want, got))
				}
			})
		}
	}
}

func diff(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, l := range x {
		if !strings.Contains(b, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range y {
		if !strings.Contains(a, l) {
			out = append(out, "+ "+l)
		}
	}
	if len(x) != len(y) {
		out = append(out, fmt.Sprintf("%d and %d lines", len(x), len(y)))
	}
	return strings.Join(out, "\n")
}
