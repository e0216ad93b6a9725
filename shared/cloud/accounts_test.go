package cloud_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/account"
	"paht/shared/cloud"
	"paht/shared/cloud/cloudtest"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
)

var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func lan(key string) account.Account {
	return account.Registered(account.Registration{
		Kind:    account.Individual,
		Private: account.Private{Name: "Nguyễn Thị Lan", LogIn: "lan", Email: "lan@example.vn", Phone: "0912345678", Password: "$argon2id$x"},
		Act:     account.Act{Key: key, Request: "request", At: monday}, Inactive: monday.AddDate(1, 0, 0), CodeLife: 24 * time.Hour,
	})
}

func handler(key, agency string) account.Account {
	return account.Appointed(account.Appointment{
		Registration: account.Registration{Private: account.Private{Name: "Cán bộ " + key, LogIn: "cb" + key, Email: key + "@example.vn"},
			Act: account.Act{Key: key, Request: "request", At: monday}, Inactive: monday.AddDate(1, 0, 0), CodeLife: 24 * time.Hour},
		By: "admin", Agency: agency, Roles: []string{"handler"},
	})
}

func save(t *testing.T, s cloud.Accounts, a account.Account) account.Account {
	t.Helper()
	stored, err := s.Save(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestAnAccountIsStoredAndReadBack(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	stored := save(t, s, lan("k"))
	loaded, err := s.Load(t.Context(), stored.ID)
	if err != nil || !reflect.DeepEqual(loaded, stored) {
		t.Errorf("loaded %+v\nstored %+v\n%v", loaded, stored, err)
	}
	if _, err := s.Load(t.Context(), "nobody"); !fault.Is(err, "not_found") {
		t.Errorf("a missing account answered %v", err)
	}
	if _, err := s.Save(t.Context(), lan("k")); !errors.Is(err, account.ErrVersion) {
		t.Errorf("creating it twice answered %v", err)
	}
	save(t, s, stored)
	if _, err := s.Save(t.Context(), stored); !errors.Is(err, account.ErrVersion) {
		t.Errorf("writing over a newer version answered %v", err)
	}
}

// nothingPersonal reads all that the table holds of the partitions named.
func nothingPersonal(t *testing.T, w *cloudtest.World, partitions ...string) {
	t.Helper()
	for _, pk := range partitions {
		out, err := w.Table.Client.Query(t.Context(), &dynamodb.QueryInput{
			TableName: &w.Table.Name, KeyConditionExpression: aws.String("pk = :p"),
			ExpressionAttributeValues: cloudtest.Values(map[string]string{":p": pk}),
		})
		if err != nil || len(out.Items) == 0 {
			t.Fatalf("partition %s: %d items, %v", pk, len(out.Items), err)
		}
		for _, it := range out.Items {
			shown := cloudtest.Shown(it)
			for _, personal := range []string{"lan@example", "Nguyễn", "0912345678", "argon2id", "\"lan\"", "điện thoại"} {
				if strings.Contains(shown, personal) {
					t.Errorf("%s holds %q in the clear: %s", pk, personal, shown)
				}
			}
		}
	}
}

func TestPersonalDataIsSealed(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	a := save(t, s, lan("k"))
	if err := s.Claim(t.Context(), "lan", a.ID, monday); err != nil {
		t.Fatal(err)
	}
	sessions := cloud.Sessions{Table: w.Table, Keys: w.Keys, Now: w.Now}
	hash := account.TokenHash("token")
	if err := sessions.Open(t.Context(), a.Began(hash, "điện thoại của Lan", 30, monday), hash); err != nil {
		t.Fatal(err)
	}
	nothingPersonal(t, w, "U#"+a.ID, "T#"+hash, "L#"+w.Keys.MAC("digest", "log-in", "lan"))
	moved := a
	moved.ID = "another"
	if _, err := w.Keys.Open(w.Keys.Seal([]byte("{}"), "account#"+a.ID), "account#"+moved.ID); err == nil {
		t.Error("sealed data fits another account")
	}
}

func TestALostAnswerIsNoLostWrite(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	a := save(t, s, lan("k"))
	repeated := false
	w.Break(func(r *http.Request) (before, after error) {
		// The SDK repeats the very same bytes; here the wire does.
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "PutItem") && !repeated {
			repeated = true
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err, nil
			}
			again := r.Clone(r.Context())
			again.Body, r.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
			if _, err := w.AWS.Transport().RoundTrip(again); err != nil {
				return err, nil
			}
		}
		return nil, nil
	})
	stored, err := s.Save(t.Context(), a)
	if err != nil || stored.Version != 2 || !repeated {
		t.Errorf("version %d, repeated %v, %v", stored.Version, repeated, err)
	}
}

