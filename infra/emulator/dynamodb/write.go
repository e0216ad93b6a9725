package dynamodb

import (
	"bytes"

	"paht/infra/emulator/storage"
)

// A writing is what a write operation does to one item.
type writing struct {
	key       []byte
	condition *condition
	// next returns the item to store, nil to store none; it may change old in place.
	next func(old item) (item, *fault)
	// answer appends the operation's Attributes, if any.
	answer func(old, next version) item
}

func (h *Handler) putItem(q *request) error {
	if !q.has("Item") {
		return missing("item")
	}
	if f := q.table.Key.checkItem(q.item); f != nil {
		return f
	}
	q.noteKey(q.item)
	if f := checkDepth(q.item); f != nil {
		return f
	}
	w := &writing{key: q.table.Key.appendKey(nil, q.item)}
	w.next = func(item) (item, *fault) { return q.item, nil }
	w.answer = func(old, _ version) item { return q.whenAsked("ALL_OLD", old.item) }
	return h.write(q, w, "Item size has exceeded the maximum allowed size")
}

func (h *Handler) deleteItem(q *request) error {
	w, f := q.startOnKey()
	if f != nil {
		return f
	}
	w.next = func(item) (item, *fault) { return nil, nil }
	w.answer = func(old, _ version) item { return q.whenAsked("ALL_OLD", old.item) }
	return h.write(q, w, "")
}

func (h *Handler) updateItem(q *request) error {
	w, f := q.startOnKey()
	if f != nil {
		return f
	}
	u := &update{}
	if q.update != "" {
		if u, f = parseUpdate(q.update, &q.scope); f != nil {
			return f
		}
	}
	for i := range u.actions {
		if name := u.actions[i].path[0].name; q.table.Key.holds(name) {
			return invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	w.next = func(old item) (item, *fault) {
		next := old
		if next == nil {
			next = append(make(item, 0, 12), q.key...)
		}
		if f := u.apply(&next); f != nil {
			return nil, f
		}
		return next, checkDepth(next)
	}
	w.answer = func(old, next version) item {
		switch q.returnValues {
		case "ALL_OLD":
			return decodeItem(old.encoded)
		case "ALL_NEW":
			return next.item
		case "UPDATED_OLD":
			return u.touched.of(decodeItem(old.encoded))
		case "UPDATED_NEW":
			return u.touched.of(next.item)
		}
		return nil
	}
	return h.write(q, w, "Item size to update has exceeded the maximum allowed size")
}

// startOnKey checks the Key of an operation that has one.
func (q *request) startOnKey() (*writing, *fault) {
	if !q.has("Key") {
		return nil, missing("key")
	}
	if f := q.table.Key.checkKey(q.key); f != nil {
		return nil, f
	}
	q.noteKey(q.key)
	return &writing{key: q.table.Key.appendKey(nil, q.key)}, nil
}

func missing(parameter string) *fault {
	return invalid("Value null at '%s' failed to satisfy constraint: Member must not be null", parameter)
}

func (q *request) whenAsked(mode string, it item) item {
	if q.returnValues == mode {
		return it
	}
	return nil
}

func checkDepth(it item) *fault {
	for i := range it {
		if it[i].name == "" {
			return invalid("One or more parameter values were invalid: An attribute name must not be empty")
		}
		if it[i].value.depth() > maxDepth {
			return invalid("Nesting Levels have exceeded supported limits")
		}
	}
	return nil
}

// write runs one writing in one transaction and answers it. Whatever refuses it leaves nothing behind; a failed
// condition still costs what a write of the item as it was would.
func (h *Handler) write(q *request, w *writing, tooLarge string) error {
	if q.condition != "" {
		var f *fault
		if w.condition, f = parseCondition("ConditionExpression", q.condition, &q.scope); f != nil {
			return f
		}
	}
	if f := q.scope.unused(); f != nil {
		return f
	}
	return h.store.Update(func(tx storage.Tx) error {
		old := version{encoded: tx.Get(q.table.bucket, w.key)}
		if old.encoded != nil {
			old.encoded = bytes.Clone(old.encoded)
			old.item = decodeItem(old.encoded)
		}
		if w.condition != nil && !w.condition.holds(old.item) {
			q.units.table = writeUnits(old.size())
			return q.conditionFailed(old.item)
		}
		before := old.item
		if q.operation == "UpdateItem" && before != nil {
			before = before.copy() // the indexes still need the item as it was
		}
		var next version
		var f *fault
		if next.item, f = w.next(before); f != nil {
			return f
		}
		if next.item != nil {
			next.encoded = encodeItem(next.item)
			if next.size() > maxItem {
				return invalid("%s", tooLarge)
			}
		}
		if err := h.replace(tx, q.table, w.key, old, next, &q.units); err != nil {
			return err
		}
		q.answerWrite(w.answer(old, next))
		return nil
	})
}

// copy is a clone deep enough for an update in place.
func (it item) copy() item { return value{fields: it}.clone().fields }

func (v version) size() int {
	if v.encoded == nil {
		return 0
	}
	return encodedSize(v.encoded)
}

func (q *request) conditionFailed(old item) *fault {
	f := &fault{code: codeCondition, message: "The conditional request failed"}
	if q.returnOnFailure == "ALL_OLD" && old != nil {
		f.item = appendItemJSON(nil, old)
	}
	return f
}

// replace stores the next version of an item with its index entries and its place in the order of expiry, and adds
// what that costs.
func (h *Handler) replace(tx storage.Tx, t *table, key []byte, old, next version, units *usage) error {
	for _, x := range t.Indexes {
		if next.item != nil {
			if f := x.checkItem(next.item); f != nil {
				return f
			}
		}
		n, err := h.follow(tx, t, x, old, next)
		if err != nil {
			return err
		}
		units.addIndex(t, x, n)
	}
	units.table = writeUnits(max(old.size(), next.size()))
	if err := moveExpiry(tx, t, key, old.item, next.item); err != nil {
		return err
	}
	if next.item == nil {
		return tx.Delete(t.bucket, key)
	}
	return tx.Put(t.bucket, key, next.encoded)
}

func (q *request) answerWrite(attributes item) {
	q.out = append(q.out, '{')
	if len(attributes) > 0 {
		q.out = append(q.out, `"Attributes":`...)
		q.out = appendItemJSON(q.out, attributes)
	}
	q.finish()
}

// finish appends the consumed capacity, where it was asked for, and closes the answer.
func (q *request) finish() {
	if q.returnCapacity == "TOTAL" || q.returnCapacity == "INDEXES" {
		if q.out[len(q.out)-1] != '{' {
			q.out = append(q.out, ',')
		}
		q.out = append(q.out, `"ConsumedCapacity":`...)
		q.out = q.units.appendConsumed(q.out, q.table, q.returnCapacity)
	}
	q.out = append(q.out, '}')
}
