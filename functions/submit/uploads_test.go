package submit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"paht/functions/submit"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/cloudtest"
	"paht/shared/contract"
	"paht/shared/desk"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/settings"
	"paht/shared/upload"
)

var uploadsBegin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// sessions know two reporters and an officer by their tokens.
type sessions struct{}

func (sessions) Session(_ context.Context, token string) (httpapi.Principal, error) {
	kinds := map[string]string{"u1": "individual", "u2": "individual", "o1": "officer"}
	if kinds[token] == "" {
		return httpapi.Principal{}, fault.New(fault.Unauthenticated, "session_invalid")
	}
	return httpapi.Principal{Account: token, Kind: kinds[token]}, nil
}

func (sessions) Rights(context.Context, []string) (map[string]bool, error) { return nil, nil }

// objects signs the forms that ship; what lies in it is the test's to say, since
// the bucket itself stands in another module's tests.
type objects struct {
	bucket.Objects

	there map[string]bool
}

func (b objects) Present(_ context.Context, key string) (bool, error) { return b.there[key], nil }

type uploadsWorld struct {
	*cloudtest.World

	t      *testing.T
	slots  cloud.Slots
	bucket objects
	desk   desk.Desk
	server *httpapi.Server
}

func newUploads(t *testing.T) *uploadsWorld {
	w := &uploadsWorld{World: cloudtest.Open(t, uploadsBegin), t: t}
	w.slots = cloud.Slots{Table: w.Table}
	w.bucket = objects{bucket.New(s3.NewFromConfig(w.Config), "files", "http://localhost:9000"), make(map[string]bool)}
	w.desk = desk.Desk{Slots: w.slots, Objects: w.bucket, Now: w.Now}
	w.server = httpapi.NewServer(httpapi.Server{Front: w.Keys, Sessions: sessions{}, Digester: w.Keys, Now: w.Now})
	(&submit.Uploads{Desk: w.desk, Settings: cloud.NewSettings(w.Table), Now: w.Now}).Bind(w.server)
	return w
}

func (w *uploadsWorld) call(method, path, token, key string, body any) (int, []byte) {
	w.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, bytes.NewReader(encoded))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(httpapi.OriginHeader, cloudtest.Origin)
	r.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	return recorder.Code, recorder.Body.Bytes()
}

func announced(n int) []contract.File {
	files := make([]contract.File, n)
	for i := range files {
		sum := sha256.Sum256(fmt.Append(nil, i))
		files[i] = contract.File{Type: upload.TypeJPEG, Size: 100 + int64(i), SHA256: base64.StdEncoding.EncodeToString(sum[:])}
	}
	return files
}

func body(files []contract.File) any { return map[string]any{"files": files} }

func opened(t *testing.T, status int, answer []byte) []contract.Upload {
	t.Helper()
	var out struct{ Uploads []contract.Upload }
	if err := json.Unmarshal(answer, &out); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	return out.Uploads
}

func TestSlotsAreOpenedOnceForAnAct(t *testing.T) {
	w := newUploads(t)
	status, answer := w.call("POST", "/v1/uploads", "u1", "key-00001", body(announced(3)))
	first := opened(t, status, answer)
	w.Pass(2 * time.Minute)
	status, again := w.call("POST", "/v1/uploads", "u1", "key-00001", body(announced(3)))
	if len(first) != 3 || status != http.StatusCreated || !bytes.Equal(answer, again) {
		t.Errorf("the repeat differs:\n%s\n%s", answer, again)
	}
	for i, u := range first {
		want := announced(3)[i]
		if u.URL != "http://localhost:9000/files" || u.Fields["key"] != "upload/photo/"+u.ID || u.Fields["x-amz-checksum-sha256"] != want.SHA256 ||
			u.State != "open" || !u.Expires.Equal(uploadsBegin.Add(upload.FormLife)) {
			t.Errorf("slot %d is %+v", i, u)
		}
	}
	// Another key, another account: other slots.
	status, other := w.call("POST", "/v1/uploads", "u2", "key-00001", body(announced(3)))
	if opened(t, status, other)[0].ID == first[0].ID {
		t.Error("two accounts have one slot")
	}
	// When the file has come the answer of the act is still the same.
	w.bucket.there["upload/photo/"+first[0].ID] = true
	if _, again := w.call("POST", "/v1/uploads", "u1", "key-00001", body(announced(3))); !bytes.Equal(answer, again) {
		t.Error("the answer of the act changed with the upload")
	}
	status, answer = w.call("POST", "/v1/uploads", "u1", "key-00001", body(announced(2)))
	if status != http.StatusUnprocessableEntity || !bytes.Contains(answer, []byte("key_reused")) {
		t.Errorf("the key with another body: %d %s", status, answer)
	}
}

