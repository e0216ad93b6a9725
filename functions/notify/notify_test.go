package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"paht/functions/notify"
	"paht/infra/emulator/messaging"
	"paht/shared/account"
	"paht/shared/caller"
	"paht/shared/cloud"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
)

var errCrash = errors.New("the sandbox died")

func TestDoubledMessagesSendOneMail(t *testing.T) {
	w := newWorld(t)
	w.submitted(code(1), report.ByEmail)
	e := w.accepted(code(1))
	for range 3 {
		w.take(e)
	}
	mails := w.Mails()
	if len(mails) != 1 || mails[0].To[0] != "lan@example.vn" || !strings.Contains(mails[0].Subject, code(1)) {
		t.Fatalf("sent %+v", mails)
	}
	items := w.items("lan")
	if len(items) != 1 || items[0].Outcome != notice.Sent || items[0].Reason != "" {
		t.Errorf("the inbox holds %+v", items)
	}
	if n := w.due(begin.AddDate(1, 0, 0)); n != 0 {
		t.Errorf("%d concluded notices are still in the index of what is owed", n)
	}
}

func TestTheAnswerEndsTheScreeningClockAtTheLaterInstant(t *testing.T) {
	for _, c := range []struct {
		name   string
		decide func(r report.Report, c report.Context) (report.Change, error)
	}{
		{"an acceptance", func(r report.Report, c report.Context) (report.Change, error) { return report.Accept(r, "", c) }},
		{"a refusal", func(r report.Report, c report.Context) (report.Change, error) {
			return report.Refuse(r, report.Refusal{Code: "9.3", Reason: "Thiếu địa chỉ."}, c)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.submitted(code(1), report.ByEmail)
			w.Pass(30 * time.Minute)
			e := w.act(code(1), c.decide)
			w.Pass(time.Minute)
			handed := w.Now()
			w.take(e)
			w.Pass(time.Hour)
			w.take(e)
			h := w.load(code(1))
			clock := h.Report.Clock(report.ClockScreening)
			if clock.Done == nil || !clock.Done.Equal(handed) || clock.Worked != 31 {
				t.Errorf("the clock ended at %v after %d minutes, and the answer left at %v", clock.Done, clock.Worked, handed)
			}
			sent := 0
			for _, event := range h.Events {
				if event.Type == report.EventAnswerSent {
					sent++
				}
			}
			if sent != 1 || h.Report.Newest.Facts.Decision != e.N {
				t.Errorf("%d events say that the answer was sent", sent)
			}
			for _, owed := range h.Report.Owed {
				if strings.HasSuffix(owed.Name, ">notify") {
					t.Errorf("%s is still owed", owed.Name)
				}
			}
		})
	}
}

func TestTwoWorkersAtOnceSendOneMail(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		w.submitted(code(1), report.ByEmail)
		e := w.accepted(code(1))
		var group sync.WaitGroup
		failures := make([]error, 4)
		for i := range failures {
			worker := w.worker()
			group.Go(func() { failures[i] = worker.Take(t.Context(), e) })
		}
		group.Wait()
		if err := errors.Join(failures...); err != nil {
			t.Fatal(err)
		}
		if mails := w.Mails(); len(mails) != 1 {
			t.Fatalf("%d mails were sent", len(mails))
		}
	}
}

// crash makes the sandbox die at the n-th request of a kind: before it is
// carried out, or after it was and before its answer came.
func crash(kind func(*http.Request) bool, n int, applied bool) func(*http.Request) (error, error) {
	var mu sync.Mutex
	seen, dead := 0, false
	return func(r *http.Request) (before, after error) {
		mu.Lock()
		defer mu.Unlock()
		if dead {
			return errCrash, nil
		}
		if !kind(r) {
			return nil, nil
		}
		if seen++; seen != n {
			return nil, nil
		}
		dead = true
		if applied {
			return nil, errCrash
		}
		return errCrash, nil
	}
}

