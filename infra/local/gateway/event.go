package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// The request event of payload format 2.0.
type (
	request struct {
		Version               string            `json:"version"`
		RouteKey              string            `json:"routeKey"`
		RawPath               string            `json:"rawPath"`
		RawQueryString        string            `json:"rawQueryString"`
		Cookies               []string          `json:"cookies,omitempty"`
		Headers               map[string]string `json:"headers"`
		QueryStringParameters map[string]string `json:"queryStringParameters,omitempty"`
		RequestContext        requestContext    `json:"requestContext"`
		Body                  string            `json:"body,omitempty"`
		PathParameters        map[string]string `json:"pathParameters,omitempty"`
		IsBase64Encoded       bool              `json:"isBase64Encoded"`
	}
	requestContext struct {
		AccountID    string      `json:"accountId"`
		APIID        string      `json:"apiId"`
		DomainName   string      `json:"domainName"`
		DomainPrefix string      `json:"domainPrefix"`
		HTTP         httpContext `json:"http"`
		RequestID    string      `json:"requestId"`
		RouteKey     string      `json:"routeKey"`
		Stage        string      `json:"stage"`
		Time         string      `json:"time"`
		TimeEpoch    int64       `json:"timeEpoch"`
	}
	httpContext struct {
		Method    string `json:"method"`
		Path      string `json:"path"`
		Protocol  string `json:"protocol"`
		SourceIP  string `json:"sourceIp"`
		UserAgent string `json:"userAgent"`
	}
)

const apiID = "local"

// event encodes a request. The service gives the path decoded, both as rawPath
// and in the parameters; Go's URL.Path is just that.
func (g *Gateway) event(r *http.Request, body []byte, m match) (payload []byte, id string, err error) {
	id, now := rand.Text()[:16], time.Now().UTC()
	host := r.Host
	prefix, _, _ := strings.Cut(host, ".")
	text, encoded := encodeBody(r, body)
	payload, err = json.Marshal(request{
		Version: "2.0", RouteKey: m.key, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Cookies: cookies(r), Headers: g.headers(r), QueryStringParameters: joined(r.URL.Query()), PathParameters: m.parameters,
		Body: text, IsBase64Encoded: encoded,
		RequestContext: requestContext{
			AccountID: g.options.AccountID, APIID: apiID, DomainName: host, DomainPrefix: prefix,
			HTTP:      httpContext{r.Method, r.URL.Path, r.Proto, address(r), r.UserAgent()},
			RequestID: id, RouteKey: m.key, Stage: "$default",
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		},
	})
	return payload, id, err
}

// cookies are the pairs of the Cookie header, which the headers then lack.
func cookies(r *http.Request) []string {
	var all []string
	for _, line := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.TrimSpace(pair); pair != "" {
				all = append(all, pair)
			}
		}
	}
	return all
}

// headers have lower-case names, and commas between values of one name.
func (g *Gateway) headers(r *http.Request) map[string]string {
	all := map[string]string{}
	for name, values := range r.Header {
		if name != "Cookie" {
			all[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	from, port := address(r), "80"
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		port = p
	}
	if before := all["x-forwarded-for"]; before != "" {
		from = before + ", " + from
	}
	all["host"], all["x-forwarded-for"], all["x-forwarded-port"], all["x-forwarded-proto"] = r.Host, from, port, "http"
	for name, value := range g.options.OriginHeaders {
		all[strings.ToLower(name)] = value
	}
	return all
}

func joined(query url.Values) map[string]string {
	if len(query) == 0 {
		return nil
	}
	all := map[string]string{}
	for name, values := range query {
		all[name] = strings.Join(values, ",")
	}
	return all
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// encodeBody gives text as it is and everything else in base64. Which is which
// the service's pages do not say; observed on it are as text only text/*,
// application/json, application/javascript and application/xml, and a body
// without a type as binary.
func encodeBody(r *http.Request, body []byte) (text string, encoded bool) {
	if len(body) == 0 {
		return "", false
	}
	kind, _, _ := strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	plain := strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "application/javascript" || kind == "application/xml"
	if plain && r.Header.Get("Content-Encoding") == "" && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}
