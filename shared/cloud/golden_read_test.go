package cloud_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/screening"
	"paht/shared/settings"
	"paht/shared/upload"
)

// TestGoldenItemsAreRead reads every release's items with today's adapters: as
// they are, and with attributes and fields that a newer version may have added.
func TestGoldenItemsAreRead(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		for name, change := range map[string]func(*testing.T, wireItem) wireItem{
			"as they are":         func(_ *testing.T, it wireItem) wireItem { return it },
			"with unknown fields": withUnknown,
		} {
			t.Run(filepath.Base(folder)+" "+name, func(t *testing.T) {
				r := openGolden(t, folder)
				for _, g := range readGolden(t, folder) {
					it := change(t, g.wire(t))
					put(t, r.w, it)
					r.item(g.Step, it)
				}
				r.accounts()
				r.reports()
				r.published()
				r.lists()
				r.uploads()
				r.notices()
				r.settings()
				r.marks()
				r.due()
				c := readCursor(t, folder)
				position, err := httpapi.ReadCursor(r.w.Keys, c.Scope, c.Cursor)
				if err != nil || fmt.Sprint(position) != fmt.Sprint(c.Position) {
					t.Errorf("the cursor reads %v, %v", position, err)
				}
			})
		}
	}
}

// withUnknown adds an attribute, and a field to the JSON of the item and to each
// object in it.
func withUnknown(t *testing.T, it wireItem) wireItem {
	t.Helper()
	changed := wireItem{}
	for name, a := range it {
		changed[name] = a
	}
	text := "of a newer version"
	changed["later"] = attribute{S: &text}
	for _, name := range []string{"d", "sum"} {
		if !strings.HasPrefix(it.text(name), "{") {
			continue
		}
		document := strings.ReplaceAll(it.text(name), "{", `{"later":{"a":[1]},`)
		document = strings.ReplaceAll(document, ",}", "}")
		if it.text("pk") == "settings" { // its fields are the kinds
			document = `{"policies":{"later":{"a":[1]},` + strings.TrimPrefix(it.text(name), `{"policies":{`)
		}
		if !json.Valid([]byte(document)) {
			t.Fatalf("the changed document is broken: %s", document)
		}
		changed[name] = attribute{S: &document}
	}
	return changed
}

// reader reads golden items.
type reader struct {
	t    *testing.T
	w    *cloudtest.World
	base cloud.Base
}

func openGolden(t *testing.T, folder string) *reader {
	t.Helper()
	w := cloudtest.Open(t, goldenTime.Add(72*time.Hour))
	w.Keys = goldenKeys(t, folder)
	return &reader{t, w, cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)}
}

// must ends the test at an error.
func must[T any](value T, err error) func(t *testing.T, what string) T {
	return func(t *testing.T, what string) T {
		t.Helper()
		if err != nil {
			t.Fatalf("reading %s: %v", what, err)
		}
		return value
	}
}

// item reads one item by itself as it lay after its step, in each of its states,
// and holds what was read against the item: nothing of it was lost.
func (r *reader) item(step string, it wireItem) {
	r.t.Helper()
	ctx, pk, sk := r.t.Context(), it.text("pk"), it.text("sk")
	prefix, id, _ := strings.Cut(pk, "#")
	var read any
	switch {
	case prefix == "R" && sk == "s":
		state := must(r.base.Reports().State(ctx, id))(r.t, step)
		if len(state.Body) > 0 {
			if body := must(r.base.Reports().Body(ctx, state, state.Newest.N))(r.t, step); body == nil {
				r.t.Errorf("after %q the newest event's body is gone", step)
			}
		}
		state.Body = nil
		read = state
	case prefix == "S":
		read = must(r.base.Slots().Load(ctx, id))(r.t, step)
	case prefix == "U" && sk == "a":
		read = must(r.base.Accounts().Load(ctx, id))(r.t, step)
	case (prefix == "U" || prefix == "N") && strings.HasPrefix(sk, "n#"):
		read = must(cloud.Inbox{Table: r.w.Table}.Item(ctx, id, strings.TrimPrefix(sk, "n#")))(r.t, step)
	default:
		return
	}
	again, err := json.Marshal(read)
	if err != nil {
		r.t.Fatal(err)
	}
	if got, want := known(r.t, again), known(r.t, []byte(it.text("d"))); got != want {
		r.t.Errorf("after %q, %s %s reads\n%s\nand holds\n%s", step, pk, sk, got, want)
	}
}

