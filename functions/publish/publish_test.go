package publish_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"paht/functions/publish"
	"paht/shared/cloud"
	"paht/shared/cloud/doortest"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
	"paht/shared/upload"
)

// bucket is what lies in the bucket, which itself stands in another module's tests.
type bucket map[string][]byte

func (b bucket) Read(_ context.Context, key string, limit int64) ([]byte, error) {
	data, there := b[key]
	if !there {
		return nil, fault.New(fault.Conflict, "upload_unfinished")
	}
	return data[:min(int64(len(data)), limit)], nil
}

func (b bucket) Copy(_ context.Context, from, to, _ string) error {
	data, there := b[from]
	if !there {
		return fault.New(fault.NotFound, "not_found")
	}
	b[to] = data
	return nil
}

type world struct {
	*doortest.Province

	bucket bucket
	trust  *doortest.Trust
	step   *publish.Step
	flow   effect.Flow
	slots  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t), bucket: bucket{}}
	w.flow = w.Base.Flow(effect.Router{Sender: w.World.Queues(), Publisher: cloud.Publications{
		Table: w.World.Table, Reports: w.Base.Reports(), Objects: w.bucket,
	}})
	w.step = &publish.Step{Flow: w.flow, Maker: w.Base.Maker(), Reports: w.Base.Reports(), Slots: w.Base.Slots(),
		Objects: w.bucket, Contacts: w.Base.Accounts()}
	w.Serve(w.step.Bind)
	w.Officer("mai", "TTDH", "editor")
	w.Officer("lan", "TTDH", "screener")
	w.Reporter("ba")
	w.trust = w.Trust()
	return w
}

// picture is a slot that stands at a state, of a report when it names one.
func (w *world) picture(state upload.State, of string) string {
	w.Helper()
	w.slots++
	s := upload.New(upload.Slot{ID: upload.ID("pictures", w.slots), Owner: w.ID("ba"), Purpose: upload.Photo, Type: upload.TypeJPEG}, w.World.Now())
	s.State, s.Report = state, of
	if state == upload.Rejected {
		s.Reason = "not_a_picture"
	}
	if _, err := w.Base.Slots().Open(w.Context(), s); err != nil {
		w.Fatal(err)
	}
	w.bucket[report.SmallKey(s.ID)] = []byte("small " + s.ID)
	return s.ID
}

// concluded is a report of pictures with a signed result, as a1.
func (w *world) concluded(publicity report.Publicity, pictures ...string) report.Report {
	w.Helper()
	r := w.Submit("ba", func(s *report.Submission) { s.Publicity, s.Media = publicity, pictures })
	for _, id := range pictures {
		s, err := w.Base.Slots().Load(w.Context(), id)
		if fault.Is(err, "unknown_upload") || s.Report != "" {
			continue
		}
		s.Report, s.Version = r.ID, s.Version+1
		if err := w.Base.Slots().Save(w.Context(), s); err != nil {
			w.Fatal(err)
		}
	}
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	w.Change(r.ID, "SXD", doortest.Receive("a1"))
	w.World.Pass(time.Hour)
	signed := w.World.Now()
	w.bucket["upload/result/the-result"] = w.trust.Result(w.trust.Agency, signed)
	return w.Change(r.ID, "SXD", func(r report.Report, c report.Context) (report.Change, error) {
		return report.Conclude(r, "a1", report.SignedResult{Slot: "the-result", SHA256: "ab", ResultAt: signed, SignedAt: signed, Summary: "Đã vá xong mặt đường."}, c)
	})
}

func (w *world) draft(r report.Report) report.Body {
	w.Helper()
	if err := w.step.Take(w.Context(), message.OfReport(report.EventConcluded, r.ID, r.Newest.N, true)); err != nil {
		w.Fatal(err)
	}
	h := w.Load(r.ID)
	return w.Body(h.Report, h.Report.Assignment("a1").Publication.Draft)
}

func part(r report.Report, act string) string {
	return "/v1/reports/" + r.ID + "/assignments/a1/" + act
}

func words(media ...any) doortest.Fields {
	return doortest.Fields{"title": "Ổ gà đã được vá", "content": "Đường có ổ gà.", "answer": "Đã vá xong.",
		"media": append([]any{}, media...), "document": true}
}

