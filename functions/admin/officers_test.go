package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"paht/shared/account"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
)

const officers = "/v1/admin/officers"

func hai(change fields) fields {
	body := fields{"name": "Lê Văn Hải", "logIn": "hai.le", "email": "hai@example.vn", "agency": "SXD", "roles": []string{"handler"}}
	for name, value := range change {
		body[name] = value
	}
	return body
}

func TestAnOfficersAccountIsCreated(t *testing.T) {
	o := open(t)
	before := o.entries()
	a := o.act("POST", officers, hai(nil), "key-of-hai")
	want(t, "creating", a, 201, "")
	if a.text("agency") != "SXD" || a.text("kind") != "officer" || a.body["verified"] != false || !strings.Contains(a.raw, `"rights":["contact.show"`) {
		t.Errorf("created %s", a.raw)
	}
	got := o.world.Received(report.QueueNotify)
	if len(got) != 1 || got[0].Type != message.AccountActivate || got[0].Account != a.text("id") {
		t.Errorf("mailed %+v", got)
	}
	if strings.Contains(a.raw, account.Code(o.world.Keys, a.text("id"), account.Activate, 1)) {
		t.Error("the answer holds the code, which is for the officer alone")
	}
	if again := o.act("POST", officers, hai(nil), "key-of-hai"); again.status != 201 || again.raw != a.raw {
		t.Errorf("again %s", again.raw)
	}
	want(t, "the same key with another role", o.act("POST", officers, hai(fields{"roles": []string{"leader"}}), "key-of-hai"), 422, "key_reused")
	want(t, "the name once more", o.act("POST", officers, hai(nil), "another-key"), 409, "log_in_taken")
	if n := o.entries() - before; n != 1 {
		t.Errorf("%d entries of the audit for one account", n)
	}
}

func TestWhatTheCreationOfAnOfficerRefuses(t *testing.T) {
	o := open(t)
	before := o.entries()
	for name, row := range map[string]struct {
		change fields
		code   string
	}{
		"an agency that there is not":           {fields{"agency": "SKHDT"}, "invalid body.agency=unknown_agency"},
		"a role that there is not":              {fields{"roles": []string{"king"}}, "invalid body.roles[0]=unknown_role"},
		"a role of another kind of agency":      {fields{"roles": []string{"handler", "screener"}}, "invalid body.roles[1]=not_held_by"},
		"a role twice":                          {fields{"roles": []string{"handler", "handler"}}, "invalid body.roles[1]=duplicate"},
		"no role":                               {fields{"roles": []string{}}, "invalid body.roles=too_few"},
		"the audit beside administration":       {fields{"agency": "SKHCN", "roles": []string{"administrator", "auditor"}}, "invalid body.roles=rights_apart"},
		"no work address":                       {fields{"email": "hai"}, "invalid body.email=not_an_email"},
		"a name of blanks and a wrong agency":   {fields{"name": "  ", "agency": "X"}, "invalid body.name=blank body.agency=unknown_agency"},
		"a password, which is the officer's":    {fields{"password": "mưa nắng hai mùa"}, "invalid body.password=unknown_field"},
		"an administrator outside the departm.": {fields{"roles": []string{"administrator"}}, "invalid body.roles[0]=not_held_by"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, name, o.act("POST", officers, hai(row.change), "key-of-hai"), 422, row.code)
		})
	}
	if o.entries() != before || len(o.world.Received(report.QueueNotify)) != 0 {
		t.Error("what was refused left something behind")
	}
	want(t, "the same key with good values", o.act("POST", officers, hai(nil), "key-of-hai"), 201, "")
}

