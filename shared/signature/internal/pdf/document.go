package pdf

import (
	"bytes"
	"context"
)

// Document is a file whose cross-reference chain has been read.
type Document struct {
	Data []byte
	// Sections are the cross-reference sections, newest first.
	Sections []Section
	// Trailer is the newest section's.
	Trailer Dict

	entries map[uint32]entry
	reading map[int]bool // offsets of sections already taken
	objects map[uint32]*objectStream
	room    int // bytes that may still be inflated
	work    int64
}

// Section is one cross-reference section: what one save of the file changed.
type Section struct {
	Offset  int
	Trailer Dict
	Objects []uint32
}

// entry places one object: at offset a of the file, or as the b-th object of
// the object stream a.
type entry struct {
	kind uint8
	b    uint16
	a    uint32
}

const (
	entryFree = iota
	entryPlain
	entryPacked
)

// Open reads the cross-reference chain from the end of the file. It keeps data
// and never copies it.
func Open(data []byte) (*Document, error) {
	if !bytes.HasPrefix(data, []byte("%PDF-")) {
		return nil, refuse(NotPDF, "the file does not begin with %%PDF-")
	}
	d := &Document{
		Data:    data,
		entries: map[uint32]entry{},
		reading: map[int]bool{},
		objects: map[uint32]*objectStream{},
		room:    min(maxInflated, inflateFloor+inflateFactor*len(data)),
	}
	start, err := lastStart(data)
	if err != nil {
		return nil, err
	}
	if err := d.readChain(start); err != nil {
		return nil, err
	}
	d.Trailer = d.Sections[0].Trailer
	return d, nil
}

// lastStart returns the offset that the last "startxref" names.
func lastStart(data []byte) (int, error) {
	at := bytes.LastIndex(data, []byte("startxref"))
	if at < 0 {
		return 0, unparsable("the file has no startxref: it is cut short or damaged")
	}
	start, _, ok := startxrefAt(data, at)
	if !ok {
		return 0, unparsable("the last startxref is not followed by an offset in the file and %%%%EOF: the file is cut short or damaged")
	}
	return start, nil
}

// startxrefAt reads "startxref N %%EOF" at offset at; end is where the line of
// %%EOF ends, its line break included.
func startxrefAt(data []byte, at int) (start, end int, ok bool) {
	l := lexer{b: data, pos: at + len("startxref")}
	l.skipSpace()
	n, ok := l.unsigned()
	if !ok || n >= int64(len(data)) {
		return 0, 0, false
	}
	l.skipSpace()
	if !bytes.HasPrefix(data[l.pos:], []byte("%%EOF")) {
		return 0, 0, false
	}
	end = l.pos + len("%%EOF")
	if bytes.HasPrefix(data[end:], []byte("\r\n")) {
		end += 2
	} else if end < len(data) && (data[end] == '\n' || data[end] == '\r') {
		end++
	}
	return int(n), end, true
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.b) && isSpace(l.b[l.pos]) {
		l.pos++
	}
}

// RevisionEnds reports whether a save of the file ends exactly at offset end:
// "startxref N %%EOF" stands before it, N is a section of the chain, and each
// newer section lies behind. It returns the sections that were there then,
// newest first.
func (d *Document) RevisionEnds(end int) ([]Section, bool) {
	if end <= 0 || end > len(d.Data) {
		return nil, false
	}
	at := bytes.LastIndex(d.Data[:end], []byte("startxref"))
	if at < 0 {
		return nil, false
	}
	start, eof, ok := startxrefAt(d.Data[:end], at)
	if !ok {
		return nil, false
	}
	for ; eof < end; eof++ {
		if !isSpace(d.Data[eof]) {
			return nil, false
		}
	}
	for i, s := range d.Sections {
		if s.Offset == start {
			for _, older := range d.Sections[i:] {
				if older.Offset >= end {
					return nil, false
				}
			}
			return d.Sections[i:], true
		}
		if s.Offset < end {
			return nil, false
		}
	}
	return nil, false
}

// Known reports whether the object has a place in the file.
func (d *Document) Known(num uint32) bool { return d.entries[num].kind != entryFree }

// Object reads one object; nil if it does not exist, which is what ISO 32000-1
// 7.3.10 makes of a reference to nothing.
func (d *Document) Object(num uint32) (any, error) {
	e := d.entries[num]
	switch e.kind {
	case entryPlain:
		v, _, err := d.objectAt(int(e.a), num, lengthAnywhere)
		return v, err
	case entryPacked:
		return d.packed(num, e)
	}
	return nil, nil
}

// Resolve follows references to a value.
func (d *Document) Resolve(v any) (any, error) {
	for range 8 {
		ref, ok := v.(Ref)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = d.Object(ref.Num); err != nil {
			return nil, err
		}
	}
	return nil, unparsable("a reference leads through more than eight references")
}

