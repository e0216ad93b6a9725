// Package uploads_test drives the adapters of uploads that ship against the
// object store of the system on one machine: form, notification, check, copies.
package uploads_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"paht/functions/media"
	"paht/infra/local/s3"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/cloudtest"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/upload"
)

const bucketName = "files"

var root = s3.Account{Name: "the owner", AccessKey: "AKROOT", Secret: "root-secret"}

// world is the store with the adapters on it, and the table beside.
type world struct {
	*cloudtest.World

	t       *testing.T
	store   *s3.Server
	objects bucket.Objects
	slots   cloud.Slots
	copies  int // of each notification

	mu     sync.Mutex
	bodies [][]byte
}

// newWorld starts the store on a folder and a bucket of its own. Forms are signed
// as of the world's clock, and the store compares them with the real one.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: cloudtest.Open(t, time.Now().UTC().Truncate(time.Second), "notify"), t: t, copies: 1}
	store, err := s3.Start(t.Context(), s3.Options{
		Dir: t.TempDir(), Region: "ap-southeast-1", AccountID: "000000000000", Root: root,
		Buckets: []s3.Bucket{{Name: bucketName, Notifications: []s3.Notification{
			{QueueARN: "arn:aws:sqs:ap-southeast-1:000000000000:media", Events: []string{"s3:ObjectCreated:*"}, Prefix: "upload/photo/"},
		}}},
		Copies: func(string, string) int { return w.copies },
		Notify: func(_ context.Context, _ string, body []byte) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.bodies = append(w.bodies, body)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		_ = os.Chdir(os.TempDir()) // the store works in its folder, which is removed now
	})
	client := awss3.NewFromConfig(aws.Config{
		Region: "ap-southeast-1", BaseEndpoint: aws.String(store.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(root.AccessKey, root.Secret, ""),
	}, func(o *awss3.Options) { o.UsePathStyle, o.RetryMaxAttempts = true, 1 })
	w.objects, w.slots = bucket.New(client, bucketName, ""), cloud.Slots{Table: w.Table}
	return w
}

// notifications are the facts that the bucket told since the last call.
func (w *world) notifications() []message.Envelope {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []message.Envelope
	for _, body := range w.bodies {
		facts, err := media.Decode(body)
		if err != nil {
			w.t.Fatalf("decoding %s: %v", body, err)
		}
		all = append(all, facts...)
	}
	w.bodies = nil
	return all
}

func (w *world) opened(id, kind string, data []byte, purpose upload.Purpose) upload.Slot {
	w.t.Helper()
	sum := sha256.Sum256(data)
	slot, err := w.slots.Open(w.t.Context(), upload.New(upload.Slot{
		ID: upload.ID(id, 0), Owner: "u1", Purpose: purpose, Type: kind, Size: int64(len(data)), SHA256: base64.StdEncoding.EncodeToString(sum[:]),
	}, w.Now()))
	if err != nil {
		w.t.Fatal(err)
	}
	return slot
}

// post sends a form as a browser does; it gives the status and the error's code.
func (w *world) post(form upload.Form, data []byte) (int, string) {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range form.Fields {
		if err := m.WriteField(name, value); err != nil {
			w.t.Fatal(err)
		}
	}
	file, err := m.CreateFormFile("file", "IMG_0001.JPG")
	if err == nil {
		_, err = file.Write(data)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, form.URL, &body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "<Code>")
	code, _, _ := strings.Cut(after, "</Code>")
	return answer.StatusCode, code
}

func (w *world) form(s upload.Slot) upload.Form {
	w.t.Helper()
	form, err := w.objects.Form(w.t.Context(), s)
	if err != nil {
		w.t.Fatal(err)
	}
	return form
}

