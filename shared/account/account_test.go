package account

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/shared/fault"
	"paht/shared/message"
)

var morning = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// digests is a deriver whose codes a test can tell apart.
type digests struct{}

func (digests) MAC(purpose string, data ...string) string {
	sum := TokenHash(purpose + "/" + strings.Join(data, "/"))
	return sum
}

var fiveTries = Rules{WrongPasswords: 5, Inactivity: func(last time.Time) time.Time { return last.AddDate(1, 0, 1) }}

func reporter() Account {
	a := Registered(Registration{
		Kind: Individual, Private: Private{Name: "Lan", LogIn: "lan", Email: "lan@example.vn", Password: "hash"},
		Act: Act{Key: "key", Request: "request", At: morning}, Inactive: fiveTries.Inactivity(morning), CodeLife: 24 * time.Hour,
	})
	a.Version = 1
	return a
}

func officer() Account {
	a := Appointed(Appointment{
		Registration: Registration{Private: Private{Name: "Hải", LogIn: "hai", Email: "hai@example.vn"},
			Act: Act{Key: "key", Request: "request", At: morning}, Inactive: fiveTries.Inactivity(morning), CodeLife: 24 * time.Hour},
		By: "admin", Agency: "CQ1", Roles: []string{"handler"},
	})
	a.Version = 1
	return a
}

// tries plays log-ins: w wrong, r right; each a second after the one before.
func tries(a Account, rules Rules, played string) (after Account, answers string) {
	at := morning
	for _, try := range played {
		at = at.Add(time.Second)
		next, refused, err := a.Tried(try == 'r', rules, at)
		switch {
		case fault.Is(refused, "account_locked"):
			answers += "L"
		case fault.Is(refused, "log_in_refused"):
			answers += "x"
		default:
			answers += "+"
		}
		if err == nil {
			a = next
		}
	}
	return a, answers
}

func TestConsecutiveWrongPasswordsLock(t *testing.T) {
	for name, row := range map[string]struct {
		played, answers string
		reason          Reason
		wrong           int
	}{
		"the fifth wrong password locks":                       {"wwwww", "xxxxL", WrongPasswords, 5},
		"four do not":                                          {"wwww", "xxxx", "", 4},
		"a success before the fifth begins anew":               {"wwwwrwwww", "xxxx+xxxx", "", 4},
		"five after a success lock":                            {"wwwwrwwwww", "xxxx+xxxxL", WrongPasswords, 5},
		"the right password does not open a locked account":    {"wwwwwrr", "xxxxLLL", WrongPasswords, 5},
		"wrong passwords on a locked account count no further": {"wwwwwwww", "xxxxLLLL", WrongPasswords, 5},
		"a right password alone":                               {"r", "+", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, answers := tries(reporter(), fiveTries, row.played)
			if answers != row.answers {
				t.Errorf("answers %s, want %s", answers, row.answers)
			}
			var reason Reason
			if a.Lock != nil {
				reason = a.Lock.Reason
			}
			if reason != row.reason || a.Wrong != row.wrong {
				t.Errorf("locked by %q with %d wrong, want %q with %d", reason, a.Wrong, row.reason, row.wrong)
			}
		})
	}
}

func TestAnAccountIsLockedExactlyWhenFiveWrongPasswordsFollowEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		played := rapid.StringMatching(`[wr]{0,40}`).Draw(t, "tries")
		a, _ := tries(reporter(), fiveTries, played)
		if want := strings.Contains(played, "wwwww"); (a.Lock != nil) != want {
			t.Fatalf("after %s locked is %v", played, a.Lock != nil)
		}
	})
}

func TestALowerNumberOfWrongPasswordsHoldsForWhatWasCounted(t *testing.T) {
	a, _ := tries(reporter(), fiveTries, "www")
	_, answers := tries(a, Rules{WrongPasswords: 3, Inactivity: fiveTries.Inactivity}, "r")
	if answers != "L" {
		t.Errorf("answer %s, want the lock", answers)
	}
}

