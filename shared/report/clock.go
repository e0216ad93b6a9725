package report

import "time"

// Names of the clocks of Art. 11.
const (
	ClockScreening    = "screening"    // 11.1.b: 02 working hours from submission to the answer
	ClockTransfer     = "transfer"     // 11.2.b: 01 working hour from the end of the check
	ClockReturn       = "return"       // 11.3.a: 01 hour from the transfer; measured only when the agency returns
	ClockRedistribute = "redistribute" // reading A5: the operator's own hour after a return
	ClockHandling     = "handling"     // 11.3.a: the due time of the assignment
	ClockResult       = "result"       // 11.3.b: 01 hour from the result's existence
	ClockPublication  = "publication"  // 11.3.c: 01 hour from the result's existence
)

// Unit is what a limit counts in (reading A1).
type Unit string

// The units.
const (
	WorkingTime Unit = "working" // minutes within office hours
	ClockTime   Unit = "clock"   // minutes on the wall
	WorkingDays Unit = "days"    // reading A28
)

// Clock is one limit with all that R72 asks for: start event, unit, due instant,
// done instant. It is on time when Done is not after Due.
type Clock struct {
	Name     string     `json:"name"`
	Event    int        `json:"event"` // the event that started it
	Start    time.Time  `json:"start"`
	Due      time.Time  `json:"due"`
	Unit     Unit       `json:"unit"`
	Amount   int        `json:"amount"` // minutes, or days
	Done     *time.Time `json:"done,omitempty"`
	Worked   int        `json:"worked,omitempty"`   // working minutes from start to done
	Elapsed  int        `json:"elapsed,omitempty"`  // clock minutes from start to done
	Breached int        `json:"breached,omitempty"` // the event that recorded the passed due time
	Window   bool       `json:"window,omitempty"`   // only its use is measured; passing unused is no breach
	Void     bool       `json:"void,omitempty"`     // ended unused
	Part     string     `json:"part,omitempty"`     // of a redistribution: the assignment that was returned
	Moved    int        `json:"moved,omitempty"`    // the event that put a later due time in its place
	Extended bool       `json:"extended,omitempty"` // it is that later due time: never counted as on time
	Calendar string     `json:"cal"`
	Policy   string     `json:"pol"`
}

// Running tells whether the clock is neither done nor void, nor replaced by a later one.
func (c *Clock) Running() bool { return c.Done == nil && !c.Void && c.Moved == 0 }

// OnTime tells whether the clock is done by its due instant; done at the due
// instant is on time. What was extended never is (reading A6).
func (c *Clock) OnTime() bool { return c.Done != nil && !c.Done.After(c.Due) && !c.Extended }

// Late tells whether the due instant has passed at t without the act, or before it.
func (c *Clock) Late(t time.Time) bool {
	if c.Void || c.Moved > 0 {
		return false
	}
	if c.Done != nil {
		return c.Done.After(c.Due)
	}
	return !c.Window && t.After(c.Due)
}

// Terms computes clocks from the calendar and the dated policies.
type Terms interface {
	// Clock starts the clock of that name at that instant for an agency (or the
	// operator: ""). days is used by ClockHandling alone.
	Clock(name, agency string, from time.Time, days int) (Clock, error)
	// Worked counts the working minutes of an agency between two instants.
	Worked(agency string, from, to time.Time) int
}

// stop ends a running clock at an instant; ending it twice changes nothing.
func (c Context) stop(clock *Clock, agency string, at time.Time) {
	if clock == nil || !clock.Running() {
		return
	}
	done := at
	clock.Done = &done
	clock.Worked = c.Terms.Worked(agency, clock.Start, at)
	clock.Elapsed = int(at.Sub(clock.Start) / time.Minute)
}

func void(clock *Clock) {
	if clock != nil && clock.Running() {
		clock.Void = true
	}
}

// NextDue is the earliest due instant of a clock that can still be breached.
func (r *Report) NextDue() (time.Time, bool) {
	var next time.Time
	each(r, func(_ string, c *Clock) {
		if c.Running() && !c.Window && c.Breached == 0 && (next.IsZero() || c.Due.Before(next)) {
			next = c.Due
		}
	})
	return next, !next.IsZero()
}

// each visits all clocks; assignment is "" for the report's own.
func each(r *Report, visit func(assignment string, c *Clock)) {
	for i := range r.Clocks {
		visit("", &r.Clocks[i])
	}
	for i := range r.Assignments {
		a := &r.Assignments[i]
		for j := range a.Clocks {
			visit(a.ID, &a.Clocks[j])
		}
	}
}
