package cloud_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/report"
	"paht/shared/screening"
)

func TestWhatLiesAcrossACellsEdgeIsFound(t *testing.T) {
	begin := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	w := cloudtest.Open(t, begin)
	p := cloud.Projections{Table: w.Table}
	put := func(id, category string, lat, lon float64, days int) {
		t.Helper()
		r := report.Report{ID: id, Category: category, Point: &report.Point{Lat: lat, Lon: lon}, SubmittedAt: begin.AddDate(0, 0, -days)}
		for range 2 { // a repeat is harmless
			if err := p.Near(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The spot stands at the corner of four cells.
	put("north-east", "road", 9.70502, 106.08502, 0)
	put("north-west", "road", 9.70503, 106.08497, 29)
	put("south-east", "road", 9.70496, 106.08503, 0)
	put("south-west", "road", 9.70495, 106.08495, 0)
	put("too-old", "road", 9.70502, 106.08502, 31)
	put("too-far", "road", 9.70702, 106.08502, 0)
	put("other", "light", 9.70502, 106.08502, 0)
	spot := screening.Spot{Category: "road", Lat: 9.705, Lon: 106.085, At: begin}
	queries := 0
	w.Break(func(r *http.Request) (error, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
			queries++
		}
		return nil, nil
	})
	found, err := p.Around(t.Context(), spot, screening.Reach{Metres: 100, Days: 30}, 3)
	var ids []string
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	if err != nil || fmt.Sprint(ids) != "[north-east north-west south-east]" || queries != 4 {
		t.Errorf("found %v with %d queries, %v", ids, queries, err)
	}
	if err := p.Near(t.Context(), report.Report{ID: "nowhere"}); err == nil {
		t.Error("a report without a point has a place")
	}
}
