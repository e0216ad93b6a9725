package intake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paht/shared/directory"
	"paht/shared/settings"
	"paht/shared/worktime"
)

// column is one column of a kind's table.
type column struct {
	name     string
	required bool
	value    func(text string) any // nil is a text
	allowed  []string
}

func hasColumn(list []column, name string) bool {
	return slices.ContainsFunc(list, func(c column) bool { return c.name == name })
}

func columnNames(list []column) string {
	var all []string
	for _, c := range list {
		all = append(all, c.name)
	}
	return strings.Join(all, ", ")
}

func must(c ...column) []column {
	for i := range c {
		c[i].required = true
	}
	return c
}

func may(names ...string) []column {
	var list []column
	for _, name := range names {
		list = append(list, column{name: name})
	}
	return list
}

// table is the form of a kind's CSV file; list is the document's list, "" where the
// document is the list.
type table struct {
	list    string
	columns []column
}

// The columns that are read in another way than as a text.
var (
	successors = column{name: "successors", value: codes}
	flagged    = column{name: "confirmed", value: flag}
)

var tables = map[settings.Kind]table{
	settings.Units: {"units", append(append(must(column{name: "code"}, column{name: "level",
		allowed: []string{directory.LevelProvince, directory.LevelDistrict, directory.LevelCommune}}, column{name: "name"},
		column{name: "type"}, column{name: "parent"}), may("valid_from", "valid_to", "legal_basis", "note")...), successors)},
	settings.Agencies: {"agencies", append(append(must(column{name: "code"}, column{name: "name"}, column{name: "kind",
		allowed: []string{directory.KindProvincialDepartment, directory.KindProvincialOffice, directory.KindOperatingCentre,
			directory.KindDistrictCommittee, directory.KindCommuneCommittee, directory.KindOrganisation}},
		column{name: "unit"}, column{name: "parent"}, column{name: "roles", value: roles, allowed: []string{directory.RoleOperator,
			directory.RoleDepartment, directory.RoleProvinceOffice, directory.RoleAgency}}),
		may("valid_from", "valid_to", "legal_basis", "source", "note")...),
		successors, column{name: "confidence", allowed: []string{"confirmed", "assumed"}})},
	settings.Categories: {"categories", append(append(must(column{name: "code"}, column{name: "name"}, column{name: "leads", value: codes},
		column{name: "default_working_days", value: whole}), may("legal_basis", "valid_from", "valid_to", "note")...), successors)},
	settings.Texts: {"", append(must(column{name: "key"}, column{name: "lang", allowed: settings.Languages},
		column{name: "text", value: verbatim}), may("valid_from", "note")...)},
	settings.Certificates: {"", append(must(column{name: "agency"}), may("common_name", "issuer", "serial", "valid_from", "valid_to", "note")...)},
	settings.Policies:     {"", append(must(column{name: "name"}, column{name: "value", value: anything}), may("valid_from", "note")...)},
	settings.Words: {"", append(must(column{name: "class"}, column{name: "phrase"}, column{name: "weight", value: whole}),
		may("note")...)},
}

// days are the columns of calendar.csv.
var days = append(append(must(column{name: "date"}, column{name: "kind", allowed: []string{string(worktime.Off), string(worktime.Work)}},
	column{name: "name"}, column{name: "status", allowed: []string{string(worktime.Statutory), string(worktime.Decided),
		string(worktime.Provisional), string(worktime.Unconfirmed)}}), may("source", "instead_of")...), flagged)

// readTable makes the document of a kind of its table.
func readTable(kind settings.Kind, files []file, _ time.Time) (*Source, []Problem) {
	form := tables[kind]
	s, problems := readSheet(files[0])
	if s == nil {
		return nil, problems
	}
	at, problems := s.columns(form.columns)
	if len(problems) > 0 {
		return nil, problems
	}
	places := map[string]place{"": s.top()}
	rows := s.documents(form, at, places)
	var document any = rows
	if form.list != "" {
		top := map[string]any{form.list: rows}
		if note, place := s.note(); note != "" {
			top["note"], places["note"] = note, place
		}
		document = top
	}
	return sourceOf(document, places)
}

// sourceOf encodes a document.
func sourceOf(document any, places map[string]place) (*Source, []Problem) {
	encoded, err := json.Marshal(document)
	if err != nil {
		return nil, []Problem{{File: places[""].file, Message: "cannot be written as a document: " + err.Error()}}
	}
	return &Source{Document: encoded, find: func(path string) (place, bool) { p, ok := places[path]; return p, ok }}, nil
}

func (s *sheet) top() place { return place{file: s.file, line: s.header[0].line, column: 1} }

// note joins the lines before the header, which are the document's note.
func (s *sheet) note() (string, place) {
	var lines []string
	at := place{file: s.file, field: "note"}
	for i, note := range s.notes {
		if i == 0 {
			at.line, at.column = note.line, note.column
		}
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(note.text, "# ")))
	}
	return strings.Join(lines, " "), at
}

// documents makes a row of the document of each row of the table.
func (s *sheet) documents(form table, at map[string]int, places map[string]place) []map[string]any {
	rows := make([]map[string]any, 0, len(s.rows))
	for i, row := range s.rows {
		path := fmt.Sprintf("%s[%d]", form.list, i)
		places[path] = place{file: s.file, line: row[0].line, column: row[0].column}
		rows = append(rows, s.document(row, form.columns, at, path, places))
	}
	return rows
}

// document makes one row; an empty cell is a field that is not there.
func (s *sheet) document(row []cell, columns []column, at map[string]int, path string, places map[string]place) map[string]any {
	document := map[string]any{}
	for _, c := range columns {
		i, there := at[c.name]
		if !there {
			continue
		}
		text := strings.TrimSpace(row[i].text)
		places[path+"."+c.name] = place{s.file, row[i].line, row[i].column, c.name, short(text), c.allowed}
		switch {
		case text == "":
		case c.value == nil:
			document[c.name] = text
		default:
			document[c.name] = c.value(row[i].text)
		}
	}
	return document
}

// short is a value that a line of a report can hold.
func short(text string) string {
	if len([]rune(text)) > 60 || strings.ContainsAny(text, "\n\r") {
		return ""
	}
	return text
}

func verbatim(text string) any { return text }

// whole reads a number; what is none is left to the document's check.
func whole(text string) any {
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		return n
	}
	return text
}

func flag(text string) any {
	switch strings.TrimSpace(strings.ToLower(text)) {
	case "true":
		return true
	case "false":
		return false
	}
	return text
}

// anything reads a policy's value: a number, true, false, a list in JSON, or a word.
func anything(text string) any {
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return strings.TrimSpace(text)
}

// split parts a list in a cell: by spaces, commas or semicolons.
func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\n\r\t\u00a0", r) })
}

func codes(text string) any { return split(text) }

// roles reads an agency's roles: "agency", or "operator@2025-07-01..2026-01-01" for
// one that is held for a time, of which either end may be left out.
func roles(text string) any {
	list := []map[string]any{}
	for _, word := range split(text) {
		name, span, dated := strings.Cut(word, "@")
		role := map[string]any{"role": name}
		if from, to, _ := strings.Cut(span, ".."); dated {
			if from != "" {
				role["valid_from"] = from
			}
			if to != "" {
				role["valid_to"] = to
			}
		}
		list = append(list, role)
	}
	return list
}
