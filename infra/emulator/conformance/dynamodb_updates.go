package conformance

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An updateCase is an item, an expression, and the item after it; nil before for an item that does not exist.
type updateCase struct {
	fact       string
	before     attrs
	expression string
	values     attrs
	after      attrs
}

var updateTable = []updateCase{
	{"SET makes the item where there is none", nil, "SET a = :v", attrs{":v": text("x")}, attrs{"a": text("x")}},
	{"SET adds to a number", attrs{"n": number("40")}, "SET n = n + :v", attrs{":v": number("2")}, attrs{"n": number("42")}},
	{"SET subtracts a number", attrs{"n": number("1")}, "SET n = n - :v", attrs{":v": number("2.5")}, attrs{"n": number("-1.5")}},
	{"sums are exact decimals", attrs{"n": number("0.1")}, "SET n = n + :v", attrs{":v": number("0.2")}, attrs{"n": number("0.3")}},
	{"if_not_exists keeps what is there", attrs{"a": text("old")}, "SET a = if_not_exists(a, :v)", attrs{":v": text("new")}, attrs{"a": text("old")}},
	{"if_not_exists gives the default", attrs{}, "SET n = if_not_exists(n, :zero) + :v", attrs{":zero": number("0"), ":v": number("1")}, attrs{"n": number("1")}},
	{"list_append appends", attrs{"l": list(text("a"))}, "SET l = list_append(l, :v)", attrs{":v": list(text("b"))}, attrs{"l": list(text("a"), text("b"))}},
	{"list_append prepends", attrs{"l": list(text("a"))}, "SET l = list_append(:v, l)", attrs{":v": list(text("b"))}, attrs{"l": list(text("b"), text("a"))}},
	{"list_append to a list that may be missing", attrs{}, "SET l = list_append(if_not_exists(l, :e), :v)", attrs{":e": list(), ":v": list(text("b"))}, attrs{"l": list(text("b"))}},
	{"SET reads the item as it was", attrs{"a": text("1"), "b": text("2")}, "SET a = b, b = a", nil, attrs{"a": text("2"), "b": text("1")}},
	{"SET reaches into maps and lists", attrs{"m": mapOf(attrs{"l": list(mapOf(attrs{"k": text("old")}))})}, "SET m.l[0].k = :v", attrs{":v": text("new")}, attrs{"m": mapOf(attrs{"l": list(mapOf(attrs{"k": text("new")}))})}},
	{"SET beyond a list's end appends", attrs{"l": list(text("a"))}, "SET l[9] = :v", attrs{":v": text("b")}, attrs{"l": list(text("a"), text("b"))}},
	{"REMOVE takes attributes away", attrs{"a": text("1"), "b": text("2")}, "REMOVE a, absent", nil, attrs{"b": text("2")}},
	{"REMOVE closes a list up, by the indexes before it", attrs{"l": list(text("a"), text("b"), text("c"))}, "REMOVE l[0], l[1]", nil, attrs{"l": list(text("c"))}},
	{"REMOVE reaches into a map", attrs{"m": mapOf(attrs{"a": text("1"), "b": text("2")})}, "REMOVE m.a", nil, attrs{"m": mapOf(attrs{"b": text("2")})}},
	{"ADD adds to a number", attrs{"n": number("5")}, "ADD n :v", attrs{":v": number("-7")}, attrs{"n": number("-2")}},
	{"ADD begins at zero", attrs{}, "ADD n :v", attrs{":v": number("3")}, attrs{"n": number("3")}},
	{"ADD joins sets", attrs{"t": texts("a")}, "ADD t :v", attrs{":v": texts("a", "b")}, attrs{"t": texts("a", "b")}},
	{"DELETE takes elements from a set", attrs{"t": numberSet("1", "2")}, "DELETE t :v", attrs{":v": numberSet("2", "3")}, attrs{"t": numberSet("1")}},
	{"DELETE of the last element takes the attribute away", attrs{"t": texts("a")}, "DELETE t :v", attrs{":v": texts("a")}, attrs{}},
	{"all four sections work in one expression", attrs{"r": text("1"), "n": number("1"), "t": texts("a", "b")}, "SET a = :a REMOVE r ADD n :n DELETE t :t", attrs{":a": text("x"), ":n": number("1"), ":t": texts("b")}, attrs{"a": text("x"), "n": number("2"), "t": texts("a")}},
	{"keywords are taken in any case", attrs{"r": text("1")}, "set a = :v remove r", attrs{":v": text("x")}, attrs{"a": text("x")}},
}

