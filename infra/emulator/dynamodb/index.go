package dynamodb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"paht/infra/emulator/storage"
)

// version is one state of an item: decoded and as stored; both nil where there is none.
type version struct {
	item    item
	encoded []byte
}

// follow brings one index from one version of an item to the next, in the write's own transaction, and returns the
// write units of it: one for each entry put, replaced in place or removed, none where nothing projected changed.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
func (h *Handler) follow(tx storage.Tx, t *table, x *index, old, next version) (float64, error) {
	oldKey, oldKept := x.entry(t, old.item, old.encoded)
	newKey, newKept := x.entry(t, next.item, next.encoded)
	moved := !bytes.Equal(oldKey, newKey)
	if !moved && bytes.Equal(oldKept, newKept) {
		return 0, nil
	}
	units := 0.0
	if !moved {
		units = writeUnits(max(encodedSize(oldKept), encodedSize(newKept)))
	}
	if moved && oldKey != nil {
		units += writeUnits(encodedSize(oldKept))
		if err := h.change(tx, t, x, oldKey, nil); err != nil {
			return 0, err
		}
	}
	if newKey != nil {
		if moved {
			units += writeUnits(encodedSize(newKept))
		}
		if err := h.change(tx, t, x, newKey, newKept); err != nil {
			return 0, err
		}
	}
	return units, nil
}

// change puts or, with kept nil, removes an entry: now, or behind what waits already and after the lag asked for.
func (h *Handler) change(tx storage.Tx, t *table, x *index, key, kept []byte) error {
	if !h.lagging {
		return applyChange(tx, x, key, kept)
	}
	var lag time.Duration
	if h.options.LagIndex != nil {
		lag = h.options.LagIndex(t.Name, x.Name)
	}
	var last []byte
	tx.Descend(x.lagBucket, nil, func(k, _ []byte) bool { last = bytes.Clone(k); return false })
	if lag <= 0 && last == nil {
		return applyChange(tx, x, key, kept)
	}
	due, number := uint64(h.now().Add(lag).UnixNano()), uint64(0)
	if last != nil {
		due = max(due, binary.BigEndian.Uint64(last))
		number = binary.BigEndian.Uint64(last[8:]) + 1
	}
	at := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, due), number)
	record := append(binary.AppendUvarint(nil, uint64(len(key))), key...)
	return tx.Put(x.lagBucket, at, append(record, kept...))
}

func applyChange(tx storage.Tx, x *index, key, kept []byte) error {
	if len(kept) == 0 {
		return tx.Delete(x.bucket, key)
	}
	return tx.Put(x.bucket, key, kept)
}

// anyWaiting reports whether a handler before this one left changes of a lagging index behind.
func anyWaiting(store storage.Store, tables map[string]*table) (waiting bool, err error) {
	err = store.View(func(tx storage.Tx) error {
		for _, t := range tables {
			for _, x := range t.Indexes {
				tx.Ascend(x.lagBucket, nil, func(_, _ []byte) bool { waiting = true; return false })
			}
		}
		return nil
	})
	return waiting, err
}

// catchUp applies the changes of a lagging index whose time has come.
func (h *Handler) catchUp(x *index) error {
	if !h.lagging {
		return nil
	}
	now := uint64(h.now().UnixNano())
	due := func(k []byte) bool { return binary.BigEndian.Uint64(k) <= now }
	waiting := false
	err := h.store.View(func(tx storage.Tx) error {
		tx.Ascend(x.lagBucket, nil, func(k, _ []byte) bool { waiting = due(k); return false })
		return nil
	})
	if err != nil || !waiting {
		return err
	}
	return h.store.Update(func(tx storage.Tx) error {
		var keys, records [][]byte
		tx.Ascend(x.lagBucket, nil, func(k, v []byte) bool {
			if !due(k) {
				return false
			}
			keys, records = append(keys, bytes.Clone(k)), append(records, bytes.Clone(v))
			return true
		})
		for i, r := range records {
			n, used := binary.Uvarint(r)
			key, kept := r[used:used+int(n)], r[used+int(n):]
			if err := applyChange(tx, x, key, kept); err != nil {
				return fmt.Errorf("bringing index %s up to date: %w", x.Name, err)
			}
			if err := tx.Delete(x.lagBucket, keys[i]); err != nil {
				return fmt.Errorf("bringing index %s up to date: %w", x.Name, err)
			}
		}
		return nil
	})
}

// backfill fills a new index from the items of its table, leaving out those whose key attributes do not fit it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html
func backfill(tx storage.Tx, t *table, x *index) error {
	var err error
	tx.Ascend(t.bucket, nil, func(_, v []byte) bool {
		it := decodeItem(v)
		if x.checkItem(it) != nil {
			return true
		}
		if key, kept := x.entry(t, it, bytes.Clone(v)); key != nil {
			err = tx.Put(x.bucket, key, kept)
		}
		return err == nil
	})
	if err != nil {
		return fmt.Errorf("filling index %s of table %s: %w", x.Name, t.Name, err)
	}
	return nil
}
