package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/infra/emulator"
)

func TestItemsAreWhatIsStored(t *testing.T) {
	e, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	client := dynamodb.NewFromConfig(e.OwnerConfig())
	_, err = client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("things"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(pk, value string) {
		t.Helper()
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("things"), Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: pk}, "v": &types.AttributeValueMemberN{Value: value}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("b", "2")
	put("a", "1")
	before, err := e.Items("things")
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != 2 || before[0].Hash != "a" || string(before[0].JSON()) != `{"pk":{"S":"a"},"v":{"N":"1"}}` {
		t.Fatalf("stored are %+v", before)
	}
	put("b", "3")
	after, err := e.Items("things")
	if err != nil {
		t.Fatal(err)
	}
	if !after[0].Same(before[0]) || after[1].Same(before[1]) {
		t.Error("a change is not told from what was left alone")
	}
	if _, err := e.Items("nothing"); err == nil {
		t.Error("a table that there is not has items")
	}
}
