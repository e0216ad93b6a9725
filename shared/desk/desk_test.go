package desk_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"paht/shared/caller"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/contract"
	"paht/shared/desk"
	"paht/shared/fault"
	"paht/shared/upload"
)

// begin is 08:00 on a Tuesday in the province.
var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// bucket signs nothing and holds what a test says: the bucket itself stands in
// another module's tests.
type bucket struct {
	there map[string]bool
	err   error
}

func (b bucket) Form(_ context.Context, s upload.Slot) (upload.Form, error) {
	return upload.Form{URL: "https://bucket.example", Fields: map[string]string{"key": s.Key()}, Expires: s.Created.Add(upload.FormLife)}, b.err
}

func (b bucket) Present(_ context.Context, key string) (bool, error) { return b.there[key], b.err }

type world struct {
	*cloudtest.World

	slots  cloud.Slots
	bucket bucket
}

func newWorld(t *testing.T) *world {
	w := &world{World: cloudtest.Open(t, begin), bucket: bucket{there: map[string]bool{}}}
	w.slots = cloud.Slots{Table: w.Table}
	return w
}

func (w *world) desk() desk.Desk { return desk.Desk{Slots: w.slots, Objects: w.bucket, Now: w.Now} }

func by(ctx context.Context, account, key, digest string) context.Context {
	return caller.With(ctx, &caller.Request{Principal: caller.Principal{Account: account}, Key: account + "/" + key, Digest: digest})
}

func sum(n int) string {
	digest := sha256.Sum256(fmt.Append(nil, n))
	return base64.StdEncoding.EncodeToString(digest[:])
}

func files(n int) []contract.File {
	var out []contract.File
	for i := range n {
		out = append(out, contract.File{Type: upload.TypeJPEG, Size: int64(100 + i), SHA256: sum(i)})
	}
	return out
}

func TestARepeatFindsTheSlotsOfTheFirst(t *testing.T) {
	w := newWorld(t)
	first, err := w.desk().Open(by(t.Context(), "ba", "k", "d"), files(2))
	if err != nil || len(first) != 2 || first[0].ID == first[1].ID || first[0].State != "open" {
		t.Fatalf("%+v, %v", first, err)
	}
	w.Pass(3 * time.Minute)
	w.bucket.there["upload/photo/"+first[0].ID] = true
	again, err := w.desk().Open(by(t.Context(), "ba", "k", "d"), files(2))
	if err != nil || fmt.Sprint(again[0].ID, again[0].State, again[0].Expires, again[0].Fields) != fmt.Sprint(first[0].ID, "open", first[0].Expires, first[0].Fields) {
		t.Errorf("again %+v, %v", again, err)
	}
	if _, err := w.desk().Open(by(t.Context(), "ba", "k", "another"), files(2)); !fault.Is(err, "key_reused") {
		t.Errorf("the key with another request: %v", err)
	}
	other, err := w.desk().Open(by(t.Context(), "chi", "k", "d"), files(1))
	if err != nil || other[0].ID == first[0].ID {
		t.Errorf("another account's: %+v, %v", other, err)
	}
}

func TestADigestHasOneForm(t *testing.T) {
	w := newWorld(t)
	good := sum(0)
	for name, digest := range map[string]string{
		"nothing": "", "of another length": base64.StdEncoding.EncodeToString(make([]byte, 31)), "in hexadecimal": fmt.Sprintf("%x", make([]byte, 32)),
		"of another alphabet": "-_" + good[2:], "without its end": good[:43], "with bits that mean nothing": good[:42] + string(good[42]+1) + "=",
	} {
		list := files(2)
		list[1].SHA256 = digest
		_, err := w.desk().Open(by(t.Context(), "ba", name, "d"), list)
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "body.files[1].sha256" || f.Fields[0].Code != "wrong_form" {
			t.Errorf("%s: %v", name, err)
		}
		_, err = w.desk().OpenResult(by(t.Context(), "an", name, "d"), "an", "PA-00000000000", "a1", 10, digest)
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "body.sha256" {
			t.Errorf("%s for a result: %v", name, err)
		}
		if opened, err := w.desk().Opened(by(t.Context(), "ba", name, "d")); opened || err != nil {
			t.Errorf("%s left a slot: %v, %v", name, opened, err)
		}
	}
}

func TestTheDeskKnowsWhatAnActOpened(t *testing.T) {
	w := newWorld(t)
	ctx := by(t.Context(), "an", "k", "d")
	if opened, err := w.desk().Opened(ctx); opened || err != nil {
		t.Errorf("before: %v, %v", opened, err)
	}
	u, err := w.desk().OpenResult(ctx, "an", "PA-00000000000", "a1", 10, sum(0))
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := w.desk().Opened(ctx); !opened || err != nil {
		t.Errorf("after: %v, %v", opened, err)
	}
	s, err := w.slots.Load(t.Context(), u.ID)
	if err != nil || s.For != "PA-00000000000" || s.Assignment != "a1" || s.Purpose != upload.Result || s.Type != upload.TypePDF || s.Owner != "an" || s.Size != 10 {
		t.Errorf("the slot is %+v, %v", s, err)
	}
	w.Break(func(*http.Request) (error, error) { return errors.New("the table is down"), nil })
	if opened, err := w.desk().Opened(ctx); opened || err == nil {
		t.Errorf("while the table is down: %v, %v", opened, err)
	}
}

func TestHowASlotIsShown(t *testing.T) {
	w := newWorld(t)
	ctx := by(t.Context(), "ba", "k", "d")
	list, err := w.desk().Open(ctx, files(1))
	if err != nil {
		t.Fatal(err)
	}
	id := list[0].ID
	shown := func(what, state, reason string, form bool) {
		t.Helper()
		u, err := w.desk().Read(ctx, id)
		if err != nil || u.State != state || u.Reason != reason || (u.URL != "") != form || (u.Expires != nil) != form {
			t.Errorf("%s: %+v, %v", what, u, err)
		}
	}
	shown("before the file", "open", "", true)
	w.bucket.there["upload/photo/"+id] = true
	shown("with the file", desk.Pending, "", false)
	s, err := w.slots.Load(t.Context(), id)
	if err == nil {
		s, err = s.Judged("too_many_pixels", 0, 0)
	}
	if err == nil {
		err = w.slots.Save(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
	shown("after the check", "rejected", "too_many_pixels", false)
	for name, who := range map[string][2]string{"another account": {"chi", id}, "no such slot": {"ba", "nosuch"}, "no id at all": {"ba", ""}} {
		if _, err := w.desk().Read(by(t.Context(), who[0], "k", "d"), who[1]); !fault.Is(err, "not_found") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABucketThatIsDownIsNoAnswer(t *testing.T) {
	w := newWorld(t)
	ctx := by(t.Context(), "ba", "k", "d")
	list, err := w.desk().Open(ctx, files(1))
	if err != nil {
		t.Fatal(err)
	}
	w.bucket.err = errors.New("the bucket is down")
	if _, err := w.desk().Open(ctx, files(1)); !errors.Is(err, w.bucket.err) {
		t.Errorf("opening: %v", err)
	}
	if _, err := w.desk().Read(ctx, list[0].ID); !errors.Is(err, w.bucket.err) {
		t.Errorf("reading: %v", err)
	}
}
