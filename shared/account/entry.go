package account

import "time"

// Entry is one act in the audit: what was done with accounts, settings and
// personal data (R13).
type Entry struct {
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"`   // account, or ActorStack
	Act     string    `json:"act"`     // such as account.unlocked
	Subject string    `json:"subject"` // report, account or kind of settings
	Key     string    `json:"-"`       // of the act: a repeat is one entry
	Request string    `json:"-"`       // digest of the request; "" where the act itself knows its repeats
	Reason  string    `json:"-"`       // sealed: people write names into it
}

// ActorStack is whoever may invoke the stack's functions.
const ActorStack = "stack"
