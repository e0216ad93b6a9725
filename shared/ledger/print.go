package ledger

import (
	"errors"
	"fmt"
	"io"
)

// Walk asks for one step after the other until the end, and puts them together.
func Walk(r Request, ask func(Request) (Answer, error)) (Answer, error) {
	all := Answer{Deviations: []Deviation{}}
	for {
		step, err := ask(r)
		if err != nil {
			return all, err
		}
		all.Add(step)
		if step.Next == "" {
			return all, nil
		}
		if step.Checked.Days == 0 && step.Checked.Reports == 0 {
			return all, errors.New("a step ended before it checked anything: it has too little time")
		}
		r.After = step.Next
	}
}

func (c *Checked) add(o Checked) {
	c.Days += o.Days
	c.Reports += o.Reports
	c.Events += o.Events
	c.Bodies += o.Bodies
	c.Clocks += o.Clocks
	c.Effects += o.Effects
	c.Projections += o.Projections
	c.Media += o.Media
	c.Bytes += o.Bytes
	c.Pending += o.Pending
}

// Add puts the next step to those before.
func (a *Answer) Add(next Answer) {
	if a.From == "" {
		a.From, a.To = next.From, next.To
	}
	a.Checked.add(next.Checked)
	a.Deviations = append(a.Deviations, next.Deviations...)
	a.Next = next.Next
}

// Print tells in plain words what was checked and what deviates.
func (a *Answer) Print(w io.Writer) error {
	c := &a.Checked
	_, err := fmt.Fprintf(w, "checked the days %s to %s: %d reports with %d events, %d sealed bodies, %d clocks, %d effects owed, "+
		"%d projections, %d files (%d bytes)\n", a.From, a.To, c.Reports, c.Events, c.Bodies, c.Clocks, c.Effects, c.Projections, c.Media, c.Bytes)
	if err != nil {
		return err
	}
	if c.Pending > 0 {
		if _, err := fmt.Fprintf(w, "%d not compared: a change owes them still\n", c.Pending); err != nil {
			return err
		}
	}
	if a.Next != "" {
		if _, err := fmt.Fprintf(w, "not the end: the next step comes after %s\n", a.Next); err != nil {
			return err
		}
	}
	if len(a.Deviations) == 0 {
		_, err := fmt.Fprintln(w, "nothing deviates")
		return err
	}
	for _, d := range a.Deviations {
		if _, err := fmt.Fprintf(w, "%s: %s: %s: %s\n", d.Report, d.What, d.Where, d.Detail); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "%d deviations\n", len(a.Deviations))
	return err
}
