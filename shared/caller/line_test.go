package caller_test

import (
	"fmt"
	"strings"
	"testing"

	"paht/shared/caller"
)

func TestALineTellsWhatWasSeen(t *testing.T) {
	for _, row := range []struct {
		name string
		do   func(l *caller.Line)
		want string
	}{
		{"nothing", func(*caller.Line) {}, ""},
		{"a report and its request", func(l *caller.Line) { caller.Saw(caller.WithLine(t.Context(), l), "PA-1", "t1") }, "reports [PA-1] traces [t1]"},
		{"the same twice is said once", func(l *caller.Line) {
			ctx := caller.WithLine(t.Context(), l)
			caller.Saw(ctx, "PA-1", "t1")
			caller.Saw(ctx, "PA-1", "t1")
		}, "reports [PA-1] traces [t1]"},
		{"a report of before there were requests", func(l *caller.Line) { caller.Saw(caller.WithLine(t.Context(), l), "PA-1", "") }, "reports [PA-1]"},
		{"two reports of one request", func(l *caller.Line) {
			ctx := caller.WithLine(t.Context(), l)
			caller.Saw(ctx, "PA-1", "t1")
			caller.Saw(ctx, "PA-2", "t1")
		}, "reports [PA-1 PA-2] traces [t1]"},
		{"figures in the order of their first counting", func(l *caller.Line) {
			ctx := caller.WithLine(t.Context(), l)
			caller.Count(ctx, "hits", 2)
			caller.Count(ctx, "acted", 0)
			caller.Count(ctx, "hits", 1)
		}, "hits 3 acted 0"},
		{"outside an invocation", func(*caller.Line) {
			caller.Saw(t.Context(), "PA-1", "t1")
			caller.Count(t.Context(), "hits", 1)
		}, ""},
	} {
		l := new(caller.Line)
		row.do(l)
		if got := said(l); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestALineIsBounded(t *testing.T) {
	l := new(caller.Line)
	ctx := caller.WithLine(t.Context(), l)
	for i := range 1000 {
		caller.Saw(ctx, fmt.Sprintf("PA-%d", i), fmt.Sprintf("t%d", i))
	}
	got := said(l)
	if strings.Count(got, "PA-") != 25 || !strings.Contains(got, " more 975 ") || len(got) > 1000 {
		t.Errorf("the line says %s", got)
	}
}

func said(l *caller.Line) string {
	return strings.TrimSuffix(fmt.Sprintln(l.Attributes()...), "\n")
}
