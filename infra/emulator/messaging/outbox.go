// Package messaging is the few calls of SESv2 and SNS that the project uses,
// and the outbox in which what they accepted can be read instead of being
// sent. It must never import another service of the emulator, nor send
// anything anywhere.
package messaging

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"paht/infra/emulator/storage"
	"paht/infra/emulator/wire"
)

// Kinds of an outbox message.
const (
	Email = "email"
	Push  = "push"
)

// Header is one header field of an e-mail, in the order of the message.
type Header struct{ Name, Value string }

// Message is what was accepted for sending.
type Message struct {
	ID      string // the service's id, which is what SendEmail and Publish answer
	Kind    string // Email or Push
	At      time.Time
	From    string   `json:",omitempty"`
	To      []string `json:",omitempty"` // every recipient, Cc and Bcc too
	Subject string   `json:",omitempty"`
	Text    string   `json:",omitempty"`
	HTML    string   `json:",omitempty"`
	Headers []Header `json:",omitempty"`
	// MessageID is the Message-ID header as delivered: SES overrides what the
	// sender gave, which is kept in GivenMessageID ("Amazon SES header fields").
	MessageID      string   `json:",omitempty"`
	GivenMessageID string   `json:",omitempty"`
	Raw            []byte   `json:",omitempty"` // of a raw e-mail
	Target         string   `json:",omitempty"` // ARN of the endpoint or topic of a push
	Bounced        []string `json:",omitempty"` // recipients whose address bounces
}

// Options of an Outbox.
type Options struct {
	Now     func() time.Time // nil means time.Now
	Account string
	Region  string
	NewID   func() string // nil means random UUIDs
}

// Outbox keeps what SESv2 and SNS accepted.
type Outbox struct {
	options Options
	store   storage.Store

	mu          sync.Mutex
	next        uint64
	bouncing    map[string]bool
	onBounce    func(Message, string)
	subscribers map[int]func(Message)
	subscribed  int
}

const (
	messagesBucket  = "outbox/messages"
	idsBucket       = "outbox/ids"
	bouncesBucket   = "outbox/bounces"
	endpointsBucket = "outbox/endpoints"
)

// New opens the outbox over a store.
func New(store storage.Store, options Options) (*Outbox, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.NewID == nil {
		options.NewID = uuid.NewString
	}
	o := &Outbox{options: options, store: store, next: 1, bouncing: map[string]bool{}, subscribers: map[int]func(Message){}}
	err := store.View(func(tx storage.Tx) error {
		tx.Descend(messagesBucket, nil, func(k, _ []byte) bool {
			o.next = binary.BigEndian.Uint64(k) + 1
			return false
		})
		tx.Ascend(bouncesBucket, nil, func(k, _ []byte) bool {
			o.bouncing[string(k)] = true
			return true
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("loading the outbox: %w", err)
	}
	return o, nil
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// accept stores a message, tells the subscribers, and then reports bounces.
func (o *Outbox) accept(m Message) error {
	o.mu.Lock()
	n := o.next
	o.next++
	for _, to := range m.To {
		if o.bouncing[address(to)] {
			m.Bounced = append(m.Bounced, to)
		}
	}
	o.mu.Unlock()
	value, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding outbox message %s: %w", m.ID, err)
	}
	err = o.store.Update(func(tx storage.Tx) error {
		if err := tx.Put(messagesBucket, key(n), value); err != nil {
			return err
		}
		return tx.Put(idsBucket, []byte(m.ID), key(n))
	})
	if err != nil {
		return fmt.Errorf("storing outbox message %s: %w", m.ID, err)
	}
	o.tell(m)
	return nil
}

func (o *Outbox) tell(m Message) {
	o.mu.Lock()
	told := make([]func(Message), 0, len(o.subscribers))
	for i := range o.subscribed {
		if fn, ok := o.subscribers[i]; ok {
			told = append(told, fn)
		}
	}
	bounce := o.onBounce
	o.mu.Unlock()
	for _, fn := range told {
		fn(m)
	}
	if bounce == nil {
		return
	}
	for _, to := range m.Bounced {
		bounce(m, to)
	}
}

// address is the bare address in lower case, so that "Name <a@b>" and a@b are
// the same recipient.
func address(text string) string {
	if parsed, err := mail.ParseAddress(text); err == nil {
		text = parsed.Address
	}
	return strings.ToLower(text)
}

// List answers messages from the newest on, and how many there are.
func (o *Outbox) List(offset, limit int) (messages []Message, total int, err error) {
	err = o.store.View(func(tx storage.Tx) error {
		var failed error
		tx.Descend(messagesBucket, nil, func(_, v []byte) bool {
			if total >= offset && len(messages) < limit {
				var m Message
				if failed = json.Unmarshal(v, &m); failed != nil {
					return false
				}
				messages = append(messages, m)
			}
			total++
			return true
		})
		return failed
	})
	if err != nil {
		return nil, 0, fmt.Errorf("listing the outbox: %w", err)
	}
	return messages, total, nil
}

// Get answers one message; the second result tells whether there is one.
func (o *Outbox) Get(id string) (Message, bool, error) {
	var m Message
	var found bool
	err := o.store.View(func(tx storage.Tx) error {
		n := tx.Get(idsBucket, []byte(id))
		if n == nil {
			return nil
		}
		found = true
		return json.Unmarshal(tx.Get(messagesBucket, n), &m)
	})
	if err != nil {
		return Message{}, false, fmt.Errorf("reading outbox message %s: %w", id, err)
	}
	return m, found, nil
}

// Subscribe calls fn for every message accepted from now on, on the caller's
// goroutine of the send; the returned function ends it.
func (o *Outbox) Subscribe(fn func(Message)) (cancel func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := o.subscribed
	o.subscribed++
	o.subscribers[id] = fn
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.subscribers, id)
	}
}

// Bounce marks an address: what is sent to it from now on is accepted, as SES
// accepts it, and then bounces.
func (o *Outbox) Bounce(recipient string) error { return o.mark(recipient, true) }

// Unbounce takes the mark away.
func (o *Outbox) Unbounce(recipient string) error { return o.mark(recipient, false) }

func (o *Outbox) mark(recipient string, bounces bool) error {
	a := address(recipient)
	if !strings.Contains(a, "@") {
		return wire.Errorf("BadRequestException", "%q is not an e-mail address", recipient)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.store.Update(func(tx storage.Tx) error {
		if bounces {
			return tx.Put(bouncesBucket, []byte(a), []byte{1})
		}
		return tx.Delete(bouncesBucket, []byte(a))
	})
	if err != nil {
		return fmt.Errorf("marking address %s: %w", a, err)
	}
	if bounces {
		o.bouncing[a] = true
	} else {
		delete(o.bouncing, a)
	}
	return nil
}

// OnBounce sets the hook that is called, after the message was accepted, for
// each recipient that bounces.
func (o *Outbox) OnBounce(fn func(m Message, recipient string)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.onBounce = fn
}