// known is a document without the fields that withUnknown added, in one order.
func known(t *testing.T, document []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	var strip func(any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "later")
			for _, inner := range v {
				strip(inner)
			}
		case []any:
			for _, inner := range v {
				strip(inner)
			}
		}
	}
	strip(v)
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func (r *reader) check(what string, ok bool, got any) {
	r.t.Helper()
	if !ok {
		r.t.Errorf("%s: %+v", what, got)
	}
}

func (r *reader) accounts() {
	ctx, store := r.t.Context(), r.base.Accounts()
	a, ok, err := store.ByLogIn(ctx, goldenLogIn)
	r.check("the account by its log-in name", err == nil && ok && a.ID == goldenOwner && a.Private.Email == "lan@dan.example" &&
		a.Private.Password == "$argon2id$v=19$x" && a.Verified != nil && a.LastIn != nil && len(a.Acts) == 1, a)
	officers, _, err := store.Officers(ctx, goldenAgency, 10, nil)
	r.check("the agency's officers", err == nil && len(officers) == 1 && officers[0].Private.Name == "Võ Minh" &&
		officers[0].Lock != nil && officers[0].Lock.Reason == account.DutyEnded, officers)
	caller, err := r.base.Sessions().Session(ctx, goldenToken)
	r.check("the session by its token", err == nil && caller.Account == goldenOwner && caller.Channel == "website", caller)
	sessions, err := r.base.Sessions().List(ctx, a)
	r.check("the account's sessions", err == nil && len(sessions) == 1 && sessions[0].Device == "điện thoại", sessions)
	err = store.Claim(ctx, goldenLogIn, "another", r.w.Now())
	r.check("the name is taken still", fault.Is(err, "log_in_taken"), err)
	first, err := store.FirstAdministrator(ctx, "another", "")
	r.check("the first administrator", err == nil && first == "admin", first)
}

func (r *reader) reports() {
	ctx, store := r.t.Context(), r.base.Reports()
	ends := map[string]report.State{"key-of-the-report": report.Published, "second": report.Refused, "third": report.Withdrawn, "fourth": report.Answered}
	for key, state := range ends {
		h := must(store.Load(ctx, report.Code(goldenOwner, key, 0)))(r.t, "the report of "+key)
		r.check("the state of "+key, h.Report.State == state, h.Report.State)
		if err := report.VerifyChain(h.Events); err != nil {
			r.t.Errorf("the history of %s: %v", key, err)
		}
		bodies := must(store.Bodies(ctx, h.Report))(r.t, "the bodies of "+key)
		r.check("the text of "+key, bodies[1] != nil && bodies[1].Text == goldenText && bodies[1].Address == "Trước số nhà 12", bodies[1])
		repeat, err := h.Repeat(report.Context{Key: h.Events[0].Key, Request: h.Events[0].Request})
		r.check("the repeat of an old key", err == nil && repeat != nil && repeat.N == 1, repeat)
	}
	// Today's rules understand what was stored: a late duplicate of an old message
	// finds that the report has moved on.
	h := must(store.Load(ctx, goldenID))(r.t, "the published report")
	if _, err := report.Screened(h.Report, nil, nil, report.Context{At: r.w.Now()}); !errors.Is(err, report.ErrMovedOn) {
		r.t.Errorf("a late duplicate of an old message gave %v", err)
	}
	a := h.Report.Assignment("a1")
	r.check("the part", a != nil && a.Rating == 3 && a.Result.Slot == goldenResult && a.Publication.Revision == 1 && len(a.Clocks) == 4, a)
}

func (r *reader) published() {
	ctx, p := r.t.Context(), r.base.Publications(nil)
	parts := must(p.Parts(ctx, goldenID))(r.t, "what is public")
	r.check("the published part", len(parts) == 1 && parts[0].Title == "Mất nắp cống" && parts[0].Name == "Nguyễn Thị Lan" &&
		len(parts[0].Pictures) == 1 && parts[0].Document != "", parts)
	for _, list := range [][2]string{{"", ""}, {"99001", ""}, {"", "thoat_nuoc_ngap"}} {
		page := must(p.List(ctx, list[0], list[1], 10, nil))(r.t, "a list of published parts")
		r.check("the list", len(page.Parts) == 1 && page.Parts[0].Report == goldenID, page)
	}
}

