// Command sandbox runs functions by `sam local invoke` against the system of this
// machine, which it starts for as long, in a folder of its own:
//
//	sandbox FUNCTION EVENT    one function, with the places of the event filled
//	sandbox check             submit answers 201, the report is read back through the
//	                          API, and screen takes its message
//
// ROOT (.), SAM (build/venv/sam/bin/sam) and BUILD (build/local) say with what. The
// places of an event are filled from a system with the made-up province: {{reporter}}
// and the officers by their log-in names are tokens; {{report}}, {{etag}}, {{n}} and
// others may be given as variables REPORT, ETAG, N.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/infra/deploy/event"
	"paht/infra/deploy/sandbox"
	"paht/infra/local/system"
	"paht/shared/contract"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := os.Stdout
	if nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = nowhere // versitygw prints while it starts
	}
	if err := command(ctx, os.Args[1:], out); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox: "+err.Error())
		os.Exit(1)
	}
}

// ground is a system with the made-up province and a way to run its functions.
type ground struct {
	root    string
	sandbox *sandbox.Sandbox
	client  *api.Client
	values  map[string]string
}

func setting(name, standard string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return standard
}

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 2 && (len(args) != 1 || args[0] != "check") {
		return errors.New("say one of: check, FUNCTION EVENT")
	}
	root, err := filepath.Abs(setting("ROOT", "."))
	if err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "paht-sandbox-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	inRoot := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(root, path)
	}
	build := inRoot(setting("BUILD", "build/local"))
	if len(args) == 2 {
		if args[1], err = filepath.Abs(args[1]); err != nil {
			return err
		}
	}
	s, err := system.Start(ctx, system.Options{Template: filepath.Join(root, "template.yaml"), Build: build, Data: data})
	if err != nil {
		return err
	}
	defer s.Close()
	g := &ground{root: root, client: api.New(s.Address()), values: map[string]string{"front": s.OriginHeaders()[system.OriginHeader]}}
	if err := g.people(ctx, s); err != nil {
		return err
	}
	g.sandbox, err = sandbox.Open(sandbox.Options{Root: root, SAM: inRoot(setting("SAM", "build/venv/sam/bin/sam")), Docker: os.Getenv("DOCKER_HOST"),
		Build: build, Data: data, System: s, Log: os.Stderr})
	if err != nil {
		return err
	}
	defer g.sandbox.Close()
	if args[0] == "check" {
		return g.check(ctx, out)
	}
	return g.one(ctx, args[0], args[1], out)
}

// people sets the province up, and makes a reporter, with everybody's token.
func (g *ground) people(ctx context.Context, s *system.System) error {
	invoke := func(ctx context.Context, function string, payload []byte) ([]byte, error) {
		result, err := s.Invoke(ctx, function, payload)
		if err != nil {
			return nil, err
		}
		return result.(system.Invocation).Payload, nil
	}
	if err := province.Set(ctx, g.client, invoke, filepath.Join(g.root, "data", "demo")); err != nil {
		return fmt.Errorf("setting the province up: %w", err)
	}
	const mail, password = "bao@nguoidan.example", "Mot-mat-khau-dai-1"
	if _, err := g.client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts", Want: http.StatusCreated, Body: map[string]any{"kind": "individual",
		"name": "Người Báo", "logIn": "nguoibao", "password": password, "email": mail, "phone": "0912345678", "language": "vi"}}); err != nil {
		return err
	}
	code, err := g.client.Code(ctx, mail)
	if err != nil {
		return err
	}
	if _, err := g.client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Want: http.StatusNoContent,
		Body: map[string]any{"logIn": "nguoibao", "code": code}}); err != nil {
		return err
	}
	if g.values["reporter"], err = province.Open(ctx, g.client, "nguoibao", password); err != nil {
		return err
	}
	for _, who := range append([]province.LogIn{province.Administrator}, province.Officers...) {
		if g.values[who.Name], err = province.Open(ctx, g.client, who.Name, province.Password); err != nil {
			return err
		}
	}
	g.values["reader"], g.values["logIn"], g.values["password"] = g.values["lan"], "lan", province.Password
	for _, name := range []string{"report", "etag", "part", "n", "slot", "bucket"} {
		if value := os.Getenv(strings.ToUpper(name)); value != "" {
			g.values[name] = value
		}
	}
	return nil
}

func (g *ground) one(ctx context.Context, function, path string, out io.Writer) error {
	e, err := event.Named(path)
	if err != nil {
		return err
	}
	payload, err := e.Fill(g.values)
	if err != nil {
		return err
	}
	answer, err := g.sandbox.Invoke(ctx, function, payload)
	if err == nil {
		fmt.Fprintf(out, "%s\n", answer)
	}
	return err
}

// feed runs the function whose event it is.
func (g *ground) feed(ctx context.Context, name string) ([]byte, error) {
	e, err := event.Named(filepath.Join(g.root, "events", name+".json"))
	if err != nil {
		return nil, err
	}
	payload, err := e.Fill(g.values)
	if err != nil {
		return nil, err
	}
	return g.sandbox.Invoke(ctx, e.Function, payload)
}

// check runs a function of each kind and looks at what it did through the API.
func (g *ground) check(ctx context.Context, out io.Writer) error {
	payload, err := g.feed(ctx, "submit/http-report")
	if err != nil {
		return err
	}
	var answer struct {
		StatusCode int
		Body       string
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		return fmt.Errorf("reading submit's answer: %w", err)
	}
	var acted contract.Acted
	if err := json.Unmarshal([]byte(answer.Body), &acted); err != nil || answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("submit answered %d: %s", answer.StatusCode, answer.Body)
	}
	fmt.Fprintf(out, "submit in its container answered %d: %s\n", answer.StatusCode, acted.Report.ID)

	a, err := g.client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + acted.Report.ID, Token: g.values["reporter"], Want: http.StatusOK})
	if err != nil {
		return err
	}
	var d contract.Detail
	if err := a.Into(&d); err != nil || d.ID != acted.Report.ID {
		return fmt.Errorf("the report that was read back is %q (%w)", d.ID, err)
	}
	fmt.Fprintf(out, "read back through the API: %s stands %s, %q\n", d.ID, d.State, d.Text)

	g.values["report"], g.values["n"] = acted.Report.ID, fmt.Sprint(acted.Act.Event)
	batch, err := g.feed(ctx, "screen/sqs-submitted")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "screen in its container answered the batch: %s\n", batch)
	var taken struct{ BatchItemFailures []any }
	if err := json.Unmarshal(batch, &taken); err != nil || taken.BatchItemFailures == nil || len(taken.BatchItemFailures) > 0 {
		return errors.New("screen did not take its message")
	}
	return nil
}
