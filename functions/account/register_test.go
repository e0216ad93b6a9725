package account_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	step "paht/functions/account"
	"paht/shared/account"
	"paht/shared/message"
	"paht/shared/report"
)

func TestARegisteredReporterVerifiesLogsInAndReadsTheAccount(t *testing.T) {
	d := open(t, wide)
	a := d.register(fields{"kind": "individual", "name": "  Trần  Thị Ho\u0300a ", "logIn": "hoa.tran", "password": password,
		"email": "hoa@example.vn", "phone": "+84912345678"}, "key-of-hoa")
	want(t, "registering", a, 201, "")
	if a.text("name") != "Trần Thị Hòa" || a.text("phone") != "0912345678" || a.body["verified"] != false || a.text("language") != "vi" {
		t.Errorf("registered %s", a.raw)
	}
	if strings.Contains(a.raw, "assword") {
		t.Errorf("the answer speaks of the password: %s", a.raw)
	}
	code := d.mailed(message.AccountVerify)
	want(t, "a wrong code", d.call("POST", "/v1/accounts/verification", fields{"logIn": "hoa.tran", "code": "AAAAAAAA"}), 422, "invalid body.code=code_refused")
	want(t, "the code", d.call("POST", "/v1/accounts/verification", fields{"logIn": " Hoa.Tran", "code": strings.ToLower(code)}), 204, "")
	want(t, "the code once more", d.call("POST", "/v1/accounts/verification", fields{"logIn": "hoa.tran", "code": code}), 422, "invalid body.code=code_refused")
	in := d.logIn("HOA.TRAN", password)
	want(t, "logging in", in, 201, "")
	if in.text("account", "id") != a.text("id") || in.text("token") == "" || in.body["account"].(map[string]any)["verified"] != true {
		t.Errorf("logged in %s", in.raw)
	}
	cookie := in.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-session=" + in.text("token"), "Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Expires="} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	if strings.Contains(cookie, "Domain") {
		t.Errorf("the cookie %q names a domain", cookie)
	}
	mine := d.call("GET", "/v1/account", nil, bearer(in)...)
	want(t, "reading the account", mine, 200, "")
	if mine.text("email") != "hoa@example.vn" || mine.body["rights"] != nil {
		t.Errorf("read %s", mine.raw)
	}
	want(t, "reading it by the cookie", d.call("GET", "/v1/account", nil, "Cookie", "__Host-session="+in.text("token")), 200, "")
}

func TestWhatRegistrationRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		change fields
		code   string
	}{
		"a common password":                  {fields{"password": "matkhau2026"}, "invalid body.password=weak_password"},
		"a password with the log-in name":    {fields{"password": "xin chào minh.lan"}, "invalid body.password=password_with_log_in"},
		"a short password":                   {fields{"password": "ngắn"}, "invalid body.password=too_short"},
		"a log-in name with capitals":        {fields{"logIn": "Lan"}, "invalid body.logIn=wrong_form"},
		"a name of blanks":                   {fields{"name": "   "}, "invalid body.name=blank"},
		"an address with a name before it":   {fields{"email": "Lan <lan@example.vn>"}, "invalid body.email=not_an_email"},
		"a foreign telephone number":         {fields{"phone": "+4912345678"}, "invalid body.phone=wrong_form"},
		"an officer's kind":                  {fields{"kind": "officer"}, "invalid body.kind=not_one_of"},
		"a field that there is not":          {fields{"roles": []string{"administrator"}}, "invalid body.roles=unknown_field"},
		"two wrong values, both named":       {fields{"name": "...", "password": "password123"}, "invalid body.name=blank body.password=weak_password"},
		"a password that is one letter only": {fields{"password": "aaaaaaaaaaaa"}, "invalid body.password=weak_password"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, wide)
			body := registration("minh.lan")
			for field, value := range row.change {
				body[field] = value
			}
			want(t, name, d.register(body, "some-key-1"), 422, row.code)
			if d.passwords.made != 0 {
				t.Error("a password was hashed")
			}
			want(t, "the same key with good values", d.register(registration("minh.lan"), "some-key-1"), 201, "")
		})
	}
}

func TestARepeatedRegistrationFindsItself(t *testing.T) {
	d := open(t, wide)
	first := d.register(registration("lan"), "the-same-key")
	again := d.register(registration("lan"), "the-same-key")
	if first.status != 201 || again.status != 201 || first.raw != again.raw {
		t.Errorf("first %s again %s", first.raw, again.raw)
	}
	if got := d.world.Received(report.QueueNotify); len(got) != 1 {
		t.Errorf("%d mails for one registration", len(got))
	}
	other := registration("lan")
	other["name"] = "Lê Văn Minh"
	want(t, "the same key with another name", d.register(other, "the-same-key"), 422, "key_reused")
	want(t, "the same key with another log-in name", d.register(registration("minh"), "the-same-key"), 422, "key_reused")
	want(t, "another key with the same log-in name", d.register(registration("lan"), "another-key"), 409, "log_in_taken")
	want(t, "without a key", d.call("POST", "/v1/accounts", registration("lan")), 400, "idempotency_key_missing header.Idempotency-Key=length_between")
}

