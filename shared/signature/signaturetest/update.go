package signaturetest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"sort"

	"paht/shared/signature/internal/pdf"
)

// update is an incremental update of a PDF (ISO 32000-1, 7.5.6), written with
// the kind of cross-reference that the file already uses.
type update struct {
	doc     *pdf.Document
	out     []byte
	offsets map[uint32]int
	next    uint32
}

func newUpdate(base []byte) (*update, error) {
	doc, err := pdf.Open(base)
	if err != nil {
		return nil, fmt.Errorf("updating a PDF: %w", err)
	}
	size, ok := doc.Trailer.Get("Size").(int64)
	if !ok {
		return nil, fmt.Errorf("updating a PDF: the trailer has no /Size")
	}
	u := &update{doc: doc, offsets: map[uint32]int{}, next: uint32(size)}
	u.out = append(make([]byte, 0, len(base)+1<<16), base...)
	if n := len(base); base[n-1] != '\n' {
		u.out = append(u.out, '\n')
	}
	return u, nil
}

func (u *update) allocate() uint32 {
	u.next++
	return u.next - 1
}

// put writes an object and returns where its body begins.
func (u *update) put(num uint32, body []byte) int {
	u.offsets[num] = len(u.out)
	u.out = fmt.Appendf(u.out, "%d 0 obj\n", num)
	start := len(u.out)
	u.out = append(u.out, body...)
	u.out = append(u.out, "\nendobj\n"...)
	return start
}

func (u *update) putValue(num uint32, v any) { u.put(num, appendValue(nil, v)) }

// finish writes the cross-reference and the trailer.
func (u *update) finish() []byte {
	numbers := make([]int, 0, len(u.offsets))
	for n := range u.offsets {
		numbers = append(numbers, int(n))
	}
	sort.Ints(numbers)
	start := len(u.out)
	trailer := pdf.Dict{{Key: "Root", Value: u.doc.Trailer.Get("Root")}, {Key: "Prev", Value: int64(u.doc.Sections[0].Offset)}}
	if info := u.doc.Trailer.Get("Info"); info != nil {
		trailer = append(trailer, pdf.Entry{Key: "Info", Value: info})
	}
	if u.doc.Trailer.Get("Type") == pdf.Name("XRef") {
		num := u.allocate()
		u.offsets[num] = start
		numbers = append(numbers, int(num))
		u.out = append(u.out, xrefStream(num, trailer, numbers, u.offsets, u.next)...)
	} else {
		u.out = append(u.out, "xref\n"...)
		for _, n := range numbers {
			u.out = fmt.Appendf(u.out, "%d 1\n%010d 00000 n \n", n, u.offsets[uint32(n)])
		}
		trailer = append(trailer, pdf.Entry{Key: "Size", Value: int64(u.next)})
		u.out = append(append(u.out, "trailer\n"...), appendValue(nil, trailer)...)
		u.out = append(u.out, '\n')
	}
	u.out = fmt.Appendf(u.out, "startxref\n%d\n%%%%EOF\n", start)
	return u.out
}

// xrefStream writes an uncompressed cross-reference stream of plain objects.
func xrefStream(num uint32, trailer pdf.Dict, numbers []int, offsets map[uint32]int, size uint32) []byte {
	var rows []byte
	index := pdf.Array{}
	for _, n := range numbers {
		index = append(index, int64(n), int64(1))
		at := offsets[uint32(n)]
		rows = append(rows, 1, byte(at>>24), byte(at>>16), byte(at>>8), byte(at), 0, 0)
	}
	dict := append(pdf.Dict{
		{Key: "Type", Value: pdf.Name("XRef")},
		{Key: "W", Value: pdf.Array{int64(1), int64(4), int64(2)}},
		{Key: "Index", Value: index},
		{Key: "Size", Value: int64(size)},
		{Key: "Length", Value: int64(len(rows))},
	}, trailer...)
	return streamObject(num, dict, rows)
}

func streamObject(num uint32, dict pdf.Dict, body []byte) []byte {
	out := fmt.Appendf(nil, "%d 0 obj\n", num)
	out = appendValue(out, dict)
	out = append(out, "\nstream\n"...)
	out = append(out, body...)
	return append(out, "\nendstream\nendobj\n"...)
}

