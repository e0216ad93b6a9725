// Package picture judges an uploaded photo by its bytes and makes the copies of
// it that people see: upright, without metadata, of bounded size. What the name
// or the client says of a file counts for nothing. It is pure, and imports the
// standard library and the type detection only.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Reason is why a file is not taken; a stable code, "" for none.
type Reason string

// The reasons.
const (
	Taken         Reason = ""
	WrongSize     Reason = "wrong_size"      // another length than announced
	WrongChecksum Reason = "wrong_checksum"  // another SHA-256 than announced
	WrongType     Reason = "wrong_type"      // a picture of another type than announced
	NotAnImage    Reason = "not_an_image"    // no picture, or one that cannot be decoded
	TooManyPixels Reason = "too_many_pixels" // over the limits, looked at before decoding
	Truncated     Reason = "truncated"       // ends before the picture does
	Animated      Reason = "animated"        // more than one frame
	Polyglot      Reason = "polyglot"        // carries another file
)

// Reasons lists all codes of refusal.
func Reasons() []Reason {
	return []Reason{WrongSize, WrongChecksum, WrongType, NotAnImage, TooManyPixels, Truncated, Animated, Polyglot}
}

// Announced is what the client said of the file before it sent it.
type Announced struct {
	Type   string // image/jpeg or image/png
	Size   int64
	SHA256 string // base64
}

// Limits bound what is decoded.
type Limits struct {
	Pixels int // width × height
	Side   int // the longer side
}

// MaxSide is the longest side that is decoded.
const MaxSide = 12000

// Sizes and qualities of the copies.
const (
	cleanSide, cleanQuality = 2560, 85
	smallSide, smallQuality = 1280, 80
)

// Copies are JPEG files without metadata.
type Copies struct {
	Clean, Small  []byte
	Width, Height int // of the clean copy
}

// Make judges a file and makes its copies. It never panics, and needs no more
// memory than memoryLimit beyond the file and its copies.
func Make(data []byte, announced Announced, limits Limits) (Copies, Reason) {
	if int64(len(data)) != announced.Size {
		return Copies{}, WrongSize
	}
	sum := sha256.Sum256(data)
	if base64.StdEncoding.EncodeToString(sum[:]) != announced.SHA256 {
		return Copies{}, WrongChecksum
	}
	if reason := firstBytes(data, announced.Type); reason != Taken {
		return Copies{}, reason
	}
	found, reason := survey(data, announced.Type)
	if reason != Taken {
		return Copies{}, reason
	}
	if reason := found.fits(limits); reason != Taken {
		return Copies{}, reason
	}
	return render(data, found)
}

// firstBytes compares the type that the first bytes show with the announced one.
func firstBytes(data []byte, announced string) Reason {
	shown := mimetype.Detect(data)
	switch {
	case pdfWithin(data) && (bytes.HasPrefix(data, []byte("\xFF\xD8\xFF")) || bytes.HasPrefix(data, []byte("\x89PNG"))):
		return Polyglot
	case shown.Is("image/vnd.mozilla.apng"):
		return Animated
	case shown.Is(announced) && (announced == typeJPEG || announced == typePNG):
		return Taken
	case strings.HasPrefix(shown.String(), "image/"):
		return WrongType
	}
	return NotAnImage
}

const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
)

// found is what a file's structure shows before anything is decoded.
type found struct {
	kind          string
	width, height int
	memory        int64 // bytes that the decoder will take
	orientation   int   // 1 to 8, as EXIF counts
}

// memoryLimit bounds what the decoder may take, whatever the pixel policy says:
// the function's memory is made for it.
const memoryLimit = 420 << 20

// fits is the cap before decoding.
func (f found) fits(l Limits) Reason {
	side := l.Side
	if side == 0 {
		side = MaxSide
	}
	if f.width < 1 || f.height < 1 {
		return NotAnImage
	}
	if f.width > side || f.height > side || int64(f.width)*int64(f.height) > int64(l.Pixels) || f.memory > memoryLimit {
		return TooManyPixels
	}
	return Taken
}

func survey(data []byte, kind string) (found, Reason) {
	if archiveAtEnd(data) {
		return found{}, Polyglot
	}
	if kind == typePNG {
		return surveyPNG(data)
	}
	return surveyJPEG(data)
}
