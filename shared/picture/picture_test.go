package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"archive/zip"
)

var wide = Limits{Pixels: 50_000_000}

func announce(data []byte, kind string) Announced {
	sum := sha256.Sum256(data)
	return Announced{Type: kind, Size: int64(len(data)), SHA256: base64.StdEncoding.EncodeToString(sum[:])}
}

// corners is a picture whose corners tell how it lies: red, green, blue and
// black, clockwise from the top left.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, cornerColour(2*x >= w, 2*y >= h))
		}
	}
	return m
}

func cornerColour(right, bottom bool) color.RGBA {
	switch {
	case right && bottom:
		return color.RGBA{0, 0, 255, 255}
	case right:
		return color.RGBA{0, 255, 0, 255}
	case bottom:
		return color.RGBA{0, 0, 0, 255}
	}
	return color.RGBA{255, 0, 0, 255}
}

// lie names the corners clockwise from the top left.
func lie(m image.Image) string {
	b := m.Bounds()
	var s strings.Builder
	for _, p := range []image.Point{{b.Min.X + 2, b.Min.Y + 2}, {b.Max.X - 3, b.Min.Y + 2}, {b.Max.X - 3, b.Max.Y - 3}, {b.Min.X + 2, b.Max.Y - 3}} {
		r, g, bl, _ := m.At(p.X, p.Y).RGBA()
		switch {
		case r > 0xB000 && g < 0x5000 && bl < 0x5000:
			s.WriteByte('R')
		case g > 0xB000 && r < 0x5000:
			s.WriteByte('G')
		case bl > 0xB000 && r < 0x5000:
			s.WriteByte('B')
		case r > 0xB000 && g > 0xB000 && bl > 0xB000:
			s.WriteByte('W')
		case r < 0x5000 && g < 0x5000 && bl < 0x5000:
			s.WriteByte('K')
		default:
			s.WriteByte('?')
		}
	}
	return s.String()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// exif is a TIFF structure whose one entry is the orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	head := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = []byte("MM\x00*")
	}
	b := order.AppendUint32(head, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return append(b, 0, 0, 0, 0, 0, 0)
}

// withSegment puts a segment right after the start of the image.
func withSegment(data []byte, marker byte, body []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2))
	return slices.Concat(data[:2], segment, body, data[2:])
}

func chunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunk puts a chunk right after the header.
func withChunk(data []byte, kind string, body []byte) []byte {
	return slices.Concat(data[:33], chunk(kind, body), data[33:])
}

func TestEveryOrientationComesOutUpright(t *testing.T) {
	// How the picture lies in the file, by EXIF orientation.
	stored := map[int]string{1: "RGBK", 2: "GRKB", 3: "BKRG", 4: "KBGR", 5: "RKBG", 6: "GBKR", 7: "BGRK", 8: "KRGB"}
	colours := map[byte]color.RGBA{'R': {255, 0, 0, 255}, 'G': {0, 255, 0, 255}, 'B': {0, 0, 255, 255}, 'K': {0, 0, 0, 255}}
	for orientation, letters := range stored {
		w, h := 96, 64
		if orientation >= 5 {
			w, h = h, w
		}
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				quarter := map[[2]bool]int{{false, false}: 0, {true, false}: 1, {true, true}: 2, {false, true}: 3}[[2]bool{2*x >= w, 2*y >= h}]
				m.Set(x, y, colours[letters[quarter]])
			}
		}
		for name, file := range map[string]struct {
			data []byte
			kind string
		}{
			"JPEG, little endian": {withSegment(jpegOf(t, m), 0xE1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, uint16(orientation))...)), typeJPEG},
			"JPEG, big endian":    {withSegment(jpegOf(t, m), 0xE1, append([]byte("Exif\x00\x00"), exif(binary.BigEndian, uint16(orientation))...)), typeJPEG},
			"PNG":                 {withChunk(pngOf(t, m), "eXIf", exif(binary.BigEndian, uint16(orientation))), typePNG},
		} {
			copies, reason := Make(file.data, announce(file.data, file.kind), wide)
			if reason != Taken {
				t.Fatalf("%s with orientation %d: refused as %s", name, orientation, reason)
			}
			for which, data := range map[string][]byte{"clean": copies.Clean, "small": copies.Small} {
				got := decoded(t, data)
				if lie(got) != "RGBK" || got.Bounds().Dx() != 96 || got.Bounds().Dy() != 64 {
					t.Errorf("%s with orientation %d: the %s copy lies %s, %v", name, orientation, which, lie(got), got.Bounds())
				}
			}
			if copies.Width != 96 || copies.Height != 64 {
				t.Errorf("%s with orientation %d: the size is %d × %d", name, orientation, copies.Width, copies.Height)
			}
		}
	}
}

func zipOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("run.js")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("alert(1)"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG header that announces a picture and brings hardly any of it.
func bomb(width, height uint32, depth, colour, interlace byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	header = append(header, depth, colour, 0, 0, interlace)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", header), chunk("IDAT", []byte{0x78, 0x9C, 3, 0, 0, 0, 0, 1}), chunk("IEND", nil))
}

// claiming changes the size and the kind of frame that a JPEG claims.
func claiming(data []byte, width, height uint16, marker byte) []byte {
	data = bytes.Clone(data)
	i := bytes.Index(data, []byte{0xFF, 0xC0})
	data[i+1] = marker
	binary.BigEndian.PutUint16(data[i+5:], height)
	binary.BigEndian.PutUint16(data[i+7:], width)
	return data
}

func box(kind string, body string) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// file is a row: a file, the type announced for it, and the verdict.
type file struct {
	name string
	data []byte
	kind string
	want Reason
}

// check makes each file and compares the verdict; copies come with it or not at all.
func check(t *testing.T, files []file) {
	t.Helper()
	for _, f := range files {
		copies, got := Make(f.data, announce(f.data, f.kind), wide)
		if got != f.want {
			t.Errorf("%s: got %q, want %q", f.name, got, f.want)
		}
		if (got == Taken) != (len(copies.Clean) > 0 && len(copies.Small) > 0) {
			t.Errorf("%s: the copies do not fit the verdict", f.name)
		}
	}
}

func TestOnlyWholePicturesOfTheAnnouncedTypeAreTaken(t *testing.T) {
	photo, drawing := jpegOf(t, corners(96, 64)), pngOf(t, corners(96, 64))
	var animation bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White})
	if err := gif.EncodeAll(&animation, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	noise := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i*i*7919>>3) | 1
	}
	check(t, []file{
		{"a JPEG photo is taken", photo, typeJPEG, Taken},
		{"a PNG picture is taken", drawing, typePNG, Taken},
		{"a PNG announced as JPEG is of the wrong type", drawing, typeJPEG, WrongType},
		{"a JPEG announced as PNG is of the wrong type", photo, typePNG, WrongType},
		{"a GIF is of the wrong type", animation.Bytes(), typeJPEG, WrongType},
		{"HEIC named .jpg is of the wrong type", append(box("ftyp", "heic\x00\x00\x00\x00mif1heic"), make([]byte, 64)...), typeJPEG, WrongType},
		{"a PDF is no image", []byte("%PDF-1.7\n1 0 obj\nendobj\n%%EOF"), typeJPEG, NotAnImage},
		{"HTML is no image", []byte("<!DOCTYPE html><script>alert(1)</script>"), typePNG, NotAnImage},
		{"random bytes are no image", []byte("\x01\x02\x03\x04\x05\x06\x07\x08"), typeJPEG, NotAnImage},
		{"the first bytes of a JPEG alone are cut off", photo[:20], typeJPEG, Truncated},
		{"a JPEG cut in half is cut off", photo[:len(photo)/2], typeJPEG, Truncated},
		{"a JPEG without its last byte is cut off", photo[:len(photo)-1], typeJPEG, Truncated},
		{"a JPEG of noise cut off before its end and closed is no image", append(bytes.Clone(jpegOf(t, noise)[:1500]), 0xFF, 0xD9), typeJPEG, NotAnImage},
		{"a PNG cut in half is cut off", drawing[:len(drawing)/2], typePNG, Truncated},
		{"a PNG without its last byte is cut off", drawing[:len(drawing)-1], typePNG, Truncated},
		{"a PNG with a damaged chunk is no image", func() []byte { d := bytes.Clone(drawing); d[60] ^= 0xFF; return d }(), typePNG, NotAnImage},
	})
}

