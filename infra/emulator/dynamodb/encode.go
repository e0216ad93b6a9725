package dynamodb

import (
	"encoding/binary"
	"unsafe"
)

// Items are stored in a form of their own: the size that the service would charge, then the attributes in order of
// their names, each length before its bytes. It is about half of the JSON, and reading it back costs one string that
// every name and text of the item is a part of.

func encodeItem(it item) []byte {
	size := it.size()
	dst := make([]byte, 0, size+size/4+16)
	dst = binary.AppendUvarint(dst, uint64(size))
	return appendItem(dst, it)
}

func appendItem(dst []byte, it item) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(it)))
	for i := range it {
		dst = appendText(dst, it[i].name)
		dst = appendValue(dst, &it[i].value)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendValue(dst []byte, v *value) []byte {
	dst = append(dst, byte(v.kind))
	switch v.kind {
	case kindM:
		return appendItem(dst, v.fields)
	case kindL:
		dst = binary.AppendUvarint(dst, uint64(len(v.list)))
		for i := range v.list {
			dst = appendValue(dst, &v.list[i])
		}
		return dst
	case kindSS, kindNS, kindBS:
		dst = binary.AppendUvarint(dst, uint64(len(v.list)))
		for i := range v.list {
			dst = appendText(dst, v.list[i].text)
		}
		return dst
	}
	return appendText(dst, v.text)
}

// encodedSize returns the charged size that stands before an encoded item.
func encodedSize(b []byte) int {
	n, _ := binary.Uvarint(b)
	return int(n)
}

// decodeItem copies the bytes once and hands out parts of the copy, so the item may outlive the transaction.
func decodeItem(b []byte) item {
	if b == nil {
		return nil
	}
	d := decoder{s: string(b)}
	d.uint()
	return d.item()
}

// A decoder reads what encodeItem wrote; the bytes come from the store and are trusted.
type decoder struct {
	s string
	i int
}

func (d *decoder) uint() int {
	var n, shift uint
	for {
		c := d.s[d.i]
		d.i++
		n |= uint(c&0x7F) << shift
		if c < 0x80 {
			return int(n)
		}
		shift += 7
	}
}

func (d *decoder) text() string {
	n := d.uint()
	d.i += n
	return d.s[d.i-n : d.i]
}

func (d *decoder) item() item {
	it := make(item, d.uint())
	for i := range it {
		it[i].name = d.text()
		it[i].value = d.value()
	}
	return it
}

func (d *decoder) value() value {
	v := value{kind: kind(d.s[d.i])}
	d.i++
	switch v.kind {
	case kindM:
		v.fields = d.item()
	case kindL:
		v.list = make([]value, d.uint())
		for i := range v.list {
			v.list[i] = d.value()
		}
	case kindSS, kindNS, kindBS:
		v.list = make([]value, d.uint())
		for i := range v.list {
			v.list[i] = value{kind: v.kind.element(), text: d.text()}
		}
	default:
		v.text = d.text()
	}
	return v
}

// borrowItem decodes without a copy: the item is good only as long as the bytes are, that is inside the transaction.
func borrowItem(b []byte) item {
	d := decoder{s: unsafe.String(unsafe.SliceData(b), len(b))}
	d.uint()
	return d.item()
}
