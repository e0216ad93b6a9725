package dynamodb

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// item reads a map of attribute values.
func (r *reader) item() (item, *fault) {
	it := make(item, 0, 12)
	f := r.object(func(name string) *fault {
		v, f := r.value()
		if f != nil {
			return f
		}
		it = append(it, field{name, v})
		return nil
	})
	if f != nil {
		return nil, f
	}
	slices.SortStableFunc(it, func(a, b field) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(it); i++ {
		if it[i].name == it[i-1].name {
			return nil, r.malformed("the attribute " + it[i].name + " twice")
		}
	}
	return it, nil
}

// value reads one attribute value: an object with exactly one type.
func (r *reader) value() (value, *fault) {
	var v value
	types := 0
	f := r.object(func(name string) *fault {
		if types++; types > 1 {
			return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
		}
		k := kindNamed(name)
		if k == 0 {
			return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
		}
		var f *fault
		v, f = r.valueOf(k)
		return f
	})
	if f == nil && types == 0 {
		f = invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return v, f
}

func (r *reader) valueOf(k kind) (v value, f *fault) {
	v.kind = k
	switch k {
	case kindS, kindN, kindB:
		v.text, f = r.scalar(k)
	case kindBool:
		var b bool
		if b, f = r.boolean(); b {
			v.text = "true"
		}
	case kindNull:
		var b bool
		if b, f = r.boolean(); f == nil && !b {
			f = invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
	case kindM:
		v.fields, f = r.item()
	case kindL:
		f = r.array(func() *fault {
			e, f := r.value()
			v.list = append(v.list, e)
			return f
		})
	default:
		v.list, f = r.set(k)
	}
	return v, f
}

func (r *reader) scalar(k kind) (string, *fault) {
	if k == kindB {
		return r.bytes()
	}
	s, f := r.text()
	if f == nil && k == kindN {
		return canonicalNumber(s)
	}
	return s, f
}

var setWords = map[kind]string{kindSS: "string", kindNS: "number", kindBS: "binary"}

func (r *reader) set(k kind) ([]value, *fault) {
	var list []value
	f := r.array(func() *fault {
		s, f := r.scalar(k.element())
		list = append(list, value{kind: k.element(), text: s})
		return f
	})
	if f != nil {
		return nil, f
	}
	if len(list) == 0 {
		return nil, invalid("One or more parameter values were invalid: An %s set  may not be empty", setWords[k])
	}
	if sortSet(list) {
		return nil, invalid("One or more parameter values were invalid: Input collection contains duplicates (a %s set)", setWords[k])
	}
	return list, nil
}

// appendItemJSON writes a decoded item.
func appendItemJSON(dst []byte, it item) []byte {
	dst = append(dst, '{')
	for i := range it {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendTextJSON(dst, it[i].name)
		dst = append(dst, ':')
		dst = appendValueJSON(dst, &it[i].value)
	}
	return append(dst, '}')
}

func appendValueJSON(dst []byte, v *value) []byte {
	dst = append(append(append(dst, `{"`...), v.kind.String()...), `":`...)
	switch v.kind {
	case kindM:
		dst = appendItemJSON(dst, v.fields)
	case kindL, kindSS, kindNS, kindBS:
		dst = append(dst, '[')
		for i := range v.list {
			if i > 0 {
				dst = append(dst, ',')
			}
			if v.kind == kindL {
				dst = appendValueJSON(dst, &v.list[i])
			} else {
				dst = appendScalarJSON(dst, v.list[i].kind, v.list[i].text)
			}
		}
		dst = append(dst, ']')
	default:
		dst = appendScalarJSON(dst, v.kind, v.text)
	}
	return append(dst, '}')
}

func appendScalarJSON(dst []byte, k kind, text string) []byte {
	switch k {
	case kindB:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(text))
		return append(dst, '"')
	case kindBool:
		if text == "" {
			return append(dst, "false"...)
		}
		return append(dst, "true"...)
	case kindNull:
		return append(dst, "true"...)
	}
	return appendTextJSON(dst, text)
}

const hexDigits = "0123456789abcdef"

func appendTextJSON(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[plain:i]...)
		plain = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	rest := s[plain:]
	if !utf8.ValidString(rest) {
		rest = strings.ToValidUTF8(rest, "\uFFFD")
	}
	return append(append(dst, rest...), '"')
}
