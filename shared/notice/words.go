package notice

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/message"
	"paht/shared/report"
	"paht/shared/settings"
)

// Words are what a notice says.
type Words struct{ Subject, Text string }

// Links makes addresses of this system out of the address that people use.
type Links struct{ Public string }

// NewLinks checks the address that people use.
func NewLinks(public string) (Links, error) {
	u, err := url.Parse(public)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return Links{}, fmt.Errorf("reading the pages' address (PUBLIC_URL): %q is not of the form https://example.vn", public)
	}
	return Links{Public: public}, nil
}

// Report is where anybody follows a report by its code.
func (l Links) Report(code string) string { return l.page("/tra-cuu/" + segment(code)) }

// Verify is where an e-mail address is proven. The code stands in the fragment,
// which no browser sends and so no log holds.
func (l Links) Verify(logIn, code string) string { return l.page("/xac-minh#" + proof(logIn, code)) }

// Activate is where an officer sets the first password.
func (l Links) Activate(logIn, code string) string {
	return l.page("/kich-hoat#" + proof(logIn, code))
}

func (l Links) page(path string) string { return strings.TrimSuffix(l.Public, "/") + path }

func proof(logIn, code string) string {
	v := url.Values{"ma": {code}}
	if logIn != "" {
		v.Set("ten", logIn)
	}
	return v.Encode()
}

// segment escapes also those check characters of a code that a path may hold
// bare: programs that show mail leave them out of a link at its end.
func segment(code string) string {
	return strings.NewReplacer("*", "%2A", "~", "%7E", "$", "%24", "=", "%3D").Replace(url.PathEscape(code))
}

// OfReport gives the words of a notice about a report: from its event, which
// history holds, and the event's body, nil when it has none. In the system no
// link is named: whoever reads it there is there.
func OfReport(ctx context.Context, s *settings.Snapshot, i Item, h report.History, body *report.Body, links Links) (Words, error) {
	if i.N < 1 || i.N > len(h.Events) {
		return Words{}, fmt.Errorf("wording the notice of report %s: it has no event %d", i.Report, i.N)
	}
	if body == nil {
		body = &report.Body{}
	}
	f := facts{ctx: ctx, settings: s, item: i, history: h, report: h.Report, event: h.Events[i.N-1], body: *body, links: links}
	args := map[string]string{"code": i.Report}
	if i.Channel != InSystem {
		args["link"] = links.Report(i.Report)
	}
	if err := f.fill(args); err != nil {
		return Words{}, fmt.Errorf("wording the notice of report %s: %w", i.Report, err)
	}
	return words(ctx, s, i, args)
}

// Asked is what an account's notice tells. Link holds a code: it is there when
// the notice is sent and never when it is read in the inbox.
type Asked struct {
	Due    time.Time // until when the link is good
	Link   string
	Agency string
	Reason string // why it is locked
}

// OfAsked gives the words of a notice about an account.
func OfAsked(ctx context.Context, s *settings.Snapshot, i Item, a Asked) (Words, error) {
	args := map[string]string{"link": a.Link, "reason": reason(i.Language, a.Reason)}
	if !a.Due.IsZero() && a.Link != "" {
		args["due"] = clockTime(i.Language, a.Due)
	}
	var err error
	if args["agency"], err = agencyName(ctx, s, a.Agency, i.At); err != nil {
		return Words{}, fmt.Errorf("wording the notice %s: %w", i.Type, err)
	}
	return words(ctx, s, i, args)
}

func words(ctx context.Context, s *settings.Snapshot, i Item, args map[string]string) (Words, error) {
	texts, err := s.Texts(ctx)
	if err != nil {
		return Words{}, fmt.Errorf("wording the notice %s: %w", i.Type, err)
	}
	w := Words{
		Subject: texts.Text(settings.NoticeSubject(i.Type), i.Language, i.At, args),
		Text:    tidy(texts.Text(settings.NoticeBody(i.Type), i.Language, i.At, args)),
	}
	if w.Subject == "" || w.Text == "" {
		return Words{}, fmt.Errorf("wording the notice %s: the settings have no text for it", i.Type)
	}
	return w, nil
}

// tidy leaves one blank line where lines without a value were left out.
func tidy(text string) string {
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}

// facts gathers what one event's words need.
type facts struct {
	ctx      context.Context
	settings *settings.Snapshot
	item     Item
	history  report.History
	report   report.Report
	event    report.Event
	body     report.Body
	links    Links
}