func picture(slot string, checked bool) any {
	return map[string]any{"upload": slot, "checked": checked}
}

func TestTheDraftIsMadeOfTheTextsAndTheCleanPictures(t *testing.T) {
	w := newWorld(t)
	clean, foreign := w.picture(upload.Accepted, ""), w.picture(upload.Accepted, "PA-00000000000")
	rejected, open := w.picture(upload.Rejected, ""), w.picture(upload.Open, "")
	second := w.picture(upload.Accepted, "")
	r := w.concluded(report.NameShown, clean, rejected, foreign, open, "nosuch", second)
	b := w.draft(r)
	if b.Content != "Đường có ổ gà lớn trước cổng trường tiểu học." || b.Answer != "Đã vá xong mặt đường." || !b.Document || b.Name != "" ||
		b.Title != "Hạ tầng giao thông (ổ gà, cầu, biển báo) – Phường Lam Châu" {
		t.Errorf("the draft is %+v", b)
	}
	if want := []report.PublicMedium{{Slot: clean}, {Slot: second}}; !slices.Equal(b.Media, want) {
		t.Errorf("its pictures are %+v, want %+v", b.Media, want)
	}
	h := w.Load(r.ID)
	if a := h.Report.Assignment("a1"); a.State != report.Editing || a.Event != 5 || h.Report.Newest.By.ID != "publish" {
		t.Errorf("the part is %s, ETag %d, by %+v", a.State, a.Event, h.Report.Newest.By)
	}
	if slices.ContainsFunc(h.Report.Owed, func(e report.Effect) bool {
		return e.Name == report.MessageEffect(report.EventConcluded, report.QueuePublish)
	}) {
		t.Error("publish is still owed")
	}
}

func TestALateMessageMakesNoSecondDraft(t *testing.T) {
	w := newWorld(t)
	r := w.concluded(report.Hidden)
	for name, e := range map[string]message.Envelope{
		"the message of an earlier event": message.OfReport(report.EventConcluded, r.ID, 4, true),
		"the message of a later one":      message.OfReport(report.EventConcluded, r.ID, 6, true),
	} {
		if err := w.step.Take(t.Context(), e); err != nil || w.Load(r.ID).Report.Newest.N != 5 {
			t.Errorf("%s: %v, event %d", name, err, w.Load(r.ID).Report.Newest.N)
		}
	}
	w.draft(r)
	w.Want("editing", w.Act("mai", http.MethodPut, part(r, "draft"), 5, words()), 200, "")
	w.draft(r)
	if h := w.Load(r.ID); h.Report.Newest.Type != report.EventEdited || w.Body(h.Report, h.Report.Newest.N).Title != "Ổ gà đã được vá" {
		t.Errorf("the newest event is %+v", h.Report.Newest)
	}
}

func TestTheTableFailingMakesTheMessageComeAgain(t *testing.T) {
	w := newWorld(t)
	slot := w.picture(upload.Accepted, "")
	r := w.concluded(report.Hidden, slot)
	reads := 0
	w.World.Break(func(q *http.Request) (error, error) {
		if strings.HasSuffix(q.Header.Get("X-Amz-Target"), ".GetItem") {
			if reads++; reads > 2 {
				return errors.New("the network is down"), nil
			}
		}
		return nil, nil
	})
	err := w.step.Take(t.Context(), message.OfReport(report.EventConcluded, r.ID, 5, true))
	w.World.Break(nil)
	if err == nil {
		t.Error("it was acknowledged")
	}
	if b := w.draft(r); len(b.Media) != 1 {
		t.Errorf("the draft has %+v", b.Media)
	}
}

