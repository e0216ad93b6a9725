package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/ledger"
)

// What is recorded is retained in the bucket, as long as its event says, and the
// checker of the ledger names a file that somebody has let go.
func TestASignedResultIsRetainedAndTheCheckerNamesOneThatIsNot(t *testing.T) {
	s := newScene(t)
	code := s.concluded().code
	keys, err := s.fleet.Objects(t.Context(), "upload/result/")
	s.check(err)
	if len(keys) != 1 {
		t.Fatalf("the results are %v", keys)
	}
	want := time.Date(fleet.DefaultStart.Year()+11, 1, 1, 0, 0, 0, 0, fleet.DefaultStart.Location())
	until, err := s.fleet.Retained(t.Context(), keys[0])
	s.check(err)
	items, err := s.fleet.Items("R#" + code)
	s.check(err)
	var said strings.Builder
	for _, i := range items {
		said.WriteString(i.Text("d") + "\n")
	}
	if !until.Equal(want) || strings.Count(said.String(), want.UTC().Format(time.RFC3339)) != 1 {
		t.Errorf("the file is retained until %s, want %s; the report is %s", until, want, said.String())
	}
	if got := s.deviations(); len(got) > 0 {
		t.Errorf("the checker finds %v", got)
	}
	s.check(s.fleet.Unretain(t.Context(), keys[0]))
	if got := s.deviations(); len(got) != 1 || !strings.Contains(got[0], code+" "+keys[0]+": nothing keeps the signed result") {
		t.Errorf("the checker finds %v", got)
	}
}

// One fault at each call of the act, and the act again: whatever happens, no result
// stands recorded without its retention, and in the end it is recorded.
func TestAResultSurvivesEachFaultAtEachOfItsCallsAndIsRetained(t *testing.T) {
	s := newScene(t)
	s.concluded() // the first is a cold start
	h := s.received()
	body := s.conclusion(h.code, s.signed())
	s.fleet.ForgetCalls()
	s.post(handler, part(h.code)+"/result", h.part, http.StatusOK, body)
	calls, retentions := 0, 0
	for _, c := range s.fleet.Calls() {
		if c.Function == "processcallback" {
			if calls++; c.Operation == "PutObjectRetention" {
				retentions++
			}
		}
	}
	if retentions != 1 {
		t.Fatalf("of %d calls %d retain", calls, retentions)
	}
	for _, kind := range append(slices.Clone(fleet.Kinds), fleet.Killed) {
		for n := 1; n <= calls; n++ {
			h := s.received()
			call := api.Call{Method: http.MethodPost, Path: part(h.code) + "/result", Token: s.tokens[handler], Match: h.part, Key: api.Key(), Body: s.conclusion(h.code, s.signed())}
			fault := &fleet.Nth{N: n, Kind: kind, Function: "processcallback"}
			s.fleet.SetFaults(fault.Faults)
			_, err := s.client.Do(t.Context(), call)
			s.check(err)
			s.fleet.SetFaults(nil)
			s.retained(h.code, fmt.Sprintf("%s at call %d (%v)", kind, n, fault.Hit))
			s.acted(s.do(http.StatusOK, call))
			if s.retained(h.code, fmt.Sprintf("%s at call %d, again", kind, n)) == 0 {
				t.Errorf("%s at call %d: the result is not recorded", kind, n)
			}
		}
	}
	s.check(s.fleet.Settle(t.Context()))
	if got := s.deviations(); len(got) > 0 {
		t.Errorf("the checker finds %v", got)
	}
}

var recorded = regexp.MustCompile(`"slot":"([a-z2-7]+)"[^{}]*"retained_until":"([^"]+)"`)

// retained checks that a result that is recorded is retained as its event says, and
// counts where it stands recorded.
func (s *scene) retained(code, when string) (stands int) {
	s.t.Helper()
	items, err := s.fleet.Items("R#" + code)
	s.check(err)
	for _, i := range items {
		found := recorded.FindStringSubmatch(i.Text("d"))
		if found == nil {
			continue
		}
		stands++
		until, err := s.fleet.Retained(s.ctx(), "upload/result/"+found[1])
		s.check(err)
		if until.UTC().Format(time.RFC3339) != found[2] {
			s.t.Errorf("%s: the result is recorded until %s, and retained until %s", when, found[2], until)
		}
	}
	return stands
}

// deviations is what the administrators' operation finds in all reports.
func (s *scene) deviations() []string {
	s.t.Helper()
	answer, err := s.fleet.Invoke(s.ctx(), "admin", fmt.Appendf(nil, `{"operation":"verify","from":%q,"reports":500}`, fleet.DefaultStart.Format(time.DateOnly)))
	s.check(err)
	var found ledger.Answer
	s.check(json.Unmarshal(answer, &found))
	if found.Checked.Reports == 0 {
		s.t.Error("no report was checked")
	}
	var all []string
	for _, d := range found.Deviations {
		all = append(all, d.Report+" "+d.Where+": "+d.Detail)
	}
	slices.Sort(all)
	return all
}
