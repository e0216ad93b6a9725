// Package directory holds who handles reports and where: agencies, territorial
// units, categories and the communes' boundary, as data with effective dates
// and successors. Since Decision 1433/QĐ-UBND departments merged (01/03/2025),
// wards merged (01/01/2025), and the province merged with the district level
// abolished (01/07/2025); a report outlives such changes, so every question is
// asked on a date.
//
// It parses the administrator's documents and names all of their problems at
// once. It imports the standard library and shared/vietnamese, and must never
// import AWS, HTTP, or a step.
package directory

import (
	"slices"
	"strings"
	"time"
)

// Date is a civil date in Vietnam as YYYY-MM-DD. Empty is an open end: since
// ever, or until further notice. Dates compare as strings.
type Date string

// vietnamTime has no daylight saving, hence needs no zone data.
var vietnamTime = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// DateOf returns the date in Vietnam at an instant.
func DateOf(t time.Time) Date { return Date(t.In(vietnamTime).Format(time.DateOnly)) }

// MarshalJSON writes an open end as null, as the documents do.
func (d Date) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	return []byte(`"` + string(d) + `"`), nil
}

// Span is the time in which a row is in force: ValidFrom is its first day,
// ValidTo the first day on which it no longer is.
type Span struct {
	ValidFrom Date `json:"valid_from"`
	ValidTo   Date `json:"valid_to"`
}

// On tells whether the span holds on a date.
func (s Span) On(on Date) bool { return s.ValidFrom <= on && (s.ValidTo == "" || on < s.ValidTo) }

// overlaps tells whether two spans have a day in common.
func (s Span) overlaps(o Span) bool {
	return (o.ValidTo == "" || s.ValidFrom < o.ValidTo) && (s.ValidTo == "" || o.ValidFrom < s.ValidTo)
}

// Key names one row for ever. A code alone does not: codes are reused (29242
// was a ward until 01/07/2025 and is another one since).
type Key struct {
	Code      string
	ValidFrom Date
}

// String returns the key as "code" for a row since ever, else "code@date".
func (k Key) String() string {
	if k.ValidFrom == "" {
		return k.Code
	}
	return k.Code + "@" + string(k.ValidFrom)
}

// ParseKey reads what String wrote. It checks no more than the shape.
func ParseKey(s string) (Key, bool) {
	code, from, dated := strings.Cut(s, "@")
	if !codePattern().MatchString(code) || dated && !validDate(from) {
		return Key{}, false
	}
	return Key{code, Date(from)}, true
}

// The roles of Decision 1433/QĐ-UBND. Who holds them is dated data (reading
// A20): the department named by the decision is gone since 01/03/2025.
const (
	RoleOperator       = "operator"        // cơ quan vận hành hệ thống
	RoleDepartment     = "department"      // administers accounts, rights, directory
	RoleProvinceOffice = "province_office" // monitors and urges
	RoleAgency         = "agency"          // được giao xử lý (Art. 3.3)
)

// Role is a role that an agency holds for a time; open ends are the agency's.
type Role struct {
	Role string `json:"role"`
	Span
}

// The kinds of agency.
const (
	KindProvincialDepartment = "provincial_department" // sở, ban, ngành
	KindProvincialOffice     = "provincial_office"     // văn phòng UBND tỉnh
	KindOperatingCentre      = "operating_centre"
	KindDistrictCommittee    = "district_committee" // UBND huyện, thị xã, thành phố
	KindCommuneCommittee     = "commune_committee"  // UBND xã, phường, thị trấn
	KindOrganisation         = "organisation"       // other units (Art. 3.3 "cơ quan, đơn vị")
)

// Agency is one agency during one span.
type Agency struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`
	Unit       string   `json:"unit,omitempty"`   // a people's committee's territorial unit
	Parent     string   `json:"parent,omitempty"` // who answers for it (Art. 5.2.b, reading A23)
	Roles      []Role   `json:"roles"`
	Successors []string `json:"successors"` // codes in force on ValidTo
	LegalBasis string   `json:"legal_basis,omitempty"`
	Confidence string   `json:"confidence,omitempty"` // confirmed or assumed
	Source     string   `json:"source,omitempty"`
	Note       string   `json:"note,omitempty"`
	Span
}

// Key returns the row's key.
func (a Agency) Key() Key { return Key{a.Code, a.ValidFrom} }

// Holds tells whether the agency holds a role on a date.
func (a Agency) Holds(role string, on Date) bool {
	return a.On(on) && slices.ContainsFunc(a.Roles, func(r Role) bool { return r.Role == role && r.On(on) })
}

// The levels of territorial units.
const (
	LevelProvince = "province"
	LevelDistrict = "district" // abolished on 01/07/2025 (Law 72/2025/QH15)
	LevelCommune  = "commune"
)

// Unit is one territorial unit during one span.
type Unit struct {
	Code       string   `json:"code"`
	Level      string   `json:"level"`
	Name       string   `json:"name"`
	Type       string   `json:"type"` // the Vietnamese word: Xã, Phường, Thị trấn …
	Parent     string   `json:"parent,omitempty"`
	Successors []string `json:"successors"`
	LegalBasis string   `json:"legal_basis,omitempty"`
	Note       string   `json:"note,omitempty"`
	Span
}

// Key returns the row's key.
func (u Unit) Key() Key { return Key{u.Code, u.ValidFrom} }

// The leads that depend on the report's place.
const (
	LeadCommune  = "@commune"  // the people's committee of the commune
	LeadDistrict = "@district" // of the district; where there is none, of the commune
)

// Category is one category of reports during one span.
type Category struct {
	Code string `json:"code"`
	Name string `json:"name"`
	// Leads are agency codes, @commune or @district, the likeliest first. A code
	// means the agency that bore it when the category came into force.
	Leads []string `json:"leads"`
	// LegalBasis is what the department entered (R63); empty is shown as "chưa
	// nhập căn cứ".
	LegalBasis         string   `json:"legal_basis"`
	DefaultWorkingDays int      `json:"default_working_days"`
	Successors         []string `json:"successors,omitempty"`
	Note               string   `json:"note,omitempty"`
	Span
}

// Key returns the row's key.
func (c Category) Key() Key { return Key{c.Code, c.ValidFrom} }

// Directory answers questions on a date. It is never changed once made.
type Directory struct {
	agencies   table[Agency]
	units      table[Unit]
	categories table[Category]
	committees map[string][]Agency // by the unit's code
}

// New joins the three documents and returns what is wrong between them, with
// paths as in the documents. With a problem there is no directory.
func New(agencies []Agency, units []Unit, categories []Category) (*Directory, []Problem) {
	d := &Directory{
		agencies:   newTable(agencies, Agency.Key, Agency.span, Agency.next),
		units:      newTable(units, Unit.Key, Unit.span, Unit.next),
		categories: newTable(categories, Category.Key, Category.span, Category.next),
		committees: map[string][]Agency{},
	}
	for _, a := range agencies {
		if a.Unit != "" {
			d.committees[a.Unit] = append(d.committees[a.Unit], a)
		}
	}
	if problems := d.crossProblems(agencies, categories); len(problems) > 0 {
		return nil, problems
	}
	return d, nil
}

func (a Agency) span() Span   { return a.Span }
func (u Unit) span() Span     { return u.Span }
func (c Category) span() Span { return c.Span }

func (a Agency) next() []string   { return a.Successors }
func (u Unit) next() []string     { return u.Successors }
func (c Category) next() []string { return c.Successors }
