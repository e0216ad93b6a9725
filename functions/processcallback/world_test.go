package processcallback_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"paht/functions/processcallback"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doortest"
	"paht/shared/desk"
	"paht/shared/fault"
	"paht/shared/report"
)

// files signs the forms that ship; what lies in it is the test's to say, since
// the bucket itself stands in another module's tests.
type files struct {
	bucket.Objects

	files    map[string][]byte
	retained map[string]string // the mode and the instant
	fail     error
}

func (b *files) Retain(_ context.Context, key, mode string, until time.Time) error {
	if b.fail != nil {
		return b.fail
	}
	b.retained[key] = mode + " " + until.Format(time.RFC3339)
	return nil
}

func (b *files) Present(_ context.Context, key string) (bool, error) {
	_, there := b.files[key]
	return there, nil
}

func (b *files) Read(_ context.Context, key string, limit int64) ([]byte, error) {
	data, there := b.files[key]
	if !there {
		return nil, fault.New(fault.Conflict, "upload_unfinished")
	}
	return data[:min(int64(len(data)), limit)], nil
}

type world struct {
	*doortest.Province

	bucket *files
	trust  *doortest.Trust
	keys   int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t)}
	w.bucket = &files{Objects: bucket.New(s3.NewFromConfig(w.World.Config), "files", "http://localhost:9000"), files: map[string][]byte{}, retained: map[string]string{}}
	step := &processcallback.Step{
		Flow: w.Flow, Maker: w.Base.Maker(), Slots: w.Base.Slots(), Objects: w.bucket, Reports: w.Base.Reports(),
		Opener: &desk.Desk{Slots: w.Base.Slots(), Objects: w.bucket, Now: w.World.Now},
	}
	w.Serve(step.Bind)
	w.Officer("tam", "SXD", "handler")
	w.Officer("dao", "SXD", "handler")
	w.Officer("minh", "TTHTKT", "handler")
	w.Officer("hung", "TTDH", "router")
	w.Reporter("ba")
	return w
}

// transferred is a report that SXD has as a1.
func (w *world) transferred() report.Report {
	w.Helper()
	return w.Change(w.Submit("ba", nil).ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
}

// received is one whose receipt SXD has confirmed.
func (w *world) received() report.Report {
	w.Helper()
	return w.Change(w.transferred().ID, "SXD", doortest.Receive("a1"))
}

func part(r report.Report, act string) string {
	return fmt.Sprintf("/v1/reports/%s/assignments/a1/%s", r.ID, act)
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return base64.StdEncoding.EncodeToString(digest[:])
}

// slot opens the slot of a result by somebody, for a file.
func (w *world) slot(who string, r report.Report, file []byte) string {
	w.Helper()
	w.keys++
	a := w.Call(who, http.MethodPost, part(r, "result-upload"), doortest.Fields{"size": len(file), "sha256": sum(file)},
		"Idempotency-Key", fmt.Sprintf("slot-number-%d", w.keys))
	id, _ := a.At("id").(string)
	if a.Status != http.StatusCreated || id == "" {
		w.Fatalf("opening a slot: %d %s", a.Status, a.Raw)
	}
	return id
}

// upload opens a slot and fills it.
func (w *world) upload(who string, r report.Report, file []byte) string {
	w.Helper()
	id := w.slot(who, r, file)
	w.bucket.files["upload/result/"+id] = file
	return id
}

func conclusion(slot string, at time.Time) doortest.Fields {
	return doortest.Fields{"upload": slot, "resultAt": at.Format(time.RFC3339Nano), "summary": "Đã vá xong mặt đường."}
}
