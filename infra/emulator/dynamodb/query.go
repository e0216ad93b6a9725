package dynamodb

import (
	"bytes"
	"strconv"

	"paht/infra/emulator/storage"
)

// A source is what a Query reads: the table or one index of it.
type source struct {
	table  *table
	index  *index // nil for the table
	key    *keySchema
	bucket string
}

// A reading is a Query made ready.
type reading struct {
	source
	span     span
	filter   *condition
	keep     *selection
	count    bool
	backward bool
	limit    int
}

func (h *Handler) query(q *request) error {
	r, f := q.reading()
	if f != nil {
		return f
	}
	if r.index != nil {
		if err := h.catchUp(r.index); err != nil {
			return err
		}
	}
	return h.store.View(func(tx storage.Tx) error {
		q.readPage(tx, r)
		return nil
	})
}

func (q *request) reading() (*reading, *fault) {
	r := &reading{backward: q.backward, limit: q.limit, count: q.sel == "COUNT"}
	r.source = source{table: q.table, key: &q.table.Key, bucket: q.table.bucket}
	if q.has("IndexName") {
		x, ok := q.table.find(q.indexName)
		if !ok {
			return nil, invalid("The table does not have the specified index: %s", q.indexName)
		}
		if q.consistent {
			return nil, invalid("Consistent reads are not supported on global secondary indexes")
		}
		r.index, r.key, r.bucket = x, &x.Key, x.bucket
	}
	if q.keyCondition == "" {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	c, f := parseCondition("KeyConditionExpression", q.keyCondition, &q.scope)
	if f != nil {
		return nil, f
	}
	hash, f := r.bind(c)
	if f != nil {
		return nil, f
	}
	q.keys = append(q.keys, Key{Partition: hash})
	if f := q.readFilter(r); f != nil {
		return nil, f
	}
	if f := q.readSelection(r); f != nil {
		return nil, f
	}
	if f := q.scope.unused(); f != nil {
		return nil, f
	}
	if q.has("ExclusiveStartKey") {
		return r, r.startAfter(q.startKey)
	}
	return r, nil
}

// bind reads a key condition: equality on the partition key and at most one condition on the sort key.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
func (r *reading) bind(c *condition) (hash string, f *fault) {
	var onHash, onRange *condition
	parts := []*condition{c}
	if c.operator == "AND" {
		parts = c.parts
	}
	for _, p := range parts {
		if f := checkKeyCondition(p); f != nil {
			return "", f
		}
		name := p.args[0].path[0].name
		switch {
		case name == r.key.Hash.Name && onHash == nil:
			onHash = p
		case r.key.hasRange() && name == r.key.Range.Name && onRange == nil:
			onRange = p
		case r.key.holds(name):
			return "", invalid("KeyConditionExpressions must only contain one condition per key")
		}
	}
	if onHash == nil {
		return "", invalid("Query condition missed key schema element: %s", r.key.Hash.Name)
	}
	if onHash.operator != "=" {
		return "", invalid("Query key condition not supported")
	}
	if onRange == nil && len(parts) > 1 {
		if r.key.hasRange() {
			return "", invalid("Query condition missed key schema element: %s", r.key.Range.Name)
		}
		return "", invalid("Query key condition not supported")
	}
	if f := checkOperands(onHash, r.key.Hash); f != nil {
		return "", f
	}
	prefix := appendKeyPart(nil, onHash.args[1].value)
	r.span = prefixSpan(prefix)
	if onRange != nil {
		if f := checkOperands(onRange, r.key.Range); f != nil {
			return "", f
		}
		r.narrow(prefix, onRange)
	}
	return onHash.args[1].value.text, nil
}

func checkKeyCondition(c *condition) *fault {
	switch c.operator {
	case "=", "<", "<=", ">", ">=", "BETWEEN", "begins_with":
	case "AND":
		return unsupported("nested AND in KeyConditionExpression")
	default:
		return invalid("Invalid operator used in KeyConditionExpression: %s", c.operator)
	}
	if len(c.args[0].path) != 1 {
		return invalid("Invalid KeyConditionExpression: a key attribute was expected on the left of %s", c.operator)
	}
	for _, o := range c.args[1:] {
		if o.value == nil {
			return invalid("Invalid KeyConditionExpression: a value was expected on the right of %s", c.operator)
		}
	}
	return nil
}

func checkOperands(c *condition, a keyAttribute) *fault {
	for _, o := range c.args[1:] {
		if o.value.kind != a.Kind || c.operator == "begins_with" && a.Kind == kindN {
			return invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
		}
		if f := checkKeyValue(a.Name, o.value); f != nil {
			return f
		}
	}
	return nil
}

func (r *reading) narrow(prefix []byte, c *condition) {
	part := func(i int) []byte { return appendKeyPart(bytes.Clone(prefix), c.args[i].value) }
	switch c.operator {
	case "=":
		r.span = prefixSpan(part(1))
	case "<":
		r.span.high = part(1)
	case "<=":
		r.span.high = after(part(1))
	case ">":
		r.span.low = after(part(1))
	case ">=":
		r.span.low = part(1)
	case "BETWEEN":
		r.span = span{part(1), after(part(2))}
	case "begins_with":
		r.span = prefixSpan(appendEscaped(bytes.Clone(prefix), c.args[1].value.text))
	}
}

func (q *request) readFilter(r *reading) (f *fault) {
	if q.filter == "" {
		return nil
	}
	if r.filter, f = parseCondition("FilterExpression", q.filter, &q.scope); f != nil {
		return f
	}
	if name := r.filter.keyUsed(r.key); name != "" {
		return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", name)
	}
	return nil
}

// keyUsed returns a key attribute that a condition names.
func (c *condition) keyUsed(k *keySchema) string {
	for _, p := range c.parts {
		if name := p.keyUsed(k); name != "" {
			return name
		}
	}
	return keyOperand(c.args, k)
}

func keyOperand(operands []operand, k *keySchema) string {
	for i := range operands {
		o := &operands[i]
		if o.path != nil && k.holds(o.path[0].name) {
			return o.path[0].name
		}
		if name := keyOperand(o.args, k); name != "" {
			return name
		}
	}
	return ""
}

// readSelection reads Select and ProjectionExpression.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#DDB-Query-request-Select
func (q *request) readSelection(r *reading) (f *fault) {
	switch {
	case q.projection != "" && q.sel != "" && q.sel != "SPECIFIC_ATTRIBUTES":
		return invalid("Cannot specify the ProjectionExpression when choosing to get %s", q.sel)
	case q.projection == "" && q.sel == "SPECIFIC_ATTRIBUTES":
		return invalid("Must specify the ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case q.sel == "ALL_PROJECTED_ATTRIBUTES" && r.index == nil:
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case q.sel == "ALL_ATTRIBUTES" && r.index != nil && r.index.Projection != "ALL":
		return invalid("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", r.index.Name)
	}
	if r.keep, f = q.readProjection(); f != nil || r.keep == nil || r.index == nil {
		return f
	}
	for _, c := range r.keep.children {
		if !r.index.projects(r.table, c.step.name) {
			return invalid("One or more parameter values were invalid: Global secondary index %s does not project [%s]", r.index.Name, c.step.name)
		}
	}
	return nil
}

// startAfter narrows the span to what follows an exclusive start key.
func (r *reading) startAfter(start item) *fault {
	if len(start) != len(r.pageKey(start)) {
		return invalid("The provided starting key is invalid")
	}
	schemas := []*keySchema{&r.table.Key}
	if r.index != nil {
		schemas = append(schemas, r.key)
	}
	for _, k := range schemas {
		for _, a := range k.attributes() {
			if v, ok := start.get(a.Name); !ok || v.kind != a.Kind || v.text == "" {
				return invalid("The provided starting key is invalid")
			}
		}
	}
	key := r.key.appendKey(nil, start)
	if r.index != nil {
		key = r.table.Key.appendKey(key, start)
	}
	if !r.span.holds(key) {
		return invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	if r.backward {
		r.span.high = key
	} else {
		r.span.low = append(key, 0)
	}
	return nil
}

// pageKey is what names a place in the source: the table's key and, in an index, the index's key.
func (r *reading) pageKey(it item) item {
	key := r.table.Key.keyOf(it)
	if r.index != nil {
		for _, a := range r.key.attributes() {
			if v, ok := it.get(a.Name); ok {
				key.set(a.Name, v)
			}
		}
	}
	return key
}

// readPage appends one page: until the limit of items read, the megabyte or the end of the span.
func (q *request) readPage(tx storage.Tx, r *reading) {
	q.out = append(q.out, '{')
	if !r.count {
		q.out = append(q.out, `"Items":[`...)
	}
	read, returned, size := 0, 0, 0
	var last []byte
	more := false
	r.each(tx, func(encoded []byte) bool {
		n := encodedSize(encoded)
		if read > 0 && size+n > maxPage {
			more = true
			return false
		}
		read++
		size += n
		last = encoded
		it := borrowItem(encoded)
		if r.filter == nil || r.filter.holds(it) {
			if !r.count {
				if returned > 0 {
					q.out = append(q.out, ',')
				}
				q.out = appendKept(q.out, it, r.keep)
			}
			returned++
		}
		more = read == r.limit
		return !more
	})
	if !r.count {
		q.out = append(q.out, `],`...)
	}
	q.out = strconv.AppendInt(append(q.out, `"Count":`...), int64(returned), 10)
	q.out = strconv.AppendInt(append(q.out, `,"ScannedCount":`...), int64(read), 10)
	if more {
		q.out = append(q.out, `,"LastEvaluatedKey":`...)
		q.out = appendItemJSON(q.out, r.pageKey(borrowItem(last)))
	}
	units := readUnits(size, q.consistent)
	if r.index != nil {
		q.units.addIndex(r.table, r.index, units)
	} else {
		q.units.table = units
	}
	q.finish()
}

func (r *reading) each(tx storage.Tx, fn func(encoded []byte) bool) {
	if bytes.Compare(r.span.low, r.span.high) >= 0 {
		return
	}
	if !r.backward {
		tx.Ascend(r.bucket, r.span.low, func(k, v []byte) bool {
			return bytes.Compare(k, r.span.high) < 0 && fn(v)
		})
		return
	}
	tx.Descend(r.bucket, r.span.high, func(k, v []byte) bool {
		if bytes.Equal(k, r.span.high) {
			return true
		}
		return bytes.Compare(k, r.span.low) >= 0 && fn(v)
	})
}
