package fleet_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"paht/shared/contract"
	"paht/shared/httpapi"
)

// marker stands in every bad value; no answer may hold it.
const marker = "zqzqzq"

// row is one request with one thing wrong.
type row struct {
	name   string
	change func(r *sent)
	status int
	code   string // of the problem
	path   string // of the wrong field; empty where it is the request
	rule   string // the field's code
}

// sent is a request as it leaves.
type sent struct {
	token   string
	path    map[string]string
	query   map[string]string
	body    any
	raw     []byte // instead of body
	kind    string // Content-Type
	headers map[string]string
}

// described is what the contract says of an operation, in the form in which it
// is published: the rows follow from it.
type described struct {
	meta   contract.Meta
	api    huma.API
	doc    *huma.Operation
	body   *huma.Schema // nil where there is none
	params []*huma.Param
}

func describe(o contract.Described) described {
	api := humago.New(http.NewServeMux(), httpapi.Config())
	o.Describe(api)
	d := described{meta: o.Meta(), api: api}
	item := api.OpenAPI().Paths[d.meta.Path]
	for _, doc := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
		if doc != nil {
			d.doc = doc
		}
	}
	d.params = d.doc.Parameters
	if d.doc.RequestBody != nil {
		d.body = d.resolve(d.doc.RequestBody.Content["application/json"].Schema)
	}
	return d
}

