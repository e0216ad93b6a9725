package settings

import (
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"paht/shared/directory"
)

// Right is something that an officer may do. Which role carries which right is
// data; what a right opens is code.
type Right string

// The rights.
const (
	ReportScreen   Right = "report.screen"   // R57: accept, refuse, ask for a supplement
	ReportRoute    Right = "report.route"    // R61, R67: transfer, answer after a return
	ReportRead     Right = "report.read"     // R20: reports of the own agency and its subtree (reading A23)
	ReportReadAll  Right = "report.read_all" // R75: reports of all agencies
	ReportMonitor  Right = "report.monitor"  // R72, R75: missed limits of all agencies, and reminders to them
	PartHandle     Right = "part.handle"     // R63 to R69: receive, progress, return, hand in the result
	PartUrge       Right = "part.urge"       // R73: a leader urges within the subtree
	PartPublish    Right = "part.publish"    // R70: edit, release, correct
	ContactShow    Right = "contact.show"    // R13, reading A14: contact data, by a logged act
	WorkRead       Right = "work.read"       // R27: the department's work items
	SettingsWrite  Right = "settings.write"  // R77
	OfficersWrite  Right = "officers.write"  // R40: officers' accounts, agency and roles
	OfficersAsk    Right = "officers.ask"    // R41: an agency's list of accounts to create, lock, unlock
	AccountsUnlock Right = "accounts.unlock" // R31, R39: on a recorded request
	AccountsClose  Right = "accounts.close"  // R32, R33, reading A11: two persons decide
	StatisticsRead Right = "statistics.read" // R20, R45, R76
	AuditRead      Right = "audit.read"      // R13; never together with an administrator's rights
	SweepRun       Right = "sweep.run"       // starts the sweep by hand after an incident (R44)
)

// Rights lists the known rights.
var Rights = []Right{
	ReportScreen, ReportRoute, ReportRead, ReportReadAll, ReportMonitor, PartHandle, PartUrge, PartPublish,
	ContactShow, WorkRead, SettingsWrite, OfficersWrite, OfficersAsk, AccountsUnlock, AccountsClose,
	StatisticsRead, AuditRead, SweepRun,
}

// administrative are the rights that the audit watches over: who reads the audit
// holds none of them.
var administrative = []Right{SettingsWrite, OfficersWrite, AccountsUnlock, AccountsClose, SweepRun}

// reading are the rights that change nothing of a report's content; the monitor
// holds no other (R75).
var reading = []Right{ReportRead, ReportReadAll, ReportMonitor, PartUrge, StatisticsRead, AuditRead}

// RoleMonitor is the province office's role, whose limits are the decision's.
const RoleMonitor = "monitor"

// Role is a role from one instant on; without rights it has ended.
type Role struct {
	Role      string            `json:"role"`
	Name      map[string]string `json:"name"`    // by language
	HeldBy    []string          `json:"held_by"` // roles of an agency in the directory; empty for any
	Rights    []Right           `json:"rights"`
	ValidFrom Moment            `json:"valid_from"`
	Note      string            `json:"note"`
}

// RoleTable is a roles document.
type RoleTable struct {
	rows   []Role
	byName map[string][]Role
}

// Role finds a role on an instant.
func (t *RoleTable) Role(name string, at time.Time) (Role, bool) {
	role, ok := latest(t.byName[name], at, func(r Role) Moment { return r.ValidFrom })
	return role, ok && len(role.Rights) > 0
}

// All lists the roles of an instant, in the document's order.
func (t *RoleTable) All(at time.Time) []Role {
	var all []Role
	seen := map[string]bool{}
	for _, r := range t.rows {
		if seen[r.Role] {
			continue
		}
		seen[r.Role] = true
		if role, ok := t.Role(r.Role, at); ok {
			all = append(all, role)
		}
	}
	return all
}

// Rights joins the rights of the roles that an officer holds. A role that is not
// there gives none.
func (t *RoleTable) Rights(roles []string, at time.Time) map[Right]bool {
	rights := make(map[Right]bool)
	for _, name := range roles {
		if role, ok := t.Role(name, at); ok {
			for _, r := range role.Rights {
				rights[r] = true
			}
		}
	}
	return rights
}

