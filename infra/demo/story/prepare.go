package story

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"paht/infra/demo/province"
	"paht/shared/signature/signaturetest"
)

// agencyName is the subject's common name of the handling agency's certificate.
const (
	handlingAgency = "TTHTKT"
	agencyName     = "Trung tâm Quản lý hạ tầng kỹ thuật tỉnh Mộc Lam"
)

// preparation is what the department does before: the notice delay of one second
// by a dated policy, the test authority and the agency's certificate.
var preparation = []step{
	{what: "the administrator sets the notice delay to one second from today on", do: setDelay},
	{what: "a test authority is made and becomes a trusted root", do: setTrust},
	{what: "the agency's certificate is put on its list", do: setCertificate},
}

// row adds one row to a settings document that is a list of rows.
func (p *play) row(ctx context.Context, kind string, rows ...any) error {
	token, err := p.token(ctx, province.Administrator.Name)
	if err != nil {
		return err
	}
	document, etag, err := province.Settings(ctx, p.Client, token, kind)
	if err != nil {
		return err
	}
	var list []json.RawMessage
	if len(document) > 0 {
		if err := json.Unmarshal(document, &list); err != nil {
			return fmt.Errorf("reading the %s: %w", kind, err)
		}
	}
	for _, r := range rows {
		encoded, err := json.Marshal(r)
		if err != nil {
			return err
		}
		list = append(list, encoded)
	}
	stored, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return province.Store(ctx, p.Client, token, kind, etag, stored)
}

func setDelay(ctx context.Context, p *play) error {
	return p.row(ctx, "policies", map[string]any{
		"name": "notice_delay_seconds", "value": 1, "valid_from": p.Client.Now().Format(time.RFC3339), "note": "demo",
	})
}

func setTrust(ctx context.Context, p *play) error {
	now := p.Client.Now()
	authority, err := signaturetest.NewNamedAuthority("Demo CA "+p.person.logIn, now)
	if err != nil {
		return fmt.Errorf("making the authority: %w", err)
	}
	p.trust = &trust{authority: authority}
	if p.trust.person, err = authority.Person("Võ Minh", agencyName); err != nil {
		return fmt.Errorf("making the person's certificate: %w", err)
	}
	if p.trust.agency, err = authority.Agency(agencyName); err != nil {
		return fmt.Errorf("making the agency's certificate: %w", err)
	}
	row := func(use string, pem []byte) map[string]any {
		return map[string]any{"name": "Demo " + p.person.logIn, "use": use, "pem": string(pem),
			"valid_from": now.Add(-time.Hour).Format(time.RFC3339)}
	}
	return p.row(ctx, "roots", row("root", authority.RootsPEM()), row("intermediate", authority.IntermediatesPEM()))
}

// setCertificate lists the agency's common name, unless it stands there already.
func setCertificate(ctx context.Context, p *play) error {
	token, err := p.token(ctx, province.Administrator.Name)
	if err != nil {
		return err
	}
	document, _, err := province.Settings(ctx, p.Client, token, "certificates")
	if err != nil {
		return err
	}
	var rows []struct {
		Agency string `json:"agency"`
		Name   string `json:"common_name"`
	}
	if len(document) > 0 {
		if err := json.Unmarshal(document, &rows); err != nil {
			return fmt.Errorf("reading the certificates: %w", err)
		}
	}
	for _, r := range rows {
		if r.Agency == handlingAgency && r.Name == agencyName {
			return nil
		}
	}
	return p.row(ctx, "certificates", map[string]any{"agency": handlingAgency, "common_name": agencyName})
}
