package worktime

import "strings"

// Problem is one thing that is wrong with a calendar or with what is asked of
// one. Field is its name or its path inside the document, such as hours[0].sessions[1].to; Code is stable, for the place
// that words it for people; Rule says in English what must hold.
type Problem struct {
	Field string
	Code  string
	Rule  string
}

// The codes of problems.
const (
	CodeJSON      = "json"      // the document cannot be read at all
	CodeUnknown   = "unknown"   // a field that the form does not have
	CodeRepeated  = "repeated"  // a field that stands twice
	CodeRequired  = "required"  // a field that is missing or empty
	CodeType      = "type"      // another JSON type than the field has
	CodeFormat    = "format"    // not a day, a time or one of the words
	CodeLength    = "length"    // too long or too many
	CodeRange     = "range"     // a number or an instant beyond what can be
	CodeOrder     = "order"     // an end that is not after its start
	CodeOverlap   = "overlap"   // two things that hold at the same time
	CodeDuplicate = "duplicate" // the same day or start twice
	CodeConflict  = "conflict"  // a field that does not fit another one
)

// InvalidCalendar is the error of ParseCalendar: everything that is wrong, in
// the document's order.
type InvalidCalendar struct{ Problems []Problem }

// Error lists all problems in one sentence.
func (e *InvalidCalendar) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Rule
		if p.Field != "" {
			texts[i] = p.Field + ": " + p.Rule
		}
	}
	return "reading the calendar: " + strings.Join(texts, "; ")
}
