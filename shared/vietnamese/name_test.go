package vietnamese

import (
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFoldForSearch(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"tones and vowel marks go", "Phường Trường Long Hoà", "phuong truong long hoa"},
		{"đ becomes d", "Đôn Châu, ĐẠI AN", "don chau, dai an"},
		{"NFD folds the same", norm.NFD.String("Nguyệt Hóa"), "nguyet hoa"},
		{"eth typed for Đ", "Ðông Hải", "dong hai"},
		{"numbers and signs stay", "P.7, QL53", "p.7, ql53"},
		{"Khmer keeps its vowel signs", "ភូមិ", "ភូមិ"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Fold(c.in); got != c.want {
				t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestSameName(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"tone on the first or second vowel", "Hòa Minh", "Hoà Minh", true},
		{"three vowels", "khuỷu", "khuyủ", true},
		{"NFC and NFD", "Phường Nguyệt Hoá", norm.NFD.String("Phường Nguyệt Hóa"), true},
		{"capitals", "XÃ LONG HÒA", "xã Long Hoà", true},
		{"spaces", " Xã  Long Hòa ", "Xã Long Hoà", true},
		{"tone typed before the circumflex", "Viê\u0323t", "Vie\u0323\u0302t", true},
		{"without its tone it is another name", "Hòa", "Hoa", false},
		{"another tone is another name", "Hòa", "Hóa", false},
		{"another vowel is another name", "Long Hưu", "Long Huu", false},
		{"đ is not d", "Đại An", "Dại An", false},
		{"the tone stays in its word", "Hòa An", "Hoa Àn", false},
		{"words are not joined", "Hòa An", "HòaAn", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := SameName(c.a, c.b); got != c.want {
				t.Errorf("SameName(%q, %q) = %t, want %t", c.a, c.b, got, c.want)
			}
			if got := Compare(c.a, c.b) == 0; got != c.want {
				t.Errorf("Compare(%q, %q) = %d disagrees with SameName", c.a, c.b, Compare(c.a, c.b))
			}
		})
	}
}

func TestNamesSortAsInTheDictionary(t *testing.T) {
	want := []string{"1", "An Bình", "An Đức", "Ăn", "Âm", "Da", "Dạ", "Đa", "Ma", "Mà", "Mả", "Mã", "Má", "Mạ",
		"Ô", "Ơ", "Phường 1", "Phường 10", "Uy", "Ưng", "Xã"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Compare)
	if !slices.Equal(got, want) {
		t.Errorf("sorted:\n %q, want\n %q", got, want)
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	names := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("aAăâáàđdo \u0300\u0301\x11\x14"))))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := names.Draw(t, "a"), names.Draw(t, "b"), names.Draw(t, "c")
		if Compare(a, b) != -Compare(b, a) {
			t.Fatalf("Compare(%q, %q) is not the opposite of the reverse", a, b)
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%q ≤ %q ≤ %q, but not the first and the last", a, b, c)
		}
		if (Compare(a, b) == 0) != SameName(a, b) {
			t.Fatalf("Compare and SameName differ on %q and %q", a, b)
		}
		if !SameName(a, norm.NFD.String(a)) {
			t.Fatalf("%q and its NFD form are two names", a)
		}
	})
}
