package dynamodb

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A condition is a node of a ConditionExpression, a FilterExpression or a KeyConditionExpression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type condition struct {
	operator string // AND, OR, NOT, a comparator, BETWEEN, IN or a function
	parts    []*condition
	args     []operand
	parens   bool
}

// maxIn is how many values IN compares with.
const maxIn = 100

func parseCondition(expression, src string, sc *scope) (*condition, *fault) {
	p, f := newParser(expression, src, sc)
	if f != nil {
		return nil, f
	}
	c, f := p.disjunction()
	if f == nil && p.tok.kind != tokenEnd {
		f = p.syntax()
	}
	return c, f
}

func (p *parser) disjunction() (*condition, *fault) { return p.chain("OR", p.conjunction) }
func (p *parser) conjunction() (*condition, *fault) { return p.chain("AND", p.negation) }

func (p *parser) chain(word string, part func() (*condition, *fault)) (*condition, *fault) {
	first, f := part()
	if f != nil || !p.keyword(word) {
		return first, f
	}
	c := &condition{operator: word, parts: []*condition{first}}
	for p.keyword(word) {
		p.advance()
		next, f := part()
		if f != nil {
			return nil, f
		}
		c.parts = append(c.parts, next)
	}
	return c, nil
}

func (p *parser) negation() (*condition, *fault) {
	if !p.keyword("NOT") {
		return p.comparison()
	}
	if p.depth++; p.depth > maxParens {
		return nil, p.refuse("The expression has exceeded the maximum nesting")
	}
	defer func() { p.depth-- }()
	p.advance()
	c, f := p.negation()
	return &condition{operator: "NOT", parts: []*condition{c}}, f
}

func (p *parser) comparison() (*condition, *fault) {
	if p.sign("(") {
		return p.parenthesis()
	}
	if p.calls() && p.tok.text != "size" {
		return p.predicate()
	}
	left, f := p.operand("size")
	if f != nil {
		return nil, f
	}
	switch {
	case p.keyword("BETWEEN"):
		return p.between(left)
	case p.keyword("IN"):
		return p.in(left)
	case p.tok.kind == tokenSign && slices.Contains(comparators, p.tok.text):
		c := &condition{operator: p.tok.text}
		p.advance()
		right, f := p.operand("size")
		if f != nil {
			return nil, f
		}
		c.args = []operand{left, right}
		return c, p.checkComparison(c)
	}
	return nil, p.syntax()
}

var comparators = []string{"=", "<>", "<", "<=", ">", ">="}

func (p *parser) parenthesis() (*condition, *fault) {
	if p.depth++; p.depth > maxParens {
		return nil, p.refuse("The expression has exceeded the maximum nesting")
	}
	defer func() { p.depth-- }()
	p.advance()
	c, f := p.disjunction()
	if f != nil {
		return nil, f
	}
	if f := p.expect(")"); f != nil {
		return nil, f
	}
	if c.parens {
		return nil, p.refuse("The expression has redundant parentheses;")
	}
	c.parens = true
	return c, nil
}

func (p *parser) between(left operand) (*condition, *fault) {
	p.advance()
	low, f := p.operand("size")
	if f != nil {
		return nil, f
	}
	if !p.keyword("AND") {
		return nil, p.syntax()
	}
	p.advance()
	high, f := p.operand("size")
	if f != nil {
		return nil, f
	}
	c := &condition{operator: "BETWEEN", args: []operand{left, low, high}}
	if f := p.checkComparison(c); f != nil {
		return nil, f
	}
	if low.isLiteral() && high.isLiteral() {
		order, ok := low.value.order(high.value)
		if !ok {
			return nil, p.refuse("The BETWEEN operator requires same data type for lower and upper bounds")
		}
		if order > 0 {
			return nil, p.refuse("The BETWEEN operator requires upper bound to be greater than or equal to lower bound")
		}
	}
	return c, nil
}

func (p *parser) in(left operand) (*condition, *fault) {
	p.advance()
	choices, f := p.arguments([]string{"size"})
	if f != nil {
		return nil, f
	}
	if len(choices) > maxIn {
		return nil, p.refuse("Incorrect number of operands for operator or function; operator or function: IN, number of operands: %d", len(choices))
	}
	return &condition{operator: "IN", args: append([]operand{left}, choices...)}, nil
}

