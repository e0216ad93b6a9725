package account_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	step "paht/functions/account"
	"paht/shared/account"
	"paht/shared/message"
	"paht/shared/report"
)

func TestWrongPasswordsLockAtTheDoor(t *testing.T) {
	for name, row := range map[string]struct {
		played string // w wrong, r right
		codes  string // x refused, L locked, + in
	}{
		"the fifth locks, and the right password does not open": {"wwwwwrr", "xxxxLLL"},
		"a success before begins anew":                          {"wwwwrwwwwr", "xxxx+xxxx+"},
		"five after a success lock":                             {"rwwwwwr", "+xxxxLL"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, wide)
			id := d.lan()
			d.world.Received(report.QueueNotify)
			codes := ""
			for _, try := range row.played {
				typed := password
				if try == 'w' {
					typed = "nắng mưa hai mùa"
				}
				switch a := d.logIn("lan", typed); a.code() {
				case "log_in_refused":
					codes += "x"
				case "account_locked":
					codes += "L"
				default:
					codes += "+"
				}
			}
			if codes != row.codes {
				t.Errorf("answers %s, want %s", codes, row.codes)
			}
			locked := strings.Contains(row.codes, "L")
			if got := d.stored(id); (got.Lock != nil) != locked {
				t.Errorf("stored lock %+v", got.Lock)
			}
			told := d.world.Received(report.QueueNotify)
			if locked != (len(told) == 1 && told[0].Type == message.AccountLocked) {
				t.Errorf("told %+v", told)
			}
		})
	}
}

func TestWrongTriesAtTheSameTimeAreAllCounted(t *testing.T) {
	d := open(t, wide)
	id := d.lan()
	var wg sync.WaitGroup
	answers := make([]answer, 9)
	for i := range answers {
		wg.Go(func() {
			typed := "nắng mưa hai mùa"
			answers[i] = d.logIn("lan", typed)
		})
	}
	wg.Wait()
	count := map[string]int{}
	for _, a := range answers {
		count[a.code()]++
	}
	if count["log_in_refused"] != 4 || count["account_locked"] != 5 {
		t.Errorf("answers %v", count)
	}
	if got := d.stored(id); got.Wrong != 5 || got.Lock == nil {
		t.Errorf("%d counted, lock %+v", got.Wrong, got.Lock)
	}
	want(t, "the right password then", d.logIn("lan", password), 401, "account_locked")
}

// The password is changed while the old one is checked: the old one opens nothing,
// and is no wrong try either.
func TestAPasswordThatIsChangedDuringTheLogInOpensNothing(t *testing.T) {
	d := open(t, wide)
	id := d.lan()
	d.passwords.meanwhile = func() {
		d.passwords.meanwhile = nil
		if _, err := d.flow.Act(t.Context(), id, func(a account.Account) (account.Account, error) {
			a.Private.Password = "another hash"
			return a, nil
		}); err != nil {
			t.Error(err)
		}
	}
	want(t, "the password of before", d.logIn("lan", password), 401, "log_in_refused")
	if got := d.stored(id); got.Wrong != 0 || got.LastIn != nil {
		t.Errorf("%d wrong ones counted, last in %v", got.Wrong, got.LastIn)
	}
}

func TestAnUnknownNameIsAnsweredLikeAWrongPassword(t *testing.T) {
	d := open(t, wide)
	d.lan()
	calls := ""
	try := func(logIn string) (answer, string, int) {
		calls, d.passwords.checked = "", 0
		d.world.Break(func(r *http.Request) (error, error) {
			_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
			if operation == "PutItem" {
				operation = "UpdateItem" // a write is a write
			}
			calls += operation + " "
			return nil, nil
		})
		a := d.logIn(logIn, "nắng mưa hai mùa")
		d.world.Break(nil)
		return a, calls, d.passwords.checked
	}
	d.logIn("lan", password) // nothing is owed any more
	known, calls1, hashes1 := try("lan")
	unknown, calls2, hashes2 := try("nobody")
	if known.status != 401 || known.status != unknown.status || known.raw != unknown.raw {
		t.Errorf("known %d %s, unknown %d %s", known.status, known.raw, unknown.status, unknown.raw)
	}
	if hashes1 != 1 || hashes2 != 1 {
		t.Errorf("hashes: known %d, unknown %d", hashes1, hashes2)
	}
	if reads(calls1) != reads(calls2)+1 || writes(calls1) != writes(calls2) {
		t.Errorf("a known name costs %s, an unknown one %s", calls1, calls2)
	}
}

func reads(calls string) int  { return strings.Count(calls, "GetItem") }
func writes(calls string) int { return strings.Count(calls, "UpdateItem") }

