package signaturetest

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"unicode/utf16"

	"paht/shared/signature/internal/pdf"
)

// Form is how a PDF keeps its cross-reference.
type Form int

// The forms (ISO 32000-1, 7.5.4, 7.5.8, 7.5.7, 7.5.8.4).
const (
	Table         Form = iota
	XRefStream         // a compressed cross-reference stream with a predictor
	ObjectStreams      // the same, and most objects inside an object stream
	Hybrid             // a table, and a stream for what the table hides, as Word writes
)

// Document describes a PDF to be written.
type Document struct {
	Form  Form
	Title string
	Lines []string
	// Filler adds a stream of so many bytes that do not compress, as scans do.
	Filler int
}

// ResultPDF is a plausible result: one A4 page with a title and lines of text.
func ResultPDF(title string, lines []string) []byte {
	return Document{Title: title, Lines: lines}.Bytes()
}

// Bytes writes the document; the same document gives the same bytes.
func (d Document) Bytes() []byte {
	page := pageContent(d.Title, d.Lines)
	objects := []object{
		{body: "<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) /ViewerPreferences 6 0 R >>"},
		{body: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"},
		{body: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"},
		{dict: "/Filter /FlateDecode", stream: deflate(page)},
		{body: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"},
		{body: "<< /DisplayDocTitle true >>"},
		{body: "<< /Title " + string(appendValue(nil, utf16Text(d.Title))) + " /Producer (signaturetest) >>"},
	}
	if d.Filler > 0 {
		objects[2].body = objects[2].body[:len(objects[2].body)-2] + "/PieceInfo << /Scan << /LastModified (D:20240101) /Private 8 0 R >> >> >>"
		objects = append(objects, object{stream: noise(d.Filler)})
	}
	w := &writer{out: []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")}
	switch d.Form {
	case XRefStream:
		w.plain(objects, 1)
		w.stream(len(objects)+1, "")
	case ObjectStreams:
		w.packed(objects)
	case Hybrid:
		w.hybrid(objects)
	default:
		w.plain(objects, 1)
		w.table(len(objects)+1, "")
	}
	return w.out
}

type object struct {
	body   string
	dict   string
	stream []byte
}

// place is where an object stands: kind, offset or object stream, index.
type place struct{ kind, a, b int }

type writer struct {
	out    []byte
	places []place // places[0] is the free head
}

func (w *writer) set(num int, p place) {
	for len(w.places) <= num {
		w.places = append(w.places, place{})
	}
	w.places[num] = p
}

func (w *writer) object(num int, o object) {
	w.set(num, place{1, len(w.out), 0})
	if o.stream == nil {
		w.out = fmt.Appendf(w.out, "%d 0 obj\n%s\nendobj\n", num, o.body)
		return
	}
	w.out = fmt.Appendf(w.out, "%d 0 obj\n<< /Length %d %s >>\nstream\n", num, len(o.stream), o.dict)
	w.out = append(w.out, o.stream...)
	w.out = append(w.out, "\nendstream\nendobj\n"...)
}

func (w *writer) plain(objects []object, first int) {
	for i, o := range objects {
		w.object(first+i, o)
	}
}

func (w *writer) end(start int) { w.out = fmt.Appendf(w.out, "startxref\n%d\n%%%%EOF\n", start) }

// table writes a table of the plain objects; the others are free in it.
func (w *writer) table(size int, extra string) {
	start := len(w.out)
	w.out = fmt.Appendf(w.out, "xref\n0 %d\n0000000000 65535 f \n", size)
	for n := 1; n < size; n++ {
		if n < len(w.places) && w.places[n].kind == 1 {
			w.out = fmt.Appendf(w.out, "%010d 00000 n \n", w.places[n].a)
		} else {
			w.out = append(w.out, "0000000000 65535 f \n"...)
		}
	}
	w.out = fmt.Appendf(w.out, "trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R %s>>\n", size, extra)
	w.end(start)
}

// stream writes a cross-reference stream with the PNG predictor that most
// producers use.
func (w *writer) stream(num int, extra string) int {
	start := len(w.out)
	w.set(num, place{1, start, 0})
	var rows []byte
	prior := make([]byte, 7)
	for _, p := range w.places {
		row := []byte{byte(p.kind), byte(p.a >> 24), byte(p.a >> 16), byte(p.a >> 8), byte(p.a), byte(p.b >> 8), byte(p.b)}
		rows = append(rows, 2) // Up
		for i := range row {
			rows = append(rows, row[i]-prior[i])
		}
		prior = row
	}
	dict := fmt.Sprintf("/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Info 7 0 R /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >> %s", len(w.places), extra)
	w.object(num, object{dict: dict, stream: deflate(rows)})
	if extra == "" {
		w.end(start)
	}
	return start
}

// pack writes an object stream of the objects without a stream of their own and
// places the others plainly.
func (w *writer) pack(objects []object) {
	num := len(objects) + 1
	var head, body []byte
	index := 0
	for i, o := range objects {
		if o.stream != nil {
			w.object(i+1, o)
			continue
		}
		w.set(i+1, place{2, num, index})
		head = fmt.Appendf(head, "%d %d ", i+1, len(body))
		body = append(append(body, o.body...), '\n')
		index++
	}
	dict := fmt.Sprintf("/Type /ObjStm /N %d /First %d /Filter /FlateDecode", index, len(head))
	w.object(num, object{dict: dict, stream: deflate(append(head, body...))})
}

func (w *writer) packed(objects []object) {
	w.pack(objects)
	w.stream(len(objects)+2, "")
}

// hybrid is packed for readers that know object streams, under a table for
// those that do not: as Word writes it, in two sections, the newer of which has
// an empty table and names the stream.
func (w *writer) hybrid(objects []object) {
	w.object(1, objects[0])
	catalogue := w.places[1]
	w.pack(objects)
	w.set(1, catalogue)
	at := w.stream(len(objects)+2, " ")
	start := len(w.out)
	w.table(len(objects)+3, "")
	newer := len(w.out)
	w.out = fmt.Appendf(w.out, "xref\n0 0\ntrailer\n<< /Size %d /Root 1 0 R /Info 7 0 R /Prev %d /XRefStm %d >>\n", len(objects)+3, start, at)
	w.end(newer)
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	// Writing to a buffer does not fail.
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// noise is the same incompressible bytes each time (xorshift).
func noise(n int) []byte {
	out := make([]byte, n)
	x := uint64(0x9e3779b97f4a7c15)
	for i := range out {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		out[i] = byte(x)
	}
	return out
}

// utf16Text is a text string in UTF-16 (ISO 32000-1, 7.9.2.2), as a hexadecimal
// string.
func utf16Text(s string) pdf.String {
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return pdf.String{Raw: fmt.Appendf(nil, "<%s>", hex.EncodeToString(b)), Start: -1, End: -1}
}
