package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"paht/infra/emulator/dynamodb"
	"paht/infra/emulator/messaging"
	"paht/infra/emulator/sqs"
	"paht/shared/packed"
)

// What stands here reads what is stored, past the adapters: assertions that went
// through an adapter would share its faults.

// Attribute is one attribute of an item, as the wire writes it.
type Attribute struct {
	S    *string              `json:",omitempty"`
	N    *string              `json:",omitempty"`
	B    []byte               `json:",omitempty"`
	BOOL *bool                `json:",omitempty"`
	NULL *bool                `json:",omitempty"`
	M    map[string]Attribute `json:",omitempty"`
	L    []Attribute          `json:",omitempty"`
	SS   []string             `json:",omitempty"`
	NS   []string             `json:",omitempty"`
	BS   [][]byte             `json:",omitempty"`
}

// Item is one item of the table.
type Item map[string]Attribute

// Text is a string attribute, or a document unpacked; "" where there is none.
func (i Item) Text(name string) string {
	if name != "d" && name != "sum" || i[name].B == nil {
		return aws.ToString(i[name].S)
	}
	document, err := packed.Unpack(i[name].B)
	if err != nil {
		return err.Error() // which is no document
	}
	return string(document)
}

// Number is a number attribute as it is written.
func (i Item) Number(name string) string { return aws.ToString(i[name].N) }

// Key is the item's primary key, for messages and maps.
func (i Item) Key() string { return i.Text("pk") + " " + i.Text("sk") }

// Document reads the item's JSON document.
func (i Item) Document(into any) error {
	if err := json.Unmarshal([]byte(i.Text("d")), into); err != nil {
		return fmt.Errorf("reading item %s: %w", i.Key(), err)
	}
	return nil
}

// Items gives the items whose partition key begins with a prefix, in the order
// of their keys; all of them for "".
func (f *Fleet) Items(prefix string) ([]Item, error) {
	stored, err := f.aws.Items(f.table)
	if err != nil {
		return nil, err
	}
	var items []Item
	for _, one := range stored {
		if !strings.HasPrefix(one.Hash, prefix) {
			continue
		}
		var item Item
		if err := json.Unmarshal(one.JSON(), &item); err != nil {
			return nil, fmt.Errorf("reading an item: %w", err)
		}
		items = append(items, item)
	}
	return items, nil
}

// Raw gives every item by its key, as it lies in the store: what is not Same was
// written in between.
func (f *Fleet) Raw() (map[string]dynamodb.Stored, error) {
	stored, err := f.aws.Items(f.table)
	if err != nil {
		return nil, err
	}
	all := make(map[string]dynamodb.Stored, len(stored))
	for _, one := range stored {
		all[one.Hash+" "+one.Range] = one
	}
	return all, nil
}

// Owed is something that the machine still has to do, and when it may.
type Owed struct {
	Key  string
	What string
	At   time.Time
}

// Owed lists what reports, accounts, slots and notices still owe. A due time
// that waits for a person is not owed, nor the removal of an upload that nobody
// has taken.
func (f *Fleet) Owed() ([]Owed, error) {
	items, err := f.Items("")
	if err != nil {
		return nil, err
	}
	var all []Owed
	for _, i := range items {
		o, owes, err := owedBy(i)
		if err != nil {
			return nil, err
		}
		if owes {
			all = append(all, o)
		}
	}
	return all, nil
}

// removedAfter is when an upload that nobody has taken is removed.
const removedAfter = 7 * 24 * time.Hour

