package pdf

import (
	"bytes"
	"math"
)

// lexer reads values from b. base is the offset of b[0] in the file, -1 when b
// was inflated from an object stream. nodes counts the values of the object
// being read.
type lexer struct {
	b     []byte
	pos   int
	base  int
	nodes int
}

func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }

// skip passes white space and comments.
func (l *lexer) skip() {
	for l.pos < len(l.b) {
		c := l.b[l.pos]
		switch {
		case isSpace(c):
			l.pos++
		case c == '%':
			end := bytes.IndexAny(l.b[l.pos:], "\r\n")
			if end < 0 {
				l.pos = len(l.b)
				return
			}
			l.pos += end
		default:
			return
		}
	}
}

func (l *lexer) at() int {
	if l.base < 0 {
		return -1
	}
	return l.base + l.pos
}

// value reads one value. A bare word comes back as a Keyword.
func (l *lexer) value(depth int) (any, error) {
	l.nodes++
	if l.nodes > maxNodes {
		return nil, tooCostly("one object holds more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return nil, tooCostly("arrays and dictionaries nest deeper than %d", maxDepth)
	}
	l.skip()
	if l.pos >= len(l.b) {
		return nil, unparsable("the data ends inside an object")
	}
	switch c := l.b[l.pos]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '<':
		if l.pos+1 < len(l.b) && l.b[l.pos+1] == '<' {
			return l.dict(depth)
		}
		return l.hex()
	case c == '[':
		return l.array(depth)
	case c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9':
		return l.numberOrRef()
	case isRegular(c):
		return l.keyword(), nil
	default:
		return nil, unparsable("unexpected %q at byte %d", c, l.at())
	}
}

// keyword reads a bare word; true, false and null come back as values.
func (l *lexer) keyword() any {
	start := l.pos
	for l.pos < len(l.b) && isRegular(l.b[l.pos]) {
		l.pos++
	}
	word := l.b[start:l.pos]
	switch string(word) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	// A word longer than any that PDF knows is cut, so that it costs nothing.
	return Keyword(word[:min(len(word), 16)])
}

func (l *lexer) name() (any, error) {
	l.pos++
	start := l.pos
	escaped := false
	for l.pos < len(l.b) && isRegular(l.b[l.pos]) {
		escaped = escaped || l.b[l.pos] == '#'
		l.pos++
	}
	raw := l.b[start:l.pos]
	if !escaped {
		return Name(raw), nil
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) && unhex(raw[i+1]) >= 0 && unhex(raw[i+2]) >= 0 {
			out = append(out, byte(unhex(raw[i+1])<<4|unhex(raw[i+2])))
			i += 2
			continue
		}
		out = append(out, raw[i])
	}
	return Name(out), nil
}

func (l *lexer) literal() (any, error) {
	start, open := l.pos, 0
	for ; l.pos < len(l.b); l.pos++ {
		switch l.b[l.pos] {
		case '\\':
			l.pos++
		case '(':
			open++
		case ')':
			open--
			if open == 0 {
				l.pos++
				return l.text(start), nil
			}
		}
	}
	l.pos = len(l.b)
	return nil, unparsable("a string is not closed")
}

func (l *lexer) hex() (any, error) {
	start := l.pos
	for l.pos++; l.pos < len(l.b); l.pos++ {
		switch c := l.b[l.pos]; {
		case c == '>':
			l.pos++
			return l.text(start), nil
		case unhex(c) < 0 && !isSpace(c):
			return nil, unparsable("a hexadecimal string holds %q at byte %d", c, l.at())
		}
	}
	return nil, unparsable("a hexadecimal string is not closed")
}

func (l *lexer) text(start int) String {
	s := String{Raw: l.b[start:l.pos], Start: -1, End: -1}
	if l.base >= 0 {
		s.Start, s.End = l.base+start, l.base+l.pos
	}
	return s
}

