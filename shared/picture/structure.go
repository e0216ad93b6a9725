package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// brokenOr tells a file that ends too early from one that is broken.
func brokenOr(err error) Reason {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return Truncated
	}
	return NotAnImage
}

// orientationOf reads tag 0x0112 of the first directory of a TIFF structure
// (Exif 3.0, section 4.6.5.1); 0 when it is missing or makes no sense.
func orientationOf(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	count := int64(order.Uint16(tiff[at:]))
	for i := range count {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) != 0x0112 {
			continue
		}
		const short = 3
		value := int(order.Uint16(tiff[entry+8:]))
		if order.Uint16(tiff[entry+2:]) != short || value < 1 || value > 8 {
			return 0
		}
		return value
	}
	return 0
}

// pdfWithin knows a PDF header where readers still look for it: within the first
// 1,024 bytes (ISO 32000-1, annex H.3, implementation note 13).
func pdfWithin(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-"))
}

// archiveAtEnd knows a ZIP archive, which is read from its end: an end record in
// the last 64 KiB, and right before it the directory whose size it names
// (APPNOTE.TXT, section 4.3.16). JAR, DOCX and APK are such archives.
func archiveAtEnd(data []byte) bool {
	const record, longest = 22, 22 + 65535
	for at := len(data) - record; at >= max(0, len(data)-longest); at-- {
		if string(data[at:at+4]) != "PK\x05\x06" {
			continue
		}
		directory := int64(at) - int64(binary.LittleEndian.Uint32(data[at+12:]))
		if directory >= 0 && bytes.HasPrefix(data[directory:], []byte("PK\x01\x02")) {
			return true
		}
	}
	return false
}

// allowance is how much of anything may follow a picture: old programs leave a
// record behind, and no file of use fits in it.
const allowance = 512

// unpadded cuts off the bytes with which cameras fill up.
func unpadded(rest []byte) []byte {
	for i, b := range rest {
		switch b {
		case 0x00, 0xFF, '\r', '\n', '\t', ' ':
		default:
			return rest[i:]
		}
	}
	return nil
}
