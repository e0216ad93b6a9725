package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/shared/settings"
)

// Clock gives the instant at which the files are checked.
type Clock func() time.Time

// API is the door of the HTTP API, in an administrator's session.
type API struct {
	Client *api.Client
	token  string
}

// Private refuses an address to which a password would go in the clear: under TLS
// alone it leaves the machine.
func Private(address string) error {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.Scheme != "https" && !here(at.Hostname()) {
		return fmt.Errorf("the address %s must begin with https://", address)
	}
	return nil
}

// LogIn opens a session.
func LogIn(ctx context.Context, client *api.Client, name, password string) (*API, error) {
	a, err := client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/sessions",
		Body: map[string]any{"logIn": name, "password": password, "device": "import"}})
	if err != nil {
		return nil, fmt.Errorf("logging %s in: %w", name, err)
	}
	var out struct {
		Token string `json:"token"`
	}
	if a.Status != http.StatusCreated {
		return nil, fmt.Errorf("logging %s in: %w", name, refused(a))
	}
	if err := a.Into(&out); err != nil || out.Token == "" {
		return nil, fmt.Errorf("logging %s in: %s is no address of this system", name, client.Base)
	}
	return &API{client, out.Token}, nil
}

// here tells whether a host is this machine.
func here(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// LogOut ends the session.
func (d *API) LogOut(ctx context.Context) error {
	_, err := d.Client.Do(ctx, api.Call{Method: http.MethodDelete, Path: "/v1/sessions/current", Token: d.token, Want: http.StatusNoContent})
	return err
}

func path(kind settings.Kind) string { return "/v1/admin/settings/" + string(kind) }

// Read implements Door.
func (d *API) Read(ctx context.Context, kind settings.Kind) (settings.Document, bool, error) {
	a, err := d.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: path(kind), Token: d.token})
	if err != nil {
		return settings.Document{}, false, err
	}
	var problem api.Problem
	if a.Status == http.StatusNotFound && a.Into(&problem) == nil && problem.Code == "not_found" {
		return settings.Document{}, false, nil
	}
	if a.Status != http.StatusOK {
		return settings.Document{}, false, refused(a)
	}
	var out struct {
		Version  int             `json:"version"`
		SHA256   string          `json:"sha256"`
		Document json.RawMessage `json:"document"`
	}
	if err := a.Into(&out); err != nil {
		return settings.Document{}, false, err
	}
	return settings.Document{Kind: kind, Version: out.Version, SHA256: out.SHA256, Data: out.Document}, true, nil
}

// Store implements Door. The act's key is the document's and the version's, so that
// it is done once however often it is sent.
func (d *API) Store(ctx context.Context, kind settings.Kind, over int, document []byte) (int, error) {
	key := fmt.Sprintf("import-%s-%d-%.32s", kind, over, settings.Sum(document))
	a, err := d.Client.Do(ctx, api.Call{Method: http.MethodPut, Path: path(kind), Token: d.token, Key: key,
		Match: strconv.Quote(strconv.Itoa(over)), Body: map[string]any{"document": json.RawMessage(document)}})
	if err != nil {
		return 0, err
	}
	if a.Status == http.StatusPreconditionFailed {
		return 0, errors.New("somebody else changed them meanwhile")
	}
	if a.Status != http.StatusOK {
		return 0, refused(a)
	}
	var out struct {
		Version int  `json:"version"`
		Stored  bool `json:"stored"`
	}
	if err := a.Into(&out); err != nil {
		return 0, err
	}
	if !out.Stored {
		return 0, errors.New("the system answered that it did not store them")
	}
	return out.Version, nil
}

// refused is what a refusal says.
func refused(a api.Answer) error {
	var p api.Problem
	if a.Into(&p) != nil || p.Title == "" {
		return fmt.Errorf("the system answered %d", a.Status)
	}
	lines := []string{fmt.Sprintf("the system answered %d: %s", a.Status, p.Title)}
	if p.Detail != "" {
		lines[0] += ": " + p.Detail
	}
	for _, e := range p.Errors {
		lines = append(lines, fmt.Sprintf("  %s: %s", e.Path, e.Detail))
	}
	return errors.New(strings.Join(lines, "\n"))
}
