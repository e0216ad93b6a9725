package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"paht/shared/fault"
)

func TestAFaultIsFoundWhereverItIsWrapped(t *testing.T) {
	stale := fault.New(fault.Stale, "stale", "4")
	wrapped := fmt.Errorf("writing: %w", fmt.Errorf("report: %w", stale))
	for name, row := range map[string]struct {
		err   error
		found *fault.Fault
		is    bool
	}{
		"itself": {stale, stale, true}, "wrapped": {wrapped, stale, true}, "joined": {errors.Join(errors.New("x"), wrapped), stale, true},
		"another": {fault.New(fault.NotFound, "not_found"), nil, false}, "none": {errors.New("stale"), nil, false}, "nil": {nil, nil, false},
	} {
		if fault.Is(row.err, "stale") != row.is {
			t.Errorf("%s: Is is %v", name, !row.is)
		}
		if got := fault.As(row.err); row.is && got != row.found || row.err == nil && got != nil {
			t.Errorf("%s: As is %v", name, got)
		}
	}
}

func TestNoWrongFieldIsNoError(t *testing.T) {
	var fields fault.Fields
	if err := fields.Err(); err != nil {
		t.Fatalf("got %v", err)
	}
	fields.Add("body.text", "too_long", "2000")
	fields.Add("body.category", "unknown_category")
	f := fault.As(fields.Err())
	if f == nil || f.Kind != fault.Invalid || f.Code != "invalid" || len(f.Fields) != 2 || f.Fields[0].Args[0] != "2000" {
		t.Fatalf("got %+v", f)
	}
	if got := f.Error(); got != "invalid: invalid (body.text too_long, body.category unknown_category)" {
		t.Errorf("the log says %q", got)
	}
	if got := fault.InvalidField("query.cursor", "cursor_tampered").Error(); got != "invalid: invalid (query.cursor cursor_tampered)" {
		t.Errorf("the log says %q", got)
	}
	if got := fault.New(fault.Conflict, "wrong_state", "refused").Error(); got != "conflict: wrong_state" {
		t.Errorf("the log says %q", got)
	}
}
