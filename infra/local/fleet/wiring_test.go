package fleet_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paht/infra/local/fleet"
)

// fields lists what a function's wiring fills in: for each composite literal the
// name of its type, and its fields.
func fields(t *testing.T, root ast.Node) []string {
	t.Helper()
	var found []string
	ast.Inspect(root, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		of, ok := literal.Type.(*ast.SelectorExpr)
		if !ok || of.Sel.Name == "Function" || of.Sel.Name == "Queue" || of.Sel.Name == "Limits" {
			return true // what a main says of Lambda, and of limits that tests widen
		}
		for _, element := range literal.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				if name, ok := pair.Key.(*ast.Ident); ok {
					found = append(found, of.Sel.Name+"."+name.Name)
				}
			}
		}
		return true
	})
	slices.Sort(found)
	return slices.Compact(found)
}

// A main cannot be imported, so each function is wired here once more; what both
// fill in must be the same.
func TestEachFunctionIsWiredAsItsMainWiresIt(t *testing.T) {
	files := token.NewFileSet()
	wiring, err := parser.ParseFile(files, fleet.Path("infra", "local", "fleet", "wiring.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	wires := map[string]ast.Node{}
	for _, d := range wiring.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			if name, ok := strings.CutPrefix(f.Name.Name, "wire"); ok {
				wires[strings.ToLower(name)] = f
			}
		}
	}
	mains, err := filepath.Glob(fleet.Path("functions", "*", "lambda", "main.go"))
	if err != nil || len(mains) != len(wires) {
		t.Fatalf("%d mains and %d wirings (%v)", len(mains), len(wires), err)
	}
	for _, path := range mains {
		name := filepath.Base(filepath.Dir(filepath.Dir(path)))
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		wire := wires[name]
		if wire == nil {
			t.Errorf("%s is not wired", name)
			continue
		}
		if own, here := fields(t, file), fields(t, wire); !slices.Equal(own, here) || len(own) == 0 {
			t.Errorf("the main of %s fills in %v, the wiring %v", name, own, here)
		}
	}
}
