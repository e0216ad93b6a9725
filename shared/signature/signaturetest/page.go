package signaturetest

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The page is set in Helvetica, which every reader has and which knows no
// Vietnamese: letters are written bare and their marks drawn as strokes, so that
// no font need be carried. /ActualText gives the words to who copies or listens.

// widths of Helvetica from space to tilde, in thousandths (Adobe's metrics).
var widths = [95]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// strokes draw a mark above or below a letter of width 1 and x-height 0: x runs
// from the middle of the letter, y from where the mark sits, in thousandths.
var strokes = map[rune]string{
	'\u0300': "-90 190 m 40 60 l",                                      // huyền
	'\u0301': "90 190 m -40 60 l",                                      // sắc
	'\u0303': "-130 80 m -60 170 l 50 80 l 130 170 l",                  // ngã
	'\u0309': "-50 190 m 50 190 l 50 130 l 0 110 l 0 60 l",             // hỏi
	'\u0302': "-130 50 m 0 160 l 130 50 l",                             // mũ
	'\u0306': "-130 150 m -60 60 l 60 60 l 130 150 l",                  // trăng
	'\u031b': "150 -60 m 260 -10 l 270 90 l",                           // móc
	'\u0323': "-25 0 m 25 0 l 25 -50 l -25 -50 l h -25 -25 m 25 -25 l", // nặng
}

const lineWidth = 86 // letters on a line, at the body's size

func pageContent(title string, lines []string) []byte {
	var out bytes.Buffer
	y := 780.0
	for _, line := range wrap(title, lineWidth*2/3) {
		setLine(&out, true, 14, 60, y, line)
		y -= 22
	}
	y -= 10
	for _, line := range lines {
		for _, part := range wrap(line, lineWidth) {
			setLine(&out, false, 11, 60, y, part)
			y -= 18
		}
	}
	return out.Bytes()
}

// wrap breaks a text at spaces; an empty one is an empty line.
func wrap(text string, width int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			out = append(out, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(out, line)
}

// setLine writes one line of text and draws its marks. Bold is the same letters
// with their outlines, so that one table of widths serves.
func setLine(out *bytes.Buffer, bold bool, size, x, y float64, text string) {
	var bare strings.Builder
	var marks bytes.Buffer
	pen := 0
	var letter rune
	stacked := 0
	for _, r := range norm.NFD.String(text) {
		if r == 'đ' || r == 'Đ' {
			bar := 730 // through the stem of d
			middle := 400
			base := 'd'
			if r == 'Đ' {
				bar, middle, base = 360, 130, 'D'
			}
			stroke(&marks, size, x, y, pen+middle, bar, "-130 0 m 130 0 l")
			r = base
		}
		if draw, ok := strokes[r]; ok {
			height := markHeight(letter, r, stacked)
			if r != '\u0323' && r != '\u031b' {
				stacked++
			}
			stroke(&marks, size, x, y, pen-width(letter)/2, height, draw)
			continue
		}
		if r < ' ' || r > '~' {
			r = '-'
		}
		letter, stacked = r, 0
		pen += width(r)
		if strings.ContainsRune(`()\`, r) {
			bare.WriteByte('\\')
		}
		bare.WriteRune(r)
	}
	actual := utf16Text(text)
	mode, weight := 0, size/16
	if bold {
		mode, weight = 2, size/12
	}
	fmt.Fprintf(out, "/Span << /ActualText %s >> BDC\nq 0.4 w BT /F1 %.0f Tf %d Tr %.2f %.2f Td (%s) Tj ET Q\n", actual.Raw, size, mode, x, y, bare.String())
	fmt.Fprintf(out, "q %.2f w 1 J %sQ\nEMC\n", weight, marks.String())
}

func width(r rune) int {
	if r < ' ' || r > '~' {
		return 0
	}
	return widths[r-' ']
}

// markHeight is where a mark sits over, or under, its letter.
func markHeight(letter, mark rune, stacked int) int {
	top := 520
	if letter >= 'A' && letter <= 'Z' {
		top = 720
	}
	switch mark {
	case '\u0323':
		return -90
	case '\u031b':
		return top - 40
	}
	return top + stacked*130
}

// stroke writes a drawing at a place of the line.
func stroke(out *bytes.Buffer, size, x, y float64, dx, dy int, drawing string) {
	scale := size / 1000
	fields := strings.Fields(drawing)
	for i := 0; i < len(fields); {
		if fields[i] == "h" {
			out.WriteString("h ")
			i++
			continue
		}
		px, errX := strconv.ParseFloat(fields[i], 64)
		py, errY := strconv.ParseFloat(fields[i+1], 64)
		if errX != nil || errY != nil {
			panic("the shape of a letter is malformed") // a constant of this package
		}
		fmt.Fprintf(out, "%.2f %.2f %s ", x+(px+float64(dx))*scale, y+(py+float64(dy))*scale, fields[i+2])
		i += 3
	}
	out.WriteString("S\n")
}
