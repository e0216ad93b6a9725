package seal_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paht/shared/seal"
)

func secret(fill byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32))
}

// keys parses a document of keys, each its id and the byte that fills its secret.
func keys(t testing.TB, ids string) *seal.Keys {
	t.Helper()
	var rows []string
	for _, id := range strings.Fields(ids) {
		rows = append(rows, fmt.Sprintf(`{"id":%q,"secret":%q}`, id, secret(id[0])))
	}
	k, err := seal.Parse([]byte(`{"keys":[` + strings.Join(rows, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// long is an origin value of the least length.
const long = "AAAAcanaryAAAAcanaryAAAAAA"

func TestWhatTheDistributionSaysOfItself(t *testing.T) {
	const other = "BBBBcanaryBBBBcanaryBBBBBB"
	for _, row := range []struct {
		name, origin, value string
		has, is             bool
	}{
		{"the value", `["` + long + `"]`, long, true, true},
		{"the value that goes", `["` + other + `","` + long + `"]`, long, true, true},
		{"the value that comes", `["` + other + `","` + long + `"]`, other, true, true},
		{"a third", `["` + other + `","` + long + `"]`, other + "B", true, false},
		{"its beginning", `["` + long + `"]`, long[:25], true, false},
		{"the same in small letters", `["` + long + `"]`, strings.ToLower(long), true, false},
		{"nothing", `["` + long + `"]`, "", true, false},
		{"anything, where none is known", `[]`, long, false, false},
		{"nothing, where none is known", `[]`, "", false, false},
	} {
		k, err := seal.Parse([]byte(`{"keys":[{"id":"a","secret":"` + secret('a') + `"}],"origin":` + row.origin + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if k.HasOrigin() != row.has || k.FromOrigin(row.value) != row.is {
			t.Errorf("%s: %v, %v", row.name, k.HasOrigin(), k.FromOrigin(row.value))
		}
	}
}

func TestWhatIsNoSecretDocument(t *testing.T) {
	const canary = "AAAAcanaryAAAA"
	row := func(id, secret string) string { return fmt.Sprintf(`{"keys":[{"id":%q,"secret":%q}]}`, id, secret) }
	for name, row := range map[string]struct{ document, says string }{
		"nothing":                  {``, "not JSON"},
		"a list":                   {`[]`, "not JSON"},
		"a key that is no object":  {`{"keys":["` + canary + `"]}`, "not JSON"},
		"no key":                   {`{"keys":[]}`, "no key"},
		"another form":             {`{"secret":"` + canary + `"}`, "no key"},
		"a key without id":         {row("", secret('a')), "key 0 needs"},
		"an id of 17 letters":      {row("abcdefghijklmnopq", secret('a')), "key 0 needs"},
		"a secret of 31 bytes":     {row("a", base64.StdEncoding.EncodeToString(make([]byte, 31))), "key 0 needs"},
		"a secret of 33 bytes":     {row("a", base64.StdEncoding.EncodeToString(make([]byte, 33))), "key 0 needs"},
		"a secret not in base64":   {row("a", canary+"!"), "key 0 needs"},
		"a second key that is bad": {fmt.Sprintf(`{"keys":[{"id":"a","secret":%q},{"id":"b"}]}`, secret('a')), "key 1 needs"},
		"two keys of one id":       {fmt.Sprintf(`{"keys":[{"id":"a","secret":%q},{"id":"a","secret":%q}]}`, secret('a'), secret('b')), "key 1 has the id"},
		"an origin that is short":  {fmt.Sprintf(`{"keys":[{"id":"a","secret":%q}],"origin":["AAAAcanaryAAAA"]}`, secret('a')), "origin value 0 has fewer than 26"},
		"an origin that is empty":  {fmt.Sprintf(`{"keys":[{"id":"a","secret":%q}],"origin":[%q,""]}`, secret('a'), long), "origin value 1 has fewer than 26"},
		"three origins":            {fmt.Sprintf(`{"keys":[{"id":"a","secret":%q}],"origin":[%q,%q,%q]}`, secret('a'), long, long, long), "more than 2"},
	} {
		k, err := seal.Parse([]byte(row.document))
		if err == nil || k != nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

func TestWhatIsSealedOpensInItsPlaceOnly(t *testing.T) {
	k := keys(t, "a")
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		place, other := rapid.String().Draw(t, "place"), rapid.String().Draw(t, "other")
		sealed := k.Seal(plain, place)
		opened, err := k.Open(sealed, place)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened %x, %v, want %x", opened, err, plain)
		}
		if _, err := k.Open(sealed, other); (err == nil) != (place == other) {
			t.Fatalf("in %q what was sealed for %q: %v", other, place, err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		altered := bytes.Clone(sealed)
		altered[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
		if _, err := k.Open(altered, place); err == nil {
			t.Fatalf("byte %d was altered", at)
		}
		if _, err := k.Open(sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "cut")], place); err == nil {
			t.Fatal("the end was cut")
		}
	})
}

func TestEqualTextsAreSealedUnequally(t *testing.T) {
	k := keys(t, "a")
	if bytes.Equal(k.Seal([]byte("text"), "p"), k.Seal([]byte("text"), "p")) {
		t.Error("a nonce was used twice")
	}
	if bytes.Contains(k.Seal([]byte("the plaintext"), "p"), []byte("plaintext")) {
		t.Error("the text stands in the clear")
	}
}

func TestARotationReadsTheOldAndWritesTheNew(t *testing.T) {
	old, both, later := keys(t, "a"), keys(t, "b a"), keys(t, "b")
	before := old.Seal([]byte("text"), "p")
	after := both.Seal([]byte("text"), "p")
	for _, row := range []struct {
		name   string
		keys   *seal.Keys
		sealed []byte
		opens  bool
	}{
		{"both keys read what the old one wrote", both, before, true},
		{"both keys read what the new one wrote", both, after, true},
		{"the new key alone reads what was written while both were there", later, after, true},
		{"the new key alone does not read the old", later, before, false},
		{"the old key alone does not read the new", old, after, false},
	} {
		if _, err := row.keys.Open(row.sealed, "p"); (err == nil) != row.opens {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	if _, err := later.Open(before, "p"); err == nil || !strings.Contains(err.Error(), "its key is not in the secret document") {
		t.Errorf("the error is %v", err)
	}
}

func TestADigestHoldsThroughARotation(t *testing.T) {
	old, both, later := keys(t, "a"), keys(t, "b a"), keys(t, "b")
	mac := old.MAC(seal.Digest, "x")
	if both.MAC(seal.Digest, "x") != mac {
		t.Error("a lookup by digest breaks while both keys are there")
	}
	if later.MAC(seal.Digest, "x") == mac {
		t.Error("the new key makes the digest of the old one")
	}
	for name, row := range map[string]struct {
		keys *seal.Keys
		mac  string
		ok   bool
	}{
		"the old one's, by both": {both, mac, true}, "the new one's, by both": {both, later.MAC(seal.Digest, "x"), true},
		"the old one's, by the new alone": {later, mac, false}, "the new one's, by the old alone": {old, later.MAC(seal.Digest, "x"), false},
	} {
		if row.keys.CheckMAC(row.mac, seal.Digest, "x") != row.ok {
			t.Errorf("%s: want %v", name, row.ok)
		}
	}
}

func TestADigestIsOfItsPurposeAndItsWords(t *testing.T) {
	k := keys(t, "a")
	mac := k.MAC(seal.Cursor, "scope", "payload")
	if len(mac) != 64 || mac != k.MAC(seal.Cursor, "scope", "payload") {
		t.Errorf("the digest is %s", mac)
	}
	for name, other := range map[string]string{
		"another purpose": k.MAC(seal.Digest, "scope", "payload"), "words cut elsewhere": k.MAC(seal.Cursor, "scopep", "ayload"),
		"one word": k.MAC(seal.Cursor, "scopepayload"), "one word more": k.MAC(seal.Cursor, "scope", "payload", ""), "another order": k.MAC(seal.Cursor, "payload", "scope"),
	} {
		if other == mac {
			t.Errorf("%s has the same digest", name)
		}
	}
}

func TestWhatOfADigestIsEnough(t *testing.T) {
	k := keys(t, "b a")
	mac := k.MAC(seal.Cursor, "x")
	last := map[bool]string{true: "0", false: "1"}[mac[31] == '1']
	for name, row := range map[string]struct {
		mac string
		ok  bool
	}{
		"all of it": {mac, true}, "in capitals": {strings.ToUpper(mac), true}, "its first 16 bytes": {mac[:32], true}, "its first 20": {mac[:40], true},
		"its first 15 bytes": {mac[:30], false}, "half a byte more": {mac[:33], false}, "nothing": {"", false}, "a byte too much": {mac + "00", false},
		"the last 16 bytes": {mac[32:], false}, "the 16th byte changed": {mac[:31] + last, false}, "no digits": {strings.Repeat("zz", 16), false},
	} {
		if k.CheckMAC(row.mac, seal.Cursor, "x") != row.ok {
			t.Errorf("%s: want %v", name, row.ok)
		}
	}
}
