package directory

import "fmt"

// The names of the lists in the documents, which begin every path.
const (
	listAgencies   = "agencies"
	listUnits      = "units"
	listCategories = "categories"
)

func rowPath(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// ParseAgencies reads {"note", "agencies": [Agency …]} and returns every
// problem. The rows are good only when there is none.
func ParseAgencies(data []byte) ([]Agency, []Problem) {
	var rows []Agency
	p := document(data, listAgencies, func(r *row) {
		a := Agency{
			Code: r.code("code"), Name: r.name("name"),
			Kind: r.oneOf("kind", KindProvincialDepartment, KindProvincialOffice, KindOperatingCentre,
				KindDistrictCommittee, KindCommuneCommittee, KindOrganisation),
			Unit: r.code("unit"), Parent: r.code("parent"),
			Successors: r.codes("successors"), LegalBasis: r.text("legal_basis", maxNote),
			Source: r.text("source", maxNote), Note: r.text("note", maxNote),
			Span: r.spanOf(),
		}
		r.need("code", a.Code)
		if _, there := r.get("confidence"); there {
			a.Confidence = r.oneOf("confidence", "confirmed", "assumed")
		}
		a.Roles = r.roles(a.Span)
		switch committee := a.Kind == KindDistrictCommittee || a.Kind == KindCommuneCommittee; {
		case committee && a.Unit == "":
			r.add(RuleUnitRequired, "%s", r.at("unit"))
		case !committee && a.Unit != "":
			r.add(RuleUnitNotAllowed, "%s", r.at("unit"))
		}
		rows = append(rows, a)
	})
	t := newTable(rows, Agency.Key, Agency.span, Agency.next)
	rowProblems(p, listAgencies, rows, t, func(a Agency) string { return a.Parent })
	holderProblems(p, rows)
	return rows, p.list
}

// roles reads the roles of an agency, which lie within its own span.
func (r *row) roles(of Span) []Role {
	var roles []Role
	for i, raw := range r.items("roles", maxListed) {
		sub, ok := newRow(raw, rowPath(r.at("roles"), i), r.problems)
		if !ok {
			continue
		}
		role := Role{sub.oneOf("role", RoleOperator, RoleDepartment, RoleProvinceOffice, RoleAgency), sub.spanOf()}
		sub.end()
		if role.ValidFrom != "" && role.ValidFrom < of.ValidFrom || role.ValidTo != "" && of.ValidTo != "" && role.ValidTo > of.ValidTo {
			r.add(RuleOutsideSpan, "%s", sub.path)
		}
		for _, other := range roles {
			if other.Role == role.Role && other.overlaps(role.Span) {
				r.add(RuleDuplicate, "%s", sub.path)
				break
			}
		}
		roles = append(roles, role)
	}
	return roles
}

// ParseUnits reads {"note", "units": [Unit …]} and returns every problem.
func ParseUnits(data []byte) ([]Unit, []Problem) {
	var rows []Unit
	p := document(data, listUnits, func(r *row) {
		u := Unit{
			Code: r.code("code"), Level: r.oneOf("level", LevelProvince, LevelDistrict, LevelCommune),
			Name: r.name("name"), Type: r.name("type"), Parent: r.code("parent"),
			Successors: r.codes("successors"), LegalBasis: r.text("legal_basis", maxNote),
			Note: r.text("note", maxNote), Span: r.spanOf(),
		}
		r.need("code", u.Code)
		rows = append(rows, u)
	})
	t := newTable(rows, Unit.Key, Unit.span, Unit.next)
	rowProblems(p, listUnits, rows, t, func(u Unit) string { return u.Parent })
	levelProblems(p, rows, t)
	return rows, p.list
}

// ParseCategories reads {"note", "categories": [Category …]} and returns every
// problem.
func ParseCategories(data []byte) ([]Category, []Problem) {
	var rows []Category
	p := document(data, listCategories, func(r *row) {
		c := Category{
			Code: r.code("code"), Name: r.name("name"), Leads: r.codes("leads", LeadCommune, LeadDistrict),
			LegalBasis: r.text("legal_basis", maxNote), DefaultWorkingDays: r.whole("default_working_days", 1, 366),
			Successors: r.codes("successors"), Note: r.text("note", maxNote), Span: r.spanOf(),
		}
		r.need("code", c.Code)
		rows = append(rows, c)
	})
	t := newTable(rows, Category.Key, Category.span, Category.next)
	rowProblems(p, listCategories, rows, t, func(Category) string { return "" })
	return rows, p.list
}
