package cloud

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"paht/shared/account"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/seal"
)

// Accounts keeps accounts: one item each, in the partition that also holds the
// account's sessions and lists. What is personal is sealed within it.
type Accounts struct {
	Table Table
	Keys  *seal.Keys
}

const accountSK = "a"

func accountPlace(id string) string { return "account#" + id }

// officersOf is the list of an agency's officers in the index of work. As the
// index follows the account's own item, a list needs no write of its own, and an
// officer who changes the agency leaves the old list by the same write.
func officersOf(agency string) string { return "officers#" + agency }

// Load implements account.Store.
func (s Accounts) Load(ctx context.Context, id string) (account.Account, error) {
	it, err := s.Table.get(ctx, ownerPK(id), accountSK)
	if err != nil {
		return account.Account{}, fmt.Errorf("loading account %s: %w", id, err)
	}
	if it == nil {
		return account.Account{}, fault.New(fault.NotFound, "not_found")
	}
	return s.accountOf(it)
}

// publicAccount reads what is not sealed.
func publicAccount(it item) (account.Account, error) {
	var a account.Account
	if err := json.Unmarshal([]byte(text(it, attrDoc)), &a); err != nil {
		return a, fmt.Errorf("reading an account: %w", err)
	}
	a.Version = int(number(it, attrVersion))
	return a, nil
}

func (s Accounts) accountOf(it item) (account.Account, error) {
	a, err := publicAccount(it)
	if err != nil {
		return a, err
	}
	plain, err := s.Keys.Open(bytesOf(it, attrSealed), accountPlace(a.ID))
	if err == nil {
		err = json.Unmarshal(plain, &a.Private)
	}
	if err != nil {
		return a, fmt.Errorf("reading account %s: %w", a.ID, err)
	}
	return a, nil
}

// Save implements account.Store.
func (s Accounts) Save(ctx context.Context, a account.Account) (account.Account, error) {
	c := isNew
	if a.Version > 0 {
		c = standsAt(a.Version)
	}
	a.Version++
	it, err := s.accountItem(a)
	if err != nil {
		return account.Account{}, err
	}
	err = s.Table.put(ctx, it, c)
	if stood, failed := standing(err); failed {
		// A write whose answer was lost stands already: no two sealings are alike.
		if bytes.Equal(bytesOf(stood, attrSealed), bytesOf(it, attrSealed)) {
			return a, nil
		}
		return account.Account{}, account.ErrVersion
	}
	if err != nil {
		return account.Account{}, fmt.Errorf("writing account %s: %w", a.ID, err)
	}
	return a, nil
}

func (s Accounts) accountItem(a account.Account) (item, error) {
	doc, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encoding account %s: %w", a.ID, err)
	}
	private, err := json.Marshal(a.Private)
	if err != nil {
		return nil, fmt.Errorf("encoding account %s: %w", a.ID, err)
	}
	it := key(ownerPK(a.ID), accountSK)
	it[attrVersion], it[attrDoc] = num(int64(a.Version)), str(string(doc))
	it[attrSealed] = bin(s.Keys.Seal(private, accountPlace(a.ID)))
	if at, ok := a.Attention(); ok {
		it[attrDueKey], it[attrDueAt] = str(dueShard(a.ID)), str(instant(at))
	}
	if a.Kind == account.Officer {
		return it, s.listOfficer(it, a)
	}
	return it, nil
}

// officerRow is what the list of an agency's officers shows.
type officerRow struct {
	Account account.Account `json:"account"`
	Name    string          `json:"name"`
	LogIn   string          `json:"logIn"`
	Email   string          `json:"email"`
}

func (s Accounts) listOfficer(it item, a account.Account) error {
	row := officerRow{Name: a.Private.Name, LogIn: a.Private.LogIn, Email: a.Private.Email, Account: account.Account{
		ID: a.ID, Kind: a.Kind, Language: a.Language, Created: a.Created, Verified: a.Verified, Agency: a.Agency,
		Roles: a.Roles, Lock: a.Lock,
	}}
	doc, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("encoding the row of officer %s: %w", a.ID, err)
	}
	it[attrListKey], it[attrListAt] = str(officersOf(a.Agency)), str(a.ID)
	it[attrSummary] = str(base64.StdEncoding.EncodeToString(s.Keys.Seal(doc, accountPlace(a.ID))))
	return nil
}

// Officers reads a page of an agency's officers: one Query. next is nil at the end.
func (s Accounts) Officers(ctx context.Context, agency string, limit int, after map[string]string) (officers []account.Account, next map[string]string, err error) {
	got, err := s.Table.query(ctx, span{index: indexWork, pk: officersOf(agency), limit: int32(limit), after: startKey(after)})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the officers of %s: %w", agency, err)
	}
	for _, it := range got.items {
		sealed, err := base64.StdEncoding.DecodeString(text(it, attrSummary))
		if err != nil {
			return nil, nil, fmt.Errorf("reading an officer's row: %w", err)
		}
		plain, err := s.Keys.Open(sealed, accountPlace(text(it, attrListAt)))
		if err != nil {
			return nil, nil, fmt.Errorf("reading an officer's row: %w", err)
		}
		var row officerRow
		if err := json.Unmarshal(plain, &row); err != nil {
			return nil, nil, fmt.Errorf("reading an officer's row: %w", err)
		}
		row.Account.Private = account.Private{Name: row.Name, LogIn: row.LogIn, Email: row.Email}
		officers = append(officers, row.Account)
	}
	return officers, position(got.next), nil
}

// Contact gives how an account's owner is reached. Whoever shows it to a person
// writes the audit entry first.
func (s Accounts) Contact(ctx context.Context, id string) (account.Contact, error) {
	a, err := s.Load(ctx, id)
	if err != nil {
		return account.Contact{}, err
	}
	return a.Contact(), nil
}

// EmailUsable tells whether the account has a proven e-mail address (R56).
func (s Accounts) EmailUsable(ctx context.Context, id string) (bool, error) {
	a, err := s.Load(ctx, id)
	if err != nil {
		return false, err
	}
	return a.Verified != nil && a.Private.Email != "", nil
}

// Asked gives the account's n-th fact of a type, for its notice; report.ErrMovedOn
// when it no longer stands.
func (s Accounts) Asked(ctx context.Context, id string, kind message.Type, n int, at time.Time) (account.Asked, error) {
	a, err := s.Load(ctx, id)
	if fault.Is(err, "not_found") {
		return account.Asked{}, report.ErrMovedOn
	}
	if err != nil {
		return account.Asked{}, err
	}
	asked, ok := a.Asked(s.Keys, kind, n, at)
	if !ok {
		return account.Asked{}, report.ErrMovedOn
	}
	return asked, nil
}

var _ account.Store = Accounts{}

// Name is an account's own name.
func (s Accounts) Name(ctx context.Context, id string) (string, error) {
	c, err := s.Contact(ctx, id)
	return c.Name, err
}
