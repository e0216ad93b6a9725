package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"paht/shared/directory"
	"paht/shared/fault"
	"paht/shared/report"
	"paht/shared/worktime"
)

// Loader fetches the bytes of a stored document. Snapshot asks it once for each
// version that is needed.
type Loader func(ctx context.Context, d Document) ([]byte, error)

// Snapshot is all settings at one moment. A document is loaded and parsed when
// it is first asked for, so a function pays for what it uses. It never changes
// and may be used by any number of goroutines.
//
// What was stored was checked before; it is read leniently all the same, since
// an older version of the product may have to read what a newer one wrote: a row
// that it does not know is left out.
type Snapshot struct {
	load  Loader
	cells map[Kind]*cell
	dir   *cell // agencies, units and categories joined
}

// cell is one document with what was made of it.
type cell struct {
	doc    Document
	mu     sync.Mutex
	parsed any
}

// New makes a snapshot of the stored documents; kinds that are missing have the
// product's own, or none.
func New(docs map[Kind]Document, load Loader) *Snapshot {
	return (&Snapshot{load: load, dir: &cell{}}).Next(docs)
}

// Next is the snapshot of other documents that takes over from this one what did
// not change; it is this one when nothing did.
func (s *Snapshot) Next(docs map[Kind]Document) *Snapshot {
	next := &Snapshot{load: s.load, cells: map[Kind]*cell{}, dir: s.dir}
	same := s.cells != nil
	for _, kind := range Kinds {
		doc, stored := docs[kind]
		if old := s.cells[kind]; !stored && old != nil && old.doc.Version == 0 {
			next.cells[kind] = old
			continue
		}
		if !stored {
			data, ok := Default(kind)
			if !ok {
				same = same && s.cells[kind] == nil
				continue
			}
			doc = Document{Kind: kind, SHA256: Sum(data), Data: data}
		}
		old := s.cells[kind]
		if old != nil && old.doc.Version == doc.Version && old.doc.SHA256 == doc.SHA256 {
			next.cells[kind] = old
			continue
		}
		same = false
		next.cells[kind] = &cell{doc: doc}
	}
	if same {
		return s
	}
	for _, kind := range []Kind{Agencies, Units, Categories} {
		if next.cells[kind] != s.cells[kind] {
			next.dir = &cell{}
		}
	}
	return next
}

// with is a snapshot in which one document is another: the candidate of a check.
func (s *Snapshot) with(kind Kind, data []byte) *Snapshot {
	docs := map[Kind]Document{kind: {Kind: kind, Version: -1, SHA256: Sum(data), Data: data}}
	for k, c := range s.cells {
		if k != kind && c.doc.Version != 0 {
			docs[k] = c.doc
		}
	}
	return s.Next(docs)
}

// Current tells which version of a kind holds, without its bytes; false when
// there is none, not even the product's.
func (s *Snapshot) Current(kind Kind) (Document, bool) {
	c := s.cells[kind]
	if c == nil {
		return Document{}, false
	}
	doc := c.doc
	doc.Data = nil
	return doc, true
}

// Document is the version of a kind that holds, with its bytes.
func (s *Snapshot) Document(ctx context.Context, kind Kind) (Document, error) {
	c := s.cells[kind]
	if c == nil {
		return Document{}, notSetUp(kind)
	}
	data, err := s.data(ctx, c)
	doc := c.doc
	doc.Data = data
	return doc, err
}

func (s *Snapshot) data(ctx context.Context, c *cell) ([]byte, error) {
	if c.doc.Data != nil {
		return c.doc.Data, nil
	}
	data, err := s.load(ctx, c.doc)
	if err != nil {
		return nil, fmt.Errorf("loading version %d of %s: %w", c.doc.Version, c.doc.Kind, err)
	}
	return data, nil
}

// notSetUp is the answer of what needs a document that the department has not
// stored yet.
func notSetUp(kind Kind) error { return fault.New(fault.Unavailable, "not_set_up", string(kind)) }