func TestWhatAWorkerLeftBehindIsSentAfterTheLease(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    func(*http.Request) bool
		n       int
		applied bool
		mails   int
	}{
		{"it died before the intent", isWrite, 1, false, 1},
		{"it died right after the intent", isWrite, 1, true, 1},
		{"it died before the mail", isMail, 1, false, 1},
		{"it died after the mail and before the outcome", isMail, 1, true, 2},
		{"it died at the outcome", isWrite, 2, false, 2},
		{"it died after the outcome", isWrite, 2, true, 1},
		{"it died before the report was told", isWrite, 3, false, 1},
		{"it died after the report was told", isWrite, 4, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.submitted(code(1), report.ByEmail)
			e := w.accepted(code(1))
			w.Break(crash(c.kind, c.n, c.applied))
			if err := w.step.Take(t.Context(), e); err == nil {
				t.Fatal("the worker did not die")
			}
			w.Break(nil)
			w.take(e) // within the lease: nothing that another may be doing
			within := len(w.Mails())
			w.Pass(notice.Lease + time.Second)
			w.take(e)
			mails := w.Mails()
			if within > c.mails || len(mails) != c.mails {
				t.Fatalf("%d mails were sent in the end, %d within the lease", len(mails), within)
			}
			for _, m := range mails {
				if m.GivenMessageID != mails[0].GivenMessageID || !strings.Contains(m.GivenMessageID, code(1)) {
					t.Errorf("the mails are told apart: %s, %s", m.GivenMessageID, mails[0].GivenMessageID)
				}
			}
			// Amazon SES puts an id of its own in its place: this is what a recipient sees.
			for _, m := range mails {
				if !slices.ContainsFunc(m.Headers, func(h messaging.Header) bool { return h.Name == "X-Notice-Id" && strings.HasPrefix(h.Value, code(1)) }) {
					t.Errorf("the headers are %v", m.Headers)
				}
			}
			if string(mails[0].Raw) != string(mails[len(mails)-1].Raw) {
				t.Error("the repeat is not the same letter")
			}
			if clock := w.screening(code(1)); clock.Done == nil {
				t.Error("the report was never told")
			}
			if items := w.items("lan"); len(items) != 1 || items[0].Outcome != notice.Sent {
				t.Errorf("the inbox holds %+v", items)
			}
		})
	}
}

func TestALateOutcomeKeepsTheInstantOfTheHandingOver(t *testing.T) {
	w := newWorld(t)
	w.submitted(code(1), report.ByEmail)
	e := w.accepted(code(1))
	handed := w.Now()
	w.Break(crash(isWrite, 3, false)) // after the outcome, before the report
	if err := w.step.Take(t.Context(), e); err == nil {
		t.Fatal("the worker did not die")
	}
	w.Break(nil)
	w.Pass(5 * time.Hour)
	w.take(e)
	if clock := w.screening(code(1)); clock.Done == nil || !clock.Done.Equal(handed) {
		t.Errorf("the clock ended at %v, and the answer left at %v", clock.Done, handed)
	}
}

func TestWhatTheChannelWillNeverTakeStandsInTheInbox(t *testing.T) {
	for _, c := range []struct {
		name    string
		notice  report.Notice
		contact *account.Contact
		reason  string
	}{
		{"the account is gone", report.ByEmail, nil, notice.NoSuchPerson},
		{"the account has no address", report.ByEmail, &account.Contact{Verified: true}, notice.NoAddress},
		{"the address is not proven", report.ByEmail, &account.Contact{Email: "lan@example.vn"}, notice.NoAddress},
		{"the address is none", report.ByEmail, &account.Contact{Email: "lan at home", Verified: true}, notice.BadAddress},
		{"no device is registered", report.ByApp, &account.Contact{Email: "lan@example.vn", Verified: true}, notice.NoSuchWay},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			delete(w.people.contacts, "lan")
			if c.contact != nil {
				w.people.contacts["lan"] = *c.contact
			}
			w.submitted(code(1), c.notice)
			e := w.accepted(code(1))
			at := w.Now()
			w.take(e)
			w.Pass(time.Hour)
			w.take(e)
			items := w.items("lan")
			if len(items) != 1 || items[0].Outcome != notice.Failed || items[0].Reason != c.reason {
				t.Fatalf("the inbox holds %+v", items)
			}
			if mails := w.Mails(); len(mails) != 0 {
				t.Errorf("sent %d mails", len(mails))
			}
			// Reading A15: the reporter can read it in the inbox since then.
			if clock := w.screening(code(1)); clock.Done == nil || !clock.Done.Equal(at) {
				t.Errorf("the clock ended at %v", clock.Done)
			}
		})
	}
}

