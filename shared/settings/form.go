package settings

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxProblems bounds the list: who sent the wrong file needs no million lines.
const maxProblems = 1000

// The bounds of the rows of one document of this package's own forms.
const (
	maxRows    = 5000 // certificates and texts
	maxSetRows = 1000 // what is compared among itself
)

// problems collects what is wrong with a document.
type problems struct{ list []Problem }

func (p *problems) add(path, rule string, args ...string) {
	if len(p.list) < maxProblems {
		p.list = append(p.list, Problem{Path: path, Rule: rule, Args: args})
	}
}

// rows reads a document that is a list of rows of one form. Every problem is
// named, which encoding/json alone does not do: it stops at the first, and lets
// a field stand twice. A row that is wrong stands in the list as far as it could
// be read, so that paths count by position.
func rows[T any](p *problems, data []byte, limit int) []T {
	if !utf8.Valid(data) || !json.Valid(data) {
		p.add("", RuleNotJSON)
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(data, &raw) != nil || raw == nil {
		p.add("", RuleNotList)
		return nil
	}
	if len(raw) > limit {
		p.add("", RuleTooMany, fmt.Sprint(limit))
		return nil
	}
	list := make([]T, len(raw))
	for i := range raw {
		p.decode(rowPath(i), raw[i], reflect.ValueOf(&list[i]).Elem())
	}
	return list
}

// own reads a document of the product, which a test holds to be right.
func own[T any](data []byte) []T {
	var list []T
	if err := json.Unmarshal(data, &list); err != nil {
		panic("reading a document of the product: " + err.Error())
	}
	return list
}

func rowPath(i int) string { return fmt.Sprintf("[%d]", i) }

// decode reads one JSON value into a Go value of the forms that rows have.
func (p *problems) decode(path string, raw json.RawMessage, v reflect.Value) {
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		var s string
		if json.Unmarshal(raw, &s) != nil || text.UnmarshalText([]byte(s)) != nil {
			p.add(path, RuleBadDate)
		}
		return
	}
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes(raw)
		return
	}
	rule := ""
	switch v.Kind() {
	case reflect.Struct:
		p.object(path, raw, v)
		return
	case reflect.Slice:
		p.items(path, raw, v)
		return
	case reflect.Map:
		p.texts(path, raw, v)
		return
	case reflect.String:
		rule = RuleNotText
	case reflect.Int:
		rule = RuleNotWhole
	case reflect.Bool:
		rule = RuleNotFlag
	default:
		panic("no form is made of " + v.Type().String())
	}
	if bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, v.Addr().Interface()) != nil {
		p.add(path, rule)
	}
}

// object reads an object's fields by the json tags of a struct.
func (p *problems) object(path string, raw json.RawMessage, v reflect.Value) {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
	}
	seen := map[string]bool{}
	ok := members(raw, func(name string, value json.RawMessage) {
		field, known := fields[name]
		switch at := path + "." + shown(name); {
		case !known:
			p.add(at, RuleUnknownField)
		case seen[name]:
			p.add(at, RuleRepeated)
		default:
			p.decode(at, value, field)
		}
		seen[name] = true
	})
	if !ok {
		p.add(path, RuleNotObject)
	}
}

func (p *problems) items(path string, raw json.RawMessage, v reflect.Value) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || list == nil {
		p.add(path, RuleNotList)
		return
	}
	if len(list) > maxSetRows {
		p.add(path, RuleTooMany, fmt.Sprint(maxSetRows))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
	for i := range list {
		p.decode(path+rowPath(i), list[i], v.Index(i))
	}
}

// texts reads an object of texts: language → text.
func (p *problems) texts(path string, raw json.RawMessage, v reflect.Value) {
	out := map[string]string{}
	ok := members(raw, func(name string, value json.RawMessage) {
		at := path + "." + shown(name)
		if _, twice := out[name]; twice {
			p.add(at, RuleRepeated)
			return
		}
		var s string
		if bytes.Equal(value, []byte("null")) || json.Unmarshal(value, &s) != nil {
			p.add(at, RuleNotText)
		}
		out[name] = s
	})
	if !ok {
		p.add(path, RuleNotObject)
		return
	}
	v.Set(reflect.ValueOf(out))
}

// members visits an object's members in order, repeated ones too; false when it
// is no object. The JSON is known to be valid.
func members(raw json.RawMessage, visit func(name string, value json.RawMessage)) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return false
		}
		visit(name.(string), value) // a member's name is always a string
	}
	return true
}

// shown makes an unknown name fit for a path: short and in plain letters.
func shown(name string) string {
	cleaned := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, name)
	return cleaned[:min(len(cleaned), 40)]
}

// text checks a text: there when required, not longer than limit characters, and
// without control characters; lines says whether it may have several lines.
func (p *problems) text(path, s string, limit int, required, lines bool) {
	control := func(r rune) bool { return unicode.IsControl(r) && !(lines && r == '\n') }
	switch {
	case required && strings.TrimSpace(s) == "":
		p.add(path, RuleRequired)
	case utf8.RuneCountInString(s) > limit:
		p.add(path, RuleTooLong, fmt.Sprint(limit))
	case strings.ContainsFunc(s, control):
		p.add(path, RuleControl)
	}
}
