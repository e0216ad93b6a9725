// Package main is the function admin: environment, clients, step, door.
package main

import (
	"context"

	"github.com/caarlos0/env/v11"

	"paht/functions/admin"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doors"
	"paht/shared/lambdaio"
	"paht/shared/report"
)

// environment is what the template gives the function.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"`       // the SSM parameter of the secret document
	Origin string `env:"ORIGIN,required,notEmpty"`       // whose pages may use the cookie
	Notify string `env:"QUEUE_NOTIFY,required,notEmpty"` // mails of codes and locks
	Bucket string `env:"BUCKET,required,notEmpty"`       // for the verification of media
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	flow := base.AccountFlow(base.Queues(map[string]string{report.QueueNotify: e.Notify}))
	step := &admin.Step{Flow: flow, Accounts: base.Accounts(), Names: base.Accounts(), Audit: base.Audit(),
		Settings: base.Settings, Acts: base.Acts(), Keys: base.Keys, Now: base.Now}
	server := lambdaio.Must(doors.New(base, e.Origin))
	step.Bind(server)
	objects := bucket.New(bucket.Client(base.Config), e.Bucket, "")
	verification := admin.Verification{Ledger: base.Ledger(objects, admin.TimeLeft)}
	lambdaio.Start(&lambdaio.Function{Name: "admin", HTTP: server, Operation: verification.Or(step.Operate)})
}
