package ssm_test

import (
	"strings"
	"testing"

	"paht/infra/emulator/ssm"
	"paht/infra/emulator/storage"
)

func TestParametersAreHeldToTheirRules(t *testing.T) {
	s := ssm.New(storage.OpenMemory(), ssm.Options{Account: "000000000000", Region: "ap-southeast-1"})
	for name, c := range map[string]struct{ name, kind, value, want string }{
		"a name with a blank":     {"/a b", "String", "x", "ValidationException: Name"},
		"an empty name":           {"", "String", "x", "ValidationException: Name"},
		"a name that is too long": {strings.Repeat("a", 1012), "String", "x", "ValidationException: Name"},
		"an empty value":          {"/a", "String", "", "ValidationException: Value"},
		"a value over four KB":    {"/a", "SecureString", strings.Repeat("x", 4097), "ValidationException: Value"},
		"a list of texts":         {"/a", "StringList", "a,b", "not supported here: ssm.PutParameter: Type StringList"},
	} {
		if _, err := s.Put(c.name, c.kind, c.value, true); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s gives %v, want an error that says %q", name, err, c.want)
		}
	}
	for name, want := range map[string]string{"/a": "ParameterNotFound", "/a:3": "not supported here", "": "ValidationException"} {
		if _, err := s.Get(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("getting %q gives %v, want an error that says %q", name, err, want)
		}
	}
}

func TestTheResourceOfAParameterHasOneSlash(t *testing.T) {
	s := ssm.New(storage.OpenMemory(), ssm.Options{Account: "000000000000", Region: "ap-southeast-1"})
	for _, name := range []string{"/paht/secrets", "paht/secrets"} {
		action, resources := s.Action("AmazonSSM.GetParameter", []byte(`{"Name":"`+name+`"}`))
		if action != "ssm:GetParameter" || resources[0] != "arn:aws:ssm:ap-southeast-1:000000000000:parameter/paht/secrets" {
			t.Errorf("%s needs %s on %v", name, action, resources)
		}
	}
}
