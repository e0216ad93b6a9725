// Package main is the function media: environment, clients, step, queue.
package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/caarlos0/env/v11"

	"paht/functions/media"
	"paht/shared/cloud"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/lambdaio"
	"paht/shared/report"
)

// environment is what the template gives the function.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Bucket string `env:"BUCKET,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"`       // the SSM parameter of the secret document
	Notify string `env:"QUEUE_NOTIFY,required,notEmpty"` // notices of files that were not taken
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	cfg := cloud.Environment()
	keys := lambdaio.Must(cloud.Secrets(context.Background(), cloud.SSM(cfg), e.Secret))
	table := cloud.Table{Client: cloud.DynamoDB(cfg), Name: e.Table}
	settings := cloud.NewSettings(table)
	queues := cloud.Queues{Client: cloud.SQS(cfg), Addresses: map[string]string{report.QueueNotify: e.Notify}}
	flow := effect.Flow{
		Store: cloud.Reports{Table: table, Keys: keys}, Now: time.Now,
		Carrier: effect.Router{Sender: queues, Projector: cloud.Projections{Table: table}, Now: time.Now},
		Failed: func(ctx context.Context, id string, owed report.Effect, err error) {
			slog.WarnContext(ctx, "left to the sweep", "report", id, "effect", owed.Name, "error", err.Error())
		},
	}
	step := &media.Step{
		Slots: cloud.Slots{Table: table}, Objects: cloud.NewObjects(cloud.S3(cfg), e.Bucket, ""), Settings: settings, Now: time.Now,
		Rejections: decision.Rejections{Flow: flow, Maker: decision.Maker{Settings: settings, Keys: keys, Now: time.Now}, Function: media.QueueName},
	}
	lambdaio.Start(&lambdaio.Function{Name: media.QueueName, Queue: &lambdaio.Queue{
		Name: media.QueueName, Decode: media.Decode, Step: step.Take, Park: cloud.Parked{Table: table, Now: time.Now}.Park,
	}})
}
