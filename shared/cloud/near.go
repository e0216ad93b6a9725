package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"paht/shared/report"
	"paht/shared/screening"
)

// nearPK is the partition of the reports of one category in one cell of the grid.
func nearPK(category, cell string) string { return "G#" + category + "#" + cell }

// Near writes the entry by category and place. It says where the report is and
// never how it stands: so it never changes, and what is shown is read from the
// report.
func (p Projections) Near(ctx context.Context, r report.Report) error {
	if r.Point == nil {
		return fmt.Errorf("writing the place of report %s: it has no point", r.ID)
	}
	doc, err := json.Marshal(r.Point)
	if err != nil {
		return fmt.Errorf("encoding the place of report %s: %w", r.ID, err)
	}
	cell := screening.Cell(screening.Spot{Lat: r.Point.Lat, Lon: r.Point.Lon})
	it := key(nearPK(r.Category, cell), instant(r.SubmittedAt)+"#"+r.ID)
	it[attrDoc] = str(string(doc))
	if err := p.Table.putNewer(ctx, it, 1); err != nil {
		return fmt.Errorf("writing the place's entry: %w", err)
	}
	return nil
}

// nearPage bounds what is read of one cell: the newest.
const nearPage = 100

// Around finds the reports within reach of a spot, nearest first and a limit of
// them: one Query a cell that the reach touches, nine at most.
func (p Projections) Around(ctx context.Context, s screening.Spot, reach screening.Reach, limit int) ([]screening.Found, error) {
	span := span{
		from: instant(s.At.AddDate(0, 0, -reach.Days)), to: instant(s.At.AddDate(0, 0, reach.Days)) + "#~",
		descending: true, limit: nearPage,
	}
	var found []screening.Found
	for _, cell := range screening.Cells(s, reach.Metres) {
		span.pk = nearPK(s.Category, cell)
		page, err := p.Table.query(ctx, span)
		if err != nil {
			return nil, fmt.Errorf("reading what lies near: %w", err)
		}
		for _, it := range page.items {
			f, err := foundOf(it, s.Category)
			if err != nil {
				return nil, err
			}
			found = append(found, f)
		}
	}
	return screening.Nearest(s, found, reach, limit), nil
}

func foundOf(it item, category string) (screening.Found, error) {
	at, id, _ := strings.Cut(text(it, attrSK), "#")
	f := screening.Found{ID: id, Spot: screening.Spot{Category: category}}
	var point report.Point
	if err := json.Unmarshal([]byte(text(it, attrDoc)), &point); err != nil {
		return f, fmt.Errorf("reading the place of report %s: %w", id, err)
	}
	submitted, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return f, fmt.Errorf("reading when report %s was sent: %w", id, err)
	}
	f.Spot.Lat, f.Spot.Lon, f.Spot.At = point.Lat, point.Lon, submitted
	return f, nil
}
