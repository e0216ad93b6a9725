package vietnamese

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func samples(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/samples.json")
	if err != nil {
		t.Fatalf("reading the samples: %v", err)
	}
	var file struct {
		Source string   `json:"source"`
		Texts  []string `json:"texts"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatalf("decoding the samples: %v", err)
	}
	if len(file.Texts) != 33 {
		t.Fatalf("%d samples, want 33", len(file.Texts))
	}
	return file.Texts
}

// strip takes every mark away and keeps the case.
func strip(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case latinMark(r):
		case r == 'đ', r == 'ð':
			b.WriteRune('d')
		case r == 'Đ', r == 'Ð':
			b.WriteRune('D')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// everyThird keeps the marks of each third word only.
func everyThird(s string) string {
	words := strings.Fields(s)
	for i := range words {
		if i%3 != 0 {
			words[i] = strip(words[i])
		}
	}
	return strings.Join(words, " ")
}

func TestSupplied33Samples(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(string) string
		want   Kind
		least  int
	}{
		{"as written", func(s string) string { return s }, WithDiacritics, 33},
		{"in NFD", norm.NFD.String, WithDiacritics, 33},
		{"in capitals", strings.ToUpper, WithDiacritics, 33},
		{"in capitals and NFD", func(s string) string { return norm.NFD.String(strings.ToUpper(s)) }, WithDiacritics, 33},
		{"stripped", strip, Without, 32},
		{"stripped, in capitals", func(s string) string { return strings.ToUpper(strip(s)) }, Without, 32},
		{"stripped, in small letters", Fold, Without, 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			hits, texts := 0, samples(t)
			for _, s := range texts {
				v := Judge(c.change(s))
				if v.Kind == c.want {
					hits++
				} else {
					t.Logf("%+v: %s", v, c.change(s))
				}
				if c.want == WithDiacritics && v.Refused() {
					t.Errorf("refused, though it has its diacritics: %s", s)
				}
			}
			t.Logf("%s: %d of %d are %s (at least %d)", c.name, hits, len(texts), c.want, c.least)
			if hits < c.least {
				t.Errorf("%d of %d are %s, want at least %d", hits, len(texts), c.want, c.least)
			}
		})
	}
}

func TestEveryThirdWordMarkedIsMixedAndNotRefused(t *testing.T) {
	mixed, long := 0, 0
	for _, s := range samples(t) {
		v := Judge(everyThird(s))
		if v.Words < 7 {
			continue
		}
		long++
		if v.Kind == Mixed {
			mixed++
		} else {
			t.Logf("%+v: %s", v, everyThird(s))
		}
	}
	t.Logf("every third word marked: %d of %d texts of seven words or more are mixed", mixed, long)
	if long < 20 || 10*mixed < 9*long {
		t.Errorf("%d of %d are mixed, want nine in ten of at least 20", mixed, long)
	}
}

func TestJudgeRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Kind
		refused    bool
	}{
		{"a sentence with its diacritics", "Nắp cống bị mất ở ngã tư, rất nguy hiểm", WithDiacritics, false},
		{"old and new tone placement are both right", "Khoá cửa nhà văn hoá xã Hoà Minh, khóa hỏng", WithDiacritics, false},
		{"capitals throughout with an agency's short name", "ĐỀ NGHỊ UBND VÀ HĐND XÃ SỬA CẦU", WithDiacritics, false},
		{"eth typed for Đ", "Ðường trước trường hỏng, đề nghị sửa", WithDiacritics, false},
		{"few marked words among neutral ones", "Con trâu đi qua xe hai ba khi đang sang sông", WithDiacritics, false},
		{"a loan word or two", "Quán karaoke phát wifi, hát quá giờ làm dân mất ngủ", WithDiacritics, false},
		{"numbers, times and codes beside words", "Ổ gà ở km 12+300 QL53, 02 xe 84B1-123.45 té lúc 19h30", WithDiacritics, false},
		{"a link beside words", "Đèn đường hỏng, xem https://example.com/a?b=1 nhé", WithDiacritics, false},
		{"marks forgotten", "Duong truoc nha toi ngap nuoc ba ngay nay", Without, true},
		{"marks forgotten, in capitals, with a short name", "DUONG TRUOC UBND XA NGAP NUOC BA NGAY", Without, true},
		{"vowel marks typed and tones forgotten", "nươc ngâp đương trươc trương hoc", Mixed, false},
		{"marks forgotten, four words", "cong bi nghet nuoc", Without, false},
		{"two neutral words", "xin cho", TooShort, false},
		{"one word", "Ngập", TooShort, false},
		{"nothing", "", TooShort, false},
		{"spaces and signs", " …!? — ", TooShort, false},
		{"half of it marked", "Đèn đường hong truoc nha toi, đề nghị sua gap", Mixed, false},
		{"most of it marked, a third still missing", "Đường trước nhà tôi ngập nước, nuoc duong rac bi nghet", Mixed, false},
		{"one name marked in a stripped text", "Duong truoc nha toi ngap nuoc ba ngay nay, de nghi xã sua gap", Without, true},
		{"stripped, with two loan words", "quan karaoke phat wifi qua on ao ca dem", Without, true},
		{"a quarter of it loan words, most of the rest marked", "Quán karaoke Paradise phát wifi quá ồn, hát đến khuya", WithDiacritics, false},
		{"French", "Le lampadaire devant ma maison est cassé depuis trois jours, il fait très noir", NotVietnamese, true},
		{"French, many short words", "Il y a un trou dans la rue et personne ne le répare", NotVietnamese, true},
		{"Portuguese", "A iluminação da rua não funciona há três dias e ninguém veio consertar", NotVietnamese, true},
		{"Portuguese, rich in nasal vowels", "O caminhão de lixo não passa e são muitos sacos no chão", NotVietnamese, true},
		{"English", "The street light in front of my house has been broken for three days", NotVietnamese, true},
		{"English in capitals", "THE STREET LIGHT IN FRONT OF MY HOUSE IS BROKEN", NotVietnamese, true},
		{"English, three words", "Broken street light", NotVietnamese, false},
		{"Russian", "На улице не горит фонарь уже три дня", NotVietnamese, true},
		{"Chinese", "我家门前的路灯坏了三天", NotVietnamese, true},
		{"Thai", "ไฟถนนหน้าบ้านเสียมาสามวันแล้ว", NotVietnamese, true},
		{"Khmer", "ភ្លើងបំភ្លឺផ្លូវនៅមុខផ្ទះខ្ញុំខូចបីថ្ងៃហើយ", NotVietnamese, true},
		{"a link alone", "https://www.facebook.com/groups/travinh/posts/123", TooShort, false},
		{"a link alone without its scheme", "travinh.gov.vn/tin-tuc", TooShort, false},
		{"a mail address alone", "nguyen.van.a@example.com", TooShort, false},
		{"numbers and codes alone", "84B1-12345 QL53 19h30 0912345678 KM12 A1 B2", TooShort, false},
		{"short capitals alone", "UBND TP THPT HĐND", TooShort, false},
		{"a missing space after a point is no link", "Mất nước từ sáng.Tối nay vẫn chưa có", WithDiacritics, false},
		{"letters at random", "asdf qwer uiop wert yuio lkaj", NotVietnamese, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := Judge(c.text)
			if v.Kind != c.want || v.Refused() != c.refused {
				t.Errorf("Judge(%q) = %+v, refused %t; want %s, refused %t", c.text, v, v.Refused(), c.want, c.refused)
			}
			if Refused(c.text) != v.Refused() {
				t.Errorf("Refused and the verdict differ on %q", c.text)
			}
		})
	}
}

func TestKhmerIsToldByItsScript(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"Khmer alone", "ភ្លើងបំភ្លឺផ្លូវខូច", true},
		{"one Khmer word", "ភ្លើង", true},
		{"mostly Khmer with a Vietnamese place", "ភ្លើងបំភ្លឺផ្លូវនៅមុខផ្ទះខ្ញុំ xã Hòa Minh", true},
		{"Vietnamese with a Khmer name", "Đèn đường trước chùa វត្ត hỏng đã ba đêm, đề nghị sửa", false},
		{"Thai", "ไฟถนนหน้าบ้านเสีย", false},
		{"Vietnamese", "Đèn đường hỏng", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Judge(c.text).Khmer; got != c.want {
				t.Errorf("Khmer = %t in %+v, want %t", got, Judge(c.text), c.want)
			}
		})
	}
}

func TestClassOfOneWord(t *testing.T) {
	for want, words := range map[class]string{
		marked: "đường người hòa hoà quý quí giếng giêng gì nghỉ ghế khuỷu khuyết quyết quốc thuở " +
			"ngoằn ngoèo yêu yếm yết Đắc ĐÈN ỉa uống ương rượu bướu huỳnh quýnh quých xoạc toẹt mỹ kỹ tuýp",
		neutral: "con trong nha hai ba an xe ghe nghi kim ly quy quanh hoa hoi khuya gia gio sao y",
		missing: "duong nguoi nuoc rac hop khuyet quyet quoc giet truong đuong nươc hoc duơng",
		foreign: "street light wifi karaoke kon ge ngi cê qa jazz fax chàt trọ̀ ñu trờng xêo",
	} {
		for word := range strings.FieldsSeq(words) {
			if got := classify(word); got != want {
				t.Errorf("classify(%q) = %d, want %d", word, got, want)
			}
		}
	}
}

func TestJudgeHoldsOnAnyText(t *testing.T) {
	texts := samples(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.SampledFrom(texts),
			rapid.StringOf(rapid.RuneFrom([]rune("aăâeêioôơuưydđcghknpqrtx \u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031bក្ខ0.@_")))).Draw(t, "text")
		checkJudge(t, s)
	})
}

// checkJudge states what holds for every text.
func checkJudge(t interface{ Errorf(string, ...any) }, s string) {
	v := Judge(s)
	if v.Words != v.Marked+v.Neutral+v.Missing+v.Foreign {
		t.Errorf("Judge(%q) = %+v: the words do not add up", s, v)
	}
	if d := Judge(norm.NFD.String(s)); d != v {
		t.Errorf("Judge(%q) = %+v, and %+v in NFD", s, v, d)
	}
	if v.Refused() && v.Words < 5 {
		t.Errorf("%q is refused with %d words", s, v.Words)
	}
	if v.Kind == WithDiacritics && v.Marked == 0 {
		t.Errorf("%q has diacritics without one marked word: %+v", s, v)
	}
	if plain := Judge(strip(s)); plain.Marked != 0 {
		t.Errorf("%q is stripped and has marked words: %+v", strip(s), plain)
	}
	if f := Fold(s); Fold(f) != f || Fold(norm.NFD.String(s)) != f || Fold(NFC(s)) != f {
		t.Errorf("Fold(%q) = %q is not stable", s, f)
	}
}

func FuzzJudge(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s)
		f.Add(strip(s))
	}
	f.Add("ភ្លើងបំភ្លឺផ្លូវខូច")
	f.Add("000 ðAY")
	f.Add("a\u0301\u0323 \xff\xfe Ð ĳ ſ K")
	f.Fuzz(func(t *testing.T, s string) {
		checkJudge(t, s)
		if !SameName(s, NFC(s)) || Compare(s, s) != 0 {
			t.Errorf("%q is not its own name", s)
		}
	})
}
