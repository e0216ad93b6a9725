package cloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/effect"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/seal"
	"paht/shared/settings"
	"paht/shared/upload"
)

// script runs every writer once, on a clock of its own, and keeps what each step
// changed in the table.
type script struct {
	t     *testing.T
	w     *cloudtest.World
	base  cloud.Base
	flow  effect.Flow
	seen  map[string]string
	items []goldenItem
}

func writeGolden(t *testing.T) ([]goldenItem, *seal.Keys) {
	t.Helper()
	w := cloudtest.Open(t, goldenTime, "screen", "route", "publish", "notify", "media", "sla")
	s := &script{t: t, w: w, base: cloud.NewBase(w.Config, w.Table, w.Keys, w.Now), seen: map[string]string{}}
	publications := cloud.Publications{Table: w.Table, Reports: s.base.Reports(), Objects: noObjects{}}
	s.flow = s.base.Flow(effect.Router{Sender: w.Queues(), Publisher: publications, Attacher: s.base.Attaching(&s.flow, "submit")})
	s.accounts()
	s.uploads()
	s.published()
	s.otherEnds()
	s.notices()
	s.settings()
	s.marks()
	return s.items, w.Keys
}

// noObjects is the bucket: what lies there is no item.
type noObjects struct{}

func (noObjects) Copy(context.Context, string, string, string) error { return nil }

// step keeps what changed since the last one.
func (s *script) step(name string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	stored, err := s.w.AWS.Items(s.w.Table.Name)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, it := range stored {
		key, text := it.Hash+" "+it.Range, string(it.JSON())
		if s.seen[key] != text {
			s.seen[key] = text
			s.items = append(s.items, goldenItem{name, json.RawMessage(text)})
		}
	}
	s.w.Pass(time.Minute)
}

// goldenTerms count every limit in minutes on the wall: the office hours and the
// department's figures change, and the form of what is stored does not.
type goldenTerms struct{}

func (goldenTerms) Clock(name, _ string, from time.Time, days int) (report.Clock, error) {
	minutes := 60
	if name == report.ClockHandling {
		minutes = days * 24 * 60
	}
	return report.Clock{Name: name, Start: from, Due: from.Add(time.Duration(minutes) * time.Minute), Unit: report.ClockTime,
		Amount: minutes, Calendar: "calendar-1", Policy: "policy-1"}, nil
}

func (goldenTerms) Worked(_ string, from, to time.Time) int { return int(to.Sub(from).Minutes()) }

// Who acts.
const (
	goldenLogIn   = "lan"
	goldenKey     = "key-of-the-registration"
	goldenToken   = "golden-token-golden-token-golden-token-1234"
	goldenText    = "Nắp cống trước số nhà 12 bị mất."
	goldenAgency  = "TTHTKT"
	goldenOfficer = "minh"
)

var (
	goldenOwner  = account.ID(goldenKey)
	goldenID     = report.Code(goldenOwner, "key-of-the-report", 0)
	goldenRules  = account.Rules{WrongPasswords: 5, Inactivity: func(last time.Time) time.Time { return last.AddDate(1, 0, 0) }}
	goldenSlots  = []string{upload.ID("key-of-the-slots", 0), upload.ID("key-of-the-slots", 1)}
	goldenResult = upload.ID("key-of-the-result", 0)

	byReporter = report.Actor{Kind: report.ByReporter, ID: goldenOwner}
	byScreener = report.Actor{Kind: report.ByOfficer, ID: "lan-officer", Agency: "TTDH"}
	byHandler  = report.Actor{Kind: report.ByOfficer, ID: goldenOfficer, Agency: goldenAgency}
	byMachine  = report.Actor{Kind: report.ByMachine, ID: "screen"}
)

func (s *script) context(by report.Actor, key string) report.Context {
	c := report.Context{At: s.w.Now(), By: by, Terms: goldenTerms{}, Delay: time.Minute,
		Keyed: func(body []byte) string { return s.w.Keys.MAC(seal.Digest, string(body)) }}
	if key != "" {
		c.Key, c.Request = s.w.Keys.MAC(seal.Digest, key), s.w.Keys.MAC(seal.Digest, "request of "+key)
	}
	return c
}

// act decides on a report and keeps what is stored then.
func (s *script) act(name, id string, decide effect.Decide) report.Report {
	s.t.Helper()
	r, _, err := s.flow.Act(s.t.Context(), id, decide)
	s.step(name, err)
	return r
}

