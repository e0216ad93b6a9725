package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"paht/shared/fault"
)

// Signer makes and checks keyed digests.
type Signer interface {
	MAC(purpose string, data ...string) string
	CheckMAC(mac, purpose string, data ...string) bool
}

// WriteCursor makes the opaque, signed cursor of a list: scope binds it to the
// list and its reader, so that it fits nowhere else. "" for an empty position.
func WriteCursor(s Signer, scope string, position map[string]string) string {
	if len(position) == 0 {
		return ""
	}
	b, err := json.Marshal(position)
	if err != nil {
		return ""
	}
	payload := base64.RawURLEncoding.EncodeToString(b)
	return payload + "." + s.MAC("cursor", scope, payload)[:32]
}

// ReadCursor reads a cursor that WriteCursor made for that scope; "" is the
// beginning. Any other is a fault that names query.cursor.
func ReadCursor(s Signer, scope, cursor string) (map[string]string, error) {
	if cursor == "" {
		return nil, nil
	}
	payload, mac, ok := strings.Cut(cursor, ".")
	if !ok || len(mac) != 32 || !s.CheckMAC(mac, "cursor", scope, payload) {
		return nil, fault.InvalidField("query.cursor", "cursor_tampered")
	}
	var position map[string]string
	b, err := base64.RawURLEncoding.DecodeString(payload)
	if err == nil {
		err = json.Unmarshal(b, &position)
	}
	if err != nil {
		return nil, fault.InvalidField("query.cursor", "cursor_tampered")
	}
	return position, nil
}
