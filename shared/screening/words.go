package screening

import (
	"strings"
	"unicode"

	"paht/shared/vietnamese"
)

// number is the key of every number and code.
const number = "0"

// word is a syllable, a number or a code of a text.
type word struct {
	key      string
	from, to int  // code points of the text as it is: from, up to
	apart    bool // a sign stands before it: it is not adjacent to the word before
	sentence bool // a sentence ends before it; the first word begins none
}

// split takes a text apart. A syllable keeps its marks in its key: a text without
// them is another text.
func split(text string) []word { return keys{}.split(text) }

// keys remembers the keys of syllables: a few hundred make up most of a text and
// of a list.
type keys map[string]string

func (known keys) split(text string) []word {
	var words []word
	runes := []rune(text)
	apart, sentence := false, false
	for i := 0; i < len(runes); {
		if !letter(runes[i]) && !unicode.IsDigit(runes[i]) {
			apart = apart || parts(runes[i])
			sentence = sentence || ends(runes, i)
			i++
			continue
		}
		end := runEnd(runes, i)
		run := string(runes[i:end])
		w := word{key: number, from: i, to: end, apart: apart, sentence: sentence && len(words) > 0}
		if !strings.ContainsFunc(run, unicode.IsDigit) {
			w.key = known.of(run)
		}
		words = append(words, w)
		apart, sentence = false, false
		i = end
	}
	return words
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// runEnd is where a run of letters or a number ends. Signs inside a number or a
// code belong to it: 1.250m2, 000/QĐ-UBND.
func runEnd(runes []rune, i int) int {
	digits := false
	for ; i < len(runes); i++ {
		r := runes[i]
		digits = digits || unicode.IsDigit(r)
		inside := digits && strings.ContainsRune(".,/-:", r) && i+1 < len(runes) &&
			(letter(runes[i+1]) || unicode.IsDigit(runes[i+1]))
		if !letter(r) && !unicode.IsDigit(r) && !inside {
			break
		}
	}
	return i
}

// parts tells whether a sign keeps two words from being side by side. Quotes and
// hyphens do not: "một cửa", thu-hồi.
func parts(r rune) bool {
	return !unicode.IsSpace(r) && !strings.ContainsRune(`"'“”‘’«»-–*_`, r)
}

// ends tells whether a sentence ends with the sign at a place: a full stop and its
// like, or an empty line. One line break alone may be the keyboard's.
func ends(runes []rune, i int) bool {
	switch runes[i] {
	case '.', '!', '?', ';', '…':
		return true
	case '\n':
		return i+1 < len(runes) && runes[i+1] == '\n'
	}
	return false
}

func (known keys) of(syllable string) string {
	k, ok := known[syllable]
	if !ok {
		k = key(syllable)
		known[syllable] = k
	}
	return k
}

// key is what two writings of a syllable share: case, composition and the place of
// the tone mark do not matter (Hòa, Hoà), nor does i or y where both are written
// for the same sound (lý, lí; quý, quí). Tones and vowel marks do.
func key(syllable string) string {
	k := vietnamese.NameKey(syllable)
	letters := strings.TrimRightFunc(k, unicode.IsControl) // the tone stands behind the letters
	onset, ends := strings.CutSuffix(letters, "y")
	if ends && onset != "" && !strings.ContainsAny(strings.TrimSuffix(onset, "qu"), "aăâeêioôơuư") {
		return onset + "i" + k[len(letters):]
	}
	return k
}
