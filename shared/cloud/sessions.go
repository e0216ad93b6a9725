package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"paht/shared/account"
	"paht/shared/caller"
	"paht/shared/fault"
	"paht/shared/seal"
	"paht/shared/settings"
)

// Sessions keeps who is logged in. A session is an item under its token's hash,
// and one in its account's partition, by which it is listed and ended.
type Sessions struct {
	Table    Table
	Keys     *seal.Keys
	Settings interface {
		Load(ctx context.Context) (*settings.Snapshot, error)
	}
	Now func() time.Time
}

const (
	sessionSK   = "s"
	sessionList = "t#" // + session id, in the account's partition
	attrHash    = "h"  // string: the token's hash
)

func tokenPK(hash string) string { return "T#" + hash }

func errSession() error { return fault.New(fault.Unauthenticated, "session_invalid") }

// Session gives the holder of a token. Session and account are read consistently,
// so an ended session, a lock and a change of roles hold at the next request.
func (s Sessions) Session(ctx context.Context, token string) (caller.Principal, error) {
	if len(token) < 20 || len(token) > 100 {
		return caller.Principal{}, errSession()
	}
	it, err := s.Table.get(ctx, tokenPK(account.TokenHash(token)), sessionSK)
	if err != nil {
		return caller.Principal{}, fmt.Errorf("loading a session: %w", err)
	}
	if it == nil {
		return caller.Principal{}, errSession()
	}
	var session account.Session
	if err := json.Unmarshal([]byte(text(it, attrDoc)), &session); err != nil {
		return caller.Principal{}, fmt.Errorf("reading a session: %w", err)
	}
	it, err = s.Table.get(ctx, ownerPK(session.Account), accountSK)
	if err != nil {
		return caller.Principal{}, fmt.Errorf("loading the account of a session: %w", err)
	}
	if it == nil {
		return caller.Principal{}, errSession()
	}
	a, err := publicAccount(it)
	if err != nil {
		return caller.Principal{}, err
	}
	if !session.Holds(a, s.Now()) {
		return caller.Principal{}, errSession()
	}
	return caller.Principal{
		Account: a.ID, Kind: string(a.Kind), Agency: a.Agency, Roles: a.Roles, Session: session.ID, Channel: session.Channel,
	}, nil
}

// Rights gives the rights of roles.
func (s Sessions) Rights(ctx context.Context, roles []string) (map[string]bool, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	held, err := set.Rights(ctx, roles, s.Now())
	if err != nil {
		return nil, err
	}
	rights := make(map[string]bool, len(held))
	for right := range held {
		rights[string(right)] = true
	}
	return rights, nil
}

// Open stores a session. The entry by which it is ended comes first.
func (s Sessions) Open(ctx context.Context, session account.Session, hash string) error {
	doc, err := json.Marshal(session)
	if err != nil {
		return fmt.Errorf("encoding a session: %w", err)
	}
	listed := key(ownerPK(session.Account), sessionList+session.ID)
	listed[attrHash] = str(hash)
	listed[attrSealed] = bin(s.Keys.Seal([]byte(session.Device), sessionPlace(session.ID)))
	for _, it := range []item{listed, key(tokenPK(hash), sessionSK)} {
		it[attrDoc], it[attrExpires] = str(string(doc)), num(session.Expires.Unix())
		if err := s.Table.put(ctx, it, nil); err != nil {
			return fmt.Errorf("opening a session: %w", err)
		}
	}
	return nil
}

func sessionPlace(id string) string { return "session#" + id }

// List gives the sessions of an account that hold, newest first.
func (s Sessions) List(ctx context.Context, a account.Account) ([]account.Session, error) {
	items, err := s.Table.all(ctx, span{pk: ownerPK(a.ID), prefix: sessionList})
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	var list []account.Session
	for _, it := range items {
		var session account.Session
		if err := json.Unmarshal([]byte(text(it, attrDoc)), &session); err != nil {
			return nil, fmt.Errorf("reading a session: %w", err)
		}
		if !session.Holds(a, s.Now()) {
			continue
		}
		device, err := s.Keys.Open(bytesOf(it, attrSealed), sessionPlace(session.ID))
		if err != nil {
			return nil, fmt.Errorf("reading a session: %w", err)
		}
		session.Device = string(device)
		list = append(list, session)
	}
	slices.SortFunc(list, func(a, b account.Session) int { return b.Created.Compare(a.Created) })
	return list, nil
}

// End ends one session of an account; a fault not_found when there is none.
func (s Sessions) End(ctx context.Context, id, session string) error {
	it, err := s.Table.get(ctx, ownerPK(id), sessionList+session)
	if err != nil {
		return fmt.Errorf("loading a session: %w", err)
	}
	if it == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	return s.end(ctx, it)
}

// EndAll removes every session of an account, whether or not it holds.
func (s Sessions) EndAll(ctx context.Context, id string) error {
	items, err := s.Table.all(ctx, span{pk: ownerPK(id), prefix: sessionList})
	if err != nil {
		return fmt.Errorf("listing sessions: %w", err)
	}
	for _, it := range items {
		if err := s.end(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// end removes the token first: what is listed can still be ended.
func (s Sessions) end(ctx context.Context, it item) error {
	if err := s.Table.remove(ctx, tokenPK(text(it, attrHash)), sessionSK); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	if err := s.Table.remove(ctx, text(it, attrPK), text(it, attrSK)); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}
