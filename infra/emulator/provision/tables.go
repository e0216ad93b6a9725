package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"paht/infra/emulator"
	"paht/infra/template"
)

// tables go through the client that ships, so that a table here is made by
// the same calls as anywhere.
func tables(ctx context.Context, e *emulator.Emulator, t *template.Template) error {
	return Tables(ctx, dynamodb.NewFromConfig(e.OwnerConfig()), t)
}

// Tables makes the tables wherever the client leads.
func Tables(ctx context.Context, client *dynamodb.Client, t *template.Template) error {
	for _, table := range t.Tables {
		if err := putTable(ctx, client, table); err != nil {
			return fmt.Errorf("table %s: %w", table.LogicalID, err)
		}
	}
	return nil
}

func putTable(ctx context.Context, client *dynamodb.Client, t template.Table) error {
	found, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		err = createTable(ctx, client, t)
	case err == nil:
		err = updateTable(ctx, client, t, found.Table)
	}
	if err != nil {
		return err
	}
	return putTTL(ctx, client, t)
}

func createTable(ctx context.Context, client *dynamodb.Client, t template.Table) error {
	in := &dynamodb.CreateTableInput{TableName: &t.Name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema(t.Hash, t.Range), AttributeDefinitions: definitions(t, t.Indexes)}
	for _, i := range t.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(i.Name), KeySchema: keySchema(i.Hash, i.Range), Projection: projection(i)})
	}
	if _, err := client.CreateTable(ctx, in); err != nil {
		return fmt.Errorf("creating: %w", err)
	}
	return nil
}

// updateTable brings the indexes up to date, one call each as AWS wants it.
// A table's own key cannot be changed.
func updateTable(ctx context.Context, client *dynamodb.Client, t template.Table, there *types.TableDescription) error {
	if !sameKeys(there.KeySchema, keySchema(t.Hash, t.Range)) || !sameTypes(there.AttributeDefinitions, t.Hash, t.Range) {
		return fmt.Errorf("the key of a table that exists cannot be changed; the data folder holds a table with another key")
	}
	for _, old := range there.GlobalSecondaryIndexes {
		i := slices.IndexFunc(t.Indexes, func(i template.Index) bool { return i.Name == aws.ToString(old.IndexName) })
		if i >= 0 && sameIndex(old, t.Indexes[i], there.AttributeDefinitions) {
			continue
		}
		if err := change(ctx, client, t, types.GlobalSecondaryIndexUpdate{
			Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: old.IndexName}}); err != nil {
			return fmt.Errorf("deleting index %s: %w", aws.ToString(old.IndexName), err)
		}
		if i >= 0 {
			if err := addIndex(ctx, client, t, t.Indexes[i]); err != nil {
				return err
			}
		}
	}
	for _, i := range t.Indexes {
		known := slices.ContainsFunc(there.GlobalSecondaryIndexes, func(old types.GlobalSecondaryIndexDescription) bool {
			return aws.ToString(old.IndexName) == i.Name
		})
		if known {
			continue
		}
		if err := addIndex(ctx, client, t, i); err != nil {
			return err
		}
	}
	return nil
}

func addIndex(ctx context.Context, client *dynamodb.Client, t template.Table, i template.Index) error {
	err := change(ctx, client, t, types.GlobalSecondaryIndexUpdate{Create: &types.CreateGlobalSecondaryIndexAction{
		IndexName: aws.String(i.Name), KeySchema: keySchema(i.Hash, i.Range), Projection: projection(i)}}, i)
	if err != nil {
		return fmt.Errorf("creating index %s: %w", i.Name, err)
	}
	return nil
}

func change(ctx context.Context, client *dynamodb.Client, t template.Table, update types.GlobalSecondaryIndexUpdate, indexes ...template.Index) error {
	_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &t.Name,
		AttributeDefinitions: definitions(t, indexes), GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{update}})
	return err
}

// definitions names the attributes of the table's key and of the indexes'.
func definitions(t template.Table, indexes []template.Index) []types.AttributeDefinition {
	keys := []template.Key{t.Hash}
	if t.Range != nil {
		keys = append(keys, *t.Range)
	}
	for _, i := range indexes {
		keys = append(keys, i.Hash)
		if i.Range != nil {
			keys = append(keys, *i.Range)
		}
	}
	var out []types.AttributeDefinition
	seen := map[string]bool{}
	for _, k := range keys {
		if !seen[k.Name] {
			seen[k.Name] = true
			out = append(out, types.AttributeDefinition{AttributeName: aws.String(k.Name), AttributeType: types.ScalarAttributeType(k.Type)})
		}
	}
	return out
}

func keySchema(hash template.Key, sort *template.Key) []types.KeySchemaElement {
	out := []types.KeySchemaElement{{AttributeName: aws.String(hash.Name), KeyType: types.KeyTypeHash}}
	if sort != nil {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(sort.Name), KeyType: types.KeyTypeRange})
	}
	return out
}

func projection(i template.Index) *types.Projection {
	return &types.Projection{ProjectionType: types.ProjectionType(i.Projection), NonKeyAttributes: i.NonKeyAttributes}
}

func sameKeys(a, b []types.KeySchemaElement) bool {
	return slices.EqualFunc(a, b, func(x, y types.KeySchemaElement) bool {
		return aws.ToString(x.AttributeName) == aws.ToString(y.AttributeName) && x.KeyType == y.KeyType
	})
}

func sameTypes(there []types.AttributeDefinition, hash template.Key, sort *template.Key) bool {
	same := func(k template.Key) bool {
		return slices.ContainsFunc(there, func(d types.AttributeDefinition) bool {
			return aws.ToString(d.AttributeName) == k.Name && string(d.AttributeType) == k.Type
		})
	}
	return same(hash) && (sort == nil || same(*sort))
}

func sameIndex(old types.GlobalSecondaryIndexDescription, want template.Index, there []types.AttributeDefinition) bool {
	have, wanted := slices.Sorted(slices.Values(old.Projection.NonKeyAttributes)), slices.Sorted(slices.Values(want.NonKeyAttributes))
	return sameKeys(old.KeySchema, keySchema(want.Hash, want.Range)) && sameTypes(there, want.Hash, want.Range) &&
		string(old.Projection.ProjectionType) == want.Projection && slices.Equal(have, wanted)
}

// putTTL changes the time to live only where it differs: AWS refuses a second
// change within the hour.
func putTTL(ctx context.Context, client *dynamodb.Client, t template.Table) error {
	found, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.Name})
	if err != nil {
		return fmt.Errorf("reading the time to live: %w", err)
	}
	have := ""
	if d := found.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		have = aws.ToString(d.AttributeName)
	}
	if have == t.TTLAttribute {
		return nil
	}
	attribute, enabled := t.TTLAttribute, true
	if attribute == "" {
		attribute, enabled = have, false
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &t.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled}})
	if err != nil {
		return fmt.Errorf("setting the time to live: %w", err)
	}
	return nil
}