func TestWhatIsTooLargeIsRefusedBeforeItIsDecoded(t *testing.T) {
	photo := jpegOf(t, corners(96, 64))
	check(t, []file{
		{"a PNG header of 30,000 × 30,000 is too large", bomb(30000, 30000, 8, 2, 0), typePNG, TooManyPixels},
		{"a PNG header of 2^31 − 1 a side is too large", bomb(1<<31-1, 1<<31-1, 16, 6, 1), typePNG, NotAnImage},
		{"a PNG of 12,001 × 1 is too long", bomb(12001, 1, 8, 2, 0), typePNG, TooManyPixels},
		{"an interlaced 16-bit PNG of 49 megapixels needs too much memory", bomb(7000, 7000, 16, 6, 1), typePNG, TooManyPixels},
		{"a JPEG header of 65,535 × 65,535 is too large", claiming(photo, 65535, 65535, 0xC0), typeJPEG, TooManyPixels},
		{"a JPEG header of 8,000 × 8,000 is too large", claiming(photo, 8000, 8000, 0xC0), typeJPEG, TooManyPixels},
		{"a progressive JPEG of 49 megapixels in 4:4:4 needs too much memory", func() []byte {
			d := claiming(photo, 7000, 7000, 0xC2)
			d[bytes.Index(d, []byte{0xFF, 0xC2})+11] = 0x11
			return d
		}(), typeJPEG, TooManyPixels},
		{"a JPEG of no height is no image", claiming(photo, 96, 0, 0xC0), typeJPEG, NotAnImage},
		{"a JPEG that claims more than it brings is no picture", claiming(photo, 4000, 3000, 0xC0), typeJPEG, NotAnImage},
		{"a JPEG of 101 scans is no image", manyScans(photo, 101), typeJPEG, NotAnImage},
	})
}

func movie() []byte {
	return slices.Concat(box("ftyp", "mp42\x00\x00\x00\x00mp42isom"), box("mdat", strings.Repeat("film", 1000)), box("moov", "index"))
}

func TestAFileWithinAPictureIsRefused(t *testing.T) {
	photo, drawing := jpegOf(t, corners(96, 64)), pngOf(t, corners(96, 64))
	check(t, []file{
		{"an animated PNG is animated", withChunk(drawing, "acTL", make([]byte, 8)), typePNG, Animated},
		{"an animation hidden behind another chunk is animated", withChunk(withChunk(drawing, "acTL", make([]byte, 8)), "tEXt", []byte("a\x00b")), typePNG, Animated},
		{"a JPEG with a ZIP behind it is two files", append(bytes.Clone(photo), zipOf(t)...), typeJPEG, Polyglot},
		{"a JPEG with a ZIP behind padding is two files", slices.Concat(photo, make([]byte, 100), zipOf(t)), typeJPEG, Polyglot},
		{"a JPEG whose comment holds a ZIP that ends with the file is two files", zipInComment(t, photo), typeJPEG, Polyglot},
		{"a PNG with a ZIP behind it is two files", append(bytes.Clone(drawing), zipOf(t)...), typePNG, Polyglot},
		{"a JPEG with a script behind it is two files", slices.Concat(photo, []byte("<?php "), bytes.Repeat([]byte("echo 1;"), 80)), typeJPEG, Polyglot},
		{"a short record of an old program behind a JPEG is taken", slices.Concat(photo, bytes.Repeat([]byte("record"), 50)), typeJPEG, Taken},
		{"a ZIP with a byte behind it is another file", slices.Concat(photo, zipOf(t), []byte("x")), typeJPEG, Polyglot},
		{"a JPEG with a PDF header in its comment is two files", withSegment(photo, 0xFE, []byte("\n%PDF-1.4\n1 0 obj")), typeJPEG, Polyglot},
		{"a film that does not fill the trailer is another file", slices.Concat(photo, movie(), bytes.Repeat([]byte("rest"), 200)), typeJPEG, Polyglot},
		{"a film with a ZIP in its last box is another file", slices.Concat(photo, movie(), box("free", string(zipOf(t)))), typeJPEG, Polyglot},
	})
}