func TestOnlyAnAdministratorActs(t *testing.T) {
	o := open(t)
	_, handler := o.officer("tay", "SXD", "handler")
	for _, row := range []struct{ method, path string }{
		{"POST", officers}, {"GET", officers + "?agency=SXD"}, {"PATCH", officers + "/" + o.adminID},
		{"POST", "/v1/admin/accounts/" + o.adminID + "/unlock"}, {"GET", "/v1/admin/settings/texts"}, {"PUT", "/v1/admin/settings/texts"},
	} {
		if a := o.call(row.method, row.path, fields{}, "Authorization", "Bearer "+handler); a.status != 403 || a.text("code") != "right_missing" {
			t.Errorf("a handler's %s %s answered %d %s", row.method, row.path, a.status, a.code())
		}
		if a := o.call(row.method, row.path, fields{}, "Authorization", ""); a.status != 401 {
			t.Errorf("nobody's %s %s answered %d", row.method, row.path, a.status)
		}
	}
}

func TestAChangeOfDutyHoldsAtTheNextRequest(t *testing.T) {
	o := open(t)
	id, token := o.officer("minh", "SKHCN", "administrator")
	list := func() answer { return o.call("GET", officers+"?agency=SKHCN", nil, "Authorization", "Bearer "+token) }
	change := func(key string, body fields) answer { return o.act("PATCH", officers+"/"+id, body, key) }
	want(t, "listing as administrator", list(), 200, "")
	reason := "Chuyển công tác theo quyết định 12"
	want(t, "without a change", change("change-0", fields{"reason": reason}), 422, "invalid body=nothing_changes")
	want(t, "without a reason", change("change-0", fields{"roles": []string{"handler"}}), 422, "invalid body.reason=required")
	want(t, "to an agency that may not hold the role", change("change-0", fields{"agency": "SXD", "reason": reason}), 422, "invalid body.roles[0]=not_held_by")
	before := o.entries()
	a := change("change-1", fields{"agency": "SXD", "roles": []string{"leader"}, "reason": reason})
	want(t, "moving", a, 200, "")
	if a.text("agency") != "SXD" || o.entries() != before+1 {
		t.Errorf("moved %s, %d entries", a.raw, o.entries()-before)
	}
	want(t, "listing as leader", list(), 403, "right_missing")
	if p, err := o.base.Sessions().Session(t.Context(), token); err != nil || p.Agency != "SXD" {
		t.Errorf("the session is of %+v, %v", p, err)
	}
	for agency, n := range map[string]int{"SKHCN": 0, "SXD": 1} {
		a := o.call("GET", officers+"?agency="+agency, nil)
		if found := strings.Count(a.raw, `"logIn":"minh"`); found != n {
			t.Errorf("%s lists the officer %d times: %s", agency, found, a.raw)
		}
	}
	want(t, "the same once more", change("change-1", fields{"agency": "SXD", "roles": []string{"leader"}, "reason": reason}), 200, "")
	want(t, "the same key otherwise", change("change-1", fields{"dutyEnded": true, "reason": reason}), 422, "key_reused")
	left := change("change-2", fields{"dutyEnded": true, "reason": reason})
	want(t, "leaving", left, 200, "")
	if left.body["locked"] != true || left.text("lockReason") != "duty_ended" {
		t.Errorf("left %s", left.raw)
	}
	want(t, "listing after", list(), 401, "session_invalid")
	want(t, "one's own account", o.act("PATCH", officers+"/"+o.adminID, fields{"dutyEnded": true, "reason": reason}, "change-3"), 409, "own_account")
	want(t, "nobody's account", o.act("PATCH", officers+"/nobody", fields{"dutyEnded": true, "reason": reason}, "change-4"), 404, "not_found")
	if o.entries() != before+2 {
		t.Errorf("%d entries for two changes", o.entries()-before)
	}
}

