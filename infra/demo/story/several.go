package story

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"paht/infra/demo/api"
	"paht/shared/contract"
	"paht/shared/report"
)

// The other agency of the story with several, and its officer.
const (
	secondAgencyCode = "SXD"
	secondAgencyName = "Sở Xây dựng tỉnh Mộc Lam"
	secondHandler    = "tam"
)

// secondAgency makes the other agency's certificate and lists it.
var secondAgency = []step{
	{what: "the second agency's certificate is put on its list", do: func(ctx context.Context, p *play) error {
		signer, err := p.trust.authority.Agency(secondAgencyName)
		if err != nil {
			return fmt.Errorf("making the second agency's certificate: %w", err)
		}
		p.trust.second = signer
		return p.row(ctx, "certificates", map[string]any{"agency": secondAgencyCode, "common_name": secondAgencyName})
	}},
}

// several is a report that goes to two agencies: one has all of its part, the
// other keeps its own and gives the rest back.
var several = []step{
	{what: "a report is submitted", do: func(ctx context.Context, p *play) error {
		p.uploads = []string{}
		return submit(ctx, p)
	}},
	{what: "the officer accepts it", do: func(ctx context.Context, p *play) error {
		if err := p.await(ctx, screener, p.code, func(d contract.Detail) bool { p.etag = d.ETag; return d.State == string(report.Screening) }); err != nil {
			return err
		}
		return p.act(ctx, screener, "/acceptance", p.etag, map[string]any{}, report.EventAccepted)
	}},
	{what: "the router transfers it to two agencies, each with its own due time and legal basis", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, router, "/transfer", p.etag, map[string]any{"targets": []map[string]any{
			{"agency": handlingAgency, "days": 3, "legalBasis": "Quyết định 12"}, {"agency": secondAgencyCode, "days": 3}}}, report.EventTransferred)
	}},
	{what: "the first agency confirms receipt", do: receive(handler, "a1")},
	{what: "the second agency keeps its part and gives the rest back", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, secondHandler, "/assignments/a2/return", p.parts[1], map[string]any{
			"code": report.PartlyNotCompetent, "reason": "Sở xử lý mặt đường; hố ga do đơn vị khác quản lý."}, report.EventReturned)
	}},
	{what: "the second agency confirms receipt of what it keeps", do: receive(secondHandler, "a2")},
	{what: "the second agency sends word while it handles", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, secondHandler, "/assignments/a2/progress", p.parts[1], map[string]any{"text": "Đã rào chắn và đặt biển báo."}, report.EventProgress)
	}},
	{what: "the second agency takes the one later due time", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, secondHandler, "/assignments/a2/extension", p.parts[1], map[string]any{"days": 5, "reason": "Đang chờ vật tư về."}, report.EventExtended)
	}},
	{what: "the router finds the rest in the queue, while both parts are handled, and sends it on", do: func(ctx context.Context, p *play) error {
		if err := p.queued(ctx, router, "route", p.code); err != nil {
			return err
		}
		return p.act(ctx, router, "/transfer", p.etag, map[string]any{"returns": []string{"a2"},
			"targets": []map[string]any{{"agency": handlingAgency, "days": 2}}}, report.EventTransferred)
	}},
	{what: "the rest was handled before: it comes back with the document that says so", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, handler, "/assignments/a3/return", p.parts[2], map[string]any{
			"code": report.AlreadyHandled, "reason": "Hố ga đã được thay tháng trước.", "related": "Thông báo 15/TB-HTKT"}, report.EventReturned)
	}},
	{what: "the router answers the reporter about the rest", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, router, "/answer", p.etag, map[string]any{"returns": []string{"a3"},
			"text": "Hố ga đã được thay tháng trước.", "related": "Thông báo 15/TB-HTKT"}, report.EventAnswered)
	}},
	{what: "the due time of both has passed; the second agency sends its signed result within the later one", pause: lateBy, do: func(ctx context.Context, p *play) error {
		return p.conclude(ctx, secondHandler, "a2", p.trust.second)
	}},
	{what: "the editor edits its part", do: editPart("a2")},
	{what: "its part is published by itself", do: publishPart("a2", report.Processing)},
	{what: "anybody reads the one part that is public", do: publicParts("a2")},
	{what: "the first agency sends its result late", do: func(ctx context.Context, p *play) error {
		return p.conclude(ctx, handler, "a1", p.trust.agency)
	}},
	{what: "its part is published, and with it the report", do: publishPart("a1", report.Published)},
	{what: "the reporter rates each part", do: func(ctx context.Context, p *play) error {
		for i, part := range []string{"a1", "a2"} {
			_, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + p.code + "/assignments/" + part + "/rating",
				Token: p.person.token, Body: map[string]any{"rating": i + 1}, Want: http.StatusOK})
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{what: "the parts stand each with its own clocks and rating; the late one is late", do: settledParts},
}

