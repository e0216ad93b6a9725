package media_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/functions/media"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/picture"
	"paht/shared/report"
	"paht/shared/upload"
)

var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// files are the objects that are there; the bucket itself stands in another
// module's tests.
type files struct {
	data   map[string][]byte
	broken error
	before func(key string) // before a write
}

func (f *files) Read(_ context.Context, key string, limit int64) ([]byte, error) {
	if f.broken != nil {
		return nil, f.broken
	}
	data, ok := f.data[key]
	if !ok {
		return nil, fault.New(fault.Conflict, "upload_unfinished")
	}
	return data[:min(int64(len(data)), limit)], nil
}

func (f *files) Put(_ context.Context, key, _ string, data []byte) error {
	if f.before != nil {
		f.before(key)
	}
	f.data[key] = data
	return nil
}

type world struct {
	*cloudtest.World

	t       *testing.T
	slots   cloud.Slots
	files   *files
	reports cloud.Reports
	flow    effect.Flow
	maker   decision.Maker
	step    *media.Step
}

func newWorld(t *testing.T) *world {
	w := &world{World: cloudtest.Open(t, begin, "notify"), t: t, files: &files{data: make(map[string][]byte)}}
	w.slots, w.reports = cloud.Slots{Table: w.Table}, cloud.Reports{Table: w.Table, Keys: w.Keys}
	settings := cloud.NewSettings(w.Table)
	w.maker = decision.Maker{Settings: settings, Keys: w.Keys, Now: w.Now}
	w.flow = effect.Flow{Store: w.reports, Now: w.Now,
		Carrier: effect.Router{Sender: w.Queues(), Projector: cloud.Projections{Table: w.Table}, Now: w.Now}}
	w.step = &media.Step{Slots: w.slots, Objects: w.files, Settings: settings, Now: w.Now,
		Rejections: decision.Rejections{Flow: w.flow, Maker: w.maker, Function: "media"}}
	return w
}

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// uploaded opens a slot for announced and puts data in its place.
func (w *world) uploaded(id string, announced, data []byte) upload.Slot {
	w.t.Helper()
	sum := sha256.Sum256(announced)
	slot, err := w.slots.Open(w.t.Context(), upload.New(upload.Slot{ID: id, Owner: "u1", Purpose: upload.Photo, Type: upload.TypeJPEG,
		Size: int64(len(announced)), SHA256: base64.StdEncoding.EncodeToString(sum[:])}, begin))
	if err != nil {
		w.t.Fatal(err)
	}
	if data != nil {
		w.files.data[slot.Key()] = data
	}
	return slot
}

