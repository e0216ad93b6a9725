package directory

import (
	"slices"
	"strings"

	"paht/shared/vietnamese"
)

// Agency returns the agency that bears a code on a date. A reference with a
// date (Key.String) means that row only, and is found only while it is in force.
func (d *Directory) Agency(ref string, on Date) (Agency, bool) {
	a, ok := d.agencies.find(ref, on)
	if !ok || !a.On(on) {
		return Agency{}, false
	}
	return a, true
}

// AgencyRow returns a row whether or not it is in force: old statistics and
// histories name agencies that are gone.
func (d *Directory) AgencyRow(ref string, on Date) (Agency, bool) { return d.agencies.find(ref, on) }

// Agencies returns the agencies in force on a date.
func (d *Directory) Agencies(on Date) []Agency { return d.agencies.all(on) }

// Unit, UnitRow and Units are the same for territorial units.
func (d *Directory) Unit(ref string, on Date) (Unit, bool) {
	u, ok := d.units.find(ref, on)
	if !ok || !u.On(on) {
		return Unit{}, false
	}
	return u, true
}

// UnitRow returns a unit whether or not it is in force.
func (d *Directory) UnitRow(ref string, on Date) (Unit, bool) { return d.units.find(ref, on) }

// Units returns the units in force on a date, of one level or of all (empty).
func (d *Directory) Units(level string, on Date) []Unit {
	return slices.DeleteFunc(d.units.all(on), func(u Unit) bool { return level != "" && u.Level != level })
}

// Category returns the category that bears a code on a date.
func (d *Directory) Category(ref string, on Date) (Category, bool) {
	c, ok := d.categories.find(ref, on)
	if !ok || !c.On(on) {
		return Category{}, false
	}
	return c, true
}

// Categories returns the categories in force on a date.
func (d *Directory) Categories(on Date) []Category { return d.categories.all(on) }

// Assigned tells whether an agency may be given a report on a date (R05, Art.
// 3.3 "được giao xử lý").
func (d *Directory) Assigned(ref string, on Date) bool {
	a, ok := d.Agency(ref, on)
	return ok && a.Holds(RoleAgency, on)
}

// Operator returns who runs the system on a date.
func (d *Directory) Operator(on Date) (Agency, bool) { return d.holder(RoleOperator, on) }

// Department returns who administers accounts, rights and the directory.
func (d *Directory) Department(on Date) (Agency, bool) { return d.holder(RoleDepartment, on) }

// ProvinceOffice returns who monitors and urges.
func (d *Directory) ProvinceOffice(on Date) (Agency, bool) { return d.holder(RoleProvinceOffice, on) }

func (d *Directory) holder(role string, on Date) (Agency, bool) {
	for _, code := range d.agencies.codes {
		if a, ok := d.agencies.on(code, on); ok && a.Holds(role, on) {
			return a, true
		}
	}
	return Agency{}, false
}

// Successors returns what has become of an agency by a date: itself while it is
// in force, else the agencies that its work has passed to. A district's people's
// committee has none: see Follow.
func (d *Directory) Successors(ref string, on Date) []Agency {
	a, ok := d.agencies.find(ref, on)
	if !ok {
		return nil
	}
	return d.agencies.follow(a, on)
}

// UnitSuccessors returns what has become of a unit by a date.
func (d *Directory) UnitSuccessors(ref string, on Date) []Unit {
	u, ok := d.units.find(ref, on)
	if !ok {
		return nil
	}
	return d.units.follow(u, on)
}

// Follow returns the one agency that carries on an agency's open work of a
// place: its only successor, else, where it was divided or a people's committee
// left no successor, the committee of the commune. It is false when a person
// has to say.
func (d *Directory) Follow(ref, commune string, on Date) (Agency, bool) {
	a, ok := d.agencies.find(ref, on)
	if !ok {
		return Agency{}, false
	}
	heirs := d.agencies.follow(a, on)
	if len(heirs) == 1 {
		return heirs[0], true
	}
	if len(heirs) == 0 && a.Unit == "" {
		return Agency{}, false
	}
	local, ok := d.CommuneCommittee(commune, on)
	if !ok || len(heirs) > 1 && !slices.ContainsFunc(heirs, func(h Agency) bool { return h.Key() == local.Key() }) {
		return Agency{}, false
	}
	return local, true
}

// CommuneCommittee returns the people's committee of a commune on a date. A
// commune that has closed is followed to its successor; one that was divided
// has none until the report's place names the new one.
func (d *Directory) CommuneCommittee(commune string, on Date) (Agency, bool) {
	unit, ok := d.communeOn(commune, on)
	if !ok {
		return Agency{}, false
	}
	return d.committee(unit.Code, on)
}

// DistrictCommittee returns the people's committee of the district in which a
// commune lies on a date (a district that has merged is its successor); where
// there is no district any more, that of the commune.
func (d *Directory) DistrictCommittee(commune string, on Date) (Agency, bool) {
	unit, ok := d.communeOn(commune, on)
	if !ok {
		return Agency{}, false
	}
	if up, ok := d.units.meant(unit.Parent, unit.Span); ok {
		heirs := d.units.follow(up, on)
		if len(heirs) == 1 && heirs[0].Level == LevelDistrict {
			return d.committee(heirs[0].Code, on)
		}
	}
	return d.committee(unit.Code, on)
}

