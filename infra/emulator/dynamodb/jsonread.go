package dynamodb

import (
	"encoding/base64"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A reader walks one JSON document. The requests are decoded by hand because each call would otherwise spend most of
// its time in reflection on maps of one-key objects.
type reader struct {
	b     []byte
	i     int
	depth int
}

// maxJSONDepth is far above what 32 nested attribute levels need and keeps a hostile document from exhausting the stack.
const maxJSONDepth = 200

func (r *reader) malformed(what string) *fault {
	return &fault{code: codeSerialization, message: "reading the request: " + what + " at byte " + strconv.Itoa(r.i)}
}

func (r *reader) space() {
	for r.i < len(r.b) {
		switch r.b[r.i] {
		case ' ', '\t', '\r', '\n':
			r.i++
		default:
			return
		}
	}
}

// peek returns the next byte that is not white space, 0 at the end.
func (r *reader) peek() byte {
	r.space()
	if r.i < len(r.b) {
		return r.b[r.i]
	}
	return 0
}

func (r *reader) accept(c byte) bool {
	if r.peek() == c {
		r.i++
		return true
	}
	return false
}

// end checks that nothing follows the document.
func (r *reader) end() *fault {
	if r.peek() != 0 || r.i < len(r.b) {
		return r.malformed("unexpected text after the document")
	}
	return nil
}

// object calls field for each key with the reader before its value.
func (r *reader) object(field func(key string) *fault) *fault {
	if !r.accept('{') {
		return r.malformed("an object was expected")
	}
	if r.depth++; r.depth > maxJSONDepth {
		return r.malformed("nesting too deep")
	}
	defer func() { r.depth-- }()
	if r.accept('}') {
		return nil
	}
	for {
		key, f := r.text()
		if f != nil {
			return f
		}
		if !r.accept(':') {
			return r.malformed("a colon was expected")
		}
		if f := field(key); f != nil {
			return f
		}
		if r.accept('}') {
			return nil
		}
		if !r.accept(',') {
			return r.malformed("a comma was expected")
		}
	}
}

// array calls element with the reader before each element.
func (r *reader) array(element func() *fault) *fault {
	if !r.accept('[') {
		return r.malformed("an array was expected")
	}
	if r.depth++; r.depth > maxJSONDepth {
		return r.malformed("nesting too deep")
	}
	defer func() { r.depth-- }()
	if r.accept(']') {
		return nil
	}
	for {
		if f := element(); f != nil {
			return f
		}
		if r.accept(']') {
			return nil
		}
		if !r.accept(',') {
			return r.malformed("a comma was expected")
		}
	}
}

// text reads a string.
func (r *reader) text() (string, *fault) {
	if !r.accept('"') {
		return "", r.malformed("a string was expected")
	}
	start := r.i
	for r.i < len(r.b) {
		switch c := r.b[r.i]; {
		case c == '"':
			s := string(r.b[start:r.i])
			r.i++
			if !utf8.ValidString(s) {
				return "", r.malformed("a string that is not UTF-8")
			}
			return s, nil
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			return "", r.malformed("a control character in a string")
		default:
			r.i++
		}
	}
	return "", r.malformed("an unfinished string")
}

// escaped goes on from the first backslash of a string that began at start.
func (r *reader) escaped(start int) (string, *fault) {
	out := append(make([]byte, 0, r.i-start+32), r.b[start:r.i]...)
	for r.i < len(r.b) {
		c := r.b[r.i]
		r.i++
		switch {
		case c == '"':
			if !utf8.Valid(out) {
				return "", r.malformed("a string that is not UTF-8")
			}
			return string(out), nil
		case c < ' ':
			return "", r.malformed("a control character in a string")
		case c != '\\':
			out = append(out, c)
			continue
		}
		var ok bool
		if out, ok = r.escape(out); !ok {
			return "", r.malformed("an unknown escape")
		}
	}
	return "", r.malformed("an unfinished string")
}

func (r *reader) escape(out []byte) ([]byte, bool) {
	if r.i >= len(r.b) {
		return out, false
	}
	c := r.b[r.i]
	r.i++
	switch c {
	case '"', '\\', '/':
		return append(out, c), true
	case 'b':
		return append(out, '\b'), true
	case 'f':
		return append(out, '\f'), true
	case 'n':
		return append(out, '\n'), true
	case 'r':
		return append(out, '\r'), true
	case 't':
		return append(out, '\t'), true
	case 'u':
		first, ok := r.hex4()
		if !ok {
			return out, false
		}
		if utf16.IsSurrogate(first) && r.i+1 < len(r.b) && r.b[r.i] == '\\' && r.b[r.i+1] == 'u' {
			back := r.i
			r.i += 2
			second, ok := r.hex4()
			if pair := utf16.DecodeRune(first, second); ok && pair != utf8.RuneError {
				return utf8.AppendRune(out, pair), true
			}
			r.i = back
		}
		return utf8.AppendRune(out, first), true
	}
	return out, false
}

func (r *reader) hex4() (rune, bool) {
	if r.i+4 > len(r.b) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(r.b[r.i:r.i+4]), 16, 16)
	r.i += 4
	return rune(n), err == nil
}

// bytes reads a string of base64.
func (r *reader) bytes() (string, *fault) {
	s, f := r.text()
	if f != nil {
		return "", f
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", r.malformed("a binary value that is not base64")
	}
	return string(raw), nil
}

func (r *reader) word(w string) bool {
	if r.i+len(w) <= len(r.b) && string(r.b[r.i:r.i+len(w)]) == w {
		r.i += len(w)
		return true
	}
	return false
}

func (r *reader) boolean() (bool, *fault) {
	r.space()
	switch {
	case r.word("true"):
		return true, nil
	case r.word("false"):
		return false, nil
	}
	return false, r.malformed("true or false was expected")
}

// null reports whether a null stands here, and passes it.
func (r *reader) null() bool {
	r.space()
	return r.word("null")
}

func (r *reader) integer() (int, *fault) {
	r.space()
	start := r.i
	for r.i < len(r.b) && (r.b[r.i] == '-' || r.b[r.i] >= '0' && r.b[r.i] <= '9') {
		r.i++
	}
	n, err := strconv.Atoi(string(r.b[start:r.i]))
	if err != nil {
		return 0, r.malformed("an integer was expected")
	}
	return n, nil
}

// skip passes any value.
func (r *reader) skip() *fault {
	switch c := r.peek(); {
	case c == '{':
		return r.object(func(string) *fault { return r.skip() })
	case c == '[':
		return r.array(r.skip)
	case c == '"':
		_, f := r.text()
		return f
	case r.word("true"), r.word("false"), r.word("null"):
		return nil
	case c == '-' || c >= '0' && c <= '9':
		for r.i < len(r.b) {
			switch c := r.b[r.i]; {
			case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
				r.i++
				continue
			}
			break
		}
		return nil
	}
	return r.malformed("a value was expected")
}
