package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"paht/shared/caller"
	"paht/shared/contract"
	"paht/shared/fault"
)

// CookieName is the session cookie of the web. The __Host- prefix binds it to the
// host, HTTPS and the whole path (RFC 6265bis, section 4.1.3.2).
const CookieName = "__Host-session"

// guard checks who calls, the right, and the headers of an act, before anything
// of the body is decoded.
func (s *Server) guard(meta contract.Meta) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := s.admit(ctx, meta); err != nil {
			writeHuma(ctx, s.problemOf(ctx.Context(), meta, err))
			return
		}
		next(ctx)
	}
}

func (s *Server) admit(ctx huma.Context, meta contract.Meta) error {
	known := of(ctx.Context())
	token, cookie := credentials(ctx)
	if meta.Access.Session {
		if token == "" {
			return fault.New(fault.Unauthenticated, "no_session")
		}
		if cookie && !s.sameOrigin(ctx, meta.Method) {
			return fault.New(fault.Forbidden, "foreign_origin")
		}
		p, err := s.Sessions.Session(ctx.Context(), token)
		if err != nil {
			return err
		}
		if err := s.allow(ctx, &p, meta.Access); err != nil {
			return err
		}
		known.Principal = p
	}
	return s.headers(ctx, meta, known)
}

// allow checks the kind of account (R06) and the right.
func (s *Server) allow(ctx huma.Context, p *Principal, access contract.Access) error {
	if access.Reporter && p.Officer() || access.Officer && !p.Officer() {
		return fault.New(fault.Forbidden, "wrong_kind_of_account")
	}
	if !p.Officer() {
		return nil
	}
	rights, err := s.Sessions.Rights(ctx.Context(), p.Roles)
	if err != nil {
		return err
	}
	*p = p.Holding(rights)
	if access.Right != "" && !rights[access.Right] {
		return fault.New(fault.Forbidden, "right_missing", access.Right)
	}
	return nil
}

// headers reads Idempotency-Key and If-Match where the operation asks for them.
func (s *Server) headers(ctx huma.Context, meta contract.Meta, known *caller.Request) error {
	if meta.Key {
		key := ctx.Header("Idempotency-Key")
		if len(key) < 8 || len(key) > 64 {
			return &fault.Fault{Kind: fault.Malformed, Code: "idempotency_key_missing",
				Fields: []fault.Field{{Path: "header.Idempotency-Key", Code: "length_between", Args: []string{"8", "64"}}}}
		}
		known.Key = s.Digester.MAC("digest", "key", known.Principal.Account, key)
	}
	if !meta.Match {
		return nil
	}
	match := ctx.Header("If-Match")
	if match == "" {
		return fault.New(fault.NoCondition, "if_match_missing")
	}
	n, err := strconv.Atoi(strings.Trim(match, `"`))
	if err != nil || n < 0 || n > 1<<30 || !strings.HasPrefix(match, `"`) || !strings.HasSuffix(match, `"`) || len(match) < 3 {
		return &fault.Fault{Kind: fault.Malformed, Code: "if_match_malformed",
			Fields: []fault.Field{{Path: "header.If-Match", Code: "not_an_etag"}}}
	}
	known.Match = n
	return nil
}

// credentials finds the token: a bearer header, or the web's cookie.
func credentials(ctx huma.Context) (token string, cookie bool) {
	if bearer, ok := strings.CutPrefix(ctx.Header("Authorization"), "Bearer "); ok {
		return bearer, false
	}
	c, err := huma.ReadCookie(ctx, CookieName)
	if err != nil {
		return "", false
	}
	return c.Value, true
}

// sameOrigin is the check of the Origin header for what the cookie authorises: a
// page of another origin cannot act in the reporter's name.
func (s *Server) sameOrigin(ctx huma.Context, method string) bool {
	origin := ctx.Header("Origin")
	if method == http.MethodGet && origin == "" {
		return true
	}
	return slices.Contains(s.Origins, origin)
}

// ETag is the header of an event number.
func ETag(n int) string { return `"` + strconv.Itoa(n) + `"` }
