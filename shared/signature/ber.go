package signature

import "errors"

// The bounds of a signature's encoding. With revocation lists inside, real ones
// reach some hundred kilobytes.
const (
	maxToken      = 2 << 20
	maxBERDepth   = 32
	maxBERParts   = 200_000
	maxIndefinite = 2_000 // parts of objects without a length
)

var errBER = errors.New("its encoding is malformed")

// boundBER returns the length of the first object of b, which may be in BER (some
// signers write it though ISO 32000-1 12.8.3.3 asks for DER), and refuses what
// would make a recursive reader nest or copy without measure.
func boundBER(b []byte) (int, error) {
	type open struct {
		end        int // -1: ends at an end-of-contents mark
		indefinite bool
	}
	var stack []open
	pos, parts, loose := 0, 0, 0
	for {
		for len(stack) > 0 && !stack[len(stack)-1].indefinite && pos == stack[len(stack)-1].end {
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 && stack[len(stack)-1].indefinite && pos+1 < len(b) && b[pos] == 0 && b[pos+1] == 0 {
			pos += 2
			stack = stack[:len(stack)-1]
			if len(stack) == 0 {
				return pos, nil
			}
			continue
		}
		if len(stack) == 0 && parts > 0 {
			return pos, nil
		}
		limit := len(b)
		for _, o := range stack {
			if !o.indefinite {
				limit = min(limit, o.end)
			}
		}
		h, err := readHeader(b[:limit], pos)
		if err != nil {
			return 0, err
		}
		parts++
		if len(stack) > 0 && stack[len(stack)-1].indefinite {
			loose++
		}
		if parts > maxBERParts || loose > maxIndefinite || len(stack) >= maxBERDepth {
			return 0, errors.New("its encoding nests too deeply or has too many parts")
		}
		pos = h.content
		switch {
		case h.indefinite:
			stack = append(stack, open{end: -1, indefinite: true})
		case h.constructed:
			stack = append(stack, open{end: h.content + h.length})
		default:
			pos += h.length
		}
	}
}

type berHeader struct {
	content, length         int
	constructed, indefinite bool
}

// readHeader reads tag and length at pos; the content lies within b. Tags above
// 30 do not occur in a signature.
func readHeader(b []byte, pos int) (berHeader, error) {
	if pos+2 > len(b) || b[pos]&0x1f == 0x1f {
		return berHeader{}, errBER
	}
	h := berHeader{constructed: b[pos]&0x20 != 0}
	n := int(b[pos+1])
	pos += 2
	switch {
	case n == 0x80:
		if !h.constructed {
			return h, errBER
		}
		h.indefinite, h.content = true, pos
		return h, nil
	case n > 0x80:
		count := n & 0x7f
		if count > 4 || pos+count > len(b) {
			return h, errBER
		}
		n = 0
		for range count {
			n = n<<8 | int(b[pos])
			pos++
		}
	}
	if n < 0 || n > len(b)-pos {
		return h, errBER
	}
	h.content, h.length = pos, n
	return h, nil
}
