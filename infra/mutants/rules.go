package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// What is removed is found by what the code is, not by where it stands: a new
// condition, effect, message type or check is found as soon as it is written.

// name is the last word of what is called or named.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		return name(e.Fun)
	}
	return ""
}

// condition finds the conditions of writes where they are used.
func (f *finder) condition(e ast.Expr) {
	if f.function() == "isNew" || f.function() == "standsAt" {
		return // there they are made
	}
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name == "isNew" {
			f.wrap(e, fmt.Sprintf("mutant.None(%d, ", f.found(Condition, e, f.use(e))), ")")
		}
	case *ast.CallExpr:
		switch {
		case name(e) == "standsAt":
			f.wrap(e, fmt.Sprintf("mutant.None(%d, ", f.found(Condition, e, f.use(e))), ")")
		case name(e) == "putNewer":
			sel := e.Fun.(*ast.SelectorExpr).Sel
			n := f.found(Condition, e, f.text(e))
			f.edits = append(f.edits, edit{at: f.offset(sel.Pos()), remove: f.offset(e.Lparen) + 1 - f.offset(sel.Pos()), text: fmt.Sprintf("putNewerOr(%d, ", n)})
		}
	case *ast.UnaryExpr:
		lit, ok := e.X.(*ast.CompositeLit)
		switch {
		case e.Op != token.AND || !ok:
		case name(lit.Type) == "condition":
			f.wrap(e, fmt.Sprintf("mutant.None(%d, ", f.found(Condition, e, expression(f, lit))), ")")
		case strings.HasSuffix(name(lit.Type), "Input") && field(lit, "ConditionExpression") != nil:
			n := f.found(Condition, e, name(lit.Type)+" ConditionExpression")
			f.wrap(e, fmt.Sprintf("mutant.With(%d, ", n), ", func(in *"+f.text(lit.Type)+
				") { in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues = nil, nil, nil })")
		}
	case *ast.CompositeLit:
		call, ok := f.parent().(*ast.CallExpr)
		if ok && name(e.Type) == "condition" && name(call) == "update" {
			f.wrap(e, fmt.Sprintf("without(%d, %s, ", f.found(Condition, e, expression(f, e)), f.text(call.Args[3])), ")")
		}
	}
}

// use is the write that uses a condition, for its name.
func (f *finder) use(e ast.Expr) string {
	for _, n := range slices.Backward(f.path) {
		switch n := n.(type) {
		case *ast.CallExpr:
			return f.text(n)
		case *ast.AssignStmt:
			return f.text(n)
		}
	}
	return f.text(e)
}

func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == name {
			return kv.Value
		}
	}
	return nil
}

func expression(f *finder, lit *ast.CompositeLit) string {
	if e := field(lit, "expression"); e != nil {
		return f.text(e)
	}
	return f.text(lit)
}

// acts are calls that answer with an error alone and do what must not be lost.
var acts = map[string]Kind{
	"Send": Resend, "Resume": Resend, "tell": Resend, "Raise": Effect,
	"Attach": Effect, "Publish": Effect, "Mine": Effect, "Day": Effect, "Near": Effect, "Work": Effect,
	"displace": History, "putOnce": History,
}

// call finds effects, resends, and the settling of what was done.
func (f *finder) call(e *ast.CallExpr) {
	called := name(e)
	if kind, ok := acts[called]; ok && !f.declared(called) {
		f.wrap(e, fmt.Sprintf("mutant.Err(%d, func() error { return ", f.found(kind, e, f.text(e))), " })")
	}
	switch called {
	case "owe":
		f.owe(e)
	case "settle":
		f.list(Dedupe, e, e.Args, "settle ")
	case "settleOf":
		f.statement(Dedupe, e, f.text(e))
	case "Repeat":
		f.wrap(e, "mutant.Both(", fmt.Sprintf(")(%d)", f.found(Dedupe, e, f.text(e))))
	case "Postpone":
		f.wrap(e, fmt.Sprintf("mutant.None(%d, ", f.found(Resend, e, f.text(e))), ")")
	case "Settle":
		n := f.found(Resend, e, f.text(e))
		f.edits = append(f.edits,
			edit{at: f.offset(e.Pos()), text: fmt.Sprintf("mutant.Apply(%d, ", n)},
			edit{at: f.offset(e.Lparen), remove: 1, text: ", "},
			edit{at: f.offset(e.Rparen), text: ", " + f.text(e.Args[len(e.Args)-1])})
	}
}

