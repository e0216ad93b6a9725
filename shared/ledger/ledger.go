// Package ledger checks what is stored, as an auditor would: every report's chain
// of events, its state, its effects, its projections and its files, recomputed
// from the stored bytes. It shares no code with what writes them but SHA-256: the
// stored shapes, the rules of the states and the forms of the keys are told here
// once more, so that an error of the writer is not repeated by the reader. What is
// sealed is opened, and keyed digests are checked, through a port: that is the
// code of package seal, which writes no report. It imports the standard library
// only, changes nothing, and names no personal data in what it finds.
//
// What it cannot see: particulars of the state that no event repeats (category,
// commune, place, channel, choice of notice and of publicity, legal basis, flags)
// are compared with the projections only; the working minutes of a clock need the
// calendar; and a report that stands in no day's list and in no list of a reporter
// whom another report names is not found, since nothing reads the table from end
// to end.
package ledger

import (
	"context"
	"fmt"
	"time"
)

// Item is one stored item as it stands: a string, an int64 or a []byte by the
// attribute's name.
type Item map[string]any

func (i Item) text(name string) string  { s, _ := i[name].(string); return s }
func (i Item) number(name string) int64 { n, _ := i[name].(int64); return n }
func (i Item) bytes(name string) []byte { b, _ := i[name].([]byte); return b }

// Items reads raw items, consistently.
type Items interface {
	// Partition reads every item of a partition whose sort key begins with prefix,
	// in the order of their sort keys.
	Partition(ctx context.Context, pk, prefix string) ([]Item, error)
	// Page reads up to limit items of a partition that come after a sort key.
	Page(ctx context.Context, pk, after string, limit int) ([]Item, error)
	// Item reads one; nil when there is none.
	Item(ctx context.Context, pk, sk string) (Item, error)
}

// Digest is what an object's bytes give.
type Digest struct {
	SHA256 [32]byte
	Size   int64
}

// Objects reads files.
type Objects interface {
	// Digest reads an object to its end; false when there is none.
	Digest(ctx context.Context, key string) (Digest, bool, error)
	// Retained tells until when nobody can replace an object; the zero instant when
	// nothing keeps it.
	Retained(ctx context.Context, key string) (time.Time, error)
}

// Keys opens what is sealed and checks keyed digests.
type Keys interface {
	// Open opens what was sealed for a place.
	Open(sealed []byte, place string) ([]byte, error)
	// CheckMAC tells whether mac is the keyed digest of data for a purpose.
	CheckMAC(mac, purpose string, data ...string) bool
}

// Checker checks the ledger.
type Checker struct {
	Items   Items
	Objects Objects
	Keys    Keys
	Now     func() time.Time
	// Left is how much time the invocation has; nil for as much as it takes.
	Left func(ctx context.Context) time.Duration
}

// Kinds of deviations.
const (
	InDay        = "day"        // the entry of the day of submission
	InChain      = "chain"      // the history of events
	InBody       = "body"       // what an event holds that is long or personal
	InState      = "state"      // the state item, against its events
	InClock      = "clock"      // a clock, against the event that started it
	InEffect     = "effect"     // what a change still owes
	InIndex      = "index"      // attributes of the sparse indexes
	InProjection = "projection" // what stands under a second key
	InMedia      = "media"      // slots and files
)

// Deviation is one thing that is not as it must be.
type Deviation struct {
	Report string `json:"report"`
	What   string `json:"what"`  // one of the kinds
	Where  string `json:"where"` // the item's key, or the object's
	Detail string `json:"detail"`
}

// Checked counts what was looked at.
type Checked struct {
	Days        int   `json:"days"`
	Reports     int   `json:"reports"`
	Events      int   `json:"events"`
	Bodies      int   `json:"bodies"`
	Clocks      int   `json:"clocks"`
	Effects     int   `json:"effects"`
	Projections int   `json:"projections"`
	Media       int   `json:"media"`   // objects read to their end
	Bytes       int64 `json:"bytes"`   // of those
	Pending     int   `json:"pending"` // not compared: a change owes them still
}

// patience is how long what is owed may stay owed before it is named: longer than
// every pause between two tries.
const patience = 24 * time.Hour

// inquiry is the check of one report.
type inquiry struct {
	*Checker

	ctx     context.Context
	id      string
	now     time.Time
	checked Checked
	found   []Deviation

	item    Item  // of the state
	state   state // as it is stored
	events  []event
	bodies  map[int][]byte // opened
	rows    map[string]Item
	digests map[string]seen
}

type seen struct {
	digest Digest
	there  bool
}

func (q *inquiry) deviates(what, where, format string, args ...any) {
	q.found = append(q.found, Deviation{Report: q.id, What: what, Where: where, Detail: fmt.Sprintf(format, args...)})
}

// tries bounds how often a report that moves while it is checked is checked anew.
const tries = 4

// report checks one report. What deviates is looked at once more, and counts only
// if the report stood still meanwhile: other functions write at the same time.
func (c *Checker) report(ctx context.Context, id string) (*inquiry, error) {
	var last *inquiry
	for range tries {
		q := &inquiry{
			Checker: c, ctx: ctx, id: id, now: c.Now(), bodies: make(map[int][]byte), digests: make(map[string]seen),
		}
		if err := q.run(); err != nil {
			return nil, fmt.Errorf("checking report %s: %w", id, err)
		}
		still := last != nil && last.state.Version == q.state.Version
		if last = q; len(q.found) == 0 || still {
			break
		}
	}
	return last, nil
}

func (q *inquiry) run() error {
	there, err := q.load()
	if err != nil || !there {
		return err
	}
	intact := q.chain()
	if err := q.sealed(); err != nil {
		return err
	}
	if intact {
		q.replayed()
	}
	q.effects()
	q.stateItem()
	for _, check := range []func() error{q.projections, q.publications, q.media} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}