// A refusedCase is an update that the service refuses, leaving the item as it was.
type refusedCase struct {
	fact, page string
	before     attrs
	expression string
	names      map[string]string
	values     attrs
	word       string
}

var refusedTable = []refusedCase{
	{"two equal paths are refused", pageUpdate, attrs{}, "SET a = :v, a = :v", nil, attrs{":v": text("x")}, "overlap"},
	{"a path and a part of it are refused", pageUpdate, attrs{"m": mapOf(attrs{})}, "SET m = :v, m.k = :v", nil, attrs{":v": text("x")}, "overlap"},
	{"paths that overlap between sections are refused", pageUpdate, attrs{"l": list(text("a"))}, "SET l[0] = :v REMOVE l", nil, attrs{":v": text("x")}, "overlap"},
	{"paths that overlap under an alias are refused", pageUpdate, attrs{}, "SET a = :v, #a = :v", map[string]string{"#a": "a"}, attrs{":v": text("x")}, "overlap"},
	{"a map and a list in one place are refused", pageUpdate, attrs{"m": mapOf(attrs{})}, "SET m.k = :v, m[0] = :v", nil, attrs{":v": text("x")}, "conflict"},
	{"a section may stand once", pageUpdate, attrs{}, "SET a = :v SET b = :v", nil, attrs{":v": text("x")}, "only be used once"},
	{"a key attribute cannot be updated", pageUpdate, attrs{}, "SET sk = :v", nil, attrs{":v": text("x")}, "part of the key"},
	{"a path through a missing map is refused", pageUpdate, attrs{}, "SET m.k = :v", nil, attrs{":v": text("x")}, "document path"},
	{"adding to a text is refused", pageUpdate, attrs{"a": text("x")}, "SET a = a + :v", nil, attrs{":v": number("1")}, "data type"},
	{"reading a missing attribute is refused", pageUpdate, attrs{}, "SET a = absent", nil, nil, "does not exist"},
	{"ADD of a text is refused", pageUpdate, attrs{}, "ADD a :v", nil, attrs{":v": text("x")}, "operand type"},
	{"an unused value is refused", pageNames, attrs{}, "SET a = :v", nil, attrs{":v": text("x"), ":w": text("y")}, "unused"},
	{"an unused name is refused", pageNames, attrs{}, "SET a = :v", map[string]string{"#b": "b"}, attrs{":v": text("x")}, "unused"},
	{"an undefined value is refused", pageNames, attrs{}, "SET a = :v, b = :w", nil, attrs{":v": text("x")}, "not defined"},
	{"an undefined name is refused", pageNames, attrs{}, "SET #a = :v", nil, attrs{":v": text("x")}, "not defined"},
	{"a reserved word is refused as a bare name", pageReserved, attrs{}, "SET status = :v", nil, attrs{":v": text("x")}, "reserved"},
	{"an expression that does not parse is refused", pageUpdate, attrs{}, "SET a :v", nil, attrs{":v": text("x")}, "syntax"},
	{"an empty set is refused", pageTypes, attrs{}, "SET a = :v", nil, attrs{":v": texts()}, "empty"},
	{"a set with a double is refused", pageTypes, attrs{}, "SET a = :v", nil, attrs{":v": texts("x", "x")}, "duplicates"},
	{"a number of 39 digits is refused", pageTypes, attrs{}, "SET a = :v", nil, attrs{":v": number(strings.Repeat("7", 39))}, "38"},
	{"a number that is none is refused", pageTypes, attrs{}, "SET a = :v", nil, attrs{":v": number("ten")}, "numeric"},
	{"a number too large is refused", pageTypes, attrs{}, "SET a = :v", nil, attrs{":v": number("1e126")}, "overflow"},
}

