package message

import "fmt"

// OfAccount makes the message of an account's change: n numbers the change, so a
// resend has the id of the first.
func OfAccount(kind Type, account string, n int) Envelope {
	return Envelope{ID: fmt.Sprintf("%s#%d", account, n), Type: kind, Account: account, N: n}
}
