// Package main is the function notify: environment, clients, step, queue.
package main

import (
	"context"
	"crypto/rand"

	"github.com/caarlos0/env/v11"

	"paht/functions/notify"
	"paht/shared/cloud"
	"paht/shared/cloud/mail"
	"paht/shared/effect"
	"paht/shared/lambdaio"
	"paht/shared/notice"
	"paht/shared/report"
)

// environment is what the template gives the function.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"`     // the SSM parameter of the secret document
	From   string `env:"MAIL_FROM,required,notEmpty"`  // whose mail it is: an identity of SES
	Public string `env:"PUBLIC_URL,required,notEmpty"` // where people open the pages
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	mail := lambdaio.Must(mail.New(mail.Client(base.Config), e.From))
	links := lambdaio.Must(notice.NewLinks(e.Public))
	step := &notify.Step{
		// What the report owes besides is others' to carry out.
		Reports: base.Reports(), Flow: base.Flow(effect.Router{}), Inbox: cloud.Inbox{Table: base.Table},
		Accounts: base.Accounts(), Maker: base.Maker(),
		Channels: map[string]notify.Channel{string(report.ByEmail): mail},
		Links:    links, Now: base.Now, NewID: rand.Text,
	}
	lambdaio.Start(&lambdaio.Function{Name: "notify",
		Queue: &lambdaio.Queue{Name: report.QueueNotify, Step: step.Take, Park: base.Parked().Park}})
}
