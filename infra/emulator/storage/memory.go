package storage

import (
	"bytes"
	"sort"
	"sync"
)

// memoryStore keeps sorted runs and an undo log: a write touches one run, a rollback undoes what the log names. Readers
// and the writer exclude each other, so that nothing has to be copied to give a reader one state.
type memoryStore struct {
	mu      sync.RWMutex
	buckets map[string]*runs
	closed  bool
}

// OpenMemory returns an empty store that lives as long as the process.
func OpenMemory() Store { return &memoryStore{buckets: map[string]*runs{}} }

func (s *memoryStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.buckets = true, nil
	return nil
}

func (s *memoryStore) View(fn func(Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	return fn(&memoryTx{store: s})
}

func (s *memoryStore) Update(fn func(Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	t := &memoryTx{store: s, writable: true}
	kept := false
	defer func() {
		if !kept {
			t.rollBack()
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	kept = true
	return nil
}

type memoryTx struct {
	store    *memoryStore
	writable bool
	undo     []memoryChange
}

// A memoryChange is what a key held before a write, or the whole bucket where one was dropped.
type memoryChange struct {
	bucket  string
	key     []byte
	value   []byte
	dropped *runs
}

func (t *memoryTx) Get(bucket string, key []byte) []byte {
	if r := t.store.buckets[bucket]; r != nil {
		return r.get(key)
	}
	return nil
}

func (t *memoryTx) Put(bucket string, key, value []byte) error {
	if !t.writable {
		return errReadOnly
	}
	if err := checkKey(key); err != nil {
		return err
	}
	r := t.store.buckets[bucket]
	if r == nil {
		r = &runs{}
		t.store.buckets[bucket] = r
	}
	kept := make([]byte, len(value))
	copy(kept, value)
	stored, old := r.put(key, kept)
	t.undo = append(t.undo, memoryChange{bucket: bucket, key: stored, value: old})
	return nil
}

func (t *memoryTx) Delete(bucket string, key []byte) error {
	if !t.writable {
		return errReadOnly
	}
	r := t.store.buckets[bucket]
	if r == nil {
		return nil
	}
	if stored, old := r.remove(key); old != nil {
		t.undo = append(t.undo, memoryChange{bucket: bucket, key: stored, value: old})
	}
	return nil
}

func (t *memoryTx) DropBucket(bucket string) error {
	if !t.writable {
		return errReadOnly
	}
	if r := t.store.buckets[bucket]; r != nil {
		t.undo = append(t.undo, memoryChange{bucket: bucket, dropped: r})
		delete(t.store.buckets, bucket)
	}
	return nil
}

func (t *memoryTx) rollBack() {
	for i := len(t.undo) - 1; i >= 0; i-- {
		c := t.undo[i]
		switch {
		case c.dropped != nil:
			t.store.buckets[c.bucket] = c.dropped
		case c.value != nil:
			t.store.buckets[c.bucket].put(c.key, c.value)
		default:
			t.store.buckets[c.bucket].remove(c.key)
		}
	}
}

func (t *memoryTx) Ascend(bucket string, from []byte, fn func(k, v []byte) bool) {
	if r := t.store.buckets[bucket]; r != nil {
		r.ascend(from, fn)
	}
}

func (t *memoryTx) Descend(bucket string, from []byte, fn func(k, v []byte) bool) {
	if r := t.store.buckets[bucket]; r != nil {
		r.descend(from, fn)
	}
}

// runLength is the most entries a run holds before it is cut in two: short enough to move on an insertion, long enough
// that the list of runs stays small at millions of keys.
const runLength = 128

type entry struct{ key, value []byte }

// runs is an ordered map: sorted runs of sorted entries, none empty.
type runs struct{ list [][]entry }

// find returns the run that holds or would hold key, and the place of the first entry not below it.
func (r *runs) find(key []byte) (run, at int, found bool) {
	run = sort.Search(len(r.list), func(i int) bool { return bytes.Compare(r.list[i][0].key, key) > 0 })
	if run > 0 {
		run--
	}
	if run == len(r.list) {
		return run, 0, false
	}
	entries := r.list[run]
	low, high := 0, len(entries)
	for low < high {
		mid := int(uint(low+high) >> 1)
		switch c := bytes.Compare(entries[mid].key, key); {
		case c == 0:
			return run, mid, true
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return run, low, false
}

func (r *runs) get(key []byte) []byte {
	run, at, found := r.find(key)
	if !found {
		return nil
	}
	return r.list[run][at].value
}

// put returns the key as stored and the value that was there, nil for none.
func (r *runs) put(key, value []byte) (stored, old []byte) {
	run, at, found := r.find(key)
	if found {
		e := &r.list[run][at]
		old, e.value = e.value, value
		return e.key, old
	}
	e := entry{bytes.Clone(key), value}
	if run == len(r.list) {
		r.list = append(r.list, []entry{e})
		return e.key, nil
	}
	entries := append(r.list[run], entry{})
	copy(entries[at+1:], entries[at:])
	entries[at] = e
	r.list[run] = entries
	if len(entries) > runLength {
		r.split(run)
	}
	return e.key, nil
}

func (r *runs) split(run int) {
	entries := r.list[run]
	half := len(entries) / 2
	if run == len(r.list)-1 {
		half = len(entries) - 1 // keys that only grow leave full runs behind
	}
	right := append(make([]entry, 0, runLength+1), entries[half:]...)
	clear(entries[half:])
	r.list[run] = entries[:half]
	r.list = append(r.list, nil)
	copy(r.list[run+2:], r.list[run+1:])
	r.list[run+1] = right
}

// remove returns the key as stored and the value that was there, nil for none.
func (r *runs) remove(key []byte) (stored, old []byte) {
	run, at, found := r.find(key)
	if !found {
		return nil, nil
	}
	entries := r.list[run]
	e := entries[at]
	copy(entries[at:], entries[at+1:])
	entries[len(entries)-1] = entry{}
	entries = entries[:len(entries)-1]
	if len(entries) > 0 {
		r.list[run] = entries
		return e.key, e.value
	}
	copy(r.list[run:], r.list[run+1:])
	r.list[len(r.list)-1] = nil
	r.list = r.list[:len(r.list)-1]
	return e.key, e.value
}

func (r *runs) ascend(from []byte, fn func(k, v []byte) bool) {
	run, at := 0, 0
	if from != nil {
		run, at, _ = r.find(from)
	}
	for ; run < len(r.list); run, at = run+1, 0 {
		for ; at < len(r.list[run]); at++ {
			if e := &r.list[run][at]; !fn(e.key, e.value) {
				return
			}
		}
	}
}

func (r *runs) descend(from []byte, fn func(k, v []byte) bool) {
	if len(r.list) == 0 {
		return
	}
	run := len(r.list) - 1
	at := len(r.list[run]) - 1
	if from != nil {
		var found bool
		if run, at, found = r.find(from); !found {
			at--
		}
	}
	for {
		for ; at >= 0; at-- {
			if e := &r.list[run][at]; !fn(e.key, e.value) {
				return
			}
		}
		if run--; run < 0 {
			return
		}
		at = len(r.list[run]) - 1
	}
}
