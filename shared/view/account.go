package view

import (
	"slices"

	"paht/shared/account"
	"paht/shared/contract"
	"paht/shared/settings"
)

// Account shows an account to its owner or to who administers it; rights are
// those of its roles, and nil to leave them out.
func Account(a account.Account, rights map[settings.Right]bool) contract.Account {
	v := contract.Account{
		ID: a.ID, Kind: string(a.Kind), Name: a.Private.Name, LogIn: a.Private.LogIn, Email: a.Private.Email,
		Phone: a.Private.Phone, Verified: a.Verified != nil, Language: a.Language, Agency: a.Agency,
		Roles: slices.Clone(a.Roles), Locked: a.Lock != nil,
	}
	if a.Lock != nil {
		v.Reason = string(a.Lock.Reason)
	}
	for right := range rights {
		v.Rights = append(v.Rights, string(right))
	}
	slices.Sort(v.Rights)
	return v
}
