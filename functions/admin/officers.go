package admin

import (
	"context"
	"errors"
	"fmt"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/settings"
	"paht/shared/view"
)

// createOfficer creates an officer's account (R40). The officer sets the first
// password with a code that is mailed to the work address.
func (s *Step) createOfficer(ctx context.Context, in *contract.CreateOfficerInput) (*contract.AccountOutput, error) {
	act := s.act(ctx)
	a, err := s.created(ctx, act)
	if fault.Is(err, "not_found") {
		a, err = s.appoint(ctx, in, act)
	}
	if errors.Is(err, account.ErrVersion) { // the same act at the same time
		a, err = s.created(ctx, act)
	}
	if err != nil {
		return nil, err
	}
	if err := s.Names.Keep(ctx, a.Private.LogIn, a.ID); err != nil {
		return nil, err
	}
	return s.shown(ctx, a)
}

// created finds the account that the act created before; a fault not_found when
// it has not.
func (s *Step) created(ctx context.Context, act account.Act) (account.Account, error) {
	a, err := s.Accounts.Load(ctx, account.ID(act.Key))
	if err != nil {
		return a, err
	}
	_, err = a.Repeat(act.Key, act.Request)
	return a, err
}

func (s *Step) appoint(ctx context.Context, in *contract.CreateOfficerInput, act account.Act) (account.Account, error) {
	rules, policy, set, err := s.rules(ctx)
	if err != nil {
		return account.Account{}, err
	}
	private, wrong := account.Profile(in.Body.Name, in.Body.LogIn, in.Body.Email, "")
	agency, err := s.duties(ctx, set, &wrong, in.Body.Agency, in.Body.Roles)
	if err != nil {
		return account.Account{}, err
	}
	if err := wrong.Err(); err != nil {
		return account.Account{}, err
	}
	id := account.ID(act.Key)
	if err := s.Names.Claim(ctx, private.LogIn, id, act.At); err != nil {
		return account.Account{}, err
	}
	if err := s.record(ctx, act, "officer.created", id, ""); err != nil {
		return account.Account{}, err
	}
	return s.Flow.Create(ctx, account.Appointed(account.Appointment{
		Registration: account.Registration{
			Language: in.Body.Language, Private: private, Act: act,
			Inactive: rules.Inactivity(act.At), CodeLife: hours(policy.ActivationHours),
		},
		By: httpapi.Caller(ctx).Account, Agency: agency, Roles: in.Body.Roles,
	}))
}

// duties checks an agency and roles on this day: the agency exists, the roles
// exist, and an officer of that agency may hold them. It gives the agency's key.
func (s *Step) duties(ctx context.Context, set *settings.Snapshot, wrong *fault.Fields, agency string, roles []string) (string, error) {
	places, err := set.Directory(ctx)
	if err != nil {
		return "", err
	}
	table, err := set.Roles(ctx)
	if err != nil {
		return "", err
	}
	row, ok := places.Agency(agency, directory.DateOf(s.Now()))
	if !ok {
		wrong.Add("body.agency", "unknown_agency")
	}
	for _, p := range table.Assign(roles, row, s.Now()) {
		switch p.Rule {
		case settings.RuleUnknownCode:
			wrong.Add("body.roles"+p.Path, "unknown_role")
		case settings.RuleNotHeldBy:
			if ok {
				wrong.Add("body.roles"+p.Path, p.Rule)
			}
		default:
			wrong.Add("body.roles"+p.Path, p.Rule, p.Args...)
		}
	}
	return row.Key().String(), nil
}