func (w *world) submitted(slots ...string) string {
	w.t.Helper()
	c, _, err := w.maker.ByMachine(w.t.Context(), "test", message.Envelope{})
	if err != nil {
		w.t.Fatal(err)
	}
	id := report.Code("u1", "act", 0)
	change, err := report.Submit(report.Submission{ID: id, Owner: "u1", Notice: report.ByEmail, Text: "Đèn đường hỏng", Media: slots}, c)
	if err == nil {
		_, err = w.reports.Save(w.t.Context(), change)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) attach(id string) error {
	r, err := w.reports.State(w.t.Context(), id)
	if err != nil {
		return err
	}
	raise := decision.Rejections{Flow: w.flow, Maker: w.maker, Function: "submit"}.Raise
	return cloud.Attachments{Slots: w.slots, Raise: raise}.Attach(w.t.Context(), r)
}

func (w *world) take(slot string) error { return w.step.Take(w.t.Context(), message.OfUpload(slot)) }

func (w *world) slot(id string) upload.Slot {
	w.t.Helper()
	s, err := w.slots.Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// rejections lists what the report recorded of files that were not taken.
func (w *world) rejections(id string) []string {
	w.t.Helper()
	h, err := w.reports.Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range h.Events {
		if e.Type == report.EventMediaRejected {
			out = append(out, e.Facts.Slot+" "+e.Facts.Code)
		}
	}
	return out
}

func TestAnUploadGetsItsVerdictAndCopies(t *testing.T) {
	good := photo(t)
	for _, row := range []struct {
		name            string
		announced, data []byte
		state           upload.State
		reason          picture.Reason
	}{
		{"a photo is accepted", good, good, upload.Accepted, picture.Taken},
		{"other bytes than announced are rejected", good, append(bytes.Clone(good[:len(good)-3]), 0, 0xFF, 0xD9), upload.Rejected, picture.WrongChecksum},
		{"more bytes than announced are rejected", good, append(bytes.Clone(good), make([]byte, 1000)...), upload.Rejected, picture.WrongSize},
		{"half a photo is rejected", good[:300], good[:300], upload.Rejected, picture.Truncated},
		{"a text is rejected", []byte("xin chào"), []byte("xin chào"), upload.Rejected, picture.NotAnImage},
		{"nothing uploaded is nothing to check", good, nil, upload.Open, picture.Taken},
	} {
		w := newWorld(t)
		w.uploaded("s1", row.announced, row.data)
		for range 2 { // notifications come twice
			if err := w.take("s1"); err != nil {
				t.Fatalf("%s: %v", row.name, err)
			}
		}
		slot := w.slot("s1")
		if slot.State != row.state || slot.Reason != string(row.reason) {
			t.Errorf("%s: the slot is %s, %q", row.name, slot.State, slot.Reason)
		}
		_, clean := w.files.data["clean/s1.jpg"]
		_, small := w.files.data["small/s1.jpg"]
		if accepted := row.state == upload.Accepted; clean != accepted || small != accepted || accepted && (slot.Width != 40 || slot.Height != 30) {
			t.Errorf("%s: clean copy %v, small copy %v, %d × %d", row.name, clean, small, slot.Width, slot.Height)
		}
	}
}

func TestWhatIsNotMediasIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	if err := w.take("nosuch"); err != nil {
		t.Errorf("a slot that is gone: %v", err)
	}
	slot, err := w.slots.Open(t.Context(), upload.NewResult(upload.Slot{ID: "s2", Owner: "o1", Size: 4}, "PA-1", "a1", begin))
	if err != nil {
		t.Fatal(err)
	}
	w.files.data[slot.Key()] = []byte("%PDF")
	if err := w.take("s2"); err != nil || w.slot("s2").State != upload.Open {
		t.Errorf("a signed result: %v, %+v", err, w.slot("s2"))
	}
	w.uploaded("s3", photo(t), photo(t))
	w.files.broken = errors.New("no connection")
	if err := w.take("s3"); err == nil || w.slot("s3").State != upload.Open {
		t.Errorf("a bucket that does not answer is no verdict: %v", err)
	}
}

func TestAReportIsToldOnceWhicheverComesFirst(t *testing.T) {
	for _, order := range []string{"verdict first", "attachment first", "verdict in the middle of a crash"} {
		w := newWorld(t)
		w.uploaded("s1", []byte("no photo"), []byte("no photo"))
		id := w.submitted("s1")
		steps := map[string][]func() error{
			"verdict first":    {func() error { return w.take("s1") }, func() error { return w.attach(id) }},
			"attachment first": {func() error { return w.attach(id) }, func() error { return w.take("s1") }},
		}[order]
		if order == "verdict in the middle of a crash" {
			puts := 0
			steps = []func() error{func() error { return w.attach(id) }, func() error {
				w.Break(func(r *http.Request) (error, error) {
					if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") {
						if puts++; puts > 1 {
							return errors.New("the sandbox died"), nil
						}
					}
					return nil, nil
				})
				err := w.take("s1")
				w.Break(nil)
				if err == nil {
					return errors.New("what was lost was no error")
				}
				return nil
			}, func() error { return w.take("s1") }}
		}
		for i, step := range steps {
			if err := step(); err != nil {
				t.Fatalf("%s, step %d: %v", order, i, err)
			}
		}
		if got := w.rejections(id); len(got) != 1 {
			t.Errorf("%s: before anything comes again the report recorded %v", order, got)
		}
		for range 2 {
			if err := errors.Join(w.take("s1"), w.attach(id)); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.rejections(id); len(got) != 1 || got[0] != "s1 not_an_image" {
			t.Errorf("%s: the report recorded %v", order, got)
		}
		w.Pass(time.Hour)
		if sent := w.Received("notify"); len(sent) != 1 || sent[0].Type != report.EventMediaRejected {
			t.Errorf("%s: notify received %v", order, sent)
		}
	}
}

func TestAnAttachmentDuringTheCheckIsNotLost(t *testing.T) {
	w := newWorld(t)
	w.uploaded("s1", photo(t), photo(t))
	id := w.submitted("s1")
	w.files.before = func(key string) {
		w.files.before = nil
		if err := w.attach(id); err != nil {
			t.Error(err)
		}
	}
	if err := w.take("s1"); err != nil {
		t.Fatal(err)
	}
	if s := w.slot("s1"); s.State != upload.Accepted || s.Report != id || s.Attention != nil {
		t.Errorf("the slot is %+v", s)
	}
}

// A worker writes the verdict in the middle of another's check and dies before it
// tells the report: the other finds the verdict, and tells it.
func TestAVerdictThatAnotherWroteIsToldAllTheSame(t *testing.T) {
	w := newWorld(t)
	w.uploaded("s1", []byte("no photo"), []byte("no photo"))
	id := w.submitted("s1")
	if err := w.attach(id); err != nil {
		t.Fatal(err)
	}
	put := func(then func(n int) error) func(r *http.Request) (error, error) {
		n := 0
		return func(r *http.Request) (error, error) {
			if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") {
				return nil, nil
			}
			n++
			return then(n), nil
		}
	}
	w.Break(put(func(int) error {
		w.Break(put(func(n int) error {
			if n > 1 {
				return errors.New("the sandbox died")
			}
			return nil
		}))
		if err := w.take("s1"); err == nil || len(w.rejections(id)) != 0 {
			t.Errorf("the one that died told the report, or nothing of its death: %v", err)
		}
		w.Break(nil)
		return nil
	}))
	if err := w.take("s1"); err != nil {
		t.Fatal(err)
	}
	if got := w.rejections(id); len(got) != 1 {
		t.Errorf("the report recorded %v", got)
	}
}

