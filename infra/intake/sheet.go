package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"paht/shared/vietnamese"
)

// cell is one value of a table with its place.
type cell struct {
	text         string
	line, column int
}

// sheet is a table as spreadsheets write it: a header, rows, and before the header
// lines that begin with "#", which say something of the whole.
type sheet struct {
	file   string
	lines  [][]byte
	notes  []cell
	header []cell
	rows   [][]cell
}

// readSheet reads a table. Commas, semicolons or tabs part its cells, whichever the
// header has most of; spreadsheets take what the country writes.
func readSheet(f file) (*sheet, []Problem) {
	s := &sheet{file: f.name, lines: bytes.Split(f.data, []byte("\n"))}
	r := csv.NewReader(bytes.NewReader(f.data))
	r.Comma, r.FieldsPerRecord = s.comma(), -1
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return nil, []Problem{{File: f.name, Line: wrong.Line, Column: s.characters(wrong.Line, wrong.Column),
				Message: "cannot be read on: " + wrong.Err.Error()}}
		}
		if err != nil {
			return nil, []Problem{{File: f.name, Message: "cannot be read: " + err.Error()}}
		}
		s.take(r, record)
	}
	if s.header == nil {
		return nil, []Problem{{File: f.name, Message: "has no header with the names of its columns"}}
	}
	return s, nil
}

// take puts a record where it belongs; one without any text is left out.
func (s *sheet) take(r *csv.Reader, record []string) {
	row, filled := make([]cell, len(record)), 0
	for i, text := range record {
		line, column := r.FieldPos(i)
		row[i] = cell{vietnamese.NFC(text), line, s.characters(line, column)}
		if strings.TrimSpace(text) != "" {
			filled++
		}
	}
	switch {
	case filled == 0:
	case s.header == nil && strings.HasPrefix(strings.TrimSpace(record[0]), "#"):
		comma := string(r.Comma)
		row[0].text = vietnamese.NFC(strings.TrimRight(strings.Join(record, comma), comma+" "))
		s.notes = append(s.notes, row[0])
	case s.header == nil:
		s.header = row
	default:
		s.rows = append(s.rows, row)
	}
}

func (s *sheet) comma() rune {
	for _, line := range s.lines {
		if text := bytes.TrimSpace(line); len(text) == 0 || bytes.HasPrefix(bytes.TrimLeft(text, `"`), []byte("#")) {
			continue
		}
		most, of := 0, ','
		for _, c := range ",;\t" {
			if n := bytes.Count(line, []byte(string(c))); n > most {
				most, of = n, c
			}
		}
		return of
	}
	return ','
}

// characters makes of a column in bytes one in characters.
func (s *sheet) characters(line, column int) int {
	if line < 1 || line > len(s.lines) {
		return column
	}
	text := s.lines[line-1]
	return utf8.RuneCount(text[:min(max(column-1, 0), len(text))]) + 1
}

// said is what a line such as "# version: 2026.1" says; false where none does.
func (s *sheet) said(name string) (cell, bool) {
	for _, note := range s.notes {
		key, value, found := strings.Cut(strings.TrimLeft(note.text, "# "), ":")
		if found && strings.TrimSpace(key) == name {
			note.text = strings.TrimSpace(value)
			return note, true
		}
	}
	return cell{}, false
}

// columns finds the columns of a table by the header, and names every one that is
// missing, unknown or there twice. Of a row that has not as many cells as the
// header nobody could say what is what.
func (s *sheet) columns(known []column) (map[string]int, []Problem) {
	at := map[string]int{}
	var problems []Problem
	for i, head := range s.header {
		name := strings.ToLower(strings.TrimSpace(head.text))
		_, twice := at[name]
		wrong := ""
		switch {
		case name == "" && s.blank(i):
			continue
		case !hasColumn(known, name):
			wrong = "is no column of this file; it takes " + columnNames(known)
		case twice:
			wrong = "is there twice"
		}
		if wrong != "" {
			problems = append(problems, Problem{File: s.file, Line: head.line, Column: head.column, Field: "column", Value: head.text, Message: wrong})
		}
		at[name] = i
	}
	for _, c := range known {
		if _, there := at[c.name]; c.required && !there {
			problems = append(problems, Problem{File: s.file, Line: s.header[0].line, Column: 1, Field: "column", Value: c.name, Message: "is missing"})
		}
	}
	for _, row := range s.rows {
		if len(row) != len(s.header) {
			problems = append(problems, Problem{File: s.file, Line: row[0].line, Column: 1,
				Message: fmt.Sprintf("the row has %d cells, and the header %d", len(row), len(s.header))})
		}
	}
	return at, problems
}

// blank tells whether nothing stands under a column.
func (s *sheet) blank(i int) bool {
	for _, row := range s.rows {
		if i < len(row) && strings.TrimSpace(row[i].text) != "" {
			return false
		}
	}
	return true
}
