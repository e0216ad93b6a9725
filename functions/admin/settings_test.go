package admin_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"paht/shared/settings"
)

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t *testing.T, v any) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(encoded(t, v), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	fewer = []byte(`[{"name":"rating_days","value":10}]`)
	more  = []byte(`[{"name":"rating_days","value":20}]`)
)

func TestSettingsAreReadAndStoredOverTheVersionThatWasSeen(t *testing.T) {
	o := open(t)
	product := o.call("GET", "/v1/admin/settings/policies", nil)
	want(t, "reading the product's own", product, 200, "")
	if product.header.Get("ETag") != `"0"` || product.body["version"].(float64) != 0 {
		t.Errorf("read %s %.100s", product.header.Get("ETag"), product.raw)
	}
	before := o.entries()
	stored := o.store(settings.Policies, fewer, 0)
	want(t, "storing", stored, 200, "")
	if stored.header.Get("ETag") != `"1"` || stored.body["stored"] != true || stored.body["version"].(float64) != 1 || o.entries() != before+1 {
		t.Errorf("stored %s %.200s", stored.header.Get("ETag"), stored.raw)
	}
	read := o.call("GET", "/v1/admin/settings/policies", nil)
	if read.header.Get("ETag") != `"1"` || !strings.Contains(read.raw, `"rating_days"`) || read.text("sha256") != settings.Sum(fewer) {
		t.Errorf("read %s %.200s", read.header.Get("ETag"), read.raw)
	}
	want(t, "over a version that is gone", o.call("PUT", "/v1/admin/settings/policies", fields{"document": json.RawMessage(more)},
		"Idempotency-Key", "another-key", "If-Match", `"0"`), 412, "stale")
	want(t, "without a version", o.call("PUT", "/v1/admin/settings/policies", fields{"document": json.RawMessage(more)},
		"Idempotency-Key", "another-key"), 428, "if_match_missing")
	want(t, "over the new one", o.store(settings.Policies, more, 1), 200, "")
	again := o.store(settings.Policies, fewer, 0)
	if again.status != 200 || again.raw != stored.raw || again.header.Get("ETag") != `"1"` {
		t.Errorf("the first act once more, after a second: %s, first %s", again.raw, stored.raw)
	}
	want(t, "its key with another document", o.store(settings.Policies, more, 0), 422, "key_reused")
	if o.entries() != before+2 {
		t.Errorf("%d entries for two acts", o.entries()-before)
	}
}

func TestADryRunShowsAndStoresNothing(t *testing.T) {
	o := open(t)
	before := o.entries()
	shown := o.store(settings.Policies, fewer, 0, "?dryRun=true")
	want(t, "a dry run", shown, 200, "")
	if shown.body["stored"] != false || shown.header.Get("ETag") != `"0"` || shown.text("sha256") != settings.Sum(fewer) || o.entries() != before {
		t.Errorf("shown %.300s", shown.raw)
	}
	list, _ := shown.body["differences"].([]any)
	kinds := map[string]string{}
	for _, d := range list {
		kinds[d.(map[string]any)["key"].(string)] = d.(map[string]any)["kind"].(string)
	}
	if kinds["rating_days"] != "changed" || kinds["session_days"] != "removed" {
		t.Errorf("differences %v", kinds)
	}
	if read := o.call("GET", "/v1/admin/settings/policies", nil); read.header.Get("ETag") != `"0"` {
		t.Errorf("after the dry run stands %s", read.header.Get("ETag"))
	}
	want(t, "a dry run over a version that is gone", o.store(settings.Policies, fewer, 4, "?dryRun=true"), 412, "stale")
	want(t, "the same in earnest", o.store(settings.Policies, fewer, 0), 200, "")
}

func TestABadDocumentIsRefusedWithAllThatIsWrong(t *testing.T) {
	o := open(t)
	before := o.entries()
	bad := []byte(`[{"name":"rating_days","value":-1},{"name":"no_such","value":1},{"name":"max_files","value":10,"color":"red"}]`)
	got := o.store(settings.Policies, bad, 0)
	if got.status != 422 || !strings.Contains(got.code(), "body.document[0].value=out_of_range") ||
		!strings.Contains(got.code(), "body.document[1].name=unknown_policy") || !strings.Contains(got.code(), "body.document[2].color=unknown_field") {
		t.Errorf("answered %d %s", got.status, got.code())
	}
	if strings.Contains(got.raw, `"detail":"unknown_policy"`) || strings.Contains(got.raw, "red") {
		t.Errorf("a rule is told by its code alone, or a value is echoed: %s", got.raw)
	}
	english := o.call("PUT", "/v1/admin/settings/policies", fields{"document": json.RawMessage(bad)},
		"Idempotency-Key", "some-key-1", "If-Match", `"0"`, "Accept-Language", "en")
	if !strings.Contains(english.raw, "is no policy of this system") {
		t.Errorf("in English: %s", english.raw)
	}
	if o.entries() != before {
		t.Error("a refused document left an entry")
	}
	want(t, "the same key with a good document", o.store(settings.Policies, fewer, 0), 200, "")
	want(t, "a kind that there is not", o.call("GET", "/v1/admin/settings/secrets", nil), 422, "invalid path.kind=not_one_of")
	want(t, "a document that nobody stored", o.call("GET", "/v1/admin/settings/roots", nil), 404, "not_found")
	want(t, "no document", o.call("PUT", "/v1/admin/settings/policies", fields{}, "Idempotency-Key", "some-key-2", "If-Match", `"1"`), 422, "invalid body.document=required")
}

func TestStoredSettingsThatBrokeOffAreCompletedByTheRepeat(t *testing.T) {
	broke := errors.New("the connection broke")
	for call := 1; ; call++ {
		o := open(t)
		calls := 0
		o.world.Break(func(*http.Request) (error, error) {
			if calls++; calls == call {
				return nil, broke
			}
			return nil, nil
		})
		first := o.store(settings.Policies, fewer, 0)
		o.world.Break(nil)
		if calls < call {
			want(t, "nothing broke", first, 200, "")
			if call < 8 {
				t.Errorf("only %d calls", calls)
			}
			return
		}
		again := o.store(settings.Policies, fewer, 0)
		if again.status != 200 || again.header.Get("ETag") != `"1"` {
			t.Errorf("call %d broke; the repeat answered %d %s", call, again.status, again.raw)
		}
	}
}
