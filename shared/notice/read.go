package notice

import (
	"context"

	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/settings"
)

// Reports reads reports.
type Reports interface {
	Load(ctx context.Context, id string) (report.History, error)
	Body(ctx context.Context, r report.Report, n int) (*report.Body, error)
}

// Reader words the items of an inbox when they are read, in the reader's
// language. An item in the inbox says what its letter said, without the links
// that only the letter may hold.
type Reader struct {
	Reports Reports
	Links   Links
}

// Words gives the words of items, in their order; a report is loaded once. An
// item whose words cannot be made any more has none.
func (r Reader) Words(ctx context.Context, s *settings.Snapshot, language string, items []Item) ([]Words, error) {
	loaded := make(map[string]report.History)
	out := make([]Words, 0, len(items))
	for _, i := range items {
		i.Language = language
		w, err := r.word(ctx, s, i, loaded)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func (r Reader) word(ctx context.Context, s *settings.Snapshot, i Item, loaded map[string]report.History) (Words, error) {
	if i.Report == "" {
		return OfAsked(ctx, s, i, Asked{})
	}
	h, ok := loaded[i.Report]
	if !ok {
		var err error
		h, err = r.Reports.Load(ctx, i.Report)
		if fault.Is(err, "not_found") {
			return Words{}, nil
		}
		if err != nil {
			return Words{}, err
		}
		loaded[i.Report] = h
	}
	var body *report.Body
	if i.N >= 1 && i.N <= len(h.Events) && h.Events[i.N-1].Body != "" {
		var err error
		if body, err = r.Reports.Body(ctx, h.Report, i.N); err != nil {
			return Words{}, err
		}
	}
	return OfReport(ctx, s, i, h, body, r.Links)
}
