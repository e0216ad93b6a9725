package dynamodb

import (
	"fmt"

	"paht/infra/emulator/storage"
)

// A Stored is one item as it lies in the store.
type Stored struct {
	Hash, Range string // the texts of its key
	encoded     string
}

// JSON writes the item as the wire does: {"pk":{"S":"…"},…}.
func (s Stored) JSON() []byte { return appendItemJSON(nil, decodeItem([]byte(s.encoded))) }

// Same tells whether two are the same item with the same attributes.
func (s Stored) Same(o Stored) bool { return s.encoded == o.encoded }

// Dump gives every item of a table in the order of the keys. The service has nothing like it that the project may use:
// it is for tests, which assert on what is stored and not on what an adapter reads.
func (h *Handler) Dump(name string) ([]Stored, error) {
	h.schema.RLock()
	defer h.schema.RUnlock()
	t, ok := h.tables[name]
	if !ok {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	var items []Stored
	err := h.store.View(func(tx storage.Tx) error {
		tx.Ascend(t.bucket, nil, func(_, v []byte) bool {
			stored := Stored{encoded: string(v)}
			it := borrowItem(v)
			if key, ok := it.get(t.Key.Hash.Name); ok {
				stored.Hash = string([]byte(key.text)) // a copy, since the bytes are the store's
			}
			if key, ok := it.get(t.Key.Range.Name); ok {
				stored.Range = string([]byte(key.text))
			}
			items = append(items, stored)
			return true
		})
		return nil
	})
	return items, err
}
