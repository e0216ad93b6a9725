package fleet

import (
	"encoding/json"
	"fmt"
)

// Who is told of an event (section 1.10 of the requirements), once more and apart
// from what tells them: the reporter, the agencies that a report was sent to, the
// operator's routers.
var (
	toldToReporter = map[string]bool{"report.accepted": true, "report.refused": true, "supplement.asked": true, "report.answered": true,
		"assignment.progress": true, "assignment.extended": true,
		"assignment.published": true, "media.rejected": true}
	toldToAgencies  = map[string]bool{"report.transferred": true}
	toldToOperator  = map[string]bool{"assignment.returned": true}
	routersInbox    = "operator:route"
	agenciesInboxes = "agency:"
)

// told wants a notice for everybody who must be told of an event, once there was
// time to tell.
func (r *reading) told() {
	there := map[string]int{}
	for _, n := range r.notices {
		there[fmt.Sprint(n.owner, " ", n.Report, " ", n.N)]++
	}
	for id, s := range r.reports {
		for _, e := range s.events {
			for _, inbox := range inboxesOf(s, e) {
				if n := there[fmt.Sprint(inbox, " ", id, " ", e.N)]; n != 1 {
					r.wrong("report %s: %s, event %d, was told %d times to %s", id, e.Type, e.N, n, inbox)
				}
			}
		}
	}
}

func inboxesOf(s *storedReport, e storedEvent) []string {
	switch {
	case toldToReporter[e.Type]:
		return []string{s.Owner}
	case toldToOperator[e.Type]:
		return []string{routersInbox}
	case toldToAgencies[e.Type]:
		var facts struct {
			Agencies []string `json:"agencies"`
		}
		if err := json.Unmarshal(e.Facts, &facts); err != nil || len(facts.Agencies) == 0 {
			return []string{agenciesInboxes}
		}
		for i, agency := range facts.Agencies {
			facts.Agencies[i] = agenciesInboxes + agency
		}
		return facts.Agencies
	}
	return nil
}
