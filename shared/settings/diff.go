package settings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The kinds of a difference.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Difference is one row in which two versions of a document differ, by the names
// that identify the row; Fields are the fields that changed.
type Difference struct {
	Key    string   `json:"key"`
	Kind   string   `json:"kind"`
	Fields []string `json:"fields,omitempty"`
}

// keys are the fields that identify a row, by kind. A root is known by its whole
// certificate, hence its fields stand in for it.
var keys = map[Kind][]string{
	Units: {"code", "valid_from"}, Agencies: {"code", "valid_from"}, Categories: {"code", "valid_from"},
	Boundary: {"code"}, Calendar: {"date", "agency", "from"}, Policies: {"name", "valid_from"},
	Texts: {"key", "lang", "valid_from"}, Roots: {"name", "use"},
	Certificates: {"agency", "common_name", "issuer", "serial", "valid_from"},
	Roles:        {"role", "valid_from"}, Refusals: {"code", "valid_from"}, Words: {"class", "phrase"},
}

// Diff lists in which rows two versions of a document differ: those of the old
// one first, in its order, then the added ones. An old version of which nothing
// can be read counts as empty.
func Diff(kind Kind, old, now []byte) []Difference {
	was, names := table(kind, old)
	is, more := table(kind, now)
	var list []Difference
	for _, name := range names {
		if _, stays := is[name]; !stays {
			list = append(list, Difference{Key: name, Kind: Removed})
			continue
		}
		if fields := changedFields(was[name], is[name]); len(fields) > 0 {
			list = append(list, Difference{Key: name, Kind: Changed, Fields: fields})
		}
	}
	for _, name := range more {
		if _, stood := was[name]; !stood {
			list = append(list, Difference{Key: name, Kind: Added})
		}
	}
	return list
}

// Rows takes a document apart into the fields of its rows, by the names that Diff
// gives the rows.
func Rows(kind Kind, data []byte) map[string]map[string]json.RawMessage {
	rows, _ := table(kind, data)
	return rows
}

func changedFields(was, is map[string]json.RawMessage) []string {
	fields := map[string]bool{}
	for name := range was {
		fields[name] = !bytes.Equal(plain(was[name]), plain(is[name]))
	}
	for name := range is {
		if _, stood := was[name]; !stood {
			fields[name] = true
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(fields)), func(name string) bool { return !fields[name] })
}

// plain is a value without the way it was typed: spaces, order of members.
func plain(raw json.RawMessage) []byte {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return raw
	}
	out, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return out
}

// table takes a document apart into its rows by name: those of the list that it
// is, or of the lists that stand in it; what else stands in it is one row.
func table(kind Kind, data []byte) (map[string]map[string]json.RawMessage, []string) {
	t := map[string]map[string]json.RawMessage{}
	var names []string
	put := func(name string, row map[string]json.RawMessage) {
		unique := name
		for n := 2; t[unique] != nil; n++ {
			unique = fmt.Sprintf("%s#%d", name, n)
		}
		t[unique] = row
		names = append(names, unique)
	}
	if list, ok := rowsOf(data); ok {
		for _, row := range list {
			put(rowName(kind, row), row)
		}
		return t, names
	}
	members(data, func(list string, value json.RawMessage) {
		found, ok := rowsOf(value)
		if !ok {
			put(list, map[string]json.RawMessage{"value": value})
			return
		}
		for _, row := range found {
			put(list+"/"+rowName(kind, row), row)
		}
	})
	return t, names
}

func rowsOf(data []byte) ([]map[string]json.RawMessage, bool) {
	var list []map[string]json.RawMessage
	return list, json.Unmarshal(data, &list) == nil && list != nil
}

// rowName joins what identifies a row; GeoJSON keeps it among the properties.
func rowName(kind Kind, row map[string]json.RawMessage) string {
	if raw, ok := row["properties"]; ok {
		var properties map[string]json.RawMessage
		if json.Unmarshal(raw, &properties) == nil {
			row = properties
		}
	}
	var parts []string
	for _, field := range keys[kind] {
		var s string
		if json.Unmarshal(row[field], &s) == nil && s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}
