package vietnamese

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// tokens is a text taken apart.
type tokens struct {
	words    []string // runs of Latin letters
	khmer    int      // words in Khmer script, estimated
	other    int      // words in other scripts, estimated
	dropped  int      // links, addresses, numbers, codes
	capitals bool     // the words are in capitals throughout
}

// link matches web and mail addresses, with or without scheme. A name that ends
// in a known domain is one; "sáng.Tối" (a missing space) is none.
var link = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\W*([a-z][a-z0-9+.-]*://|www\.|[\w.+-]+@[\w-]+\.\w|` +
		`[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|net|org|info|vn|io|gov|edu)\b)`)
})

// split takes a composed text apart.
func split(text string) tokens {
	var t tokens
	upper, lowered := 0, 0
	for field := range strings.FieldsSeq(text) {
		if link().MatchString(field) {
			t.dropped++
			continue
		}
		for run := range strings.FieldsFuncSeq(field, func(r rune) bool { return !wordRune(r) }) {
			t.add(run)
		}
	}
	for _, word := range t.words {
		if strings.IndexFunc(word, unicode.IsLower) >= 0 {
			lowered++
		} else {
			upper++
		}
	}
	t.capitals = upper > lowered
	return t
}

// wordRune tells whether r continues a run: a letter, a mark, a digit.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '_'
}

// add files one run of letters, marks and digits.
func (t *tokens) add(run string) {
	if strings.ContainsFunc(run, func(r rune) bool { return unicode.IsDigit(r) || r == '_' }) {
		t.dropped++
		return
	}
	var latin strings.Builder
	khmer, ideographs, unspaced, spaced := 0, 0, 0, 0
	for _, r := range run {
		switch {
		case unicode.Is(unicode.Latin, r), latinMark(r):
			latin.WriteRune(r)
		case unicode.Is(unicode.Khmer, r):
			if unicode.IsLetter(r) {
				khmer++
			}
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			ideographs++
		case unicode.In(r, unicode.Thai, unicode.Lao, unicode.Myanmar):
			if unicode.IsLetter(r) {
				unspaced++
			}
		case unicode.IsLetter(r):
			spaced = 1
		}
	}
	if latin.Len() > 0 && strings.ContainsFunc(latin.String(), unicode.IsLetter) {
		t.words = append(t.words, latin.String())
	}
	// Scripts without spaces between words: a syllable, which is what a word of
	// Vietnamese is, has about two base letters.
	t.khmer += (khmer + 1) / 2
	t.other += ideographs + (unspaced+1)/2 + spaced
}
