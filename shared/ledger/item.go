package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
)

// same compares a stored item with a rebuilt one, attribute by attribute; those
// named documents are compared as JSON, by member. The version is compared by
// whoever calls. Texts of documents are never told: only which member differs.
func (q *inquiry) same(what string, stored, rebuilt Item, documents ...string) {
	where := itemName(rebuilt.text("pk"), rebuilt.text("sk"))
	names := make(map[string]bool)
	for _, it := range []Item{stored, rebuilt} {
		for name := range it {
			names[name] = true
		}
	}
	delete(names, "v")
	for _, name := range sorted(names) {
		kind := what
		if slices.Contains([]string{"dk", "da", "lk", "ls", "sum"}, name) {
			kind = InIndex
		}
		a, isStored := stored[name]
		b, isRebuilt := rebuilt[name]
		switch {
		case !isRebuilt:
			q.deviates(kind, where, "the attribute %s should not be there", name)
		case !isStored:
			q.deviates(kind, where, "the attribute %s is missing", name)
		case slices.Contains(documents, name):
			if differing := differences(stored.text(name), rebuilt.text(name)); len(differing) > 0 {
				q.deviates(kind, where, "%s of the document %s: not as rebuilt from the state", strings.Join(differing, ", "), name)
			}
		case !reflect.DeepEqual(a, b):
			q.deviates(kind, where, "the attribute %s is %q; rebuilt from the state it is %q", name, a, b)
		}
	}
}

// differences names the members in which two JSON objects differ.
func differences(a, b string) []string {
	x, errX := members(a)
	y, errY := members(b)
	if errX != nil || errY != nil {
		return []string{"all"}
	}
	names := make(map[string]bool)
	for name := range x {
		names[name] = !reflect.DeepEqual(x[name], y[name])
	}
	for name := range y {
		names[name] = !reflect.DeepEqual(x[name], y[name])
	}
	for name, differs := range names {
		if !differs {
			delete(names, name)
		}
	}
	return sorted(names)
}

func members(doc string) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(doc)))
	d.UseNumber()
	var m map[string]any
	err := d.Decode(&m)
	return m, err
}

func sorted(names map[string]bool) []string {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

// document encodes what was rebuilt.
func document(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // the shapes hold nothing that cannot be encoded
		return fmt.Sprintf("%q", err.Error())
	}
	return string(b)
}

// stateItem compares the state item's own attributes: its version, and those of
// the indexes of what is due and of work.
func (q *inquiry) stateItem() {
	s := &q.state
	where := q.where(stateSort)
	if v := q.item.number("v"); v != int64(s.Version) {
		q.deviates(InState, where, "the attribute v is %d, and the state says %d", v, s.Version)
	}
	rebuilt := Item{"pk": reportKey(q.id), "sk": stateSort, "d": q.item["d"]}
	if sealed := q.item.bytes("b"); sealed != nil {
		rebuilt["b"] = sealed
	}
	if at, ok := attention(s); ok {
		rebuilt["dk"], rebuilt["da"] = shard(q.id), instant(at)
	}
	if queue, row, ok := queueRow(s); ok {
		index(rebuilt, queue, row)
	}
	q.same(InState, q.item, rebuilt, "sum")
}

// attention is when the sweep must look: the earlier of the next retry and the
// next due time that can still pass unrecorded.
func attention(s *state) (next time.Time, ok bool) {
	sooner := func(t time.Time) {
		if !ok || t.Before(next) {
			next, ok = t, true
		}
	}
	clocks := [][]clock{s.Clocks}
	for i := range s.Assignments {
		clocks = append(clocks, s.Assignments[i].Clocks)
	}
	for _, list := range clocks {
		for i := range list {
			if c := &list[i]; c.running() && !c.Window && c.Breached == 0 {
				sooner(c.Due)
			}
		}
	}
	for _, e := range s.Owed {
		sooner(e.Retry)
	}
	return next, ok
}