func (d described) resolve(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return d.api.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// rows are all that can be wrong with the operation's requests.
func (d described) rows(s *scene, base request) []row {
	rows := append(d.sessionRows(s, base), d.headerRows()...)
	for _, p := range d.params {
		switch p.In {
		case "path":
			rows = append(rows, pathRows(p, d.meta)...)
		case "query":
			rows = append(rows, queryRows(p)...)
		}
	}
	rows = append(rows, row{"an unknown query parameter", func(r *sent) { r.query["nope"] = marker }, 422, "invalid", "query.nope", "unknown_field"})
	if base.foreign != "" {
		rows = append(rows, row{"somebody else's", func(r *sent) { r.token = s.tokens[base.foreign] }, 404, "not_found", "", ""})
	}
	if base.closed != nil {
		rows = append(rows, row{"a closed report, or part", func(r *sent) {
			r.path = maps.Clone(base.closed)
			if base.seen != "" {
				r.headers["If-Match"] = base.seen
			}
			for name, value := range base.shut {
				r.body.(map[string]any)[name] = value
			}
		}, 409, "wrong_state", "", ""})
	}
	if d.body == nil {
		return rows
	}
	rows = append(rows, d.wholeBodyRows()...)
	return append(rows, d.objectRows(d.body, "body", func(r *sent) map[string]any { return r.body.(map[string]any) })...)
}

// officers and their rights; who lacks a right tries.
var lacking = map[string]string{
	contract.RightScreen: router, contract.RightRoute: screener, contract.RightHandle: screener, contract.RightPublish: screener,
	contract.RightContact: monitor, contract.RightSettings: screener, contract.RightOfficers: screener, contract.RightUnlock: screener,
}

func (d described) sessionRows(s *scene, base request) []row {
	if !d.meta.Access.Session {
		return nil
	}
	with := func(token string) func(*sent) { return func(r *sent) { r.token = token } }
	rows := []row{
		{"no session", with(""), 401, "no_session", "", ""},
		{"an unknown session", with(strings.Repeat(marker, 7)), 401, "session_invalid", "", ""},
		{"a malformed session", with(marker), 401, "session_invalid", "", ""},
		{"an expired session", with(s.expired), 401, "session_invalid", "", ""},
		{"a session that was ended", with(s.ended), 401, "session_invalid", "", ""},
		{"a cookie from another site", func(r *sent) {
			r.headers["Cookie"], r.headers["Origin"], r.token = httpapi.CookieName+"="+s.tokens[base.who], "https://evil.example", ""
		}, 403, "foreign_origin", "", ""},
	}
	if d.meta.Access.Reporter {
		rows = append(rows, row{"an officer's session", with(s.tokens[screener]), 403, "wrong_kind_of_account", "", ""})
	}
	if d.meta.Access.Officer {
		rows = append(rows, row{"a reporter's session", with(s.tokens[reporter]), 403, "wrong_kind_of_account", "", ""})
	}
	if right := d.meta.Access.Right; right != "" {
		who, ok := lacking[right]
		if !ok {
			s.t.Fatalf("nobody is known to lack the right %s", right)
		}
		rows = append(rows, row{"an officer without the right", with(s.tokens[who]), 403, "right_missing", "", ""})
	}
	return rows
}

func (d described) headerRows() []row {
	var rows []row
	header := func(name, value string) func(*sent) {
		return func(r *sent) {
			if r.headers[name] = value; value == "" {
				delete(r.headers, name)
			}
		}
	}
	if d.meta.Key {
		const path = "header.Idempotency-Key"
		rows = append(rows, row{"no Idempotency-Key", header("Idempotency-Key", ""), 400, "idempotency_key_missing", path, "length_between"},
			row{"an Idempotency-Key that is too short", header("Idempotency-Key", marker), 400, "idempotency_key_missing", path, "length_between"},
			row{"an Idempotency-Key that is too long", header("Idempotency-Key", strings.Repeat(marker, 11)), 400, "idempotency_key_missing", path, "length_between"})
	}
	if d.meta.Match {
		rows = append(rows, row{"no If-Match", header("If-Match", ""), 428, "if_match_missing", "", ""},
			row{"a stale If-Match", header("If-Match", `"999"`), 412, "stale", "", ""})
		for _, bad := range []string{marker, `"` + marker + `"`, `5`, `W/"5"`, `"-1"`, `""`, `*`} {
			rows = append(rows, row{"the If-Match " + bad, header("If-Match", bad), 400, "if_match_malformed", "header.If-Match", "not_an_etag"})
		}
	}
	return rows
}

// unknown are well-formed names of what is not there.
var unknown = map[string]string{"report": "PA-0000000000", "code": "PA-0000000000", "assignment": "a9", "upload": "aaaaaaaaaaaaaaaaaaaaaaaaaa",
	"account": "bbbbbbbbbbbbbbbbbbbbbbbbbb", "session": "cccccccccccccccc"}

func pathRows(p *huma.Param, m contract.Meta) []row {
	set := func(value string) func(*sent) { return func(r *sent) { r.path[p.Name] = value } }
	path := "path." + p.Name
	var rows []row
	if len(p.Schema.Enum) > 0 {
		return append(rows, row{"an unknown " + p.Name, set(marker), 422, "invalid", path, "not_one_of"})
	}
	rows = append(rows, row{"an unknown " + p.Name, set(unknown[p.Name]), 404, "not_found", "", ""})
	if p.Schema.MaxLength != nil {
		rows = append(rows, row{"an overlong " + p.Name, set(overlong(*p.Schema.MaxLength)), 422, "invalid", path, "too_long"},
			row{"a malformed " + p.Name, set(marker), 404, "not_found", "", ""})
	}
	if p.Schema.Pattern != "" {
		rows = append(rows, row{"a malformed " + p.Name, set(marker), 422, "invalid", path, "wrong_form"})
	}
	return rows
}

func overlong(most int) string {
	return strings.Repeat(marker, most/len(marker)+2)[:most+1]
}

func queryRows(p *huma.Param) []row {
	set := func(value string) func(*sent) { return func(r *sent) { r.query[p.Name] = value } }
	path, schema := "query."+p.Name, p.Schema
	add := func(rows *[]row, name, value, rule string) {
		*rows = append(*rows, row{p.Name + " " + name, set(value), 422, "invalid", path, rule})
	}
	var rows []row
	if p.Required {
		rows = append(rows, row{"no " + p.Name, func(r *sent) { delete(r.query, p.Name) }, 422, "invalid", path, "required"})
	}
	switch schema.Type {
	case huma.TypeInteger:
		add(&rows, "that is no number", marker, "not_an_integer")
		if schema.Minimum != nil {
			add(&rows, "below the least", fmt.Sprint(*schema.Minimum-1), "too_small")
		}
		if schema.Maximum != nil {
			add(&rows, "above the most", fmt.Sprint(*schema.Maximum+1), "too_large")
		}
	case huma.TypeBoolean:
		add(&rows, "that is no flag", marker, "not_a_boolean")
	case huma.TypeString:
		if schema.MaxLength != nil {
			add(&rows, "overlong", overlong(*schema.MaxLength), "too_long")
		}
		if len(schema.Enum) > 0 {
			add(&rows, "unknown", marker, "not_one_of")
		}
		if schema.Format == "date-time" {
			add(&rows, "that is no time", marker, "not_a_time")
		}
	}
	if p.Name == "cursor" {
		rows = append(rows, cursorRows()...)
	}
	return rows
}

// cursorRows tamper with the cursor of the baseline, which is good.
func cursorRows() []row {
	alter := func(name string, change func(string) string) row {
		return row{name, func(r *sent) { r.query["cursor"] = change(r.query["cursor"]) }, 422, "invalid", "query.cursor", "cursor_tampered"}
	}
	return []row{
		alter("a cursor that is none", func(string) string { return marker }),
		alter("a cursor with another position", func(c string) string { return "x" + c[1:] }),
		alter("a cursor with another signature", func(c string) string { return c[:len(c)-1] + flip(c[len(c)-1]) }),
		alter("a cursor without a signature", func(c string) string { return strings.Split(c, ".")[0] }),
	}
}

func flip(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

func (d described) wholeBodyRows() []row {
	raw := func(body, kind string) func(*sent) {
		return func(r *sent) { r.raw, r.kind = []byte(body), kind }
	}
	limit := httpapi.MaxBody
	if strings.HasPrefix(d.meta.Path, "/v1/admin/settings/") {
		limit = httpapi.MaxSettings
	}
	return []row{
		{"a body that is not JSON", raw(`{"text": `+marker, ""), 400, "malformed", "body", "not_json"},
		{"no body", raw("", ""), 400, "malformed", "body", "required"},
		{"a list instead of an object", raw(`["`+marker+`"]`, ""), 422, "invalid", "body", "not_an_object"},
		{"null instead of an object", raw(`null`, ""), 422, "invalid", "body", "not_an_object"},
		{"a body of another type", raw(marker, "text/plain"), 415, "unsupported_media_type", "", ""},
		{"a body over the limit", raw(`{"text":"`+strings.Repeat(marker, limit/len(marker)+1)+`"}`, ""), 413, "body_too_large", "", ""},
		{"an unknown field", func(r *sent) { r.body.(map[string]any)["nope"] = marker }, 422, "invalid", "body.nope", "unknown_field"},
	}
}

// objectRows break each property of an object in each way that its schema
// knows. object finds the object in a request.
func (d described) objectRows(schema *huma.Schema, path string, object func(*sent) map[string]any) []row {
	var rows []row
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := d.resolve(schema.Properties[name])
		if property.ReadOnly {
			continue
		}
		at := path + "." + name
		set := func(value any) func(*sent) { return func(r *sent) { object(r)[name] = value } }
		if slices.Contains(schema.Required, name) {
			rows = append(rows, row{at + " missing", func(r *sent) { delete(object(r), name) }, 422, "invalid", at, "required"})
		}
		rows = append(rows, d.valueRows(property, at, set)...)
		if property.Type == huma.TypeString && slices.Contains(schema.Required, name) { // null is how JSON leaves out what may be
			rows = append(rows, row{at + " null", set(nil), 422, "invalid", at, "not_a_string"})
		}
		switch property.Type {
		case huma.TypeObject:
			rows = append(rows, d.objectRows(property, at, func(r *sent) map[string]any { return object(r)[name].(map[string]any) })...)
			rows = append(rows, row{at + " with an unknown field", func(r *sent) { object(r)[name].(map[string]any)["nope"] = marker }, 422, "invalid", at + ".nope", "unknown_field"})
		case huma.TypeArray:
			rows = append(rows, d.listRows(property, at, func(r *sent) []any { return object(r)[name].([]any) }, set)...)
		}
	}
	return rows
}

func (d described) valueRows(s *huma.Schema, at string, set func(any) func(*sent)) []row {
	var rows []row
	add := func(name string, value any, rule string) {
		rows = append(rows, row{at + " " + name, set(value), 422, "invalid", at, rule})
	}
	switch s.Type {
	case huma.TypeString:
		add("of another type", 987654321, "not_a_string")
		if s.MinLength != nil && *s.MinLength > 0 {
			add("too short", marker[:min(*s.MinLength-1, len(marker))], "too_short")
		}
		if s.MaxLength != nil {
			add("too long", overlong(*s.MaxLength), "too_long")
		}
		if len(s.Enum) > 0 {
			add("unknown", marker, "not_one_of")
		}
		if s.Pattern != "" {
			add("of another form", marker+" !", "wrong_form")
		}
		switch s.Format {
		case "date-time":
			add("that is no time", marker, "not_a_time")
		case "email":
			add("that is no address", marker, "not_an_email")
		}
	case huma.TypeInteger, huma.TypeNumber:
		add("of another type", marker, map[string]string{huma.TypeInteger: "not_an_integer", huma.TypeNumber: "not_a_number"}[s.Type])
		if s.Minimum != nil {
			add("below the least", *s.Minimum-1, "too_small")
		}
		if s.Maximum != nil {
			add("above the most", *s.Maximum+1, "too_large")
		}
	case huma.TypeBoolean:
		add("of another type", marker, "not_a_boolean")
	case huma.TypeArray:
		add("of another type", marker, "not_a_list")
	case huma.TypeObject:
		add("of another type", marker, "not_an_object")
	}
	return rows
}

func (d described) listRows(s *huma.Schema, at string, list func(*sent) []any, set func(any) func(*sent)) []row {
	var rows []row
	item := d.resolve(s.Items)
	if s.MinItems != nil {
		rows = append(rows, row{at + " with too few", set([]any{}), 422, "invalid", at, "too_few"})
	}
	if s.MaxItems != nil {
		rows = append(rows, row{at + " with too many", func(r *sent) {
			var many []any
			for range *s.MaxItems + 1 {
				many = append(many, list(r)[0])
			}
			set(many)(r)
		}, 422, "invalid", at, "too_many"})
	}
	if s.UniqueItems {
		rows = append(rows, row{at + " with one twice", func(r *sent) { set([]any{list(r)[0], list(r)[0]})(r) }, 422, "invalid", at, "not_unique"})
	}
	first := at + "[0]"
	rows = append(rows, d.valueRows(item, first, func(value any) func(*sent) { return func(r *sent) { list(r)[0] = value } })...)
	if item.Type == huma.TypeObject {
		rows = append(rows, d.objectRows(item, first, func(r *sent) map[string]any { return list(r)[0].(map[string]any) })...)
		rows = append(rows, row{first + " with an unknown field", func(r *sent) { list(r)[0].(map[string]any)["nope"] = marker }, 422, "invalid", first + ".nope", "unknown_field"})
	}
	return rows
}