func TestTriesThatALimitRefusesAreNoEnteredPasswords(t *testing.T) {
	d := open(t, step.Limits{PerAddress: 6, PerName: 3, Registrations: 10, Mails: 10})
	id := d.lan()
	for i, status := range []int{401, 401, 401, 429, 429, 429, 429} {
		if a := d.logIn("lan", "nắng mưa hai mùa"); a.status != status {
			t.Errorf("try %d answered %d %s", i+1, a.status, a.code())
		}
	}
	if got := d.stored(id); got.Wrong != 3 || got.Lock != nil {
		t.Errorf("%d counted, lock %+v", got.Wrong, got.Lock)
	}
	want(t, "another name from that address", d.logIn("minh", password), 429, "too_many_requests")
	want(t, "another name from another address", d.logIn("minh", password, "address", "203.0.113.10"), 401, "log_in_refused")
	d.world.Pass(time.Minute)
	want(t, "the right password a minute later", d.logIn("lan", password), 201, "")
}

func TestAYearAway(t *testing.T) {
	d := open(t, wide)
	id := d.lan()
	want(t, "logging in", d.logIn("lan", password), 201, "")
	end := d.stored(id).Inactive
	if end.Before(monday.AddDate(1, 0, 0)) || end.After(monday.AddDate(1, 0, 14)) {
		t.Fatalf("the year ends at %s", end)
	}
	d.world.Pass(end.Sub(monday) - time.Second)
	want(t, "at the last instant", d.logIn("lan", password), 201, "")
	end = d.stored(id).Inactive
	d.world.Pass(end.Sub(d.world.Now()))
	want(t, "at the end of the next year", d.logIn("lan", password), 401, "account_locked")
	if got := d.stored(id); got.Lock == nil || got.Lock.Reason != account.Inactivity {
		t.Errorf("lock %+v", got.Lock)
	}
}

func TestSessionsAtTheDoor(t *testing.T) {
	d := open(t, wide)
	id := d.lan()
	one, two, three := d.logIn("lan", password), d.logIn("lan", password), d.logIn("lan", password)
	list := d.call("GET", "/v1/sessions", nil, bearer(one)...)
	sessions, _ := list.body["sessions"].([]any)
	if len(sessions) != 3 || strings.Contains(list.raw, one.text("token")) || strings.Count(list.raw, `"current":true`) != 1 || strings.Count(list.raw, "Điện thoại") != 3 {
		t.Errorf("listed %s", list.raw)
	}
	want(t, "ending one that there is not", d.call("DELETE", "/v1/sessions/ffff", nil, bearer(one)...), 404, "not_found")
	want(t, "ending another", d.call("DELETE", "/v1/sessions/"+two.text("id"), nil, bearer(one)...), 204, "")
	want(t, "using the ended one", d.call("GET", "/v1/account", nil, bearer(two)...), 401, "session_invalid")
	out := d.call("DELETE", "/v1/sessions/current", nil, bearer(one)...)
	want(t, "logging out", out, 204, "")
	if cookie := out.header.Get("Set-Cookie"); !strings.Contains(cookie, "__Host-session=;") || !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("the cookie is not taken back: %q", cookie)
	}
	want(t, "using it after", d.call("GET", "/v1/account", nil, bearer(one)...), 401, "session_invalid")
	four := d.logIn("lan", password)
	want(t, "ending all", d.call("DELETE", "/v1/sessions", nil, bearer(three)...), 204, "")
	for _, ended := range []answer{three, four} {
		want(t, "using one of all", d.call("GET", "/v1/account", nil, bearer(ended)...), 401, "session_invalid")
	}
	five := d.logIn("lan", password)
	want(t, "a session begun after", d.call("GET", "/v1/account", nil, bearer(five)...), 200, "")
	if d.world.Count("U#"+id) != 2 {
		t.Errorf("%d items are left of one account and one session", d.world.Count("U#"+id))
	}
	for range 5 {
		d.logIn("lan", "nắng mưa hai mùa")
	}
	want(t, "a session of a locked account", d.call("GET", "/v1/account", nil, bearer(five)...), 401, "session_invalid")
}

func TestTheCookieNeedsTheSameOrigin(t *testing.T) {
	d := open(t, wide)
	d.lan()
	cookie := "__Host-session=" + d.logIn("lan", password).text("token")
	want(t, "from another page", d.call("DELETE", "/v1/sessions", nil, "Cookie", cookie, "Origin", "https://evil.example"), 403, "foreign_origin")
	want(t, "from nowhere", d.call("DELETE", "/v1/sessions", nil, "Cookie", cookie), 403, "foreign_origin")
	want(t, "from our own", d.call("DELETE", "/v1/sessions", nil, "Cookie", cookie, "Origin", origin), 204, "")
}

func TestASessionLastsAsThePolicySays(t *testing.T) {
	d := open(t, wide)
	d.lan()
	in := d.logIn("lan", password)
	created, err1 := time.Parse(time.RFC3339, in.text("created"))
	expires, err2 := time.Parse(time.RFC3339, in.text("expires"))
	if err1 != nil || err2 != nil || !created.Equal(monday) {
		t.Fatal(in.raw)
	}
	days := int(expires.Sub(created).Hours() / 24)
	if days < 1 || days > account.MaxSessionDays {
		t.Fatalf("a session of %d days", days)
	}
	d.world.Pass(expires.Sub(created) - time.Second)
	want(t, "a second before its end", d.call("GET", "/v1/account", nil, bearer(in)...), 200, "")
	d.world.Pass(time.Second)
	want(t, "at its end", d.call("GET", "/v1/account", nil, bearer(in)...), 401, "session_invalid")
}

