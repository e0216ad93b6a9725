package cloud

import (
	"context"
	"fmt"
	"time"

	"paht/shared/account"
	"paht/shared/fault"
	"paht/shared/seal"
)

// A log-in name is an item of its own, under a keyed digest of the name, created
// on condition: so two accounts never share one. First the name is claimed, then
// the account is created, then the name is kept. Between claim and account the
// process may end; so a claim that is older than this and has no account may be
// taken over.
const claimLife = 10 * time.Minute

const (
	logInSK     = "n"
	attrAccount = "acc"   // string: whose name it is
	attrUntil   = "until" // string: instant; the claim's end, gone once the name is kept
)

func (s Accounts) logInPK(logIn string) string {
	return "L#" + s.Keys.MAC(seal.Digest, "log-in", logIn)
}

// ByLogIn finds the account of a log-in name; ok is false when there is none. It
// costs the same reads either way, so that its time tells nothing.
func (s Accounts) ByLogIn(ctx context.Context, logIn string) (a account.Account, ok bool, err error) {
	it, err := s.Table.get(ctx, s.logInPK(logIn), logInSK)
	if err != nil {
		return a, false, fmt.Errorf("looking up a log-in name: %w", err)
	}
	id := text(it, attrAccount)
	if id == "" {
		id = "nobody"
	}
	a, err = s.Load(ctx, id)
	if fault.Is(err, "not_found") {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	// An account whose claim was taken over has the name in its profile, and is not
	// the one that the name leads to.
	return a, a.Private.LogIn == logIn, nil
}

// Claim takes a log-in name for an account that is about to be created; a fault
// log_in_taken when it is another's.
func (s Accounts) Claim(ctx context.Context, logIn, id string, at time.Time) error {
	it := key(s.logInPK(logIn), logInSK)
	it[attrAccount], it[attrUntil] = str(id), str(instant(at.Add(claimLife)))
	err := s.Table.put(ctx, it, &condition{
		expression: "attribute_not_exists(pk) OR (acc = :id AND attribute_exists(#u))",
		names:      map[string]string{"#u": attrUntil}, values: item{":id": str(id)},
	})
	stood, failed := standing(err)
	switch {
	case failed && text(stood, attrAccount) == id:
		return nil // kept by an earlier try
	case failed:
		return s.takeOver(ctx, it, stood, at)
	case err != nil:
		return fmt.Errorf("claiming a log-in name: %w", err)
	}
	return nil
}

// takeOver takes a name whose claim is over and that no account has.
func (s Accounts) takeOver(ctx context.Context, it, stood item, at time.Time) error {
	until := text(stood, attrUntil)
	if until == "" || instant(at) < until {
		return errTaken()
	}
	_, err := s.Load(ctx, text(stood, attrAccount))
	if err == nil {
		return errTaken()
	}
	if !fault.Is(err, "not_found") {
		return err
	}
	err = s.Table.put(ctx, it, &condition{
		expression: "acc = :old AND #u = :until", names: map[string]string{"#u": attrUntil},
		values: item{":old": stood[attrAccount], ":until": str(until)},
	})
	if _, failed := standing(err); failed {
		return errTaken()
	}
	if err != nil {
		return fmt.Errorf("taking over a log-in name: %w", err)
	}
	return nil
}

func errTaken() error { return fault.New(fault.Conflict, "log_in_taken") }

// Keep makes a claimed name the account's for good; a fault log_in_taken when
// the claim was taken over meanwhile.
func (s Accounts) Keep(ctx context.Context, logIn, id string) error {
	_, err := s.Table.update(ctx, s.logInPK(logIn), logInSK, "REMOVE #u", condition{
		expression: "acc = :id", names: map[string]string{"#u": attrUntil}, values: item{":id": str(id)},
	})
	if _, failed := standing(err); failed {
		return errTaken()
	}
	if err != nil {
		return fmt.Errorf("keeping a log-in name: %w", err)
	}
	return nil
}

// The mark that says who the first administrator is.
const (
	firstPK = "first-administrator"
	firstSK = "s"
)

// FirstAdministrator says whose account is the first administrator's: id where
// there was none, else the one that stands. Where the one that stands is old, it
// gives way to id; old is empty to leave it.
func (s Accounts) FirstAdministrator(ctx context.Context, id, old string) (string, error) {
	it := key(firstPK, firstSK)
	it[attrAccount] = str(id)
	c := isNew
	if old != "" {
		c = &condition{expression: "acc = :old", values: item{":old": str(old)}}
	}
	err := s.Table.put(ctx, it, c)
	if stood, failed := standing(err); failed {
		return text(stood, attrAccount), nil
	}
	if err != nil {
		return "", fmt.Errorf("marking the first administrator: %w", err)
	}
	return id, nil
}
