package account

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
)

// Argon hashes with argon2id (RFC 9106). Each hash names its own parameters, so
// they can be changed at any time.
type Argon struct {
	params argon2id.Params
	nobody string // a hash that no password has
}

// NewArgon takes the memory in KiB, the passes and the lanes.
func NewArgon(memory, passes uint32, lanes uint8) (*Argon, error) {
	if memory < 8*uint32(lanes) || passes < 1 || lanes < 1 {
		return nil, fmt.Errorf("hashing passwords: argon2id takes no %d KiB, %d passes, %d lanes", memory, passes, lanes)
	}
	params := argon2id.Params{Memory: memory, Iterations: passes, Parallelism: lanes, SaltLength: 16, KeyLength: 32}
	var b [48]byte
	rand.Read(b[:]) // never fails since Go 1.24
	nobody := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes,
		base64.RawStdEncoding.EncodeToString(b[:16]), base64.RawStdEncoding.EncodeToString(b[16:]))
	return &Argon{params: params, nobody: nobody}, nil
}

// Hash implements Passwords.
func (a *Argon) Hash(password string) (string, error) {
	hash, err := argon2id.CreateHash(password, &a.params)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// Check implements Passwords.
func (a *Argon) Check(password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = a.nobody
	}
	right, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("checking a password: %w", err)
	}
	return right && known, nil
}
