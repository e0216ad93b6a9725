// Package main is the function publish: environment, clients, step, door.
package main

import (
	"context"
	"os"

	"github.com/caarlos0/env/v11"

	"paht/functions/publish"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doors"
	"paht/shared/effect"
	"paht/shared/lambdaio"
)

// environment is what the template gives the function; the queues' addresses
// stand in QUEUE_<consumer>.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"` // the SSM parameter of the secret document
	Origin string `env:"ORIGIN,required,notEmpty"` // whose pages may use the cookie
	Bucket string `env:"BUCKET,required,notEmpty"`
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	objects := bucket.New(bucket.Client(base.Config), e.Bucket, "")
	flow := base.Flow(effect.Router{Sender: base.Queues(cloud.Addresses(os.Environ())), Publisher: base.Publications(objects)})
	step := &publish.Step{Flow: flow, Maker: base.Maker(), Reports: base.Reports(), Slots: base.Slots(), Objects: objects, Contacts: base.Accounts()}
	server := lambdaio.Must(doors.New(base, e.Origin))
	step.Bind(server)
	lambdaio.Start(&lambdaio.Function{Name: "publish", HTTP: server,
		Queue: &lambdaio.Queue{Name: "publish", Step: step.Take, Park: base.Parked().Park}})
}
