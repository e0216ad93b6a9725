package httpapi_test

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/seal"
)

func signer(t testing.TB, document string) *seal.Keys {
	t.Helper()
	k, err := seal.Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const (
	oldKey = `{"id":"a","secret":"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}`
	newKey = `{"id":"b","secret":"MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="}`
)

func TestACursorFitsItsListAlone(t *testing.T) {
	k := signer(t, `{"keys":[`+oldKey+`]}`)
	text := rapid.String()
	rapid.Check(t, func(t *rapid.T) {
		position := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), text, 1, 4).Draw(t, "position")
		scope, other := text.Draw(t, "scope"), text.Draw(t, "other")
		cursor := httpapi.WriteCursor(k, scope, position)
		got, err := httpapi.ReadCursor(k, scope, cursor)
		if err != nil || !maps.Equal(got, position) {
			t.Fatalf("%v came back as %v, %v", position, got, err)
		}
		if _, err := httpapi.ReadCursor(k, other, cursor); (err == nil) != (scope == other) {
			t.Fatalf("a cursor of %q at %q: %v", scope, other, err)
		}
		at := rapid.IntRange(0, len(cursor)-1).Draw(t, "at")
		to := rapid.SampledFrom([]byte("gZ_.")).Draw(t, "to")
		if altered := cursor[:at] + string(to) + cursor[at+1:]; altered != cursor {
			if _, err := httpapi.ReadCursor(k, scope, altered); err == nil {
				t.Fatalf("character %d was altered", at)
			}
		}
	})
}

func TestTheBeginningAndTheEndHaveNoCursor(t *testing.T) {
	k := signer(t, `{"keys":[`+oldKey+`]}`)
	if got := httpapi.WriteCursor(k, "s", nil); got != "" {
		t.Errorf("the end has %q", got)
	}
	if got, err := httpapi.ReadCursor(k, "s", ""); got != nil || err != nil {
		t.Errorf("the beginning is %v, %v", got, err)
	}
	cursor := httpapi.WriteCursor(k, "s", map[string]string{"pk": "x"})
	for name, c := range map[string]string{
		"no signature": strings.Split(cursor, ".")[0], "an empty one": strings.Split(cursor, ".")[0] + ".", "a long one": cursor + "00",
		"signed, but no position": "e30.x", "spaces": " " + cursor,
	} {
		_, err := httpapi.ReadCursor(k, "s", c)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Fields[0].Path != "query.cursor" || f.Fields[0].Code != "cursor_tampered" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACursorOutlivesARotation(t *testing.T) {
	old, both := signer(t, `{"keys":[`+oldKey+`]}`), signer(t, `{"keys":[`+newKey+`,`+oldKey+`]}`)
	cursor := httpapi.WriteCursor(old, "s", map[string]string{"pk": "x"})
	if _, err := httpapi.ReadCursor(both, "s", cursor); err != nil {
		t.Error(err)
	}
	if _, err := httpapi.ReadCursor(signer(t, `{"keys":[`+newKey+`]}`), "s", cursor); err == nil {
		t.Error("it outlives its key")
	}
}
