package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

// stream reads what follows the word "stream". The length must be right: the
// place where a stream ends must not depend on who reads it.
func (d *Document) stream(l *lexer, dict Dict, num uint32, may lengths) (Stream, error) {
	switch {
	case bytes.HasPrefix(l.b[l.pos:], []byte("\r\n")):
		l.pos += 2
	case l.pos < len(l.b) && (l.b[l.pos] == '\n' || l.b[l.pos] == '\r'):
		l.pos++
	}
	length, err := d.streamLength(dict, num, may)
	if err != nil {
		return Stream{}, err
	}
	start := l.pos
	if length < 0 || length > int64(len(l.b)-start) {
		return Stream{}, unparsable("the stream of object %d claims a length that the file does not have", num)
	}
	end := start + int(length)
	after := lexer{b: l.b, pos: end}
	after.skipSpace()
	if !after.word("endstream") {
		return Stream{}, unparsable("the stream of object %d does not end where its length says", num)
	}
	if after.skip(); !after.word("endobj") {
		return Stream{}, unparsable("object %d does not end after its stream", num)
	}
	if err := d.spend(after.pos - end); err != nil {
		return Stream{}, err
	}
	// l stays before the data: passing over it costs nothing.
	return Stream{Dict: dict, Start: start, End: end}, nil
}

func (d *Document) streamLength(dict Dict, num uint32, may lengths) (int64, error) {
	switch v := dict.Get("Length").(type) {
	case int64:
		return v, nil
	case Ref:
		var length any
		var err error
		e := d.entries[v.Num]
		switch {
		case e.kind == entryPlain && may >= lengthPlain:
			length, _, err = d.objectAt(int(e.a), v.Num, lengthHere)
		case e.kind == entryPacked && may == lengthAnywhere:
			length, err = d.packed(v.Num, e)
		}
		if err != nil {
			return 0, err
		}
		if n, ok := length.(int64); ok {
			return n, nil
		}
	}
	return 0, unparsable("the stream of object %d has no length", num)
}

// inflate returns the decoded bytes of a structure stream: raw, or Flate with or
// without a PNG predictor.
func (d *Document) inflate(s Stream) ([]byte, error) {
	if err := d.checkFilters(s.Dict, false); err != nil {
		return nil, err
	}
	raw := d.Data[s.Start:s.End]
	filter, parms := s.Dict.Get("Filter"), s.Dict.Get("DecodeParms")
	if list, ok := filter.(Array); ok && len(list) <= 1 {
		filter = nil
		if len(list) == 1 {
			filter = list[0]
		}
		if p, ok := parms.(Array); ok && len(p) > 0 {
			parms = p[0]
		}
	}
	switch filter {
	case nil:
		return raw, nil
	case Name("FlateDecode"), Name("Fl"):
	default:
		return nil, unparsable("a cross-reference or object stream is not compressed with Flate")
	}
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, unparsable("a cross-reference or object stream does not inflate")
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(d.room)+1))
	if len(out) > d.room {
		return nil, tooCostly("the cross-reference and object streams inflate out of proportion to the file")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unparsable("a cross-reference or object stream does not inflate")
	}
	d.room -= len(out)
	p, _ := parms.(Dict)
	return unpredict(out, p)
}

// unpredict undoes the PNG predictors in place (ISO 32000-1, 7.4.4.4).
func unpredict(b []byte, parms Dict) ([]byte, error) {
	predictor, _ := parms.Get("Predictor").(int64)
	if predictor <= 1 {
		return b, nil
	}
	if predictor < 10 {
		return nil, unparsable("a cross-reference or object stream uses the TIFF predictor")
	}
	pixel, row, err := rowBytes(parms)
	if err != nil {
		return nil, err
	}
	var prior []byte
	out := b[:0]
	for len(b) > 0 {
		if len(b) < row+1 {
			return nil, unparsable("a predicted stream ends inside a row")
		}
		kind := b[0]
		// The decoded row is written one byte for each row before it, so it never
		// overtakes what is still to be read.
		start := len(out)
		out = append(out, b[1:row+1]...)
		current := out[start:]
		if !unfilter(kind, current, prior, pixel) {
			return nil, unparsable("a predicted stream uses an unknown row filter")
		}
		prior, b = current, b[row+1:]
	}
	return out, nil
}

// rowBytes returns the bytes of a pixel and of a row, bounded before anything
// is made of them.
func rowBytes(parms Dict) (pixel, row int, err error) {
	n := [3]int64{1, 8, 1}
	for i, key := range []Name{"Colors", "BitsPerComponent", "Columns"} {
		switch v := parms.Get(key).(type) {
		case nil:
		case int64:
			n[i] = v
		default:
			return 0, 0, unparsable("/%s of a predictor is not a number", key)
		}
		if n[i] < 1 || n[i] > maxRowBytes*8 {
			return 0, 0, tooCostly("/%s of a predictor is out of bounds", key)
		}
	}
	bits := n[0] * n[1]
	if bits > maxRowBytes*8 || bits*n[2] > maxRowBytes*8 {
		return 0, 0, tooCostly("a predictor asks for rows of more than %d bytes", maxRowBytes)
	}
	return int(bits+7) / 8, int(bits*n[2]+7) / 8, nil
}

