package dynamodb

import (
	"fmt"

	"paht/infra/emulator/storage"
)

// Dump gives every item of a table as the wire writes it, in the order of the keys. The service has nothing like it
// that the project may use: it is for tests, which assert on what is stored and not on what an adapter reads.
func (h *Handler) Dump(name string) ([][]byte, error) {
	h.schema.RLock()
	defer h.schema.RUnlock()
	t, ok := h.tables[name]
	if !ok {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	var items [][]byte
	err := h.store.View(func(tx storage.Tx) error {
		tx.Ascend(t.bucket, nil, func(_, v []byte) bool {
			items = append(items, appendItemJSON(nil, decodeItem(v)))
			return true
		})
		return nil
	})
	return items, err
}
