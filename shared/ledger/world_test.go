package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/decision"
	"paht/shared/effect"
	"paht/shared/ledger"
	"paht/shared/message"
	"paht/shared/packed"
	"paht/shared/report"
	"paht/shared/upload"
)

// begin is 08:00 on a Tuesday in the province.
var begin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// files are the bucket: what the rules need of it, reading to the end and copying.
// The adapter that reads S3 is tested where S3 is.
type files map[string][]byte

func (f files) Digest(_ context.Context, key string) (ledger.Digest, bool, error) {
	data, ok := f[key]
	return ledger.Digest{SHA256: sha256.Sum256(data), Size: int64(len(data))}, ok, nil
}

// retention is beside which key it stands until when a file is retained.
func retention(key string) string { return "the retention of " + key }

func (f files) Retained(_ context.Context, key string) (time.Time, error) {
	until, found := f[retention(key)]
	if !found {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339, string(until))
}

func (f files) Copy(_ context.Context, from, to, _ string) error {
	data, ok := f[from]
	if !ok {
		return fmt.Errorf("copying %s: it is not there", from)
	}
	f[to] = bytes.Clone(data)
	return nil
}

type world struct {
	*cloudtest.World

	t       *testing.T
	maker   decision.Maker
	reports cloud.Reports
	slots   cloud.Slots
	flow    effect.Flow
	files   files
	checker *ledger.Checker
	stood   map[string]item // what was changed by hand, as it stood; nil where nothing did
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, stood: make(map[string]item), World: cloudtest.Open(t, begin, "screen", "route", "publish", "notify", "media"), files: files{}}
	w.maker = decision.Maker{Settings: cloud.NewSettings(w.Table), Keys: w.Keys, Now: w.Now}
	w.reports, w.slots = cloud.Reports{Table: w.Table, Keys: w.Keys}, cloud.Slots{Table: w.Table}
	w.flow = effect.Flow{Store: w.reports, Now: w.Now, Carrier: effect.Router{
		Sender: w.Queues(), Projector: cloud.Projections{Table: w.Table}, Now: w.Now,
		Attacher: cloud.Attachments{Slots: w.slots, Raise: func(ctx context.Context, id, slot, code string) error {
			return decision.Rejections{Flow: w.flow, Maker: w.maker, Function: "media"}.Raise(ctx, id, slot, code)
		}},
		Publisher: cloud.Publications{Table: w.Table, Reports: w.reports, Objects: w.files},
	}}
	raw := cloud.Raw{Table: w.Table}
	w.checker = &ledger.Checker{Items: raw, Objects: w.files, Keys: w.Keys, Now: w.Now}
	return w
}

var (
	lan      = report.Actor{Kind: report.ByReporter, ID: "lan"}
	operator = report.Actor{Kind: report.ByOfficer, ID: "an", Agency: "ttdh"}
	builder  = report.Actor{Kind: report.ByOfficer, ID: "minh", Agency: "sxd"}
	farmer   = report.Actor{Kind: report.ByOfficer, ID: "binh", Agency: "snnmt"}
	machine  = report.Actor{Kind: report.ByMachine, ID: "test"}
)

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) context(by report.Actor) report.Context {
	w.t.Helper()
	c, _, err := w.maker.ByMachine(w.t.Context(), "test", message.Envelope{})
	w.must(err)
	c.By = by
	return c
}

// slotID names the n-th upload.
func slotID(n int) string { return upload.ID("key", n) }

// put opens a slot and puts its file, as a client does.
func (w *world) put(n int, s upload.Slot, data string) {
	w.t.Helper()
	sum := sha256.Sum256([]byte(data))
	s.ID, s.Size, s.SHA256 = slotID(n), int64(len(data)), base64.StdEncoding.EncodeToString(sum[:])
	if s = upload.New(s, w.Now()); s.Purpose == upload.Result {
		s = upload.NewResult(s, s.For, s.Assignment, w.Now())
	}
	_, err := w.slots.Open(w.t.Context(), s)
	w.must(err)
	w.files[s.Key()] = []byte(data)
}

