package account

import (
	"context"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
)

// verify proves an e-mail address.
func (s *Step) verify(ctx context.Context, in *contract.VerifyInput) (*contract.EmptyOutput, error) {
	return s.prove(ctx, in.Body.LogIn, func(a account.Account) (account.Account, error, error) {
		return a.VerifiedWith(s.Keys, in.Body.Code, s.Now())
	})
}

// activate sets an officer's first password.
func (s *Step) activate(ctx context.Context, in *contract.ActivateInput) (*contract.EmptyOutput, error) {
	password := account.Password(in.Body.Password)
	if rule := account.CheckPassword(password, in.Body.LogIn); rule != "" {
		return nil, fault.InvalidField("body.password", rule)
	}
	hash := ""
	return s.prove(ctx, in.Body.LogIn, func(a account.Account) (account.Account, error, error) {
		next, refused, err := a.ActivatedWith(s.Keys, in.Body.Code, hash, s.Now())
		if refused != nil || err != nil || hash != "" {
			return next, refused, err
		}
		// Hashing is dear; it is done once, and for the right code only.
		if hash, err = s.Passwords.Hash(password); err != nil {
			return a, nil, err
		}
		next.Private.Password = hash
		return next, nil, nil
	})
}

// prove takes a code. A wrong code and an unknown name are answered alike. A code
// is used up by its first use; the same request once more is one whose answer was
// lost, and is answered as the first was.
func (s *Step) prove(ctx context.Context, typed string, decide func(account.Account) (account.Account, error, error)) (*contract.EmptyOutput, error) {
	logIn := account.LogInName(typed)
	if err := s.takeTry(ctx, logIn); err != nil {
		return nil, err
	}
	a, ok, err := s.Names.ByLogIn(ctx, logIn)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, account.ErrCode()
	}
	var refused error
	request := httpapi.RequestDigest(ctx)
	_, err = s.Flow.Act(ctx, a.ID, func(a account.Account) (next account.Account, err error) {
		if refused = nil; a.Used(request) {
			return a, account.ErrNothing
		}
		if next, refused, err = decide(a); refused == nil && err == nil {
			next = next.UsedBy(request, s.Now())
		}
		return next, err
	})
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	return &contract.EmptyOutput{}, nil
}

// requestVerification mails a code again: a reporter's proof, or an officer's
// activation. The answer is the same whether or not there is such an account.
func (s *Step) requestVerification(ctx context.Context, in *contract.LoginNameInput) (*contract.EmptyOutput, error) {
	logIn := account.LogInName(in.Body.LogIn)
	if err := s.take(ctx, "address", httpapi.Address(ctx), s.Limits.PerAddress, time.Minute); err != nil {
		return nil, err
	}
	if err := s.take(ctx, "mail", logIn, s.Limits.Mails, time.Hour); err != nil {
		return nil, err
	}
	_, policy, _, err := s.rules(ctx)
	if err != nil {
		return nil, err
	}
	a, ok, err := s.Names.ByLogIn(ctx, logIn)
	if err != nil {
		return nil, err
	}
	if !ok {
		return &contract.EmptyOutput{}, nil
	}
	_, err = s.Flow.Act(ctx, a.ID, func(a account.Account) (account.Account, error) {
		return a.CodeAsked(s.Now(), hours(policy.VerificationHours), hours(policy.ActivationHours))
	})
	if err != nil {
		return nil, err
	}
	return &contract.EmptyOutput{}, nil
}
