package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/ledger"
	"paht/shared/report"
	"paht/shared/upload"
)

// forge rewrites a history and chains it anew: only what the events say can tell
// it, not their hashes.
func (w *world) forge(n int, change func(events []report.Event)) {
	w.t.Helper()
	pk, _ := state(n)
	h := w.load(code(n))
	change(h.Events)
	prev := ""
	for i := range h.Events {
		e := &h.Events[i]
		e.Prev, e.Hash = prev, ""
		doc, err := json.Marshal(e)
		w.must(err)
		sum := sha256.Sum256(doc)
		e.Hash = hex.EncodeToString(sum[:])
		prev = e.Hash
		doc, err = json.Marshal(e)
		w.must(err)
		if e.N < len(h.Events) {
			w.write(str(keyOf(pk, fmt.Sprintf("e#%06d", e.N)), "d", string(doc)))
		}
	}
	r := h.Report
	r.Newest, r.Body = h.Events[len(h.Events)-1], nil
	doc, err := json.Marshal(r)
	w.must(err)
	w.edit(pk, "s", func(it item) { str(it, "d", string(doc)) })
}

func forged(n int, change func(e []report.Event)) func(w *world) {
	return func(w *world) { w.forge(n, change) }
}

// Events of the whole story by number: 1 submitted, 2 media.rejected, 3
// supplement.asked, 4 supplemented, 5 accepted, 6 routing, 7 answer.sent,
// 8 transferred, 9 received, 10 progress, 11 concluded, 12 drafted, 13 published,
// 14 rated.
func forgeries() []breakage {
	stamp := begin.Add(time.Hour)
	return []breakage{
		{"an act of a type that there is not", forged(whole, func(e []report.Event) { e[9].Type = "assignment.forgotten" }), whole, ledger.InState, "does not know"},
		{"an acceptance after the routing", forged(whole, func(e []report.Event) { e[6].Type = report.EventAccepted }), whole, ledger.InState, `cannot happen to a report that is "routing"`},
		{"a receipt of a part that is not there", forged(whole, func(e []report.Event) { e[8].Assignment = "a9" }), whole, ledger.InState, `names the assignment "a9"`},
		{"a progress before the receipt", forged(whole, func(e []report.Event) { e[8].Type = report.EventProgress }), whole, ledger.InState, `assignment that is "transferred"`},
		{"a state that the act does not give", forged(whole, func(e []report.Event) { e[5].State = report.Screening }), whole, ledger.InState, `by the events it was "routing"`},
		{"an answer to what nobody asked", forged(whole, func(e []report.Event) { e[2].Type = report.EventScreening }), whole, ledger.InState, "nobody asked"},
		{"a transfer without clocks", forged(whole, func(e []report.Event) { e[7].Clocks = nil }), whole, ledger.InState, "started 0 clocks"},
		{"a publication of another revision", forged(whole, func(e []report.Event) { e[12].Facts.Revision = 2 }), whole, ledger.InState, "is revision 2 by its facts"},
		{"a publication at another instant", forged(whole, func(e []report.Event) { e[12].At = stamp }), whole, ledger.InState, "the publication is not"},
		{"a publication at another instant, of the clock", forged(whole, func(e []report.Event) { e[12].At = stamp }), whole, ledger.InClock, "the clock publication is done at"},
		{"a breach of a clock that was in time", forged(whole, func(e []report.Event) {
			e[9].Type, e[9].Facts.Clock = report.EventBreached, report.ClockHandling
		}), whole, ledger.InState, "a due time that had not passed"},
		{"a breach of a part that is not there", forged(whole, func(e []report.Event) {
			e[9].Type, e[9].Assignment = report.EventBreached, "a9"
		}), whole, ledger.InState, `names the assignment "a9"`},
		{"a proposal to another agency", forged(whole, func(e []report.Event) { e[5].Facts.Agencies = []string{"sct"} }), whole, ledger.InState, "proposal"},
		{"a transfer to another agency", forged(whole, func(e []report.Event) { e[7].Facts.Agencies = []string{"sct"} }), whole, ledger.InState, "by the events it is sct"},
		{"a submission at another instant", forged(whole, func(e []report.Event) { e[0].At = stamp }), whole, ledger.InState, "by its first event"},
		{"an act without its body", forged(whole, func(e []report.Event) { e[0].Body = "" }), whole, ledger.InBody, "written without a body"},
		{"an act with a short digest", forged(whole, func(e []report.Event) { e[0].Body = e[0].Body[:32] }), whole, ledger.InBody, "is another"},
		{"a clock that was given more time", forged(open, func(e []report.Event) { e[0].Clocks[0].Amount++ }), open, ledger.InClock, "event 1 started it"},
		{"a clock that was never started", forged(fresh, func(e []report.Event) { e[0].Clocks = nil }), fresh, ledger.InClock, "was started by no event"},
	}
}