// reporter stores a reporter's account that five wrong passwords have locked.
func (o *office) lockedReporter() account.Account {
	o.Helper()
	a, err := o.flow.Create(o.Context(), account.Registered(account.Registration{
		Kind: account.Individual, Private: account.Private{Name: "Nguyễn Thị Lan", LogIn: "lan", Email: "lan@example.vn", Password: "hash"},
		Act: account.Act{Key: "registering", Request: "r", At: monday}, Inactive: monday.AddDate(1, 0, 1), CodeLife: time.Hour,
	}))
	if err != nil {
		o.Fatal(err)
	}
	rules, err := o.flow.Rules(o.Context(), monday)
	if err != nil {
		o.Fatal(err)
	}
	for range 5 {
		a, err = o.flow.Act(o.Context(), a.ID, func(a account.Account) (next account.Account, err error) {
			next, _, err = a.Tried(false, rules, monday)
			return next, err
		})
		if err != nil {
			o.Fatal(err)
		}
	}
	return a
}

func TestUnlockingOnTheOwnersRequest(t *testing.T) {
	o := open(t)
	a := o.lockedReporter()
	if a.Lock == nil {
		t.Fatal("not locked")
	}
	path := "/v1/admin/accounts/" + a.ID + "/unlock"
	request := fields{"request": "Chủ tài khoản đề nghị bằng văn bản ngày 02/3"}
	before := o.entries()
	want(t, "without the request", o.act("POST", path, fields{}, "unlock-1"), 422, "invalid body.request=required")
	got := o.act("POST", path, request, "unlock-1")
	want(t, "unlocking", got, 200, "")
	if got.body["locked"] != nil || strings.Contains(got.raw, "lan@example.vn") || strings.Contains(got.raw, "Nguyễn") {
		t.Errorf("unlocked %s", got.raw)
	}
	if again := o.act("POST", path, request, "unlock-1"); again.status != 200 || again.raw != got.raw {
		t.Errorf("again %s", again.raw)
	}
	want(t, "the same key otherwise", o.act("POST", path, fields{"request": "đề nghị khác"}, "unlock-1"), 422, "key_reused")
	want(t, "an open account", o.act("POST", path, request, "unlock-2"), 409, "not_locked")
	want(t, "nobody's", o.act("POST", "/v1/admin/accounts/nobody/unlock", request, "unlock-3"), 404, "not_found")
	if o.entries() != before+1 {
		t.Errorf("%d entries for one unlocking", o.entries()-before)
	}
	stood, err := o.base.Accounts().Load(t.Context(), a.ID)
	if err != nil || stood.Lock != nil || stood.Wrong != 0 {
		t.Errorf("stored %+v, %v", stood, err)
	}
}

func TestTheAuditEntryComesBeforeTheAct(t *testing.T) {
	o := open(t)
	a := o.lockedReporter()
	path := "/v1/admin/accounts/" + a.ID + "/unlock"
	body := fields{"request": "Chủ tài khoản đề nghị bằng văn bản"}
	before := o.entries()
	o.world.Break(func(r *http.Request) (error, error) {
		if o.entriesQuietly() > before && strings.HasSuffix(r.Header.Get("X-Amz-Target"), "PutItem") {
			return http.ErrHandlerTimeout, nil
		}
		return nil, nil
	})
	got := o.act("POST", path, body, "unlock-1")
	o.world.Break(nil)
	stood, err := o.base.Accounts().Load(t.Context(), a.ID)
	if err != nil || got.status != 500 || stood.Lock == nil || o.entries() != before+1 {
		t.Fatalf("answered %d, lock %+v, %d entries, %v", got.status, stood.Lock, o.entries()-before, err)
	}
	o.world.Pass(time.Hour)
	want(t, "the repeat", o.act("POST", path, body, "unlock-1"), 200, "")
	if o.entries() != before+1 {
		t.Errorf("%d entries for one act", o.entries()-before)
	}
}

// entriesQuietly counts past the fault that a test set.
func (o *office) entriesQuietly() int {
	n := 0
	o.world.Quietly(func() { n = o.entries() })
	return n
}

