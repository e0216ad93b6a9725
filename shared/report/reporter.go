package report

import (
	"time"

	"paht/shared/fault"
)

// Types of the events. Messages are named after the same facts.
const (
	EventSubmitted       = "report.submitted"
	EventScreening       = "report.screening"
	EventSupplementAsked = "supplement.asked"
	EventSupplemented    = "report.supplemented"
	EventWithdrawn       = "report.withdrawn"
	EventAccepted        = "report.accepted"
	EventRefused         = "report.refused"
	EventAnswerSent      = "answer.sent"
	EventRouting         = "report.routing"
	EventTransferred     = "report.transferred"
	EventAnswered        = "report.answered"
	EventReceived        = "assignment.received"
	EventProgress        = "assignment.progress"
	EventExtended        = "assignment.extended"
	EventReturned        = "assignment.returned"
	EventConcluded       = "assignment.concluded"
	EventDrafted         = "publication.drafted"
	EventEdited          = "publication.edited"
	EventPublished       = "assignment.published"
	EventRated           = "assignment.rated"
	EventBreached        = "clock.breached"
	EventMediaRejected   = "media.rejected"
)

// Queues, named after their consumers.
const (
	QueueScreen  = "screen"
	QueueRoute   = "route"
	QueuePublish = "publish"
	QueueNotify  = "notify"
)

// Submission is a report as it comes in; the door has checked its fields.
type Submission struct {
	ID        string // Code of the act
	Owner     string
	Channel   string
	Notice    Notice
	Publicity Publicity
	Category  string
	Commune   string
	Point     *Point
	Text      string
	Address   string
	Occurred  *time.Time
	Media     []string
	Flags     []string
}

// Submit makes a new report (R15, R47–R56); its screening clock starts (R60).
func Submit(s Submission, ctx Context) (Change, error) {
	b := begin(Report{}, ctx, EventSubmitted)
	b.before = nil
	if s.Publicity == "" {
		s.Publicity = Hidden
	}
	b.r = Report{
		ID: s.ID, State: Submitted, Owner: s.Owner, Channel: s.Channel, Notice: s.Notice,
		Publicity: s.Publicity, Category: s.Category, Commune: s.Commune, Point: s.Point,
		SubmittedAt: ctx.At.UTC(), Media: s.Media, Flags: s.Flags, Trace: ctx.Trace,
	}
	b.e.Facts.Media, b.e.Facts.Flags = s.Media, s.Flags
	b.e.Facts.Sent = &Sent{Owner: s.Owner, Channel: s.Channel, Notice: s.Notice, Publicity: s.Publicity,
		Category: s.Category, Commune: s.Commune, Point: s.Point}
	b.body = &Body{Text: s.Text, Address: s.Address, Occurred: s.Occurred}
	clock, err := b.start(ClockScreening, "", ctx.At, 0)
	if err != nil {
		return Change{}, err
	}
	b.r.Clocks = append(b.r.Clocks, clock)
	if len(s.Media) > 0 {
		b.owe(AttachMedia)
	}
	if s.Point != nil {
		b.owe(ProjectNear)
	}
	b.owe(ProjectMine, ProjectDay, MessageEffect(EventSubmitted, QueueScreen))
	return b.finish()
}

// SupplementText is the reporter's answer to what the screener asked.
type SupplementText struct {
	Text  string
	Media []string
}

// AddSupplement adds what the screener asked for. No clock pauses (reading A26).
func AddSupplement(r Report, s SupplementText, ctx Context) (Change, error) {
	if r.State != Screening {
		return Change{}, wrongState(r.State)
	}
	if r.Supplement == nil || r.Supplement.Answered != nil {
		return Change{}, fault.New(fault.Conflict, "no_supplement_asked")
	}
	b := begin(r, ctx, EventSupplemented)
	at := ctx.At.UTC()
	b.r.Supplement.Answered = &at
	b.r.Media = append(b.r.Media, s.Media...)
	b.e.Facts.Media = s.Media
	b.body = &Body{Text: s.Text}
	if len(s.Media) > 0 {
		b.owe(AttachMedia)
	}
	b.owe(ProjectMine)
	return b.finish()
}

// Withdraw takes the report back before acceptance; it stays stored.
func Withdraw(r Report, reason string, ctx Context) (Change, error) {
	if r.State != Submitted && r.State != Screening {
		return Change{}, wrongState(r.State)
	}
	b := begin(r, ctx, EventWithdrawn)
	b.r.State = Withdrawn
	void(b.r.Clock(ClockScreening))
	if reason != "" {
		b.body = &Body{Reason: reason}
	}
	b.settle(MessageEffect(EventSubmitted, QueueScreen))
	b.owe(ProjectMine)
	return b.finish()
}

// Rate records the reporter's judgement of a published part: 1 hài lòng,
// 2 chấp nhận, 3 không hài lòng; editable until the policy's days have passed
// since the publication (reading A18).
func Rate(r Report, assignment string, value int, days int, ctx Context) (Change, error) {
	a := r.Assignment(assignment)
	if a == nil {
		return Change{}, fault.New(fault.NotFound, "not_found")
	}
	if a.State != Released || a.Publication == nil {
		return Change{}, wrongState(a.State)
	}
	if ctx.At.After(a.Publication.At.AddDate(0, 0, days)) {
		return Change{}, fault.New(fault.Conflict, "rating_closed")
	}
	b := begin(r, ctx, EventRated)
	a = b.r.Assignment(assignment)
	b.touch(a)
	a.Rating = value
	b.e.Facts.Rating = value
	return b.finish()
}
