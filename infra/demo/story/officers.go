package story

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/shared/contract"
	"paht/shared/report"
	"paht/shared/signature/signaturetest"
)

// Log-ins of the demo's officers.
const (
	screener = "lan"
	router   = "hung"
	editor   = "mai"
	handler  = "minh"
)

var screening = []step{
	{what: "the screening officer finds the report in the queue", do: func(ctx context.Context, p *play) error {
		return p.queued(ctx, screener, "screen", p.code)
	}},
	{what: "the officer reads it and looks at the pictures", do: look},
	{what: "the officer accepts it", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, screener, "/acceptance", p.etag, map[string]any{}, report.EventAccepted)
	}},
	{what: "the reporter's answer is handed to the channel", do: func(ctx context.Context, p *play) error {
		return p.await(ctx, screener, p.code, func(d contract.Detail) bool { return has(d, report.EventAnswerSent) })
	}},
}

var routing = []step{
	{what: "the machine has proposed an agency", do: func(ctx context.Context, p *play) error {
		return p.await(ctx, router, p.code, func(d contract.Detail) bool {
			p.etag = d.ETag
			return d.State == string(report.Routing) && d.Proposal != nil && d.Proposal.Agency == handlingAgency
		})
	}},
	{what: "the router finds it in the queue", do: func(ctx context.Context, p *play) error {
		return p.queued(ctx, router, "route", p.code)
	}},
	{what: "the router transfers it", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, router, "/transfer", p.etag, map[string]any{"targets": []map[string]any{{"agency": handlingAgency}}}, report.EventTransferred)
	}},
}

var handling = []step{
	{what: "the agency's officer finds it in the unit's queue", do: func(ctx context.Context, p *play) error {
		return p.queued(ctx, handler, "agency", p.code)
	}},
	{what: "the officer confirms receipt", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, handler, "/assignments/a1/receipt", p.part, nil, report.EventReceived)
	}},
	{what: "the officer reports progress", do: func(ctx context.Context, p *play) error {
		return p.act(ctx, handler, "/assignments/a1/progress", p.part, map[string]any{"text": "Đã rào chắn, đang đặt nắp cống mới."}, report.EventProgress)
	}},
	{what: "the result, signed by the person and then by the agency, is uploaded and sent", do: conclude},
}

// queued waits until a queue shows the report.
func (p *play) queued(ctx context.Context, who, stage, code string) error {
	token, err := p.token(ctx, who)
	if err != nil {
		return err
	}
	return p.Client.Wait(ctx, "the queue "+stage, func() (bool, error) {
		a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/queues/" + stage + "?limit=100", Token: token, Want: http.StatusOK})
		if err != nil {
			return false, err
		}
		var out struct {
			Items *[]contract.QueueItem `json:"items"`
		}
		if err := a.Into(&out); err != nil {
			return false, err
		}
		if out.Items == nil {
			return false, fmt.Errorf("the queue gave no list")
		}
		for _, item := range *out.Items {
			if item.Report == code {
				return true, nil
			}
		}
		return false, nil
	})
}

// detail reads the report as somebody sees it.
func (p *play) detail(ctx context.Context, token, code string) (contract.Detail, error) {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + code, Token: token, Want: http.StatusOK})
	if err != nil {
		return contract.Detail{}, err
	}
	var d contract.Detail
	if err := a.Into(&d); err != nil {
		return d, err
	}
	if d.ID != code {
		return d, fmt.Errorf("the report read is %q, not %s", d.ID, code)
	}
	return d, nil
}

// await waits until the report is as it should be.
func (p *play) await(ctx context.Context, who, code string, so func(contract.Detail) bool) error {
	token, err := p.token(ctx, who)
	if err != nil {
		return err
	}
	return p.Client.Wait(ctx, "the report to move on", func() (bool, error) {
		d, err := p.detail(ctx, token, code)
		return err == nil && so(d), err
	})
}

func has(d contract.Detail, kind string) bool {
	for _, e := range d.History {
		if e.Type == kind {
			return true
		}
	}
	return false
}

// act acts on the report, or on its part, and checks what the act did.
func (p *play) act(ctx context.Context, who, path, match string, body any, kind string) error {
	acted, err := p.acting(ctx, who, p.code, path, match, body)
	if err != nil {
		return err
	}
	if acted.Act.Type != kind || acted.Act.Report != p.code {
		return fmt.Errorf("the act was %q on %q", acted.Act.Type, acted.Act.Report)
	}
	p.saw(acted.Report)
	for _, c := range acted.Act.Clocks {
		fmt.Fprintf(p.Out, "          %s due %s (%d %s)\n", c.Name, c.Due.In(contract.Zone).Format("Mon 02/01/2006 15:04"), c.Amount, c.Unit)
	}
	return nil
}