func TestBodiesOfTheQueue(t *testing.T) {
	id := upload.ID("act", 0)
	record := func(key string) string {
		return `{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Post","s3":{"object":{"key":"` + key + `","size":3}}}`
	}
	for _, row := range []struct {
		name, body string
		want       []string
		parked     bool
	}{
		{"an object notification names its slot", `{"Records":[` + record("upload/photo/"+id) + `]}`, []string{id}, false},
		{"keys come encoded as in a form", `{"Records":[` + record("upload%2Fphoto%2F"+id) + `]}`, []string{id}, false},
		{"one notification may name several", `{"Records":[` + record("upload/photo/"+id) + `,` + record("upload/photo/"+upload.ID("act", 1)) + `]}`, []string{id, upload.ID("act", 1)}, false},
		{"a signed result is not media's", `{"Records":[` + record("upload/result/"+id) + `]}`, nil, false},
		{"a copy is not media's", `{"Records":[` + record("clean/"+id+".jpg") + `]}`, nil, false},
		{"a deletion is nothing to check", `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"upload/photo/` + id + `"}}}]}`, nil, false},
		{"the test event is nothing to check", `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-24T01:00:00.000Z","Bucket":"files"}`, nil, false},
		{"the sweep's own message names its slot", message.OfUpload(id).Encode(), []string{id}, false},
		{"a message of another queue is parked", `{"id":"x","type":"report.submitted","report":"PA-1"}`, nil, true},
		{"a message without a slot is parked", `{"id":"x","type":"upload.unchecked"}`, nil, true},
		{"a record of another service is parked", `{"Records":[{"eventSource":"aws:sns"}]}`, nil, true},
		{"a key that cannot be decoded is parked", `{"Records":[` + record("upload/photo/%zz") + `]}`, nil, true},
		{"an empty object is parked", `{}`, nil, true},
		{"a list is parked", `[]`, nil, true},
		{"no JSON is parked", `xin chào`, nil, true},
	} {
		got, err := media.Decode([]byte(row.body))
		if (err != nil) != row.parked {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		var ids []string
		for _, e := range got {
			if err == nil {
				ids = append(ids, e.Upload)
			}
		}
		if strings.Join(ids, " ") != strings.Join(row.want, " ") {
			t.Errorf("%s: got %v", row.name, ids)
		}
	}
}
