// Package doors opens a function's door over what it stands on. It imports no step.
package doors

import (
	"errors"

	"paht/shared/cloud"
	"paht/shared/httpapi"
)

// New is a door for pages of these origins, and for what comes through the
// distribution alone: a secret document that does not say how it makes itself
// known is an error of the start, since nobody would be let in.
func New(b cloud.Base, origins ...string) (*httpapi.Server, error) {
	if !b.Keys.HasOrigin() {
		return nil, errors.New("opening the door: the secret document holds no origin value")
	}
	return httpapi.NewServer(httpapi.Server{Front: b.Keys, Sessions: b.Sessions(), Digester: b.Keys, Origins: origins, Now: b.Now}), nil
}

var _ httpapi.Sessions = cloud.Sessions{}