// rest are further things in the state and beside it.
func rest() []breakage {
	wholePK, openPK, freshPK, refusedPK := "R#"+code(whole), "R#"+code(open), "R#"+code(fresh), "R#"+code(refused)
	result := "S#" + slotID(10)
	return []breakage{
		{"an event is no JSON", at(wholePK, "e#000004", document("d", `{`, `[`)), whole, ledger.InChain, "cannot be read"},
		{"a member of an event is of another type", at(wholePK, "e#000004", document("d", `"n":4`, `"n":"4"`)), whole, ledger.InChain, "its member n is of another type"},
		{"an event has no hash", at(wholePK, "e#000004", document("d", `"hash":`, `"hsah":`)), whole, ledger.InChain, "it has no hash"},
		{"the state is no JSON", at(freshPK, "s", document("d", `{`, `[`)), fresh, ledger.InState, "the state cannot be read"},
		{"the newest event is none", at(freshPK, "s", document("d", `"newest":`, `"oldest":`)), fresh, ledger.InChain, "the newest event cannot be read"},
		{"the state is another report's", at(freshPK, "s", document("d", code(fresh), code(open))), fresh, ledger.InState, "the state is that of report"},
		{"the version is lower than the events", func(w *world) {
			w.edit(wholePK, "s", func(it item) { versioned("3")(it); document("d", `"v":`, `"v":3,"w":`)(it) })
		}, whole, ledger.InState, "version 3 is lower"},
		{"the version is no whole number", at(freshPK, "s", versioned("1.5")), fresh, ledger.InState, "the attribute v is 0"},
		{"an attribute is of a kind that no item has", at(freshPK, "s", func(it item) { it["x"] = &types.AttributeValueMemberBOOL{Value: true} }), fresh, ledger.InState, "x should not be there"},
		{"an effect is owed twice", at(freshPK, "s", document("d", `"owed":[{`, `"owed":[{"name":"project:mine","n":1,"retry":"2026-11-24T02:00:00Z"},{`)), fresh, ledger.InEffect, "owed twice"},
		{"the answer of a refusal is owed by nothing", at(refusedPK, "s", document("d", `message:report.refused\u003enotify`, `project:mine`)), refused, ledger.InEffect, "handed to the reporter"},
		{"a part is taken from the state", at(openPK, "s", func(it item) { cutPart(it) }), open, ledger.InState, "1 assignments stand there"},
		{"a passed due time is said to be recorded", at(freshPK, "s", document("d", `"amount"`, `"breached":1,"amount"`)), fresh, ledger.InClock, "recorded by event 1"},
		{"the slot of a signed result is another part's", at(result, "s", document("d", `"asg":"a1"`, `"asg":"a2"`)), whole, ledger.InMedia, "not that of the signed result"},
		{"the digest of a signed result's slot is another", at(result, "s", document("d", `"sha256":"`, `"sha256":"A`)), whole, ledger.InMedia, "not the one that was announced"},
		{"a slot is no JSON", at(result, "s", document("d", `{`, `[`)), whole, ledger.InMedia, "the slot cannot be read"},
		{"a slot's version is another", at(result, "s", versioned("9")), whole, ledger.InMedia, "the slot says"},
		{"a slot is another upload's", at(result, "s", document("d", slotID(10), slotID(11))), whole, ledger.InMedia, "it is the slot of upload"},
		{"a slot is in no state", at("S#"+slotID(0), "s", document("d", `"accepted"`, `"acepted"`)), whole, ledger.InMedia, "which is no state"},
		{"a name is public without consent", func(w *world) {
			w.edit(wholePK, "s", document("d", `"publicity":"name_shown"`, `"publicity":"hidden"`))
		}, whole, ledger.InProjection, "without consent"},
		{"a row of the public list is older than its revision", func(w *world) {
			w.edit("pub", w.publicRow(), versioned("0"))
		}, whole, ledger.InProjection, "it carries the number 0"},
	}
}

// cutPart takes the last assignment out of a state.
func cutPart(it item) {
	var doc map[string]json.RawMessage
	var parts []json.RawMessage
	if json.Unmarshal([]byte(written(it, "d")), &doc) != nil || json.Unmarshal(doc["assignments"], &parts) != nil {
		return
	}
	doc["assignments"], _ = json.Marshal(parts[:len(parts)-1])
	b, _ := json.Marshal(doc)
	str(it, "d", string(b))
}

