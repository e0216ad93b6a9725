// Package sandbox runs functions as `sam local invoke` does, in a container of
// Docker, against the system of this machine: the same bootstraps, each with its own
// credentials, reaching the embedded AWS through a forwarder on Docker's bridge for as
// long as one invocation lasts. It must never import the project's functions.
package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"paht/infra/local/system"
	"paht/infra/template"
)

// Options say with what functions are run.
type Options struct {
	Root   string // of the project
	SAM    string // the program
	Docker string // DOCKER_HOST; "" for the standard socket
	Build  string // folder of <function>/bootstrap for this machine's architecture
	Data   string // folder of the system, with its credentials
	System *system.System
	Log    io.Writer // what SAM and the function say
}

// Sandbox runs functions.
type Sandbox struct {
	options  Options
	template *template.Template
	accounts map[string]account // by the function's name
	folder   string             // SAM's project
}

type account struct{ AccessKey, Secret string }

const region, accountID, stack = "ap-southeast-1", "000000000000", "paht"

// Open prepares a project for SAM: the template with the addresses of the embedded
// AWS among its variables, since SAM sets none that a template does not declare.
func Open(o Options) (*Sandbox, error) {
	s := &Sandbox{options: o}
	var err error
	parameters := map[string]string{"Architecture": architecture(), "WebOrigin": o.System.Address()}
	path := filepath.Join(o.Root, "template.yaml")
	if s.template, err = template.Load(path, parameters, template.Resolver{StackName: stack, Region: region, Account: accountID}); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(o.Data, "local.json"))
	if err != nil {
		return nil, fmt.Errorf("reading the functions' credentials: %w", err)
	}
	var kept struct{ Accounts map[string]account }
	if err := json.Unmarshal(content, &kept); err != nil {
		return nil, fmt.Errorf("reading the functions' credentials: %w", err)
	}
	s.accounts = kept.Accounts
	if s.folder, err = os.MkdirTemp("", "paht-sam-"); err != nil {
		return nil, err
	}
	variables := map[string]string{}
	for name := range o.System.Endpoints() {
		variables[name] = "" // given at each invocation
	}
	return s, Project(s.folder, o.Root, o.Build, variables)
}

// Close removes the project.
func (s *Sandbox) Close() error { return os.RemoveAll(s.folder) }

func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// function finds a function by its logical id or its one word.
func (s *Sandbox) function(name string) (template.Function, error) {
	for _, f := range s.template.Functions {
		if f.LogicalID == name || filepath.Base(f.CodeURI) == name {
			return f, nil
		}
	}
	return template.Function{}, fmt.Errorf("the template has no function %s", name)
}

// Invoke runs one function with one event and gives its answer.
func (s *Sandbox) Invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	f, err := s.function(name)
	if err != nil {
		return nil, err
	}
	endpoints := map[string]string{}
	bridge := &forwarder{}
	defer bridge.close()
	for variable, address := range s.options.System.Endpoints() {
		if endpoints[variable], err = bridge.reach(address); err != nil {
			return nil, err
		}
	}
	environment, err := s.environment(f, endpoints)
	if err != nil {
		return nil, err
	}
	for file, content := range map[string][]byte{"event.json": event, "variables.json": environment} {
		if err := os.WriteFile(filepath.Join(s.folder, file), content, 0o600); err != nil {
			return nil, fmt.Errorf("writing SAM's project: %w", err)
		}
	}
	return s.run(ctx, f)
}

// environment are the function's variables as the template gives them, and the ways
// to the embedded AWS.
func (s *Sandbox) environment(f template.Function, endpoints map[string]string) ([]byte, error) {
	all := map[string]string{}
	for name, value := range f.Environment {
		all[name] = value
	}
	for name, value := range endpoints {
		all[name] = value
	}
	return json.Marshal(map[string]map[string]string{f.LogicalID: all})
}

func (s *Sandbox) run(ctx context.Context, f template.Function) ([]byte, error) {
	who, known := s.accounts[f.Name]
	if !known {
		return nil, fmt.Errorf("the system keeps no credentials of %s", f.Name)
	}
	cmd := exec.CommandContext(ctx, s.options.SAM, "local", "invoke", f.LogicalID, "--event", "event.json", "--env-vars", "variables.json",
		"--skip-pull-image", "--parameter-overrides", "Architecture="+architecture())
	cmd.Dir = s.folder
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&said, s.options.Log)
	// Nothing but the function's own credentials. SAM asks STS who they are; it shall
	// be refused at once and not look for AWS.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.folder, "SAM_CLI_TELEMETRY=0", "DOCKER_HOST=" + s.options.Docker,
		"AWS_ACCESS_KEY_ID=" + who.AccessKey, "AWS_SECRET_ACCESS_KEY=" + who.Secret, "AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ENDPOINT_URL=http://127.0.0.1:9", "AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true"}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("invoking %s by SAM: %w: %s", f.LogicalID, err, tail(said.String()))
	}
	answer := bytes.TrimSpace(out.Bytes())
	if i := bytes.LastIndexByte(answer, '\n'); i >= 0 {
		answer = answer[i+1:] // the answer is the last line
	}
	if !json.Valid(answer) || len(answer) == 0 {
		return nil, fmt.Errorf("invoking %s by SAM: the answer is no JSON: %s", f.LogicalID, tail(said.String()))
	}
	return answer, nil
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
