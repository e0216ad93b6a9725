package story

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"paht/infra/demo/api"
	"paht/shared/contract"
	"paht/shared/report"
)

var publishing = []step{
	{what: "the editor finds the part in the queue and sees the verdict and the draft", do: func(ctx context.Context, p *play) error {
		if err := p.queued(ctx, editor, "edit", p.code); err != nil {
			return err
		}
		return p.await(ctx, editor, p.code, func(d contract.Detail) bool {
			return len(d.Drafts) == 1 && len(d.Assignments[0].Result.Verdict) > 0 && d.Drafts[0].Answer == summary
		})
	}},
	{what: "the editor edits and releases the part", do: release},
	{what: "the reporter's e-mails stand in the outbox", do: mails},
}

var reading = []step{
	{what: "anybody reads the list of published parts", do: list},
	{what: "anybody reads the published item: no personal data, no EXIF, the signed file as it was signed", do: item},
	{what: "anybody follows the tracking code", do: track},
	{what: "the reporter rates the part", do: rate},
	{what: "the reporter finds it all in the own list and the inbox", do: mine},
}

func release(ctx context.Context, p *play) error {
	token, err := p.token(ctx, editor)
	if err != nil {
		return err
	}
	d, err := p.detail(ctx, token, p.code)
	if err != nil {
		return err
	}
	draft := d.Drafts[0]
	draft.Title = "Mất nắp cống trên đường Lê Lợi"
	for i := range draft.Media {
		draft.Media[i].Checked = true
	}
	body := map[string]any{"title": draft.Title, "content": draft.Content, "answer": draft.Answer, "media": draft.Media, "document": true}
	if err := p.edit(ctx, "a1", d.Assignments[0].ETag, body); err != nil {
		return err
	}
	return p.act(ctx, editor, "/assignments/a1/publication", p.part, body, report.EventPublished)
}

// edit stores the editor's draft of a part.
func (p *play) edit(ctx context.Context, part, match string, body any) error {
	token, err := p.token(ctx, editor)
	if err != nil {
		return err
	}
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPut, Path: "/v1/reports/" + p.code + "/assignments/" + part + "/draft", Token: token,
		Match: match, Body: body, Want: http.StatusOK})
	if err != nil {
		return err
	}
	var edited contract.Acted
	if err := a.Into(&edited); err != nil {
		return err
	}
	if edited.Act.Type != report.EventEdited {
		return fmt.Errorf("the edit was %q", edited.Act.Type)
	}
	p.saw(edited.Report)
	return nil
}

// mails are the notices that the reporter must have been sent, by a word of each
// subject's text in the order of the events.
func mails(ctx context.Context, p *play) error {
	return p.Client.Wait(ctx, "the reporter's e-mails", func() (bool, error) {
		sent, err := p.Client.Mails(ctx, p.person.email)
		if err != nil {
			return false, err
		}
		about := 0
		for _, m := range sent {
			if strings.Contains(m.Subject+m.Text, p.code) {
				about++
			}
		}
		return about >= 3, nil // accepted, progress, published
	})
}

func list(ctx context.Context, p *play) error {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/published?commune=99001", Want: http.StatusOK})
	if err != nil {
		return err
	}
	var out struct {
		Parts []contract.PublishedPart `json:"parts"`
	}
	if err := a.Into(&out); err != nil {
		return err
	}
	for _, part := range out.Parts {
		if part.Report == p.code {
			return p.clean("the list of published parts", a.Body)
		}
	}
	return fmt.Errorf("the list does not show %s", p.code)
}

func item(ctx context.Context, p *play) error {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/published/" + p.code, Want: http.StatusOK})
	if err != nil {
		return err
	}
	if err := p.clean("the published item", a.Body); err != nil {
		return err
	}
	var out struct {
		Parts []contract.PublishedPart `json:"parts"`
	}
	if err := a.Into(&out); err != nil {
		return err
	}
	if len(out.Parts) != 1 || out.Parts[0].Answer != summary || len(out.Parts[0].Pictures) != len(p.Photos) || out.Parts[0].Document == "" {
		return fmt.Errorf("the published item holds %d parts", len(out.Parts))
	}
	for _, address := range out.Parts[0].Pictures {
		picture, err := p.Client.Fetch(ctx, address)
		if err != nil {
			return err
		}
		if err := p.picture("a published picture", picture.Body); err != nil {
			return err
		}
		if err := p.clean("a published picture", append(picture.Body, address...)); err != nil {
			return err
		}
	}
	document, err := p.Client.Fetch(ctx, out.Parts[0].Document)
	if err != nil {
		return err
	}
	if !bytes.Equal(document.Body, p.original) {
		return fmt.Errorf("the published document is not the file that was signed")
	}
	return nil
}

func track(ctx context.Context, p *play) error {
	typed := strings.ToLower(strings.ReplaceAll(p.code, "-", ""))
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/tracking/" + typed, Want: http.StatusOK})
	if err != nil {
		return err
	}
	var out struct {
		Report string           `json:"report"`
		State  string           `json:"state"`
		Clocks []contract.Clock `json:"clocks"`
	}
	if err := a.Into(&out); err != nil {
		return err
	}
	if out.Report != p.code || out.State != string(report.Published) || len(out.Clocks) == 0 {
		return fmt.Errorf("the code shows %q in %q", out.Report, out.State)
	}
	if strings.Contains(string(a.Body), "Nắp cống") {
		return fmt.Errorf("the tracking code shows the text")
	}
	return p.clean("the tracking page", a.Body)
}

func rate(ctx context.Context, p *play) error {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + p.code + "/assignments/a1/rating",
		Token: p.person.token, Body: map[string]any{"rating": 1}, Want: http.StatusOK})
	if err != nil {
		return err
	}
	var acted contract.Acted
	if err := a.Into(&acted); err != nil {
		return err
	}
	if acted.Act.Type != report.EventRated || acted.Report.Assignments[0].Rating != 1 {
		return fmt.Errorf("the rating was not taken")
	}
	return nil
}

func mine(ctx context.Context, p *play) error {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports", Token: p.person.token, Want: http.StatusOK})
	if err != nil {
		return err
	}
	var own struct {
		Reports []contract.OwnReport `json:"reports"`
	}
	if err := a.Into(&own); err != nil {
		return err
	}
	if len(own.Reports) != 1 || own.Reports[0].ID != p.code || own.Reports[0].State != string(report.Published) {
		return fmt.Errorf("the own list holds %d reports", len(own.Reports))
	}
	a, err = p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/inbox", Token: p.person.token, Want: http.StatusOK})
	if err != nil {
		return err
	}
	var inbox struct {
		Notices []contract.Notice `json:"notices"`
	}
	if err := a.Into(&inbox); err != nil {
		return err
	}
	if len(inbox.Notices) < 3 {
		return fmt.Errorf("the inbox holds %d notices", len(inbox.Notices))
	}
	return nil
}
