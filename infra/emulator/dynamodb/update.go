package dynamodb

import (
	"slices"
	"sort"
	"strings"
)

// An action is one change of an UpdateExpression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
type action struct {
	section string // SET, REMOVE, ADD or DELETE
	path    path
	operand operand
}

// An update is a parsed UpdateExpression; touched is the tree of its paths.
type update struct {
	actions []action
	touched selection
}

func parseUpdate(src string, sc *scope) (*update, *fault) {
	p, f := newParser("UpdateExpression", src, sc)
	if f != nil {
		return nil, f
	}
	u := &update{}
	var seen []string
	for p.tok.kind != tokenEnd {
		section := strings.ToUpper(p.tok.text)
		if p.tok.kind != tokenWord || !slices.Contains([]string{"SET", "REMOVE", "ADD", "DELETE"}, section) {
			return nil, p.syntax()
		}
		if slices.Contains(seen, section) {
			return nil, p.refuse("The %q section can only be used once in an update expression;", section)
		}
		seen = append(seen, section)
		p.advance()
		if f := p.section(u, section); f != nil {
			return nil, f
		}
	}
	return u, nil
}

func (p *parser) section(u *update, section string) *fault {
	for {
		a, f := p.action(section)
		if f != nil {
			return f
		}
		if f := u.touched.add(a.path, p.expression); f != nil {
			return f
		}
		u.actions = append(u.actions, a)
		if !p.sign(",") {
			return nil
		}
		p.advance()
	}
}

func (p *parser) action(section string) (a action, f *fault) {
	a.section = section
	if a.path, f = p.path(); f != nil || section == "REMOVE" {
		return a, f
	}
	if section == "SET" {
		if f := p.expect("="); f != nil {
			return a, f
		}
		a.operand, f = p.sum()
		return a, f
	}
	if p.tok.kind != tokenValue {
		return a, p.syntax()
	}
	if a.operand, f = p.operand(); f != nil {
		return a, f
	}
	switch k := a.operand.value.kind; {
	case k.isSet(), section == "ADD" && k == kindN:
	default:
		return a, p.operandType(section, k)
	}
	if len(a.path) > 1 {
		// The reference says "only on top-level attributes"; what the service does beyond that is not written anywhere.
		return a, unsupported("%s on the nested path %s", section, a.path)
	}
	return a, nil
}

// sum reads the right side of SET: an operand, or two with a plus or minus between them.
func (p *parser) sum() (operand, *fault) {
	left, f := p.operand("if_not_exists", "list_append")
	if f != nil || !p.sign("+") && !p.sign("-") {
		return left, f
	}
	o := operand{function: p.tok.text}
	p.advance()
	right, f := p.operand("if_not_exists", "list_append")
	if f != nil {
		return o, f
	}
	o.args = []operand{left, right}
	for i := range o.args {
		if v := o.args[i].value; v != nil && v.kind != kindN {
			return o, p.operandType(o.function, v.kind)
		}
	}
	return o, nil
}

func wrongType() *fault {
	return invalid("An operand in the update expression has an incorrect data type")
}

func wrongPath() *fault {
	return invalid("The document path provided in the update expression is invalid for update")
}