// lateBy is longer than the handling of a part may take, and less than with what
// the second agency took.
const lateBy = 5 * 24 * time.Hour

func receive(who, part string) func(ctx context.Context, p *play) error {
	return func(ctx context.Context, p *play) error {
		return p.act(ctx, who, "/assignments/"+part+"/receipt", p.parts[index(part)], nil, report.EventReceived)
	}
}

// drafted waits for the machine's draft of a part and gives the editor's text.
func (p *play) drafted(ctx context.Context, part string) (body map[string]any, err error) {
	err = p.await(ctx, editor, p.code, func(d contract.Detail) bool {
		for _, draft := range d.Drafts {
			if draft.Assignment == part {
				body = map[string]any{"title": "Phần " + part, "content": draft.Content, "answer": draft.Answer, "media": draft.Media, "document": true}
				return true
			}
		}
		return false
	})
	return body, err
}

// editPart stores the editor's text of a part.
func editPart(part string) func(ctx context.Context, p *play) error {
	return func(ctx context.Context, p *play) error {
		body, err := p.drafted(ctx, part)
		if err != nil {
			return err
		}
		return p.edit(ctx, part, p.parts[index(part)], body)
	}
}

// publishPart releases a part, after which the report is at a state.
func publishPart(part string, after report.State) func(ctx context.Context, p *play) error {
	return func(ctx context.Context, p *play) error {
		body, err := p.drafted(ctx, part)
		if err != nil {
			return err
		}
		acted, err := p.acting(ctx, editor, p.code, "/assignments/"+part+"/publication", p.parts[index(part)], body)
		if err != nil {
			return err
		}
		if acted.Act.Type != report.EventPublished || acted.Act.State != string(after) {
			return fmt.Errorf("the act was %q, and the report %q", acted.Act.Type, acted.Act.State)
		}
		p.saw(acted.Report)
		return nil
	}
}

// publicParts reads what is public of the report: these parts and no other.
func publicParts(parts ...string) func(ctx context.Context, p *play) error {
	return func(ctx context.Context, p *play) error {
		a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/published/" + p.code, Want: http.StatusOK})
		if err != nil {
			return err
		}
		var out struct {
			Parts []contract.PublishedPart `json:"parts"`
		}
		if err := a.Into(&out); err != nil {
			return err
		}
		if len(out.Parts) != len(parts) {
			return fmt.Errorf("%d parts are public, not %v", len(out.Parts), parts)
		}
		for i, part := range out.Parts {
			if part.Assignment != parts[i] {
				return fmt.Errorf("public are %+v, not %v", out.Parts, parts)
			}
		}
		return p.clean("the published item", a.Body)
	}
}

func settledParts(ctx context.Context, p *play) error {
	token, err := p.token(ctx, editor)
	if err != nil {
		return err
	}
	d, err := p.detail(ctx, token, p.code)
	if err != nil {
		return err
	}
	for i, want := range []struct {
		state          report.AssignmentState
		late, extended bool
		rating         int
	}{{report.Released, true, false, 1}, {report.Released, false, true, 2}, {report.Returned, false, false, 0}} {
		a := d.Assignments[i]
		late, extended := false, false
		for _, c := range a.Clocks {
			missed := c.Name == report.ClockHandling && c.OnTime != nil && !*c.OnTime
			late, extended = late || missed && !c.Extended, extended || missed && c.Extended
		}
		if a.State != string(want.state) || late != want.late || extended != want.extended || a.Rating != want.rating {
			return fmt.Errorf("the part %s is %s, late %v, extended %v, rated %d", a.ID, a.State, late, extended, a.Rating)
		}
	}
	return nil
}
