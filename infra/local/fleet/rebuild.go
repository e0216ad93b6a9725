package fleet

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
)

// What stands here rebuilds from a report's state every item that stands under a
// second key, and compares.

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// expect compares one item with what the state gives; documents are compared by
// their values.
func (r *reading) expect(key string, want map[string]any) {
	item := r.items[key]
	if item == nil {
		r.wrong("the projection %s is missing", key)
		return
	}
	for name, value := range want {
		text, isText := value.(string)
		if isText {
			if item.Text(name) != text {
				r.wrong("the projection %s has %s %q, and the state gives %q", key, name, item.Text(name), text)
			}
			continue
		}
		var got any
		encoded, err := json.Marshal(value)
		if err != nil || json.Unmarshal([]byte(item.Text(name)), &got) != nil {
			r.wrong("the projection %s has no document %s", key, name)
			continue
		}
		var made any
		_ = json.Unmarshal(encoded, &made) // its own encoding
		if !reflect.DeepEqual(got, made) {
			r.wrong("the projection %s says %s, and the state gives %s", key, item.Text(name), encoded)
		}
	}
}

func (r *reading) rebuild(s *storedReport) {
	r.expect("D#"+s.Submitted.In(DefaultStart.Location()).Format(time.DateOnly)+" "+s.ID, nil)
	if s.Point != nil {
		r.expect(s.nearKey(), map[string]any{"d": s.Point})
	}
	own := map[string]any{"report": s.ID, "state": listed(s.State), "category": s.Category, "commune": s.Commune, "submitted": s.Submitted}
	if s.State == "screening" && s.Supplement != nil && s.Supplement.Answered == nil {
		own["asked"] = true
	}
	r.expect("U#"+s.Owner+" r#"+stamp(s.Submitted)+"#"+s.ID, map[string]any{"d": own})
	row := r.stageRow(s)
	for i := range s.Assignments {
		p := &s.Assignments[i]
		part, aside := r.partRow(s, p), "R#"+s.ID+" w#"+p.ID
		if i == 0 && row["lk"] == "" { // the first one's row stands in the state
			row, part = part, noRow
		}
		if i > 0 || part["lk"] != "" || r.items[aside] != nil {
			r.expect(aside, part)
		}
		if p.Publication != nil && p.Publication.Revision > 0 {
			r.rebuildPublic(s, p)
		}
	}
	r.expect("R#"+s.ID+" s", row)
}

// listed is the state as rows tell it: what waits for the machine stands there as
// what it becomes.
func listed(state string) string {
	for waits, becomes := range map[string]string{"submitted": "screening", "accepted": "routing", "concluded": "editing"} {
		if state == waits {
			return becomes
		}
	}
	return state
}

// storedPoint is where a report is.
type storedPoint struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// nearKey is the entry by category and place, in a grid of 1/200 degree.
func (s *storedReport) nearKey() string {
	return fmt.Sprintf("G#%s#%.0f,%.0f %s#%s", s.Category, math.Floor(s.Point.Lat*200), math.Floor(s.Point.Lon*200), stamp(s.Submitted), s.ID)
}

// row is a row of a queue with its place in the index; empty for none.
func (r *reading) row(s *storedReport, queue, part, agency, state string, etag int, due time.Time) map[string]any {
	sum := map[string]any{"report": s.ID, "etag": etag, "state": listed(state), "category": s.Category, "commune": s.Commune, "submitted": s.Submitted, "due": due}
	for name, value := range map[string]string{"asg": part, "agency": agency} {
		if value != "" {
			sum[name] = value
		}
	}
	if len(s.Flags) > 0 {
		sum["flags"] = s.Flags
	}
	return map[string]any{"lk": queue, "ls": stamp(due) + "#" + s.ID + "#" + part, "sum": sum}
}

var noRow = map[string]any{"lk": "", "ls": ""}

func newestClock(clocks []storedClock, name string) storedClock {
	var found storedClock
	for _, c := range clocks {
		if c.Name == name {
			found = c
		}
	}
	return found
}

func (r *reading) stageRow(s *storedReport) map[string]any {
	switch s.State {
	case "submitted", "screening":
		return r.row(s, "screen", "", "", s.State, s.Touched, newestClock(s.Clocks, "screening").Due)
	case "accepted", "routing", "processing":
		due := newestClock(s.Clocks, "transfer").Due
		waits := false
		for _, c := range s.Clocks {
			if c.Name == "redistribute" && c.Done == nil && !c.Void && (!waits || c.Due.Before(due)) {
				waits, due = true, c.Due
			}
		}
		if waits || s.State != "processing" {
			return r.row(s, "route", "", "", s.State, s.Touched, due)
		}
	}
	return noRow
}

func (r *reading) partRow(s *storedReport, p *storedPart) map[string]any {
	switch p.State {
	case "transferred", "received":
		return r.row(s, "agency#"+p.Agency, p.ID, p.Agency, p.State, p.Event, newestClock(p.Clocks, "handling").Due)
	case "concluded", "editing":
		return r.row(s, "edit", p.ID, p.Agency, p.State, p.Event, newestClock(p.Clocks, "publication").Due)
	}
	return noRow
}

