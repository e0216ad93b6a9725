package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// What is put into the copy beside the project's own files.
var (
	//go:embed switch.go.txt
	switchSource string
	//go:embed cloud.go.txt
	cloudSource string
	//go:embed account.go.txt
	accountSource string
)

// skipped are folders that hold nothing that the tests are built from.
var skipped = map[string]bool{".git": true, "build": true, "web": true, "node_modules": true}

// Copy copies the project below a folder and puts every mutant into the copy.
func Copy(root, to string) ([]Mutant, error) {
	if err := os.RemoveAll(to); err != nil {
		return nil, err
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name, relative := filepath.Rel(root, path)
		switch {
		case err != nil || relative != nil:
			return errors.Join(err, relative)
		case entry.IsDir() && skipped[name]:
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o600)
	})
	if err != nil {
		return nil, fmt.Errorf("copying the project: %w", err)
	}
	for name, text := range map[string]string{
		"mutant/mutant.go": switchSource, "shared/cloud/zz_mutant.go": cloudSource, "shared/account/zz_mutant.go": accountSource,
	} {
		path := filepath.Join(to, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			return nil, err
		}
	}
	return Find(root, func(name string, text []byte) error {
		return os.WriteFile(filepath.Join(to, name), text, 0o600)
	})
}

// The tests that must fail, and their module.
const (
	tests      = "infra/local"
	fleetTests = tests + "/fleet"
)

// Build builds the tests of a package of the copy, once for all mutants.
func Build(module, binary, pkg string) error {
	build := exec.CommandContext(context.Background(), "go", "test", "-c", "-o", binary, pkg)
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the tests of the copy's %s: %w\n%s", pkg, err, strings.TrimSpace(string(out)))
	}
	return nil
}
