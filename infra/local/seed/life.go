package seed

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"paht/infra/demo/api"
	"paht/shared/contract"
	"paht/shared/signature/signaturetest"
)

const (
	screener = "lan"
	router   = "hung"
	editor   = "mai"
)

// life is one report on its way.
type life struct {
	*world
	code, reporter, category, street string
	place                            place
	event                            event
	open                             int // assignments that are not over
}

// submit sends a report, and plans what follows.
func (w *world) submit(ctx context.Context) error {
	n, category := w.random.IntN(100), ""
	for _, f := range frequent {
		if category = f.category; n < f.share {
			break
		}
		n -= f.share
	}
	l := &life{world: w, category: category, reporter: w.reporters[w.random.IntN(len(w.reporters))], street: streets[w.random.IntN(len(streets))],
		place: w.places[w.random.IntN(len(w.places))], event: events[category][w.random.IntN(len(events[category]))]}
	uploads, err := l.photos(ctx)
	if err != nil {
		return err
	}
	lat, lon := w.inside(l.place)
	body := map[string]any{"text": l.says(l.event.text), "point": map[string]any{"lat": lat, "lon": lon}, "address": "Gần " + l.street,
		"category": category, "publicity": []string{"hidden", "hidden", "name_shown"}[w.random.IntN(3)],
		"notice": "email", "uploads": uploads}
	a, err := w.post(ctx, l.reporter, "/v1/reports", "", body, http.StatusCreated)
	if err != nil {
		return err
	}
	l.code = a.Report.ID
	now := w.fleet.Now()
	switch {
	case w.chance(4):
		w.at(now.Add(w.between(5*time.Minute, 40*time.Minute)), l.withdraw)
	case w.chance(10):
		w.at(working(now, w.between(10*time.Minute, 100*time.Minute)), l.refuse)
	case w.chance(5):
		w.at(working(now, w.between(10*time.Minute, 100*time.Minute)), l.ask)
	default:
		w.at(l.timely(now, 2*time.Hour, 8), l.accept)
	}
	return nil
}

// timely is when something is done that has a limit: now and then after it.
func (l *life) timely(from time.Time, limit time.Duration, late int) time.Time {
	if l.chance(late) {
		return working(from, limit+l.between(limit/10, limit*2))
	}
	return working(from, l.between(limit/12, limit*9/10))
}

func (l *life) says(text string) string { return strings.ReplaceAll(text, "%s", l.street) }

func (l *life) photos(ctx context.Context) ([]string, error) {
	ids := []string{}
	if !l.chance(40) {
		return ids, nil
	}
	for range 1 + l.random.IntN(2) {
		file, err := photo(l.random)
		if err != nil {
			return nil, err
		}
		var out struct{ Uploads []contract.Upload }
		if err := l.create(ctx, l.reporter, "/v1/uploads", map[string]any{"files": []any{announced(file, "image/jpeg")}}, &out); err != nil {
			return nil, err
		}
		if err := l.fill(ctx, out.Uploads[0], file); err != nil {
			return nil, err
		}
		ids = append(ids, out.Uploads[0].ID)
	}
	return ids, nil
}

func announced(file []byte, kind string) map[string]any {
	sum := sha256.Sum256(file)
	out := map[string]any{"size": len(file), "sha256": base64.StdEncoding.EncodeToString(sum[:])}
	if kind != "" {
		out["type"] = kind
	}
	return out
}

func (w *world) fill(ctx context.Context, slot contract.Upload, file []byte) error {
	a, err := w.client.Form(ctx, slot.URL, slot.Fields, file)
	if err == nil && a.Status/100 != 2 {
		err = fmt.Errorf("the form answered %d: %s", a.Status, a.Body)
	}
	return err
}

// create opens something that is answered by 201.
func (w *world) create(ctx context.Context, who, path string, body, into any) error {
	token, err := w.token(ctx, who)
	if err != nil {
		return err
	}
	a, err := w.client.Do(ctx, api.Call{Method: http.MethodPost, Path: path, Token: token, Body: body, Want: http.StatusCreated})
	if err != nil {
		return err
	}
	return a.Into(into)
}

