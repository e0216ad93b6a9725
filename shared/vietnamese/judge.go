package vietnamese

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is the judgement on one text.
type Kind string

// The judgements, as they are stored with a report and shown to the officer.
const (
	WithDiacritics Kind = "with_diacritics"
	Without        Kind = "without"
	Mixed          Kind = "mixed"
	NotVietnamese  Kind = "not_vietnamese"
	TooShort       Kind = "too_short"
)

// refusedFrom is the number of words from which a text is refused: fewer say
// too little to turn somebody away for (Art. 9.2 is then the officer's).
const refusedFrom = 5

// Verdict is the judgement with the figures that it rests on. Words is the sum
// of Marked, Neutral, Missing and Foreign; what was dropped (numbers, links,
// codes, short capitals, abbreviations without a vowel) counts nowhere else.
type Verdict struct {
	Kind    Kind `json:"kind"`
	Words   int  `json:"words"`
	Marked  int  `json:"marked"`
	Neutral int  `json:"neutral"`
	Missing int  `json:"missing"`
	Foreign int  `json:"foreign"`
	Dropped int  `json:"dropped"`
	// Khmer: at least half of the words are in Khmer script, so that the answer
	// must be in Khmer too.
	Khmer bool `json:"khmer"`
}

// Refused tells whether a text with this verdict is refused at submission. The
// other texts pass, mixed and too short ones with a flag for the officer.
func (v Verdict) Refused() bool {
	return (v.Kind == Without || v.Kind == NotVietnamese) && v.Words >= refusedFrom
}

// Refused tells whether the text is refused at submission under Art. 9.2.
func Refused(text string) bool { return Judge(text).Refused() }

// Judge decides whether a text is Vietnamese with diacritics. The same text in
// NFC and NFD gets the same verdict.
func Judge(text string) Verdict {
	t := split(norm.NFC.String(text))
	v := Verdict{Dropped: t.dropped, Foreign: t.khmer + t.other}
	for _, word := range t.words {
		if abbreviation(word, t.capitals) {
			v.Dropped++
			continue
		}
		switch classify(word) {
		case marked:
			v.Marked++
		case neutral:
			v.Neutral++
		case missing:
			v.Missing++
		default:
			v.Foreign++
		}
	}
	v.Words = v.Marked + v.Neutral + v.Missing + v.Foreign
	v.Khmer = t.khmer > 0 && 2*t.khmer >= v.Words
	v.Kind = v.kind()
	return v
}

// kind weighs the counts. Of the words of a text with its diacritics about three
// in four are marked, of a stripped one none; hence a third is mixed, and five
// neutral words in a row without one mark are no accident. A foreign text with
// marks (French, Portuguese) has marked words by chance, but more foreign ones;
// a Vietnamese one has a few foreign words among many marked ones.
func (v Verdict) kind() Kind {
	native := v.Words - v.Foreign
	switch {
	case v.Words < 2 && !v.Khmer:
		return TooShort
	case 2*v.Foreign >= v.Words, 4*v.Foreign >= v.Words && v.Marked <= v.Foreign:
		return NotVietnamese
	case v.Marked == 0 && v.Missing == 0 && v.Words < refusedFrom:
		return TooShort
	case 10*v.Marked < native:
		return Without
	case 2*v.Marked >= native && 5*v.Missing <= native:
		return WithDiacritics
	case 3*v.Marked >= native && v.Missing == 0:
		return WithDiacritics
	default:
		return Mixed
	}
}

// abbreviationLength is the longest word in capitals that is taken for an
// abbreviation (UBND, THPT, UBMTTQ).
const abbreviationLength = 6

// abbreviation tells whether a word stands for others and so says nothing about
// diacritics: one without a vowel (TP, km, đc), or a short one in capitals. In
// a text that is in capitals throughout, only a word that no syllable is
// spelled like is taken for one.
func abbreviation(word string, allCapitals bool) bool {
	vowels, run, longest, length := 0, 0, 0, 0
	upper, markedVowel := true, false
	for _, r := range norm.NFD.String(word) {
		if latinMark(r) {
			markedVowel = true
			continue
		}
		length++
		upper = upper && unicode.IsUpper(r)
		if strings.ContainsRune("aeiouy", unicode.ToLower(r)) {
			vowels, run = vowels+1, 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	switch {
	case length > abbreviationLength:
		return false
	case vowels == 0:
		return true
	case !upper || markedVowel:
		return false
	default:
		return !allCapitals || (longest >= 3 && length < abbreviationLength && classify(word) == foreign)
	}
}
