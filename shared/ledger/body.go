package ledger

import (
	"fmt"

	"paht/shared/packed"
)

// digestPurpose is the purpose of the key of bodies' digests.
const digestPurpose = "digest"

// sealed opens every body and compares its keyed digest with the event's; the
// newest event's body lies in the state.
func (q *inquiry) sealed() error {
	items, err := q.Items.Partition(q.ctx, bodiesKey(q.id), "")
	if err != nil {
		return fmt.Errorf("reading its bodies: %w", err)
	}
	stored := make(map[string][]byte)
	for _, it := range items {
		stored[it.text("sk")] = it.bytes("b")
		q.plain(InBody, it, "b")
	}
	newest := q.newest().N
	if beside, ok := stored[eventSort(newest)]; ok {
		if string(beside) != string(q.item.bytes("b")) {
			q.deviates(InBody, itemName(bodiesKey(q.id), eventSort(newest)), "the body of event %d beside the state is not the one in it", newest)
		}
		delete(stored, eventSort(newest))
	}
	for i := range q.events {
		e := &q.events[i]
		where, data := itemName(bodiesKey(q.id), eventSort(e.N)), stored[eventSort(e.N)]
		if e.N == newest {
			where, data = q.where(stateSort), q.item.bytes("b")
		}
		delete(stored, eventSort(e.N))
		q.body(e, where, data)
	}
	for sk := range stored {
		q.deviates(InBody, itemName(bodiesKey(q.id), sk), "a body of an event that is not there")
	}
	return nil
}

func (q *inquiry) body(e *event, where string, data []byte) {
	switch {
	case e.Body == "" && len(data) == 0:
		return
	case e.Body == "":
		q.deviates(InBody, where, "event %d was written without a body, and has one", e.N)
		return
	case len(data) == 0:
		q.deviates(InBody, where, "the body of event %d is missing", e.N)
		return
	}
	q.checked.Bodies++
	opened, err := q.Keys.Open(data, place(q.id, e.N))
	if err == nil {
		opened, err = packed.Unpack(opened)
	}
	if err != nil {
		q.deviates(InBody, where, "the body of event %d cannot be opened: %s", e.N, err)
		return
	}
	if len(e.Body) != 64 || !q.Keys.CheckMAC(e.Body, digestPurpose, string(opened)) {
		q.deviates(InBody, where, "the body of event %d is another: it does not give the event's keyed digest", e.N)
		return
	}
	q.bodies[e.N] = opened
}
