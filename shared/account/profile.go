package account

import (
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"paht/shared/fault"
	"paht/shared/vietnamese"
)

// Profile takes what somebody typed of themselves into the stored form, and
// names every wrong field.
func Profile(name, logIn, email, phone string) (Private, fault.Fields) {
	var wrong fault.Fields
	p := Private{Name: PlainText(name), LogIn: LogInName(logIn), Email: strings.TrimSpace(email), Phone: plainPhone(phone)}
	if code := nameRule(p.Name); code != "" {
		wrong.Add("body.name", code)
	}
	if !logInPattern().MatchString(p.LogIn) {
		wrong.Add("body.logIn", "wrong_form")
	}
	if p.Email != "" && !plainEmail(p.Email) {
		wrong.Add("body.email", "not_an_email")
	}
	return p, wrong
}

// logInPattern is the contract's, for doors that are not of the contract.
var logInPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{2,63}$`) })

// PlainText composes a line of text (NFC) and makes all white space single.
func PlainText(s string) string { return strings.Join(strings.Fields(vietnamese.NFC(s)), " ") }

// LogInName is the form in which log-in names are compared.
func LogInName(s string) string { return strings.ToLower(strings.TrimSpace(vietnamese.NFC(s))) }

// Password is the form in which passwords are hashed: composed, so that the same
// keys on another keyboard give the same password (RFC 8265, section 4.2).
func Password(s string) string { return vietnamese.NFC(s) }

func nameRule(name string) string {
	letters := 0
	for _, r := range name {
		if unicode.IsControl(r) || r == '<' || r == '>' {
			return "wrong_form"
		}
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if letters == 0 {
		return "blank"
	}
	return ""
}

// plainEmail takes an address alone: the contract's form also allows a name
// before it, which has no place in a mail's header.
func plainEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) })
}

// plainPhone is the national form of a Vietnamese number.
func plainPhone(s string) string {
	if rest, ok := strings.CutPrefix(s, "+84"); ok {
		return "0" + rest
	}
	return s
}