// owedBy tells what one item owes.
func owedBy(i Item) (o Owed, owes bool, err error) {
	if i.Text("da") == "" {
		return o, false, nil
	}
	at, err := time.Parse("2006-01-02T15:04:05.000Z", i.Text("da"))
	if err != nil {
		return o, false, fmt.Errorf("reading when %s is due: %w", i.Key(), err)
	}
	var d struct {
		Owed []struct {
			Name string `json:"name"`
			Type string `json:"type"`
		} `json:"owed"`
		State   string    `json:"state"`
		Outcome string    `json:"outcome"`
		Report  string    `json:"report"`
		Created time.Time `json:"created"`
	}
	if err := i.Document(&d); err != nil {
		return o, false, err
	}
	slot := strings.HasPrefix(i.Text("pk"), "S#")
	switch {
	case len(d.Owed) > 0:
		return Owed{i.Key(), d.Owed[0].Name + d.Owed[0].Type, at}, true, nil
	case slot && d.Report == "" && !at.Before(d.Created.Add(removedAfter)):
		return o, false, nil // it waits for its removal
	case slot && (d.State == "open" || d.Report != ""):
		return Owed{i.Key(), "the check of an upload", at}, true, nil
	case d.Outcome == "pending":
		return Owed{i.Key(), "the outcome of a notice", at}, true, nil
	}
	return o, false, nil
}

// Objects lists the keys of the bucket that begin with a prefix.
func (f *Fleet) Objects(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(shared.store.Client(), &s3.ListObjectsV2Input{Bucket: &f.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the bucket: %w", err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

// Object reads an object's bytes.
func (f *Fleet) Object(ctx context.Context, key string) ([]byte, error) {
	out, err := shared.store.Client().GetObject(ctx, &s3.GetObjectInput{Bucket: &f.bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("reading object %s: %w", key, err)
	}
	defer out.Body.Close()
	return io.ReadAll(out.Body)
}

func (f *Fleet) emptyBucket(ctx context.Context) error {
	keys, err := f.Objects(ctx, "")
	for _, key := range keys {
		if err := f.RemoveObject(ctx, key); err != nil {
			return fmt.Errorf("emptying the bucket: %w", err)
		}
	}
	return err
}

// RemoveObject removes an object even where it is retained, as the bucket's owner can.
func (f *Fleet) RemoveObject(ctx context.Context, key string) error {
	_, err := shared.store.Client().DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &f.bucket, Key: &key, BypassGovernanceRetention: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("removing object %s: %w", key, err)
	}
	return nil
}

// Retained tells until when an object is retained; the zero instant when it is not.
func (f *Fleet) Retained(ctx context.Context, key string) (time.Time, error) {
	r, err := f.retention(ctx, key)
	if r == nil || err != nil {
		return time.Time{}, err
	}
	return aws.ToTime(r.RetainUntilDate), nil
}

// Unretain lifts an object's retention as the owner of the bucket can: it is removed
// and put back.
func (f *Fleet) Unretain(ctx context.Context, key string) error {
	data, err := f.Object(ctx, key)
	if err != nil {
		return err
	}
	if err := f.RemoveObject(ctx, key); err != nil {
		return err
	}
	_, err = shared.store.Client().PutObject(ctx, &s3.PutObjectInput{Bucket: &f.bucket, Key: &key, Body: bytes.NewReader(data)})
	return err
}

func (f *Fleet) retention(ctx context.Context, key string) (*types.ObjectLockRetention, error) {
	out, err := shared.store.Client().GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &f.bucket, Key: &key})
	var none smithy.APIError
	if errors.As(err, &none) && none.ErrorCode() == "NoSuchObjectLockConfiguration" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the retention of object %s: %w", key, err)
	}
	return out.Retention, nil
}

// QueueDepths counts the messages of each queue by its logical id.
func (f *Fleet) QueueDepths() map[string]sqs.Counts {
	all := map[string]sqs.Counts{}
	for _, q := range f.template.Queues {
		if counts, err := f.aws.Queues().Counts(q.Name); err == nil {
			all[q.LogicalID] = counts
		}
	}
	return all
}

// Mails are the letters that were handed to the mail service, newest first.
func (f *Fleet) Mails() ([]messaging.Message, error) {
	mails, _, err := f.aws.Outbox().List(0, 100_000)
	return mails, err
}
