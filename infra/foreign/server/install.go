package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// An Installed is a program in a virtual environment.
type Installed struct {
	Program
	folder string // of the environment
}

// Install makes the virtual environment venv-<name> under dir with the pinned packages, unless it is there already.
// What pip says goes to log. A *NoPython says that this machine has no interpreter for it.
func (p Program) Install(ctx context.Context, dir string, log io.Writer) (*Installed, error) {
	dir, err := filepath.Abs(dir) // the files of an environment name its folder
	if err != nil {
		return nil, fmt.Errorf("installing %s: %w", p.Name, err)
	}
	python, err := p.choose(ctx, interpreters())
	if err != nil {
		return nil, err
	}
	i := &Installed{p, filepath.Join(dir, "venv-"+strings.ToLower(p.Name))}
	if err := i.make(ctx, python, log); err != nil {
		return nil, fmt.Errorf("installing %s %s under %s: %w", p.Name, p.Version, i.folder, err)
	}
	return i, nil
}

// make builds the environment anew unless its stamp says that it is complete: the stamp is written last, so that an
// interrupted installation is none.
func (i *Installed) make(ctx context.Context, python interpreter, log io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(i.folder), 0o755); err != nil {
		return err
	}
	unlock, err := lock(i.folder + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	stamp, want := filepath.Join(i.folder, "installed"), i.stamp(python)
	switch have, err := os.ReadFile(stamp); {
	case err == nil && string(have) == want:
		return nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	fmt.Fprintf(log, "installing %s %s with Python %s under %s\n", i.Name, i.Version, python.version, i.folder)
	if err := os.RemoveAll(i.folder); err != nil {
		return err
	}
	if err := run(ctx, log, python.file, "-m", "venv", i.folder); err != nil {
		return fmt.Errorf("making the environment: %w", err)
	}
	list := filepath.Join(i.folder, "packages.txt")
	if err := os.WriteFile(list, []byte(i.Packages), 0o644); err != nil {
		return err
	}
	if err := run(ctx, log, i.file("python"), "-m", "pip", "install", "--quiet", "--no-input", "-r", list); err != nil {
		return fmt.Errorf("installing the packages: %w", err)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// stamp names everything that an environment depends on.
func (i *Installed) stamp(python interpreter) string {
	return fmt.Sprintf("%s %s %x\n", python.file, python.version, sha256.Sum256([]byte(i.Packages)))
}

// file returns a program of the environment.
func (i *Installed) file(name string) string { return filepath.Join(i.folder, "bin", name) }

func run(ctx context.Context, log io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	return cmd.Run()
}