// compute evaluates an operand of SET against the item as it was.
func (o *operand) compute(it item) (value, *fault) {
	switch o.function {
	case "":
		v, ok := o.read(it)
		if !ok {
			return v, invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v.clone(), nil
	case "if_not_exists":
		if v, ok := o.args[0].path.lookup(it); ok {
			return v.clone(), nil
		}
		return o.args[1].compute(it)
	}
	left, f := o.args[0].compute(it)
	if f != nil {
		return left, f
	}
	right, f := o.args[1].compute(it)
	if f != nil {
		return right, f
	}
	if o.function == "list_append" {
		if left.kind != kindL || right.kind != kindL {
			return left, wrongType()
		}
		return value{kind: kindL, list: slices.Concat(left.list, right.list)}, nil
	}
	if left.kind != kindN || right.kind != kindN {
		return left, wrongType()
	}
	text, f := addNumbers(left.text, right.text, o.function == "-")
	return value{kind: kindN, text: text}, f
}

// apply changes the item. Every operand is evaluated on the item as it was; list elements are set in order of their
// index and removed from the last, so that indexes mean the list as it was.
func (u *update) apply(it *item) *fault {
	results := make([]value, len(u.actions))
	for i := range u.actions {
		a := &u.actions[i]
		var f *fault
		switch a.section {
		case "SET":
			results[i], f = a.operand.compute(*it)
		case "ADD", "DELETE":
			results[i], f = a.merge(*it)
		}
		if f != nil {
			return f
		}
	}
	order := make([]int, len(u.actions))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return before(&u.actions[order[i]], &u.actions[order[j]]) })
	for _, i := range order {
		a := &u.actions[i]
		removed := a.section == "REMOVE" || a.section == "DELETE" && len(results[i].list) == 0
		if removed {
			if f := it.removeAt(a.path); f != nil {
				return f
			}
			continue
		}
		if f := it.setAt(a.path, results[i]); f != nil {
			return f
		}
	}
	return nil
}

// before puts sets first, by rising index, and removals after, by falling index.
func before(a, b *action) bool {
	if r, s := a.section == "REMOVE", b.section == "REMOVE"; r != s {
		return s
	}
	last, other := a.path[len(a.path)-1], b.path[len(b.path)-1]
	if !last.isIndex() || !other.isIndex() || len(a.path) != len(b.path) {
		return false
	}
	if a.section == "REMOVE" {
		return last.index > other.index
	}
	return last.index < other.index
}

// merge evaluates ADD and DELETE.
func (a *action) merge(it item) (value, *fault) {
	old, found := a.path.lookup(it)
	given := a.operand.value
	if !found {
		if a.section == "DELETE" {
			return value{}, nil
		}
		return given.clone(), nil
	}
	if old.kind != given.kind {
		return old, wrongType()
	}
	if given.kind == kindN {
		text, f := addNumbers(old.text, given.text, false)
		return value{kind: kindN, text: text}, f
	}
	out := value{kind: old.kind}
	for _, e := range old.list {
		if a.section == "ADD" || !given.hasElement(&e) {
			out.list = append(out.list, e)
		}
	}
	if a.section == "ADD" {
		for _, e := range given.list {
			if !old.hasElement(&e) {
				out.list = append(out.list, e)
			}
		}
		sortSet(out.list)
	}
	return out, nil
}

// parent finds the map or list that holds the last step of a path.
func (it *item) parent(p path) (*value, *fault) {
	at, ok := it.find(p[0].name)
	if !ok {
		return nil, wrongPath()
	}
	v := &(*it)[at].value
	for _, s := range p[1 : len(p)-1] {
		switch {
		case s.isIndex() && v.kind == kindL && s.index < len(v.list):
			v = &v.list[s.index]
		case !s.isIndex() && v.kind == kindM:
			if at, ok = v.fields.find(s.name); !ok {
				return nil, wrongPath()
			}
			v = &v.fields[at].value
		default:
			return nil, wrongPath()
		}
	}
	if last := p[len(p)-1]; last.isIndex() && v.kind != kindL || !last.isIndex() && v.kind != kindM {
		return nil, wrongPath()
	}
	return v, nil
}

func (it *item) setAt(p path, v value) *fault {
	if len(p) == 1 {
		it.set(p[0].name, v)
		return nil
	}
	parent, f := it.parent(p)
	if f != nil {
		return f
	}
	last := p[len(p)-1]
	switch {
	case !last.isIndex():
		parent.fields.set(last.name, v)
	case last.index < len(parent.list):
		parent.list[last.index] = v
	default:
		parent.list = append(parent.list, v)
	}
	return nil
}

func (it *item) removeAt(p path) *fault {
	if len(p) == 1 {
		it.remove(p[0].name)
		return nil
	}
	parent, f := it.parent(p)
	if f != nil {
		return f
	}
	last := p[len(p)-1]
	switch {
	case !last.isIndex():
		parent.fields.remove(last.name)
	case last.index < len(parent.list):
		parent.list = slices.Delete(parent.list, last.index, last.index+1)
	}
	return nil
}
