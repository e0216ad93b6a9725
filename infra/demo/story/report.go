package story

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"paht/infra/demo/api"
	"paht/shared/contract"
	"paht/shared/report"
)

// reportingLogIn is how many steps there are to the reporter's log-in.
const reportingLogIn = 3

var reporting = []step{
	{what: "a reporter registers", do: register},
	{what: "the reporter proves the e-mail address with the code from the mail", do: verify},
	{what: "the reporter logs in", do: logIn},
	{what: "three camera photos are announced, each gets its slot and form", do: openSlots},
	{what: "the photos go straight to the bucket", do: sendPhotos},
	{what: "the photos are found clean", do: awaitPhotos},
	{what: "the report is submitted", do: submit},
}

func register(ctx context.Context, p *play) error {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts", Want: http.StatusCreated, Body: map[string]any{
		"kind": "individual", "name": p.person.name, "logIn": p.person.logIn, "password": p.person.password,
		"email": p.person.email, "phone": p.person.phone, "language": "vi"}})
	if err != nil {
		return err
	}
	var account contract.Account
	if err := a.Into(&account); err != nil {
		return err
	}
	if account.ID == "" || account.Verified {
		return fmt.Errorf("the new account stands %+v", account)
	}
	return nil
}

func verify(ctx context.Context, p *play) error {
	code, err := p.Client.Code(ctx, p.person.email)
	if err != nil {
		return err
	}
	_, err = p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Want: http.StatusNoContent,
		Body: map[string]any{"logIn": p.person.logIn, "code": code}})
	return err
}

func logIn(ctx context.Context, p *play) error {
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/sessions", Want: http.StatusCreated,
		Body: map[string]any{"logIn": p.person.logIn, "password": p.person.password, "device": "phone"}})
	if err != nil {
		return err
	}
	var session contract.Session
	if err := a.Into(&session); err != nil {
		return err
	}
	if session.Token == "" || session.Account == nil || !session.Account.Verified {
		return fmt.Errorf("the session holds no token, or its account is not verified")
	}
	p.person.token = session.Token
	return nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func openSlots(ctx context.Context, p *play) error {
	var files []contract.File
	for _, photo := range p.Photos {
		files = append(files, contract.File{Type: photo.Type, Size: int64(len(photo.Data)), SHA256: digest(photo.Data)})
	}
	a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/uploads", Token: p.person.token, Want: http.StatusCreated,
		Body: map[string]any{"files": files}})
	if err != nil {
		return err
	}
	var out struct {
		Uploads []contract.Upload `json:"uploads"`
	}
	if err := a.Into(&out); err != nil {
		return err
	}
	if len(out.Uploads) != len(files) {
		return fmt.Errorf("%d slots for %d files", len(out.Uploads), len(files))
	}
	p.slots, p.uploads = out.Uploads, nil
	for _, u := range out.Uploads {
		p.uploads = append(p.uploads, u.ID)
	}
	return nil
}

func sendPhotos(ctx context.Context, p *play) error {
	for i, u := range p.slots {
		a, err := p.Client.Form(ctx, u.URL, u.Fields, p.Photos[i].Data)
		if err != nil {
			return err
		}
		if a.Status != http.StatusNoContent && a.Status != http.StatusCreated && a.Status != http.StatusOK {
			return fmt.Errorf("the form of %s answered %d: %s", p.Photos[i].Name, a.Status, a.Body)
		}
	}
	return nil
}

func awaitPhotos(ctx context.Context, p *play) error {
	for i, id := range p.uploads {
		err := p.Client.Wait(ctx, "the check of "+p.Photos[i].Name, func() (bool, error) {
			a, err := p.Client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/uploads/" + id, Token: p.person.token, Want: http.StatusOK})
			if err != nil {
				return false, err
			}
			var u contract.Upload
			if err := a.Into(&u); err != nil {
				return false, err
			}
			switch u.State {
			case "accepted":
				return true, nil
			case "open", "pending":
				return false, nil
			}
			return false, fmt.Errorf("it stands %q: %s", u.State, u.Reason)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	reportText = "Nắp cống trước số nhà 12 đường Lê Lợi bị mất, rất nguy hiểm cho người đi xe máy ban đêm."
	lat, lon   = 9.707, 106.084
)

func submission(p *play) map[string]any {
	return map[string]any{
		"text": reportText, "point": map[string]any{"lat": lat, "lon": lon}, "address": "Trước số nhà 12 đường Lê Lợi",
		"category": "thoat_nuoc_ngap", "publicity": "hidden", "notice": "email", "uploads": p.uploads,
	}
}

func submit(ctx context.Context, p *play) error {
	key := api.Key()
	var acted contract.Acted
	for _, repeat := range []bool{false, true} { // the second click does nothing twice
		a, err := p.Client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/reports", Token: p.person.token, Key: key,
			Want: http.StatusCreated, Body: submission(p)})
		if err != nil {
			return err
		}
		var got contract.Acted
		if err := a.Into(&got); err != nil {
			return err
		}
		if _, ok := report.ParseCode(got.Report.ID); !ok || got.Act.Type != report.EventSubmitted {
			return fmt.Errorf("the answer names no report")
		}
		if repeat && (got.Report.ID != acted.Report.ID || got.Act.Event != acted.Act.Event) {
			return fmt.Errorf("a repeat made another report: %s and %s", acted.Report.ID, got.Report.ID)
		}
		acted = got
	}
	if acted.Report.Commune != "99001" || len(acted.Act.Clocks) != 1 || acted.Act.Clocks[0].Name != report.ClockScreening {
		return fmt.Errorf("the report stands in commune %q with clocks %v", acted.Report.Commune, acted.Act.Clocks)
	}
	p.code = acted.Report.ID
	fmt.Fprintf(p.Out, "          %s, screening due %s\n", p.code, acted.Act.Clocks[0].Due.In(contract.Zone).Format("Mon 02/01/2006 15:04"))
	return nil
}

// personal are the strings that nothing public may hold.
func (p *play) personal() []string {
	return []string{p.person.name, p.person.email, p.person.phone, p.person.logIn}
}

// clean tells whether a text holds none of the reporter's personal strings.
func (p *play) clean(where string, data []byte) error {
	text := string(data)
	i := slices.IndexFunc(p.personal(), func(s string) bool { return strings.Contains(text, s) })
	if i >= 0 {
		return fmt.Errorf("%s holds personal data", where)
	}
	return nil
}
