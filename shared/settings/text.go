package settings

import (
	"slices"
	"strings"
	"time"

	"paht/shared/vietnamese"
)

// Languages of texts. Vietnamese comes first: what is missing in another
// language is told in it.
var Languages = []string{"vi", "en", "km"}

const mainLanguage = "vi"

// textRule is what a text may and must say. Placeholders: code is the tracking
// code, reason the officer's words, link an address of this system, due an
// instant, agency an agency's name, days a number
// of days, times a count.
type textRule struct {
	placeholders []string
	required     []string
}

// textRules are the known texts: subject and body of the notice of each event of
// R59, R64, R70 and the table of who is told. Subjects also go out as push texts,
// on which nothing personal may stand; so they take no placeholder but the code.
var textRules = noticeRules()

func noticeRules() map[string]textRule {
	rules := map[string]textRule{}
	// A required placeholder carries an exclamation mark.
	bodies := map[string]string{
		"report.accepted":          "code link",
		"report.refused":           "code reason! link",
		"supplement.asked":         "code reason! due link",
		"report.transferred":       "code agency due link",
		"report.transferred.again": "code agency times! link",
		"assignment.progress":      "code agency reason! link",
		"assignment.extended":      "code agency reason! due link",
		"assignment.returned":      "code agency reason due link",
		"report.answered":          "code reason! link",
		"assignment.published":     "code agency days link!",
		"media.rejected":           "code reason link",
		"account.verify":           "due link!",
		"account.activate":         "agency due link!",
		"account.locked":           "reason link",
	}
	for event, names := range bodies {
		rule := textRule{}
		for _, name := range strings.Fields(names) {
			plain := strings.TrimSuffix(name, "!")
			rule.placeholders = append(rule.placeholders, plain)
			if plain != name {
				rule.required = append(rule.required, plain)
			}
		}
		rules[NoticeBody(event)] = rule
		subject := textRule{}
		if slices.Contains(rule.placeholders, "code") {
			subject.placeholders = []string{"code"}
		}
		rules[NoticeSubject(event)] = subject
	}
	return rules
}

// NoticeSubject and NoticeBody are the keys of the texts of an event's notice.
func NoticeSubject(event string) string { return "notice." + event + ".subject" }

// NoticeBody is the key of the body.
func NoticeBody(event string) string { return "notice." + event + ".body" }

// textRow is one text in one language from one instant on.
type textRow struct {
	Key       string `json:"key"`
	Lang      string `json:"lang"`
	Text      string `json:"text"`
	ValidFrom Moment `json:"valid_from"`
	Note      string `json:"note"`
}

type textKey struct{ key, lang string }

// TextTable is a texts document over the product's own.
type TextTable struct{ set, product map[textKey][]textRow }

// Text fills a text in. A language that is missing is answered in Vietnamese, an
// unknown key with nothing. A line of a text of several lines is left out when a
// placeholder of it has no value, so that no sentence loses its end. Values are
// put in as they are, and never searched for placeholders again.
func (t *TextTable) Text(key, lang string, at time.Time, args map[string]string) string {
	template, ok := t.find(key, lang, at)
	if !ok {
		return ""
	}
	if strings.HasSuffix(key, ".subject") {
		// A header of a mail must never gain a line.
		return strings.Join(strings.Fields(fill(template, args)), " ")
	}
	var lines []string
	for line := range strings.Lines(template) {
		line = strings.TrimSuffix(line, "\n")
		if !lacks(line, args) {
			lines = append(lines, fill(line, args))
		}
	}
	return strings.Join(lines, "\n")
}

func (t *TextTable) find(key, lang string, at time.Time) (string, bool) {
	for _, k := range []textKey{{key, lang}, {key, mainLanguage}} {
		for _, table := range []map[textKey][]textRow{t.set, t.product} {
			if row, ok := latest(table[k], at, func(r textRow) Moment { return r.ValidFrom }); ok {
				return row.Text, true
			}
		}
	}
	return "", false
}

// placeholders lists the names in braces; false when a brace stands alone.
func placeholders(text string) ([]string, bool) {
	var names []string
	for {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			return names, true
		}
		end := strings.IndexAny(text[i+1:], "{}")
		if text[i] == '}' || end < 0 || text[i+1+end] != '}' {
			return names, false
		}
		names = append(names, text[i+1:i+1+end])
		text = text[i+1+end+1:]
	}
}

func lacks(line string, args map[string]string) bool {
	names, _ := placeholders(line)
	return slices.ContainsFunc(names, func(name string) bool { return args[name] == "" })
}

func fill(text string, args map[string]string) string {
	names, _ := placeholders(text)
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, "{"+name+"}", args[name])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// The bounds of a text, in characters. A subject is a mail's header line.
const (
	maxSubject = 150
	maxBody    = 5000
)

func parseTexts(data []byte) (*TextTable, *problems) {
	p := &problems{}
	product, _ := Default(Texts)
	t := &TextTable{set: map[textKey][]textRow{}, product: map[textKey][]textRow{}}
	for _, row := range own[textRow](product) {
		k := textKey{row.Key, row.Lang}
		t.product[k] = append(t.product[k], row)
	}
	for i, row := range rows[textRow](p, data, maxRows) {
		before := len(p.list)
		k := textKey{row.Key, row.Lang}
		checkText(p, rowPath(i), row)
		if row.Key != "" && slices.ContainsFunc(t.set[k], func(o textRow) bool { return o.ValidFrom.Equal(row.ValidFrom.Time) }) {
			p.add(rowPath(i), RuleDuplicate)
		}
		if len(p.list) == before {
			row.Text = vietnamese.NFC(row.Text)
			t.set[k] = append(t.set[k], row)
		}
	}
	return t, p
}

func checkText(p *problems, path string, row textRow) {
	rule, known := textRules[row.Key]
	if !known {
		p.add(path+".key", RuleUnknownKey)
	}
	if !slices.Contains(Languages, row.Lang) {
		p.add(path+".lang", RuleUnknownLanguage)
	}
	subject := strings.HasSuffix(row.Key, ".subject")
	limit := maxBody
	if subject {
		limit = maxSubject
	}
	p.text(path+".text", row.Text, limit, true, !subject)
	p.text(path+".note", row.Note, 1000, false, true)
	if !known {
		return
	}
	names, balanced := placeholders(row.Text)
	if !balanced {
		p.add(path+".text", RuleBraces)
		return
	}
	for _, name := range names {
		if !slices.Contains(rule.placeholders, name) {
			p.add(path+".text", RuleUnknownPlaceholder, strings.Join(rule.placeholders, ", "))
			break
		}
	}
	for _, name := range rule.required {
		if !slices.Contains(names, name) {
			p.add(path+".text", RuleRequiredPlaceholder, name)
		}
	}
}
