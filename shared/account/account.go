// Package account holds the accounts of reporters and officers (Articles 6 and 7
// of Decision 1433/QĐ-UBND): who they are, how they prove it, when they are
// locked, and what a change of one still owes. Its transitions are pure: time,
// ids and digests come in as values. It must never import AWS, HTTP or a step.
package account

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"

	"paht/shared/fault"
)

// Kind is a kind of account (R06).
type Kind string

// The kinds.
const (
	Individual   Kind = "individual"
	Organisation Kind = "organisation"
	Officer      Kind = "officer"
)

// Account is one account. What is personal or secret is in Private, which the
// store seals; the rest is all that a request needs to know who calls.
type Account struct {
	ID       string     `json:"id"`
	Version  int        `json:"-"` // of the stored item; 0 for one that is not stored yet
	Kind     Kind       `json:"kind"`
	Language string     `json:"lang"`
	Created  time.Time  `json:"created"`
	By       string     `json:"by,omitempty"` // the officer who created it
	Verified *time.Time `json:"verified,omitempty"`
	Agency   string     `json:"agency,omitempty"`
	Roles    []string   `json:"roles,omitempty"`

	Wrong    int        `json:"wrong,omitempty"`  // consecutive wrong passwords (R28, R36)
	LastIn   *time.Time `json:"lastIn,omitempty"` // the last successful log-in
	Active   time.Time  `json:"active"`           // from here the year of R29 counts
	Inactive time.Time  `json:"inactive"`         // when the sweep looks whether that year is over
	Lock     *Lock      `json:"lock,omitempty"`
	Epoch    int        `json:"epoch,omitempty"` // sessions of an earlier one are over

	Codes   int    `json:"codes,omitempty"` // how many codes were issued
	Code    *Issue `json:"code,omitempty"`  // the one that can be used
	Changes int    `json:"changes"`         // numbers what is owed
	Owed    []Owed `json:"owed,omitempty"`
	Acts    []Act  `json:"acts"` // the keyed acts of the last weeks, the creation first

	Private Private `json:"-"`
}

// Private is what is sealed. Contact data stands apart from reports.
type Private struct {
	Name     string `json:"name"`
	LogIn    string `json:"logIn"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Password string `json:"password,omitempty"` // its argon2id hash; empty before an officer's activation
}

// Contact is how an account's owner is reached.
type Contact struct {
	Name     string
	LogIn    string
	Email    string
	Phone    string
	Language string
	Verified bool // the e-mail address is proven
}

// Contact gives the contact data.
func (a Account) Contact() Contact {
	return Contact{Name: a.Private.Name, LogIn: a.Private.LogIn, Email: a.Private.Email, Phone: a.Private.Phone,
		Language: a.Language, Verified: a.Verified != nil}
}

// Act is a keyed act on the account, by which a repeat finds it.
type Act struct {
	Key     string    `json:"key"`
	Request string    `json:"req"`
	At      time.Time `json:"at"`
}

// actLife is how long an act is known; the contract promises 30 days. The
// creation is known for ever, since the account's id follows from it.
const actLife = 31 * 24 * time.Hour

// ErrNothing means that a decision changes nothing: nothing is written.
var ErrNothing = errors.New("nothing changes")

// ID is the id of the account that an act creates, so that a repeat finds it.
func ID(key string) string {
	sum := sha256.Sum256([]byte("account/" + key))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// Repeat tells whether the same act was carried out before; the same key with
// another request is a fault that names the account.
func (a Account) Repeat(key, request string) (bool, error) {
	for _, act := range a.Acts {
		if act.Key != key {
			continue
		}
		if act.Request != request {
			return false, fault.New(fault.Invalid, "key_reused", a.ID)
		}
		return true, nil
	}
	return false, nil
}

// acted remembers an act and forgets those whose time is over.
func (a *Account) acted(act Act) {
	act.At = act.At.UTC()
	var kept []Act
	for i, old := range a.Acts {
		if i == 0 || act.At.Sub(old.At) < actLife {
			kept = append(kept, old)
		}
	}
	a.Acts = append(kept, act)
}

// clone is a copy that shares no list with the account.
func (a Account) clone() Account {
	a.Roles, a.Owed, a.Acts = slices.Clone(a.Roles), slices.Clone(a.Owed), slices.Clone(a.Acts)
	if a.Code != nil {
		code := *a.Code
		a.Code = &code
	}
	return a
}
