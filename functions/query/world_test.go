package query_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"paht/functions/query"
	"paht/shared/cloud"
	"paht/shared/cloud/bucket"
	"paht/shared/cloud/doortest"
	"paht/shared/cloud/reads"
	"paht/shared/effect"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/upload"
)

// copies takes what a release copies: the bucket itself stands in another
// module's tests.
type copies struct{}

func (copies) Copy(context.Context, string, string, string) error { return nil }

type world struct {
	*doortest.Province

	publications cloud.Publications
	slots        int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Province: doortest.Open(t)}
	w.publications = cloud.Publications{Table: w.World.Table, Reports: w.Base.Reports(), Objects: copies{}}
	w.Flow = w.Base.Flow(effect.Router{Sender: w.World.Queues(), Publisher: w.publications})
	objects := bucket.New(s3.NewFromConfig(w.World.Config), "files", "http://localhost:9000")
	reads := reads.Reads{Base: w.Base, Objects: objects, Links: notice.Links{Public: "https://paht.example.vn"}}
	step := &query.Step{
		Reports: w.Base.Reports(), Lists: reads, Places: reads, Files: reads, Inbox: reads, Contacts: reads, Settings: w.Base.Settings,
		Signer: w.World.Keys, Now: w.World.Now, PublicBase: "/public",
	}
	w.Serve(step.Bind)
	w.Reporter("ba")
	return w
}

// staff are officers of every role that reads.
func (w *world) staff() {
	for name, o := range map[string][2]string{
		"screener": {"TTDH", "screener"}, "router": {"TTDH", "router"}, "editor": {"TTDH", "editor"}, "monitor": {"VPUB", "monitor"},
		"counter": {"VPUB", "statistics_reader"}, "auditor": {"VPUB", "auditor"}, "handler": {"TTHTKT", "handler"}, "leader": {"SXD", "leader"},
		"police": {"CAT", "leader"}, "administrator": {"SKHCN", "administrator"},
	} {
		w.Officer(name, o[0], o[1])
	}
}

func (w *world) get(who, path string) doortest.Answer {
	w.Helper()
	return w.Call(who, http.MethodGet, path, nil)
}

// conclude concludes the first part of a report.
func conclude(agency string, at time.Time) doortest.Decide {
	return func(r report.Report, c report.Context) (report.Change, error) {
		return report.Conclude(r, "a1", report.SignedResult{
			Slot: "the-result", SHA256: "ab", ResultAt: at, SignedAt: at, Verdict: []byte(`{"ok":true}`), Summary: "Lời của " + agency,
		}, c)
	}
}

func drafted(r report.Report, c report.Context) (report.Change, error) {
	return report.Drafted(r, "a1", report.Draft{Title: "Bản nháp", Content: "Nội dung nháp", Answer: "Trả lời nháp", Document: true}, c)
}

func release(title, name string) doortest.Decide {
	return func(r report.Report, c report.Context) (report.Change, error) {
		return report.Release(r, "a1", report.Draft{Title: title, Content: "Đường có ổ gà.", Answer: "Đã vá xong.", Document: true}, name, c)
	}
}

// published is a report whose part of SXD is public.
func (w *world) published(title string, change func(*report.Submission)) report.Report {
	w.Helper()
	r := w.Submit("ba", change)
	w.Change(r.ID, "TTDH", doortest.Accept, doortest.Transfer("SXD"))
	w.Change(r.ID, "SXD", doortest.Receive("a1"), conclude("SXD", w.World.Now()))
	return w.Change(r.ID, "TTDH", release(title, "Họ tên của ba"))
}

// picture is a slot of the reporter's.
func (w *world) picture(state upload.State, reason, of string) string {
	w.Helper()
	w.slots++
	s := upload.New(upload.Slot{ID: upload.ID("pictures", w.slots), Owner: w.ID("ba"), Purpose: upload.Photo, Type: upload.TypeJPEG}, w.World.Now())
	s.State, s.Reason, s.Report = state, reason, of
	if _, err := w.Base.Slots().Open(w.Context(), s); err != nil {
		w.Fatal(err)
	}
	return s.ID
}

// entries are the audit entries of the first day.
func (w *world) entries() int { return w.World.Count("AU#2026-11-24") }

func number(list any) string {
	l, _ := list.([]any)
	return fmt.Sprint(len(l))
}
