package account

import (
	"context"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/httpapi"
)

func (s *Step) listSessions(ctx context.Context, _ *struct{}) (*contract.SessionsOutput, error) {
	caller := httpapi.Caller(ctx)
	a, err := s.Accounts.Load(ctx, caller.Account)
	if err != nil {
		return nil, err
	}
	list, err := s.Sessions.List(ctx, a)
	if err != nil {
		return nil, err
	}
	out := &contract.SessionsOutput{}
	out.Body.Sessions = []contract.Session{}
	for _, session := range list {
		v := sessionView(session)
		v.Current = session.ID == caller.Session
		out.Body.Sessions = append(out.Body.Sessions, v)
	}
	return out, nil
}

func (s *Step) logOut(ctx context.Context, _ *struct{}) (*contract.LogOutOutput, error) {
	caller := httpapi.Caller(ctx)
	if err := s.Sessions.End(ctx, caller.Account, caller.Session); err != nil && !fault.Is(err, "not_found") {
		return nil, err
	}
	return &contract.LogOutOutput{SetCookie: cookie("", time.Unix(0, 0))}, nil
}

func (s *Step) endSession(ctx context.Context, in *contract.EndSessionInput) (*contract.EmptyOutput, error) {
	if err := s.Sessions.End(ctx, httpapi.Caller(ctx).Account, in.Session); err != nil {
		return nil, err
	}
	return &contract.EmptyOutput{}, nil
}

// endSessions ends every session of the account, this one too (R27): by one write
// of the account, after which no session holds; then what is left is removed.
func (s *Step) endSessions(ctx context.Context, _ *struct{}) (*contract.LogOutOutput, error) {
	caller := httpapi.Caller(ctx)
	if _, err := s.Flow.Act(ctx, caller.Account, account.Account.SessionsEnded); err != nil {
		return nil, err
	}
	if err := s.Sessions.EndAll(ctx, caller.Account); err != nil {
		return nil, err
	}
	return &contract.LogOutOutput{SetCookie: cookie("", time.Unix(0, 0))}, nil
}

func (s *Step) read(ctx context.Context, _ *struct{}) (*contract.AccountOutput, error) {
	a, err := s.Accounts.Load(ctx, httpapi.Caller(ctx).Account)
	if err != nil {
		return nil, err
	}
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := s.shown(ctx, set, a)
	if err != nil {
		return nil, err
	}
	return &contract.AccountOutput{Body: shown}, nil
}
