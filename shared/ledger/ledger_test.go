package ledger_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/ledger"
	"paht/shared/report"
	"paht/shared/upload"
)

// Numbers of the reports of the story.
const (
	whole    = 1 // went all the way: published and rated
	open     = 2 // at its agency, with two parts
	refused  = 3 // refused; its answer is still owed
	answered = 4 // returned and answered by the operator
	fresh    = 5 // just came in
)

// told plays the story that the other tests break.
func told(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for n := range 3 {
		w.put(n, upload.Slot{Owner: "lan", Purpose: upload.Photo, Type: upload.TypeJPEG}, fmt.Sprintf("photo %d", n))
	}
	w.judge(0, "")
	id := w.submit(whole, slotID(0), slotID(1))
	w.judge(1, "not_an_image")
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.AskSupplement(h.Report, "ở đâu?", c)
	})
	w.judge(2, "")
	w.act(id, lan, func(h report.History, c report.Context) (report.Change, error) {
		return report.AddSupplement(h.Report, report.SupplementText{Text: "trước cổng", Media: []string{slotID(2)}}, c)
	})
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) { return report.Accept(h.Report, "", c) })
	decided := w.load(id).Report.Newest.N
	w.act(id, machine, func(h report.History, c report.Context) (report.Change, error) {
		return report.Proposed(h.Report, report.Proposal{Agency: "sxd", Days: 3}, c)
	})
	w.act(id, machine, func(h report.History, c report.Context) (report.Change, error) {
		return report.AnswerSent(h, decided, c)
	})
	w.transferred(id, "sxd")
	w.concluded(id, "a1", builder, 10)
	w.released(id, "a1", slotID(0))
	w.act(id, lan, func(h report.History, c report.Context) (report.Change, error) {
		return report.Rate(h.Report, "a1", 1, 15, c)
	})

	id = w.submit(open)
	w.accepted(id)
	w.transferred(id, "sxd", "snnmt")
	w.act(id, builder, func(h report.History, c report.Context) (report.Change, error) {
		return report.Receive(h.Report, "a1", c)
	})

	id = w.submit(refused)
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Refuse(h.Report, report.Refusal{Code: "9.3", Reason: "Thiếu địa chỉ."}, c)
	})

	id = w.submit(answered)
	w.accepted(id)
	w.transferred(id, "snnmt")
	w.act(id, farmer, func(h report.History, c report.Context) (report.Change, error) {
		return report.Return(h.Report, "a1", report.Opinion{Code: report.AlreadyHandled, Reason: "đã xử lý"}, c)
	})
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Answer(h.Report, "đã được xử lý", "", c)
	})
	w.submit(fresh)
	return w
}

func TestAStoryWithoutFaultHasNoDeviation(t *testing.T) {
	w := told(t)
	for _, step := range []int{1, 2, 50} {
		a := w.verify(step)
		if len(a.Deviations) > 0 {
			t.Fatalf("in steps of %d:\n%s", step, w.shown(a))
		}
		events := 0
		for n := range 5 {
			events += len(w.load(code(n + 1)).Events)
		}
		// Two originals and their copies, the refused original, the signed file, and
		// what is public of them: a picture and the document.
		if c := a.Checked; c.Reports != 5 || c.Events != events || c.Media != 10 || c.Bodies < 15 || c.Projections < 15 || c.Clocks < 15 {
			t.Errorf("in steps of %d: checked %+v of %d events", step, c, events)
		}
	}
	if text := w.shown(w.verify(50)); !strings.Contains(text, "5 reports") || !strings.Contains(text, "nothing deviates") {
		t.Errorf("printed %s", text)
	}
}

func TestADayLaterWhatIsStillOwedIsStuck(t *testing.T) {
	w := told(t)
	w.Pass(30 * time.Hour)
	a := w.verify(50)
	want := map[string][]string{
		code(refused): {"message:report.refused>notify is owed", "the due time of the clock screening passed"},
		code(fresh):   {"message:report.submitted>screen is owed", "the due time of the clock screening passed"},
	}
	for id, texts := range want {
		for _, text := range texts {
			if !names(a, id, ledger.InEffect, text) {
				t.Errorf("nothing says of %s that %s", id, text)
			}
		}
	}
	for _, d := range a.Deviations {
		if want[d.Report] == nil {
			t.Errorf("named without need: %+v", d)
		}
	}
}