func TestWhatTheMailServiceSaysDecidesWhetherItIsTriedAgain(t *testing.T) {
	const unverified = "Email address is not verified. The following identities failed the check in region AP-SOUTHEAST-1: lan@example.vn"
	for _, c := range []struct {
		name, answer, text string
		reason             string // why it failed for good; "" where it did not
		closed             string // why nothing of ours is taken; "" where that is not so
	}{
		{"a virus", "MessageRejected", "Illegal content", notice.Refused, ""},
		{"a malformed address", "BadRequestException", "Missing final '@domain': lan@example.vn", notice.BadAddress, ""},
		{"too fast", "TooManyRequestsException", "Maximum sending rate exceeded.", "", ""},
		{"an error inside", "InternalServiceErrorException", "lan@example.vn", "", ""},
		{"the day's quota", "TooManyRequestsException", "Daily message quota exceeded.", "", "quota"},
		{"a limit", "LimitExceededException", "", "", "quota"},
		{"the sandbox, or a sender that is not verified", "MessageRejected", unverified, "", "not_verified"},
		{"suspended, as a rejection", "MessageRejected", "Sending suspended for this account. For more information…", "", "suspended"},
		{"paused", "SendingPausedException", "", "", "paused"},
		{"suspended", "AccountSuspendedException", "", "", "suspended"},
		{"the MAIL FROM domain is not verified", "MailFromDomainNotVerifiedException", "", "", "not_verified"},
		{"a configuration set that is gone", "NotFoundException", "", "", "not_set_up"},
		{"a permission that is missing", "AccessDeniedException", "User: arn:aws:sts::1:x is not authorized to perform ses:SendEmail", "", "not_allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.submitted(code(1), report.ByEmail)
			e := w.accepted(code(1))
			step := w.worker()
			step.Channels = map[string]notify.Channel{string(report.ByEmail): w.mailThatAnswers(c.answer, c.text)}
			line := new(caller.Line)
			err := step.Take(caller.WithLine(t.Context(), line), e)
			if said := fmt.Sprint(err, line.Attributes()); strings.Contains(said, "lan@") {
				t.Errorf("the address stands in what is logged: %s", said)
			}
			item := w.items("lan")[0]
			if c.reason != "" {
				if err != nil || item.Outcome != notice.Failed || item.Reason != c.reason {
					t.Errorf("gave %v and left %+v", err, item)
				}
				// Reading A15: it stands in the inbox since then, and that is the answer.
				if clock := w.screening(code(1)); clock.Done == nil {
					t.Error("the clock runs on")
				}
				return
			}
			// A message that is refused with all others is not brought again: its intent is.
			counted := fmt.Sprint(line.Attributes()) == fmt.Sprint([]any{"reports", []string{code(1)}, "mailRefused", 1, "mailRefused_" + c.closed, 1})
			if (err == nil) != (c.closed != "") || counted != (c.closed != "") || item.Outcome != notice.Pending || w.screening(code(1)).Done != nil {
				t.Fatalf("gave %v, counted %v and left %+v", err, line.Attributes(), item)
			}
			if n := w.due(w.Now().Add(notice.Lease)); n != 1 {
				t.Errorf("the sweep finds %d intents", n)
			}
			w.take(e) // the message comes again and finds no lease
			if item := w.items("lan")[0]; item.Outcome != notice.Sent || len(w.Mails()) != 1 {
				t.Errorf("the repeat left %+v and sent %d", item, len(w.Mails()))
			}
		})
	}
}

