package account

import (
	"time"

	"paht/shared/message"
)

// Asked is what a notice to the account's owner tells of.
type Asked struct {
	At     time.Time // when it happened
	Due    time.Time // until when the code is good
	Code   string
	LogIn  string
	Agency string
	Reason Reason // why it is locked
}

// Asked gives the fact of that type that change n brought; false when it no
// longer stands: the code was used, asked for anew or is over, the lock is gone.
func (a Account) Asked(keys Deriver, kind message.Type, n int, at time.Time) (Asked, bool) {
	told := Asked{LogIn: a.Private.LogIn, Agency: a.Agency}
	if kind == message.AccountLocked {
		if a.Lock == nil || a.Lock.Change != n {
			return Asked{}, false
		}
		told.At, told.Reason = a.Lock.At, a.Lock.Reason
		return told, true
	}
	purpose := Verify
	if kind == message.AccountActivate {
		purpose = Activate
	}
	if !a.Code.usable(purpose, at) || a.Code.Change != n {
		return Asked{}, false
	}
	told.At, told.Due, told.Code = a.Code.Asked, a.Code.Until, Code(keys, a.ID, purpose, a.Code.N)
	return told, true
}

// HandedCode gives an officer's activation code to whoever hands it over in
// person; false when there is none that can be used.
func (a Account) HandedCode(keys Deriver, at time.Time) (string, bool) {
	if !a.Code.usable(Activate, at) || a.Private.Password != "" {
		return "", false
	}
	return Code(keys, a.ID, Activate, a.Code.N), true
}
