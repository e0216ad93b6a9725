package processcallback_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud/doortest"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/signature"
	"paht/shared/upload"
)

func TestASignedResultConcludesThePart(t *testing.T) {
	w := newWorld(t)
	w.trust = w.Trust()
	r := w.received()
	w.World.Pass(2 * time.Hour)
	signed := w.World.Now()
	file := w.trust.Result(w.trust.Agency, signed)
	w.World.Pass(10 * time.Minute)
	slot := w.upload("tam", r, file)
	body := conclusion(slot, signed.Add(-time.Minute))
	send := func(body doortest.Fields) doortest.Answer {
		return w.Call("tam", http.MethodPost, part(r, "result"), body, "Idempotency-Key", "the-result-of-tam", "If-Match", `"4"`)
	}
	first := send(body)
	w.Want("concluding", first, 200, "")
	h := w.Load(r.ID)
	a := h.Report.Assignment("a1")
	if a.State != report.Concluded || a.Result.Slot != slot || !a.Result.ResultAt.Equal(signed.Add(-time.Minute)) || !a.Result.ConcludedAt.Equal(w.World.Now()) {
		t.Fatalf("the part is %+v, its result %+v", a, a.Result)
	}
	// Ten years after the end of the year in which the file came.
	until, facts := time.Date(2036, 12, 31, 17, 0, 0, 0, time.UTC), h.Report.Newest.Facts
	if got := w.bucket.retained[report.UploadKey("result", slot)]; got != "governance 2037-01-01T00:00:00+07:00" || facts.RetainedUntil == nil || !facts.RetainedUntil.Equal(until) {
		t.Errorf("the file is retained %q, its event says %v", got, facts.RetainedUntil)
	}
	if c := a.Clock(report.ClockPublication); !c.Start.Equal(a.Result.ResultAt) || !c.Due.Equal(a.Result.ResultAt.Add(time.Hour)) {
		t.Errorf("the publication clock is %+v", c)
	}
	var evidence signature.Evidence
	stored := w.Body(h.Report, 5)
	if err := json.Unmarshal(stored.Verdict, &evidence); err != nil || evidence.FileSHA256 != a.Result.SHA256 || !evidence.AgencySignedAt.Equal(signed) || stored.Text != body["summary"] {
		t.Errorf("the body is %+v, %v", stored, err)
	}
	if s, err := w.Base.Slots().Load(t.Context(), slot); err != nil || s.Report != r.ID || s.Attention != nil {
		t.Errorf("the slot is %+v, %v", s, err)
	}
	if got := w.World.Received(report.QueuePublish); len(got) != 1 || got[0].ID != r.ID+"#5" {
		t.Errorf("publish was sent %+v", got)
	}
	delete(w.bucket.files, "upload/result/"+slot)
	if again := send(body); again.Status != 200 || again.At("act", "event") != 5.0 {
		t.Errorf("the repeat is %s", again.Raw)
	}
	w.Want("the key with other words", send(conclusion(slot, signed)), 422, "key_reused")
	w.Want("a second result", w.Act("tam", http.MethodPost, part(r, "result"), 5, body), 409, "wrong_state")
}

// A result whose file could be replaced is never recorded, and the repeat asks for
// the same retention, though the years were lowered meanwhile.
func TestNoResultIsRecordedBeforeItsFileIsRetained(t *testing.T) {
	w := newWorld(t)
	w.trust = w.Trust()
	w.Store(settings.Policies, `[{"name":"result_retention_years","value":25},{"name":"result_retention_mode","value":"compliance"},
		{"name":"result_retention_years","value":1,"valid_from":"2026-11-26"}]`)
	r := w.received()
	signed := w.World.Now()
	slot := w.upload("tam", r, w.trust.Result(w.trust.Agency, signed))
	send := func() doortest.Answer {
		return w.Call("tam", http.MethodPost, part(r, "result"), conclusion(slot, signed), "Idempotency-Key", "the-result-of-tam", "If-Match", `"4"`)
	}
	w.bucket.fail = errors.New("the bucket is down")
	w.Want("while the bucket is down", send(), 500, "internal")
	if h := w.Load(r.ID); h.Report.Assignment("a1").State != report.Received || len(w.bucket.retained) != 0 {
		t.Errorf("recorded was %+v, retained %v", h.Report.Newest, w.bucket.retained)
	}
	w.bucket.fail = nil
	w.World.Pass(72 * time.Hour)
	w.Want("again", send(), 200, "")
	if got := w.bucket.retained[report.UploadKey("result", slot)]; got != "compliance 2052-01-01T00:00:00+07:00" {
		t.Errorf("the file is retained %q", got)
	}
}

