package fleet_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
	said, err := json.Marshal(items)
	s.check(err)
	if !until.Equal(want) || strings.Count(string(said), want.UTC().Format(time.RFC3339)) != 1 {
		t.Errorf("the file is retained until %s, want %s; the report is %s", until, want, said)
	}
	if got := s.deviations(); len(got) > 0 {
		t.Errorf("the checker finds %v", got)
	}
	s.check(s.fleet.Unretain(t.Context(), keys[0]))
	if got := s.deviations(); len(got) != 1 || !strings.Contains(got[0], code+" "+keys[0]+": nothing keeps the signed result") {
		t.Errorf("the checker finds %v", got)
	}
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
