package directory

import (
	"encoding/json"
	"math"
	"slices"
)

// The bounds of a boundary document. Simplified to 13 m, the 41 communes that
// joined the merged province from Trà Vinh take 140 KB and 7,000 positions.
const (
	maxBoundary  = 8 << 20
	maxFeatures  = 1000
	maxPolygons  = 500 // in one commune: islands
	maxRings     = 200 // in one polygon
	maxPositions = 300_000
)

// Point is a place in WGS 84, in degrees.
type Point struct {
	Longitude, Latitude float64
}

// Area is one commune's boundary.
type Area struct {
	Code     string
	Name     string
	polygons []polygon
	box      box
}

// polygon holds the outer ring and then the holes.
type polygon struct {
	rings [][]Point
	box   box
}

type box struct{ low, high Point }

func (b box) has(p Point) bool {
	return b.low.Longitude <= p.Longitude && p.Longitude <= b.high.Longitude &&
		b.low.Latitude <= p.Latitude && p.Latitude <= b.high.Latitude
}

// over returns the box that holds both.
func (b box) over(o box) box {
	return box{
		Point{min(b.low.Longitude, o.low.Longitude), min(b.low.Latitude, o.low.Latitude)},
		Point{max(b.high.Longitude, o.high.Longitude), max(b.high.Latitude, o.high.Latitude)},
	}
}

// Boundary is the province as the communes that make it up. It is never
// changed once read.
type Boundary struct{ areas []Area }

// Communes returns the codes of the communes that have a boundary.
func (b *Boundary) Communes() []string {
	codes := make([]string, len(b.areas))
	for i, a := range b.areas {
		codes[i] = a.Code
	}
	return codes
}

// Commune returns the commune in which a point lies. A point on the line
// between two communes lies in exactly one of them, where both are drawn with
// the same positions: edges count half-open.
func (b *Boundary) Commune(p Point) (code string, ok bool) {
	for i := range b.areas {
		if b.areas[i].has(p) {
			return b.areas[i].Code, true
		}
	}
	return "", false
}

// Contains tells whether a point lies in the province.
func (b *Boundary) Contains(p Point) bool {
	_, ok := b.Commune(p)
	return ok
}

func (a *Area) has(p Point) bool {
	if !a.box.has(p) {
		return false
	}
	return slices.ContainsFunc(a.polygons, func(poly polygon) bool { return poly.has(p) })
}

// has counts the edges of all rings that a ray to the east crosses; a hole's
// ring makes the number even again.
func (g polygon) has(p Point) bool {
	if !g.box.has(p) {
		return false
	}
	inside := false
	for _, ring := range g.rings {
		for i := 1; i < len(ring); i++ {
			if crosses(ring[i-1], ring[i], p) {
				inside = !inside
			}
		}
	}
	return inside
}

// crosses tells whether the ray from p to the east crosses an edge. The lower
// end belongs to the edge and the upper does not. The ends are put in order
// first, so that the two communes that share an edge, which run along it in
// opposite directions, compute with the same numbers.
func crosses(a, b, p Point) bool {
	if a.Latitude > b.Latitude {
		a, b = b, a
	}
	if p.Latitude < a.Latitude || p.Latitude >= b.Latitude {
		return false
	}
	return (b.Longitude-a.Longitude)*(p.Latitude-a.Latitude) > (p.Longitude-a.Longitude)*(b.Latitude-a.Latitude)
}

// twiceArea is the signed area of a closed ring, doubled.
func twiceArea(ring []Point) float64 {
	sum, o := 0.0, ring[0]
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		sum += (a.Longitude-o.Longitude)*(b.Latitude-o.Latitude) - (b.Longitude-o.Longitude)*(a.Latitude-o.Latitude)
	}
	return sum
}

func boxOf(ring []Point) box {
	b := box{ring[0], ring[0]}
	for _, p := range ring[1:] {
		b = b.over(box{p, p})
	}
	return b
}

// ParseBoundary reads a GeoJSON FeatureCollection (RFC 7946) with one Polygon
// or MultiPolygon a commune, whose properties are code and name, and returns
// every problem. Members that RFC 7946 does not know are let be, as its section
// 6.1 allows; so is a third coordinate.
func ParseBoundary(data []byte) (*Boundary, []Problem) {
	p := &problems{}
	if len(data) > maxBoundary {
		p.add(RuleTooLarge, "")
		return nil, p.list
	}
	if !json.Valid(data) {
		p.add(RuleNotJSON, "")
		return nil, p.list
	}
	top, ok := newRow(data, "", p)
	if !ok {
		return nil, p.list
	}
	if top.text("type", maxName) != "FeatureCollection" {
		p.add(RuleNotFeatures, "type")
		return nil, p.list
	}
	b := &Boundary{}
	seen, left := map[string]bool{}, maxPositions
	features := top.items("features", maxFeatures)
	if len(features) == 0 && len(p.list) == 0 {
		p.add(RuleRequired, "features")
	}
	for i, raw := range features {
		if r, ok := newRow(raw, rowPath("features", i), p); ok {
			b.areas = append(b.areas, r.feature(seen, &left))
		}
	}
	if left < 0 {
		p.add(RuleTooMany, "features")
	}
	if len(p.list) > 0 {
		return nil, p.list
	}
	return b, nil
}