func names(a ledger.Answer, id, what, text string) bool {
	for _, d := range a.Deviations {
		if d.Report == id && d.What == what && strings.Contains(d.Detail+" "+d.Where, text) {
			return true
		}
	}
	return false
}

// breakage is one thing broken by hand, and how it is named.
type breakage struct {
	name string
	hand func(w *world)
	of   int    // the report
	what string // the kind
	says string // part of the detail, or of the place
}

func at(pk, sk string, change func(it item)) func(w *world) {
	return func(w *world) { w.edit(pk, sk, change) }
}

func without(pk, sk string) func(w *world) { return func(w *world) { w.remove(pk, sk) } }

func (w *world) ownRow(n int) (pk, sk string) {
	r := w.load(code(n)).Report
	return "U#lan", "r#" + r.SubmittedAt.Format("2006-01-02T15:04:05.000Z") + "#" + r.ID
}

func (w *world) publicRow() string {
	r := w.load(code(whole)).Report
	return r.Assignment("a1").Publication.First.Format("2006-01-02T15:04:05.000Z") + "#" + code(whole) + "#a1"
}

func copied(name, from string) func(it item) { return func(it item) { it[name] = it[from] } }

func dropped(names ...string) func(it item) {
	return func(it item) {
		for _, name := range names {
			delete(it, name)
		}
	}
}

func versioned(v string) func(it item) {
	return func(it item) { it["v"] = &types.AttributeValueMemberN{Value: v} }
}

func state(n int) (pk, sk string) { return "R#" + code(n), "s" }

func history(n int) []breakage {
	pk := "R#" + code(n)
	return []breakage{
		{"an event is altered", at(pk, "e#000003", document("d", `"an"`, `"am"`)), n, ledger.InChain, "event 3 was altered"},
		{"an instant of an event is altered", at(pk, "e#000001", document("d", `2026-11-24`, `2026-11-23`)), n, ledger.InChain, "event 1 was altered"},
		{"an event's own hash is altered", at(pk, "e#000004", document("d", `"hash":"`, `"hash":"0`)), n, ledger.InChain, "event 4 was altered"},
		{"a space is added to an event", at(pk, "e#000004", document("d", `,`, `, `)), n, ledger.InChain, "event 4 was altered"},
		{"an event is removed", without(pk, "e#000004"), n, ledger.InChain, "event 4 is missing"},
		{"the first event is removed", without(pk, "e#000001"), n, ledger.InChain, "event 1 is missing"},
		{"an event stands in another's place", func(w *world) {
			var doc types.AttributeValue
			w.edit(pk, "e#000005", func(it item) { doc = it["d"]; document("d", `"n":5`, `"n":6`)(it) })
			w.edit(pk, "e#000004", func(it item) { it["d"] = doc })
		}, n, ledger.InChain, "event 5 stands in the place of event 4"},
		{"the newest event is altered", at(pk, "s", document("d", `"newest":{"n"`, `"newest":{"n" `)), n, ledger.InChain, "was altered"},
		{"the state is set back by an event", func(w *world) { w.setBack(n) }, n, ledger.InChain, "the state was set back"},
		{"an event gets a lifetime", at(pk, "e#000004", func(it item) { it["ttl"] = &types.AttributeValueMemberN{Value: "1"} }), n, ledger.InChain, "ttl should not be there"},
		{"another event stands beside the newest", func(w *world) {
			newest := w.load(code(n)).Report.Newest
			w.write(str(keyOf(pk, fmt.Sprintf("e#%06d", newest.N)), "d", `{}`))
		}, n, ledger.InChain, "is not the one in it"},
	}
}

