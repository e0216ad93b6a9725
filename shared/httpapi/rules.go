package httpapi

import (
	"regexp"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"paht/shared/fault"
)

// The library's messages become "code|argument|…", which ruleOf reads back: the
// texts for people are made here, in their language.
func init() {
	validation.MsgUnexpectedProperty = "unknown_field"
	validation.MsgExpectedRFC3339DateTime = "not_a_time"
	validation.MsgExpectedRFC5322Email = "not_an_email|%.0v"
	validation.MsgExpectedBoolean = "not_a_boolean"
	validation.MsgExpectedNumber = "not_a_number"
	validation.MsgExpectedInteger = "not_an_integer"
	validation.MsgExpectedString = "not_a_string"
	validation.MsgExpectedArray = "not_a_list"
	validation.MsgExpectedObject = "not_an_object"
	validation.MsgExpectedArrayItemsUnique = "not_unique"
	validation.MsgExpectedOneOf = "not_one_of|%s"
	validation.MsgExpectedMinimumNumber = "too_small|%v"
	validation.MsgExpectedMaximumNumber = "too_large|%v"
	validation.MsgExpectedMinLength = "too_short|%d"
	validation.MsgExpectedMaxLength = "too_long|%d"
	validation.MsgExpectedBePattern = "wrong_form|%s"
	validation.MsgExpectedMatchPattern = "wrong_form|%s"
	validation.MsgExpectedMinItems = "too_few|%d"
	validation.MsgExpectedMaxItems = "too_many|%d"
	validation.MsgExpectedRequiredProperty = "required|%s"
}

// parameterRules are the library's fixed words about parameters.
var parameterRules = []struct{ words, code string }{
	{"parameter is missing", "required"},
	{"unknown query parameter", "unknown_field"},
	{"invalid integer", "not_an_integer"},
	{"invalid boolean", "not_a_boolean"},
	{"invalid float", "not_a_number"},
	{"invalid date/time", "not_a_time"},
	{"expected at most one value", "too_many"},
	{"request body is required", "required"},
}

var fieldName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]{1,100}$`) })

// ruleOf reads one of the library's details.
func ruleOf(d *huma.ErrorDetail) []fault.Field {
	path := d.Location
	if !fieldName().MatchString(path) {
		path, _, _ = strings.Cut(path, ".")
		if !fieldName().MatchString(path) {
			path = "request"
		}
	}
	parts := strings.Split(d.Message, "|")
	code, args := parts[0], parts[1:]
	switch {
	case code == "required" && len(args) == 1:
		return []fault.Field{{Path: path + "." + args[0], Code: code}}
	case code == "not_an_email":
		return []fault.Field{{Path: path, Code: code}}
	case texts[code] != (text{}):
		return []fault.Field{{Path: path, Code: code, Args: args}}
	}
	for _, rule := range parameterRules {
		if strings.Contains(d.Message, rule.words) {
			return []fault.Field{{Path: path, Code: rule.code}}
		}
	}
	if path == "body" {
		return []fault.Field{{Path: path, Code: "not_json"}}
	}
	return []fault.Field{{Path: path, Code: "wrong_form"}}
}
