package report

import "paht/shared/fault"

// Draft is the editor's text of a part's publication (reading A16): the public
// text only; the signed file is never changed.
type Draft struct {
	Title    string
	Content  string
	Answer   string
	Media    []PublicMedium
	Document bool
}

func (d Draft) body(name string) *Body {
	return &Body{Title: d.Title, Content: d.Content, Answer: d.Answer, Media: d.Media, Document: d.Document, Name: name}
}

// Drafted puts the machine's first draft before the editor.
func Drafted(r Report, id string, d Draft, ctx Context) (Change, error) {
	a := r.Assignment(id)
	if a == nil || a.State != Concluded {
		return Change{}, ErrMovedOn
	}
	b := begin(r, ctx, EventDrafted)
	draft(b, id, d)
	return b.finish()
}

// Edit stores the editor's draft.
func Edit(r Report, id string, d Draft, ctx Context) (Change, error) {
	if err := editable(r, id, ctx); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventEdited)
	draft(b, id, d)
	return b.finish()
}

func draft(b *builder, id string, d Draft) {
	a := b.r.Assignment(id)
	b.touch(a)
	a.State = Editing
	if a.Publication == nil {
		a.Publication = &Publication{}
	}
	a.Publication.Draft = b.e.N
	b.body = d.body("")
	b.settleOf(MessageEffect(EventConcluded, QueuePublish), a.Result.Event)
	b.owe(ProjectWork + id)
}

// editable tells whether the operator's editor may act on the part: also while
// it still waits for the machine's draft.
func editable(r Report, id string, ctx Context) error {
	a := r.Assignment(id)
	if a == nil {
		return fault.New(fault.NotFound, "not_found")
	}
	if a.State != Concluded && a.State != Editing {
		return wrongState(a.State)
	}
	return ctx.stale(a.Event)
}

// Release publishes a part: the message to the reporter and the public entry in
// one act (R70, R71). name is shown only when the reporter consented.
func Release(r Report, id string, d Draft, name string, ctx Context) (Change, error) {
	if err := editable(r, id, ctx); err != nil {
		return Change{}, err
	}
	b := begin(r, ctx, EventPublished)
	a := b.r.Assignment(id)
	b.touch(a)
	a.State = Released
	revision, first := 1, b.e.At
	if p := a.Publication; p != nil && p.Revision > 0 {
		revision, first = p.Revision+1, p.First
	}
	a.Publication = &Publication{Revision: revision, Event: b.e.N, At: b.e.At, First: first}
	b.ctx.stop(a.Clock(ClockPublication), "", ctx.At)
	b.e.Facts.Revision = revision
	b.e.Facts.Late = a.Clock(ClockPublication).Late(ctx.At)
	b.r.State = b.r.standing()
	if b.r.Publicity != NameShown {
		name = ""
	}
	b.body = d.body(name)
	b.settleOf(MessageEffect(EventConcluded, QueuePublish), a.Result.Event)
	b.owe(ProjectMine, ProjectWork+id, ProjectPublic+id, MessageEffect(EventPublished, QueueNotify))
	return b.finish()
}

// Breach records a due time that has passed, each once (R72). It owes nothing: no
// list shows more of it than the due time.
func Breach(r Report, ctx Context) (Change, error) {
	b := begin(r, ctx, EventBreached)
	found := false
	each(&b.r, func(assignment string, c *Clock) {
		if found || !c.Running() || c.Window || c.Breached != 0 || !ctx.At.After(c.Due) {
			return
		}
		found = true
		c.Breached = b.e.N
		b.e.Assignment, b.e.Facts.Clock = assignment, c.Name
	})
	if !found {
		return Change{}, ErrMovedOn
	}
	return b.finish()
}
