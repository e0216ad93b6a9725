package httpapi

import (
	"strings"
	"testing"

	"paht/shared/fault"
)

func TestEveryTextSpeaksBothLanguagesOfTheSameFacts(t *testing.T) {
	for code, text := range texts {
		if text.vi == "" || text.en == "" || text.vi == text.en {
			t.Errorf("%s is %q and %q", code, text.vi, text.en)
		}
		if strings.Count(text.vi, "%s") != strings.Count(text.en, "%s") || strings.Count(text.vi, "%") != strings.Count(text.vi, "%s") {
			t.Errorf("%s tells other facts in %q than in %q", code, text.vi, text.en)
		}
	}
	for kind, status := range statuses {
		if title("vi", status) == title("en", status) {
			t.Errorf("%s has no title in both languages", kind)
		}
	}
	if p := faultProblem("en", fault.New("no such kind", "internal")); p.Status != 500 {
		t.Errorf("an unknown kind is %d", p.Status)
	}
}

func TestATextIsToldWithTheFactsThereAre(t *testing.T) {
	for name, row := range map[string]struct {
		code string
		args []string
		want string
	}{
		"with its fact": {"key_reused", []string{"PA-1"}, "This Idempotency-Key was used with another body (PA-1)."},
		"without it":    {"key_reused", nil, "This Idempotency-Key was used with another body (?)."},
		"with too many": {"no_session", []string{"PA-1"}, "Please log in."},
		"an unknown":    {"no_such_code", nil, "no_such_code"},
	} {
		if got := say("en", row.code, row.args); got != row.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