func TestWhatCamerasPutBehindAPictureIsTaken(t *testing.T) {
	photo, drawing := jpegOf(t, corners(96, 64)), pngOf(t, corners(96, 64))
	samsung := []byte(strings.Repeat("motion photo", 400) + "\x00\x00\x01\x0a\x0e\x00\x00\x00Image_UTC_Data1700000000000SEFH\x6b\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x0a\x23\x00\x00\x00\x23\x00\x00\x00\x18\x00\x00\x00SEFT")
	check(t, []file{
		{"padding behind a JPEG is taken", slices.Concat(photo, make([]byte, 3000)), typeJPEG, Taken},
		{"padding behind a PNG is taken", slices.Concat(drawing, []byte("\r\n\x00\x00")), typePNG, Taken},
		{"a preview behind the photo is taken", slices.Concat(photo, jpegOf(t, corners(32, 32)), make([]byte, 7), jpegOf(t, corners(16, 16))), typeJPEG, Taken},
		{"a cut-off preview behind the photo is another file", slices.Concat(photo, photo[:600]), typeJPEG, Polyglot},
		{"a chain of a thousand previews is another file", slices.Concat(photo, bytes.Repeat([]byte{0xFF, 0xD8, 0xFF, 0xD9}, 1000)), typeJPEG, Polyglot},
		{"the film of a motion photo is taken", slices.Concat(photo, movie()), typeJPEG, Taken},
		{"the film of a motion photo behind its gain map is taken", slices.Concat(photo, jpegOf(t, corners(16, 16)), movie()), typeJPEG, Taken},
		{"Samsung's records are taken", slices.Concat(photo, samsung), typeJPEG, Taken},
		{"records with a directory that is not there are another file", slices.Concat(photo, bytes.Replace(samsung, []byte("SEFH"), []byte("XXXX"), 1)), typeJPEG, Polyglot},
	})
}

// manyScans repeats the scan of a photo, marked progressive.
func manyScans(photo []byte, n int) []byte {
	at := bytes.Index(photo, []byte{0xFF, 0xDA})
	scan := photo[at : len(photo)-2]
	d := slices.Concat(photo[:at], bytes.Repeat(scan, n), []byte{0xFF, 0xD9})
	return claiming(d, 96, 64, 0xC2)
}

// zipInComment hides an archive in a comment segment; the comment of the archive
// is the rest of the photo.
func zipInComment(t *testing.T, photo []byte) []byte {
	archive := zipOf(t)
	binary.LittleEndian.PutUint16(archive[len(archive)-2:], uint16(len(photo)-2))
	return withSegment(photo, 0xFE, archive)
}

