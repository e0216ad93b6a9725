package fleet_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/local/fleet"
)

// watched is a test that is watched: what fails in it fails nothing else.
type watched struct {
	testing.TB
	failed   []string
	cleaning []func()
}

func (w *watched) Error(args ...any)   { w.failed = append(w.failed, fmt.Sprint(args...)) }
func (w *watched) Cleanup(do func())   { w.cleaning = append(w.cleaning, do) }
func (w *watched) Failed() bool        { return false }
func (w *watched) Logf(string, ...any) {}
func (w *watched) end() (failed []string) {
	for _, do := range w.cleaning {
		do()
	}
	return w.failed
}

// A function may answer as if nothing was, and the sweep may mend what was not done:
// that the template refused a call is told all the same.
func TestACallThatTheTemplateRefusesFailsItsTest(t *testing.T) {
	for _, row := range []struct {
		name      string
		misled    func(r *http.Request) // as if a function asked for something else
		operation string
		want      []string
	}{
		{"none", func(*http.Request) {}, "GetItem", nil},
		{"on the table", func(r *http.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20120810.Scan") }, "Query", []string{"query: dynamodb:Scan on arn:aws:dynamodb:"}},
		{"on the bucket", func(r *http.Request) { r.Method = http.MethodDelete }, "HeadObject", []string{"submit: s3:DeleteObject on arn:aws:s3:::", "/upload/photo/"}},
	} {
		s := newScene(t) // its people are those of the watched one
		w := &watched{TB: t}
		f := fleet.New(w, fleet.Options{From: prepared.snapshot})
		s.fleet, s.client = f, f.Client()
		slot := s.slot(fleet.JPEG(9, 9))
		f.SetFaults(func(_ string, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if fleet.Describe(r).Operation == row.operation {
				row.misled(r)
			}
			return next.RoundTrip(r)
		})
		for _, path := range []string{"/v1/uploads/" + slot.ID, "/v1/reports"} {
			_, err := s.client.Do(t.Context(), api.Call{Method: http.MethodGet, Path: path, Token: s.tokens[reporter]})
			_ = err // whatever they answer
		}
		err := f.Pump(t.Context())
		failed := strings.Join(w.end(), "\n")
		for _, want := range row.want {
			if !strings.Contains(failed, want) || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: delivering ended with %v, and the test with %q", row.name, err, failed)
			}
		}
		if len(row.want) == 0 && (failed != "" || err != nil) {
			t.Errorf("%s: delivering ended with %v, and the test with %q", row.name, err, failed)
		}
	}
}
