// Package system is the whole system on one machine: it reads the template,
// makes what it declares on the embedded AWS, and runs every function as the
// template says, behind the address that people use.
//
// Nothing of the template is written here a second time. The package must never
// import the product's functions or shared packages: functions are the
// bootstraps that the build made.
package system

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Options say what is started, and where.
type Options struct {
	Template string // path of the template
	// Build is the folder that holds <function>/bootstrap for each function,
	// by the last word of its CodeUri; empty means what CodeUri says.
	Build string
	Data  string // folder of everything that is kept
	Pages string // folder of the built web pages; may be missing
	// Port is that of the address which people use; nought picks a free one.
	Port   int
	Stdout io.Writer
	// Parameters override the template's defaults. "Architecture" and
	// "WebOrigin" are set to this machine's where the template declares them
	// and nothing is given.
	Parameters map[string]string
	// SecretParameter is the template's parameter whose value names the SSM
	// document of secrets; "SecretParameter" if empty. It is made at the first
	// start, where the template declares the parameter.
	SecretParameter string
	// Announce gives more lines to print once everything runs: log-ins.
	Announce func(*System) ([]string, error)
	// Fill is what the operator's address does when it is asked for reports of the
	// past: it writes by the functions' own code while the system pauses.
	Fill func(ctx context.Context, g Ground, reports int, out io.Writer) error
	// Copies says how often an object notification is delivered: tests lose and
	// double them.
	Copies func(bucket, key string) int
}

const (
	region  = "ap-southeast-1"
	account = "000000000000"
	stack   = "paht"
)

// complete makes every path absolute, since the object store changes the
// working directory, and fills in defaults.
func (o *Options) complete() error {
	for _, p := range []struct {
		name string
		path *string
	}{{"template", &o.Template}, {"build folder", &o.Build}, {"data folder", &o.Data}, {"folder of pages", &o.Pages}} {
		if *p.path == "" {
			continue
		}
		absolute, err := filepath.Abs(*p.path)
		if err != nil {
			return fmt.Errorf("finding the %s %s: %w", p.name, *p.path, err)
		}
		*p.path = absolute
	}
	switch {
	case o.Template == "":
		return fmt.Errorf("no template is given")
	case o.Data == "":
		return fmt.Errorf("no data folder is given")
	case o.Port < 0 || o.Port > 65535:
		return fmt.Errorf("the port %d is none", o.Port)
	}
	if o.Stdout == nil {
		o.Stdout = io.Discard
	}
	if o.SecretParameter == "" {
		o.SecretParameter = "SecretParameter"
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return nil
}

// parameters adds this machine's values for those that the template declares.
func (o *Options) parameters(address string) (map[string]string, error) {
	declared, err := declaredParameters(o.Template)
	if err != nil {
		return nil, err
	}
	architecture := "x86_64"
	if runtime.GOARCH == "arm64" {
		architecture = "arm64"
	}
	all := map[string]string{}
	for name, value := range map[string]string{"Architecture": architecture, "WebOrigin": address} {
		if slices.Contains(declared, name) {
			all[name] = value
		}
	}
	for name, value := range o.Parameters {
		all[name] = value
	}
	return all, nil
}

func declaredParameters(path string) ([]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	var document struct {
		Parameters map[string]yaml.Node `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("reading the parameters of %s: %w", path, err)
	}
	var names []string
	for name := range document.Parameters {
		names = append(names, name)
	}
	return names, nil
}

// folder is where a function's bootstrap lies.
func (o *Options) folder(templateDir, codeURI string) string {
	if o.Build != "" {
		return filepath.Join(o.Build, word(codeURI))
	}
	if filepath.IsAbs(codeURI) {
		return codeURI
	}
	return filepath.Join(templateDir, codeURI)
}

// word is the one name of a function: the last word of its CodeUri.
func word(codeURI string) string {
	return filepath.Base(strings.TrimRight(filepath.ToSlash(codeURI), "/"))
}