func (s *script) accounts() {
	ctx, store := s.t.Context(), s.base.Accounts()
	flow := s.base.AccountFlow(s.w.Queues())
	act := account.Act{Key: goldenKey, Request: "request", At: s.w.Now()}
	s.step("a log-in name is claimed", store.Claim(ctx, goldenLogIn, goldenOwner, s.w.Now()))
	_, err := store.Save(ctx, account.Registered(account.Registration{Kind: account.Individual, Language: "vi", Act: act,
		Private:  account.Private{Name: "Nguyễn Thị Lan", LogIn: goldenLogIn, Email: "lan@dan.example", Phone: "0912345678", Password: "$argon2id$v=19$x"},
		Inactive: goldenTime.AddDate(1, 0, 0), CodeLife: 24 * time.Hour}))
	s.step("an account is registered and owes the code", err)
	s.step("the log-in name is kept", store.Keep(ctx, goldenLogIn, goldenOwner))
	a, err := store.Load(ctx, goldenOwner)
	if err != nil {
		s.t.Fatal(err)
	}
	flow.Settle(ctx, a)
	s.step("the code is sent", nil)
	_, err = flow.Act(ctx, goldenOwner, func(a account.Account) (account.Account, error) {
		next, refused, err := a.VerifiedWith(s.w.Keys, account.Code(s.w.Keys, goldenOwner, account.Verify, 1), s.w.Now())
		if refused != nil {
			return next, refused
		}
		return next, err
	})
	s.step("the e-mail address is proven", err)
	a, err = flow.Act(ctx, goldenOwner, func(a account.Account) (account.Account, error) {
		next, _, err := a.Tried(true, goldenRules, s.w.Now())
		return next, err
	})
	s.step("a log-in", err)
	hash := account.TokenHash(goldenToken)
	s.step("a session begins", s.base.Sessions().Open(ctx, a.Began(hash, "điện thoại", 90, s.w.Now()), hash))
	officer := account.Appointed(account.Appointment{By: "admin", Agency: goldenAgency, Roles: []string{"handler"},
		Registration: account.Registration{Act: account.Act{Key: "key-of-the-officer", Request: "request", At: s.w.Now()},
			Private:  account.Private{Name: "Võ Minh", LogIn: goldenOfficer, Email: "minh@moclam.example"},
			Inactive: goldenTime.AddDate(1, 0, 0), CodeLife: 72 * time.Hour}})
	_, err = flow.Create(ctx, officer)
	s.step("an officer is appointed", err)
	_, err = flow.Act(ctx, officer.ID, func(a account.Account) (account.Account, error) {
		return a.Changed(account.Duty{Ended: true, By: "admin", Act: account.Act{Key: "key-of-the-end", Request: "request", At: s.w.Now()}})
	})
	s.step("an officer's duty ends", err)
}

