// Package vietnamese judges whether a text is Vietnamese written with its
// diacritics (Art. 9.2 of Decision 1433/QĐ-UBND), folds texts for search, and
// compares names without regard to how their tone marks were typed.
//
// It works on spelling alone: tables of onsets and rimes, no list of words. It
// imports the standard library and golang.org/x/text/unicode/norm, and must
// never import AWS, HTTP, or another package of this module.
package vietnamese

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The five tone marks, as combining characters. The sixth tone (ngang) has no
// mark. Circumflex, breve and horn are no tones: they make other letters.
const (
	grave     = '\u0300' // huyền
	acute     = '\u0301' // sắc
	tilde     = '\u0303' // ngã
	hookAbove = '\u0309' // hỏi
	dotBelow  = '\u0323' // nặng
)

// NFC returns s with every letter and its marks composed, the form in which
// texts and names are stored.
func NFC(s string) string { return norm.NFC.String(s) }

// Fold returns s as it is indexed and searched: lower case, without tone marks
// and vowel marks, đ as d. A text and its NFD form fold to the same string, and
// folding twice changes nothing. Marks of other scripts stay: a Khmer text
// without its vowel signs would be another text.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		if latinMark(r) {
			continue
		}
		b.WriteRune(lower(r))
	}
	return norm.NFC.String(strings.ReplaceAll(b.String(), "đ", "d"))
}

// latinMark tells whether r is a combining mark of the general block, which
// holds the marks of Vietnamese.
func latinMark(r rune) bool { return r >= '\u0300' && r <= '\u036f' }

// lower lowers one rune of a decomposed text. Ð (eth) is what old keyboards and
// fonts put where Đ belongs.
func lower(r rune) rune {
	r = unicode.ToLower(r)
	if r == 'ð' {
		return 'đ'
	}
	return r
}

// toneOf returns 1 to 5 in the order of the dictionary (huyền, hỏi, ngã, sắc,
// nặng) for a tone mark, and 0 for anything else.
func toneOf(r rune) int {
	switch r {
	case grave:
		return 1
	case hookAbove:
		return 2
	case tilde:
		return 3
	case acute:
		return 4
	case dotBelow:
		return 5
	}
	return 0
}
