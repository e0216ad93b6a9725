package account

import (
	"slices"

	"paht/shared/fault"
)

// Duty is what changes in an officer's duty; empty fields stay as they are.
type Duty struct {
	Agency string
	Roles  []string
	Ended  bool // R38
	By     string
	Act    Act
}

// Changed gives an officer other duties. They hold from the officer's next
// request on, since every request reads the account.
func (a Account) Changed(d Duty) (Account, error) {
	done, err := a.Repeat(d.Act.Key, d.Act.Request)
	if err != nil {
		return a, err
	}
	switch {
	case done:
		return a, ErrNothing
	case a.Kind != Officer:
		return a, fault.InvalidField("path.account", "not_an_officer")
	case a.ID == d.By:
		// Somebody must be left who can undo it.
		return a, fault.New(fault.Conflict, "own_account")
	}
	next := a.clone()
	if d.Agency != "" {
		next.Agency = d.Agency
	}
	if len(d.Roles) > 0 {
		next.Roles = slices.Clone(d.Roles)
	}
	// Of two reasons the later one says more: an account locked by wrong passwords
	// whose officer leaves is not opened by the officer's word.
	if d.Ended && (a.Lock == nil || a.Lock.Reason != DutyEnded) {
		next.lock(Lock{Reason: DutyEnded, At: d.Act.At, By: d.By})
	}
	next.acted(d.Act)
	return next, nil
}

// Replaced locks the first administrator's account that was never activated and
// is made anew under another name.
func (a Account) Replaced(act Act) (Account, error) {
	if a.Lock != nil {
		return a, ErrNothing
	}
	next := a.clone()
	next.lock(Lock{Reason: DutyEnded, At: act.At, By: act.Key})
	next.Owed, next.Lock.Change = nil, 0 // nobody ever used it
	return next, nil
}
