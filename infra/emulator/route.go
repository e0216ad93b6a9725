package emulator

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"paht/infra/emulator/dynamodb"
	"paht/infra/emulator/messaging"
	"paht/infra/emulator/scheduler"
	"paht/infra/emulator/sqs"
	"paht/infra/emulator/ssm"
	"paht/infra/emulator/wire"
)

// maxRequestBytes leaves room for the largest e-mail in base64.
const maxRequestBytes = 60 << 20

// route is one request with the service that it is for.
type route struct {
	service   string
	operation string
	action    string // as IAM knows it
	resources []string
	do        func(http.ResponseWriter) error
	refuse    func(http.ResponseWriter, error)
	observed  bool // the service reports the call itself, with its units
}

// ServeHTTP answers every service on one address. They are told apart as the
// protocols tell them: X-Amz-Target, the path, or a form's Action.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			err = wire.Errorf("RequestEntityTooLarge", "a request has at most %d bytes", maxRequestBytes)
		}
		wire.WriteError(w, wire.RESTJSON, err)
		return
	}
	key := accessKey(r)
	to := e.route(r, body, key)
	if err := e.authorize(r, to, key); err != nil {
		to.refuse(w, err)
		e.observe(to, key, err)
		return
	}
	err = to.do(w)
	if !to.observed {
		e.observe(to, key, err)
	}
}

func (e *Emulator) authorize(r *http.Request, to route, key string) error {
	if e.options.Authorize == nil || to.action == "" || r.Context().Value(ownerKey{}) != nil {
		return nil
	}
	if err := e.options.Authorize(key, to.action, to.resources); err != nil {
		return wire.Errorf("AccessDeniedException", "%s is not authorized to perform %s on %s: %v",
			key, to.action, strings.Join(to.resources, ", "), err)
	}
	return nil
}

func (e *Emulator) observe(to route, key string, err error) {
	if e.options.Observe == nil {
		return
	}
	e.options.Observe(Call{Service: to.service, Operation: to.operation, AccessKey: key, Resources: to.resources, Err: err})
}

var credential = regexp.MustCompile(`Credential=([^/,\s]+)/`)

// accessKey is who signed the request. The signature itself is not checked:
// on one machine the key is a name, not a secret.
func accessKey(r *http.Request) string {
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		return m[1]
	}
	return ""
}

func (e *Emulator) route(r *http.Request, body []byte, key string) route {
	target := r.Header.Get("X-Amz-Target")
	_, operation, _ := strings.Cut(target, ".")
	jsonError := func(contentType string) func(http.ResponseWriter, error) {
		return func(w http.ResponseWriter, err error) { wire.WriteError(w, contentType, err) }
	}
	switch {
	case strings.HasPrefix(target, "DynamoDB_"):
		action, resources := dynamodb.Actions(target, body)
		return route{"dynamodb", operation, action, e.complete(resources), e.dynamodbCall(r, body), jsonError(wire.JSON10), reportsItself(operation)}
	case strings.HasPrefix(target, sqs.TargetPrefix):
		action, resources := e.queues.Action(target, body)
		return route{"sqs", operation, action, resources, func(w http.ResponseWriter) error { return e.queues.Do(w, r, body, key) }, jsonError(wire.JSON10), false}
	case strings.HasPrefix(target, ssm.TargetPrefix):
		action, resources := e.parameters.Action(target, body)
		return route{"ssm", operation, action, resources, func(w http.ResponseWriter) error { return e.parameters.Do(w, r, body, key) }, jsonError(wire.JSON11), false}
	case target != "":
		return unknown("the target "+target, jsonError(wire.JSON11))
	case strings.HasPrefix(r.URL.Path, messaging.SESPrefix):
		action, resources := e.outbox.SESAction(r, body)
		return route{"ses", messaging.SESOperation(r), action, resources, func(w http.ResponseWriter) error { return e.outbox.DoSES(w, r, body, key) }, jsonError(wire.RESTJSON), false}
	case strings.HasPrefix(r.URL.Path, scheduler.PathPrefix):
		action, resources := e.schedules.Action(r)
		return route{"scheduler", scheduler.Operation(r), action, resources, func(w http.ResponseWriter) error { return e.schedules.Do(w, r, body, key) }, jsonError(wire.RESTJSON), false}
	}
	return e.routeForm(r, body)
}

func (e *Emulator) routeForm(r *http.Request, body []byte) route {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") == "" {
		return unknown(r.Method+" "+r.URL.Path, messaging.WriteSNSError)
	}
	if form.Has("QueueUrl") || form.Has("QueueName") {
		return unknown("the Query protocol of SQS ("+form.Get("Action")+"); use AWS JSON 1.0", messaging.WriteSNSError)
	}
	action, resources := e.outbox.SNSAction(form)
	return route{"sns", form.Get("Action"), action, resources, func(w http.ResponseWriter) error { return e.outbox.DoSNS(w, form) }, messaging.WriteSNSError, false}
}

func unknown(what string, refuse func(http.ResponseWriter, error)) route {
	return route{service: "unknown", operation: what, refuse: refuse, do: func(w http.ResponseWriter) error {
		err := wire.NotSupported(what)
		refuse(w, err)
		return err
	}}
}
