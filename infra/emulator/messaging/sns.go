package messaging

import (
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// SNS speaks the AWS Query protocol: a form in, XML out.

// maxPushBytes is SNS's limit for a message: 256 KiB.
const maxPushBytes = 256 << 10

var snsParameters = map[string][]string{
	"Publish":                {"Action", "Version", "TargetArn", "Message", "MessageStructure", "Subject"},
	"CreatePlatformEndpoint": {"Action", "Version", "PlatformApplicationArn", "Token", "CustomUserData"},
}

// SNSAction names the IAM action and resource of a form.
func (o *Outbox) SNSAction(form url.Values) (action string, resources []string) {
	resource := form.Get("TargetArn")
	if resource == "" {
		resource = form.Get("PlatformApplicationArn")
	}
	return "sns:" + form.Get("Action"), []string{resource}
}

// DoSNS answers one SNS request; the error is what was answered.
func (o *Outbox) DoSNS(w http.ResponseWriter, form url.Values) error {
	action := form.Get("Action")
	result, err := o.runSNS(action, form)
	if err != nil {
		WriteSNSError(w, err)
		return err
	}
	type response struct {
		XMLName   xml.Name
		Result    any    `xml:",any"`
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}
	body, err := xml.Marshal(response{XMLName: xml.Name{Local: action + "Response"}, Result: result, RequestID: o.options.NewID()})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = w.Write(body) // a client that has gone away is no concern of the service
	return nil
}

// WriteSNSError answers err in the form of the Query protocol.
func WriteSNSError(w http.ResponseWriter, err error) {
	e := wire.AsError(err)
	var answer struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
	}
	answer.Type, answer.Code, answer.Message = "Sender", e.Code, e.Message
	body, _ := xml.Marshal(answer)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.Status)
	_, _ = w.Write(body)
}

type publishResult struct {
	XMLName   xml.Name `xml:"PublishResult"`
	MessageID string   `xml:"MessageId"`
}

type endpointResult struct {
	XMLName     xml.Name `xml:"CreatePlatformEndpointResult"`
	EndpointArn string
}

func (o *Outbox) runSNS(action string, form url.Values) (any, error) {
	known, ok := snsParameters[action]
	if !ok {
		return nil, wire.NotSupported("sns." + action)
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if !slices.Contains(known, name) {
			return nil, wire.NotSupported("sns." + action + ": " + name)
		}
	}
	if action == "Publish" {
		return o.publish(form)
	}
	return o.createEndpoint(form)
}

func snsInvalid(format string, args ...any) *wire.Error {
	return wire.Errorf("InvalidParameter", format, args...)
}

func (o *Outbox) publish(form url.Values) (any, error) {
	target, message := form.Get("TargetArn"), form.Get("Message")
	switch {
	case !strings.Contains(target, ":endpoint/"):
		return nil, wire.NotSupported("sns.Publish: a target other than a platform endpoint")
	case message == "" || len(message) > maxPushBytes:
		return nil, snsInvalid("Message must have 1 to %d bytes, not %d", maxPushBytes, len(message))
	}
	var known bool
	err := o.store.View(func(tx storage.Tx) error {
		known = tx.Get(endpointsBucket, []byte(target)) != nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, snsInvalid("TargetArn %q names no endpoint", target)
	}
	m := Message{ID: o.options.NewID(), Kind: Push, At: o.options.Now(), Target: target, Text: message, Subject: form.Get("Subject")}
	return publishResult{MessageID: m.ID}, o.accept(m)
}

// createEndpoint is idempotent: the same token of the same application gives
// the same endpoint, and other user data for it are refused.
func (o *Outbox) createEndpoint(form url.Values) (any, error) {
	application, token := form.Get("PlatformApplicationArn"), form.Get("Token")
	prefix, ok := strings.CutPrefix(application, "arn:aws:sns:"+o.options.Region+":"+o.options.Account+":app/")
	if !ok || token == "" {
		return nil, snsInvalid("PlatformApplicationArn must name an application of this account and Token must not be empty")
	}
	sum := sha256.Sum256([]byte(application + "\n" + token))
	id, _ := uuid.FromBytes(sum[:16])
	arn := "arn:aws:sns:" + o.options.Region + ":" + o.options.Account + ":endpoint/" + prefix + "/" + id.String()
	data := form.Get("CustomUserData")
	errDiffers := errors.New("the endpoint exists with other attributes")
	err := o.store.Update(func(tx storage.Tx) error {
		if old := tx.Get(endpointsBucket, []byte(arn)); old != nil && string(old) != data {
			return errDiffers
		}
		return tx.Put(endpointsBucket, []byte(arn), []byte(data))
	})
	if errors.Is(err, errDiffers) {
		return nil, snsInvalid("Endpoint %s already exists with the same Token, but different attributes", arn)
	}
	return endpointResult{EndpointArn: arn}, err
}
