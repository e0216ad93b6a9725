// Package admin is the department's door: settings documents with versions, and
// officers' accounts. Every act writes its audit entry first. It imports no AWS
// and no other step.
package admin

import (
	"context"
	"fmt"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/httpapi"
	"paht/shared/settings"
)

// Flow acts on accounts and sends what a change owes.
type Flow interface {
	// Create stores a new account; account.ErrVersion when its id is taken.
	Create(ctx context.Context, a account.Account) (account.Account, error)
	// Act decides on an account as it is stored, until the write holds; a missing
	// one is a fault not_found.
	Act(ctx context.Context, id string, decide func(account.Account) (account.Account, error)) (account.Account, error)
}

// Accounts reads accounts.
type Accounts interface {
	// Load reads an account; a missing one is a fault not_found.
	Load(ctx context.Context, id string) (account.Account, error)
	// Officers reads a page of an agency's officers; next is nil at the end.
	Officers(ctx context.Context, agency string, limit int, after map[string]string) (officers []account.Account, next map[string]string, err error)
	// FirstAdministrator says whose account is the first administrator's: id where
	// there was none, or where old stood; else the one that stands.
	FirstAdministrator(ctx context.Context, id, old string) (string, error)
}

// Names are the log-in names.
type Names interface {
	// Claim takes a name for an account about to be created; a fault log_in_taken
	// when it is another's.
	Claim(ctx context.Context, logIn, id string, at time.Time) error
	// Keep makes a claimed name the account's for good; a fault log_in_taken when
	// another has it by now.
	Keep(ctx context.Context, logIn, id string) error
}

// Audit keeps what was done.
type Audit interface {
	// Write writes an entry and gives its id; a repeat by its key is one entry.
	Write(ctx context.Context, e account.Entry) (string, error)
}

// Settings keeps the department's settings.
type Settings interface {
	// Load gives them as they stand.
	Load(ctx context.Context) (*settings.Snapshot, error)
	// Store makes a document the version after expected; a fault stale when another
	// version stands. The same bytes once more change nothing.
	Store(ctx context.Context, kind settings.Kind, data []byte, expected int, by string, at time.Time) (settings.Document, error)
}

// Acts remembers the keys of acts on settings, with what they were answered.
type Acts interface {
	// Find gives the answer of an act that was carried out, "" when it was not. The
	// same key with another request is a fault key_reused.
	Find(ctx context.Context, key, request, what string) (string, error)
	// Begin takes a key for a request, or gives the same fault.
	Begin(ctx context.Context, key, request, what string) error
	// Answered remembers the answer; the first stays.
	Answered(ctx context.Context, key, answer string) error
}

// Step is the department's door.
type Step struct {
	Flow     Flow
	Accounts Accounts
	Names    Names
	Audit    Audit
	Settings Settings
	Acts     Acts
	Keys     httpapi.Signer
	Now      func() time.Time
}

// Bind serves the department's operations.
func (s *Step) Bind(server *httpapi.Server) {
	httpapi.Bind(server, contract.ReadSettings, s.readSettings)
	httpapi.Bind(server, contract.StoreSettings, s.storeSettings)
	httpapi.Bind(server, contract.CreateOfficer, s.createOfficer)
	httpapi.Bind(server, contract.ListOfficers, s.listOfficers)
	httpapi.Bind(server, contract.ChangeOfficer, s.changeOfficer)
	httpapi.Bind(server, contract.UnlockAccount, s.unlock)
}

// act is the keyed act of this request.
func (s *Step) act(ctx context.Context) account.Act {
	return account.Act{Key: httpapi.Key(ctx), Request: httpapi.RequestDigest(ctx), At: s.Now()}
}

// record writes the audit entry of an act, before the act.
func (s *Step) record(ctx context.Context, act account.Act, name, subject, reason string) error {
	_, err := s.Audit.Write(ctx, account.Entry{
		At: act.At, Actor: httpapi.Caller(ctx).Account, Act: name, Subject: subject, Key: act.Key, Reason: reason,
	})
	return err
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

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
