package fleet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"paht/infra/emulator"
)

// Checkpoint is all that a fleet held at one instant, its files too: other fleets
// go on from there.
type Checkpoint struct {
	snapshot Snapshot
	objects  []object
}

type object struct {
	key, kind, tag string
	data           []byte
	retention      *types.ObjectLockRetention
}

// Checkpoint takes what the fleet holds, and ends its sandboxes: it goes on with
// cold starts, as those do that begin from the checkpoint.
func (f *Fleet) Checkpoint(ctx context.Context) (*Checkpoint, error) {
	frozen, err := emulator.Open(emulator.Options{From: f.aws, Now: f.clock.Now, Account: accountID, Region: region})
	if err != nil {
		return nil, fmt.Errorf("taking a checkpoint: %w", err)
	}
	f.Restart()
	f.mu.Lock()
	c := &Checkpoint{snapshot: Snapshot{aws: frozen, now: f.clock.Now(), made: f.made}}
	f.mu.Unlock()
	keys, err := f.Objects(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		out, err := shared.store.Client().GetObject(ctx, &s3.GetObjectInput{Bucket: &f.bucket, Key: &key})
		if err != nil {
			return nil, fmt.Errorf("taking object %s: %w", key, err)
		}
		data, err := io.ReadAll(out.Body)
		if err != nil {
			return nil, fmt.Errorf("taking object %s: %w", key, err)
		}
		_ = out.Body.Close()
		one := object{key: key, kind: aws.ToString(out.ContentType), tag: aws.ToString(out.ETag), data: data}
		if one.retention, err = f.retention(ctx, key); err != nil {
			return nil, err
		}
		c.objects = append(c.objects, one)
	}
	return c, nil
}

// With is the checkpoint with the files of another: a table and a bucket that
// were restored to two instants.
func (c *Checkpoint) With(files *Checkpoint) *Checkpoint {
	return &Checkpoint{snapshot: c.snapshot, objects: files.objects}
}

// From starts a fleet that goes on from a checkpoint.
func From(t testing.TB, c *Checkpoint, o Options) *Fleet {
	t.Helper()
	o.From = &c.snapshot
	copies := o.Copies
	o.Copies = func(string) int { return 0 } // what is put back was told of before
	f := start(t, o, c.restore)
	f.SetCopies(copies)
	return f
}

// restore makes the fleet's bucket what it was: what another fleet from the same
// checkpoint left there is not put again.
func (c *Checkpoint) restore(ctx context.Context, f *Fleet) error {
	there := map[string]string{}
	pages := s3.NewListObjectsV2Paginator(shared.store.Client(), &s3.ListObjectsV2Input{Bucket: &f.bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the bucket: %w", err)
		}
		for _, o := range page.Contents {
			there[aws.ToString(o.Key)] = aws.ToString(o.ETag)
		}
	}
	for _, one := range c.objects {
		tag, stands := there[one.key]
		delete(there, one.key)
		if stands && tag == one.tag {
			continue
		}
		if err := f.RemoveObject(ctx, one.key); err != nil {
			return err
		}
		_, err := shared.store.Client().PutObject(ctx, &s3.PutObjectInput{Bucket: &f.bucket, Key: &one.key, ContentType: &one.kind, Body: bytes.NewReader(one.data)})
		if err != nil {
			return fmt.Errorf("putting object %s back: %w", one.key, err)
		}
		if one.retention == nil {
			continue
		}
		if _, err := shared.store.Client().PutObjectRetention(ctx, &s3.PutObjectRetentionInput{Bucket: &f.bucket, Key: &one.key, Retention: one.retention}); err != nil {
			return fmt.Errorf("retaining object %s again: %w", one.key, err)
		}
	}
	for key := range there {
		if err := f.RemoveObject(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// PutObject puts a file into the bucket, past the functions, retained until an
// instant.
func (f *Fleet) PutObject(ctx context.Context, key, kind string, data []byte, until time.Time) error {
	_, err := shared.store.Client().PutObject(ctx, &s3.PutObjectInput{Bucket: &f.bucket, Key: &key, ContentType: &kind, Body: bytes.NewReader(data),
		ObjectLockMode: types.ObjectLockModeGovernance, ObjectLockRetainUntilDate: &until})
	if err != nil {
		return fmt.Errorf("putting object %s: %w", key, err)
	}
	return nil
}
