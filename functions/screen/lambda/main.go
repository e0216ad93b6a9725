// Package main is the function screen: environment, clients, step, door.
package main

import (
	"context"
	"os"

	"github.com/caarlos0/env/v11"

	"paht/functions/screen"
	"paht/shared/cloud"
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
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	flow := base.Flow(effect.Router{Sender: base.Queues(cloud.Addresses(os.Environ()))})
	step := &screen.Step{Flow: flow, Reports: base.Reports(), Maker: base.Maker()}
	server := lambdaio.Must(doors.New(base, e.Origin))
	step.Bind(server)
	lambdaio.Start(&lambdaio.Function{Name: "screen", HTTP: server,
		Queue: &lambdaio.Queue{Name: "screen", Step: step.Take, Park: base.Parked().Park}})
}
