package contract_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paht/shared/contract"
)

func TestATimeIsWrittenWithTheProvincesOffset(t *testing.T) {
	for name, row := range map[string]struct {
		at   time.Time
		want string
	}{
		"an instant in UTC":         {time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), `"2026-11-24T08:00:00+07:00"`},
		"one of the next day there": {time.Date(2026, 11, 24, 17, 30, 0, 0, time.UTC), `"2026-11-25T00:30:00+07:00"`},
		"one of another zone":       {time.Date(2026, 11, 24, 1, 0, 0, 0, time.FixedZone("", -5*3600)), `"2026-11-24T13:00:00+07:00"`},
		"milliseconds, no more":     {time.Date(2026, 11, 24, 1, 0, 0, 120_999_999, time.UTC), `"2026-11-24T08:00:00.12+07:00"`},
		"less than a millisecond":   {time.Date(2026, 11, 24, 1, 0, 0, 999, time.UTC), `"2026-11-24T08:00:00+07:00"`},
		"the end of a leap day":     {time.Date(2028, 2, 29, 16, 59, 59, 0, time.UTC), `"2028-02-29T23:59:59+07:00"`},
	} {
		b, err := json.Marshal(contract.At(row.at))
		if err != nil || string(b) != row.want {
			t.Errorf("%s: %s, %v, want %s", name, b, err, row.want)
		}
	}
	if contract.AtPointer(nil) != nil {
		t.Error("a missing instant is there")
	}
	at := time.Unix(0, 0)
	if got := contract.AtPointer(&at); got == nil || !got.Equal(at) {
		t.Errorf("got %v", got)
	}
}

func TestATimeComesBackAsTheSameInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 4102444800000).Draw(t, "at")).In(time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600))
		b, err := json.Marshal(contract.At(at))
		if err != nil {
			t.Fatal(err)
		}
		var back contract.Time
		if err := json.Unmarshal(b, &back); err != nil || !back.Equal(at) {
			t.Fatalf("%s came back as %v, %v", b, back, err)
		}
	})
}

func TestWhatIsNoTime(t *testing.T) {
	for _, text := range []string{`"2026-11-24"`, `"2026-11-24T08:00:00"`, `"24/11/2026"`, `1790000000`, `""`} {
		var at contract.Time
		if err := json.Unmarshal([]byte(text), &at); err == nil {
			t.Errorf("%s is read as %v", text, at)
		}
	}
}

func TestEveryOperationIsGuarded(t *testing.T) {
	ids := map[string]bool{}
	for _, o := range contract.Operations() {
		m := o.Meta()
		if ids[m.ID] || m.ID == "" || m.Function == "" || m.Status < 200 || m.Status > 299 {
			t.Errorf("%+v is not complete, or stands twice", m)
		}
		ids[m.ID] = true
		if (m.Access.Reporter || m.Access.Officer || m.Access.Right != "") && !m.Access.Session || m.Access.Right != "" && !m.Access.Officer || m.Access.Reporter && m.Access.Officer {
			t.Errorf("%s lets in who cannot be: %+v", m.ID, m.Access)
		}
		if m.Match && !m.Key || m.Key && m.Method == "GET" {
			t.Errorf("%s: %+v", m.ID, m)
		}
	}
	if len(ids) < 20 {
		t.Errorf("only %d operations are listed", len(ids))
	}
}
