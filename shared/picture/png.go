package picture

import (
	"bytes"
	"encoding/binary"
	"image/png"
)

// surveyPNG walks over the chunks (PNG, third edition, section 5).
func surveyPNG(data []byte) (found, Reason) {
	const signature = 8
	f := found{kind: typePNG}
	for i := signature; ; {
		if i+12 > len(data) {
			return found{}, Truncated
		}
		length, kind := int64(binary.BigEndian.Uint32(data[i:])), string(data[i+4:i+8])
		if int64(i)+12+length > int64(len(data)) {
			return found{}, Truncated
		}
		body := data[i+8 : i+8+int(length)]
		switch kind {
		case "acTL":
			return found{}, Animated
		case "IHDR":
			if len(body) != 13 {
				return found{}, NotAnImage
			}
			f.memory = max(f.memory, pngMemory(body))
		case "eXIf":
			if f.orientation == 0 {
				f.orientation = orientationOf(body)
			}
		}
		i += 12 + int(length)
		if kind == "IEND" {
			if len(unpadded(data[i:])) > allowance {
				return found{}, Polyglot
			}
			break
		}
	}
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return found{}, brokenOr(err)
	}
	f.width, f.height = config.Width, config.Height
	return f, Taken
}

// pngMemory is what the decoder lays out: the picture in its own depth with an
// alpha channel, and for an interlaced one its largest pass beside it.
func pngMemory(header []byte) int64 {
	width, height := int64(binary.BigEndian.Uint32(header)), int64(binary.BigEndian.Uint32(header[4:]))
	depth, colour, interlaced := header[8], header[9], header[12] != 0
	pixel := int64(4)
	if depth == 16 {
		pixel = 8
	}
	if depth <= 8 && (colour == 0 || colour == 3) {
		pixel = 1
	}
	if width > 1<<20 || height > 1<<20 {
		return memoryLimit + 1
	}
	if interlaced {
		pixel += (pixel + 1) / 2
	}
	return width * height * pixel
}
