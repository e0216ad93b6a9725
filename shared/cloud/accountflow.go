package cloud

import (
	"context"
	"log/slog"

	"paht/shared/account"
	"paht/shared/caller"
	"paht/shared/message"
)

// AccountFlow is the rule that loses nothing, for accounts. The doors and the
// sweep share it.
func (b Base) AccountFlow(sender account.Sender) account.Flow {
	return account.Flow{
		Store: b.Accounts(), Sender: sender, Now: b.Now, Trace: caller.Trace, Rules: account.RulesFrom(b.Settings),
		Failed: func(ctx context.Context, id string, kind message.Type, err error) {
			slog.WarnContext(ctx, "a message stays owed", "account", id, "message", kind, "error", err.Error())
		},
	}
}

// Sessions is the store of sessions.
func (b Base) Sessions() Sessions {
	return Sessions{Table: b.Table, Keys: b.Keys, Settings: b.Settings, Now: b.Now}
}

// Limits counts tries.
func (b Base) Limits() Limits { return Limits{Table: b.Table, Keys: b.Keys, Now: b.Now} }

// Audit keeps what was done.
func (b Base) Audit() Audit { return Audit{Table: b.Table, Keys: b.Keys} }

// Acts remembers keyed acts.
func (b Base) Acts() Acts { return Acts{Table: b.Table, Now: b.Now} }