// declared tells whether a function only passes a call of its own name on.
func (f *finder) declared(called string) bool { return f.function() == called && called != "Send" }

// owe finds what a change owes: the names of a report's effects, each by itself,
// and an account's message.
func (f *finder) owe(e *ast.CallExpr) {
	if strings.HasPrefix(f.name, "shared/account/") {
		sel := e.Fun.(*ast.SelectorExpr).Sel
		n := f.found(Effect, e, f.text(e))
		f.edits = append(f.edits, edit{at: f.offset(sel.Pos()), remove: f.offset(e.Lparen) + 1 - f.offset(sel.Pos()), text: fmt.Sprintf("oweOr(%d, ", n)})
		return
	}
	f.list(Effect, e, e.Args, "owe ")
}

// list finds the elements of a list of names, each by itself.
func (f *finder) list(kind Kind, e *ast.CallExpr, names []ast.Expr, what string) {
	f.edits = append(f.edits,
		edit{at: f.offset(e.Lparen) + 1, text: "mutant.Some("},
		edit{at: f.offset(e.Rparen), text: ")...", closes: true})
	for _, a := range names {
		f.wrap(a, fmt.Sprintf("mutant.None(%d, ", f.found(kind, a, what+f.text(a))), ")")
	}
}

// statement makes a mutant of a whole statement.
func (f *finder) statement(kind Kind, n ast.Node, what string) {
	switch p := f.parent().(type) {
	case *ast.ExprStmt:
		n = p
	}
	f.wrap(n, fmt.Sprintf("if mutant.Keep(%d) { ", f.found(kind, n, what)), " }")
}

// assignment finds what writes a list of what is owed, what puts an item before
// the sweep's eyes, and what keeps it there.
func (f *finder) assignment(a *ast.AssignStmt) {
	if a.Tok == token.DEFINE || len(f.path) == 0 {
		return
	}
	if _, ok := f.parent().(*ast.BlockStmt); !ok {
		return
	}
	left, right := name(a.Lhs[0]), name(a.Rhs[0])
	switch {
	case left == "Owed" && right == "append" && f.text(a.Rhs[0].(*ast.CallExpr).Args[0]) == f.text(a.Lhs[0]):
		f.statement(Effect, a, f.text(a))
	case left == "Owed" && right == "DeleteFunc":
		f.statement(Dedupe, a, f.text(a))
	case right == "Untold":
		f.statement(Resend, a, f.text(a))
	case strings.Contains(f.text(a.Lhs[0]), "attrDueKey"):
		f.statement(Resend, a, f.text(a))
	}
}

// sayings are the errors by which a decision says that there is nothing to do any
// more, and a store that another was first.
var sayings = []string{"ErrMovedOn", "ErrNothing", "ErrVersion"}

// codes are the faults that say that something was done, or taken, before.
var codes = []string{`"key_reused"`, `"upload_taken"`, `"log_in_taken"`, "errTaken()"}

// words are predicates that say whether something is still to be done.
var words = []string{"Stands", "MustTell", "Awaits"}

// check finds the checks that something was done before, or that it moved on.
func (f *finder) check(cond ast.Expr, body *ast.BlockStmt, what string) {
	switch {
	case f.answers(body):
		f.parts(cond, what)
	case f.asks(cond):
		f.wrap(cond, fmt.Sprintf("mutant.If(%d, ", f.found(Dedupe, cond, what+f.text(cond))), ")")
	default:
		f.says(cond, what)
		f.flagged(cond)
	}
}

// parts takes the parts of an answered check apart; what keeps a nil from being
// used is none of them.
func (f *finder) parts(cond ast.Expr, what string) {
	if or, ok := cond.(*ast.BinaryExpr); ok && or.Op == token.LOR {
		f.parts(or.X, what)
		f.parts(or.Y, what)
		return
	}
	if is, ok := cond.(*ast.BinaryExpr); ok && is.Op == token.EQL && f.text(is.Y) == "nil" {
		return
	}
	f.wrap(cond, fmt.Sprintf("mutant.If(%d, ", f.found(Dedupe, cond, what+f.text(cond))), ")")
}

// clause is check for the cases of a switch without a tag.
func (f *finder) clause(c *ast.CaseClause) {
	sw, ok := f.switching()
	if !ok || sw.Tag != nil {
		return
	}
	for _, cond := range c.List {
		f.check(cond, &ast.BlockStmt{List: c.Body}, "case ")
	}
}

