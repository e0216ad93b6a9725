package query

import (
	"context"
	"math"
	"slices"

	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/screening"
	"paht/shared/settings"
	"paht/shared/view"
)

// maxNear is how many reports are looked at; each costs a read of its state.
const maxNear = 10

// near shows a reporter what is likely about the same thing, before a report is
// sent: of open reports the category, distance, day and status; published ones
// with their code.
func (s *Step) near(ctx context.Context, in *contract.NearInput) (*contract.NearOutput, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	d, err := set.Directory(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	if _, ok := d.Category(in.Category, directory.DateOf(now)); !ok {
		return nil, fault.InvalidField("query.category", "unknown_category")
	}
	policy, err := set.Policy(ctx, now)
	if err != nil {
		return nil, err
	}
	spot := screening.Spot{Category: in.Category, Lat: in.Lat, Lon: in.Lon, At: now}
	all, err := s.around(ctx, set, spot, "")
	if err != nil {
		return nil, err
	}
	out := &contract.NearOutput{}
	out.Body.Reports = []contract.Near{}
	for _, n := range all {
		if !report.State(n.State).Closed() {
			out.Body.Open++
		}
		if !n.Published {
			if policy.OpenReportsPublic == settings.PublicCounts {
				continue
			}
			n.Report = ""
		}
		out.Body.Reports = append(out.Body.Reports, n)
	}
	return out, nil
}

// undecided are the states in which the operator may still find a report to be
// about the same thing as another.
var undecided = []report.State{report.Submitted, report.Screening, report.Accepted, report.Routing}

// duplicates shows the operator what is likely about the same thing as a report
// that is not transferred yet.
func (s *Step) duplicates(ctx context.Context, r report.Report) ([]contract.Near, error) {
	if r.Point == nil || !slices.Contains(undecided, r.State) {
		return nil, nil
	}
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	spot := screening.Spot{Category: r.Category, Lat: r.Point.Lat, Lon: r.Point.Lon, At: r.SubmittedAt}
	return s.around(ctx, set, spot, r.ID)
}

// around finds the reports near a spot that are open or published, but for one.
// How each stands is read from itself.
func (s *Step) around(ctx context.Context, set *settings.Snapshot, spot screening.Spot, but string) ([]contract.Near, error) {
	policy, err := set.Policy(ctx, s.Now())
	if err != nil {
		return nil, err
	}
	names, err := view.NamesOf(ctx, set)
	if err != nil {
		return nil, err
	}
	found, err := s.Places.Around(ctx, spot, policy.Reach(spot.Category), maxNear+1)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(f screening.Found) bool { return f.ID == but })
	var near []contract.Near
	for _, f := range found[:min(len(found), maxNear)] {
		r, err := s.Reports.State(ctx, f.ID)
		if err != nil {
			return nil, err
		}
		public := slices.ContainsFunc(r.Assignments, func(a report.Assignment) bool { return a.Publication != nil && a.Publication.Revision > 0 })
		if r.State.Closed() && !public {
			continue
		}
		on := directory.DateOf(r.SubmittedAt)
		near = append(near, contract.Near{
			Report: r.ID, State: string(r.State), Category: r.Category, CategoryName: names.Category(r.Category, on),
			Day: string(on), Metres: int(math.Round(f.Metres/10)) * 10, Published: public,
		})
	}
	return near, nil
}
