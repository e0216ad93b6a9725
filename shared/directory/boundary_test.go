package directory

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// feature writes one feature; geometry is the type and the coordinates.
func feature(code, kind, coordinates string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q},"geometry":{"type":%q,"coordinates":%s}}`, code, kind, coordinates)
}

func collection(features ...string) []byte {
	out := `{"type":"FeatureCollection","features":[`
	for i, f := range features {
		if i > 0 {
			out += ","
		}
		out += f
	}
	return []byte(out + `]}`)
}

func mustBoundary(t rapid.TB, data []byte) *Boundary {
	b, p := ParseBoundary(data)
	if len(p) > 0 {
		t.Fatalf("parsing: %v", p)
	}
	return b
}

func TestPointInPolygon(t *testing.T) {
	b := mustBoundary(t, collection(
		feature("square", "Polygon", `[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[4,6],[6,6],[6,4],[4,4]]]`),
		feature("hole", "Polygon", `[[[4,4],[6,4],[6,6],[4,6],[4,4]]]`),
		feature("east", "Polygon", `[[[10,0],[20,0],[20,10],[10,10],[10,0]]]`),
		feature("islands", "MultiPolygon", `[[[[30,0],[31,0],[31,1],[30,0]]],[[[40,0,7],[41,0,7],[41,1,7],[40,0,7]]]]`),
	))
	for _, c := range []struct {
		name     string
		lon, lat float64
		want     string
	}{
		{"inside", 1, 1, "square"},
		{"in another's hole", 5, 5, "hole"},
		{"on the hole's line", 4, 5, "hole"},
		{"on the line between two", 10, 5, "east"},
		{"first island", 30.9, 0.1, "islands"},
		{"second island, with heights", 40.9, 0.1, "islands"},
		{"between the islands", 35, 0.5, ""},
		{"level with a corner, outside", -1, 10, ""},
		{"level with the lower edge, outside", -1, 0, ""},
		{"just outside", 20.0000001, 5, ""},
		{"coordinates the wrong way round", 0.1, 30.9, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := b.Commune(Point{c.lon, c.lat})
			if got != c.want || ok != (c.want != "") || b.Contains(Point{c.lon, c.lat}) != ok {
				t.Errorf("Commune(%v, %v) = %q, %t; want %q", c.lon, c.lat, got, ok, c.want)
			}
		})
	}
}

func TestPlacesOfTheDemoProvince(t *testing.T) {
	b := loadBoundary(t)
	for _, c := range []struct {
		name     string
		lon, lat float64
		want     string
	}{
		{"first commune", 106.084, 9.707, "99001"},
		{"second", 106.145, 9.706, "99002"},
		{"third", 106.211, 9.702, "99003"},
		{"fourth", 106.089, 9.772, "99004"},
		{"fifth", 106.160, 9.780, "99005"},
		{"sixth", 106.212, 9.778, "99006"},
		{"the first commune's exclave in the fifth", 106.1345, 9.773, "99001"},
		{"the real city of Trà Vinh", 106.345, 9.935, ""},
		{"Hà Nội", 105.85, 21.03, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := b.Commune(Point{c.lon, c.lat}); got != c.want {
				t.Errorf("commune %q, want %q", got, c.want)
			}
		})
	}
}

// Every position of a shared line must lie in at most one commune, and no gap
// may open along it: points are taken on the vertices and edges themselves.
func TestSharedLinesLeaveNoGapAndNoOverlap(t *testing.T) {
	b := loadBoundary(t)
	var edges [][2]Point
	for _, a := range b.areas {
		for _, g := range a.polygons {
			for _, ring := range g.rings {
				for i := 1; i < len(ring); i++ {
					edges = append(edges, [2]Point{ring[i-1], ring[i]})
				}
			}
		}
	}
	holders := func(p Point) (n int) {
		for i := range b.areas {
			if b.areas[i].has(p) {
				n++
			}
		}
		return n
	}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(edges).Draw(t, "edge")
		at := rapid.Float64Range(0, 1).Draw(t, "at")
		p := Point{e[0].Longitude + at*(e[1].Longitude-e[0].Longitude), e[0].Latitude + at*(e[1].Latitude-e[0].Latitude)}
		n := holders(p)
		if n > 1 {
			t.Fatalf("%v lies in %d communes", p, n)
		}
		outside := false // a line of the province has the outside within a metre
		for _, step := range []Point{{1e-5, 0}, {-1e-5, 0}, {0, 1e-5}, {0, -1e-5}} {
			outside = outside || holders(Point{p.Longitude + step.Longitude, p.Latitude + step.Latitude}) == 0
		}
		if n == 0 && !outside {
			t.Fatalf("%v lies within the province and in no commune", p)
		}
	})
}

// A grid of rectangles whose inner corners were moved anywhere still covers its
// frame once.
func TestAnyGridCoversItsFrameOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		corner := [4][4]Point{}
		for i := range corner {
			for j := range corner[i] {
				corner[i][j] = Point{float64(i) * 10, float64(j) * 10}
				if i%3 != 0 && j%3 != 0 {
					corner[i][j].Longitude += rapid.Float64Range(-4, 4).Draw(t, "east")
					corner[i][j].Latitude += rapid.Float64Range(-4, 4).Draw(t, "north")
				}
			}
		}
		var features []string
		for i := range 3 {
			for j := range 3 {
				ring := []Point{corner[i][j], corner[i+1][j], corner[i+1][j+1], corner[i][j+1], corner[i][j]}
				var pairs [][2]float64
				for _, p := range ring {
					pairs = append(pairs, [2]float64{p.Longitude, p.Latitude})
				}
				text, _ := json.Marshal([][][2]float64{pairs})
				features = append(features, feature(fmt.Sprintf("c%d%d", i, j), "Polygon", string(text)))
			}
		}
		b := mustBoundary(t, collection(features...))
		p := Point{rapid.Float64Range(-5, 35).Draw(t, "lon"), rapid.Float64Range(-5, 35).Draw(t, "lat")}
		if rapid.Bool().Draw(t, "on a corner") {
			p = corner[rapid.IntRange(1, 2).Draw(t, "i")][rapid.IntRange(1, 2).Draw(t, "j")]
		}
		n := 0
		for i := range b.areas {
			if b.areas[i].has(p) {
				n++
			}
		}
		want := 0
		if p.Longitude >= 0 && p.Longitude < 30 && p.Latitude >= 0 && p.Latitude < 30 {
			want = 1
		}
		if n != want {
			t.Fatalf("%v lies in %d communes, want %d", p, n, want)
		}
	})
}

func TestBadBoundaries(t *testing.T) {
	good := `[[[0,0],[1,0],[1,1],[0,0]]]`
	for _, c := range []struct {
		name string
		data []byte
		want []Problem
	}{
		{"no JSON", []byte(`{"type":`), []Problem{{"", RuleNotJSON}}},
		{"a list", []byte(`[]`), []Problem{{"", RuleNotObject}}},
		{"another type", []byte(`{"type":"Feature"}`), []Problem{{"type", RuleNotFeatures}}},
		{"no features", []byte(`{"type":"FeatureCollection"}`), []Problem{{"features", RuleRequired}}},
		{"features that are no list", []byte(`{"type":"FeatureCollection","features":1}`), []Problem{{"features", RuleNotList}}},
		{"too large", make([]byte, maxBoundary+1), []Problem{{"", RuleTooLarge}}},
		{"bare values as features", collection("1", "null"), []Problem{{"features[0]", RuleNotObject}, {"features[1]", RuleNotObject}}},
		{"no properties, no geometry", collection(`{"type":"Feature"}`), []Problem{
			{"features[0].properties", RuleNotObject}, {"features[0].geometry", RuleNotObject}}},
		{"a point", collection(feature("a", "Point", `[0,0]`)), []Problem{{"features[0].geometry.type", RuleNotPolygon}}},
		{"no rings", collection(feature("a", "Polygon", `[]`)), []Problem{{"features[0].geometry.coordinates", RuleNotPolygon}}},
		{"no polygons", collection(feature("a", "MultiPolygon", `[]`)), []Problem{{"features[0].geometry.coordinates", RuleRequired}}},
		{"latitude first", collection(feature("a", "Polygon", `[[[9.9,106.1],[9.8,106.1],[9.8,106.2],[9.9,106.1]]]`)), []Problem{
			{"features[0].geometry.coordinates[0][0]", RuleNotPosition}}},
		{"every problem of every feature", collection(
			feature("a", "Polygon", `[[[0,0],[1,0],[0,0]]]`),
			feature("a", "Polygon", `[[[0,0],[1,0],[1,1],[0,1]]]`),
			feature("b c", "Polygon", `[[[0,0],[1,1],[2,2],[0,0]]]`),
			feature("", "MultiPolygon", `[[[[0,0],[1,0],[1],[0,0]]],[[[0,0],[1,0],[1,1],[0,0]],[[5,5],[6,5],[6,6],[5,5]]]]`),
		), []Problem{
			{"features[0].geometry.coordinates[0]", RuleRingShort},
			{"features[1].properties.code", RuleDuplicate},
			{"features[1].geometry.coordinates[0]", RuleRingOpen},
			{"features[2].properties.code", RuleBadCode},
			{"features[2].geometry.coordinates[0]", RuleRingFlat},
			{"features[3].properties.code", RuleRequired},
			{"features[3].geometry.coordinates[0][0][2]", RuleNotPosition},
			{"features[3].geometry.coordinates[1][1]", RuleHoleOutside},
		}},
		{"foreign members are let be", []byte(`{"type":"FeatureCollection","licence":"x","features":[` + feature("a", "Polygon", good) + `]}`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, got := ParseBoundary(c.data)
			sameProblems(t, got, c.want)
			if (b == nil) != (len(c.want) > 0) {
				t.Errorf("a boundary comes with problems, or none without")
			}
		})
	}
}

func TestTooManyPositionsAreRefused(t *testing.T) {
	ring := make([][2]int, maxPositions+1)
	for i := range ring {
		ring[i] = [2]int{i % 3, i % 2}
	}
	text, _ := json.Marshal([][][2]int{ring})
	_, got := ParseBoundary(collection(feature("a", "Polygon", string(text))))
	sameProblems(t, got, []Problem{{"features", RuleTooMany}})
}

func TestBoundaryAgainstTheUnits(t *testing.T) {
	d := load(t, "travinh")
	b := mustBoundary(t, collection(
		feature("29242", "Polygon", `[[[0,0],[1,0],[1,1],[0,0]]]`),
		feature("29245", "Polygon", `[[[0,0],[1,0],[1,1],[0,0]]]`),
		feature("86", "Polygon", `[[[0,0],[1,0],[1,1],[0,0]]]`),
		feature("12345", "Polygon", `[[[0,0],[1,0],[1,1],[0,0]]]`),
	))
	got := d.CheckBoundary(b, "2025-07-01")
	if len(got) != 3+40 {
		t.Fatalf("%d problems, want 3 and the 40 communes without a boundary: %v", len(got), got)
	}
	sameProblems(t, got[:4], []Problem{
		{"features[1].properties.code", RuleNotInForce}, {"features[2].properties.code", RuleWrongLevel},
		{"features[3].properties.code", RuleUnknownCode}, {"units[29254]", RuleWithoutBoundary},
	})
}
