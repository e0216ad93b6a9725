package dynamodb

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"paht/infra/emulator/storage"
)

// catalogue is the bucket of table descriptions, by name.
const catalogue = "dynamodb/tables"

// A table is one table's description. It is never changed in place: the handler swaps it for another.
type table struct {
	Name       string
	Key        keySchema
	Indexes    []*index
	TTL        string // attribute; "" when off
	Protected  bool   // against DeleteTable
	Created    time.Time
	bucket     string
	expiryName string
}

// An index is a global secondary index.
type index struct {
	Name       string
	Key        keySchema
	Projection string   // ALL, KEYS_ONLY or INCLUDE
	Included   []string // non-key attributes of INCLUDE
	bucket     string
	lagBucket  string
}

func (t *table) name() *table {
	t.bucket = "dynamodb/items/" + t.Name
	t.expiryName = "dynamodb/expiry/" + t.Name
	for _, x := range t.Indexes {
		x.bucket = "dynamodb/index/" + t.Name + "/" + x.Name
		x.lagBucket = "dynamodb/lag/" + t.Name + "/" + x.Name
	}
	return t
}

func (t *table) find(name string) (*index, bool) {
	at := slices.IndexFunc(t.Indexes, func(x *index) bool { return x.Name == name })
	if at < 0 {
		return nil, false
	}
	return t.Indexes[at], true
}

func (t *table) copy() *table {
	next := *t
	next.Indexes = slices.Clone(t.Indexes)
	return &next
}

func (t *table) store(tx storage.Tx) error {
	b, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encoding the description of table %s: %w", t.Name, err)
	}
	return tx.Put(catalogue, []byte(t.Name), b)
}

func loadTables(store storage.Store) (map[string]*table, error) {
	tables := map[string]*table{}
	err := store.View(func(tx storage.Tx) error {
		var err error
		tx.Ascend(catalogue, nil, func(k, v []byte) bool {
			t := &table{}
			if err = json.Unmarshal(v, t); err != nil {
				err = fmt.Errorf("decoding the description of table %s: %w", k, err)
				return false
			}
			tables[t.Name] = t.name()
			return true
		})
		return err
	})
	return tables, err
}

// projects reports whether an attribute stands in the index.
func (x *index) projects(t *table, name string) bool {
	return x.Projection == "ALL" || x.Key.holds(name) || t.Key.holds(name) || slices.Contains(x.Included, name)
}

// entry returns an item's key in the index and what the index keeps of it; an item without the index's key attributes
// is not in it.
func (x *index) entry(t *table, it item, encoded []byte) (key, kept []byte) {
	if it == nil {
		return nil, nil
	}
	for _, a := range x.Key.attributes() {
		if _, ok := it.get(a.Name); !ok {
			return nil, nil
		}
	}
	key = t.Key.appendKey(x.Key.appendKey(make([]byte, 0, 128), it), it)
	if x.Projection == "ALL" {
		return key, encoded
	}
	some := make(item, 0, 8)
	for i := range it {
		if x.projects(t, it[i].name) {
			some = append(some, it[i])
		}
	}
	return key, encodeItem(some)
}

// checkItem refuses an index key of the wrong type, empty or too long.
func (x *index) checkItem(it item) *fault {
	for _, a := range x.Key.attributes() {
		v, ok := it.get(a.Name)
		if !ok {
			continue
		}
		if v.kind != a.Kind {
			return invalid("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", a.Name, a.Kind, v.kind, x.Name)
		}
		if v.text == "" {
			return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: %s, IndexKey: %s", x.Name, a.Name)
		}
		if limit := x.limit(a.Name); len(v.text) > limit {
			return invalid("One or more parameter values were invalid: Size of index key %s of IndexName: %s has exceeded the maximum size limit of %d bytes", a.Name, x.Name, limit)
		}
	}
	return nil
}

func (x *index) limit(attribute string) int {
	if attribute == x.Key.Hash.Name {
		return maxHashSize
	}
	return maxRangeSize
}
