package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Truth is what a fleet holds, told from raw items and object listings alone.
type Truth struct {
	// Facts are what a run must leave behind whatever went wrong on its way, one
	// line each, in order.
	Facts []string
	// Instants are the clocks with their instants: equal where people acted at the
	// same instants.
	Instants []string
	// Wrong is what must never be, in any run.
	Wrong []string
}

// Differs tells in what another run left something else behind; exact tells
// whether the instants count.
func (t *Truth) Differs(o *Truth, exact bool) []string {
	out := differences(t.Facts, o.Facts)
	if exact {
		out = append(out, differences(t.Instants, o.Instants)...)
	}
	return out
}

func differences(want, got []string) []string {
	count := map[string]int{}
	for _, line := range want {
		count[line]++
	}
	for _, line := range got {
		count[line]--
	}
	var out []string
	for line, n := range count {
		switch {
		case n > 0:
			out = append(out, fmt.Sprintf("missing: %s", line))
		case n < 0:
			out = append(out, fmt.Sprintf("too much: %s", line))
		}
	}
	slices.Sort(out)
	return out
}

// Truth reads everything that is stored once the system has come to rest.
func (f *Fleet) Truth(ctx context.Context) (*Truth, error) {
	stored, err := f.aws.Items(f.table)
	if err != nil {
		return nil, err
	}
	r := &reading{truth: &Truth{}, items: map[string]Item{}, reports: map[string]*storedReport{}, now: f.Now(),
		slots: map[string]storedSlot{}, parts: map[string]bool{}}
	for _, one := range stored {
		if strings.HasPrefix(one.Hash, "settings") {
			continue
		}
		var item Item
		if err := json.Unmarshal(one.JSON(), &item); err != nil {
			return nil, fmt.Errorf("reading an item: %w", err)
		}
		r.items[item.Key()] = item
		r.keys = append(r.keys, item.Key())
	}
	if err := r.read(); err != nil {
		return nil, err
	}
	if r.objects, err = f.Objects(ctx, ""); err != nil {
		return nil, err
	}
	r.readObjects()
	mails, err := f.Mails()
	if err != nil {
		return nil, err
	}
	handed := map[string]bool{}
	for _, m := range mails {
		handed[strings.Trim(m.GivenMessageID, "<>")] = true
	}
	r.readMails(handed)
	for name, depth := range f.QueueDepths() {
		if depth.Visible+depth.InFlight+depth.Delayed > 0 {
			r.wrong("the queue %s holds %+v", name, depth)
		}
	}
	slices.Sort(r.truth.Facts)
	slices.Sort(r.truth.Instants)
	slices.Sort(r.truth.Wrong)
	return r.truth, nil
}

// reading is one reading of everything. The stored shapes are told here once
// more, so that an error of what writes them is not repeated.
type reading struct {
	truth   *Truth
	now     time.Time
	items   map[string]Item
	keys    []string
	objects []string
	reports map[string]*storedReport
	slots   map[string]storedSlot
	parts   map[string]bool // objects that a published part names
	notices []storedNotice
}

type storedClock struct {
	Name     string     `json:"name"`
	Event    int        `json:"event"`
	Start    time.Time  `json:"start"`
	Due      time.Time  `json:"due"`
	Unit     string     `json:"unit"`
	Amount   int        `json:"amount"`
	Done     *time.Time `json:"done"`
	Breached int        `json:"breached"`
	Window   bool       `json:"window"`
	Void     bool       `json:"void"`
	Moved    int        `json:"moved"`
}

type storedEvent struct {
	N          int             `json:"n"`
	Type       string          `json:"type"`
	At         time.Time       `json:"at"`
	Assignment string          `json:"asg"`
	Clocks     []storedClock   `json:"clocks"`
	Facts      json.RawMessage `json:"facts"`
	Body       string          `json:"body"`
	Key        string          `json:"key"`
	Prev       string          `json:"prev"`
	Hash       string          `json:"hash"`
	State      string          `json:"state"`
}

type storedPart struct {
	ID     string        `json:"id"`
	Agency string        `json:"agency"`
	State  string        `json:"state"`
	Event  int           `json:"event"`
	Clocks []storedClock `json:"clocks"`
	Rating int           `json:"rating"`
	Result *struct {
		Slot string `json:"slot"`
	} `json:"result"`
	Publication *struct {
		Revision int       `json:"rev"`
		Event    int       `json:"event"`
		At       time.Time `json:"at"`
		First    time.Time `json:"first"`
	} `json:"publication"`
}

