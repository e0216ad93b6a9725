package server

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Version is a Python version, without its patch number.
type Version struct{ Major, Minor int }

func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

func (v Version) less(w Version) bool {
	return v.Major < w.Major || v.Major == w.Major && v.Minor < w.Minor
}

// A NoPython is the answer where no interpreter on this machine is new enough.
type NoPython struct {
	Program string
	Least   Version
	Found   []string // what was found instead
}

func (e *NoPython) Error() string {
	found := "none at all"
	if len(e.Found) > 0 {
		found = strings.Join(e.Found, ", ")
	}
	return fmt.Sprintf("%s needs Python %s or newer with venv and pip; found here: %s", e.Program, e.Least, found)
}

// interpreters lists the Python files on the search path and those that pyenv keeps aside from it. A shim of pyenv may
// stand for a version that is not selected; asking it tells.
func interpreters() []string {
	var patterns []string
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		patterns = append(patterns, filepath.Join(folder, "python3"), filepath.Join(folder, "python3.[0-9]*"))
	}
	home, _ := os.UserHomeDir() // "" where there is none: the pattern then matches nothing of anybody's
	for _, root := range []string{os.Getenv("PYENV_ROOT"), filepath.Join(home, ".pyenv")} {
		if filepath.IsAbs(root) {
			patterns = append(patterns, filepath.Join(root, "versions", "*", "bin", "python3"))
		}
	}
	var files []string
	for _, p := range patterns {
		found, _ := filepath.Glob(p) // an error means a folder whose name is no pattern
		files = append(files, found...)
	}
	return files
}

type interpreter struct {
	file    string
	version Version
}

// question prints the version, and fails where venv could not bring pip along, as on a Debian without python3-venv.
const question = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])"

// ask returns what an interpreter says of itself, and false for one that does not run.
func ask(ctx context.Context, file string) (interpreter, bool) {
	out, err := exec.CommandContext(ctx, file, "-c", question).Output()
	var v Version
	if err != nil {
		return interpreter{}, false
	}
	if _, err := fmt.Sscan(string(out), &v.Major, &v.Minor); err != nil {
		return interpreter{}, false
	}
	return interpreter{file, v}, true
}

// choose returns the oldest interpreter that is new enough: the pins were made on the least version.
func (p Program) choose(ctx context.Context, files []string) (interpreter, error) {
	var fit []interpreter
	refused := &NoPython{Program: p.Name, Least: p.Python}
	for _, file := range files {
		i, runs := ask(ctx, file)
		switch {
		case runs && !i.version.less(p.Python):
			fit = append(fit, i)
		case runs:
			refused.Found = append(refused.Found, i.version.String())
		}
	}
	if len(fit) == 0 {
		slices.Sort(refused.Found)
		refused.Found = slices.Compact(refused.Found)
		return interpreter{}, refused
	}
	return slices.MinFunc(fit, func(a, b interpreter) int {
		return 100*(a.version.Major-b.version.Major) + a.version.Minor - b.version.Minor
	}), nil
}
