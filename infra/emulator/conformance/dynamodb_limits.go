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

var dynamoKeyRows = []dynamoRow{
	{"number sort keys come in numeric order", pageTypes, func(ctx context.Context, d *dynamo) error {
		sks := []attrs{}
		for _, n := range []string{"10", "9", "-1", "-1.5", "0", "1e20", "0.001", "-1e-130", "100", "99999999999999999999999999999999999999"} {
			sks = append(sks, attrs{"sk": number(n)})
		}
		return d.ordered(ctx, d.numbers, sks, "-1.5 -1 -1E-130 0 0.001 9 10 100 1E20 99999999999999999999999999999999999999")
	}},
	{"binary sort keys come in the order of unsigned bytes", pageTypes, func(ctx context.Context, d *dynamo) error {
		sks := []attrs{}
		for _, b := range [][]byte{{0xFF}, {0x00}, {0x00, 0x00}, {0x00, 0x01}, {0x7F}, {0x80}, {0x01}, {0x00, 0xFF}} {
			sks = append(sks, attrs{"sk": binary(b...)})
		}
		return d.ordered(ctx, d.bytes, sks, "00 0000 0001 00ff 01 7f 80 ff")
	}},
	{"text sort keys come in the order of their UTF-8 bytes", pageTypes, func(ctx context.Context, d *dynamo) error {
		sks := []attrs{}
		for _, s := range []string{"đường", "duong", "Duong", "zebra", "đ", "a"} {
			sks = append(sks, attrs{"sk": text(s)})
		}
		return d.ordered(ctx, d.main, sks, "Duong a duong zebra đ đường")
	}},
	{"one number in two notations is one key", pageTypes, func(ctx context.Context, d *dynamo) error {
		return d.ordered(ctx, d.numbers, []attrs{{"sk": number("1.50")}, {"sk": number("15e-1")}}, "1.5")
	}},
	{"an item without its sort key is refused", reference + "API_PutItem.html", func(ctx context.Context, d *dynamo) error {
		return refused(d.put(ctx, attrs{"pk": text(d.fresh())}), "ValidationException", "missing the key sk")
	}},
	{"a key of the wrong type is refused", reference + "API_PutItem.html", func(ctx context.Context, d *dynamo) error {
		return refused(d.put(ctx, attrs{"pk": text(d.fresh()), "sk": number("1")}), "ValidationException", "type mismatch")
	}},
	{"an empty key is refused", pageTypes, func(ctx context.Context, d *dynamo) error {
		return refused(d.put(ctx, key(d.fresh(), "")), "ValidationException", "empty string")
	}},
	{"an empty text is taken elsewhere", pageTypes, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		item := with(k, attrs{"a": text(""), "b": binary(), "c": list(), "d": mapOf(attrs{})})
		return errors.Join(d.put(ctx, item), d.holds(ctx, k, item))
	}},
	{"a key with another attribute in it is refused", reference + "API_GetItem.html", func(ctx context.Context, d *dynamo) error {
		_, err := d.get(ctx, with(key("p", "a"), attrs{"a": text("x")}))
		return refused(err, "ValidationException", "key element does not match")
	}},
	{"a table that does not exist is named as such", pageErrors, func(ctx context.Context, d *dynamo) error {
		_, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(UniqueName("missing")), Key: key("p", "a")})
		if typed := (*types.ResourceNotFoundException)(nil); !errors.As(err, &typed) {
			return fmt.Errorf("got %v, want ResourceNotFoundException", err)
		}
		return nil
	}},
	{"every type comes back as it was put", pageTypes, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		item := with(k, attrs{
			"n": number("-12.5"), "b": binary(0, 255, 10), "t": truth(true), "f": truth(false), "null": &types.AttributeValueMemberNULL{Value: true},
			"text": text("Đường \"Lê Lợi\"\n\\ \u2028 😀 \x01"), "ss": texts("b", "a"), "ns": numberSet("1", "2.5"),
			"bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}}, "deep": list(mapOf(attrs{"l": list(list())})),
		})
		return errors.Join(d.put(ctx, item), d.holds(ctx, k, item))
	}},
}

// ordered puts items into a fresh partition of a table and checks the order in which a query brings their sort keys.
func (d *dynamo) ordered(ctx context.Context, table string, sks []attrs, want string) error {
	pk := d.fresh()
	for _, sk := range sks {
		if _, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: with(sk, attrs{"pk": text(pk)})}); err != nil {
			return err
		}
	}
	in := d.query(pk, "", nil)
	in.TableName = &table
	items, _, _, err := d.pages(ctx, in)
	if err != nil {
		return err
	}
	got := strings.NewReplacer("0."+strings.Repeat("0", 129)+"1", "1E-130", "1"+strings.Repeat("0", 20), "1E20").Replace(sortKeys(items, "sk"))
	return same(got, want)
}