func (f facts) fill(args map[string]string) error {
	var err error
	lang := f.item.Language
	switch message.Type(f.event.Type) {
	case report.EventRefused:
		args["reason"], err = f.refusal()
	case report.EventSupplementAsked:
		args["reason"] = f.body.Text
		args["due"] = f.due(f.report.Clock(report.ClockScreening))
	case report.EventTransferred:
		if f.item.Type == TransferredAgain {
			args["times"] = fmt.Sprint(report.Transfers(f.history, f.event.N))
			args["agency"], err = f.agencies()
			return err
		}
		agency, _ := strings.CutPrefix(f.item.Owner, AgencyInbox(""))
		args["due"] = f.due(f.handling(agency))
		args["agency"], err = agencyName(f.ctx, f.settings, agency, f.event.At)
	case report.EventProgress:
		args["reason"] = f.body.Text
		args["agency"], err = f.agency()
	case report.EventExtended:
		args["reason"] = f.body.Reason
		args["due"] = f.due(f.started(report.ClockHandling))
		args["agency"], err = f.agency()
	case report.EventReturned:
		args["reason"] = join(reason(lang, f.event.Facts.Code), f.body.Reason, f.related())
		args["due"] = f.due(f.started(report.ClockRedistribute))
		args["agency"], err = f.agency()
	case report.EventAnswered:
		args["reason"] = join(f.body.Text, f.related())
	case report.EventPublished:
		if args["agency"], err = f.agency(); err == nil {
			args["days"], err = f.ratingDays()
		}
	case report.EventMediaRejected:
		args["reason"] = f.file() + reason(lang, f.event.Facts.Code)
	}
	return err
}

// refusal is the text of the law's list, then the officer's own words (R59).
func (f facts) refusal() (string, error) {
	table, err := f.settings.Refusals(f.ctx)
	if err != nil {
		return "", err
	}
	text := ""
	if r, ok := table.Refusal(f.event.Facts.Code, f.event.At); ok {
		text = r.In(f.item.Language)
		// Many people in the province write Khmer: they must be able to read why
		// a report that is not in Vietnamese was not taken.
		if r.Code == settings.NotVietnamese {
			text = join(text, r.Text["km"])
		}
		text = join(text, f.labelled("Căn cứ: ", "Legal basis: ", r.Law))
	}
	return join(text, f.body.Reason, f.related()), nil
}

// related names the earlier report or document (reading A4); a report with where
// it can be followed.
func (f facts) related() string {
	named := f.event.Facts.Related
	if id, ok := report.ParseCode(named); ok && f.item.Channel != InSystem {
		named = id + " – " + f.links.Report(id)
	}
	return f.labelled("Xem: ", "See: ", named)
}

// labelled puts a label before a value that is there.
func (f facts) labelled(vi, en, value string) string {
	switch {
	case value == "":
		return ""
	case f.item.Language == english:
		return en + value
	}
	return vi + value
}

func (f facts) ratingDays() (string, error) {
	policy, err := f.settings.Policy(f.ctx, f.event.At)
	return fmt.Sprint(policy.RatingDays), err
}

// agency names the agency of the event's part.
func (f facts) agency() (string, error) {
	a := f.report.Assignment(f.event.Assignment)
	if a == nil {
		return "", nil
	}
	return agencyName(f.ctx, f.settings, a.Agency, f.event.At)
}

// agencies names those that the event's transfer went to.
func (f facts) agencies() (string, error) {
	var names []string
	for _, key := range f.event.Facts.Agencies {
		name, err := agencyName(f.ctx, f.settings, key, f.event.At)
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	return strings.Join(names, "; "), nil
}

// handling is the clock of the part that this event gave to the agency.
func (f facts) handling(agency string) *report.Clock {
	for i := range f.report.Assignments {
		a := &f.report.Assignments[i]
		for j := range a.Clocks {
			if c := &a.Clocks[j]; a.Agency == agency && c.Name == report.ClockHandling && c.Event == f.event.N {
				return c
			}
		}
	}
	return nil
}

// started is the clock of that name that this event started.
func (f facts) started(name string) *report.Clock {
	for i := range f.event.Clocks {
		if f.event.Clocks[i].Name == name {
			return &f.event.Clocks[i]
		}
	}
	return nil
}

func (f facts) due(c *report.Clock) string {
	if c == nil {
		return ""
	}
	return clockTime(f.item.Language, c.Due)
}

// file says which of the reporter's files it is, as they were sent.
func (f facts) file() string {
	at := slices.Index(f.report.Media, f.event.Facts.Slot)
	if at < 0 {
		return ""
	}
	if f.item.Language == english {
		return fmt.Sprintf("file %d: ", at+1)
	}
	return fmt.Sprintf("tệp thứ %d: ", at+1)
}

// agencyName is an agency's name on a day, or its key while there is no
// directory that knows it.
func agencyName(ctx context.Context, s *settings.Snapshot, key string, at time.Time) (string, error) {
	if key == "" {
		return "", nil
	}
	d, err := s.Directory(ctx)
	if fault.Is(err, "not_set_up") {
		return key, nil
	}
	if err != nil {
		return "", err
	}
	if a, ok := d.AgencyRow(key, directory.DateOf(at)); ok {
		return a.Name, nil
	}
	return key, nil
}

// join puts the parts that are there on lines of their own.
func join(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.TrimSpace(p) == "" })
	return strings.Join(parts, "\n")
}
