package dynamodb

import (
	"cmp"
	"slices"
	"strings"
)

// A kind is one of the ten attribute types.
type kind byte

const (
	kindS kind = iota + 1
	kindN
	kindB
	kindBool
	kindNull
	kindM
	kindL
	kindSS
	kindNS
	kindBS
)

var kindNames = [...]string{kindS: "S", kindN: "N", kindB: "B", kindBool: "BOOL", kindNull: "NULL",
	kindM: "M", kindL: "L", kindSS: "SS", kindNS: "NS", kindBS: "BS"}

func (k kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

func kindNamed(s string) kind {
	for k, name := range kindNames {
		if name == s && s != "" {
			return kind(k)
		}
	}
	return 0
}

func (k kind) isSet() bool { return k >= kindSS }

// element is the type of a set's elements.
func (k kind) element() kind {
	switch k {
	case kindSS:
		return kindS
	case kindNS:
		return kindN
	case kindBS:
		return kindB
	}
	return 0
}

// A value is one attribute value. Text holds a string, a canonical number, raw bytes, or "true" of a true BOOL.
type value struct {
	kind   kind
	text   string
	list   []value // elements of a list or a set; a set is kept in order
	fields item    // of a map
}

type field struct {
	name  string
	value value
}

// An item is a map of attributes, sorted by name.
type item []field

func (it item) find(name string) (int, bool) {
	return slices.BinarySearchFunc(it, name, func(f field, n string) int { return strings.Compare(f.name, n) })
}

func (it item) get(name string) (value, bool) {
	if at, ok := it.find(name); ok {
		return it[at].value, true
	}
	return value{}, false
}

func (it *item) set(name string, v value) {
	at, ok := it.find(name)
	if ok {
		(*it)[at].value = v
		return
	}
	*it = slices.Insert(*it, at, field{name, v})
}

func (it *item) remove(name string) {
	if at, ok := it.find(name); ok {
		*it = slices.Delete(*it, at, at+1)
	}
}

// size is what the service charges for an item: names and values in UTF-8, numbers by their digits, three bytes for
// each map and list and one for each of their elements.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func (it item) size() int {
	n := 0
	for i := range it {
		n += len(it[i].name) + it[i].value.size()
	}
	return n
}

func (v *value) size() int {
	switch v.kind {
	case kindS, kindB:
		return len(v.text)
	case kindN:
		return numberSize(v.text)
	case kindBool, kindNull:
		return 1
	case kindM:
		return 3 + len(v.fields) + v.fields.size()
	}
	n := 0
	if v.kind == kindL {
		n = 3 + len(v.list)
	}
	for i := range v.list {
		n += v.list[i].size()
	}
	return n
}

// maxDepth is how deep documents may nest.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxDepth = 32

func (v *value) depth() int {
	deepest := 0
	for i := range v.fields {
		deepest = max(deepest, v.fields[i].value.depth())
	}
	if v.kind == kindL {
		for i := range v.list {
			deepest = max(deepest, v.list[i].depth())
		}
	}
	if v.kind == kindM || v.kind == kindL {
		return deepest + 1
	}
	return deepest
}

// clone copies what an update could change in place.
func (v value) clone() value {
	if v.list != nil {
		list := make([]value, len(v.list))
		for i := range v.list {
			list[i] = v.list[i].clone()
		}
		v.list = list
	}
	if v.fields != nil {
		fields := make(item, len(v.fields))
		for i, f := range v.fields {
			fields[i] = field{f.name, f.value.clone()}
		}
		v.fields = fields
	}
	return v
}

func (v *value) equal(w *value) bool {
	if v.kind != w.kind || v.text != w.text || len(v.list) != len(w.list) || len(v.fields) != len(w.fields) {
		return false
	}
	for i := range v.list {
		if !v.list[i].equal(&w.list[i]) {
			return false
		}
	}
	for i := range v.fields {
		if v.fields[i].name != w.fields[i].name || !v.fields[i].value.equal(&w.fields[i].value) {
			return false
		}
	}
	return true
}

// order compares two scalars of one type: numbers by value, strings and binaries by unsigned bytes. Values that have
// no order between them are not comparable.
func (v *value) order(w *value) (result int, comparable bool) {
	if v.kind != w.kind {
		return 0, false
	}
	switch v.kind {
	case kindS, kindB:
		return strings.Compare(v.text, w.text), true
	case kindN:
		return compareNumbers(v.text, w.text), true
	}
	return 0, false
}

// sortSet orders a set's elements and reports whether one occurs twice.
func sortSet(list []value) (duplicate bool) {
	slices.SortFunc(list, func(a, b value) int { return cmp.Compare(a.text, b.text) })
	for i := 1; i < len(list); i++ {
		if list[i].text == list[i-1].text {
			return true
		}
	}
	return false
}

func (v *value) hasElement(w *value) bool {
	for i := range v.list {
		if v.list[i].equal(w) {
			return true
		}
	}
	return false
}
