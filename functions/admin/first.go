package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/fault"
	"paht/shared/seal"
	"paht/shared/settings"
)

// FirstAdministrator is the stack operation that makes the first administrator:
// nobody could make one through the API. Who may invoke the function may do it,
// as long as no first administrator has set a password.
const FirstAdministrator = "first-administrator"

// administrator is the role that the first administrator gets.
const administrator = "administrator"

// First asks for the first administrator.
type First struct {
	Operation string `json:"operation"`
	LogIn     string `json:"logIn"`
	Email     string `json:"email"`
	Name      string `json:"name"`
	Agency    string `json:"agency"` // may be left out: the directory is empty at first
	Language  string `json:"language"`
}

// Made is the answer: the code with which the administrator sets a password at
// POST /v1/officers/activation.
type Made struct {
	Account        string        `json:"account"`
	LogIn          string        `json:"logIn"`
	ActivationCode string        `json:"activationCode"`
	Until          contract.Time `json:"until"`
}

// Operate serves the stack's operations.
func (s *Step) Operate(ctx context.Context, name string, event json.RawMessage) (any, error) {
	if name != FirstAdministrator {
		return nil, fmt.Errorf("there is no operation %q; this function knows %s", name, FirstAdministrator)
	}
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.DisallowUnknownFields()
	var in First
	if err := decoder.Decode(&in); err != nil {
		return nil, fmt.Errorf("reading the event of %s: %w", name, err)
	}
	made, err := s.first(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("making the first administrator: %w", err)
	}
	return made, nil
}

// first makes the first administrator. Each part of it can be repeated, so a call
// that broke off is completed by the next; a repeat gives the code again.
func (s *Step) first(ctx context.Context, in First) (Made, error) {
	rules, policy, set, err := s.rules(ctx)
	if err != nil {
		return Made{}, err
	}
	appointment, err := s.firstAppointment(ctx, set, in)
	if err != nil {
		return Made{}, err
	}
	appointment.Inactive, appointment.CodeLife = rules.Inactivity(s.Now()), hours(policy.ActivationHours)
	a, err := s.created(ctx, appointment.Act)
	switch {
	case fault.Is(err, "key_reused"):
		return Made{}, errors.New("the log-in name stands already with another name, address or agency; repeat those or choose another log-in name")
	case err == nil && a.Lock != nil && a.Private.Password == "":
		return Made{}, errors.New("this account gave way to another; choose another log-in name")
	case err != nil && !fault.Is(err, "not_found"):
		return Made{}, err
	}
	if err := s.takeFirst(ctx, account.ID(appointment.Act.Key), appointment.Act); err != nil {
		return Made{}, err
	}
	if a.ID == "" {
		if a, err = s.createFirst(ctx, appointment); errors.Is(err, account.ErrVersion) {
			a, err = s.created(ctx, appointment.Act)
		}
		if err != nil {
			return Made{}, err
		}
	}
	if err := s.Names.Keep(ctx, a.Private.LogIn, a.ID); err != nil {
		return Made{}, err
	}
	return s.handOver(ctx, a, appointment.CodeLife)
}

// firstAppointment checks what was asked for.
func (s *Step) firstAppointment(ctx context.Context, set *settings.Snapshot, in First) (account.Appointment, error) {
	private, wrong := account.Profile(in.Name, in.LogIn, in.Email, "")
	if private.Email == "" {
		wrong.Add("body.email", "required")
	}
	roles, agency := []string{administrator}, ""
	if in.Agency != "" {
		var err error
		if agency, err = s.duties(ctx, set, &wrong, in.Agency, roles); err != nil {
			return account.Appointment{}, err
		}
	}
	if in.Language != "" && !slices.Contains([]string{"vi", "en"}, in.Language) {
		wrong.Add("body.language", "not_one_of", "vi, en")
	}
	if len(wrong) > 0 {
		var list []string
		for _, w := range wrong {
			list = append(list, strings.TrimPrefix(w.Path, "body.")+": "+w.Code)
		}
		return account.Appointment{}, errors.New(strings.Join(list, "; "))
	}
	act := account.Act{
		Key:     s.Keys.MAC(seal.Digest, FirstAdministrator, private.LogIn),
		Request: s.Keys.MAC(seal.Digest, FirstAdministrator, private.LogIn, private.Name, private.Email, agency),
		At:      s.Now(),
	}
	return account.Appointment{
		Registration: account.Registration{Language: in.Language, Private: private, Act: act},
		By:           account.ActorStack, Agency: agency, Roles: roles, Handed: true,
	}, nil
}

// takeFirst makes id the first administrator's account, unless somebody has
// become it: whoever never set a password gives way.
func (s *Step) takeFirst(ctx context.Context, id string, act account.Act) error {
	stood, err := s.Accounts.FirstAdministrator(ctx, id, "")
	if err != nil || stood == id {
		return err
	}
	old, err := s.Accounts.Load(ctx, stood)
	if err != nil && !fault.Is(err, "not_found") {
		return err
	}
	if old.Private.Password != "" {
		return fault.New(fault.Conflict, "administrator_exists")
	}
	if now, err := s.Accounts.FirstAdministrator(ctx, id, stood); err != nil || now != id {
		return errors.Join(err, fault.New(fault.Conflict, "administrator_exists"))
	}
	if old.ID == "" {
		return nil
	}
	_, err = s.Flow.Act(ctx, old.ID, func(a account.Account) (account.Account, error) {
		return a.Replaced(account.Act{Key: account.ActorStack, At: act.At})
	})
	return err
}

func (s *Step) createFirst(ctx context.Context, p account.Appointment) (account.Account, error) {
	id := account.ID(p.Act.Key)
	if err := s.Names.Claim(ctx, p.Private.LogIn, id, p.Act.At); err != nil {
		return account.Account{}, err
	}
	_, err := s.Audit.Write(ctx, account.Entry{
		At: p.Act.At, Actor: account.ActorStack, Act: "administrator.made", Subject: id, Key: p.Act.Key,
	})
	if err != nil {
		return account.Account{}, err
	}
	return s.Flow.Create(ctx, account.Appointed(p))
}

// handOver gives the code, a new one where the old one is over.
func (s *Step) handOver(ctx context.Context, a account.Account, life time.Duration) (Made, error) {
	code, ok := a.HandedCode(s.Keys, s.Now())
	if !ok {
		var err error
		a, err = s.Flow.Act(ctx, a.ID, func(a account.Account) (account.Account, error) { return a.Reissued(s.Now(), life) })
		if err != nil {
			return Made{}, err
		}
		if code, ok = a.HandedCode(s.Keys, s.Now()); !ok {
			return Made{}, fault.New(fault.Conflict, "administrator_exists")
		}
	}
	return Made{Account: a.ID, LogIn: a.Private.LogIn, ActivationCode: code, Until: contract.At(a.Code.Until)}, nil
}
