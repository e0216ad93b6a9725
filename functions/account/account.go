// Package account is the door of accounts: registration, the proof of an e-mail
// address, log-in and log-out, and sessions. It imports no AWS and no other step.
package account

import (
	"context"
	"fmt"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/settings"
	"paht/shared/view"
)

// Flow acts on accounts and sends what a change owes.
type Flow interface {
	// Create stores a new account; account.ErrVersion when its id is taken.
	Create(ctx context.Context, a account.Account) (account.Account, error)
	// Act decides on an account as it is stored, until the write holds; a missing
	// one is a fault not_found.
	Act(ctx context.Context, id string, decide func(account.Account) (account.Account, error)) (account.Account, error)
}

// Names are the log-in names, in the form of account.LogInName.
type Names interface {
	// ByLogIn finds the account of a name.
	ByLogIn(ctx context.Context, logIn string) (a account.Account, ok bool, err error)
	// Claim takes a name for an account about to be created; a fault log_in_taken
	// when it is another's.
	Claim(ctx context.Context, logIn, id string, at time.Time) error
	// Keep makes a claimed name the account's for good; a fault log_in_taken when
	// another has it by now.
	Keep(ctx context.Context, logIn, id string) error
}

// Accounts reads accounts.
type Accounts interface {
	// Load reads an account; a missing one is a fault not_found.
	Load(ctx context.Context, id string) (account.Account, error)
}

// Sessions keeps sessions.
type Sessions interface {
	// Open stores a session under its token's hash.
	Open(ctx context.Context, s account.Session, hash string) error
	// List gives an account's sessions that hold, newest first.
	List(ctx context.Context, a account.Account) ([]account.Session, error)
	// End ends one session of an account; a fault not_found when there is none.
	End(ctx context.Context, account, session string) error
	// EndAll removes every session of an account.
	EndAll(ctx context.Context, account string) error
}

// Passwords hashes passwords, slowly on purpose.
type Passwords interface {
	// Hash makes the hash that is stored.
	Hash(password string) (string, error)
	// Check tells whether a password is that of a hash; "" is nobody's, and is
	// checked for just as long.
	Check(password, hash string) (bool, error)
}

// Limiter counts tries in windows of time.
type Limiter interface {
	// Take counts one try; false when the window has had its number already.
	Take(ctx context.Context, scope, subject string, number int, window time.Duration) (bool, error)
}

// Settings gives the department's settings.
type Settings interface {
	Load(ctx context.Context) (*settings.Snapshot, error)
}

// Limits are what is taken from one network address or for one log-in name.
// Protection comes before the lock: a try that a limit refuses is no entered
// password and does not count (reading A9).
type Limits struct {
	PerAddress    int // log-ins and codes of one address a minute
	PerName       int // log-ins of one name a minute
	Registrations int // of one address an hour
	Mails         int // codes asked for by mail for one name an hour
}

// Step is the door of accounts.
type Step struct {
	Flow      Flow
	Names     Names
	Accounts  Accounts
	Sessions  Sessions
	Passwords Passwords
	Limiter   Limiter
	Limits    Limits
	Settings  Settings
	Keys      account.Deriver
	Now       func() time.Time
	NewToken  func() string
}

// Bind serves the operations of accounts.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.RegisterAccount, s.register)
	httpapi.Bind(server, contract.VerifyEmail, s.verify)
	httpapi.Bind(server, contract.RequestVerification, s.requestVerification)
	httpapi.Bind(server, contract.ActivateOfficer, s.activate)
	httpapi.Bind(server, contract.LogIn, s.logIn)
	httpapi.Bind(server, contract.ListSessions, s.listSessions)
	httpapi.Bind(server, contract.LogOut, s.logOut)
	httpapi.Bind(server, contract.EndSession, s.endSession)
	httpapi.Bind(server, contract.EndSessions, s.endSessions)
	httpapi.Bind(server, contract.ReadAccount, s.read)
}

// take counts a try and refuses it when there were too many.
func (s *Step) take(ctx context.Context, scope, subject string, number int, window time.Duration) error {
	ok, err := s.Limiter.Take(ctx, scope, subject, number, window)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.TooMany, "too_many_requests")
	}
	return nil
}

// takeTry counts a try to prove something, by address and by name.
func (s *Step) takeTry(ctx context.Context, logIn string) error {
	if err := s.take(ctx, "address", httpapi.Address(ctx), s.Limits.PerAddress, time.Minute); err != nil {
		return err
	}
	return s.take(ctx, "name", logIn, s.Limits.PerName, time.Minute)
}

// rules gives the policy of this instant.
func (s *Step) rules(ctx context.Context) (account.Rules, settings.Policy, *settings.Snapshot, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return account.Rules{}, settings.Policy{}, nil, fmt.Errorf("loading the settings: %w", err)
	}
	rules, policy, err := account.RulesOf(ctx, set, s.Now())
	if err != nil {
		return account.Rules{}, settings.Policy{}, nil, fmt.Errorf("loading the settings: %w", err)
	}
	return rules, policy, set, nil
}

// shown is an account as its owner sees it.
func (s *Step) shown(ctx context.Context, set *settings.Snapshot, a account.Account) (contract.Account, error) {
	if len(a.Roles) == 0 {
		return view.Account(a, nil), nil
	}
	rights, err := set.Rights(ctx, a.Roles, s.Now())
	if err != nil {
		return contract.Account{}, fmt.Errorf("loading the rights of an account: %w", err)
	}
	return view.Account(a, rights), nil
}
