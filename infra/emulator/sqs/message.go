package sqs

import (
	"container/heap"
	"crypto/md5" //nolint:gosec // the protocol's checksum, not a safeguard
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"paht/infra/emulator/wire"
)

// Attribute is one message attribute.
type Attribute struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

// record is what the store keeps of a message. Whether it is in flight is not
// part of it: after a restart every message that was in flight is visible
// again, which a consumer must bear anyhow (delivery is at least once).
type record struct {
	ID           string
	Body         string
	Attributes   map[string]Attribute `json:",omitempty"`
	Sender       string               `json:",omitempty"`
	SentAt       int64                // milliseconds
	VisibleAt    int64                `json:",omitempty"` // end of the delay, milliseconds
	FirstReceive int64                `json:",omitempty"` // milliseconds
	ReceiveCount int                  `json:",omitempty"`
	Source       string               `json:",omitempty"` // ARN of the queue that it was dead-lettered from
}

type message struct {
	record
	seq       uint64
	visibleAt time.Time
	ready     bool // in the ready heap
	inFlight  bool
	gone      bool
}

func (m *message) encode() ([]byte, error) {
	body, err := json.Marshal(m.record)
	if err != nil {
		return nil, fmt.Errorf("encoding message %s: %w", m.ID, err)
	}
	return body, nil
}

// receipt is opaque to clients. It names the queue, the message and the
// receive that it stands for, so that it goes stale with the next receive,
// and so that it still deletes the message after a restart.
func (m *message) receipt(queue string) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s/%d/%d/%s", queue, m.seq, m.ReceiveCount, m.ID))
}

type receiptHandle struct {
	seq   uint64
	count int
	id    string
}

func parseReceipt(queue, handle string) (receiptHandle, error) {
	var h receiptHandle
	invalid := wire.Errorf("ReceiptHandleIsInvalid", "the receipt handle %q is not valid for the queue %s", handle, queue)
	text, err := base64.RawURLEncoding.DecodeString(handle)
	if err != nil {
		return h, invalid
	}
	rest, ok := strings.CutPrefix(string(text), queue+"/")
	if !ok {
		return h, invalid
	}
	if n, err := fmt.Sscanf(rest, "%d/%d/%s", &h.seq, &h.count, &h.id); err != nil || n != 3 {
		return h, invalid
	}
	return h, nil
}

// size is the body and the names, types and values of the attributes, which
// is what the limit counts ("Amazon SQS message metadata").
func size(body string, attributes map[string]Attribute) int {
	n := len(body)
	for name, a := range attributes {
		n += len(name) + len(a.DataType) + len(a.BinaryValue)
		if a.StringValue != nil {
			n += len(*a.StringValue)
		}
	}
	return n
}

func md5Hex(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // the protocol's checksum
	return hex.EncodeToString(sum[:])
}

// attributesMD5 follows "Calculating the MD5 message digest for message
// attributes": sorted by name, each part with its length as four bytes, the
// value's kind as one byte.
func attributesMD5(attributes map[string]Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var data []byte
	part := func(b []byte) {
		data = binary.BigEndian.AppendUint32(data, uint32(len(b)))
		data = append(data, b...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		part([]byte(name))
		part([]byte(a.DataType))
		if a.StringValue != nil {
			data = append(data, 1)
			part([]byte(*a.StringValue))
		} else {
			data = append(data, 2)
			part(a.BinaryValue)
		}
	}
	return md5Hex(data)
}

func checkAttributes(attributes map[string]Attribute) error {
	if len(attributes) > 10 {
		return invalidParameter("a message has at most 10 attributes, not %d", len(attributes))
	}
	for name, a := range attributes {
		kind, _, _ := strings.Cut(a.DataType, ".")
		switch {
		case name == "" || len(name) > 256:
			return invalidParameter("message attribute name %q must have 1 to 256 characters", name)
		case (kind == "String" || kind == "Number") && a.StringValue != nil && *a.StringValue != "" && a.BinaryValue == nil:
		case kind == "Binary" && len(a.BinaryValue) > 0 && a.StringValue == nil:
		default:
			return invalidParameter("message attribute %q must be String or Number with StringValue, or Binary with BinaryValue", name)
		}
	}
	return nil
}

// checkBody holds a body to the characters of the "message quotas" page.
func checkBody(body string) error {
	if body == "" {
		return missingParameter("MessageBody")
	}
	for _, r := range body {
		legal := r == 0x9 || r == 0xA || r == 0xD || r >= 0x20 && r <= 0xD7FF ||
			r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
		if !legal {
			return wire.Errorf("InvalidMessageContents", "the character %U is not allowed in a message", r)
		}
	}
	return nil
}

// readyHeap gives the oldest visible message first. Entries whose message has
// left the ready state are dropped when they come up.
type readyHeap []*message

func (h readyHeap) Len() int           { return len(h) }
func (h readyHeap) Less(i, j int) bool { return h[i].seq < h[j].seq }
func (h readyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *readyHeap) Push(x any)        { *h = append(*h, x.(*message)) }
func (h *readyHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}

// waiter is a message with the instant at which it was to become visible when
// it was put here; an entry whose instant has moved is dropped.
type waiter struct {
	at time.Time
	m  *message
}

type waitingHeap []waiter

func (h waitingHeap) Len() int { return len(h) }
func (h waitingHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].m.seq < h[j].m.seq
	}
	return h[i].at.Before(h[j].at)
}
func (h waitingHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *waitingHeap) Push(x any)   { *h = append(*h, x.(waiter)) }
func (h *waitingHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = waiter{}
	*h = old[:len(old)-1]
	return last
}

// put adds a message that is not in the queue's heaps yet.
func (q *queue) put(m *message, now time.Time) {
	q.messages[m.seq] = m
	q.hideUntil(m, m.visibleAt, now)
}

// hideUntil makes m visible at the instant, which may have come already.
func (q *queue) hideUntil(m *message, at, now time.Time) {
	m.visibleAt = at
	if !at.After(now) {
		m.inFlight = false
		if !m.ready {
			m.ready = true
			heap.Push(&q.ready, m)
		}
		return
	}
	heap.Push(&q.waiting, waiter{at, m})
}

// settle moves what has become visible to the ready heap, and forgets what
// has outlived the retention period; it returns the expired ones.
func (q *queue) settle(now time.Time) []*message {
	for len(q.waiting) > 0 && !q.waiting[0].at.After(now) {
		w := heap.Pop(&q.waiting).(waiter)
		if w.m.gone || w.m.ready || !w.m.visibleAt.Equal(w.at) {
			continue
		}
		w.m.inFlight, w.m.ready = false, true
		heap.Push(&q.ready, w.m)
	}
	oldest := now.Add(-q.settings.retention).UnixMilli()
	var expired []*message
	for len(q.ready) > 0 {
		m := q.ready[0]
		if m.ready && !m.gone && m.SentAt > oldest {
			break
		}
		heap.Pop(&q.ready)
		if m.ready && !m.gone {
			q.forget(m)
			expired = append(expired, m)
		}
	}
	return expired
}

// take removes the next visible message from the ready heap.
func (q *queue) take() *message {
	for len(q.ready) > 0 {
		m := heap.Pop(&q.ready).(*message)
		if m.ready && !m.gone {
			m.ready = false
			return m
		}
	}
	return nil
}

func (q *queue) forget(m *message) {
	m.gone, m.ready, m.inFlight = true, false, false
	delete(q.messages, m.seq)
}
