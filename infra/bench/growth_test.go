package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/deploy/event"
	"paht/infra/local/fleet"
	"paht/infra/template"
)

func filled(t *testing.T, path string, values map[string]string) []byte {
	t.Helper()
	e, err := event.Named(path)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := e.Fill(values)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	return payload
}

// sizesOf are how many reports stand when a life is counted; REPORTS=100000 adds the
// third, which takes minutes.
func sizesOf() []int {
	sizes := []int{1000, 10_000}
	if os.Getenv("REPORTS") == "100000" {
		sizes = append(sizes, 100_000)
	}
	return sizes
}

// growth counts a report's life among more and more others: what it asks of AWS must
// not depend on how many there are.
func growth(ctx context.Context, t *testing.T, f *Figures, _ *template.Template) error {
	first := 0
	for _, size := range sizesOf() {
		m, s := newLife(t)
		token, err := reporterAt(ctx, m.fleet.Client())
		if err != nil {
			return err
		}
		for n := range size {
			if err := submitted(ctx, m.fleet, token, n); err != nil {
				return err
			}
			if n%200 == 0 {
				if err := m.fleet.Pump(ctx); err != nil {
					return err
				}
			}
		}
		if err := m.fleet.Pump(ctx); err != nil {
			return err
		}
		acts, err := Life(ctx, m, s)
		if err != nil {
			return err
		}
		var whole tally
		for _, a := range acts {
			whole.add(a.tally)
		}
		if first == 0 {
			first = whole.all()
			f.Add(fmt.Sprintf("growth %d", size), float64(whole.all()), "calls a report", 0, fmt.Sprint(whole.calls))
			continue
		}
		f.Add(fmt.Sprintf("growth %d", size), 100*(float64(whole.all())/float64(first)-1), "% more calls than among 1000", 1, fmt.Sprintf("%d calls %v", whole.all(), whole.calls))
	}
	return nil
}

// reporterAt registers somebody and gives the token.
func reporterAt(ctx context.Context, c *api.Client) (string, error) {
	const mail, password = "bao@nguoidan.example", "Mot-mat-khau-dai-1"
	if _, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts", Want: http.StatusCreated, Body: map[string]any{"kind": "individual",
		"name": "Người Báo", "logIn": "nguoibao", "password": password, "email": mail, "phone": "0912345678", "language": "vi"}}); err != nil {
		return "", err
	}
	code, err := c.Code(ctx, mail)
	if err != nil {
		return "", err
	}
	if _, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Want: http.StatusNoContent,
		Body: map[string]any{"logIn": "nguoibao", "code": code}}); err != nil {
		return "", err
	}
	a, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/sessions", Want: http.StatusCreated,
		Body: map[string]any{"logIn": "nguoibao", "password": password, "device": "phone"}})
	if err != nil {
		return "", err
	}
	var session struct{ Token string }
	return session.Token, a.Into(&session)
}

// body is a report that is like no other.
func body(n int) []byte {
	return fmt.Appendf(nil, `{"text":"Nắp cống trước số nhà %d đường Lê Lợi bị mất, rất nguy hiểm cho người đi xe máy ban đêm.",`+
		`"point":{"lat":9.707,"lon":106.084},"address":"Trước số nhà %d","category":"thoat_nuoc_ngap","publicity":"hidden","notice":"none","uploads":[]}`, n, n)
}

func submitted(ctx context.Context, f *fleet.Fleet, token string, n int) error {
	a := f.HTTP(ctx, http.MethodPost, "/v1/reports", body(n), "Content-Type", "application/json", "Authorization", "Bearer "+token, "Idempotency-Key", fmt.Sprintf("bench-report-%08d", n))
	if a.Status != http.StatusCreated {
		return fmt.Errorf("submitting report %d answered %d: %s", n, a.Status, a.Body)
	}
	return nil
}