func unfilter(kind byte, row, prior []byte, pixel int) bool {
	for i := range row {
		var left, up, corner int
		if i >= pixel {
			left = int(row[i-pixel])
		}
		if prior != nil {
			up = int(prior[i])
			if i >= pixel {
				corner = int(prior[i-pixel])
			}
		}
		switch kind {
		case 0:
		case 1:
			row[i] += byte(left)
		case 2:
			row[i] += byte(up)
		case 3:
			row[i] += byte((left + up) / 2)
		case 4:
			row[i] += byte(paeth(left, up, corner))
		default:
			return false
		}
	}
	return true
}

func paeth(left, up, corner int) int {
	p := left + up - corner
	dl, du, dc := abs(p-left), abs(p-up), abs(p-corner)
	if dl <= du && dl <= dc {
		return left
	}
	if du <= dc {
		return up
	}
	return corner
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// checkFilters refuses what would cost a later reader gigabytes though the file
// is small: filters that expand one another's output, and predictors with rows
// of any length. One Flate alone expands at most 1,032 times.
//
// A structure stream (indirect false) must say it in its own dictionary: what
// stands elsewhere may lie in the very stream that is being opened.
func (d *Document) checkFilters(dict Dict, indirect bool) error {
	filters, err := d.list(dict.Get("Filter"), indirect)
	if err != nil {
		return err
	}
	if len(filters) > maxFilters {
		return tooCostly("a stream has more than %d filters", maxFilters)
	}
	expanding := 0
	for _, f := range filters {
		switch f {
		case Name("FlateDecode"), Name("Fl"), Name("LZWDecode"), Name("LZW"), Name("RunLengthDecode"), Name("RL"):
			expanding++
		case Name("Crypt"):
			return refuse(Encrypted, "a stream of the file has the Crypt filter")
		}
	}
	if expanding > 1 {
		return tooCostly("a stream has filters that expand one another")
	}
	parms := dict.Get("DecodeParms")
	if parms == nil {
		parms = dict.Get("DP")
	}
	list, err := d.list(parms, indirect)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p, ok := p.(Dict); ok && p.Get("Predictor") != nil {
			if _, _, err := rowBytes(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// list resolves a value that may be one or an array of them.
func (d *Document) list(v any, indirect bool) (Array, error) {
	resolve := d.Resolve
	if !indirect {
		resolve = func(v any) (any, error) {
			if _, ok := v.(Ref); ok {
				return nil, unparsable("a cross-reference or object stream has filters by reference")
			}
			return v, nil
		}
	}
	v, err := resolve(v)
	if err != nil || v == nil {
		return nil, err
	}
	list, ok := v.(Array)
	if !ok {
		return Array{v}, nil
	}
	if len(list) > maxFilters {
		return nil, tooCostly("a stream has more than %d filters", maxFilters)
	}
	out := make(Array, len(list))
	for i := range list {
		if out[i], err = resolve(list[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// objectStream is an inflated object stream and where its objects lie.
type objectStream struct {
	body    []byte
	numbers []uint32
	offsets []int
}

// packed reads an object out of an object stream (ISO 32000-1, 7.5.7).
func (d *Document) packed(num uint32, e entry) (any, error) {
	s, err := d.objectStream(e.a)
	if err != nil {
		return nil, err
	}
	i := int(e.b)
	if i >= len(s.numbers) || s.numbers[i] != num {
		return nil, unparsable("object %d is not in the object stream that the cross-reference names", num)
	}
	l := lexer{b: s.body, pos: s.offsets[i], base: -1}
	v, err := l.value(0)
	if err != nil {
		return nil, err
	}
	if err := d.spend(l.pos - s.offsets[i]); err != nil {
		return nil, err
	}
	if word, ok := v.(Keyword); ok {
		return nil, unparsable("object %d is the bare word %q", num, word)
	}
	return v, nil
}

func (d *Document) objectStream(num uint32) (*objectStream, error) {
	if s, ok := d.objects[num]; ok {
		return s, nil
	}
	e := d.entries[num]
	if e.kind != entryPlain {
		return nil, unparsable("object stream %d is not an object of the file", num)
	}
	v, _, err := d.objectAt(int(e.a), num, lengthPlain)
	if err != nil {
		return nil, err
	}
	raw, ok := v.(Stream)
	if !ok || raw.Dict.Get("Type") != Name("ObjStm") {
		return nil, unparsable("object %d is not an object stream", num)
	}
	body, err := d.inflate(raw)
	if err != nil {
		return nil, err
	}
	first, ok := raw.Dict.Get("First").(int64)
	count, ok2 := raw.Dict.Get("N").(int64)
	// Each object takes at least four bytes of the table: "1 0 ".
	if !ok || !ok2 || first < 0 || first > int64(len(body)) || count < 0 || count > first/2 {
		return nil, unparsable("object stream %d claims more objects than it holds", num)
	}
	s := &objectStream{body: body}
	l := lexer{b: body[:first], base: -1}
	for range count {
		l.skip()
		n, ok := l.unsigned()
		l.skip()
		at, ok2 := l.unsigned()
		if !ok || !ok2 || n > maxObject || first+at > int64(len(body)) {
			return nil, unparsable("the table of object stream %d is malformed", num)
		}
		s.numbers = append(s.numbers, uint32(n))
		s.offsets = append(s.offsets, int(first+at))
	}
	d.objects[num] = s
	return s, nil
}
