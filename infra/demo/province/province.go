// Package province sets up the made-up province of the demo, through the API and
// not past it: the first administrator by the stack operation, then the settings of a
// folder and officers. Nobody takes it for a real one, and its log-ins can
// exist on one machine only: nothing that is deployed contains this package.
package province

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"paht/infra/demo/api"
	"paht/infra/intake"
)

// Password is the password of every log-in of the demo.
const Password = "Cau-Ngang-1433-demo"

// LogIn is one officer of the demo.
type LogIn struct {
	Name   string // log-in name
	Person string
	Agency string
	Roles  []string
}

// Email is the officer's work address.
func (l LogIn) Email() string { return l.Name + "@moclam.example" }

// Administrator is the first administrator.
var Administrator = LogIn{"quantri", "Phạm Quản Trị", "SKHCN", []string{"administrator"}}

// Officers are the others.
var Officers = []LogIn{
	{"lan", "Nguyễn Thị Lan", "TTDH", []string{"screener"}},
	{"hung", "Trần Văn Hùng", "TTDH", []string{"router"}},
	{"mai", "Lê Thị Mai", "TTDH", []string{"editor"}},
	{"minh", "Võ Minh", "TTHTKT", []string{"handler"}},
	{"tam", "Huỳnh Tâm", "SXD", []string{"handler"}},
	{"dao", "Đặng Thị Đào", "SXD", []string{"leader"}},
	{"giamsat", "Bùi Giám Sát", "VPUB", []string{"monitor"}},
}

// Invoke runs a stack operation of a function.
type Invoke func(ctx context.Context, function string, payload []byte) ([]byte, error)

// Set sets the province up on a system that has none; what is there already is
// left as it is, so that a set-up that was cut short is completed.
func Set(ctx context.Context, c *api.Client, invoke Invoke, data string) error {
	token, err := administrator(ctx, c, invoke)
	if err != nil {
		return fmt.Errorf("making the administrator: %w", err)
	}
	folder, err := Files(data, c.Now())
	if err != nil {
		return err
	}
	for _, kind := range folder.Kinds() {
		if err := Import(ctx, c, token, string(kind), folder.Sources[kind].Document); err != nil {
			return err
		}
	}
	return Employ(ctx, c, token, Officers)
}

// Files reads the province's settings from a folder of files, as an import does.
func Files(folder string, at time.Time) (*intake.Folder, error) {
	read, wrong, err := intake.Read(folder, at)
	if err == nil && len(wrong) > 0 {
		err = errors.New(wrong[0].String())
	}
	if err != nil {
		return nil, fmt.Errorf("reading the province: %w", err)
	}
	return read, nil
}

// Employ makes officers' accounts, but for those that are there, as the
// administrator whose token is given.
func Employ(ctx context.Context, c *api.Client, token string, officers []LogIn) error {
	for _, o := range officers {
		if err := officer(ctx, c, token, o); err != nil {
			return fmt.Errorf("making the account %s: %w", o.Name, err)
		}
	}
	return nil
}

// Settings reads a settings document and its ETag; "" when the kind has none yet.
func Settings(ctx context.Context, c *api.Client, token, kind string) (document json.RawMessage, etag string, err error) {
	a, err := c.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/admin/settings/" + kind, Token: token})
	if err != nil {
		return nil, "", err
	}
	if a.Status == http.StatusNotFound {
		var problem api.Problem
		if err := a.Into(&problem); err != nil || problem.Status != a.Status {
			return nil, "", fmt.Errorf("reading the %s: the refusal is no problem document", kind)
		}
		return nil, `"0"`, nil
	}
	if a.Status != http.StatusOK {
		return nil, "", fmt.Errorf("reading the %s answered %d", kind, a.Status)
	}
	var out struct {
		Document json.RawMessage `json:"document"`
	}
	if err := a.Into(&out); err != nil {
		return nil, "", err
	}
	if len(out.Document) == 0 || a.ETag() == "" {
		return nil, "", fmt.Errorf("reading the %s gave no document", kind)
	}
	return out.Document, a.ETag(), nil
}

