package dynamodb

import (
	"slices"
	"strconv"
	"strings"
)

// A parser reads one expression by recursive descent; names and values are resolved as they are met.
type parser struct {
	expression string // the parameter's name, for messages
	lex        lexer
	tok        token
	scope      *scope
	depth      int
}

// maxExpression is the longest expression, in bytes; maxParens keeps the recursion shallow.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxExpression = 4096
	maxParens     = 100
)

func newParser(expression, src string, sc *scope) (*parser, *fault) {
	p := &parser{expression: expression, lex: lexer{src: src}, scope: sc}
	if strings.TrimSpace(src) == "" {
		return nil, p.refuse("The expression can not be empty;")
	}
	if len(src) > maxExpression {
		return nil, p.refuse("Expression size has exceeded the maximum allowed size;")
	}
	p.advance()
	return p, nil
}

func (p *parser) advance() { p.tok = p.lex.next() }

func (p *parser) refuse(format string, args ...any) *fault {
	return invalid("Invalid "+p.expression+": "+format, args...)
}

func (p *parser) syntax() *fault {
	if p.tok.kind == tokenEnd {
		return p.refuse(`Syntax error; token: "<EOF>", near: %q`, p.near())
	}
	return p.refuse("Syntax error; token: %q, near: %q", p.tok.text, p.near())
}

func (p *parser) near() string {
	from := max(0, p.tok.at-12)
	return p.lex.src[from:min(len(p.lex.src), p.tok.at+len(p.tok.text)+12)]
}

func (p *parser) sign(s string) bool { return p.tok.kind == tokenSign && p.tok.text == s }

// keyword reports a keyword, which is taken in any case.
func (p *parser) keyword(w string) bool {
	return p.tok.kind == tokenWord && strings.EqualFold(p.tok.text, w)
}

func (p *parser) expect(s string) *fault {
	if !p.sign(s) {
		return p.syntax()
	}
	p.advance()
	return nil
}

// calls reports whether the word at hand is followed by a parenthesis.
func (p *parser) calls() bool {
	ahead := p.lex
	t := ahead.next()
	return p.tok.kind == tokenWord && t.kind == tokenSign && t.text == "("
}

func (p *parser) path() (path, *fault) {
	var out path
	for {
		name, f := p.pathName()
		if f != nil {
			return nil, f
		}
		out = append(out, step{name: name})
		for p.sign("[") {
			p.advance()
			n, err := strconv.Atoi(p.tok.text)
			if p.tok.kind != tokenNumber || err != nil {
				return nil, p.syntax()
			}
			p.advance()
			if f := p.expect("]"); f != nil {
				return nil, f
			}
			out = append(out, step{index: n})
		}
		if !p.sign(".") {
			break
		}
		p.advance()
	}
	if len(out) > maxDepth {
		return nil, p.refuse("The document path has too many nesting elements; nesting elements: %d", len(out))
	}
	return out, nil
}

func (p *parser) pathName() (string, *fault) {
	defer p.advance()
	switch p.tok.kind {
	case tokenWord:
		if isReserved(p.tok.text) {
			return "", p.refuse("Attribute name is a reserved keyword; reserved keyword: %s", p.tok.text)
		}
		if p.tok.text[0] == '_' {
			return "", p.syntax()
		}
		return p.tok.text, nil
	case tokenName:
		name, ok := p.scope.name(p.tok.text)
		if !ok {
			return "", p.refuse("An expression attribute name used in the document path is not defined; attribute name: %s", p.tok.text)
		}
		return name, nil
	}
	return "", p.syntax()
}

// An operand is a path, a value, or a function of operands.
type operand struct {
	function string // "" for a path or a value; +, - in an update
	path     path
	value    *value
	args     []operand
}

func (o *operand) isLiteral() bool { return o.value != nil }

func (o *operand) same(q *operand) bool {
	return o.function == q.function && o.value == q.value && slices.Equal(o.path, q.path) &&
		slices.EqualFunc(o.args, q.args, func(a, b operand) bool { return a.same(&b) })
}

// operand reads a path, a value or one of the functions that this place allows.
func (p *parser) operand(functions ...string) (operand, *fault) {
	var o operand
	switch {
	case p.tok.kind == tokenValue:
		v, ok := p.scope.value(p.tok.text)
		if !ok {
			return o, p.refuse("An expression attribute value used in expression is not defined; attribute value: %s", p.tok.text)
		}
		o.value = v
		p.advance()
		return o, nil
	case p.calls():
		return p.function(functions)
	}
	var f *fault
	o.path, f = p.path()
	return o, f
}

func (p *parser) function(allowed []string) (operand, *fault) {
	o := operand{function: p.tok.text}
	if !slices.Contains(allowed, o.function) {
		return o, p.unknownFunction()
	}
	p.advance()
	args, f := p.arguments(allowed)
	if f != nil {
		return o, f
	}
	o.args = args
	want := 2
	if o.function == "size" {
		want = 1
	}
	if len(args) != want {
		return o, p.refuse("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", o.function, len(args))
	}
	return o, p.checkFunction(&o)
}

func (p *parser) checkFunction(o *operand) *fault {
	first, literal := &o.args[0], func(a *operand, kinds ...kind) *fault {
		if a.isLiteral() && !slices.Contains(kinds, a.value.kind) {
			return p.operandType(o.function, a.value.kind)
		}
		return nil
	}
	switch o.function {
	case "size":
		return literal(first, kindS, kindB, kindM, kindL, kindSS, kindNS, kindBS)
	case "if_not_exists":
		if first.path == nil {
			return p.needsPath(o.function)
		}
	case "list_append":
		if f := literal(first, kindL); f != nil {
			return f
		}
		return literal(&o.args[1], kindL)
	}
	return nil
}

func (p *parser) needsPath(function string) *fault {
	return p.refuse("Operator or function requires a document path; operator or function: %s", function)
}

func (p *parser) operandType(operator string, k kind) *fault {
	return p.refuse("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, k)
}

var knownFunctions = []string{"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains",
	"size", "if_not_exists", "list_append"}

func (p *parser) unknownFunction() *fault {
	if slices.Contains(knownFunctions, p.tok.text) {
		return p.refuse("The function is not allowed to be used this way in an expression; function: %s", p.tok.text)
	}
	return unsupported("function %s in %s", p.tok.text, p.expression)
}

func (p *parser) arguments(functions []string) ([]operand, *fault) {
	if f := p.expect("("); f != nil {
		return nil, f
	}
	var args []operand
	for {
		o, f := p.operand(functions...)
		if f != nil {
			return nil, f
		}
		args = append(args, o)
		if !p.sign(",") {
			return args, p.expect(")")
		}
		p.advance()
	}
}

// projection reads a ProjectionExpression.
func parseProjection(src string, sc *scope) (*selection, *fault) {
	p, f := newParser("ProjectionExpression", src, sc)
	if f != nil {
		return nil, f
	}
	s := &selection{}
	for {
		at, f := p.path()
		if f != nil {
			return nil, f
		}
		if f := s.add(at, p.expression); f != nil {
			return nil, f
		}
		if p.tok.kind == tokenEnd {
			return s, nil
		}
		if f := p.expect(","); f != nil {
			return nil, f
		}
	}
}
