// Package packed is the stored form of the documents of a report: JSON, compressed
// against a dictionary of what such documents say again and again. DynamoDB charges
// a write by the kilobyte of the whole item, and a state of a few kilobytes is
// written at every step of a report's life: packed, it is one. It imports the
// standard library only.
package packed

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A packed document begins with the number of its dictionary. What was packed
// under one must be read for ever: a better dictionary gets the next number, and
// the older ones stay. No JSON begins with such a byte.
const firstDictionary = 1

//go:embed dictionary1.txt
var dictionary1 []byte

// limit bounds what a document may unpack to: an item of DynamoDB has 400 KB, and
// what is no document of ours must not fill the memory.
const limit = 4 << 20

var writers = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(io.Discard, flate.BestCompression, dictionary1)
	if err != nil {
		panic(err) // the level is a constant that exists
	}
	return w
}}

// Pack gives the stored form of a document.
func Pack(document []byte) []byte {
	var out bytes.Buffer
	out.WriteByte(firstDictionary)
	w := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(document) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

var readers = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), dictionary1) }}

// Unpack gives the document of a stored form. One that was never packed is given
// as it is.
func Unpack(stored []byte) ([]byte, error) {
	switch {
	case len(stored) == 0:
		return nil, errors.New("unpacking a document: nothing is stored")
	case stored[0] >= ' ':
		return stored, nil
	case stored[0] != firstDictionary:
		return nil, fmt.Errorf("unpacking a document: there is no dictionary %d", stored[0])
	}
	r := readers.Get().(io.ReadCloser)
	defer readers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(stored[1:]), dictionary1); err != nil {
		return nil, fmt.Errorf("unpacking a document: %w", err)
	}
	document, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("unpacking a document: %w", err)
	}
	if len(document) > limit {
		return nil, errors.New("unpacking a document: it has no end")
	}
	return document, nil
}
