package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// indexed queries an index for everything under one partition of it.
func (d *dynamo) indexed(index, hash, partition string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{TableName: &d.main, IndexName: &index, KeyConditionExpression: aws.String(hash + " = :h"),
		ExpressionAttributeValues: attrs{":h": text(partition)}}
}

// shows checks that an index comes to hold exactly these items under a partition.
func (d *dynamo) shows(ctx context.Context, index, hash, partition string, want ...attrs) error {
	return eventually(ctx, func() error {
		items, _, _, err := d.pages(ctx, d.indexed(index, hash, partition))
		return errors.Join(err, same(items, want))
	})
}

var dynamoIndexRows = []dynamoRow{
	{"an item without the index's key is not in the index", pageSparse, func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		item := with(key(p, "in"), attrs{"gpk": text(p), "gsk": number("1")})
		return errors.Join(d.put(ctx, with(key(p, "out"), attrs{"gpk": text(p)})), d.put(ctx, item), d.shows(ctx, "due", "gpk", p, item))
	}},
	{"an item leaves the index when the attribute is removed", pageSparse, func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		k := key(p, "a")
		item := with(k, attrs{"gpk": text(p), "gsk": number("1")})
		return errors.Join(d.put(ctx, item), d.shows(ctx, "due", "gpk", p, item),
			d.update(ctx, k, "REMOVE gsk", nil, nil), d.shows(ctx, "due", "gpk", p))
	}},
	{"an item moves in the index when the attribute changes", pageGSI, func(ctx context.Context, d *dynamo) error {
		p, q := d.fresh(), d.fresh()
		k := key(p, "a")
		moved := with(k, attrs{"gpk": text(q), "gsk": number("2")})
		return errors.Join(d.put(ctx, with(k, attrs{"gpk": text(p), "gsk": number("1")})),
			d.update(ctx, k, "SET gpk = :p, gsk = :s", nil, attrs{":p": text(q), ":s": number("2")}),
			d.shows(ctx, "due", "gpk", q, moved), d.shows(ctx, "due", "gpk", p))
	}},
	{"a deleted item leaves the index", pageGSI, func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		k := key(p, "a")
		if err := d.put(ctx, with(k, attrs{"gpk": text(p), "gsk": number("1")})); err != nil {
			return err
		}
		_, err := d.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &d.main, Key: k})
		return errors.Join(err, d.shows(ctx, "due", "gpk", p))
	}},
	{"an index follows what it projects", pageGSI, func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		k := key(p, "a")
		item := with(k, attrs{"gpk": text(p), "gsk": number("1"), "x": text("new")})
		return errors.Join(d.put(ctx, with(item, attrs{"x": text("old")})), d.put(ctx, item), d.shows(ctx, "due", "gpk", p, item))
	}},
	{"KEYS_ONLY brings the keys of table and index and nothing else", pageGSI + "#GSI.Projections", func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		keys := with(key(p, "a"), attrs{"kpk": text(p), "ksk": text("s")})
		return errors.Join(d.put(ctx, with(keys, attrs{"a": text("1"), "b": text("2")})), d.shows(ctx, "keys", "kpk", p, keys))
	}},
	{"INCLUDE brings the named attributes as well", pageGSI + "#GSI.Projections", func(ctx context.Context, d *dynamo) error {
		p := d.fresh()
		kept := with(key(p, "a"), attrs{"ipk": text(p), "a": text("1")})
		return errors.Join(d.put(ctx, with(kept, attrs{"b": text("2")})), d.shows(ctx, "some", "ipk", p, kept))
	}},
	{"a projection of what the index lacks is refused", reference + "API_Query.html", func(ctx context.Context, d *dynamo) error {
		in := d.indexed("some", "ipk", d.fresh())
		in.ProjectionExpression = aws.String("b")
		_, err := d.client.Query(ctx, in)
		return refused(err, "ValidationException", "does not project")
	}},
	{"a consistent read of an index is refused", guide + "HowItWorks.ReadConsistency.html", func(ctx context.Context, d *dynamo) error {
		in := d.indexed("due", "gpk", d.fresh())
		in.ConsistentRead = aws.Bool(true)
		_, err := d.client.Query(ctx, in)
		return refused(err, "ValidationException", "consistent reads are not supported")
	}},
	{"an index key of the wrong type is refused", pageGSI, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		err := d.put(ctx, with(k, attrs{"gpk": text("p"), "gsk": text("not a number")}))
		return errors.Join(refused(err, "ValidationException", "type mismatch"), d.holds(ctx, k, nil))
	}},
	{"an empty index key is refused", pageTypes, func(ctx context.Context, d *dynamo) error {
		k := key(d.fresh(), "a")
		err := d.put(ctx, with(k, attrs{"ipk": text("")}))
		return errors.Join(refused(err, "ValidationException", "empty string"), d.holds(ctx, k, nil))
	}},
	{"an unknown index is refused", reference + "API_Query.html", func(ctx context.Context, d *dynamo) error {
		_, err := d.client.Query(ctx, d.indexed("missing", "gpk", d.fresh()))
		return refused(err, "ValidationException", "index")
	}},
	{"pages of an index follow by the keys of both, in numeric order, forwards", pagePaging, func(ctx context.Context, d *dynamo) error {
		return indexPages(ctx, d, true, "-10 -9.5 0 2 2 10")
	}},
	{"pages of an index follow by the keys of both, in numeric order, backwards", pagePaging, func(ctx context.Context, d *dynamo) error {
		return indexPages(ctx, d, false, "10 2 2 0 -9.5 -10")
	}},
}

// indexPages reads an index one item a page; two items share an index key, so only the table's key can tell them apart.
func indexPages(ctx context.Context, d *dynamo, forward bool, order string) error {
	p := d.fresh()
	for i, n := range []string{"2", "10", "-10", "0", "-9.5", "2.0"} {
		if err := d.put(ctx, with(key(p, fmt.Sprintf("item%d", i)), attrs{"gpk": text(p), "gsk": number(n)})); err != nil {
			return err
		}
	}
	return eventually(ctx, func() error {
		in := d.indexed("due", "gpk", p)
		in.Limit, in.ScanIndexForward = aws.Int32(1), &forward
		items, _, between, err := d.pages(ctx, in)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, it := range items {
			seen[sortKeys([]attrs{it}, "sk")] = true
		}
		for i, k := range between {
			last := items[i]
			if err := same(k, attrs{"pk": last["pk"], "sk": last["sk"], "gpk": last["gpk"], "gsk": last["gsk"]}); err != nil {
				return fmt.Errorf("the key after page %d: %w", i+1, err)
			}
		}
		return errors.Join(same(sortKeys(items, "gsk"), order), same(len(seen), len(strings.Fields(order))))
	})
}
