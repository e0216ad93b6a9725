package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/shared/packed"
)

// Attribute names of the one table. Every item has pk and sk; the others are
// sparse.
const (
	attrPK      = "pk"
	attrSK      = "sk"
	attrVersion = "v"   // number: the condition of every change
	attrDoc     = "d"   // string: JSON; binary: JSON, packed
	attrSealed  = "b"   // binary: sealed JSON
	attrDueKey  = "dk"  // index "due": shard by id
	attrDueAt   = "da"  // index "due": UTC instant
	attrListKey = "lk"  // index "work": whose queue
	attrListAt  = "ls"  // index "work": due instant and id
	attrSummary = "sum" // as attrDoc, projected into "work"
	attrExpires = "ttl" // number: seconds of the epoch, DynamoDB TTL
)

// Index names.
const (
	indexDue  = "due"  // KEYS_ONLY
	indexWork = "work" // with the summary
)

// conditionFailed is a condition that did not hold; the item that stood there comes
// with it.
type conditionFailed struct{ item item }

func (conditionFailed) Error() string { return "the condition does not hold" }

type item = map[string]types.AttributeValue

// Table is the one table. Its adapters are methods of the small types built on it.
type Table struct {
	Client *dynamodb.Client
	Name   string
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

func bin(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func key(pk, sk string) item { return item{attrPK: str(pk), attrSK: str(sk)} }

func text(it item, name string) string {
	if v, ok := it[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func number(it item, name string) int64 {
	v, ok := it[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func bytesOf(it item, name string) []byte {
	if v, ok := it[name].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}

// pack gives the packed form of a document.
func pack(v any) (types.AttributeValue, error) {
	doc, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return bin(packed.Pack(doc)), nil
}

// unpack reads a document, packed or not.
func unpack(it item, name string, into any) error {
	doc := []byte(text(it, name))
	if stored := bytesOf(it, name); stored != nil {
		var err error
		if doc, err = packed.Unpack(stored); err != nil {
			return err
		}
	}
	return json.Unmarshal(doc, into)
}

// instant is the form of an instant in a sort key: UTC, fixed width, ordered.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// condition is an expression with its names and values.
type condition struct {
	expression string
	names      map[string]string
	values     item
}

var isNew = &condition{expression: "attribute_not_exists(pk)"}

// put writes one item under a condition; nil is none. A condition that fails is
// conditionFailed with the item that stands there.
func (t Table) put(ctx context.Context, it item, c *condition) error {
	in := &dynamodb.PutItemInput{TableName: &t.Name, Item: it}
	if c != nil {
		in.ConditionExpression = &c.expression
		in.ExpressionAttributeNames, in.ExpressionAttributeValues = c.names, c.values
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	_, err := t.Client.PutItem(ctx, in)
	return asCondition(err)
}

func asCondition(err error) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return conditionFailed{item: failed.Item}
	}
	return err
}

// standing gives the item with which a condition failed; ok is false for any
// other error and for none.
func standing(err error) (it item, ok bool) {
	var failed conditionFailed
	ok = errors.As(err, &failed)
	return failed.item, ok
}

// get reads one item consistently; nil when there is none.
func (t Table) get(ctx context.Context, pk, sk string) (item, error) {
	out, err := t.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.Name, Key: key(pk, sk), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// update changes one item; expression and condition share names and values. It
// gives the item as it stands after.
func (t Table) update(ctx context.Context, pk, sk, expression string, c condition) (item, error) {
	in := &dynamodb.UpdateItemInput{
		TableName: &t.Name, Key: key(pk, sk), UpdateExpression: &expression,
		ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if c.expression != "" {
		in.ConditionExpression = &c.expression
	}
	out, err := t.Client.UpdateItem(ctx, in)
	if err != nil {
		return nil, asCondition(err)
	}
	return out.Attributes, nil
}

// page is one page of a Query.
type page struct {
	items []item
	next  item // exclusive start key of the next page; nil at the end
}

// span is the part of a partition that a Query reads.
type span struct {
	index      string // "" for the table
	pk         string
	from, to   string // sort keys, both inclusive; "" for open
	prefix     string // or all sort keys that begin with it
	descending bool
	limit      int32
	after      item
	eventual   bool
}

// query reads one page.
func (t Table) query(ctx context.Context, s span) (page, error) {
	hash, sort := attrPK, attrSK
	switch s.index {
	case indexDue:
		hash, sort = attrDueKey, attrDueAt
	case indexWork:
		hash, sort = attrListKey, attrListAt
	}
	in := &dynamodb.QueryInput{
		TableName: &t.Name, ExpressionAttributeNames: map[string]string{"#h": hash},
		ExpressionAttributeValues: item{":h": str(s.pk)}, ExclusiveStartKey: s.after,
		ScanIndexForward: aws.Bool(!s.descending), ConsistentRead: aws.Bool(s.index == "" && !s.eventual),
	}
	expression := "#h = :h"
	if s.prefix != "" || s.from != "" || s.to != "" {
		in.ExpressionAttributeNames["#s"] = sort
	}
	switch {
	case s.prefix != "":
		expression += " AND begins_with(#s, :p)"
		in.ExpressionAttributeValues[":p"] = str(s.prefix)
	case s.from != "" && s.to != "":
		expression += " AND #s BETWEEN :f AND :t"
		in.ExpressionAttributeValues[":f"], in.ExpressionAttributeValues[":t"] = str(s.from), str(s.to)
	case s.from != "":
		expression += " AND #s >= :f"
		in.ExpressionAttributeValues[":f"] = str(s.from)
	case s.to != "":
		expression += " AND #s <= :t"
		in.ExpressionAttributeValues[":t"] = str(s.to)
	}
	in.KeyConditionExpression = &expression
	if s.index != "" {
		in.IndexName = &s.index
	}
	if s.limit > 0 {
		in.Limit = &s.limit
	}
	out, err := t.Client.Query(ctx, in)
	if err != nil {
		return page{}, err
	}
	return page{items: out.Items, next: out.LastEvaluatedKey}, nil
}

// all reads every page of a span.
func (t Table) all(ctx context.Context, s span) ([]item, error) {
	var items []item
	for {
		p, err := t.query(ctx, s)
		if err != nil {
			return nil, err
		}
		items = append(items, p.items...)
		if p.next == nil {
			return items, nil
		}
		s.after = p.next
	}
}
