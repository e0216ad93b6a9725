package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// remove deletes one item; one that is not there is success. Nothing of a report
// is ever deleted: this is for sessions.
func (t Table) remove(ctx context.Context, pk, sk string) error {
	_, err := t.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.Name, Key: key(pk, sk)})
	return err
}
