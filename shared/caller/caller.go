// Package caller is who calls and with which request, as a door found it out: it
// travels in the context from httpapi to the decisions. It imports the standard
// library only, so that a function without doors carries none of theirs.
package caller

import "context"

// Principal is who calls, as a session tells.
type Principal struct {
	Account string
	Kind    string // individual, organisation or officer
	Agency  string
	Roles   []string
	Session string // the session's id
	Channel string // website or app: from the credential, never from a field (R53)
	rights  map[string]bool
}

// Officer tells whether the account is an officer's.
func (p Principal) Officer() bool { return p.Kind == "officer" }

// May tells whether one of the officer's roles gives a right.
func (p Principal) May(right string) bool { return p.rights[right] }

// Holding is the principal with the rights that its roles give.
func (p Principal) Holding(rights map[string]bool) Principal {
	p.rights = rights
	return p
}

// Request is what a door knows of one request.
type Request struct {
	Principal Principal
	Digest    string // keyed digest of operation, path and canonical body
	Key       string // keyed digest of account and Idempotency-Key
	Language  string // "vi" or "en"
	Trace     string // from the phone's request to the last notice
	Match     int    // the event number of If-Match; 0 without one
}

type contextKey struct{}

// With puts a request into a context.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// Of is the context's request; outside a door an empty one.
func Of(ctx context.Context) *Request {
	r, ok := ctx.Value(contextKey{}).(*Request)
	if !ok {
		return &Request{Language: "vi"}
	}
	return r
}

// Trace is the request's correlation id.
func Trace(ctx context.Context) string { return Of(ctx).Trace }
