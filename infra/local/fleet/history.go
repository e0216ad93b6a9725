package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

func (r *reading) readReport(id string, item Item) error {
	s := &storedReport{item: item}
	if err := item.Document(s); err != nil {
		return err
	}
	r.reports[id] = s
	if err := r.readEvents(id, s); err != nil {
		return err
	}
	if len(s.Owed) > 0 {
		r.wrong("report %s owes %v", id, s.Owed)
	}
	types := map[string]int{}
	for _, e := range s.events {
		types[e.Type]++
	}
	for kind, n := range types {
		r.fact("report %s: %s happened %d times", id, kind, n)
	}
	r.fact("report %s is %s, transferred %d times, with %v", id, s.State, s.Transfers, s.Media)
	r.fact("report %s: proposed %s", id, s.Proposal)
	if breached := breaches(s.Clocks, s.Assignments); breached != types["clock.breached"] {
		r.wrong("report %s: %d passed due times are recorded by %d events", id, breached, types["clock.breached"])
	}
	r.readClocks(id, "", s, s.Clocks)
	for i := range s.Assignments {
		p := &s.Assignments[i]
		revision := 0
		if p.Publication != nil {
			revision = p.Publication.Revision
		}
		r.fact("report %s: %s of %s is %s, revision %d, rated %d", id, p.ID, p.Agency, p.State, revision, p.Rating)
		r.readClocks(id, p.ID, s, p.Clocks)
	}
	r.rebuild(s)
	return nil
}

// breaches counts the clocks whose passed due time is recorded.
func breaches(clocks []storedClock, parts []storedPart) int {
	n := 0
	for i := range parts {
		n += breaches(parts[i].Clocks, nil)
	}
	for _, c := range clocks {
		if c.Breached > 0 {
			n++
		}
	}
	return n
}

// readClocks wants each clock once, by one event of its report.
func (r *reading) readClocks(id, part string, s *storedReport, clocks []storedClock) {
	seen := map[string]bool{}
	for _, c := range clocks {
		kind := ""
		if c.Event >= 1 && c.Event <= len(s.events) {
			e := s.events[c.Event-1]
			kind = e.Type
			if !slices.ContainsFunc(e.Clocks, func(o storedClock) bool { return o.Name == c.Name && o.Start.Equal(c.Start) && o.Due.Equal(c.Due) }) {
				r.wrong("report %s: the clock %s%s is not that of event %d", id, c.Name, part, c.Event)
			}
		}
		r.fact("report %s: the clock %s of %q by %s, %d %s, done %v, void %v", id, c.Name, part, kind, c.Amount, c.Unit, c.Done != nil, c.Void)
		r.truth.Instants = append(r.truth.Instants, fmt.Sprintf("report %s: the clock %s of %q from %s is due %s", id, c.Name, part,
			c.Start.Format(time.RFC3339Nano), c.Due.Format(time.RFC3339Nano)))
		name := fmt.Sprint(c.Name, c.Event)
		if seen[name] {
			r.wrong("report %s: the clock %s of %q stands twice", id, c.Name, part)
		}
		seen[name] = true
	}
}

// readEvents reads the whole history and holds its chain: each event's hash is
// that of its own bytes with an empty hash, and follows its predecessor's.
func (r *reading) readEvents(id string, s *storedReport) error {
	var newest storedEvent
	if err := json.Unmarshal(s.Newest, &newest); err != nil {
		return fmt.Errorf("reading the newest event of %s: %w", id, err)
	}
	for n := 1; n <= newest.N; n++ {
		raw := r.items[fmt.Sprintf("R#%s e#%06d", id, n)].Text("d")
		if n == newest.N {
			if raw != "" && raw != string(s.Newest) {
				r.wrong("report %s: event %d stands in two forms", id, n)
			}
			raw = string(s.Newest)
		}
		var e storedEvent
		if raw == "" || json.Unmarshal([]byte(raw), &e) != nil || e.N != n {
			r.wrong("report %s: event %d is missing", id, n)
			continue
		}
		s.events, s.raw = append(s.events, e), append(s.raw, raw)
	}
	prev, keys := "", map[string]bool{}
	for i, e := range s.events {
		blank := bytes.Replace([]byte(s.raw[i]), []byte(`"hash":"`+e.Hash+`"`), []byte(`"hash":""`), 1)
		if sum := sha256.Sum256(blank); hex.EncodeToString(sum[:]) != e.Hash || e.Prev != prev {
			r.wrong("report %s: the chain breaks at event %d", id, e.N)
		}
		prev = e.Hash
		if e.Key != "" && keys[e.Key] {
			r.wrong("report %s: one act made two events, of which %d is one", id, e.N)
		}
		keys[e.Key] = true
		r.readBody(id, s, e, newest.N)
	}
	return nil
}

func (r *reading) readBody(id string, s *storedReport, e storedEvent, newest int) {
	there := r.items[fmt.Sprintf("B#%s e#%06d", id, e.N)] != nil
	if e.N == newest {
		there = there || len(s.item["b"].B) > 0
	}
	if there != (e.Body != "") {
		r.wrong("report %s: event %d has a body: %v, and says %q", id, e.N, there, e.Body)
	}
}
