// Package screening helps the person who checks a report against Art. 9 of
// Decision 1433/QĐ-UBND: it finds phrases that speak for one of the contents that
// the system does not take (9.1.a, 9.1.b, 9.1.c), and tells which reports lie so
// near one another that they may be about the same thing. It highlights and
// sorts; a person decides.
//
// It imports the standard library and vietnamese, and must never import AWS, HTTP
// or another package of this module: the lists are settings, which hand them over.
package screening

import (
	"cmp"
	"slices"
)

// The classes, named by the refusal codes that they stand for.
const (
	Administrative = "9.1.a" // comments on administrative regulations and procedures
	Complaint      = "9.1.b" // complaints, denunciations, petitions
	Forbidden      = "9.1.c" // obscene, criminal, against good morals, banned
)

// Telling is the class of phrases by which somebody tells of what others do. Where
// one stands, Forbidden is silent: a report about a crime is no forbidden content.
const Telling = "telling"

// Classes lists what a phrase may be filed under.
var Classes = []string{Administrative, Complaint, Forbidden, Telling}

// The weights that a phrase may have. Below zero it speaks against its class. At
// zero it is an everyday phrase ("một cửa hàng") that overlaps a listed one ("một
// cửa") and takes it out of the count.
const (
	MinWeight = -5
	MaxWeight = 5
)

// enough is the sum of weights from which a class is hinted at. Each phrase counts
// once, however often it stands in the text.
const enough = 3

// maxHints bounds what is stored and shown of one text.
const maxHints = 40

// Phrase is one entry of a list.
//
// Its text is whole syllables with their tones. "…" stands for up to eight words of
// the same sentence, "0" for any number or code, and "|" parts alternatives between
// two "…": "hồ sơ … trễ hẹn|quá hạn".
type Phrase struct {
	Class  string
	Text   string
	Weight int
}

// Hint is a place in a text at which a phrase of a class stands whose weights are
// enough.
type Hint struct {
	Class  string `json:"class"`
	Phrase string `json:"phrase"` // the list's entry, as far as it matched
	At     [2]int `json:"at"`     // characters (code points): from, up to
	Weight int    `json:"weight"`
	List   int    `json:"list"` // the version of the list
}

// List is a compiled list. It never changes, and any number of goroutines may use it.
type List struct {
	version  int
	patterns []pattern
	first    map[string][]start // by the first word
}

// start is where a pattern may begin: with one alternative of its first segment.
type start struct{ pattern, alternative int }

// New compiles a list. A phrase that breaks a rule is left out: a list is checked
// before it is stored (Wrong), and an older product may read a newer one's.
func New(version int, phrases []Phrase) *List {
	l := &List{version: version, first: map[string][]start{}}
	known := keys{}
	for _, phrase := range phrases {
		p, err := known.compile(phrase)
		if err != nil {
			continue
		}
		n := len(l.patterns)
		l.patterns = append(l.patterns, p)
		for i, alternative := range p.segments[0] {
			l.first[alternative.keys[0]] = append(l.first[alternative.keys[0]], start{n, i})
		}
	}
	return l
}

// match is one place of one pattern, in words.
type match struct {
	pattern  int
	from, to int // words: from, up to
	phrase   string
}

// Hints finds what speaks for each class in a text, in the order of the text.
func (l *List) Hints(text string) []Hint {
	words := split(text)
	byClass := map[string][]match{}
	for _, m := range l.matches(words) {
		class := l.patterns[m.pattern].class
		byClass[class] = append(byClass[class], m)
	}
	var hints []Hint
	for _, class := range []string{Administrative, Complaint, Forbidden} {
		if class == Forbidden && len(byClass[Telling]) > 0 {
			continue
		}
		found := l.counted(byClass[class])
		if l.sum(found) < enough {
			continue
		}
		for _, m := range found {
			if weight := l.patterns[m.pattern].weight; weight > 0 {
				hints = append(hints, Hint{
					Class: class, Phrase: m.phrase, At: [2]int{words[m.from].from, words[m.to-1].to},
					Weight: weight, List: l.version,
				})
			}
		}
	}
	slices.SortStableFunc(hints, func(a, b Hint) int {
		return cmp.Or(cmp.Compare(a.At[0], b.At[0]), cmp.Compare(a.At[1], b.At[1]), cmp.Compare(a.Class, b.Class))
	})
	return hints[:min(len(hints), maxHints)]
}

// matches finds every place of every pattern, in the order of the text.
func (l *List) matches(words []word) []match {
	var found []match
	for i, w := range words {
		for _, s := range l.first[w.key] {
			p := l.patterns[s.pattern]
			if to, phrase, ok := p.from(words, i, s.alternative); ok {
				found = append(found, match{pattern: s.pattern, from: i, to: to, phrase: phrase})
			}
		}
	}
	return found
}

// counted leaves out of the matches of one class those that an everyday phrase
// overlaps, and those that lie inside a longer one: it says the same and more.
func (l *List) counted(all []match) []match {
	return slices.DeleteFunc(slices.Clone(all), func(m match) bool {
		weight := l.patterns[m.pattern].weight
		return weight == 0 || slices.ContainsFunc(all, func(o match) bool {
			other := l.patterns[o.pattern].weight
			switch {
			case other == 0:
				return o.from < m.to && m.from < o.to
			case (other > 0) != (weight > 0):
				return false
			}
			return o.from <= m.from && m.to <= o.to && o.to-o.from > m.to-m.from
		})
	})
}

// sum adds the weights, each pattern once.
func (l *List) sum(found []match) int {
	total := 0
	seen := map[int]bool{}
	for _, m := range found {
		if !seen[m.pattern] {
			total += l.patterns[m.pattern].weight
		}
		seen[m.pattern] = true
	}
	return total
}