func (f *finder) switching() (*ast.SwitchStmt, bool) {
	for _, n := range slices.Backward(f.path) {
		switch n := n.(type) {
		case *ast.SwitchStmt:
			return n, true
		case *ast.TypeSwitchStmt:
			return nil, false
		}
	}
	return nil, false
}

// says finds in a condition the question for one of the sayings, and what
// standing said.
func (f *finder) says(cond ast.Expr, what string) {
	ast.Inspect(cond, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		id, isFlag := n.(*ast.Ident)
		call, isCall := n.(*ast.CallExpr)
		if isFlag && f.flags[id.Name] || isCall && name(call) == "Is" && len(call.Args) == 2 && slices.Contains(sayings, name(call.Args[1])) {
			f.wrap(e, fmt.Sprintf("mutant.If(%d, ", f.found(Dedupe, e, what+f.text(cond))), ")")
		}
		return true
	})
}

// asks tells whether a condition asks one of the words, or whether an event is
// older than the newest.
func (f *finder) asks(cond ast.Expr) bool {
	if is, ok := cond.(*ast.BinaryExpr); ok && is.Op == token.LSS && strings.HasSuffix(f.text(is.Y), ".Newest.N") {
		return true
	}
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			found = found || slices.Contains(words, name(call))
		}
		return true
	})
	return found
}

// answers tells whether a check's own answer is that there is nothing to do.
func (f *finder) answers(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	r, ok := body.List[len(body.List)-1].(*ast.ReturnStmt)
	if !ok || len(r.Results) == 0 {
		return false
	}
	last := r.Results[len(r.Results)-1]
	if slices.Contains(sayings, name(last)) {
		return true
	}
	return slices.ContainsFunc(codes, func(code string) bool { return strings.Contains(f.text(last), code) })
}

// flagged finds the second word of "err != nil || done": the flag says that there
// is nothing to do any more.
func (f *finder) flagged(cond ast.Expr) {
	or, ok := cond.(*ast.BinaryExpr)
	if !ok || or.Op != token.LOR || f.text(or.X) != "err != nil" {
		return
	}
	flag := or.Y
	if not, ok := flag.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		flag = not.X
	}
	if id, ok := flag.(*ast.Ident); ok && strings.HasPrefix(f.name, "functions/") && (id.Name == "created" || id.Name == "mine" || id.Name == "done") {
		f.wrap(or.Y, fmt.Sprintf("mutant.If(%d, ", f.found(Dedupe, or.Y, f.text(or.Y))), ")")
	}
}

// same finds the parts of what tells whether two are one.
func (f *finder) same(r *ast.ReturnStmt) {
	if f.function() != "Same" || len(r.Results) != 1 {
		return
	}
	and, ok := r.Results[0].(*ast.BinaryExpr)
	if !ok || and.Op != token.LAND {
		return
	}
	for _, part := range []ast.Expr{and.X, and.Y} {
		f.wrap(part, fmt.Sprintf("mutant.Drop(%d, ", f.found(Dedupe, part, f.text(part))), ")")
	}
}

// flagsOf are the variables of a function that hold what standing said.
func flagsOf(fn *ast.FuncDecl) map[string]bool {
	flags := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if ok && len(a.Rhs) == 1 && name(a.Rhs[0]) == "standing" && len(a.Lhs) == 2 {
			flags[name(a.Lhs[1])] = true
		}
		return true
	})
	delete(flags, "_")
	return flags
}

// messages finds the queues of each message type.
func (f *finder) messages(v *ast.ValueSpec) {
	if len(v.Names) != 1 || v.Names[0].Name != "consumers" || len(v.Values) != 1 {
		return
	}
	table, ok := v.Values[0].(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, row := range table.Elts {
		kv := row.(*ast.KeyValueExpr)
		queues := kv.Value.(*ast.CompositeLit)
		for _, q := range queues.Elts {
			f.wrap(q, fmt.Sprintf("mutant.None(%d, ", f.found(Message, q, f.text(kv.Key)+" > "+f.text(q))), ")")
		}
		f.edits = append(f.edits,
			edit{at: f.offset(queues.Lbrace), remove: 1, text: "mutant.Some("},
			edit{at: f.offset(queues.Rbrace), remove: 1, text: ")"})
	}
}
