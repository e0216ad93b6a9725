package screening

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

// away is a spot some metres to the north and the east, some days before.
func away(s Spot, north, east float64, days int) Spot {
	s.Lat += north / 111_195
	s.Lon += east / (111_195 * math.Cos(radians(s.Lat)))
	s.At = s.At.AddDate(0, 0, -days)
	return s
}

var here = Spot{Category: "giao_thong", Lat: 9.707, Lon: 106.084, At: noon}

func TestNear(t *testing.T) {
	reach := Reach{Metres: 100, Days: 30}
	other := here
	other.Category = "dien"
	for _, c := range []struct {
		fact string
		b    Spot
		r    Reach
		want bool
	}{
		{"40 m and 2 days away", away(here, 40, 0, 2), reach, true},
		{"40 m to the east", away(here, 0, 40, 2), reach, true},
		{"2 km away", away(here, 2000, 0, 2), reach, false},
		{"60 days away", away(here, 40, 0, 60), reach, false},
		{"another category", other, reach, false},
		{"the same place and time", here, reach, true},
		{"later", away(here, 40, 0, -2), reach, true},
		{"at the edge in time", away(here, 0, 0, 30), reach, true},
		{"past the edge in place", away(here, 101, 0, 0), reach, false},
		{"a wider reach", away(here, 101, 0, 0), Reach{Metres: 150, Days: 30}, true},
		{"a longer reach", away(here, 40, 0, 60), Reach{Metres: 100, Days: 60}, true},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := Near(here, c.b, c.r); got != c.want || Near(c.b, here, c.r) != c.want {
				t.Errorf("%.1f m: %t", Metres(here, c.b), got)
			}
		})
	}
}

func TestTheDistanceIsThatOverTheGround(t *testing.T) {
	// Trà Vinh to Hà Nội, and a degree of latitude.
	if d := Metres(Spot{Lat: 9.9347, Lon: 106.3453}, Spot{Lat: 21.0285, Lon: 105.8542}); math.Abs(d-1_234_700) > 2000 {
		t.Errorf("%.0f m", d)
	}
	if d := Metres(Spot{Lat: 9, Lon: 106}, Spot{Lat: 10, Lon: 106}); math.Abs(d-111_195) > 1 {
		t.Errorf("%.0f m", d)
	}
}

func TestACellsNameNeverChanges(t *testing.T) {
	if got := Cell(here); got != "1941,21216" {
		t.Errorf("%s", got)
	}
	if got := Cell(Spot{Lat: -0.001, Lon: -0.001}); got != "-1,-1" {
		t.Errorf("%s", got)
	}
}

// What is near stands in a cell that is looked into.
func TestTheCellsHoldEverythingWithinReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Spot{Lat: rapid.Float64Range(8, 24).Draw(t, "lat"), Lon: rapid.Float64Range(102, 110).Draw(t, "lon")}
		metres := rapid.IntRange(1, MaxMetres).Draw(t, "metres")
		angle := rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle")
		far := rapid.Float64Range(0, float64(metres)).Draw(t, "far")
		o := away(s, far*math.Cos(angle)*0.999, far*math.Sin(angle)*0.999, 0)
		names := Cells(s, metres)
		if !Near(s, o, Reach{Metres: metres}) {
			return
		}
		if !slices.Contains(names, Cell(o)) {
			t.Fatalf("%v lies %.1f m away, outside %v", o, Metres(s, o), names)
		}
		if len(names) > 9 {
			t.Fatalf("%d cells", len(names))
		}
	})
}

func TestNearestComeFirst(t *testing.T) {
	found := []Found{{ID: "c", Spot: away(here, 80, 0, 1)}, {ID: "far", Spot: away(here, 800, 0, 1)}, {ID: "a", Spot: away(here, 10, 0, 1)}, {ID: "b", Spot: away(here, 40, 0, 9)}}
	got := Nearest(here, found, Reach{Metres: 100, Days: 10}, 2)
	if len(got) != 2 || got[0].ID != "a" || got[1].ID != "b" || math.Abs(got[0].Metres-10) > 0.1 {
		t.Errorf("%+v", got)
	}
}