func TestWaysThatTheStoryDoesNotGo(t *testing.T) {
	w := newWorld(t)
	w.put(0, upload.Slot{Owner: "lan", Purpose: upload.Photo, Type: upload.TypeJPEG}, "photo")
	// Withdrawn, with a file that nobody checked yet.
	id := w.submit(1, slotID(0))
	w.act(id, lan, func(h report.History, c report.Context) (report.Change, error) {
		return report.Withdraw(h.Report, "nhầm", c)
	})
	// Every due time is missed and recorded, then the part is published.
	id = w.submit(2)
	w.Pass(4 * time.Hour)
	breach := func(h report.History, c report.Context) (report.Change, error) { return report.Breach(h.Report, c) }
	w.act(id, machine, breach)
	w.accepted(id)
	w.transferred(id, "sxd", "snnmt")
	w.Pass(10 * 24 * time.Hour)
	w.act(id, machine, breach)
	w.act(id, machine, breach)
	// Both agencies conclude theirs, one after the other.
	w.act(id, builder, func(h report.History, c report.Context) (report.Change, error) {
		return report.Receive(h.Report, "a1", c)
	})
	w.concluded(id, "a2", farmer, 11)
	w.released(id, "a2", "")
	w.concludedAgain(id)
	a := w.verify(50)
	if !names(a, code(1), ledger.InMedia, "the upload is unchecked since") || len(a.Deviations) != 1 {
		t.Errorf("found:\n%s", w.shown(a))
	}
	if h := w.load(id); h.Report.State != report.Published || len(h.Events) < 15 {
		t.Errorf("the report is %s after %d events", h.Report.State, len(h.Events))
	}
}

// concludedAgain ends the first part, which was received.
func (w *world) concludedAgain(id string) {
	file := []byte("%PDF again")
	w.put(12, upload.Slot{Owner: "minh", Purpose: upload.Result, For: id, Assignment: "a1"}, string(file))
	s, err := w.slots.Load(w.t.Context(), slotID(12))
	w.must(err)
	s, err = s.Attached(id, "minh")
	w.must(err)
	w.must(w.slots.Save(w.t.Context(), s))
	sum := sha256.Sum256(file)
	w.act(id, builder, func(h report.History, c report.Context) (report.Change, error) {
		return report.Conclude(h.Report, "a1", report.SignedResult{Slot: slotID(12), SHA256: hex.EncodeToString(sum[:]), ResultAt: c.At, SignedAt: c.At}, c)
	})
	w.released(id, "a1", "")
}

func TestWhatWaitsForAMachineThatNothingCallsIsNamed(t *testing.T) {
	w := newWorld(t)
	accepted, concluded := w.submit(1), w.submit(2)
	w.act(accepted, operator, func(h report.History, c report.Context) (report.Change, error) { return report.Accept(h.Report, "", c) })
	w.accepted(concluded)
	w.transferred(concluded, "sxd")
	w.concluded(concluded, "a1", builder, 10)
	if a := w.verify(50); len(a.Deviations) > 0 {
		t.Fatalf("while both are owed:\n%s", w.shown(a))
	}
	w.edit("R#"+accepted, "s", document("d", `message:report.accepted\u003eroute`, `project:day`))
	w.edit("R#"+concluded, "s", document("d", `message:assignment.concluded\u003epublish`, `project:day`))
	w.Pass(25 * time.Hour)
	a := w.verify(50)
	if !names(a, accepted, ledger.InEffect, "waits for its routing, and nothing owes it") ||
		!names(a, concluded, ledger.InEffect, "waits for its draft, and nothing owes it") {
		t.Errorf("found:\n%s", w.shown(a))
	}
}

func TestAPictureThatNobodyCheckedIsNamedOnceItIsPublic(t *testing.T) {
	w := newWorld(t)
	w.put(0, upload.Slot{Owner: "lan", Purpose: upload.Photo, Type: upload.TypeJPEG}, "photo")
	w.judge(0, "")
	id := w.submit(1, slotID(0))
	w.accepted(id)
	w.transferred(id, "sxd")
	w.concluded(id, "a1", builder, 10)
	d := report.Draft{Title: "Ổ gà", Media: []report.PublicMedium{{Slot: slotID(0)}}}
	w.act(id, operator, func(h report.History, c report.Context) (report.Change, error) {
		return report.Release(h.Report, "a1", d, "", c)
	})
	if a := w.verify(50); !names(a, id, ledger.InMedia, "nobody checked it") || len(a.Deviations) != 1 {
		t.Errorf("found:\n%s", w.shown(a))
	}
}
