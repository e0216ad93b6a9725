package ledger

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// stored is an event as it stands in a table, with its hash.
const stored = `{"n":3,"type":"report.accepted","at":"2026-11-24T01:30:00Z","by":{"kind":"officer","id":"an","agency":"ttdh"},` +
	`"state":"accepted","facts":{"related":"\"hash\":\"x\""},"body":"6a","prev":"5b","hash":"HASH"}`

// recorded is the event with the hash that was computed apart from this code:
// printf '%s' '…,"hash":""}' | sha256sum.
func recorded() []byte {
	return []byte(strings.Replace(stored, "HASH", recordedHash, 1))
}

const recordedHash = "59ac88e5779f8a8fc1c223553333cbcd6d09697d66882a88cc9f5d04ba1964b7"

func TestTheHashOfAnEventIsTakenFromItsBytes(t *testing.T) {
	if sum, err := digest(recorded()); err != nil || sum != recordedHash {
		t.Errorf("gave %s, %v", sum, err)
	}
}

func TestEveryByteOfAnEventCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := recorded()
		at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
		by := rapid.ByteRange(1, 255).Draw(t, "by")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			raw[at] ^= by
		case 1:
			raw = slices.Delete(raw, at, at+1)
		case 2:
			raw = slices.Insert(raw, at, by)
		}
		var e event
		if json.Unmarshal(raw, &e) != nil {
			return // named as unreadable
		}
		if sum, err := digest(raw); err == nil && sum == e.Hash {
			t.Fatalf("an altered event gives its hash: %s", raw)
		}
	})
}

func TestAnEventWithoutOneHashHasNone(t *testing.T) {
	for name, raw := range map[string]string{
		"no object": `[]`, "no hash": `{"n":1}`, "a hash within": `{"facts":{"hash":"x"}}`, "two hashes": `{"hash":"a","hash":"b"}`, "cut off": `{"hash":"a"`, "empty": ``,
	} {
		if sum, err := digest([]byte(raw)); err == nil {
			t.Errorf("%s gave %s", name, sum)
		}
	}
}
