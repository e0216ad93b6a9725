package fleet

import (
	"bytes"
	"context"
	"log/slog"
)

// lines is the functions' logger. What they warn of is kept for a test that
// failed; a fleet whose test asked for it is given every line of its own
// functions, as JSON, as they write it to CloudWatch Logs.
type lines struct {
	warnings slog.Handler
	with     []func(slog.Handler) slog.Handler // attributes and groups
}

func newLines(kept *tail) lines {
	return lines{warnings: slog.NewTextHandler(kept, &slog.HandlerOptions{Level: slog.LevelWarn})}
}

type fleetKey struct{}

// listening gives the fleet whose invocation a context is of, where its test
// listens.
func listening(ctx context.Context) *Fleet {
	f, _ := ctx.Value(fleetKey{}).(*Fleet)
	if f == nil || f.options.Log == nil {
		return nil
	}
	return f
}

// Enabled implements slog.Handler.
func (l lines) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn || level >= slog.LevelInfo && listening(ctx) != nil
}

// Handle implements slog.Handler.
func (l lines) Handle(ctx context.Context, r slog.Record) error {
	if f := listening(ctx); f != nil {
		var line bytes.Buffer
		if err := l.made(slog.NewJSONHandler(&line, nil)).Handle(ctx, r); err != nil {
			return err
		}
		f.mu.Lock()
		f.options.Log(line.String())
		f.mu.Unlock()
	}
	if r.Level < slog.LevelWarn {
		return nil
	}
	return l.made(l.warnings).Handle(ctx, r)
}

func (l lines) made(h slog.Handler) slog.Handler {
	for _, with := range l.with {
		h = with(h)
	}
	return h
}

// WithAttrs implements slog.Handler.
func (l lines) WithAttrs(attributes []slog.Attr) slog.Handler {
	return l.and(func(h slog.Handler) slog.Handler { return h.WithAttrs(attributes) })
}

// WithGroup implements slog.Handler.
func (l lines) WithGroup(name string) slog.Handler {
	return l.and(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (l lines) and(with func(slog.Handler) slog.Handler) slog.Handler {
	l.with = append(append([]func(slog.Handler) slog.Handler{}, l.with...), with)
	return l
}
