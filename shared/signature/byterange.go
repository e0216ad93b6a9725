package signature

import (
	"bytes"

	"paht/shared/signature/internal/pdf"
)

// checkRange holds one signature against the rule of the gap: /ByteRange is
// [0 a b c], what lies between a and b is the string of /Contents with its
// delimiters and nothing else, and what is covered ends where a revision of the
// file ends, the one that brought the signature. It reports whether the range
// can be used to judge the signature.
func checkRange(doc *pdf.Document, s *signed, f *findings) bool {
	bad := func(detail string) bool {
		f.add(RuleByteRange, "signature %q: %s", s.name, detail)
		return false
	}
	if s.dict.Repeats() {
		return bad("its dictionary has a key twice")
	}
	if len(s.contents.Raw) < 2 || s.contents.Start < 0 {
		return bad("/Contents does not stand in the file as a string")
	}
	r, ok := s.dict.Get("ByteRange").(pdf.Array)
	if !ok || len(r) != 4 {
		return bad("/ByteRange is not four numbers")
	}
	var n [4]int
	for i, v := range r {
		x, ok := v.(int64)
		if !ok || x < 0 || x > int64(len(doc.Data)) {
			return bad("/ByteRange leaves the file")
		}
		n[i] = int(x)
	}
	start, gapEnd, end := n[1], n[2], n[2]+n[3]
	switch {
	case n[0] != 0:
		return bad("/ByteRange does not begin at the first byte")
	case end > len(doc.Data):
		return bad("/ByteRange leaves the file")
	case gapEnd < start:
		return bad("the parts of /ByteRange overlap")
	case start > s.contents.Start || gapEnd < s.contents.End:
		return bad("/ByteRange leaves out something other than /Contents")
	case start < s.contents.Start || gapEnd > s.contents.End:
		f.add(RuleGap, "signature %q: /ByteRange leaves out more than the signature itself", s.name)
		return false
	case s.contents.Raw[0] != '<':
		return bad("/Contents is not a hexadecimal string")
	}
	s.gapStart, s.gapEnd, s.end = start, gapEnd, end
	sections, ok := doc.RevisionEnds(end)
	if !ok {
		return bad("what it covers does not end at the end of a revision of the file")
	}
	if coversLaterRevision(sections, gapEnd) {
		return bad("it covers more than the revision that brought it")
	}
	return true
}

// coversLaterRevision reports whether the revision before the one that ends the
// range begins behind the gap. A linearised file (its first section stands
// before its second) and a hybrid one have two sections in one revision.
func coversLaterRevision(sections []pdf.Section, gapEnd int) bool {
	if len(sections) < 2 {
		return false
	}
	newest, older := sections[0], sections[1]
	return older.Offset >= gapEnd && newest.Offset > older.Offset && newest.Trailer.Get("XRefStm") == nil
}

// token returns the bytes of the signature in the gap. After it only zeros may
// follow: nothing else there is covered by anything.
func (s *signed) token(f *findings) ([]byte, bool) {
	inner := s.contents.Raw[1 : len(s.contents.Raw)-1]
	if len(inner) > 2*maxToken {
		f.add(RuleTooCostly, "signature %q: it is larger than %d bytes", s.name, maxToken)
		return nil, false
	}
	raw := s.contents.Bytes()
	if len(raw)*2 != len(inner) {
		f.add(RuleGap, "signature %q: /Contents holds more than the digits of the signature", s.name)
		return nil, false
	}
	size, err := boundBER(raw)
	if err != nil {
		f.add(RuleUnreadable, "signature %q: %v", s.name, err)
		return nil, false
	}
	if len(bytes.Trim(raw[size:], "\x00")) > 0 {
		f.add(RuleGap, "signature %q: /Contents holds more than the signature and zeros after it", s.name)
		return nil, false
	}
	return raw[:size], true
}
