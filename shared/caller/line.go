package caller

import (
	"context"
	"slices"
	"sync"
)

// Line gathers what one invocation says of itself in its one line of the log:
// which reports it was about, from which requests of a phone they came, and what
// it counted. It never holds personal data: reports are named by their ids.
type Line struct {
	mu      sync.Mutex
	reports []string
	traces  []string
	more    int // reports beyond those that are named
	names   []string
	counts  map[string]int
}

// named bounds the reports and traces of one line: a sweep touches thousands.
const named = 25

type lineKey struct{}

// WithLine puts an invocation's line into its context.
func WithLine(ctx context.Context, l *Line) context.Context {
	return context.WithValue(ctx, lineKey{}, l)
}

// line is the context's; nil outside an invocation.
func line(ctx context.Context) *Line {
	l, _ := ctx.Value(lineKey{}).(*Line)
	return l
}

// Saw tells the line that the invocation is about a report, and of the request
// that the report came with; either may be empty.
func Saw(ctx context.Context, report, trace string) {
	l := line(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if report != "" && !slices.Contains(l.reports, report) {
		if len(l.reports) == named {
			l.more++
		} else {
			l.reports = append(l.reports, report)
		}
	}
	if trace != "" && len(l.traces) < named && !slices.Contains(l.traces, trace) {
		l.traces = append(l.traces, trace)
	}
}

// Count adds to one of the line's figures.
func Count(ctx context.Context, name string, n int) {
	l := line(ctx)
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	if _, known := l.counts[name]; !known {
		l.names = append(l.names, name)
	}
	l.counts[name] += n
}

// Attributes are the line's names and values, for a structured logger. What was
// not said is left out.
func (l *Line) Attributes() []any {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []any
	if len(l.reports) > 0 {
		out = append(out, "reports", slices.Clone(l.reports))
	}
	if l.more > 0 {
		out = append(out, "more", l.more)
	}
	if len(l.traces) > 0 {
		out = append(out, "traces", slices.Clone(l.traces))
	}
	for _, name := range l.names {
		out = append(out, name, l.counts[name])
	}
	return out
}