// feature reads one commune. left counts the positions that the document may
// still hold.
func (r *row) feature(seen map[string]bool, left *int) Area {
	var a Area
	if r.text("type", maxName) != "Feature" {
		r.add(RuleNotFeature, "%s", r.at("type"))
	}
	if sub, ok := newRow(r.fields["properties"], r.at("properties"), r.problems); ok {
		a.Code, a.Name = sub.code("code"), sub.text("name", maxName)
		sub.need("code", a.Code)
		if a.Code != "" && seen[a.Code] {
			r.add(RuleDuplicate, "%s", sub.at("code"))
		}
		seen[a.Code] = true
	}
	sub, ok := newRow(r.fields["geometry"], r.at("geometry"), r.problems)
	if !ok {
		return a
	}
	path := sub.at("coordinates")
	switch sub.text("type", maxName) {
	case "Polygon":
		if g, ok := r.polygon(sub.fields["coordinates"], path, left); ok {
			a.polygons = append(a.polygons, g)
		}
	case "MultiPolygon":
		list := sub.items("coordinates", maxPolygons)
		if len(list) == 0 && !sub.reported("coordinates") {
			r.add(RuleRequired, "%s", path)
		}
		for i, raw := range list {
			if g, ok := r.polygon(raw, rowPath(path, i), left); ok {
				a.polygons = append(a.polygons, g)
			}
		}
	default:
		r.add(RuleNotPolygon, "%s", sub.at("type"))
	}
	for i, g := range a.polygons {
		if i == 0 {
			a.box = g.box
		}
		a.box = a.box.over(g.box)
	}
	return a
}

// polygon reads an outer ring and its holes. Rings may run either way round,
// and one that cuts itself is counted even-odd.
func (r *row) polygon(raw json.RawMessage, path string, left *int) (polygon, bool) {
	var rings [][][]float64
	var g polygon
	if json.Unmarshal(raw, &rings) != nil || len(rings) == 0 {
		r.add(RuleNotPolygon, "%s", path)
		return g, false
	}
	if len(rings) > maxRings {
		r.add(RuleTooMany, "%s", path)
		return g, false
	}
	good := true
	for i, positions := range rings {
		if *left -= len(positions); *left < 0 {
			return g, false
		}
		ring, ok := r.ring(positions, rowPath(path, i))
		if good = good && ok; !good {
			continue
		}
		g.rings = append(g.rings, ring)
		if i > 0 && !(g.box.has(boxOf(ring).low) && g.box.has(boxOf(ring).high)) {
			r.add(RuleHoleOutside, "%s", rowPath(path, i))
			good = false
		} else if i == 0 {
			g.box = boxOf(ring)
		}
	}
	return g, good
}

func (r *row) ring(positions [][]float64, path string) ([]Point, bool) {
	ring := make([]Point, 0, len(positions))
	for i, c := range positions {
		if len(c) < 2 || len(c) > 3 || math.Abs(c[0]) > 180 || math.Abs(c[1]) > 90 {
			r.add(RuleNotPosition, "%s", rowPath(path, i))
			return nil, false
		}
		ring = append(ring, Point{c[0], c[1]})
	}
	switch {
	case len(ring) < 4:
		r.add(RuleRingShort, "%s", path)
	case ring[0] != ring[len(ring)-1]:
		r.add(RuleRingOpen, "%s", path)
	case twiceArea(ring) == 0:
		r.add(RuleRingFlat, "%s", path)
	default:
		return ring, true
	}
	return nil, false
}

// CheckBoundary returns what is wrong between a boundary and the directory on
// the date from which it is to hold: features that are no commune then, and
// communes without a feature (path units[code]).
func (d *Directory) CheckBoundary(b *Boundary, on Date) []Problem {
	p := &problems{}
	for i, area := range b.areas {
		path := rowPath("features", i) + ".properties.code"
		if unit, ok := d.Unit(area.Code, on); len(d.units.byCode[area.Code]) == 0 {
			p.add(RuleUnknownCode, "%s", path)
		} else if !ok {
			p.add(RuleNotInForce, "%s", path)
		} else if unit.Level != LevelCommune {
			p.add(RuleWrongLevel, "%s", path)
		}
	}
	for _, unit := range d.Units(LevelCommune, on) {
		if !slices.ContainsFunc(b.areas, func(a Area) bool { return a.Code == unit.Code }) {
			p.add(RuleWithoutBoundary, "units[%s]", unit.Code)
		}
	}
	return p.list
}
