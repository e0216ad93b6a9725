package directory

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"paht/shared/vietnamese"
)

// The bounds of a document. The merged province has 124 communes; a directory
// with all its history is well under a tenth of this.
const (
	maxDocument = 4 << 20
	maxRows     = 5000
	maxListed   = 200 // codes or roles in one list
	maxName     = 200
	maxNote     = 2000
)

var codePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`) })

func validDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1900 && t.Year() <= 2999
}

// row reads one JSON object field by field, so that every problem is named and
// not only the first.
type row struct {
	*problems
	path   string
	fields map[string]json.RawMessage
	known  map[string]bool
}

func newRow(raw json.RawMessage, path string, p *problems) (*row, bool) {
	r := &row{problems: p, path: path, known: map[string]bool{}}
	if json.Unmarshal(raw, &r.fields) != nil || r.fields == nil {
		p.add(RuleNotObject, "%s", path)
		return nil, false
	}
	return r, true
}

// at returns the path of a field.
func (r *row) at(name string) string {
	if r.path == "" {
		return name
	}
	return r.path + "." + name
}

// get returns a field that is there and not null.
func (r *row) get(name string) (json.RawMessage, bool) {
	r.known[name] = true
	raw, ok := r.fields[name]
	return raw, ok && !bytes.Equal(raw, []byte("null"))
}

// text reads a text of at most limit characters, composed and trimmed.
func (r *row) text(name string, limit int) string {
	raw, ok := r.get(name)
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || strings.ContainsFunc(s, unicode.IsControl) {
		r.add(RuleNotText, "%s", r.at(name))
		return ""
	}
	s = vietnamese.NFC(strings.TrimSpace(s))
	if utf8.RuneCountInString(s) > limit {
		r.add(RuleTooLong, "%s", r.at(name))
	}
	return s
}

// need reports a field that is missing or empty; one of the wrong type has been
// reported already.
func (r *row) need(name, value string) {
	if raw, there := r.get(name); value == "" && (!there || bytes.HasPrefix(raw, []byte(`"`)) && !r.reported(name)) {
		r.add(RuleRequired, "%s", r.at(name))
	}
}

func (r *row) reported(name string) bool {
	return slices.ContainsFunc(r.list, func(p Problem) bool { return p.Path == r.at(name) })
}

// name reads a required text.
func (r *row) name(name string) string {
	s := r.text(name, maxName)
	r.need(name, s)
	return s
}

// code reads a code; empty when it is not there.
func (r *row) code(name string) string {
	s := r.text(name, maxName)
	if s != "" && !codePattern().MatchString(s) {
		r.add(RuleBadCode, "%s", r.at(name))
	}
	return s
}

// oneOf reads a required text that is one of the values.
func (r *row) oneOf(name string, values ...string) string {
	s := r.text(name, maxName)
	r.need(name, s)
	if s != "" && !slices.Contains(values, s) {
		r.add(RuleBadValue, "%s", r.at(name))
	}
	return s
}

// date reads a date; null and absent are an open end.
func (r *row) date(name string) Date {
	raw, ok := r.get(name)
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || !validDate(s) {
		r.add(RuleBadDate, "%s", r.at(name))
		return ""
	}
	return Date(s)
}

// spanOf reads valid_from and valid_to.
func (r *row) spanOf() Span {
	s := Span{r.date("valid_from"), r.date("valid_to")}
	if s.ValidTo != "" && s.ValidTo <= s.ValidFrom {
		r.add(RuleEmptySpan, "%s", r.at("valid_to"))
	}
	return s
}

// whole reads a required whole number from low to high.
func (r *row) whole(name string, low, high int) int {
	raw, ok := r.get(name)
	if !ok {
		r.add(RuleRequired, "%s", r.at(name))
		return 0
	}
	var n int
	if json.Unmarshal(raw, &n) != nil {
		r.add(RuleNotWhole, "%s", r.at(name))
		return 0
	}
	if n < low || n > high {
		r.add(RuleOutOfRange, "%s", r.at(name))
	}
	return n
}

// items reads a list of at most limit entries; absent is empty.
func (r *row) items(name string, limit int) []json.RawMessage {
	raw, ok := r.get(name)
	if !ok {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		r.add(RuleNotList, "%s", r.at(name))
		return nil
	}
	if len(list) > limit {
		r.add(RuleTooMany, "%s", r.at(name))
		return nil
	}
	return list
}

// codes reads a list of different codes, or of the other values allowed.
func (r *row) codes(name string, others ...string) []string {
	var codes []string
	for i, raw := range r.items(name, maxListed) {
		var s string
		switch {
		case json.Unmarshal(raw, &s) != nil:
			r.add(RuleNotText, "%s[%d]", r.at(name), i)
		case !codePattern().MatchString(s) && !slices.Contains(others, s):
			r.add(RuleBadCode, "%s[%d]", r.at(name), i)
		case slices.Contains(codes, s):
			r.add(RuleDuplicate, "%s[%d]", r.at(name), i)
		}
		codes = append(codes, s) // kept in any case: paths count by position
	}
	return codes
}

// end reports the fields that nothing has read.
func (r *row) end() {
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		if !r.known[name] {
			r.add(RuleUnknownField, "%s", r.at(name))
		}
	}
}

// document opens a document whose rows stand in one list, and reads each row.
func document(data []byte, list string, read func(*row)) *problems {
	p := &problems{}
	if len(data) > maxDocument {
		p.add(RuleTooLarge, "")
		return p
	}
	if !json.Valid(data) {
		p.add(RuleNotJSON, "")
		return p
	}
	top, ok := newRow(data, "", p)
	if !ok {
		return p
	}
	top.text("note", maxNote)
	rows := top.items(list, maxRows)
	if _, there := top.get(list); !there {
		p.add(RuleRequired, "%s", list)
	}
	top.end()
	for i, raw := range rows {
		if r, ok := newRow(raw, rowPath(list, i), p); ok {
			read(r)
			r.end()
		} else {
			read(&row{problems: &problems{}, known: map[string]bool{}})
		}
	}
	return p
}