func TestOnlyTheReportsOwnCleanPicturesAreReleased(t *testing.T) {
	w := newWorld(t)
	clean, rejected, foreign := w.picture(upload.Accepted, ""), w.picture(upload.Rejected, ""), w.picture(upload.Accepted, "PA-00000000000")
	other, open := w.picture(upload.Accepted, ""), w.picture(upload.Open, "")
	r := w.concluded(report.Hidden, clean, rejected, foreign, open)
	w.draft(r)
	for _, row := range []struct {
		name, act string
		media     []any
		want      string
	}{
		{"unchecked", "publication", []any{picture(clean, false)}, "body.media[0].checked=unchecked_media"},
		{"none of the report's", "publication", []any{picture(other, true)}, "body.media[0].upload=unknown_upload"},
		{"twice", "publication", []any{picture(clean, true), picture(clean, true)}, "body.media[1].upload=unknown_upload"},
		{"refused by the check", "publication", []any{picture(rejected, true)}, "body.media[0].upload=upload_rejected[not_a_picture]"},
		{"another report had it first", "publication", []any{picture(foreign, true)}, "body.media[0].upload=unknown_upload"},
		{"not checked by the machine yet", "publication", []any{picture(open, true)}, "body.media[0].upload=upload_rejected[open]"},
		{"all at once", "publication", []any{picture(rejected, false), picture(other, true)},
			"body.media[0].upload=upload_rejected[not_a_picture] body.media[0].checked=unchecked_media body.media[1].upload=unknown_upload"},
		{"a draft with what is not the report's", "draft", []any{picture(other, false)}, "body.media[0].upload=unknown_upload"},
		{"a draft with what was refused", "draft", []any{picture(rejected, false)}, "body.media[0].upload=upload_rejected[not_a_picture]"},
	} {
		method := http.MethodPost
		if row.act == "draft" {
			method = http.MethodPut
		}
		w.Want(row.name, w.Act("mai", method, part(r, row.act), 5, words(row.media...)), 422, "invalid "+row.want)
	}
	if h := w.Load(r.ID); h.Report.Newest.Type != report.EventDrafted {
		t.Errorf("%s was stored", h.Report.Newest.Type)
	}
	w.Want("a draft with an unchecked one", w.Act("mai", http.MethodPut, part(r, "draft"), 5, words(picture(clean, false))), 200, "")
	a := w.Act("mai", http.MethodPost, part(r, "publication"), 7, words(picture(clean, true)))
	w.Want("a checked one", a, 200, "")
	if a.At("report", "state") != "published" || w.bucket[report.PublicPicture(r.ID, "a1", 1, 1)] == nil || w.bucket[report.PublicDocument(r.ID, "a1", 1)] == nil {
		t.Errorf("the report is %v, the bucket has %d files", a.At("report", "state"), len(w.bucket))
	}
	if parts, err := w.Base.Publications(nil).Parts(t.Context(), r.ID); err != nil || len(parts) != 1 || len(parts[0].Pictures) != 1 || parts[0].Title != "Ổ gà đã được vá" {
		t.Errorf("public is %+v, %v", parts, err)
	}
}

func TestTheNameIsShownWithConsentAndPolicyOnly(t *testing.T) {
	w := newWorld(t)
	for _, row := range []struct {
		publicity report.Publicity
		policy    string
		want      string
	}{
		{report.NameShown, "true", "Họ tên của ba"}, {report.Hidden, "true", ""}, {report.NameShown, "false", ""}, {report.Hidden, "false", ""},
	} {
		w.Store(settings.Policies, `[{"name":"public_name_consent","value":`+row.policy+`,"valid_from":"2026-01-01"},{"name":"rating_days","value":`+
			map[string]string{"true": "14", "false": "15"}[row.policy]+`,"valid_from":"2026-01-01"}]`)
		r := w.concluded(row.publicity)
		w.draft(r)
		w.Want("releasing", w.Act("mai", http.MethodPost, part(r, "publication"), 5, words()), 200, "")
		parts, err := w.Base.Publications(nil).Parts(t.Context(), r.ID)
		if err != nil || len(parts) != 1 || parts[0].Name != row.want {
			t.Errorf("%s under %s: %+v, %v, want %q", row.publicity, row.policy, parts, err, row.want)
		}
	}
}