func (s *Step) listOfficers(ctx context.Context, in *contract.OfficersInput) (*contract.OfficersOutput, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	places, err := set.Directory(ctx)
	if err != nil {
		return nil, err
	}
	// An agency that is gone may still have officers to move or to lock.
	row, ok := places.AgencyRow(in.Agency, directory.DateOf(s.Now()))
	if !ok {
		return nil, fault.InvalidField("query.agency", "unknown_agency")
	}
	agency := row.Key().String()
	scope := "officers/" + agency + "/" + httpapi.Caller(ctx).Account
	after, err := httpapi.ReadCursor(s.Keys, scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	officers, next, err := s.Accounts.Officers(ctx, agency, in.Limit, after)
	if err != nil {
		return nil, err
	}
	out := &contract.OfficersOutput{}
	out.Body.Officers = []contract.Account{}
	for _, a := range officers {
		out.Body.Officers = append(out.Body.Officers, view.Account(a, nil))
	}
	out.Body.Next = httpapi.WriteCursor(s.Keys, scope, next)
	return out, nil
}

// changeOfficer changes an officer's duties, or locks the account when the duty
// ends (R38). It holds from the officer's next request on.
func (s *Step) changeOfficer(ctx context.Context, in *contract.ChangeOfficerInput) (*contract.AccountOutput, error) {
	act := s.act(ctx)
	a, err := s.Accounts.Load(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	done, err := a.Repeat(act.Key, act.Request)
	if err != nil {
		return nil, err
	}
	if done {
		return s.shown(ctx, a)
	}
	duty := account.Duty{Roles: in.Body.Roles, Ended: in.Body.DutyEnded, By: httpapi.Caller(ctx).Account, Act: act}
	if duty.Agency, err = s.checkChange(ctx, a, in); err != nil {
		return nil, err
	}
	if _, err := a.Changed(duty); err != nil {
		return nil, err // what would be refused leaves no entry
	}
	name := "officer.changed"
	if duty.Ended {
		name = "officer.duty_ended"
	}
	if err := s.record(ctx, act, name, a.ID, account.PlainText(in.Body.Reason)); err != nil {
		return nil, err
	}
	a, err = s.Flow.Act(ctx, a.ID, func(a account.Account) (account.Account, error) { return a.Changed(duty) })
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, a)
}

// checkChange checks the duties that an officer is to have, and gives the key of
// the agency where it changes.
func (s *Step) checkChange(ctx context.Context, a account.Account, in *contract.ChangeOfficerInput) (string, error) {
	switch {
	case a.Kind != account.Officer:
		return "", fault.InvalidField("path.account", "not_an_officer")
	case in.Body.Agency == "" && len(in.Body.Roles) == 0 && !in.Body.DutyEnded:
		return "", fault.InvalidField("body", "nothing_changes")
	case in.Body.Agency == "" && len(in.Body.Roles) == 0:
		return "", nil
	}
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return "", err
	}
	agency, roles := in.Body.Agency, in.Body.Roles
	if agency == "" {
		agency = a.Agency
	}
	if len(roles) == 0 {
		roles = a.Roles
	}
	var wrong fault.Fields
	key, err := s.duties(ctx, set, &wrong, agency, roles)
	if err != nil {
		return "", err
	}
	return key, wrong.Err()
}

// unlock opens an account on its owner's recorded request (R31, R39).
func (s *Step) unlock(ctx context.Context, in *contract.UnlockInput) (*contract.AccountOutput, error) {
	act := s.act(ctx)
	rules, policy, _, err := s.rules(ctx)
	if err != nil {
		return nil, err
	}
	decide := func(a account.Account) (account.Account, error) {
		return a.Unlocked(act, rules, hours(policy.ActivationHours))
	}
	a, err := s.Accounts.Load(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	_, err = decide(a)
	if errors.Is(err, account.ErrNothing) {
		return s.shown(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	if err := s.record(ctx, act, "account.unlocked", a.ID, account.PlainText(in.Body.Request)); err != nil {
		return nil, err
	}
	a, err = s.Flow.Act(ctx, a.ID, decide)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, a)
}

// shown answers with the account as it stands. A reporter's contact data is
// not shown with it: that is an act of its own (reading A14).
func (s *Step) shown(ctx context.Context, a account.Account) (*contract.AccountOutput, error) {
	if a.Kind != account.Officer {
		a.Private.Name, a.Private.Email, a.Private.Phone = "", "", ""
		return &contract.AccountOutput{Body: view.Account(a, nil)}, nil
	}
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading the settings: %w", err)
	}
	rights, err := set.Rights(ctx, a.Roles, s.Now())
	if err != nil {
		return nil, fmt.Errorf("loading the rights of an account: %w", err)
	}
	return &contract.AccountOutput{Body: view.Account(a, rights)}, nil
}
