package vietnamese

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// alphabet is the order of the dictionary, with the four letters of the Latin
// alphabet that Vietnamese does without.
const alphabet = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

// firstLetter is above every ASCII digit and sign, so that these sort first.
const firstLetter = 128

// letterWeight gives each letter of the alphabet its place.
var letterWeight = sync.OnceValue(func() map[rune]int {
	weights := map[rune]int{}
	for _, r := range alphabet {
		weights[r] = firstLetter + len(weights)
	}
	return weights
})

// NameKey returns the key under which a name is looked up: equal for two names
// exactly when SameName holds. Each word's tone marks stand behind the word, so
// Hòa and Hoà have one key and Hoa has another.
func NameKey(name string) string {
	var b strings.Builder
	for i, w := range nameWords(name) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.letters)
		for _, tone := range w.tones {
			b.WriteByte('\u0010' + byte(tone))
		}
	}
	return b.String()
}

// SameName tells whether two names are the same however their tone marks are
// placed (Hòa, Hoà) and composed (NFC, NFD), whatever the case and the spaces.
// A name and the same name without its marks are two names.
func SameName(a, b string) bool { return NameKey(a) == NameKey(b) }

// Compare orders names as a Vietnamese dictionary does: by letters (a ă â … d đ
// …), and only among equal letters by tone (ngang, huyền, hỏi, ngã, sắc, nặng).
// It is 0 exactly when SameName holds.
func Compare(a, b string) int {
	x, y := nameWords(a), nameWords(b)
	if c := slices.CompareFunc(x, y, func(v, w nameWord) int { return compareLetters(v.letters, w.letters) }); c != 0 {
		return c
	}
	return slices.CompareFunc(x, y, func(v, w nameWord) int { return slices.Compare(v.tones, w.tones) })
}

func compareLetters(a, b string) int {
	return slices.CompareFunc([]rune(a), []rune(b), func(v, w rune) int { return cmp.Compare(weight(v), weight(w)) })
}

func weight(r rune) int {
	if w, ok := letterWeight()[r]; ok {
		return w
	}
	if r < firstLetter {
		return int(r)
	}
	return firstLetter + len(letterWeight()) + int(r)
}

// nameWord is one word between spaces: its letters in lower case without tone
// marks, and the tones in the order in which they stood.
type nameWord struct {
	letters string
	tones   []int
}

func nameWords(name string) []nameWord {
	var words []nameWord
	for field := range strings.FieldsFuncSeq(norm.NFD.String(name), blank) {
		var w nameWord
		var letters strings.Builder
		for _, r := range field {
			if tone := toneOf(r); tone != 0 {
				w.tones = append(w.tones, tone)
				continue
			}
			letters.WriteRune(lower(r))
		}
		w.letters = norm.NFC.String(letters.String())
		words = append(words, w)
	}
	return words
}

// blank takes control characters for spaces too: NameKey writes tones as such.
func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
