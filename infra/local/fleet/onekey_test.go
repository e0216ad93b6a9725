package fleet_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
	"paht/shared/contract"
)

// Two requests that differ, under one key and at once: one is carried out, and the
// other is told that the key is taken, whichever comes first at each of their
// calls. The act's own record is what decides, not what was read before.
func TestOfTwoRequestsUnderOneKeyAtOnceOneIsCarriedOut(t *testing.T) {
	s := newScene(t)
	s.warm()
	for name, seeds := range map[string]uint64{
		"submit-report": 3, "open-uploads": 3, "show-contact": 3, "create-officer": 3, "register-account": 3,
		"store-settings": 1, // once more it would be refused for what it holds
	} {
		t.Run(name, func(t *testing.T) {
			s.on(t)
			for seed := range seeds {
				b := baselines[name](s)
				method, path := doorOf(t, name)
				for key, value := range b.path {
					path = strings.ReplaceAll(path, "{"+key+"}", value)
				}
				other := maps.Clone(b.body)
				maps.Copy(other, b.again)
				answers, key, w := make([]fleet.Answer, 2), api.Key(), s.watch()
				send := func(i int, body any) func(context.Context) {
					return func(context.Context) { answers[i] = s.ask(i, method, path, b.who, b.match, key, body) }
				}
				s.together(w, seed, send(0, b.body), send(1, other))
				s.sound(w)
				done := 0
				for _, a := range answers {
					var p api.Problem
					_ = json.Unmarshal(a.Body, &p) // what is no problem has no code
					switch {
					case a.Status/100 == 2:
						done++
					case a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusConflict && a.Status != http.StatusPreconditionFailed:
						t.Errorf("seed %d: answered %d: %s", seed, a.Status, a.Body)
					}
				}
				if done != 1 {
					t.Errorf("seed %d: %d of two requests were carried out: %s %s", seed, done, answers[0].Body, answers[1].Body)
				}
			}
		})
		s.on(t)
	}
}

// doorOf is an operation's method and path.
func doorOf(t *testing.T, name string) (method, path string) {
	t.Helper()
	for _, o := range contract.Operations() {
		if o.Meta().ID == name {
			return o.Meta().Method, o.Meta().Path
		}
	}
	t.Fatalf("there is no operation %s", name)
	return "", ""
}
