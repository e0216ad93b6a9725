package sandbox

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// anchor is where the template declares what every function has.
const anchor = "        TABLE: !Ref Table\n"

// Project lays out in folder what SAM needs: the template with more variables for
// every function, the nested stacks, and the functions' bootstraps.
func Project(folder, root, build string, variables map[string]string) error {
	content, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		return fmt.Errorf("reading the template: %w", err)
	}
	if bytes.Count(content, []byte(anchor)) != 1 {
		return fmt.Errorf("reading the template: its Globals do not declare TABLE once")
	}
	more := anchor
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		more += "        " + name + ": " + strconv.Quote(variables[name]) + "\n"
	}
	content = bytes.Replace(content, []byte(anchor), []byte(more), 1)
	if err := os.WriteFile(filepath.Join(folder, "template.yaml"), content, 0o600); err != nil {
		return fmt.Errorf("writing SAM's project: %w", err)
	}
	if err := os.CopyFS(filepath.Join(folder, "infra", "stacks"), os.DirFS(filepath.Join(root, "infra", "stacks"))); err != nil {
		return fmt.Errorf("writing SAM's project: %w", err)
	}
	if err := os.Symlink(build, filepath.Join(folder, "build")); err != nil {
		return fmt.Errorf("writing SAM's project: %w", err)
	}
	return nil
}