func TestWhatWasAnnouncedBinds(t *testing.T) {
	photo := jpegOf(t, corners(16, 16))
	right := announce(photo, typeJPEG)
	for name, row := range map[string]struct {
		change func(*Announced)
		want   Reason
	}{
		"another size":     {func(a *Announced) { a.Size++ }, WrongSize},
		"another checksum": {func(a *Announced) { a.SHA256 = announce(photo[1:], typeJPEG).SHA256 }, WrongChecksum},
		"another type":     {func(a *Announced) { a.Type = typePNG }, WrongType},
		"a type that is no photo's, even where the bytes are": {func(a *Announced) { a.Type = "image/jpeg; charset=x" }, WrongType},
	} {
		a := right
		row.change(&a)
		if _, got := Make(photo, a, wide); got != row.want {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
	}
	if _, got := Make(photo, right, Limits{Pixels: 255}); got != TooManyPixels {
		t.Errorf("a policy of fewer pixels: got %q", got)
	}
	if _, got := Make(photo, right, Limits{Pixels: 256, Side: 15}); got != TooManyPixels {
		t.Errorf("a policy of a shorter side: got %q", got)
	}
	if _, got := Make(nil, Announced{Type: typeJPEG, SHA256: announce(nil, "").SHA256}, wide); got != NotAnImage {
		t.Errorf("an empty file: got %q", got)
	}
}

func TestCopiesAreBoundedAndOpaque(t *testing.T) {
	large := pngOf(t, corners(3000, 1500))
	copies, reason := Make(large, announce(large, typePNG), wide)
	if reason != Taken {
		t.Fatalf("refused as %s", reason)
	}
	clean, small := decoded(t, copies.Clean), decoded(t, copies.Small)
	if clean.Bounds().Dx() != 2560 || clean.Bounds().Dy() != 1280 || small.Bounds().Dx() != 1280 || small.Bounds().Dy() != 640 {
		t.Errorf("the copies are %v and %v", clean.Bounds(), small.Bounds())
	}
	if lie(clean) != "RGBK" || lie(small) != "RGBK" {
		t.Errorf("the copies lie %s and %s", lie(clean), lie(small))
	}

	clear := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range clear.Pix {
		if i%4 == 3 && (i/4)%40 < 20 {
			clear.Pix[i] = 255
		}
	}
	alpha := pngOf(t, clear)
	copies, reason = Make(alpha, announce(alpha, typePNG), wide)
	if reason != Taken || lie(decoded(t, copies.Clean)) != "KWWK" {
		t.Errorf("what shines through is not white: %q, %s", reason, lie(decoded(t, copies.Clean)))
	}
}

func TestEveryColourModelIsRead(t *testing.T) {
	bounds := image.Rect(0, 0, 40, 40)
	palette := image.NewPaletted(bounds, color.Palette{color.Black, color.White})
	gray, gray16, deep := image.NewGray(bounds), image.NewGray16(bounds), image.NewNRGBA64(bounds)
	for y := range 40 {
		for x := 20; x < 40; x++ {
			palette.SetColorIndex(x, y, 1)
			gray.SetGray(x, y, color.Gray{255})
			gray16.SetGray16(x, y, color.Gray16{0xFFFF})
		}
		for x := range 20 {
			deep.SetNRGBA64(x, y, color.NRGBA64{A: 0xFFFF})
		}
	}
	for name, m := range map[string]image.Image{"palette": palette, "gray": gray, "gray of 16 bits": gray16, "16 bits with alpha": deep} {
		data := pngOf(t, m)
		copies, reason := Make(data, announce(data, typePNG), wide)
		if reason != Taken || lie(decoded(t, copies.Clean)) != "KWWK" {
			t.Errorf("%s: %q", name, reason)
		}
	}
	data := jpegOf(t, gray)
	if copies, reason := Make(data, announce(data, typeJPEG), wide); reason != Taken || lie(decoded(t, copies.Clean)) != "KWWK" {
		t.Errorf("gray JPEG: %q", reason)
	}
}

func TestADecoderThatPanicsMeetsNoImage(t *testing.T) {
	if _, reason := render(nil, found{kind: typeJPEG}); reason != Truncated {
		t.Errorf("nothing to decode: %q", reason)
	}
	// An orientation cannot make the copy panic, nor a size that lies.
	photo := jpegOf(t, corners(8, 8))
	if _, reason := render(photo, found{kind: typeJPEG, orientation: 99, width: 1 << 20}); reason != Taken {
		t.Errorf("got %q", reason)
	}
}

// FuzzMake looks for a file that makes the check panic, or that it takes without
// copies that decode.
func FuzzMake(f *testing.F) {
	photo, drawing := jpegOf(f, corners(24, 16)), pngOf(f, corners(24, 16))
	f.Add(photo, true)
	f.Add(drawing, false)
	f.Add(photo[:len(photo)-40], true)
	f.Add(drawing[:len(drawing)-5], false)
	f.Add(withSegment(photo, 0xE1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, 6)...)), true)
	f.Add(manyScans(photo, 3), true)
	f.Add(append(bytes.Clone(photo), zipOf(f)...), true)
	f.Add(bomb(3000, 3000, 16, 6, 1), false)
	f.Add(slices.Concat(photo, photo, box("ftyp", "mp42")), true)
	f.Fuzz(func(t *testing.T, data []byte, isJPEG bool) {
		kind := typePNG
		if isJPEG {
			kind = typeJPEG
		}
		copies, reason := Make(data, announce(data, kind), Limits{Pixels: 1 << 20})
		if reason != Taken {
			if !slices.Contains(Reasons(), reason) || copies.Clean != nil {
				t.Fatalf("refused as %q with copies %v", reason, copies.Clean != nil)
			}
			return
		}
		for _, made := range [][]byte{copies.Clean, copies.Small} {
			c, err := jpeg.DecodeConfig(bytes.NewReader(made))
			if err != nil || max(c.Width, c.Height) > cleanSide {
				t.Fatalf("a copy is %d × %d, %v", c.Width, c.Height, err)
			}
		}
	})
}

func BenchmarkMakeOfTwelveMegapixels(b *testing.B) {
	m := corners(4000, 3000)
	for i := range m.Pix {
		m.Pix[i] ^= byte(i * 31 % 17)
	}
	photo := jpegOf(b, m)
	announced := announce(photo, typeJPEG)
	b.SetBytes(int64(len(photo)))
	b.ReportAllocs()
	for b.Loop() {
		if _, reason := Make(photo, announced, wide); reason != Taken {
			b.Fatal(reason)
		}
	}
}