func TestAMessageThatNoLongerFitsIsNotSent(t *testing.T) {
	w := newWorld(t)
	w.submitted(code(1), report.ByEmail)
	e := w.accepted(code(1))
	for _, c := range []struct {
		name    string
		message message.Envelope
		fails   bool
	}{
		{"an event that is not there was taken back", message.OfReport(report.EventAccepted, code(1), e.N+5, false), false},
		{"another type than the event's is an error", message.OfReport(report.EventRefused, code(1), e.N, false), true},
		{"a report that is not there is an error", message.OfReport(report.EventAccepted, code(2), 2, false), true},
		{"an account's fact that no longer stands is past", message.OfAccount(message.AccountVerify, "lan", 9), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := w.step.Take(t.Context(), c.message); (err != nil) != c.fails {
				t.Errorf("gave %v", err)
			}
			if len(w.Mails()) != 0 || len(w.items("lan")) != 0 {
				t.Error("somebody was told")
			}
		})
	}
}

func TestOfficersAreToldInTheSystemOnce(t *testing.T) {
	w := newWorld(t)
	w.submitted(code(1), report.ByEmail)
	w.accepted(code(1))
	moved := w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) {
		return report.Transfer(r, []report.Target{{Agency: "sxd", Days: 3}, {Agency: "stnmt", Days: 5}}, "", c)
	})
	w.Pass(time.Minute)
	back := w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) {
		return report.Return(r, "a1", report.Opinion{Code: report.NotCompetent, Reason: "Đường do xã quản lý."}, c)
	})
	for range 2 {
		w.take(moved)
		w.take(back)
	}
	for owner, kind := range map[string]string{
		notice.AgencyInbox("sxd"): report.EventTransferred, notice.AgencyInbox("stnmt"): report.EventTransferred,
		notice.RouterInbox: report.EventReturned,
	} {
		items := w.items(owner)
		if len(items) != 1 || items[0].Type != kind || items[0].Outcome != notice.Sent || items[0].Channel != notice.InSystem {
			t.Errorf("the inbox %s holds %+v", owner, items)
		}
	}
	if mails := w.Mails(); len(mails) != 0 {
		t.Errorf("sent %d mails", len(mails))
	}
}

func TestTheThirdTransferTellsTheProvinceOffice(t *testing.T) {
	w := newWorld(t)
	w.submitted(code(1), report.ByEmail)
	w.accepted(code(1))
	for n, want := range []int{0, 0, 1, 2} {
		part := fmt.Sprintf("a%d", n+1)
		moved := w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) {
			return report.Transfer(r, []report.Target{{Agency: "sxd", Days: 3}}, "", c)
		})
		w.take(moved)
		w.take(moved)
		items := w.items(notice.OfficeInbox)
		if len(items) != want {
			t.Fatalf("after transfer %d the province office was told %d times", n+1, len(items))
		}
		if want > 0 {
			words, err := w.reader().Words(t.Context(), w.settings(), "vi", items[:1])
			if err != nil || items[0].Type != notice.TransferredAgain || !strings.Contains(words[0].Text, fmt.Sprintf("lần thứ %d, đến: sxd", n+1)) {
				t.Errorf("it reads %+v of %+v (%v)", words, items[0], err)
			}
		}
		w.Pass(time.Minute)
		w.act(code(1), func(r report.Report, c report.Context) (report.Change, error) {
			return report.Return(r, part, report.Opinion{Code: report.NotCompetent, Reason: "Đường do xã quản lý."}, c)
		})
	}
}