// Assign checks the roles that an officer is to hold (R40): each exists on the
// instant, the officer's agency may hold it, and the audit stays apart from
// administration. agency is what the directory says of the officer's agency.
func (t *RoleTable) Assign(roles []string, agency directory.Agency, at time.Time) []Problem {
	p := &problems{}
	on := directory.DateOf(at)
	for i, name := range roles {
		role, ok := t.Role(name, at)
		switch {
		case !ok:
			p.add(rowPath(i), RuleUnknownCode)
		case slices.Contains(roles[:i], name):
			p.add(rowPath(i), RuleDuplicate)
		case len(role.HeldBy) > 0 && !slices.ContainsFunc(role.HeldBy, func(by string) bool { return agency.Holds(by, on) }):
			p.add(rowPath(i), RuleNotHeldBy)
		}
	}
	rights := t.Rights(roles, at)
	if rights[AuditRead] && slices.ContainsFunc(administrative, func(r Right) bool { return rights[r] }) {
		p.add("", RuleRightsApart)
	}
	return p.list
}

var rolePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z_]{1,39}$`) })

func parseRoles(data []byte) (*RoleTable, *problems) {
	p := &problems{}
	t := &RoleTable{byName: map[string][]Role{}}
	for i, row := range rows[Role](p, data, maxSetRows) {
		path := rowPath(i)
		if !rolePattern().MatchString(row.Role) {
			p.add(path+".role", RuleBadCode)
		}
		if row.Role != "" && slices.ContainsFunc(t.byName[row.Role], func(o Role) bool { return o.ValidFrom.Equal(row.ValidFrom.Time) }) {
			p.add(path, RuleDuplicate)
		}
		checkNames(p, path+".name", row.Name, 100)
		p.text(path+".note", row.Note, 1000, false, true)
		for j, by := range row.HeldBy {
			if !slices.Contains(holders, by) {
				p.add(path+".held_by"+rowPath(j), RuleBadValue, holders...)
			}
		}
		checkRights(p, path+".rights", row)
		t.rows = append(t.rows, row)
		t.byName[row.Role] = append(t.byName[row.Role], row)
	}
	return t, p
}

var holders = []string{
	directory.RoleOperator, directory.RoleDepartment, directory.RoleProvinceOffice, directory.RoleAgency,
}

func checkRights(p *problems, path string, row Role) {
	for i, right := range row.Rights {
		switch {
		case !slices.Contains(Rights, right):
			p.add(path+rowPath(i), RuleUnknownRight)
		case slices.Contains(row.Rights[:i], right):
			p.add(path+rowPath(i), RuleDuplicate)
		case row.Role == RoleMonitor && !slices.Contains(reading, right):
			p.add(path+rowPath(i), RuleReadsOnly)
		case right == AuditRead && slices.ContainsFunc(administrative, func(r Right) bool { return slices.Contains(row.Rights, r) }):
			p.add(path+rowPath(i), RuleRightsApart)
		}
	}
}

// checkNames checks names by language, of which Vietnamese must be there.
func checkNames(p *problems, path string, names map[string]string, limit int) {
	for _, lang := range slices.Sorted(maps.Keys(names)) {
		if !slices.Contains(Languages, lang) {
			p.add(path+"."+shown(lang), RuleUnknownLanguage)
			continue
		}
		p.text(path+"."+lang, names[lang], limit, true, limit > maxSubject)
	}
	if _, there := names[mainLanguage]; !there {
		p.add(path+"."+mainLanguage, RuleRequired)
	}
}

// lockout finds an instant, from at on, at which nobody could change the
// settings or give an officer a role: the way back would be closed.
func (t *RoleTable) lockout(p *problems, at time.Time) {
	for _, right := range []Right{SettingsWrite, OfficersWrite} {
		held := func(when time.Time) bool {
			return slices.ContainsFunc(t.All(when), func(r Role) bool { return slices.Contains(r.Rights, right) })
		}
		good := held(at)
		for _, row := range t.rows {
			good = good && (row.ValidFrom.begun(at) || held(row.ValidFrom.Time))
		}
		if !good {
			p.add("", RuleLockout, string(right))
		}
	}
}
