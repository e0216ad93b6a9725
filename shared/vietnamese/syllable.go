package vietnamese

import (
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// class is what one word is, by its spelling.
type class int

const (
	foreign class = iota // no Vietnamese syllable, with or without marks
	marked               // right, and carries a tone or vowel mark or đ
	neutral              // right without any mark: con, trong
	missing              // right only once marks are put back: duong, nguoi, hop
)

// The onsets by the letters that may follow them (the orthography's c/k, g/gh,
// ng/ngh). gi swallows the i of its rime: giêng is gi+êng or g+iêng, gì is g+i;
// hence g stands before i too, and gh, which is regular there, as well.
//
// The tables are made at first use: few invocations judge a text, and all of them
// start.
var (
	onsetsAny   = set(" b ch d đ gi h kh l m n nh p ph qu r s t th tr v x")
	onsetsFront = set("k gh ngh")
	onsetsBack  = set("c g ng")
)

// rimes are all rimes of the standard orthography without tone, onset qu's ones
// being those of its second vowel (quyết is qu+yêt).
var rimes = set(`
	a ac ach ai am an ang anh ao ap at au ay
	ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
	e ec em en eng eo ep et ê êch êm ên ênh êng êp êt êu
	i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
	o oc oi om on ong op ot ooc oong
	oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
	ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
	u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ
	uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt uynh uyp uyt uyu
	ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
	y yêm yên yêng yêt yêu`)

// rimesAfterQu holds the rimes that stand after qu only.
var rimesAfterQu = set("ych yt ynh yn yp yu")

// foldedRimes holds every rime as it reads without marks, with the rimes that
// it may stand for.
var foldedRimes = sync.OnceValue(func() map[string][]string {
	folded := map[string][]string{}
	for _, table := range []map[string]bool{rimes(), rimesAfterQu()} {
		for rime := range table {
			folded[Fold(rime)] = append(folded[Fold(rime)], rime)
		}
	}
	return folded
})

func set(words string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		table := map[string]bool{}
		if strings.HasPrefix(words, " ") {
			table[""] = true
		}
		for _, w := range strings.Fields(words) {
			table[w] = true
		}
		return table
	})
}

// syllable is a word with its tone cut off.
type syllable struct {
	letters string // lower case, composed, without tone
	tone    int
	marks   bool // a tone, a vowel mark or đ was there
}

// cut takes the tone from a word. It is false when the word has two tones, or a
// mark where Vietnamese has none.
func cut(word string) (syllable, bool) {
	var s syllable
	var b strings.Builder
	var base rune
	for _, r := range norm.NFD.String(word) {
		if tone := toneOf(r); tone != 0 {
			if s.tone != 0 || !strings.ContainsRune("aeiouy", base) {
				return s, false
			}
			s.tone, s.marks = tone, true
			continue
		}
		r = lower(r)
		if !latinMark(r) {
			base = r
		}
		if r == 'đ' || latinMark(r) {
			s.marks = true
		}
		b.WriteRune(r)
	}
	s.letters = norm.NFC.String(b.String())
	return s, true
}

// classify tells what one word is. The word holds letters and marks only.
func classify(word string) class {
	s, ok := cut(word)
	if !ok {
		return foreign
	}
	best := foreign
	for n := 0; n <= 3 && n < len(s.letters); n++ {
		if !cleanCut(s.letters, n) {
			continue
		}
		switch c := classifySplit(s, s.letters[:n], s.letters[n:]); {
		case c == marked || c == neutral:
			return c
		case c == missing:
			best = missing
		}
	}
	return best
}

// cleanCut tells whether s may be cut at byte n: đ takes two.
func cleanCut(s string, n int) bool { return n == 0 || s[n]&0xC0 != 0x80 }

func classifySplit(s syllable, onset, rime string) class {
	if fits(onset, rime) {
		switch stop := strings.HasSuffix(rime, "p") || strings.HasSuffix(rime, "t") ||
			strings.HasSuffix(rime, "c") || strings.HasSuffix(rime, "ch"); {
		case stop && s.tone == 0:
			return missing
		case stop && s.tone < 4: // a stop takes sắc or nặng only
			return foreign
		case s.marks:
			return marked
		default:
			return neutral
		}
	}
	for _, full := range foldedRimes()[Fold(rime)] {
		if fits(onset, full) && extends(rime, full) {
			return missing
		}
	}
	return foreign
}

// fits tells whether the orthography lets the rime follow the onset.
func fits(onset, rime string) bool {
	if onset == "qu" {
		first := []rune(rime)[0]
		return strings.ContainsRune("aăâeêioôơy", first) && (rimes()[rime] || rimesAfterQu()[rime])
	}
	if !rimes()[rime] {
		return false
	}
	front := strings.IndexAny(rime, "eêiy") == 0
	switch {
	case onset == "g" && strings.HasPrefix(rime, "i"):
		return true
	case strings.HasPrefix(rime, "yê"):
		return onset == ""
	case onsetsFront()[onset]:
		return front
	case onsetsBack()[onset]:
		return !front
	default:
		return onsetsAny()[onset]
	}
}

// extends tells whether full is written with only marks added to it: the marks
// already there must stand.
func extends(written, full string) bool {
	w, f := []rune(written), []rune(full)
	if len(w) != len(f) {
		return false
	}
	for i := range w {
		if w[i] != f[i] && string(w[i]) != Fold(string(f[i])) {
			return false
		}
	}
	return true
}
