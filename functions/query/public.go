package query

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/report"
	"paht/shared/view"
	"paht/shared/worktime"
)

// cached lets public answers be kept for a minute.
const cached = "public, max-age=60"

// track shows what the tracking code alone may: no text, photo or name.
func (s *Step) track(ctx context.Context, in *contract.TrackInput) (*contract.TrackOutput, error) {
	id, ok := report.ParseCode(in.Code)
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	r, err := s.Reports.State(ctx, id)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	shown := names.Report(r)
	out := &contract.TrackOutput{}
	out.Body.Report, out.Body.State, out.Body.SubmittedAt, out.Body.Clocks = r.ID, shown.State, shown.SubmittedAt, shown.Clocks
	out.Body.Category, out.Body.CategoryName = shown.Category, shown.CategoryName
	out.Body.Commune, out.Body.CommuneName = shown.Commune, shown.CommuneName
	out.Body.Parts = []contract.TrackedPart{}
	for _, a := range shown.Assignments {
		out.Body.Published = out.Body.Published || a.Publication != nil
		out.Body.Parts = append(out.Body.Parts, contract.TrackedPart{Assignment: a.ID, AgencyName: a.AgencyName, State: a.State, Clocks: a.Clocks})
	}
	return out, nil
}

func (s *Step) published(ctx context.Context, in *contract.PublishedInput) (*contract.PublishedOutput, error) {
	if in.Commune != "" && in.Category != "" {
		return nil, fault.InvalidField("query.category", "one_filter")
	}
	scope := "published/" + in.Commune + "/" + in.Category
	after, err := httpapi.ReadCursor(s.Signer, scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	parts, next, err := s.Lists.Published(ctx, in.Commune, in.Category, in.Limit, after)
	if err != nil {
		return nil, err
	}
	out := &contract.PublishedOutput{CacheControl: cached}
	out.Body.Parts = []contract.PublishedPart{}
	out.Body.Next = httpapi.WriteCursor(s.Signer, scope, next)
	for _, p := range parts {
		out.Body.Parts = append(out.Body.Parts, s.part(p, names))
	}
	return out, nil
}

func (s *Step) publishedItem(ctx context.Context, in *contract.ReportPath) (*contract.PublishedItemOutput, error) {
	id, ok := report.ParseCode(in.Report)
	if !ok {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	parts, err := s.Lists.Parts(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.Reports.State(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &contract.PublishedItemOutput{CacheControl: cached}
	out.Body.Report, out.Body.State = id, string(r.State)
	out.Body.Parts = []contract.PublishedPart{}
	for _, p := range current(parts) {
		shown := s.part(p, names)
		if a := r.Assignment(p.Assignment); a != nil {
			shown.Rating = a.Rating
		}
		out.Body.Parts = append(out.Body.Parts, shown)
	}
	return out, nil
}

// current keeps the newest revision of each part; they come oldest first.
func current(parts []report.PublicPart) []report.PublicPart {
	var out []report.PublicPart
	for _, p := range parts {
		out = slices.DeleteFunc(out, func(o report.PublicPart) bool { return o.Assignment == p.Assignment })
		out = append(out, p)
	}
	return out
}

func (s *Step) part(p report.PublicPart, names view.Names) contract.PublishedPart {
	on := directory.DateOf(p.Submitted)
	out := contract.PublishedPart{
		Report: p.Report, Assignment: p.Assignment, Revision: p.Revision, PublishedAt: contract.At(p.At), SubmittedAt: contract.At(p.Submitted),
		Category: p.Category, CategoryName: names.Category(p.Category, on), Commune: p.Commune, CommuneName: names.Commune(p.Commune, on),
		AgencyName: names.Agency(p.Agency, directory.DateOf(p.At)), Title: p.Title, Content: p.Content, Answer: p.Answer,
		Name: p.Name, OnTime: p.OnTime,
	}
	for _, key := range p.Pictures {
		out.Pictures = append(out.Pictures, s.address(key))
	}
	if p.Document != "" {
		out.Document = s.address(p.Document)
	}
	return out
}

func (s *Step) address(key string) string {
	return s.PublicBase + "/" + strings.TrimPrefix(key, "public/")
}

// due computes a due time, step by step.
func (s *Step) due(ctx context.Context, in *contract.DueInput) (*contract.DueOutput, error) {
	from, err := time.Parse(time.RFC3339, in.From)
	if err != nil {
		return nil, fault.InvalidField("query.from", "not_a_time")
	}
	span, err := spanOf(in)
	if err != nil {
		return nil, err
	}
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	if in.Agency != "" {
		d, err := set.Directory(ctx)
		if err != nil {
			return nil, err
		}
		if _, ok := d.Agency(in.Agency, directory.DateOf(from)); !ok {
			return nil, fault.InvalidField("query.agency", "unknown_agency")
		}
	}
	calendar, agency, err := set.OfficeHours(ctx, in.Agency, from)
	if err != nil {
		return nil, err
	}
	computed, err := worktime.Due(calendar, agency, from, span)
	if err != nil {
		return nil, dueFault(err)
	}
	out := &contract.DueOutput{}
	out.Body.Due, out.Body.Calendar = contract.At(computed.Due), computed.Calendar
	out.Body.Steps = []contract.DueStep{}
	for _, step := range computed.Steps {
		note := string(step.Kind)
		if step.Name != "" {
			note += ": " + step.Name
		}
		out.Body.Steps = append(out.Body.Steps, contract.DueStep{
			From: contract.At(step.From), To: contract.At(step.To), Minutes: int(step.Counted / time.Minute), Note: note,
		})
	}
	return out, nil
}

func spanOf(in *contract.DueInput) (worktime.Span, error) {
	switch {
	case (in.Hours > 0) == (in.Days > 0):
		return worktime.Span{}, fault.InvalidField("query.hours", "hours_or_days")
	case in.Days > 0 && in.Kind != "":
		return worktime.Span{}, fault.InvalidField("query.kind", "hours_or_days")
	case in.Days > 0:
		return worktime.WorkingDays(in.Days), nil
	case in.Kind == "":
		return worktime.Span{}, fault.InvalidField("query.kind", "required")
	case in.Kind == "clock":
		return worktime.ClockHours(in.Hours), nil
	}
	return worktime.WorkingHours(in.Hours), nil
}

func (s *Step) categories(ctx context.Context, _ *struct{}) (*contract.CategoriesOutput, error) {
	d, err := s.directory(ctx)
	if err != nil {
		return nil, err
	}
	out := &contract.CategoriesOutput{CacheControl: cached}
	out.Body.Categories = []contract.Category{}
	for _, c := range d.Categories(directory.DateOf(s.Now())) {
		out.Body.Categories = append(out.Body.Categories, contract.Category{Code: c.Code, Name: c.Name, Help: c.Note, Days: c.DefaultWorkingDays})
	}
	return out, nil
}

func (s *Step) communes(ctx context.Context, _ *struct{}) (*contract.CommunesOutput, error) {
	d, err := s.directory(ctx)
	if err != nil {
		return nil, err
	}
	out := &contract.CommunesOutput{CacheControl: cached}
	out.Body.Communes = []contract.Commune{}
	for _, u := range d.Units(directory.LevelCommune, directory.DateOf(s.Now())) {
		out.Body.Communes = append(out.Body.Communes, contract.Commune{Code: u.Code, Name: u.Name})
	}
	return out, nil
}

func (s *Step) directory(ctx context.Context) (*directory.Directory, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return nil, err
	}
	return set.Directory(ctx)
}

// dueFault names what the computation cannot do with the question.
func dueFault(err error) error {
	var invalid *worktime.InvalidInput
	if errors.As(err, &invalid) {
		return fault.InvalidField("query.from", "out_of_range")
	}
	if errors.Is(err, worktime.ErrTooFewSessions) {
		return fault.New(fault.Conflict, "too_few_sessions")
	}
	return err
}
