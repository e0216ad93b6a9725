// Package main is the function sla: environment, clients, step, queue.
package main

import (
	"context"
	"os"

	"github.com/caarlos0/env/v11"

	"paht/functions/sla"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/effect"
	"paht/shared/lambdaio"
	"paht/shared/message"
)

// environment is what the template gives the function; the queues' addresses
// stand in QUEUE_<consumer>, of all queues that a change can owe a message to.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"` // the SSM parameter of the secret document
	Bucket string `env:"BUCKET,required,notEmpty"`
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	queues := base.Queues(cloud.Addresses(os.Environ()))
	objects := bucket.New(bucket.Client(base.Config), e.Bucket, "")
	var flow effect.Flow
	flow = base.Flow(effect.Router{
		Sender: queues, Publisher: base.Publications(objects), Attacher: base.Attaching(&flow, "sla"),
	})
	step := &sla.Step{
		Due: cloud.Due{Table: base.Table}, Reports: base.Reports(), Flow: flow, Notices: cloud.Inbox{Table: base.Table},
		Slots: base.Slots(), Objects: objects, Accounts: base.Accounts(),
		AccountFlow: account.Flow{Store: base.Accounts(), Sender: queues, Rules: account.RulesFrom(base.Settings), Now: base.Now},
		Sender:      queues, Maker: base.Maker(), Now: base.Now, Left: sla.TimeLeft,
	}
	lambdaio.Start(&lambdaio.Function{Name: "sla", Operation: step.Operate,
		Queue: &lambdaio.Queue{Name: message.QueueSLA, Step: step.Take, Park: base.Parked().Park}})
}
