package cloud_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/effect"
	"paht/shared/fault"
	"paht/shared/notice"
	"paht/shared/report"
)

var noticeBegin = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func noticeOf(owner string, n int, channel string) notice.Item {
	r := report.Report{ID: report.Code("lan", "1", 0)}
	at := noticeBegin.Add(time.Duration(n) * time.Minute)
	return notice.OfEvent(owner, channel, r, report.Event{N: n, Type: report.EventProgress, At: at}, at)
}

// lostAnswer breaks the connection after the next write was carried out.
func lostAnswer(r *http.Request) (before, after error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") {
		return nil, errors.New("the connection broke")
	}
	return nil, nil
}

func TestANoticeStandsOnceInItsInbox(t *testing.T) {
	w := cloudtest.Open(t, noticeBegin)
	inbox := cloud.Inbox{Table: w.Table}
	first := noticeOf("lan", 1, "email").Held("one", noticeBegin)
	stood, created, err := inbox.Create(t.Context(), first)
	if err != nil || !created || stood.Entry != first.Entry {
		t.Fatalf("gave %+v, %v, %v", stood, created, err)
	}
	stood, created, err = inbox.Create(t.Context(), noticeOf("lan", 1, "email").Held("two", noticeBegin))
	if err != nil || created || stood.Holder != "one" {
		t.Errorf("the second gave %+v, %v, %v", stood, created, err)
	}
	if stood, err = inbox.Item(t.Context(), "lan", first.Entry); err != nil || stood.Owner != "lan" || stood.Entry != first.Entry || stood.Version != 1 {
		t.Errorf("it reads %+v, %v", stood, err)
	}
	if _, err := inbox.Item(t.Context(), "hoa", first.Entry); !fault.Is(err, "not_found") {
		t.Errorf("another's gives %v", err)
	}
}

func TestAWriteWhoseAnswerWasLostIsFoundDone(t *testing.T) {
	w := cloudtest.Open(t, noticeBegin)
	inbox := cloud.Inbox{Table: w.Table}
	i := noticeOf("lan", 1, "email").Held("one", noticeBegin)
	w.Break(lostAnswer)
	if _, _, err := inbox.Create(t.Context(), i); err == nil {
		t.Fatal("nothing broke")
	}
	w.Break(nil)
	if _, mine, err := inbox.Create(t.Context(), i); err != nil || !mine {
		t.Errorf("the repeat of the creation gave %v, %v", mine, err)
	}
	done := i.Concluded("", noticeBegin)
	w.Break(lostAnswer)
	if err := inbox.Save(t.Context(), done); err == nil {
		t.Fatal("nothing broke")
	}
	w.Break(nil)
	if err := inbox.Save(t.Context(), done); err != nil {
		t.Errorf("the repeat of the change gave %v", err)
	}
	if err := inbox.Save(t.Context(), i.Concluded(notice.Refused, noticeBegin)); !errors.Is(err, effect.ErrVersion) {
		t.Errorf("another change of the old version gave %v", err)
	}
}

func TestAnInboxIsReadNewestFirst(t *testing.T) {
	w := cloudtest.Open(t, noticeBegin)
	inbox := cloud.Inbox{Table: w.Table}
	for n := 1; n <= 5; n++ {
		for _, owner := range []string{"lan", notice.AgencyInbox("sxd"), notice.RouterInbox} {
			if _, _, err := inbox.Create(t.Context(), noticeOf(owner, n, notice.InSystem)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, owner := range []string{"lan", notice.AgencyInbox("sxd"), notice.RouterInbox} {
		var read []string
		var after map[string]string
		for {
			page, err := inbox.List(t.Context(), owner, 2, after)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Items {
				if i.Owner != owner {
					t.Errorf("the inbox %s holds one of %s", owner, i.Owner)
				}
				read = append(read, fmt.Sprint(i.N))
			}
			if after = page.Next; after == nil {
				break
			}
		}
		if got := strings.Join(read, " "); got != "5 4 3 2 1" {
			t.Errorf("the inbox %s reads %s", owner, got)
		}
	}
}

func TestTheDueIndexNamesWhatIsDueAndNothingElse(t *testing.T) {
	w := cloudtest.Open(t, noticeBegin)
	inbox, due := cloud.Inbox{Table: w.Table}, cloud.Due{Table: w.Table}
	for n := 1; n <= 40; n++ { // each is due a lease after it was made
		owner := "lan"
		if n%2 == 0 {
			owner = notice.AgencyInbox("sxd")
		}
		at := noticeBegin.Add(time.Duration(n) * time.Minute)
		i, _, err := inbox.Create(t.Context(), noticeOf(owner, n, "email").Held("one", at))
		if err != nil {
			t.Fatal(err)
		}
		if n > 30 {
			if err := inbox.Save(t.Context(), i.Concluded("", at)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		after time.Duration
		due   int
	}{
		{notice.Lease, 0},
		{notice.Lease + time.Minute, 1},
		{notice.Lease + 20*time.Minute, 20},
		{notice.Lease + time.Hour, 30},
	} {
		seen := map[effect.Hit]bool{}
		for _, shard := range due.Shards() {
			var after map[string]string
			for {
				hits, next, err := due.Page(t.Context(), shard, noticeBegin.Add(c.after), 3, after)
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range hits {
					if h.Kind != effect.HitNotice || seen[h] {
						t.Errorf("named %+v", h)
					}
					seen[h] = true
					if _, err := inbox.Item(t.Context(), h.ID, h.Entry); err != nil {
						t.Errorf("%+v leads nowhere: %v", h, err)
					}
				}
				if after = next; after == nil {
					break
				}
			}
		}
		if len(seen) != c.due {
			t.Errorf("after %v it names %d, not %d", c.after, len(seen), c.due)
		}
	}
}
