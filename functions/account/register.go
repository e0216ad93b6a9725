package account

import (
	"context"
	"errors"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/view"
)

// register creates a reporter's account (R14). Its id follows from the key, so a
// repeat finds its own account before anything else is looked at.
func (s *Step) register(ctx context.Context, in *contract.RegisterInput) (*contract.AccountOutput, error) {
	if err := s.take(ctx, "register", httpapi.Address(ctx), s.Limits.Registrations, time.Hour); err != nil {
		return nil, err
	}
	act := account.Act{Key: httpapi.Key(ctx), Request: httpapi.RequestDigest(ctx), At: s.Now()}
	a, err := s.registered(ctx, act)
	if fault.Is(err, "not_found") {
		a, err = s.create(ctx, in, act)
	}
	if errors.Is(err, account.ErrVersion) { // the same act at the same time
		a, err = s.registered(ctx, act)
	}
	if err != nil {
		return nil, err
	}
	if err := s.Names.Keep(ctx, a.Private.LogIn, a.ID); err != nil {
		return nil, err
	}
	return &contract.AccountOutput{Body: view.Account(a, nil)}, nil
}

// registered finds the account that the act created before; a fault not_found
// when it has not.
func (s *Step) registered(ctx context.Context, act account.Act) (account.Account, error) {
	a, err := s.Accounts.Load(ctx, account.ID(act.Key))
	if err != nil {
		return a, err
	}
	_, err = a.Repeat(act.Key, act.Request)
	return a, err
}

func (s *Step) create(ctx context.Context, in *contract.RegisterInput, act account.Act) (account.Account, error) {
	private, wrong := account.Profile(in.Body.Name, in.Body.LogIn, in.Body.Email, in.Body.Phone)
	password := account.Password(in.Body.Password)
	if rule := account.CheckPassword(password, private.LogIn); rule != "" {
		wrong.Add("body.password", rule)
	}
	if err := wrong.Err(); err != nil {
		return account.Account{}, err
	}
	rules, policy, _, err := s.rules(ctx)
	if err != nil {
		return account.Account{}, err
	}
	if err := s.Names.Claim(ctx, private.LogIn, account.ID(act.Key), act.At); err != nil {
		return account.Account{}, err
	}
	if private.Password, err = s.Passwords.Hash(password); err != nil {
		return account.Account{}, err
	}
	return s.Flow.Create(ctx, account.Registered(account.Registration{
		Kind: account.Kind(in.Body.Kind), Language: in.Body.Language, Private: private, Act: act,
		Inactive: rules.Inactivity(act.At), CodeLife: hours(policy.VerificationHours),
	}))
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