func TestWhatTheDoorOfSlotsRefuses(t *testing.T) {
	w := newUploads(t)
	policies := fmt.Sprintf(`[{"name":"max_files","value":4,"valid_from":"2026-01-01"},{"name":"max_photo_bytes","value":%d,"valid_from":"2026-01-01"}]`, 200<<10)
	if _, err := cloud.NewSettings(w.Table).Store(t.Context(), settings.Policies, []byte(policies), 0, "o9", uploadsBegin); err != nil {
		t.Fatal(err)
	}
	change := func(f func(*contract.File)) any {
		files := announced(2)
		f(&files[1])
		return body(files)
	}
	for _, row := range []struct {
		name, token, key string
		body             any
		status           int
		says             string
	}{
		{"no session", "nobody", "key-00001", body(announced(1)), 401, "session_invalid"},
		{"an officer", "o1", "key-00001", body(announced(1)), 403, "wrong_kind_of_account"},
		{"no key", "u1", "", body(announced(1)), 400, "idempotency_key_missing"},
		{"no file", "u1", "key-00001", body(nil), 422, "body.files"},
		{"eleven files", "u1", "key-00001", body(announced(11)), 422, "too_many"},
		{"more files than the policy allows", "u1", "key-00001", body(announced(5)), 422, `"too_many"`},
		{"a photo larger than the policy allows", "u1", "key-00001", change(func(f *contract.File) { f.Size = 200<<10 + 1 }), 422, "body.files[1].size"},
		{"an empty file", "u1", "key-00001", change(func(f *contract.File) { f.Size = 0 }), 422, "body.files[1].size"},
		{"another type", "u1", "key-00001", change(func(f *contract.File) { f.Type = "image/svg+xml" }), 422, "body.files[1].type"},
		{"a digest of another length", "u1", "key-00001", change(func(f *contract.File) { f.SHA256 = "abc=" }), 422, "body.files[1].sha256"},
		{"a digest that the bucket would write otherwise", "u1", "key-00001", change(func(f *contract.File) { f.SHA256 = f.SHA256[:42] + "B=" }), 422, "body.files[1].sha256"},
	} {
		status, answer := w.call("POST", "/v1/uploads", row.token, row.key, row.body)
		if status != row.status || !bytes.Contains(answer, []byte(row.says)) {
			t.Errorf("%s: %d %s", row.name, status, answer)
		}
	}
}

func TestHowAnUploadStandsIsToldToItsOwnerOnly(t *testing.T) {
	w := newUploads(t)
	status, answer := w.call("POST", "/v1/uploads", "u1", "key-00001", body(announced(1)))
	slot := opened(t, status, answer)[0]
	read := func(token, id string) (int, contract.Upload) {
		status, answer := w.call("GET", "/v1/uploads/"+id, token, "", nil)
		var u contract.Upload
		if err := json.Unmarshal(answer, &u); err != nil {
			t.Fatal(err)
		}
		return status, u
	}
	change := func(next func(upload.Slot) (upload.Slot, error)) {
		s, err := w.slots.Load(t.Context(), slot.ID)
		if err == nil {
			s, err = next(s)
		}
		if err == nil {
			err = w.slots.Save(t.Context(), s)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if status, u := read("u1", slot.ID); status != 200 || u.State != "open" || !maps.Equal(u.Fields, slot.Fields) {
		t.Errorf("before the file: %d %+v", status, u)
	}
	w.bucket.there["upload/photo/"+slot.ID] = true
	if status, u := read("u1", slot.ID); status != 200 || u.State != "pending" || u.Fields != nil {
		t.Errorf("with the file: %d %+v", status, u)
	}
	change(func(s upload.Slot) (upload.Slot, error) { return s.Judged("polyglot", 0, 0) })
	if status, u := read("u1", slot.ID); status != 200 || u.State != "rejected" || u.Reason != "polyglot" {
		t.Errorf("after the verdict: %d %+v", status, u)
	}
	for name, who := range map[string][2]string{"another reporter": {"u2", slot.ID}, "an officer": {"o1", slot.ID}, "a slot that is not there": {"u1", "nosuch"}} {
		if status, _ := read(who[0], who[1]); status != http.StatusNotFound {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func TestTheSlotOfASignedResultIsBoundToItsAssignment(t *testing.T) {
	w := newUploads(t)
	sum := announced(1)[0].SHA256
	first, err := w.desk.OpenResult(t.Context(), "o1", "PA-1", "a1", 4000, sum)
	if err != nil || first.Fields["Content-Type"] != upload.TypePDF || first.Fields["key"] != "upload/result/"+first.ID {
		t.Fatalf("%+v, %v", first, err)
	}
	s, err := w.slots.Load(t.Context(), first.ID)
	if err != nil || s.For != "PA-1" || s.Assignment != "a1" || s.Purpose != upload.Result || s.Owner != "o1" || s.Size != 4000 {
		t.Errorf("the slot is %+v, %v", s, err)
	}
	if _, err := w.desk.OpenResult(t.Context(), "o1", "PA-1", "a1", 4000, "short"); fault.As(err) == nil || fault.As(err).Fields[0].Path != "body.sha256" {
		t.Errorf("a malformed digest: %v", err)
	}
}
