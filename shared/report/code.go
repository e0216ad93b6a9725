package report

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// crockford is Crockford's base32 alphabet, with the five further check symbols
// of its modulo 37 check character (https://www.crockford.com/base32.html).
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"

// Code is the tracking code of the i-th attempt of one act of one account:
// "PA-", ten characters for 50 bits of SHA-256(account, key, i), and a check
// character. The same act always has the same code, so a repeat finds its report.
func Code(account, key string, i int) string {
	h := sha256.New()
	for _, part := range []string{account, key} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(i))
	h.Write(n[:])
	return format(binary.BigEndian.Uint64(h.Sum(nil)[:8]) >> 14)
}

func format(bits uint64) string {
	var b [14]byte
	copy(b[:], "PA-")
	v := bits
	for i := 12; i >= 3; i-- {
		b[i] = crockford[v&31]
		v >>= 5
	}
	b[13] = crockford[bits%37]
	return string(b[:])
}

// ParseCode reads a tracking code as people type it: any case, spaces or hyphens
// anywhere, O for 0, I and L for 1. It reports false when the length, a
// character or the check character is wrong.
func ParseCode(s string) (string, bool) {
	if len(s) > 40 {
		return "", false
	}
	s = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s))
	s, ok := strings.CutPrefix(s, "PA")
	if !ok || len(s) != 11 {
		return "", false
	}
	var bits uint64
	for i := range 10 {
		v := strings.IndexByte(crockford[:32], plain(s[i]))
		if v < 0 {
			return "", false
		}
		bits = bits<<5 | uint64(v)
	}
	check := strings.IndexByte(crockford, s[10])
	if check < 0 {
		check = strings.IndexByte(crockford, plain(s[10]))
	}
	if check < 0 || uint64(check) != bits%37 {
		return "", false
	}
	return format(bits), true
}

func plain(c byte) byte {
	switch c {
	case 'O':
		return '0'
	case 'I', 'L':
		return '1'
	}
	return c
}
