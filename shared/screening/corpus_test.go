package screening_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"paht/shared/screening"
	"paht/shared/settings"
	"paht/shared/vietnamese"
)

// sample is one text of the corpus. Rightful is a report that the system takes,
// unmarked one without its diacritics; the other classes are refusal codes.
type sample struct {
	Half, Class, Text string
}

const (
	tune     = "tune"
	judge    = "judge"
	rightful = "rightful"
	unmarked = "unmarked"
)

func corpus(t *testing.T) []sample {
	t.Helper()
	data, err := os.ReadFile("testdata/corpus.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Texts []sample }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file.Texts
}

func half(t *testing.T, name, class string) []sample {
	t.Helper()
	list := slices.DeleteFunc(corpus(t), func(s sample) bool { return s.Half != name || s.Class != class })
	if len(list) < 10 {
		t.Fatalf("the corpus has %d texts of %s in the half %s, want ten at least", len(list), class, name)
	}
	return list
}

// productList is the list that the product ships.
func productList(t testing.TB) *screening.List {
	t.Helper()
	list, err := settings.New(nil, nil).Words(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// hinted counts the texts that carry a hint of a class; "" is any.
func hinted(t *testing.T, l *screening.List, texts []sample, class string) int {
	t.Helper()
	count := 0
	for _, s := range texts {
		hints := l.Hints(s.Text)
		right := slices.ContainsFunc(hints, func(h screening.Hint) bool { return class == "" || h.Class == class })
		if right {
			count++
		}
		if s.Half == tune && right != (class != "") {
			t.Logf("[%s] %s\n\t%v", s.Class, s.Text, hints)
		}
	}
	return count
}

func TestTheListsHelpOnTextsThatTheyWereNotTunedOn(t *testing.T) {
	l := productList(t)
	for _, name := range []string{tune, judge} {
		good := half(t, name, rightful)
		wrong, all, right := hinted(t, l, good, ""), 0, 0
		for _, class := range []string{screening.Administrative, screening.Complaint, screening.Forbidden} {
			texts := half(t, name, class)
			n := hinted(t, l, texts, class)
			t.Logf("%s: %s: %d of %d carry the right hint", name, class, n, len(texts))
			all, right = all+len(texts), right+n
			if 10*n < 7*len(texts) {
				t.Errorf("%s: %s: %d of %d carry the right hint, want 70 %%", name, class, n, len(texts))
			}
		}
		t.Logf("%s: %d of %d rightful reports carry a hint (%.1f %%, at most 10)", name, wrong, len(good), 100*float64(wrong)/float64(len(good)))
		t.Logf("%s: %d of %d others carry the right one (%.1f %%, at least 70)", name, right, all, 100*float64(right)/float64(all))
		if 10*wrong > len(good) {
			t.Errorf("%s: %d of %d rightful reports carry a hint, want a tenth at most", name, wrong, len(good))
		}
	}
}

// strip takes every mark away, as who types without them does.
func strip(s string) string {
	out := strings.NewReplacer("đ", "d", "Đ", "D").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(out))
}

func TestNoTextMatchesWithItsMarksRemoved(t *testing.T) {
	l := productList(t)
	for _, s := range corpus(t) {
		if s.Class == unmarked || s.Class == rightful {
			continue
		}
		for _, h := range l.Hints(strip(s.Text)) {
			if strip(h.Phrase) != h.Phrase {
				t.Errorf("%q was found in %q", h.Phrase, strip(s.Text))
			}
		}
	}
	for _, name := range []string{tune, judge} {
		if n := hinted(t, l, half(t, name, unmarked), ""); n > 1 {
			t.Errorf("%s: %d reports without marks carry a hint", name, n)
		}
	}
}

func TestCompositionAndCaseDoNotMatter(t *testing.T) {
	l := productList(t)
	for _, s := range corpus(t) {
		want := phrases(l.Hints(norm.NFC.String(s.Text)))
		for fact, text := range map[string]string{
			"NFD": norm.NFD.String(s.Text), "capitals": strings.ToUpper(s.Text), "small letters": strings.ToLower(s.Text),
		} {
			if got := phrases(l.Hints(text)); !slices.Equal(got, want) {
				t.Errorf("%s of %q: %q, want %q", fact, s.Text, got, want)
			}
		}
	}
}

func phrases(hints []screening.Hint) []string {
	var out []string
	for _, h := range hints {
		out = append(out, h.Class+" "+h.Phrase)
	}
	return out
}

// A report about a crime is no forbidden content, whatever words it quotes.
func TestForbiddenHintsNeverFireOnReportsOfCrime(t *testing.T) {
	l := productList(t)
	frames := []string{
		"Phát hiện tụ điểm ở ấp Giồng Lức: %s",
		"Có người nhắn tin cho con tôi: \"%s\", nhờ công an xã can thiệp.",
		"Tờ rơi dán trên cột điện ghi: %s. Đề nghị cơ quan chức năng xử lý.",
		"Nhóm thanh niên lạ rao: %s",
		"%s. Tôi bị đe dọa như vậy nhiều lần, xin công an bảo vệ gia đình tôi.",
	}
	for _, s := range corpus(t) {
		if s.Class != screening.Forbidden {
			continue
		}
		for _, frame := range frames {
			text := strings.Replace(frame, "%s", s.Text, 1)
			for _, h := range l.Hints(text) {
				if h.Class == screening.Forbidden {
					t.Errorf("%q was found in %q", h.Phrase, text)
				}
			}
		}
	}
}

var signs = strings.NewReplacer(",", " ", ":", " ", "  ", " ")

func key(words string) string { return vietnamese.NameKey(strings.TrimSpace(words)) }

func TestEveryHintShowsWhereItsPhraseStands(t *testing.T) {
	l := productList(t)
	for _, s := range corpus(t) {
		text := []rune(s.Text)
		for _, h := range l.Hints(s.Text) {
			if h.At[0] < 0 || h.At[0] >= h.At[1] || h.At[1] > len(text) || h.Weight < 1 || h.Weight > screening.MaxWeight {
				t.Fatalf("%+v in %q", h, s.Text)
			}
			plain := vietnamese.NameKey(signs.Replace(string(text[h.At[0]:h.At[1]])))
			parts := strings.Split(h.Phrase, " … ")
			first, _, _ := strings.Cut(parts[0], "0")
			if !strings.HasPrefix(plain, key(first)) || !strings.Contains(h.Phrase, "0") && !strings.HasSuffix(plain, key(parts[len(parts)-1])) {
				t.Errorf("%+v stands at %q", h, plain)
			}
		}
	}
}
