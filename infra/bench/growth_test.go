package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/deploy/event"
	"paht/infra/local/fleet"
	"paht/infra/template"
	"paht/shared/contract"
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

// sizesOf are how many reports stand when a way is counted; REPORTS=10000 leaves out
// the last, which takes minutes.
func sizesOf() []int {
	sizes := []int{1000, 10_000, 100_000}
	if most, err := strconv.Atoi(os.Getenv("REPORTS")); err == nil {
		sizes = slices.DeleteFunc(sizes, func(n int) bool { return n > most })
	}
	return sizes
}

// growth counts the way of a report from its submission to the agency's receipt among
// more and more others: what it asks of AWS must not depend on how many there are.
func growth(ctx context.Context, t *testing.T, f *Figures, _ *template.Template) error {
	first := 0
	for _, size := range sizesOf() {
		counts, err := among(ctx, t, size)
		if err != nil {
			return err
		}
		calls := 0
		for _, n := range counts {
			calls += n
		}
		if first == 0 {
			first = calls
		}
		f.Add(fmt.Sprintf("growth %d", size), 100*(float64(calls)/float64(first)-1), "% more calls than among 1000", 1, fmt.Sprintf("%d calls a report, %v", calls, counts))
	}
	return nil
}

// among counts the calls of one report among others.
func among(ctx context.Context, t *testing.T, others int) (map[string]int, error) {
	fl := fleet.New(t, fleet.Options{})
	if err := fl.SetUp(ctx); err != nil {
		return nil, err
	}
	token, err := reporterAt(ctx, fl.Client())
	if err != nil {
		return nil, err
	}
	officers := map[string]string{}
	for _, name := range []string{"lan", "hung", "minh"} {
		if officers[name], err = province.Open(ctx, fl.Client(), name, province.Password); err != nil {
			return nil, err
		}
	}
	for n := range others {
		if _, err := submitted(ctx, fl, token, n); err != nil {
			return nil, err
		}
		if n%200 == 0 || n == others-1 {
			if err := fl.Pump(ctx); err != nil {
				return nil, err
			}
		}
	}
	fl.ForgetCalls()
	id, err := submitted(ctx, fl, token, others)
	if err != nil {
		return nil, err
	}
	for _, act := range []struct {
		who, path string
		body      any
	}{
		{"lan", "/acceptance", map[string]any{}},
		{"hung", "/transfer", map[string]any{"targets": []map[string]any{{"agency": "TTHTKT"}}}},
		{"minh", "/assignments/a1/receipt", nil},
	} {
		if err := fl.Pump(ctx); err != nil {
			return nil, err
		}
		if err := acting(ctx, fl, officers[act.who], id, act.path, act.body); err != nil {
			return nil, err
		}
	}
	return fl.Counts(), fl.Pump(ctx)
}

// acting reads the report, or its part, and acts on what was read.
func acting(ctx context.Context, fl *fleet.Fleet, token, id, path string, body any) error {
	c := fl.Client()
	a, err := c.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + id, Token: token, Want: http.StatusOK})
	if err != nil {
		return err
	}
	var d contract.Detail
	if err := a.Into(&d); err != nil {
		return err
	}
	match := d.ETag
	if strings.HasPrefix(path, "/assignments/") {
		match = d.Assignments[0].ETag
	}
	_, err = c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + id + path, Token: token, Match: match, Body: body, Want: http.StatusOK})
	return err
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
		`"point":{"lat":9.707,"lon":106.084},"address":"Trước số nhà %d","category":"thoat_nuoc_ngap","publicity":"hidden","notice":"email","uploads":[]}`, n, n)
}

func submitted(ctx context.Context, f *fleet.Fleet, token string, n int) (string, error) {
	a := f.HTTP(ctx, http.MethodPost, "/v1/reports", body(n), "Content-Type", "application/json", "Authorization", "Bearer "+token, "Idempotency-Key", fmt.Sprintf("bench-report-%08d", n))
	if a.Status != http.StatusCreated {
		return "", fmt.Errorf("submitting report %d answered %d: %s", n, a.Status, a.Body)
	}
	var acted contract.Acted
	if err := json.Unmarshal(a.Body, &acted); err != nil {
		return "", fmt.Errorf("submitting report %d: %w", n, err)
	}
	return acted.Report.ID, nil
}
