package signaturetest

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"paht/shared/signature/internal/pdf"
)

// Options say how a PDF is signed. Only At must be set.
type Options struct {
	At        time.Time
	SubFilter string      // adbe.pkcs7.detached if empty
	Hash      crypto.Hash // SHA-256 if 0
	Field     string      // the name of the field; made up if empty
	Reason    string
	// TimeStamp, if set, is the time of a signature time stamp by TimeStampBy, or
	// by the signer's own authority.
	TimeStamp   time.Time
	TimeStampBy *Authority
	// NoSigningTime leaves the signed attribute out, NoDictionaryTime also /M.
	NoSigningTime    bool
	NoDictionaryTime bool
	// BER writes indefinite lengths, as some signers do.
	BER bool
	// Range alters /ByteRange before signing; the signature is made over what it
	// then says.
	Range func([4]int) [4]int
	// Room is the size of the gap in bytes of signature; 12,000 if 0.
	Room int
}

const rangePlaceholder = "[0 0000000000 0000000000 0000000000]"

// SignPDF adds a signature as an incremental update.
func SignPDF(base []byte, s *Signer, o Options) ([]byte, error) {
	if o.SubFilter == "" {
		o.SubFilter = "adbe.pkcs7.detached"
	}
	if o.Hash == 0 {
		o.Hash = crypto.SHA256
	}
	dict := fmt.Sprintf("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s", o.SubFilter)
	if !o.NoDictionaryTime {
		local := o.At.In(time.FixedZone("", 7*3600))
		dict += fmt.Sprintf(" /M (D:%s+07'00')", local.Format("20060102150405"))
	}
	if o.Reason != "" {
		dict += " /Reason " + string(appendValue(nil, utf16Text(o.Reason)))
	}
	return addSignature(base, dict, o, func(parts ...[]byte) ([]byte, error) {
		m := message{contentType: oidData, detached: parts, hash: o.Hash, at: o.At, ber: o.BER}
		if o.NoSigningTime || o.NoDictionaryTime {
			m.at = time.Time{}
		}
		if !o.TimeStamp.IsZero() {
			by := o.TimeStampBy
			if by == nil {
				by = s.authority
			}
			m.unsigned = func(signature []byte) ([]byte, error) {
				token, err := by.TimeStamp(o.TimeStamp, signature)
				return attribute(oidTimeStamp, token), err
			}
		}
		return s.sign(m)
	})
}

// AddDocumentTimeStamp adds a document time stamp (ETSI EN 319 142-1, 5.4.3).
func (a *Authority) AddDocumentTimeStamp(base []byte, at time.Time) ([]byte, error) {
	dict := "<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161"
	return addSignature(base, dict, Options{At: at}, func(parts ...[]byte) ([]byte, error) {
		return a.TimeStamp(at, parts...)
	})
}

// addSignature writes field, value and the changed catalogue and page, then has
// the covered bytes signed and fills the signature in. dict is the value without
// its end.
func addSignature(base []byte, dict string, o Options, sign func(...[]byte) ([]byte, error)) ([]byte, error) {
	u, err := newUpdate(base)
	if err != nil {
		return nil, err
	}
	room := o.Room
	if room == 0 {
		room = 12_000
	}
	value := u.allocate()
	if err := u.addField(o.Field, pdf.Ref{Num: value}); err != nil {
		return nil, err
	}
	contents := "<" + strings.Repeat("00", room) + ">"
	start := u.put(value, []byte(dict+" /ByteRange "+rangePlaceholder+" /Contents "+contents+" >>"))
	out := u.finish()
	rangeAt := start + bytes.Index(out[start:], []byte(rangePlaceholder))
	gap := start + bytes.Index(out[start:], []byte(contents))
	gapEnd := gap + len(contents)
	r := [4]int{0, gap, gapEnd, len(out) - gapEnd}
	if o.Range != nil {
		r = o.Range(r)
	}
	if err := fill(out, rangeAt, rangePlaceholder, fmt.Sprintf("[%d %d %d %d]", r[0], r[1], r[2], r[3])); err != nil {
		return nil, err
	}
	token, err := sign(out[r[0]:r[0]+r[1]], out[r[2]:r[2]+r[3]])
	if err != nil {
		return nil, err
	}
	if len(token) > room {
		return nil, fmt.Errorf("signing a PDF: the signature has %d bytes, more than the room of %d", len(token), room)
	}
	hex.Encode(out[gap+1:], token)
	return out, nil
}

// addField adds an invisible signature field to the form and to the first page.
func (u *update) addField(name string, value pdf.Ref) error {
	root, catalogue, err := u.catalogue()
	if err != nil {
		return err
	}
	pageNum, page, err := u.firstPage(catalogue)
	if err != nil {
		return err
	}
	form, err := u.doc.ResolveDict(catalogue.Get("AcroForm"), "the form")
	if err != nil {
		return err
	}
	fields, err := u.doc.ResolveArray(form.Get("Fields"), "/Fields")
	if err != nil {
		return err
	}
	annots, err := u.doc.ResolveArray(page.Get("Annots"), "/Annots")
	if err != nil {
		return err
	}
	if name == "" {
		name = fmt.Sprintf("Signature%d", len(fields)+1)
	}
	field := pdf.Ref{Num: u.allocate()}
	zero := int64(0)
	u.putValue(field.Num, pdf.Dict{
		{Key: "Type", Value: pdf.Name("Annot")}, {Key: "Subtype", Value: pdf.Name("Widget")},
		{Key: "FT", Value: pdf.Name("Sig")}, {Key: "T", Value: utf16Text(name)}, {Key: "V", Value: value},
		{Key: "Rect", Value: pdf.Array{zero, zero, zero, zero}}, {Key: "F", Value: int64(132)},
		{Key: "P", Value: pdf.Ref{Num: pageNum}},
	})
	form = with(with(form, "Fields", append(fields[:len(fields):len(fields)], field)), "SigFlags", int64(3))
	u.putValue(root, with(catalogue, "AcroForm", form))
	u.putValue(pageNum, with(page, "Annots", append(annots[:len(annots):len(annots)], field)))
	return nil
}