// setBack puts the state before the newest event, and that event beside it, as
// one would who wants an act not to have been.
func (w *world) setBack(n int) {
	pk, _ := state(n)
	h := w.load(code(n))
	newest, before := h.Events[len(h.Events)-1], h.Events[len(h.Events)-2]
	r := h.Report
	r.Newest, r.Body = before, nil
	doc, err := json.Marshal(r)
	w.must(err)
	w.edit(pk, "s", func(it item) { str(it, "d", string(doc)) })
	doc, err = json.Marshal(newest)
	w.must(err)
	w.write(str(keyOf(pk, fmt.Sprintf("e#%06d", newest.N)), "d", string(doc)))
}

func bodies(n int) []breakage {
	pk := "B#" + code(n)
	return []breakage{
		{"a body is swapped with another event's", func(w *world) {
			var other types.AttributeValue
			w.edit(pk, "e#000004", func(it item) { other = it["b"]; it["b"] = &types.AttributeValueMemberB{Value: []byte{0}} })
			w.edit(pk, "e#000001", func(it item) { it["b"] = other })
		}, n, ledger.InBody, "the body of event 1 cannot be opened"},
		{"a body is replaced by another text, sealed for its place", resealed, n, ledger.InBody, "the body of event 1 is another"},
		{"a body is removed", without(pk, "e#000001"), n, ledger.InBody, "the body of event 1 is missing"},
		{"a body appears that no event has", func(w *world) {
			it := keyOf(pk, "e#000999")
			it["b"] = &types.AttributeValueMemberB{Value: []byte("x")}
			w.write(it)
		}, n, ledger.InBody, "of an event that is not there"},
	}
}

func states() []breakage {
	wholePK, _ := state(whole)
	openPK, _ := state(open)
	freshPK, _ := state(fresh)
	return []breakage{
		{"the state is changed", at(wholePK, "s", document("d", `"state":"published"`, `"state":"answered"`)), whole, ledger.InState, "by its events it is published"},
		{"the owner is changed", at(wholePK, "s", document("d", `"owner":"lan"`, `"owner":"hoa"`)), whole, ledger.InState, "another account"},
		{"a part's agency is changed", at(openPK, "s", document("d", `"agency":"snnmt"`, `"agency":"sct"`)), open, ledger.InState, "by the events it is snnmt"},
		{"a part's state is changed", at(openPK, "s", document("d", `"agency":"sxd","state":"received"`, `"agency":"sxd","state":"editing"`)), open, ledger.InState, "by the events it is received"},
		{"a rating is changed", at(wholePK, "s", document("d", `"rating":1`, `"rating":3`)), whole, ledger.InState, "the rating is 3"},
		{"a signed result is changed", at(wholePK, "s", document("d", `"result":{"slot":"`, `"result":{"slot":"x`)), whole, ledger.InState, "signed result is not the one"},
		{"a file is taken from the report", at(wholePK, "s", document("d", `"media":["`+slotID(0)+`",`, `"media":[`)), whole, ledger.InState, "the files are"},
		{"a supplement is forgotten", at(wholePK, "s", document("d", `"supplement":{"asked":`, `"supplement":{"asked":9`)), whole, ledger.InState, "asked of the reporter"},
		{"a due time is moved", at(openPK, "s", document("d", `"due":"2026-11-24`, `"due":"2026-11-25`)), open, ledger.InClock, "event 1 started it"},
		{"a late act is made punctual", func(w *world) {
			w.edit(openPK, "s", document("d", `"done":"2026-11-24T0`, `"done":"2026-11-23T0`))
		}, open, ledger.InClock, "by the events it is done at"},
		{"a clock is dropped", at(freshPK, "s", document("d", `"clocks":[{"name":"screening"`, `"clocks":[],"no":[{"name":"screening"`)), fresh, ledger.InClock, "stands 0 times"},
		{"a clock stands twice", func(w *world) { w.doubleClock(freshPK) }, fresh, ledger.InClock, "stands 2 times"},
		{"the version is lowered", at(wholePK, "s", versioned("3")), whole, ledger.InState, "the attribute v is 3"},
		{"the state is removed", without(freshPK, "s"), fresh, ledger.InState, "its state is missing"},
		{"the state gets a lifetime", at(freshPK, "s", copied("ttl", "v")), fresh, ledger.InState, "ttl should not be there"},
		{"an unknown item lies beside the state", func(w *world) { w.write(keyOf(freshPK, "x")) }, fresh, ledger.InState, "of a kind that no report has"},
	}
}

