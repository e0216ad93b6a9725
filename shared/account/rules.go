package account

import (
	"context"
	"time"

	"paht/shared/settings"
)

// RulesOf gives the rules of an instant from the settings.
func RulesOf(ctx context.Context, s *settings.Snapshot, at time.Time) (Rules, settings.Policy, error) {
	policy, err := s.Policy(ctx, at)
	if err != nil {
		return Rules{}, policy, err
	}
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return Rules{}, policy, err
	}
	return Rules{
		WrongPasswords: policy.WrongPasswords,
		Inactivity:     func(last time.Time) time.Time { return policy.InactivityLock(calendar, last) },
	}, policy, nil
}

// RulesFrom gives the rules of an instant from the settings as they stand then.
func RulesFrom(from interface {
	Load(ctx context.Context) (*settings.Snapshot, error)
}) func(ctx context.Context, at time.Time) (Rules, error) {
	return func(ctx context.Context, at time.Time) (Rules, error) {
		set, err := from.Load(ctx)
		if err != nil {
			return Rules{}, err
		}
		rules, _, err := RulesOf(ctx, set, at)
		return rules, err
	}
}
