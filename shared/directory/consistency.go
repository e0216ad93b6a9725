package directory

import "slices"

// rowProblems finds what is wrong between the rows of one document: keys taken
// twice, spans that overlap, parents and successors that lead nowhere.
func rowProblems[R any](p *problems, list string, rows []R, t table[R], parent func(R) string) {
	seen := map[Key]bool{}
	for i, row := range rows {
		key, span, path := t.key(row), t.span(row), rowPath(list, i)
		if key.Code == "" {
			continue
		}
		switch {
		case seen[key]:
			p.add(RuleDuplicate, "%s.code", path)
		case overlapsAnother(t, row):
			p.add(RuleOverlap, "%s.valid_from", path)
		}
		seen[key] = true
		for j, code := range t.next(row) {
			successorProblem(p, t, code, span, rowPath(path+".successors", j))
		}
		if code := parent(row); code != "" {
			if len(t.byCode[code]) == 0 {
				p.add(RuleUnknownCode, "%s.parent", path)
			} else if _, ok := t.meant(code, span); !ok {
				p.add(RuleNotInForce, "%s.parent", path)
			} else if inLoop(t, row, parent) {
				p.add(RuleParentLoop, "%s.parent", path)
			}
		}
	}
}

// overlapsAnother tells whether another row of the same code, with another
// first day, is in force on the row's first day.
func overlapsAnother[R any](t table[R], row R) bool {
	return slices.ContainsFunc(t.byCode[t.key(row).Code], func(other R) bool {
		return t.key(other).ValidFrom < t.key(row).ValidFrom && t.span(other).overlaps(t.span(row))
	})
}

// successorProblem checks that a successor is in force on the day from which
// the row no longer is, so that work can pass over without a gap.
func successorProblem[R any](p *problems, t table[R], code string, span Span, path string) {
	if span.ValidTo == "" {
		p.add(RuleSuccessorOpen, "%s", path)
	} else if len(t.byCode[code]) == 0 {
		p.add(RuleUnknownCode, "%s", path)
	} else if _, ok := t.on(code, span.ValidTo); !ok {
		p.add(RuleNotInForce, "%s", path)
	}
}

// inLoop tells whether a row is among its own parents. It looks at the rows as
// entered; a parent that has closed is replaced by its successor only later.
func inLoop[R any](t table[R], row R, parent func(R) string) bool {
	seen := map[Key]bool{}
	for at := row; ; {
		up, ok := t.meant(parent(at), t.span(at))
		if !ok || seen[t.key(up)] {
			return false
		}
		if t.key(up) == t.key(row) {
			return true
		}
		seen[t.key(up)] = true
		at = up
	}
}

// holderProblems finds roles with two holders at a time: there is one operator
// (Art. 4.1), one department and one province office.
func holderProblems(p *problems, agencies []Agency) {
	type held struct {
		code string
		span Span
	}
	holders := map[string][]held{}
	for i, a := range agencies {
		for j, role := range a.Roles {
			if role.Role == RoleAgency || role.Role == "" {
				continue
			}
			span := within(role.Span, a.Span)
			for _, h := range holders[role.Role] {
				if h.span.overlaps(span) && h.code != a.Code {
					p.add(RuleHeldTwice, "%s.roles[%d]", rowPath(listAgencies, i), j)
					break
				}
			}
			holders[role.Role] = append(holders[role.Role], held{a.Code, span})
		}
	}
}

// within cuts a span to another.
func within(s, bounds Span) Span {
	s.ValidFrom = max(s.ValidFrom, bounds.ValidFrom)
	if s.ValidTo == "" || bounds.ValidTo != "" && bounds.ValidTo < s.ValidTo {
		s.ValidTo = bounds.ValidTo
	}
	return s
}

// levelProblems checks that units lie in units above them, and that a unit's
// successors are of its own level.
func levelProblems(p *problems, units []Unit, t table[Unit]) {
	depth := map[string]int{LevelProvince: 1, LevelDistrict: 2, LevelCommune: 3}
	for i, u := range units {
		path := rowPath(listUnits, i)
		if up, ok := t.meant(u.Parent, u.Span); ok && depth[up.Level] >= depth[u.Level] {
			p.add(RuleWrongLevel, "%s.parent", path)
		}
		if u.Level != LevelProvince && depth[u.Level] != 0 && u.Parent == "" {
			p.add(RuleRequired, "%s.parent", path)
		}
		for j, code := range u.Successors {
			if heir, ok := t.on(code, u.ValidTo); ok && heir.Level != u.Level {
				p.add(RuleWrongLevel, "%s", rowPath(path+".successors", j))
			}
		}
	}
}

// crossProblems finds what is wrong between the documents.
func (d *Directory) crossProblems(agencies []Agency, categories []Category) []Problem {
	p := &problems{}
	levels := map[string]string{KindDistrictCommittee: LevelDistrict, KindCommuneCommittee: LevelCommune}
	for i, a := range agencies {
		if a.Unit == "" {
			continue
		}
		path := rowPath(listAgencies, i) + ".unit"
		if unit, ok := d.units.meant(a.Unit, a.Span); len(d.units.byCode[a.Unit]) == 0 {
			p.add(RuleUnknownCode, "%s", path)
		} else if !ok {
			p.add(RuleNotInForce, "%s", path)
		} else if levels[a.Kind] != unit.Level {
			p.add(RuleWrongLevel, "%s", path)
		}
		for _, other := range d.committees[a.Unit] {
			if other.Code < a.Code && other.overlaps(a.Span) {
				p.add(RuleHeldTwice, "%s", path)
			}
		}
	}
	for i, c := range categories {
		for j, lead := range c.Leads {
			d.leadProblem(p, c, lead, rowPath(rowPath(listCategories, i)+".leads", j))
		}
	}
	return p.list
}

// leadProblem checks that a lead is an agency that a report can ever go to.
func (d *Directory) leadProblem(p *problems, c Category, lead, path string) {
	if lead == LeadCommune || lead == LeadDistrict {
		return
	}
	agency, ok := d.agencies.meant(lead, c.Span)
	if len(d.agencies.byCode[lead]) == 0 {
		p.add(RuleUnknownCode, "%s", path)
	} else if !ok {
		p.add(RuleNotInForce, "%s", path)
	} else if !d.everAssigned(agency, map[Key]bool{}) {
		p.add(RuleNeverAssigned, "%s", path)
	}
}

func (d *Directory) everAssigned(a Agency, seen map[Key]bool) bool {
	if seen[a.Key()] {
		return false
	}
	seen[a.Key()] = true
	if slices.ContainsFunc(a.Roles, func(r Role) bool { return r.Role == RoleAgency }) {
		return true
	}
	return slices.ContainsFunc(a.Successors, func(code string) bool {
		heir, ok := d.agencies.on(code, a.ValidTo)
		return ok && d.everAssigned(heir, seen)
	})
}