func TestTheResultIsJudgedOnceMoreBeforeItIsPublic(t *testing.T) {
	w := newWorld(t)
	r := w.concluded(report.Hidden)
	w.draft(r)
	release := func() doortest.Answer { return w.Act("mai", http.MethodPost, part(r, "publication"), 5, words()) }
	concluded := r.Assignment("a1").Result.ConcludedAt
	for _, row := range []struct{ name, roots, certificates, want string }{
		{"the root was removed", `[]`, w.trust.Certificates, "no_trusted_root"},
		{"the root was ended before the upload", w.trust.Roots(concluded.Format(time.RFC3339)), w.trust.Certificates, "no_trusted_root"},
		{"the agency's certificate was removed", w.trust.Roots(""), `[]`, "no_agency_certificate"},
		{"the certificate is another agency's", w.trust.Roots(""), strings.Replace(w.trust.Certificates, "SXD", "CAT", 1), "no_agency_certificate"},
	} {
		w.Store(settings.Roots, row.roots)
		w.Store(settings.Certificates, row.certificates)
		w.Want(row.name, release(), 422, "invalid assignment.result=result_refused["+row.want+"]")
	}
	w.Store(settings.Certificates, w.trust.Certificates)
	w.Store(settings.Roots, w.trust.Roots(""))
	good := w.bucket["upload/result/the-result"]
	w.bucket["upload/result/the-result"] = append(append([]byte{}, good...), "more"...)
	w.Want("the file was altered where it lies", release(), 422, "invalid assignment.result=result_refused[updated_after_signing]")
	delete(w.bucket, "upload/result/the-result")
	a := release()
	if a.Status < 400 || w.Load(r.ID).Report.Newest.Type != report.EventDrafted {
		t.Errorf("without the file: %d %s", a.Status, a.Raw)
	}
	w.bucket["upload/result/the-result"] = good
	w.Store(settings.Roots, w.trust.Roots(concluded.Add(time.Second).Format(time.RFC3339)))
	w.World.Pass(time.Hour)
	w.Want("a root that has ended since the upload", release(), 200, "")
}

func TestWhoReleasesAndWhen(t *testing.T) {
	w := newWorld(t)
	r := w.concluded(report.Hidden)
	open := w.Change(w.Submit("ba", nil).ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	w.Want("a screener", w.Act("lan", http.MethodPost, part(r, "publication"), 5, words()), 403, "right_missing")
	w.Want("the reporter", w.Act("ba", http.MethodPost, part(r, "publication"), 5, words()), 403, "wrong_kind_of_account")
	w.Want("a part that is handled still", w.Act("mai", http.MethodPost, part(open, "publication"), 3, words()), 409, "wrong_state")
	w.Want("a draft of one", w.Act("mai", http.MethodPut, part(open, "draft"), 3, words()), 409, "wrong_state")
	w.Want("no such part", w.Act("mai", http.MethodPost, strings.Replace(part(r, "publication"), "/a1/", "/a2/", 1), 5, words()), 404, "not_found")
	w.Want("an older part was seen", w.Act("mai", http.MethodPost, part(r, "publication"), 4, words()), 412, "stale")
	w.Want("no answer", w.Act("mai", http.MethodPost, part(r, "publication"), 5,
		doortest.Fields{"title": "Ổ gà", "content": "Có ổ gà.", "answer": "", "media": []any{}, "document": true}), 422, "invalid body.answer=too_short[1]")
	w.Want("before the machine's draft came", w.Act("mai", http.MethodPost, part(r, "publication"), 5, words()), 200, "")
	if err := w.step.Take(t.Context(), message.OfReport(report.EventConcluded, r.ID, 5, true)); err != nil {
		t.Error(err)
	}
	h := w.Load(r.ID)
	if h.Report.State != report.Published || h.Report.Newest.Type != report.EventPublished {
		t.Errorf("the report is %s after %s", h.Report.State, h.Report.Newest.Type)
	}
	w.Want("once more", w.Act("mai", http.MethodPost, part(r, "publication"), 6, words()), 409, "wrong_state")
	w.World.Received(report.QueueNotify)
	w.World.Pass(time.Minute)
	sent := slices.DeleteFunc(w.World.Received(report.QueueNotify), func(e message.Envelope) bool { return e.Report != r.ID })
	if len(sent) != 1 || sent[0].ID != r.ID+"#6" {
		t.Errorf("notify was sent %+v", sent)
	}
}