// judge is media's verdict on the n-th upload.
func (w *world) judge(n int, reason string) {
	w.t.Helper()
	s, err := w.slots.Load(w.t.Context(), slotID(n))
	w.must(err)
	if reason == "" {
		w.files[report.CleanKey(s.ID)], w.files[report.SmallKey(s.ID)] = []byte("clean "+s.ID), []byte("small "+s.ID)
	}
	s, err = s.Judged(reason, 4, 3)
	w.must(err)
	w.must(w.slots.Save(w.t.Context(), s))
	if s.MustTell() {
		w.must(decision.Rejections{Flow: w.flow, Maker: w.maker, Function: "media"}.Raise(w.t.Context(), s.Report, s.ID, s.Reason))
	}
}

func code(n int) string { return report.Code("lan", fmt.Sprint(n), 0) }

// submit sends the n-th report.
func (w *world) submit(n int, media ...string) string {
	w.t.Helper()
	change, err := report.Submit(report.Submission{
		ID: code(n), Owner: "lan", Channel: "website", Notice: report.ByEmail, Publicity: report.NameShown,
		Category: "giao-thong", Commune: "29242", Point: &report.Point{Lat: 9.707, Lon: 106.084}, Text: "Đường có ổ gà lớn trước cổng trường.", Media: media,
	}, w.context(lan))
	w.must(err)
	_, err = w.flow.Begin(w.t.Context(), change)
	w.must(err)
	return code(n)
}

// nearPK is the partition in which the reports of this world lie.
const nearPK = "G#giao-thong#1941,21216"

// nearRow is the entry of the n-th report in it.
func (w *world) nearRow(n int) string {
	return w.load(code(n)).Report.SubmittedAt.Format("2006-01-02T15:04:05.000Z") + "#" + code(n)
}

type act func(h report.History, c report.Context) (report.Change, error)

// act changes a report a minute later, and carries out what that owes.
func (w *world) act(id string, by report.Actor, decide act) {
	w.t.Helper()
	w.Pass(time.Minute)
	_, _, err := w.flow.Act(w.t.Context(), id, func(h report.History) (report.Change, error) { return decide(h, w.context(by)) })
	w.must(err)
}

// accepted brings a report to the routers; its answer was handed over.
func (w *world) accepted(id string) {
	w.act(id, machine, func(h report.History, c report.Context) (report.Change, error) {
		return report.Screened(h.Report, json.RawMessage(`{"words":[]}`), []string{"mixed_diacritics"}, c)
	})
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Accept(h.Report, "đủ thông tin", c)
	})
	decided := w.load(id).Report.Newest.N
	w.act(id, machine, func(h report.History, c report.Context) (report.Change, error) {
		return report.Proposed(h.Report, report.Proposal{Agency: "sxd", Days: 3}, c)
	})
	w.act(id, machine, func(h report.History, c report.Context) (report.Change, error) {
		return report.AnswerSent(h, decided, c)
	})
}

func (w *world) transferred(id string, agencies ...string) {
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		var targets []report.Target
		for _, agency := range agencies {
			targets = append(targets, report.Target{Agency: agency, Days: 3})
		}
		return report.Transfer(h.Report, targets, "xử lý", c)
	})
}

// concluded receives a part and ends it with a signed file.
func (w *world) concluded(id, part string, by report.Actor, n int) {
	w.act(id, by, func(h report.History, c report.Context) (report.Change, error) {
		return report.Receive(h.Report, part, c)
	})
	w.act(id, by, func(h report.History, c report.Context) (report.Change, error) {
		return report.Progress(h.Report, part, "đang làm", c)
	})
	file := "%PDF signed by " + by.Agency
	w.put(n, upload.Slot{Owner: by.ID, Purpose: upload.Result, For: id, Assignment: part}, file)
	s, err := w.slots.Load(w.t.Context(), slotID(n))
	w.must(err)
	s, err = s.Attached(id, by.ID)
	w.must(err)
	w.must(w.slots.Save(w.t.Context(), s))
	sum, retained := sha256.Sum256([]byte(file)), begin.AddDate(10, 0, 0)
	w.files[retention(report.UploadKey("result", slotID(n)))] = []byte(retained.Format(time.RFC3339))
	w.act(id, by, func(h report.History, c report.Context) (report.Change, error) {
		return report.Conclude(h.Report, part, report.SignedResult{
			Slot: slotID(n), SHA256: hex.EncodeToString(sum[:]), Retained: retained, ResultAt: c.At, SignedAt: c.At,
			Verdict: json.RawMessage(`{}`), Summary: "đã vá",
		}, c)
	})
}

