package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"testing"

	"paht/infra/template"
	"paht/shared/contract"
)

// root is the project's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// load reads the project's template.
func load(t *testing.T) *template.Template {
	t.Helper()
	tpl, err := template.Load(filepath.Join(root(t), "template.yaml"), nil, template.Resolver{})
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestRoutesOfTemplateAndContractAreEqual(t *testing.T) {
	inContract, inTemplate := map[string]bool{}, map[string]bool{}
	for _, o := range contract.Operations() {
		m := o.Meta()
		inContract[m.Function+" "+m.Method+" "+m.Path] = true
	}
	for _, f := range load(t).Functions {
		for _, r := range f.Routes {
			inTemplate[filepath.Base(f.CodeURI)+" "+r.Method+" "+r.Path] = true
		}
	}
	for _, missing := range minus(inContract, inTemplate) {
		t.Errorf("the template lacks the route %s", missing)
	}
	for _, extra := range minus(inTemplate, inContract) {
		t.Errorf("the contract lacks the route %s", extra)
	}
}

func minus(a, b map[string]bool) []string {
	var out []string
	for k := range a {
		if !b[k] {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}

func TestTheDescriptionOfTheAPIIsThatOfTheContract(t *testing.T) {
	cmd := exec.Command("go", "run", "./infra/openapi", "-check", "shared/contract/openapi.yaml")
	cmd.Dir = root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestOneWordForEachStep(t *testing.T) {
	functions := map[string]bool{}
	for _, f := range load(t).Functions {
		functions[filepath.Base(f.CodeURI)] = true
	}
	folders, err := os.ReadDir(filepath.Join(root(t), "functions"))
	if err != nil {
		t.Fatal(err)
	}
	inFolders := map[string]bool{}
	for _, f := range folders {
		inFolders[f.Name()] = true
	}
	for _, missing := range append(minus(functions, inFolders), minus(inFolders, functions)...) {
		t.Errorf("%s is not both a folder and a function of the template", missing)
	}
}
