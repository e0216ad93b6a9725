package fleet

import (
	"context"
	"crypto/rand"
	"fmt"

	stepaccount "paht/functions/account"
	"paht/functions/admin"
	"paht/functions/media"
	"paht/functions/notify"
	"paht/functions/processcallback"
	"paht/functions/publish"
	"paht/functions/query"
	"paht/functions/route"
	"paht/functions/screen"
	"paht/functions/sla"
	"paht/functions/submit"
	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doors"
	"paht/shared/cloud/mail"
	"paht/shared/cloud/reads"
	"paht/shared/decision"
	"paht/shared/desk"
	"paht/shared/effect"
	"paht/shared/httpapi"
	"paht/shared/lambdaio"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
)

// wire is what a function's main would have: its environment and its clients.
type wire struct {
	cloud.Base
	environment map[string]string
	standing    bool // people log in here with what is stored
}

// wirings say for each function what its main says.
var wirings = map[string]func(w wire) (*lambdaio.Function, error){
	"submit": wireSubmit, "media": wireMedia, "screen": wireScreen, "route": wireRoute, "processcallback": wireProcesscallback,
	"publish": wirePublish, "notify": wireNotify, "sla": wireSLA, "account": wireAccount, "query": wireQuery, "admin": wireAdmin,
}

// start makes a new sandbox of a function, as a cold start does.
func (f *Fleet) start(name string) (*lambdaio.Function, error) {
	environment := map[string]string{}
	for _, fn := range f.template.Functions {
		if word(fn.CodeURI) == name {
			environment = fn.Environment
		}
	}
	make, known := wirings[name]
	if !known || len(environment) == 0 {
		return nil, fmt.Errorf("starting %s: there is no such function", name)
	}
	base, err := cloud.Open(context.Background(), f.config(name), environment["TABLE"], environment["SECRET"])
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	base.Now = f.workerClock(name)
	return make(wire{base, environment, f.options.Standing != nil})
}

func (w wire) objects() bucket.Objects {
	cfg, address := w.Config, shared.store.URL()
	cfg.BaseEndpoint = &address
	return bucket.New(bucket.Client(cfg), w.environment["BUCKET"], "")
}

// queues are those that the environment names.
func (w wire) queues() cloud.Queues {
	var entries []string
	for name, value := range w.environment {
		entries = append(entries, name+"="+value)
	}
	return w.Queues(cloud.Addresses(entries))
}

func (w wire) server() (*httpapi.Server, error) { return doors.New(w.Base, w.environment["ORIGIN"]) }

func (w wire) queue(name string, step func(context.Context, message.Envelope) error) *lambdaio.Queue {
	return &lambdaio.Queue{Name: name, Step: step, Park: w.Parked().Park}
}

func wireSubmit(w wire) (*lambdaio.Function, error) {
	objects := w.objects()
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	var flow effect.Flow
	flow = w.Flow(effect.Router{Sender: w.queues(), Attacher: w.Attaching(&flow, "submit")})
	(&submit.Step{Flow: flow, Slots: w.Slots(), Objects: objects, Accounts: w.Accounts(), Maker: w.Maker()}).Bind(server)
	(&submit.Uploads{Desk: &desk.Desk{Slots: w.Slots(), Objects: objects, Now: w.Now}, Settings: w.Settings, Now: w.Now}).Bind(server)
	return &lambdaio.Function{Name: "submit", HTTP: server}, nil
}

func wireMedia(w wire) (*lambdaio.Function, error) {
	flow := w.Flow(effect.Router{Sender: w.queues()})
	step := &media.Step{Slots: w.Slots(), Objects: w.objects(), Settings: w.Settings, Now: w.Now,
		Rejections: decision.Rejections{Flow: flow, Maker: w.Maker(), Function: media.QueueName}}
	queue := w.queue(media.QueueName, step.Take)
	queue.Decode = media.Decode
	return &lambdaio.Function{Name: media.QueueName, Queue: queue}, nil
}

func wireScreen(w wire) (*lambdaio.Function, error) {
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	step := &screen.Step{Flow: w.Flow(effect.Router{Sender: w.queues()}), Reports: w.Reports(), Maker: w.Maker()}
	step.Bind(server)
	return &lambdaio.Function{Name: "screen", HTTP: server, Queue: w.queue("screen", step.Take)}, nil
}

func wireRoute(w wire) (*lambdaio.Function, error) {
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	step := &route.Step{Flow: w.Flow(effect.Router{Sender: w.queues()}), Maker: w.Maker(), Reports: w.Reports()}
	step.Bind(server)
	return &lambdaio.Function{Name: "route", HTTP: server, Queue: w.queue("route", step.Take)}, nil
}