func (w *world) doubleClock(pk string) {
	w.edit(pk, "s", func(it item) {
		var doc map[string]json.RawMessage
		w.must(json.Unmarshal([]byte(written(it, "d")), &doc))
		inner := strings.Trim(string(doc["clocks"]), "[]")
		doc["clocks"] = json.RawMessage("[" + inner + "," + inner + "]")
		b, err := json.Marshal(doc)
		w.must(err)
		str(it, "d", string(b))
	})
}

func owed() []breakage {
	freshPK, _ := state(fresh)
	openPK, _ := state(open)
	return []breakage{
		{"an effect is struck out", at(freshPK, "s", document("d", `"owed":[`, `"owed":[],"no":[`)), fresh, ledger.InEffect, "waits for its screening, and nothing owes it"},
		{"an effect is owed by an event that is not there", at(freshPK, "s", document("d", `screen","n":1`, `screen","n":7`)), fresh, ledger.InEffect, "which is not there"},
		{"an effect is owed by another event", at(freshPK, "s", document("d", `message:report.submitted`, `message:report.accepted`)), fresh, ledger.InEffect, "which is report.submitted"},
		{"an effect is nonsense", at(freshPK, "s", document("d", `message:report.submitted\u003escreen`, `project:work:a9`)), fresh, ledger.InEffect, "nothing that can be carried out"},
		{"the index of what is due lost the report", at(freshPK, "s", dropped("dk", "da")), fresh, ledger.InIndex, "da is missing"},
		{"the index of what is due has another instant", at(openPK, "s", document("da", "2026", "2027")), open, ledger.InIndex, "the attribute da"},
		{"the report stands in another shard", at(freshPK, "s", document("dk", "due#", "due#1")), fresh, ledger.InIndex, "the attribute dk"},
	}
}

