package account

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/httpapi"
	"paht/shared/settings"
)

// logIn opens a session. An unknown name costs the same work as a wrong password
// and is answered alike.
func (s *Step) logIn(ctx context.Context, in *contract.LogInInput) (*contract.SessionOutput, error) {
	logIn, password := account.LogInName(in.Body.LogIn), account.Password(in.Body.Password)
	if err := s.takeTry(ctx, logIn); err != nil {
		return nil, err
	}
	rules, policy, set, err := s.rules(ctx)
	if err != nil {
		return nil, err
	}
	a, ok, err := s.Names.ByLogIn(ctx, logIn)
	if err != nil {
		return nil, err
	}
	hash := a.Private.Password
	if !ok {
		hash = ""
	}
	right, err := s.Passwords.Check(password, hash)
	if err != nil {
		return nil, err
	}
	if hash == "" {
		// Nobody, or an officer who has set no password yet: nothing to be wrong about.
		// The write that a wrong password costs is made up for.
		if _, err := s.Limiter.Take(ctx, "nobody", logIn, 1, time.Minute); err != nil {
			return nil, err
		}
		return nil, account.ErrRefused()
	}
	a, err = s.try(ctx, a.ID, hash, right, rules)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, a, in.Body.Device, set, policy)
}

// try writes the outcome. Tries at the same time fail each other's writes and are
// decided anew, so each wrong one is counted and none passes a lock.
func (s *Step) try(ctx context.Context, id, hash string, right bool, rules account.Rules) (account.Account, error) {
	var refused error
	a, err := s.Flow.Act(ctx, id, func(a account.Account) (next account.Account, err error) {
		if a.Private.Password != hash {
			refused = account.ErrRefused() // the password was changed meanwhile
			return a, account.ErrNothing
		}
		next, refused, err = a.Tried(right, rules, s.Now())
		return next, err
	})
	if err != nil {
		return a, err
	}
	return a, refused
}

// open opens the session of a log-in that succeeded.
func (s *Step) open(ctx context.Context, a account.Account, device string, set *settings.Snapshot, policy settings.Policy) (*contract.SessionOutput, error) {
	token := s.NewToken()
	hash := account.TokenHash(token)
	session := a.Began(hash, account.PlainText(device), policy.SessionDays, s.Now())
	if err := s.Sessions.Open(ctx, session, hash); err != nil {
		return nil, fmt.Errorf("logging in: %w", err)
	}
	shown, err := s.shown(ctx, set, a)
	if err != nil {
		return nil, err
	}
	out := &contract.SessionOutput{SetCookie: cookie(token, session.Expires), Body: sessionView(session)}
	out.Body.Token, out.Body.Current, out.Body.Account = token, true, &shown
	return out, nil
}

// cookie is the session of the web (RFC 6265bis, section 4.1.3.2).
func cookie(token string, expires time.Time) http.Cookie {
	c := http.Cookie{
		Name: httpapi.CookieName, Value: token, Path: "/", Expires: expires.UTC(),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

func sessionView(s account.Session) contract.Session {
	return contract.Session{ID: s.ID, Device: s.Device, Created: contract.At(s.Created), Expires: contract.At(s.Expires)}
}
