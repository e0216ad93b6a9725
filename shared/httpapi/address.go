package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

type addressKey struct{}

// Addressed tells handlers from which network address a request comes. header is
// what the distribution in front writes the viewer's address into, and must be
// empty where nothing in front overwrites it: a client could write it too.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
func Addressed(next http.Handler, header string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source := r.RemoteAddr
		if header != "" && r.Header.Get(header) != "" {
			source = r.Header.Get(header)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), addressKey{}, network(source))))
	})
}

// Address is the network address of the request: an IPv4 address, or the /64 of
// an IPv6 one, which is what one household or phone has. "" when unknown.
func Address(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

func network(source string) string {
	address, err := netip.ParseAddr(source)
	if err != nil {
		// With a port; CloudFront writes that of an IPv6 address without brackets.
		host := source[:max(strings.LastIndexByte(source, ':'), 0)]
		if address, err = netip.ParseAddr(strings.Trim(host, "[]")); err != nil {
			return ""
		}
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}
