package effect_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"paht/shared/effect"
	"paht/shared/message"
	"paht/shared/report"
)

// ports are all ports of a router, and note what reaches them.
type ports struct {
	last string
	err  error
}

func (p *ports) note(format string, args ...any) error {
	p.last = fmt.Sprintf(format, args...)
	return p.err
}

func (p *ports) Send(_ context.Context, queue string, e message.Envelope, delay time.Duration) error {
	return p.note("send %s %s settled=%v trace=%s after %v", queue, e.ID, e.Settled, e.Trace, delay)
}
func (p *ports) Mine(_ context.Context, r report.Report) error { return p.note("mine %s", r.ID) }
func (p *ports) Day(_ context.Context, r report.Report) error  { return p.note("day %s", r.ID) }
func (p *ports) Near(_ context.Context, r report.Report) error { return p.note("near %s", r.ID) }
func (p *ports) Work(_ context.Context, r report.Report, a string) error {
	return p.note("work %s %s", r.ID, a)
}
func (p *ports) Attach(_ context.Context, r report.Report) error { return p.note("attach %s", r.ID) }
func (p *ports) Publish(_ context.Context, r report.Report, a string) error {
	return p.note("publish %s %s", r.ID, a)
}

func TestAnEffectIsCarriedOutByItsName(t *testing.T) {
	now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	r := report.Report{ID: "PA-00000000000"}
	at := func(leaves time.Duration) time.Time { return now.Add(leaves + report.FirstRetry) }
	for _, row := range []struct {
		name, effect string
		leaves       time.Duration
		settled      bool
		want         string
	}{
		{"the reporter's list", report.ProjectMine, 0, false, "mine PA-00000000000"},
		{"the day", report.ProjectDay, 0, false, "day PA-00000000000"},
		{"the place", report.ProjectNear, 0, false, "near PA-00000000000"},
		{"a part's row", report.ProjectWork + "a2", 0, false, "work PA-00000000000 a2"},
		{"a part's public item", report.ProjectPublic + "a2", 0, false, "publish PA-00000000000 a2"},
		{"the uploads", report.AttachMedia, 0, false, "attach PA-00000000000"},
		{"a message of the flow leaves at once", toScreen, 0, true, "send screen PA-00000000000#7 settled=true trace=t after 0s"},
		{"it says when the rest is not done", toScreen, 0, false, "send screen PA-00000000000#7 settled=false trace=t after 0s"},
		{"a notice never says so", toNotify, 0, true, "send notify PA-00000000000#7 settled=false trace=t after 0s"},
		{"a notice waits", toNotify, 40 * time.Second, false, "send notify PA-00000000000#7 settled=false trace=t after 40s"},
		{"a quarter of an hour at most", toNotify, time.Hour, false, "send notify PA-00000000000#7 settled=false trace=t after 15m0s"},
		{"what should have left, leaves", toNotify, -time.Hour, false, "send notify PA-00000000000#7 settled=false trace=t after 0s"},
	} {
		p := &ports{}
		c := effect.Router{Sender: p, Projector: p, Attacher: p, Publisher: p, Now: func() time.Time { return now }, Trace: func(context.Context) string { return "t" }}
		e := report.Effect{Name: row.effect, N: 7, Retry: at(row.leaves)}
		if err := c.Carry(t.Context(), r, e, row.settled); err != nil || p.last != row.want {
			t.Errorf("%s: %q, %v, want %q", row.name, p.last, err, row.want)
		}
		p.err = errors.New("it is down")
		if err := c.Carry(t.Context(), r, e, row.settled); !errors.Is(err, p.err) || strings.HasPrefix(row.want, "send") && !strings.HasPrefix(err.Error(), "sending report.") {
			t.Errorf("%s fails with %v", row.name, err)
		}
		lacks := effect.Router{Now: func() time.Time { return now }}
		if err := lacks.Carry(t.Context(), r, e, row.settled); !errors.Is(err, effect.ErrNotHere) {
			t.Errorf("%s without a port: %v", row.name, err)
		}
	}
	p := &ports{}
	c := effect.Router{Sender: p, Projector: p, Attacher: p, Publisher: p, Now: func() time.Time { return now }}
	if err := c.Carry(t.Context(), r, report.Effect{Name: "project:later"}, false); !errors.Is(err, effect.ErrNotHere) || p.last != "" {
		t.Errorf("a name of a later version: %q, %v", p.last, err)
	}
}
