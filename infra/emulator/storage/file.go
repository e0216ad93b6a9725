package storage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout bounds the wait for a file that another process holds; long enough for one that is just going down.
const lockTimeout = 3 * time.Second

// releaseEvery is after how many commits the touched pages are let go, so that a long run holds what it works on and not
// what it once worked on.
const releaseEvery = 4096

// groupLimit bounds how many updates share one commit, and so how long the first of them waits.
const groupLimit = 128

type fileStore struct {
	db *bbolt.DB

	queue   sync.Mutex
	pending []*call
	writer  sync.Mutex
	commits int // under writer
	path    string
}

// OpenFile opens or creates the bbolt file at path. A commit is written but not synced: it survives the death of the
// process (kill -9), since the kernel has the pages, and not a loss of power. An open in use by another process is
// refused after three seconds.
func OpenFile(path string) (Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         lockTimeout,
		NoSync:          true,
		NoFreelistSync:  true,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: 256 << 20, // address space only: a later growth would have to wait for every reader
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening store %s: another process holds it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	s := &fileStore{db: db, path: path}
	s.release()
	return s, nil
}

func (s *fileStore) release() {
	if info, err := os.Stat(s.path); err == nil {
		releaseResident(s.db, info.Size())
	}
}

func (s *fileStore) Close() error { return s.db.Close() }

func (s *fileStore) View(fn func(Tx) error) error {
	return s.db.View(func(tx *bbolt.Tx) error { return fn(&fileTx{tx: tx}) })
}

// Update queues fn; whoever gets the writer's lock next runs all that is queued in one bbolt transaction.
func (s *fileStore) Update(fn func(Tx) error) error {
	c := &call{fn: fn}
	s.queue.Lock()
	s.pending = append(s.pending, c)
	s.queue.Unlock()

	s.writer.Lock()
	defer s.writer.Unlock()
	for !c.done {
		group := s.takeGroup()
		if len(group) == 0 {
			return errAbandoned
		}
		s.runGroup(group)
		if s.commits++; s.commits%releaseEvery == 0 {
			s.release()
		}
	}
	return c.result()
}

// errAbandoned is what a neighbour gets when a function ended its goroutine (runtime.Goexit) in the middle of a group.
var errAbandoned = errors.New("the group of this update was abandoned by one of its functions")

func (s *fileStore) takeGroup() []*call {
	s.queue.Lock()
	defer s.queue.Unlock()
	if len(s.pending) <= groupLimit {
		group := s.pending
		s.pending = nil
		return group
	}
	group := s.pending[:groupLimit:groupLimit]
	s.pending = s.pending[groupLimit:]
	return group
}

func (s *fileStore) runGroup(group []*call) {
	if len(group) == 1 {
		c := group[0]
		c.err = s.db.Update(func(tx *bbolt.Tx) error { return c.run(&fileTx{tx: tx}) })
		c.done = true
		return
	}
	err := s.db.Update(func(tx *bbolt.Tx) error {
		t := &fileTx{tx: tx, logging: true}
		for _, c := range group {
			t.undo = t.undo[:0]
			if c.err = c.run(t); c.err != nil {
				if err := t.rollBack(); err != nil {
					return fmt.Errorf("taking back one update of a group: %w", err)
				}
			}
		}
		return nil
	})
	for _, c := range group {
		if err != nil && c.err == nil {
			c.err = err
		}
		c.done = true
	}
}

// fileTx caches the last bucket, since an operation mostly stays in one.
type fileTx struct {
	tx      *bbolt.Tx
	name    string
	bucket  *bbolt.Bucket
	logging bool
	undo    []change
}

// A change is what a key held before a write; existed tells an empty value from none.
type change struct {
	bucket, key string
	value       []byte
	existed     bool
}

func (t *fileTx) open(name string) *bbolt.Bucket {
	if t.bucket == nil || t.name != name {
		t.name, t.bucket = name, t.tx.Bucket([]byte(name))
	}
	return t.bucket
}

func (t *fileTx) Get(bucket string, key []byte) []byte {
	b := t.open(bucket)
	if b == nil {
		return nil
	}
	return b.Get(key)
}

func (t *fileTx) log(bucket string, b *bbolt.Bucket, key []byte) {
	if !t.logging {
		return
	}
	old := b.Get(key)
	t.undo = append(t.undo, change{bucket: bucket, key: string(key), value: bytes.Clone(old), existed: old != nil})
}

func (t *fileTx) Put(bucket string, key, value []byte) error {
	if !t.tx.Writable() {
		return errReadOnly
	}
	if err := checkKey(key); err != nil {
		return err
	}
	b := t.open(bucket)
	if b == nil {
		var err error
		if b, err = t.tx.CreateBucket([]byte(bucket)); err != nil {
			return fmt.Errorf("creating bucket %s: %w", bucket, err)
		}
		t.bucket = b
	}
	t.log(bucket, b, key)
	return b.Put(key, bytes.Clone(value))
}

func (t *fileTx) Delete(bucket string, key []byte) error {
	if !t.tx.Writable() {
		return errReadOnly
	}
	b := t.open(bucket)
	if b == nil {
		return nil
	}
	t.log(bucket, b, key)
	return b.Delete(key)
}

// DropBucket copies the bucket first when the update may have to be taken back alone.
func (t *fileTx) DropBucket(bucket string) error {
	if !t.tx.Writable() {
		return errReadOnly
	}
	b := t.open(bucket)
	if b == nil {
		return nil
	}
	if t.logging {
		c := b.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			t.undo = append(t.undo, change{bucket: bucket, key: string(k), value: bytes.Clone(v), existed: true})
		}
	}
	t.bucket = nil
	return t.tx.DeleteBucket([]byte(bucket))
}

func (t *fileTx) rollBack() error {
	undo := t.undo
	t.undo, t.logging = nil, false
	defer func() { t.logging = true }()
	for i := len(undo) - 1; i >= 0; i-- {
		c, key := undo[i], []byte(undo[i].key)
		var err error
		if c.existed {
			err = t.Put(c.bucket, key, c.value)
		} else {
			err = t.Delete(c.bucket, key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *fileTx) Ascend(bucket string, from []byte, fn func(k, v []byte) bool) {
	b := t.open(bucket)
	if b == nil {
		return
	}
	c := b.Cursor()
	k, v := c.First()
	if from != nil {
		k, v = c.Seek(from)
	}
	for ; k != nil; k, v = c.Next() {
		if !fn(k, v) {
			return
		}
	}
}

func (t *fileTx) Descend(bucket string, from []byte, fn func(k, v []byte) bool) {
	b := t.open(bucket)
	if b == nil {
		return
	}
	c := b.Cursor()
	k, v := c.Last()
	if from != nil {
		k, v = c.Seek(from)
		switch {
		case k == nil:
			k, v = c.Last()
		case !bytes.Equal(k, from):
			k, v = c.Prev()
		}
	}
	for ; k != nil; k, v = c.Prev() {
		if !fn(k, v) {
			return
		}
	}
}
