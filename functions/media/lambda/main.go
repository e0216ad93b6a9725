// Package main is the function media: environment, clients, step, queue.
package main

import (
	"context"
	"os"

	"github.com/caarlos0/env/v11"

	"paht/functions/media"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/lambdaio"
)

// environment is what the template gives the function, beside QUEUE_NOTIFY for
// the notices of files that were not taken.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"` // the SSM parameter of the secret document
	Bucket string `env:"BUCKET,required,notEmpty"`
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	flow := base.Flow(effect.Router{Sender: base.Queues(cloud.Addresses(os.Environ()))})
	step := &media.Step{
		Slots: base.Slots(), Objects: bucket.New(bucket.Client(base.Config), e.Bucket, ""), Settings: base.Settings, Now: base.Now,
		Rejections: decision.Rejections{Flow: flow, Maker: base.Maker(), Function: media.QueueName},
	}
	lambdaio.Start(&lambdaio.Function{Name: media.QueueName, Queue: &lambdaio.Queue{
		Name: media.QueueName, Decode: media.Decode, Step: step.Take, Park: base.Parked().Park,
	}})
}
