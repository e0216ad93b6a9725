package intake

import (
	"fmt"
	"time"

	"paht/shared/settings"
)

// hoursColumns are those of hours.csv, a row a session: agency and from say whose
// hours from which day on; season, season_from and season_to (MM-DD) of which part of
// the year, if not of all; weekdays and start to end when.
var hoursColumns = append(must(column{name: "from"}, column{name: "start"}, column{name: "end"}),
	append(may("agency", "until", "season", "season_from", "season_to"), column{name: "weekdays", value: codes})...)

// readCalendar makes the calendar of calendar.csv and, if it is there, hours.csv.
func readCalendar(_ settings.Kind, files []file, _ time.Time) (*Source, []Problem) {
	s, problems := readSheet(files[0])
	if s == nil {
		return nil, problems
	}
	at, problems := s.columns(days)
	places := map[string]place{"": s.top()}
	document := map[string]any{}
	for _, name := range []string{"version", "source"} {
		if said, there := s.said(name); there {
			document[name] = said.text
			places[name] = place{file: s.file, line: said.line, column: said.column, field: name, value: short(said.text)}
		}
	}
	if _, there := document["version"]; !there {
		problems = append(problems, Problem{File: s.file, Line: 1, Column: 1,
			Message: `a line "# version: …" before the header must name the version`})
	}
	if len(files) > 1 {
		hours, wrong := readHours(files[1], places)
		problems = append(problems, wrong...)
		document["hours"] = hours
	}
	if len(problems) > 0 {
		return nil, problems
	}
	document["days"] = s.documents(table{list: "days", columns: days}, at, places)
	return sourceOf(document, places)
}

// group is the rows of hours.csv that belong together, by their first cells.
type group struct {
	path     string
	document map[string]any
	sessions []any
	seasons  []*group
	named    map[string]*group
}

func (g *group) add(list, key, path string, document map[string]any) *group {
	if g.named == nil {
		g.named = map[string]*group{}
	}
	found := g.named[key]
	if found == nil {
		found = &group{path: fmt.Sprintf("%s%s[%d]", path, list, len(g.seasons)), document: document}
		g.named[key], g.seasons = found, append(g.seasons, found)
	}
	return found
}

// readHours makes the office hours of their table.
func readHours(f file, places map[string]place) ([]any, []Problem) {
	s, problems := readSheet(f)
	if s == nil {
		return nil, problems
	}
	at, problems := s.columns(hoursColumns)
	if len(problems) > 0 {
		return nil, problems
	}
	all := &group{}
	for _, row := range s.rows {
		found := map[string]place{}
		cells := s.document(row, hoursColumns, at, "", found)
		h := all.add("hours", fmt.Sprint(cells["agency"], " ", cells["from"]), "", pick(cells, "agency", "from", "until"))
		mark(places, found, h.path, row[0], s.file, map[string]string{"agency": "agency", "from": "from", "until": "until"})
		problems = append(problems, s.agrees(h, cells, row, found)...)
		to := h
		if cells["season"] != nil || cells["season_from"] != nil || cells["season_to"] != nil {
			season := map[string]any{"name": cells["season"], "from": cells["season_from"], "to": cells["season_to"]}
			to = h.add("seasons", fmt.Sprint(season), h.path+".", pick(season, "name", "from", "to"))
			mark(places, found, to.path, row[0], s.file, map[string]string{"name": "season", "from": "season_from", "to": "season_to"})
		}
		path := fmt.Sprintf("%s.sessions[%d]", to.path, len(to.sessions))
		session := pick(map[string]any{"from": cells["start"], "to": cells["end"], "days": cells["weekdays"]}, "from", "to", "days")
		to.sessions = append(to.sessions, session)
		mark(places, found, path, row[0], s.file, map[string]string{"from": "start", "to": "end", "days": "weekdays"})
	}
	return all.list(), problems
}

// agrees checks that rows of one agency and day say the same end.
func (s *sheet) agrees(h *group, cells map[string]any, row []cell, found map[string]place) []Problem {
	if h.document["until"] == cells["until"] {
		return nil
	}
	at, there := found[".until"]
	if !there {
		at = place{line: row[0].line, column: 1}
	}
	return []Problem{{File: s.file, Line: at.line, Column: at.column, Field: "until", Value: at.value,
		Message: "must be the same in all rows of one agency and from"}}
}

func (g *group) list() []any {
	list := []any{}
	for _, h := range g.seasons {
		h.document["sessions"] = h.sessions
		if len(h.seasons) > 0 {
			h.document["seasons"] = h.list()
		}
		list = append(list, h.document)
	}
	return list
}

// pick takes the named members that are there.
func pick(from map[string]any, names ...string) map[string]any {
	picked := map[string]any{}
	for _, name := range names {
		if from[name] != nil {
			picked[name] = from[name]
		}
	}
	return picked
}

// mark notes where the members of a group stand, the first row's place first.
func mark(places, found map[string]place, path string, first cell, file string, members map[string]string) {
	if _, known := places[path]; !known {
		places[path] = place{file: file, line: first.line, column: first.column}
	}
	for member, column := range members {
		at, there := found["."+column]
		if _, known := places[path+"."+member]; there && !known {
			places[path+"."+member] = at
		}
	}
}
