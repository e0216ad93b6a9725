package account

import (
	"time"

	"paht/shared/fault"
	"paht/shared/message"
)

// Reason says why an account is locked.
type Reason string

// The reasons.
const (
	WrongPasswords Reason = "wrong_passwords" // R28, R36
	Inactivity     Reason = "inactivity"      // R29, R37
	OnRequest      Reason = "request"         // R30
	DutyEnded      Reason = "duty_ended"      // R38
)

// Lock is why and since when an account is locked. A locked account is locked
// for everybody, and only the department opens it (R31, R39, reading A9).
type Lock struct {
	Reason Reason    `json:"reason"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // the officer; empty for a rule of the decision
	Change int       `json:"c,omitempty"`  // the change whose notice tells the owner
}

// Rules are the policy's figures that a log-in is judged by.
type Rules struct {
	WrongPasswords int                            // that lock (R28)
	Inactivity     func(last time.Time) time.Time // when an account is locked that was active last at that time (R29)
}

// Tried is a log-in with a password that was right or wrong. refused is what the
// client is told; the account is written in any case, unless err is ErrNothing.
// The right password does not open a locked account (R28).
func (a Account) Tried(right bool, rules Rules, at time.Time) (next Account, refused, err error) {
	if a.Lock != nil {
		return a, errLocked(), ErrNothing
	}
	next = a.clone()
	switch {
	case !at.Before(rules.Inactivity(a.Active)):
		next.lock(Lock{Reason: Inactivity, At: at})
		return next, errLocked(), nil
	case !right:
		next.Wrong++
		if next.Wrong >= rules.WrongPasswords {
			next.lock(Lock{Reason: WrongPasswords, At: at})
			return next, errLocked(), nil
		}
		return next, ErrRefused(), nil
	case a.Wrong >= rules.WrongPasswords:
		// A policy that allows fewer than before holds for what was counted, too.
		next.lock(Lock{Reason: WrongPasswords, At: at})
		return next, errLocked(), nil
	}
	in := at.UTC()
	next.Wrong, next.LastIn, next.Active, next.Inactive = 0, &in, in, rules.Inactivity(in).UTC()
	return next, nil, nil
}

// ErrRefused is the one answer to a wrong password and to an unknown name.
func ErrRefused() error { return fault.New(fault.Unauthenticated, "log_in_refused") }

func errLocked() error { return fault.New(fault.Unauthenticated, "account_locked") }

// Asleep is what the sweep does at the instant Inactive: the calendar may have
// changed since, so the lock is decided anew, and Inactive moves where it was
// too early.
func (a Account) Asleep(rules Rules, at time.Time) (Account, error) {
	if a.Lock != nil || at.Before(a.Inactive) {
		return a, ErrNothing
	}
	next := a.clone()
	if due := rules.Inactivity(a.Active); at.Before(due) {
		next.Inactive = due.UTC()
		return next, nil
	}
	next.lock(Lock{Reason: Inactivity, At: at})
	return next, nil
}

// lock locks the account, ends its sessions and its code, and owes its owner the
// word of it.
func (a *Account) lock(l Lock) {
	l.At = l.At.UTC()
	a.Lock, a.Code = &l, nil
	a.Epoch++
	l.Change = a.owe(message.AccountLocked, l.At)
}

// Unlocked opens a locked account on its owner's recorded request (R31, R39). The
// year of R29 counts anew, else the account would be locked at once again. An
// officer who never set a password gets a new code.
func (a Account) Unlocked(act Act, rules Rules, codeLife time.Duration) (Account, error) {
	done, err := a.Repeat(act.Key, act.Request)
	if err != nil {
		return a, err
	}
	if done {
		return a, ErrNothing
	}
	if a.Lock == nil {
		return a, fault.New(fault.Conflict, "not_locked")
	}
	next := a.clone()
	next.Lock, next.Wrong = nil, 0
	next.Active, next.Inactive = act.At.UTC(), rules.Inactivity(act.At).UTC()
	next.acted(act)
	if next.Kind == Officer && next.Private.Password == "" {
		next.issue(Activate, act.At, codeLife)
		next.mail(act.At)
	}
	return next, nil
}

// SessionsEnded ends every session of the account (R27).
func (a Account) SessionsEnded() (Account, error) {
	a.Epoch++
	return a, nil
}
