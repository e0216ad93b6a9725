// Package bench takes the figures that the design gives budgets for: sizes, starts,
// units and cost of a report's life, the latency of submissions and what grows with
// the number of reports. Ratios are taken in one run. It ships nothing.
package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// A Figure is one number with its budget; a budget of nought is none.
type Figure struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Budget float64 `json:"budget,omitempty"`
	// Note says what the number leaves out, or what it rests on.
	Note string `json:"note,omitempty"`
}

// Figures are those of one run.
type Figures struct{ all []Figure }

// Add adds one.
func (f *Figures) Add(name string, value float64, unit string, budget float64, note string) {
	f.all = append(f.all, Figure{name, value, unit, budget, note})
}

// Missed lists the figures over their budget.
func (f *Figures) Missed() []Figure {
	var missed []Figure
	for _, one := range f.all {
		if one.Budget > 0 && one.Value > one.Budget {
			missed = append(missed, one)
		}
	}
	return missed
}

// Write writes them as JSON.
func (f *Figures) Write(path string) error {
	content, err := json.MarshalIndent(f.all, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the figures: %w", err)
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	return nil
}

// Print prints them as tables, one for each first word of their names.
func (f *Figures) Print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	table := ""
	for _, one := range f.all {
		kind, rest, _ := strings.Cut(one.Name, " ")
		if kind != table {
			table = kind
			fmt.Fprintf(w, "\n%s\t\t\tbudget\t\n", strings.ToUpper(kind))
		}
		budget, verdict := "", ""
		if one.Budget > 0 {
			budget = fmt.Sprintf("%.4g", one.Budget)
			if one.Value > one.Budget {
				verdict = fmt.Sprintf("over by %.0f %%", 100*(one.Value/one.Budget-1))
			}
		}
		fmt.Fprintf(w, "%s\t%.4g\t%s\t%s\t%s %s\n", rest, one.Value, one.Unit, budget, verdict, one.Note)
	}
	_ = w.Flush() // to a terminal or a log: there is nowhere to tell of its failure
}