func (r *reader) lists() {
	ctx, p := r.t.Context(), cloud.Projections{Table: r.w.Table}
	own := must(p.Own(ctx, goldenOwner, 10, nil))(r.t, "the reporter's list")
	r.check("the reporter's list", len(own.Rows) == 4, own)
	spot := screening.Spot{Category: "thoat_nuoc_ngap", Lat: 9.7071, Lon: 106.084, At: goldenTime}
	near := must(p.Around(ctx, spot, screening.Reach{Metres: 200, Days: 7}, 10))(r.t, "what lies near")
	r.check("the reports near a place", len(near) == 4, near)
	for _, queue := range []string{report.StageEdit, report.AgencyQueue(goldenAgency)} {
		page := must(p.Queue(ctx, queue, 10, nil))(r.t, "a queue")
		r.check("nothing stands in "+queue+" any more", len(page.Rows) == 0, page)
	}
}

func (r *reader) uploads() {
	ctx, slots := r.t.Context(), r.base.Slots()
	first := must(slots.Load(ctx, goldenSlots[0]))(r.t, "the first slot")
	r.check("the accepted photo", first.State == upload.Accepted && first.Report == goldenID && first.Width == 1200, first)
	second := must(slots.Load(ctx, goldenSlots[1]))(r.t, "the second slot")
	r.check("the rejected photo", second.MustTell() && second.Reason == "not_a_picture", second)
	result := must(slots.Load(ctx, goldenResult))(r.t, "the slot of the result")
	r.check("the slot of the result", result.Purpose == upload.Result && result.For == goldenID && result.Assignment == "a1", result)
}

func (r *reader) notices() {
	inbox := cloud.Inbox{Table: r.w.Table}
	mine := must(inbox.List(r.t.Context(), goldenOwner, 10, nil))(r.t, "the reporter's inbox")
	r.check("the reporter's inbox", len(mine.Items) == 2 && mine.Items[0].MessageID != "", mine)
	agency := must(inbox.List(r.t.Context(), notice.AgencyInbox(goldenAgency), 10, nil))(r.t, "the agency's inbox")
	r.check("the agency's inbox", len(agency.Items) == 1 && agency.Items[0].Outcome == notice.Sent, agency)
}

func (r *reader) settings() {
	ctx := r.t.Context()
	document := must(r.base.Settings.Document(ctx, settings.Policies))(r.t, "the policies")
	r.check("the policies", document.Version == 2 && strings.Contains(string(document.Data), `"value":1`), document)
	entries, _, err := r.base.Settings.Log(ctx, "", 10)
	r.check("the log of the settings", err == nil && len(entries) == 2 && entries[1].Version == 1, entries)
	if len(entries) == 2 {
		past, err := r.base.Settings.Past(ctx, entries[1])
		r.check("the version before", err == nil && strings.Contains(string(past), `"value":60`), string(past))
	}
}

func (r *reader) marks() {
	ctx := r.t.Context()
	answer, err := r.base.Acts().Find(ctx, "key-of-the-act", "request", "settings")
	r.check("the answer of a keyed act", err == nil && answer == "42", answer)
	_, err = r.base.Acts().Find(ctx, "key-of-the-act", "another request", "settings")
	r.check("the same key with another request", fault.Is(err, "key_reused"), err)
	before := r.w.Count("AU#2026-11-26")
	_, err = r.base.Audit().Write(ctx, cloud.Entry{At: r.w.Now(), Actor: goldenOfficer, Act: "contact.read", Subject: goldenID,
		Key: "key-of-the-reading", Request: "request", Reason: "Gọi để hỏi thêm địa điểm"})
	r.check("the audited act is one entry still", err == nil && before == 1 && r.w.Count("AU#2026-11-26") == 1 && r.w.Count("AU#2026-11-27") == 0, before)
	r.check("the parked message", r.w.Count("PARK#route") == 1, nil)
}

// due checks that the sweep knows everything that the index names.
func (r *reader) due() {
	kinds := map[string]int{}
	due := cloud.Due{Table: r.w.Table}
	for _, shard := range due.Shards() {
		hits, _, err := due.Page(r.t.Context(), shard, r.w.Now().AddDate(2, 0, 0), 100, nil)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, h := range hits {
			kinds[fmt.Sprint(h.Kind)]++
			r.check("the sweep knows what is due", h.Kind != effect.HitUnknown, h)
		}
	}
	for _, kind := range []any{effect.HitReport, effect.HitSlot, effect.HitNotice, effect.HitAccount} {
		r.check(fmt.Sprintf("the index names a %v", kind), kinds[fmt.Sprint(kind)] > 0, kinds)
	}
}