// saw keeps the ETags of a report as it stands.
func (p *play) saw(r contract.Report) {
	p.etag = r.ETag
	for i, a := range r.Assignments {
		p.parts[i] = a.ETag
	}
	p.part = p.parts[0]
}

func (p *play) acting(ctx context.Context, who, code, path, match string, body any) (contract.Acted, error) {
	token, err := p.token(ctx, who)
	if err != nil {
		return contract.Acted{}, err
	}
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + code + path, Token: token, Match: match, Body: body, Want: http.StatusOK})
	if err != nil {
		return contract.Acted{}, err
	}
	var acted contract.Acted
	return acted, a.Into(&acted)
}

// look reads the report as the screener does, and looks at the pictures: clean
// copies without EXIF.
func look(ctx context.Context, p *play) error {
	token, err := p.token(ctx, screener)
	if err != nil {
		return err
	}
	d, err := p.detail(ctx, token, p.code)
	if err != nil {
		return err
	}
	if d.Text != reportText || len(d.Media) != len(p.Photos) {
		return fmt.Errorf("the officer reads %q with %d pictures", d.Text, len(d.Media))
	}
	for _, m := range d.Media {
		a, err := p.Client.Fetch(ctx, m.URL)
		if err != nil {
			return err
		}
		if err := p.picture("a clean copy", a.Body); err != nil {
			return err
		}
	}
	p.etag = d.ETag
	return nil
}

// signedResult makes a result signed by the person and then by the agency.
func (p *play) signedResult(code string, agency *signaturetest.Signer) ([]byte, error) {
	at := p.Client.Now()
	file := signaturetest.ResultPDF("KẾT QUẢ XỬ LÝ PHẢN ÁNH "+code, []string{"Đã thay nắp cống mới tại vị trí phản ánh.", "Đã kiểm tra các nắp cống lân cận."})
	for _, signer := range []*signaturetest.Signer{p.trust.person, agency} {
		signed, err := signaturetest.SignPDF(file, signer, signaturetest.Options{At: at, SubFilter: "ETSI.CAdES.detached"})
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		file = signed
	}
	return file, nil
}

// uploadResult asks for the slot of a result and fills it.
func (p *play) uploadResult(ctx context.Context, who, code, part string, file []byte) (string, error) {
	token, err := p.token(ctx, who)
	if err != nil {
		return "", err
	}
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports/" + code + "/assignments/" + part + "/result-upload", Token: token,
		Body: map[string]any{"size": len(file), "sha256": digest(file)}, Want: http.StatusCreated})
	if err != nil {
		return "", err
	}
	var u contract.Upload
	if err := a.Into(&u); err != nil {
		return "", err
	}
	if u.ID == "" || u.URL == "" {
		return "", fmt.Errorf("the answer holds no slot with a form")
	}
	sent, err := p.Client.Form(ctx, u.URL, u.Fields, file)
	if err != nil {
		return "", err
	}
	if sent.Status/100 != 2 {
		return "", fmt.Errorf("the form of the result answered %d: %s", sent.Status, sent.Body)
	}
	return u.ID, nil
}

const summary = "Đã thay nắp cống mới và kiểm tra các nắp cống lân cận trên đường Lê Lợi."

func conclude(ctx context.Context, p *play) error {
	return p.conclude(ctx, handler, "a1", p.trust.agency)
}

// conclude signs a result of a part, uploads and sends it.
func (p *play) conclude(ctx context.Context, who, part string, agency *signaturetest.Signer) error {
	now := p.Client.Now() // signing times are whole seconds
	if err := p.Client.Sleep(ctx, now.Truncate(time.Second).Add(time.Second).Sub(now)); err != nil {
		return err
	}
	resultAt := p.Client.Now().Truncate(time.Second)
	file, err := p.newFile(p.code, agency)
	if err != nil {
		return err
	}
	p.original = file
	slot, err := p.uploadResult(ctx, who, p.code, part, file)
	if err != nil {
		return err
	}
	return p.act(ctx, who, "/assignments/"+part+"/result", p.parts[index(part)], map[string]any{
		"upload": slot, "resultAt": resultAt.Format(time.RFC3339), "summary": summary}, report.EventConcluded)
}

// index is where an assignment stands among those of its report.
func index(part string) int { return int(part[1] - '1') }

// picture checks that a picture is a JPEG without EXIF.
func (p *play) picture(where string, data []byte) error {
	if !bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}) {
		return fmt.Errorf("%s is no JPEG", where)
	}
	if bytes.Contains(data, []byte("Exif\x00\x00")) || strings.Contains(string(data), "GPS") {
		return fmt.Errorf("%s carries EXIF", where)
	}
	return nil
}
