package conformance

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// The pages that the rows of DynamoDB rest on.
const (
	guide        = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
	reference    = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"
	pageWriting  = guide + "WorkingWithItems.html"
	pageUpdate   = guide + "Expressions.UpdateExpressions.html"
	pageCond     = guide + "Expressions.ConditionExpressions.html"
	pageOperator = guide + "Expressions.OperatorsAndFunctions.html"
	pageNames    = guide + "Expressions.ExpressionAttributeNames.html"
	pageReserved = guide + "ReservedWords.html"
	pageTypes    = guide + "HowItWorks.NamingRulesDataTypes.html"
	pageQuery    = guide + "Query.html"
	pageKeyCond  = guide + "Query.KeyConditionExpressions.html"
	pagePaging   = guide + "Query.Pagination.html"
	pageGSI      = guide + "GSI.html"
	pageSparse   = guide + "bp-indexes-general-sparse-indexes.html"
	pageLimits   = guide + "Constraints.html"
	pageUnits    = guide + "read-write-operations.html"
	pageTTL      = guide + "time-to-live-ttl-how-to.html"
	pageErrors   = guide + "Programming.Errors.html"
)

type attrs = map[string]types.AttributeValue

// A dynamo is the tables of one run of the suite.
type dynamo struct {
	client  *dynamodb.Client
	main    string // pk S, sk S; indexes due (gpk S, gsk N, ALL), keys (kpk S, ksk S, KEYS_ONLY), some (ipk S, INCLUDE a)
	numbers string // pk S, sk N
	bytes   string // pk S, sk B
	last    atomic.Int64
}

// A dynamoRow is one fact about DynamoDB.
type dynamoRow struct {
	fact, page string
	check      func(ctx context.Context, d *dynamo) error
}

// DynamoDB runs the suite. It makes three tables under names of its own and removes them.
func DynamoDB(t *testing.T, target Target) {
	ctx := t.Context()
	d := &dynamo{
		client:  dynamodb.NewFromConfig(target.Config()),
		main:    UniqueName("conformance-main"),
		numbers: UniqueName("conformance-numbers"),
		bytes:   UniqueName("conformance-bytes"),
	}
	for _, in := range d.definitions() {
		if err := d.create(ctx, in); err != nil {
			t.Fatalf("creating table %s: %v", *in.TableName, err)
		}
		t.Cleanup(func() {
			// The test's own context is over by now.
			if _, err := d.client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: in.TableName}); err != nil {
				t.Errorf("deleting table %s: %v", *in.TableName, err)
			}
		})
	}
	for _, rows := range [][]dynamoRow{
		dynamoTableRows, dynamoConditionRows(), dynamoUpdateRows(), dynamoRefusedRows(), dynamoQueryRows, dynamoKeyRows,
		dynamoIndexRows, dynamoUnitRows, dynamoLimitRows,
	} {
		for _, row := range rows {
			target.Row(t, row.fact, row.page, func() error { return row.check(ctx, d) })
		}
	}
}

func (d *dynamo) definitions() []*dynamodb.CreateTableInput {
	gsi := func(name string, keys []types.KeySchemaElement, p types.Projection) types.GlobalSecondaryIndex {
		return types.GlobalSecondaryIndex{IndexName: &name, KeySchema: keys, Projection: &p}
	}
	return []*dynamodb.CreateTableInput{
		{
			TableName: &d.main, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema("pk", "sk"),
			AttributeDefinitions: definitions("pk S", "sk S", "gpk S", "gsk N", "kpk S", "ksk S", "ipk S"),
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
				gsi("due", keySchema("gpk", "gsk"), types.Projection{ProjectionType: types.ProjectionTypeAll}),
				gsi("keys", keySchema("kpk", "ksk"), types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}),
				gsi("some", keySchema("ipk"), types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"a"}}),
			},
		},
		{
			TableName: &d.numbers, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema("pk", "sk"),
			AttributeDefinitions: definitions("pk S", "sk N"),
		},
		{
			TableName: &d.bytes, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema("pk", "sk"),
			AttributeDefinitions: definitions("pk S", "sk B"),
		},
	}
}

