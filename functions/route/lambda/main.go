// Package main is the function route: environment, clients, step, door.
package main

import (
	"context"
	"os"

	"github.com/caarlos0/env/v11"

	"paht/functions/route"
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
	step := &route.Step{Flow: flow, Maker: base.Maker(), Reports: base.Reports()}
	server := lambdaio.Must(doors.New(base, e.Origin))
	step.Bind(server)
	lambdaio.Start(&lambdaio.Function{Name: "route", HTTP: server,
		Queue: &lambdaio.Queue{Name: "route", Step: step.Take, Park: base.Parked().Park}})
}