// value gives what is made of a document, once made; an error is not kept.
func value[T any](ctx context.Context, s *Snapshot, kind Kind, parse func(Document) (T, error)) (T, error) {
	var none T
	c := s.cells[kind]
	if c == nil {
		return none, notSetUp(kind)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parsed != nil {
		return c.parsed.(T), nil
	}
	doc := c.doc
	data, err := s.data(ctx, c)
	if err != nil {
		return none, err
	}
	doc.Data = data
	parsed, err := parse(doc)
	if err != nil {
		return none, fmt.Errorf("reading version %d of %s: %w", doc.Version, kind, err)
	}
	c.parsed = parsed
	return parsed, nil
}

// lenient makes of a parser for checking one for reading: only a document of
// which nothing can be read is an error.
func lenient[T any](parse func([]byte) (T, *problems)) func(Document) (T, error) {
	return func(d Document) (T, error) {
		parsed, p := parse(d.Data)
		return parsed, unreadable(p)
	}
}

func unreadable(p *problems) error {
	for _, found := range p.list {
		if found.Path == "" && (found.Rule == RuleNotJSON || found.Rule == RuleNotList) {
			return fmt.Errorf("the document breaks the rule %s", found.Rule)
		}
	}
	return nil
}

// beside is what the department set over the product's own document, which is
// not read a second time.
func beside(d Document) []byte {
	if d.Version == 0 {
		return []byte("[]")
	}
	return d.Data
}

// PolicyTable gives the dated policies.
func (s *Snapshot) PolicyTable(ctx context.Context) (*PolicyTable, error) {
	return value(ctx, s, Policies, func(d Document) (*PolicyTable, error) {
		table, p := parsePolicies(d.Version, beside(d))
		return table, unreadable(p)
	})
}

// Policy gives the policy that holds at an instant.
func (s *Snapshot) Policy(ctx context.Context, at time.Time) (Policy, error) {
	table, err := s.PolicyTable(ctx)
	if err != nil {
		return Policy{}, err
	}
	return table.At(at), nil
}

// Texts gives the texts of notices.
func (s *Snapshot) Texts(ctx context.Context) (*TextTable, error) {
	return value(ctx, s, Texts, func(d Document) (*TextTable, error) {
		table, p := parseTexts(beside(d))
		return table, unreadable(p)
	})
}

// Text gives one text with its placeholders filled in: TextTable.Text.
func (s *Snapshot) Text(ctx context.Context, key, lang string, at time.Time, args map[string]string) (string, error) {
	table, err := s.Texts(ctx)
	if err != nil {
		return "", err
	}
	return table.Text(key, lang, at, args), nil
}

// Roles gives the officers' roles.
func (s *Snapshot) Roles(ctx context.Context) (*RoleTable, error) {
	return value(ctx, s, Roles, lenient(parseRoles))
}

// Rights joins the rights of roles: RoleTable.Rights.
func (s *Snapshot) Rights(ctx context.Context, roles []string, at time.Time) (map[Right]bool, error) {
	table, err := s.Roles(ctx)
	if err != nil {
		return nil, err
	}
	return table.Rights(roles, at), nil
}

// Refusals gives the refusal codes.
func (s *Snapshot) Refusals(ctx context.Context) (*RefusalTable, error) {
	return value(ctx, s, Refusals, lenient(parseRefusals))
}

// Roots gives the trusted authorities; not_set_up while the department has
// stored none, since then no result can be accepted.
func (s *Snapshot) Roots(ctx context.Context) (*RootTable, error) {
	return value(ctx, s, Roots, lenient(parseRoots))
}

// Certificates gives the agencies' certificates.
func (s *Snapshot) Certificates(ctx context.Context) (*CertificateTable, error) {
	return value(ctx, s, Certificates, lenient(parseCertificates))
}

// Calendar gives the calendar.
func (s *Snapshot) Calendar(ctx context.Context) (*worktime.Calendar, error) {
	c, err := s.calendar(ctx)
	return c.Calendar, err
}

// officeHours is the calendar, and whether an agency has hours of its own in it.
type officeHours struct {
	*worktime.Calendar
	own bool
}

func (s *Snapshot) calendar(ctx context.Context) (officeHours, error) {
	return value(ctx, s, Calendar, func(d Document) (officeHours, error) {
		cal, err := worktime.ParseCalendar(d.Data)
		if err != nil {
			return officeHours{}, err
		}
		var form struct {
			Hours []struct {
				Agency string `json:"agency"`
			} `json:"hours"`
		}
		if err := json.Unmarshal(d.Data, &form); err != nil {
			return officeHours{}, err
		}
		c := officeHours{Calendar: cal}
		for _, h := range form.Hours {
			c.own = c.own || h.Agency != ""
		}
		return c, nil
	})
}

// Boundary gives the communes' boundary.
func (s *Snapshot) Boundary(ctx context.Context) (*directory.Boundary, error) {
	return value(ctx, s, Boundary, strict(directory.ParseBoundary))
}

// Terms gives the computation of clocks; the agencies are loaded only where the
// calendar gives some agency hours of its own, since then the operator may be it.
func (s *Snapshot) Terms(ctx context.Context) (report.Terms, error) {
	t, err := s.terms(ctx)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// OfficeHours gives the calendar, and the key under which worktime finds the
// office hours of an agency at an instant; "" asks for the operator's.
func (s *Snapshot) OfficeHours(ctx context.Context, agency string, at time.Time) (*worktime.Calendar, string, error) {
	t, err := s.terms(ctx)
	if err != nil {
		return nil, "", err
	}
	return t.calendar, t.hours(agency, at), nil
}

func (s *Snapshot) terms(ctx context.Context) (*terms, error) {
	cal, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	policies, err := s.PolicyTable(ctx)
	if err != nil {
		return nil, err
	}
	t := &terms{calendar: cal.Calendar, policies: policies}
	if cal.own {
		if t.agencies, err = s.agencies(ctx); err != nil {
			return nil, err
		}
	}
	return t, nil
}
