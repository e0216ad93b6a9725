package account

import "time"

// Registration is what a reporter registers with, in its stored form.
type Registration struct {
	Kind     Kind
	Language string
	Private  Private
	Act      Act
	Inactive time.Time // see Account
	CodeLife time.Duration
}

// Registered is the account that a reporter registers (R14). It owes the code
// that proves the e-mail address.
func Registered(r Registration) Account {
	a := begin(r.Kind, r.Language, r.Private, r.Act, r.Inactive)
	a.issue(Verify, r.Act.At, r.CodeLife)
	a.mail(r.Act.At)
	return a
}

// Appointment is what an officer's account is created with.
type Appointment struct {
	Registration
	By     string
	Agency string
	Roles  []string
	// Handed tells that who creates the account hands over the code; otherwise it
	// is mailed.
	Handed bool
}

// Appointed is an officer's account (R40): it has no password before the officer
// sets one with the code.
func Appointed(p Appointment) Account {
	a := begin(Officer, p.Language, p.Private, p.Act, p.Inactive)
	a.By, a.Agency, a.Roles = p.By, p.Agency, p.Roles
	a.issue(Activate, p.Act.At, p.CodeLife)
	if !p.Handed {
		a.mail(p.Act.At)
	}
	return a
}

func begin(kind Kind, language string, private Private, act Act, inactive time.Time) Account {
	if language == "" {
		language = "vi"
	}
	act.At = act.At.UTC()
	return Account{
		ID: ID(act.Key), Kind: kind, Language: language, Created: act.At, Active: act.At, Inactive: inactive.UTC(),
		Acts: []Act{act}, Private: private,
	}
}

// Reissued is an officer's account with a new code, for whoever hands it over.
func (a Account) Reissued(at time.Time, life time.Duration) (Account, error) {
	if a.Lock != nil || a.Private.Password != "" {
		return a, ErrNothing
	}
	next := a.clone()
	next.issue(Activate, at, life)
	return next, nil
}