func TestOfficersArePagedUnderSignedCursors(t *testing.T) {
	o := open(t)
	for _, logIn := range []string{"mot", "hai", "ba"} {
		o.officer(logIn, "SXD", "handler")
	}
	first := o.call("GET", officers+"?agency=SXD&limit=2", nil)
	want(t, "the first page", first, 200, "")
	second := o.call("GET", officers+"?agency=SXD&limit=2&cursor="+first.text("next"), nil)
	want(t, "the second page", second, 200, "")
	if a, b := strings.Count(first.raw, `"id"`), strings.Count(second.raw, `"id"`); a != 2 || b != 1 || second.text("next") != "" {
		t.Errorf("pages of %d and %d, then %q", a, b, second.text("next"))
	}
	want(t, "the cursor of another list", o.call("GET", officers+"?agency=SKHCN&cursor="+first.text("next"), nil), 422, "invalid query.cursor=cursor_tampered")
	want(t, "an agency that there is not", o.call("GET", officers+"?agency=X", nil), 422, "invalid query.agency=unknown_agency")
}

func (o *office) first(body fields) (map[string]any, error) {
	o.Helper()
	body["operation"] = "first-administrator"
	made, err := o.step.Operate(o.Context(), "first-administrator", encoded(o.T, body))
	if err != nil {
		return nil, err
	}
	return decoded(o.T, made), nil
}

func TestTheFirstAdministratorOfAStack(t *testing.T) {
	o := open(t)
	chi := func() fields { return fields{"logIn": "chi.vo", "email": "chi@example.vn", "name": "Võ Thị Chi"} }
	made, err := o.first(chi())
	if err != nil {
		t.Fatal(err)
	}
	again, err := o.first(chi())
	if err != nil || again["activationCode"] != made["activationCode"] || again["account"] != made["account"] {
		t.Errorf("again %v, %v; first %v", again, err, made)
	}
	if len(o.world.Received(report.QueueNotify)) != 0 {
		t.Error("the code is mailed as well")
	}
	o.world.Pass(30 * 24 * time.Hour)
	renewed, err := o.first(chi())
	if err != nil || renewed["activationCode"] == made["activationCode"] || renewed["account"] != made["account"] {
		t.Errorf("after the code's end %v, %v", renewed, err)
	}
	otherwise := chi()
	otherwise["email"] = "other@example.vn"
	if _, err := o.first(otherwise); err == nil || !strings.Contains(err.Error(), "stands already with another") {
		t.Errorf("another address answered %v", err)
	}
	duc, err := o.first(fields{"logIn": "duc.ho", "email": "duc@example.vn", "name": "Hồ Văn Đức", "agency": "SKHCN"})
	if err != nil || duc["account"] == made["account"] {
		t.Fatalf("another person before the activation: %v, %v", duc, err)
	}
	stood, err := o.base.Accounts().Load(t.Context(), made["account"].(string))
	if err != nil || stood.Lock == nil || len(stood.Owed) != 0 {
		t.Errorf("who gave way stands as %+v, %v", stood, err)
	}
	if _, err := o.first(chi()); err == nil {
		t.Error("who gave way comes back")
	}
	if duc, err = o.first(fields{"logIn": "duc.ho", "email": "duc@example.vn", "name": "Hồ Văn Đức", "agency": "SKHCN"}); err != nil {
		t.Fatal(err)
	}
	_, err = o.flow.Act(t.Context(), duc["account"].(string), func(a account.Account) (next account.Account, err error) {
		next, refused, err := a.ActivatedWith(o.world.Keys, duc["activationCode"].(string), "hash", o.world.Now())
		if refused != nil {
			return a, refused
		}
		return next, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []fields{{"logIn": "kim", "email": "kim@example.vn", "name": "Kim Sơn"}, {"logIn": "duc.ho", "email": "duc@example.vn", "name": "Hồ Văn Đức", "agency": "SKHCN"}} {
		if _, err := o.first(body); !fault.Is(err, "administrator_exists") {
			t.Errorf("after the activation %s answered %v", body["logIn"], err)
		}
	}
}

func TestWhatTheStackOperationRefuses(t *testing.T) {
	o := open(t)
	for name, row := range map[string]struct {
		body fields
		says string
	}{
		"no e-mail address":         {fields{"logIn": "chi.vo", "name": "Võ Thị Chi"}, "email: required"},
		"a log-in name with blanks": {fields{"logIn": "chi vo", "name": "Võ Thị Chi", "email": "chi@example.vn"}, "logIn: wrong_form"},
		"nothing":                   {fields{}, "name: blank; logIn: wrong_form; email: required"},
		"an unknown field":          {fields{"password": "x"}, "unknown field"},
		"an unknown agency":         {fields{"logIn": "chi.vo", "name": "Võ Thị Chi", "email": "chi@example.vn", "agency": "X"}, "agency: unknown_agency"},
		"an unknown language":       {fields{"logIn": "chi.vo", "name": "Võ Thị Chi", "email": "chi@example.vn", "language": "fr"}, "language: not_one_of"},
		"an agency without role":    {fields{"logIn": "chi.vo", "name": "Võ Thị Chi", "email": "chi@example.vn", "agency": "SXD"}, "roles[0]: not_held_by"},
		"a name that is taken":      {fields{"logIn": "admin", "name": "Võ Thị Chi", "email": "chi@example.vn"}, "log_in_taken"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := o.first(row.body); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("answered %v, want %q", err, row.says)
			}
		})
	}
	if _, err := o.step.Operate(t.Context(), "drop-table", []byte(`{}`)); err == nil {
		t.Error("an unknown operation is carried out")
	}
	if _, err := o.first(fields{"logIn": "chi.vo", "name": "Võ Thị Chi", "email": "chi@example.vn"}); err != nil {
		t.Errorf("after all refusals: %v", err)
	}
}

