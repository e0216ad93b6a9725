package check

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Dir        string
	GoFiles    []string
	Doc        string
}

const module = "paht/"

// packages lists the module's packages with what they import outside tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps,Dir,GoFiles,Doc", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	var list []pkg
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		list = append(list, p)
	}
	if len(list) < 20 {
		t.Fatalf("only %d packages were found", len(list))
	}
	return list
}

// rule is an import that must not be. pure rules look at everything a package
// depends on, the others at what it imports itself.
type rule struct {
	name   string
	in     func(p string) bool
	banned func(p, imported string) bool
	deep   bool
}

func under(folders ...string) func(string) bool {
	return func(p string) bool {
		for _, f := range folders {
			if p == f || strings.HasPrefix(p, f+"/") {
				return true
			}
		}
		return false
	}
}

func ours(imported string) (string, bool) { return strings.CutPrefix(imported, module) }

func isAWS(imported string) bool {
	return strings.HasPrefix(imported, "github.com/aws/")
}

func isStep(p string) (string, bool) {
	rest, ok := strings.CutPrefix(p, "functions/")
	name, _, _ := strings.Cut(rest, "/")
	return name, ok
}

var rules = []rule{
	{"report, worktime, vietnamese, screening and fault know no AWS and no HTTP",
		under("shared/report", "shared/worktime", "shared/vietnamese", "shared/screening", "shared/fault"),
		func(_, i string) bool { return isAWS(i) || i == "net/http" }, true},
	{"report and worktime import the standard library and fault only",
		under("shared/report", "shared/worktime"),
		func(_, i string) bool {
			first, _, _ := strings.Cut(i, "/")
			return strings.Contains(first, ".") || strings.HasPrefix(i, module) && i != module+"shared/fault"
		}, false},
	{"a step imports no other step and no AWS",
		func(p string) bool { name, ok := isStep(p); return ok && p == "functions/"+name },
		func(p, i string) bool {
			mine, _ := isStep(p)
			path, own := ours(i)
			other, step := isStep(path)
			return isAWS(i) || own && step && other != mine || own && path == "shared/cloud"
		}, false},
	{"cloud imports no step", under("shared/cloud"),
		func(_, i string) bool { path, ok := ours(i); _, step := isStep(path); return ok && step }, true},
	{"the AWS SDK is imported by cloud alone", func(p string) bool { return !under("shared/cloud", "infra")(p) },
		func(_, i string) bool { return strings.HasPrefix(i, "github.com/aws/aws-sdk-go-v2") }, false},
	{"aws-lambda-go is imported by lambdaio alone", func(p string) bool { return !under("shared/lambdaio", "infra")(p) },
		func(_, i string) bool { return strings.HasPrefix(i, "github.com/aws/aws-lambda-go") }, false},
	{"nothing imports a main or the local system", func(string) bool { return true },
		func(_, i string) bool {
			path, ok := ours(i)
			return ok && (strings.HasPrefix(path, "functions/") && strings.HasSuffix(path, "/lambda") || under("infra/local")(path))
		}, false},
	{"nothing that ships imports infra", under("shared", "functions"),
		func(_, i string) bool { path, ok := ours(i); return ok && under("infra")(path) }, false},
}

// tested are packages that only tests import, wherever they lie.
func tested(p string) bool { return strings.HasSuffix(p, "test") }

func TestImportRules(t *testing.T) {
	list := packages(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			matched := 0
			for _, p := range list {
				if !r.in(p.ImportPath) || tested(p.ImportPath) {
					continue
				}
				matched++
				imports := p.Imports
				if r.deep {
					imports = p.Deps
				}
				for _, i := range imports {
					if r.banned(p.ImportPath, i) {
						t.Errorf("%s imports %s", p.ImportPath, i)
					}
				}
			}
			if matched == 0 {
				t.Error("the rule holds for no package")
			}
		})
	}
}

func TestEveryPackageSaysWhatItHolds(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