func TestAYearWithoutALogIn(t *testing.T) {
	end := fiveTries.Inactivity(morning)
	for name, row := range map[string]struct {
		at     time.Time
		locked bool
	}{
		"the last instant still opens":   {end.Add(-time.Nanosecond), false},
		"the end itself locks":           {end, true},
		"long after is locked":           {end.AddDate(3, 0, 0), true},
		"never logged in counts as well": {end.Add(time.Hour), true},
	} {
		t.Run(name, func(t *testing.T) {
			next, refused, err := reporter().Tried(true, fiveTries, row.at)
			if err != nil {
				t.Fatal(err)
			}
			if (next.Lock != nil) != row.locked || fault.Is(refused, "account_locked") != row.locked {
				t.Errorf("locked is %v, refused is %v", next.Lock != nil, refused)
			}
			if row.locked && (next.Lock.Reason != Inactivity || next.LastIn != nil) {
				t.Errorf("lock %+v, last log-in %v", next.Lock, next.LastIn)
			}
		})
	}
	swept, err := reporter().Asleep(fiveTries, end)
	if err != nil || swept.Lock == nil || swept.Lock.Reason != Inactivity {
		t.Errorf("the sweep leaves it open: %+v, %v", swept.Lock, err)
	}
	if _, err := reporter().Asleep(fiveTries, end.Add(-time.Second)); !errors.Is(err, ErrNothing) {
		t.Errorf("the sweep came early and answered %v", err)
	}
	later := Rules{WrongPasswords: 5, Inactivity: func(last time.Time) time.Time { return end.AddDate(0, 0, 3) }}
	moved, err := reporter().Asleep(later, end)
	if err != nil || moved.Lock != nil || !moved.Inactive.Equal(end.AddDate(0, 0, 3)) {
		t.Errorf("a calendar that moved the end: lock %+v, inactive %s, %v", moved.Lock, moved.Inactive, err)
	}
}

func TestALockEndsSessionsAndCodesAndTellsTheOwner(t *testing.T) {
	a := reporter()
	session := a.Began(TokenHash("token"), "Điện thoại", 30, morning)
	locked, _ := tries(a, fiveTries, "wwwww")
	if session.Holds(locked, morning.Add(time.Minute)) {
		t.Error("a session of a locked account holds")
	}
	if locked.Code != nil {
		t.Error("a locked account's code can be used")
	}
	if n := len(locked.Owed); locked.Owed[n-1].Type != message.AccountLocked {
		t.Errorf("owed is %+v", locked.Owed)
	}
	open, err := locked.Unlocked(Act{Key: "k", Request: "r", At: morning.Add(time.Hour)}, fiveTries, time.Hour)
	if err != nil || open.Lock != nil || open.Wrong != 0 {
		t.Fatalf("unlocking: %+v, %v", open, err)
	}
	if session.Holds(open, morning.Add(2*time.Hour)) {
		t.Error("the lock's end brought the session back")
	}
}