func (w *world) post(ctx context.Context, who, path, match string, body any, want int) (contract.Acted, error) {
	var acted contract.Acted
	token, err := w.token(ctx, who)
	if err != nil {
		return acted, err
	}
	a, err := w.client.Do(ctx, api.Call{Method: http.MethodPost, Path: path, Token: token, Match: match, Body: body, Want: want})
	if err != nil {
		return acted, err
	}
	return acted, a.Into(&acted)
}

// detail is the report as somebody reads it now.
func (l *life) detail(ctx context.Context, who string) (contract.Detail, error) {
	var d contract.Detail
	token, err := l.token(ctx, who)
	if err != nil {
		return d, err
	}
	a, err := l.client.Do(ctx, api.Call{Method: http.MethodGet, Path: "/v1/reports/" + l.code, Token: token, Want: http.StatusOK})
	if err != nil {
		return d, err
	}
	return d, a.Into(&d)
}

// officer acts on the report as it stands.
func (l *life) officer(ctx context.Context, who, path string, body any) (contract.Acted, error) {
	d, err := l.detail(ctx, who)
	if err != nil {
		return contract.Acted{}, err
	}
	return l.post(ctx, who, "/v1/reports/"+l.code+path, d.ETag, body, http.StatusOK)
}

func (l *life) withdraw(ctx context.Context) error {
	_, err := l.post(ctx, l.reporter, "/v1/reports/"+l.code+"/withdrawal", "", map[string]any{"reason": "Tôi gửi nhầm địa điểm."}, http.StatusOK)
	return err
}

func (l *life) refuse(ctx context.Context) error {
	if others := l.world.open[l.category]; len(others) > 0 && l.chance(35) {
		_, err := l.officer(ctx, screener, "/refusal", map[string]any{"code": "duplicate", "related": others[len(others)-1],
			"reason": "Sự việc này đã có người phản ánh và đang được xử lý."})
		return err
	}
	r := refusals[l.random.IntN(len(refusals))]
	_, err := l.officer(ctx, screener, "/refusal", map[string]any{"code": r[0], "reason": r[1]})
	return err
}

func (l *life) ask(ctx context.Context) error {
	if _, err := l.officer(ctx, screener, "/supplement-request", map[string]any{"text": "Xin Ông/Bà cho biết vị trí chính xác hơn: gần số nhà nào, phía nào của đường?"}); err != nil {
		return err
	}
	if l.chance(80) {
		l.at(l.daytime(l.fleet.Now().Add(l.between(20*time.Minute, 20*time.Hour))), l.supplement)
	}
	return nil
}

func (l *life) supplement(ctx context.Context) error {
	_, err := l.post(ctx, l.reporter, "/v1/reports/"+l.code+"/supplement", "", map[string]any{"text": "Ở phía bên phải, cách ngã ba khoảng 50 mét, trước cửa tiệm tạp hóa.", "uploads": []any{}}, http.StatusOK)
	if err == nil {
		l.at(working(l.fleet.Now(), l.between(5*time.Minute, 50*time.Minute)), l.accept)
	}
	return err
}

func (l *life) accept(ctx context.Context) error {
	if _, err := l.officer(ctx, screener, "/acceptance", map[string]any{}); err != nil {
		return err
	}
	l.at(l.timely(l.fleet.Now(), time.Hour, 6), l.transfer)
	return nil
}

// result is a document signed by the person and then by the agency.
func (l *life) result(a *agency) ([]byte, error) {
	file := signaturetest.ResultPDF("KẾT QUẢ XỬ LÝ PHẢN ÁNH "+l.code, []string{a.name, l.says(l.event.answer)})
	for _, signer := range []*signaturetest.Signer{a.person, a.officer} {
		var err error
		if file, err = signaturetest.SignPDF(file, signer, signaturetest.Options{At: l.fleet.Now(), SubFilter: "ETSI.CAdES.detached"}); err != nil {
			return nil, fmt.Errorf("signing a result: %w", err)
		}
	}
	return file, nil
}
