package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// load reads all that lies in the report's partition; false when there is no
// state to check, which is named.
func (q *inquiry) load() (bool, error) {
	items, err := q.Items.Partition(q.ctx, reportKey(q.id), "")
	if err != nil {
		return false, fmt.Errorf("reading its partition: %w", err)
	}
	q.rows = make(map[string]Item)
	stored := make(map[string]string)
	for _, it := range items {
		sk := it.text("sk")
		part, isRow := strings.CutPrefix(sk, rowPrefix)
		switch {
		case sk == stateSort:
			q.item = it
		case isRow:
			q.rows[part] = it
		case strings.HasPrefix(sk, "e#"):
			stored[sk] = it.text("d")
			q.plain(InChain, it, "d")
		default:
			q.deviates(InState, q.where(sk), "an item of a kind that no report has")
		}
	}
	if q.item == nil {
		q.deviates(InState, q.where(stateSort), "the report is named, and its state is missing")
		return false, nil
	}
	if err := json.Unmarshal([]byte(q.item.text("d")), &q.state); err != nil {
		q.deviates(InState, q.where(stateSort), "the state cannot be read: %s", reason(err))
		return false, nil
	}
	q.gather(stored)
	return true, nil
}

func (q *inquiry) where(sk string) string { return itemName(reportKey(q.id), sk) }

// plain names attributes that an item has beside its key and those given: a
// lifetime, for one, would delete what must never be.
func (q *inquiry) plain(what string, it Item, names ...string) {
	for name := range it {
		if name != "pk" && name != "sk" && !slices.Contains(names, name) {
			q.deviates(what, itemName(it.text("pk"), it.text("sk")), "the attribute %s should not be there", name)
		}
	}
}

// gather puts the events in order: the items, and the newest from the state.
func (q *inquiry) gather(stored map[string]string) {
	newest := event{raw: q.state.Newest}
	if err := json.Unmarshal(q.state.Newest, &newest); err != nil || newest.N < 1 {
		q.deviates(InChain, q.where(stateSort), "the newest event cannot be read")
		return
	}
	// A change that lost its race has put the newest event beside the state.
	if beside, ok := stored[eventSort(newest.N)]; ok && beside != string(q.state.Newest) {
		q.deviates(InChain, q.where(eventSort(newest.N)), "event %d beside the state is not the one in it", newest.N)
	}
	delete(stored, eventSort(newest.N))
	for n := 1; n < newest.N; n++ {
		sk := eventSort(n)
		doc, ok := stored[sk]
		delete(stored, sk)
		if !ok {
			q.deviates(InChain, q.where(sk), "event %d is missing", n)
			continue
		}
		e := event{raw: []byte(doc)}
		if err := json.Unmarshal(e.raw, &e); err != nil {
			q.deviates(InChain, q.where(sk), "event %d cannot be read: %s", n, reason(err))
			continue
		}
		if e.N != n {
			q.deviates(InChain, q.where(sk), "event %d stands in the place of event %d", e.N, n)
			continue
		}
		q.events = append(q.events, e)
	}
	q.events = append(q.events, newest)
	for sk := range stored {
		q.deviates(InChain, q.where(sk), "an event that is not older than the newest, %d: the state was set back", newest.N)
	}
}

func (q *inquiry) newest() *event {
	if len(q.events) == 0 {
		return &event{}
	}
	return &q.events[len(q.events)-1]
}

// chain recomputes every hash from the stored bytes; true when the history is
// whole and as it was written.
func (q *inquiry) chain() bool {
	intact := len(q.events) > 0 && !slices.ContainsFunc(q.found, func(d Deviation) bool { return d.What == InChain })
	before := event{}
	for i := range q.events {
		e := &q.events[i]
		q.checked.Events++
		where := q.where(eventSort(e.N))
		if e.N == q.newest().N {
			where = q.where(stateSort)
		}
		sum, err := digest(e.raw)
		switch {
		case err != nil:
			q.deviates(InChain, where, "event %d is malformed: %s", e.N, err)
		case sum != e.Hash:
			q.deviates(InChain, where, "event %d was altered: its bytes do not give its hash", e.N)
		}
		if before.N == e.N-1 && e.Prev != before.Hash {
			q.deviates(InChain, where, "event %d does not follow event %d: it names another hash", e.N, before.N)
		}
		intact = intact && err == nil && sum == e.Hash && e.Prev == before.Hash
		before = *e
	}
	return intact
}

// digest is an event's hash: SHA-256 of its own bytes with an empty hash in the
// place of the one that they carry.
func digest(raw []byte) (string, error) {
	start, end, err := member(raw, "hash")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(slices.Concat(raw[:start], []byte(`""`), raw[end:]))
	return hex.EncodeToString(sum[:]), nil
}

// member finds the value of an object's member in its bytes.
func member(raw []byte, name string) (start, end int, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return 0, 0, errors.New("it is no object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, 0, errors.New(reason(err))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, 0, errors.New(reason(err))
		}
		if key != name {
			continue
		}
		if end != 0 {
			return 0, 0, fmt.Errorf("it has %s twice", name)
		}
		end = int(d.InputOffset())
		start = end - len(value)
	}
	if _, err := d.Token(); err != nil {
		return 0, 0, errors.New("it does not end")
	}
	if end == 0 {
		return 0, 0, fmt.Errorf("it has no %s", name)
	}
	return start, end, nil
}

// reason tells of a reading error without what was read.
func reason(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("its JSON is broken at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("its member %s is of another type", kind.Field)
	}
	return "its JSON is broken"
}