func (l *lexer) array(depth int) (any, error) {
	l.pos++
	out := Array{}
	for {
		l.skip()
		if l.pos < len(l.b) && l.b[l.pos] == ']' {
			l.pos++
			return out, nil
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if word, ok := v.(Keyword); ok {
			return nil, unparsable("an array holds the bare word %q before byte %d", word, l.at())
		}
		out = append(out, v)
	}
}

func (l *lexer) dict(depth int) (any, error) {
	l.pos += 2
	out := Dict{}
	for {
		l.skip()
		if bytes.HasPrefix(l.b[l.pos:], []byte(">>")) {
			l.pos += 2
			return out, nil
		}
		if l.pos >= len(l.b) || l.b[l.pos] != '/' {
			return nil, unparsable("a dictionary key is not a name at byte %d", l.at())
		}
		key, err := l.name()
		if err != nil {
			return nil, err
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if word, ok := v.(Keyword); ok {
			return nil, unparsable("a dictionary holds the bare word %q before byte %d", word, l.at())
		}
		out = append(out, Entry{Key: key.(Name), Value: v})
	}
}

// numberOrRef reads a number, or a reference when "generation R" follows.
func (l *lexer) numberOrRef() (any, error) {
	first, err := l.number()
	if err != nil {
		return nil, err
	}
	num, ok := first.(int64)
	if !ok || num < 0 {
		return first, nil
	}
	after := l.pos
	l.skip()
	if gen, ok := l.unsigned(); ok && gen <= math.MaxUint16 {
		l.skip()
		if l.pos < len(l.b) && l.b[l.pos] == 'R' && (l.pos+1 == len(l.b) || !isRegular(l.b[l.pos+1])) {
			l.pos++
			if num > maxObject {
				return nil, unparsable("a reference names object %d", num)
			}
			return Ref{Num: uint32(num), Gen: uint32(gen)}, nil
		}
	}
	l.pos = after
	return first, nil
}

// unsigned reads up to ten digits.
func (l *lexer) unsigned() (int64, bool) {
	start := l.pos
	var n int64
	for l.pos < len(l.b) && l.b[l.pos] >= '0' && l.b[l.pos] <= '9' {
		if l.pos-start >= 10 {
			return 0, false
		}
		n = n*10 + int64(l.b[l.pos]-'0')
		l.pos++
	}
	return n, l.pos > start
}

// number reads an integer or a real. Nothing here computes with reals, so a
// real keeps only what comparing needs.
func (l *lexer) number() (any, error) {
	start, dots, digits := l.pos, 0, 0
	sign, n, fraction := int64(1), int64(0), 0.0
	scale := 0.1
	for ; l.pos < len(l.b) && isRegular(l.b[l.pos]); l.pos++ {
		c := l.b[l.pos]
		switch {
		case c == '-' && l.pos == start:
			sign = -1
		case c == '+' && l.pos == start:
		case c == '.':
			dots++
		case c >= '0' && c <= '9':
			digits++
			if dots > 0 {
				fraction += scale * float64(c-'0')
				scale /= 10
				continue
			}
			if n > (math.MaxInt64-9)/10 {
				return nil, unparsable("a number before byte %d is too large", l.at())
			}
			n = n*10 + int64(c-'0')
		default:
			return nil, unparsable("a number holds %q at byte %d", c, l.at())
		}
	}
	if digits == 0 || dots > 1 {
		return nil, unparsable("a number before byte %d is malformed", l.at())
	}
	if dots == 1 {
		return float64(sign) * (float64(n) + fraction), nil
	}
	return sign * n, nil
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Bytes decodes the string (ISO 32000-1, 7.3.4).
func (s String) Bytes() []byte {
	if len(s.Raw) < 2 {
		return nil
	}
	inner := s.Raw[1 : len(s.Raw)-1]
	if s.Raw[0] == '<' {
		return decodeHex(inner)
	}
	return decodeLiteral(inner)
}

func decodeHex(inner []byte) []byte {
	out := make([]byte, 0, len(inner)/2+1)
	high := -1
	for _, c := range inner {
		v := unhex(c)
		if v < 0 {
			continue
		}
		if high < 0 {
			high = v
			continue
		}
		out = append(out, byte(high<<4|v))
		high = -1
	}
	if high >= 0 {
		out = append(out, byte(high<<4))
	}
	return out
}

func decodeLiteral(inner []byte) []byte {
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c != '\\' || i+1 == len(inner) {
			out = append(out, c)
			continue
		}
		i++
		switch c = inner[i]; c {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case '\r':
			if i+1 < len(inner) && inner[i+1] == '\n' {
				i++
			}
		case '\n':
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := 0
			end := min(i+3, len(inner))
			for ; i < end && inner[i] >= '0' && inner[i] <= '7'; i++ {
				n = n<<3 | int(inner[i]-'0')
			}
			i--
			out = append(out, byte(n))
		default:
			out = append(out, c)
		}
	}
	return out
}
