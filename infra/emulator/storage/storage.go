// Package storage holds ordered buckets of byte strings behind one small interface, kept in a bbolt file or in memory.
// The services of the emulator keep everything here, so that a restart finds what a kill left and a simulation runs
// without a disk.
//
// It knows nothing of the services: it must never import one, nor aws-sdk-go-v2 or net/http.
package storage

import "errors"

// A Store is a set of named buckets, each ordered by key. One Update runs at a time and sees everything that committed
// before it, so that updates are serialisable; a View sees one committed state throughout.
type Store interface {
	// Update runs fn and commits what it wrote; when fn returns an error nothing of it stays and the error is returned
	// as it is. fn may run on another goroutine, together with its neighbours in one commit, and runs exactly once.
	// It must not open another transaction.
	Update(fn func(Tx) error) error
	// View runs fn on a committed state. fn must not open another transaction.
	View(fn func(Tx) error) error
	Close() error
}

// A Tx reads and, inside Update, writes buckets. A bucket exists from its first Put. Slices that it hands out are valid
// until the transaction ends and must not be changed; those it is given are copied.
type Tx interface {
	// Get returns nil when the key is absent, and an empty slice that is not nil for an empty value.
	Get(bucket string, key []byte) []byte
	Put(bucket string, key, value []byte) error
	Delete(bucket string, key []byte) error
	// Ascend calls fn for each key at or after from (nil: from the first) until fn returns false. fn must not write to
	// the bucket.
	Ascend(bucket string, from []byte, fn func(k, v []byte) bool)
	// Descend calls fn for each key at or before from (nil: from the last), backwards, until fn returns false. fn must
	// not write to the bucket.
	Descend(bucket string, from []byte, fn func(k, v []byte) bool)
	DropBucket(bucket string) error
}

// MaxKeySize is the longest key that every backend takes (bbolt's own limit).
const MaxKeySize = 32768

var (
	errReadOnly = errors.New("writing in a read-only transaction")
	errKey      = errors.New("a key must have 1 to 32768 bytes")
	errClosed   = errors.New("the store is closed")
)

func checkKey(key []byte) error {
	if len(key) == 0 || len(key) > MaxKeySize {
		return errKey
	}
	return nil
}

// A call is one function on its way through a group commit. Whoever holds the writer's lock runs it.
type call struct {
	fn       func(Tx) error
	err      error
	panicked any
	done     bool
}

// run keeps a panic for the goroutine that asked, since the one that runs it may be another.
func (c *call) run(tx Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.panicked = p
			err = errPanicked
		}
	}()
	return c.fn(tx)
}

var errPanicked = errors.New("the transaction's function panicked")

func (c *call) result() error {
	if c.panicked != nil {
		panic(c.panicked)
	}
	return c.err
}
