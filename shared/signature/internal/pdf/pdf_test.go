package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func read(s string) (any, error) {
	l := lexer{b: []byte(s)}
	return l.value(0)
}

func TestValuesAreRead(t *testing.T) {
	tests := map[string]struct {
		text string
		want any
	}{
		"a number":                        {"42 ", int64(42)},
		"a negative number":               {"-7 ", int64(-7)},
		"a real":                          {"-.5 ", -0.5},
		"a real without a fraction":       {"4. ", 4.0},
		"a reference":                     {"12 3 R", Ref{12, 3}},
		"two numbers are no reference":    {"12 3 ", int64(12)},
		"R must stand alone":              {"12 3 RG", int64(12)},
		"a reference over a comment":      {"12 % c\n 0 R", Ref{12, 0}},
		"a name":                          {"/Type ", Name("Type")},
		"a name with an escape":           {"/A#20B#zz ", Name("A B#zz")},
		"the empty name":                  {"/ ", Name("")},
		"true":                            {"true]", true},
		"null":                            {"null ", nil},
		"a bare word":                     {"endobj", Keyword("endobj")},
		"an array over comments":          {"[1 % ]\n /A]", Array{int64(1), Name("A")}},
		"a dictionary":                    {"<</A 1/B[2 0 R]>>", Dict{{"A", int64(1)}, {"B", Array{Ref{2, 0}}}}},
		"a dictionary inside a hex delim": {"<< /A <00> >>", Dict{{"A", String{Raw: []byte("<00>"), Start: 6, End: 10}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := read(tt.text)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v and %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestMalformedValuesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                   "",
		"an open array":             "[1 2",
		"an open dictionary":        "<< /A 1",
		"a key that is no name":     "<< 1 2 >>",
		"a key without value":       "<< /A >>",
		"a bare word in an array":   "[obj]",
		"an open string":            "(a(b)",
		"a string that ends in \\":  "(a\\",
		"an open hex string":        "<00",
		"a hex string of letters":   "<xy>",
		"a number with letters":     "12a ",
		"a number with two dots":    "1.2.3 ",
		"a sign alone":              "- ",
		"a number too large":        strings.Repeat("9", 30),
		"a closing delimiter":       ")",
		"a reference out of bounds": "9999999999 0 R",
	} {
		t.Run(name, func(t *testing.T) {
			v, err := read(text)
			var e *Error
			if !errors.As(err, &e) || e.Kind != Unparsable {
				t.Errorf("got %v and %v", v, err)
			}
		})
	}
}

func TestStringsAreDecoded(t *testing.T) {
	for text, want := range map[string]string{
		`(a)`:             "a",
		`(a(b)c)`:         "a(b)c",
		`(\(\)\\)`:        `()\`,
		`(\n\r\t\b\f)`:    "\n\r\t\b\f",
		`(\101\1012\0)`:   "AA2\x00",
		"(a\\\nb\\\r\nc)": "abc",
		`<48 65 6C6c6F>`:  "Hello",
		`<487>`:           "Hp",
		`<>`:              "",
	} {
		v, err := read(text)
		s, ok := v.(String)
		if err != nil || !ok || string(s.Bytes()) != want {
			t.Errorf("%s reads as %q (%v), want %q", text, s.Bytes(), err, want)
		}
	}
}

// Whatever the bytes, the lexer ends, moves forward and stays inside them.
func TestTheLexerAlwaysEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"<<", ">>", "[", "]", "(", ")", "<", ">", "/A", " 1", " 0 R", "%", "\n", "\\", "obj", "{", "#4"})).Draw(t, "parts")
		text := strings.Join(parts, "") + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		l := lexer{b: []byte(text)}
		_, err := l.value(0)
		if l.pos > len(l.b) {
			t.Fatalf("at %d of %d", l.pos, len(l.b))
		}
		if err == nil && l.pos == 0 {
			t.Fatal("a value of no bytes")
		}
	})
}

// filterRow is the encoder's side of a PNG row filter.
func filterRow(kind byte, row, prior []byte, pixel int) []byte {
	out := []byte{kind}
	for i := range row {
		var left, up, corner int
		up = int(prior[i])
		if i >= pixel {
			left, corner = int(row[i-pixel]), int(prior[i-pixel])
		}
		var p int
		switch kind {
		case 1:
			p = left
		case 2:
			p = up
		case 3:
			p = (left + up) / 2
		case 4:
			p = paeth(left, up, corner)
		}
		out = append(out, row[i]-byte(p))
	}
	return out
}

func TestPredictorsAreUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		colors := rapid.IntRange(1, 4).Draw(t, "colors")
		columns := rapid.IntRange(1, 20).Draw(t, "columns")
		rows := rapid.IntRange(0, 6).Draw(t, "rows")
		prior := make([]byte, colors*columns)
		var want, encoded []byte
		for range rows {
			row := rapid.SliceOfN(rapid.Byte(), colors*columns, colors*columns).Draw(t, "row")
			encoded = append(encoded, filterRow(rapid.ByteRange(0, 4).Draw(t, "filter"), row, prior, colors)...)
			want = append(want, row...)
			prior = row
		}
		parms := Dict{{"Predictor", int64(15)}, {"Colors", int64(colors)}, {"Columns", int64(columns)}}
		got, err := unpredict(encoded, parms)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %x and %v, want %x", got, err, want)
		}
	})
}

func TestEqualLooksAtValuesAndNotAtPlaces(t *testing.T) {
	a, b := Dict{{"A", int64(1)}, {"B", String{Raw: []byte("(x)"), Start: 3}}}, Dict{{"B", String{Raw: []byte("<78>"), Start: 9}}, {"A", int64(1)}}
	if !Equal(a, b) {
		t.Error("the same values in another order differ")
	}
	for name, other := range map[string]any{
		"a value":    Dict{{"A", int64(2)}, {"B", b[0].Value}},
		"a type":     Dict{{"A", 1.0}, {"B", b[0].Value}},
		"a key more": append(append(Dict{}, b...), Entry{"C", nil}),
		"an array":   Array{},
		"nothing":    nil,
		"a repeat":   Dict{{"A", int64(1)}, {"A", int64(1)}},
	} {
		if Equal(a, other) || Equal(other, a) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

func file(objects string, entries string) []byte {
	out := "%PDF-1.4\n" + objects
	return fmt.Appendf(nil, "%sxref\n%strailer\n<< /Size 9 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", out, entries, len(out))
}

func TestTheNewestEntryOfAnObjectCounts(t *testing.T) {
	one := "1 0 obj\n<< /Pages 2 0 R /V (old) >>\nendobj\n2 0 obj\n<< >>\nendobj\n"
	data := file(one, fmt.Sprintf("1 2\n%010d 00000 n \n%010d 00000 n \n", 9, 9+strings.Index(one, "2 0 obj")))
	prev := bytes.Index(data, []byte("xref"))
	end := len(data)
	data = append(data, "1 0 obj\n<< /Pages 2 0 R /V (new) >>\nendobj\n"...)
	start := len(data)
	data = fmt.Appendf(data, "xref\n1 1\n%010d 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", end, prev, start)
	d, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	root, err := d.ResolveDict(d.Trailer.Get("Root"), "root")
	if s, _ := root.Get("V").(String); err != nil || string(s.Bytes()) != "new" {
		t.Errorf("got %v and %v", root, err)
	}
	if err := d.Walk(context.Background()); err != nil {
		t.Error(err)
	}
	for at, want := range map[int]bool{end: true, end - 1: true, len(data): true, end + 1: false, end - 2: false, 0: false, len(data) + 1: false} {
		if _, got := d.RevisionEnds(at); got != want {
			t.Errorf("a revision ends at %d of %d: %v", at, len(data), got)
		}
	}
}

func TestObjectsThatAreNotWhereTheyShouldBe(t *testing.T) {
	for name, tt := range map[string]struct{ objects, entries string }{
		"another object stands there": {"2 0 obj\n<< >>\nendobj\n", "1 1\n0000000009 00000 n \n"},
		"nothing stands there":        {"% nothing at all\n", "1 1\n0000000012 00000 n \n"},
		"an object that does not end": {"1 0 obj\n<< >>\n", "1 1\n0000000009 00000 n \n"},
		"no page tree":                {"1 0 obj\n<< >>\nendobj\n", "1 1\n0000000009 00000 n \n"},
		"a catalogue that is a name":  {"1 0 obj\n/A\nendobj\n", "1 1\n0000000009 00000 n \n"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(file(tt.objects, tt.entries))
			if err == nil {
				err = d.Walk(context.Background())
			}
			var e *Error
			if !errors.As(err, &e) || e.Kind != Unparsable {
				t.Errorf("got %v", err)
			}
		})
	}
}
