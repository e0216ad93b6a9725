package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"paht/shared/report"
)

// Projections writes what stands under a second key. Each item carries the
// number of the report's newest event, and a newer one is never overwritten.
type Projections struct{ Table Table }

func ownerPK(account string) string { return "U#" + account }

// putNewer writes an item unless a newer one stands there: then it is done.
func (t Table) putNewer(ctx context.Context, it item, n int) error {
	it[attrVersion] = num(int64(n))
	err := t.put(ctx, it, &condition{
		expression: "attribute_not_exists(pk) OR v < :v", values: item{":v": num(int64(n))},
	})
	if _, newer := standing(err); newer {
		return nil
	}
	return err
}

// Mine writes the row of the reporter's list.
func (p Projections) Mine(ctx context.Context, r report.Report) error {
	doc, err := json.Marshal(r.Own())
	if err != nil {
		return fmt.Errorf("encoding the row of report %s: %w", r.ID, err)
	}
	it := key(ownerPK(r.Owner), "r#"+instant(r.SubmittedAt)+"#"+r.ID)
	it[attrDoc] = str(string(doc))
	if err := p.Table.putNewer(ctx, it, r.Newest.N); err != nil {
		return fmt.Errorf("writing the reporter's row: %w", err)
	}
	return nil
}

// Day writes the entry of the day of submission (in the province's time).
func (p Projections) Day(ctx context.Context, r report.Report) error {
	it := key("D#"+r.SubmittedAt.In(time.FixedZone("", 7*3600)).Format(time.DateOnly), r.ID)
	if err := p.Table.putNewer(ctx, it, 1); err != nil {
		return fmt.Errorf("writing the day's entry: %w", err)
	}
	return nil
}

// Work writes an assignment's row where it does not stand in the state item; what
// is closed, or stands there, leaves the index.
func (p Projections) Work(ctx context.Context, r report.Report, assignment string) error {
	a := r.Assignment(assignment)
	if a == nil {
		return fmt.Errorf("writing the row of assignment %s: report %s has none", assignment, r.ID)
	}
	it := key(reportPK(r.ID), partSK(a.ID))
	if queue, row, ok := r.AsideRow(a); ok {
		if err := indexWorkRow(it, queue, row); err != nil {
			return err
		}
	}
	if err := p.Table.putNewer(ctx, it, r.Newest.N); err != nil {
		return fmt.Errorf("writing the row of assignment %s: %w", assignment, err)
	}
	return nil
}

// WorkPage is a page of an officer's queue.
type WorkPage struct {
	Rows []report.WorkRow
	Next map[string]string // nil at the end
}

// Queue reads a page of a queue by due time: one Query.
func (p Projections) Queue(ctx context.Context, queue string, limit int, after map[string]string) (WorkPage, error) {
	got, err := p.Table.query(ctx, span{index: indexWork, pk: queue, limit: int32(limit), after: startKey(after)})
	if err != nil {
		return WorkPage{}, fmt.Errorf("reading the queue %s: %w", queue, err)
	}
	out := WorkPage{Next: position(got.next)}
	for _, it := range got.items {
		var row report.WorkRow
		if err := unpack(it, attrSummary, &row); err != nil {
			return WorkPage{}, fmt.Errorf("reading a row of the queue %s: %w", queue, err)
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// OwnPage is a page of the reporter's list.
type OwnPage struct {
	Rows []report.OwnRow
	Next map[string]string
}

// Own reads a page of a reporter's reports, newest first.
func (p Projections) Own(ctx context.Context, account string, limit int, after map[string]string) (OwnPage, error) {
	got, err := p.Table.query(ctx, span{pk: ownerPK(account), prefix: "r#", descending: true, limit: int32(limit), after: startKey(after)})
	if err != nil {
		return OwnPage{}, fmt.Errorf("reading the reporter's reports: %w", err)
	}
	out := OwnPage{Next: position(got.next)}
	for _, it := range got.items {
		var row report.OwnRow
		if err := json.Unmarshal([]byte(text(it, attrDoc)), &row); err != nil {
			return OwnPage{}, fmt.Errorf("reading a reporter's row: %w", err)
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// position and startKey turn a page's end into what a cursor carries, and back.
// All keys are strings.
func position(next item) map[string]string {
	if next == nil {
		return nil
	}
	out := make(map[string]string, len(next))
	for name := range next {
		out[name] = text(next, name)
	}
	return out
}

func startKey(position map[string]string) item {
	if position == nil {
		return nil
	}
	out := make(item, len(position))
	for name, value := range position {
		out[name] = str(value)
	}
	return out
}
