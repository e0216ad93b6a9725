package account

import (
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/seal"
)

// Purpose says what a code is for.
type Purpose string

// The purposes.
const (
	Verify   Purpose = "verify"   // proves an e-mail address
	Activate Purpose = "activate" // sets an officer's first password
)

// Issue is a code that was issued. The code itself is derived from it, so that
// it stands neither in the table nor in a message.
type Issue struct {
	Purpose Purpose   `json:"for"`
	N       int       `json:"n"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`
	Tries   int       `json:"tries,omitempty"` // wrong ones
	Change  int       `json:"c,omitempty"`     // the change that last asked to mail it
	Asked   time.Time `json:"asked"`           // when that was
}

// MaxCodeTries is how many wrong codes are taken for one that was issued.
const MaxCodeTries = 10

// Deriver makes keyed digests.
type Deriver interface {
	MAC(purpose string, data ...string) string
}

// crockford is Crockford's base32 alphabet (https://www.crockford.com/base32.html).
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Code is the n-th code of an account: eight characters, 40 bits.
func Code(keys Deriver, account string, purpose Purpose, n int) string {
	sum, err := hex.DecodeString(keys.MAC(seal.Link, account, string(purpose), strconv.Itoa(n)))
	if err != nil || len(sum) < 8 {
		panic("account: a keyed digest is not hexadecimal")
	}
	code := make([]byte, 8)
	for i := range code {
		code[i] = crockford[sum[i]&31]
	}
	return string(code)
}

// plainCode reads a code as people type it: any case, spaces and hyphens
// anywhere, O for 0, I and L for 1.
func plainCode(typed string) string {
	typed = strings.ToUpper(typed)
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(typed)
}

// issue makes a new code the one that can be used.
func (a *Account) issue(purpose Purpose, at time.Time, life time.Duration) {
	a.Codes++
	a.Code = &Issue{Purpose: purpose, N: a.Codes, At: at.UTC(), Until: at.Add(life).UTC()}
}

// mail owes the mail that carries the code.
func (a *Account) mail(at time.Time) {
	kind := message.AccountVerify
	if a.Code.Purpose == Activate {
		kind = message.AccountActivate
	}
	a.Code.Change, a.Code.Asked = a.owe(kind, at), at.UTC()
}

func (i *Issue) usable(purpose Purpose, at time.Time) bool {
	return i != nil && i.Purpose == purpose && at.Before(i.Until) && i.Tries < MaxCodeTries
}

// proven takes a code: the right one is used up, a wrong one is counted. refused
// is what the client is told; the account is written unless err is ErrNothing.
func (a Account) proven(keys Deriver, purpose Purpose, typed string, at time.Time) (next Account, refused, err error) {
	if a.Lock != nil || !a.Code.usable(purpose, at) {
		return a, ErrCode(), ErrNothing
	}
	next = a.clone()
	right := Code(keys, a.ID, purpose, a.Code.N)
	if subtle.ConstantTimeCompare([]byte(plainCode(typed)), []byte(right)) != 1 {
		next.Code.Tries++
		return next, ErrCode(), nil
	}
	next.Code = nil
	return next, nil, nil
}

// ErrCode is the one answer to a wrong, used or expired code and to an unknown
// name.
func ErrCode() error { return fault.InvalidField("body.code", "code_refused") }

// VerifiedWith proves the e-mail address with the code that was sent to it.
func (a Account) VerifiedWith(keys Deriver, typed string, at time.Time) (next Account, refused, err error) {
	next, refused, err = a.proven(keys, Verify, typed, at)
	if refused == nil {
		now := at.UTC()
		next.Verified = &now
	}
	return next, refused, err
}

// ActivatedWith sets an officer's first password with the code that was sent,
// which proves the work address too. hash is the password's.
func (a Account) ActivatedWith(keys Deriver, typed, hash string, at time.Time) (next Account, refused, err error) {
	next, refused, err = a.proven(keys, Activate, typed, at)
	if refused == nil {
		now := at.UTC()
		next.Verified, next.Private.Password = &now, hash
	}
	return next, refused, err
}

// CodeAsked sends a code again: the same one while most of its time is left, so
// that a stranger who asks does not void what the owner has in hand, else a new
// one. Who needs none gets none.
func (a Account) CodeAsked(at time.Time, verify, activate time.Duration) (Account, error) {
	purpose, life, needed := Verify, verify, a.Verified == nil
	if a.Kind == Officer {
		purpose, life, needed = Activate, activate, a.Private.Password == ""
	}
	if a.Lock != nil || !needed {
		return a, ErrNothing
	}
	next := a.clone()
	if !a.Code.usable(purpose, at) || a.Code.Until.Sub(at) < life/2 {
		next.issue(purpose, at, life)
	}
	next.mail(at)
	return next, nil
}

// usedKey names, among the acts of an account, those that used a code up.
const usedKey = "code"

// Used tells whether this very request used a code up before: whoever repeats it
// was not answered, and is answered as the first time. Nothing happens twice.
func (a Account) Used(request string) bool {
	for _, act := range a.Acts {
		if act.Key == usedKey && act.Request == request {
			return true
		}
	}
	return false
}

// UsedBy remembers which request used a code up.
func (a Account) UsedBy(request string, at time.Time) Account {
	next := a.clone()
	next.acted(Act{Key: usedKey, Request: request, At: at})
	return next
}
