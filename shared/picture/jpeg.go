package picture

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markSOF0, markSOF2 = 0xC0, 0xC2
	markRST0, markRST7 = 0xD0, 0xD7
	markSOI, markEOI   = 0xD8, 0xD9
	markSOS            = 0xDA
	markAPP1           = 0xE1
	markAPP14          = 0xEE
)

// maxScans bounds the scans of a progressive file: each costs time in the size
// of the whole picture, however few bytes it has.
const maxScans = 100

// segments is what a walk over one JPEG shows.
type segments struct {
	end         int // just after the end of the image
	scans       int
	progressive bool
	samples     int64 // of all components, padded to whole blocks
	converted   bool  // the decoder makes a second picture of four bytes a pixel
	orientation int
}

func surveyJPEG(data []byte) (found, Reason) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return found{}, brokenOr(err)
	}
	s, ok := walkJPEG(data, 2)
	if !ok {
		return found{}, Truncated
	}
	if s.scans == 0 || s.scans > maxScans {
		return found{}, NotAnImage
	}
	if !cameraTrailer(data[s.end:]) {
		return found{}, Polyglot
	}
	f := found{kind: typeJPEG, width: config.Width, height: config.Height, orientation: s.orientation, memory: s.samples}
	if s.progressive {
		// The decoder keeps every coefficient, in four bytes, until the end.
		f.memory += 4 * s.samples
	}
	if s.converted {
		f.memory += 4 * int64(config.Width) * int64(config.Height)
	}
	return f, Taken
}

// walkJPEG walks from marker to marker, beginning after the start of the image,
// as leniently as the decoder does; false when the file ends before its
// end-of-image marker.
func walkJPEG(data []byte, i int) (segments, bool) {
	var s segments
	for {
		for i < len(data) && data[i] != 0xFF {
			i++
		}
		for i < len(data) && data[i] == 0xFF {
			i++
		}
		if i >= len(data) {
			return s, false
		}
		marker := data[i]
		i++
		switch {
		case marker == 0 || marker >= markRST0 && marker <= markRST7:
			continue
		case marker == markEOI:
			s.end = i
			return s, true
		}
		if i+2 > len(data) {
			return s, false
		}
		length := int(binary.BigEndian.Uint16(data[i:]))
		if length < 2 || i+length > len(data) {
			return s, false
		}
		s.segment(marker, data[i+2:i+length])
		i += length
	}
}

func (s *segments) segment(marker byte, body []byte) {
	switch {
	case marker >= markSOF0 && marker <= markSOF2:
		s.progressive = s.progressive || marker == markSOF2
		s.samples = max(s.samples, samples(body))
		// Four components are CMYK; three that are named so are RGB.
		s.converted = s.converted || len(body) >= 18 || len(body) >= 15 && body[6] == 'R' && body[9] == 'G' && body[12] == 'B'
	case marker == markSOS:
		s.scans++
	case marker == markAPP14:
		// Adobe's segment: transform 0 of three components is RGB.
		s.converted = s.converted || len(body) >= 12 && body[11] == 0
	case marker == markAPP1 && s.orientation == 0:
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
			s.orientation = orientationOf(tiff)
		}
	}
}

// samples counts what the decoder lays out for a frame header: each component in
// whole minimum coded units (T.81, A.2).
func samples(sof []byte) int64 {
	if len(sof) < 6 {
		return 0
	}
	height, width := int64(binary.BigEndian.Uint16(sof[1:])), int64(binary.BigEndian.Uint16(sof[3:]))
	components := sof[6:]
	var high, wide, blocks int64 = 1, 1, 0
	for i := 0; i+3 <= len(components); i += 3 {
		h, v := int64(components[i+1]>>4), int64(components[i+1]&15)
		wide, high, blocks = max(wide, h), max(high, v), blocks+h*v
	}
	across, down := (width+8*wide-1)/(8*wide), (height+8*high-1)/(8*high)
	return across * down * blocks * 64
}

// maxImages bounds the further images of one file.
const maxImages = 16

// cameraTrailer tells whether what follows the end of the image is what cameras
// put there: next to nothing, padding, further JPEG images (CIPA DC-007, gain maps), the
// film of a motion photo, or Samsung's own records. Anything else is another
// file in a picture's clothes.
func cameraTrailer(rest []byte) bool {
	for range maxImages {
		body := unpadded(rest)
		if len(body) <= allowance || samsungRecords(body) || film(rest, len(rest)-len(body)) {
			return true
		}
		// The first byte of the next image's marker went with the padding.
		if body[0] != markSOI {
			return false
		}
		s, ok := walkJPEG(body, 1)
		if !ok {
			return false
		}
		rest = body[s.end:]
	}
	return false
}

// samsungRecords knows a trailer that ends with its own directory: "SEFH",
// entries, their length in little endian, "SEFT".
func samsungRecords(rest []byte) bool {
	n := len(rest)
	if n < 20 || string(rest[n-4:]) != "SEFT" {
		return false
	}
	length := int64(binary.LittleEndian.Uint32(rest[n-8:]))
	at := int64(n) - 8 - length
	return at >= 0 && length >= 12 && string(rest[at:at+4]) == "SEFH"
}

// film knows an MP4 that begins where the padding ends, give or take its first
// size's zeros, and whose boxes fill the rest to its last byte (ISO/IEC 14496-12,
// section 4.2).
func film(rest []byte, padded int) bool {
	at := bytes.Index(rest[padded:min(len(rest), padded+8)], []byte("ftyp"))
	if at < 0 || padded+at < 4 {
		return false
	}
	for rest = rest[padded+at-4:]; len(rest) > 0; {
		if len(rest) < 8 {
			return false
		}
		size := uint64(binary.BigEndian.Uint32(rest))
		switch {
		case size == 0:
			return true
		case size == 1 && len(rest) >= 16:
			size = binary.BigEndian.Uint64(rest[8:])
		}
		if size < 8 || size > uint64(len(rest)) {
			return false
		}
		rest = rest[size:]
	}
	return true
}
