package screening

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

var someList = New(7, []Phrase{
	{Administrative, "thủ tục hành chính", 3},
	{Administrative, "một cửa", 2},
	{Administrative, "một cửa hàng", 0},
	{Administrative, "giấy hẹn", 1},
	{Administrative, "máy lạnh|quạt trần … hư|hỏng", -2},
	{Administrative, "hồ sơ … trễ hẹn|quá hạn", 3},
	{Complaint, "quyết định số 0", 3},
	{Complaint, "bồi thường … hòa|khóa", 3},
	{Complaint, "đơn", 3}, // an everyday word alone: left out
	{Complaint, "thu hồi … đất", 2},
	{Complaint, "quý vị xử lý", 3},
	{Forbidden, "bán ma túy", 3},
	{Telling, "phát hiện", 0},
})

func TestHints(t *testing.T) {
	for _, c := range []struct {
		fact, text string
		want       string // class phrase, joined by commas
	}{
		{"a phrase of enough weight", "Thủ tục hành chính lâu quá", "9.1.a thủ tục hành chính"},
		{"a phrase of too little weight is silent", "Phòng một cửa đông người", ""},
		{"two phrases add up", "Một cửa đưa giấy hẹn", "9.1.a một cửa,9.1.a giấy hẹn"},
		{"a phrase counts once, however often it stands", "Một cửa xã, một cửa huyện", ""},
		{"each place of a phrase is shown", "giấy hẹn một cửa, giấy hẹn", "9.1.a giấy hẹn,9.1.a một cửa,9.1.a giấy hẹn"},
		{"what speaks against a class is taken off", "Một cửa phát giấy hẹn mà quạt trần hư", ""},
		{"an everyday phrase takes out what it overlaps", "Một cửa hàng đưa giấy hẹn", ""},
		{"a gap stands for some words", "Hồ sơ tách thửa của tôi đã trễ hẹn", "9.1.a hồ sơ … trễ hẹn"},
		{"a gap may be nothing", "Hồ sơ quá hạn", "9.1.a hồ sơ … quá hạn"},
		{"a gap passes a comma", "Hồ sơ của tôi, nộp lâu rồi, trễ hẹn", "9.1.a hồ sơ … trễ hẹn"},
		{"a gap does not pass the end of a sentence", "Hồ sơ của tôi. Xe buýt trễ hẹn", ""},
		{"nor an empty line", "Hồ sơ của tôi\n\nXe trễ hẹn", ""},
		{"a gap has an end", "Hồ sơ a b c d e g h i k trễ hẹn", ""},
		{"a line break is a space", "thủ tục\nhành chính", "9.1.a thủ tục hành chính"},
		{"quotes and hyphens are nothing", "“Thủ tục”-hành chính", "9.1.a thủ tục hành chính"},
		{"a comma parts a phrase", "thủ tục, hành chính", ""},
		{"a full stop without a space parts one", "thủ tục.Hành chính", ""},
		{"no substring matches", "thủ tục hành chínhs", ""},
		{"no other tone matches", "thu tục hành chính, thủ túc hành chính", ""},
		{"without its marks a text is another text", "thu tuc hanh chinh", ""},
		{"a number in a phrase is any number or code", "Quyết định số 000/QĐ-UBND", "9.1.b quyết định số 0"},
		{"a word is no number", "Quyết định số nào", ""},
		{"the place of the tone mark does not matter", "bồi thường hoà giải", "9.1.b bồi thường … hòa"},
		{"nor in a closed syllable", "bồi thường khoá cửa", "9.1.b bồi thường … khóa"},
		{"nor i or y for one sound", "quí vị xử lí", "9.1.b quý vị xử lý"},
		{"u and i or y are two sounds", "bán ma túi", ""},
		{"a word alone is in no list", "đơn đơn đơn", ""},
		{"forbidden content", "Ai cần thì đây bán ma túy", "9.1.c bán ma túy"},
		{"a report about it is none", "Phát hiện chỗ bán ma túy ở ấp", ""},
		{"who tells may still complain", "Phát hiện quyết định số 5 sai", "9.1.b quyết định số 0"},
		{"nothing", "", ""},
		{"signs alone", "… — !", ""},
	} {
		t.Run(c.fact, func(t *testing.T) {
			for _, text := range []string{c.text, norm.NFD.String(c.text), strings.ToUpper(c.text)} {
				var got []string
				for _, h := range someList.Hints(text) {
					got = append(got, h.Class+" "+h.Phrase)
					if h.List != 7 {
						t.Errorf("the list's version is %d", h.List)
					}
				}
				if strings.Join(got, ",") != c.want {
					t.Errorf("%q: %q, want %q", text, got, c.want)
				}
			}
		})
	}
}