var dynamoUnitRows = []dynamoRow{
	{"a write costs a unit for each KB begun", pageUnits, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		// pk and sk are 4 bytes of names and the texts; the attribute's name is one.
		rest := 1024 - 4 - 1 - len(k["pk"].(*types.AttributeValueMemberS).Value) - 1
		return errors.Join(d.costs(ctx, with(k, attrs{"a": text(strings.Repeat("x", rest))}), 1, 1, nil),
			d.costs(ctx, with(k, attrs{"a": text(strings.Repeat("x", rest+1))}), 2, 2, nil))
	}},
	{"a write costs by the larger of the old and the new item", pageUnits, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		return errors.Join(d.costs(ctx, with(k, attrs{"a": text(strings.Repeat("x", 3000))}), 3, 3, nil), d.costs(ctx, k, 3, 3, nil))
	}},
	{"an index entry costs one unit to put, two to move, none when nothing of it changes", guide + "GSI.html#GSI.ThroughputConsiderations.Writes", func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		item := with(key(p, "a"), attrs{"kpk": text(p), "ksk": text("1")})
		return errors.Join(d.costs(ctx, item, 2, 1, map[string]float64{"keys": 1}),
			d.costs(ctx, with(item, attrs{"other": text("x")}), 1, 1, nil),
			d.costs(ctx, with(item, attrs{"ksk": text("2")}), 3, 1, map[string]float64{"keys": 2}),
			d.costs(ctx, key(p, "a"), 2, 1, map[string]float64{"keys": 1}))
	}},
	{"a consistent read costs a unit for each 4 KB begun, another half of it", pageUnits, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		if err := d.put(ctx, with(k, attrs{"a": text(strings.Repeat("x", 5000))})); err != nil {
			return err
		}
		for _, c := range []struct {
			consistent bool
			k          attrs
			want       float64
		}{{true, k, 2}, {false, k, 1}, {true, key("none", "a"), 1}, {false, key("none", "a"), 0.5}} {
			out, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &d.main, Key: c.k, ConsistentRead: &c.consistent, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
			if err != nil {
				return err
			}
			if err := same(out.ConsumedCapacity.CapacityUnits, c.want); err != nil {
				return fmt.Errorf("consistent %v: %w", c.consistent, err)
			}
		}
		return nil
	}},
	{"a query costs by the sum of what it read", pageUnits, func(ctx context.Context, d *dynamo) error {
		pk, err := d.fill(ctx, attrs{"a": text(strings.Repeat("x", 1500))}, "a", "b", "c")
		if err != nil {
			return err
		}
		in := d.query(pk, "", nil)
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
		out, err := d.client.Query(ctx, in)
		if err != nil {
			return err
		}
		return same(out.ConsumedCapacity.CapacityUnits, 2.0)
	}},
}

// costs puts an item and checks the units that it consumed in all, of the table, and of indexes.
func (d *dynamo) costs(ctx context.Context, item attrs, total, table float64, indexes map[string]float64) error {
	out, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.main, Item: item, ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes})
	if err != nil {
		return err
	}
	got := map[string]float64{}
	for name, c := range out.ConsumedCapacity.GlobalSecondaryIndexes {
		got[name] = *c.CapacityUnits
	}
	if indexes == nil {
		indexes = map[string]float64{}
	}
	return errors.Join(same(out.ConsumedCapacity.CapacityUnits, total), same(out.ConsumedCapacity.Table.CapacityUnits, table), same(got, indexes))
}