func (w *world) released(id, part, photo string) {
	d := report.Draft{Title: "Ổ gà", Content: "Đường có ổ gà", Answer: "đã vá", Document: true}
	if photo != "" {
		d.Media = []report.PublicMedium{{Slot: photo, Checked: true}}
	}
	w.act(id, machine, func(h report.History, c report.Context) (report.Change, error) {
		return report.Drafted(h.Report, part, d, c)
	})
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Release(h.Report, part, d, "Trần Thị Lan", c)
	})
}

func (w *world) load(id string) report.History {
	w.t.Helper()
	h, err := w.reports.Load(w.t.Context(), id)
	w.must(err)
	return h
}

// verify walks everything, and gives all steps together.
func (w *world) verify(reports int) ledger.Answer {
	w.t.Helper()
	all, err := ledger.Walk(ledger.Request{From: "2026-11-23", To: "2026-11-30", Reports: reports}, func(r ledger.Request) (ledger.Answer, error) {
		return w.checker.Verify(w.t.Context(), r)
	})
	w.must(err)
	return all
}

type item = map[string]types.AttributeValue

func keyOf(pk, sk string) item { return str(str(item{}, "pk", pk), "sk", sk) }

func str(it item, name, value string) item {
	it[name] = &types.AttributeValueMemberS{Value: value}
	return it
}

func (w *world) stored(pk, sk string) item {
	w.t.Helper()
	got, err := w.Table.Client.GetItem(w.t.Context(), &dynamodb.GetItemInput{TableName: &w.Table.Name, Key: keyOf(pk, sk)})
	w.must(err)
	return got.Item
}

// edit changes one item by hand.
func (w *world) edit(pk, sk string, change func(it item)) {
	w.t.Helper()
	it := w.stored(pk, sk)
	if it == nil {
		w.t.Fatalf("there is no item %s/%s to change", pk, sk)
	}
	before := maps.Clone(it)
	change(it)
	if reflect.DeepEqual(it, before) {
		w.t.Fatalf("nothing was changed in %s/%s", pk, sk)
	}
	w.write(it)
}

// write puts an item by hand, whatever stands there.
func (w *world) write(it item) {
	w.t.Helper()
	pk, sk := it["pk"].(*types.AttributeValueMemberS).Value, it["sk"].(*types.AttributeValueMemberS).Value
	w.keep(pk, sk)
	_, err := w.Table.Client.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: &w.Table.Name, Item: it})
	w.must(err)
}

// remove deletes an item by hand.
func (w *world) remove(pk, sk string) {
	w.t.Helper()
	if w.stored(pk, sk) == nil {
		w.t.Fatalf("there is no item %s/%s to remove", pk, sk)
	}
	w.keep(pk, sk)
	_, err := w.Table.Client.DeleteItem(w.t.Context(), &dynamodb.DeleteItemInput{TableName: &w.Table.Name, Key: keyOf(pk, sk)})
	w.must(err)
}

func (w *world) keep(pk, sk string) {
	if _, kept := w.stood[pk+"\x00"+sk]; !kept {
		w.stood[pk+"\x00"+sk] = w.stored(pk, sk)
	}
}

// broken breaks things by hand, looks, and puts everything back.
func (w *world) broken(t *testing.T, hand func(w *world), look func()) {
	t.Helper()
	outer, objects := w.t, maps.Clone(w.files)
	w.t, w.stood = t, make(map[string]item)
	defer func() {
		for place, it := range w.stood {
			pk, sk, _ := strings.Cut(place, "\x00")
			if it == nil {
				w.remove(pk, sk)
				continue
			}
			w.write(it)
		}
		clear(w.files)
		maps.Copy(w.files, objects)
		w.t = outer
	}()
	hand(w)
	look()
}

// document changes an item's document: the first of old becomes new.
func document(attribute, old, replacement string) func(it item) {
	return func(it item) {
		str(it, attribute, strings.Replace(written(it, attribute), old, replacement, 1))
	}
}

// written is a document of an item, unpacked.
func written(it item, attribute string) string {
	if v, ok := it[attribute].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	doc, err := packed.Unpack(it[attribute].(*types.AttributeValueMemberB).Value)
	if err != nil {
		panic(err) // what a writer packed
	}
	return string(doc)
}

func (w *world) shown(a ledger.Answer) string {
	var text bytes.Buffer
	w.must(a.Print(&text))
	return text.String()
}