func (s *script) uploads() {
	ctx, slots := s.t.Context(), s.base.Slots()
	for i, id := range goldenSlots {
		_, err := slots.Open(ctx, upload.New(upload.Slot{ID: id, Owner: goldenOwner, Purpose: upload.Photo, Type: upload.TypeJPEG, Size: 4321,
			SHA256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", Request: "request of the slots"}, s.w.Now()))
		s.step(fmt.Sprintf("slot %d is opened", i), err)
	}
	first, err := slots.Load(ctx, goldenSlots[0])
	if err == nil {
		if first, err = first.Judged("", 1200, 800); err == nil {
			err = slots.Save(ctx, first)
		}
	}
	s.step("a photo is accepted", err)
	second, err := slots.Load(ctx, goldenSlots[1])
	if err == nil {
		if second, err = second.Judged("not_a_picture", 0, 0); err == nil {
			err = slots.Save(ctx, second)
		}
	}
	s.step("a photo is rejected", err)
	_, err = slots.Open(ctx, upload.NewResult(upload.Slot{ID: goldenResult, Owner: goldenOfficer, Size: 9876,
		SHA256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", Request: "request of the result"}, goldenID, "a1", s.w.Now()))
	s.step("the slot of a result is opened", err)
}

// submitted stores a report whose effects are owed still, and then carries out
// what can be.
func (s *script) submitted(name, key string, media []string) report.Report {
	s.t.Helper()
	occurred := goldenTime.Add(-time.Hour)
	change, err := report.Submit(report.Submission{ID: report.Code(goldenOwner, key, 0), Owner: goldenOwner, Channel: "website",
		Notice: report.ByEmail, Publicity: report.NameShown, Category: "thoat_nuoc_ngap", Commune: "99001",
		Point: &report.Point{Lat: 9.707, Lon: 106.084}, Text: goldenText, Address: "Trước số nhà 12", Occurred: &occurred, Media: media},
		s.context(byReporter, key))
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := s.flow.Store.Save(s.t.Context(), change)
	s.step(name, err)
	s.flow.Settle(s.t.Context(), r)
	s.step(name+", and what it owes is carried out", nil)
	return r
}

// published brings a report from its submission to its publication and rating.
func (s *script) published() {
	s.submitted("a report is submitted", "key-of-the-report", goldenSlots)
	s.act("the machine has screened it", goldenID, func(h report.History) (report.Change, error) {
		return report.Screened(h.Report, json.RawMessage(`{"phrases":["nắp cống"]}`), []string{"mixed_diacritics"}, s.context(byMachine, ""))
	})
	s.act("more is asked of the reporter", goldenID, func(h report.History) (report.Change, error) {
		return report.AskSupplement(h.Report, "Nắp cống ở phía nào?", s.context(byScreener, "ask"))
	})
	s.act("the reporter answers", goldenID, func(h report.History) (report.Change, error) {
		return report.AddSupplement(h.Report, report.SupplementText{Text: "Phía số chẵn."}, s.context(byReporter, "supplement"))
	})
	r := s.act("it is accepted", goldenID, func(h report.History) (report.Change, error) {
		return report.Accept(h.Report, "Đủ điều kiện", s.context(byScreener, "accept"))
	})
	accepted := r.Newest.N
	s.act("the answer was sent", goldenID, func(h report.History) (report.Change, error) {
		return report.AnswerSent(h, accepted, s.context(report.Actor{Kind: report.ByMachine, ID: "notify"}, ""))
	})
	s.act("an agency is proposed", goldenID, func(h report.History) (report.Change, error) {
		return report.Proposed(h.Report, report.Proposal{Agency: goldenAgency, Days: 3}, s.context(byMachine, ""))
	})
	s.act("it is transferred", goldenID, func(h report.History) (report.Change, error) {
		return report.Transfer(h.Report, []report.Target{{Agency: goldenAgency, Days: 3}}, "Xin xử lý", s.context(byScreener, "transfer"))
	})
	s.act("the agency has received it", goldenID, func(h report.History) (report.Change, error) {
		return report.Receive(h.Report, "a1", s.context(byHandler, "receive"))
	})
	s.act("the agency reports progress", goldenID, func(h report.History) (report.Change, error) {
		return report.Progress(h.Report, "a1", "Đang đặt nắp cống mới.", s.context(byHandler, "progress"))
	})
	s.act("the agency concludes", goldenID, func(h report.History) (report.Change, error) {
		return report.Conclude(h.Report, "a1", report.SignedResult{Slot: goldenResult, SHA256: "n4bQ", ResultAt: s.w.Now(), SignedAt: s.w.Now(),
			Verdict: json.RawMessage(`{"signers":["Võ Minh"]}`), Summary: "Đã thay nắp cống."}, s.context(byHandler, "conclude"))
	})
	s.public()
}

func (s *script) public() {
	draft := report.Draft{Title: "Mất nắp cống", Content: goldenText, Answer: "Đã thay nắp cống.",
		Media: []report.PublicMedium{{Slot: goldenSlots[0], Checked: true}}, Document: true}
	s.act("the machine has drafted the publication", goldenID, func(h report.History) (report.Change, error) {
		return report.Drafted(h.Report, "a1", draft, s.context(byMachine, ""))
	})
	s.act("the editor edits", goldenID, func(h report.History) (report.Change, error) {
		return report.Edit(h.Report, "a1", draft, s.context(byScreener, "edit"))
	})
	s.act("the editor releases", goldenID, func(h report.History) (report.Change, error) {
		return report.Release(h.Report, "a1", draft, "Nguyễn Thị Lan", s.context(byScreener, "release"))
	})
	s.act("the reporter rates", goldenID, func(h report.History) (report.Change, error) {
		return report.Rate(h.Report, "a1", 3, 15, s.context(byReporter, "rate"))
	})
}

// otherEnds are the states that the published report does not pass.
func (s *script) otherEnds() {
	refused := s.submitted("a second report", "second", nil)
	s.act("it is refused", refused.ID, func(h report.History) (report.Change, error) {
		return report.Refuse(h.Report, report.Refusal{Code: "duplicate", Reason: "Đã có phản ánh", Related: goldenID}, s.context(byScreener, "refuse"))
	})
	withdrawn := s.submitted("a third report", "third", nil)
	s.act("it is withdrawn", withdrawn.ID, func(h report.History) (report.Change, error) {
		return report.Withdraw(h.Report, "Tôi gửi nhầm", s.context(byReporter, "withdraw"))
	})
	returned := s.submitted("a fourth report", "fourth", nil)
	for _, to := range []string{goldenAgency, "SXD"} {
		if to == goldenAgency {
			s.act("the fourth is accepted", returned.ID, func(h report.History) (report.Change, error) {
				return report.Accept(h.Report, "", s.context(byScreener, "accept-4"))
			})
			s.act("the fourth is transferred", returned.ID, func(h report.History) (report.Change, error) {
				return report.Transfer(h.Report, []report.Target{{Agency: to, Days: 3}}, "", s.context(byScreener, "transfer-4"))
			})
		}
	}
	s.act("the agency returns it", returned.ID, func(h report.History) (report.Change, error) {
		return report.Return(h.Report, "a1", report.Opinion{Code: "not_competent", Reason: "Không thuộc thẩm quyền"}, s.context(byHandler, "return-4"))
	})
	s.w.Pass(48 * time.Hour)
	s.act("a due time has passed", returned.ID, func(h report.History) (report.Change, error) {
		return report.Breach(h.Report, s.context(report.Actor{Kind: report.ByMachine, ID: "sla"}, ""))
	})
	s.act("the operator answers it", returned.ID, func(h report.History) (report.Change, error) {
		return report.Answer(h.Report, "Việc này đã có kế hoạch.", goldenID, s.context(byScreener, "answer-4"))
	})
}

func (s *script) notices() {
	ctx, inbox := s.t.Context(), cloud.Inbox{Table: s.w.Table}
	at := s.w.Now()
	r, e := report.Report{ID: goldenID}, report.Event{N: 5, Type: report.EventAccepted, At: goldenTime}
	item := notice.OfEvent(goldenOwner, string(report.ByEmail), r, e, at).Held("worker-1", at)
	_, _, err := inbox.Create(ctx, item)
	s.step("a notice is intended", err)
	s.step("a notice was sent", inbox.Save(ctx, item.Concluded("", s.w.Now())))
	failed := notice.OfAccount(goldenOwner, string(report.ByEmail), string(message.AccountVerify), goldenOwner, 1, goldenTime, at).Held("worker-2", at)
	_, _, err = inbox.Create(ctx, failed)
	s.step("a notice of an account is intended", err)
	s.step("its channel turned it away", inbox.Save(ctx, failed.Released()))
	_, _, err = inbox.Create(ctx, notice.OfEvent(notice.AgencyInbox(goldenAgency), notice.InSystem, r, e, at))
	s.step("a notice in an agency's inbox", err)
}

func (s *script) settings() {
	ctx := s.t.Context()
	for version, value := range []int{60, 1} {
		document := fmt.Sprintf(`[{"name":"notice_delay_seconds","value":%d,"valid_from":"2026-11-24T08:00:00+07:00","note":"golden"}]`, value)
		_, err := s.base.Settings.Store(ctx, settings.Policies, []byte(document), version, "admin", s.w.Now())
		s.step(fmt.Sprintf("version %d of the policies", version+1), err)
	}
}

func (s *script) marks() {
	ctx := s.t.Context()
	_, err := s.base.Audit().Write(ctx, cloud.Entry{At: s.w.Now(), Actor: goldenOfficer, Act: "contact.read", Subject: goldenID, Key: "key-of-the-reading",
		Request: "request", Reason: "Gọi để hỏi thêm địa điểm"})
	s.step("an act is audited", err)
	s.step("a keyed act begins", s.base.Acts().Begin(ctx, "key-of-the-act", "request", "settings"))
	s.step("a keyed act is answered", s.base.Acts().Answered(ctx, "key-of-the-act", "42"))
	_, err = s.base.Limits().Take(ctx, "name", goldenLogIn, 10, time.Hour)
	s.step("a try is counted", err)
	s.step("a message is parked", s.base.Parked().Park(ctx, "route", "00000000-0000-4000-8000-000000000001", []byte("no envelope"), "reading the envelope"))
	_, err = s.base.Accounts().FirstAdministrator(ctx, "admin", "")
	s.step("the first administrator is marked", err)
}
