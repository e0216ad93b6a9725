package dynamodb

import (
	"slices"

	"paht/infra/emulator/storage"
)

func (h *Handler) getItem(q *request) error {
	if _, f := q.startOnKey(); f != nil {
		return f
	}
	keep, f := q.readProjection()
	if f != nil {
		return f
	}
	if f := q.scope.unused(); f != nil {
		return f
	}
	var room [192]byte
	key := q.table.Key.appendKey(room[:0], q.key)
	return h.store.View(func(tx storage.Tx) error {
		encoded := tx.Get(q.table.bucket, key)
		q.out = append(q.out, '{')
		size := 0
		if encoded != nil {
			size = encodedSize(encoded)
			q.out = append(q.out, `"Item":`...)
			q.out = appendKept(q.out, borrowItem(encoded), keep)
		}
		q.units.table = readUnits(size, q.consistent)
		q.finish()
		return nil
	})
}

func (q *request) readProjection() (*selection, *fault) {
	if q.projection == "" {
		return nil, nil
	}
	return parseProjection(q.projection, &q.scope)
}

func appendKept(dst []byte, it item, keep *selection) []byte {
	if keep != nil {
		it = keep.of(it)
	}
	return appendItemJSON(dst, it)
}

const maxBatchKeys = 100

// batchGet answers BatchGetItem. The parts for each table are requests of their own, observed as such.
func (h *Handler) batchGet(body []byte, accessKey string, out []byte) ([]byte, error) {
	h.schema.RLock()
	defer h.schema.RUnlock()
	parts, capacity, f := readBatch(body)
	if f == nil {
		f = h.prepareBatch(parts)
	}
	if f != nil {
		h.observe(&request{operation: "BatchGetItem"}, accessKey, f)
		return nil, f
	}
	out = append(out, `{"Responses":{`...)
	left, rest := maxBatch, []byte(nil)
	for i, p := range parts {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendTextJSON(out, p.request.tableName), ':')
		p.request.out = out
		skipped, err := h.readBatchPart(p, &left)
		h.observe(p.request, accessKey, err)
		if err != nil {
			return nil, err
		}
		out = p.request.out
		rest = appendUnprocessed(rest, p, skipped)
	}
	out = append(append(append(out, `},"UnprocessedKeys":{`...), rest...), '}')
	if capacity == "TOTAL" || capacity == "INDEXES" {
		out = append(out, `,"ConsumedCapacity":[`...)
		for i, p := range parts {
			if i > 0 {
				out = append(out, ',')
			}
			out = p.request.units.appendConsumed(out, p.request.table, capacity)
		}
		out = append(out, ']')
	}
	return append(out, '}'), nil
}

// A batchPart is what a BatchGetItem asks of one table.
type batchPart struct {
	request *request
	keys    []item
	keep    *selection
}

func readBatch(body []byte) (parts []*batchPart, capacity string, f *fault) {
	r := &reader{b: body}
	f = r.object(func(name string) (f *fault) {
		switch {
		case r.null():
		case name == "ReturnConsumedCapacity":
			capacity, f = r.text()
			if f == nil && !slices.Contains([]string{"NONE", "TOTAL", "INDEXES"}, capacity) {
				f = invalid("Value '%s' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [NONE TOTAL INDEXES]", capacity)
			}
		case name == "RequestItems":
			f = r.object(func(table string) *fault {
				p := &batchPart{request: &request{operation: "BatchGetItem", tableName: table}}
				parts = append(parts, p)
				return p.read(r)
			})
		default:
			f = unsupported("parameter %s of BatchGetItem", name)
		}
		return f
	})
	if f == nil {
		f = r.end()
	}
	if f == nil && parts == nil {
		f = missing("requestItems")
	}
	return parts, capacity, f
}

func (p *batchPart) read(r *reader) *fault {
	return r.object(func(name string) *fault {
		if name != "Keys" {
			return p.request.parameter(r, name)
		}
		return r.array(func() *fault {
			key, f := r.item()
			p.keys = append(p.keys, key)
			return f
		})
	})
}

func (h *Handler) prepareBatch(parts []*batchPart) *fault {
	total := 0
	for _, p := range parts {
		if f := h.preparePart(p); f != nil {
			return f
		}
		total += len(p.keys)
	}
	if total == 0 || total > maxBatchKeys {
		return invalid("Too many items requested for the BatchGetItem call, or none: %d; 1 to %d are allowed", total, maxBatchKeys)
	}
	return nil
}

func (h *Handler) preparePart(p *batchPart) *fault {
	q := p.request
	if f := q.check(); f != nil {
		return f
	}
	if q.table = h.tables[q.tableName]; q.table == nil {
		return &fault{code: codeNotFound, message: "Requested resource not found"}
	}
	seen := map[string]bool{}
	for _, key := range p.keys {
		if f := q.table.Key.checkKey(key); f != nil {
			return f
		}
		text := string(q.table.Key.appendKey(nil, key))
		if seen[text] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[text] = true
		q.noteKey(key)
	}
	var f *fault
	if p.keep, f = q.readProjection(); f != nil {
		return f
	}
	return q.scope.unused()
}

// readBatchPart appends the items of one table while the batch has room left, and returns the keys that found none.
func (h *Handler) readBatchPart(p *batchPart, left *int) (skipped []item, err error) {
	q := p.request
	err = h.store.View(func(tx storage.Tx) error {
		q.out = append(q.out, '[')
		first := true
		for _, key := range p.keys {
			encoded := tx.Get(q.table.bucket, q.table.Key.appendKey(nil, key))
			size := 0
			if encoded != nil {
				if size = encodedSize(encoded); size > *left {
					skipped = append(skipped, key)
					continue
				}
				if !first {
					q.out = append(q.out, ',')
				}
				first = false
				q.out = appendKept(q.out, borrowItem(encoded), p.keep)
			}
			*left -= size
			q.units.table += readUnits(size, q.consistent)
		}
		q.out = append(q.out, ']')
		return nil
	})
	return skipped, err
}

func appendUnprocessed(dst []byte, p *batchPart, skipped []item) []byte {
	if len(skipped) == 0 {
		return dst
	}
	if len(dst) > 0 {
		dst = append(dst, ',')
	}
	q := p.request
	dst = append(appendTextJSON(dst, q.tableName), `:{"Keys":[`...)
	for i, key := range skipped {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendItemJSON(dst, key)
	}
	dst = append(dst, ']')
	if q.consistent {
		dst = append(dst, `,"ConsistentRead":true`...)
	}
	if q.projection != "" {
		dst = appendTextJSON(append(dst, `,"ProjectionExpression":`...), q.projection)
	}
	for i, n := range q.scope.names {
		if i == 0 {
			dst = append(dst, `,"ExpressionAttributeNames":{`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendTextJSON(append(appendTextJSON(dst, n.alias), ':'), n.name)
		if i == len(q.scope.names)-1 {
			dst = append(dst, '}')
		}
	}
	return append(dst, '}')
}