func wireProcesscallback(w wire) (*lambdaio.Function, error) {
	objects := w.objects()
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	step := &processcallback.Step{Flow: w.Flow(effect.Router{Sender: w.queues()}), Maker: w.Maker(), Slots: w.Slots(), Objects: objects,
		Opener: &desk.Desk{Slots: w.Slots(), Objects: objects, Now: w.Now}, Reports: w.Reports()}
	step.Bind(server)
	return &lambdaio.Function{Name: "processcallback", HTTP: server}, nil
}

func wirePublish(w wire) (*lambdaio.Function, error) {
	objects := w.objects()
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	flow := w.Flow(effect.Router{Sender: w.queues(), Publisher: w.Publications(objects)})
	step := &publish.Step{Flow: flow, Maker: w.Maker(), Reports: w.Reports(), Slots: w.Slots(), Objects: objects, Contacts: w.Accounts()}
	step.Bind(server)
	return &lambdaio.Function{Name: "publish", HTTP: server, Queue: w.queue("publish", step.Take)}, nil
}

func wireNotify(w wire) (*lambdaio.Function, error) {
	mail, err := mail.New(mail.Client(w.Config), w.environment["MAIL_FROM"])
	if err != nil {
		return nil, err
	}
	links, err := notice.NewLinks(w.environment["PUBLIC_URL"])
	step := &notify.Step{Reports: w.Reports(), Flow: w.Flow(effect.Router{}), Inbox: cloud.Inbox{Table: w.Table}, Accounts: w.Accounts(),
		Maker: w.Maker(), Channels: map[string]notify.Channel{string(report.ByEmail): mail}, Links: links, Now: w.Now, NewID: rand.Text}
	return &lambdaio.Function{Name: "notify", Queue: w.queue(report.QueueNotify, step.Take)}, err
}

func wireSLA(w wire) (*lambdaio.Function, error) {
	queues, objects := w.queues(), w.objects()
	var flow effect.Flow
	flow = w.Flow(effect.Router{Sender: queues, Publisher: w.Publications(objects), Attacher: w.Attaching(&flow, "sla")})
	step := &sla.Step{Due: cloud.Due{Table: w.Table}, Reports: w.Reports(), Flow: flow, Notices: cloud.Inbox{Table: w.Table},
		Slots: w.Slots(), Objects: objects, Accounts: w.Accounts(),
		AccountFlow: account.Flow{Store: w.Accounts(), Sender: queues, Rules: account.RulesFrom(w.Settings), Now: w.Now},
		Sender:      queues, Maker: w.Maker(), Now: w.Now, Left: sla.TimeLeft}
	return &lambdaio.Function{Name: "sla", Operation: step.Operate, Queue: w.queue(message.QueueSLA, step.Take)}, nil
}

// Limits are wide, so that a test is stopped by the limit that it is about.
var Limits = stepaccount.Limits{PerAddress: 10_000, PerName: 1_000, Registrations: 10_000, Mails: 100}

func wireAccount(w wire) (*lambdaio.Function, error) {
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	memory := uint32(64) // KiB: the least that argon2id is given here: tests log in often
	if w.standing {
		memory = 65536 // what the function takes when nothing is said
	}
	passwords, err := stepaccount.NewArgon(memory, 1, 1)
	step := &stepaccount.Step{Flow: w.AccountFlow(w.queues()), Names: w.Accounts(), Accounts: w.Accounts(), Sessions: w.Sessions(), Settings: w.Settings,
		Keys: w.Keys, Passwords: passwords, Limiter: w.Limits(), Limits: Limits, Now: w.Now, NewToken: account.NewToken}
	step.Bind(server)
	return &lambdaio.Function{Name: "account", HTTP: httpapi.Addressed(server, "")}, err
}

func wireQuery(w wire) (*lambdaio.Function, error) {
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	reads := reads.Reads{Base: w.Base, Objects: w.objects(), Links: notice.Links{Public: w.environment["ORIGIN"]}}
	step := &query.Step{Reports: w.Reports(), Lists: reads, Places: reads, Files: reads, Inbox: reads, Contacts: reads, Settings: w.Settings,
		Signer: w.Keys, Now: w.Now, PublicBase: w.environment["PUBLIC_FILES"]}
	step.Bind(server)
	return &lambdaio.Function{Name: "query", HTTP: server}, nil
}

func wireAdmin(w wire) (*lambdaio.Function, error) {
	server, err := w.server()
	if err != nil {
		return nil, err
	}
	step := &admin.Step{Flow: w.AccountFlow(w.queues()), Accounts: w.Accounts(), Names: w.Accounts(), Audit: w.Audit(),
		Settings: w.Settings, Acts: w.Acts(), Keys: w.Keys, Now: w.Now}
	step.Bind(server)
	verification := admin.Verification{Ledger: w.Ledger(w.objects(), admin.TimeLeft)}
	return &lambdaio.Function{Name: "admin", HTTP: server, Operation: verification.Or(step.Operate)}, nil
}
