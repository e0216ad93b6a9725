package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FirstDay is the day of Decision 1433/QĐ-UBND: no report is older.
const FirstDay = "2024-08-23"

// Request asks for the check of the reports of some days, in steps.
type Request struct {
	From  string `json:"from"`  // a day, 2026-11-24; FirstDay when left out
	To    string `json:"to"`    // the last day; today when left out
	After string `json:"after"` // where the step before ended: its Next
	// Reports bounds how many are checked in this step; 50 when left out.
	Reports int `json:"reports"`
}

// Answer is the outcome of one step, or of several put together.
type Answer struct {
	From       string      `json:"from"`
	To         string      `json:"to"`
	Checked    Checked     `json:"checked"`
	Deviations []Deviation `json:"deviations"`
	// Next is what the next step comes after; empty at the end.
	Next string `json:"next,omitempty"`
}

// Bounds of one step.
const (
	defaultReports = 50
	maxReports     = 500
	maxDays        = 1000
	maxBytes       = 256 << 20
	maxDeviations  = 1000
	// margin is kept for the report that was begun last.
	margin = 10 * time.Second
)

// walk is one step.
type walk struct {
	*Checker

	ctx     context.Context
	answer  Answer
	reports int             // that may still be checked
	owners  map[string]bool // whose lists were read
}

// Verify checks the reports of the days asked for, as far as one step goes.
func (c *Checker) Verify(ctx context.Context, r Request) (Answer, error) {
	w := &walk{Checker: c, ctx: ctx, owners: make(map[string]bool)}
	day, after, last, err := w.begin(r)
	if err != nil {
		return Answer{}, err
	}
	for ; !day.After(last); day, after = day.AddDate(0, 0, 1), "" {
		if w.full() {
			w.answer.Next = day.Format(time.DateOnly) + "/"
			break
		}
		done, err := w.day(day.Format(time.DateOnly), after)
		if err != nil {
			return Answer{}, err
		}
		if !done {
			break
		}
		w.answer.Checked.Days++
	}
	return w.answer, nil
}

func (w *walk) begin(r Request) (day time.Time, after string, last time.Time, err error) {
	if r.From == "" {
		r.From = FirstDay
	}
	if r.To == "" {
		r.To = dayOf(w.Now())
	}
	w.answer = Answer{From: r.From, To: r.To, Deviations: []Deviation{}}
	first, errFrom := time.Parse(time.DateOnly, r.From)
	last, errTo := time.Parse(time.DateOnly, r.To)
	switch {
	case errFrom != nil:
		return day, "", last, errors.New("from: must be a day like 2026-11-24")
	case errTo != nil:
		return day, "", last, errors.New("to: must be a day like 2026-11-24")
	case last.Before(first):
		return day, "", last, errors.New("to: must not be before from")
	case r.Reports < 0 || r.Reports > maxReports:
		return day, "", last, fmt.Errorf("reports: must be 1 to %d", maxReports)
	}
	if w.reports = r.Reports; w.reports == 0 {
		w.reports = defaultReports
	}
	if r.After == "" {
		return first, "", last, nil
	}
	on, after, cut := strings.Cut(r.After, "/")
	day, err = time.Parse(time.DateOnly, on)
	if err != nil || !cut || day.Before(first) || day.After(last) {
		return day, "", last, errors.New("after: must be the next of the step before, of the same days")
	}
	return day, after, last, nil
}

// full tells whether the step is to end here.
func (w *walk) full() bool {
	c := &w.answer.Checked
	return w.reports <= 0 || c.Days >= maxDays || c.Bytes >= maxBytes || len(w.answer.Deviations) >= maxDeviations ||
		w.Left != nil && w.Left(w.ctx) < margin
}

// day checks the reports of one day after a report's id; false when the step
// ended within it.
func (w *walk) day(day, after string) (bool, error) {
	for {
		limit := min(w.reports, defaultReports)
		entries, err := w.Items.Page(w.ctx, dayKey(day), after, limit)
		if err != nil {
			return false, fmt.Errorf("reading the reports of %s: %w", day, err)
		}
		for _, entry := range entries {
			if w.full() {
				w.answer.Next = day + "/" + after
				return false, nil
			}
			id := entry.text("sk")
			w.reports--
			if err := w.one(id, day); err != nil {
				return false, err
			}
			after = id
		}
		if len(entries) < limit {
			return true, nil
		}
		if w.full() {
			w.answer.Next = day + "/" + after
			return false, nil
		}
	}
}

// one checks one report that the entry of a day names, and the list of its owner.
func (w *walk) one(id, day string) error {
	q, err := w.report(w.ctx, id)
	if err != nil {
		return err
	}
	if q.item != nil && q.state.ID == id && dayOf(q.state.Submitted) != day {
		q.deviates(InDay, itemName(dayKey(day), id), "the report stands under this day, and was submitted on %s", dayOf(q.state.Submitted))
	}
	w.take(q)
	owner := q.state.Owner
	if owner == "" || w.owners[owner] {
		return nil
	}
	w.owners[owner] = true
	return w.list(owner)
}

func (w *walk) take(q *inquiry) {
	q.checked.Reports = 1
	w.answer.Checked.add(q.checked)
	w.answer.Deviations = append(w.answer.Deviations, ordered(q.found)...)
}

// ordered sorts by place, so that two runs tell the same.
func ordered(found []Deviation) []Deviation {
	slices.SortStableFunc(found, func(a, b Deviation) int { return strings.Compare(a.Where, b.Where) })
	return found
}

// list finds reports in a reporter's list that the walk by days does not: without
// the entry of their day, without a state, or of somebody else.
func (w *walk) list(owner string) error {
	rows, err := w.Items.Partition(w.ctx, ownerKey(owner), ownRowPrefix)
	if err != nil {
		return fmt.Errorf("reading the list of a reporter: %w", err)
	}
	for _, row := range rows {
		if err := w.listed(owner, row.text("sk")); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) listed(owner, sk string) error {
	where := itemName(ownerKey(owner), sk)
	at, id, _ := strings.Cut(strings.TrimPrefix(sk, ownRowPrefix), "#")
	submitted, err := time.Parse(time.RFC3339, at)
	name := func(what, where, text string) {
		w.answer.Deviations = append(w.answer.Deviations, Deviation{Report: id, What: what, Where: where, Detail: text})
	}
	if err != nil || id == "" {
		name(InProjection, where, "the key of the row names no instant and report")
		return nil
	}
	it, err := w.Items.Item(w.ctx, reportKey(id), stateSort)
	if err != nil {
		return fmt.Errorf("reading report %s: %w", id, err)
	}
	var s state
	if it == nil || json.Unmarshal([]byte(it.text("d")), &s) != nil {
		name(InProjection, where, "the list names a report whose state is missing")
		return nil
	}
	if s.Owner != owner || instant(s.Submitted) != at {
		name(InProjection, where, "the row is of a report of another account, or of another instant")
		return nil
	}
	entry, err := w.Items.Item(w.ctx, dayKey(dayOf(submitted)), id)
	if err != nil {
		return fmt.Errorf("reading the entry of a day: %w", err)
	}
	if entry != nil || slices.ContainsFunc(s.Owed, func(e effect) bool { return e.Name == owedDay }) {
		return nil
	}
	// The walk by days cannot find it: it is checked here, which names the entry.
	q, err := w.report(w.ctx, id)
	if err != nil {
		return err
	}
	w.take(q)
	return nil
}
