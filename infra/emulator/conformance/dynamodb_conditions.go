package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dynamoConditionRows are the conditional writes, and a table of conditions with the item that they are asked of.
func dynamoConditionRows() []dynamoRow {
	rows := []dynamoRow{
		{"a failed condition of PutItem is typed and brings the old item", pageCond, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			item := with(k, attrs{"version": number("7"), "deep": mapOf(attrs{"l": list(text("x"), truth(false))})})
			if err := d.put(ctx, item); err != nil {
				return err
			}
			_, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.main, Item: k,
				ConditionExpression:                 aws.String("attribute_not_exists(pk)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
			return errors.Join(conditionFailed(err, item), d.holds(ctx, k, item))
		}},
		{"a failed condition of UpdateItem is typed and brings the old item", pageCond, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			item := with(k, attrs{"version": number("7")})
			if err := d.put(ctx, item); err != nil {
				return err
			}
			_, err := d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &d.main, Key: k,
				UpdateExpression: aws.String("SET version = :n"), ConditionExpression: aws.String("version = :o"),
				ExpressionAttributeValues:           attrs{":n": number("9"), ":o": number("8")},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
			return errors.Join(conditionFailed(err, item), d.holds(ctx, k, item))
		}},
		{"a failed condition of DeleteItem is typed and brings the old item", pageCond, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			if err := d.put(ctx, k); err != nil {
				return err
			}
			_, err := d.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &d.main, Key: k,
				ConditionExpression:                 aws.String("attribute_exists(version)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
			return errors.Join(conditionFailed(err, k), d.holds(ctx, k, k))
		}},
		{"a failed condition brings no item where none was asked for", pageCond, func(ctx context.Context, d *dynamo) error {
			k := key(d.fresh(), "a")
			if err := d.put(ctx, k); err != nil {
				return err
			}
			_, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.main, Item: k, ConditionExpression: aws.String("attribute_not_exists(pk)")})
			return conditionFailed(err, nil)
		}},
		{"a failed condition brings no item where there is none", pageCond, func(ctx context.Context, d *dynamo) error {
			_, err := d.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &d.main, Key: key(d.fresh(), "a"),
				ConditionExpression:                 aws.String("attribute_exists(pk)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
			return conditionFailed(err, nil)
		}},
		{"concurrent conditional increments lose nothing", pageWriting, concurrentIncrements},
		{"of many conditional creations one succeeds", pageWriting, concurrentCreations},
	}
	for _, c := range conditionTable {
		rows = append(rows, dynamoRow{c.fact, pageOperator, func(ctx context.Context, d *dynamo) error { return c.ask(ctx, d) }})
	}
	return rows
}

func conditionFailed(err error, item attrs) error {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return fmt.Errorf("got %v, want ConditionalCheckFailedException", err)
	}
	if len(failed.Item) == 0 && len(item) == 0 {
		return nil
	}
	return same(failed.Item, item)
}

// concurrentIncrements lets eight callers read, then write on the version that they read, until each has done so ten times.
func concurrentIncrements(ctx context.Context, d *dynamo) error {
	k := key(d.fresh(), "counter")
	if err := d.put(ctx, with(k, attrs{"version": number("0")})); err != nil {
		return err
	}
	increment := func() error {
		for {
			item, err := d.get(ctx, k)
			if err != nil {
				return err
			}
			_, err = d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &d.main, Key: k,
				UpdateExpression: aws.String("SET version = version + :one"), ConditionExpression: aws.String("version = :read"),
				ExpressionAttributeValues: attrs{":one": number("1"), ":read": item["version"]}})
			if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
				continue
			}
			return err
		}
	}
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			for range 10 {
				errs[i] = errors.Join(errs[i], increment())
			}
		})
	}
	all.Wait()
	return errors.Join(errors.Join(errs...), d.holds(ctx, k, with(k, attrs{"version": number("80")})))
}

func concurrentCreations(ctx context.Context, d *dynamo) error {
	k := key(d.fresh(), "one")
	var created, unexpected atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.main, Item: k, ConditionExpression: aws.String("attribute_not_exists(pk)")})
			switch {
			case err == nil:
				created.Add(1)
			case conditionFailed(err, nil) != nil:
				unexpected.Add(1)
			}
		})
	}
	all.Wait()
	if created.Load() != 1 || unexpected.Load() != 0 {
		return fmt.Errorf("%d created, %d unexpected errors", created.Load(), unexpected.Load())
	}
	return nil
}

