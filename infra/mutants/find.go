package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Kind is a kind of what the rule that loses nothing is made of.
type Kind string

// The kinds.
const (
	Condition Kind = "condition" // of a write: without it the write is unconditional
	Effect    Kind = "effect"    // that a change owes, or how it is carried out
	Message   Kind = "message"   // a type that a queue takes
	Dedupe    Kind = "dedupe"    // what finds that something was done, or moved on, before
	Resend    Kind = "resend"    // what does again what was not done
	History   Kind = "history"   // what puts the displaced event beside the state
)

// Mutant is one thing that can be removed.
type Mutant struct {
	N    int    // its number; the environment's MUTANT in the copy
	Kind Kind   //
	File string // below the project's folder
	Line int
	Func string // in which it stands
	What string // its text
	Same int    // of several with the same text in one function, which
	Mark string // how a run of the tests says that it reaches it
}

// Key names a mutant for the list of those that make no difference: it outlives
// other changes of the file.
func (m Mutant) Key() string {
	key := fmt.Sprintf("%s %s %s: %s", m.File, m.Func, m.Kind, m.What)
	if m.Same > 0 {
		key += fmt.Sprintf(" #%d", m.Same+1)
	}
	return key
}

// Step is the step or package in which the mutant stands, or whose permission it is.
func (m Mutant) Step() string {
	if m.Kind == Permission {
		return m.Func
	}
	return filepath.Dir(m.File)
}

// edit inserts or removes text at an offset.
type edit struct {
	at     int
	text   string
	remove int
	closes bool // text that ends what another edit began
}

// finder walks one file.
type finder struct {
	files   *token.FileSet
	source  []byte
	name    string
	next    func(Mutant) int
	edits   []edit
	path    []ast.Node
	flags   map[string]bool // of the function: what standing said
	seen    map[string]int
	mutants []Mutant
}

// rewrite finds the mutants of one file and gives its text with all of them in
// it, each alive by its number.
func rewrite(name string, source []byte, next func(Mutant) int) ([]byte, []Mutant, error) {
	f := &finder{files: token.NewFileSet(), source: source, name: name, next: next, seen: map[string]int{}}
	parsed, err := parser.ParseFile(f.files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	ast.Inspect(parsed, f.visit)
	if len(f.mutants) == 0 {
		return source, nil, nil
	}
	if slices.ContainsFunc(f.edits, func(e edit) bool { return strings.Contains(e.text, "mutant.") }) {
		f.edits = append(f.edits, edit{at: f.offset(parsed.Name.End()), text: "; import mutant \"paht/mutant\""})
	}
	return f.apply(), f.mutants, nil
}

func (f *finder) visit(n ast.Node) bool {
	if n == nil {
		f.path = f.path[:len(f.path)-1]
		return false
	}
	if fn, ok := n.(*ast.FuncDecl); ok {
		f.flags = flagsOf(fn)
	}
	f.look(n)
	f.path = append(f.path, n)
	return true
}

func (f *finder) look(n ast.Node) {
	switch n := n.(type) {
	case *ast.Ident, *ast.UnaryExpr, *ast.CompositeLit:
		f.condition(n.(ast.Expr))
	case *ast.CallExpr:
		f.condition(n)
		f.call(n)
	case *ast.IfStmt:
		f.check(n.Cond, n.Body, "if ")
	case *ast.CaseClause:
		f.clause(n)
	case *ast.AssignStmt:
		f.assignment(n)
	case *ast.ReturnStmt:
		f.same(n)
	case *ast.ValueSpec:
		f.messages(n)
	}
}

// function names the function that is being walked, or the variable.
func (f *finder) function() string {
	for _, n := range slices.Backward(f.path) {
		if fn, ok := n.(*ast.FuncDecl); ok {
			return fn.Name.Name
		}
	}
	for _, n := range f.path {
		if v, ok := n.(*ast.ValueSpec); ok {
			return v.Names[0].Name
		}
	}
	return "-"
}

func (f *finder) parent() ast.Node {
	if len(f.path) == 0 {
		return nil
	}
	return f.path[len(f.path)-1]
}

func (f *finder) offset(p token.Pos) int { return f.files.Position(p).Offset }

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.offset(n.Pos()):f.offset(n.End())])
}

// found numbers a mutant.
func (f *finder) found(kind Kind, n ast.Node, what string) int {
	m := Mutant{Kind: kind, File: f.name, Line: f.files.Position(n.Pos()).Line, Func: f.function(), What: strings.Join(strings.Fields(what), " ")}
	m.Same = f.seen[m.Key()]
	f.seen[m.Key()]++
	m.N = f.next(m)
	m.Mark = strconv.Itoa(m.N)
	f.mutants = append(f.mutants, m)
	return m.N
}

// wrap puts text before and after a node.
func (f *finder) wrap(n ast.Node, before, after string) {
	f.edits = append(f.edits, edit{at: f.offset(n.Pos()), text: before}, edit{at: f.offset(n.End()), text: after, closes: true})
}

// apply makes the edits. At one place what ends comes before what begins, the
// inner end first, and the outer beginning first.
func (f *finder) apply() []byte {
	slices.SortStableFunc(f.edits, func(a, b edit) int {
		switch {
		case a.at != b.at:
			return a.at - b.at
		case a.closes != b.closes && a.closes:
			return -1
		case a.closes != b.closes:
			return 1
		}
		return 0
	})
	var out bytes.Buffer
	at := 0
	for i := 0; i < len(f.edits); {
		j := i
		for j < len(f.edits) && f.edits[j].at == f.edits[i].at {
			j++
		}
		out.Write(f.source[at:f.edits[i].at])
		at = f.edits[i].at
		group := f.edits[i:j]
		ends := slices.IndexFunc(group, func(e edit) bool { return !e.closes })
		if ends < 0 {
			ends = len(group)
		}
		slices.Reverse(group[:ends])
		for _, e := range group {
			out.WriteString(e.text)
			at = max(at, e.at+e.remove)
		}
		i = j
	}
	out.Write(f.source[at:])
	return out.Bytes()
}

// packages are those in which the rule that loses nothing lives.
func packages(root string) ([]string, error) {
	all := []string{"shared/report", "shared/effect", "shared/cloud", "shared/account", "shared/notice", "shared/upload", "shared/message", "shared/decision"}
	steps, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		if s.IsDir() {
			all = append(all, "functions/"+s.Name())
		}
	}
	return all, nil
}

// sources lists a package's files but its tests.
func sources(root, pkg string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
	return slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") }), err
}

// Find finds all mutants below a folder; write, where given, has each file's
// text with its mutants in it.
func Find(root string, write func(name string, text []byte) error) ([]Mutant, error) {
	pkgs, err := packages(root)
	if err != nil {
		return nil, err
	}
	var all []Mutant
	count := 0
	number := func(Mutant) int { count++; return count }
	for _, pkg := range pkgs {
		names, err := sources(root, pkg)
		if err != nil {
			return nil, err
		}
		for _, path := range names {
			source, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			name, _ := filepath.Rel(root, path) // below it
			text, found, err := rewrite(filepath.ToSlash(name), source, number)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
			if write != nil && len(found) > 0 {
				if err := write(name, text); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}