func dynamoUpdateRows() (rows []dynamoRow) {
	for _, c := range updateTable {
		rows = append(rows, dynamoRow{c.fact, pageUpdate, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			if c.before != nil {
				if err := d.put(ctx, with(k, c.before)); err != nil {
					return err
				}
			}
			if err := d.update(ctx, k, c.expression, nil, c.values); err != nil {
				return err
			}
			return d.holds(ctx, k, with(k, c.after))
		}})
	}
	return append(rows, returnRows()...)
}

func dynamoRefusedRows() (rows []dynamoRow) {
	for _, c := range refusedTable {
		rows = append(rows, dynamoRow{c.fact, c.page, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			if err := d.put(ctx, with(k, c.before)); err != nil {
				return err
			}
			err := d.update(ctx, k, c.expression, c.names, c.values)
			return errors.Join(refused(err, "ValidationException", c.word), d.holds(ctx, k, with(k, c.before)))
		}})
	}
	return rows
}

// returnRows are the five ReturnValues of UpdateItem, and the two of the other writes.
func returnRows() (rows []dynamoRow) {
	before := attrs{"n": number("1"), "a": text("1"), "gone": text("x"), "z": text("kept")}
	after := attrs{"n": number("2"), "a": text("9"), "z": text("kept")}
	const page = reference + "API_UpdateItem.html"
	for _, c := range []struct {
		choice types.ReturnValue
		want   func(k attrs) attrs
	}{
		{types.ReturnValueNone, func(attrs) attrs { return nil }},
		{types.ReturnValueAllOld, func(k attrs) attrs { return with(k, before) }},
		{types.ReturnValueAllNew, func(k attrs) attrs { return with(k, after) }},
		{types.ReturnValueUpdatedOld, func(attrs) attrs { return attrs{"n": number("1"), "a": text("1"), "gone": text("x")} }},
		{types.ReturnValueUpdatedNew, func(attrs) attrs { return attrs{"n": number("2"), "a": text("9")} }},
	} {
		rows = append(rows, dynamoRow{"UpdateItem answers " + string(c.choice), page, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			if err := d.put(ctx, with(k, before)); err != nil {
				return err
			}
			out, err := d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &d.main, Key: k, ReturnValues: c.choice,
				UpdateExpression:          aws.String("SET n = n + :one, a = :nine REMOVE gone"),
				ExpressionAttributeValues: attrs{":one": number("1"), ":nine": text("9")}})
			if err != nil {
				return err
			}
			return same(out.Attributes, c.want(k))
		}})
	}
	return append(rows,
		dynamoRow{"PutItem replaces the whole item and answers the old one", reference + "API_PutItem.html", func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			old, next := with(k, attrs{"a": text("1")}), with(k, attrs{"b": text("2")})
			if err := d.put(ctx, old); err != nil {
				return err
			}
			out, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.main, Item: next, ReturnValues: types.ReturnValueAllOld})
			if err != nil {
				return err
			}
			return errors.Join(same(out.Attributes, old), d.holds(ctx, k, next))
		}},
		dynamoRow{"DeleteItem answers the old item, and succeeds again without it", reference + "API_DeleteItem.html", func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			if err := d.put(ctx, k); err != nil {
				return err
			}
			in := &dynamodb.DeleteItemInput{TableName: &d.main, Key: k, ReturnValues: types.ReturnValueAllOld}
			first, err := d.client.DeleteItem(ctx, in)
			if err != nil {
				return err
			}
			second, err := d.client.DeleteItem(ctx, in)
			if err != nil {
				return err
			}
			return errors.Join(same(first.Attributes, k), same(second.Attributes, attrs(nil)), d.holds(ctx, k, nil))
		}},
	)
}
