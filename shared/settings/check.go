package settings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/worktime"
)

// Check names everything that is wrong with a document, in itself and beside the
// others that hold, were it stored at an instant. An error means that one of the
// others could not be loaded.
func Check(ctx context.Context, kind Kind, data []byte, others *Snapshot, at time.Time) ([]Problem, error) {
	if !kind.Known() {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	p := &problems{}
	if alone := CheckAlone(kind, data, at); len(alone) > 0 {
		return alone, nil
	}
	if err := checkBeside(ctx, p, kind, data, others, at); err != nil {
		return nil, fmt.Errorf("checking %s: %w", kind, err)
	}
	return p.list, nil
}

// CheckAlone names everything that is wrong with a document of a known kind in
// itself, whatever the others say.
func CheckAlone(kind Kind, data []byte, at time.Time) []Problem {
	if len(data) > kind.MaxBytes() {
		return []Problem{{Rule: RuleTooLarge, Args: []string{fmt.Sprint(kind.MaxBytes())}}}
	}
	return checkAlone(kind, data, at).list
}

func checkAlone(kind Kind, data []byte, at time.Time) *problems {
	p := &problems{}
	switch kind {
	case Units:
		_, found := directory.ParseUnits(data)
		p.ofDirectory(found)
	case Agencies:
		_, found := directory.ParseAgencies(data)
		p.ofDirectory(found)
	case Categories:
		_, found := directory.ParseCategories(data)
		p.ofDirectory(found)
	case Boundary:
		_, found := directory.ParseBoundary(data)
		p.ofDirectory(found)
	case Calendar:
		var invalid *worktime.InvalidCalendar
		if _, err := worktime.ParseCalendar(data); errors.As(err, &invalid) {
			p.ofCalendar(invalid.Problems)
		}
	case Policies:
		_, p = parsePolicies(0, data)
	case Texts:
		_, p = parseTexts(data)
	case Roots:
		_, p = parseRoots(data)
	case Certificates:
		_, p = parseCertificates(data)
	case Refusals:
		_, p = parseRefusals(data)
	case Words:
		p = checkWords(data)
	case Roles:
		var t *RoleTable
		if t, p = parseRoles(data); len(p.list) == 0 {
			t.lockout(p, at)
		}
	}
	return p
}

// checkBeside looks at what the document refers to.
func checkBeside(ctx context.Context, p *problems, kind Kind, data []byte, others *Snapshot, at time.Time) error {
	switch kind {
	case Units, Agencies, Categories:
		return checkDirectory(ctx, p, others.with(kind, data), kind)
	case Boundary:
		return checkBoundary(ctx, p, data, others, at)
	case Certificates:
		return checkCertificates(ctx, p, data, others)
	case Calendar:
		return checkCalendar(ctx, p, data, others)
	}
	return nil
}

// checkDirectory joins the candidate with the others: a change of one may break
// what another refers to.
func checkDirectory(ctx context.Context, p *problems, s *Snapshot, kind Kind) error {
	units, err := there(s.units(ctx))
	if err != nil {
		return err
	}
	agencies, err := there(s.agencies(ctx))
	if err != nil {
		return err
	}
	categories, err := there(s.categories(ctx))
	if err != nil {
		return err
	}
	if kind == Categories && agencies == nil {
		p.add("", RuleNotSetUp, string(Agencies))
		return nil
	}
	if kind == Agencies && units == nil {
		p.add("", RuleNotSetUp, string(Units))
		return nil
	}
	_, found := directory.New(agencies, units, categories)
	p.ofDirectory(found)
	return nil
}

// there takes a document that is not set up for an empty one.
func there[T any](list []T, err error) ([]T, error) {
	if fault.Is(err, "not_set_up") {
		return nil, nil
	}
	return list, err
}

func checkBoundary(ctx context.Context, p *problems, data []byte, others *Snapshot, at time.Time) error {
	units, err := there(others.units(ctx))
	if err != nil {
		return err
	}
	if units == nil {
		p.add("", RuleNotSetUp, string(Units))
		return nil
	}
	boundary, _ := directory.ParseBoundary(data)
	joined, found := directory.New(nil, units, nil)
	if err := firstOf(found); err != nil {
		return fmt.Errorf("joining the units: %w", err)
	}
	p.ofDirectory(joined.CheckBoundary(boundary, directory.DateOf(at)))
	return nil
}

func checkCertificates(ctx context.Context, p *problems, data []byte, others *Snapshot) error {
	agencies, err := there(others.agencies(ctx))
	if err != nil {
		return err
	}
	if agencies == nil {
		p.add("", RuleNotSetUp, string(Agencies))
		return nil
	}
	codes := map[string]bool{}
	for _, a := range agencies {
		codes[a.Code] = true
	}
	table, _ := parseCertificates(data)
	for i, row := range table.rows {
		if key, _ := directory.ParseKey(row.Agency); !codes[key.Code] {
			p.add(rowPath(i)+".agency", RuleUnknownCode)
		}
	}
	return nil
}

// checkCalendar holds that a version names one content: it is stored beside each
// due time.
func checkCalendar(ctx context.Context, p *problems, data []byte, others *Snapshot) error {
	old, err := others.Document(ctx, Calendar)
	if err != nil {
		return err
	}
	was, err := others.Calendar(ctx)
	if err != nil {
		return err
	}
	now, err := worktime.ParseCalendar(data)
	if err != nil {
		return err
	}
	if now.Version() == was.Version() && !bytes.Equal(old.Data, data) {
		p.add("version", RuleSameVersion)
	}
	return nil
}