func TestWhatAResultsFileIsRefusedFor(t *testing.T) {
	w := newWorld(t)
	w.trust = w.Trust()
	r, other := w.received(), w.received()
	w.World.Pass(time.Hour)
	signed := w.World.Now()
	good := w.trust.Result(w.trust.Agency, signed)
	unfinished := w.slot("tam", r, good)
	changed := w.slot("tam", r, good)
	w.bucket.files["upload/result/"+changed] = w.trust.Result(w.trust.Agency, signed.Add(time.Second))
	forged := bytes.Replace(good, []byte("/Title"), []byte("/Tidle"), 1)
	if bytes.Equal(forged, good) {
		t.Fatal("nothing was forged")
	}
	taken := w.upload("tam", r, good)
	w.named(taken, r.ID, w.ID("tam"))
	photo := upload.New(upload.Slot{ID: upload.ID("photo", 0), Owner: w.ID("tam"), Purpose: upload.Photo, Type: upload.TypeJPEG, Size: 1, SHA256: sum(nil)}, w.World.Now())
	if _, err := w.Base.Slots().Open(t.Context(), photo); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, slot, want string }{
		{"a slot that is not there", "nosuch", "unknown_upload"},
		{"an id that can be none", "not a slot's id", "unknown_upload"},
		{"a colleague's slot", w.upload("dao", r, good), "unknown_upload"},
		{"another report's slot", w.upload("tam", other, good), "unknown_upload"},
		{"a photo's slot", photo.ID, "unknown_upload"},
		{"a file that never came", unfinished, "upload_unfinished"},
		{"another file than was announced", changed, "upload_rejected[wrong_checksum]"},
		{"no PDF", w.upload("tam", r, []byte("not a PDF")), "result_refused[not_pdf]"},
		{"a changed content", w.upload("tam", r, forged), "result_refused[content_changed]"},
		{"another agency's signature", w.upload("tam", r, w.trust.Result(w.trust.OtherAgency, signed)), "result_refused[other_agency]"},
		{"signed before the transfer", w.upload("tam", r, w.trust.Result(w.trust.Agency, signed.Add(-2*time.Hour))), "result_refused[signed_outside_window]"},
		{"signed later than it came", w.upload("tam", r, w.trust.Result(w.trust.Agency, signed.Add(time.Hour))), "result_refused[signed_outside_window]"},
	} {
		a := w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(row.slot, signed))
		w.Want(row.name, a, 422, "invalid body.upload="+row.want)
	}
	if after := w.Load(r.ID).Report; after.Version != r.Version {
		t.Errorf("something was stored: %+v", after.Newest)
	}
	if s, err := w.Base.Slots().Load(t.Context(), unfinished); err != nil || s.Report != "" {
		t.Errorf("a refused act took the slot: %+v, %v", s, err)
	}
	w.Want("a slot that the report has already", w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(taken, signed)), 200, "")
}

// named tells a slot its report.
func (w *world) named(slot, id, owner string) {
	w.Helper()
	s, err := w.Base.Slots().Load(w.Context(), slot)
	if err == nil {
		s, err = s.Attached(id, owner)
	}
	if err == nil {
		err = w.Base.Slots().Save(w.Context(), s)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func TestTheInstantOfAResultHasBounds(t *testing.T) {
	w := newWorld(t)
	w.trust = w.Trust()
	r := w.received()
	transferred := r.Assignment("a1").TransferredAt
	w.World.Pass(time.Hour)
	signed := w.World.Now()
	slot := w.upload("tam", r, w.trust.Result(w.trust.Agency, signed))
	w.World.Pass(time.Minute)
	for _, row := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"a second before the transfer", transferred.Add(-time.Second), "before_transfer"},
		{"a second after the signature", signed.Add(time.Second), "after_signature"},
	} {
		w.Want(row.name, w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, row.at)), 422, "invalid body.resultAt="+row.want)
	}
	if s, err := w.Base.Slots().Load(t.Context(), slot); err != nil || s.Report != "" {
		t.Errorf("a refused act took the slot: %+v, %v", s, err)
	}
	w.Want("what is no instant", w.Act("tam", http.MethodPost, part(r, "result"), 4,
		doortest.Fields{"upload": slot, "resultAt": "hôm qua", "summary": "Đã vá xong."}), 422, "invalid body.resultAt=not_a_time")
	w.Want("stale", w.Act("tam", http.MethodPost, part(r, "result"), 3, conclusion(slot, signed)), 412, "stale")
	w.Want("the instant of the signature", w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, signed)), 200, "")
	second := w.received()
	w.World.Pass(time.Hour)
	slot = w.upload("tam", second, w.trust.Result(w.trust.Agency, w.World.Now()))
	from := second.Assignment("a1").TransferredAt
	w.Want("the instant of the transfer", w.Act("tam", http.MethodPost, part(second, "result"), 4, conclusion(slot, from)), 200, "")
	if late := w.Load(second.ID).Report; late.Assignment("a1").Clock(report.ClockPublication).Running() != true || late.Assignment("a1").Clock(report.ClockPublication).Due.After(w.World.Now()) {
		t.Error("the publication clock does not start with the result")
	}
}