func TestThePlaceIsInCharactersOfTheText(t *testing.T) {
	text := "Ở đây: Hồ sơ của tôi\nquá hạn."
	for _, text := range []string{text, norm.NFD.String(text)} {
		hints := someList.Hints(text)
		if len(hints) != 1 {
			t.Fatalf("%v", hints)
		}
		if got := norm.NFC.String(string([]rune(text)[hints[0].At[0]:hints[0].At[1]])); got != "Hồ sơ của tôi\nquá hạn" {
			t.Errorf("%q", got)
		}
	}
}

func TestWhatIsWrongWithAPhrase(t *testing.T) {
	for _, c := range []struct {
		fact   string
		phrase Phrase
		want   error
	}{
		{"two words", Phrase{Complaint, "khiếu nại", 3}, nil},
		{"a word, a gap and a word", Phrase{Complaint, "đơn … kiện", 3}, nil},
		{"a word and a number", Phrase{Complaint, "số 0", 3}, nil},
		{"a class that is none", Phrase{"9.2", "khiếu nại", 3}, ErrClass},
		{"no class", Phrase{"", "khiếu nại", 3}, ErrClass},
		{"too heavy", Phrase{Complaint, "khiếu nại", 6}, ErrWeight},
		{"too light", Phrase{Complaint, "khiếu nại", -6}, ErrWeight},
		{"telling has no weight", Phrase{Telling, "phát hiện", 1}, ErrWeight},
		{"one everyday word", Phrase{Complaint, "trộm", 3}, ErrSingle},
		{"one everyday word among alternatives", Phrase{Complaint, "hôi thối|chó", 3}, ErrSingle},
		{"nothing", Phrase{Complaint, "", 3}, ErrForm},
		{"a gap at the end", Phrase{Complaint, "khiếu nại …", 3}, ErrForm},
		{"an empty alternative", Phrase{Complaint, "khiếu nại||tố cáo", 3}, ErrForm},
		{"a certain number", Phrase{Complaint, "quyết định số 5", 3}, ErrForm},
		{"a sign", Phrase{Complaint, "khiếu nại!", 3}, ErrForm},
		{"two words without a space", Phrase{Complaint, "khiếu-nại", 3}, ErrForm},
		{"too many gaps", Phrase{Complaint, "a b…c…d…e…g…h", 3}, ErrForm},
		{"too many words side by side", Phrase{Complaint, strings.Repeat("a ", 13), 3}, ErrForm},
		{"too many alternatives", Phrase{Complaint, strings.TrimSuffix(strings.Repeat("a b|", 61), "|"), 3}, ErrForm},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if err := Wrong(c.phrase); !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestPhrasesThatFindTheSamePlacesHaveOneName(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Hòa giải", "hoà  giải", true},
		{"xử lý nợ", "xử lí nợ", true},
		{"a b|c d … e", "c d|a b…e", true},
		{"hòa giải", "hoa giải", false},
		{"a b … c", "a b c", false},
	} {
		if got := NameOf(norm.NFD.String(c.a)) == NameOf(c.b); got != c.same {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}

// What a list finds is found wherever the phrase stands, and in nothing made of
// other words.
func TestAPhraseIsFoundWhereverItStands(t *testing.T) {
	filler := rapid.SampledFrom([]string{"đường", "chó", "trộm", "thối", "giết", "mổ", "hẹn", "cửa", "12h", "QL53", ",", "."})
	phrase := rapid.SampledFrom([]string{"thủ tục hành chính", "quyết định số 12", "bán ma túy"})
	rapid.Check(t, func(t *rapid.T) {
		before := strings.Join(rapid.SliceOfN(filler, 0, 12).Draw(t, "before"), " ")
		after := strings.Join(rapid.SliceOfN(filler, 0, 12).Draw(t, "after"), " ")
		if hints := someList.Hints(before + " " + after); len(hints) != 0 {
			t.Fatalf("%v in %q", hints, before+" "+after)
		}
		p := phrase.Draw(t, "phrase")
		text := before + " " + p + " " + after
		hints := someList.Hints(text)
		if len(hints) != 1 || string([]rune(text)[hints[0].At[0]:hints[0].At[1]]) != p {
			t.Fatalf("%v in %q", hints, text)
		}
	})
}

func TestHintsAreBoundedAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("thủ tục hành chính một cửa\n.… 1/")))).Draw(t, "text")
		hints := someList.Hints(strings.Repeat(text, 3))
		if len(hints) > maxHints || !slices.IsSortedFunc(hints, func(a, b Hint) int { return a.At[0] - b.At[0] }) {
			t.Fatalf("%v", hints)
		}
	})
	if n := len(someList.Hints(strings.Repeat("thủ tục hành chính. ", 200))); n != maxHints {
		t.Errorf("%d hints", n)
	}
}

func BenchmarkHints(b *testing.B) {
	text := strings.Repeat("Hồ sơ tách thửa ở một cửa huyện trễ hẹn 45 ngày rồi, đường trước nhà tôi ngập. ", 60)
	b.ReportAllocs()
	for b.Loop() {
		someList.Hints(text)
	}
}