func (d *Directory) communeOn(ref string, on Date) (Unit, bool) {
	heirs := d.UnitSuccessors(ref, on)
	if len(heirs) != 1 || heirs[0].Level != LevelCommune {
		return Unit{}, false
	}
	return heirs[0], true
}

func (d *Directory) committee(unit string, on Date) (Agency, bool) {
	for _, a := range d.committees[unit] {
		if a.On(on) {
			return a, true
		}
	}
	return Agency{}, false
}

// Proposal is where the directory would send a report: the router decides.
type Proposal struct {
	Agencies    []Agency // the likeliest first; empty when no lead is assigned
	WorkingDays int
	LegalBasis  string
}

// Agency returns the first of the agencies.
func (p Proposal) Agency() (Agency, bool) {
	if len(p.Agencies) == 0 {
		return Agency{}, false
	}
	return p.Agencies[0], true
}

// Lead proposes who handles a report of a category in a commune on a date, in
// how many working days (reading A6) and on which legal basis. Leads are
// followed to their successors; whoever is not assigned on the date is left
// out. It is false when the category is not in force.
func (d *Directory) Lead(category, commune string, on Date) (Proposal, bool) {
	c, ok := d.Category(category, on)
	if !ok {
		return Proposal{}, false
	}
	p := Proposal{WorkingDays: c.DefaultWorkingDays, LegalBasis: c.LegalBasis}
	for _, lead := range c.Leads {
		for _, a := range d.leadAgencies(c, lead, commune, on) {
			same := func(other Agency) bool { return other.Key() == a.Key() }
			if a.Holds(RoleAgency, on) && !slices.ContainsFunc(p.Agencies, same) {
				p.Agencies = append(p.Agencies, a)
			}
		}
	}
	return p, true
}

func (d *Directory) leadAgencies(c Category, lead, commune string, on Date) []Agency {
	var a Agency
	var ok bool
	switch lead {
	case LeadCommune:
		a, ok = d.CommuneCommittee(commune, on)
	case LeadDistrict:
		a, ok = d.DistrictCommittee(commune, on)
	default:
		if a, ok = d.agencies.meant(lead, c.Span); ok {
			return d.agencies.follow(a, on)
		}
	}
	if !ok {
		return nil
	}
	return []Agency{a}
}

// Subtree returns the codes of an agency and of all agencies under it on a
// date, itself first (reading A23). A parent that has closed is replaced by its
// successor; where it was divided, its subordinates are under nobody until
// their rows say whom, since a right to see must not be guessed.
func (d *Directory) Subtree(ref string, on Date) []string {
	top, ok := d.Agency(ref, on)
	if !ok {
		return nil
	}
	children := map[string][]string{}
	for _, a := range d.agencies.all(on) {
		if up, ok := d.parentOf(a, on); ok {
			children[up.Code] = append(children[up.Code], a.Code)
		}
	}
	codes := []string{top.Code}
	for i := 0; i < len(codes); i++ {
		for _, code := range children[codes[i]] {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// Parent returns the agency that answers for an agency on a date.
func (d *Directory) Parent(ref string, on Date) (Agency, bool) {
	a, ok := d.Agency(ref, on)
	if !ok {
		return Agency{}, false
	}
	return d.parentOf(a, on)
}

func (d *Directory) parentOf(a Agency, on Date) (Agency, bool) {
	up, ok := d.agencies.meant(a.Parent, a.Span)
	if !ok {
		return Agency{}, false
	}
	heirs := d.agencies.follow(up, on)
	if len(heirs) != 1 || !heirs[0].On(on) || heirs[0].Key() == a.Key() {
		return Agency{}, false
	}
	return heirs[0], true
}

// AgenciesNamed returns the agencies of a name on a date, without regard to the
// placement of tone marks (Hòa, Hoà), composition and case.
func (d *Directory) AgenciesNamed(name string, on Date) []Agency {
	return slices.DeleteFunc(d.Agencies(on), func(a Agency) bool { return !vietnamese.SameName(a.Name, name) })
}

// UnitsNamed returns the units of a name on a date, in the same way. The same
// name may stand for several: Châu Thành was a district, and is a commune since.
func (d *Directory) UnitsNamed(name string, on Date) []Unit {
	return slices.DeleteFunc(d.Units("", on), func(u Unit) bool { return !vietnamese.SameName(u.Name, name) })
}

// SearchAgencies returns the agencies with a word that begins with the query,
// without regard to diacritics, in the order of the dictionary.
func (d *Directory) SearchAgencies(query string, on Date) []Agency {
	found := slices.DeleteFunc(d.Agencies(on), func(a Agency) bool { return !begins(a.Name, query) })
	slices.SortStableFunc(found, func(a, b Agency) int { return vietnamese.Compare(a.Name, b.Name) })
	return found
}

// SearchUnits is the same for territorial units.
func (d *Directory) SearchUnits(query string, on Date) []Unit {
	found := slices.DeleteFunc(d.Units("", on), func(u Unit) bool { return !begins(u.Name, query) })
	slices.SortStableFunc(found, func(a, b Unit) int { return vietnamese.Compare(a.Name, b.Name) })
	return found
}

// begins tells whether some word of the name begins what was asked for.
func begins(name, query string) bool {
	words := func(s string) string { return " " + strings.Join(strings.Fields(vietnamese.Fold(s)), " ") }
	return strings.Contains(words(name), words(query))
}