func projected() []breakage {
	wholePK, openPK, freshPK := "R#"+code(whole), "R#"+code(open), "R#"+code(fresh)
	own := func(n int, change func(it item)) func(w *world) {
		return func(w *world) { pk, sk := w.ownRow(n); w.edit(pk, sk, change) }
	}
	return []breakage{
		{"the reporter's row is wrong", own(whole, document("d", `"published"`, `"answered"`)), whole, ledger.InProjection, "state of the document d"},
		{"the reporter's row is missing", func(w *world) { pk, sk := w.ownRow(whole); w.remove(pk, sk) }, whole, ledger.InProjection, "it is missing"},
		{"the reporter's row carries a number from the future", own(whole, versioned("999")), whole, ledger.InProjection, "it carries the number 999"},
		{"another reporter's report stands in the list", func(w *world) {
			w.edit(wholePK, "s", document("d", `"owner":"lan"`, `"owner":"hoa"`))
		}, whole, ledger.InProjection, "of another account"},
		{"the list names a report that is not there", func(w *world) {
			w.write(str(keyOf("U#lan", "r#2026-11-24T01:00:00.000Z#"+code(9)), "d", "{}"))
		}, 9, ledger.InProjection, "whose state is missing"},
		{"the day's entry is missing", without("D#2026-11-24", code(open)), open, ledger.InDay, "it is missing"},
		{"the place's entry is missing", func(w *world) { w.remove(nearPK, w.nearRow(open)) }, open, ledger.InProjection, "it is missing"},
		{"the place's entry says another place", func(w *world) {
			w.edit(nearPK, w.nearRow(open), document("d", `106.084`, `106.085`))
		}, open, ledger.InProjection, "lon of the document d"},
		{"the report lies elsewhere", at(openPK, "s", document("d", `"lat":9.707`, `"lat":9.807`)), open, ledger.InProjection, "it is missing"},
		{"the day's entry is of a report that is not there", func(w *world) { w.write(keyOf("D#2026-11-24", code(9))) }, 9, ledger.InState, "its state is missing"},
		{"the report stands under another day too", func(w *world) {
			w.write(keyOf("D#2026-11-26", code(open)))
		}, open, ledger.InDay, "was submitted on 2026-11-24"},
		{"an agency's row is wrong", at(openPK, "s", document("sum", `"received"`, `"transferred"`)), open, ledger.InIndex, "state of the document sum"},
		{"an agency's row is missing", without(openPK, "w#a2"), open, ledger.InProjection, "it is missing"},
		{"an agency's row stands in another queue", at(openPK, "s", document("lk", "sxd", "sct")), open, ledger.InIndex, "the attribute lk"},
		{"an agency's row stands at another due time", at(openPK, "s", document("ls", "2026", "2027")), open, ledger.InIndex, "the attribute ls"},
		{"an agency's row left the index", at(openPK, "s", dropped("lk", "ls", "sum")), open, ledger.InIndex, "lk is missing"},
		{"a closed part is still in a queue", at(wholePK, "s", func(it item) { str(str(it, "lk", "edit"), "ls", "2026") }), whole, ledger.InIndex, "lk should not be there"},
		{"the row of a second part is wrong", at(openPK, "w#a2", document("sum", `"agency":"snnmt"`, `"agency":"sct"`)), open, ledger.InIndex, "agency of the document sum"},
		{"the first part stands in its queue twice", func(w *world) {
			w.write(str(str(keyOf(openPK, "w#a1"), "lk", "agency#sxd"), "ls", "2026"))
		}, open, ledger.InIndex, "lk should not be there"},
		{"a row of a part that is not there", func(w *world) { w.write(keyOf(openPK, "w#a7")) }, open, ledger.InProjection, "not there"},
		{"the operator's row is stale", at(freshPK, "s", document("sum", `"screening"`, `"routing"`)), fresh, ledger.InIndex, "state of the document sum"},
		{"the operator's row stands in another queue", at(freshPK, "s", document("lk", "screen", "route")), fresh, ledger.InIndex, "the attribute lk"},
	}
}

func public() []breakage {
	pk := "P#" + code(whole)
	row := func(list string, change func(it item)) func(w *world) {
		return func(w *world) { w.edit(list, w.publicRow(), change) }
	}
	return []breakage{
		{"a public text is changed", at(pk, "a1#000001", document("d", "đã vá", "chưa vá")), whole, ledger.InProjection, "answer of the document d"},
		{"a public item is missing", without(pk, "a1#000001"), whole, ledger.InProjection, "it is missing"},
		{"something is public that was never released", func(w *world) {
			w.write(str(keyOf("P#"+code(open), "a1#000001"), "d", "{}"))
		}, open, ledger.InProjection, "was never released"},
		{"a row of the public list is missing", func(w *world) { w.remove("pub", w.publicRow()) }, whole, ledger.InProjection, "pub/"},
		{"a row of the commune's list is wrong", row("pub#commune#29242", document("d", "Ổ gà", "Ổ voi")), whole, ledger.InProjection, "title of the document d"},
		{"a row of the category's list tells a name", row("pub#category#giao-thong", document("d", `{`, `{"name":"Lan",`)), whole, ledger.InProjection, "name of the document d"},
		{"a row of the public list is of another revision", row("pub", versioned("2")), whole, ledger.InProjection, "it carries the number 2"},
	}
}