type storedReport struct {
	ID         string          `json:"id"`
	State      string          `json:"state"`
	Owner      string          `json:"owner"`
	Category   string          `json:"category"`
	Commune    string          `json:"commune"`
	Point      *storedPoint    `json:"point"`
	Submitted  time.Time       `json:"submitted"`
	Touched    int             `json:"touched"`
	Media      []string        `json:"media"`
	Flags      []string        `json:"flags"`
	Transfers  int             `json:"transfers"`
	Proposal   json.RawMessage `json:"proposal"`
	Supplement *struct {
		Answered *time.Time `json:"answered"`
	} `json:"supplement"`
	Clocks      []storedClock   `json:"clocks"`
	Assignments []storedPart    `json:"assignments"`
	Owed        []storedOwed    `json:"owed"`
	Newest      json.RawMessage `json:"newest"`

	events []storedEvent
	raw    []string // of the events
	item   Item
}

type storedOwed struct {
	Name  string    `json:"name"`
	Retry time.Time `json:"retry"`
}

type storedSlot struct {
	ID        string     `json:"id"`
	Purpose   string     `json:"purpose"`
	State     string     `json:"state"`
	Reason    string     `json:"reason"`
	Report    string     `json:"report"`
	For       string     `json:"for"`
	Created   time.Time  `json:"created"`
	Attention *time.Time `json:"attention"`
}

type storedNotice struct {
	Type    string `json:"type"`
	Report  string `json:"report"`
	Account string `json:"account"`
	Channel string `json:"channel"`
	Outcome string `json:"outcome"`
	Message string `json:"mid"`
	Holder  string `json:"holder"`
	Reason  string `json:"reason"`
	N       int    `json:"n"`

	owner string // whose inbox it is in
}

func (r *reading) wrong(format string, args ...any) {
	r.truth.Wrong = append(r.truth.Wrong, fmt.Sprintf(format, args...))
}

func (r *reading) fact(format string, args ...any) {
	r.truth.Facts = append(r.truth.Facts, fmt.Sprintf(format, args...))
}

// read goes through the items by their kinds.
func (r *reading) read() error {
	for _, key := range r.keys {
		item := r.items[key]
		pk, sk := item.Text("pk"), item.Text("sk")
		kind, id, _ := strings.Cut(pk, "#")
		var err error
		switch {
		case kind == "R" && sk == "s":
			err = r.readReport(id, item)
		case kind == "S":
			err = r.readSlot(item)
		case kind == "N", kind == "U" && strings.HasPrefix(sk, "n#"):
			err = r.readNotice(id, item)
		case kind == "P":
			err = r.readPublic(id, item)
		case kind == "U" && sk == "a":
			err = r.readAccount(item)
		case kind == "L":
			r.readName(item)
		case kind == "K":
			r.fact("an act that leaves no event was remembered, answered %v", item["ans"].S != nil)
		case kind == "AU":
			err = r.readEntry(item)
		case kind == "PARK":
			r.wrong("parked: %s: %s", key, item.Text("reason"))
		}
		if err != nil {
			return err
		}
	}
	r.told()
	for _, s := range r.slots {
		r.checkSlot(s)
	}
	return r.orphans()
}

func (r *reading) readEntry(item Item) error {
	var d struct {
		Act     string `json:"act"`
		Actor   string `json:"actor"`
		Subject string `json:"subject"`
	}
	err := item.Document(&d)
	r.fact("audit: %s did %s with %s", d.Actor, d.Act, d.Subject)
	return err
}

func (r *reading) readAccount(item Item) error {
	var d struct {
		ID       string          `json:"id"`
		Verified *time.Time      `json:"verified"`
		Lock     json.RawMessage `json:"lock"`
		Owed     []storedOwed    `json:"owed"`
	}
	err := item.Document(&d)
	r.fact("account %s, proven %v, locked %v", d.ID, d.Verified != nil, d.Lock != nil)
	if len(d.Owed) > 0 {
		r.wrong("account %s owes %v", d.ID, d.Owed)
	}
	return err
}

func (r *reading) readName(item Item) {
	id := item.Text("acc")
	r.fact("a log-in name leads to %s", id)
	if item.Text("until") != "" {
		r.wrong("the log-in name of %s is claimed and not kept", id)
	}
	if r.items["U#"+id+" a"] == nil {
		r.wrong("a log-in name leads to %s, which is no account", id)
	}
}