func TestUnlocking(t *testing.T) {
	act := Act{Key: "k", Request: "r", At: morning.AddDate(2, 0, 0)}
	if _, err := reporter().Unlocked(act, fiveTries, time.Hour); !fault.Is(err, "not_locked") {
		t.Errorf("unlocking an open account answered %v", err)
	}
	asleep, _ := reporter().Asleep(fiveTries, morning.AddDate(2, 0, 0))
	open, err := asleep.Unlocked(act, fiveTries, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, refused, _ := open.Tried(true, fiveTries, act.At.Add(time.Hour)); refused != nil {
		t.Errorf("an account unlocked after a year is locked at once again: %v", refused)
	}
	if _, err := open.Unlocked(act, fiveTries, time.Hour); !errors.Is(err, ErrNothing) {
		t.Errorf("the same act once more answered %v", err)
	}
	if _, err := open.Unlocked(Act{Key: "k", Request: "other", At: act.At}, fiveTries, time.Hour); !fault.Is(err, "key_reused") {
		t.Errorf("the same key with another request answered %v", err)
	}
}

func TestActsAreKnownForAMonthAndTheCreationForEver(t *testing.T) {
	a := officer()
	for day := range 100 {
		var err error
		a, err = a.Changed(Duty{Roles: []string{"leader"}, By: "admin",
			Act: Act{Key: fmt.Sprint(day), Request: "r", At: morning.AddDate(0, 0, day)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]bool{"key": true, "99": true, "70": true, "60": false} {
		request := "r"
		if key == "key" {
			request = "request"
		}
		if got, err := a.Repeat(key, request); got != want || err != nil {
			t.Errorf("act %s is known: %v, %v", key, got, err)
		}
	}
}

func TestAnOfficersDutyChanges(t *testing.T) {
	act := Act{Key: "k", Request: "r", At: morning}
	moved, err := officer().Changed(Duty{Agency: "CQ2", By: "admin", Act: act})
	if err != nil || moved.Agency != "CQ2" || moved.Roles[0] != "handler" || moved.Lock != nil {
		t.Errorf("moving: %+v, %v", moved, err)
	}
	left, err := officer().Changed(Duty{Ended: true, By: "admin", Act: act})
	if err != nil || left.Lock == nil || left.Lock.Reason != DutyEnded || left.Lock.By != "admin" {
		t.Errorf("leaving: %+v, %v", left.Lock, err)
	}
	locked, _ := tries(officer(), fiveTries, "wwwww")
	left, err = locked.Changed(Duty{Ended: true, By: "admin", Act: act})
	if err != nil || left.Lock.Reason != DutyEnded {
		t.Errorf("leaving while locked: %+v, %v", left.Lock, err)
	}
	own := officer()
	if _, err := own.Changed(Duty{Ended: true, By: own.ID, Act: act}); !fault.Is(err, "own_account") {
		t.Errorf("changing one's own account answered %v", err)
	}
	if _, err := reporter().Changed(Duty{Ended: true, By: "admin", Act: act}); fault.As(err) == nil || fault.As(err).Fields[0].Code != "not_an_officer" {
		t.Errorf("changing a reporter answered %v", err)
	}
}

func TestWhatIsOwedIsRetriedAtGrowingIntervals(t *testing.T) {
	a := reporter()
	at, ok := a.Attention()
	if !ok || !at.Equal(morning.Add(time.Minute)) {
		t.Fatalf("the sweep first looks at %s, %v", at, ok)
	}
	var waits []time.Duration
	for range 7 {
		at, _ := a.Attention()
		next, err := a.Sent(nil, at)
		if err != nil {
			t.Fatal(err)
		}
		then, _ := next.Attention()
		waits, a = append(waits, then.Sub(at)), next
	}
	want := []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute, 256 * time.Minute, 6 * time.Hour, 6 * time.Hour}
	if fmt.Sprint(waits) != fmt.Sprint(want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	done, err := a.Sent(map[message.Type]int{message.AccountVerify: a.Owed[0].N}, morning)
	if err != nil || len(done.Owed) != 0 {
		t.Errorf("what was sent is still owed: %+v, %v", done.Owed, err)
	}
	if at, ok := done.Attention(); !ok || !at.Equal(done.Inactive) {
		t.Errorf("with nothing owed the sweep looks at %s, %v", at, ok)
	}
}

func TestSessionsHold(t *testing.T) {
	a := reporter()
	long := a.Began(TokenHash("t"), "", 1000, morning)
	if want := morning.AddDate(0, 0, 180); !long.Expires.Equal(want) {
		t.Errorf("expires %s, want %s", long.Expires, want)
	}
	ended, _ := a.SessionsEnded()
	other := a
	other.ID = "other"
	for name, row := range map[string]struct {
		a    Account
		at   time.Time
		want bool
	}{
		"at once":                       {a, morning, true},
		"to the last instant":           {a, long.Expires.Add(-1), true},
		"not at the end":                {a, long.Expires, false},
		"not after all were ended":      {ended, morning, false},
		"not for another account":       {other, morning, false},
		"not while a lock holds (A9)":   {Account{ID: a.ID, Lock: &Lock{}}, morning, false},
		"again for what began after it": {a, morning.Add(time.Hour), true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := long.Holds(row.a, row.at); got != row.want {
				t.Errorf("holds is %v", got)
			}
		})
	}
}

func TestWhatWasDoneBeforeOrIsNotToBeDoneChangesNothing(t *testing.T) {
	act := Act{Key: "k", Request: "r", At: morning.AddDate(2, 0, 0)}
	locked, _ := tries(reporter(), fiveTries, "wwwww")
	moved, _ := officer().Changed(Duty{Agency: "CQ2", By: "admin", Act: act})
	replaced, _ := officer().Replaced(act)
	active := officer()
	active.Private.Password = "hash"
	for name, again := range map[string]func() (Account, error){
		"a year passes for who is locked already":  func() (Account, error) { return locked.Asleep(fiveTries, morning.AddDate(2, 0, 0)) },
		"the sweep comes before the year is over":  func() (Account, error) { return reporter().Asleep(fiveTries, morning) },
		"the same change of duty comes twice":      func() (Account, error) { return moved.Changed(Duty{Agency: "CQ2", By: "admin", Act: act}) },
		"who gave way gives way again":             func() (Account, error) { return replaced.Replaced(act) },
		"who gave way is to have a new code":       func() (Account, error) { return replaced.Reissued(act.At, time.Hour) },
		"who has a password is to have a new code": func() (Account, error) { return active.Reissued(act.At, time.Hour) },
		"nothing was sent, and nothing is due":     func() (Account, error) { return reporter().Sent(nil, morning) },
	} {
		if after, err := again(); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: it became %+v, %v", name, after, err)
		}
	}
	if _, err := moved.Changed(Duty{Agency: "CQ3", By: "admin", Act: Act{Key: "k", Request: "other", At: act.At}}); !fault.Is(err, "key_reused") {
		t.Errorf("another change of duty under the same key answered %v", err)
	}
}
