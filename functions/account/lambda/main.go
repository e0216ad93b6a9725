// Package main is the function account: environment, clients, step, door.
package main

import (
	"context"

	"github.com/caarlos0/env/v11"

	step "paht/functions/account"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/doors"
	"paht/shared/httpapi"
	"paht/shared/lambdaio"
	"paht/shared/report"
)

// environment is what the template gives the function.
type environment struct {
	Table         string `env:"TABLE,required,notEmpty"`
	Secret        string `env:"SECRET,required,notEmpty"`       // the SSM parameter of the secret document
	Origin        string `env:"ORIGIN,required,notEmpty"`       // whose pages may use the cookie
	Notify        string `env:"QUEUE_NOTIFY,required,notEmpty"` // mails of codes and locks
	AddressHeader string `env:"ADDRESS_HEADER"`                 // where the distribution names the viewer's address; empty without one

	// argon2id: 64 MiB in one pass is RFC 9106's choice for less memory, with fewer
	// lanes and passes for a function that has 1,024 MB and half a processor.
	PasswordMemory uint32 `env:"PASSWORD_MEMORY_KIB" envDefault:"65536"`
	PasswordPasses uint32 `env:"PASSWORD_PASSES" envDefault:"1"`
	PasswordLanes  uint8  `env:"PASSWORD_LANES" envDefault:"1"`

	// What is taken from one address or for one name, before the lock of Art. 6.3;
	// behind one address of a carrier there are many phones.
	TriesPerAddress int `env:"TRIES_PER_ADDRESS_MINUTE" envDefault:"60"`
	TriesPerName    int `env:"TRIES_PER_NAME_MINUTE" envDefault:"10"`
	Registrations   int `env:"REGISTRATIONS_PER_ADDRESS_HOUR" envDefault:"20"`
	CodeMails       int `env:"CODE_MAILS_PER_NAME_HOUR" envDefault:"5"`
}

func main() {
	e := lambdaio.Must(env.ParseAs[environment]())
	base := lambdaio.Must(cloud.Open(context.Background(), cloud.Environment(), e.Table, e.Secret))
	door := &step.Step{
		Flow:  base.AccountFlow(base.Queues(map[string]string{report.QueueNotify: e.Notify})),
		Names: base.Accounts(), Accounts: base.Accounts(), Sessions: base.Sessions(), Settings: base.Settings,
		Passwords: lambdaio.Must(step.NewArgon(e.PasswordMemory, e.PasswordPasses, e.PasswordLanes)),
		Limiter:   base.Limits(),
		Limits: step.Limits{PerAddress: e.TriesPerAddress, PerName: e.TriesPerName,
			Registrations: e.Registrations, Mails: e.CodeMails},
		Keys: base.Keys, Now: base.Now, NewToken: account.NewToken,
	}
	server := lambdaio.Must(doors.New(base, e.Origin))
	door.Bind(server)
	lambdaio.Start(&lambdaio.Function{Name: "account", HTTP: httpapi.Addressed(server, e.AddressHeader)})
}