func TestParallelWrongPasswordsAreAllCounted(t *testing.T) {
	w := cloudtest.Open(t, monday, report.QueueNotify)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	a := save(t, s, lan("k"))
	flow := account.Flow{Store: s, Sender: w.Queues(), Now: w.Now}
	rules := account.Rules{WrongPasswords: 5, Inactivity: func(last time.Time) time.Time { return last.AddDate(1, 0, 0) }}
	var wg sync.WaitGroup
	answers := make([]error, 12)
	for i := range answers {
		wg.Go(func() {
			_, err := flow.Act(t.Context(), a.ID, func(a account.Account) (next account.Account, err error) {
				next, answers[i], err = a.Tried(i == 11, rules, monday)
				return next, err
			})
			if err != nil {
				t.Error(err)
			}
		})
		if i == 3 {
			wg.Wait() // four at the same time
			stood, err := s.Load(t.Context(), a.ID)
			if err != nil || stood.Wrong != 4 || stood.Lock != nil {
				t.Fatalf("after four: %d counted, lock %v, %v", stood.Wrong, stood.Lock, err)
			}
		}
		if i == 10 {
			wg.Wait() // seven more, then the right one
		}
	}
	wg.Wait()
	stood, err := s.Load(t.Context(), a.ID)
	if err != nil || stood.Wrong != 5 || stood.Lock == nil {
		t.Errorf("%d counted, lock %v, %v", stood.Wrong, stood.Lock, err)
	}
	refused := 0
	for _, answer := range answers {
		if fault.Is(answer, "log_in_refused") {
			refused++
		}
	}
	if refused != 4 || !fault.Is(answers[11], "account_locked") {
		t.Errorf("%d were told of a wrong password, the right one was told %v", refused, answers[11])
	}
}

func TestLogInNames(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	claim := func(id string) error { return s.Claim(t.Context(), "lan", id, w.Now()) }
	if err := errors.Join(claim("one"), claim("one")); err != nil {
		t.Fatalf("claiming twice for one account: %v", err)
	}
	if err := claim("two"); !fault.Is(err, "log_in_taken") {
		t.Errorf("a claimed name answered %v", err)
	}
	w.Pass(11 * time.Minute)
	if err := claim("two"); err != nil {
		t.Fatalf("a name past its claim without an account answered %v", err)
	}
	if err := s.Keep(t.Context(), "lan", "one"); !fault.Is(err, "log_in_taken") {
		t.Errorf("keeping a name that was taken over answered %v", err)
	}
	if err := errors.Join(s.Keep(t.Context(), "lan", "two"), s.Keep(t.Context(), "lan", "two"), claim("two")); err != nil {
		t.Errorf("keeping twice: %v", err)
	}
	w.Pass(1000 * time.Hour)
	if err := claim("three"); !fault.Is(err, "log_in_taken") {
		t.Errorf("a kept name answered %v", err)
	}
}

