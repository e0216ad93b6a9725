package signature

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"paht/shared/signature/internal/pdf"
)

// The bounds of a form. A result carries two or three signatures.
const (
	maxFields     = 10_000
	maxFieldDepth = 32
	maxSignatures = 16
)

const (
	subFilterCMS       = "adbe.pkcs7.detached"
	subFilterCAdES     = "ETSI.CAdES.detached"
	subFilterTimeStamp = "ETSI.RFC3161"
)

// signed is one signature field with its value.
type signed struct {
	name      string
	subFilter string
	// ref is the object of the field, value that of the signature dictionary.
	ref, value pdf.Ref
	dict       pdf.Dict
	contents   pdf.String
	// timeStamp tells a document time stamp from a signature.
	timeStamp bool
	// The signature covers data[:gapStart] and data[gapEnd:end].
	gapStart, gapEnd, end int
}

// locate finds every signature field that has a value.
func locate(doc *pdf.Document) ([]*signed, error) {
	root, err := doc.ResolveDict(doc.Trailer.Get("Root"), "the catalogue")
	if err != nil {
		return nil, err
	}
	form, err := doc.ResolveDict(root.Get("AcroForm"), "the form")
	if err != nil {
		return nil, err
	}
	fields, err := doc.ResolveArray(form.Get("Fields"), "/Fields of the form")
	if err != nil {
		return nil, err
	}
	w := fieldWalk{doc: doc, seen: map[pdf.Ref]bool{}, values: map[int]bool{}}
	for _, f := range fields {
		if err := w.field(f, inherited{}, 0); err != nil {
			return nil, err
		}
	}
	return w.found, nil
}

// inherited is what a field takes from its parents (ISO 32000-1, 12.7.3.1).
type inherited struct {
	kind  any
	value any
	name  string
}

type fieldWalk struct {
	doc    *pdf.Document
	seen   map[pdf.Ref]bool
	values map[int]bool // offsets of /Contents: two fields may share one value
	count  int
	found  []*signed
}

func (w *fieldWalk) field(v any, in inherited, depth int) error {
	if w.count++; w.count > maxFields || depth > maxFieldDepth {
		return &pdf.Error{Kind: pdf.TooCostly, Detail: "the form has too many fields or nests them too deeply"}
	}
	ref, isRef := v.(pdf.Ref)
	if isRef {
		if w.seen[ref] {
			return nil
		}
		w.seen[ref] = true
	}
	dict, err := w.doc.ResolveDict(v, "a form field")
	if err != nil || dict == nil {
		return err
	}
	if kind := dict.Get("FT"); kind != nil {
		if in.kind, err = w.doc.Resolve(kind); err != nil {
			return err
		}
	}
	if value := dict.Get("V"); value != nil {
		in.value = value
	}
	if title, ok := dict.Get("T").(pdf.String); ok {
		in.name = strings.TrimPrefix(in.name+"."+text(title), ".")
	}
	kids, err := w.doc.ResolveArray(dict.Get("Kids"), "/Kids of a form field")
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := w.field(kid, in, depth+1); err != nil {
			return err
		}
	}
	if in.kind != pdf.Name("Sig") || in.value == nil || len(kids) > 0 && dict.Get("V") == nil {
		return nil
	}
	return w.signature(ref, in)
}

func (w *fieldWalk) signature(field pdf.Ref, in inherited) error {
	dict, err := w.doc.ResolveDict(in.value, "the value of a signature field")
	if err != nil || dict == nil {
		return err
	}
	s := &signed{name: in.name, ref: field, dict: dict}
	s.value, _ = in.value.(pdf.Ref)
	sub, _ := dict.Get("SubFilter").(pdf.Name)
	s.subFilter = string(sub)
	s.timeStamp = dict.Get("Type") == pdf.Name("DocTimeStamp") || s.subFilter == subFilterTimeStamp
	s.contents, _ = dict.Get("Contents").(pdf.String)
	if s.contents.Raw != nil && s.contents.Start >= 0 {
		if w.values[s.contents.Start] {
			return nil
		}
		w.values[s.contents.Start] = true
	}
	w.found = append(w.found, s)
	if len(w.found) > maxSignatures {
		return &pdf.Error{Kind: pdf.TooCostly, Detail: "the file has too many signatures"}
	}
	return nil
}

// text decodes a text string (ISO 32000-1, 7.9.2.2) far enough to show it.
func text(s pdf.String) string {
	b := s.Bytes()
	if len(b) > 1024 {
		b = b[:1024]
	}
	if len(b) >= 2 && b[0] == 0xFE && b[1] == 0xFF {
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
		}
		return string(utf16.Decode(units))
	}
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// ruleOf translates the reader's reasons.
func ruleOf(err error) (string, string, bool) {
	var e *pdf.Error
	if !errors.As(err, &e) {
		return "", "", false
	}
	switch e.Kind {
	case pdf.NotPDF:
		return RuleNotPDF, e.Detail, true
	case pdf.Encrypted:
		return RuleEncrypted, e.Detail, true
	case pdf.TooCostly:
		return RuleTooCostly, e.Detail, true
	}
	return RuleUnparsable, e.Detail, true
}
