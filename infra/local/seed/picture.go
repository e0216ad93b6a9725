package seed

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
)

// photo draws a made-up scene: sky, houses, a road with a hole. No two are the
// same.
func photo(random *rand.Rand) ([]byte, error) {
	const width, height = 960, 720
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	shade := func(r, g, b int) color.RGBA {
		n := random.IntN(30) - 15
		return color.RGBA{uint8(max(0, min(255, r+n))), uint8(max(0, min(255, g+n))), uint8(max(0, min(255, b+n))), 255}
	}
	fill := func(x0, y0, x1, y1 int, c color.RGBA) {
		for y := max(0, y0); y < min(height, y1); y++ {
			for x := max(0, x0); x < min(width, x1); x++ {
				m.SetRGBA(x, y, c)
			}
		}
	}
	horizon := 260 + random.IntN(80)
	fill(0, 0, width, horizon, shade(150, 190, 225))
	for x := -random.IntN(60); x < width; {
		wide, tall := 90+random.IntN(120), 80+random.IntN(130)
		wall := shade(190, 160+random.IntN(40), 130)
		fill(x, horizon-tall, x+wide, horizon+20, wall)
		fill(x, horizon-tall-14, x+wide, horizon-tall, shade(150, 80, 60))
		for door := x + 14; door < x+wide-40; door += 46 {
			fill(door, horizon-tall+24, door+24, horizon-tall+56, shade(70, 90, 110))
		}
		x += wide + random.IntN(30)
	}
	fill(0, horizon+20, width, height, shade(110, 110, 108))
	fill(0, horizon+20, width, horizon+44, shade(170, 165, 155))
	cx, cy, rx, ry := 200+random.IntN(500), horizon+190+random.IntN(120), 90+random.IntN(90), 30+random.IntN(40)
	for y := cy - ry; y <= cy+ry; y++ {
		for x := cx - rx; x <= cx+rx; x++ {
			dx, dy := float64(x-cx)/float64(rx), float64(y-cy)/float64(ry)
			if d := dx*dx + dy*dy; d <= 1 && image.Pt(x, y).In(m.Rect) {
				m.SetRGBA(x, y, color.RGBA{uint8(40 + 30*d), uint8(36 + 30*d), uint8(34 + 26*d), 255})
			}
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}
