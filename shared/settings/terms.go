package settings

import (
	"fmt"
	"time"

	"paht/shared/directory"
	"paht/shared/report"
	"paht/shared/worktime"
)

// terms computes clocks from one calendar and the dated policies.
type terms struct {
	calendar *worktime.Calendar
	policies *PolicyTable
	agencies []directory.Agency // nil where all keep the default hours
}

// hours is the calendar's key for the office hours of an agency at an instant;
// "" is the operator of that day.
func (t *terms) hours(agency string, at time.Time) string {
	if agency != "" {
		if key, ok := directory.ParseKey(agency); ok {
			return key.Code
		}
		return agency
	}
	on := directory.DateOf(at)
	for _, a := range t.agencies {
		if a.Holds(directory.RoleOperator, on) {
			return a.Code
		}
	}
	return ""
}

// limit is what a policy allows for a clock: how long, in whose hours.
type limit struct {
	unit     report.Unit
	amount   int
	operator bool
}

func limitOf(p Policy, name string, days int) (limit, error) {
	switch name {
	case report.ClockScreening:
		return limit{report.WorkingTime, p.ScreeningMinutes, true}, nil
	case report.ClockTransfer:
		return limit{report.WorkingTime, p.TransferMinutes, true}, nil
	case report.ClockRedistribute:
		return limit{p.HourUnit, p.RedistributeMinutes, true}, nil
	case report.ClockPublication:
		return limit{p.HourUnit, p.PublicationMinutes, true}, nil
	case report.ClockReturn:
		return limit{p.HourUnit, p.ReturnMinutes, false}, nil
	case report.ClockResult:
		return limit{p.HourUnit, p.ResultMinutes, false}, nil
	case report.ClockHandling:
		return limit{report.WorkingDays, days, false}, nil
	}
	return limit{}, fmt.Errorf("computing a due time: no clock has the name %q", name)
}

// span is the limit in worktime's words, whose units have the same names.
func (l limit) span() worktime.Span {
	s := worktime.Span{Kind: worktime.Unit(l.unit)}
	if l.unit == report.WorkingDays {
		s.Days = l.amount
	} else {
		s.Minutes = l.amount
	}
	return s
}

// Clock starts a clock under the policy that holds at its start.
func (t *terms) Clock(name, agency string, from time.Time, days int) (report.Clock, error) {
	policy := t.policies.At(from)
	l, err := limitOf(policy, name, days)
	if err != nil {
		return report.Clock{}, err
	}
	if l.operator {
		agency = ""
	}
	due, err := worktime.Due(t.calendar, t.hours(agency, from), from, l.span())
	if err != nil {
		return report.Clock{}, err
	}
	return report.Clock{
		Name: name, Start: from.UTC(), Due: due.Due, Unit: l.unit, Amount: l.amount,
		Calendar: due.Calendar, Policy: policy.Version,
	}, nil
}

// Worked counts the working minutes of an agency, or of the operator, between
// two instants.
func (t *terms) Worked(agency string, from, to time.Time) int {
	return int(worktime.WorkingMinutes(t.calendar, t.hours(agency, from), from, to) / time.Minute)
}
