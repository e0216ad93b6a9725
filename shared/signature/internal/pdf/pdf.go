// Package pdf reads just enough of a PDF to find its signatures, on files that
// nobody vouches for: cross-reference tables, cross-reference streams, hybrid
// files, object streams, incremental updates, and the objects that can be
// reached from the catalogue (ISO 32000-1, 7.3 and 7.5).
//
// Every cost is bounded by the size of the file before it is paid: nesting is
// counted, nothing is allocated because the file claims a size (/Size, /N,
// /Index, /Length, /Columns), inflating stops at a limit, cross-reference
// chains are walked once, and the bytes looked at are counted against a budget
// that is a small multiple of the file. Page content and images are never
// decoded. A file that would cost more is refused with [TooCostly]; it never
// overflows the stack and never asks for memory out of proportion, both of
// which would end the process past any recover.
//
// It holds no policy, no cryptography, and imports nothing but the standard
// library.
package pdf

import "fmt"

// Kind says why a file was refused.
type Kind int

// The reasons, in the order in which they are looked for.
const (
	NotPDF Kind = iota + 1
	Encrypted
	Unparsable
	TooCostly
)

// Error refuses a file. Detail names places and rules, never content.
type Error struct {
	Kind   Kind
	Detail string
}

func (e *Error) Error() string { return e.Detail }

func refuse(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

func unparsable(format string, args ...any) error { return refuse(Unparsable, format, args...) }
func tooCostly(format string, args ...any) error  { return refuse(TooCostly, format, args...) }

// The bounds. ISO 32000-1 Annex C gives 8,191 array elements and 8,388,607
// objects as what readers must expect; real results of 20 MiB stay far below
// each of these.
const (
	maxDepth      = 64        // arrays and dictionaries inside one another
	maxNodes      = 200_000   // values in one object
	maxObject     = 8_388_607 // the highest object number
	maxEntries    = 300_000   // cross-reference entries over all sections
	maxSections   = 512       // incremental updates
	maxInflated   = 64 << 20  // bytes inflated over all structure streams, and
	inflateFloor  = 1 << 20   // of a small file no more than this
	inflateFactor = 64        // plus this many times its size
	maxRowBytes   = 1 << 20   // one predictor row: Columns × Colors × BitsPerComponent
	maxFilters    = 4         // filters on one stream
	workFactor    = 8         // bytes looked at, as a multiple of the file
	workFloor     = 1 << 20
)

// Name is a name object, decoded.
type Name string

// Ref is an indirect reference.
type Ref struct {
	Num uint32
	Gen uint32
}

// String is a literal or hexadecimal string as it stands in the file, with its
// delimiters. Start and End are offsets in the file, -1 for a string inside an
// object stream.
type String struct {
	Raw        []byte
	Start, End int
}

// Array is an array object.
type Array []any

// Entry is one key and its value.
type Entry struct {
	Key   Name
	Value any
}

// Dict keeps the entries in the order of the file, a repeated key twice.
type Dict []Entry

// Stream is a stream object; its raw bytes are data[Start:End].
type Stream struct {
	Dict       Dict
	Start, End int
}

// Keyword is a bare word where a value was expected: obj, endobj, stream.
type Keyword string

// Get returns the first value under key, nil if there is none.
func (d Dict) Get(key Name) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Repeats reports whether a key stands twice, so that two readers could read
// two different dictionaries.
func (d Dict) Repeats() bool {
	seen := make(map[Name]bool, len(d))
	for _, e := range d {
		if seen[e.Key] {
			return true
		}
		seen[e.Key] = true
	}
	return false
}

// Equal compares two values without regard to where they stand.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case String:
		y, ok := b.(String)
		return ok && string(x.Bytes()) == string(y.Bytes())
	case Array:
		y, ok := b.(Array)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case Dict:
		y, ok := b.(Dict)
		return ok && equalDicts(x, y)
	case Stream:
		return false
	default:
		switch b.(type) {
		case Array, Dict, Stream:
			return false
		}
		return a == b
	}
}

func equalDicts(x, y Dict) bool {
	if len(x) != len(y) || x.Repeats() || y.Repeats() {
		return false
	}
	other := make(map[Name]any, len(y))
	for _, e := range y {
		other[e.Key] = e.Value
	}
	for _, e := range x {
		v, ok := other[e.Key]
		if !ok || !Equal(e.Value, v) {
			return false
		}
	}
	return true
}
