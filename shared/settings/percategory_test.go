package settings

import (
	"testing"

	"paht/shared/screening"
)

func TestTheReachIsPolicyPerCategory(t *testing.T) {
	set := `[{"name":"near_metres","value":{"default":80,"dien":300}},{"name":"near_days","value":{"default":10,"dien":2},"valid_from":"2026-12-01"}]`
	for _, row := range []struct {
		fact, doc, at, category string
		want                    screening.Reach
	}{
		{"the product's own", `[]`, "2026-11-24 08:00", "dien", screening.Reach{Metres: 100, Days: 30}},
		{"the default of all others", set, "2026-12-24 08:00", "giao_thong", screening.Reach{Metres: 80, Days: 10}},
		{"a category's own", set, "2026-12-24 08:00", "dien", screening.Reach{Metres: 300, Days: 2}},
		{"a category by its whole key", set, "2026-12-24 08:00", "dien@2024-01-01", screening.Reach{Metres: 300, Days: 2}},
		{"from its date", set, "2026-11-24 08:00", "dien", screening.Reach{Metres: 300, Days: 30}},
	} {
		t.Run(row.fact, func(t *testing.T) {
			p, err := stored(map[Kind]string{Policies: row.doc}).Policy(ctx, at(t, row.at))
			if err != nil || p.Reach(row.category) != row.want {
				t.Errorf("%+v, %v", p.Reach(row.category), err)
			}
		})
	}
	for value, want := range map[string]string{
		`5`: RuleNotObject, `null`: RuleNotObject, `{}`: RuleRequired, `{"dien":5}`: RuleRequired, `{"default":0}`: RuleOutOfRange,
		`{"default":501}`: RuleOutOfRange, `{"default":null}`: RuleNotWhole, `{"default":1.5}`: RuleNotWhole,
		`{"default":5,"default":6}`: RuleRepeated, `{"default":5,"a b":6}`: RuleBadCode,
	} {
		found, err := Check(ctx, Policies, []byte(`[{"name":"near_metres","value":`+value+`}]`), New(nil, noLoader), at(t, "2026-11-24 08:00"))
		if err != nil || len(found) != 1 || found[0].Path != "[0].value" || found[0].Rule != want {
			t.Errorf("%s: %v %v, want %s", value, found, err, want)
		}
	}
}