func (r *reading) readNotice(owner string, item Item) error {
	var n storedNotice
	if err := item.Document(&n); err != nil {
		return err
	}
	n.owner = owner
	if n.Reason != "" {
		n.Outcome += " (" + n.Reason + ")"
	}
	r.fact("notice to %s of %s of %s%s by %s: %s", owner, n.Type, n.Report, n.Account, n.Channel, n.Outcome)
	r.notices = append(r.notices, n)
	if n.Outcome == "pending" || n.Holder != "" {
		r.wrong("the notice %s is %s, held by %q", item.Key(), n.Outcome, n.Holder)
	}
	if n.Report != "" && r.items["R#"+n.Report+" s"] == nil {
		r.wrong("the notice %s tells of a report that is not there", item.Key())
	}
	return nil
}

// readMails compares what left the system with what was intended to.
func (r *reading) readMails(handed map[string]bool) {
	for _, n := range r.notices {
		if n.Channel != "email" {
			continue
		}
		found := false
		for id := range handed {
			if id == n.Message || strings.HasPrefix(id, n.Message+"@") {
				found = true
				delete(handed, id)
			}
		}
		if found != (n.Outcome == "sent") && n.Reason != "overtaken" { // that one was not known to be sent
			r.wrong("the notice %s is %s, and its letter was handed over: %v", n.Message, n.Outcome, found)
		}
	}
	for id := range handed {
		r.wrong("the letter %s is of no notice", id)
	}
}

func (r *reading) readSlot(item Item) error {
	var s storedSlot
	if err := item.Document(&s); err != nil {
		return err
	}
	r.slots[s.ID] = s
	r.fact("upload %s (%s) is %s %s and of report %q", s.ID, s.Purpose, s.State, s.Reason, s.Report)
	return nil
}

// checkSlot wants every upload with its report, or before the sweep's eyes.
func (r *reading) checkSlot(s storedSlot) {
	owned := false
	if report := r.reports[s.Report]; report != nil {
		owned = slices.Contains(report.Media, s.ID) || slices.ContainsFunc(report.Assignments, func(p storedPart) bool { return p.Result != nil && p.Result.Slot == s.ID })
	}
	end := s.Created.Add(7*24*time.Hour + 12*time.Hour)
	switch {
	case s.Report != "" && !owned:
		r.wrong("the upload %s is of report %s, which does not name it", s.ID, s.Report)
	case s.Report != "" && s.Attention != nil:
		r.wrong("the upload %s of report %s is still looked at", s.ID, s.Report)
	case s.Report != "" && s.Purpose == "photo" && s.State == "open":
		r.wrong("the upload %s of report %s was never checked", s.ID, s.Report)
	case s.Report == "" && s.Attention == nil:
		r.wrong("the upload %s is of no report, and nobody will look at it", s.ID)
	case s.Report == "" && r.now.After(end):
		r.wrong("the upload %s is of no report since %s", s.ID, s.Created)
	}
}

func (r *reading) readPublic(id string, item Item) error {
	var p struct {
		Assignment string   `json:"asg"`
		Revision   int      `json:"rev"`
		Title      string   `json:"title"`
		Pictures   []string `json:"pictures"`
		Document   string   `json:"document"`
	}
	if err := item.Document(&p); err != nil {
		return err
	}
	r.fact("public: %s %s revision %d %q with %d pictures and %q", id, p.Assignment, p.Revision, p.Title, len(p.Pictures), p.Document)
	for _, key := range append(p.Pictures, p.Document) {
		if key != "" {
			r.parts[key] = true
		}
	}
	if r.items["R#"+id+" s"] == nil {
		r.wrong("%s is public, and there is no such report", id)
	}
	return nil
}

// readObjects wants an item for every object, and the objects of every item.
func (r *reading) readObjects() {
	there := map[string]bool{}
	for _, key := range r.objects {
		there[key] = true
		r.fact("object %s", key)
		prefix, rest, _ := strings.Cut(key, "/")
		switch prefix {
		case "public":
			if !r.parts[key] {
				r.wrong("the object %s is of no published part", key)
			}
		case "upload":
			purpose, id, _ := strings.Cut(rest, "/")
			if r.slots[id].Purpose != purpose {
				r.wrong("the object %s has no slot", key)
			}
		case "clean", "small":
			if r.slots[strings.TrimSuffix(rest, ".jpg")].State != "accepted" {
				r.wrong("the object %s is of no accepted upload", key)
			}
		default:
			r.wrong("nothing makes the object %s", key)
		}
	}
	for key := range r.parts {
		if !there[key] {
			r.wrong("the public object %s is missing", key)
		}
	}
	for id, s := range r.slots {
		if s.State == "accepted" && (!there["clean/"+id+".jpg"] || !there["small/"+id+".jpg"]) {
			r.wrong("the upload %s was accepted, and its copies are missing", id)
		}
	}
}