// checkComparison refuses what can be seen to be wrong without an item.
func (p *parser) checkComparison(c *condition) *fault {
	for i := range c.args {
		a := &c.args[i]
		if a.isLiteral() && c.operator != "=" && c.operator != "<>" {
			if k := a.value.kind; k != kindS && k != kindN && k != kindB {
				return p.operandType(c.operator, k)
			}
		}
		if i > 0 && a.same(&c.args[0]) {
			return p.refuse("The first operand must be distinct from the remaining operands for this operator or function; operator: %s", c.operator)
		}
	}
	return nil
}

func (p *parser) predicate() (*condition, *fault) {
	c := &condition{operator: p.tok.text}
	want := 2
	switch c.operator {
	case "attribute_exists", "attribute_not_exists":
		want = 1
	case "attribute_type", "begins_with", "contains":
	default:
		return nil, p.unknownFunction()
	}
	p.advance()
	args, f := p.arguments([]string{"size"})
	if f != nil {
		return nil, f
	}
	c.args = args
	if len(args) != want {
		return nil, p.refuse("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", c.operator, len(args))
	}
	return c, p.checkPredicate(c)
}

func (p *parser) checkPredicate(c *condition) *fault {
	if want := strings.HasPrefix(c.operator, "attribute_"); want && c.args[0].path == nil {
		return p.needsPath(c.operator)
	}
	switch c.operator {
	case "attribute_type":
		v := c.args[1].value
		switch {
		case v == nil || v.kind != kindS:
			return p.refuse("Incorrect operand type for operator or function; operator or function: attribute_type")
		case kindNamed(v.text) == 0:
			return p.refuse("Invalid attribute type name found; type: %s", v.text)
		}
	case "begins_with":
		for i := range c.args {
			if a := &c.args[i]; a.isLiteral() && a.value.kind != kindS && a.value.kind != kindB {
				return p.operandType(c.operator, a.value.kind)
			}
		}
	case "contains":
		if c.args[0].same(&c.args[1]) {
			return p.refuse("The first operand must be distinct from the remaining operands for this operator or function; operator: contains")
		}
	}
	return nil
}

// holds evaluates a condition on an item, nil for one that does not exist.
func (c *condition) holds(it item) bool {
	switch c.operator {
	case "AND":
		return !slices.ContainsFunc(c.parts, func(d *condition) bool { return !d.holds(it) })
	case "OR":
		return slices.ContainsFunc(c.parts, func(d *condition) bool { return d.holds(it) })
	case "NOT":
		return !c.parts[0].holds(it)
	}
	first, found := c.args[0].read(it)
	switch c.operator {
	case "attribute_exists":
		return found
	case "attribute_not_exists":
		return !found
	case "IN":
		return found && slices.ContainsFunc(c.args[1:], func(o operand) bool {
			v, ok := o.read(it)
			return ok && v.equal(&first)
		})
	case "BETWEEN":
		return compareOperands(">=", first, found, &c.args[1], it) && compareOperands("<=", first, found, &c.args[2], it)
	case "attribute_type":
		return found && first.kind.String() == c.args[1].value.text
	case "begins_with", "contains":
		second, ok := c.args[1].read(it)
		return found && ok && first.holdsPart(c.operator, &second)
	}
	return compareOperands(c.operator, first, found, &c.args[1], it)
}

func compareOperands(comparator string, left value, found bool, other *operand, it item) bool {
	right, ok := other.read(it)
	switch comparator {
	case "=":
		return found && ok && left.equal(&right)
	case "<>":
		return !found || !ok || !left.equal(&right)
	}
	if !found || !ok {
		return false
	}
	order, comparable := left.order(&right)
	if !comparable {
		return false
	}
	switch comparator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (v *value) holdsPart(function string, part *value) bool {
	text := v.kind == part.kind && (v.kind == kindS || v.kind == kindB)
	if function == "begins_with" {
		return text && strings.HasPrefix(v.text, part.text)
	}
	return text && strings.Contains(v.text, part.text) || v.hasElement(part)
}

// read evaluates an operand of a condition.
func (o *operand) read(it item) (value, bool) {
	switch {
	case o.value != nil:
		return *o.value, true
	case o.function == "size":
		v, ok := o.args[0].read(it)
		if !ok {
			return value{}, false
		}
		n, ok := v.length()
		return value{kind: kindN, text: strconv.Itoa(n)}, ok
	}
	return o.path.lookup(it)
}

// length is what size() answers: characters of a string, bytes of a binary, elements of the rest.
func (v *value) length() (int, bool) {
	switch v.kind {
	case kindS:
		return utf8.RuneCountInString(v.text), true
	case kindB:
		return len(v.text), true
	case kindM:
		return len(v.fields), true
	case kindL, kindSS, kindNS, kindBS:
		return len(v.list), true
	}
	return 0, false
}
