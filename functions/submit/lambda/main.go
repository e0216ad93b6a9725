// Package main is the function submit: environment, clients, step, door.
package main

import (
	"context"
	"os"

	"github.com/caarlos0/env/v11"

	"paht/functions/submit"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doors"
	"paht/shared/desk"
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
	var flow effect.Flow
	flow = base.Flow(effect.Router{Sender: base.Queues(cloud.Addresses(os.Environ())), Attacher: base.Attaching(&flow, "submit")})
	server := lambdaio.Must(doors.New(base, e.Origin))
	(&submit.Step{Flow: flow, Slots: base.Slots(), Objects: objects, Accounts: base.Accounts(), Maker: base.Maker()}).Bind(server)
	(&submit.Uploads{Desk: &desk.Desk{Slots: base.Slots(), Objects: objects, Now: base.Now}, Settings: base.Settings, Now: base.Now}).Bind(server)
	lambdaio.Start(&lambdaio.Function{Name: "submit", HTTP: server})
}
