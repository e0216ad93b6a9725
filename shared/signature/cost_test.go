package signature_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"paht/shared/signature"
	"paht/shared/signature/signaturetest"
)

// big is a file of nearly 20 MiB, signed once or twice.
func (w *world) big(twice bool) []byte {
	data := signaturetest.Document{Title: "Quét", Filler: 20<<20 - 120_000}.Bytes()
	if twice {
		data = w.sign(data, w.person)
	}
	return w.sign(data, w.agency)
}

func TestVerifyingCopiesTheFileOnce(t *testing.T) {
	w := theWorld()
	data := w.big(true)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	accepts(t, data, w.policy)
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes allocated for a file of %d", allocated, len(data))
	if limit := uint64(len(data)) * 5 / 4; allocated > limit {
		t.Errorf("%d bytes allocated for a file of %d", allocated, len(data))
	}
}

func BenchmarkVerify(b *testing.B) {
	w := theWorld()
	for name, data := range map[string][]byte{
		"one page":             w.result(),
		"20 MiB, signed once":  w.big(false),
		"20 MiB, signed twice": w.big(true),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signature.Verify(context.Background(), data, w.policy); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Each bit outside the signature itself is signed; each one inside may change
// the verdict, but never end the process.
func TestEachBitOfASignedFileCounts(t *testing.T) {
	w := theWorld()
	var files [][]byte
	for _, form := range []signaturetest.Form{signaturetest.Table, signaturetest.XRefStream, signaturetest.ObjectStreams, signaturetest.Hybrid} {
		files = append(files, w.sign(w.sign(base(form), w.person), w.agency))
	}
	rapid.Check(t, func(t *rapid.T) {
		data := bytes.Clone(rapid.SampledFrom(files).Draw(t, "file"))
		at := rapid.IntRange(0, len(data)-1).Draw(t, "byte")
		data[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		_, err := signature.Verify(context.Background(), data, w.policy)
		gap := bytes.LastIndex(data, []byte("/Contents <"))
		inGap := gap >= 0 && at > gap && at < gap+24_100
		var r *signature.Refused
		switch {
		case err == nil && !inGap:
			t.Fatalf("a change at byte %d of %d was not noticed", at, len(data))
		case err != nil && !errors.As(err, &r):
			t.Fatal(err)
		}
	})
}

func FuzzVerify(f *testing.F) {
	w := theWorld()
	for _, form := range []signaturetest.Form{signaturetest.Table, signaturetest.XRefStream, signaturetest.ObjectStreams, signaturetest.Hybrid} {
		f.Add(w.sign(base(form), w.agency))
		f.Add(must(w.authority.AddDocumentTimeStamp(w.sign(base(form), w.person), signing)))
	}
	for _, h := range hostiles {
		if data := h.data(); len(data) < 100_000 {
			f.Add(data)
		}
	}
	p := w.policy
	p.AllowValidationData = true
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		e, err := signature.Verify(context.Background(), data, p)
		if !bytes.Equal(kept, data) {
			t.Fatal("the file was changed")
		}
		var r *signature.Refused
		switch {
		case err == nil && (len(e.Signatures) == 0 || e.AgencySignedAt.IsZero()):
			t.Fatal("accepted without the agency's signature")
		case err != nil && !errors.As(err, &r):
			t.Fatal(err)
		case r != nil && !slices.Contains(signature.Rules, r.Rule):
			t.Fatalf("refused under %q, which is no rule", r.Rule)
		}
	})
}