// rebuildPublic wants every revision's item once, and the rows of the lists at
// the current one. The texts are the body's, which is sealed; so the row must be
// the item without its long texts.
func (r *reading) rebuildPublic(s *storedReport, p *storedPart) {
	for revision := 1; revision <= p.Publication.Revision; revision++ {
		r.expect(fmt.Sprintf("P#%s %s#%06d", s.ID, p.ID, revision), nil)
	}
	current := r.items[fmt.Sprintf("P#%s %s#%06d", s.ID, p.ID, p.Publication.Revision)]
	if current == nil {
		return
	}
	var part map[string]any
	if err := current.Document(&part); err != nil {
		r.wrong("%v", err)
		return
	}
	want := map[string]any{"report": s.ID, "asg": p.ID, "rev": float64(p.Publication.Revision), "category": s.Category, "commune": s.Commune,
		"agency": p.Agency, "at": p.Publication.At.Format(time.RFC3339Nano), "first": p.Publication.First.Format(time.RFC3339Nano),
		"submitted": s.Submitted.Format(time.RFC3339Nano)}
	for name, value := range want {
		if part[name] != value {
			r.wrong("the published %s of %s says %s %v, and the state gives %v", p.ID, s.ID, name, part[name], value)
		}
	}
	for _, long := range []string{"content", "answer", "name"} {
		delete(part, long)
	}
	sort := stamp(p.Publication.First) + "#" + s.ID + "#" + p.ID
	for _, list := range []string{"pub", "pub#commune#" + s.Commune, "pub#category#" + s.Category} {
		r.expect(list+" "+sort, map[string]any{"d": part})
	}
}

// orphans looks for what belongs to no report, and for what the sweep would look
// at for ever.
func (r *reading) orphans() error {
	for _, key := range r.keys {
		item := r.items[key]
		pk, sk := item.Text("pk"), item.Text("sk")
		kind, id, _ := strings.Cut(pk, "#")
		switch kind {
		case "R", "B":
			r.orphan(kind, id, sk, key)
		case "D":
			if r.reports[sk] == nil {
				r.wrong("%s is of no report", key)
			}
		case "G":
			if _, report, _ := strings.Cut(sk, "#"); r.reports[report] == nil || r.reports[report].Point == nil || r.reports[report].nearKey() != key {
				r.wrong("%s is of no report", key)
			}
		case "pub":
			if parts := strings.Split(sk, "#"); len(parts) != 3 || r.reports[parts[1]] == nil {
				r.wrong("%s is of no report", key)
			}
		case "U":
			if rest, ok := strings.CutPrefix(sk, "r#"); ok {
				if _, report, _ := strings.Cut(rest, "#"); r.reports[report] == nil || r.reports[report].Owner != id {
					r.wrong("%s is of no report", key)
				}
			}
		}
		r.attention(kind, id, key, item)
	}
	return nil
}

func (r *reading) orphan(kind, id, sk, key string) {
	s := r.reports[id]
	if s == nil {
		r.wrong("%s is of no report", key)
		return
	}
	var n int
	if _, err := fmt.Sscanf(sk, "e#%d", &n); err == nil && (n < 1 || n > len(s.events)) {
		r.wrong("%s is of no event", key)
	}
	if part, ok := strings.CutPrefix(sk, "w#"); ok && kind == "R" {
		found := false
		for i := range s.Assignments {
			found = found || s.Assignments[i].ID == part
		}
		if !found {
			r.wrong("%s is of no assignment", key)
		}
	}
}

// attention wants in the index of what is due only what is: the next due time of
// a report, and what waits for its removal or its lock.
func (r *reading) attention(kind, id, key string, item Item) {
	at := item.Text("da")
	if (at == "") != (item.Text("dk") == "") {
		r.wrong("%s has half a place in the index of what is due", key)
	}
	switch kind {
	case "R":
		if s := r.reports[id]; item.Text("sk") == "s" && s != nil && at != s.nextDue() {
			r.wrong("%s is looked at %q, and the next due time is %q", key, at, s.nextDue())
		}
	case "U", "S": // an account's year, a slot's removal
	default:
		if at != "" {
			r.wrong("%s stands in the index of what is due", key)
		}
	}
}

// nextDue is the next due time that can pass unrecorded.
func (s *storedReport) nextDue() string {
	next := ""
	look := func(clocks []storedClock) {
		for _, c := range clocks {
			if c.Done == nil && !c.Void && c.Moved == 0 && !c.Window && c.Breached == 0 && (next == "" || stamp(c.Due) < next) {
				next = stamp(c.Due)
			}
		}
	}
	look(s.Clocks)
	for i := range s.Assignments {
		look(s.Assignments[i].Clocks)
	}
	return next
}
