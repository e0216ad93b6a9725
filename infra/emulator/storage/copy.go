package storage

import (
	"errors"
	"slices"
)

// CopyMemory returns another store in memory that holds what one holds now: what is written to either does not show in
// the other. Keys and values are shared, since no store changes one that it holds.
func CopyMemory(s Store) (Store, error) {
	from, ok := s.(*memoryStore)
	if !ok {
		return nil, errors.New("copying a store: it is not in memory")
	}
	from.mu.RLock()
	defer from.mu.RUnlock()
	if from.closed {
		return nil, errClosed
	}
	to := &memoryStore{buckets: make(map[string]*runs, len(from.buckets))}
	for name, r := range from.buckets {
		copied := &runs{list: make([][]entry, len(r.list))}
		for i, entries := range r.list {
			copied.list[i] = slices.Clone(entries)
		}
		to.buckets[name] = copied
	}
	return to, nil
}
