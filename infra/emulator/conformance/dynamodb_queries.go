package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// pages reads a query to its end and returns the items, the sizes of the pages and the keys between them.
func (d *dynamo) pages(ctx context.Context, in *dynamodb.QueryInput) (items []attrs, sizes []int, between []attrs, err error) {
	for {
		out, err := d.client.Query(ctx, in)
		if err != nil {
			return nil, nil, nil, err
		}
		items, sizes = append(items, out.Items...), append(sizes, len(out.Items))
		if out.LastEvaluatedKey == nil {
			return items, sizes, between, nil
		}
		between = append(between, out.LastEvaluatedKey)
		in.ExclusiveStartKey = out.LastEvaluatedKey
		if len(sizes) > 100 {
			return nil, nil, nil, errors.New("more than 100 pages")
		}
	}
}

// sortKeys lists one attribute of items, for messages and comparison.
func sortKeys(items []attrs, name string) string {
	var out []string
	for _, it := range items {
		switch v := it[name].(type) {
		case *types.AttributeValueMemberS:
			out = append(out, v.Value)
		case *types.AttributeValueMemberN:
			out = append(out, v.Value)
		case *types.AttributeValueMemberB:
			out = append(out, fmt.Sprintf("%x", v.Value))
		}
	}
	return strings.Join(out, " ")
}

func (d *dynamo) query(pk, condition string, values attrs) *dynamodb.QueryInput {
	full := "pk = :pk"
	if condition != "" {
		full += " AND " + condition
	}
	return &dynamodb.QueryInput{TableName: &d.main, KeyConditionExpression: &full, ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: with(attrs{":pk": text(pk)}, values)}
}

// fill puts items with the given sort keys into a fresh partition, and one into a partition that begins as it does.
func (d *dynamo) fill(ctx context.Context, extra attrs, sks ...string) (string, error) {
	pk := d.fresh() + "-filled"
	for _, sk := range sks {
		if err := d.put(ctx, with(key(pk, sk), extra)); err != nil {
			return "", err
		}
	}
	return pk, d.put(ctx, with(key(pk+"-other", "m"), extra))
}

var dynamoQueryRows = append([]dynamoRow{
	{"pages follow one another by exact keys, forwards", pagePaging, func(ctx context.Context, d *dynamo) error {
		return d.checkPages(ctx, true, "a b c d e", []string{"b", "d"}, []int{2, 2, 1})
	}},
	{"pages follow one another by exact keys, backwards", pagePaging, func(ctx context.Context, d *dynamo) error {
		return d.checkPages(ctx, false, "e d c b a", []string{"d", "b"}, []int{2, 2, 1})
	}},
	{"a start key need not exist", pagePaging, func(ctx context.Context, d *dynamo) error {
		pk, err := d.fill(ctx, nil, "a", "c")
		if err != nil {
			return err
		}
		in := d.query(pk, "", nil)
		in.ExclusiveStartKey = key(pk, "b")
		items, _, _, err := d.pages(ctx, in)
		return errors.Join(err, same(sortKeys(items, "sk"), "c"))
	}},
	{"a start key of another partition is refused", pagePaging, func(ctx context.Context, d *dynamo) error {
		in := d.query(d.fresh(), "", nil)
		in.ExclusiveStartKey = key("elsewhere", "b")
		_, err := d.client.Query(ctx, in)
		return refused(err, "ValidationException", "starting key")
	}},
	{"a start key without its sort key is refused", pagePaging, func(ctx context.Context, d *dynamo) error {
		pk := d.fresh()
		in := d.query(pk, "", nil)
		in.ExclusiveStartKey = attrs{"pk": text(pk)}
		_, err := d.client.Query(ctx, in)
		return refused(err, "ValidationException", "starting key")
	}},
	{"a page ends at one megabyte and the next goes on", pagePaging, megabytePages},
	{"the limit counts items read, before the filter", pagePaging, func(ctx context.Context, d *dynamo) error {
		pk, err := d.fill(ctx, nil, "a", "b", "c")
		if err != nil {
			return err
		}
		if err := d.put(ctx, with(key(pk, "d"), attrs{"wanted": truth(true)})); err != nil {
			return err
		}
		in := d.query(pk, "", attrs{":t": truth(true)})
		in.FilterExpression, in.Limit = aws.String("wanted = :t"), aws.Int32(3)
		out, err := d.client.Query(ctx, in)
		if err != nil {
			return err
		}
		return errors.Join(same(out.Count, int32(0)), same(out.ScannedCount, int32(3)), same(out.LastEvaluatedKey, key(pk, "c")))
	}},
	{"a filter on a key attribute is refused", reference + "API_Query.html", func(ctx context.Context, d *dynamo) error {
		in := d.query(d.fresh(), "", attrs{":s": text("a")})
		in.FilterExpression = aws.String("sk = :s")
		_, err := d.client.Query(ctx, in)
		return refused(err, "ValidationException", "primary key attribute")
	}},
	{"a count brings no items", reference + "API_Query.html", func(ctx context.Context, d *dynamo) error {
		pk, err := d.fill(ctx, nil, "a", "b")
		if err != nil {
			return err
		}
		in := d.query(pk, "", nil)
		in.Select = types.SelectCount
		out, err := d.client.Query(ctx, in)
		if err != nil {
			return err
		}
		return errors.Join(same(out.Count, int32(2)), same(len(out.Items), 0))
	}},
	{"a projection brings what it names, lists closed up", guide + "Expressions.ProjectionExpressions.html", func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		item := with(k, attrs{"l": list(text("x"), text("y"), text("z")), "m": mapOf(attrs{"a": text("1"), "b": text("2")}), "n": number("1")})
		if err := d.put(ctx, item); err != nil {
			return err
		}
		out, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &d.main, Key: k, ProjectionExpression: aws.String("l[2], l[0], m.b, absent")})
		if err != nil {
			return err
		}
		return same(out.Item, attrs{"l": list(text("x"), text("z")), "m": mapOf(attrs{"b": text("2")})})
	}},
	{"a query without the partition key is refused", pageKeyCond, func(ctx context.Context, d *dynamo) error {
		_, err := d.client.Query(ctx, &dynamodb.QueryInput{TableName: &d.main, KeyConditionExpression: aws.String("sk = :s"),
			ExpressionAttributeValues: attrs{":s": text("a")}})
		return refused(err, "ValidationException", "missed key schema element")
	}},
	{"a batch brings what is there, once each", reference + "API_BatchGetItem.html", func(ctx context.Context, d *dynamo) error {
		pk, err := d.fill(ctx, nil, "a", "b", "c")
		if err != nil {
			return err
		}
		out, err := d.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			d.main: {ConsistentRead: aws.Bool(true), Keys: []attrs{key(pk, "a"), key(pk, "c"), key(pk, "missing")}}}})
		if err != nil {
			return err
		}
		found := map[string]bool{}
		for _, it := range out.Responses[d.main] {
			found[sortKeys([]attrs{it}, "sk")] = true
		}
		return errors.Join(same(fmt.Sprint(found), "map[a:true c:true]"), same(len(out.Responses[d.main]), 2), same(len(out.UnprocessedKeys), 0))
	}},
	{"a batch with the same key twice is refused", reference + "API_BatchGetItem.html", func(ctx context.Context, d *dynamo) error {
		_, err := d.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			d.main: {Keys: []attrs{key("p", "a"), key("p", "a")}}}})
		return refused(err, "ValidationException", "duplicates")
	}},
}, sortConditionRows()...)

