package gateway

import (
	"fmt"
	"slices"
	"strings"
)

// Route is one event of type HttpApi.
type Route struct {
	Method   string // a method, or ANY
	Path     string // with {parameter} and {greedy+}; "$default" takes the rest
	Function string
}

// table finds the route of a request by the service's order: the most specific
// full match, then a greedy one, then $default.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
type table struct {
	routes      []pattern
	defaultName string
}

type pattern struct {
	method, key, function string
	segments              []string
	greedy                bool
}

// match is the route that a request takes.
type match struct {
	key, function string
	parameters    map[string]string
}

func newTable(routes []Route) (table, error) {
	var t table
	seen := map[string]string{}
	for _, r := range routes {
		p, err := parseRoute(r)
		if err != nil {
			return table{}, fmt.Errorf("route %s %s of %s: %w", r.Method, r.Path, r.Function, err)
		}
		if other, twice := seen[p.key]; twice {
			return table{}, fmt.Errorf("route %s is declared by both %s and %s", p.key, other, r.Function)
		}
		seen[p.key] = r.Function
		if p.key == "$default" {
			t.defaultName = r.Function
			continue
		}
		t.routes = append(t.routes, p)
	}
	slices.SortStableFunc(t.routes, moreSpecific)
	return t, nil
}

func parseRoute(r Route) (pattern, error) {
	if r.Path == "$default" {
		return pattern{key: "$default", function: r.Function}, nil
	}
	method := strings.ToUpper(r.Method)
	if method == "" || method == "*" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		method = "ANY"
	}
	if !strings.HasPrefix(r.Path, "/") {
		return pattern{}, fmt.Errorf("its path does not begin with a slash")
	}
	p := pattern{method: method, key: method + " " + r.Path, function: r.Function, segments: strings.Split(r.Path[1:], "/")}
	for i, s := range p.segments {
		name, open := strings.CutPrefix(s, "{")
		name, closed := strings.CutSuffix(name, "}")
		switch {
		case open != closed || strings.ContainsAny(name, "{}"):
			return pattern{}, fmt.Errorf("the segment %q is no parameter and no plain text", s)
		case open && strings.HasSuffix(name, "+"):
			if i != len(p.segments)-1 {
				return pattern{}, fmt.Errorf("the greedy parameter %q is not its last segment", s)
			}
			p.greedy = true
		}
	}
	return p, nil
}

// moreSpecific puts full matches before greedy ones, plain segments before
// parameters from the left, longer greedy routes before shorter, and a method
// before ANY.
func moreSpecific(a, b pattern) int {
	if a.greedy != b.greedy {
		return boolOrder(b.greedy, a.greedy)
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if x, y := isParameter(a.segments[i]), isParameter(b.segments[i]); x != y {
			return boolOrder(y, x)
		}
	}
	if a.greedy && len(a.segments) != len(b.segments) {
		return len(b.segments) - len(a.segments)
	}
	return boolOrder(b.method == "ANY", a.method == "ANY")
}

// boolOrder is negative where the first holds and the second does not.
func boolOrder(first, second bool) int {
	switch {
	case first == second:
		return 0
	case first:
		return -1
	}
	return 1
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

// match finds the route of a method and a path. Routes are in order of
// precedence, so the first that fits is the one.
func (t table) match(method, path string) (match, bool) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, p := range t.routes {
		if p.method != "ANY" && p.method != method {
			continue
		}
		if parameters, ok := p.fits(segments); ok {
			return match{p.key, p.function, parameters}, true
		}
	}
	return match{}, false
}

func (t table) fallback() (match, bool) {
	return match{key: "$default", function: t.defaultName}, t.defaultName != ""
}

func (p pattern) fits(segments []string) (map[string]string, bool) {
	if len(segments) != len(p.segments) && !(p.greedy && len(segments) > len(p.segments)) {
		return nil, false
	}
	parameters := map[string]string{}
	for i, want := range p.segments {
		switch {
		case !isParameter(want):
			if segments[i] != want {
				return nil, false
			}
		case strings.HasSuffix(want, "+}"):
			parameters[want[1:len(want)-2]] = strings.Join(segments[i:], "/")
		case segments[i] == "":
			return nil, false
		default:
			parameters[want[1:len(want)-1]] = segments[i]
		}
	}
	return parameters, true
}
