// Package seal encrypts what is personal and makes keyed digests, under keys
// that one secret document gives. Purposes are split by HKDF (RFC 5869), so that
// no key serves two of them. It imports the standard library only.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Purposes of keys.
const (
	Contact = "contact" // bodies of events and contact data
	Cursor  = "cursor"  // opaque cursors
	Digest  = "digest"  // keyed digests of bodies, requests and log-in names
	Link    = "link"    // one-time codes
)

// Document is the secret as it is stored: the first key writes, all keys read.
type Document struct {
	Keys []struct {
		ID     string `json:"id"`
		Secret string `json:"secret"` // base64 of 32 bytes
	} `json:"keys"`
	// Origin is what the distribution says of itself to the API; while it is
	// exchanged, the value that goes stands second.
	Origin []string `json:"origin"`
}

// An origin value is drawn at random; one that a person made up is too short.
const (
	originLength = 26
	originMost   = 2
)

type key struct {
	id     string
	secret []byte
}

// Keys are the keys of one secret document. Safe for concurrent use.
type Keys struct {
	keys   []key
	origin [][sha256.Size]byte    // digests: comparing them takes the same time for every value
	gcm    map[string]cipher.AEAD // by key id, for Contact
	mac    map[string][]byte      // by purpose and key id
}

// Parse reads a secret document.
func Parse(document []byte) (*Keys, error) {
	var d Document
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, errors.New("reading the secret document: not JSON of the right form")
	}
	if len(d.Keys) == 0 {
		return nil, errors.New("reading the secret document: it holds no key")
	}
	if len(d.Origin) > originMost {
		return nil, fmt.Errorf("reading the secret document: it holds more than %d origin values", originMost)
	}
	k := &Keys{gcm: make(map[string]cipher.AEAD), mac: make(map[string][]byte)}
	for i, entry := range d.Keys {
		secret, err := base64.StdEncoding.DecodeString(entry.Secret)
		if err != nil || len(secret) != 32 || entry.ID == "" || len(entry.ID) > 16 {
			return nil, fmt.Errorf("reading the secret document: key %d needs an id and 32 bytes", i)
		}
		if _, taken := k.gcm[entry.ID]; taken {
			return nil, fmt.Errorf("reading the secret document: key %d has the id of another", i)
		}
		k.keys = append(k.keys, key{entry.ID, secret})
		if err := k.derive(entry.ID, secret); err != nil {
			return nil, err
		}
	}
	for i, value := range d.Origin {
		if len(value) < originLength {
			return nil, fmt.Errorf("reading the secret document: origin value %d has fewer than %d characters", i, originLength)
		}
		k.origin = append(k.origin, sha256.Sum256([]byte(value)))
	}
	return k, nil
}

// HasOrigin tells whether anything can pass FromOrigin.
func (k *Keys) HasOrigin() bool { return len(k.origin) > 0 }

// FromOrigin tells whether a value is one that the distribution says, in a time
// that does not depend on the value.
func (k *Keys) FromOrigin(value string) bool {
	sum, found := sha256.Sum256([]byte(value)), 0
	for _, known := range k.origin {
		found |= subtle.ConstantTimeCompare(sum[:], known[:])
	}
	return found == 1
}

func (k *Keys) derive(id string, secret []byte) error {
	for _, purpose := range []string{Contact, Cursor, Digest, Link} {
		derived, err := hkdf.Key(sha256.New, secret, nil, "paht/"+purpose, 32)
		if err != nil {
			return fmt.Errorf("deriving a key: %w", err)
		}
		k.mac[purpose+"/"+id] = derived
		if purpose != Contact {
			continue
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return fmt.Errorf("deriving a key: %w", err)
		}
		if k.gcm[id], err = cipher.NewGCM(block); err != nil {
			return fmt.Errorf("deriving a key: %w", err)
		}
	}
	return nil
}

// Seal encrypts plaintext with AES-256-GCM under the first key; place is
// authenticated with it, so that a ciphertext cannot be moved to another report.
// The form is: length of the key id, key id, nonce, ciphertext.
func (k *Keys) Seal(plaintext []byte, place string) []byte {
	first := k.keys[0]
	gcm := k.gcm[first.id]
	out := make([]byte, 0, 1+len(first.id)+12+len(plaintext)+16)
	out = append(out, byte(len(first.id)))
	out = append(out, first.id...)
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce) // never fails since Go 1.24
	out = append(out, nonce...)
	return gcm.Seal(out, nonce, plaintext, []byte(place))
}

// Open decrypts what Seal made for that place, under whichever key wrote it.
func (k *Keys) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < 1 || len(sealed) < 1+int(sealed[0])+12 {
		return nil, errors.New("opening sealed data: it is too short")
	}
	n := int(sealed[0])
	gcm, ok := k.gcm[string(sealed[1:1+n])]
	if !ok {
		return nil, errors.New("opening sealed data: its key is not in the secret document")
	}
	rest := sealed[1+n:]
	plaintext, err := gcm.Open(nil, rest[:12], rest[12:], []byte(place))
	if err != nil {
		return nil, errors.New("opening sealed data: it was altered, or belongs elsewhere")
	}
	return plaintext, nil
}

// MAC is HMAC-SHA-256 of data under the oldest key of that purpose, in
// hexadecimal. The oldest key is kept for as long as digests under it are
// compared, so that a rotation breaks no lookup.
func (k *Keys) MAC(purpose string, data ...string) string {
	oldest := k.keys[len(k.keys)-1]
	return hex.EncodeToString(k.sum(purpose, oldest.id, data))
}

// CheckMAC tells whether mac was made by MAC under any of the keys. It may have
// been cut to its first 16 bytes or more (RFC 2104, section 5).
func (k *Keys) CheckMAC(mac, purpose string, data ...string) bool {
	given, err := hex.DecodeString(mac)
	if err != nil || len(given) < 16 || len(given) > sha256.Size {
		return false
	}
	for _, key := range k.keys {
		if hmac.Equal(given, k.sum(purpose, key.id, data)[:len(given)]) {
			return true
		}
	}
	return false
}

func (k *Keys) sum(purpose, id string, data []string) []byte {
	m := hmac.New(sha256.New, k.mac[purpose+"/"+id])
	for _, d := range data {
		fmt.Fprintf(m, "%d:", len(d))
		m.Write([]byte(d))
	}
	return m.Sum(nil)
}
