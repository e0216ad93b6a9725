package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// Session is one log-in. Its token is known to the client alone; the store knows
// the token's hash.
type Session struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Epoch   int       `json:"epoch,omitempty"` // the account's when the session began
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Channel string    `json:"channel"` // website or app: what reports of this session come by (R53)
	Device  string    `json:"-"`       // what the owner knows it by; sealed
}

// MaxSessionDays bounds every session: using one is no log-in, so a session must
// not outlive the year of R29 by far (reading A10).
const MaxSessionDays = 180

// NewToken makes the opaque token of a session: 256 random bits.
func NewToken() string {
	var b [32]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// TokenHash is what is stored of a token. It needs no salt: the token is random.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Began is the session that a log-in opens, of the account as it was stored.
func (a Account) Began(hash, device string, days int, at time.Time) Session {
	days = min(days, MaxSessionDays)
	return Session{
		ID: hash[:32], Account: a.ID, Epoch: a.Epoch, Created: at.UTC(),
		Expires: at.AddDate(0, 0, days).UTC(), Channel: "website", Device: device,
	}
}

// Holds tells whether the session is good for the account as it stands: it has
// not expired, was not ended with all others, and the account is not locked
// (reading A9).
func (s Session) Holds(a Account, at time.Time) bool {
	return s.Account == a.ID && s.Epoch == a.Epoch && a.Lock == nil && at.Before(s.Expires)
}