func objects() []breakage {
	set := func(key, data string) func(w *world) { return func(w *world) { w.files[key] = []byte(data) } }
	gone := func(key string) func(w *world) { return func(w *world) { delete(w.files, key) } }
	photo, small, clean := report.UploadKey("photo", slotID(0)), report.SmallKey(slotID(0)), report.CleanKey(slotID(0))
	result := report.UploadKey("result", slotID(10))
	picture, document1 := report.PublicPicture(code(whole), "a1", 1, 1), report.PublicDocument(code(whole), "a1", 1)
	slotPK := "S#" + slotID(0)
	return []breakage{
		{"an uploaded photo is another", set(photo, "photo X"), whole, ledger.InMedia, photo},
		{"an uploaded photo is missing", gone(photo), whole, ledger.InMedia, "the uploaded file is missing"},
		{"a rejected file is missing", gone(report.UploadKey("photo", slotID(1))), whole, ledger.InMedia, "the uploaded file is missing"},
		{"a clean copy is missing", gone(clean), whole, ledger.InMedia, clean},
		{"a small copy is missing", gone(small), whole, ledger.InMedia, small},
		{"a signed file is another", set(result, "%PDF forged"), whole, ledger.InMedia, "another SHA-256"},
		{"a signed file is missing", gone(result), whole, ledger.InMedia, "the signed result is missing"},
		{"a signed file is retained by nothing", gone(retention(result)), whole, ledger.InMedia, "nothing keeps the signed result of event"},
		{"a signed file is retained for less than its event says", set(retention(result), begin.AddDate(9, 0, 0).Format(time.RFC3339)), whole, ledger.InMedia, "is retained until"},
		{"the public copy of a signed file is another", set(document1, "%PDF forged"), whole, ledger.InMedia, "is not the signed file"},
		{"the public copy of a signed file is missing", gone(document1), whole, ledger.InMedia, document1},
		{"a public picture is another", set(picture, "a face"), whole, ledger.InMedia, "another picture"},
		{"a public picture is missing", gone(picture), whole, ledger.InMedia, picture},
		{"the announced digest is changed", at(slotPK, "s", document("d", `"sha256":"`, `"sha256":"A`)), whole, ledger.InMedia, "not the one that was announced"},
		{"a slot is another report's", at(slotPK, "s", document("d", code(whole), code(open))), whole, ledger.InMedia, "not its own"},
		{"a slot is missing", without(slotPK, "s"), whole, ledger.InMedia, "not its own"},
		{"a slot of a signed result is missing", without("S#"+slotID(10), "s"), whole, ledger.InMedia, "the slot of the signed result is missing"},
		{"a rejection is made an acceptance", at("S#"+slotID(1), "s", document("d", `"state":"rejected"`, `"state":"accepted"`)), whole, ledger.InMedia, "the copy of an accepted upload is missing"},
		{"an acceptance is made a rejection", at(slotPK, "s", document("d", `"state":"accepted"`, `"state":"rejected"`)), whole, ledger.InMedia, "was never told"},
		{"a slot stands in the index for nothing", at(slotPK, "s", func(it item) { str(str(it, "dk", "due#0"), "da", "2026") }), whole, ledger.InIndex, "da should not be there"},
	}
}

// resealed replaces the body of the first event by another text, sealed for its
// very place: only the keyed digest tells it.
func resealed(w *world) {
	w.edit("B#"+code(whole), "e#000001", func(it item) {
		it["b"] = &types.AttributeValueMemberB{Value: w.Keys.Seal([]byte(`{"text":"không có gì"}`), code(whole)+"#1")}
	})
}

func TestEverythingBrokenByHandIsNamed(t *testing.T) {
	w := told(t)
	var all []breakage
	for _, list := range [][]breakage{history(whole), bodies(whole), states(), owed(), projected(), public(), objects(), forgeries(), rest()} {
		all = append(all, list...)
	}
	for _, b := range all {
		t.Run(b.name, func(t *testing.T) {
			w.broken(t, b.hand, func() {
				a := w.verify(50)
				if !names(a, code(b.of), b.what, b.says) {
					t.Errorf("not named as %s %q:\n%s", b.what, b.says, w.shown(a))
				}
				for _, d := range a.Deviations {
					if d.Report != code(b.of) {
						t.Errorf("named of another report: %+v", d)
					}
				}
			})
		})
	}
	if a := w.verify(50); len(a.Deviations) > 0 {
		t.Fatalf("what was broken was not put back:\n%s", w.shown(a))
	}
}
