package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheAddressOfARequest(t *testing.T) {
	for name, row := range map[string]struct{ remote, trusted, sent, want string }{
		"the source where nothing stands in front":         {"203.0.113.9", "", "198.51.100.7:4711", "203.0.113.9"},
		"the viewer that the distribution names":           {"203.0.113.9", "CloudFront-Viewer-Address", "198.51.100.7:4711", "198.51.100.7"},
		"the source where the distribution names none":     {"203.0.113.9", "CloudFront-Viewer-Address", "", "203.0.113.9"},
		"a source with its port":                           {"203.0.113.9:80", "", "", "203.0.113.9"},
		"two addresses of one IPv6 network are one (1)":    {"2001:db8:1:2::1", "", "", "2001:db8:1:2::/64"},
		"two addresses of one IPv6 network are one (2)":    {"2001:db8:1:2:ffff::1", "", "", "2001:db8:1:2::/64"},
		"the port that CloudFront puts after an IPv6":      {"", "CloudFront-Viewer-Address", "2001:db8:1:2::1:443", "2001:db8:1:2::/64"},
		"an IPv6 address of eight groups with its port":    {"", "CloudFront-Viewer-Address", "2001:db8:1:2:3:4:5:6:443", "2001:db8:1:2::/64"},
		"an IPv6 address in brackets":                      {"[2001:db8:1:2::1]:443", "", "", "2001:db8:1:2::/64"},
		"an IPv4 address in IPv6 form is the IPv4 address": {"::ffff:203.0.113.9", "", "", "203.0.113.9"},
		"what is no address":                               {"somewhere", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			handler := Addressed(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Address(r.Context()) }), row.trusted)
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = row.remote
			r.Header.Set("CloudFront-Viewer-Address", row.sent)
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if got != row.want {
				t.Errorf("address %q, want %q", got, row.want)
			}
		})
	}
}
