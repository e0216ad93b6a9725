package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Shadow is a tree at another place in which some files have another text: of what
// is not on the way to them, or to the folder in which the tests run, there are
// links.
func Shadow(tree, to, folder string, texts map[string][]byte) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	made := map[string]bool{"": true, filepath.Clean(folder): true}
	for name := range texts {
		made[parent(filepath.Clean(name))] = true
	}
	for name := range made {
		for ; name != ""; name = parent(name) {
			made[name] = true
		}
	}
	for name := range made {
		if err := shadow(filepath.Join(tree, name), filepath.Join(to, name), func(entry string) bool {
			path := filepath.Join(name, entry)
			return made[path] || texts[filepath.ToSlash(path)] != nil
		}); err != nil {
			return fmt.Errorf("shadowing %s: %w", tree, err)
		}
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
			return fmt.Errorf("shadowing %s: %w", tree, err)
		}
	}
	return nil
}

// parent is the folder above, "" for the root.
func parent(name string) string {
	return strings.TrimPrefix(filepath.Dir(name), ".")
}

// shadow makes one folder with links to all that is not made otherwise.
func shadow(folder, to string, otherwise func(entry string) bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	err = os.MkdirAll(to, 0o755)
	for _, entry := range entries {
		if !otherwise(entry.Name()) {
			err = errors.Join(err, os.Symlink(filepath.Join(folder, entry.Name()), filepath.Join(to, entry.Name())))
		}
	}
	return err
}
