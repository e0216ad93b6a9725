package settings

import (
	"testing"

	"paht/shared/screening"
)

func TestTheDepartmentsPhrasesTakeTheProductsPlace(t *testing.T) {
	const text = "Tôi khiếu nại vì cây dù che khuất"
	rows := []struct {
		fact, doc, phrase string
		list              int
	}{
		{"the product's own", "", "khiếu nại", 0},
		{"the department's", `[{"class":"9.1.a","phrase":"cây dù","weight":3}]`, "cây dù", 1},
		{"a phrase that this version does not know is left out", `[{"class":"9.9","phrase":"khiếu nại","weight":3},{"class":"9.1.a","phrase":"cây dù","weight":4}]`, "cây dù", 1},
		{"none", `[]`, "", 0},
	}
	for _, row := range rows {
		t.Run(row.fact, func(t *testing.T) {
			s := New(nil, noLoader)
			if row.doc != "" {
				s = stored(map[Kind]string{Words: row.doc})
			}
			words, err := s.Words(ctx)
			if err != nil {
				t.Fatal(err)
			}
			got := words.Hints(text)
			if row.phrase == "" {
				if len(got) != 0 {
					t.Errorf("%v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Phrase != row.phrase || got[0].List != row.list {
				t.Errorf("%+v, want %s of list %d", got, row.phrase, row.list)
			}
		})
	}
	if _, err := stored(map[Kind]string{Words: `{`}).Words(ctx); err == nil {
		t.Error("a document that cannot be read was read")
	}
}

// The named examples of the commission's rules stand in the product's list.
func TestTheProductsPhrasesHoldTheCommissionsExamples(t *testing.T) {
	words, err := New(nil, noLoader).Words(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for text, class := range map[string]string{
		"thủ tục hành chính": screening.Administrative, "hồ sơ trễ hẹn": screening.Administrative,
		"một cửa hẹn hoài, giấy hẹn": screening.Administrative, "quy định không phù hợp": screening.Administrative,
		"khiếu nại": screening.Complaint, "tố cáo": screening.Complaint, "quyết định số 12 bồi thường": screening.Complaint,
		"thu hồi đất, bồi thường": screening.Complaint, "tham nhũng": screening.Complaint,
	} {
		hints := words.Hints(text)
		if len(hints) == 0 || hints[0].Class != class {
			t.Errorf("%s: %v", text, hints)
		}
	}
}

func BenchmarkFirstWords(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(nil, noLoader).Words(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