// Import stores a settings document where the kind has none.
func Import(ctx context.Context, c *api.Client, token, kind string, document []byte) error {
	_, etag, err := Settings(ctx, c, token, kind)
	if err != nil || etag != `"0"` {
		return err
	}
	return Store(ctx, c, token, kind, etag, document)
}

// Store stores a settings document.
func Store(ctx context.Context, c *api.Client, token, kind, etag string, document []byte) error {
	a, err := c.Do(ctx, api.Call{Method: http.MethodPut, Path: "/v1/admin/settings/" + kind, Token: token, Match: etag,
		Body: map[string]any{"document": json.RawMessage(document)}, Want: http.StatusOK})
	if err != nil {
		return fmt.Errorf("storing the %s: %w", kind, err)
	}
	var out struct {
		Stored bool `json:"stored"`
	}
	if err := a.Into(&out); err != nil {
		return err
	}
	if !out.Stored {
		return fmt.Errorf("storing the %s: it was not stored", kind)
	}
	return nil
}

// Open logs somebody in and gives the token.
func Open(ctx context.Context, c *api.Client, name, password string) (string, error) {
	a, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/sessions", Want: http.StatusCreated,
		Body: map[string]any{"logIn": name, "password": password, "device": "demo"}})
	if err != nil {
		return "", err
	}
	var out struct {
		Token string `json:"token"`
	}
	if err := a.Into(&out); err != nil {
		return "", err
	}
	if out.Token == "" {
		return "", fmt.Errorf("logging %s in gave no token", name)
	}
	return out.Token, nil
}

// present logs somebody in who may not be there yet: "" then. When the door says
// that there were too many tries, it is asked again later.
func present(ctx context.Context, c *api.Client, name string) (token string, err error) {
	err = c.Wait(ctx, "the log-in of "+name, func() (bool, error) {
		a, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/sessions",
			Body: map[string]any{"logIn": name, "password": Password, "device": "demo"}})
		if err != nil || a.Status == http.StatusTooManyRequests {
			return false, err
		}
		if a.Status == http.StatusUnauthorized {
			return true, nil
		}
		var out struct {
			Token string `json:"token"`
		}
		if err := a.Into(&out); err != nil || a.Status != http.StatusCreated || out.Token == "" {
			return false, fmt.Errorf("the log-in answered %d", a.Status)
		}
		token = out.Token
		return true, nil
	})
	return token, err
}

func administrator(ctx context.Context, c *api.Client, invoke Invoke) (string, error) {
	if token, err := present(ctx, c, Administrator.Name); token != "" || err != nil {
		return token, err
	}
	payload, err := json.Marshal(map[string]any{"operation": "first-administrator", "logIn": Administrator.Name,
		"name": Administrator.Person, "email": Administrator.Email()})
	if err != nil {
		return "", err
	}
	answer, err := invoke(ctx, "admin", payload)
	if err != nil {
		return "", err
	}
	var made struct {
		Code string `json:"activationCode"`
	}
	if err := json.Unmarshal(answer, &made); err != nil || made.Code == "" {
		return "", fmt.Errorf("the operation gave no activation code: %s", answer)
	}
	if err := activate(ctx, c, Administrator.Name, made.Code); err != nil {
		return "", err
	}
	return Open(ctx, c, Administrator.Name, Password)
}

func officer(ctx context.Context, c *api.Client, token string, o LogIn) error {
	if there, err := present(ctx, c, o.Name); there != "" || err != nil {
		return err
	}
	a, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/admin/officers", Token: token, Key: "demo-officer-" + o.Name,
		Body: map[string]any{"name": o.Person, "logIn": o.Name, "email": o.Email(), "agency": o.Agency, "roles": o.Roles}, Want: http.StatusCreated})
	if err != nil {
		return err
	}
	var made struct {
		ID string `json:"id"`
	}
	if err := a.Into(&made); err != nil || made.ID == "" {
		return fmt.Errorf("the account has no id")
	}
	code, err := c.Code(ctx, o.Email())
	if err != nil {
		return err
	}
	return activate(ctx, c, o.Name, code)
}

func activate(ctx context.Context, c *api.Client, name, code string) error {
	_, err := c.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/officers/activation", Want: http.StatusNoContent,
		Body: map[string]any{"logIn": name, "code": code, "password": Password}})
	return err
}
