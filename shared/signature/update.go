package signature

import (
	"context"
	"slices"

	"paht/shared/signature/internal/pdf"
)

// checkUpdate names what follows the last signature. An update that only adds
// validation data (ETSI EN 319 142-1, 5.4: DSS and VRI dictionaries, a document
// time stamp) changes nothing that a reader sees; any other could change
// everything, and ready-made verifiers do not notice it.
func (v *verification) checkUpdate(ctx context.Context, last *signed, stamps []*signed) error {
	reason, err := v.beyondValidation(ctx, last, stamps)
	switch {
	case err != nil:
		return err
	case reason != "":
		v.findings.add(RuleUpdated, "the file goes on for %d bytes after the last signature: %s", len(v.data)-last.end, reason)
	case !v.policy.AllowValidationData:
		v.findings.add(RuleValidationData, "validation data or a document time stamp was added after the last signature")
	default:
		v.evidence.ValidationData = true
	}
	return nil
}

// beyondValidation says what about the update is more than validation data, ""
// if nothing is.
func (v *verification) beyondValidation(ctx context.Context, last *signed, stamps []*signed) (string, error) {
	sections, ok := v.doc.RevisionEnds(last.end)
	newer := v.doc.Sections[:len(v.doc.Sections)-len(sections)]
	if _, whole := v.doc.RevisionEnds(len(v.data)); !ok || !whole || len(newer) == 0 {
		return "what follows is not a revision of the document", nil
	}
	before, err := pdf.Open(v.data[:last.end])
	if err != nil {
		return "", err
	}
	u := &update{before: before, after: v.doc, stamps: map[pdf.Ref]bool{}, stampValues: map[uint32]bool{}}
	for _, s := range stamps {
		if s.contents.Start >= last.end {
			u.stamps[s.ref] = true
			u.stampValues[s.value.Num] = true
		}
	}
	if u.data, err = dssObjects(u.after); err != nil {
		return "", err
	}
	if u.dataBefore, err = dssObjects(u.before); err != nil {
		return "", err
	}
	if u.named, err = before.Referenced(ctx); err != nil {
		return "", err
	}
	if u.reached, err = v.doc.Referenced(ctx); err != nil {
		return "", err
	}
	for _, s := range newer {
		if !pdf.Equal(s.Trailer.Get("Root"), before.Trailer.Get("Root")) || !pdf.Equal(s.Trailer.Get("Info"), before.Trailer.Get("Info")) {
			return "it names another catalogue or other information", nil
		}
		for _, num := range s.Objects {
			if err := ctx.Err(); err != nil {
				return "", err
			}
			allowed, err := u.allows(num)
			if err != nil {
				return "", err
			}
			if !allowed {
				return "it changes or adds objects other than validation data", nil
			}
		}
	}
	if !u.adds {
		return "it adds neither validation data nor a document time stamp", nil
	}
	return "", nil
}

// update compares the document as it was signed with the document as it is.
type update struct {
	before, after *pdf.Document
	// data and dataBefore are the objects of the DSS now and then.
	data, dataBefore map[uint32]bool
	// named are the objects that the signed document refers to, there or not.
	// reached are those that the document refers to now.
	named, reached map[uint32]struct{}
	// adds tells that validation data or a time stamp was found.
	adds bool
	// stamps are the fields of document time stamps added since, stampValues the
	// objects of their signature dictionaries.
	stamps      map[pdf.Ref]bool
	stampValues map[uint32]bool
}

// allows reports whether the change of one object is what adding validation
// data needs.
func (u *update) allows(num uint32) (bool, error) {
	if !u.after.Known(num) {
		// Freed: harmless only if there was nothing before.
		return !u.before.Known(num), nil
	}
	now, err := u.after.Object(num)
	if err != nil {
		return false, err
	}
	if !u.before.Known(num) {
		return u.allowsNew(num, now), nil
	}
	was, err := u.before.Object(num)
	if err != nil {
		return false, err
	}
	return u.allowsChange(num, was, now), nil
}

// allowsNew takes parts of the DSS, time stamps with their fields, and what
// nothing refers to: the streams that hold objects among them.
func (u *update) allowsNew(num uint32, v any) bool {
	if _, ok := u.named[num]; ok {
		// The signed document waits for this object: filling it in changes what
		// the document shows.
		return false
	}
	if u.data[num] || u.stampValues[num] {
		u.adds = true
		return true
	}
	if _, ok := u.reached[num]; !ok {
		// Some tools leave behind what nothing refers to; nothing shows it.
		return true
	}
	for ref := range u.stamps {
		if ref.Num == num {
			return invisible(v)
		}
	}
	return false
}

// invisible reports whether a field of a document time stamp shows nothing and
// does nothing: a visible one could cover the page. Without an appearance a
// signature field is not drawn, whatever its rectangle.
func invisible(v any) bool {
	field, ok := v.(pdf.Dict)
	if !ok || field.Repeats() {
		return false
	}
	for _, key := range []pdf.Name{"AP", "MK", "BS", "A", "AA", "Kids"} {
		if field.Get(key) != nil {
			return false
		}
	}
	return true
}