func (d *dynamo) checkPages(ctx context.Context, forward bool, order string, ends []string, sizes []int) error {
	pk, err := d.fill(ctx, nil, "a", "b", "c", "d", "e")
	if err != nil {
		return err
	}
	in := d.query(pk, "", nil)
	in.Limit, in.ScanIndexForward = aws.Int32(2), &forward
	items, got, between, err := d.pages(ctx, in)
	if err != nil {
		return err
	}
	var want []attrs
	for _, sk := range ends {
		want = append(want, key(pk, sk))
	}
	return errors.Join(same(sortKeys(items, "sk"), order), same(got, sizes), same(between, want))
}

// megabytePages reads five items of 300 KB: no page may bring more than a megabyte, and none may be lost.
func megabytePages(ctx context.Context, d *dynamo) error {
	big := attrs{"a": text(strings.Repeat("x", 300<<10))}
	pk, err := d.fill(ctx, big, "a", "b", "c", "d", "e")
	if err != nil {
		return err
	}
	for _, forward := range []bool{true, false} {
		in := d.query(pk, "", nil)
		in.ScanIndexForward = &forward
		items, sizes, between, err := d.pages(ctx, in)
		if err != nil {
			return err
		}
		want := "a b c d e"
		if !forward {
			want = "e d c b a"
		}
		if err := errors.Join(same(sortKeys(items, "sk"), want), same(sizes, []int{3, 2}), same(len(between), 1)); err != nil {
			return err
		}
	}
	return nil
}

// sortConditionRows ask each condition on the sort key of the keys a, ab, b, b!, c.
func sortConditionRows() (rows []dynamoRow) {
	for _, c := range []struct {
		condition string
		values    attrs
		want      string
	}{
		{"sk = :v", attrs{":v": text("b")}, "b"},
		{"sk < :v", attrs{":v": text("b")}, "a ab"},
		{"sk <= :v", attrs{":v": text("b")}, "a ab b"},
		{"sk > :v", attrs{":v": text("b")}, "b! c"},
		{"sk >= :v", attrs{":v": text("b")}, "b b! c"},
		{"sk BETWEEN :v AND :w", attrs{":v": text("ab"), ":w": text("b!")}, "ab b b!"},
		{"begins_with(sk, :v)", attrs{":v": text("a")}, "a ab"},
		{"begins_with(sk, :v)", attrs{":v": text("b!")}, "b!"},
	} {
		fact := fmt.Sprintf("%s with %s finds %s", c.condition, show(c.values), c.want)
		rows = append(rows, dynamoRow{fact, pageKeyCond, func(ctx context.Context, d *dynamo) error {
			pk, err := d.fill(ctx, nil, "c", "b", "a", "b!", "ab")
			if err != nil {
				return err
			}
			forward, _, _, err := d.pages(ctx, d.query(pk, c.condition, c.values))
			if err != nil {
				return err
			}
			in := d.query(pk, c.condition, c.values)
			in.ScanIndexForward, in.Limit = aws.Bool(false), aws.Int32(1)
			backward, _, _, err := d.pages(ctx, in)
			if err != nil {
				return err
			}
			for i, j := 0, len(backward)-1; i < j; i, j = i+1, j-1 {
				backward[i], backward[j] = backward[j], backward[i]
			}
			return errors.Join(same(sortKeys(forward, "sk"), c.want), same(sortKeys(backward, "sk"), c.want))
		}})
	}
	return rows
}