func TestAnAccountIsToldByMail(t *testing.T) {
	w := newWorld(t)
	w.people.contacts["moi"] = account.Contact{Email: "moi@example.vn", Language: "vi"}
	w.people.asked["moi/account.verify/1"] = account.Asked{At: begin, Due: begin.Add(24 * time.Hour), Code: "ABCD2345", LogIn: "moi"}
	w.people.asked["lan/account.locked/7"] = account.Asked{At: begin, Reason: "wrong_passwords"}
	for range 2 {
		w.take(message.OfAccount(message.AccountVerify, "moi", 1))
		w.take(message.OfAccount(message.AccountLocked, "lan", 7))
	}
	mails := w.Mails()
	if len(mails) != 2 {
		t.Fatalf("sent %d mails", len(mails))
	}
	verify, locked := mails[1], mails[0]
	if verify.To[0] != "moi@example.vn" || !strings.Contains(verify.Text, "https://paht.example.vn/xac-minh#ma=ABCD2345&ten=moi") {
		t.Errorf("the proof reads %q", verify.Text)
	}
	if locked.To[0] != "lan@example.vn" || !strings.Contains(locked.Text, "nhập sai mật khẩu") {
		t.Errorf("the lock reads %q", locked.Text)
	}
	if items := w.items(notice.AccountsInbox); len(items) != 1 || items[0].Account != "lan" {
		t.Errorf("the officers who administer accounts read %+v", items)
	}
	for _, i := range w.items("moi") {
		words, err := w.reader().Words(t.Context(), w.settings(), "vi", []notice.Item{i})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(words[0].Text, "ABCD2345") || strings.Contains(words[0].Text, "{") {
			t.Errorf("the inbox reads %q", words[0].Text)
		}
	}
}

func TestAnIntentWhoseCodeWasUsedBeforeItsOutcomeIsClosedByTheSweepsMessage(t *testing.T) {
	first := message.OfAccount(message.AccountVerify, "moi", 1)
	swept := first
	swept.At = begin
	for _, c := range []struct {
		name    string
		after   time.Duration
		message message.Envelope
		outcome notice.Outcome
	}{
		{"its own message does not say which intent it is", time.Hour, first, notice.Pending},
		{"who holds the lease closes it himself", time.Second, swept, notice.Pending},
		{"once nobody holds it", notice.Lease, swept, notice.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			i := notice.OfAccount("moi", string(report.ByEmail), string(message.AccountVerify), "moi", 1, begin, w.Now())
			if _, _, err := w.step.Inbox.Create(t.Context(), i.Held("who died", w.Now())); err != nil {
				t.Fatal(err)
			}
			w.Pass(c.after)
			for range 2 {
				w.take(c.message)
			}
			items := w.items("moi")
			if len(items) != 1 || items[0].Outcome != c.outcome || (c.outcome == notice.Failed) != (items[0].Reason == notice.Overtaken) {
				t.Errorf("the intent became %+v", items)
			}
			if len(w.Mails()) != 0 {
				t.Error("a letter with a code that is over left")
			}
		})
	}
	w := newWorld(t)
	if w.take(swept); len(w.items("moi")) != 0 {
		t.Error("an intent came from nothing")
	}
}

func TestTheCodeInTheMailIsTheOneThatTheAccountTakes(t *testing.T) {
	w := newWorld(t)
	accounts := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	a, err := accounts.Save(t.Context(), account.Registered(account.Registration{
		Kind: account.Individual, Language: "en", Private: account.Private{Name: "Hoa", LogIn: "hoa", Email: "hoa@example.vn"},
		Act: account.Act{Key: "k", Request: "r", At: begin}, Inactive: begin.AddDate(1, 0, 0), CodeLife: 24 * time.Hour,
	}))
	if err != nil {
		t.Fatal(err)
	}
	step := w.worker()
	step.Accounts = accounts
	e := message.OfAccount(a.Owed[0].Type, a.ID, a.Owed[0].N)
	for range 2 {
		if err := step.Take(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	mails := w.Mails()
	if len(mails) != 1 || mails[0].To[0] != "hoa@example.vn" {
		t.Fatalf("sent %+v", mails)
	}
	_, rest, _ := strings.Cut(mails[0].Text, "#ma=")
	code, _, _ := strings.Cut(rest, "&")
	proven, refused, err := a.VerifiedWith(w.Keys, code, w.Now())
	if refused != nil || err != nil {
		t.Fatalf("the code %q is refused: %v, %v", code, refused, err)
	}
	if _, err := accounts.Save(t.Context(), proven); err != nil {
		t.Fatal(err)
	}
	w.Pass(time.Hour)
	if err := step.Take(t.Context(), e); err != nil || len(w.Mails()) != 1 {
		t.Errorf("after its use %d mails were sent (%v)", len(w.Mails()), err)
	}
}
