package screening

import (
	"errors"
	"slices"
	"strings"
)

// The rules that a phrase may break.
var (
	ErrClass  = errors.New("the class is none of those that phrases are filed under")
	ErrWeight = errors.New("the weight is out of range, or not zero for a phrase that tells of others")
	ErrForm   = errors.New("the phrase must be words, with … between words, | between alternatives and 0 for a number")
	ErrSingle = errors.New("the phrase must have two words or more: an everyday word alone says nothing")
)

// Wrong tells which rule a phrase breaks; nil when it breaks none.
func Wrong(p Phrase) error {
	_, err := keys{}.compile(p)
	return err
}

// NameOf is what two phrases share when they find the same places: their words
// without regard to case, composition and the place of a tone mark.
func NameOf(text string) string {
	segments, err := keys{}.parse(text)
	if err != nil {
		return text
	}
	names := make([]string, len(segments))
	for i, alternatives := range segments {
		each := make([]string, len(alternatives))
		for j, a := range alternatives {
			each[j] = strings.Join(a.keys, " ")
		}
		slices.Sort(each)
		names[i] = strings.Join(each, "|")
	}
	return strings.Join(names, "…")
}

// gap is how many words "…" may stand for.
const gap = 8

// The bounds of one phrase.
const (
	maxSegments     = 5
	maxAlternatives = 60
	maxWords        = 12 // of an alternative
)

// pattern is a compiled phrase: alternatives of adjacent words, with gaps between.
type pattern struct {
	class    string
	weight   int
	segments [][]alternative
}

// alternative is a row of adjacent words.
type alternative struct {
	text string
	keys []string
}

func (known keys) compile(p Phrase) (pattern, error) {
	if !slices.Contains(Classes, p.Class) {
		return pattern{}, ErrClass
	}
	if p.Weight < MinWeight || p.Weight > MaxWeight || (p.Class == Telling && p.Weight != 0) {
		return pattern{}, ErrWeight
	}
	segments, err := known.parse(p.Text)
	if err != nil {
		return pattern{}, err
	}
	least := 0
	for _, alternatives := range segments {
		short := maxWords
		for _, a := range alternatives {
			short = min(short, len(a.keys))
		}
		least += short
	}
	if least < 2 {
		return pattern{}, ErrSingle
	}
	return pattern{class: p.Class, weight: p.Weight, segments: segments}, nil
}

func (known keys) parse(text string) ([][]alternative, error) {
	parts := strings.Split(text, "…")
	if len(parts) > maxSegments {
		return nil, ErrForm
	}
	segments := make([][]alternative, 0, len(parts))
	for _, part := range parts {
		var alternatives []alternative
		for row := range strings.SplitSeq(part, "|") {
			a, ok := known.adjacent(row)
			if !ok || len(alternatives) >= maxAlternatives {
				return nil, ErrForm
			}
			alternatives = append(alternatives, a)
		}
		segments = append(segments, alternatives)
	}
	return segments, nil
}

// adjacent reads words that stand side by side.
func (known keys) adjacent(row string) (alternative, bool) {
	a := alternative{text: strings.Join(strings.Fields(row), " ")}
	for field := range strings.FieldsSeq(row) {
		if field == number {
			a.keys = append(a.keys, number)
			continue
		}
		if k, ok := known[field]; ok { // a syllable, and nothing but one
			a.keys = append(a.keys, k)
			continue
		}
		words := known.split(field)
		if len(words) != 1 || words[0].key == number || words[0].to-words[0].from != len([]rune(field)) {
			return alternative{}, false
		}
		a.keys = append(a.keys, words[0].key)
	}
	return a, len(a.keys) > 0 && len(a.keys) <= maxWords
}

// from tries the pattern at a word with one alternative of its first segment. It
// gives where the shortest match ends, and the phrase as it matched.
func (p pattern) from(words []word, at, first int) (int, string, bool) {
	a := p.segments[0][first]
	to, ok := a.at(words, at)
	if !ok {
		return 0, "", false
	}
	to, rest, ok := after(p.segments[1:], words, to)
	return to, a.text + rest, ok
}

// after finds the segments that are left, each at most a gap away and in the same
// sentence.
func after(segments [][]alternative, words []word, at int) (int, string, bool) {
	if len(segments) == 0 {
		return at, "", true
	}
	for skip := 0; skip <= gap && at+skip < len(words) && !words[at+skip].sentence; skip++ {
		for _, a := range segments[0] {
			to, ok := a.at(words, at+skip)
			if !ok {
				continue
			}
			if end, rest, ok := after(segments[1:], words, to); ok {
				return end, " … " + a.text + rest, true
			}
		}
	}
	return 0, "", false
}

// at tells whether the words stand side by side from a place on.
func (a alternative) at(words []word, at int) (int, bool) {
	if at+len(a.keys) > len(words) {
		return 0, false
	}
	for i, key := range a.keys {
		w := words[at+i]
		if w.key != key || (i > 0 && (w.apart || w.sentence)) {
			return 0, false
		}
	}
	return at + len(a.keys), true
}
