package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// render decodes a file that was surveyed and makes its copies. A decoder that
// panics was given something that is no image.
func render(data []byte, f found) (copies Copies, reason Reason) {
	defer func() {
		if recover() != nil {
			copies, reason = Copies{}, NotAnImage
		}
	}()
	decode := jpeg.Decode
	if f.kind == typePNG {
		decode = png.Decode
	}
	decoded, err := decode(bytes.NewReader(data))
	if err != nil {
		return Copies{}, brokenOr(err)
	}
	clean := upright(reduce(rowsOf(decoded), cleanSide), f.orientation)
	small := reduce(rowsOf(clean), smallSide)
	copies.Width, copies.Height = clean.Rect.Dx(), clean.Rect.Dy()
	copies.Clean, copies.Small = encode(clean, cleanQuality), encode(small, smallQuality)
	return copies, Taken
}

// encode writes a JPEG; the encoder writes no metadata of any kind.
func encode(m *image.RGBA, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a buffer takes everything, and the sizes are bounded
	}
	return b.Bytes()
}

// rows gives a picture row by row as opaque RGB; what shines through is white.
type rows struct {
	width, height int
	read          func(y int, out []byte)
}

func rowsOf(m image.Image) rows {
	b := m.Bounds()
	r := rows{width: b.Dx(), height: b.Dy()}
	switch m := m.(type) {
	case *image.YCbCr:
		r.read = func(y int, out []byte) {
			line := m.Y[m.YOffset(b.Min.X, b.Min.Y+y):]
			for x := range r.width {
				c := m.COffset(b.Min.X+x, b.Min.Y+y)
				out[3*x], out[3*x+1], out[3*x+2] = color.YCbCrToRGB(line[x], m.Cb[c], m.Cr[c])
			}
		}
	case *image.RGBA:
		r.read = func(y int, out []byte) {
			line := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range r.width {
				white := 255 - line[4*x+3]
				out[3*x], out[3*x+1], out[3*x+2] = line[4*x]+white, line[4*x+1]+white, line[4*x+2]+white
			}
		}
	case *image.NRGBA:
		r.read = func(y int, out []byte) {
			line := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range r.width {
				a := uint32(line[4*x+3])
				for c := range 3 {
					out[3*x+c] = byte((uint32(line[4*x+c])*a + 255*(255-a) + 127) / 255)
				}
			}
		}
	default:
		r.read = func(y int, out []byte) {
			for x := range r.width {
				red, green, blue, a := m.At(b.Min.X+x, b.Min.Y+y).RGBA()
				white := 0xFFFF - a
				out[3*x], out[3*x+1], out[3*x+2] = byte((red+white)>>8), byte((green+white)>>8), byte((blue+white)>>8)
			}
		}
	}
	return r
}

// reduce makes the picture fit a longest side by averaging areas: each pixel of
// the copy is the mean of what it covers. It reads one row at a time and computes
// in whole numbers, so that the same file gives the same copy on every machine.
// A smaller picture keeps its size.
func reduce(r rows, side int) *image.RGBA {
	width, height := fit(r.width, r.height, side)
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	line, across := make([]byte, 3*r.width), make([]uint32, 3*width)
	shares := sharesOf(r.width, width)
	sums := make([]uint64, 3*width)
	area := uint64(r.width) * uint64(r.height)
	for y := range r.height {
		r.read(y, line)
		narrow(line, across, shares)
		// In units of 1/r.height of a row of the copy, this row covers height of them.
		at := y * height / r.height
		here := min((at+1)*r.height-y*height, height)
		add(sums, across, uint64(here))
		if rest := height - here; rest > 0 || (y+1)*height == (at+1)*r.height {
			put(out.Pix[at*out.Stride:], sums, area)
			clear(sums)
			add(sums, across, uint64(rest))
		}
	}
	return out
}

// fit is the size with the longest side at most side.
func fit(width, height, side int) (w, h int) {
	longest := max(width, height)
	if longest <= side {
		return width, height
	}
	return max(1, width*side/longest), max(1, height*side/longest)
}

// share is what one pixel of a row gives to the copy's pixel at an offset and to
// the one after it, in units of 1/from of a pixel.
type share struct {
	at         int
	here, next uint32
}

func sharesOf(from, to int) []share {
	shares := make([]share, from)
	for x := range shares {
		at := x * to / from
		here := min((at+1)*from-x*to, to)
		shares[x] = share{3 * at, uint32(here), uint32(to - here)}
	}
	return shares
}

// narrow sums a row's pixels into the fewer ones of the copy.
func narrow(line []byte, across []uint32, shares []share) {
	clear(across)
	for x, s := range shares {
		pixel, cell := line[3*x:3*x+3:3*x+3], across[s.at:]
		red, green, blue := uint32(pixel[0]), uint32(pixel[1]), uint32(pixel[2])
		cell[0] += red * s.here
		cell[1] += green * s.here
		cell[2] += blue * s.here
		if s.next > 0 {
			cell[3] += red * s.next
			cell[4] += green * s.next
			cell[5] += blue * s.next
		}
	}
}

func add(sums []uint64, across []uint32, weight uint64) {
	for i, v := range across {
		sums[i] += uint64(v) * weight
	}
}

func put(pixels []byte, sums []uint64, area uint64) {
	for x := range len(sums) / 3 {
		for c := range 3 {
			pixels[4*x+c] = byte((sums[3*x+c] + area/2) / area)
		}
		pixels[4*x+3] = 0xFF
	}
}

// upright applies an orientation (Exif 3.0, section 4.6.5.1, tag 0x0112).
func upright(m *image.RGBA, orientation int) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	var from func(x, y int) (int, int)
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return m
	}
	width, height := w, h
	if orientation >= 5 {
		width, height = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			sx, sy := from(x, y)
			copy(out.Pix[out.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