// appendValue writes a value as PDF.
func appendValue(b []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(b, "null"...)
	case pdf.Name:
		return append(append(b, '/'), x...)
	case pdf.Ref:
		return fmt.Appendf(b, "%d %d R", x.Num, x.Gen)
	case pdf.String:
		return append(b, x.Raw...)
	case string:
		b = append(b, '<')
		b = hex.AppendEncode(b, []byte(x))
		return append(b, '>')
	case pdf.Array:
		b = append(b, '[')
		for i, e := range x {
			if i > 0 {
				b = append(b, ' ')
			}
			b = appendValue(b, e)
		}
		return append(b, ']')
	case pdf.Dict:
		b = append(b, "<<"...)
		for _, e := range x {
			b = append(append(append(b, ' ', '/'), e.Key...), ' ')
			b = appendValue(b, e.Value)
		}
		return append(b, " >>"...)
	default:
		return fmt.Appendf(b, "%v", x)
	}
}

// with returns the dictionary with one key set.
func with(d pdf.Dict, key pdf.Name, value any) pdf.Dict {
	out := make(pdf.Dict, 0, len(d)+1)
	for _, e := range d {
		if e.Key != key {
			out = append(out, e)
		}
	}
	return append(out, pdf.Entry{Key: key, Value: value})
}

// Append adds an incremental update that replaces or adds one object: what
// somebody does who changes a document after it was signed. A number of 0 takes
// the next free one.
func Append(base []byte, num uint32, body string) ([]byte, error) {
	u, err := newUpdate(base)
	if err != nil {
		return nil, err
	}
	if num == 0 {
		num = u.allocate()
	}
	u.put(num, []byte(body))
	return u.finish(), nil
}

// AddValidationData adds a DSS with the authority's certificates (ETSI EN 319
// 142-1, 5.4.2), as tools for long-term validation do after signing.
func (a *Authority) AddValidationData(base []byte) ([]byte, error) {
	u, err := newUpdate(base)
	if err != nil {
		return nil, err
	}
	root, catalogue, err := u.catalogue()
	if err != nil {
		return nil, err
	}
	certs := pdf.Array{}
	for _, c := range []*Signer{a.root, a.issuer} {
		num := u.allocate()
		dict := pdf.Dict{{Key: "Length", Value: int64(len(c.Certificate.Raw))}}
		u.offsets[num] = len(u.out)
		u.out = append(u.out, streamObject(num, dict, c.Certificate.Raw)...)
		certs = append(certs, pdf.Ref{Num: num})
	}
	dss := u.allocate()
	u.putValue(dss, pdf.Dict{{Key: "Type", Value: pdf.Name("DSS")}, {Key: "Certs", Value: certs}})
	u.putValue(root, with(catalogue, "DSS", pdf.Ref{Num: dss}))
	return u.finish(), nil
}

func (u *update) catalogue() (uint32, pdf.Dict, error) {
	root, ok := u.doc.Trailer.Get("Root").(pdf.Ref)
	dict, err := u.doc.ResolveDict(u.doc.Trailer.Get("Root"), "the catalogue")
	if err != nil || !ok || dict == nil {
		return 0, nil, fmt.Errorf("updating a PDF: it has no catalogue (%w)", err)
	}
	return root.Num, dict, nil
}

// firstPage returns the number and the dictionary of the first page.
func (u *update) firstPage(catalogue pdf.Dict) (uint32, pdf.Dict, error) {
	v := catalogue.Get("Pages")
	for range 16 {
		ref, ok := v.(pdf.Ref)
		node, err := u.doc.ResolveDict(v, "a page")
		if err != nil || !ok || node == nil {
			break
		}
		kids, err := u.doc.ResolveArray(node.Get("Kids"), "/Kids")
		if err != nil {
			break
		}
		if len(kids) == 0 {
			return ref.Num, node, nil
		}
		v = kids[0]
	}
	return 0, nil, fmt.Errorf("updating a PDF: it has no first page")
}

// fill writes text over a placeholder of the same length or longer.
func fill(out []byte, at int, placeholder, text string) error {
	if len(text) > len(placeholder) || !bytes.HasPrefix(out[at:], []byte(placeholder)) {
		return fmt.Errorf("filling in a signature: %d bytes do not fit in %d", len(text), len(placeholder))
	}
	copy(out[at:], text)
	for i := at + len(text); i < at+len(placeholder); i++ {
		out[i] = ' '
	}
	return nil
}
