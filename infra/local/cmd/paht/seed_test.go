package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/local/system"
)

func TestARunningSystemIsFilledWithAPastThatVerifies(t *testing.T) {
	ctx, data := t.Context(), t.TempDir()
	t.Chdir("../../../..")
	s := startOn(t, data)
	client := api.New(s.Address())
	before := mails(t, client)
	const reports = 12
	var out bytes.Buffer
	if err := fill(ctx, system.On(data), []string{fmt.Sprint(reports)}, &out); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := verify(system.On(data), nil, &out); err != nil || !strings.Contains(out.String(), fmt.Sprintf(": %d reports with ", reports)) {
		t.Errorf("the past does not verify: %v: %s", err, out.String())
	}
	if after := mails(t, client); after != before {
		t.Errorf("%d notices left the system", after-before)
	}
	token, err := province.Open(ctx, client, "nguoidan01", province.Password)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports", Token: token, Want: http.StatusOK}); err != nil {
		t.Error(err)
	}
	var page struct {
		Parts []struct{ PublishedAt time.Time }
	}
	a, err := client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/published", Want: http.StatusOK})
	if err == nil {
		err = a.Into(&page)
	}
	if err != nil || len(page.Parts) == 0 {
		t.Fatalf("nothing of the past is public: %v", err)
	}
	for _, p := range page.Parts {
		if age := time.Since(p.PublishedAt); age < 0 || age > 125*24*time.Hour {
			t.Errorf("a part was published %s ago", age)
		}
	}
}

func mails(t *testing.T, client *api.Client) int {
	t.Helper()
	a, err := client.Do(t.Context(), api.Call{Method: http.MethodGet, Path: "/local/outbox.json", Want: http.StatusOK})
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(a.Body, []byte(`"subject"`))
}