func TestWithoutTrustNoResultIsTaken(t *testing.T) {
	w := newWorld(t)
	r := w.received()
	w.World.Pass(time.Hour)
	w.trust = &doortest.Trust{}
	slot := w.upload("tam", r, []byte("any file"))
	w.Want("no document of roots", w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, w.World.Now())), 503, "not_set_up")
	w.trust = w.Trust()
	slot = w.upload("tam", r, w.trust.Result(w.trust.Agency, w.World.Now()))
	w.Store(settings.Certificates, `[]`)
	w.Want("no certificate of the agency", w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, w.World.Now())), 422, "invalid body.upload=result_refused[no_agency_certificate]")
	w.Store(settings.Certificates, w.trust.Certificates)
	w.Store(settings.Roots, w.trust.Roots(w.World.Now().Format(time.RFC3339)))
	w.Want("a root that has ended", w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, w.World.Now())), 422, "invalid body.upload=result_refused[no_trusted_root]")
}

// The sweep writes to the slot of a result while the act attaches it: the act reads
// again, and is carried out. What cannot be written at all is answered at once.
func TestAnUploadIsAttachedWhateverTheSweepWritesMeanwhile(t *testing.T) {
	for name, row := range map[string]struct {
		meanwhile func(w *world, slot string) error
		tries     int
		status    int
	}{
		"the sweep was first":       {(*world).swept, 2, http.StatusOK},
		"the table takes no writes": {func(*world, string) error { return errors.New("the connection broke") }, 1, http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.trust = w.Trust()
			r := w.received()
			w.World.Pass(time.Hour)
			signed := w.World.Now()
			slot := w.upload("tam", r, w.trust.Result(w.trust.Agency, signed))
			tries, busy := 0, false
			w.World.Break(func(request *http.Request) (error, error) {
				if busy || !strings.HasSuffix(request.Header.Get("X-Amz-Target"), ".PutItem") {
					return nil, nil
				}
				body, err := io.ReadAll(request.Body)
				if err != nil {
					return err, nil
				}
				request.Body = io.NopCloser(bytes.NewReader(body))
				if !bytes.Contains(body, []byte(`"S#`+slot+`"`)) {
					return nil, nil
				}
				if tries++; tries > 1 {
					return nil, nil
				}
				busy = true
				defer func() { busy = false }()
				return row.meanwhile(w, slot), nil
			})
			a := w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, signed))
			w.World.Break(nil)
			if a.Status != row.status || tries != row.tries {
				t.Errorf("after %d tries it was answered %d: %s", tries, a.Status, a.Raw)
			}
			if row.status != http.StatusOK {
				w.Want("the act once the table takes writes", w.Act("tam", http.MethodPost, part(r, "result"), 4, conclusion(slot, signed)), 200, "")
			}
			if s, err := w.Base.Slots().Load(t.Context(), slot); err != nil || s.Report != r.ID || s.Attention != nil {
				t.Errorf("the slot became %+v, %v", s, err)
			}
		})
	}
}

// swept writes to a slot as the sweep does.
func (w *world) swept(slot string) error {
	s, err := w.Base.Slots().Load(w.Context(), slot)
	if err != nil {
		return err
	}
	if s, _, err = s.Looked(true, w.World.Now().Add(upload.CheckAfter)); err != nil {
		return err
	}
	return w.Base.Slots().Save(w.Context(), s)
}
