package story

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"paht/infra/demo/api"
	"paht/shared/contract"
	"paht/shared/report"
)

var refusals = []step{
	{what: "refused: a text without diacritics", do: withoutDiacritics},
	{what: "refused: a forged PDF", do: forged},
	{what: "refused: a stale version", do: stale},
	{what: "refused: somebody else's report", do: somebodyElses},
	{what: "refused: the same key with another body", do: sameKey},
}

// refused sends a request that must be refused, and prints its problem document.
func (p *play) refused(ctx context.Context, call api.Call, status int, code string) (api.Problem, error) {
	call.Want = status
	a, err := p.Client.Do(ctx, call)
	if err != nil {
		return api.Problem{}, err
	}
	var problem api.Problem
	if err := a.Into(&problem); err != nil {
		return problem, err
	}
	found := problem.Code == code
	for _, e := range problem.Errors {
		found = found || e.Code == code
	}
	if !found || a.Header.Get("Content-Type") != "application/problem+json" {
		return problem, fmt.Errorf("the refusal is %q, not %q", problem.Code, code)
	}
	fmt.Fprintf(p.Out, "          %d %s\n", a.Status, bytes.TrimSpace(a.Body))
	return problem, nil
}

func withoutDiacritics(ctx context.Context, p *play) error {
	body := submission(p)
	body["text"], body["uploads"] = "Nap cong truoc nha bi mat rat nguy hiem cho nguoi di duong", []string{}
	_, err := p.refused(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: p.person.token, Body: body},
		http.StatusUnprocessableEntity, "without_diacritics")
	return err
}

// forged brings a second report to its agency, and sends a result whose content
// was changed after signing.
func forged(ctx context.Context, p *play) error {
	code, match, err := p.secondReport(ctx)
	if err != nil {
		return err
	}
	file, err := p.newFile(code, p.trust.agency)
	if err != nil {
		return err
	}
	at := bytes.Index(file, []byte("/MediaBox"))
	if at < 0 {
		return fmt.Errorf("the result has no place to forge")
	}
	changed := bytes.Replace(file, []byte("/MediaBox"), []byte("/MediaBux"), 1)
	slot, err := p.uploadResult(ctx, handler, code, "a1", changed)
	if err != nil {
		return err
	}
	token, err := p.token(ctx, handler)
	if err != nil {
		return err
	}
	problem, err := p.refused(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + code + "/assignments/a1/result", Token: token, Match: match,
		Body: map[string]any{"upload": slot, "resultAt": p.Client.Now().Format(time.RFC3339), "summary": summary}}, http.StatusUnprocessableEntity, "result_refused")
	if err != nil {
		return err
	}
	if len(problem.Errors[0].Facts) != 1 || problem.Errors[0].Facts[0] != "content_changed" {
		return fmt.Errorf("the broken rule is named %v", problem.Errors[0].Facts)
	}
	return nil
}

// another submits one more report.
func (p *play) another(ctx context.Context, key string, body map[string]any) (contract.Acted, error) {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: p.person.token, Key: key, Body: body, Want: http.StatusCreated})
	if err != nil {
		return contract.Acted{}, err
	}
	var acted contract.Acted
	if err := a.Into(&acted); err != nil {
		return acted, err
	}
	if _, ok := report.ParseCode(acted.Report.ID); !ok {
		return acted, fmt.Errorf("the answer names no report")
	}
	return acted, nil
}

// secondReport submits another report and brings it to its agency's receipt.
func (p *play) secondReport(ctx context.Context) (code, match string, err error) {
	body := submission(p)
	body["uploads"] = []string{}
	acted, err := p.another(ctx, api.Key(), body)
	if err != nil {
		return "", "", err
	}
	code = acted.Report.ID
	for _, act := range []struct {
		who, path, kind string
		body            any
	}{
		{screener, "/acceptance", report.EventAccepted, map[string]any{}},
		{router, "/transfer", report.EventTransferred, map[string]any{"targets": []map[string]any{{"agency": handlingAgency, "days": 3}}}},
		{handler, "/assignments/a1/receipt", report.EventReceived, nil},
	} {
		match = acted.Report.ETag
		if act.who == handler && len(acted.Report.Assignments) == 1 {
			match = acted.Report.Assignments[0].ETag
		}
		if acted, err = p.acting(ctx, act.who, code, act.path, match, act.body); err != nil {
			return "", "", err
		}
		if acted.Act.Type != act.kind {
			return "", "", fmt.Errorf("the act was %q, not %s", acted.Act.Type, act.kind)
		}
	}
	return code, acted.Report.Assignments[0].ETag, nil
}

func stale(ctx context.Context, p *play) error {
	body := submission(p)
	body["uploads"] = []string{}
	acted, err := p.another(ctx, api.Key(), body)
	if err != nil {
		return err
	}
	seen := acted.Report.ETag
	asked, err := p.acting(ctx, screener, acted.Report.ID, "/supplement-request", seen, map[string]any{"text": "Xin cho biết nắp cống ở phía nào của đường?"})
	if err != nil {
		return err
	}
	if asked.Act.Type != report.EventSupplementAsked {
		return fmt.Errorf("the act was %q", asked.Act.Type)
	}
	token, err := p.token(ctx, screener)
	if err != nil {
		return err
	}
	_, err = p.refused(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + acted.Report.ID + "/acceptance", Token: token, Match: seen,
		Body: map[string]any{}}, http.StatusPreconditionFailed, "stale")
	return err
}

func somebodyElses(ctx context.Context, p *play) error {
	other := &play{Options: p.Options, tokens: p.tokens}
	other.person = other.newPerson("Người Khác")
	for _, s := range []func(context.Context, *play) error{register, verify, logIn} {
		if err := s(ctx, other); err != nil {
			return err
		}
	}
	_, err := p.refused(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + p.code, Token: other.person.token}, http.StatusNotFound, "not_found")
	return err
}

func sameKey(ctx context.Context, p *play) error {
	key := api.Key()
	body := submission(p)
	body["uploads"] = []string{}
	if _, err := p.another(ctx, key, body); err != nil {
		return err
	}
	body["address"] = "Nơi khác"
	_, err := p.refused(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: p.person.token, Key: key, Body: body},
		http.StatusUnprocessableEntity, "key_reused")
	return err
}
