package fleet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"paht/infra/local/fleet"
)

// watch looks at every write that succeeds. A state, a slot, an account and a
// notice move by one version at a time; a projection never goes back; what is
// created once is written once.
type watch struct {
	mu       sync.Mutex
	versions map[string]int
	written  map[string]int
	wrong    []string
}

// watch begins with what stands there.
func (s *scene) watch() *watch {
	s.t.Helper()
	w := &watch{versions: map[string]int{}, written: map[string]int{}}
	items, err := s.fleet.Items("")
	s.check(err)
	for _, i := range items {
		w.written[i.Key()]++
		if v, err := strconv.Atoi(i.Number("v")); err == nil {
			w.versions[i.Key()] = v
		}
	}
	s.fleet.SetFaults(w.hook(passed))
	return w
}

// hook watches what the next hook lets through.
func (w *watch) hook(next fleet.Faults) fleet.Faults {
	return func(function string, r *http.Request, way http.RoundTripper) (*http.Response, error) {
		operation := fleet.Describe(r).Operation
		if operation != "PutItem" && operation != "DeleteItem" {
			return next(function, r, way)
		}
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
		response, err := next(function, r, way)
		if err == nil && response.StatusCode == http.StatusOK {
			w.wrote(function, data)
		}
		return response, err
	}
}

func (w *watch) wrote(function string, request []byte) {
	var in struct {
		Item, Key fleet.Item
	}
	if err := json.Unmarshal(request, &in); err != nil {
		w.wrong = append(w.wrong, err.Error())
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if in.Item == nil {
		delete(w.versions, in.Key.Key())
		delete(w.written, in.Key.Key())
		return
	}
	key := in.Item.Key()
	w.written[key]++
	before, stood := w.versions[key], w.written[key] > 1
	v, err := strconv.Atoi(in.Item.Number("v"))
	if err != nil {
		if stood && onceOnly(in.Item.Text("pk"), in.Item.Text("sk")) {
			w.wrong = append(w.wrong, fmt.Sprintf("%s wrote %s once more", function, key))
		}
		return
	}
	w.versions[key] = v
	sk := in.Item.Text("sk")
	byOne := sk == "s" || sk == "a" || strings.HasPrefix(sk, "n#")
	switch {
	case byOne && stood && v != before+1, byOne && !stood && v != 1:
		w.wrong = append(w.wrong, fmt.Sprintf("%s wrote version %d of %s after %d", function, v, key, before))
	case !byOne && stood && v <= before:
		w.wrong = append(w.wrong, fmt.Sprintf("%s wrote %s as of %d over %d", function, key, v, before))
	}
}

// onceOnly tells what is created on condition and never changed.
func onceOnly(pk, sk string) bool {
	kind, _, _ := strings.Cut(pk, "#")
	switch kind {
	case "R", "B":
		return strings.HasPrefix(sk, "e#")
	case "P", "PARK", "AU", "AUK":
		return true
	}
	return false
}

// sound wants the watch to have seen nothing wrong, and all that is stored to fit
// together once the system has come to rest.
func (s *scene) sound(w *watch) {
	s.t.Helper()
	s.fleet.SetFaults(nil)
	s.check(s.fleet.Settle(s.ctx()))
	for _, wrong := range w.wrong {
		s.t.Error(wrong)
	}
	truth, err := s.fleet.Truth(s.ctx())
	s.check(err)
	for _, wrong := range truth.Wrong {
		s.t.Error(wrong)
	}
}

// letters counts the letters that left the system by the id that they were given.
func (s *scene) letters() map[string]int {
	s.t.Helper()
	mails, err := s.fleet.Mails()
	s.check(err)
	sent := map[string]int{}
	for _, m := range mails {
		sent[m.GivenMessageID]++
	}
	return sent
}
