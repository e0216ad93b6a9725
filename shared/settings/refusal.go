package settings

import (
	"slices"
	"time"

	"paht/shared/directory"
)

// Refusal is one reason why a report is not accepted, with the law that it cites
// while it holds (R59). Law is what the department entered; while it is empty no
// law is cited.
type Refusal struct {
	Code      string            `json:"code"`
	Name      map[string]string `json:"name"` // for the officer's list
	Text      map[string]string `json:"text"` // what the reporter is told
	Law       string            `json:"law"`
	Related   bool              `json:"related"` // the open report must be named
	ValidFrom Moment            `json:"valid_from"`
	ValidTo   Moment            `json:"valid_to"`
	Note      string            `json:"note"`
}

func (r Refusal) span() span { return span{r.ValidFrom, r.ValidTo} }

// In is the text in a language, or in Vietnamese.
func (r Refusal) In(lang string) string {
	if text, ok := r.Text[lang]; ok {
		return text
	}
	return r.Text[mainLanguage]
}

// NotVietnamese is the code whose text must also stand in Khmer, which many
// people in the province write (Art. 9.2).
const NotVietnamese = "9.2"

// RefusalTable is a refusals document.
type RefusalTable struct{ rows []Refusal }

// Refusal finds the reason that holds under a code at an instant.
func (t *RefusalTable) Refusal(code string, at time.Time) (Refusal, bool) {
	for _, r := range t.rows {
		if r.Code == code && r.span().holds(at) {
			return r, true
		}
	}
	return Refusal{}, false
}

// All lists the reasons that hold at an instant.
func (t *RefusalTable) All(at time.Time) []Refusal {
	var all []Refusal
	for _, r := range t.rows {
		if r.span().holds(at) {
			all = append(all, r)
		}
	}
	return all
}

func parseRefusals(data []byte) (*RefusalTable, *problems) {
	p := &problems{}
	t := &RefusalTable{}
	for i, row := range rows[Refusal](p, data, maxSetRows) {
		path := rowPath(i)
		if _, ok := directory.ParseKey(row.Code); !ok {
			p.add(path+".code", RuleBadCode)
		}
		checkSpan(p, path, row.span())
		if slices.ContainsFunc(t.rows, func(o Refusal) bool { return o.Code == row.Code && o.span().overlaps(row.span()) }) {
			p.add(path+".valid_from", RuleOverlap)
		}
		checkNames(p, path+".name", row.Name, 100)
		checkNames(p, path+".text", row.Text, maxBody)
		if _, there := row.Text["km"]; row.Code == NotVietnamese && !there {
			p.add(path+".text.km", RuleRequired)
		}
		p.text(path+".law", row.Law, 500, false, false)
		p.text(path+".note", row.Note, 1000, false, true)
		t.rows = append(t.rows, row)
	}
	return t, p
}

func checkSpan(p *problems, path string, s span) {
	if !s.to.IsZero() && !s.to.After(s.from.Time) {
		p.add(path+".valid_to", RuleEmptySpan)
	}
}
