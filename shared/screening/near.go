package screening

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Spot is where and when a report of a category is.
type Spot struct {
	Category string
	Lat, Lon float64 // WGS 84, degrees
	At       time.Time
}

// Reach is how near two reports of a category must lie to be about one thing.
type Reach struct {
	Metres int
	Days   int
}

// MaxMetres bounds the reach: so a search looks into nine cells at most.
const MaxMetres = 500

// MaxDays bounds how far a search looks back.
const MaxDays = 60

// Near tells whether two reports are likely about the same thing: of one category,
// within the reach in place and in time.
func Near(a, b Spot, r Reach) bool {
	return a.Category == b.Category && Metres(a, b) <= float64(r.Metres) &&
		a.At.Sub(b.At).Abs() <= time.Duration(r.Days)*24*time.Hour
}

// earth is the mean radius in metres (IUGG R1).
const earth = 6_371_008.8

// Metres is the distance over the ground.
func Metres(a, b Spot) float64 {
	lat1, lat2 := radians(a.Lat), radians(b.Lat)
	dLat, dLon := lat2-lat1, radians(b.Lon)-radians(a.Lon)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * earth * math.Asin(math.Sqrt(min(1, h)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// cells is how many cells a degree has: each is about 550 m wide in Vietnam, more
// than MaxMetres.
const cells = 200

// Cell names the cell of the grid in which a spot lies. It stands in stored keys:
// its form never changes.
func Cell(s Spot) string {
	return cell(int(math.Floor(s.Lat*cells)), int(math.Floor(s.Lon*cells)))
}

func cell(row, column int) string { return fmt.Sprintf("%d,%d", row, column) }

// Cells names the cells that a circle around a spot may touch, in a fixed order.
func Cells(s Spot, metres int) []string {
	lat := float64(min(metres, MaxMetres)) / (earth * math.Pi / 180)
	lon := lat / max(math.Cos(radians(s.Lat)), 0.1)
	var names []string
	for row := int(math.Floor((s.Lat - lat) * cells)); row <= int(math.Floor((s.Lat+lat)*cells)); row++ {
		for column := int(math.Floor((s.Lon - lon) * cells)); column <= int(math.Floor((s.Lon+lon)*cells)); column++ {
			names = append(names, cell(row, column))
		}
	}
	return names
}

// Found is a report near a spot.
type Found struct {
	ID     string
	Spot   Spot
	Metres float64
}

// Nearest keeps of the reports found those within the reach, nearest first, and a
// limit of them.
func Nearest(s Spot, found []Found, r Reach, limit int) []Found {
	var near []Found
	for _, f := range found {
		if Near(s, f.Spot, r) {
			f.Metres = Metres(s, f.Spot)
			near = append(near, f)
		}
	}
	slices.SortFunc(near, func(a, b Found) int { return cmp.Or(cmp.Compare(a.Metres, b.Metres), cmp.Compare(a.ID, b.ID)) })
	return near[:min(len(near), limit)]
}
