package directory

import (
	"cmp"
	"slices"
)

// table holds dated rows under reused codes.
type table[R any] struct {
	byCode map[string][]R // in order of ValidFrom
	codes  []string       // in order of first appearance
	key    func(R) Key
	span   func(R) Span
	next   func(R) []string
}

func newTable[R any](rows []R, key func(R) Key, span func(R) Span, next func(R) []string) table[R] {
	t := table[R]{byCode: map[string][]R{}, key: key, span: span, next: next}
	for _, row := range rows {
		code := key(row).Code
		if code == "" {
			continue // a row that could not be read; nothing can mean it
		}
		if t.byCode[code] == nil {
			t.codes = append(t.codes, code)
		}
		t.byCode[code] = append(t.byCode[code], row)
	}
	for _, same := range t.byCode {
		slices.SortFunc(same, func(a, b R) int { return cmp.Compare(key(a).ValidFrom, key(b).ValidFrom) })
	}
	return t
}

// on returns the row that bears the code on a date.
func (t table[R]) on(code string, on Date) (R, bool) {
	for _, row := range t.byCode[code] {
		if t.span(row).On(on) {
			return row, true
		}
	}
	var none R
	return none, false
}

// all returns the rows in force on a date, in the order of the document.
func (t table[R]) all(on Date) []R {
	var rows []R
	for _, code := range t.codes {
		if row, ok := t.on(code, on); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// find returns the row that a reference from outside means on a date: a whole
// key its row; a bare code the row in force, else the last one that closed.
func (t table[R]) find(ref string, on Date) (R, bool) {
	var found R
	key, ok := ParseKey(ref)
	if !ok {
		return found, false
	}
	ok = false
	for _, row := range t.byCode[key.Code] {
		exact := key.ValidFrom != "" && t.key(row) == key
		if exact || key.ValidFrom == "" && t.span(row).ValidFrom <= on {
			found, ok = row, true
		}
	}
	return found, ok
}

// meant returns the row that a row inside the directory means by a code: the
// one in force on the first day of its own span, else the next that came.
func (t table[R]) meant(code string, by Span) (R, bool) {
	for _, row := range t.byCode[code] {
		if t.span(row).ValidTo == "" || by.ValidFrom < t.span(row).ValidTo {
			return row, t.span(row).overlaps(by)
		}
	}
	var none R
	return none, false
}

// follow returns what has become of a row by a date: the row itself while it is
// in force, else its successors' successors, each once. A closed row without
// successors leaves none. It ends, since each step closes later than the last.
func (t table[R]) follow(row R, on Date) []R {
	var rows []R
	seen := map[Key]bool{}
	var walk func(R)
	walk = func(row R) {
		span := t.span(row)
		if seen[t.key(row)] {
			return
		}
		seen[t.key(row)] = true
		if span.ValidTo == "" || on < span.ValidTo {
			rows = append(rows, row)
			return
		}
		for _, code := range t.next(row) {
			if heir, ok := t.on(code, span.ValidTo); ok {
				walk(heir)
			}
		}
	}
	walk(row)
	return rows
}
