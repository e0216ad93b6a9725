package packed_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"paht/shared/packed"
)

func TestADocumentComesBackAsItWas(t *testing.T) {
	random := make([]byte, 20_000)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(random) // never fails
	for _, test := range []struct {
		name     string
		document []byte
		within   int // bytes when packed; 0 for no bound
	}{
		{"an empty object", []byte(`{}`), 12},
		{"a clock", []byte(`{"name":"screening","event":1,"start":"2026-03-10T01:30:00Z","due":"2026-03-10T03:30:00Z","unit":"working","amount":120,"cal":"vn-2024-2027.1","pol":"1-313d7a77"}`), 60},
		{"words of a report", []byte(`{"text":"Nắp cống trước số nhà 12 đường Lê Lợi bị mất, rất nguy hiểm cho người đi đường ban đêm."}`), 70},
		{"a long document", []byte(`["` + strings.Repeat("Đường hư hỏng. ", 20_000) + `"]`), 3_000},
		{"what cannot be packed", append([]byte(`["`), random...), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			stored := packed.Pack(test.document)
			got, err := packed.Unpack(stored)
			if err != nil || !bytes.Equal(got, test.document) {
				t.Fatalf("%d bytes came back for %d: %v", len(got), len(test.document), err)
			}
			if test.within > 0 && len(stored) > test.within {
				t.Errorf("%d bytes are packed into %d, want %d at most", len(test.document), len(stored), test.within)
			}
			if again := packed.Pack(test.document); !bytes.Equal(again, stored) {
				t.Error("packed twice, the bytes differ")
			}
		})
	}
}

// TestWhatWasPackedOnceIsReadForEver holds bytes of the first dictionary: a change
// of it would make every stored report unreadable.
func TestWhatWasPackedOnceIsReadForEver(t *testing.T) {
	const document = `{"id":"PA-V5RP7RF6MG=","v":1,"state":"submitted","channel":"website"}`
	got, err := packed.Unpack([]byte("\x01\x42\x34\xd1\xc2\x4c\x83\x02\xcc\x83\xdc\xcc\x7c\xdd\x6d\xa1\xad\x35\xec\x4d\x59\xcc\x06\x5a\x2d\x20\x00\x00\xff\xff"))
	if err != nil || string(got) != document {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestUnpack(t *testing.T) {
	whole := packed.Pack([]byte(`{"state":"submitted","text":"Đường hư hỏng"}`))
	bomb := packed.Pack(bytes.Repeat([]byte(" "), 5<<20))
	for _, test := range []struct {
		name   string
		stored []byte
		want   string // "" for a refusal
	}{
		{"a document that was never packed is given as it is", []byte(`{"a":1}`), `{"a":1}`},
		{"nothing is refused", nil, ""},
		{"half a document is refused", whole[:len(whole)/2], ""},
		{"a dictionary that is not there is refused", append([]byte{2}, whole[1:]...), ""},
		{"bytes that nobody packed are refused", []byte{1, 0xff, 0xff, 0xff}, ""},
		{"a document without end is refused", bomb, ""},
		{"and a refusal leaves the next one unharmed", whole, `{"state":"submitted","text":"Đường hư hỏng"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := packed.Unpack(test.stored)
			if string(got) != test.want || (err == nil) != (test.want != "") {
				t.Errorf("gave %q, %v", got, err)
			}
		})
	}
}

func BenchmarkPack(b *testing.B) {
	document := []byte(`{"n":7,"type":"assignment.received","at":"2026-03-10T01:30:00Z","by":{"kind":"officer","id":"d65nqs7vztfkmfaaj7masxyuba","agency":"TTHTKT"},"state":"processing"}`)
	for b.Loop() {
		packed.Pack(document)
	}
}

func BenchmarkUnpack(b *testing.B) {
	stored := packed.Pack([]byte(`{"n":7,"type":"assignment.received","at":"2026-03-10T01:30:00Z","by":{"kind":"officer","id":"d65nqs7vztfkmfaaj7masxyuba","agency":"TTHTKT"},"state":"processing"}`))
	for b.Loop() {
		if _, err := packed.Unpack(stored); err != nil {
			b.Fatal(err)
		}
	}
}
