// Package decision makes the context of a decision: who acts, when, under which
// settings. It knows no step and no AWS.
package decision

import (
	"context"
	"fmt"
	"time"

	"paht/shared/caller"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
)

// Settings gives the department's settings as they stand.
type Settings interface {
	Load(ctx context.Context) (*settings.Snapshot, error)
}

// Digester makes keyed digests.
type Digester interface {
	MAC(purpose string, data ...string) string
}

// Maker makes contexts.
type Maker struct {
	Settings Settings
	Keys     Digester
	Now      func() time.Time
}

// noEvent is what an officer saw whose If-Match is "0": events count from 1, and 0
// in a context asks for no comparison at all.
const noEvent = -1

// ByCaller is the context of an act of whoever holds the request's session.
func (m Maker) ByCaller(ctx context.Context) (report.Context, *settings.Snapshot, error) {
	request := caller.Of(ctx)
	who := request.Principal
	by := report.Actor{Kind: report.ByReporter, ID: who.Account}
	if who.Officer() {
		by = report.Actor{Kind: report.ByOfficer, ID: who.Account, Agency: who.Agency}
	}
	c, s, err := m.under(ctx, by)
	c.Key, c.Request, c.Ensure = request.Key, request.Digest, request.Match
	if who.Officer() && c.Ensure == 0 {
		c.Ensure = noEvent
	}
	return c, s, err
}

// ByMachine is the context of a function that a message moved; the message may
// say that all else its change owed is done.
func (m Maker) ByMachine(ctx context.Context, function string, e message.Envelope) (report.Context, *settings.Snapshot, error) {
	c, s, err := m.under(ctx, report.Actor{Kind: report.ByMachine, ID: function})
	if e.Settled {
		c.Settled = e.N
	}
	return c, s, err
}

func (m Maker) under(ctx context.Context, by report.Actor) (report.Context, *settings.Snapshot, error) {
	s, err := m.Settings.Load(ctx)
	if err != nil {
		return report.Context{}, nil, fmt.Errorf("loading the settings: %w", err)
	}
	at := m.Now().UTC()
	terms, err := s.Terms(ctx)
	if err != nil {
		return report.Context{}, nil, err
	}
	policy, err := s.Policy(ctx, at)
	if err != nil {
		return report.Context{}, nil, err
	}
	return report.Context{
		At: at, By: by, Terms: terms, Delay: policy.NoticeDelay, Trace: caller.Trace(ctx),
		Keyed: func(body []byte) string { return m.Keys.MAC("digest", string(body)) },
	}, s, nil
}
