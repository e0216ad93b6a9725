package signature

import (
	"encoding/asn1"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/shared/signature/internal/pdf"
)

func TestTheDictionarysTimeIsRead(t *testing.T) {
	at := time.Date(2026, 9, 7, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"(D:20260907100405+07'00')": at,
		"(D:20260907100405+07'00)":  at,
		"(D:20260907100405+07)":     at,
		"(D:20260907030405Z)":       at,
		"(D:20260907030405Z00'00')": at,
		"(D:20260906220405-05'00')": at,
		"(D:20260907100405)":        at, // without a zone: Vietnam's
		"(D:2026090710)":            {},
		"(20260907100405+07'00')":   {},
		"(D:20261307100405+07'00')": {},
		"(D:20260907100405+99'99')": {},
		"(D:20260907100405 x)":      {},
		"()":                        {},
	} {
		got, ok := dictionaryTime(pdf.Dict{{Key: "M", Value: pdf.String{Raw: []byte(text)}}})
		if ok == want.IsZero() || ok && !got.Equal(want) {
			t.Errorf("%s is read as %v, %v", text, got, ok)
		}
	}
	if _, ok := dictionaryTime(pdf.Dict{{Key: "M", Value: int64(20260907)}}); ok {
		t.Error("a number is read as a time")
	}
}

// What the standard library writes has the length that it has, whatever follows,
// and nothing of it may be missing.
func TestTheBoundMeasuresWholeObjects(t *testing.T) {
	type inner struct {
		A int
		B []byte
		C []int
	}
	rapid.Check(t, func(t *rapid.T) {
		v := inner{rapid.Int().Draw(t, "a"), rapid.SliceOf(rapid.Byte()).Draw(t, "b"), rapid.SliceOf(rapid.Int()).Draw(t, "c")}
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		more := append(append([]byte{}, der...), rapid.SliceOf(rapid.Byte()).Draw(t, "more")...)
		if n, err := boundBER(more); err != nil || n != len(der) {
			t.Fatalf("got %d and %v, want %d", n, err, len(der))
		}
		if n, err := boundBER(der[:rapid.IntRange(0, len(der)-1).Draw(t, "cut")]); err == nil {
			t.Fatalf("an object that is cut short has %d bytes", n)
		}
		loose := append([]byte{0x30, 0x80, 0x24, 0x80}, der...)
		loose = append(loose, 0, 0, 0, 0)
		if n, err := boundBER(loose); err != nil || n != len(loose) {
			t.Fatalf("got %d and %v, want %d", n, err, len(loose))
		}
	})
}

func TestTextStringsAreShown(t *testing.T) {
	for raw, want := range map[string]string{
		"(Signature1)":           "Signature1",
		"<FEFF1EE6>":             "Ủ",
		"<FEFFD83DDE00>":         "😀",
		"(\xc4\x90\xe1\xba\xbf)": "Đế",
		"(\xe9)":                 "é",
		"<FEFF1E>":               "",
	} {
		if got := text(pdf.String{Raw: []byte(raw)}); got != want {
			t.Errorf("%s is shown as %q, want %q", raw, got, want)
		}
	}
}
