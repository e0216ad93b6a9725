package notify_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"paht/functions/notify"
	"paht/shared/account"
	"paht/shared/effect"
	"paht/shared/message"
	"paht/shared/notice"
	"paht/shared/report"
)

// slow is a channel that takes its time: what happens meanwhile, and its answer.
type slow func() error

func (s slow) Hand(context.Context, notice.Letter) error { return s() }

// meanwhile does something between what a worker read and its n-th write.
func (w *world) meanwhile(n int, do func()) {
	seen := 0
	w.Break(func(r *http.Request) (before, after error) {
		if isWrite(r) {
			if seen++; seen == n {
				w.Quietly(do)
			}
		}
		return nil, nil
	})
}

// takenOver gives an intent to another worker, and concludes it where a reason is
// given.
func (w *world) takenOver(i notice.Item, reason string) {
	w.t.Helper()
	taken, err := i.Taken("another", w.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.inbox.Save(w.t.Context(), taken); err != nil {
		w.t.Fatal(err)
	}
	if reason == "" {
		return
	}
	if err := w.inbox.Save(w.t.Context(), taken.Concluded(reason, w.Now())); err != nil {
		w.t.Fatal(err)
	}
}

func TestTheWordOfWhoTookAPassedLeaseStands(t *testing.T) {
	tooFast := errors.New("too fast")
	for _, c := range []struct {
		name   string
		answer error // of the channel, after another took over
		gives  error
	}{
		{"the letter was handed over all the same", nil, nil},
		{"the letter will never be taken", notice.Undeliverable{Reason: notice.BadAddress}, nil},
		{"the channel was closed", notice.Closed{Reason: "quota"}, nil},
		{"the channel failed, and that is the answer", tooFast, tooFast},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.submitted(code(1), report.ByEmail)
			e := w.accepted(code(1))
			var other time.Time
			w.step.Channels = map[string]notify.Channel{string(report.ByEmail): slow(func() error {
				w.Pass(notice.Lease + time.Second)
				other = w.Now()
				w.takenOver(w.items("lan")[0], notice.Refused)
				w.Pass(time.Minute)
				return c.answer
			})}
			if err := w.step.Take(t.Context(), e); !errors.Is(err, c.gives) || errors.Is(err, effect.ErrVersion) {
				t.Fatalf("gave %v", err)
			}
			items := w.items("lan")
			if len(items) != 1 || items[0].Outcome != notice.Failed || items[0].Reason != notice.Refused || !items[0].Done.Equal(other) {
				t.Errorf("the inbox holds %+v", items)
			}
			// The report is told what the other one wrote, and not what this one would have.
			clock := w.screening(code(1))
			if told := clock.Done != nil; told != (c.gives == nil) || told && !clock.Done.Equal(other) {
				t.Errorf("the clock ended at %v, and the other worker concluded at %v", clock.Done, other)
			}
		})
	}
}

func TestOfTwoWhoFindAPassedLeaseTheSecondSendsNothing(t *testing.T) {
	w := newWorld(t)
	w.submitted(code(1), report.ByEmail)
	e := w.accepted(code(1))
	w.Break(crash(isMail, 1, false))
	if err := w.step.Take(t.Context(), e); err == nil {
		t.Fatal("the worker did not die")
	}
	w.Break(nil)
	w.Pass(notice.Lease + time.Second)
	left := w.items("lan")[0]
	w.meanwhile(2, func() { w.takenOver(left, "") }) // the first finds that the intent is there
	w.take(e)
	items := w.items("lan")
	if len(items) != 1 || items[0].Holder != "another" || items[0].Outcome != notice.Pending {
		t.Errorf("the inbox holds %+v", items)
	}
	if mails := w.Mails(); len(mails) != 0 {
		t.Errorf("sent %d mails beside the other worker's", len(mails))
	}
	if clock := w.screening(code(1)); clock.Done != nil {
		t.Errorf("the clock ended at %v, before an answer left", clock.Done)
	}
}

func TestAnIntentThatAnotherConcludesIsLeftAsItIs(t *testing.T) {
	refuseWrites := func(w *world, _ notice.Item) {
		w.Break(func(r *http.Request) (before, after error) {
			if isWrite(r) {
				return errCrash, nil
			}
			return nil, nil
		})
	}
	for _, c := range []struct {
		name    string
		stood   func(i notice.Item) notice.Item // when the message comes
		after   time.Duration
		happens func(w *world, i notice.Item)
		outcome notice.Outcome
		reason  string
	}{
		{"another concludes it at the same time", nil, notice.Lease, func(w *world, i notice.Item) {
			w.meanwhile(1, func() { w.takenOver(i, notice.Refused) })
		}, notice.Failed, notice.Refused},
		{"another has it, and a table that takes no write matters not", nil, time.Second, refuseWrites, notice.Pending, ""},
		{"it has its outcome, and a table that takes no write matters not", func(i notice.Item) notice.Item {
			return i.Concluded("", begin)
		}, notice.Lease, refuseWrites, notice.Sent, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.people.contacts["moi"] = account.Contact{Email: "moi@example.vn", Language: "vi"}
			i, _, err := w.inbox.Create(t.Context(), notice.OfAccount(
				"moi", string(report.ByEmail), string(message.AccountVerify), "moi", 1, begin, w.Now()).Held("who died", w.Now()))
			if err != nil {
				t.Fatal(err)
			}
			if c.stood != nil {
				i = c.stood(i)
				if err := w.inbox.Save(t.Context(), i); err != nil {
					t.Fatal(err)
				}
			}
			w.Pass(c.after)
			c.happens(w, i)
			swept := message.OfAccount(message.AccountVerify, "moi", 1)
			swept.At = begin
			w.take(swept)
			items := w.items("moi")
			if len(items) != 1 || items[0].Outcome != c.outcome || items[0].Reason != c.reason {
				t.Errorf("the intent became %+v", items)
			}
			if mails := w.Mails(); len(mails) != 0 {
				t.Errorf("sent %d mails", len(mails))
			}
		})
	}
}
