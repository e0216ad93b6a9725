package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/infra/demo/province"
	"paht/shared/settings"
	"paht/shared/signature/signaturetest"
)

// agency is one that handles, with who works in it and who signs for it.
type agency struct {
	code, name      string
	handler         string
	person, officer *signaturetest.Signer
}

// place is a commune with its outline.
type place struct {
	code string
	ring [][2]float64 // longitude, latitude
}

// sessionLasts is how long a log-in is used.
const sessionLasts = 25 * 24 * time.Hour

func (w *world) prepare(ctx context.Context, folder string) error {
	for _, step := range []func(context.Context, string) error{w.readPlaces, w.readAgencies, w.employ, w.trust, w.register} {
		if err := step(ctx, folder); err != nil {
			return err
		}
	}
	return nil
}

func read(folder string, kind settings.Kind, into any) error {
	files, err := province.Files(folder, time.Now())
	if err != nil {
		return err
	}
	source := files.Sources[kind]
	if source == nil {
		return fmt.Errorf("reading the province: %s holds no %s", folder, kind)
	}
	if err := json.Unmarshal(source.Document, into); err != nil {
		return fmt.Errorf("reading the %s: %w", kind, err)
	}
	return nil
}

func (w *world) readPlaces(_ context.Context, folder string) error {
	var document struct {
		Features []struct {
			Properties struct{ Code string }
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := read(folder, settings.Boundary, &document); err != nil {
		return err
	}
	for _, f := range document.Features {
		var polygon [][][2]float64
		var err error
		if f.Geometry.Type == "MultiPolygon" {
			var several [][][][2]float64
			if err = json.Unmarshal(f.Geometry.Coordinates, &several); err == nil && len(several) > 0 {
				polygon = several[0]
			}
		} else {
			err = json.Unmarshal(f.Geometry.Coordinates, &polygon)
		}
		if err != nil || len(polygon) == 0 {
			return fmt.Errorf("reading the outline of %s: it has none", f.Properties.Code)
		}
		w.places = append(w.places, place{f.Properties.Code, polygon[0]})
	}
	return nil
}

// inside is a place within the outline.
func (w *world) inside(p place) (lat, lon float64) {
	west, south, east, north := p.ring[0][0], p.ring[0][1], p.ring[0][0], p.ring[0][1]
	for _, c := range p.ring {
		west, east, south, north = min(west, c[0]), max(east, c[0]), min(south, c[1]), max(north, c[1])
	}
	for {
		lon, lat = west+w.random.Float64()*(east-west), south+w.random.Float64()*(north-south)
		if holds(p.ring, lon, lat) {
			return lat, lon
		}
	}
}

func holds(ring [][2]float64, x, y float64) bool {
	in := false
	for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
		a, b := ring[i], ring[j]
		if (a[1] > y) != (b[1] > y) && x < (b[0]-a[0])*(y-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}

func (w *world) readAgencies(_ context.Context, folder string) error {
	var document struct {
		Agencies []struct {
			Code, Name string
			Roles      []struct{ Role string }
		}
	}
	if err := read(folder, settings.Agencies, &document); err != nil {
		return err
	}
	for _, a := range document.Agencies {
		for _, r := range a.Roles {
			if r.Role == "agency" && a.Code != "SKHCN" {
				w.agencies = append(w.agencies, agency{code: a.Code, name: a.Name})
			}
		}
	}
	return nil
}

// employ makes a handler for each agency that has none in the demo.
func (w *world) employ(ctx context.Context, _ string) error {
	var more []province.LogIn
	for i := range w.agencies {
		a := &w.agencies[i]
		for _, o := range province.Officers {
			if o.Agency == a.code && o.Roles[0] == "handler" {
				a.handler = o.Name
			}
		}
		if a.handler == "" {
			a.handler = "xuly." + strings.ToLower(strings.ReplaceAll(a.code, ".", ""))
			more = append(more, province.LogIn{Name: a.handler, Person: handlers[i%len(handlers)], Agency: a.code, Roles: []string{"handler"}})
		}
	}
	who, err := w.token(ctx, province.Administrator.Name)
	if err != nil {
		return fmt.Errorf("the administrator of the made-up province (is it set up?): %w", err)
	}
	return province.Employ(ctx, w.client, who, more)
}

// trust makes an authority that the department trusts, and who signs for each
// agency.
func (w *world) trust(ctx context.Context, _ string) error {
	now := w.fleet.Now()
	authority, err := signaturetest.NewNamedAuthority("CA "+now.Format("20060102")+" "+api.Key()[:4], now)
	if err != nil {
		return fmt.Errorf("making the authority: %w", err)
	}
	certificates := []map[string]any{}
	for i := range w.agencies {
		a := &w.agencies[i]
		if a.person, err = authority.Person(handlers[i%len(handlers)], a.name); err != nil {
			return fmt.Errorf("making a certificate: %w", err)
		}
		if a.officer, err = authority.Agency(a.name); err != nil {
			return fmt.Errorf("making a certificate: %w", err)
		}
		certificates = append(certificates, map[string]any{"agency": a.code, "common_name": a.name})
	}
	from := now.Add(-time.Hour).Format(time.RFC3339)
	root := func(use string, pem []byte) map[string]any {
		return map[string]any{"name": "Chứng thực thử nghiệm " + now.Format("02/01/2006"), "use": use, "pem": string(pem), "valid_from": from}
	}
	if err := w.add(ctx, "roots", root("root", authority.RootsPEM()), root("intermediate", authority.IntermediatesPEM())); err != nil {
		return err
	}
	return w.add(ctx, "certificates", certificates...)
}

// add puts rows to a settings document, but for those that stand there.
func (w *world) add(ctx context.Context, kind string, rows ...map[string]any) error {
	who, err := w.token(ctx, province.Administrator.Name)
	if err != nil {
		return err
	}
	document, etag, err := province.Settings(ctx, w.client, who, kind)
	if err != nil {
		return err
	}
	var all []map[string]any
	if len(document) > 0 {
		if err := json.Unmarshal(document, &all); err != nil {
			return fmt.Errorf("reading the %s: %w", kind, err)
		}
	}
	there := map[string]bool{}
	key := func(row map[string]any) string { return fmt.Sprint(row["agency"], row["common_name"], row["pem"]) }
	for _, row := range all {
		there[key(row)] = true
	}
	for _, row := range rows {
		if !there[key(row)] {
			all = append(all, row)
		}
	}
	encoded, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("encoding the %s: %w", kind, err)
	}
	return province.Store(ctx, w.client, who, kind, etag, encoded)
}

// register makes the reporters' accounts, but for those that are there.
func (w *world) register(ctx context.Context, _ string) error {
	for i, person := range reporters {
		name := fmt.Sprintf("nguoidan%02d", i+1)
		w.reporters = append(w.reporters, name)
		if _, err := w.token(ctx, name); err == nil {
			continue
		}
		mail := name + "@moclam.example"
		if _, err := w.client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts", Want: http.StatusCreated, Body: map[string]any{
			"kind": "individual", "name": person, "logIn": name, "password": province.Password, "email": mail}}); err != nil {
			return err
		}
		code, err := w.client.Code(ctx, mail)
		if err != nil {
			return err
		}
		if _, err := w.client.Do(ctx, api.Call{Method: http.MethodPost, Path: "/v1/accounts/verification", Want: http.StatusNoContent,
			Body: map[string]any{"logIn": name, "code": code}}); err != nil {
			return err
		}
	}
	return nil
}

// token is that of a session, a new one when the last is old.
func (w *world) token(ctx context.Context, name string) (string, error) {
	now := w.fleet.Now()
	if t := w.tokens[name]; t.value != "" && now.Sub(t.since) < sessionLasts {
		return t.value, nil
	}
	value, err := province.Open(ctx, w.client, name, province.Password)
	if err != nil {
		return "", err
	}
	w.tokens[name] = token{value, now}
	return value, nil
}