var dynamoLimitRows = []dynamoRow{
	{"an item of 400 KB is taken and one byte more is refused", pageLimits, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		rest := 400<<10 - 4 - 1 - len(k["pk"].(*types.AttributeValueMemberS).Value) - 1
		largest := with(k, attrs{"a": text(strings.Repeat("x", rest))})
		if err := d.put(ctx, largest); err != nil {
			return err
		}
		err := d.put(ctx, with(k, attrs{"a": text(strings.Repeat("y", rest+1))}))
		return errors.Join(refused(err, "ValidationException", "size"), d.holds(ctx, k, largest))
	}},
	{"an update beyond 400 KB is refused", pageLimits, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		item := with(k, attrs{"a": text(strings.Repeat("x", 300<<10))})
		if err := d.put(ctx, item); err != nil {
			return err
		}
		err := d.update(ctx, k, "SET b = :v", nil, attrs{":v": text(strings.Repeat("y", 110<<10))})
		return errors.Join(refused(err, "ValidationException", "size"), d.holds(ctx, k, item))
	}},
	{"a sort key of 1,024 bytes is taken and one more is refused", pageLimits, func(ctx context.Context, d *dynamo) error {
		pk := d.fresh()
		return errors.Join(d.put(ctx, key(pk, strings.Repeat("x", 1024))),
			refused(d.put(ctx, key(pk, strings.Repeat("x", 1025))), "ValidationException", "1024"))
	}},
	// The page says 32 levels and not whether the attribute itself counts as one.
	{"a document of 31 levels is taken and one of 34 is refused", pageLimits, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		deep := func(levels int) attrs {
			v := text("leaf")
			for range levels {
				v = list(v)
			}
			return with(k, attrs{"a": v})
		}
		return errors.Join(d.put(ctx, deep(31)), refused(d.put(ctx, deep(34)), "ValidationException", "nesting"))
	}},
}

var dynamoTableRows = []dynamoRow{
	{"a table is described as it was made", reference + "API_DescribeTable.html", func(ctx context.Context, d *dynamo) error {
		out, err := d.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &d.main})
		if err != nil {
			return err
		}
		projections := map[string]types.ProjectionType{}
		for _, x := range out.Table.GlobalSecondaryIndexes {
			projections[*x.IndexName] = x.Projection.ProjectionType
		}
		return errors.Join(same(out.Table.TableStatus, types.TableStatusActive), same(len(out.Table.KeySchema), 2),
			same(len(out.Table.AttributeDefinitions), 7), same(projections, map[string]types.ProjectionType{"due": "ALL", "keys": "KEYS_ONLY", "some": "INCLUDE"}),
			same(out.Table.BillingModeSummary.BillingMode, types.BillingModePayPerRequest))
	}},
	{"a table cannot be made twice", reference + "API_CreateTable.html", func(ctx context.Context, d *dynamo) error {
		_, err := d.client.CreateTable(ctx, d.definitions()[0])
		if typed := (*types.ResourceInUseException)(nil); !errors.As(err, &typed) {
			return fmt.Errorf("got %v, want ResourceInUseException", err)
		}
		return nil
	}},
	{"time to live is off, then on for one attribute, and cannot be turned on twice", pageTTL, func(ctx context.Context, d *dynamo) error {
		describe := func() string {
			out, err := d.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &d.bytes})
			if err != nil {
				return err.Error()
			}
			status := strings.TrimSuffix(strings.TrimSuffix(string(out.TimeToLiveDescription.TimeToLiveStatus), "ING"), "ED")
			return status + " " + aws.ToString(out.TimeToLiveDescription.AttributeName)
		}
		turnOn := func() error {
			_, err := d.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &d.bytes,
				TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("ends"), Enabled: aws.Bool(true)}})
			return err
		}
		return errors.Join(same(describe(), "DISABL "), turnOn(), same(describe(), "ENABL ends"), refused(turnOn(), "ValidationException", ""))
	}},
	{"an expired item is read until it has been removed", pageTTL, func(ctx context.Context, d *dynamo) error {
		k := attrs{"pk": text(d.fresh()), "sk": binary(1)}
		item := with(k, attrs{"ends": number("1")})
		if _, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.bytes, Item: item}); err != nil {
			return err
		}
		out, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &d.bytes, Key: k, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return err
		}
		return same(out.Item, item)
	}},
	{"an index made later is filled from the table", guide + "GSI.OnlineOps.html", lateIndex},
}

func lateIndex(ctx context.Context, d *dynamo) error {
	item := attrs{"pk": text(d.fresh()), "sk": number("1"), "late": text("l")}
	if _, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.numbers, Item: item}); err != nil {
		return err
	}
	_, err := d.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &d.numbers, AttributeDefinitions: definitions("late S"),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("late"), KeySchema: keySchema("late"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}}}})
	if err != nil {
		return err
	}
	in := &dynamodb.QueryInput{TableName: &d.numbers, IndexName: aws.String("late"), KeyConditionExpression: aws.String("late = :l"),
		ExpressionAttributeValues: attrs{":l": text("l")}}
	return eventually(ctx, func() error {
		items, _, _, err := d.pages(ctx, in)
		return errors.Join(err, same(items, []attrs{item}))
	})
}