// appoint creates an officer's account as admin does.
func (d *door) appoint(logIn string, roles ...string) account.Account {
	d.Helper()
	act := account.Act{Key: "appointing " + logIn, Request: "r", At: d.world.Now()}
	names := d.base.Accounts()
	if err := names.Claim(d.Context(), logIn, account.ID(act.Key), act.At); err != nil {
		d.Fatal(err)
	}
	a, err := d.flow.Create(d.Context(), account.Appointed(account.Appointment{
		Registration: account.Registration{
			Private: account.Private{Name: "Lê Văn Hải", LogIn: logIn, Email: logIn + "@example.vn"}, Act: act,
			Inactive: act.At.AddDate(1, 0, 1), CodeLife: 24 * time.Hour,
		},
		By: "admin", Agency: "CQ1", Roles: roles,
	}))
	if err != nil {
		d.Fatal(err)
	}
	return a
}

func TestAnOfficerSetsTheFirstPassword(t *testing.T) {
	d := open(t, wide)
	a := d.appoint("hai.le", "handler")
	activate := func(code, password string) answer {
		return d.call("POST", "/v1/officers/activation", fields{"logIn": "hai.le", "code": code, "password": password})
	}
	for range 6 {
		want(t, "logging in before", d.logIn("hai.le", password), 401, "log_in_refused")
	}
	if got := d.stored(a.ID); got.Wrong != 0 || got.Lock != nil {
		t.Errorf("without a password %d wrong ones were counted", got.Wrong)
	}
	code := d.mailed(message.AccountActivate)
	want(t, "a weak password", activate(code, "matkhau2026"), 422, "invalid body.password=weak_password")
	want(t, "a password with the name", activate(code, "của hai.le đây"), 422, "invalid body.password=password_with_log_in")
	want(t, "a wrong code", activate("AAAAAAAA", password), 422, "invalid body.code=code_refused")
	if d.passwords.made != 0 {
		t.Error("a password was hashed for a wrong code")
	}
	want(t, "as a reporter's code", d.call("POST", "/v1/accounts/verification", fields{"logIn": "hai.le", "code": code}), 422, "invalid body.code=code_refused")
	want(t, "the code", activate(code, password), 204, "")
	want(t, "the code once more", activate(code, "một mật ngữ khác"), 422, "invalid body.code=code_refused")
	in := d.logIn("hai.le", password)
	want(t, "logging in", in, 201, "")
	if !strings.Contains(in.raw, `"rights":["contact.show","part.handle","report.read"]`) || in.text("account", "agency") != "CQ1" {
		t.Errorf("logged in %s", in.raw)
	}
}

func TestAnOfficerAsksForAnotherActivationCode(t *testing.T) {
	d := open(t, wide)
	d.appoint("hai.le", "handler")
	first := d.mailed(message.AccountActivate)
	d.world.Pass(30 * 24 * time.Hour)
	want(t, "the expired code", d.call("POST", "/v1/officers/activation", fields{"logIn": "hai.le", "code": first, "password": password}), 422, "invalid body.code=code_refused")
	want(t, "asking", d.call("POST", "/v1/accounts/verification-request", fields{"logIn": "hai.le"}), 204, "")
	second := d.mailed(message.AccountActivate)
	want(t, "the new code", d.call("POST", "/v1/officers/activation", fields{"logIn": "hai.le", "code": second, "password": password}), 204, "")
}

func TestAPasswordTypedInAnotherCompositionIsTheSame(t *testing.T) {
	d := open(t, wide)
	d.lan()
	want(t, "typed with marks apart", d.logIn("lan", "mu\u031ba n\u0103\u0301ng hai mu\u0300a"), 201, "")
}

func TestPasswordParameters(t *testing.T) {
	for name, row := range map[string]struct {
		memory, passes uint32
		lanes          uint8
		good           bool
	}{
		"as configured by default":        {64 * 1024, 1, 1, true},
		"less memory than argon2id takes": {7, 1, 1, false},
		"no pass":                         {64, 0, 1, false},
		"no lane":                         {64, 1, 0, false},
	} {
		if _, err := step.NewArgon(row.memory, row.passes, row.lanes); (err == nil) != row.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	old, err := step.NewArgon(64, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := old.Hash(password)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := step.NewArgon(128, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]bool{password: true, "another": false} {
		if right, err := changed.Check(typed, hash); right != want || err != nil {
			t.Errorf("a hash of older parameters, %q: %v, %v", typed, right, err)
		}
	}
	if right, err := changed.Check("", ""); right || err != nil {
		t.Errorf("nobody's password: %v, %v", right, err)
	}
}