// A conditionCase asks one condition of conditionItem, or of no item.
type conditionCase struct {
	fact      string
	condition string
	values    attrs
	none      bool
	holds     bool
}

var conditionItem = attrs{
	"n": number("10"), "s": text("hello"), "b": binary(1, 2), "yes": truth(true),
	"tags": texts("red", "blue"), "l": list(number("1"), text("x")), "m": mapOf(attrs{"in": mapOf(attrs{"k": text("v")})}),
}

var conditionTable = []conditionCase{
	{"numbers compare by value, not as text", "n > :v", attrs{":v": number("9")}, false, true},
	{"equal numbers in different notation are equal", "n = :v", attrs{":v": number("1.0e1")}, false, true},
	{"a number does not equal the same text", "n = :v", attrs{":v": text("10")}, false, false},
	{"a comparison between types is false", "n > :v", attrs{":v": text("9")}, false, false},
	{"a comparison with a missing attribute is false", "absent < :v", attrs{":v": number("9")}, false, false},
	{"unequal holds for a missing attribute", "absent <> :v", attrs{":v": number("9")}, false, true},
	{"BETWEEN includes both ends", "n BETWEEN :v AND :w", attrs{":v": number("10"), ":w": number("10")}, false, true},
	{"IN finds one of its values", "s IN (:v, :w)", attrs{":v": text("x"), ":w": text("hello")}, false, true},
	{"IN of others is false", "s IN (:v, :w)", attrs{":v": text("x"), ":w": text("y")}, false, false},
	{"AND binds closer than OR", "attribute_exists(s) OR attribute_exists(absent) AND attribute_exists(absent2)", nil, false, true},
	{"NOT binds closer than AND", "NOT attribute_exists(absent) AND attribute_exists(s)", nil, false, true},
	{"parentheses come first", "NOT (attribute_exists(absent) OR attribute_exists(s))", nil, false, false},
	{"a nested attribute exists", "attribute_exists(m.#in.k)", nil, false, true},
	{"an element beyond a list's end does not exist", "attribute_not_exists(l[2])", nil, false, true},
	{"an element of a list is reached by its index", "l[1] = :v", attrs{":v": text("x")}, false, true},
	{"attribute_type tells a set from a list", "attribute_type(tags, :v)", attrs{":v": text("SS")}, false, true},
	{"begins_with looks at the beginning of a text", "begins_with(s, :v)", attrs{":v": text("hel")}, false, true},
	{"contains finds a part of a text", "contains(s, :v)", attrs{":v": text("ell")}, false, true},
	{"contains finds an element of a set", "contains(tags, :v)", attrs{":v": text("red")}, false, true},
	{"contains does not find a part of a set's element", "contains(tags, :v)", attrs{":v": text("re")}, false, false},
	{"contains finds an element of a list", "contains(l, :v)", attrs{":v": number("1")}, false, true},
	{"size counts a set's elements", "size(tags) = :v", attrs{":v": number("2")}, false, true},
	{"size counts a map's members", "size(m) = :v", attrs{":v": number("1")}, false, true},
	{"sets are equal whatever their order", "tags = :v", attrs{":v": texts("blue", "red")}, false, true},
	{"two attributes can be compared", "s <> n", nil, false, true},
	{"no item has no attribute", "attribute_not_exists(pk)", nil, true, true},
	{"no item is not equal to anything", "s = :v", attrs{":v": text("hello")}, true, false},
}

func (c conditionCase) ask(ctx context.Context, d *dynamo) error {
	k := key(d.fresh(), "asked")
	if !c.none {
		if err := d.put(ctx, with(k, conditionItem)); err != nil {
			return err
		}
	}
	var names map[string]string
	if c.fact == "a nested attribute exists" {
		names = map[string]string{"#in": "in"}
	}
	_, err := d.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &d.main, Key: k, ConditionExpression: &c.condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: c.values})
	if c.holds {
		return err
	}
	return conditionFailed(err, nil)
}
