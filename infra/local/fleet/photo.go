package fleet

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"paht/infra/demo/story"
)

// Photos are three small photos as a camera makes them: two JPEG with EXIF, of
// which one lies on its side and both say where they were taken, and one PNG.
// They are small, so that a run costs little.
func Photos() []story.Photo {
	return []story.Photo{
		{Name: "upright.jpg", Type: "image/jpeg", Data: withEXIF(JPEG(64, 48), 1)},
		{Name: "rotated.jpg", Type: "image/jpeg", Data: withEXIF(JPEG(48, 32), 6)},
		{Name: "drawn.png", Type: "image/png", Data: PNG(40, 40)},
	}
}

func picture(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(x * 255 / width), uint8(y * 255 / height), 90, 255})
		}
	}
	return m
}

// JPEG is a small picture without any metadata.
func JPEG(width, height int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(width, height), nil); err != nil {
		panic(err) // to memory
	}
	return b.Bytes()
}

// PNG is the same as PNG.
func PNG(width, height int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture(width, height)); err != nil {
		panic(err) // to memory
	}
	return b.Bytes()
}

// withEXIF puts an APP1 segment behind the start of a JPEG: the orientation, and
// a GPS directory with the latitude's reference (CIPA DC-008, section 4.6).
func withEXIF(data []byte, orientation uint16) []byte {
	var tiff bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&tiff, binary.BigEndian, v) // to memory
		}
	}
	put([]byte("MM"), uint16(42), uint32(8))
	put(uint16(2))
	put(uint16(0x0112), uint16(3), uint32(1), orientation, uint16(0)) // Orientation, SHORT
	put(uint16(0x8825), uint16(4), uint32(1), uint32(38))             // GPS IFD, LONG
	put(uint32(0))
	put(uint16(1))
	put(uint16(1), uint16(2), uint32(2), []byte("N\x00\x00\x00")) // GPSLatitudeRef, ASCII
	put(uint32(0))
	segment := append([]byte("Exif\x00\x00"), tiff.Bytes()...)
	out := append([]byte{}, data[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	out = append(out, segment...)
	return append(out, data[2:]...)
}
