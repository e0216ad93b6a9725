package server

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// script writes a program of the shell that stands in for a Python.
func script(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheOldestInterpreterThatIsNewEnoughIsChosen(t *testing.T) {
	dir := t.TempDir()
	answer := func(name, text string) string { return script(t, filepath.Join(dir, name), text) }
	old, least, newest := answer("old", "echo 3 9"), answer("least", "echo 3 13"), answer("newest", "echo 3 14")
	withoutPip, shim, babble := answer("without", "exit 1"), answer("shim", "echo not found >&2; exit 127"), answer("babble", "echo Python")
	for _, c := range []struct {
		name  string
		files []string
		want  string
		found []string
	}{
		{"the least version before a newer one", []string{old, newest, least}, least, nil},
		{"one that does not run is passed over", []string{withoutPip, shim, babble, filepath.Join(dir, "none"), newest}, newest, nil},
		{"too old is named", []string{old, old, shim}, "", []string{"3.9"}},
		{"nothing at all", nil, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := LocalStack().choose(t.Context(), c.files)
			if got.file != c.want {
				t.Errorf("chose %q, want %q", got.file, c.want)
			}
			var none *NoPython
			if refused := errors.As(err, &none); refused != (c.want == "") || refused && !reflect.DeepEqual(none.Found, c.found) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestAMissingPythonIsSaid(t *testing.T) {
	for want, err := range map[string]*NoPython{
		"LocalStack needs Python 3.13 or newer with venv and pip; found here: 3.11, 3.9":   {"LocalStack", Version{3, 13}, []string{"3.11", "3.9"}},
		"LocalStack needs Python 3.13 or newer with venv and pip; found here: none at all": {"LocalStack", Version{3, 13}, nil},
	} {
		if err.Error() != want {
			t.Errorf("it says %q, want %q", err, want)
		}
	}
}

// python stands in for an interpreter: as a module venv it makes the folder with itself in it, as pip it notes its list.
func python(t *testing.T) string {
	dir := t.TempDir()
	file := filepath.Join(dir, "python3")
	return script(t, file, fmt.Sprintf(`case "$2" in
venv) mkdir -p "$3/bin" && cp %q "$3/bin/python" ;;
pip) test ! -e %[2]q || exit 9; while [ "$1" != -r ]; do shift; done; cat "$2" >> %[3]q ;;
esac`, file, filepath.Join(dir, "broken"), filepath.Join(dir, "installed")))
}

func TestAnEnvironmentIsMadeOnceAndAgainWhenItsListChanges(t *testing.T) {
	file := python(t)
	noted := filepath.Join(filepath.Dir(file), "installed")
	broken := filepath.Join(filepath.Dir(file), "broken")
	i := &Installed{Program{Name: "thing", Packages: "thing==1\n"}, filepath.Join(t.TempDir(), "venv-thing")}
	step := func(name, want string, fails bool) {
		t.Helper()
		var log bytes.Buffer
		if err := i.make(t.Context(), interpreter{file, Version{3, 13}}, &log); (err != nil) != fails {
			t.Fatalf("%s: %v\n%s", name, err, &log)
		}
		if got, _ := os.ReadFile(noted); string(got) != want {
			t.Errorf("%s: pip was given %q, want %q", name, got, want)
		}
	}
	step("the first time", "thing==1\n", false)
	step("the second time", "thing==1\n", false)
	i.Packages = "thing==2\n"
	if err := os.WriteFile(broken, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	step("an installation that is interrupted", "thing==1\n", true)
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	step("the time after it", "thing==1\nthing==2\n", false)
}

func TestEveryPackageIsPinned(t *testing.T) {
	for _, p := range []Program{Ministack(), LocalStack()} {
		t.Run(p.Name, func(t *testing.T) {
			for line := range strings.Lines(p.Packages) {
				if name, version, found := strings.Cut(strings.TrimSpace(line), "=="); !found || name == "" || version == "" {
					t.Errorf("%q names no version", line)
				}
			}
		})
	}
}
