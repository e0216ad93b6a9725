package dynamodb

import (
	"slices"
)

// A request is one call on items: its parameters as read, and what the operation makes of them.
type request struct {
	operation string

	tableName, indexName string
	item, key, startKey  item
	scope                scope
	hasNames, hasValues  bool
	condition            string
	update               string
	keyCondition         string
	projection           string
	filter               string
	returnValues         string
	returnOnFailure      string
	returnCapacity       string
	sel                  string
	consistent           bool
	backward             bool
	limit                int
	hasLimit             bool
	given                []string

	table *table
	units usage
	out   []byte
	keys  []Key
}

// parameters are what each operation takes here.
var parameters = map[string][]string{
	"PutItem": {"TableName", "Item", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues",
		"ReturnValues", "ReturnValuesOnConditionCheckFailure", "ReturnConsumedCapacity"},
	"UpdateItem": {"TableName", "Key", "UpdateExpression", "ConditionExpression", "ExpressionAttributeNames",
		"ExpressionAttributeValues", "ReturnValues", "ReturnValuesOnConditionCheckFailure", "ReturnConsumedCapacity"},
	"DeleteItem": {"TableName", "Key", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues",
		"ReturnValues", "ReturnValuesOnConditionCheckFailure", "ReturnConsumedCapacity"},
	"GetItem": {"TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames",
		"ReturnConsumedCapacity"},
	"Query": {"TableName", "IndexName", "KeyConditionExpression", "FilterExpression", "ProjectionExpression",
		"ExpressionAttributeNames", "ExpressionAttributeValues", "ConsistentRead", "ScanIndexForward", "Limit",
		"ExclusiveStartKey", "Select", "ReturnConsumedCapacity"},
	// Of one table inside RequestItems.
	"BatchGetItem": {"Keys", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"},
}

func (q *request) read(body []byte) *fault {
	r := &reader{b: body}
	if f := r.object(func(name string) *fault { return q.parameter(r, name) }); f != nil {
		return f
	}
	return r.end()
}

func (q *request) parameter(r *reader, name string) (f *fault) {
	if r.null() {
		return nil
	}
	if !slices.Contains(parameters[q.operation], name) {
		return unsupported("parameter %s of %s", name, q.operation)
	}
	if slices.Contains(q.given, name) {
		return r.malformed("the parameter " + name + " twice")
	}
	q.given = append(q.given, name)
	switch name {
	case "Item":
		q.item, f = r.item()
	case "Key":
		q.key, f = r.item()
	case "ExclusiveStartKey":
		q.startKey, f = r.item()
	case "ExpressionAttributeNames":
		q.hasNames = true
		f = q.readNames(r)
	case "ExpressionAttributeValues":
		q.hasValues = true
		f = q.readValues(r)
	case "ConsistentRead":
		q.consistent, f = r.boolean()
	case "ScanIndexForward":
		var forward bool
		forward, f = r.boolean()
		q.backward = !forward
	case "Limit":
		q.hasLimit = true
		q.limit, f = r.integer()
	default:
		*q.textParameter(name), f = r.text()
	}
	return f
}

func (q *request) textParameter(name string) *string {
	switch name {
	case "TableName":
		return &q.tableName
	case "IndexName":
		return &q.indexName
	case "ConditionExpression":
		return &q.condition
	case "UpdateExpression":
		return &q.update
	case "KeyConditionExpression":
		return &q.keyCondition
	case "ProjectionExpression":
		return &q.projection
	case "FilterExpression":
		return &q.filter
	case "ReturnValues":
		return &q.returnValues
	case "ReturnValuesOnConditionCheckFailure":
		return &q.returnOnFailure
	case "Select":
		return &q.sel
	}
	return &q.returnCapacity
}

func (q *request) has(name string) bool { return slices.Contains(q.given, name) }

func (q *request) readNames(r *reader) *fault {
	return r.object(func(alias string) *fault {
		name, f := r.text()
		switch {
		case f != nil:
			return f
		case !goodAlias(alias, '#'):
			return invalid("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", alias)
		case name == "":
			return invalid("ExpressionAttributeNames contains invalid value: the attribute name of key %s is empty", alias)
		}
		q.scope.names = append(q.scope.names, nameAlias{alias: alias, name: name})
		return nil
	})
}

func (q *request) readValues(r *reader) *fault {
	return r.object(func(name string) *fault {
		v, f := r.value()
		if f != nil {
			if f.code == codeValidation {
				f.message = "ExpressionAttributeValues contains invalid value: " + f.message + " for key " + name
			}
			return f
		}
		if !goodAlias(name, ':') {
			return invalid("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", name)
		}
		q.scope.values = append(q.scope.values, placeholder{name: name, value: v})
		return nil
	})
}

func goodAlias(s string, mark byte) bool {
	if len(s) < 2 || s[0] != mark {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !isNamePart(s[i]) {
			return false
		}
	}
	return true
}

var returnChoices = map[string][]string{
	"PutItem":    {"NONE", "ALL_OLD"},
	"DeleteItem": {"NONE", "ALL_OLD"},
	"UpdateItem": {"NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"},
}

// check refuses parameters that are wrong whatever the table.
func (q *request) check() *fault {
	if !tableName.MatchString(q.tableName) {
		return badName("tableName", q.tableName)
	}
	for _, p := range []struct {
		name    string
		given   string
		choices []string
	}{
		{"returnValues", q.returnValues, returnChoices[q.operation]},
		{"returnValuesOnConditionCheckFailure", q.returnOnFailure, []string{"NONE", "ALL_OLD"}},
		{"returnConsumedCapacity", q.returnCapacity, []string{"NONE", "TOTAL", "INDEXES"}},
		{"select", q.sel, []string{"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"}},
	} {
		if p.given != "" && !slices.Contains(p.choices, p.given) {
			return invalid("Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: %v", p.given, p.name, p.choices)
		}
	}
	if q.hasLimit && q.limit < 1 {
		return invalid("Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", q.limit)
	}
	return q.checkExpressions()
}

func (q *request) checkExpressions() *fault {
	names := q.condition != "" || q.update != "" || q.keyCondition != "" || q.projection != "" || q.filter != ""
	values := q.condition != "" || q.update != "" || q.keyCondition != "" || q.filter != ""
	switch {
	case q.hasNames && !names:
		return invalid("ExpressionAttributeNames can only be specified when using expressions")
	case q.hasValues && !values:
		return invalid("ExpressionAttributeValues can only be specified when using expressions")
	case q.hasNames && len(q.scope.names) == 0:
		return invalid("ExpressionAttributeNames must not be empty")
	case q.hasValues && len(q.scope.values) == 0:
		return invalid("ExpressionAttributeValues must not be empty")
	}
	for _, name := range []string{"ConditionExpression", "UpdateExpression", "KeyConditionExpression", "ProjectionExpression", "FilterExpression"} {
		if q.has(name) && *q.textParameter(name) == "" {
			return invalid("Invalid %s: The expression can not be empty;", name)
		}
	}
	return nil
}

// keyNames tells an observer which item was meant.
func (q *request) noteKey(it item) {
	hash, _ := it.get(q.table.Key.Hash.Name)
	k := Key{Partition: hash.text}
	if q.table.Key.hasRange() {
		sort, _ := it.get(q.table.Key.Range.Name)
		k.Sort = sort.text
	}
	q.keys = append(q.keys, k)
}