func TestAFirstAdministratorThatBreaksOffIsMadeByTheNextCall(t *testing.T) {
	for call := 1; ; call++ {
		o := open(t)
		calls := 0
		o.world.Break(func(*http.Request) (error, error) {
			if calls++; calls == call {
				return nil, http.ErrHandlerTimeout
			}
			return nil, nil
		})
		body := func() fields { return fields{"logIn": "chi.vo", "email": "chi@example.vn", "name": "Võ Thị Chi"} }
		_, broke := o.first(body())
		o.world.Break(nil)
		if calls < call {
			if broke != nil || call < 8 {
				t.Errorf("after %d calls: %v", calls, broke)
			}
			return
		}
		made, err := o.first(body())
		if err != nil {
			t.Fatalf("call %d broke (%v); the next answered %v", call, broke, err)
		}
		a, ok, err := o.base.Accounts().ByLogIn(t.Context(), "chi.vo")
		if err != nil || !ok || a.ID != made["account"] || a.Roles[0] != "administrator" {
			t.Errorf("call %d broke: found %+v, %v, %v", call, a, ok, err)
		}
	}
}

// Two calls at once make one administrator, wherever the second comes in the way
// of the first.
func TestTwoCallsAtOnceMakeOneFirstAdministrator(t *testing.T) {
	for call := 1; ; call++ {
		o := open(t)
		body := func() fields { return fields{"logIn": "chi.vo", "email": "chi@example.vn", "name": "Võ Thị Chi"} }
		calls := 0
		var inner map[string]any
		o.world.Break(func(*http.Request) (error, error) {
			if calls++; calls == call {
				o.world.Break(nil)
				var err error
				if inner, err = o.first(body()); err != nil {
					t.Errorf("the one before call %d: %v", call, err)
				}
			}
			return nil, nil
		})
		outer, err := o.first(body())
		o.world.Break(nil)
		if err != nil || outer["account"] == "" {
			t.Errorf("with another before call %d: %v, %v", call, outer, err)
		}
		if inner == nil {
			return
		}
		if outer["account"] != inner["account"] {
			t.Errorf("with another before call %d: they made %v and %v", call, outer["account"], inner["account"])
		}
	}
}
