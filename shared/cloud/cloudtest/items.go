package cloudtest

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Values makes the values of an expression.
func Values(texts map[string]string) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(texts))
	for name, text := range texts {
		out[name] = &types.AttributeValueMemberS{Value: text}
	}
	return out
}

// Shown is all that an item holds, as text.
func Shown(item map[string]types.AttributeValue) string {
	out := ""
	for name, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			out += name + "=" + v.Value + " "
		case *types.AttributeValueMemberB:
			out += name + "=" + string(v.Value) + " "
		case *types.AttributeValueMemberN:
			out += name + "=" + v.Value + " "
		default:
			out += fmt.Sprintf("%s=%v ", name, value)
		}
	}
	return out
}

// Count is the number of items in a partition.
func (w *World) Count(pk string) int {
	w.t.Helper()
	out, err := w.Table.Client.Query(w.t.Context(), &dynamodb.QueryInput{
		TableName: &w.Table.Name, KeyConditionExpression: aws.String("pk = :p"), ExpressionAttributeValues: Values(map[string]string{":p": pk}),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(out.Items)
}

// Quietly does something past the fault that a test set.
func (w *World) Quietly(do func()) {
	w.mu.Lock()
	fault := w.fault
	w.fault = nil
	w.mu.Unlock()
	do()
	w.Break(fault)
}