func photo(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for i := range 320 * 200 {
		m.Set(i%320, i/320, color.RGBA{byte(i), byte(i >> 8), 90, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nobody is told of rejections here.
type nobody struct{}

func (nobody) Raise(context.Context, string, string, string) error { return nil }

func (w *world) step() *media.Step {
	return &media.Step{Slots: w.slots, Objects: w.objects, Rejections: nobody{}, Settings: cloud.NewSettings(w.Table), Now: w.Now}
}

func TestAPhotoGoesFromTheFormToItsCopies(t *testing.T) {
	for copies, name := range map[int]string{1: "one notification", 2: "a doubled notification", 0: "a lost notification"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.copies = copies
			data := photo(t)
			slot := w.opened("act", upload.TypeJPEG, data, upload.Photo)
			if there, err := w.objects.Present(t.Context(), slot.Key()); there || err != nil {
				t.Fatalf("before the upload the object is there: %v, %v", there, err)
			}
			if status, code := w.post(w.form(slot), data); status != http.StatusNoContent {
				t.Fatalf("the form was refused: %d %s", status, code)
			}
			head, there, err := w.objects.Head(t.Context(), slot.Key())
			if err != nil || !there || head.Size != slot.Size || head.Type != slot.Type || head.SHA256 != slot.SHA256 {
				t.Errorf("the object is %+v, %v, %v", head, there, err)
			}
			facts := w.notifications()
			if len(facts) != copies {
				t.Fatalf("the bucket told %v", facts)
			}
			if copies == 0 { // the sweep finds it
				looked, check, err := w.found(slot)
				if err != nil || !check {
					t.Fatalf("the sweep found %+v, %v, %v", looked, check, err)
				}
				facts = []message.Envelope{message.OfUpload(slot.ID)}
			}
			for _, e := range facts {
				if err := w.step().Take(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			w.accepted(slot)
			if more := w.notifications(); more != nil {
				t.Errorf("the copies raised %v", more)
			}
		})
	}
}

// found is what the sweep finds at the slot's instant.
func (w *world) found(s upload.Slot) (upload.Slot, bool, error) {
	w.Pass(upload.CheckAfter)
	present, err := w.objects.Present(w.t.Context(), s.Key())
	if err != nil {
		return s, false, err
	}
	return s.Looked(present, w.Now())
}

func (w *world) accepted(s upload.Slot) {
	w.t.Helper()
	judged, err := w.slots.Load(w.t.Context(), s.ID)
	if err != nil || judged.State != upload.Accepted || judged.Width != 320 || judged.Height != 200 {
		w.t.Fatalf("the slot is %+v, %v", judged, err)
	}
	for _, key := range []string{report.CleanKey(s.ID), report.SmallKey(s.ID)} {
		made, err := w.objects.Read(w.t.Context(), key, 1<<20)
		if err != nil {
			w.t.Fatal(err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(made))
		if err != nil || c.Width != 320 || c.Height != 200 {
			w.t.Errorf("%s is %d × %d, %v", key, c.Width, c.Height, err)
		}
	}
}

func TestAFormIsForItsFileAlone(t *testing.T) {
	w := newWorld(t)
	data := photo(t)
	other := bytes.Clone(data)
	other[len(other)/2] ^= 1
	slot := w.opened("act", upload.TypeJPEG, data, upload.Photo)
	form := w.form(slot)
	change := func(name, value string) upload.Form {
		f := upload.Form{URL: form.URL, Fields: maps.Clone(form.Fields)}
		f.Fields[name] = value
		if value == "" {
			delete(f.Fields, name)
		}
		return f
	}
	sum := sha256.Sum256(other)
	late := slot
	late.Created = late.Created.Add(-upload.FormLife - time.Minute)
	for _, row := range []struct {
		name string
		form upload.Form
		data []byte
	}{
		{"other bytes of the same length", form, other},
		{"a byte more", form, append(bytes.Clone(data), 0)},
		{"a byte less", form, data[:len(data)-1]},
		{"another key", change("key", "public/index.html"), data},
		{"another type", change("Content-Type", "text/html"), data},
		{"the checksum of other bytes", change("x-amz-checksum-sha256", base64.StdEncoding.EncodeToString(sum[:])), other},
		{"no checksum", change("x-amz-checksum-sha256", ""), other},
		{"a field that the policy does not name", change("x-amz-meta-name", "lan"), data},
		{"another signature", change("x-amz-signature", strings.Repeat("0", 64)), data},
		{"a form that has ended", w.form(late), data},
	} {
		if status, code := w.post(row.form, row.data); status < 400 || status >= 500 {
			t.Errorf("%s: %d %s", row.name, status, code)
		}
		for _, key := range []string{slot.Key(), "public/index.html"} {
			if there, err := w.objects.Present(t.Context(), key); there || err != nil {
				t.Errorf("%s: something lies under %s, %v", row.name, key, err)
			}
		}
	}
	if facts := w.notifications(); facts != nil {
		t.Errorf("the bucket told %v", facts)
	}
	if status, code := w.post(form, data); status != http.StatusNoContent {
		t.Errorf("the form itself: %d %s", status, code)
	}
	// The form works again while it lives, and can only put the same bytes.
	if status, code := w.post(form, other); status < 400 {
		t.Errorf("the form took other bytes later: %d %s", status, code)
	}
	if got, err := w.objects.Read(t.Context(), slot.Key(), slot.Size+1); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the object changed: %v", err)
	}
}

func TestASignedResultTakesTheSameWayAndIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	data := []byte("%PDF-1.7\n" + strings.Repeat("x", 1<<20))
	sum := sha256.Sum256(data)
	slot, err := w.slots.Open(t.Context(), upload.NewResult(upload.Slot{
		ID: upload.ID("result", 0), Owner: "o1", Size: int64(len(data)), SHA256: base64.StdEncoding.EncodeToString(sum[:]),
	}, "PA-1", "a1", w.Now()))
	if err != nil {
		t.Fatal(err)
	}
	if status, code := w.post(w.form(slot), data); status != http.StatusNoContent {
		t.Fatalf("the form was refused: %d %s", status, code)
	}
	if facts := w.notifications(); facts != nil {
		t.Errorf("media was told %v", facts)
	}
	if got, err := w.objects.Read(t.Context(), slot.Key(), 20<<20); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the result differs: %v", err)
	}
}

func TestObjectsAreReadCopiedLinkedAndDeleted(t *testing.T) {
	w := newWorld(t)
	ctx, data := t.Context(), []byte("xin chào, đây là ảnh")
	if _, err := w.objects.Read(ctx, "clean/none.jpg", 10); !fault.Is(err, "upload_unfinished") {
		t.Errorf("reading what is not there: %v", err)
	}
	for range 2 {
		if err := w.objects.Put(ctx, "small/s1.jpg", "image/jpeg", data); err != nil {
			t.Fatal(err)
		}
		if err := w.objects.Copy(ctx, "small/s1.jpg", "public/PA-1/a1/1/1.jpg", "image/jpeg"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := w.objects.Read(ctx, "small/s1.jpg", 3); err != nil || string(got) != "xin" {
		t.Errorf("a bounded read gave %q, %v", got, err)
	}
	head, there, err := w.objects.Head(ctx, "public/PA-1/a1/1/1.jpg")
	if err != nil || !there || head.Type != "image/jpeg" || head.Size != int64(len(data)) {
		t.Errorf("the copy is %+v, %v, %v", head, there, err)
	}
	if err := w.objects.Copy(ctx, "small/none.jpg", "public/x.jpg", "image/jpeg"); !fault.Is(err, "not_found") {
		t.Errorf("copying what is not there: %v", err)
	}
	link, err := w.objects.Link(ctx, "small/s1.jpg", "image/jpeg", "Ảnh 1.jpg")
	if err != nil {
		t.Fatal(err)
	}
	status, body, header := get(t, link)
	if status != 200 || body != string(data) || header.Get("Content-Type") != "image/jpeg" ||
		header.Get("Content-Disposition") != "attachment; filename*=UTF-8''%E1%BA%A2nh%201.jpg" {
		t.Errorf("the link gave %d %q %v", status, body, header)
	}
	for name, address := range map[string]string{
		"without a signature": strings.SplitN(link, "?", 2)[0], "for another object": strings.Replace(link, "small/s1.jpg", "small/s2.jpg", 1),
	} {
		if status, _, _ := get(t, address); status != http.StatusForbidden {
			t.Errorf("the address %s gave %d", name, status)
		}
	}
	for range 2 {
		if err := w.objects.Delete(ctx, "small/s1.jpg", "small/none.jpg"); err != nil {
			t.Fatal(err)
		}
	}
	if there, err := w.objects.Present(ctx, "small/s1.jpg"); there || err != nil {
		t.Errorf("after deletion it is there: %v, %v", there, err)
	}
}

func get(t *testing.T, address string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(fmt.Errorf("reading the answer: %w", err))
	}
	return answer.StatusCode, string(body), answer.Header
}
