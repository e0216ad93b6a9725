package account

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"paht/shared/fault"
	"paht/shared/message"
)

func TestCodes(t *testing.T) {
	a := reporter()
	code := Code(digests{}, a.ID, Verify, 1)
	if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{8}$`).MatchString(code) {
		t.Fatalf("code %q", code)
	}
	others := []string{Code(digests{}, a.ID, Verify, 2), Code(digests{}, a.ID, Activate, 1), Code(digests{}, "other", Verify, 1)}
	for _, other := range others {
		if other == code {
			t.Errorf("two codes are alike: %s", other)
		}
	}
	spaced := code[:4] + "-" + code[4:]
	for name, row := range map[string]struct {
		typed string
		at    time.Time
		good  bool
	}{
		"the right code":               {code, morning, true},
		"typed with a hyphen":          {spaced, morning, true},
		"typed in small letters":       {" " + lowerO(code) + " ", morning, true},
		"to the last instant":          {code, morning.Add(24*time.Hour - 1), true},
		"not after a day":              {code, morning.Add(24 * time.Hour), false},
		"another code":                 {others[0], morning, false},
		"an officer's code":            {others[1], morning, false},
		"another account's":            {others[2], morning, false},
		"nothing":                      {"", morning, false},
		"the right code and one more":  {code + "0", morning, false},
		"the right code without a bit": {code[:7], morning, false},
	} {
		t.Run(name, func(t *testing.T) {
			next, refused, err := reporter().VerifiedWith(digests{}, row.typed, row.at)
			if (refused == nil) != row.good || (err == nil && refused == nil) != row.good {
				t.Fatalf("refused %v, error %v", refused, err)
			}
			if row.good != (next.Verified != nil) {
				t.Errorf("verified is %v", next.Verified)
			}
		})
	}
}

// lowerO types a code as people do.
func lowerO(code string) string {
	typed := []byte(code)
	for i, c := range typed {
		switch {
		case c == '0':
			typed[i] = 'o'
		case c == '1':
			typed[i] = 'l'
		case c >= 'A':
			typed[i] = c | 0x20
		}
	}
	return string(typed)
}

func TestACodeIsGoodForOneUseAndTenTries(t *testing.T) {
	a := reporter()
	code := Code(digests{}, a.ID, Verify, 1)
	used, refused, err := a.VerifiedWith(digests{}, code, morning)
	if refused != nil || err != nil {
		t.Fatal(refused, err)
	}
	if _, refused, err := used.VerifiedWith(digests{}, code, morning); refused == nil || !errors.Is(err, ErrNothing) {
		t.Errorf("a used code answered %v, %v", refused, err)
	}
	for range MaxCodeTries {
		next, refused, err := a.VerifiedWith(digests{}, "AAAAAAAA", morning)
		if refused == nil || err != nil {
			t.Fatal(refused, err)
		}
		a = next
	}
	if _, refused, _ := a.VerifiedWith(digests{}, code, morning); refused == nil {
		t.Error("after ten wrong codes the right one is taken")
	}
	fresh, err := a.CodeAsked(morning.Add(time.Minute), 24*time.Hour, 24*time.Hour)
	if err != nil || fresh.Code.N != 2 {
		t.Fatalf("asking again: %+v, %v", fresh.Code, err)
	}
	if _, refused, _ := fresh.VerifiedWith(digests{}, Code(digests{}, a.ID, Verify, 2), morning.Add(time.Minute)); refused != nil {
		t.Errorf("the new code answered %v", refused)
	}
}

func TestAskingForACodeAgain(t *testing.T) {
	day := 24 * time.Hour
	verified := reporter()
	verified.Verified = &morning
	active := officer()
	active.Private.Password = "hash"
	locked, _ := tries(reporter(), fiveTries, "wwwww")
	for name, row := range map[string]struct {
		a     Account
		after time.Duration
		n     int // of the code that is mailed; 0 for none
		kind  message.Type
	}{
		"the same code while most of its time is left": {reporter(), time.Hour, 1, message.AccountVerify},
		"a new one later":               {reporter(), 13 * time.Hour, 2, message.AccountVerify},
		"a new one after its end":       {reporter(), 48 * time.Hour, 2, message.AccountVerify},
		"an officer's activation":       {officer(), 48 * time.Hour, 2, message.AccountActivate},
		"nothing for who is verified":   {verified, time.Hour, 0, ""},
		"nothing for an active officer": {active, time.Hour, 0, ""},
		"nothing for a locked account":  {locked, time.Hour, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			next, err := row.a.CodeAsked(morning.Add(row.after), day, day)
			if row.n == 0 {
				if !errors.Is(err, ErrNothing) {
					t.Fatalf("answered %v", err)
				}
				return
			}
			if err != nil || next.Code.N != row.n || len(next.Owed) != 1 || next.Owed[0].Type != row.kind {
				t.Fatalf("code %+v, owed %+v, %v", next.Code, next.Owed, err)
			}
			if next.Owed[0].N == row.a.Changes {
				t.Error("the second mail has the number of the first")
			}
			if _, ok := next.Asked(digests{}, row.kind, row.a.Changes, morning.Add(row.after)); ok {
				t.Error("the first mail still stands beside the second")
			}
			told, ok := next.Asked(digests{}, row.kind, next.Changes, morning.Add(row.after))
			if !ok || told.Code != Code(digests{}, next.ID, next.Code.Purpose, row.n) || told.LogIn != next.Private.LogIn {
				t.Errorf("the mail tells %+v, %v", told, ok)
			}
		})
	}
}

func TestAnOfficersActivation(t *testing.T) {
	a := officer()
	if _, refused, _ := a.VerifiedWith(digests{}, Code(digests{}, a.ID, Activate, 1), morning); refused == nil {
		t.Error("an activation code proves an address")
	}
	next, refused, err := a.ActivatedWith(digests{}, Code(digests{}, a.ID, Activate, 1), "hash", morning)
	if refused != nil || err != nil || next.Private.Password != "hash" || next.Verified == nil || next.Code != nil {
		t.Errorf("activation: %+v, %v, %v", next, refused, err)
	}
	if _, ok := next.HandedCode(digests{}, morning); ok {
		t.Error("a code is handed over for an active account")
	}
	handed := Appointed(Appointment{Registration: Registration{Act: Act{Key: "k", At: morning}, CodeLife: time.Hour}, Handed: true})
	if code, ok := handed.HandedCode(digests{}, morning); !ok || code != Code(digests{}, handed.ID, Activate, 1) || len(handed.Owed) != 0 {
		t.Errorf("handed over %q, %v, owed %+v", code, ok, handed.Owed)
	}
	locked, _ := tries(a, fiveTries, "wwwww")
	if told, ok := locked.Asked(digests{}, message.AccountLocked, locked.Lock.Change, morning); !ok || told.Reason != WrongPasswords {
		t.Errorf("the lock's notice tells %+v, %v", told, ok)
	}
	if _, refused, _ := locked.ActivatedWith(digests{}, Code(digests{}, a.ID, Activate, 1), "hash", morning); !fault.Is(refused, "invalid") {
		t.Errorf("activating a locked account answered %v", refused)
	}
}

func TestPasswords(t *testing.T) {
	for password, want := range map[string]string{
		"matkhau123":            "weak_password",
		"Mật khẩu 2026":         "weak_password",
		"MATKHAU!!!!":           "weak_password",
		"M@tkh@u2026":           "weak_password",
		"P@ssw0rd123":           "weak_password",
		"password!2026":         "weak_password",
		"1234567890":            "weak_password",
		"9876543210":            "weak_password",
		"12345678901234":        "weak_password",
		"aaaaaaaaaaaa":          "weak_password",
		"abababababab":          "weak_password",
		"abcdefghijkl":          "weak_password",
		"qwertyuiop1":           "weak_password",
		"travinh2025":           "weak_password",
		"iloveyou2024":          "weak_password",
		"nguyen.van.an#1":       "password_with_log_in",
		"xx-NGUYEN.VAN.AN-99":   "password_with_log_in",
		"con trâu đi cày sớm":   "",
		"Ruộng lúa 7 mẫu":       "",
		"t4Kp-92xx-Lmno":        "",
		"mưa nắng hai mùa":      "",
		"password của bà ngoại": "",
		"8317264095":            "",
	} {
		if got := CheckPassword(Password(password), "nguyen.van.an@example.vn"); got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
	if got := CheckPassword("con anh em yêu", "anh"); got != "" {
		t.Errorf("a name of three letters within a phrase: %q", got)
	}
}

func TestProfiles(t *testing.T) {
	p, wrong := Profile("  Trần   Thị\tHòa ", " Hoa.TRAN ", " hoa@example.vn ", "+84912345678")
	if len(wrong) > 0 || p.Name != "Trần Thị Hòa" || p.LogIn != "hoa.tran" || p.Email != "hoa@example.vn" || p.Phone != "0912345678" {
		t.Errorf("profile %+v, wrong %+v", p, wrong)
	}
	for name, row := range map[string]struct{ name, logIn, email, path, code string }{
		"a name of blanks":              {" \t ", "hoa", "h@example.vn", "body.name", "blank"},
		"a name of signs":               {"...", "hoa", "h@example.vn", "body.name", "blank"},
		"a name with markup":            {"<b>Hoa</b>", "hoa", "h@example.vn", "body.name", "wrong_form"},
		"a name before the address":     {"Hoa", "hoa", "Hoa <h@example.vn>", "body.email", "not_an_email"},
		"an address with a second line": {"Hoa", "hoa", "h@example.vn\r\nBcc: x@example.vn", "body.email", "not_an_email"},
		"a log-in name with a blank":    {"Hoa", "ho a", "h@example.vn", "body.logIn", "wrong_form"},
	} {
		t.Run(name, func(t *testing.T) {
			_, wrong := Profile(row.name, row.logIn, row.email, "")
			if len(wrong) != 1 || wrong[0].Path != row.path || wrong[0].Code != row.code {
				t.Errorf("wrong %+v", wrong)
			}
		})
	}
}
