// Package doors opens a function's door over what it stands on. It imports no step.
package doors

import (
	"paht/shared/cloud"
	"paht/shared/httpapi"
)

// New is a door for pages of these origins.
func New(b cloud.Base, origins ...string) *httpapi.Server {
	return httpapi.NewServer(httpapi.Server{Sessions: b.Sessions(), Digester: b.Keys, Origins: origins, Now: b.Now})
}

var _ httpapi.Sessions = cloud.Sessions{}