// ResolveDict is Resolve for what must be a dictionary or null.
func (d *Document) ResolveDict(v any, what string) (Dict, error) {
	v, err := d.Resolve(v)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case nil:
		return nil, nil
	case Dict:
		return x, nil
	}
	return nil, unparsable("%s is not a dictionary", what)
}

// ResolveArray is Resolve for what must be an array or null.
func (d *Document) ResolveArray(v any, what string) (Array, error) {
	v, err := d.Resolve(v)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case nil:
		return nil, nil
	case Array:
		return x, nil
	}
	return nil, unparsable("%s is not an array", what)
}

// spend counts bytes looked at: overlapping objects would otherwise make the
// work quadratic in the size of the file.
func (d *Document) spend(n int) error {
	d.work += int64(n)
	if d.work > workFloor+workFactor*int64(len(d.Data)) {
		return tooCostly("reading the file takes more than %d times its size", workFactor)
	}
	return nil
}

// lengths says where the length of a stream may stand. Each kind of object may
// only lean on simpler ones, so that reading one never leads back to itself.
type lengths int

const (
	lengthHere     lengths = iota // in the dictionary: cross-reference streams
	lengthPlain                   // or in an object of its own: object streams
	lengthAnywhere                // or in an object stream: everything else
)

// objectAt reads "num gen obj …" at an offset and returns where it ends.
func (d *Document) objectAt(offset int, num uint32, may lengths) (v any, end int, err error) {
	l := lexer{b: d.Data, pos: offset}
	defer func() {
		if spent := d.spend(l.pos - offset); err == nil {
			err = spent
		}
	}()
	l.skip()
	found, ok := l.unsigned()
	l.skip()
	_, hasGen := l.unsigned()
	l.skip()
	if !ok || !hasGen || !l.word("obj") || uint32(found) != num || found > maxObject {
		return nil, 0, unparsable("object %d is not where the cross-reference says, at byte %d", num, offset)
	}
	if v, err = l.value(0); err != nil {
		return nil, 0, err
	}
	if word, ok := v.(Keyword); ok {
		if word == "endobj" { // an empty object reads as null
			return nil, l.pos, nil
		}
		return nil, 0, unparsable("object %d is the bare word %q", num, word)
	}
	l.skip()
	if l.word("endobj") {
		return v, l.pos, nil
	}
	dict, isDict := v.(Dict)
	if !isDict || !l.word("stream") {
		return nil, 0, unparsable("object %d does not end where it should", num)
	}
	s, err := d.stream(&l, dict, num, may)
	return s, l.pos, err
}

// word takes a bare word if it stands next.
func (l *lexer) word(w string) bool {
	end := l.pos + len(w)
	if end > len(l.b) || string(l.b[l.pos:end]) != w || (end < len(l.b) && isRegular(l.b[end])) {
		return false
	}
	l.pos = end
	return true
}

// Walk reads every object that can be reached from the trailer once, so that
// "parses" means the whole document and not only the way to its signatures.
func (d *Document) Walk(ctx context.Context) error {
	root, err := d.ResolveDict(d.Trailer.Get("Root"), "the catalogue")
	if err != nil {
		return err
	}
	if pages, err := d.ResolveDict(root.Get("Pages"), "the page tree"); err != nil {
		return err
	} else if pages == nil {
		return unparsable("the file has no page tree")
	}
	_, err = d.Referenced(ctx)
	return err
}

// Referenced reads every object that can be reached from the trailer and returns
// the number of each that is referred to, whether it exists or not.
func (d *Document) Referenced(ctx context.Context) (map[uint32]struct{}, error) {
	w := walker{doc: d, seen: map[uint32]struct{}{}}
	if err := w.take(d.Trailer); err != nil {
		return nil, err
	}
	for len(w.queue) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		num := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		v, err := d.Object(num)
		if err != nil {
			return nil, err
		}
		if err := w.take(v); err != nil {
			return nil, err
		}
	}
	return w.seen, nil
}

type walker struct {
	doc   *Document
	seen  map[uint32]struct{}
	queue []uint32
}

// take queues what a value refers to; the lexer has bounded its depth.
func (w *walker) take(v any) error {
	switch x := v.(type) {
	case Ref:
		if _, ok := w.seen[x.Num]; ok {
			return nil
		}
		w.seen[x.Num] = struct{}{}
		if len(w.seen) > maxEntries {
			return tooCostly("the file refers to more than %d objects", maxEntries)
		}
		if w.doc.Known(x.Num) {
			w.queue = append(w.queue, x.Num)
		}
	case Array:
		for _, e := range x {
			if err := w.take(e); err != nil {
				return err
			}
		}
	case Dict:
		if x.Get("Type") == Name("EncryptedPayload") {
			return refuse(Encrypted, "the file carries an encrypted document inside")
		}
		for _, e := range x {
			if err := w.take(e.Value); err != nil {
				return err
			}
		}
	case Stream:
		if err := w.doc.checkFilters(x.Dict, true); err != nil {
			return err
		}
		return w.take(x.Dict)
	}
	return nil
}
