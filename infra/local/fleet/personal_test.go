package fleet_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"paht/shared/vietnamese"
)

// sought is what must be found nowhere: personal strings by what they are. A text
// is read in all the forms in which it may be written, and those of what is
// within it, so that no form of the string itself need be thought of.
type sought map[string]string

// canonical is a string as it is compared: without marks, case, and what people
// put between digits.
func canonical(s string) string {
	return between.ReplaceAllString(vietnamese.Fold(norm.NFC.String(s)), "$1")
}

// between are the signs between two digits of a number.
var between = regexp.MustCompile(`(\d)[ .()-]+`)

// in lists the names of what a text holds, in whatever form.
func (s sought) in(text string) []string {
	var found []string
	for _, form := range readings(text, 2) {
		plain := canonical(form)
		for name, personal := range s {
			if strings.Contains(plain, canonical(personal)) && !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return found
}

var (
	escaped = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)
	packed  = regexp.MustCompile(`[A-Za-z0-9+/_-]{8,}`)
	hexed   = regexp.MustCompile(`(?:[0-9a-fA-F]{2}){6,}`)
)

// readings are a text and all that it may be an encoding of, to a depth.
func readings(text string, depth int) []string {
	all := []string{text}
	if depth == 0 {
		return all
	}
	for _, inner := range decoded(text) {
		if inner != text && inner != "" {
			all = append(all, readings(inner, depth-1)...)
		}
	}
	return all
}

func decoded(text string) []string {
	var all []string
	for _, unescape := range []func(string) (string, error){url.PathUnescape, url.QueryUnescape} {
		if plain, err := unescape(text); err == nil {
			all = append(all, plain)
		} else if plain, err := unescape(lonePercent.ReplaceAllString(text, "%25$1")); err == nil {
			all = append(all, plain)
		}
	}
	if escaped.MatchString(text) || strings.Contains(text, `\`) {
		all = append(all, unquoted(text))
	}
	for _, run := range packed.FindAllString(text, -1) {
		for skip := range min(4, len(run)-7) {
			all = append(all, unpacked(run[skip:]))
		}
	}
	for _, run := range hexed.FindAllString(text, -1) {
		if plain, err := hex.DecodeString(run); err == nil {
			all = append(all, string(plain))
		}
	}
	return all
}

// lonePercent is a percent sign that begins no escape.
var lonePercent = regexp.MustCompile(`%([^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f])`)

// unquoted reads the escapes of JSON, wherever they stand.
func unquoted(text string) string {
	var plain string
	if json.Unmarshal([]byte(`"`+text+`"`), &plain) == nil {
		return plain
	}
	return escaped.ReplaceAllStringFunc(text, func(e string) string {
		if json.Unmarshal([]byte(`"`+e+`"`), &plain) != nil {
			return e
		}
		return plain
	})
}

func unpacked(run string) string {
	run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(run)
	if err != nil {
		return ""
	}
	return string(plain)
}

// The search itself must find: a search that finds nothing anywhere would let
// everything pass.
func TestAPersonalStringIsFoundInEveryForm(t *testing.T) {
	seek := sought{"name": "Lê Thị Thanh Thuỷ", "phone": "0912345678", "email": "thuy.le87@dan.example", "address": "47/12 đường Nguyễn Thị Minh Khai"}
	forms := map[string]func(string) string{
		"raw":                  func(s string) string { return s },
		"in capitals":          strings.ToUpper,
		"decomposed":           norm.NFD.String,
		"without marks":        vietnamese.Fold,
		"in a query":           url.QueryEscape,
		"in a path":            url.PathEscape,
		"escaped twice":        func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"in JSON":              quoted,
		"in JSON as ASCII":     ascii,
		"in JSON in JSON":      func(s string) string { return quoted(quoted(s)) },
		"in base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"in base64 for URLs":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"in base64, moved by1": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s)) },
		"in base64, moved by2": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("xy" + s)) },
		"base64 of JSON":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(ascii(s))) },
		"in hexadecimal":       func(s string) string { return hex.EncodeToString([]byte(s)) },
	}
	for form, written := range forms {
		for name, personal := range seek {
			line := fmt.Sprintf(`{"msg":"invocation 100%% done","error":"reading PA-0123456789A: %s"}`, written(personal))
			if found := seek.in(line); !slices.Equal(found, []string{name}) {
				t.Errorf("the %s %s: found %v in %s", name, form, found, line)
			}
		}
	}
	for _, phone := range []string{"0912 345 678", "0912.345.678", "(0912) 345-678"} {
		if found := seek.in("gọi " + phone + " nhé"); !slices.Equal(found, []string{"phone"}) {
			t.Errorf("%s: found %v", phone, found)
		}
	}
	for _, innocent := range []string{"", "0912 345 679", `{"report":"PA-0123456789A","trace":"a9757162bf68b389ec1e19b8"}`, "Thanh Thuỷ", strings.Repeat("QUJD", 100), "%zz%"} {
		if found := seek.in(innocent); len(found) > 0 {
			t.Errorf("%q: found %v", innocent, found)
		}
	}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always encodes
	return string(b[1 : len(b)-1])
}

func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
