package query

import (
	"context"
	"time"

	"paht/shared/contract"
	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/httpapi"
	"paht/shared/notice"
	"paht/shared/report"
	"paht/shared/view"
)

func (s *Step) names(ctx context.Context) (view.Names, error) {
	set, err := s.Settings.Load(ctx)
	if err != nil {
		return view.Names{}, err
	}
	return view.NamesOf(ctx, set)
}

func (s *Step) own(ctx context.Context, in *contract.PageInput) (*contract.OwnReportsOutput, error) {
	account := httpapi.Caller(ctx).Account
	scope := "own/" + account
	after, err := httpapi.ReadCursor(s.Signer, scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Lists.Own(ctx, account, in.Limit, after)
	if err != nil {
		return nil, err
	}
	out := &contract.OwnReportsOutput{}
	out.Body.Reports = []contract.OwnReport{}
	out.Body.Next = httpapi.WriteCursor(s.Signer, scope, next)
	for _, r := range rows {
		on := directory.DateOf(r.Submitted)
		out.Body.Reports = append(out.Body.Reports, contract.OwnReport{
			ID: r.Report, State: string(r.State), Category: r.Category, CategoryName: names.Category(r.Category, on),
			Commune: r.Commune, CommuneName: names.Commune(r.Commune, on), SubmittedAt: contract.At(r.Submitted), Asked: r.Asked,
		})
	}
	return out, nil
}

// stageRights are the rights that open the operator's queues; the agency's is
// open to whoever handles or reads for the unit.
var stageRights = map[string][]string{
	report.StageScreen: {contract.RightScreen, contract.RightReadAll},
	report.StageRoute:  {contract.RightRoute, contract.RightReadAll},
	report.StageEdit:   {contract.RightPublish, contract.RightReadAll},
	stageAgency:        {contract.RightHandle, contract.RightRead},
}

const stageAgency = "agency"

func (s *Step) queue(ctx context.Context, in *contract.QueueInput) (*contract.QueueOutput, error) {
	caller := httpapi.Caller(ctx)
	if !mayAny(caller, stageRights[in.Stage]) {
		return nil, fault.New(fault.Forbidden, "right_missing", stageRights[in.Stage][0])
	}
	name := in.Stage
	if in.Stage == stageAgency {
		name = report.AgencyQueue(caller.Agency)
	}
	scope := "queue/" + name
	after, err := httpapi.ReadCursor(s.Signer, scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.Lists.Queue(ctx, name, in.Limit, after)
	if err != nil {
		return nil, err
	}
	out := &contract.QueueOutput{}
	out.Body.Items = []contract.QueueItem{}
	out.Body.Next = httpapi.WriteCursor(s.Signer, scope, next)
	now := s.Now()
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, queueItem(r, names, now))
	}
	return out, nil
}

func queueItem(r report.WorkRow, names view.Names, now time.Time) contract.QueueItem {
	on := directory.DateOf(r.Submitted)
	return contract.QueueItem{
		Report: r.Report, Assignment: r.Assignment, ETag: httpapi.ETag(r.ETag), State: r.State,
		Category: r.Category, CategoryName: names.Category(r.Category, on),
		Commune: r.Commune, CommuneName: names.Commune(r.Commune, on), Agency: r.Agency,
		SubmittedAt: contract.At(r.Submitted), Due: contract.At(r.Due), Late: now.After(r.Due), Flags: r.Flags,
	}
}

func mayAny(p httpapi.Principal, rights []string) bool {
	for _, right := range rights {
		if p.May(right) {
			return true
		}
	}
	return false
}

// holder names the inbox that the caller asks for.
func holder(caller httpapi.Principal, box string) (string, error) {
	switch {
	case !caller.Officer() && box != "":
		return "", fault.New(fault.Forbidden, "wrong_kind_of_account")
	case !caller.Officer():
		return caller.Account, nil
	case box == "route" && !caller.May(contract.RightRoute):
		return "", fault.New(fault.Forbidden, "right_missing", contract.RightRoute)
	case box == "accounts" && !caller.May(contract.RightUnlock):
		return "", fault.New(fault.Forbidden, "right_missing", contract.RightUnlock)
	case box == "office" && !caller.May(contract.RightMonitor):
		return "", fault.New(fault.Forbidden, "right_missing", contract.RightMonitor)
	case box == "office":
		return notice.OfficeInbox, nil
	case box == "route":
		return notice.RouterInbox, nil
	case box == "accounts":
		return notice.AccountsInbox, nil
	}
	return notice.AgencyInbox(caller.Agency), nil
}

func (s *Step) inbox(ctx context.Context, in *contract.InboxInput) (*contract.InboxOutput, error) {
	holder, err := holder(httpapi.Caller(ctx), in.Box)
	if err != nil {
		return nil, err
	}
	scope := "inbox/" + holder
	after, err := httpapi.ReadCursor(s.Signer, scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	notices, next, err := s.Inbox.Notices(ctx, holder, httpapi.Language(ctx), in.Limit, after)
	if err != nil {
		return nil, err
	}
	out := &contract.InboxOutput{}
	out.Body.Notices = append([]contract.Notice{}, notices...)
	out.Body.Next = httpapi.WriteCursor(s.Signer, scope, next)
	return out, nil
}
