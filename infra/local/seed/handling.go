package seed

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"paht/shared/contract"
)

// part is one agency's part of a report.
type part struct {
	*life
	id     string
	agency *agency
}

func (l *life) agencyOf(code string) *agency {
	if code == "@" {
		code = "UB." + l.place.code
	}
	for i := range l.agencies {
		if l.agencies[i].code == code {
			return &l.agencies[i]
		}
	}
	return nil
}

// transfer sends the report to one of the category's agencies.
func (l *life) transfer(ctx context.Context) error {
	chosen := leads[l.category]
	return l.send(ctx, chosen[l.random.IntN(len(chosen))])
}

func (l *life) send(ctx context.Context, code string) error {
	a := l.agencyOf(code)
	if a == nil {
		return fmt.Errorf("transferring %s: the province has no agency %s", l.code, code)
	}
	d, err := l.detail(ctx, router)
	if err != nil {
		return err
	}
	targets := []any{map[string]any{"agency": a.code, "days": days[l.category]}}
	acted, err := l.post(ctx, router, "/v1/reports/"+l.code+"/transfer", d.ETag, map[string]any{"targets": targets}, http.StatusOK)
	if err != nil {
		return err
	}
	for _, as := range acted.Report.Assignments[len(d.Assignments):] {
		p := &part{l, as.ID, l.agencyOf(as.Agency)}
		l.open++
		l.at(working(l.fleet.Now(), l.between(10*time.Minute, 40*time.Minute)), p.receive)
	}
	l.world.open[l.category] = append(l.world.open[l.category], l.code)
	return nil
}

// act acts on the part as it stands.
func (p *part) act(ctx context.Context, who, path string, body any) error {
	d, err := p.detail(ctx, who)
	if err != nil {
		return err
	}
	for _, a := range d.Assignments {
		if a.ID == p.id {
			_, err = p.post(ctx, who, p.path()+path, a.ETag, body, http.StatusOK)
			return err
		}
	}
	return fmt.Errorf("acting on %s of %s: %s does not see it", p.id, p.code, who)
}

func (p *part) path() string { return "/v1/reports/" + p.code + "/assignments/" + p.id }

func (p *part) receive(ctx context.Context) error {
	if err := p.act(ctx, p.agency.handler, "/receipt", nil); err != nil {
		return err
	}
	now, limit := p.fleet.Now(), time.Duration(days[p.category])*officeDay
	if p.id == "a1" && p.chance(6) {
		p.at(working(now, p.between(2*time.Minute, 15*time.Minute)), p.giveBack)
		return nil
	}
	if p.chance(35) {
		p.at(working(now, p.between(limit/10, limit/5)), p.report)
	}
	p.at(p.timely(now.Add(limit/4), limit, 10), p.conclude)
	return nil
}

func (p *part) giveBack(ctx context.Context) error {
	if err := p.act(ctx, p.agency.handler, "/return", map[string]any{"code": "not_competent", "reason": "Tuyến đường này không do đơn vị quản lý, đề nghị chuyển cơ quan có thẩm quyền."}); err != nil {
		return err
	}
	p.over()
	if p.open > 0 {
		return nil
	}
	p.at(working(p.fleet.Now(), p.between(5*time.Minute, 50*time.Minute)), func(ctx context.Context) error {
		if p.chance(40) {
			_, err := p.officer(ctx, router, "/answer", map[string]any{"text": "Đoạn đường này thuộc dự án đang thi công, chủ đầu tư sẽ hoàn trả mặt đường trong quý này."})
			return err
		}
		return p.send(ctx, "@")
	})
	return nil
}

// over says that the part is no longer open: nobody's report can be its duplicate.
func (p *part) over() {
	p.open--
	if p.open == 0 {
		p.world.open[p.category] = slices.DeleteFunc(p.world.open[p.category], func(code string) bool { return code == p.code })
	}
}

func (p *part) report(ctx context.Context) error {
	return p.act(ctx, p.agency.handler, "/progress", map[string]any{"text": progress[p.random.IntN(len(progress))]})
}

func (p *part) conclude(ctx context.Context) error {
	file, err := p.result(p.agency)
	if err != nil {
		return err
	}
	var slot contract.Upload
	if err := p.create(ctx, p.agency.handler, p.path()+"/result-upload", announced(file, ""), &slot); err != nil {
		return err
	}
	if err := p.fill(ctx, slot, file); err != nil {
		return err
	}
	if err := p.act(ctx, p.agency.handler, "/result", map[string]any{"upload": slot.ID, "summary": p.says(p.event.answer),
		"resultAt": p.fleet.Now().Truncate(time.Second).Format(time.RFC3339)}); err != nil {
		return err
	}
	p.over()
	p.at(p.timely(p.fleet.Now(), time.Hour, 8), p.publish)
	return nil
}

func (p *part) publish(ctx context.Context) error {
	d, err := p.detail(ctx, editor)
	if err != nil {
		return err
	}
	media := []any{}
	for _, m := range d.Media {
		if m.State == "accepted" {
			media = append(media, map[string]any{"upload": m.Upload, "checked": true})
		}
	}
	if err := p.act(ctx, editor, "/publication", map[string]any{"title": p.says(p.event.title), "content": p.says(p.event.text),
		"answer": p.says(p.event.answer), "media": media, "document": true}); err != nil {
		return err
	}
	now := p.fleet.Now()
	if p.chance(45) {
		p.at(p.daytime(now.Add(p.between(time.Hour, 72*time.Hour))), p.rate)
	}
	return nil
}

func (p *part) rate(ctx context.Context) error {
	rating := []int{1, 1, 1, 1, 1, 2, 2, 2, 3}[p.random.IntN(9)]
	_, err := p.post(ctx, p.reporter, p.path()+"/rating", "", map[string]any{"rating": rating}, http.StatusOK)
	return err
}
