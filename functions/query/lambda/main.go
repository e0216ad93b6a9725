// Package main is the function query: environment, clients, step, door.
package main

import (
	"context"

	"github.com/caarlos0/env/v11"

	"paht/functions/query"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doors"
	"paht/shared/cloud/reads"
	"paht/shared/lambdaio"
	"paht/shared/notice"
)

// environment is what the template gives the function.
type environment struct {
	Table  string `env:"TABLE,required,notEmpty"`
	Secret string `env:"SECRET,required,notEmpty"` // the SSM parameter of the secret document
	Origin string `env:"ORIGIN,required,notEmpty"` // whose pages may use the cookie
	Bucket string `env:"BUCKET,required,notEmpty"`
	Files  string `env:"PUBLIC_FILES,required,notEmpty"` // where the public prefix of the bucket is served
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	objects := bucket.New(bucket.Client(base.Config), e.Bucket, "")
	reads := reads.Reads{Base: base, Objects: objects, Links: notice.Links{Public: e.Origin}}
	step := &query.Step{Reports: base.Reports(), Lists: reads, Places: reads, Files: reads, Inbox: reads, Contacts: reads,
		Settings: base.Settings, Signer: base.Keys, Now: base.Now, PublicBase: e.Files}
	server := lambdaio.Must(doors.New(base, e.Origin))
	step.Bind(server)
	lambdaio.Start(&lambdaio.Function{Name: "query", HTTP: server})
}