// allowsChange takes an object that is the same, a catalogue that gained /DSS,
// a form, its list of fields, a page or its list of annotations that gained the
// fields of time stamps. What is found at an object's number is compared as a
// whole, so that a part of one kind cannot pass for another.
func (u *update) allowsChange(num uint32, was, now any) bool {
	if pdf.Equal(was, now) || u.data[num] && u.dataBefore[num] {
		return true
	}
	if a, ok := was.(pdf.Array); ok {
		b, ok := now.(pdf.Array)
		return ok && u.gained(a, b)
	}
	a, okA := was.(pdf.Dict)
	b, okB := now.(pdf.Dict)
	if !okA || !okB || a.Repeats() || b.Repeats() {
		return false
	}
	root, _ := u.before.Trailer.Get("Root").(pdf.Ref)
	switch {
	case root.Num == num:
		return sameBut(a, b, func(key pdf.Name, x, y any) bool {
			switch key {
			case "DSS", "Extensions":
				return true
			case "AcroForm":
				return u.formGained(x, y)
			}
			return false
		})
	case a.Get("Type") == pdf.Name("Page"):
		return sameBut(a, b, func(key pdf.Name, x, y any) bool { return key == "Annots" && u.listGained(x, y) })
	case u.isForm(num):
		return u.formGained(a, b)
	}
	return false
}

func (u *update) isForm(num uint32) bool {
	root, err := u.before.ResolveDict(u.before.Trailer.Get("Root"), "the catalogue")
	if err != nil {
		return false
	}
	form, _ := root.Get("AcroForm").(pdf.Ref)
	return form.Num == num && num != 0
}

// sameBut compares two dictionaries; may decides about the keys that differ.
func sameBut(was, now pdf.Dict, may func(key pdf.Name, was, now any) bool) bool {
	var keys []pdf.Name
	for _, e := range slices.Concat(was, now) {
		if !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
		}
		if len(keys) > 1000 {
			return false
		}
	}
	for _, key := range keys {
		if x, y := was.Get(key), now.Get(key); !pdf.Equal(x, y) && !may(key, x, y) {
			return false
		}
	}
	return true
}

// formGained compares two forms, either of which may be an object of its own.
func (u *update) formGained(was, now any) bool {
	if _, ok := was.(pdf.Ref); ok {
		return pdf.Equal(was, now)
	}
	a, okA := was.(pdf.Dict)
	b, okB := now.(pdf.Dict)
	return okA && okB && sameBut(a, b, func(key pdf.Name, x, y any) bool {
		return key == "SigFlags" || key == "Fields" && u.listGained(x, y)
	})
}

func (u *update) listGained(was, now any) bool {
	a, okA := was.(pdf.Array)
	b, okB := now.(pdf.Array)
	return (okA || was == nil) && okB && u.gained(a, b)
}

// gained reports whether now is was with nothing but fields of time stamps after
// it.
func (u *update) gained(was, now pdf.Array) bool {
	if len(now) < len(was) || !pdf.Equal(was, now[:len(was)]) {
		return false
	}
	for _, v := range now[len(was):] {
		ref, ok := v.(pdf.Ref)
		if !ok || !u.stamps[ref] {
			return false
		}
	}
	return true
}

// dssKeys are the keys of DSS and VRI dictionaries (ETSI EN 319 142-1, 5.4.2).
var dssKeys = []pdf.Name{"Type", "VRI", "Certs", "CRLs", "OCSPs", "Cert", "CRL", "OCSP", "TU", "TS"}

// dssObjects collects the objects of a document's DSS: dictionaries and arrays of
// its own keys that end in streams. An object that holds anything else is not
// one of them, whatever refers to it.
func dssObjects(doc *pdf.Document) (map[uint32]bool, error) {
	root, err := doc.ResolveDict(doc.Trailer.Get("Root"), "the catalogue")
	if err != nil {
		return nil, err
	}
	c := dssWalk{doc: doc, found: map[uint32]bool{}}
	return c.found, c.collect(root.Get("DSS"), 0)
}

type dssWalk struct {
	doc   *pdf.Document
	found map[uint32]bool
}

func (c *dssWalk) collect(v any, depth int) error {
	ref, isRef := v.(pdf.Ref)
	if depth > 6 || isRef && c.found[ref.Num] {
		return nil
	}
	v, err := c.doc.Resolve(v)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case pdf.Stream:
	case pdf.Array:
		for _, e := range x {
			if err := c.collect(e, depth+1); err != nil {
				return err
			}
		}
	case pdf.Dict:
		for _, e := range x {
			// The keys of /VRI are digests of signatures, forty hexadecimal digits.
			if !slices.Contains(dssKeys, e.Key) && len(e.Key) != 40 {
				return nil
			}
			if err := c.collect(e.Value, depth+1); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	if isRef {
		c.found[ref.Num] = true
	}
	return nil
}
