package ledger

import (
	"fmt"
	"time"
)

// Names of the effects that write projections.
const (
	owedMine   = "project:mine"
	owedDay    = "project:day"
	owedNear   = "project:near"
	owedWork   = "project:work:"
	owedPublic = "project:public:"
	owedMedia  = "attach:media"
)

// workRow is a row of an officer's queue.
type workRow struct {
	Report     string    `json:"report"`
	Assignment string    `json:"asg,omitempty"`
	ETag       int       `json:"etag"`
	State      string    `json:"state"`
	Category   string    `json:"category"`
	Commune    string    `json:"commune"`
	Agency     string    `json:"agency,omitempty"`
	Submitted  time.Time `json:"submitted"`
	Due        time.Time `json:"due"`
	Flags      []string  `json:"flags,omitempty"`
}

// ownRow is a row of the reporter's list.
type ownRow struct {
	Report    string    `json:"report"`
	State     string    `json:"state"`
	Category  string    `json:"category"`
	Commune   string    `json:"commune"`
	Submitted time.Time `json:"submitted"`
	Asked     bool      `json:"asked,omitempty"`
}

// index puts a row into the index of work.
func index(it Item, queue string, row workRow) {
	it["lk"], it["ls"] = queue, instant(row.Due)+"#"+row.Report+"#"+row.Assignment
	it["sum"] = document(row)
}

// shown is the state as rows tell it: what waits for the machine stands there as
// what it becomes.
func shown(state string) string {
	switch state {
	case "submitted":
		return "screening"
	case "accepted":
		return "routing"
	case "concluded":
		return "editing"
	}
	return state
}

// queueRow is the row that stands in the state item: the report's, else its first
// assignment's.
func queueRow(s *state) (queue string, row workRow, ok bool) {
	if queue, row, ok = stageRow(s); ok || len(s.Assignments) == 0 {
		return queue, row, ok
	}
	return partRow(s, &s.Assignments[0])
}

// stageRow is the report's row in the operator's queues of the check and of the
// routing; false when it stands in neither.
func stageRow(s *state) (queue string, row workRow, ok bool) {
	row = workRow{Report: s.ID, ETag: s.Touched, State: shown(s.State), Category: s.Category, Commune: s.Commune, Submitted: s.Submitted, Flags: s.Flags}
	switch s.State {
	case "submitted", "screening":
		row.Due = due(s.Clocks, "screening")
		return "screen", row, true
	case "accepted", "routing", "processing":
		waits := false
		for i := range s.Clocks {
			if c := &s.Clocks[i]; c.Name == "redistribute" && c.running() && (!waits || c.Due.Before(row.Due)) {
				waits, row.Due = true, c.Due
			}
		}
		if waits {
			return "route", row, true
		}
		row.Due = due(s.Clocks, "transfer")
		return "route", row, s.State != "processing"
	}
	return "", row, false
}

// partRow is an assignment's row: in its agency's queue while it is handled, in
// the editors' until it is published.
func partRow(s *state, a *assignment) (queue string, row workRow, ok bool) {
	row = workRow{
		Report: s.ID, Assignment: a.ID, ETag: a.Event, State: shown(a.State), Category: s.Category, Commune: s.Commune, Agency: a.Agency,
		Submitted: s.Submitted, Flags: s.Flags,
	}
	switch a.State {
	case "transferred", "received":
		row.Due = due(a.Clocks, "handling")
		return "agency#" + a.Agency, row, true
	case "concluded", "editing":
		row.Due = due(a.Clocks, "publication")
		return "edit", row, true
	}
	return "", row, false
}

func newest(clocks []clock, name string) *clock {
	for i := len(clocks) - 1; i >= 0; i-- {
		if clocks[i].Name == name {
			return &clocks[i]
		}
	}
	return nil
}

func due(clocks []clock, name string) time.Time {
	if c := newest(clocks, name); c != nil {
		return c.Due
	}
	return time.Time{}
}

// projections compares what stands under a second key with what the state gives.
func (q *inquiry) projections() error {
	s := &q.state
	day := Item{"pk": dayKey(dayOf(s.Submitted)), "sk": s.ID}
	stored, err := q.read(day)
	if err != nil {
		return err
	}
	q.projection(InDay, stored, day, owedDay, 1)
	if err := q.near(); err != nil {
		return err
	}
	mine := Item{"pk": ownerKey(s.Owner), "sk": ownRowSort(s)}
	if stored, err = q.read(mine); err != nil {
		return err
	}
	mine["d"] = document(ownRow{
		Report: s.ID, State: shown(s.State), Category: s.Category, Commune: s.Commune, Submitted: s.Submitted,
		Asked: s.State == "screening" && s.Supplement != nil && s.Supplement.Answered == nil,
	})
	q.projection(InProjection, stored, mine, owedMine, 0, "d")
	_, _, staged := stageRow(s)
	for i := range s.Assignments {
		a := &s.Assignments[i]
		work := Item{"pk": reportKey(s.ID), "sk": rowSort(a.ID)}
		// The first one's row stands in the state item, unless the report's own does.
		queue, row, aside := partRow(s, a)
		if aside = aside && (i > 0 || staged); aside {
			index(work, queue, row)
		}
		if i == 0 && !aside && q.rows[a.ID] == nil {
			continue
		}
		q.projection(InProjection, q.rows[a.ID], work, owedWork+a.ID, 0, "sum")
		delete(q.rows, a.ID)
	}
	for id := range q.rows {
		q.deviates(InProjection, q.where(rowSort(id)), "a row of an assignment that is not there")
	}
	return nil
}

// near compares the entry by category and place of a report that has a point.
func (q *inquiry) near() error {
	s := &q.state
	if s.Point == nil {
		return nil
	}
	entry := Item{"pk": nearKey(s.Category, s.Point), "sk": instant(s.Submitted) + "#" + s.ID}
	stored, err := q.read(entry)
	if err != nil {
		return err
	}
	entry["d"] = document(s.Point)
	q.projection(InProjection, stored, entry, owedNear, 1, "d")
	return nil
}

func (q *inquiry) read(key Item) (Item, error) {
	it, err := q.Items.Item(q.ctx, key.text("pk"), key.text("sk"))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", itemName(key.text("pk"), key.text("sk")), err)
	}
	return it, nil
}

// projection compares one item with the rebuilt one, unless a change owes it
// still: then it may be older, but no newer. number is what its version must be, 0
// for the number of any event that there is.
func (q *inquiry) projection(what string, stored, rebuilt Item, owed string, number int, documents ...string) {
	where := itemName(rebuilt.text("pk"), rebuilt.text("sk"))
	highest := number
	if number == 0 {
		highest = q.newest().N
	}
	v := stored.number("v")
	if stored != nil && (v > int64(highest) || v < 1) {
		q.deviates(what, where, "it carries the number %d, and the newest there is is %d: nothing newer replaces it", v, highest)
	}
	switch {
	case q.owes(owed):
		q.checked.Pending++
		return
	case stored == nil:
		q.checked.Projections++
		q.deviates(what, where, "it is missing, and nothing owes it")
		return
	}
	q.checked.Projections++
	if v >= 1 && v < int64(number) {
		q.deviates(what, where, "it carries the number %d instead of %d", v, number)
	}
	q.same(what, stored, rebuilt, documents...)
}