func TestARegistrationThatBreaksOffIsCompletedByItsRepeat(t *testing.T) {
	broke := errors.New("the connection broke")
	for _, applied := range []bool{false, true} {
		for call := 1; ; call++ {
			d := open(t, wide)
			calls := 0
			d.world.Break(func(r *http.Request) (before, after error) {
				if calls++; calls != call {
					return nil, nil
				}
				if applied {
					return nil, broke
				}
				return broke, nil
			})
			first := d.register(registration("lan"), "the-same-key")
			d.world.Break(nil)
			if calls < call {
				if call < 8 {
					t.Errorf("a registration makes %d calls; this test breaks each", calls)
				}
				break
			}
			again := d.register(registration("lan"), "the-same-key")
			want(t, fmt.Sprintf("call %d broke (carried out: %v; answered %d), the repeat", call, applied, first.status), again, 201, "")
			if in := d.logIn("lan", password); in.status != 201 {
				t.Errorf("call %d broke: logging in answered %s", call, in.raw)
			}
			d.world.Pass(time.Minute)
			stood := d.stored(again.text("id"))
			if err := d.flow.Resume(t.Context(), stood); err != nil {
				t.Fatal(err)
			}
			if d.mailed(message.AccountVerify) != account.Code(d.world.Keys, stood.ID, account.Verify, 1) {
				t.Errorf("call %d broke, and the mail has another code", call)
			}
		}
	}
}

func TestANameWhoseRegistrationBrokeOffIsTakenOver(t *testing.T) {
	d := open(t, wide)
	names := d.base.Accounts()
	if err := names.Claim(t.Context(), "lan", "somebody", d.world.Now()); err != nil {
		t.Fatal(err)
	}
	want(t, "within the claim", d.register(registration("lan"), "key-of-lan"), 409, "log_in_taken")
	d.world.Pass(11 * time.Minute)
	want(t, "after it", d.register(registration("lan"), "key-of-lan"), 201, "")
	want(t, "logging in", d.logIn("lan", password), 201, "")
}

func TestCodesByMail(t *testing.T) {
	d := open(t, wide)
	id := d.lan()
	ask := func(logIn string) answer {
		return d.call("POST", "/v1/accounts/verification-request", fields{"logIn": logIn})
	}
	verify := func(code string) answer {
		return d.call("POST", "/v1/accounts/verification", fields{"logIn": "lan", "code": code})
	}
	first := d.mailed(message.AccountVerify)
	known, unknown := ask("lan"), ask("nobody")
	if known.status != 204 || unknown.status != 204 || known.raw != unknown.raw {
		t.Errorf("a known name: %d %s, an unknown one: %d %s", known.status, known.raw, unknown.status, unknown.raw)
	}
	if again := d.mailed(message.AccountVerify); again != first {
		t.Errorf("asked again at once: %s, first %s", again, first)
	}
	d.world.Pass(d.stored(id).Code.Until.Sub(d.world.Now()))
	want(t, "an expired code", verify(first), 422, "invalid body.code=code_refused")
	want(t, "asking again", ask("lan"), 204, "")
	second := d.mailed(message.AccountVerify)
	if second == first {
		t.Error("the expired code is mailed again")
	}
	for range account.MaxCodeTries {
		want(t, "a wrong code", verify("00000000"), 422, "invalid body.code=code_refused")
	}
	want(t, "the right code after ten wrong ones", verify(second), 422, "invalid body.code=code_refused")
	ask("lan")
	want(t, "the next code", verify(d.mailed(message.AccountVerify)), 204, "")
	ask("lan")
	if got := d.world.Received(report.QueueNotify); len(got) != 0 {
		t.Errorf("a verified account is mailed %+v", got)
	}
	want(t, "an unknown name", d.call("POST", "/v1/accounts/verification", fields{"logIn": "nobody", "code": first}), 422, "invalid body.code=code_refused")
}

func TestLimitsOfRegistrationAndMails(t *testing.T) {
	d := open(t, step.Limits{PerAddress: 100, PerName: 100, Registrations: 2, Mails: 2})
	for i := range 2 {
		want(t, "registering", d.register(registration(fmt.Sprintf("lan%d", i)), fmt.Sprintf("key-of-lan-%d", i)), 201, "")
	}
	want(t, "a third one", d.register(registration("lan2"), "key-of-lan-2"), 429, "too_many_requests")
	d.world.Received(report.QueueNotify)
	for i, status := range []int{204, 204, 429} {
		if got := d.call("POST", "/v1/accounts/verification-request", fields{"logIn": "lan0"}); got.status != status {
			t.Errorf("mail %d answered %d", i+1, got.status)
		}
	}
	if got := d.world.Received(report.QueueNotify); len(got) != 2 {
		t.Errorf("%d mails", len(got))
	}
}
