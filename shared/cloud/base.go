package cloud

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"paht/shared/caller"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/report"
	"paht/shared/seal"
)

// Base is what every function stands on: the table, the keys, the settings, one
// clock.
type Base struct {
	Config   aws.Config
	Table    Table
	Keys     *seal.Keys
	Settings *Settings
	Now      func() time.Time
}

// Open makes the clients and reads the secret document; one cheap call that also
// warms the connection.
func Open(ctx context.Context, cfg aws.Config, table, secret string) (Base, error) {
	keys, err := Secrets(ctx, cfg, secret)
	if err != nil {
		return Base{}, err
	}
	return NewBase(cfg, Table{Client: DynamoDB(cfg), Name: table}, keys, time.Now), nil
}

// NewBase is Open with keys at hand.
func NewBase(cfg aws.Config, table Table, keys *seal.Keys, now func() time.Time) Base {
	return Base{Config: cfg, Table: table, Keys: keys, Settings: NewSettings(table), Now: now}
}

// Reports is the store of reports.
func (b Base) Reports() Reports { return Reports{Table: b.Table, Keys: b.Keys} }

// Accounts is the store of accounts.
func (b Base) Accounts() Accounts { return Accounts{Table: b.Table, Keys: b.Keys} }

// Slots is the store of upload slots.
func (b Base) Slots() Slots { return Slots{Table: b.Table} }

// Parked keeps what cannot be decoded.
func (b Base) Parked() Parked { return Parked{Table: b.Table, Now: b.Now} }

// Maker makes contexts of decisions.
func (b Base) Maker() decision.Maker {
	return decision.Maker{Settings: b.Settings, Keys: b.Keys, Now: b.Now}
}

// Queues sends to the queues whose addresses are given by consumer.
func (b Base) Queues(addresses map[string]string) Queues {
	return Queues{Client: SQS(b.Config), Addresses: addresses}
}

// Publications is the store of what is public; copier may be nil for reading.
func (b Base) Publications(copier Copier) Publications {
	return Publications{Table: b.Table, Reports: b.Reports(), Objects: copier}
}

// Flow is the rule that loses nothing over this table and what a function can
// carry out.
func (b Base) Flow(can effect.Router) effect.Flow {
	can.Now, can.Trace, can.Projector = b.Now, caller.Trace, Projections{Table: b.Table}
	return effect.Flow{
		Store: b.Reports(), Carrier: can, Now: b.Now,
		Failed: func(ctx context.Context, id string, e report.Effect, err error) {
			slog.WarnContext(ctx, "an effect stays owed", "report", id, "effect", e.Name, "error", err.Error())
		},
	}
}

// Attaching gives the attacher of a flow that is yet to be made: a file that was
// rejected before is raised on the report through the flow itself.
func (b Base) Attaching(flow *effect.Flow, function string) Attachments {
	return Attachments{Slots: b.Slots(), Raise: func(ctx context.Context, id, slot, code string) error {
		return decision.Rejections{Flow: *flow, Maker: b.Maker(), Function: function}.Raise(ctx, id, slot, code)
	}}
}

// Addresses reads "QUEUE_…" variables: consumer → URL.
func Addresses(environment []string) map[string]string {
	out := make(map[string]string)
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		if queue, ok := strings.CutPrefix(name, "QUEUE_"); ok {
			out[strings.ToLower(queue)] = value
		}
	}
	return out
}