func keySchema(names ...string) []types.KeySchemaElement {
	out := []types.KeySchemaElement{{AttributeName: &names[0], KeyType: types.KeyTypeHash}}
	if len(names) == 2 {
		out = append(out, types.KeySchemaElement{AttributeName: &names[1], KeyType: types.KeyTypeRange})
	}
	return out
}

func definitions(list ...string) (out []types.AttributeDefinition) {
	for _, d := range list {
		name, kind, _ := strings.Cut(d, " ")
		out = append(out, types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	return out
}

func (d *dynamo) create(ctx context.Context, in *dynamodb.CreateTableInput) error {
	if _, err := d.client.CreateTable(ctx, in); err != nil {
		return err
	}
	return dynamodb.NewTableExistsWaiter(d.client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: in.TableName}, 2*time.Minute)
}

// fresh returns a partition that no other row uses.
func (d *dynamo) fresh() string { return fmt.Sprintf("p%d", d.last.Add(1)) }

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func binary(b ...byte) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: append([]byte{}, b...)}
}
func texts(s ...string) types.AttributeValue     { return &types.AttributeValueMemberSS{Value: s} }
func numberSet(s ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: s} }
func truth(b bool) types.AttributeValue          { return &types.AttributeValueMemberBOOL{Value: b} }
func list(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func mapOf(m attrs) types.AttributeValue { return &types.AttributeValueMemberM{Value: m} }

func key(pk, sk string) attrs { return attrs{"pk": text(pk), "sk": text(sk)} }

// with returns a new map that has both.
func with(a, b attrs) attrs {
	out := attrs{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}

func (d *dynamo) put(ctx context.Context, item attrs) error {
	_, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &d.main, Item: item})
	return err
}

func (d *dynamo) get(ctx context.Context, k attrs) (attrs, error) {
	out, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &d.main, Key: k, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

func (d *dynamo) update(ctx context.Context, k attrs, expression string, names map[string]string, values attrs) error {
	_, err := d.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &d.main, Key: k, UpdateExpression: &expression,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values})
	return err
}

// holds checks that the item is exactly as it should be; nil for none.
func (d *dynamo) holds(ctx context.Context, k, want attrs) error {
	got, err := d.get(ctx, k)
	if err != nil {
		return err
	}
	return same(got, want)
}

// refused checks that a call was refused with a code and, where word is not empty, for the reason that it names.
func refused(err error, code, word string) error {
	if err == nil {
		return fmt.Errorf("accepted, want %s", code)
	}
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		return fmt.Errorf("refused with %v, want %s", err, code)
	}
	if !strings.Contains(strings.ToLower(api.ErrorMessage()), strings.ToLower(word)) {
		return fmt.Errorf("refused with %q, want a message with %q", api.ErrorMessage(), word)
	}
	return nil
}

// eventually repeats a check on an index, which other implementations may bring up to date later.
func eventually(ctx context.Context, check func() error) error {
	for tries := 0; ; tries++ {
		err := check()
		if err == nil || tries == 40 || ctx.Err() != nil {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func same(got, want any) error {
	if g, w := show(got), show(want); g != w {
		return fmt.Errorf("got %s, want %s", g, w)
	}
	return nil
}

// show writes values so that equal ones read the same: maps and sets in order, pointers followed.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case attrs:
		var parts []string
		for k, e := range v {
			parts = append(parts, k+": "+show(e))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case []attrs:
		var parts []string
		for _, e := range v {
			parts = append(parts, show(e))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case types.AttributeValue:
		return showValue(v)
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return "nothing"
		}
		return fmt.Sprint(r.Elem().Interface())
	}
	return fmt.Sprint(v)
}

func showValue(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return "M" + show(v.Value)
	case *types.AttributeValueMemberL:
		var parts []string
		for _, e := range v.Value {
			parts = append(parts, showValue(e))
		}
		return "L[" + strings.Join(parts, " ") + "]"
	case *types.AttributeValueMemberSS:
		return "SS" + sorted(v.Value)
	case *types.AttributeValueMemberNS:
		return "NS" + sorted(v.Value)
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("%q", v.Value)
	}
	return fmt.Sprintf("%T%v", v, reflect.ValueOf(v).Elem().FieldByName("Value"))
}

func sorted(s []string) string {
	s = append([]string(nil), s...)
	sort.Strings(s)
	return fmt.Sprint(s)
}
