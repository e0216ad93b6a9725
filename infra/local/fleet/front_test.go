package fleet_test

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"paht/infra/local/fleet"
	"paht/shared/httpapi"
)

// past sends a request to a function as the API does, without the gateway that
// adds the header of the front.
func past(t *testing.T, f *fleet.Fleet, function, method, path string, headers map[string]string) (status int, body string) {
	t.Helper()
	event, err := json.Marshal(map[string]any{"version": "2.0", "routeKey": method + " " + path, "rawPath": path, "headers": headers, "body": `{"canary`,
		"requestContext": map[string]any{"domainName": "id.execute-api.ap-southeast-1.amazonaws.com",
			"http": map[string]string{"method": method, "path": path, "sourceIp": "203.0.113.9"}}})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := f.Invoke(t.Context(), function, event)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err := json.Unmarshal(payload, &answer); err != nil || answer.StatusCode >= 400 && answer.Headers["content-type"] != "application/problem+json" {
		t.Fatalf("%s %s answered %s (%v)", method, path, payload, err)
	}
	return answer.StatusCode, answer.Body
}

var parameter = regexp.MustCompile(`\{\w+\}`)

// The API's own address is open to everybody: a function that takes what did not
// come through the distribution believes whatever address a client writes.
func TestEveryRouteRefusesWhatDidNotComeThroughTheFront(t *testing.T) {
	f := fleet.New(t, fleet.Options{})
	before, err := f.Raw()
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name    string
		headers map[string]string
		refused bool
	}{
		{"without the header", nil, true},
		{"with an empty one", map[string]string{"x-origin-verify": ""}, true},
		{"with a guess", map[string]string{"x-origin-verify": fleet.Front + "x"}, true},
		{"with its beginning", map[string]string{"x-origin-verify": fleet.Front[:10]}, true},
		{"with the value twice", map[string]string{"x-origin-verify": fleet.Front + "," + fleet.Front}, true},
		{"with the value in another header", map[string]string{"x-origin": fleet.Front, "authorization": "Bearer " + fleet.Front}, true},
		{"with the header of the viewer", map[string]string{"x-viewer-address": "198.51.100.7"}, true},
		{"through the front", map[string]string{"x-origin-verify": fleet.Front}, false},
	}
	said := map[string]bool{}
	routes := 0
	for _, fn := range f.Template().Functions {
		for _, r := range fn.Routes {
			routes++
			path := parameter.ReplaceAllString(r.Path, "canary")
			for _, row := range rows {
				status, body := past(t, f, filepath.Base(fn.CodeURI), r.Method, path, row.headers)
				forbidden := status == 403 && strings.Contains(body, `"code":"forbidden"`)
				if forbidden != row.refused || strings.Contains(body, "canary") || strings.Contains(body, fleet.Front) {
					t.Errorf("%s %s %s: %d %s", r.Method, r.Path, row.name, status, body)
				}
				if forbidden {
					said[body] = true
				}
			}
		}
	}
	if routes == 0 || len(said) != 1 {
		t.Errorf("%d routes; the refusals differ, and so tell something: %v", routes, said)
	}
	if after, err := f.Raw(); err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("a refused request was stored (%v)", err)
	}
}

func TestTheFrontsValueIsExchangedWithoutARefusal(t *testing.T) {
	const next = "the next value of this distribution"
	f := fleet.New(t, fleet.Options{})
	name := f.Template().Functions[0].Environment["SECRET"]
	stored, err := f.AWS().Parameters().Get(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, origin string
		passes       map[string]bool
	}{
		{"as it was", `["` + fleet.Front + `"]`, map[string]bool{fleet.Front: true, next: false}},
		{"the next one first, the former still taken", `["` + next + `","` + fleet.Front + `"]`, map[string]bool{fleet.Front: true, next: true}},
		{"the former gone", `["` + next + `"]`, map[string]bool{fleet.Front: false, next: true}},
	} {
		document := strings.Replace(stored.Value, `["`+fleet.Front+`"]`, row.origin, 1)
		if _, err := f.AWS().Parameters().Put(name, "SecureString", document, true); err != nil {
			t.Fatal(err)
		}
		f.Restart("query")
		for value, passes := range row.passes {
			status, body := past(t, f, "query", "GET", "/v1/inbox", map[string]string{"x-origin-verify": value})
			if (status == 401) != passes || (status == 403) == passes {
				t.Errorf("%s: %q is answered %d %s", row.name, value, status, body)
			}
		}
	}
}

func TestAFunctionWithADoorDoesNotStartWithoutTheFrontsValue(t *testing.T) {
	f := fleet.New(t, fleet.Options{})
	name := f.Template().Functions[0].Environment["SECRET"]
	stored, err := f.AWS().Parameters().Get(name)
	if err != nil {
		t.Fatal(err)
	}
	document := strings.Replace(stored.Value, `["`+fleet.Front+`"]`, `[]`, 1)
	if _, err := f.AWS().Parameters().Put(name, "SecureString", document, true); err != nil {
		t.Fatal(err)
	}
	for _, fn := range f.Template().Functions {
		word := filepath.Base(fn.CodeURI)
		_, err := f.Invoke(t.Context(), word, []byte(`{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":"{}"}]}`))
		if lacks := err != nil && strings.Contains(err.Error(), "holds no origin value"); lacks != (len(fn.Routes) > 0) {
			t.Errorf("%s, with %d routes: %v", word, len(fn.Routes), err)
		}
	}
	if a := f.HTTP(t.Context(), "GET", "/v1/inbox", nil, httpapi.OriginHeader, ""); a.Status != 500 {
		t.Errorf("the API answers %d", a.Status)
	}
}