func TestANameWithAnAccountIsNeverTakenOver(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	a := lan("k")
	if err := s.Claim(t.Context(), "lan", a.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	a = save(t, s, a) // and the process ends before the name is kept
	w.Pass(1000 * time.Hour)
	if err := s.Claim(t.Context(), "lan", "another", w.Now()); !fault.Is(err, "log_in_taken") {
		t.Errorf("claiming answered %v", err)
	}
	found, ok, err := s.ByLogIn(t.Context(), "lan")
	if err != nil || !ok || found.ID != a.ID {
		t.Errorf("found %s, %v, %v", found.ID, ok, err)
	}
	if _, ok, err := s.ByLogIn(t.Context(), "lanh"); ok || err != nil {
		t.Errorf("an unknown name: %v, %v", ok, err)
	}
}

func TestAnUnknownNameCostsTheReadsOfAKnownOne(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	a := save(t, s, lan("k"))
	if err := s.Claim(t.Context(), "lan", a.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	count := func(name string) string {
		calls := ""
		w.Break(func(r *http.Request) (error, error) { calls += r.Header.Get("X-Amz-Target") + " "; return nil, nil })
		if _, _, err := s.ByLogIn(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		return calls
	}
	if known, unknown := count("lan"), count("nobody"); known != unknown {
		t.Errorf("a known name costs %s, an unknown one %s", known, unknown)
	}
}

func TestTheFirstAdministrator(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	for i, row := range []struct{ id, old, want string }{
		{"one", "", "one"}, {"one", "", "one"}, {"two", "", "one"}, {"two", "three", "one"}, {"two", "one", "two"}, {"one", "", "two"},
	} {
		if got, err := s.FirstAdministrator(t.Context(), row.id, row.old); got != row.want || err != nil {
			t.Errorf("call %d: %s, %v; want %s", i, got, err, row.want)
		}
	}
}

func TestOfficersAreListedByAgencyAndFollowTheirDuty(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	for i := range 5 {
		save(t, s, handler(fmt.Sprint(i), "CQ1"))
	}
	moving := save(t, s, handler("5", "CQ1"))
	save(t, s, lan("reporter"))
	list := func(agency string) (names []string) {
		var after map[string]string
		for pages := 0; pages == 0 || after != nil; pages++ {
			officers, next, err := s.Officers(t.Context(), agency, 2, after)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range officers {
				names = append(names, o.Private.LogIn+"/"+o.Private.Name+"/"+o.Agency+"/"+o.Roles[0])
			}
			after = next
		}
		return names
	}
	if got := list("CQ1"); len(got) != 6 {
		t.Errorf("listed %v", got)
	}
	moving.Agency, moving.Roles = "CQ2", []string{"leader"}
	save(t, s, moving)
	if got := list("CQ2"); len(got) != 1 || got[0] != "cb5/Cán bộ 5/CQ2/leader" {
		t.Errorf("the new agency lists %v", got)
	}
	if got := list("CQ1"); len(got) != 5 {
		t.Errorf("the old agency lists %v", got)
	}
}

func TestWhatAnAccountOwesIsFoundByTheSweep(t *testing.T) {
	w := cloudtest.Open(t, monday, report.QueueNotify)
	base := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)
	broken := base.AccountFlow(cloud.Queues{}) // no address: every message fails
	a, err := broken.Create(t.Context(), lan("k"))
	if err != nil || len(a.Owed) != 1 {
		t.Fatalf("created with %+v, %v", a.Owed, err)
	}
	due := func() (ids []string) {
		for _, shard := range cloud.DueShards() {
			hits, _, err := cloud.Due{Table: w.Table}.Page(t.Context(), shard, w.Now(), 10, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, hit := range hits {
				ids = append(ids, string(hit.Kind)+" "+hit.ID)
			}
		}
		return ids
	}
	if got := due(); len(got) != 0 {
		t.Errorf("found at once: %v", got)
	}
	w.Pass(time.Minute)
	if got := due(); len(got) != 1 || got[0] != "account "+a.ID {
		t.Fatalf("found after a minute: %v", got)
	}
	resume := func(flow account.Flow) account.Account {
		stood, err := base.Accounts().Load(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := flow.Resume(t.Context(), stood); err != nil {
			t.Fatal(err)
		}
		if stood, err = base.Accounts().Load(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
		return stood
	}
	if stood := resume(broken); stood.Owed[0].Tries != 1 || len(due()) != 0 {
		t.Errorf("after a failed try: %+v, due %v", stood.Owed, due())
	}
	w.Pass(time.Minute)
	whole := base.AccountFlow(w.Queues())
	if stood := resume(whole); len(stood.Owed) != 0 {
		t.Errorf("still owed: %+v", stood.Owed)
	}
	got := w.Received(report.QueueNotify)
	if len(got) != 1 || got[0].Type != message.AccountVerify || got[0].Account != a.ID || got[0].N != 1 {
		t.Errorf("received %+v", got)
	}
	asked, err := base.Accounts().Asked(t.Context(), a.ID, got[0].Type, got[0].N, w.Now())
	if err != nil || asked.Code != account.Code(w.Keys, a.ID, account.Verify, 1) || asked.LogIn != "lan" {
		t.Errorf("the mail tells %+v, %v", asked, err)
	}
	if _, err := base.Accounts().Asked(t.Context(), a.ID, got[0].Type, 2, w.Now()); !errors.Is(err, report.ErrMovedOn) {
		t.Errorf("another change's mail answered %v", err)
	}
}

func TestTheSweepLocksAfterAYear(t *testing.T) {
	w := cloudtest.Open(t, monday, report.QueueNotify)
	base := cloud.NewBase(w.Config, w.Table, w.Keys, w.Now)
	flow := base.AccountFlow(w.Queues())
	rules, err := flow.Rules(t.Context(), monday)
	if err != nil {
		t.Fatal(err)
	}
	a := lan("k")
	a.Inactive = rules.Inactivity(monday)
	if a, err = flow.Create(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.Received(report.QueueNotify)
	for _, row := range []struct {
		at     time.Time
		locked bool
	}{{a.Inactive.Add(-time.Second), false}, {a.Inactive, true}} {
		w.Pass(row.at.Sub(w.Now()))
		stood, err := base.Accounts().Load(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := flow.Resume(t.Context(), stood); err != nil {
			t.Fatal(err)
		}
		if stood, err = base.Accounts().Load(t.Context(), a.ID); err != nil || (stood.Lock != nil) != row.locked {
			t.Fatalf("at %s locked is %v, %v", row.at, stood.Lock != nil, err)
		}
	}
	if got := w.Received(report.QueueNotify); len(got) != 1 || got[0].Type != message.AccountLocked {
		t.Errorf("told %+v", got)
	}
}

func TestOfTwoWhoTakeANameOverAtOnceOneHasIt(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	claim := func(id string) error { return s.Claim(t.Context(), "lan", id, w.Now()) }
	if err := claim("one"); err != nil {
		t.Fatal(err)
	}
	w.Pass(11 * time.Minute)
	puts := 0
	w.Break(func(r *http.Request) (error, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutItem") {
			if puts++; puts == 2 { // the first is the claim itself
				w.Break(nil)
				if err := claim("three"); err != nil {
					t.Errorf("the one who was first: %v", err)
				}
			}
		}
		return nil, nil
	})
	if err := claim("two"); !fault.Is(err, "log_in_taken") {
		t.Errorf("the one who was second: %v", err)
	}
	if err := s.Keep(t.Context(), "lan", "three"); err != nil {
		t.Errorf("the first does not have the name: %v", err)
	}
}

func TestAFactOfAnAccountThatIsNotThereHasMovedOn(t *testing.T) {
	w := cloudtest.Open(t, monday)
	s := cloud.Accounts{Table: w.Table, Keys: w.Keys}
	if _, err := s.Asked(t.Context(), "nobody", message.AccountLocked, 1, monday); !errors.Is(err, report.ErrMovedOn) {
		t.Errorf("answered %v", err)
	}
}

func TestAMessageIsParkedOnce(t *testing.T) {
	w := cloudtest.Open(t, monday)
	p := cloud.Parked{Table: w.Table, Now: w.Now}
	for _, reason := range []string{"its first reason", "another"} {
		if err := p.Park(t.Context(), "screen", "m1", []byte("?"), reason); err != nil {
			t.Fatalf("parking for %s: %v", reason, err)
		}
		w.Pass(time.Minute)
	}
	out, err := w.Table.Client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &w.Table.Name, KeyConditionExpression: aws.String("pk = :p"),
		ExpressionAttributeValues: cloudtest.Values(map[string]string{":p": "PARK#screen"}),
	})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("parked are %d, %v", len(out.Items), err)
	}
	if got := out.Items[0]["reason"].(*types.AttributeValueMemberS).Value; got != "its first reason" {
		t.Errorf("it is parked for %q", got)
	}
}
